/* SPDX-License-Identifier: GPL-2.0-only */
/* What the processes of the stage share: one mapping, made before the first fork. */
#ifndef DIORAMA_WORLD_H
#define DIORAMA_WORLD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "program.h"
#include "trace.h"

enum actor_state { ACTOR_IDLE, ACTOR_BUSY, ACTOR_GONE };

struct process_slot {
	volatile pid_t pid;
	/* It was told to end: by exit, or by a signal that ends it. */
	volatile bool ending;
	/* The scene is over for it: it has no file and no mapping of the scene any more, and sleeps for ever. */
	volatile bool home;
};

struct actor_slot {
	/* Thread id in the guest; how the server knows whose request it sees. */
	volatile pid_t tid;
	volatile enum actor_state state;
	volatile int step;
	/* It sleeps until another of the stage is there. */
	volatile bool awaits;
	/* The trace has said that it is gone. */
	bool gone;
};

struct world {
	struct trace trace;
	struct program program;
	struct actor_slot actors[MAX_ACTORS];
	struct process_slot processes[MAX_PROCESSES];
	volatile pid_t server;
	/* The connection is over, and it has no file any more. */
	volatile bool server_home;
	/* The thread of the server's that tells the kernel something, or 0. */
	volatile pid_t notifier;
	volatile bool mounted;
	/* The server has requests that it answers in a while. */
	volatile bool delayed;
	/* The connection was aborted by a step. */
	volatile bool aborted;
	/* FUSE is part of the kernel, so there is no fuse.ko to remove. */
	bool built_in;
};

/* The shared mapping, zeroed, with its trace ready; NULL when the guest has no memory. */
struct world *world_create(void);

/* The actor whose thread this is, or ANY. */
int world_actor_of(const struct world *world, pid_t tid);

/* The actor's name, where there is one. */
void line_actor(struct line *line, const char *key, int actor);

#endif
