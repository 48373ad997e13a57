/* SPDX-License-Identifier: GPL-2.0-only */
/* The FUSE server of a measurement: one file, direct io with parallel writes, and a time that it keeps every READ and WRITE. */
#ifndef DIORAMA_LATENCY_SERVER_H
#define DIORAMA_LATENCY_SERVER_H

#include <sys/types.h>

/* Mounts the file system and forks the server. Returns its pid or -errno. */
pid_t server_start(void);

#endif
