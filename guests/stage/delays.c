// SPDX-License-Identifier: GPL-2.0-only
/* Answers that wait for their time; see delays.h. All wait equally long, so the oldest is always the next. */
#include <linux/fuse.h>
#include <time.h>

#include "delays.h"

#define NSEC_PER_SEC 1000000000LL
#define NSEC_PER_USEC 1000LL

static struct request *oldest, **end = &oldest;

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * NSEC_PER_SEC + time.tv_nsec;
}

bool delays_keep(struct world *world, struct request *request)
{
	bool data = request->arrival.opcode == FUSE_READ || request->arrival.opcode == FUSE_WRITE;

	if (!world->program.delay_usec || !data)
		return false;
	request->due = now() + world->program.delay_usec * NSEC_PER_USEC;
	request->next = NULL;
	*end = request;
	end = &request->next;
	world->delayed = true;
	return true;
}

struct request *delays_take(struct world *world, bool all)
{
	struct request *request = oldest;

	if (!request || (!all && request->due > now()))
		return NULL;
	oldest = request->next;
	request->next = NULL;
	if (!oldest)
		end = &oldest;
	world->delayed = oldest;
	return request;
}

const struct timespec *delays_next(const struct world *world)
{
	static struct timespec left;
	int64_t nsec;

	if (!world->delayed)
		return NULL;
	nsec = oldest->due - now();
	if (nsec < 0)
		nsec = 0;
	left = (struct timespec){ nsec / NSEC_PER_SEC, nsec % NSEC_PER_SEC };
	return &left;
}
