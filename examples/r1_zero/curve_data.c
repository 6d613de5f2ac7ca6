/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "curve_data.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "examples/fault.h"
#include "files.h"

#define METRICS "metrics.jsonl"

/* What the figures of a run are called. */
struct names {
	char format[160], accuracy[160], solved[160];
};

static int add_point(struct line *l, const cJSON *step, const cJSON *value)
{
	struct point *more;

	if (!cJSON_IsNumber(step) || !cJSON_IsNumber(value))
		return 0;
	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 256;
		more = realloc(l->points, l->cap * sizeof *more);
		if (!more)
			return fail(GRPO_ENOMEM, "out of memory");
		l->points = more;
	}
	l->points[l->n++] =
	    (struct point){step->valuedouble, value->valuedouble};
	return 0;
}

static int add_object(struct curve *c, const cJSON *o,
		      const struct names *names)
{
	const cJSON *step = cJSON_GetObjectItemCaseSensitive(o, "step");
	const struct {
		struct line *line;
		const char *name;
	} lines[] = {{&c->format, names->format},
		     {&c->accuracy, names->accuracy},
		     {&c->held_out, names->solved},
		     {&c->length, "completions/mean_length"}};
	size_t i;
	int rc = 0;

	c->n_steps += cJSON_HasObjectItem(o, "reward") != 0;
	for (i = 0; i < sizeof lines / sizeof *lines; i++)
		TRY(add_point(
		    lines[i].line, step,
		    cJSON_GetObjectItemCaseSensitive(o, lines[i].name)));
out:
	return rc;
}

/* A line that is no object, such as the half of one of a run that was killed,
 * is left out. */
static int add_lines(struct curve *c, FILE *f, const struct names *names)
{
	char *text = NULL;
	size_t cap = 0;
	int rc = 0;

	while (rc == 0 && getline(&text, &cap, f) >= 0) {
		cJSON *o = cJSON_Parse(text);

		rc = add_object(c, o, names);
		cJSON_Delete(o);
	}
	free(text);
	return rc;
}

/* ------------------------------------------------------- names of rewards */

static cJSON *read_config(const char *folder)
{
	char path[MAX_PATH], *text = NULL;
	size_t cap = 0;
	cJSON *config = NULL;
	FILE *f;

	if (path_in(path, folder, "config.json") < 0)
		return NULL;
	f = fopen(path, "rb");
	if (!f)
		return NULL;
	if (getdelim(&text, &cap, '\0', f) >= 0)
		config = cJSON_Parse(text);
	fclose(f);
	free(text);
	return config;
}

/* As the run's config.json has them. */
static void find_names(struct names *names, const char *folder)
{
	cJSON *config = read_config(folder);
	const cJSON *format =
	    cJSON_GetObjectItemCaseSensitive(config, "format_reward");
	const cJSON *accuracy =
	    cJSON_GetObjectItemCaseSensitive(config, "accuracy_reward");
	const char *a =
	    cJSON_IsString(accuracy) ? accuracy->valuestring : "math";
	const char *f = cJSON_IsString(format) ? format->valuestring
			: cJSON_IsNull(format) ? ""
					       : "format";

	snprintf(names->format, sizeof names->format, "rewards/%.120s/mean", f);
	snprintf(names->accuracy, sizeof names->accuracy, "rewards/%.120s/mean",
		 a);
	snprintf(names->solved, sizeof names->solved,
		 "eval_rewards/%.120s/solved", a);
	cJSON_Delete(config);
}

/* ----------------------------------------------------------------- a run */

/* The folder and its metrics.jsonl, whichever of the two was given. */
static int split(char folder[MAX_PATH], char metrics[MAX_PATH], const char *run)
{
	const char *slash = strrchr(run, '/');
	struct stat st;
	int n;

	if (stat(run, &st) < 0)
		return fail_errno(run);
	if (S_ISDIR(st.st_mode)) {
		n = snprintf(folder, MAX_PATH, "%s", run);
		return n < MAX_PATH ? path_in(metrics, folder, METRICS)
				    : fail(GRPO_EINVAL, "the path is too long");
	}
	n = snprintf(folder, MAX_PATH, "%.*s", slash ? (int)(slash - run) : 1,
		     slash ? run : ".");
	if (n >= MAX_PATH || strlen(run) >= MAX_PATH)
		return fail(GRPO_EINVAL, "the path is too long");
	memcpy(metrics, run, strlen(run) + 1);
	return 0;
}

int curve_read(struct curve *c, const char *run)
{
	char folder[MAX_PATH], metrics[MAX_PATH];
	struct names names;
	FILE *f = NULL;
	int rc = 0;

	*c = (struct curve){.n_steps = 0};
	TRY(split(folder, metrics, run));
	find_names(&names, folder);
	f = fopen(metrics, "rb");
	if (!f)
		return fail_errno(metrics);
	TRY(add_lines(c, f, &names));
	FAIL_IF(c->n_steps == 0, GRPO_EFORMAT, "%s has no step of a run in it",
		metrics);
out:
	if (f)
		fclose(f);
	return rc;
}

int curve_path(char out[MAX_PATH], const char *run)
{
	char folder[MAX_PATH], metrics[MAX_PATH];
	int rc = 0;

	TRY(split(folder, metrics, run));
	TRY(path_in(out, folder, "curve.svg"));
out:
	return rc;
}

void curve_dispose(struct curve *c)
{
	free(c->format.points);
	free(c->accuracy.points);
	free(c->length.points);
	free(c->held_out.points);
}
