/* SPDX-License-Identifier: MIT */
#include "train/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "core/json.h"

void grpo__report_clear(grpo__report *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		free((char *)(uintptr_t)r->metrics[i].name);
	r->n = 0;
}

void grpo__report_dispose(grpo__report *r)
{
	grpo__report_clear(r);
	free(r->metrics);
	*r = (grpo__report){0};
}

int grpo__report_add(grpo__report *r, double value, const char *name, ...)
{
	char text[256], *copy;
	va_list args;
	int n, rc = 0;

	va_start(args, name);
	n = vsnprintf(text, sizeof text, name, args);
	va_end(args);
	GRPO_FAIL_IF(n < 0 || (size_t)n >= sizeof text, GRPO_EINVAL,
		     "the name of a metric is too long: %.40s…", text);
	GRPO_TRY(
	    grpo__grow(&r->metrics, &r->cap, r->n + 1, sizeof *r->metrics));
	copy = grpo__strndup(text, (size_t)n);
	GRPO_FAIL_IF(!copy, GRPO_ENOMEM, "out of memory");
	r->metrics[r->n++] = (grpo_metric){.name = copy, .value = value};
out:
	return rc;
}

int grpo__report_line(grpo__buf *out, const grpo__report *r, int64_t step)
{
	size_t i;
	int rc = 0;

	GRPO_TRY(grpo__buf_printf(out, "{\"step\": %" PRId64, step));
	for (i = 0; i < r->n; i++) {
		const grpo_metric *m = &r->metrics[i];

		GRPO_TRY(grpo__buf_add(out, ", ", 2));
		GRPO_TRY(grpo__json_quote(out, m->name, strlen(m->name)));
		GRPO_TRY(grpo__buf_add(out, ": ", 2));
		if (isfinite(m->value))
			GRPO_TRY(grpo__json_put_number(out, m->value));
		else
			GRPO_TRY(grpo__buf_add(out, "null", 4));
	}
	GRPO_TRY(grpo__buf_add(out, "}\n", 2));
out:
	return rc;
}

double grpo_report_value(const grpo_report *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->n_metrics; i++)
		if (strcmp(r->metrics[i].name, name) == 0)
			return r->metrics[i].value;
	return NAN;
}

void grpo__mean_add(grpo__mean *m, double x)
{
	double d;

	if (isnan(x))
		return;
	if (m->n == 0)
		m->first = m->min = m->max = x;
	d = x - m->first; /* equal values give a deviation of exactly 0 */
	m->sum += d;
	m->sum_sq += d * d;
	m->min = fmin(m->min, x);
	m->max = fmax(m->max, x);
	m->n++;
}

double grpo__mean_of(const grpo__mean *m)
{
	return m->n > 0 ? m->first + m->sum / (double)m->n : NAN;
}

double grpo__mean_std(const grpo__mean *m)
{
	double n = (double)m->n, rest;

	if (m->n < 2)
		return NAN;
	rest = m->sum_sq - m->sum * m->sum / n;
	return sqrt(fmax(rest, 0) / (n - 1));
}
