/* SPDX-License-Identifier: MIT */
/*
 * The rewards themselves: every line of rewards/NAME/cases.jsonl goes through
 * the plug-in as it is loaded by others, on one thread and on eight, forwards
 * and backwards, with notes and without.
 */
#define _POSIX_C_SOURCE 200809L

#include <check.h>
#include <glob.h>
#include "core/rng.h"
#include "tests/reward_cases.h"
#include "tests/suite.h"

static glob_t files; /* rewards/NAME/cases.jsonl */

/* What is the same for all; `params` let them decide any text alone. */
static const struct {
	const char *name, *params;
	double min, max;     /* of the reward */
	int is_of_an_answer; /* has "score"; 0 for text without tags or box */
} own[] = {
    {"countdown", NULL, 0, 1, 1},
    {"format", NULL, 0, 1, 1},
    {"language", "{\"target\": [\"Latin\", \"Han\"]}", 0, 1, 0},
    {"length",
     "{\"unit\": \"characters\", \"max_completion_len\": 90, "
     "\"soft_punish_cache\": 60}",
     -1, 0, 0},
    {"length_group", NULL, -0.5, 0.5, 0},
    {"math", NULL, 0, 1, 1},
    {"repetition", NULL, -1, 0, 0},
    {"template", NULL, 0, 1, 1},
};
#define N_OWN (sizeof own / sizeof *own)

/* ------------------------------------------------------------ running cases */

/* NAME of rewards/NAME/cases.jsonl */
static const char *name_of(int file)
{
	static char name[128];

	ck_assert_int_eq(
	    sscanf(files.gl_pathv[file], "rewards/%127[^/]/", name), 1);
	return name;
}

static grpo_reward_set *new_set(int threads, const char *name,
				const char *params)
{
	grpo_reward_set *set;

	ok(grpo_reward_set_create(&set, threads));
	ok(grpo_reward_set_add(set, name, 1, params));
	return set;
}

static int check_case(const struct a_case *c, double reward, uint8_t status)
{
	int same = isnan(c->reward) ? isnan(reward)
				    : fabs(c->reward - reward) <= c->within;

	if (same && status == c->status)
		return 0;
	fprintf(stderr, "%s: %s: reward %.17g, status %d; expected %g, %d\n",
		c->where, c->title, reward, status, c->reward, c->status);
	return 1;
}

#define NOTES_BYTES 4096

/* What is asked of one run. */
struct run {
	int threads, backwards;
	char (*notes)[NOTES_BYTES]; /* [MAX_CASES], or NULL: nobody asks */
};

/* "name: text" a line. */
static void keep_note(void *ctx, int64_t row, int32_t k, const char *name,
		      grpo_str text)
{
	const struct run *run = ctx;
	char *notes = run->notes[row];
	size_t n = strlen(notes);

	ck_assert_int_eq(k, 0);
	snprintf(notes + n, NOTES_BYTES - n, "%s: %.*s\n", name,
		 text.len > 1000 ? 1000 : (int)text.len,
		 text.ptr ? text.ptr : "");
}

static int check_notes(const struct a_case *c, const char *notes)
{
	if (!c->says || strstr(notes, c->says))
		return 0;
	fprintf(stderr, "%s: %s: the notes lack \"%s\":\n%s", c->where,
		c->title, c->says, notes);
	return 1;
}

/* All cases that have the parameters of case `first`, and no earlier one has;
 * returns how many are wrong. */
static int run_params(const struct cases *cases, int first, const char *name,
		      const struct run *run)
{
	const char *params = cases->at[first].params;
	double rewards[MAX_CASES];
	uint8_t status[MAX_CASES];
	int row[MAX_CASES], n = 0, wrong = 0;
	grpo_reward_set *set;

	for (int i = 0; i < cases->n; i++) {
		if (strcmp(cases->at[i].params, params) != 0)
			continue;
		if (i < first)
			return 0;
		row[n++] = i;
	}
	set = new_set(run->threads, name, params);
	if (run->notes) {
		memset(run->notes, 0, (size_t)n * NOTES_BYTES);
		ok(grpo_reward_set_explain(set, keep_note, (void *)run));
	}
	ok(grpo_reward_set_begin(set, n));
	for (int i = 0; i < n; i++) {
		int at = run->backwards ? n - 1 - i : i;

		ok(grpo_reward_set_submit(set, at, &cases->at[row[at]].row));
	}
	ok(grpo_reward_set_wait(set, rewards, status));
	for (int i = 0; i < n; i++) {
		wrong += check_case(&cases->at[row[i]], rewards[i], status[i]);
		if (run->notes)
			wrong += check_notes(&cases->at[row[i]], run->notes[i]);
	}
	grpo_reward_set_free(set);
	return wrong;
}

