// SPDX-License-Identifier: GPL-2.0-only
/* The actors' system calls on open files, and what all calls have in common; see calls.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "calls.h"
#include "connection.h"
#include "trace.h"
#include "world.h"

#define NSEC_PER_SEC 1000000000LL

void outcome_set(struct outcome *outcome, long ret)
{
	outcome->error = ret < 0 ? errno : 0;
	outcome->ret = ret < 0 ? -1 : ret;
}

void outcome_data(struct outcome *outcome, const unsigned char *data)
{
	outcome->data = data;
	outcome->data_len = outcome->ret > 0 ? outcome->ret : 0;
}

static void path_of(const struct process *process, uint64_t ino, char *path, size_t room)
{
	const struct file_plan *file = program_file(process->program, ino);

	snprintf(path, room, MOUNT_POINT "/%s", file ? file->name : "no-such-file");
}

static void do_open(struct process *process, const struct step *step, struct outcome *outcome)
{
	char path[sizeof(MOUNT_POINT) + NAME_BYTES + 1];

	path_of(process, step->ino, path, sizeof(path));
	process->fds[step->handle] = open(path, step->flags, 0644);
	outcome_set(outcome, process->fds[step->handle] < 0 ? -1 : 0);
}

static void do_truncate(struct process *process, const struct step *step, struct outcome *outcome)
{
	char path[sizeof(MOUNT_POINT) + NAME_BYTES + 1];

	path_of(process, step->ino, path, sizeof(path));
	outcome_set(outcome, truncate(path, step->len));
}

static void do_fstat(int fd, struct outcome *outcome)
{
	struct stat stat;

	outcome_set(outcome, fstat(fd, &stat));
	if (!outcome->ret)
		outcome->ret = stat.st_size;
}

/* The memory that a read or write of the step uses: a mapping of the process, memory that nobody touched, or the actor's buffer. */
static unsigned char *memory_of(struct performer *performer, const struct step *step)
{
	const struct mapping *mapping;

	if (step->fresh)
		return performer->fresh;
	if (step->mapping == ANY)
		return performer->buffer;
	mapping = &performer->process->mappings[step->mapping];
	return mapping->at && mapping->len >= step->len ? mapping->at : NULL;
}

static void do_io(struct performer *performer, const struct step *step, struct outcome *outcome)
{
	int fd = performer->process->fds[step->handle];
	struct iovec io = { memory_of(performer, step), step->len };

	switch (step->call) {
	case CALL_PREAD:
		outcome_set(outcome, step->flags ? preadv2(fd, &io, 1, step->off, step->flags) : pread(fd, io.iov_base, io.iov_len, step->off));
		break;
	case CALL_PWRITE:
		outcome_set(outcome, step->flags ? pwritev2(fd, &io, 1, step->off, step->flags) : pwrite(fd, io.iov_base, io.iov_len, step->off));
		return;
	case CALL_READ:
		outcome_set(outcome, read(fd, io.iov_base, io.iov_len));
		break;
	default:
		outcome_set(outcome, write(fd, io.iov_base, io.iov_len));
		return;
	}
	outcome_data(outcome, io.iov_base);
}

static void do_plain(struct process *process, const struct step *step, struct outcome *outcome)
{
	int fd = process->fds[step->handle];

	switch (step->call) {
	case CALL_CLOSE:
		outcome_set(outcome, close(fd));
		break;
	case CALL_DUP:
		process->fds[step->other] = dup(fd);
		outcome_set(outcome, process->fds[step->other] < 0 ? -1 : 0);
		break;
	case CALL_SETFL:
		outcome_set(outcome, fcntl(fd, F_SETFL, step->flags));
		break;
	case CALL_FSYNC:
		outcome_set(outcome, fsync(fd));
		break;
	case CALL_FDATASYNC:
		outcome_set(outcome, fdatasync(fd));
		break;
	case CALL_FTRUNCATE:
		outcome_set(outcome, ftruncate(fd, step->len));
		break;
	case CALL_FALLOCATE:
		outcome_set(outcome, fallocate(fd, step->flags, step->off, step->len));
		break;
	case CALL_LSEEK:
		outcome_set(outcome, lseek(fd, step->off, step->flags));
		break;
	default:
		errno = ENOSYS;
		outcome_set(outcome, -1);
	}
}

