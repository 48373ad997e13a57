// SPDX-License-Identifier: GPL-2.0-only
/* The server's files, kept in its memory; see files.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"

#define ROOM_STEP 65536u

static struct file files[MAX_FILES];
static int n_files;

/* Files grow when something is written, so that many small ones find room in the guest. */
int files_room(struct file *file, uint64_t size)
{
	uint64_t room = (size + ROOM_STEP - 1) / ROOM_STEP * ROOM_STEP;
	unsigned char *bytes;

	if (size > MAX_FILE_BYTES)
		return -EFBIG;
	if (room <= file->room)
		return 0;
	bytes = realloc(file->bytes, room);
	if (!bytes)
		return -ENOMEM;
	memset(bytes + file->room, 0, room - file->room);
	file->bytes = bytes;
	file->room = room;
	return 0;
}

int files_prepare(const struct program *program)
{
	int i, error;

	for (i = 0; i < program->n_files; i++) {
		const struct file_plan *plan = &program->files[i];

		files[i] = (struct file){ .plan = plan, .size = plan->size, .open_flags = plan->open_flags, .exists = !plan->absent };
		error = files_room(&files[i], plan->size);
		if (error)
			return error;
		if (plan->size)
			memset(files[i].bytes, plan->fill, plan->size);
	}
	n_files = program->n_files;
	return 0;
}

struct file *files_find(uint64_t ino)
{
	int i;

	for (i = 0; i < n_files; i++)
		if (files[i].plan->ino == ino)
			return &files[i];
	return NULL;
}

void files_open_flags(uint64_t ino, uint32_t flags, int32_t backing_id)
{
	struct file *file = files_find(ino);

	if (!file)
		return;
	file->open_flags = flags;
	file->backing_id = backing_id;
}

int files_resize(struct file *file, uint64_t size)
{
	int error = files_room(file, size);

	if (error)
		return error;
	if (size < file->size)
		memset(file->bytes + size, 0, file->size - size);
	file->size = size;
	return 0;
}

void files_change(uint64_t ino, uint64_t off, uint64_t len, int fill)
{
	struct file *file = files_find(ino);

	if (file && off < file->size)
		memset(file->bytes + off, fill, len < file->size - off ? len : file->size - off);
}

size_t files_content(uint64_t ino, void *bytes, size_t len, uint64_t off)
{
	struct file *file = files_find(ino);

	if (!file || off >= file->size)
		return 0;
	if (len > file->size - off)
		len = file->size - off;
	memcpy(bytes, file->bytes + off, len);
	return len;
}

void files_size(uint64_t ino, uint64_t size)
{
	struct file *file = files_find(ino);

	if (file)
		files_resize(file, size);
}

struct file *files_named(const char *name)
{
	int i;

	for (i = 0; i < n_files; i++)
		if (!strcmp(files[i].plan->name, name))
			return &files[i];
	return NULL;
}

struct file *files_at(int index)
{
	return index >= 0 && index < n_files ? &files[index] : NULL;
}