static void run_file(int file, struct run run)
{
	const char *name = name_of(file);
	struct cases cases;
	int wrong = 0;

	read_cases(&cases, files.gl_pathv[file]);
	ck_assert_int_ge(cases.n, 8);
	for (int i = 0; i < cases.n; i++)
		wrong += run_params(&cases, i, name, &run);
	ck_assert_msg(wrong == 0, "%d of %d cases of %s", wrong, cases.n, name);
	free_cases(&cases);
}

START_TEST(every_case_gives_its_reward_and_status)
{
	run_file(_i, (struct run){.threads = 1});
}
END_TEST

START_TEST(every_case_gives_the_same_on_eight_threads)
{
	run_file(_i, (struct run){.threads = 8});
}
END_TEST

START_TEST(every_case_gives_the_same_backwards)
{
	run_file(_i, (struct run){.threads = 1, .backwards = 1});
	run_file(_i, (struct run){.threads = 8, .backwards = 1});
}
END_TEST

START_TEST(notes_explain_decisions_and_do_not_change_rewards)
{
	char(*notes)[NOTES_BYTES] = malloc(MAX_CASES * NOTES_BYTES);

	ck_assert_ptr_nonnull(notes);
	run_file(_i, (struct run){.threads = 2, .notes = notes});
	free(notes);
}
END_TEST

/* Whether a row is missing hangs on the row alone: an empty completion says it
 * too. */
static int check_alone(const struct a_case *c, grpo_reward_set *set)
{
	int expected = c->status == GRPO_REWARD_MISSING;
	uint8_t missing;

	ok(grpo_reward_set_check(set, &c->row, 1, &missing));
	if (missing == expected)
		return 0;
	fprintf(stderr, "%s: %s: %s for an empty completion\n", c->where,
		c->title, missing ? "missing" : "not missing");
	return 1;
}

START_TEST(a_missing_reference_is_found_with_an_empty_completion)
{
	grpo_reward_set *set = NULL;
	const char *params = "";
	struct cases cases;
	int wrong = 0;

	read_cases(&cases, files.gl_pathv[_i]);
	for (int i = 0; i < cases.n; i++) {
		if (strcmp(cases.at[i].params, params) != 0) {
			grpo_reward_set_free(set);
			params = cases.at[i].params;
			set = new_set(1, name_of(_i), params);
		}
		wrong += check_alone(&cases.at[i], set);
	}
	ck_assert_int_eq(wrong, 0);
	grpo_reward_set_free(set);
	free_cases(&cases);
}
END_TEST

/* --------------------------------------------------------------- parameters */

static void expect_refused(const char *name, const char *params,
			   const char *message)
{
	grpo_reward_set *set;

	ok(grpo_reward_set_create(&set, 1));
	ck_assert_int_eq(grpo_reward_set_add(set, name, 1, params),
			 GRPO_EREWARD);
	if (!strstr(grpo_error_message(), message))
		ck_abort_msg("%s %s: %s", name, params, grpo_error_message());
	grpo_reward_set_free(set);
}

START_TEST(an_unknown_parameter_is_refused)
{
	expect_refused(own[_i].name, "{\"scroe\": 1}",
		       "\"scroe\": unknown "
		       "parameter (known: ");
}
END_TEST

START_TEST(a_parameter_of_another_type_is_refused)
{
	const char *name = own[_i].name;

	if (!own[_i].is_of_an_answer)
		return;
	expect_refused(name, "{\"score\": \"1\"}",
		       "\"score\": expected a number");
	expect_refused(name, "{\"score\": null}",
		       "\"score\": expected a number");
	expect_refused(name, "{\"score\": 1e999}",
		       "\"score\": expected a number");
}
END_TEST

