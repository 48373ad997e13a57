// SPDX-License-Identifier: GPL-2.0-only
/*
 * The server's files and answers; see answers.h. Data written is stored when the WRITE is answered, not when it arrives, so
 * that a held WRITE has not happened yet. Times stay 0 and names stay valid for a day: no GETATTR comes that no scene asked for.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <linux/fuse.h>

#include "answers.h"
#include "trace.h"

#define VALID_SECONDS 86400.0

struct file {
	const struct file_plan *plan;
	unsigned char *bytes;
	uint64_t size;
	uint32_t open_flags;
};

static struct file files[MAX_FILES];
static int n_files;
static uint64_t last_fh;

int answers_prepare(const struct program *program)
{
	int i;

	for (i = 0; i < program->n_files; i++) {
		const struct file_plan *plan = &program->files[i];

		files[i] = (struct file){ plan, calloc(1, MAX_FILE_BYTES), plan->size, plan->open_flags };
		if (!files[i].bytes)
			return -ENOMEM;
		memset(files[i].bytes, plan->fill, plan->size);
	}
	n_files = program->n_files;
	return 0;
}

static struct file *file_of(uint64_t ino)
{
	int i;

	for (i = 0; i < n_files; i++)
		if (files[i].plan->ino == ino)
			return &files[i];
	return NULL;
}

void answers_open_flags(uint64_t ino, uint32_t flags)
{
	struct file *file = file_of(ino);

	if (file)
		file->open_flags = flags;
}

static void resize(struct file *file, uint64_t size)
{
	if (size < file->size)
		memset(file->bytes + size, 0, file->size - size);
	file->size = size;
}

void answers_size(uint64_t ino, uint64_t size)
{
	struct file *file = file_of(ino);

	if (file)
		resize(file, size);
}

static struct stat stat_of(uint64_t ino, const struct file *file)
{
	struct stat stat = { .st_ino = ino, .st_nlink = 1, .st_blksize = 4096 };

	stat.st_mode = file ? S_IFREG | 0666 : S_IFDIR | 0755;
	stat.st_size = file ? file->size : 0;
	return stat;
}

static void answer_lookup(struct request *request, const char *name)
{
	struct fuse_entry_param entry = { .attr_timeout = VALID_SECONDS, .entry_timeout = VALID_SECONDS, .generation = 1 };
	int i;

	for (i = 0; i < n_files; i++)
		if (request->arrival.ino == FUSE_ROOT_ID && !strcmp(files[i].plan->name, name))
			break;
	if (i == n_files) {
		fuse_reply_err(request->req, ENOENT);
		return;
	}
	entry.ino = files[i].plan->ino;
	entry.attr = stat_of(entry.ino, &files[i]);
	fuse_reply_entry(request->req, &entry);
}

static void answer_attr(struct request *request)
{
	struct file *file = file_of(request->arrival.ino);
	struct stat stat;

	if (file && request->new_size >= 0) {
		if (request->new_size > MAX_FILE_BYTES) {
			fuse_reply_err(request->req, EFBIG);
			return;
		}
		resize(file, request->new_size);
	}
	stat = stat_of(request->arrival.ino, file);
	fuse_reply_attr(request->req, &stat, VALID_SECONDS);
}

/* Sent by hand, since libfuse composes the flags of its own open reply from the bits it knows. */
static void answer_open(struct request *request)
{
	struct file *file = file_of(request->arrival.ino);
	struct fuse_open_out open = { .fh = ++last_fh, .open_flags = file ? file->open_flags : 0 };
	struct line line;

	line_begin(&line, "opened");
	line_number(&line, "req", request->arrival.unique);
	line_actor(&line, "by", request->arrival.by);
	line_number(&line, "ino", request->arrival.ino);
	line_number(&line, "fh", open.fh);
	line_number(&line, "flags", open.open_flags);
	line_end(&line);
	fuse_reply_buf(request->req, (const char *)&open, sizeof(open));
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void answer_read(struct request *request, int64_t bytes)
{
	const struct file *file = file_of(request->arrival.ino);
	uint64_t off = request->arrival.off, len = 0;

	if (file && off < file->size)
		len = least(request->arrival.len, file->size - off);
	if (bytes != ANY)
		len = least(len, bytes);
	fuse_reply_buf(request->req, file ? (const char *)file->bytes + off : NULL, len);
}

static void answer_readdir(struct request *request)
{
	char entries[MAX_FILES * (NAME_BYTES + 64)];
	size_t room = least(sizeof(entries), request->arrival.len), len = 0;
	int i;

	for (i = request->arrival.off; i >= 0 && i < n_files; i++) {
		struct stat stat = stat_of(files[i].plan->ino, &files[i]);
		size_t needed = fuse_add_direntry(request->req, entries + len, room - len, files[i].plan->name, &stat, i + 1);

		if (needed > room - len)
			break;
		len += needed;
	}
	fuse_reply_buf(request->req, entries, len);
}

static void answer_write(struct request *request, int64_t bytes)
{
	struct file *file = file_of(request->arrival.ino);
	uint64_t off = request->arrival.off, len = request->arrival.len;

	if (!file || off > MAX_FILE_BYTES || len > MAX_FILE_BYTES - off) {
		fuse_reply_err(request->req, EFBIG);
		return;
	}
	if (bytes != ANY)
		len = least(len, bytes);
	memcpy(file->bytes + off, request->data, len);
	if (off + len > file->size)
		file->size = off + len;
	fuse_reply_write(request->req, len);
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

static void take(fuse_req_t req, const void *data, size_t len, int64_t new_size)
{
	struct request *request = calloc(1, sizeof(*request));

	if (request && len) {
		request->data = malloc(len);
		if (!request->data) {
			free(request);
			request = NULL;
		}
	}
	if (!request) {
		trace_trouble("memory for a request", ENOMEM);
		fuse_reply_err(req, ENOMEM);
		return;
	}
	if (len)
		memcpy(request->data, data, len);
	request->arrival = *wire_arrival();
	request->req = req;
	request->new_size = new_size;
	if (!backlog_keep(request))
		answers_give(request, 0, ANY);
}

static void on_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	(void)parent;
	take(req, name, strlen(name) + 1, -1);
}

static void on_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino, (void)fi;
	take(req, NULL, 0, -1);
}

static void on_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attr, int to_set, struct fuse_file_info *fi)
{
	(void)ino, (void)fi;
	take(req, NULL, 0, to_set & FUSE_SET_ATTR_SIZE ? attr->st_size : -1);
}

static void on_handle(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino, (void)fi;
	take(req, NULL, 0, -1);
}

static void on_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off, struct fuse_file_info *fi)
{
	(void)ino, (void)size, (void)off, (void)fi;
	take(req, NULL, 0, -1);
}

static void on_write(fuse_req_t req, fuse_ino_t ino, const char *buf, size_t size, off_t off, struct fuse_file_info *fi)
{
	(void)ino, (void)off, (void)fi;
	take(req, buf, size, -1);
}

static void on_fsync(fuse_req_t req, fuse_ino_t ino, int datasync, struct fuse_file_info *fi)
{
	(void)ino, (void)datasync, (void)fi;
	take(req, NULL, 0, -1);
}

const struct fuse_lowlevel_ops answers_ops = {
	.lookup = on_lookup, .getattr = on_getattr, .setattr = on_setattr, .open = on_handle, .read = on_read,
	.write = on_write, .flush = on_handle, .release = on_handle, .fsync = on_fsync, .opendir = on_handle,
	.readdir = on_read, .releasedir = on_handle,
};
