// SPDX-License-Identifier: GPL-2.0-only
/* The io ports that join the stage and the host; see ports.h. The numbers are those of harness/guest/qemu-args.ts. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
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
#define WINDOW_BYTES	(PAGE_BYTES - sizeof(struct fw_access))

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

/*
 * What a DMA reads into, beside the request for it: one page that stays where it is. Shared, because a private one would be another
 * page for the first that writes to it after a fork.
 */
static struct window {
	struct fw_access access;
	unsigned char bytes[WINDOW_BYTES];
} *window;
static uint64_t window_at;

void ports_open_window(void)
{
	int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	void *page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_LOCKED | MAP_POPULATE, -1, 0);

	if (pagemap >= 0 && page != MAP_FAILED) {
		window = page;
		window_at = physical(pagemap, page);
	}
	if (pagemap >= 0)
		close(pagemap);
}

static bool read_piece(uint32_t control, uint32_t len)
{
	volatile struct fw_access *access = &window->access;

	access->control_be = __builtin_bswap32(control);
	access->length_be = __builtin_bswap32(len);
	access->address_be = __builtin_bswap64(window_at + offsetof(struct window, bytes));
	outl(__builtin_bswap32(window_at >> 32), PORT_FW_DMA);
	outl(__builtin_bswap32((uint32_t)window_at), PORT_FW_DMA + 4);
	return !access->control_be;
}

/*
 * By DMA, which QEMU does at once, a window a time. Byte by byte it would cost QEMU a turn of its main loop each: a tenth of a second
 * for fuse.ko. Returns false where that cannot be.
 */
static bool read_dma(uint16_t select, unsigned char *to, size_t len)
{
	size_t at, piece;

	if (!window_at)
		return false;
	for (at = 0; at < len; at += piece) {
		piece = len - at < WINDOW_BYTES ? len - at : WINDOW_BYTES;
		if (!read_piece(DMA_READ | (at ? 0 : DMA_SELECT | (uint32_t)select << 16), piece))
			return false;
		memcpy(to + at, window->bytes, piece);
	}
	return true;
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
		bytes = malloc(*len + 1);
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
