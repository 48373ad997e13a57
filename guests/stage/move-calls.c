// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that move bytes without the program seeing them; see calls.h. sendfile goes into a file in memory and splice into a pipe, from
 * which the bytes are read back for the trace after the call.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "calls.h"

/* What sendfile writes to; a pipe's ends for splice. The calls of one thread come one after the other, so these are its own. */
static __thread int memory_file = -1;
static __thread int pipe_ends[2] = { -1, -1 };

static int fill_pipe(struct performer *performer, const struct step *step)
{
	memset(performer->buffer, step->fill, step->len);
	return write(pipe_ends[1], performer->buffer, step->len) == (ssize_t)step->len ? 0 : -EIO;
}

int move_prepare(struct performer *performer, const struct step *step)
{
	if (step->call == CALL_SENDFILE) {
		memory_file = memfd_create("sendfile", MFD_CLOEXEC);
		return memory_file < 0 ? -errno : 0;
	}
	if (step->call != CALL_SPLICE && step->call != CALL_SPLICE_WRITE)
		return 0;
	if (pipe2(pipe_ends, O_CLOEXEC) || fcntl(pipe_ends[1], F_SETPIPE_SZ, MAX_IO_BYTES) < 0)
		return -errno;
	return step->call == CALL_SPLICE_WRITE ? fill_pipe(performer, step) : 0;
}

static void do_sendfile(struct performer *performer, const struct step *step, struct outcome *outcome)
{
	off_t off = step->off;

	outcome_set(outcome, sendfile(memory_file, performer->process->fds[step->handle], &off, step->len));
	if (outcome->ret > 0 && pread(memory_file, performer->buffer, outcome->ret, 0) == outcome->ret)
		outcome_data(outcome, performer->buffer);
	close(memory_file);
}

static void do_splice(struct performer *performer, const struct step *step, struct outcome *outcome)
{
	int fd = performer->process->fds[step->handle];
	loff_t off = step->off;

	if (step->call == CALL_SPLICE_WRITE) {
		outcome_set(outcome, splice(pipe_ends[0], NULL, fd, &off, step->len, 0));
	} else {
		outcome_set(outcome, splice(fd, &off, pipe_ends[1], NULL, step->len, 0));
		if (outcome->ret > 0 && read(pipe_ends[0], performer->buffer, outcome->ret) == outcome->ret)
			outcome_data(outcome, performer->buffer);
	}
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}

void move_call(struct performer *performer, const struct step *step, struct outcome *outcome)
{
	const int *fds = performer->process->fds;
	loff_t from = step->off, to = step->to_off;

	switch (step->call) {
	case CALL_COPY:
		outcome_set(outcome, copy_file_range(fds[step->handle], &from, fds[step->other], &to, step->len, 0));
		break;
	case CALL_SENDFILE:
		do_sendfile(performer, step, outcome);
		break;
	default:
		do_splice(performer, step, outcome);
	}
}
