// SPDX-License-Identifier: GPL-2.0-only
/* What libfuse calls for each request: it is taken as it came, and held or answered; see answers.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "answers.h"
#include "delays.h"
#include "trace.h"

/* The flags of the OPEN that is being taken. */
static int open_flags;

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
	if (!backlog_keep(request) && !delays_keep(fuse_req_userdata(req), request))
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
