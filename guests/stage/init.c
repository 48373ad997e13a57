// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's first and only program. It boots to the point where a template is taken: "ready" on the trace, then the machine
 * stops itself. What starts from there goes on from that very instruction. With no program to play it inserts its fuse.ko, mounts the
 * file system and stops once more, at "set": from there scenes start. With a program it does all at once.
 *
 *	{"n":1,"t":0,"e":"ready"}		the template's last line
 *	{"n":2,"t":0,"e":"set"}			the set's
 *	{"n":3,"t":0,"e":"hello","release":"6.12.107"}
 *	{"n":4,"t":0,"e":"module","text":"0xffffffffc0002000"}
 *	...
 *	{"n":88,"t":812000000,"e":"end","stuck":0}	without this line a scene is a crash
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "boot.h"
#include "conductor.h"
#include "log-time.h"
#include "memory.h"
#include "ports.h"
#include "shell.h"
#include "trace.h"

#define PROGRAM_FILE	"opt/diorama/program"
#define KEY_FILE	"opt/diorama/authorized_keys"

/* What the kernel puts off (RCU, freeing of module memory and caches, writeback, …) is done by then; at most 5 s in 6.1 to 7.3. */
#define SETTLE_USEC	6000000

static void read_program(struct world *world, char *text)
{
	char reason[160];
	const char *why;
	int number;

	if (!text)
		boot_give_up("the program " PROGRAM_FILE, ENOENT);
	number = program_read(text, &world->program, &why);
	free(text);
	if (number) {
		snprintf(reason, sizeof(reason), "a program; line %d has %s", number, why);
		boot_give_up(reason, 0);
	}
}

/* Where the kernel has put fuse.ko: who has its object file can tell functions from addresses, and gdb its lines. */
static struct place {
	const char *section;
	char address[32];
} places[] = { { "text", "" }, { "rodata", "" }, { "data", "" }, { "bss", "" } };

static void find_places(void)
{
	char path[64];
	ssize_t len;
	size_t i;
	int fd;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char *address = places[i].address;

		snprintf(path, sizeof(path), "/sys/module/fuse/sections/.%s", places[i].section);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		len = read(fd, address, sizeof(places[i].address) - 1);
		close(fd);
		address[len > 0 ? len : 0] = '\0';
		address[strcspn(address, "\n")] = '\0';
	}
}

static void trace_module(void)
{
	struct line line;
	size_t i;

	line_begin(&line, "module");
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (places[i].address[0])
			line_text(&line, places[i].section, places[i].address);
	line_end(&line);
}

static void trace_end(int stuck)
{
	struct line line;

	line_begin(&line, "end");
	line_number(&line, "stuck", stuck);
	line_end(&line);
}

static void begin(void)
{
	trace_begin();
	boot_hello();
}

static void set_stage(struct world *world, struct server *server)
{
	int error;

	world->built_in = boot_fuse();
	find_places();
	error = server_prepare(world, server);
	if (error)
		boot_give_up("the server", -error);
	error = cast_prepare(world);
	if (error)
		boot_give_up("the actors' processes", -error);
	memory_touch();
	memory_touch_stack();
}

int main(void)
{
	struct world *world;
	struct server server = { 0 };
	char *key, *program;
	size_t len;
	int error;

	if (ports_open())
		return 1;
	world = world_create();
	if (!world)
		return 1;
	boot_kernel();
	ports_open_window();
	key = ports_read_file(KEY_FILE, &len);
	boot_say("ready");
	if (!key)
		ports_pause();

	program = ports_read_file(PROGRAM_FILE, &len);
	if (program)
		begin();
	set_stage(world, &server);
	if (!program)
		usleep(SETTLE_USEC);
	log_time_tie();
	if (!program) {
		boot_say("set");
		ports_pause();
		program = ports_read_file(PROGRAM_FILE, &len);
		begin();
	}
	read_program(world, program);
	trace_module();
	error = server_start(world, &server);
	if (error)
		boot_give_up("the server", -error);
	if (key)
		shell_serve(key);
	error = cast_start(world);
	if (error)
		boot_give_up("the actors", -error);
	log_time_trace(&world->trace);
	boot_say("begin");
	conduct(world, &server);
	boot_say("strike");
	trace_end(strike(world, &server));
	ports_exit(0);
}
