/* SPDX-License-Identifier: MIT */
/*
 * format: does the completion think first and then answer, in its tags?
 *
 * The completion is all that the model is taken to have written, what its
 * template began for it included: it begins with "<think>".
 *
 * Requirements, with think and answer standing for the tag names that the
 * parameters give:
 *
 *  F1  Each of the four tags <think>, </think>, <answer>, </answer> is there
 *      exactly once, byte for byte, and in this order.  A second one anywhere
 *      fails, also inside a block: a check that finds the first or the last
 *      match can be led by the nose.
 *  F2  The thought holds a word character (a letter or a digit of any script,
 *      or '_'): "<think> ... </think>" is no thought.
 *  F3  The answer holds something that can be seen: neither a space nor a
 *      control or format character of Unicode.
 *  F4  Mode "strict": around the two blocks and between them is only white
 *      space (Unicode's, so a no-break space too).
 *  F5  Mode "strict": the model ended the completion itself (STOP).  One that
 *      was cut at its end may look whole by chance.
 *  F6  Mode "soft": F1 to F3 alone; any text may stand around the blocks and
 *      between them.
 *  F7  The reward is `score` where all holds, else 0.  With `partial`, else
 *      score * (tags of which there is exactly one) / (tags + 1), so that all
 *      four tags without the format give 0.8 of it.
 *  F8  Every row is decided: the status is SCORED.
 *  F9  Time is linear in the completion; bytes that are no UTF-8 are neither
 *      word characters nor visible.
 *  F10 Parameters: {"mode": "strict" | "soft" | "count", "think": "think",
 *      "answer": "answer" | null, "score": 1, "partial": false}.  Tag names
 *      are letters, digits, '_' and '-', and differ.  `partial` is not for
 *      mode "count".
 *  F11 Mode "count": score * (tags of which there is exactly one) / tags, and
 *      nothing else: neither their order nor what stands in them.
 *  F12 `answer` null: two tags, <think> and </think>; the answer is all that
 *      follows them.  F1 to F3 and F5 hold; F4 before the thought.
 *  F13 Tokens that end a turn ("<|im_end|>", "</s>", …) are cut off the end of
 *      the completion first, with the white space before them.
 *
 * differs: Open-R1's tag_count_reward counts "<think>\n", "\n</think>\n",
 * "\n<answer>\n" and "\n</answer>"; F11 counts the tags without lines.
 * TRL's think_format_reward lets the thought and the answer be empty, and a
 * second </think> pass; F12 does not.
 */
#include <stdlib.h>
#include <utf8proc.h>
#include "../params.h"
#include "../row.h"

enum { THINK, END_THINK, ANSWER, END_ANSWER, N_TAGS };
enum { STRICT, SOFT, COUNT };

struct state {
	int mode, partial;
	double score;
	char think[PARAM_NAME_SIZE];
	char answer[PARAM_NAME_SIZE]; /* empty: no tags for it (F12) */
	int n_tags;                   /* THINK … n_tags-1 */
	char tag[N_TAGS][PARAM_NAME_SIZE + 3];
	size_t tag_len[N_TAGS];
};

/* Parameters (F10) */

static const struct param known[] = {
    {PARAM("mode", PARAM_CHOICE, struct state, mode),
     .words = {"strict", "soft", "count"}},
    {PARAM("think", PARAM_TAG, struct state, think)},
    {PARAM("answer", PARAM_TAG_NULL, struct state, answer)},
    {PARAM("score", PARAM_NUMBER, struct state, score)},
    {PARAM("partial", PARAM_BOOL, struct state, partial)},
    {0},
};

static void make_tags(struct state *s)
{
	s->n_tags = s->answer[0] ? N_TAGS : ANSWER;
	for (int t = 0; t < s->n_tags; t++)
		s->tag_len[t] = (size_t)snprintf(
		    s->tag[t], sizeof s->tag[t], "<%s%s>", t & 1 ? "/" : "",
		    t < ANSWER ? s->think : s->answer);
}

static int read_params(struct state *s, const grpo_reward_host *host,
		       grpo_str params)
{
	if (params_read(s, NULL, known, host, params) < 0)
		return -1;
	if (strcmp(s->think, s->answer) == 0)
		return param_complain(host, "answer",
				      "must differ from \"think\"");
	if (s->partial && s->mode == COUNT)
		return param_complain(host, "partial",
				      "mode \"count\" is partial by itself");
	make_tags(s);
	return 0;
}

static int format_open(void **state, const grpo_reward_host *host,
		       grpo_str params)
{
	struct state *s = calloc(1, sizeof *s);

	if (!s)
		return param_complain(host, "params", "out of memory");
	s->score = 1;
	memcpy(s->think, "think", sizeof "think");
	memcpy(s->answer, "answer", sizeof "answer");
	if (read_params(s, host, params) < 0) {
		free(s);
		return -1;
	}
	*state = s;
	return 0;
}

/* The text */

struct found {
	size_t count[N_TAGS];
	size_t at[N_TAGS]; /* first byte of the last one found */
};

/* Byte by byte: mostly the second one settles it. */
static int is_at(const char *p, const char *end, const char *tag)
{
	for (; *tag; p++, tag++)
		if (p == end || *p != *tag)
			return 0;
	return 1;
}

