/* SPDX-License-Identifier: MIT */
/*
 * language: the share of the words that are in the script of the prompt.
 *
 * DeepSeek-R1's reward against mixing languages (arXiv:2501.12948): the share
 * of words of the target language in the chain of thought.  This reward only
 * distinguishes scripts, so it can tell Chinese from English, but not French
 * from English.
 *
 * Requirements:
 *
 *  K1  The reward is (words in the target's scripts) / (words), from 0 to 1.
 *  K2  A word is a run of letters of one script with its marks and
 *      apostrophes.  It counts once for every 16 of its letters, or part of
 *      them: leaving out the spaces saves nothing.
 *  K3  In scripts that put no spaces between words (Han, Hiragana, Katakana,
 *      Bopomofo, Thai, Lao, Khmer, Myanmar, Tibetan, Yi) every letter counts
 *      as a word.
 *  K4  Not counted: digits, punctuation, signs, letters that belong to no
 *      script (as the mathematical alphabets do), a single Latin or Greek
 *      letter on its own, which is a variable, and bytes that are no UTF-8.
 *  K5  Not counted, as the parameter `skip` lists them:
 *      "code": ```…``` and, on one line, `…`;
 *      "math": $$…$$, \[…\], \(…\), \begin{…}…\end{…}, $…$ on one line and
 *      without spaces just inside, and the name of any \command;
 *      "tags": <name>, </name> and <name/>.
 *      An unclosed block is counted as text.  Never counted: tokens that end a
 *      turn ("<|im_end|>", "</s>", …) at the end of the completion.
 *  K6  If nothing is left to count: 0, NO_ANSWER.  A completion that puts all
 *      its words into blocks, or writes none, therefore gains nothing.
 *  K7  The target "prompt" is the script with most words in the prompt or, with
 *      `column`, in the string of that column, counted by the same rules.  Kana
 *      and Han count as one script (Japanese) if at least a tenth of them is
 *      kana.
 *  K8  Target "prompt", and there is no word in it, or no such string: MISSING.
 *  K9  Every other row is SCORED.
 *  K10 Time is linear in prompt and completion.
 *  K11 Parameters: {"target": "prompt" | "Latin" | ["Han", "Latin"] …,
 *      "column", "skip": ["code", "math", "tags"]}.  Scripts have Unicode's
 *      names; "Japanese" stands for Han, Hiragana and Katakana.  `column` is
 *      for target "prompt".
 */
#include <stdlib.h>
#include "../json_text.h"
#include "../params.h"
#include "../row.h"
#include "blocks.h"
#include "script.h"

struct state {
	uint32_t target; /* scripts, a bit each; 0: the prompt's */
	uint32_t skip;   /* enum block */
	char column[PARAM_TEXT_SIZE];
	struct script_reader *reader;
	const grpo_reward_host *host;
};

/* Parameters (K11) */

static int add_target(uint32_t *target, const cJSON *p, const char *key,
		      const grpo_reward_host *host)
{
	const char *name = cJSON_GetStringValue(p);
	uint32_t scripts = name ? script_named(name) : 0;
	char what[PARAM_WHAT_BYTES];

	if (scripts) {
		*target |= scripts;
		return 0;
	}
	snprintf(what, sizeof what,
		 "%s%.40s%sexpected \"prompt\", or Unicode names of scripts "
		 "such as \"Latin\" and \"Han\", or \"Japanese\"",
		 name ? "no script \"" : "", name ? name : "",
		 name ? "\": " : "");
	return param_complain(host, key, what);
}

static int read_target(void *field, const cJSON *p,
		       const grpo_reward_host *host)
{
	const char *text = cJSON_GetStringValue(p);
	uint32_t *target = field;

	*target = 0;
	if (text && strcmp(text, "prompt") == 0)
		return 0;
	if (!cJSON_IsArray(p) || !p->child)
		return add_target(target, p, p->string, host);
	for (const cJSON *q = p->child; q; q = q->next)
		if (add_target(target, q, p->string, host) < 0)
			return -1;
	return 0;
}

static int read_skip(void *field, const cJSON *p, const grpo_reward_host *host)
{
	static const char *const names[] = {"code", "math", "tags"};
	uint32_t *skip = field;

	*skip = 0;
	for (const cJSON *q = cJSON_IsArray(p) ? p->child : p; q;
	     q = cJSON_IsArray(p) ? q->next : NULL) {
		const char *text = cJSON_GetStringValue(q);
		int i = 0;

		while (i < 3 && !(text && strcmp(text, names[i]) == 0))
			i++;
		if (i == 3)
			return param_complain(host, p->string,
					      "expected a list of \"code\", "
					      "\"math\" and \"tags\"");
		*skip |= (uint32_t)1 << i;
	}
	return 0;
}

static const struct param known[] = {
    {PARAM("target", PARAM_OWN, struct state, target), .read = read_target},
    {PARAM("column", PARAM_COLUMN, struct state, column)},
    {PARAM("skip", PARAM_OWN, struct state, skip), .read = read_skip},
    {0},
};

