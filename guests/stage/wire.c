// SPDX-License-Identifier: GPL-2.0-only
/* Reads and writes /dev/fuse for libfuse, and traces it; see wire.h. Layouts are those of include/uapi/linux/fuse.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/fuse.h>

#include "fuse-abi.h"
#include "trace.h"
#include "wire.h"

static struct world *world;
static struct arrival current;

static const char *const names[] = {
	[FUSE_LOOKUP] = "LOOKUP", [FUSE_FORGET] = "FORGET", [FUSE_GETATTR] = "GETATTR", [FUSE_SETATTR] = "SETATTR",
	[FUSE_OPEN] = "OPEN", [FUSE_READ] = "READ", [FUSE_WRITE] = "WRITE", [FUSE_STATFS] = "STATFS",
	[FUSE_RELEASE] = "RELEASE", [FUSE_FSYNC] = "FSYNC", [FUSE_FLUSH] = "FLUSH", [FUSE_INIT] = "INIT",
	[FUSE_OPENDIR] = "OPENDIR", [FUSE_READDIR] = "READDIR", [FUSE_RELEASEDIR] = "RELEASEDIR",
	[FUSE_ACCESS] = "ACCESS", [FUSE_CREATE] = "CREATE", [FUSE_INTERRUPT] = "INTERRUPT", [FUSE_DESTROY] = "DESTROY",
	[FUSE_BATCH_FORGET] = "BATCH_FORGET", [FUSE_FALLOCATE] = "FALLOCATE", [FUSE_LSEEK] = "LSEEK",
	[FUSE_COPY_FILE_RANGE] = "COPY_FILE_RANGE", [FUSE_GETXATTR] = "GETXATTR", [FUSE_SETXATTR] = "SETXATTR",
	[FUSE_IOCTL] = "IOCTL", [FUSE_POLL] = "POLL", [FUSE_UNLINK] = "UNLINK", [FUSE_RENAME2] = "RENAME2",
	[FUSE_SYNCFS] = "SYNCFS", [FUSE_TMPFILE] = "TMPFILE", [FUSE_READDIRPLUS] = "READDIRPLUS",
};

static void line_op(struct line *line, uint32_t opcode)
{
	char number[16];

	if (opcode < sizeof(names) / sizeof(names[0]) && names[opcode]) {
		line_text(line, "op", names[opcode]);
		return;
	}
	snprintf(number, sizeof(number), "%u", opcode);
	line_text(line, "op", number);
}

static void trace_init(struct line *line, const struct fuse_init_in *init)
{
	char flags[24];

	snprintf(flags, sizeof(flags), "0x%llx",
		 (unsigned long long)init->flags | (init->flags & FUSE_INIT_EXT ? (unsigned long long)init->flags2 << 32 : 0));
	line_number(line, "minor", init->minor);
	line_text(line, "offered", flags);
}

static void trace_io(struct line *line, const void *body)
{
	if (current.opcode == FUSE_READ || current.opcode == FUSE_WRITE || current.opcode == FUSE_READDIR) {
		const struct fuse_read_in *io = body;

		current.fh = io->fh;
		current.off = io->offset;
		current.len = io->size;
		line_number(line, "fh", current.fh);
		line_number(line, "off", current.off);
		line_number(line, "len", current.len);
	}
	if (current.opcode == FUSE_WRITE) {
		const struct fuse_write_in *write_in = body;

		line_number(line, "cached", !!(write_in->write_flags & FUSE_WRITE_CACHE));
		/* The kernel wants setuid and setgid dropped, which is not for actors with CAP_FSETID, as all are. */
		if (write_in->write_flags & FUSE_WRITE_KILL_SUIDGID)
			line_number(line, "kill", 1);
		line_data(line, "data", (const unsigned char *)(write_in + 1), write_in->size);
	}
	if (current.opcode == FUSE_RELEASE || current.opcode == FUSE_FLUSH || current.opcode == FUSE_FSYNC) {
		/* All three begin with the handle. */
		current.fh = *(const uint64_t *)body;
		line_number(line, "fh", current.fh);
	}
}

static void trace_attributes(struct line *line, const void *body)
{
	if (current.opcode == FUSE_SETATTR) {
		const struct fuse_setattr_in *attr = body;

		if (attr->valid & FATTR_FH) {
			current.fh = attr->fh;
			line_number(line, "fh", attr->fh);
		}
		if (attr->valid & FATTR_SIZE)
			line_number(line, "size", attr->size);
	} else if (current.opcode == FUSE_OPEN || current.opcode == FUSE_OPENDIR) {
		line_number(line, "pflags", ((const struct fuse_open_in *)body)->flags);
	} else if (current.opcode == FUSE_CREATE) {
		line_number(line, "pflags", ((const struct fuse_create_in *)body)->flags);
	}
}

