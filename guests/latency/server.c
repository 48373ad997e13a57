// SPDX-License-Identifier: GPL-2.0-only
/* The server; see server.h. Nobody holds what is read against what was written here, so a read may see half of a write. */
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fuse_lowlevel.h>

#include "arena.h"
#include "server.h"
#include "session.h"

#define VALID_SECONDS	86400.0
#define FILE_INO	2
#define MOST_THREADS	16

static char contents[FILE_BYTES];

static struct stat stat_of(fuse_ino_t ino)
{
	struct stat stat = { .st_ino = ino, .st_nlink = 1, .st_blksize = IO_BYTES, .st_mode = S_IFDIR | 0755 };

	if (ino == FILE_INO) {
		stat.st_mode = S_IFREG | 0666;
		stat.st_size = FILE_BYTES;
	}
	return stat;
}

static void keep_a_while(void)
{
	unsigned int usec = arena->delay_usec;
	static _Thread_local bool exact;

	if (!exact)
		prctl(PR_SET_TIMERSLACK, 1);
	exact = true;
	if (usec)
		usleep(usec);
}

static void on_init(void *user, struct fuse_conn_info *conn)
{
	(void)user;
	conn->no_interrupt = 1;
	arena->can_map = fuse_set_feature_flag(conn, FUSE_CAP_DIRECT_IO_ALLOW_MMAP);
	arena->served = true;
}

static void on_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param entry = { .ino = FILE_INO, .generation = 1, .attr_timeout = VALID_SECONDS, .entry_timeout = VALID_SECONDS };

	if (parent != FUSE_ROOT_ID || strcmp(name, "file")) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	entry.attr = stat_of(FILE_INO);
	fuse_reply_entry(req, &entry);
}

static void on_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *info)
{
	struct stat stat = stat_of(ino);

	(void)info;
	fuse_reply_attr(req, &stat, VALID_SECONDS);
}

static void on_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *info)
{
	(void)ino;
	info->direct_io = 1;
	info->parallel_direct_writes = 1;
	fuse_reply_open(req, info);
}

static void on_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off, struct fuse_file_info *info)
{
	(void)ino;
	(void)info;
	keep_a_while();
	if ((uint64_t)off >= FILE_BYTES)
		size = 0;
	else if (size > FILE_BYTES - (uint64_t)off)
		size = FILE_BYTES - off;
	fuse_reply_buf(req, contents + off, size);
}

static void on_write(fuse_req_t req, fuse_ino_t ino, const char *data, size_t size, off_t off, struct fuse_file_info *info)
{
	(void)ino;
	(void)info;
	keep_a_while();
	if (off + size > FILE_BYTES) {
		fuse_reply_err(req, EFBIG);
		return;
	}
	memcpy(contents + off, data, size);
	fuse_reply_write(req, size);
}

static void answer_ok(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *info)
{
	(void)ino;
	(void)info;
	fuse_reply_err(req, 0);
}

static void on_fsync(fuse_req_t req, fuse_ino_t ino, int data_only, struct fuse_file_info *info)
{
	(void)data_only;
	answer_ok(req, ino, info);
}

static const struct fuse_lowlevel_ops operations = {
	.init = on_init, .lookup = on_lookup, .getattr = on_getattr, .open = on_open, .read = on_read, .write = on_write, .flush = answer_ok,
	.release = answer_ok, .fsync = on_fsync,
};

pid_t server_start(void)
{
	return session_start(&operations, MOST_THREADS);
}
