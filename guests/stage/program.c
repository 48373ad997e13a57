// SPDX-License-Identifier: GPL-2.0-only
/* Reads the program of a scene; program.h shows one. Strict: what it does not know is an error, never skipped. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"

#define MAX_WORDS 24

struct words {
	char *key[MAX_WORDS];
	char *value[MAX_WORDS];
	bool used[MAX_WORDS];
	int n;
	const char *wrong;
};

static const char *const calls[] = {
	[CALL_OPEN] = "open", [CALL_CLOSE] = "close", [CALL_DUP] = "dup", [CALL_SETFL] = "setfl", [CALL_FSTAT] = "fstat",
	[CALL_FSYNC] = "fsync", [CALL_FDATASYNC] = "fdatasync", [CALL_FTRUNCATE] = "ftruncate",
	[CALL_TRUNCATE] = "truncate", [CALL_FALLOCATE] = "fallocate", [CALL_LSEEK] = "lseek", [CALL_PREAD] = "pread",
	[CALL_PWRITE] = "pwrite", [CALL_READ] = "read", [CALL_WRITE] = "write", [CALL_SUBMIT] = "submit",
	[CALL_REAP] = "reap", [CALL_COPY] = "copy", [CALL_SENDFILE] = "sendfile", [CALL_SPLICE] = "splice",
	[CALL_SPLICE_WRITE] = "splice-write", [CALL_MMAP] = "mmap", [CALL_MUNMAP] = "munmap", [CALL_MSYNC] = "msync",
	[CALL_MREMAP] = "mremap", [CALL_MPROTECT] = "mprotect", [CALL_MADVISE] = "madvise", [CALL_LOAD] = "load",
	[CALL_STORE] = "store", [CALL_FORK] = "fork", [CALL_EXIT] = "exit",
};

static const char *const kinds[] = {
	[STEP_ORDER] = "order", [STEP_HOLD] = "hold", [STEP_UNHOLD] = "unhold", [STEP_RELEASE] = "release",
	[STEP_OPEN_FLAGS] = "open-flags", [STEP_SIZE] = "size", [STEP_CHANGE] = "change", [STEP_INVALIDATE] = "invalidate",
	[STEP_BACKING] = "backing", [STEP_BACKING_CLOSE] = "backing-close", [STEP_CONTENT] = "content",
	[STEP_ABORT] = "abort", [STEP_DIE] = "die", [STEP_KILL] = "kill", [STEP_DROP_CACHES] = "drop-caches",
};

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

/* The place of `word` in a table of `n`, or ANY. */
static int find_word(const char *const *table, int n, const char *word)
{
	int i;

	for (i = 0; word && i < n; i++)
		if (!strcmp(table[i], word))
			return i;
	return ANY;
}

