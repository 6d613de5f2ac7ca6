/* SPDX-License-Identifier: MIT */
#include "settings.h"

static int read_language(void *field, const cJSON *p,
			 const grpo_reward_host *host)
{
	const char *text = cJSON_GetStringValue(p);
	int found = text ? code_language_find(code_view_text(text)) : -1;

	if (found < 0)
		return param_complain(host, p->string,
				      "expected \"python\", \"c\" or \"cpp\"");
	*(int *)field = found;
	return 0;
}

static int one_of(char *out, size_t size, const char *const *words,
		  const cJSON *p, const grpo_reward_host *host)
{
	const char *text = cJSON_GetStringValue(p);

	for (int i = 0; text && words[i]; i++)
		if (strcmp(text, words[i]) == 0) {
			snprintf(out, size, "%s", text);
			return 0;
		}
	return param_expected(words, p, host);
}

static int read_tier(void *field, const cJSON *p, const grpo_reward_host *host)
{
	static const char *const tiers[] = {"T0", "T0r", "T1", "T2", NULL};

	return one_of(field, sizeof((struct settings *)0)->least_tier, tiers, p,
		      host);
}

static int read_format(void *field, const cJSON *p,
		       const grpo_reward_host *host)
{
	static const char *const formats[] = {
	    "auto", "own",       "apps",       "livecodebench",
	    "mbpp", "humaneval", "codeforces", NULL};
	char *text = field;
	int rc = one_of(text, SETTINGS_FORMAT_BYTES, formats, p, host);

	if (rc == 0 && strcmp(text, "auto") == 0)
		text[0] = '\0';
	return rc;
}

static int read_path(void *field, const cJSON *p, const grpo_reward_host *host)
{
	const char *text = cJSON_GetStringValue(p);

	if (!text || !*text || strlen(text) >= SETTINGS_PATH_BYTES)
		return param_complain(host, p->string,
				      "expected the path of a program");
	memcpy(field, text, strlen(text) + 1);
	return 0;
}

#define COLUMN(name)                                                           \
	{                                                                      \
		PARAM(#name, PARAM_COLUMN, struct settings, name)              \
	}
#define COUNT(name)                                                            \
	{                                                                      \
		PARAM(#name, PARAM_COUNT, struct settings, name)               \
	}
#define OWN(name, reader)                                                      \
	{                                                                      \
		PARAM(#name, PARAM_OWN, struct settings, name), .read = reader \
	}

static const struct param known[] = {
    OWN(language, read_language),
    COLUMN(language_column),
    COLUMN(tests),
    OWN(tests_format, read_format),
    COLUMN(entry_point),
    COLUMN(code_prompt),
    {PARAM("credit", PARAM_CHOICE, struct settings, credit),
     .words = {"all", "fraction", "codeforces"}},
    COUNT(cpu_ms),
    COUNT(wall_ms),
    COUNT(memory_mb),
    COUNT(output_kb),
    COUNT(compile_ms),
    COUNT(row_timeout_ms),
    COUNT(batch_timeout_ms),
    COUNT(workers),
    OWN(least_tier, read_tier),
    OWN(python, read_path),
    OWN(cc, read_path),
    OWN(cxx, read_path),
    OWN(supervisor, read_path),
    {0},
};

static void set_defaults(struct settings *s)
{
	*s = (struct settings){.language = CODE_PYTHON,
			       .credit = CREDIT_ALL,
			       .language_column = "language",
			       .tests = "tests",
			       .entry_point = "entry_point",
			       .code_prompt = "code_prompt",
			       .cpu_ms = 4000,
			       .memory_mb = 512,
			       .output_kb = 1024,
			       .compile_ms = 30000,
			       .row_timeout_ms = 120000,
			       .least_tier = "T0"};
}

/* Limits below these would fail every program. */
static int check(const struct settings *s, const grpo_reward_host *host)
{
	if (s->cpu_ms < 10)
		return param_complain(host, "cpu_ms", "expected at least 10");
	if (s->wall_ms < s->cpu_ms)
		return param_complain(host, "wall_ms",
				      "expected at least \"cpu_ms\"");
	if (s->memory_mb < 64)
		return param_complain(host, "memory_mb",
				      "expected at least 64");
	if (s->output_kb < 1)
		return param_complain(host, "output_kb", "expected at least 1");
	if (s->compile_ms < 100)
		return param_complain(host, "compile_ms",
				      "expected at least 100");
	if (s->workers > 64)
		return param_complain(host, "workers", "expected at most 64");
	return 0;
}

int settings_read(struct settings *s, const grpo_reward_host *host,
		  grpo_str params)
{
	set_defaults(s);
	if (params_read(s, NULL, known, host, params) < 0)
		return -1;
	if (s->wall_ms == 0)
		s->wall_ms = 3 * s->cpu_ms;
	return check(s, host);
}