static const struct {
	const char *name, *params, *message;
} refused[] = {
    {"format", "{\"mode\": \"loose\"}", "\"mode\": expected \"strict\""},
    {"format", "{\"mode\": 1}", "\"mode\": expected \"strict\""},
    {"format", "{\"partial\": 1}", "\"partial\": expected true or false"},
    {"format", "{\"think\": \"<think>\"}", "\"think\": expected a tag's"},
    {"format", "{\"think\": \"\"}", "\"think\": expected a tag's"},
    {"format", "{\"answer\": 7}", "\"answer\": expected a tag's"},
    {"format", "{\"think\": \"answer\"}", "\"answer\": must differ"},
    {"format", "{\"think\": \"abcdefghijklmnopqrstuvwxyzabcdefg\"}",
     "\"think\": expected a tag's"},
    {"format", "{\"mode\": \"count\", \"partial\": true}",
     "\"partial\": mode \"count\" is partial by itself"},
    {"length", "{}",
     "\"max_completion_len\": is required in mode \"overlong\""},
    {"length", "{\"max_completion_len\": 9}",
     "\"soft_punish_cache\": is required in mode \"overlong\""},
    {"length", "{\"max_completion_len\": 9, \"soft_punish_cache\": 10}",
     "\"soft_punish_cache\": is above max_completion_len"},
    {"length", "{\"max_completion_len\": 0, \"soft_punish_cache\": 0}",
     "\"max_completion_len\": expected at least 1"},
    {"length", "{\"max_completion_len\": 9.5, \"soft_punish_cache\": 0}",
     "\"max_completion_len\": expected a whole number"},
    {"length", "{\"max_completion_len\": -9, \"soft_punish_cache\": 0}",
     "\"max_completion_len\": expected a whole number"},
    {"length", "{\"max_len\": 9}",
     "\"max_len\": is not used in mode \"overlong\""},
    {"length", "{\"mode\": \"cosine\"}",
     "\"max_len\": is required in mode \"cosine\""},
    {"length", "{\"mode\": \"cosine\", \"max_len\": 0}",
     "\"max_len\": expected at least 1"},
    {"length", "{\"mode\": \"cosine\", \"soft_punish_cache\": 1}",
     "\"soft_punish_cache\": is not used in mode \"cosine\""},
    {"length",
     "{\"mode\": \"cosine\", \"max_len\": 9, \"min_value_correct\": 2}",
     "\"min_value_correct\": is above max_value_correct"},
    {"length",
     "{\"mode\": \"cosine\", \"max_len\": 9, \"min_value_wrong\": -2}",
     "\"min_value_wrong\": has no effect without the parameter \"correct\""},
    {"length",
     "{\"mode\": \"cosine\", \"max_len\": 9, \"correct\": \"c\", "
     "\"min_value_wrong\": 0}",
     "\"min_value_wrong\": is above max_value_wrong"},
    {"length", "{\"mode\": \"relative\"}",
     "\"mode\": expected \"overlong\" or \"cosine\""},
    {"length_group", "{\"unit\": \"words\"}",
     "\"unit\": expected \"auto\", \"tokens\" or \"characters\""},
    {"length_group", "{\"correct\": 1}",
     "\"correct\": expected the name of a column"},
    {"length_group", "{\"correct\": \"\"}",
     "\"correct\": expected the name of a column"},
    {"length_group", "{\"correct\": \"c\", \"bonus\": false}",
     "\"bonus\": false has no effect together"},
    {"repetition", "{\"ngram_size\": 0}",
     "\"ngram_size\": expected 1 to 100 units"},
    {"repetition", "{\"ngram_size\": 101}",
     "\"ngram_size\": expected 1 to 100 units"},
    {"repetition", "{\"ngram_size\": \"3\"}",
     "\"ngram_size\": expected a whole number"},
    {"repetition", "{\"max_penalty\": 0.5}",
     "\"max_penalty\": is positive and would reward repetition"},
    {"repetition", "{\"unit\": \"bytes\"}",
     "\"unit\": expected \"words\", \"characters\" or \"tokens\""},
    {"language", "{\"target\": \"English\"}",
     "\"target\": no script \"English\": expected \"prompt\", or Unicode"},
    {"language", "{\"target\": []}", "\"target\": expected \"prompt\""},
    {"language", "{\"target\": [\"Han\", 7]}",
     "\"target\": expected \"prompt\""},
    {"language", "{\"target\": \"Han\", \"column\": \"question\"}",
     "\"column\": has no effect unless \"target\""},
    {"language", "{\"skip\": [\"cod\"]}",
     "\"skip\": expected a list of \"code\""},
    {"language", "{\"skip\": true}", "\"skip\": expected a list of \"code\""},
    {"countdown", "{\"format_score\": null}", "expected a number"},
    {"countdown", "{\"answer\": \"think\"}", "must differ from"},
    {"countdown", "{\"think\": \"a b\"}", "expected a tag's name"},
    {"math", "{\"wrong_score\": []}", "expected a number"},
    {"math", "{\"answer\": \"think\"}", "must differ from"},
    {"math", "{\"think\": \"a/b\"}", "expected a tag's name"},
    {"math", "{\"extract\": \"boxed\"}", "\"extract\": expected a list of"},
    {"math", "{\"extract\": []}", "\"extract\": expected a list of"},
    {"math", "{\"extract\": [\"box\"]}", "\"extract\": expected a list of"},
    {"math", "{\"extract\": [[]]}", "\"extract\": expected a list of"},
    {"math", "{\"extract\": [\"boxed\", [\"math\", \"boxed\"]]}",
     "\"extract\": expected a list of"},
    {"math", "{\"extract\": [[[\"boxed\"]]]}",
     "\"extract\": expected a list of"},
    {"math", "{\"strict\": 1}", "\"strict\": expected true or false"},
    {"math", "{\"column\": \"\"}", "\"column\": expected the name"},
    {"math", "{\"no_answer_score\": null}", "expected a number"},
    {"code", "{\"language\": \"cobol\"}",
     "\"language\": expected \"python\", \"c\" or \"cpp\""},
    {"code", "{\"credit\": \"most\"}",
     "\"credit\": expected \"all\", \"fraction\" or \"codeforces\""},
    {"code", "{\"tests_format\": \"xml\"}",
     "\"tests_format\": expected \"auto\", \"own\""},
    {"code", "{\"least_tier\": \"T7\"}",
     "\"least_tier\": expected \"T0\", \"T0r\", \"T1\" or \"T2\""},
    {"code", "{\"cpu_ms\": 0}", "\"cpu_ms\": expected at least 10"},
    {"code", "{\"wall_ms\": 100}", "\"wall_ms\": expected at least \"cpu_ms\""},
    {"code", "{\"memory_mb\": 1}", "\"memory_mb\": expected at least 64"},
    {"code", "{\"workers\": 100}", "\"workers\": expected at most 64"},
    {"code", "{\"python\": \"\"}", "\"python\": expected the path"},
    {"code", "{\"supervisor\": \"/no/such\"}",
     "programs cannot be run: /no/such: No such file"},
};
#define N_REFUSED (sizeof refused / sizeof *refused)

