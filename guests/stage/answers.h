/* SPDX-License-Identifier: GPL-2.0-only */
/* The server's files, kept in its memory, and the answers it gives from them. */
#ifndef DIORAMA_ANSWERS_H
#define DIORAMA_ANSWERS_H

#include "backlog.h"

/* libfuse's operations; each makes a request, which is held or answered. */
extern const struct fuse_lowlevel_ops answers_ops;

/* Fills the files as the program says. Returns 0 or -errno. */
int answers_prepare(const struct program *program);

/* From now on opens of this inode are answered with these flags (raw FOPEN_ bits) and this backing id. */
void answers_open_flags(uint64_t ino, uint32_t flags, int32_t backing_id);

/* The file's bytes change, and the kernel is not told. */
void answers_change(uint64_t ino, uint64_t off, uint64_t len, int fill);

/* At most `len` bytes of the file at `off`; returns how many. */
size_t answers_content(uint64_t ino, void *bytes, size_t len, uint64_t off);

/* The file's size is this from now on, and the kernel is not told: it learns it when it asks. New bytes are 0. */
void answers_size(uint64_t ino, uint64_t size);

/* Answers: with `error` when it is not 0; a WRITE or READ with at most `bytes` when that is not ANY. Frees the request. */
void answers_give(struct request *request, int error, int64_t bytes);

#endif
