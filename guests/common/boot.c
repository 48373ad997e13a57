// SPDX-License-Identifier: GPL-2.0-only
/* The way from the kernel's first process to a kernel with FUSE; see boot.h. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "boot.h"
#include "connection.h"
#include "ports.h"
#include "trace.h"
#include "write-text.h"

#define MODULE_FILE	"opt/diorama/fuse.ko"

void boot_say(const char *event)
{
	struct line line;

	line_begin(&line, event);
	line_end(&line);
}

void boot_hello(void)
{
	struct utsname name;
	struct line line;

	uname(&name);
	line_begin(&line, "hello");
	line_text(&line, "release", name.release);
	line_end(&line);
}

void boot_give_up(const char *what, int error)
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
			boot_give_up(mounts[i].at, errno);
	}
}

/* What the judge goes by is there, or nobody boots further: kernels of distributions need not have it. */
static void check_kernel(void)
{
	static const struct {
		const char *path, *what;
	} wanted[] = {
		{ "/proc/self/stack", "a kernel without CONFIG_STACKTRACE" },
		{ "/proc/self/wchan", "a kernel without /proc/PID/wchan" },
		{ "/proc/kallsyms", "a kernel without CONFIG_KALLSYMS" },
	};
	size_t i;

	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (access(wanted[i].path, F_OK))
			boot_give_up(wanted[i].what, errno);
}

void boot_kernel(void)
{
	mount_all();
	check_kernel();
}

/*
 * Loading fuse.ko says a line on the console, by which the host knows that it hears the kernel. Where FUSE is built in, that line came
 * before the template was taken, so the stage has the kernel say one.
 */
static void greet_console(void)
{
	int error = write_text("/dev/kmsg", "diorama: fuse is built in\n");

	if (error)
		boot_give_up("/dev/kmsg", -error);
}

/* Without a module the kernel must have FUSE in it. */
bool boot_fuse(void)
{
	size_t len;
	char *image = ports_read_file(MODULE_FILE, &len);
	bool built_in = !image;
	int error;

	if (image && syscall(SYS_init_module, image, len, ""))
		boot_give_up("insmod fuse.ko", errno);
	free(image);
	if (built_in && access(CONNECTIONS, F_OK))
		boot_give_up("the module " MODULE_FILE ", which this kernel has not built in", ENOENT);
	if (built_in)
		greet_console();
	error = connection_watch();
	if (error)
		boot_give_up("fusectl", -error);
	return built_in;
}
