/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stage's own wires to the host: x86 io ports that QEMU serves synchronously, so that using them costs instructions and
 * nothing else. No driver, no interrupt and no file system of the kernel under test is involved.
 */
#ifndef DIORAMA_PORTS_H
#define DIORAMA_PORTS_H

#include <stddef.h>

/* Asks the kernel for the ports; every process that writes the trace inherits them over fork. Returns 0 or -errno. */
int ports_open(void);

/* Makes reading files fast; needs /proc. Without it, or without DMA in QEMU, they are read byte by byte. */
void ports_open_window(void);

/* Writes to the trace: an isa-debugcon. */
void ports_write(const char *bytes, size_t len);

/* Stops the machine right here, by pvpanic with -action panic=pause; returns when the host, or a clone, lets it go on. */
void ports_pause(void);

/* Ends the machine: isa-debug-exit. QEMU exits with (code << 1) | 1. */
void ports_exit(unsigned int code) __attribute__((noreturn));

/*
 * Reads the fw_cfg file `name` whole (docs/specs/fw_cfg in QEMU: selector 0x510, data 0x511, DMA 0x514, directory at key 0x19).
 * Returns a malloc'ed buffer with a NUL behind its *len bytes, or NULL when there is no such file.
 */
char *ports_read_file(const char *name, size_t *len);

#endif
