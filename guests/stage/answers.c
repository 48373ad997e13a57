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
#include "fuse-abi.h"
#include "trace.h"

#define VALID_SECONDS 86400.0
#define ROOM_STEP 65536u
/* SEEK_DATA of lseek(2), which unistd.h may keep for itself. */
#define LSEEK_DATA 3

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

static struct file files[MAX_FILES];
static int n_files;
static uint64_t last_fh;
/* The flags of the OPEN that is being taken. */
static int open_flags;

/* Files grow when something is written, so that many small ones find room in the guest. */
static int make_room(struct file *file, uint64_t size)
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

int answers_prepare(const struct program *program)
{
	int i, error;

	for (i = 0; i < program->n_files; i++) {
		const struct file_plan *plan = &program->files[i];

		files[i] = (struct file){ .plan = plan, .size = plan->size, .open_flags = plan->open_flags, .exists = !plan->absent };
		error = make_room(&files[i], plan->size);
		if (error)
			return error;
		if (plan->size)
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

void answers_open_flags(uint64_t ino, uint32_t flags, int32_t backing_id)
{
	struct file *file = file_of(ino);

	if (!file)
		return;
	file->open_flags = flags;
	file->backing_id = backing_id;
}

static int resize(struct file *file, uint64_t size)
{
	int error = make_room(file, size);

	if (error)
		return error;
	if (size < file->size)
		memset(file->bytes + size, 0, file->size - size);
	file->size = size;
	return 0;
}

void answers_change(uint64_t ino, uint64_t off, uint64_t len, int fill)
{
	struct file *file = file_of(ino);

	if (file && off < file->size)
		memset(file->bytes + off, fill, len < file->size - off ? len : file->size - off);
}

size_t answers_content(uint64_t ino, void *bytes, size_t len, uint64_t off)
{
	struct file *file = file_of(ino);

	if (!file || off >= file->size)
		return 0;
	if (len > file->size - off)
		len = file->size - off;
	memcpy(bytes, file->bytes + off, len);
	return len;
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

	stat.st_mode = file && !file->plan->directory ? S_IFREG | 0666 : S_IFDIR | 0755;
	stat.st_size = file ? file->size : 0;
	return stat;
}

static void answer_lookup(struct request *request, const char *name)
{
	struct fuse_entry_param entry = { .attr_timeout = VALID_SECONDS, .entry_timeout = VALID_SECONDS, .generation = 1 };
	int i;

	for (i = 0; i < n_files; i++)
		if (request->arrival.ino == FUSE_ROOT_ID && files[i].exists && !strcmp(files[i].plan->name, name))
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
		int error = resize(file, request->new_size);

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
	struct file *file = file_of(request->arrival.ino);
	struct abi_open_out open;

	/* The kernel sends O_TRUNC only where FUSE_ATOMIC_O_TRUNC was negotiated. */
	if (file && request->arrival.opcode == FUSE_OPEN && request->open_flags & O_TRUNC)
		resize(file, 0);
	open = open_file(request, file);
	fuse_reply_buf(request->req, (const char *)&open, sizeof(open));
}

static void answer_create(struct request *request, const char *name)
{
	struct {
		struct fuse_entry_out entry;
		struct abi_open_out open;
	} out = { 0 };
	struct file *file = NULL;
	int i;

	for (i = 0; i < n_files; i++)
		if (!strcmp(files[i].plan->name, name))
			file = &files[i];
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
	static char entries[MAX_FILES * (NAME_BYTES + 64)];
	size_t room = least(sizeof(entries), request->arrival.len), len = 0;
	int i;

	/* Only the root has anything in it. */
	for (i = request->arrival.off; request->arrival.ino == FUSE_ROOT_ID && i >= 0 && i < n_files; i++) {
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

	if (bytes != ANY)
		len = least(len, bytes);
	if (!file || off > MAX_FILE_BYTES || len > MAX_FILE_BYTES - off || make_room(file, off + len)) {
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
	struct file *file = file_of(request->arrival.ino);
	uint64_t off = request->arrival.off, end = off + request->arrival.len;

	if (!file || make_room(file, end)) {
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
	const struct file *file = file_of(request->arrival.ino);
	uint64_t off = request->arrival.off;

	if (!file || off >= file->size)
		fuse_reply_err(request->req, ENXIO);
	else
		fuse_reply_lseek(request->req, request->arrival.mode == LSEEK_DATA ? off : file->size);
}

static void answer_copy(struct request *request, int64_t bytes)
{
	const struct file *from = file_of(request->arrival.ino);
	struct file *to = file_of(request->arrival.to_ino);
	uint64_t off = request->arrival.off, to_off = request->arrival.to_off, len = 0;

	if (!from || !to) {
		fuse_reply_err(request->req, EINVAL);
		return;
	}
	if (off < from->size)
		len = least(request->arrival.len, from->size - off);
	if (bytes != ANY)
		len = least(len, bytes);
	if (make_room(to, to_off + len)) {
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
	request->open_flags = open_flags;
	open_flags = 0;
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

static void on_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	open_flags = fi->flags;
	take(req, NULL, 0, -1);
}

static void on_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, struct fuse_file_info *fi)
{
	(void)parent, (void)mode, (void)fi;
	take(req, name, strlen(name) + 1, -1);
}

static void on_fallocate(fuse_req_t req, fuse_ino_t ino, int mode, off_t off, off_t len, struct fuse_file_info *fi)
{
	(void)ino, (void)mode, (void)off, (void)len, (void)fi;
	take(req, NULL, 0, -1);
}

static void on_lseek(fuse_req_t req, fuse_ino_t ino, off_t off, int whence, struct fuse_file_info *fi)
{
	(void)ino, (void)off, (void)whence, (void)fi;
	take(req, NULL, 0, -1);
}

static void on_copy(fuse_req_t req, fuse_ino_t from, off_t off, struct fuse_file_info *fi, fuse_ino_t to, off_t to_off,
		    struct fuse_file_info *to_fi, size_t len, int flags)
{
	(void)from, (void)off, (void)fi, (void)to, (void)to_off, (void)to_fi, (void)len, (void)flags;
	take(req, NULL, 0, -1);
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
	.lookup = on_lookup, .getattr = on_getattr, .setattr = on_setattr, .open = on_open, .read = on_read,
	.write = on_write, .flush = on_handle, .release = on_handle, .fsync = on_fsync, .opendir = on_handle,
	.readdir = on_read, .releasedir = on_handle, .create = on_create, .fallocate = on_fallocate, .lseek = on_lseek,
	.copy_file_range = on_copy,
};
