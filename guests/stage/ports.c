// SPDX-License-Identifier: GPL-2.0-only
/* The io ports that join the stage and the host; see ports.h. The numbers are those of harness/guest/qemu-args.ts. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ports.h"

#define PORT_TRACE	0x402
#define PORT_EXIT	0x4f4
#define PORT_PAUSE	0x505
#define PORT_FW_SELECT	0x510
#define PORT_FW_DATA	0x511
#define PORT_FW_DMA	0x514
#define PORT_FIRST	PORT_TRACE
#define PORT_LAST	(PORT_FW_DMA + 7)

/* FWCfgDmaAccess.control (docs/specs/fw_cfg in QEMU), beside the selector in its upper half. */
#define DMA_READ	(1u << 1)
#define DMA_SELECT	(1u << 3)

/* /proc/PID/pagemap: an entry a page (Documentation/admin-guide/mm/pagemap.rst). */
#define PAGEMAP_PRESENT	(1ull << 63)
#define PAGEMAP_FRAME	((1ull << 55) - 1)
#define PAGE_BYTES	4096ull

#define FW_DIRECTORY	0x19
#define FW_NAME_BYTES	56
#define PANICKED	1

struct fw_entry {
	uint32_t size_be;
	uint16_t select_be;
	uint16_t reserved;
	char name[FW_NAME_BYTES];
};

/* glibc's insb() does not tell the compiler that it writes memory. */
static void read_port(unsigned short port, void *to, size_t len)
{
	__asm__ volatile("rep insb" : "+D"(to), "+c"(len) : "d"(port) : "memory");
}

struct fw_access {
	uint32_t control_be, length_be;
	uint64_t address_be;
};

/* Where a page that is in memory is for QEMU, or 0. */
static uint64_t physical(int pagemap, const volatile void *at)
{
	uint64_t entry;

	if (pread(pagemap, &entry, sizeof(entry), (uintptr_t)at / PAGE_BYTES * sizeof(entry)) != sizeof(entry) || !(entry & PAGEMAP_PRESENT))
		return 0;
	return (entry & PAGEMAP_FRAME) * PAGE_BYTES + (uintptr_t)at % PAGE_BYTES;
}

static bool read_piece(int pagemap, uint32_t control, void *to, uint32_t len)
{
	static volatile struct fw_access access __attribute__((aligned(sizeof(struct fw_access))));
	uint64_t target = physical(pagemap, to), request;

	access = (struct fw_access){ __builtin_bswap32(control), __builtin_bswap32(len), __builtin_bswap64(target) };
	request = physical(pagemap, &access);
	if (!target || !request)
		return false;
	outl(__builtin_bswap32(request >> 32), PORT_FW_DMA);
	outl(__builtin_bswap32((uint32_t)request), PORT_FW_DMA + 4);
	return !access.control_be;
}

/*
 * By DMA, which QEMU does at once, a page a time. Byte by byte it would cost QEMU a turn of its main loop each: a tenth of a second for
 * fuse.ko. `to` begins a page. Returns false where there is no pagemap or no DMA, before anything was read or in the middle.
 */
static bool read_dma(uint16_t select, unsigned char *to, size_t len)
{
	int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	bool good = pagemap >= 0 && !mlock(to, len ?: 1);
	size_t at;

	for (at = 0; good && at < len; at += PAGE_BYTES) {
		uint32_t control = DMA_READ | (at ? 0 : DMA_SELECT | (uint32_t)select << 16);

		good = read_piece(pagemap, control, to + at, len - at < PAGE_BYTES ? len - at : PAGE_BYTES);
	}
	munlock(to, len ?: 1);
	if (pagemap >= 0)
		close(pagemap);
	return good;
}

int ports_open(void)
{
	return ioperm(PORT_FIRST, PORT_LAST - PORT_FIRST + 1, 1) ? -errno : 0;
}

void ports_write(const char *bytes, size_t len)
{
	__asm__ volatile("rep outsb" : "+S"(bytes), "+c"(len) : "d"((unsigned short)PORT_TRACE) : "memory");
}

void ports_pause(void)
{
	outb(PANICKED, PORT_PAUSE);
}

void ports_exit(unsigned int code)
{
	outl(code, PORT_EXIT);
	for (;;)
		pause();
}

char *ports_read_file(const char *name, size_t *len)
{
	uint32_t count_be, i;

	outw(FW_DIRECTORY, PORT_FW_SELECT);
	read_port(PORT_FW_DATA, &count_be, sizeof(count_be));
	for (i = 0; i < __builtin_bswap32(count_be); i++) {
		struct fw_entry entry;
		char *bytes;

		read_port(PORT_FW_DATA, &entry, sizeof(entry));
		if (strncmp(entry.name, name, sizeof(entry.name)))
			continue;
		*len = __builtin_bswap32(entry.size_be);
		bytes = aligned_alloc(PAGE_BYTES, (*len / PAGE_BYTES + 1) * PAGE_BYTES);
		if (!bytes)
			return NULL;
		if (!read_dma(__builtin_bswap16(entry.select_be), (unsigned char *)bytes, *len)) {
			outw(__builtin_bswap16(entry.select_be), PORT_FW_SELECT);
			read_port(PORT_FW_DATA, bytes, *len);
		}
		bytes[*len] = '\0';
		return bytes;
	}
	return NULL;
}
