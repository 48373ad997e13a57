// SPDX-License-Identifier: GPL-2.0-only
/* The FUSE server's process; see server.h. One thread: it handles one request or one order at a time. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "answers.h"
#include "backing.h"
#include "connection.h"
#include "cue.h"
#include "delays.h"
#include "files.h"
#include "memory.h"
#include "observe.h"
#include "server.h"
#include "trace.h"

#define ANSWER_LOOK_MS 100
#define ANSWER_LOOKS 100
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

/* What the server's process has in hand. */
static struct service {
	struct world *world;
	struct fuse_session *session;
	int fuse_fd, orders, done;
	const struct step *notice;
} service;

static const struct match any = { ANY, ANY, ANY, ANY, ANY, ANY };

static void let_go(void)
{
	struct request *request;

	backlog_unhold(&any);
	while ((request = backlog_take(&any)))
		answers_give(request, 0, ANY);
	while ((request = delays_take(service.world, true)))
		answers_give(request, 0, ANY);
}

static void give_due(void)
{
	struct request *request;

	while ((request = delays_take(service.world, false)))
		answers_give(request, 0, ANY);
}

/* The connection is gone, and with it everybody who waited for an answer. */
static void forget_all(void)
{
	struct request *request;

	while ((request = backlog_take(&any)) || (request = delays_take(service.world, true))) {
		fuse_reply_none(request->req);
		request_free(request);
	}
}

/* The kernel may wait in this for requests that the server must answer meanwhile, so it has a thread of its own. */
static void *notify(void *arg)
{
	const struct step *step = service.notice;
	struct line line;
	int error;

	(void)arg;
	service.world->notifier = syscall(SYS_gettid);
	error = wire_invalidate(service.session, step);
	line_begin(&line, "invalidated");
	line_number(&line, "step", step->number);
	line_number(&line, "ret", error ? -1 : 0);
	if (error)
		line_text(&line, "errno", strerrorname_np(-error) ?: "?");
	line_end(&line);
	service.world->notifier = 0;
	return NULL;
}

static void start_notice(const struct step *step)
{
	pthread_t thread;
	int looks, error;

	service.notice = step;
	service.world->notifier = -1;
	error = pthread_create(&thread, NULL, notify, NULL);
	if (error) {
		service.world->notifier = 0;
		trace_trouble("a thread that notifies", error);
		return;
	}
	pthread_detach(thread);
	for (looks = 0; service.world->notifier < 0 && looks < READY_LOOKS; looks++)
		usleep(LOOK_USEC);
}

static void tell_content(const struct step *step)
{
	static unsigned char bytes[MAX_IO_BYTES];
	size_t len = step->match.len;
	struct line line;

	if (len > sizeof(bytes))
		len = sizeof(bytes);
	if (step->slot == ANY)
		len = files_content(step->match.ino, bytes, len, step->match.off);
	else
		len = backing_read(step->slot, bytes, len, step->match.off);
	line_begin(&line, "content");
	line_number(&line, "step", step->number);
	if (len)
		line_data(&line, "data", bytes, len);
	line_end(&line);
}

static void obey(const struct step *step)
{
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
		files_open_flags(step->match.ino, step->open_flags, step->slot == ANY ? step->backing_id : backing_id(step->slot));
		break;
	case STEP_SIZE:
		files_size(step->match.ino, step->len);
		break;
	case STEP_CHANGE:
		files_change(step->match.ino, step->match.off, step->match.len, step->fill);
		break;
	case STEP_INVALIDATE:
		start_notice(step);
		break;
	case STEP_BACKING:
		backing_open(service.fuse_fd, step);
		break;
	case STEP_BACKING_CLOSE:
		backing_close(service.fuse_fd, step);
		break;
	case STEP_CONTENT:
		tell_content(step);
		break;
	default:
		trace_trouble("a step that the server knows", 0);
	}
}

/* Returns false when there is nobody any more who could give orders, or the last was given. */
static bool take_order(void)
{
	int index;

	if (cue_take(service.orders, &index) || index == CUE_END)
		return false;
	if (index == SERVER_LET_GO)
		let_go();
	else
		obey(&service.world->program.steps[index]);
	return !cue_give(service.done, index);
}

