/* SPDX-License-Identifier: GPL-2.0-only */
/* The one FUSE connection of the guest, seen through fusectl (Documentation/filesystems/fuse.rst). */
#ifndef DIORAMA_CONNECTION_H
#define DIORAMA_CONNECTION_H

#define MOUNT_POINT "/mnt"

/* Is there once the kernel has FUSE. */
#define CONNECTIONS "/sys/fs/fuse/connections"

/* Mounts fusectl, once fuse.ko is in the kernel. Returns 0 or -errno. */
int connection_watch(void);

/* Mounts the file system whose server has /dev/fuse open as `fuse_fd`. Returns 0 or -errno. */
int connection_mount(int fuse_fd);

/* Aborts the connection. Returns 0 or -errno. */
int connection_abort(void);

/* Unmounts fusectl, without which fuse.ko cannot be removed. Returns 0 or -errno. */
int connection_unwatch(void);

#endif
