// SPDX-License-Identifier: GPL-2.0-only
/* fusectl; see connection.h. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "connection.h"
#include "write-text.h"

int connection_watch(void)
{
	return mount("fusectl", CONNECTIONS, "fusectl", 0, NULL) ? -errno : 0;
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
		error = write_text(path, "1");
	}
	closedir(dir);
	return error;
}

int connection_mount(int fuse_fd)
{
	char options[96];

	snprintf(options, sizeof(options), "fd=%d,rootmode=40755,user_id=0,group_id=0,allow_other", fuse_fd);
	if (mkdir(MOUNT_POINT, 0755) && errno != EEXIST)
		return -errno;
	return mount("diorama", MOUNT_POINT, "fuse", 0, options) ? -errno : 0;
}

int connection_unwatch(void)
{
	return umount2(CONNECTIONS, 0) ? -errno : 0;
}
