/* SPDX-License-Identifier: GPL-2.0-only */
/* Backing files of passthrough: files of the server's own that the kernel is told of (FUSE_DEV_IOC_BACKING_OPEN). */
#ifndef DIORAMA_BACKING_H
#define DIORAMA_BACKING_H

#include "program.h"

/* Makes one and registers it with the kernel through /dev/fuse's `fuse_fd`; traces the id, or the errno. */
void backing_open(int fuse_fd, const struct step *step);

/* Takes the registration back; traces 0, or the errno. */
void backing_close(int fuse_fd, const struct step *step);

/* The id that the kernel gave for a slot, 0 when it gave none. */
int32_t backing_id(int slot);

/* Reads at most `len` bytes at `off`; returns how many. */
size_t backing_read(int slot, void *bytes, size_t len, uint64_t off);

/* Takes back what is registered, and closes every file. */
void backing_end(int fuse_fd);

#endif