static void split(char *line, struct words *words)
{
	char *save = NULL, *word;

	memset(words, 0, sizeof(*words));
	for (word = strtok_r(line, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		char *equals = strchr(word, '=');

		if (words->n == MAX_WORDS || !equals) {
			words->wrong = "a word that is not key=value, or too many words";
			return;
		}
		*equals = '\0';
		words->key[words->n] = word;
		words->value[words->n] = equals + 1;
		words->n++;
	}
}

static const char *text_of(struct words *words, const char *key)
{
	int i;

	for (i = 0; i < words->n; i++) {
		if (!strcmp(words->key[i], key)) {
			words->used[i] = true;
			return words->value[i];
		}
	}
	return NULL;
}

static int64_t number_of(struct words *words, const char *key, int64_t missing)
{
	const char *text = text_of(words, key);
	char *end;
	int64_t value;

	if (!text)
		return missing;
	errno = 0;
	value = (int64_t)strtoull(text, &end, 0);
	if (errno || end == text || *end)
		words->wrong = "a value that is not a number";
	return value;
}

static int64_t bounded(struct words *words, const char *key, int64_t missing, int64_t most)
{
	int64_t value = number_of(words, key, missing);

	if (value < missing || value > most)
		words->wrong = "a number out of its bounds";
	return value;
}

static void name_of(struct words *words, char name[NAME_BYTES])
{
	const char *text = text_of(words, "name");

	if (!text || !*text || strlen(text) >= NAME_BYTES)
		words->wrong = "a name that is missing or too long";
	else
		strcpy(name, text);
}

static void read_match(struct words *words, struct match *match)
{
	match->op = number_of(words, "op", ANY);
	match->by = number_of(words, "by", ANY);
	match->ino = number_of(words, "ino", ANY);
	match->fh = number_of(words, "fh", ANY);
	match->off = number_of(words, "off", ANY);
	match->len = number_of(words, "len", ANY);
}

static void read_order(struct words *words, const struct program *program, struct step *step)
{
	int call = find_word(calls, COUNT(calls), text_of(words, "call"));
	uint64_t most = MAX_FILE_BYTES;

	if (call == ANY) {
		words->wrong = "a call that this stage does not know";
		return;
	}
	step->call = call;
	step->call_name = calls[call];
	step->handle = bounded(words, "handle", 0, MAX_HANDLES - 1);
	step->other = bounded(words, "copy", bounded(words, "to", bounded(words, "child", 0, program->n_actors - 1), MAX_HANDLES - 1),
			      MAX_HANDLES - 1);
	step->mapping = bounded(words, "mapping", ANY, MAX_HANDLES - 1);
	if (step->call == CALL_PWRITE || step->call == CALL_PREAD)
		step->mapping = bounded(words, step->call == CALL_PWRITE ? "from" : "to", ANY, MAX_HANDLES - 1);
	step->flags = number_of(words, "flags", number_of(words, "mode", number_of(words, "whence", number_of(words, "rwf", 0))));
	step->prot = number_of(words, "prot", 0);
	step->through = bounded(words, "through", 0, THROUGH_URING);
	step->io = bounded(words, "io", 0, IO_WRITE);
	step->fresh = bounded(words, "fresh", 0, 1);
	step->ino = number_of(words, "ino", 0);
	step->off = number_of(words, "off", 0);
	step->to_off = number_of(words, "to_off", 0);
	if (step->call != CALL_MMAP && step->call != CALL_MUNMAP && step->call != CALL_MREMAP && step->call != CALL_FTRUNCATE &&
	    step->call != CALL_TRUNCATE && step->call != CALL_FALLOCATE && step->call != CALL_COPY)
		most = MAX_IO_BYTES;
	step->len = number_of(words, "len", 0);
	if (step->len > most)
		words->wrong = "more bytes than an actor's buffer, or a file, has";
	step->fill = bounded(words, "fill", 0, 255);
}

static void read_server_step(struct words *words, struct step *step)
{
	read_match(words, &step->match);
	step->count = number_of(words, "count", ANY);
	step->error = bounded(words, "errno", 0, 4095);
	step->bytes = number_of(words, "bytes", ANY);
	step->open_flags = number_of(words, "open", 0);
	step->len = bounded(words, "size", 0, MAX_FILE_BYTES);
	step->fill = bounded(words, "fill", 0, 255);
	step->slot = bounded(words, "slot", bounded(words, "backing", ANY, MAX_BACKINGS - 1), MAX_BACKINGS - 1);
	step->backing_id = number_of(words, "backing_id", 0);
	step->of = bounded(words, "of", 0, BACKING_DEVICE);
	step->nobody = bounded(words, "nobody", 0, 1);
	step->flags = number_of(words, "flags", 0);
	step->signal = bounded(words, "signal", 0, 64);
}

static void read_step(struct words *words, struct program *program)
{
	struct step *step = &program->steps[program->n_steps];
	int kind = find_word(kinds, COUNT(kinds), text_of(words, "do"));

	if (program->n_steps == MAX_STEPS || kind == ANY) {
		words->wrong = kind == ANY ? "a step that this stage does not know" : "too many steps";
		return;
	}
	step->kind = kind;
	step->number = number_of(words, "n", 0);
	step->join = bounded(words, "join", 0, 1);
	if (step->kind == STEP_ORDER || step->kind == STEP_KILL)
		step->actor = bounded(words, "actor", 0, program->n_actors - 1);
	if (step->kind == STEP_ORDER)
		read_order(words, program, step);
	else
		read_server_step(words, step);
	program->n_steps++;
}

static void read_file(struct words *words, struct program *program)
{
	struct file_plan *file = &program->files[program->n_files];

	if (program->n_files == MAX_FILES) {
		words->wrong = "too many files";
		return;
	}
	file->ino = bounded(words, "ino", 2, 1 << 20);
	file->size = bounded(words, "size", 0, MAX_FILE_BYTES);
	file->fill = bounded(words, "fill", 0, 255);
	file->open_flags = number_of(words, "open", 0);
	file->directory = bounded(words, "dir", 0, 1);
	file->absent = bounded(words, "absent", 0, 1);
	name_of(words, file->name);
	program->n_files++;
}

static void read_actor(struct words *words, struct program *program)
{
	struct actor_plan *actor = &program->actors[program->n_actors];

	if (program->n_actors == MAX_ACTORS || number_of(words, "id", 0) != program->n_actors) {
		words->wrong = "too many actors, or an id out of order";
		return;
	}
	actor->process = bounded(words, "process", 0, MAX_PROCESSES - 1);
	actor->forked = bounded(words, "forked", 0, 1);
	if (actor->process >= program->n_processes)
		program->n_processes = actor->process + 1;
	name_of(words, actor->name);
	program->n_actors++;
}

static void read_line(struct words *words, const char *item, struct program *program)
{
	if (!strcmp(item, "init")) {
		program->init_flags = number_of(words, "flags", 0);
		program->max_write = bounded(words, "max_write", 0, MAX_IO_BYTES);
		program->max_pages = bounded(words, "max_pages", 1, MAX_IO_BYTES / 4096);
		program->delay_usec = bounded(words, "delay", 0, MOST_DELAY_USEC);
		program->stack_depth = number_of(words, "stack", 1);
		program->short_init = bounded(words, "short", 0, 1);
	} else if (!strcmp(item, "file")) {
		read_file(words, program);
	} else if (!strcmp(item, "actor")) {
		read_actor(words, program);
	} else if (!strcmp(item, "step")) {
		read_step(words, program);
	} else {
		words->wrong = "an item that this stage does not know";
	}
}

int program_read(char *text, struct program *program, const char **why)
{
	char *save = NULL, *line;
	int number = 0;

	memset(program, 0, sizeof(*program));
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *rest = strchr(line, ' ');
		struct words words;
		int i;

		number++;
		if (number == 1) {
			*why = "not a program of version 1";
			if (strcmp(line, "program 1"))
				return number;
			continue;
		}
		if (!strcmp(line, "end"))
			return 0;
		if (rest)
			*rest++ = '\0';
		split(rest ? rest : line + strlen(line), &words);
		if (!words.wrong)
			read_line(&words, line, program);
		for (i = 0; i < words.n && !words.wrong; i++)
			if (!words.used[i])
				words.wrong = "a key that this item does not take";
		if (words.wrong) {
			*why = words.wrong;
			return number;
		}
	}
	*why = "its end is missing";
	return number + 1;
}

const struct file_plan *program_file(const struct program *program, uint64_t ino)
{
	int i;

	for (i = 0; i < program->n_files; i++)
		if (program->files[i].ino == ino)
			return &program->files[i];
	return NULL;
}
