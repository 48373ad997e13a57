// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first program of a guest that is for stress: it boots to a template as the stage does (guests/stage/init.c), and what starts from there
 * does what its program says, one line that harness/engine/stress-plan.ts writes.
 *
 *	{"n":1,"t":0,"e":"ready"}
 *	{"n":2,"t":0,"e":"hello","release":"6.12.107"}
 *	{"n":3,"t":1000213388,"e":"tally",…}		every second
 *	{"n":90,"t":…,"e":"fail","reason":"…"}		with who was where
 *	{"n":99,"t":…,"e":"end",…}			without this line it is a crash
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "boot.h"
#include "connection.h"
#include "history.h"
#include "ports.h"
#include "report.h"
#include "session.h"
#include "store.h"
#include "watch.h"
#include "write-text.h"

#define PROGRAM_FILE	"opt/diorama/program"
#define LOOKS		5000
#define LOOK_USEC	2000

static void read_plan(void)
{
	size_t len;
	char *text = ports_read_file(PROGRAM_FILE, &len);

	if (!text)
		boot_give_up("the program " PROGRAM_FILE, ENOENT);
	if (plan_read(text))
		boot_give_up("a plan", 0);
	free(text);
}

static void unmount(const char *at)
{
	int looks;

	for (looks = 0; umount2(at, 0); looks++) {
		if (errno != EBUSY || looks == LOOKS) {
			fail("umount of %s: %s, and nobody uses it", at, strerrorname_np(errno) ?: "?");
			return;
		}
		usleep(LOOK_USEC);
	}
}

/* Frees every inode and request, about which the kernel complains when they are in use. */
static void leave(pid_t server, bool built_in)
{
	unmount(MOUNT_POINT);
	if (!atomic_load(&arena->failed) && waitpid(server, NULL, 0) != server)
		fail("the server did not end with its file system");
	unmount(CONNECTIONS);
	if (!built_in && !atomic_load(&arena->failed) && syscall(SYS_delete_module, "fuse", 0))
		fail("rmmod fuse: %s", strerrorname_np(errno) ?: "?");
}

int main(void)
{
	bool built_in;
	pid_t server;

	if (ports_open() || arena_create())
		return 1;
	boot_kernel();
	ports_open_window();
	boot_say("ready");
	ports_pause();

	trace_begin();
	boot_hello();
	read_plan();
	built_in = boot_fuse();
	if (history_create())
		boot_give_up("memory for the history", ENOMEM);
	server = store_start();
	if (server < 0)
		boot_give_up("the server", -server);
	session_await(&arena->served);
	if (arena->missing) {
		report_missing();
		ports_exit(0);
	}
	boot_say("begin");
	watch();
	if (!atomic_load(&arena->failed))
		leave(server, built_in);
	if (atomic_load(&arena->failed)) {
		report_failure();
		/* Blocked tasks, and the locks that they hold where lockdep knows. */
		write_text("/proc/sysrq-trigger", "w");
		write_text("/proc/sysrq-trigger", "d");
	}
	if (atomic_load(&arena->brought_back))
		report_brought_back();
	report_tally("end");
	ports_exit(0);
}
