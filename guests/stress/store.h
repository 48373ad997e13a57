/* SPDX-License-Identifier: GPL-2.0-only */
/* The FUSE server of a stress: libfuse's own loop of many threads, each of which lets its request wait for a time of its own, so that answers overtake each other. */
#ifndef DIORAMA_STORE_H
#define DIORAMA_STORE_H

#include <stdint.h>
#include <sys/types.h>

/* Mounts the file system, fills its files with their first versions and forks the server. Returns its pid or -errno. */
pid_t store_start(void);

/* What the server has of a block. */
const uint64_t *store_block(unsigned int file, unsigned int block);

#endif
