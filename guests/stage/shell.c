// SPDX-License-Identifier: GPL-2.0-only
/*
 * Logins over /dev/vport*: dropbear in inetd mode speaks ssh on its standard input and output, which are the port. The host waits
 * for the `listening` line of the trace before it speaks, since what it says earlier is lost.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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

static void serve_one(int fd)
{
	char *argv[] = { "/bin/dropbear", "-i", "-R", "-E", "-s", "-j", "-k", NULL };
	pid_t pid = fork();

	if (!pid) {
		int log = open("/dev/console", O_WRONLY);

		dup2(fd, 0);
		dup2(fd, 1);
		if (log >= 0)
			dup2(log, 2);
		execv(argv[0], argv);
		_exit(127);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
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
	serve_one(fd);
	ports_exit(0);
}