START_TEST(parameters_that_make_no_sense_are_refused)
{
	expect_refused(refused[_i].name, refused[_i].params,
		       refused[_i].message);
}
END_TEST

/* ------------------------------------------------------- a host of few means
 */

static const struct {
	const char *name, *params;
} need_tokens[] = {
    {"length", "{\"max_completion_len\": 9, \"soft_punish_cache\": 1}"},
    {"length_group", "{\"unit\": \"tokens\"}"},
    {"repetition", "{\"unit\": \"tokens\"}"},
};
#define N_NEED_TOKENS (sizeof need_tokens / sizeof *need_tokens)

START_TEST(rewards_that_count_tokens_fail_without_tokens)
{
	grpo_reward_set *set =
	    new_set(1, need_tokens[_i].name, need_tokens[_i].params);
	grpo_reward_row row = {.struct_size = sizeof row,
			       .completion = {"so many words", 13},
			       .group_size = 1};
	double reward;

	ok(grpo_reward_set_begin(set, 1));
	ok(grpo_reward_set_submit(set, 0, &row));
	ck_assert_int_eq(grpo_reward_set_wait(set, &reward, NULL),
			 GRPO_EREWARD);
	ck_assert_ptr_nonnull(strstr(grpo_error_message(),
				     "\"unit\": is \"tokens\", but the host "
				     "provides none"));
	grpo_reward_set_free(set);
}
END_TEST

/* ----------------------------------------------------- what JSON cannot hold
 */

