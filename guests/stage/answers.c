// SPDX-License-Identifier: GPL-2.0-only
/*
 * The server's answers; see answers.h. Data written is stored when the WRITE is answered, not when it arrives, so
 * that a held WRITE has not happened yet. Times stay 0 and names stay valid for a day: no GETATTR comes that no scene asked for.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <linux/fuse.h>

#include "answers.h"
#include "files.h"
#include "fuse-abi.h"
#include "trace.h"

#define VALID_SECONDS 86400.0
/* SEEK_DATA of lseek(2), which unistd.h may keep for itself. */
#define LSEEK_DATA 3

static uint64_t last_fh;

static struct stat stat_of(uint64_t ino, const struct file *file)
{
	struct stat stat = { .st_ino = ino, .st_nlink = 1, .st_blksize = 4096 };

	stat.st_mode = file && !file->plan->directory ? S_IFREG | 0666 : S_IFDIR | 0755;
	stat.st_size = file ? file->size : 0;
	return stat;
}

static void answer_lookup(struct request *request, const char *name)
{
	struct fuse_entry_param entry = { .attr_timeout = VALID_SECONDS, .entry_timeout = VALID_SECONDS, .generation = 1 };
	const struct file *file = request->arrival.ino == FUSE_ROOT_ID ? files_named(name) : NULL;

	if (!file || !file->exists) {
		fuse_reply_err(request->req, ENOENT);
		return;
	}
	entry.ino = file->plan->ino;
	entry.attr = stat_of(entry.ino, file);
	fuse_reply_entry(request->req, &entry);
}

static void answer_attr(struct request *request)
{
	struct file *file = files_find(request->arrival.ino);
	struct stat stat;

	if (file && request->new_size >= 0) {
		int error = files_resize(file, request->new_size);

		if (error) {
			fuse_reply_err(request->req, -error);
			return;
		}
	}
	stat = stat_of(request->arrival.ino, file);
	fuse_reply_attr(request->req, &stat, VALID_SECONDS);
}

static struct abi_open_out open_file(const struct request *request, struct file *file)
{
	struct abi_open_out open = { .fh = ++last_fh };
	struct line line;

	if (file) {
		open.open_flags = file->open_flags;
		open.backing_id = file->backing_id;
	}
	line_begin(&line, "opened");
	line_number(&line, "req", request->arrival.unique);
	line_actor(&line, "by", request->arrival.by);
	line_number(&line, "ino", file ? file->plan->ino : request->arrival.ino);
	line_number(&line, "fh", open.fh);
	line_number(&line, "flags", open.open_flags);
	line_end(&line);
	return open;
}

/* Sent by hand, since libfuse composes the flags of its own open reply from the bits it knows. */
static void answer_open(struct request *request)
{
	struct file *file = files_find(request->arrival.ino);
	struct abi_open_out open;

	/* The kernel sends O_TRUNC only where FUSE_ATOMIC_O_TRUNC was negotiated. */
	if (file && request->arrival.opcode == FUSE_OPEN && request->open_flags & O_TRUNC)
		files_resize(file, 0);
	open = open_file(request, file);
	fuse_reply_buf(request->req, (const char *)&open, sizeof(open));
}

