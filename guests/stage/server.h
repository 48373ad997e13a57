/* SPDX-License-Identifier: GPL-2.0-only */
/* The FUSE server, a process of its own: it does what steps of the program tell it, and answers, holds and releases requests. */
#ifndef DIORAMA_SERVER_H
#define DIORAMA_SERVER_H

#include "world.h"

struct server {
	pid_t pid;
	/* Cues: the index of a step goes in, and the same comes back when it is done. */
	int orders, done;
};

/* Mounts MOUNT_POINT and forks the server, which does not read a request yet. Needs no program. Returns 0 or -errno. */
int server_prepare(struct world *world, struct server *server);

/* Has the server begin with the world's program, and waits until INIT is answered. Returns 0 or -errno. */
int server_start(struct world *world, struct server *server);

/* Tells the server that nobody will tell it anything any more; does not wait. Returns 0 or -errno. */
int server_dismiss(const struct server *server);

/* Has the server do step number `index`; returns when it has, 0 or -errno. */
int server_tell(const struct server *server, int index);

#define SERVER_START  (-2)	/* not a step: the program is there */
#define SERVER_LET_GO (-1)	/* not a step: hold nothing any more, answer everything */

#endif