static const struct {
	const char *name, *params, *completion;
	double reward;
} broken[] = {
    /* N9: the same byte four times, and two pairs of bytes */
    {"repetition", NULL, "\xff\xff\xff\xff", -0.5},
    {"repetition", NULL, "\xfe\xff\xfe\xff", 0},
    /* N9: the two bytes of an e with acute, apart */
    {"repetition", "{\"ngram_size\": 1}", "\xc3 \xa9 \xc3\xa9", 0},
    /* N9: a surrogate, and a character beyond Unicode, are so many bytes */
    {"repetition", "{\"ngram_size\": 1}", "\xed\xa0\x80 \xed\xa0\x80", -0.5},
    {"repetition", "{\"ngram_size\": 1}", "\xf4\x90\x80\x81", 0},
    /* N9: a word goes on after such a byte as another word */
    {"repetition", "{\"ngram_size\": 1}", "wo\xffwo", -1.0 / 3},
    /* K4 */
    {"language", "{\"target\": \"Latin\"}", "word\xff\xe4\xbd word", 1},
    {"language", "{\"target\": \"Latin\"}", "\xe4\xbd", 0},
    {"language", "{\"target\": \"Han\"}", "\xe4\xbd\xa0\xe5", 1},
    /* K5: a block may hold them */
    {"language", "{\"target\": \"Han\"}", "`\xff word` \xe4\xbd\xa0", 1},
    /* L1: code points are counted by the bytes that begin them */
    {"length",
     "{\"unit\": \"characters\", \"max_completion_len\": 10, "
     "\"soft_punish_cache\": 10}",
     "\xff\xff\xff\xff\xff", -0.5},
    /* F9 */
    {"format", NULL, "<think>\xff</think><answer>b</answer>", 0},
    {"format", NULL, "<think>a</think><answer>\xff</answer>", 0},
    {"format", NULL, "<think>a\xff</think><answer>b\xff</answer>", 1},
};
#define N_BROKEN (sizeof broken / sizeof *broken)

START_TEST(bytes_that_are_no_text_are_scored_as_the_requirements_say)
{
	grpo_reward_set *set = new_set(1, broken[_i].name, broken[_i].params);
	grpo_reward_row row = {.struct_size = sizeof row,
			       .completion = str(broken[_i].completion),
			       .group_size = 1};
	double reward;
	uint8_t status;

	ok(grpo_reward_set_begin(set, 1));
	ok(grpo_reward_set_submit(set, 0, &row));
	ok(grpo_reward_set_wait(set, &reward, &status));
	ck_assert_double_eq(reward, broken[_i].reward);
	ck_assert_int_lt(status, 64);
	grpo_reward_set_free(set);
}
END_TEST

/* ------------------------------------------------------ what a model writes */

/* Columns of all rewards at once, so that each has its own. */
static const grpo_str columns[] = {{"answer", 6}, {"nums", 4}, {"target", 6}};
static const grpo_str cells[] = {{"\"42\"", 4}, {"[1,2]", 5}, {"3", 1}};

static grpo_reward_row hostile_row(const char *text, size_t len)
{
	return (grpo_reward_row){.struct_size = sizeof(grpo_reward_row),
				 .prompt = {"Why?", 4},
				 .completion = {text, len},
				 .group_size = 1,
				 .columns = columns,
				 .cells = cells,
				 .n_columns = 3};
}

static const char *const fragments[] = {
    "(",
    ")",
    "1+",
    "1",
    "-",
    "9",
    "0",
    " ",
    "\n",
    ",",
    "1,000",
    ".",
    "e9",
    "/",
    "$",
    "%",
    "<",
    "</",
    "<answ",
    "<think>",
    "</think>",
    "<answer>",
    "</answer>",
    "<answer></answer>",
    "\\boxed{",
    "\\boxed",
    "\\boxed ",
    "\\boxed{}",
    "\\fbox {",
    "\\",
    "{",
    "}",
    "{}",
    "\\frac{",
    "\\frac{1}{",
    "\\ ",
    "\\!",
    ",\\!",
    "####",
    "#### 7 ",
    "answer",
    "the answer is ",
    "final answer: 7 ",
    "\\text{",
    "\\begin{pmatrix}",
    "\\(",
    "\\[",
    "$ 7",
    "$7 and ",
    "\xff",
    "\xe2\x80\x8b",
    "\xf0\x9f",
    "\xe2\x88\x92",
    "<think></think><answer></answer>",
};
#define N_FRAGMENTS (sizeof fragments / sizeof *fragments)

static const char *const around[][2] = {
    {"", ""}, {"<think>a</think><answer>", "</answer>"}, {"\\boxed{", "}"}};
#define N_AROUND (sizeof around / sizeof *around)

