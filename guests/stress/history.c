// SPDX-License-Identifier: GPL-2.0-only
/*
 * The last writes to every block, in rings that nobody locks: a slot is taken by counting, and counts once its version is in it. See history.h.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

#include "history.h"

/* More than are written while somebody reads, or the reader judges nothing. */
#define SLOTS		256
#define MOST_MEANWHILE	(SLOTS / 2)

/* A version: who wrote, which block, and the how manieth write of the writer's it was. Zeros have none: a 1 that no writer has. */
#define VERSION_ZEROS	1ull
#define ACTOR_SHIFT	56
#define FILE_SHIFT	52
#define BLOCK_SHIFT	40
#define COUNT_MASK	((1ull << BLOCK_SHIFT) - 1)

struct write_entry {
	_Atomic uint64_t version;
	_Atomic uint64_t began;
	/* 0 while it goes on. */
	_Atomic uint64_t ended;
	enum write_kind kind;
	/* Some words of it may never have been written. */
	volatile bool partial;
	/* Its pages may have been dropped while it was at the server. */
	volatile bool dropped;
};

struct block_history {
	atomic_uint taken;
	struct write_entry entries[SLOTS];
};

static struct block_history (*histories)[MAX_BLOCKS];

static uint64_t version_of(unsigned int actor, unsigned int file, unsigned int block, uint64_t count)
{
	return (uint64_t)(actor + 1) << ACTOR_SHIFT | (uint64_t)file << FILE_SHIFT | (uint64_t)block << BLOCK_SHIFT | (count & COUNT_MASK);
}

uint64_t history_first(unsigned int file, unsigned int block)
{
	return version_of(MAX_ACTORS, file, block, 0);
}

static unsigned int enter(unsigned int file, unsigned int block, uint64_t version, enum write_kind kind)
{
	struct block_history *history = &histories[file][block];
	unsigned int slot = atomic_fetch_add(&history->taken, 1) % SLOTS;
	struct write_entry *entry = &history->entries[slot];

	atomic_store(&entry->version, 0);
	atomic_store(&entry->ended, 0);
	entry->kind = kind;
	entry->partial = false;
	entry->dropped = false;
	atomic_store(&entry->began, atomic_fetch_add(&arena->clock, 1) + 1);
	atomic_store(&entry->version, version);
	return slot;
}

