/* SPDX-License-Identifier: MIT */
/*
 * length: a penalty close to the length limit, or a schedule that depends on
 * length.
 *
 * Requirements:
 *
 *  L1  The length of a completion is its tokens as the host gives them (a
 *      stop token counts), or its code points; the parameter `unit` says
 *      which.
 *  L2  Unit "tokens" from a host that has none fails the call and says so:
 *      limits in tokens mean nothing in characters.
 *  L3  Mode "overlong", with M = max_completion_len and C = soft_punish_cache:
 *      0 up to M - C, from there (M - C - length) / C down to -1 at M, and -1
 *      above.  C = 0: no slope, -1 above M.
 *      DAPO's soft overlong punishment, arXiv:2503.14476 eq. 13.
 *  L4  Mode "cosine", with t = min(length / max_len, 1):
 *      right: min + (max - min) (1 + cos(pi t)) / 2 of the *_correct values,
 *      from max_value_correct for the shortest down to min_value_correct;
 *      wrong: the other way round, from min_value_wrong for the shortest up
 *      to max_value_wrong, so that more thought costs a wrong answer less.
 *      The cosine reward of arXiv:2502.03373.
 *  L5  Mode "cosine" with exceed_value: at max_len and above the reward is
 *      that, right or wrong (r_e of the paper).
 *  L6  This reward does not judge whether a completion is right: the column
 *      that `correct` names says so with true, false, 1 or 0.  With any other
 *      value the row is MISSING.  Without `correct`, every completion counts as
 *      right.
 *  L7  How a completion finished does not matter: one that was cut at the limit
 *      is as long as the limit.
 *  L8  Every other row is SCORED, an empty completion too.
 *  L9  Parameters: {"mode": "overlong" | "cosine", "unit": "tokens" |
 *      "characters"}; overlong: {"max_completion_len", "soft_punish_cache"},
 *      which must be given, and C is at most M; cosine: {"max_len"}, which
 *      must be given, {"min_value_wrong": -1, "max_value_wrong": -0.5,
 *      "min_value_correct": 0.5, "max_value_correct": 1, "exceed_value",
 *      "correct"}.  No minimum is above its maximum; the values for wrong
 *      completions need `correct`; a parameter of the other mode is refused.
 *
 * differs: TRL's and Open-R1's cosine reward find out by math-verify whether
 * a completion is right, and Open-R1's goes up again beyond max_len.
 */
#include <stdlib.h>
#include "../params.h"
#include "../row.h"

enum { OVERLONG, COSINE };
enum { TOKENS, CHARACTERS };

struct state {
	int mode, unit;
	int64_t max_completion_len, soft_punish_cache; /* M and C of L3 */
	int64_t max_len;
	double wrong[2], right[2]; /* min, max */
	double exceed;             /* NaN: none */
	char correct[PARAM_TEXT_SIZE];
	const grpo_reward_host *host;
};

/* Parameters (L9) */

enum {
	P_MODE,
	P_UNIT,
	P_MAX_COMPLETION_LEN,
	P_CACHE,
	P_MAX_LEN,
	P_MIN_WRONG,
	P_MAX_WRONG,
	P_MIN_RIGHT,
	P_MAX_RIGHT,
	P_EXCEED,
	P_CORRECT,
	N_PARAMS
};

static const struct param known[] = {
    [P_MODE] = {PARAM("mode", PARAM_CHOICE, struct state, mode),
		.words = {"overlong", "cosine"}},
    [P_UNIT] = {PARAM("unit", PARAM_CHOICE, struct state, unit),
		.words = {"tokens", "characters"}},
    [P_MAX_COMPLETION_LEN] = {PARAM("max_completion_len", PARAM_COUNT,
				    struct state, max_completion_len)},
    [P_CACHE] = {PARAM("soft_punish_cache", PARAM_COUNT, struct state,
		       soft_punish_cache)},
    [P_MAX_LEN] = {PARAM("max_len", PARAM_COUNT, struct state, max_len)},
    [P_MIN_WRONG] = {PARAM("min_value_wrong", PARAM_NUMBER, struct state,
			   wrong[0])},
    [P_MAX_WRONG] = {PARAM("max_value_wrong", PARAM_NUMBER, struct state,
			   wrong[1])},
    [P_MIN_RIGHT] = {PARAM("min_value_correct", PARAM_NUMBER, struct state,
			   right[0])},
    [P_MAX_RIGHT] = {PARAM("max_value_correct", PARAM_NUMBER, struct state,
			   right[1])},
    [P_EXCEED] = {PARAM("exceed_value", PARAM_NUMBER, struct state, exceed)},
    [P_CORRECT] = {PARAM("correct", PARAM_COLUMN, struct state, correct)},
    [N_PARAMS] = {0},
};

static int has(uint32_t given, int p)
{
	return given >> p & 1;
}

/* A parameter that the mode does not use would be ignored silently. */
static int check_mode(const struct state *s, uint32_t given,
		      const grpo_reward_host *host)
{
	for (int p = P_MAX_COMPLETION_LEN; p < N_PARAMS; p++)
		if (has(given, p) && (p >= P_MAX_LEN) != (s->mode == COSINE))
			return param_complain(
			    host, known[p].key,
			    s->mode == COSINE
				? "is not used in mode \"cosine\""
				: "is not used in mode \"overlong\"");
	return 0;
}

