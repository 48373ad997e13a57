// SPDX-License-Identifier: GPL-2.0-only
/* Backing files; see backing.h. They live in /tmp, which is a tmpfs, one file a slot. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backing.h"
#include "connection.h"
#include "files.h"
#include "fuse-abi.h"
#include "trace.h"
#include "world.h"

/* An fd that is never open. */
#define CLOSED_FD 1000

#define NOBODY 65534

static struct backing {
	bool made;
	int fd;
	int32_t id;
} backings[MAX_BACKINGS];

static int fill_file(int fd, uint64_t size, int fill)
{
	char *bytes = malloc(size ?: 1);
	int error = 0;

	if (!bytes)
		return -ENOMEM;
	memset(bytes, fill, size);
	if (write(fd, bytes, size) != (ssize_t)size)
		error = -EIO;
	free(bytes);
	return error;
}

/*
 * The server cannot answer itself: the name must be cached, and O_PATH asks for no OPEN. fget_raw() in fuse_backing_open() takes such an fd
 * (6.12); what it may not take is the file system's depth.
 */
static int mounted_file(const struct step *step)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_CACHED };
	char path[sizeof(MOUNT_POINT) + NAME_BYTES + 1];
	const struct file *file = files_find(step->match.ino);

	snprintf(path, sizeof(path), MOUNT_POINT "/%s", file ? file->plan->name : "no-such-file");
	return syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
}

static int make_file(const struct step *step)
{
	char path[32];
	int fd;

	if (step->match.ino != ANY)
		return mounted_file(step);
	if (step->of == BACKING_CLOSED)
		return CLOSED_FD;
	if (step->of == BACKING_DIRECTORY)
		return open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (step->of == BACKING_DEVICE)
		return open("/dev/null", O_RDWR | O_CLOEXEC);
	snprintf(path, sizeof(path), "/tmp/backing-%d", step->slot);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd >= 0 && fill_file(fd, step->len, step->fill)) {
		close(fd);
		return -1;
	}
	return fd;
}

static void trace_backing(const struct step *step, int ret, int error)
{
	struct line line;

	line_begin(&line, "backing");
	line_number(&line, "step", step->number);
	line_number(&line, "ret", ret);
	if (ret < 0)
		line_text(&line, "errno", strerrorname_np(error) ?: "?");
	line_end(&line);
}

/* The errno that a child which is not root gets, or 0 when it got an id. */
static int open_as_nobody(int fuse_fd, struct abi_backing_map *map)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (setresuid(NOBODY, NOBODY, NOBODY))
			_exit(255);
		_exit(ioctl(fuse_fd, ABI_DEV_IOC_BACKING_OPEN, map) < 0 ? errno : 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return EIO;
	return WEXITSTATUS(status);
}

void backing_open(int fuse_fd, const struct step *step)
{
	struct backing *backing = &backings[step->slot];
	struct abi_backing_map map = { .fd = make_file(step), .flags = step->flags };
	int id, error;

	if (map.fd < 0) {
		trace_trouble("a backing file", errno);
		return;
	}
	if (step->nobody) {
		error = open_as_nobody(fuse_fd, &map);
		trace_backing(step, error ? -1 : 0, error);
		close(map.fd);
		return;
	}
	id = ioctl(fuse_fd, ABI_DEV_IOC_BACKING_OPEN, &map);
	*backing = (struct backing){ true, map.fd, id > 0 ? id : 0 };
	trace_backing(step, id, errno);
	if (step->match.ino != ANY) {
		/* It would hold the mount; what the kernel took is the kernel's. */
		close(map.fd);
		backing->made = false;
	}
}

void backing_close(int fuse_fd, const struct step *step)
{
	struct backing *backing = step->slot == ANY ? NULL : &backings[step->slot];
	uint32_t id = backing ? backing_id(step->slot) : step->backing_id;
	int ret = ioctl(fuse_fd, ABI_DEV_IOC_BACKING_CLOSE, &id);

	trace_backing(step, ret, errno);
	/* The number stays, so that a scene can open with an id that is no more. */
	if (!ret && backing)
		backing->id = -backing_id(step->slot);
}

int32_t backing_id(int slot)
{
	return abs(backings[slot].id);
}

size_t backing_read(int slot, void *bytes, size_t len, uint64_t off)
{
	ssize_t got = backings[slot].made ? pread(backings[slot].fd, bytes, len, off) : 0;

	return got > 0 ? got : 0;
}

void backing_end(int fuse_fd)
{
	int i;

	for (i = 0; i < MAX_BACKINGS; i++) {
		uint32_t id = backings[i].id;

		/* No connection is left to take it back from when that was aborted. */
		if (backings[i].id > 0)
			ioctl(fuse_fd, ABI_DEV_IOC_BACKING_CLOSE, &id);
		if (backings[i].made && backings[i].fd != CLOSED_FD)
			close(backings[i].fd);
	}
}