static void trace_space(struct line *line, const void *body)
{
	if (current.opcode == FUSE_FALLOCATE) {
		const struct fuse_fallocate_in *in = body;

		current.fh = in->fh;
		current.off = in->offset;
		current.len = in->length;
		current.mode = in->mode;
	} else if (current.opcode == FUSE_LSEEK) {
		const struct fuse_lseek_in *in = body;

		current.fh = in->fh;
		current.off = in->offset;
		current.mode = in->whence;
	} else if (current.opcode == FUSE_COPY_FILE_RANGE) {
		const struct fuse_copy_file_range_in *in = body;

		current.fh = in->fh_in;
		current.off = in->off_in;
		current.len = in->len;
		current.to_ino = in->nodeid_out;
		current.to_off = in->off_out;
	} else {
		return;
	}
	line_number(line, "fh", current.fh);
	line_number(line, "off", current.off);
	line_number(line, "len", current.len);
}

static void trace_arrival(const struct fuse_in_header *header)
{
	struct line line;

	current = (struct arrival){
		.unique = header->unique, .opcode = header->opcode, .ino = header->nodeid,
		.by = header->pid ? world_actor_of(world, header->pid) : ANY,
	};
	line_begin(&line, "arrive");
	line_number(&line, "req", header->unique);
	line_op(&line, header->opcode);
	line_actor(&line, "by", current.by);
	line_number(&line, "ino", header->nodeid);
	if (header->opcode == FUSE_INIT)
		trace_init(&line, (const struct fuse_init_in *)(header + 1));
	trace_io(&line, header + 1);
	trace_attributes(&line, header + 1);
	trace_space(&line, header + 1);
	line_end(&line);
}

static ssize_t read_request(int fd, void *buffer, size_t len, void *user)
{
	ssize_t got = read(fd, buffer, len);

	(void)user;
	if (got >= (ssize_t)sizeof(struct fuse_in_header))
		trace_arrival(buffer);
	return got;
}

/* Only what the scene asks for, of what the kernel offers, with what every modern server has. */
static void patch_init(struct fuse_init_out *init, struct line *line)
{
	uint64_t always = FUSE_MAX_PAGES | FUSE_BIG_WRITES | (world->program.short_init ? 0 : FUSE_INIT_EXT);
	uint64_t flags = world->program.init_flags | always;
	char text[24];

	init->flags = (uint32_t)flags;
	init->flags2 = flags >> 32;
	init->max_pages = world->program.max_pages;
	init->max_readahead = 0;
	/* max_stack_depth, which passthrough needs (fs/fuse/inode.c, process_init_reply()). */
	init->unused[0] = flags & ABI_PASSTHROUGH ? world->program.stack_depth : 0;
	snprintf(text, sizeof(text), "0x%llx", (unsigned long long)flags);
	line_text(line, "flags", text);
}

static ssize_t write_reply(int fd, struct iovec *iov, int count, void *user)
{
	const struct fuse_out_header *header = iov[0].iov_base;
	struct line line;
	ssize_t done;

	(void)user;
	/* What the server says unasked answers nothing. */
	if (!header->unique)
		return writev(fd, iov, count);
	line_begin(&line, "reply");
	line_number(&line, "req", header->unique);
	if (header->error)
		line_text(&line, "error", strerrorname_np(-header->error) ?: "?");
	if (current.opcode == FUSE_INIT && header->unique == current.unique && !header->error && count > 1)
		patch_init(iov[1].iov_base, &line);
	line_end(&line);
	done = writev(fd, iov, count);
	if (done < 0) {
		int error = errno;

		line_begin(&line, "unanswered");
		line_number(&line, "req", header->unique);
		line_text(&line, "error", strerrorname_np(error) ?: "?");
		line_end(&line);
		errno = error;
	}
	return done;
}

int wire_open(struct fuse_session *session, int fd, struct world *shared)
{
	static const struct fuse_custom_io io = { .read = read_request, .writev = write_reply };

	world = shared;
	return fuse_session_custom_io(session, &io, sizeof(io), fd);
}

int wire_invalidate(struct fuse_session *session, const struct step *step)
{
	return fuse_lowlevel_notify_inval_inode(session, step->match.ino, step->match.off, step->match.len);
}

const struct arrival *wire_arrival(void)
{
	return &current;
}
