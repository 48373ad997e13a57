/* SPDX-License-Identifier: GPL-2.0-only */
/* Plays a program: gives one step after the other, and after each waits until nothing moves and traces who sleeps where. */
#ifndef DIORAMA_CONDUCTOR_H
#define DIORAMA_CONDUCTOR_H

#include "actor.h"
#include "server.h"

/* Returns 0 when every step was given, whatever came of them. */
int conduct(struct world *world, struct server *server);

/*
 * Ends the scene: lets go of every request, sends the actors home, unmounts, removes the module. What does not end within its
 * bound is traced as `stuck` with its stack, and sysrq-w puts every blocked task on the console. Returns how many were stuck.
 */
int strike(struct world *world, struct server *server);

#endif
