// SPDX-License-Identifier: GPL-2.0-only
/*
 * The server; see store.h. It also keeps the io modes' own promise: while somebody maps a file, no two direct writes are at the server at once
 * (fuse_dio_lock() and fuse_file_cached_io_open() of fs/fuse, 6.9 and later).
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fuse_lowlevel.h>

#include "arena.h"
#include "calls.h"
#include "history.h"
#include "session.h"
#include "store.h"

#define VALID_SECONDS	86400.0
#define FIRST_INO	2
#define MOST_THREADS	48
/* include/uapi/linux/fuse.h of 6.9. */
#define IO_MODES_MINOR	40
#define MEET_LOOKS	20000
#define LOOK_USEC	500

static unsigned char (*contents)[MAX_BLOCKS][BLOCK_BYTES];
static uint64_t sizes[MAX_FILES];
static pthread_mutex_t locks[MAX_FILES];

static unsigned int file_of(fuse_ino_t ino)
{
	return ino - FIRST_INO;
}

/* A file's bytes, as one. */
static unsigned char *bytes_of(unsigned int file)
{
	return contents[file][0];
}

const uint64_t *store_block(unsigned int file, unsigned int block)
{
	return (const uint64_t *)contents[file][block];
}

static struct stat stat_of(fuse_ino_t ino)
{
	struct stat stat = { .st_ino = ino, .st_nlink = 1, .st_blksize = BLOCK_BYTES, .st_mode = S_IFDIR | 0755 };

	if (ino != FUSE_ROOT_ID) {
		stat.st_mode = S_IFREG | 0666;
		stat.st_size = sizes[file_of(ino)];
	}
	return stat;
}

/* A thread's own stream, so that which request waits how long is not the same in all. */
static void wait_a_while(fuse_req_t req)
{
	static _Thread_local uint64_t random;
	(void)req;

	if (!random)
		random = arena->plan.seed * 31 + (uint64_t)(uintptr_t)&random;
	if (arena->plan.delay_usec && draw(&random, 4))
		usleep(draw(&random, arena->plan.delay_usec));
}

static void on_init(void *user, struct fuse_conn_info *conn)
{
	(void)user;
	conn->max_write = arena->plan.max_write;
	conn->max_background = 64;
	conn->congestion_threshold = 64;
	conn->no_interrupt = 1;
	if (!fuse_set_feature_flag(conn, FUSE_CAP_DIRECT_IO_ALLOW_MMAP))
		arena->missing = "FUSE_DIRECT_IO_ALLOW_MMAP";
	else if (conn->proto_minor < IO_MODES_MINOR)
		arena->missing = "inode io modes (FUSE 7.40, Linux 6.9)";
	arena->served = true;
}

static void on_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param entry = { .attr_timeout = VALID_SECONDS, .entry_timeout = VALID_SECONDS, .generation = 1 };
	unsigned int file = name[0] == 'f' && name[1] && !name[2] ? (unsigned int)(name[1] - '0') : MAX_FILES;

	if (parent != FUSE_ROOT_ID || file >= arena->plan.files) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	entry.ino = FIRST_INO + file;
	pthread_mutex_lock(&locks[file]);
	entry.attr = stat_of(entry.ino);
	pthread_mutex_unlock(&locks[file]);
	fuse_reply_entry(req, &entry);
}

static void on_forget(fuse_req_t req, fuse_ino_t ino, uint64_t lookups)
{
	(void)ino;
	(void)lookups;
	atomic_fetch_add(&arena->evicted, 1);
	fuse_reply_none(req);
}

static void reply_attr(fuse_req_t req, fuse_ino_t ino)
{
	struct stat stat = stat_of(ino);

	fuse_reply_attr(req, &stat, VALID_SECONDS);
}

static void on_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *info)
{
	(void)info;
	reply_attr(req, ino);
}

