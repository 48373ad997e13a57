// SPDX-License-Identifier: GPL-2.0-only
/* Calls on memory; see calls.h. A load or store that raises SIGBUS or SIGSEGV returns EFAULT with the signal named. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "calls.h"
#include "trace.h"

static __thread sigjmp_buf fault_return;
static __thread volatile sig_atomic_t in_access;

static void on_fault(int signal)
{
	if (in_access)
		siglongjmp(fault_return, signal);
	_exit(128 + signal);
}

/* A signal that is caught, and does nothing else: system calls that can be interrupted are. */
static void on_notice(int signal)
{
	(void)signal;
}

void calls_prepare(struct process *process, const struct program *program)
{
	struct sigaction fault = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };
	struct sigaction notice = { .sa_handler = on_notice };
	int i;

	process->program = program;
	for (i = 0; i < MAX_HANDLES; i++) {
		process->fds[i] = -1;
		process->mappings[i] = (struct mapping){ 0 };
	}
	sigaction(SIGBUS, &fault, NULL);
	sigaction(SIGSEGV, &fault, NULL);
	sigaction(SIGUSR1, &notice, NULL);
}

static void unmap_all(const struct mapping *mappings, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (mappings[i].at)
			munmap(mappings[i].at, mappings[i].len);
}

/* Every file, whatever it is: a handle that was opened twice knows only the second. */
void calls_end(const struct process *process)
{
	unmap_all(process->mappings, MAX_HANDLES);
	unmap_all(process->lost, process->n_lost);
	if (close_range(0, ~0U, 0))
		trace_trouble("an actor's files", errno);
}

static void do_mmap(struct process *process, const struct step *step, struct outcome *outcome)
{
	void *at = mmap(NULL, step->len, step->prot, step->flags, process->fds[step->handle], step->off);

	outcome_set(outcome, at == MAP_FAILED ? -1 : 0);
	if (at == MAP_FAILED)
		return;
	if (process->mappings[step->mapping].at && process->n_lost < MAX_HANDLES)
		process->lost[process->n_lost++] = process->mappings[step->mapping];
	process->mappings[step->mapping] = (struct mapping){ at, step->len };
}

static void do_mremap(struct mapping *mapping, const struct step *step, struct outcome *outcome)
{
	void *at = mremap(mapping->at, mapping->len, step->len, MREMAP_MAYMOVE);

	outcome_set(outcome, at == MAP_FAILED ? -1 : 0);
	if (at != MAP_FAILED)
		*mapping = (struct mapping){ at, step->len };
}

static void do_munmap(struct mapping *mapping, const struct step *step, struct outcome *outcome)
{
	if (step->len) {
		outcome_set(outcome, munmap(mapping->at + step->off, step->len));
		return;
	}
	outcome_set(outcome, munmap(mapping->at, mapping->len));
	*mapping = (struct mapping){ 0 };
}

/* Loads and stores go through the mapping itself, one pass, so that the fault is the actor's own. */
static void do_access(const struct mapping *mapping, struct performer *performer, const struct step *step, struct outcome *outcome)
{
	int signal;

	if (!mapping->at || step->off > mapping->len || step->len > mapping->len - step->off) {
		errno = EINVAL;
		outcome_set(outcome, -1);
		return;
	}
	signal = sigsetjmp(fault_return, 1);
	if (signal) {
		in_access = 0;
		errno = EFAULT;
		outcome_set(outcome, -1);
		outcome->signal = signal;
		return;
	}
	in_access = 1;
	if (step->call == CALL_STORE)
		memset(mapping->at + step->off, step->fill, step->len);
	else
		memcpy(performer->buffer, mapping->at + step->off, step->len);
	in_access = 0;
	outcome->ret = step->len;
	if (step->call == CALL_LOAD)
		outcome_data(outcome, performer->buffer);
}

void memory_call(struct performer *performer, const struct step *step, struct outcome *outcome)
{
	struct mapping *mapping = &performer->process->mappings[step->handle];

	switch (step->call) {
	case CALL_MMAP:
		do_mmap(performer->process, step, outcome);
		break;
	case CALL_MUNMAP:
		do_munmap(mapping, step, outcome);
		break;
	case CALL_MREMAP:
		do_mremap(mapping, step, outcome);
		break;
	case CALL_MSYNC:
		outcome_set(outcome, msync(mapping->at, mapping->len, step->flags ?: MS_SYNC));
		break;
	case CALL_MPROTECT:
		outcome_set(outcome, mprotect(mapping->at, mapping->len, step->prot));
		break;
	case CALL_MADVISE:
		outcome_set(outcome, madvise(mapping->at, mapping->len, step->flags));
		break;
	default:
		do_access(mapping, performer, step, outcome);
	}
}
