// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asynchronous io by the bare system calls; see calls.h. An actor may have MAX_ASYNC requests that it has not reaped, through either interface; they
 * are reaped in the order in which they were submitted.
 */
#include <errno.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "calls.h"

#define MAX_ASYNC 4

struct pending {
	int through, io;
	unsigned char *buffer;
	/* io_getevents(2) and the completion queue may give another one's first. */
	bool done;
	long res;
	struct iocb iocb;
};

struct ring {
	int fd;
	unsigned char *submissions, *completions;
	struct io_uring_sqe *entries;
	struct io_uring_params params;
};

struct async {
	struct pending pending[MAX_ASYNC];
	int first, n;
	aio_context_t aio;
	struct ring ring;
};

static unsigned *word(unsigned char *base, unsigned offset)
{
	return (unsigned *)(base + offset);
}

static int make_ring(struct ring *ring)
{
	struct io_uring_params *params = &ring->params;
	size_t submissions, completions;

	ring->fd = syscall(SYS_io_uring_setup, MAX_ASYNC, params);
	if (ring->fd < 0)
		return -errno;
	submissions = params->sq_off.array + params->sq_entries * sizeof(unsigned);
	completions = params->cq_off.cqes + params->cq_entries * sizeof(struct io_uring_cqe);
	ring->submissions = mmap(NULL, submissions, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd, IORING_OFF_SQ_RING);
	ring->completions = mmap(NULL, completions, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd, IORING_OFF_CQ_RING);
	ring->entries = mmap(NULL, params->sq_entries * sizeof(struct io_uring_sqe), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_POPULATE, ring->fd, IORING_OFF_SQES);
	if (ring->submissions == MAP_FAILED || ring->completions == MAP_FAILED || ring->entries == MAP_FAILED)
		return -ENOMEM;
	return 0;
}

static int make_async(struct async **made)
{
	struct async *async = calloc(1, sizeof(*async));
	int i;

	if (!async)
		return -ENOMEM;
	async->ring.fd = -1;
	for (i = 0; i < MAX_ASYNC; i++) {
		async->pending[i].buffer = mmap(NULL, MAX_IO_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
		if (async->pending[i].buffer == MAP_FAILED)
			return -ENOMEM;
	}
	*made = async;
	return 0;
}

int async_prepare(struct performer *performer, const struct step *step)
{
	struct async *async;
	int error = performer->async ? 0 : make_async(&performer->async);

	if (error)
		return error;
	async = performer->async;
	if (async->n == MAX_ASYNC)
		return -EAGAIN;
	if (step->through == THROUGH_URING && async->ring.fd < 0)
		error = make_ring(&async->ring);
	if (step->through == THROUGH_AIO && !async->aio)
		error = syscall(SYS_io_setup, MAX_ASYNC, &async->aio) ? -errno : 0;
	if (step->io == IO_WRITE)
		memset(async->pending[(async->first + async->n) % MAX_ASYNC].buffer, step->fill, step->len);
	return error;
}

static void submit_aio(struct async *async, struct pending *pending, int fd, const struct step *step, struct outcome *outcome)
{
	struct iocb *list[1] = { &pending->iocb };

	pending->iocb = (struct iocb){
		.aio_data = pending - async->pending, .aio_fildes = fd, .aio_buf = (uintptr_t)pending->buffer,
		.aio_lio_opcode = step->io == IO_WRITE ? IOCB_CMD_PWRITE : IOCB_CMD_PREAD,
		.aio_nbytes = step->len, .aio_offset = step->off,
	};
	outcome_set(outcome, syscall(SYS_io_submit, async->aio, 1, list));
}

static void submit_uring(struct async *async, struct pending *pending, int fd, const struct step *step, struct outcome *outcome)
{
	struct ring *ring = &async->ring;
	unsigned *tail = word(ring->submissions, ring->params.sq_off.tail);
	unsigned mask = *word(ring->submissions, ring->params.sq_off.ring_mask);
	unsigned at = *tail & mask;

	ring->entries[at] = (struct io_uring_sqe){
		.opcode = step->io == IO_WRITE ? IORING_OP_WRITE : IORING_OP_READ, .fd = fd, .off = step->off,
		.addr = (uintptr_t)pending->buffer, .len = step->len, .user_data = pending - async->pending,
	};
	word(ring->submissions, ring->params.sq_off.array)[at] = at;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	outcome_set(outcome, syscall(SYS_io_uring_enter, ring->fd, 1, 0, 0, NULL, 0));
}

static void do_submit(struct performer *performer, const struct step *step, struct outcome *outcome)
{
	struct async *async = performer->async;
	struct pending *pending = &async->pending[(async->first + async->n) % MAX_ASYNC];
	int fd = performer->process->fds[step->handle];

	pending->through = step->through;
	pending->io = step->io;
	pending->done = false;
	if (step->through == THROUGH_URING)
		submit_uring(async, pending, fd, step, outcome);
	else
		submit_aio(async, pending, fd, step, outcome);
	if (outcome->ret == 1)
		async->n++;
}

static int await_aio(struct async *async)
{
	struct io_event event;
	long got = syscall(SYS_io_getevents, async->aio, 1, 1, &event, NULL);

	if (got != 1)
		return got < 0 ? -errno : -EIO;
	async->pending[event.data].done = true;
	async->pending[event.data].res = event.res;
	return 0;
}

static int await_uring(struct async *async)
{
	struct ring *ring = &async->ring;
	unsigned *head = word(ring->completions, ring->params.cq_off.head);
	unsigned *tail = word(ring->completions, ring->params.cq_off.tail);
	unsigned mask = *word(ring->completions, ring->params.cq_off.ring_mask);
	struct io_uring_cqe *events = (struct io_uring_cqe *)(ring->completions + ring->params.cq_off.cqes);

	while (*head == __atomic_load_n(tail, __ATOMIC_ACQUIRE))
		if (syscall(SYS_io_uring_enter, ring->fd, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
			return -errno;
	async->pending[events[*head & mask].user_data].done = true;
	async->pending[events[*head & mask].user_data].res = events[*head & mask].res;
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	return 0;
}

static void do_reap(struct performer *performer, struct outcome *outcome)
{
	struct async *async = performer->async;
	struct pending *oldest;
	int error = 0;

	if (!async || !async->n) {
		errno = EINVAL;
		outcome_set(outcome, -1);
		return;
	}
	oldest = &async->pending[async->first];
	while (!error && !oldest->done)
		error = oldest->through == THROUGH_URING ? await_uring(async) : await_aio(async);
	if (!error) {
		async->first = (async->first + 1) % MAX_ASYNC;
		async->n--;
	}
	errno = error ? -error : oldest->res < 0 ? -oldest->res : 0;
	outcome_set(outcome, error || oldest->res < 0 ? -1 : oldest->res);
	if (oldest->io == IO_READ)
		outcome_data(outcome, oldest->buffer);
}

void async_call(struct performer *performer, const struct step *step, struct outcome *outcome)
{
	if (step->call == CALL_SUBMIT)
		do_submit(performer, step, outcome);
	else
		do_reap(performer, outcome);
}
