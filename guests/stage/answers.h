/* SPDX-License-Identifier: GPL-2.0-only */
/* The answers that the server gives, from its files. */
#ifndef DIORAMA_ANSWERS_H
#define DIORAMA_ANSWERS_H

#include "backlog.h"

/* libfuse's operations; each makes a request, which is held or answered. */
extern const struct fuse_lowlevel_ops answers_ops;

/* Answers: with `error` when it is not 0; a WRITE or READ with at most `bytes` when that is not ANY. Frees the request. */
void answers_give(struct request *request, int error, int64_t bytes);

#endif
