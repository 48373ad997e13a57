/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program: a scene compiled by harness/scenario/compile.ts, one item a line, words `key=value`:
 *
 *	program 1
 *	init flags=0x1000000000 max_write=1048576 max_pages=256
 *	file ino=2 name=f size=65536 fill=97 open=0x41
 *	actor id=0 name=w1 process=0
 *	step n=1 do=hold op=16
 *	step n=2 do=order actor=0 call=open ino=2 flags=2 handle=0
 *	step n=3 do=release by=0
 *	end
 *
 * Numbers are C literals. What the program does not say is 0, or "any" in a match.
 */
#ifndef DIORAMA_PROGRAM_H
#define DIORAMA_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

#define MAX_FILES	256
#define MAX_ACTORS	24
#define MAX_PROCESSES	24
#define MAX_HANDLES	64
#define MAX_STEPS	4096
#define MAX_BACKINGS	8
#define NAME_BYTES	32
#define MAX_FILE_BYTES	(4u << 20)
#define MAX_IO_BYTES	(1u << 20)
#define MOST_DELAY_USEC	100000

#define ANY		(-1)

/* Which requests: every field that is not ANY must be equal. `by` is an actor's id. */
struct match {
	int64_t op, by, ino, fh, off, len;
};

struct file_plan {
	uint64_t ino;
	char name[NAME_BYTES];
	uint64_t size;
	int fill;
	uint32_t open_flags;
	bool directory;
	/* Not there until it is created. */
	bool absent;
};

struct actor_plan {
	char name[NAME_BYTES];
	int process;
	/* No process is started for it: another actor's fork makes it. */
	bool forked;
};

enum call_kind {
	CALL_OPEN, CALL_CLOSE, CALL_DUP, CALL_SETFL, CALL_FSTAT, CALL_FSYNC, CALL_FDATASYNC, CALL_FTRUNCATE, CALL_TRUNCATE,
	CALL_FALLOCATE, CALL_LSEEK, CALL_PREAD, CALL_PWRITE, CALL_READ, CALL_WRITE, CALL_SUBMIT, CALL_REAP, CALL_COPY,
	CALL_SENDFILE, CALL_SPLICE, CALL_SPLICE_WRITE, CALL_MMAP, CALL_MUNMAP, CALL_MSYNC, CALL_MREMAP, CALL_MPROTECT,
	CALL_MADVISE, CALL_LOAD, CALL_STORE, CALL_FORK, CALL_EXIT,
};

enum step_kind {
	STEP_ORDER, STEP_HOLD, STEP_UNHOLD, STEP_RELEASE, STEP_OPEN_FLAGS, STEP_SIZE, STEP_CHANGE, STEP_INVALIDATE,
	STEP_BACKING, STEP_BACKING_CLOSE, STEP_CONTENT, STEP_ABORT, STEP_DIE, STEP_KILL, STEP_DROP_CACHES,
};

enum { THROUGH_AIO = 1, THROUGH_URING = 2 };
enum { IO_READ = 1, IO_WRITE = 2 };

/* What a backing file is made of, so that the kernel's refusals can be seen too. */
enum { BACKING_FILE, BACKING_DIRECTORY, BACKING_CLOSED, BACKING_DEVICE };

struct step {
	int number;
	enum step_kind kind;
	/* Nobody waits for rest between the step before and this one. */
	bool join;
	/* STEP_ORDER; STEP_KILL: whose process. */
	int actor;
	enum call_kind call;
	const char *call_name;
	/* The open file, or of calls on memory the mapping. */
	int handle;
	/* CALL_DUP: what to call the copy. CALL_COPY: the target. CALL_FORK: the child. */
	int other;
	/* CALL_MMAP: what to call the new mapping. CALL_PREAD, CALL_PWRITE: the mapping that is the buffer, or ANY. */
	int mapping;
	/* Those of open, mmap, fcntl, msync; the mode of fallocate, madvise's advice, lseek's whence, preadv2's and pwritev2's. */
	int flags;
	int prot;
	int through, io;
	bool fresh;
	uint64_t ino, off, to_off, len;
	int fill;
	/* the server's steps */
	struct match match;
	int64_t count;
	int error;
	int64_t bytes;
	uint32_t open_flags;
	int slot, of;
	/* STEP_BACKING: by a process without CAP_SYS_ADMIN. */
	bool nobody;
	/* STEP_OPEN_FLAGS: the backing id, when `slot` is ANY; so too STEP_BACKING_CLOSE. */
	int32_t backing_id;
	int signal;
};

struct program {
	uint64_t init_flags;
	uint32_t max_write;
	uint32_t max_pages;
	/* How long a READ or WRITE is at the server before it is answered. */
	uint32_t delay_usec;
	/* max_stack_depth of the INIT answer. */
	uint32_t stack_depth;
	/* INIT is answered without FUSE_INIT_EXT. */
	bool short_init;
	struct file_plan files[MAX_FILES];
	int n_files;
	struct actor_plan actors[MAX_ACTORS];
	int n_actors;
	int n_processes;
	struct step steps[MAX_STEPS];
	int n_steps;
};

/* Reads `text` into *program. Returns 0, or the number of the first line that is wrong, with the reason in *why. */
int program_read(char *text, struct program *program, const char **why);

/* The file with this inode number, or NULL. */
const struct file_plan *program_file(const struct program *program, uint64_t ino);

#endif
