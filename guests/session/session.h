/* SPDX-License-Identifier: GPL-2.0-only */
/* A FUSE server with libfuse's own loop of many threads, for the guests in the host's time; the stage's server has a loop of its own. */
#ifndef DIORAMA_SESSION_H
#define DIORAMA_SESSION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#include <fuse_lowlevel.h>

/*
 * Mounts the file system and forks its server, which answers by `operations` with up to `threads` threads and ends with its file system.
 * Returns its pid or -errno. A server that libfuse gives no session ends with 1.
 */
pid_t session_start(const struct fuse_lowlevel_ops *operations, unsigned int threads);

/* Waits until the server says by *served that it answers; does not return when it is not there within 10 s. */
void session_await(const atomic_bool *served);

#endif