static int read_params(struct state *s, const grpo_reward_host *host,
		       grpo_str params)
{
	if (params_read(s, NULL, known, host, params) < 0)
		return -1;
	if (s->target && s->column[0])
		return param_complain(
		    host, "column",
		    "has no effect unless \"target\" is \"prompt\"");
	return 0;
}

static void language_close(void *state)
{
	struct state *s = state;

	script_reader_free(s->reader);
	free(s);
}

static int language_open(void **state, const grpo_reward_host *host,
			 grpo_str params)
{
	struct state *s = calloc(1, sizeof *s);

	if (!s)
		return param_complain(host, "params", "out of memory");
	s->skip = BLOCK_CODE | BLOCK_MATH | BLOCK_TAGS;
	s->host = host;
	s->reader = script_reader_create();
	if (!s->reader)
		param_complain(host, "params",
			       "PCRE2 lacks memory, or Unicode properties");
	if (!s->reader || read_params(s, host, params) < 0) {
		language_close(s);
		return -1;
	}
	*state = s;
	return 0;
}

/* Counting */

/* The words of each script in `text`, blocks left out.  0, or -1 where memory
 * is out. */
static int count_words(struct words *w, const struct state *s, grpo_str text)
{
	char *plain = malloc(text.len + 1);
	int rc = -1;

	*w = (struct words){{0}, 0};
	if (plain) {
		blocks_blank(plain, text, s->skip);
		rc = script_count(w, s->reader, (grpo_str){plain, text.len});
	}
	free(plain);
	return rc;
}

/* K7: the scripts of the text with these words; 0 where it has none. */
static uint32_t main_scripts(const struct words *w)
{
	uint32_t japanese = script_named("Japanese");
	uint32_t han = script_named("Han"), best = 0;
	size_t most = 0, both = words_in(w, japanese);
	size_t kana = both - words_in(w, han);

	for (int i = 0; i < N_SCRIPTS; i++) {
		if (w->n[i] > most) {
			most = w->n[i];
			best = (uint32_t)1 << i;
		}
	}
	if (kana > 0 && kana * 10 >= both && both >= most)
		return japanese;
	return best;
}

/* The target of row i, 0 where there is none (K8); -1 where memory is out. */
static int find_target(uint32_t *target, const struct state *s,
		       const grpo_reward_batch *b, size_t i)
{
	grpo_str text = b->prompts[i];
	char *decoded = NULL;
	struct words w;
	int rc;

	*target = s->target;
	if (s->target)
		return 0;
	if (s->column[0]) {
		grpo_str cell = row_cell(b, s->column, i);

		decoded = malloc(cell.len + 1);
		if (!decoded)
			return -1;
		text = (grpo_str){decoded, json_text(decoded, cell)};
	}
	rc = count_words(&w, s, text);
	*target = rc == 0 ? main_scripts(&w) : 0;
	free(decoded);
	return rc;
}

/* "Latin 11, Han 120" */
static void say_words(const struct words *w, const grpo_reward_batch *b,
		      size_t i)
{
	char text[ROW_NOTE_BYTES];
	size_t n = 0;

	for (int k = 0; k < N_SCRIPTS && n < sizeof text; k++)
		if (w->n[k])
			n += (size_t)snprintf(text + n, sizeof text - n,
					      "%s%s %zu", n ? ", " : "",
					      script_name(k), w->n[k]);
	row_say(b, i, "words", "%s", n ? text : "none");
}

static void say_target(uint32_t target, const grpo_reward_batch *b, size_t i)
{
	char text[ROW_NOTE_BYTES];
	size_t n = 0;

	for (int k = 0; k < N_SCRIPTS && n < sizeof text; k++)
		if (target >> k & 1)
			n += (size_t)snprintf(text + n, sizeof text - n, "%s%s",
					      n ? ", " : "", script_name(k));
	row_say(b, i, "target", "%s", n ? text : "none");
}

static int score_one(const struct state *s, const grpo_reward_batch *b,
		     size_t i, double *reward, uint8_t *status)
{
	uint32_t target;
	struct words w;

	*reward = 0;
	*status = GRPO_REWARD_MISSING;
	if (find_target(&target, s, b, i) < 0)
		return -1;
	if (row_is_explained(b))
		say_target(target, b, i);
	if (!target) {
		if (s->column[0])
			row_say_missing(b, i, s->column);
		return 0;
	}
	if (count_words(&w, s, row_cut_end_tokens(b->completions[i])) < 0)
		return -1;
	if (row_is_explained(b))
		say_words(&w, b, i);
	*status = w.all ? GRPO_REWARD_SCORED : GRPO_REWARD_NO_ANSWER;
	if (w.all)
		*reward = (double)words_in(&w, target) / (double)w.all;
	return 0;
}

static int language_score(void *state, const grpo_reward_batch *batch,
			  double *rewards, uint8_t *status)
{
	const struct state *s = state;

	for (size_t i = 0; i < batch->n; i++)
		if (score_one(s, batch, i, &rewards[i], &status[i]) < 0)
			return param_complain(s->host, "score",
					      "out of memory");
	return 0;
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = GRPO_REWARD_THREADSAFE,
    .name = "language",
    .version = "1.0",
    .summary = "the share of the words in the prompt's script: 0 to 1",
    .open = language_open,
    .score = language_score,
    .close = language_close,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
