/* SPDX-License-Identifier: GPL-2.0-only */
/* Watches the actors work: bounds of their waits, kills, eviction, quiet points. */
#ifndef DIORAMA_WATCH_H
#define DIORAMA_WATCH_H

/* Starts every actor, lets them work for as long as the plan says or until something failed, and ends them. */
void watch(void);

#endif
