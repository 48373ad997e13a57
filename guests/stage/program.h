/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program: a scene compiled by harness/scenario/compile.ts, one item a line, words `key=value`:
 *
 *	program 1
 *	init flags=0x1000000000 max_write=1048576
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

#define MAX_FILES	16
#define MAX_ACTORS	24
#define MAX_PROCESSES	24
#define MAX_HANDLES	32
#define MAX_STEPS	512
#define NAME_BYTES	32
#define MAX_FILE_BYTES	(4u << 20)
#define MAX_IO_BYTES	(1u << 20)

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
};

struct actor_plan {
	char name[NAME_BYTES];
	int process;
};

enum call_kind {
	CALL_OPEN, CALL_CLOSE, CALL_PREAD, CALL_PWRITE, CALL_MMAP, CALL_MUNMAP, CALL_LOAD, CALL_STORE, CALL_MSYNC,
	CALL_FSYNC, CALL_FTRUNCATE, CALL_FSTAT,
};

enum step_kind {
	STEP_ORDER, STEP_HOLD, STEP_UNHOLD, STEP_RELEASE, STEP_OPEN_FLAGS, STEP_SIZE,
};

struct step {
	int number;
	enum step_kind kind;
	/* STEP_ORDER */
	int actor;
	enum call_kind call;
	const char *call_name;
	int handle;
	/* CALL_MMAP: what to call the new mapping; `handle` is its file. */
	int mapping;
	int flags;
	int prot;
	uint64_t ino, off, len;
	int fill;
	/* the server's steps */
	struct match match;
	int64_t count;
	int error;
	int64_t bytes;
	uint32_t open_flags;
};

struct program {
	uint64_t init_flags;
	uint32_t max_write;
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
