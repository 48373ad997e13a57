// SPDX-License-Identifier: GPL-2.0-only
/* Holds requests back; see backlog.h. */
#include <stdlib.h>
#include <string.h>

#include "backlog.h"

#define MAX_RULES 16

static struct match rules[MAX_RULES];
static int n_rules;
static struct request *oldest;

static bool agrees(int64_t wanted, uint64_t is)
{
	return wanted == ANY || (uint64_t)wanted == is;
}

static bool matches(const struct match *match, const struct arrival *arrival)
{
	return agrees(match->op, arrival->opcode) && (match->by == ANY || match->by == arrival->by) &&
	       agrees(match->ino, arrival->ino) && agrees(match->fh, arrival->fh) && agrees(match->off, arrival->off) &&
	       agrees(match->len, arrival->len);
}

bool backlog_hold(const struct match *match)
{
	if (n_rules == MAX_RULES)
		return false;
	rules[n_rules++] = *match;
	return true;
}

void backlog_unhold(const struct match *match)
{
	static const struct match any = { ANY, ANY, ANY, ANY, ANY, ANY };
	int i = 0;

	while (i < n_rules) {
		if (!memcmp(match, &any, sizeof(any)) || !memcmp(match, &rules[i], sizeof(rules[i])))
			rules[i] = rules[--n_rules];
		else
			i++;
	}
}

bool backlog_keep(struct request *request)
{
	struct request **end = &oldest;
	int i;

	for (i = 0; i < n_rules; i++)
		if (matches(&rules[i], &request->arrival))
			break;
	if (i == n_rules)
		return false;
	while (*end)
		end = &(*end)->next;
	*end = request;
	return true;
}

struct request *backlog_take(const struct match *match)
{
	struct request **at;

	for (at = &oldest; *at; at = &(*at)->next) {
		struct request *found = *at;

		if (!matches(match, &found->arrival))
			continue;
		*at = found->next;
		found->next = NULL;
		return found;
	}
	return NULL;
}

void request_free(struct request *request)
{
	free(request->data);
	free(request);
}