/* Until the connection ends; an aborted one leaves the server, which may still be asked what it has. */
static void serve(void)
{
	struct pollfd fds[] = { { .fd = service.fuse_fd, .events = POLLIN }, { .fd = service.orders, .events = POLLIN } };
	struct fuse_buf buffer = { 0 };
	int got;

	while (ppoll(fds, 2, delays_next(service.world), NULL) >= 0) {
		give_due();
		if (fds[1].revents && !take_order())
			return;
		if (fds[1].revents || !fds[0].revents)
			continue;
		got = fuse_session_receive_buf(service.session, &buffer);
		if (got == -EINTR || got == -EAGAIN)
			continue;
		if (got <= 0 || fuse_session_exited(service.session)) {
			forget_all();
			/* Unmounted in order, or aborted: then the conductor may still have orders. */
			fds[0].fd = -1;
			if (!service.world->aborted)
				return;
			continue;
		}
		fuse_session_process_buf(service.session, &buffer);
	}
}

/* The largest request, and the files of nearly every scene. */
#define HEAP_BYTES (4u << 20)

/* What the server will allocate is in its memory already, so that the kernel need not find it in every clone. */
static void grow_heap(void)
{
	/* Volatile, or the compiler leaves out both. */
	void *volatile room;

	mallopt(M_MMAP_THRESHOLD, 2 * HEAP_BYTES);
	mallopt(M_TRIM_THRESHOLD, 4 * HEAP_BYTES);
	room = malloc(HEAP_BYTES);
	free(room);
}

/* Leaves the connection, and stays: like an actor (actor.c). A thread that is still in the kernel would keep it, and ends with the process. */
static void __attribute__((noreturn)) go_home(struct world *world)
{
	if (world->notifier || close(service.fuse_fd))
		_exit(0);
	world->server_home = true;
	for (;;)
		pause();
}

static void __attribute__((noreturn)) run_server(struct world *world, int fuse_fd, const struct server *cues)
{
	char *argv[] = { "server", NULL };
	struct fuse_args args = FUSE_ARGS_INIT(1, argv);
	struct fuse_lowlevel_ops ops = answers_ops;
	struct fuse_session *session;
	int error, order;

	ops.init = on_init;
	prctl(PR_SET_NAME, "server");
	session = fuse_session_new(&args, &ops, sizeof(ops), world);
	if (!session) {
		trace_trouble("a libfuse session", 0);
		_exit(1);
	}
	error = wire_open(session, fuse_fd, world);
	if (error) {
		trace_trouble("libfuse's custom io", -error);
		_exit(1);
	}
	grow_heap();
	memory_touch();
	memory_touch_stack();
	if (cue_take(cues->orders, &order) || order != SERVER_START)
		_exit(1);
	error = files_prepare(&world->program);
	if (error) {
		trace_trouble("room for the files", -error);
		_exit(1);
	}
	service = (struct service){ .world = world, .session = session, .fuse_fd = fuse_fd, .orders = cues->orders, .done = cues->done };
	serve();
	backing_end(fuse_fd);
	go_home(world);
}

int server_prepare(struct world *world, struct server *server)
{
	int fuse_fd, error;

	fuse_fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (fuse_fd < 0)
		return -errno;
	server->orders = cue_make();
	server->done = cue_make();
	if (server->orders < 0 || server->done < 0)
		return -ENFILE;
	error = connection_mount(fuse_fd);
	if (error)
		return error;
	server->pid = fork();
	if (server->pid < 0)
		return -errno;
	if (!server->pid)
		run_server(world, fuse_fd, server);
	close(fuse_fd);
	world->server = server->pid;
	return 0;
}

int server_start(struct world *world, struct server *server)
{
	int looks, error = cue_give(server->orders, SERVER_START);

	if (error)
		return error;
	for (looks = 0; !world->mounted; looks++) {
		if (looks == READY_LOOKS)
			return -ETIMEDOUT;
		usleep(LOOK_USEC);
	}
	return 0;
}

int server_dismiss(const struct server *server)
{
	return cue_give(server->orders, CUE_END);
}

static bool is_gone(pid_t pid)
{
	char state = observe_state(pid);

	return !state || state == 'Z';
}

int server_tell(const struct server *server, int index)
{
	struct pollfd answer = { .fd = server->done, .events = POLLIN };
	int done, looks, error;

	if (server->pid <= 0)
		return 0;
	error = cue_give(server->orders, index);
	if (error)
		return error;
	for (looks = 0; poll(&answer, 1, ANSWER_LOOK_MS) <= 0; looks++) {
		if (is_gone(server->pid))
			return -EPIPE;
		if (looks == ANSWER_LOOKS)
			return -ETIMEDOUT;
	}
	return cue_take(server->done, &done);
}