/* One fragment over and over, `size` bytes of it; *out is the caller's. */
static size_t repeat(char **out, const char *fragment, const char *const *pair,
		     size_t size)
{
	size_t n = strlen(fragment), before = strlen(pair[0]),
	       after = strlen(pair[1]);
	char *p = malloc(before + size + n + after);
	size_t len = before;

	ck_assert_ptr_nonnull(p);
	memcpy(p, pair[0], before);
	while (len < before + size) {
		memcpy(p + len, fragment, n);
		len += n;
	}
	memcpy(p + len, pair[1], after);
	*out = p;
	return len + after;
}

/* Milliseconds as a rule.  Quadratic time would need minutes for each text, and
 * the limit of the test program would end it. */
static void expect_scored(grpo_reward_set *set, int which, const char *what,
			  size_t size, const char *const *pair)
{
	grpo_reward_row row = hostile_row(NULL, 0);
	double reward;
	uint8_t status;
	char *text;

	row.completion.len = repeat(&text, what, pair, size);
	row.completion.ptr = text;
	ok(grpo_reward_set_begin(set, 1));
	ok(grpo_reward_set_submit(set, 0, &row));
	ok(grpo_reward_set_wait(set, &reward, &status));
	ck_assert_msg(reward == 0 || *pair[0] || !own[which].is_of_an_answer,
		      "%zu bytes of \"%s\": reward %g", size, what, reward);
	ck_assert(reward >= own[which].min && reward <= own[which].max);
	ck_assert_int_lt(status, 64);
	free(text);
}

START_TEST(a_megabyte_of_anything_is_scored_at_once)
{
	grpo_reward_set *set = new_set(1, own[_i].name, own[_i].params);
	size_t n_around = own[_i].is_of_an_answer ? N_AROUND : 1;

	for (size_t i = 0; i < N_FRAGMENTS; i++) {
		for (size_t j = 0; j < n_around; j++) {
			expect_scored(set, _i, fragments[i], 10000, around[j]);
			expect_scored(set, _i, fragments[i], 1000000,
				      around[j]);
		}
	}
	grpo_reward_set_free(set);
}
END_TEST

#define N_RANDOM 4000

/* Fragments in random order; the same for the same i. */
static size_t random_text(char *out, size_t size, uint32_t i)
{
	grpo__rng rng = {.seed = 1, .row = i, .purpose = GRPO__RNG_TEST};
	uint32_t n = grpo__rng_below(&rng, 24);
	size_t len = 0;

	for (uint32_t j = 0; j < n; j++) {
		const char *f = fragments[grpo__rng_below(&rng, N_FRAGMENTS)];

		if (len + strlen(f) > size)
			break;
		memcpy(out + len, f, strlen(f));
		len += strlen(f);
	}
	return len;
}

static void score_random(int which, int threads, double *rewards,
			 uint8_t *status)
{
	grpo_reward_set *set =
	    new_set(threads, own[which].name, own[which].params);
	char text[1024];

	ok(grpo_reward_set_begin(set, N_RANDOM));
	for (int i = 0; i < N_RANDOM; i++) {
		size_t len = random_text(text, sizeof text, (uint32_t)i);
		grpo_reward_row row = hostile_row(text, len);

		row.group = (uint32_t)i / 4;
		row.group_size = 4;
		ok(grpo_reward_set_submit(set, i, &row));
	}
	ok(grpo_reward_set_wait(set, rewards, status));
	grpo_reward_set_free(set);
}

START_TEST(random_text_is_scored_and_always_the_same)
{
	static double rewards[2][N_RANDOM];
	static uint8_t status[2][N_RANDOM];

	score_random(_i, 1, rewards[0], status[0]);
	score_random(_i, 4, rewards[1], status[1]);
	for (int i = 0; i < N_RANDOM; i++) {
		ck_assert_int_lt(status[0][i], 64);
		ck_assert(rewards[0][i] >= own[_i].min &&
			  rewards[0][i] <= own[_i].max);
	}
	ck_assert_mem_eq(rewards[0], rewards[1], sizeof rewards[0]);
	ck_assert_mem_eq(status[0], status[1], sizeof status[0]);
}
END_TEST

/* The share of runs of `size` tokens that are there before, each compared with
 * all before it. */
static double naive_repeats(const int32_t *token, int n, int size)
{
	int repeats = 0;

	for (int i = 0; i + size <= n; i++) {
		int j = 0;

		while (j < i && memcmp(&token[i], &token[j],
				       (size_t)size * sizeof *token) != 0)
			j++;
		repeats += j < i;
	}
	return repeats ? (double)repeats / (n - size + 1) : 0;
}

