/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of /proc, /sys and /dev by which the kernel is told something. */
#ifndef DIORAMA_WRITE_TEXT_H
#define DIORAMA_WRITE_TEXT_H

/* Writes `text` to the file at `path`, which must be there. Returns 0 or -errno. */
int write_text(const char *path, const char *text);

#endif
