// SPDX-License-Identifier: GPL-2.0-only
/*
 * Logins over /dev/vport*: dropbear in inetd mode speaks ssh on its standard input and output, which are the port. The host waits
 * for the `listening` line of the trace before it speaks, since what it says earlier is lost.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "connection.h"
#include "ports.h"
#include "shell.h"
#include "trace.h"

#define PORT		"/dev/vport0p1"
#define PORT_LOOKS	500
#define LOOK_USEC	10000

static void write_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		trace_trouble(path, errno);
	if (fd >= 0)
		close(fd);
}

static void run(char *const argv[])
{
	pid_t pid = fork();

	if (!pid) {
		execv(argv[0], argv);
		_exit(127);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

static void furnish(const char *key)
{
	char *install[] = { "/bin/busybox", "--install", "-s", "/bin", NULL };
	/* What dropbear has to say ends on the console, where the host finds it when a login fails. */
	char *syslogd[] = { "/bin/syslogd", "-O", "/dev/console", NULL };

	run(install);
	mkdir("/dev/pts", 0755);
	if (mount("diorama", "/dev/pts", "devpts", 0, NULL))
		trace_trouble("devpts", errno);
	mkdir("/etc", 0755);
	mkdir("/etc/dropbear", 0755);
	mkdir("/root", 0700);
	mkdir("/root/.ssh", 0700);
	write_file("/etc/passwd", "root::0:0:root:/root:/bin/sh\n", 0644);
	write_file("/etc/group", "root:x:0:\n", 0644);
	write_file("/etc/shells", "/bin/sh\n", 0644);
	write_file("/etc/profile", "export PATH=/bin PS1='diorama:\\w# '\n"
		   "echo \"$(uname -r); the server's files are in " MOUNT_POINT "; dmesg, /proc and /sys are there; ^D ends it\"\n", 0644);
	write_file("/root/.ssh/authorized_keys", key, 0600);
	run(syslogd);
}

static int open_port(void)
{
	int looks, fd = -1;

	for (looks = 0; looks < PORT_LOOKS && fd < 0; looks++) {
		fd = open(PORT, O_RDWR);
		if (fd < 0)
			usleep(LOOK_USEC);
	}
	return fd;
}

/* A port whose host side nobody has opened yet reads as ended (drivers/char/virtio_console.c, port_fops_read). */
static void await_host(int fd)
{
	struct pollfd port = { .fd = fd, .events = POLLIN };

	while (poll(&port, 1, -1) >= 0 && (port.revents & POLLHUP))
		usleep(LOOK_USEC);
}

static bool copy_some(int from, int to)
{
	char bytes[4096];
	ssize_t got = read(from, bytes, sizeof(bytes)), put, done;

	for (done = 0; done < got; done += put) {
		put = write(to, bytes + done, got - done);
		if (put <= 0)
			return false;
	}
	return got > 0;
}

/* dropbear asks for its peer's name, so it gets a socket, and the port's bytes are carried to and fro. */
static void serve_one(int port)
{
	char *argv[] = { "/bin/dropbear", "-i", "-R", "-s", "-j", "-k", NULL };
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) {
		trace_trouble("a socket pair", errno);
		return;
	}
	pid = fork();
	if (!pid) {
		dup2(pair[1], 0);
		dup2(pair[1], 1);
		close(pair[0]);
		execv(argv[0], argv);
		_exit(127);
	}
	close(pair[1]);
	for (;;) {
		struct pollfd fds[] = { { .fd = port, .events = POLLIN }, { .fd = pair[0], .events = POLLIN } };

		if (poll(fds, 2, -1) < 0 || (fds[0].revents & POLLHUP))
			break;
		if ((fds[0].revents & POLLIN) && !copy_some(port, pair[0]))
			break;
		if (fds[1].revents && !copy_some(pair[0], port))
			break;
	}
	if (pid > 0)
		waitpid(pid, NULL, WNOHANG);
}

void shell_serve(const char *key)
{
	struct line line;
	int fd;

	setenv("PATH", "/bin", 1);
	furnish(key);
	fd = open_port();
	if (fd < 0) {
		trace_trouble(PORT, errno);
		ports_exit(1);
	}
	line_begin(&line, "listening");
	line_end(&line);
	await_host(fd);
	serve_one(fd);
	ports_exit(0);
}
