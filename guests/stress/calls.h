/* SPDX-License-Identifier: GPL-2.0-only */
/* System calls of actors: each is noted with what it moved and how long it took, and one that fails fails the stress. */
#ifndef DIORAMA_STRESS_CALLS_H
#define DIORAMA_STRESS_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

/* open(2)'s flag by which the server knows that it must answer without FOPEN_DIRECT_IO; O_NONBLOCK means nothing to a regular file. */
#define OPEN_CACHED O_NONBLOCK

/* Whoever calls from now on in this process. */
void calls_by(struct actor *actor);

/* The actor's file. All return what the call returned, and -1 or NULL after a failure. */
int do_open(bool cached, int flags);
void do_close(int fd);
void *do_mmap(int fd, bool shared);
void do_munmap(void *at);
void do_msync(void *at, unsigned int block, unsigned int n_blocks);
void do_stat(int fd);

/* Writes new versions of blocks; `cached`: through the page cache. */
void do_pwrite(int fd, bool cached, unsigned int block, unsigned int n_blocks);

/* Reads and judges blocks; what is behind the end of the file is not judged. */
void do_pread(int fd, bool cached, unsigned int block, unsigned int n_blocks);
void do_splice(int fd, const int pipe[2], unsigned int block);

/* The same through a mapping: SIGBUS behind the end of the file is no failure. */
void do_load(const void *at, unsigned int block);
void do_store(void *at, unsigned int block);

/* Cuts the file before `block` and makes it whole again. */
void do_truncate(int fd, unsigned int block);

const char *call_name(enum call call);

#endif