static void on_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attr, int to_set, struct fuse_file_info *info)
{
	unsigned int file = file_of(ino);

	(void)info;
	if (to_set & FUSE_SET_ATTR_SIZE) {
		wait_a_while(req);
		if (attr->st_size > (off_t)(arena->plan.blocks * BLOCK_BYTES)) {
			fuse_reply_err(req, EFBIG);
			return;
		}
		pthread_mutex_lock(&locks[file]);
		if ((uint64_t)attr->st_size < sizes[file])
			memset(bytes_of(file) + attr->st_size, 0, sizes[file] - attr->st_size);
		sizes[file] = attr->st_size;
		pthread_mutex_unlock(&locks[file]);
	}
	reply_attr(req, ino);
}

static void on_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *info)
{
	static atomic_ullong handles;
	bool cached = info->flags & OPEN_CACHED;

	info->fh = atomic_fetch_add(&handles, 1) + 1;
	info->direct_io = !cached;
	info->parallel_direct_writes = !cached;
	info->keep_cache = 1;
	atomic_fetch_add(&arena->files[file_of(ino)].opens, 1);
	fuse_reply_open(req, info);
}

static void on_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *info)
{
	(void)info;
	atomic_fetch_add(&arena->files[file_of(ino)].releases, 1);
	fuse_reply_err(req, 0);
}

static void on_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off, struct fuse_file_info *info)
{
	unsigned int file = file_of(ino);
	size_t len = 0;
	void *copy;

	(void)info;
	wait_a_while(req);
	copy = malloc(size);
	if (!copy) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	pthread_mutex_lock(&locks[file]);
	if ((uint64_t)off < sizes[file])
		len = size < sizes[file] - off ? size : sizes[file] - off;
	memcpy(copy, bytes_of(file) + off, len);
	pthread_mutex_unlock(&locks[file]);
	/* What it saw is older when it arrives. */
	wait_a_while(req);
	fuse_reply_buf(req, copy, len);
	free(copy);
}

static const struct actor *who_maps(unsigned int file)
{
	unsigned int i;

	for (i = 0; i < arena->n_actors; i++) {
		const struct actor *actor = &arena->actors[i];

		if (actor->file == file && actor->caching && !actor->doomed)
			return actor;
	}
	return NULL;
}

/* A direct WRITE that has come and is not answered. */
struct at_server {
	pid_t pid;
	off_t off;
	size_t size;
};

static struct at_server there[MAX_FILES][MOST_THREADS];

/* Whose process or thread this is; the kernel's own writes have none. */
static const char *name_of(pid_t pid)
{
	unsigned int i;

	for (i = 0; i < arena->n_actors; i++)
		if (arena->actors[i].pid == pid)
			return arena->actors[i].name;
	return "somebody";
}

/*
 * Who maps has waited for every write that may have company, so one that is here now has the inode lock to itself. A single call may have several
 * WRITEs here: with O_DIRECT on a cached file the kernel sends its pieces without waiting (fuse_direct_IO(), 6.12, ASYNC_DIO).
 */
static unsigned int direct_write_begins(unsigned int file, struct at_server mine)
{
	struct file_state *state = &arena->files[file];
	const struct at_server *other = NULL;
	const struct actor *mapper;
	unsigned int i, slot = MOST_THREADS;

	pthread_mutex_lock(&locks[file]);
	for (i = 0; i < MOST_THREADS; i++) {
		if (!there[file][i].size)
			slot = i;
		else if (there[file][i].pid != mine.pid)
			other = &there[file][i];
	}
	there[file][slot] = mine;
	mapper = who_maps(file);
	if (other && mapper)
		fail("two direct writes to f%u were at the server at once, %s's of %zu at %ld and %s's of %zu at %ld, while %s had it mapped, so that the inode was in caching mode",
		     file, name_of(other->pid), other->size, (long)other->off, name_of(mine.pid), mine.size, (long)mine.off, mapper->name);
	if (other)
		atomic_fetch_add(&state->met, 1);
	else if (mapper)
		atomic_fetch_add(&state->alone_in_caching, 1);
	pthread_mutex_unlock(&locks[file]);
	return slot;
}