static void answer_create(struct request *request, const char *name)
{
	struct {
		struct fuse_entry_out entry;
		struct abi_open_out open;
	} out = { 0 };
	struct file *file = files_named(name);

	if (!file) {
		fuse_reply_err(request->req, EPERM);
		return;
	}
	file->exists = true;
	out.entry = (struct fuse_entry_out){
		.nodeid = file->plan->ino, .generation = 1, .entry_valid = VALID_SECONDS, .attr_valid = VALID_SECONDS,
		.attr = { .ino = file->plan->ino, .size = file->size, .mode = S_IFREG | 0666, .nlink = 1, .blksize = 4096 },
	};
	out.open = open_file(request, file);
	fuse_reply_buf(request->req, (const char *)&out, sizeof(out));
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* What is done, or more when a step has the server claim it. */
static uint64_t claimed(uint64_t done, int64_t bytes)
{
	return bytes != ANY && (uint64_t)bytes > done ? (uint64_t)bytes : done;
}

static void answer_read(struct request *request, int64_t bytes)
{
	const struct file *file = files_find(request->arrival.ino);
	uint64_t off = request->arrival.off, len = 0;

	if (file && off < file->size)
		len = least(request->arrival.len, file->size - off);
	if (bytes != ANY)
		len = least(len, bytes);
	fuse_reply_buf(request->req, file ? (const char *)file->bytes + off : NULL, len);
}

static void answer_readdir(struct request *request)
{
	static char entries[MAX_FILES * (NAME_BYTES + 64)];
	size_t room = least(sizeof(entries), request->arrival.len), len = 0;
	const struct file *file;
	int i;

	/* Only the root has anything in it. */
	for (i = request->arrival.off; request->arrival.ino == FUSE_ROOT_ID && (file = files_at(i)); i++) {
		struct stat stat = stat_of(file->plan->ino, file);
		size_t needed = fuse_add_direntry(request->req, entries + len, room - len, file->plan->name, &stat, i + 1);

		if (needed > room - len)
			break;
		len += needed;
	}
	fuse_reply_buf(request->req, entries, len);
}

static void answer_write(struct request *request, int64_t bytes)
{
	struct file *file = files_find(request->arrival.ino);
	uint64_t off = request->arrival.off, len = request->arrival.len;

	if (bytes != ANY)
		len = least(len, bytes);
	if (!file || off > MAX_FILE_BYTES || len > MAX_FILE_BYTES - off || files_room(file, off + len)) {
		fuse_reply_err(request->req, EFBIG);
		return;
	}
	memcpy(file->bytes + off, request->data, len);
	if (off + len > file->size)
		file->size = off + len;
	fuse_reply_write(request->req, claimed(len, bytes));
}

static void answer_fallocate(struct request *request)
{
	struct file *file = files_find(request->arrival.ino);
	uint64_t off = request->arrival.off, end = off + request->arrival.len;

	if (!file || files_room(file, end)) {
		fuse_reply_err(request->req, EFBIG);
		return;
	}
	if (request->arrival.mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE))
		memset(file->bytes + off, 0, end - off);
	if (!(request->arrival.mode & FALLOC_FL_KEEP_SIZE) && end > file->size)
		file->size = end;
	fuse_reply_err(request->req, 0);
}

/* No file has holes, so data is everywhere and the only hole is behind the end. */
static void answer_lseek(struct request *request)
{
	const struct file *file = files_find(request->arrival.ino);
	uint64_t off = request->arrival.off;

	if (!file || off >= file->size)
		fuse_reply_err(request->req, ENXIO);
	else
		fuse_reply_lseek(request->req, request->arrival.mode == LSEEK_DATA ? off : file->size);
}

static void answer_copy(struct request *request, int64_t bytes)
{
	const struct file *from = files_find(request->arrival.ino);
	struct file *to = files_find(request->arrival.to_ino);
	uint64_t off = request->arrival.off, to_off = request->arrival.to_off, len = 0;

	if (!from || !to) {
		fuse_reply_err(request->req, EINVAL);
		return;
	}
	if (off < from->size)
		len = least(request->arrival.len, from->size - off);
	if (bytes != ANY)
		len = least(len, bytes);
	if (files_room(to, to_off + len)) {
		fuse_reply_err(request->req, EFBIG);
		return;
	}
	memmove(to->bytes + to_off, from->bytes + off, len);
	if (to_off + len > to->size)
		to->size = to_off + len;
	fuse_reply_write(request->req, claimed(len, bytes));
}

void answers_give(struct request *request, int error, int64_t bytes)
{
	if (error) {
		fuse_reply_err(request->req, error);
		request_free(request);
		return;
	}
	switch (request->arrival.opcode) {
	case FUSE_LOOKUP:
		answer_lookup(request, (const char *)request->data);
		break;
	case FUSE_GETATTR:
	case FUSE_SETATTR:
		answer_attr(request);
		break;
	case FUSE_OPEN:
	case FUSE_OPENDIR:
		answer_open(request);
		break;
	case FUSE_CREATE:
		answer_create(request, (const char *)request->data);
		break;
	case FUSE_FALLOCATE:
		answer_fallocate(request);
		break;
	case FUSE_LSEEK:
		answer_lseek(request);
		break;
	case FUSE_COPY_FILE_RANGE:
		answer_copy(request, bytes);
		break;
	case FUSE_READ:
		answer_read(request, bytes);
		break;
	case FUSE_READDIR:
		answer_readdir(request);
		break;
	case FUSE_WRITE:
		answer_write(request, bytes);
		break;
	default:
		fuse_reply_err(request->req, 0);
	}
	request_free(request);
}
