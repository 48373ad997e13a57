// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's first and only program. It boots to the point where a template is taken: "ready" on the trace, then the machine
 * stops itself. A clone goes on from that very instruction: it reads its program and its fuse.ko, plays, and ends the machine.
 *
 *	{"n":1,"t":0,"e":"ready"}		the template's last line
 *	{"n":2,"t":0,"e":"hello","release":"6.12.107"}
 *	{"n":3,"t":0,"e":"module","text":"0xffffffffc0002000"}
 *	...
 *	{"n":88,"t":812000000,"e":"end","stuck":0}	without this line a scene is a crash
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "conductor.h"
#include "connection.h"
#include "log-time.h"
#include "ports.h"
#include "shell.h"
#include "trace.h"

#define PROGRAM_FILE	"opt/diorama/program"
#define MODULE_FILE	"opt/diorama/fuse.ko"
#define KEY_FILE	"opt/diorama/authorized_keys"

static void say(const char *event)
{
	struct line line;

	line_begin(&line, event);
	line_end(&line);
}

static void __attribute__((noreturn)) give_up(const char *what, int error)
{
	trace_trouble(what, error);
	ports_exit(1);
}

static void mount_all(void)
{
	static const struct {
		const char *type, *at;
	} mounts[] = { { "proc", "/proc" }, { "sysfs", "/sys" }, { "devtmpfs", "/dev" }, { "tmpfs", "/tmp" } };
	size_t i;

	for (i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		mkdir(mounts[i].at, 0755);
		if (mount("diorama", mounts[i].at, mounts[i].type, 0, NULL) && errno != EBUSY)
			give_up(mounts[i].at, errno);
	}
}

static void load_module(void)
{
	size_t len;
	char *image = ports_read_file(MODULE_FILE, &len);
	int error;

	if (!image)
		give_up("the module " MODULE_FILE, ENOENT);
	if (syscall(SYS_init_module, image, len, ""))
		give_up("insmod fuse.ko", errno);
	free(image);
	error = connection_watch();
	if (error)
		give_up("fusectl", -error);
}

static void read_program(struct world *world)
{
	char *text, reason[160];
	const char *why;
	size_t len;
	int number;

	text = ports_read_file(PROGRAM_FILE, &len);
	if (!text)
		give_up("the program " PROGRAM_FILE, ENOENT);
	number = program_read(text, &world->program, &why);
	free(text);
	if (number) {
		snprintf(reason, sizeof(reason), "a program; line %d has %s", number, why);
		give_up(reason, 0);
	}
}

/* Where the kernel has put fuse.ko: who has its object file can tell functions from addresses, and gdb its lines. */
static void trace_module(void)
{
	static const char *const sections[] = { "text", "rodata", "data", "bss" };
	char path[64], address[32];
	struct line line;
	ssize_t len;
	size_t i;
	int fd;

	line_begin(&line, "module");
	for (i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		snprintf(path, sizeof(path), "/sys/module/fuse/sections/.%s", sections[i]);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		len = read(fd, address, sizeof(address) - 1);
		close(fd);
		if (len <= 0)
			continue;
		address[len] = '\0';
		address[strcspn(address, "\n")] = '\0';
		line_text(&line, sections[i], address);
	}
	line_end(&line);
}

static void trace_hello(void)
{
	struct utsname name;
	struct line line;

	uname(&name);
	line_begin(&line, "hello");
	line_text(&line, "release", name.release);
	line_end(&line);
}

static void trace_end(int stuck)
{
	struct line line;

	line_begin(&line, "end");
	line_number(&line, "stuck", stuck);
	line_end(&line);
}

int main(void)
{
	struct world *world;
	struct server server = { 0 };
	struct cast cast = { 0 };
	size_t key_len;
	char *key;
	int error;

	if (ports_open())
		return 1;
	world = world_create();
	if (!world)
		return 1;
	trace_use(world);
	clock_gettime(CLOCK_MONOTONIC, &world->start);
	mount_all();
	key = ports_read_file(KEY_FILE, &key_len);
	say("ready");
	if (!key)
		ports_pause();

	clock_gettime(CLOCK_MONOTONIC, &world->start);
	trace_hello();
	read_program(world);
	load_module();
	trace_module();
	error = server_start(world, &server);
	if (error)
		give_up("the server", -error);
	if (key)
		shell_serve(key);
	error = cast_start(world, &cast);
	if (error)
		give_up("the actors", -error);
	trace_log_time(world);
	say("begin");
	conduct(world, &cast, &server);
	say("strike");
	trace_end(strike(world, &cast, &server));
	ports_exit(0);
}
