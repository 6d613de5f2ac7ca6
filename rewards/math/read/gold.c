/* SPDX-License-Identifier: MIT */
#include "gold.h"

#include "../../json_text.h"
#include "../tree/slice.h"

/* The reference in one text; a number is kept as its JSON text, so every digit
 * counts. */
static void read_text(struct golds *g, struct work *w, grpo_str text)
{
	struct found found[EXTRACT_MAX_FOUND];
	const struct answer *a = NULL;
	int n = extract_gold(text, found);

	for (int i = 0; i < n && !a && w->status != GRPO_REWARD_FAILED; i++) {
		w->status = 0;
		a = answer_read(w, &found[i]);
	}
	if (a)
		g->at[g->n++] = a;
}

static void read_one(struct golds *g, struct work *w, grpo_str value)
{
	char *text;

	if (value.len > GOLD_MAX_BYTES || g->n == GOLD_MAX ||
	    w->status == GRPO_REWARD_FAILED)
		return;
	if (value.len && (value.ptr[0] == '-' || is_digit(value.ptr[0]))) {
		read_text(g, w, value);
		return;
	}
	if (!value.len || value.ptr[0] != '"')
		return;
	text = work_alloc(w, value.len);
	if (text)
		read_text(g, w, (grpo_str){text, json_text(text, value)});
}

/* The length of the JSON value at the front, up to what follows it in a
 * list. */
static size_t value_length(grpo_str s)
{
	size_t n = 0;
	int depth = 0, is_string = 0;

	for (; n < s.len; n++) {
		char c = s.ptr[n];

		if (is_string) {
			n += c == '\\';
			is_string = c != '"';
			continue;
		}
		if (depth == 0 && (c == ',' || c == ']'))
			break;
		is_string = c == '"';
		depth += (c == '[' || c == '{') - (c == ']' || c == '}');
	}
	return n < s.len ? n : s.len;
}

static void read_list(struct golds *g, struct work *w, grpo_str list)
{
	while (list.len && list.ptr[0] != ']') {
		size_t n = value_length(list);

		read_one(g, w, trim((grpo_str){list.ptr, n}));
		drop(&list, n);
		take(&list, ",");
	}
}

int golds_read(struct golds *out, struct work *w, grpo_str cell)
{
	out->n = 0;
	cell = trim(cell);
	if (take(&cell, "["))
		read_list(out, w, cell);
	else
		read_one(out, w, cell);
	return w->status == GRPO_REWARD_FAILED ? w->status : 0;
}