/* _i tokens in a run; the more different ones there are, the fewer repeat. */
START_TEST(repetition_matches_a_pairwise_count)
{
	enum { N = 600 };
	char params[64];
	int32_t token[N];
	grpo_reward_row row = hostile_row("text", 4);
	grpo_reward_set *set;

	row.tokens = token;
	snprintf(params, sizeof params,
		 "{\"unit\": \"tokens\", \"ngram_size\": %d}", _i);
	set = new_set(1, "repetition", params);
	for (uint32_t n_different = 1; n_different < 2000; n_different *= 2) {
		grpo__rng rng = {
		    .seed = 2, .row = n_different, .purpose = GRPO__RNG_TEST};
		double reward;

		row.n_tokens = 1 + grpo__rng_below(&rng, N);
		for (int64_t i = 0; i < row.n_tokens; i++)
			token[i] = (int32_t)grpo__rng_below(&rng, n_different);
		ok(grpo_reward_set_begin(set, 1));
		ok(grpo_reward_set_submit(set, 0, &row));
		ok(grpo_reward_set_wait(set, &reward, NULL));
		ck_assert_double_eq(
		    -reward, naive_repeats(token, (int)row.n_tokens, _i));
	}
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(every_one_of_these_has_cases)
{
	int found = 0;

	for (size_t i = 0; i < files.gl_pathc; i++)
		found += strcmp(name_of((int)i), own[_i].name) == 0;
	ck_assert_int_eq(found, 1);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("rewards");
	TCase *t = tcase_create("cases"), *hostile = tcase_create("hostile");
	int n = (int)files.gl_pathc;

	tcase_set_timeout(t, 300);
	tcase_add_loop_test(t, every_one_of_these_has_cases, 0, N_OWN);
	tcase_add_loop_test(t, every_case_gives_its_reward_and_status, 0, n);
	tcase_add_loop_test(t, every_case_gives_the_same_on_eight_threads, 0,
			    n);
	tcase_add_loop_test(t, every_case_gives_the_same_backwards, 0, n);
	tcase_add_loop_test(
	    t, notes_explain_decisions_and_do_not_change_rewards, 0, n);
	tcase_add_loop_test(
	    t, a_missing_reference_is_found_with_an_empty_completion, 0, n);
	tcase_add_loop_test(t, an_unknown_parameter_is_refused, 0, N_OWN);
	tcase_add_loop_test(t, a_parameter_of_another_type_is_refused, 0,
			    N_OWN);
	tcase_add_loop_test(t, parameters_that_make_no_sense_are_refused, 0,
			    N_REFUSED);
	tcase_add_loop_test(t, rewards_that_count_tokens_fail_without_tokens, 0,
			    N_NEED_TOKENS);
	tcase_add_loop_test(
	    t, bytes_that_are_no_text_are_scored_as_the_requirements_say, 0,
	    N_BROKEN);
	tcase_add_loop_test(t, repetition_matches_a_pairwise_count, 1, 6);
	suite_add_tcase(s, t);
	tcase_set_timeout(hostile, 300);
	tcase_add_loop_test(hostile, a_megabyte_of_anything_is_scored_at_once,
			    0, N_OWN);
	tcase_add_loop_test(hostile, random_text_is_scored_and_always_the_same,
			    0, N_OWN);
	suite_add_tcase(s, hostile);
	return s;
}

/* The code reward runs programs only where the machine can isolate them. */
static void leave_out_code(void)
{
	grpo_reward_set *set;
	size_t n = 0;

	if (!getenv("EMULATOR") && grpo_reward_set_create(&set, 1) == 0) {
		int rc = grpo_reward_set_add(set, "code", 1, NULL);

		grpo_reward_set_free(set);
		if (rc == 0)
			return;
	}
	printf("skipped: cases of the code reward (%s)\n",
	       grpo_error_message());
	for (size_t i = 0; i < files.gl_pathc; i++)
		if (!strstr(files.gl_pathv[i], "/code/"))
			files.gl_pathv[n++] = files.gl_pathv[i];
	files.gl_pathc = n;
}

int main(void)
{
	int rc;

	if (glob("rewards/*/cases.jsonl", 0, NULL, &files) != 0) {
		fputs("no rewards/*/cases.jsonl here\n", stderr);
		return EXIT_FAILURE;
	}
	leave_out_code();
	rc = run_suite(suite());
	globfree(&files);
	return rc;
}