int history_create(void)
{
	unsigned int file, block;

	histories = mmap(NULL, arena->plan.files * sizeof(*histories), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (histories == MAP_FAILED)
		return -errno;
	for (file = 0; file < arena->plan.files; file++)
		for (block = 0; block < arena->plan.blocks; block++) {
			unsigned int slot = enter(file, block, history_first(file, block), WRITE_CALL);

			atomic_store(&histories[file][block].entries[slot].ended, atomic_fetch_add(&arena->clock, 1) + 1);
		}
	return 0;
}

uint64_t history_begin(struct actor *actor, unsigned int block, enum write_kind kind)
{
	uint64_t version = kind == WRITE_ZEROS ? VERSION_ZEROS : version_of(actor->id, actor->file, block, ++actor->writes);
	unsigned int slot = enter(actor->file, block, version, kind);

	actor->pending[actor->n_pending] = (struct write_ref){ block, slot };
	actor->n_pending++;
	return version;
}

void history_drop(struct actor *actor, bool begins)
{
	if (!begins)
		atomic_store(&actor->dropped, atomic_fetch_add(&arena->clock, 1) + 1);
	actor->dropping = begins;
}

/* Somebody dropped what is cached of the file, at some time since then. */
static bool dropped_since(unsigned int file, uint64_t when)
{
	unsigned int i;

	for (i = 0; i < arena->n_actors; i++) {
		const struct actor *other = &arena->actors[i];

		if (other->file == file && (other->dropping || atomic_load(&other->dropped) > when))
			return true;
	}
	return false;
}

void history_end(struct actor *actor, bool whole)
{
	uint64_t at = atomic_fetch_add(&arena->clock, 1) + 1;
	unsigned int i;

	for (i = 0; i < actor->n_pending; i++) {
		struct write_ref ref = actor->pending[i];
		struct write_entry *entry = &histories[actor->file][ref.block].entries[ref.slot];

		entry->partial = !whole;
		entry->dropped = entry->kind == WRITE_CACHED && dropped_since(actor->file, atomic_load(&entry->began));
		atomic_store(&entry->ended, at);
	}
	actor->n_pending = 0;
}

uint64_t history_now(void)
{
	return atomic_fetch_add(&arena->clock, 1) + 1;
}

static bool over_before(const struct write_entry *entry, uint64_t when)
{
	uint64_t ended = atomic_load(&entry->ended);

	return ended && ended < when;
}

/* A store met `write` and may still show what was there before it. */
static bool beneath_a_store(const struct block_history *history, const struct write_entry *write, uint64_t began)
{
	unsigned int i;

	for (i = 0; i < SLOTS; i++) {
		const struct write_entry *store = &history->entries[i];

		if (!atomic_load(&store->version) || store->kind != WRITE_STORE || store == write)
			continue;
		if (atomic_load(&store->began) > atomic_load(&write->ended) || over_before(store, atomic_load(&write->began)))
			continue;
		if (store->partial || !over_before(store, began))
			return true;
	}
	return false;
}

struct reading {
	unsigned int file, block;
	uint64_t began, ended;
	/* A write whose pages were dropped replaces nothing. */
	bool lenient;
	const char *how;
};

/* The write that has replaced `entry` for a read, or NULL. */
static const struct write_entry *replaced_by(const struct block_history *history, const struct write_entry *entry, const struct reading *read)
{
	uint64_t ended = atomic_load(&entry->ended);
	unsigned int i;

	if (!ended)
		return NULL;
	for (i = 0; i < SLOTS; i++) {
		const struct write_entry *later = &history->entries[i];

		if (later == entry || !atomic_load(&later->version) || later->partial || (read->lenient && later->dropped))
			continue;
		if (atomic_load(&later->began) > ended && over_before(later, read->began) && !beneath_a_store(history, later, read->began))
			return later;
	}
	return NULL;
}

static void name_version(char *text, size_t room, uint64_t version)
{
	unsigned int actor = (version >> ACTOR_SHIFT) - 1;

	if (!version || version == VERSION_ZEROS)
		snprintf(text, room, "zeros");
	else if (actor == MAX_ACTORS)
		snprintf(text, room, "what the file had at first");
	else if (actor > MAX_ACTORS)
		snprintf(text, room, "%#llx, which nobody wrote", (unsigned long long)version);
	else
		snprintf(text, room, "write %llu of %s to f%u's block %u", (unsigned long long)(version & COUNT_MASK), arena->actors[actor].name,
			 (unsigned int)(version >> FILE_SHIFT) & 15, (unsigned int)(version >> BLOCK_SHIFT) & 4095);
}

static const char *const kinds[] = {
	[WRITE_CALL] = "a pwrite", [WRITE_CACHED] = "a pwrite through the page cache", [WRITE_STORE] = "a store", [WRITE_ZEROS] = "a truncate",
};

/* Tells `saw` of the word of this version, which `by` had replaced where it is not NULL. */
static void complain(const struct reading *read, size_t word, uint64_t version, const struct write_entry *by, void (*tell)(const char *format, ...))
{
	char seen[96], later[96];

	name_version(seen, sizeof(seen), version);
	if (!by) {
		tell("%s saw %s in word %zu of f%u's block %u, which no write explains", read->how, seen, word, read->file, read->block);
		return;
	}
	name_version(later, sizeof(later), atomic_load(&by->version));
	tell("%s saw %s in word %zu of f%u's block %u, which %s had replaced (%s%s, from %llu to %llu) before the read began at %llu", read->how, seen,
	     word, read->file, read->block, later, kinds[by->kind], read->lenient ? " that met an open or mmap" : "",
	     (unsigned long long)by->began, (unsigned long long)by->ended, (unsigned long long)read->began);
}

/* Returns whether some write explains it; else *by is who replaced the last that could. */
static bool explained(const struct block_history *history, const struct reading *read, uint64_t wanted, const struct write_entry **by)
{
	unsigned int i;

	*by = NULL;
	for (i = 0; i < SLOTS; i++) {
		const struct write_entry *entry = &history->entries[i], *later;

		if (atomic_load(&entry->version) != wanted || atomic_load(&entry->began) > read->ended)
			continue;
		later = replaced_by(history, entry, read);
		if (!later)
			return true;
		*by = later;
	}
	return false;
}

/*
 * The cached write whose pages were dropped and that hides, but for that, what was seen of `wanted` (of any version where that is 0): it has replaced
 * a write that nothing else has.
 */
static const struct write_entry *hidden_by(const struct block_history *history, const struct reading *read, uint64_t wanted)
{
	struct reading strict = *read, lenient = *read;
	unsigned int i;

	strict.lenient = false;
	lenient.lenient = true;
	for (i = 0; i < SLOTS; i++) {
		const struct write_entry *entry = &history->entries[i], *later;
		uint64_t version = atomic_load(&entry->version);

		if (!version || (wanted && version != wanted) || atomic_load(&entry->began) > read->ended || replaced_by(history, entry, &lenient))
			continue;
		later = replaced_by(history, entry, &strict);
		if (later)
			return later;
	}
	return NULL;
}

static uint64_t content_of(uint64_t version)
{
	return version == VERSION_ZEROS ? 0 : version;
}

/*
 * Who copies a page while somebody stores to it may see a word half old and half new: x86 copies to users by rep movsb, a byte at a time where it
 * pleases. So, only while something was written to the block, each byte may have an explanation of its own.
 */
static bool torn(const struct block_history *history, const struct reading *read, uint64_t seen)
{
	bool meanwhile = false;
	uint64_t unlike = ~0ull;
	unsigned int i, byte;

	for (i = 0; i < SLOTS; i++) {
		const struct write_entry *entry = &history->entries[i];
		uint64_t version = atomic_load(&entry->version), differs = content_of(version) ^ seen;

		if (!version || atomic_load(&entry->began) > read->ended || replaced_by(history, entry, read))
			continue;
		meanwhile |= !over_before(entry, read->began);
		for (byte = 0; byte < sizeof(seen); byte++)
			if (!(differs >> 8 * byte & 0xff))
				unlike &= ~(0xffull << 8 * byte);
	}
	return meanwhile && !unlike;
}

void history_judge(unsigned int file, unsigned int block, const uint64_t *words, size_t n_words, struct read_way way)
{
	struct reading read = { .file = file, .block = block, .began = way.began, .ended = history_now(), .how = way.how };
	struct block_history *history = &histories[file][block];
	unsigned int meanwhile = 0, i;
	uint64_t last = ~0ull;
	size_t at;

	for (at = 0; at < n_words; at++) {
		const struct write_entry *by, *not_dropped;

		/* Most words are like those before them. */
		if (words[at] == last)
			continue;
		last = words[at];
		read.lenient = false;
		if (explained(history, &read, last ?: VERSION_ZEROS, &by))
			continue;
		if (torn(history, &read, last)) {
			atomic_fetch_add(&arena->torn, 1);
			continue;
		}
		read.lenient = way.through_cache;
		if (read.lenient && explained(history, &read, last ?: VERSION_ZEROS, &not_dropped)) {
			complain(&read, at, last, hidden_by(history, &read, last ?: VERSION_ZEROS) ?: by, note_brought_back);
			continue;
		}
		if (read.lenient && torn(history, &read, last)) {
			complain(&read, at, last, hidden_by(history, &read, 0) ?: by, note_brought_back);
			continue;
		}
		read.lenient = false;
		for (i = 0; i < SLOTS; i++)
			meanwhile += atomic_load(&history->entries[i].began) > way.began;
		if (meanwhile > MOST_MEANWHILE) {
			atomic_fetch_add(&arena->unjudged, n_words);
			return;
		}
		complain(&read, at, last, way.through_cache ? not_dropped : by, fail);
		return;
	}
	atomic_fetch_add(&arena->judged, n_words);
}
