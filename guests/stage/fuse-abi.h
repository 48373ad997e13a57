/* SPDX-License-Identifier: GPL-2.0-only */
/* What the machine's <linux/fuse.h> may be too old to have: passthrough (include/uapi/linux/fuse.h, 7.40, Linux 6.9). */
#ifndef DIORAMA_FUSE_ABI_H
#define DIORAMA_FUSE_ABI_H

#include <stdint.h>
#include <sys/ioctl.h>

#define ABI_PASSTHROUGH (1ULL << 37)

/* struct fuse_open_out, whose last word was padding before. */
struct abi_open_out {
	uint64_t fh;
	uint32_t open_flags;
	int32_t backing_id;
};

/* struct fuse_backing_map */
struct abi_backing_map {
	int32_t fd;
	uint32_t flags;
	uint64_t padding;
};

/* FUSE_DEV_IOC_BACKING_OPEN and _CLOSE */
#define ABI_DEV_IOC_BACKING_OPEN	_IOW(229, 1, struct abi_backing_map)
#define ABI_DEV_IOC_BACKING_CLOSE	_IOW(229, 2, uint32_t)

#endif