static void find_tags(struct found *f, const struct state *s, grpo_str text)
{
	const char *p = text.ptr, *end;

	memset(f, 0, sizeof *f);
	if (!text.len)
		return; /* maybe without a pointer */
	end = p + text.len;
	while ((p = memchr(p, '<', (size_t)(end - p)))) {
		for (int t = 0; t < s->n_tags; t++) {
			if (is_at(p, end, s->tag[t])) {
				f->count[t]++;
				f->at[t] = (size_t)(p - text.ptr);
			}
		}
		p++;
	}
}

static int count_single(const struct state *s, const struct found *f)
{
	int n = 0;

	for (int t = 0; t < s->n_tags; t++)
		n += f->count[t] == 1;
	return n;
}

/* F2: as \w of Unicode regular expressions. */
static int is_word(utf8proc_int32_t c)
{
	utf8proc_category_t cat = utf8proc_category(c);

	return c == '_' ||
	       (cat >= UTF8PROC_CATEGORY_LU && cat <= UTF8PROC_CATEGORY_LO) ||
	       (cat >= UTF8PROC_CATEGORY_ND && cat <= UTF8PROC_CATEGORY_NO);
}

/* F3: no separator (Z*), and none of the group "other" (C*), to which
 * unassigned characters belong. */
static int is_visible(utf8proc_int32_t c)
{
	utf8proc_category_t cat = utf8proc_category(c);

	return cat != UTF8PROC_CATEGORY_CN && cat < UTF8PROC_CATEGORY_ZS;
}

/* Whether the text holds a character that `is` says yes to. */
static int has_character(grpo_str text, int (*is)(utf8proc_int32_t))
{
	const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)text.ptr;

	for (size_t at = 0; at < text.len;) {
		utf8proc_int32_t c;
		utf8proc_ssize_t n = utf8proc_iterate(
		    p + at, (utf8proc_ssize_t)(text.len - at), &c);

		if (n > 0 && is(c))
			return 1;
		at += n > 0 ? (size_t)n : 1;
	}
	return 0;
}

/* Cuts the text at its tags: gap[t] stands before tag t, the last one after
 * all of them.  0 where the tags are in another order. */
static int split(grpo_str *gap, const struct state *s, const struct found *f,
		 grpo_str text)
{
	size_t from = 0;

	for (int t = 0; t < s->n_tags; t++) {
		if (f->at[t] < from)
			return 0;
		gap[t] = (grpo_str){text.ptr + from, f->at[t] - from};
		from = f->at[t] + s->tag_len[t];
	}
	gap[s->n_tags] = (grpo_str){text.ptr + from, text.len - from};
	return 1;
}

/* What fails of F1 to F6, given that each tag is there once; NULL: nothing. */
static const char *find_fault(const struct state *s, const struct found *f,
			      grpo_str text, uint8_t finish)
{
	int in_tags = s->n_tags == N_TAGS;
	grpo_str gap[N_TAGS + 1];

	if (!split(gap, s, f, text))
		return "the tags are in another order";
	if (!has_character(gap[END_THINK], is_word))
		return "no word in the thought";
	if (!has_character(gap[in_tags ? END_ANSWER : ANSWER], is_visible))
		return "nothing to see in the answer";
	if (s->mode == SOFT)
		return NULL;
	if (finish != GRPO_REWARD_FINISH_STOP)
		return "it did not end by itself";
	if (!row_is_blank(gap[THINK]))
		return "text before the thought";
	if (in_tags && !row_is_blank(gap[ANSWER]))
		return "text between the blocks";
	if (in_tags && !row_is_blank(gap[N_TAGS]))
		return "text after the answer";
	return NULL;
}

/* "<think> 1, </think> 2" */
static void say_counts(const struct state *s, const struct found *f,
		       const grpo_reward_batch *b, size_t i)
{
	char text[N_TAGS * (sizeof s->tag[0] + 24)];
	size_t n = 0;

	if (!row_is_explained(b))
		return;
	for (int t = 0; t < s->n_tags; t++)
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%s %zu",
				      t ? ", " : "", s->tag[t], f->count[t]);
	row_say_text(b, i, "tags", (grpo_str){text, n});
}

static double score_one(const struct state *s, const grpo_reward_batch *b,
			size_t i)
{
	grpo_str text = row_cut_end_tokens(b->completions[i]); /* F13 */
	const char *fault = "not each tag once";
	struct found f;
	int single;

	find_tags(&f, s, text);
	single = count_single(s, &f);
	if (single < s->n_tags || s->mode == COUNT)
		say_counts(s, &f, b, i);
	if (s->mode == COUNT)
		return s->score * single / s->n_tags; /* F11 */
	if (single == s->n_tags)
		fault = find_fault(s, &f, text, b->finish[i]);
	row_say(b, i, "rule", "%s", fault ? fault : "thinks, then answers");
	if (!fault)
		return s->score;
	return s->partial ? s->score * single / (s->n_tags + 1) : 0; /* F7 */
}

static int format_score(void *state, const grpo_reward_batch *batch,
			double *rewards, uint8_t *status)
{
	for (size_t i = 0; i < batch->n; i++) {
		rewards[i] = score_one(state, batch, i);
		status[i] = GRPO_REWARD_SCORED; /* F8 */
	}
	return 0;
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = GRPO_REWARD_THREADSAFE,
    .name = "format",
    .version = "1.0",
    .summary = "thinks, then answers, in their tags: 1, else 0",
    .open = format_open,
    .score = format_score,
    .close = free,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
