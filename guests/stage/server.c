// SPDX-License-Identifier: GPL-2.0-only
/* The FUSE server's process; see server.h. One thread: it handles one request or one order at a time. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "answers.h"
#include "server.h"
#include "trace.h"

#define ANSWER_BOUND_MS 10000
#define READY_LOOKS 1000
#define LOOK_USEC 1000

static void on_init(void *user, struct fuse_conn_info *conn)
{
	struct world *world = user;

	conn->want = 0;
	conn->want_ext = 0;
	conn->max_write = world->program.max_write;
	conn->max_background = 64;
	conn->congestion_threshold = 64;
	world->mounted = true;
}

static void release(const struct step *step)
{
	int64_t left = step->count;
	struct request *request;
	struct line line;
	int given = 0;

	while (left != 0 && (request = backlog_take(&step->match))) {
		answers_give(request, step->error, step->bytes);
		given++;
		if (left > 0)
			left--;
	}
	line_begin(&line, "released");
	line_number(&line, "step", step->number);
	line_number(&line, "count", given);
	line_end(&line);
}

static void let_go(void)
{
	static const struct match any = { ANY, ANY, ANY, ANY, ANY, ANY };
	struct request *request;

	backlog_unhold(&any);
	while ((request = backlog_take(&any)))
		answers_give(request, 0, ANY);
}

static void obey(const struct world *world, int index)
{
	const struct step *step;

	if (index == SERVER_LET_GO) {
		let_go();
		return;
	}
	step = &world->program.steps[index];
	switch (step->kind) {
	case STEP_HOLD:
		if (!backlog_hold(&step->match))
			trace_trouble("room for one more hold", 0);
		break;
	case STEP_UNHOLD:
		backlog_unhold(&step->match);
		break;
	case STEP_RELEASE:
		release(step);
		break;
	case STEP_OPEN_FLAGS:
		answers_open_flags(step->match.ino, step->open_flags);
		break;
	case STEP_SIZE:
		answers_size(step->match.ino, step->len);
		break;
	default:
		trace_trouble("a step that the server knows", 0);
	}
}

static void serve(struct world *world, struct fuse_session *session, int fuse_fd, int control)
{
	struct pollfd fds[] = { { .fd = fuse_fd, .events = POLLIN }, { .fd = control, .events = POLLIN } };
	struct fuse_buf buffer = { 0 };
	int index, got;

	while (!fuse_session_exited(session)) {
		if (poll(fds, 2, -1) < 0)
			break;
		if (fds[1].revents & POLLIN) {
			if (read(control, &index, sizeof(index)) != sizeof(index))
				break;
			obey(world, index);
			if (write(control, &index, sizeof(index)) != sizeof(index))
				break;
			continue;
		}
		if (!fds[0].revents)
			continue;
		got = fuse_session_receive_buf(session, &buffer);
		if (got == -EINTR || got == -EAGAIN)
			continue;
		if (got <= 0)
			break;
		fuse_session_process_buf(session, &buffer);
	}
}

static void run_server(struct world *world, int fuse_fd, int control)
{
	char *argv[] = { "server", NULL };
	struct fuse_args args = FUSE_ARGS_INIT(1, argv);
	struct fuse_lowlevel_ops ops = answers_ops;
	struct fuse_session *session;
	int error;

	ops.init = on_init;
	prctl(PR_SET_NAME, "server");
	error = answers_prepare(&world->program);
	session = error ? NULL : fuse_session_new(&args, &ops, sizeof(ops), world);
	if (!session) {
		trace_trouble("a libfuse session", -error);
		_exit(1);
	}
	error = wire_open(session, fuse_fd, world);
	if (error) {
		trace_trouble("libfuse's custom io", -error);
		_exit(1);
	}
	serve(world, session, fuse_fd, control);
	_exit(0);
}

static int mount_fuse(int fuse_fd)
{
	char options[96];

	snprintf(options, sizeof(options), "fd=%d,rootmode=40755,user_id=0,group_id=0,allow_other", fuse_fd);
	if (mkdir(MOUNT_POINT, 0755) && errno != EEXIST)
		return -errno;
	return mount("diorama", MOUNT_POINT, "fuse", 0, options) ? -errno : 0;
}

int server_start(struct world *world, struct server *server)
{
	int control[2], fuse_fd, looks, error;

	fuse_fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (fuse_fd < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, control))
		return -errno;
	error = mount_fuse(fuse_fd);
	if (error)
		return error;
	server->pid = fork();
	if (server->pid < 0)
		return -errno;
	if (!server->pid) {
		close(control[0]);
		run_server(world, fuse_fd, control[1]);
	}
	close(fuse_fd);
	close(control[1]);
	server->control = control[0];
	world->server = server->pid;
	for (looks = 0; !world->mounted; looks++) {
		if (looks == READY_LOOKS)
			return -ETIMEDOUT;
		usleep(LOOK_USEC);
	}
	return 0;
}

int server_tell(const struct server *server, int index)
{
	struct pollfd answer = { .fd = server->control, .events = POLLIN };
	int done;

	if (write(server->control, &index, sizeof(index)) != sizeof(index))
		return -errno;
	if (poll(&answer, 1, ANSWER_BOUND_MS) <= 0)
		return -ETIMEDOUT;
	return read(server->control, &done, sizeof(done)) == sizeof(done) ? 0 : -EPIPE;
}
