// SPDX-License-Identifier: GPL-2.0-only
/* libfuse's loop on a file system that is mounted already; see session.h. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "boot.h"
#include "connection.h"
#include "session.h"

#define LOOKS		5000
#define LOOK_USEC	2000

static ssize_t read_request(int fd, void *buffer, size_t len, void *user)
{
	(void)user;
	return read(fd, buffer, len);
}

static ssize_t write_reply(int fd, struct iovec *iov, int count, void *user)
{
	(void)user;
	return writev(fd, iov, count);
}

static void __attribute__((noreturn)) serve(const struct fuse_lowlevel_ops *operations, unsigned int threads, int fuse_fd)
{
	static const struct fuse_custom_io io = { .read = read_request, .writev = write_reply };
	struct fuse_loop_config *config = fuse_loop_cfg_create();
	char *argv[] = { "server", NULL };
	struct fuse_args args = FUSE_ARGS_INIT(1, argv);
	struct fuse_session *session = fuse_session_new(&args, operations, sizeof(*operations), NULL);
	int error;

	prctl(PR_SET_NAME, "server");
	if (!session || !config || fuse_session_custom_io(session, &io, sizeof(io), fuse_fd))
		_exit(1);
	fuse_loop_cfg_set_max_threads(config, threads);
	fuse_loop_cfg_set_idle_threads(config, threads);
	error = fuse_session_loop_mt(session, config);
	_exit(error ? 1 : 0);
}

pid_t session_start(const struct fuse_lowlevel_ops *operations, unsigned int threads)
{
	int fuse_fd = open("/dev/fuse", O_RDWR | O_CLOEXEC), error;
	pid_t pid;

	if (fuse_fd < 0)
		return -errno;
	error = connection_mount(fuse_fd);
	pid = error ? error : fork();
	if (!pid)
		serve(operations, threads, fuse_fd);
	if (pid < 0 && !error)
		pid = -errno;
	close(fuse_fd);
	return pid;
}

void session_await(const atomic_bool *served)
{
	int looks;

	for (looks = 0; !atomic_load(served); looks++) {
		if (looks == LOOKS)
			boot_give_up("the server", ETIMEDOUT);
		usleep(LOOK_USEC);
	}
}