static void trace_call(const struct step *step)
{
	struct line line;

	line_begin(&line, "call");
	line_number(&line, "step", step->number);
	line_actor(&line, "who", step->actor);
	line_text(&line, "call", step->call_name);
	line_number(&line, "off", step->off);
	line_number(&line, "len", step->len);
	line_end(&line);
}

/* `ns` is how long the call took, in nanoseconds: of a guest in virtual time the instructions of kernel and server, and its sleeps. */
static void trace_return(const struct step *step, const struct outcome *outcome, int64_t nsec)
{
	struct line line;

	line_begin(&line, "return");
	line_number(&line, "step", step->number);
	line_actor(&line, "who", step->actor);
	line_text(&line, "call", step->call_name);
	line_number(&line, "ret", outcome->ret);
	line_number(&line, "ns", nsec);
	if (outcome->error)
		line_text(&line, "errno", strerrorname_np(outcome->error) ?: "?");
	if (outcome->signal)
		line_text(&line, "signal", sigabbrev_np(outcome->signal) ?: "?");
	if (outcome->data_len)
		line_data(&line, "data", outcome->data, outcome->data_len);
	line_end(&line);
}

static int prepare(struct performer *performer, const struct step *step)
{
	if (step->call == CALL_PWRITE || step->call == CALL_WRITE) {
		if (!step->fresh && step->mapping == ANY)
			memset(performer->buffer, step->fill, step->len);
		if (!memory_of(performer, step))
			return -EINVAL;
	}
	if (step->call == CALL_SUBMIT)
		return async_prepare(performer, step);
	return move_prepare(performer, step);
}

static void perform(struct performer *performer, const struct step *step, struct outcome *outcome)
{
	switch (step->call) {
	case CALL_OPEN:
		do_open(performer->process, step, outcome);
		break;
	case CALL_TRUNCATE:
		do_truncate(performer->process, step, outcome);
		break;
	case CALL_FSTAT:
		do_fstat(performer->process->fds[step->handle], outcome);
		break;
	case CALL_PREAD:
	case CALL_PWRITE:
	case CALL_READ:
	case CALL_WRITE:
		do_io(performer, step, outcome);
		break;
	case CALL_COPY:
	case CALL_SENDFILE:
	case CALL_SPLICE:
	case CALL_SPLICE_WRITE:
		move_call(performer, step, outcome);
		break;
	case CALL_SUBMIT:
	case CALL_REAP:
		async_call(performer, step, outcome);
		break;
	case CALL_MMAP:
	case CALL_MUNMAP:
	case CALL_MSYNC:
	case CALL_MREMAP:
	case CALL_MPROTECT:
	case CALL_MADVISE:
	case CALL_LOAD:
	case CALL_STORE:
		memory_call(performer, step, outcome);
		break;
	case CALL_FORK:
		outcome_set(outcome, performer->fork(performer, step) < 0 ? -1 : 0);
		break;
	case CALL_EXIT:
		_exit(0);
	default:
		do_plain(performer->process, step, outcome);
	}
}

void calls_do(struct performer *performer, const struct step *step)
{
	struct outcome outcome = { 0 };
	struct timespec before, after;
	int error = prepare(performer, step);

	if (error)
		trace_trouble("what a call needs", -error);
	trace_call(step);
	clock_gettime(CLOCK_MONOTONIC, &before);
	perform(performer, step, &outcome);
	clock_gettime(CLOCK_MONOTONIC, &after);
	trace_return(step, &outcome, (after.tv_sec - before.tv_sec) * NSEC_PER_SEC + after.tv_nsec - before.tv_nsec);
}