static void direct_write_ends(unsigned int file, unsigned int slot)
{
	pthread_mutex_lock(&locks[file]);
	there[file][slot].size = 0;
	atomic_fetch_add(&arena->files[file].done, 1);
	pthread_mutex_unlock(&locks[file]);
}

static bool have_met(unsigned int file)
{
	pid_t first = 0;
	bool met = false;
	unsigned int i;

	pthread_mutex_lock(&locks[file]);
	for (i = 0; i < MOST_THREADS; i++) {
		if (!there[file][i].size)
			continue;
		met |= first && there[file][i].pid != first;
		first = there[file][i].pid;
	}
	pthread_mutex_unlock(&locks[file]);
	return met;
}

/* Both writers of a probe are there, or the inode is not in direct mode although nobody has it open for caching. */
static void await_the_other(unsigned int file)
{
	int looks;

	for (looks = 0; !have_met(file) && arena->meet == (int)file; looks++) {
		if (looks == MEET_LOOKS) {
			fail("f%u: two direct writes do not meet at the server although nothing has the file open for caching", file);
			return;
		}
		usleep(LOOK_USEC);
	}
	arena->meet = -1;
}

static void on_write(fuse_req_t req, fuse_ino_t ino, const char *data, size_t size, off_t off, struct fuse_file_info *info)
{
	unsigned int file = file_of(ino);
	bool direct = !info->writepage;
	unsigned int slot = 0;

	if (off + size > arena->plan.blocks * BLOCK_BYTES) {
		fuse_reply_err(req, EFBIG);
		return;
	}
	if (direct) {
		slot = direct_write_begins(file, (struct at_server){ fuse_req_ctx(req)->pid, off, size });
		if (arena->meet == (int)file)
			await_the_other(file);
	}
	wait_a_while(req);
	pthread_mutex_lock(&locks[file]);
	memcpy(bytes_of(file) + off, data, size);
	if (off + size > sizes[file])
		sizes[file] = off + size;
	pthread_mutex_unlock(&locks[file]);
	wait_a_while(req);
	/* Before the answer: the next one may come as soon as the kernel has that. */
	if (direct)
		direct_write_ends(file, slot);
	fuse_reply_write(req, size);
}

static void on_flush(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *info)
{
	(void)ino;
	(void)info;
	fuse_reply_err(req, 0);
}

static void on_fsync(fuse_req_t req, fuse_ino_t ino, int data_only, struct fuse_file_info *info)
{
	(void)ino;
	(void)data_only;
	(void)info;
	wait_a_while(req);
	fuse_reply_err(req, 0);
}

static const struct fuse_lowlevel_ops operations = {
	.init = on_init, .lookup = on_lookup, .forget = on_forget, .getattr = on_getattr, .setattr = on_setattr, .open = on_open,
	.release = on_release, .read = on_read, .write = on_write, .flush = on_flush, .fsync = on_fsync,
};

static int fill_files(void)
{
	unsigned int file, block;
	size_t i;

	contents = mmap(NULL, arena->plan.files * sizeof(*contents), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (contents == MAP_FAILED)
		return -errno;
	for (file = 0; file < arena->plan.files; file++) {
		pthread_mutex_init(&locks[file], NULL);
		sizes[file] = arena->plan.blocks * BLOCK_BYTES;
		for (block = 0; block < arena->plan.blocks; block++)
			for (i = 0; i < BLOCK_WORDS; i++)
				((uint64_t *)contents[file][block])[i] = history_first(file, block);
	}
	return 0;
}

pid_t store_start(void)
{
	int error = fill_files();

	return error ? error : session_start(&operations, MOST_THREADS);
}
