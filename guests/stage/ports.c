// SPDX-License-Identifier: GPL-2.0-only
/* The io ports that join the stage and the host; see ports.h. The numbers are those of harness/guest/qemu-args.ts. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <unistd.h>

#include "ports.h"

#define PORT_TRACE	0x402
#define PORT_EXIT	0x4f4
#define PORT_PAUSE	0x505
#define PORT_FW_SELECT	0x510
#define PORT_FW_DATA	0x511
#define PORT_FIRST	PORT_TRACE
#define PORT_LAST	PORT_FW_DATA

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
		outw(__builtin_bswap16(entry.select_be), PORT_FW_SELECT);
		read_port(PORT_FW_DATA, bytes, *len);
		bytes[*len] = '\0';
		return bytes;
	}
	return NULL;
}
