/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest for a person: the same server on the same mount, and a login over a virtio-serial port instead of a program's steps. */
#ifndef DIORAMA_SHELL_H
#define DIORAMA_SHELL_H

#include "world.h"

/* Serves logins, one after the other, until the machine is ended from outside. `key` is what authorized_keys is to hold. */
void shell_serve(const char *key) __attribute__((noreturn));

#endif
