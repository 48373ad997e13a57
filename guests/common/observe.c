// SPDX-License-Identifier: GPL-2.0-only
/* Looks at tasks; see observe.h. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "observe.h"

static int read_task_file(pid_t tid, const char *name, char *text, size_t room)
{
	char path[64];
	ssize_t got;
	int fd;

	text[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%d/%s", tid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	got = read(fd, text, room - 1);
	close(fd);
	text[got > 0 ? got : 0] = '\0';
	return got > 0 ? 0 : -ENODATA;
}

char observe_state(pid_t tid)
{
	char stat[512], *after;

	if (tid <= 0 || read_task_file(tid, "stat", stat, sizeof(stat)))
		return 0;
	/* "pid (name) S …": the name may hold anything, so the last ')' counts. */
	after = strrchr(stat, ')');
	return after && after[1] ? after[2] : 0;
}

/* "[<0>] fuse_file_mmap+0x12/0x34 [fuse]" a line; offsets differ between builds, names do not. */
static void names_of(char *stack, char *names)
{
	char *save = NULL, *line;
	size_t len = 0;

	names[0] = '\0';
	for (line = strtok_r(stack, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *name = strchr(line, ']'), *end;

		if (!name)
			continue;
		for (name++; isspace((unsigned char)*name); name++)
			;
		end = name + strcspn(name, "+ ");
		*end = '\0';
		if (len + (size_t)(end - name) + 2 > STACK_BYTES)
			break;
		len += sprintf(names + len, "%s%s", len ? " " : "", name);
	}
}

void observe_glance(pid_t tid, struct sight *sight)
{
	memset(sight, 0, sizeof(*sight));
	sight->state = observe_state(tid);
	if (sight->state != 'S' && sight->state != 'D')
		return;
	read_task_file(tid, "wchan", sight->wchan, sizeof(sight->wchan));
	if (!strcmp(sight->wchan, "0"))
		sight->wchan[0] = '\0';
}

void observe(pid_t tid, struct sight *sight)
{
	char stack[4096];

	observe_glance(tid, sight);
	if (sight->state != 'S' && sight->state != 'D')
		return;
	read_task_file(tid, "stack", stack, sizeof(stack));
	names_of(stack, sight->stack);
}

bool observe_change(pid_t tid, struct sight *sight)
{
	struct sight now;

	observe_glance(tid, &now);
	if (now.state == sight->state && !strcmp(now.wchan, sight->wchan))
		return false;
	observe(tid, sight);
	return true;
}