static int check_overlong(const struct state *s, uint32_t given,
			  const grpo_reward_host *host)
{
	for (int p = P_MAX_COMPLETION_LEN; p <= P_CACHE; p++)
		if (!has(given, p))
			return param_complain(
			    host, known[p].key,
			    "is required in mode \"overlong\"");
	if (s->max_completion_len == 0)
		return param_complain(host, "max_completion_len",
				      "expected at least 1");
	if (s->soft_punish_cache > s->max_completion_len)
		return param_complain(host, "soft_punish_cache",
				      "is above max_completion_len");
	return 0;
}

static int check_cosine(const struct state *s, uint32_t given,
			const grpo_reward_host *host)
{
	if (s->max_len == 0)
		return param_complain(host, "max_len",
				      has(given, P_MAX_LEN)
					  ? "expected at least 1"
					  : "is required in mode \"cosine\"");
	for (int p = P_MIN_WRONG; p <= P_MAX_WRONG; p++)
		if (has(given, p) && !has(given, P_CORRECT))
			return param_complain(host, known[p].key,
					      "has no effect without the "
					      "parameter \"correct\"");
	if (s->wrong[0] > s->wrong[1])
		return param_complain(host, "min_value_wrong",
				      "is above max_value_wrong");
	if (s->right[0] > s->right[1])
		return param_complain(host, "min_value_correct",
				      "is above max_value_correct");
	return 0;
}

static int read_params(struct state *s, const grpo_reward_host *host,
		       grpo_str params)
{
	uint32_t given;

	if (params_read(s, &given, known, host, params) < 0 ||
	    check_mode(s, given, host) < 0)
		return -1;
	return s->mode == COSINE ? check_cosine(s, given, host)
				 : check_overlong(s, given, host);
}

static int length_open(void **state, const grpo_reward_host *host,
		       grpo_str params)
{
	struct state *s = calloc(1, sizeof *s);

	if (!s)
		return param_complain(host, "params", "out of memory");
	*s = (struct state){.wrong = {-1, -0.5},
			    .right = {0.5, 1},
			    .exceed = NAN,
			    .host = host};
	if (read_params(s, host, params) < 0) {
		free(s);
		return -1;
	}
	*state = s;
	return 0;
}

/* Scoring */

/* L3 */
static double overlong(const struct state *s, int64_t length)
{
	int64_t free_of_charge = s->max_completion_len - s->soft_punish_cache;

	if (length <= free_of_charge)
		return 0;
	if (length > s->max_completion_len)
		return -1;
	return (double)(free_of_charge - length) / (double)s->soft_punish_cache;
}

/* L4, L5 */
static double cosine(const struct state *s, int64_t length, int right)
{
	static const double pi = 3.14159265358979323846;
	const double *v = right ? s->right : s->wrong;
	double share; /* of the value for the shortest */

	if (length >= s->max_len) {
		if (!isnan(s->exceed))
			return s->exceed;
		share = 0;
	} else {
		share = (1 + cos(pi * (double)length / (double)s->max_len)) / 2;
	}
	return right ? v[0] + (v[1] - v[0]) * share
		     : v[1] + (v[0] - v[1]) * share;
}

/* L6: 1, 0, or -1 if the row does not say. */
static int is_right(const struct state *s, const grpo_reward_batch *b, size_t i)
{
	return s->correct[0] ? row_truth(b, s->correct, i) : 1;
}

static uint8_t score_one(const struct state *s, const grpo_reward_batch *b,
			 size_t i, int64_t length, double *reward)
{
	int right = is_right(s, b, i);

	*reward = 0;
	if (right < 0) {
		row_say_missing(b, i, s->correct);
		return GRPO_REWARD_MISSING;
	}
	row_say(b, i, "length", "%lld %s%s", (long long)length,
		s->unit == TOKENS ? "tokens" : "characters",
		!s->correct[0] ? ""
		: right        ? ", right"
			       : ", wrong");
	*reward =
	    s->mode == COSINE ? cosine(s, length, right) : overlong(s, length);
	return GRPO_REWARD_SCORED;
}

static int length_score(void *state, const grpo_reward_batch *batch,
			double *rewards, uint8_t *status)
{
	const struct state *s = state;

	for (size_t i = 0; i < batch->n; i++) {
		int64_t length = s->unit == TOKENS ? row_tokens(batch, i)
						   : row_characters(batch, i);

		if (length < 0) /* L2 */
			return param_complain(
			    s->host, "unit",
			    "is \"tokens\", but the host provides none; use "
			    "\"characters\"");
		status[i] = score_one(s, batch, i, length, &rewards[i]);
	}
	return 0;
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = GRPO_REWARD_THREADSAFE,
    .name = "length",
    .version = "1.0",
    .summary = "overlong: 0 down to -1 before the limit; cosine: a schedule "
	       "from short to long",
    .open = length_open,
    .score = length_score,
    .close = free,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
