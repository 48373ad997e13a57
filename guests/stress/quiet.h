/* SPDX-License-Identifier: GPL-2.0-only */
/* Points where nobody has a file open: what the kernel keeps of an inode must be as if it had never been in use. */
#ifndef DIORAMA_QUIET_H
#define DIORAMA_QUIET_H

/* Stops everybody, judges what the server has, sees that each inode is in direct mode and can leave it, evicts them all, and goes on. */
void quiet_point(void);

/* Fails when somebody waits for too long (watch.c). */
void look_at_actors(void);

#endif
