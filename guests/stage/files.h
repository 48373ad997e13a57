/* SPDX-License-Identifier: GPL-2.0-only */
/* What the server has: the files of the program, in its memory. */
#ifndef DIORAMA_FILES_H
#define DIORAMA_FILES_H

#include "program.h"

struct file {
	const struct file_plan *plan;
	unsigned char *bytes;
	/* What `bytes` has room for. */
	uint64_t room;
	uint64_t size;
	uint32_t open_flags;
	int32_t backing_id;
	bool exists;
};

/* Fills the files as the program says. Returns 0 or -errno. */
int files_prepare(const struct program *program);

/* The file with this inode number, with this name, or at this place in the program; NULL when there is none. */
struct file *files_find(uint64_t ino);
struct file *files_named(const char *name);
struct file *files_at(int index);

/* Makes room for `size` bytes. Returns 0 or -errno. */
int files_room(struct file *file, uint64_t size);

/* Gives it another size; new bytes are 0. Returns 0 or -errno. */
int files_resize(struct file *file, uint64_t size);

/* From now on opens of this inode are answered with these flags (raw FOPEN_ bits) and this backing id. */
void files_open_flags(uint64_t ino, uint32_t flags, int32_t backing_id);

/* The file's bytes change, and the kernel is not told. */
void files_change(uint64_t ino, uint64_t off, uint64_t len, int fill);

/* At most `len` bytes of the file at `off`; returns how many. */
size_t files_content(uint64_t ino, void *bytes, size_t len, uint64_t off);

/* The file's size is this from now on, and the kernel is not told: it learns it when it asks. New bytes are 0. */
void files_size(uint64_t ino, uint64_t size);

#endif
