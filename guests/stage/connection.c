// SPDX-License-Identifier: GPL-2.0-only
/* fusectl; see connection.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#include "connection.h"

int connection_watch(void)
{
	return mount("fusectl", CONNECTIONS, "fusectl", 0, NULL) ? -errno : 0;
}

static int write_one(const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), error = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, "1", 1) != 1)
		error = -errno;
	close(fd);
	return error;
}

int connection_abort(void)
{
	DIR *dir = opendir(CONNECTIONS);
	struct dirent *entry;
	int error = -ENOENT;

	if (!dir)
		return -errno;
	while ((entry = readdir(dir)) != NULL) {
		char path[sizeof(CONNECTIONS) + sizeof(entry->d_name) + 8];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), CONNECTIONS "/%s/abort", entry->d_name);
		error = write_one(path);
	}
	closedir(dir);
	return error;
}

int connection_unwatch(void)
{
	return umount2(CONNECTIONS, 0) ? -errno : 0;
}
