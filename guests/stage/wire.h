/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The wire between kernel and server, seen raw: every request that the server reads is traced as `arrive` with what its header
 * says, every answer as `reply`. Also where the INIT reply gets its flags, so that a scene can ask for any bit, also one that
 * libfuse does not know.
 */
#ifndef DIORAMA_WIRE_H
#define DIORAMA_WIRE_H

#include <fuse_lowlevel.h>

#include "world.h"

/* What the header of the request in hand said. */
struct arrival {
	uint64_t unique;
	uint32_t opcode;
	uint64_t ino, fh, off, len;
	/* COPY_FILE_RANGE: its target. */
	uint64_t to_ino, to_off;
	/* FALLOCATE: its mode. LSEEK: its whence. */
	uint32_t mode;
	/* Actor, or ANY for the kernel's own. */
	int by;
};

/* Joins the session to /dev/fuse's `fd`. Returns 0 or -errno. */
int wire_open(struct fuse_session *session, int fd, struct world *world);

/* Tells the kernel that pages of an inode have changed (FUSE_NOTIFY_INVAL_INODE); blocks as the kernel does. Returns 0 or -errno. */
int wire_invalidate(struct fuse_session *session, const struct step *step);

/* The request that is being handled now; requests are handled one at a time. */
const struct arrival *wire_arrival(void);

#endif
