// SPDX-License-Identifier: GPL-2.0-only
/* The actors' system calls; see calls.h. A load or store that raises SIGBUS or SIGSEGV returns EFAULT with the signal named. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "calls.h"
#include "trace.h"

struct outcome {
	long ret;
	int error;
	int signal;
	/* What was read, when something was. */
	const unsigned char *data;
	size_t data_len;
};

static __thread sigjmp_buf fault_return;
static __thread volatile sig_atomic_t in_access;

static void on_fault(int signal)
{
	if (in_access)
		siglongjmp(fault_return, signal);
	_exit(128 + signal);
}

void calls_prepare(struct process *process, const struct program *program)
{
	struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };
	int i;

	process->program = program;
	for (i = 0; i < MAX_HANDLES; i++) {
		process->fds[i] = -1;
		process->mappings[i] = (struct mapping){ 0 };
	}
	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
}

static void do_open(struct process *process, const struct step *step, struct outcome *outcome)
{
	const struct file_plan *file = program_file(process->program, step->ino);
	char path[sizeof(MOUNT_POINT) + NAME_BYTES + 1];

	snprintf(path, sizeof(path), MOUNT_POINT "/%s", file ? file->name : "no-such-file");
	process->fds[step->handle] = open(path, step->flags, 0644);
	outcome->ret = process->fds[step->handle] < 0 ? -1 : 0;
	outcome->error = outcome->ret ? errno : 0;
}

static void do_mmap(struct process *process, const struct step *step, struct outcome *outcome)
{
	struct mapping *mapping = &process->mappings[step->mapping];
	void *at = mmap(NULL, step->len, step->prot, step->flags, process->fds[step->handle], step->off);

	outcome->error = at == MAP_FAILED ? errno : 0;
	outcome->ret = at == MAP_FAILED ? -1 : 0;
	if (at != MAP_FAILED)
		*mapping = (struct mapping){ at, step->len };
}

/* Loads and stores go through the mapping itself, one pass, so that the fault is the actor's own. */
static void do_access(struct process *process, const struct step *step, unsigned char *buffer, struct outcome *outcome)
{
	const struct mapping *mapping = &process->mappings[step->handle];
	int signal;

	if (!mapping->at || step->off + step->len > mapping->len || step->len > MAX_IO_BYTES) {
		outcome->ret = -1;
		outcome->error = EINVAL;
		return;
	}
	signal = sigsetjmp(fault_return, 1);
	if (signal) {
		in_access = 0;
		outcome->ret = -1;
		outcome->error = EFAULT;
		outcome->signal = signal;
		return;
	}
	in_access = 1;
	if (step->call == CALL_STORE)
		memset(mapping->at + step->off, step->fill, step->len);
	else
		memcpy(buffer, mapping->at + step->off, step->len);
	in_access = 0;
	outcome->ret = step->len;
	if (step->call == CALL_LOAD) {
		outcome->data = buffer;
		outcome->data_len = step->len;
	}
}

static void do_fstat(int fd, struct outcome *outcome)
{
	struct stat stat;

	outcome->ret = fstat(fd, &stat);
	outcome->error = outcome->ret ? errno : 0;
	if (!outcome->ret)
		outcome->ret = stat.st_size;
}

static void do_plain(struct process *process, const struct step *step, unsigned char *buffer, struct outcome *outcome)
{
	struct mapping *mapping = &process->mappings[step->handle];
	int fd = process->fds[step->handle];

	errno = 0;
	switch (step->call) {
	case CALL_CLOSE:
		outcome->ret = close(fd);
		break;
	case CALL_PREAD:
		outcome->ret = pread(fd, buffer, step->len, step->off);
		outcome->data = buffer;
		outcome->data_len = outcome->ret > 0 ? outcome->ret : 0;
		break;
	case CALL_PWRITE:
		memset(buffer, step->fill, step->len);
		errno = 0;
		outcome->ret = pwrite(fd, buffer, step->len, step->off);
		break;
	case CALL_MUNMAP:
		outcome->ret = munmap(mapping->at, mapping->len);
		*mapping = (struct mapping){ 0 };
		break;
	case CALL_MSYNC:
		outcome->ret = msync(mapping->at, mapping->len, MS_SYNC);
		break;
	case CALL_FSYNC:
		outcome->ret = fsync(fd);
		break;
	case CALL_FTRUNCATE:
		outcome->ret = ftruncate(fd, step->len);
		break;
	default:
		outcome->ret = -1;
		errno = ENOSYS;
	}
	outcome->error = outcome->ret < 0 ? errno : 0;
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

static void trace_return(const struct step *step, const struct outcome *outcome)
{
	struct line line;

	line_begin(&line, "return");
	line_number(&line, "step", step->number);
	line_actor(&line, "who", step->actor);
	line_text(&line, "call", step->call_name);
	line_number(&line, "ret", outcome->ret);
	if (outcome->error)
		line_text(&line, "errno", strerrorname_np(outcome->error) ?: "?");
	if (outcome->signal)
		line_text(&line, "signal", sigabbrev_np(outcome->signal) ?: "?");
	if (outcome->data_len)
		line_data(&line, "data", outcome->data, outcome->data_len);
	line_end(&line);
}

void calls_do(struct process *process, const struct step *step, unsigned char *buffer)
{
	struct outcome outcome = { 0 };

	trace_call(step);
	switch (step->call) {
	case CALL_OPEN:
		do_open(process, step, &outcome);
		break;
	case CALL_MMAP:
		do_mmap(process, step, &outcome);
		break;
	case CALL_LOAD:
	case CALL_STORE:
		do_access(process, step, buffer, &outcome);
		break;
	case CALL_FSTAT:
		do_fstat(process->fds[step->handle], &outcome);
		break;
	default:
		do_plain(process, step, buffer, &outcome);
	}
	trace_return(step, &outcome);
}
