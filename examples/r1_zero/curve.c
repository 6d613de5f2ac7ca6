/* SPDX-License-Identifier: MIT */
#include "curve.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "curve_data.h"
#include "examples/fault.h"
#include "examples/screen.h"
#include "files.h"

/* In pixels. */
#define WIDTH 760
#define HEIGHT 256
#define LEFT 56
#define TOP 34
#define GAP 64 /* between the panels */
#define PANEL_HEIGHT (HEIGHT - TOP - 56)
#define PANEL_WIDTH 312 /* twice, with a margin at the right */
#define LEGEND 120      /* from one name to the next */

#define SMOOTH 5 /* steps in the mean that is drawn */
#define TICKS 5  /* about so many on an axis */

#define BLUE "#2a7ab0"
#define RED "#c0392b"
#define GREY "#555555"

/** One half of the picture. */
struct panel {
	FILE *f;
	int left;
	double last; /* step at its right side */
	double top;  /* value at its upper side */
	int is_share;
};

static double x_of(const struct panel *p, double step)
{
	return p->left + PANEL_WIDTH * step / p->last;
}

static double y_of(const struct panel *p, double value)
{
	return TOP + PANEL_HEIGHT * (1 - fmax(value, 0) / p->top);
}

/* ----------------------------------------------------------------- axes */

/* 1, 2 or 5 times a power of ten, so that about TICKS of them make `range`. */
static double round_step(double range)
{
	double raw = range / TICKS;
	double power = pow(10, floor(log10(raw)));
	double of_ten = raw / power;

	return power * (of_ten <= 1   ? 1
			: of_ten <= 2 ? 2
			: of_ten <= 5 ? 5
				      : 10);
}

static void draw_values(const struct panel *p)
{
	double step = p->is_share ? 0.25 : round_step(p->top);
	int i, n = (int)floor(p->top / step + 1e-9);

	for (i = 0; i <= n; i++) {
		double v = i * step, y = y_of(p, v);

		fprintf(p->f,
			"<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" "
			"stroke=\"#dddddd\"/>\n"
			"<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%g%s"
			"</text>\n",
			p->left, p->left + PANEL_WIDTH, y, y, p->left - 6,
			y + 4, p->is_share ? 100 * v : v,
			p->is_share ? " %" : "");
	}
}

static void draw_steps(const struct panel *p)
{
	double step = fmax(round_step(p->last), 1);
	int i, n = (int)floor(p->last / step + 1e-9);

	for (i = 0; i <= n; i++)
		fprintf(p->f,
			"<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%g"
			"</text>\n",
			x_of(p, i * step), TOP + PANEL_HEIGHT + 16, i * step);
	fprintf(p->f,
		"<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">step</text>\n",
		p->left + PANEL_WIDTH / 2, TOP + PANEL_HEIGHT + 34);
}

/* ---------------------------------------------------------------- lines */

/* The mean of the last SMOOTH points. */
static double smoothed(const struct line *l, size_t i)
{
	size_t from = i + 1 > SMOOTH ? i + 1 - SMOOTH : 0, k;
	double sum = 0;

	for (k = from; k <= i; k++)
		sum += l->points[k].value;
	return sum / (double)(i + 1 - from);
}

static void draw_line(const struct panel *p, const struct line *l,
		      const char *color)
{
	size_t i;

	if (l->n == 0)
		return;
	fputs("<path d=\"", p->f);
	for (i = 0; i < l->n; i++)
		fprintf(p->f, "%s%.1f,%.1f", i ? " L" : "M",
			x_of(p, l->points[i].step), y_of(p, smoothed(l, i)));
	fprintf(p->f,
		"\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.6\" "
		"stroke-opacity=\"0.75\"/>\n",
		color);
}

static void draw_dots(const struct panel *p, const struct line *l,
		      const char *color)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		fprintf(p->f,
			"<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.8\" "
			"fill=\"%s\"/>\n",
			x_of(p, l->points[i].step), y_of(p, l->points[i].value),
			color);
}

static void draw_name(const struct panel *p, int place, const char *color,
		      const char *name)
{
	fprintf(p->f, "<text x=\"%d\" y=\"%d\" fill=\"%s\">%s</text>\n",
		p->left + place, TOP - 12, color, name);
}

/* --------------------------------------------------------------- panels */

static double highest(const struct line *l, double so_far)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		so_far = fmax(so_far, l->points[i].value);
	return so_far;
}

static double last_step(const struct line *l, double so_far)
{
	return l->n > 0 ? fmax(so_far, l->points[l->n - 1].step) : so_far;
}

static void draw_shares(const struct panel *p, const struct curve *c, int n)
{
	int format = 0, held_out = 0, i;

	draw_values(p);
	draw_steps(p);
	for (i = 0; i < n; i++) {
		draw_line(p, &c[i].format, BLUE);
		draw_line(p, &c[i].accuracy, RED);
		draw_dots(p, &c[i].held_out, RED);
		format |= c[i].format.n > 0;
		held_out |= c[i].held_out.n > 0;
	}
	draw_name(p, 0, RED, "accuracy");
	if (held_out)
		draw_name(p, 70, RED, "&#9679; held out");
	if (format)
		draw_name(p, 70 + LEGEND, BLUE, "format");
}

static void draw_length(const struct panel *p, const struct curve *c, int n)
{
	int i;

	draw_values(p);
	draw_steps(p);
	draw_name(p, 0, GREY, "mean length, tokens");
	for (i = 0; i < n; i++)
		draw_line(p, &c[i].length, GREY);
}

static void draw(FILE *f, const struct curve *c, int n)
{
	struct panel shares = {f, LEFT, 1, 1, 1};
	struct panel length = {f, LEFT + PANEL_WIDTH + GAP, 1, 1, 0};
	double step;
	int i;

	for (i = 0; i < n; i++) {
		shares.top = highest(&c[i].format, shares.top);
		shares.top = highest(&c[i].accuracy, shares.top);
		shares.last = last_step(&c[i].length, shares.last);
		length.top = highest(&c[i].length, length.top);
	}
	length.last = shares.last;
	step = round_step(length.top);
	length.top = step * ceil(length.top / step);
	fprintf(f,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
		"height=\"%d\" viewBox=\"0 0 %d %d\" "
		"font-family=\"sans-serif\" font-size=\"12\">\n"
		"<rect width=\"%d\" height=\"%d\" fill=\"white\"/>\n",
		WIDTH, HEIGHT, WIDTH, HEIGHT, WIDTH, HEIGHT);
	draw_shares(&shares, c, n);
	draw_length(&length, c, n);
	fputs("</svg>\n", f);
}

/* ---------------------------------------------------------------- files */

static int write_picture(const char *path, const struct curve *c, int n)
{
	FILE *f = fopen(path, "wb");
	int bad;

	if (!f)
		return fail_errno(path);
	draw(f, c, n);
	bad = ferror(f);
	if (fclose(f) != 0 || bad)
		return fail_errno(path);
	return 0;
}

static int curve_of(const char *path, char *const *runs, int n_runs)
{
	struct curve *c = calloc((size_t)n_runs, sizeof *c);
	int i, rc = 0;

	FAIL_IF(!c, GRPO_ENOMEM, "out of memory");
	for (i = 0; i < n_runs; i++)
		TRY(curve_read(&c[i], runs[i]));
	TRY(write_picture(path, c, n_runs));
out:
	for (i = 0; c && i < n_runs; i++)
		curve_dispose(&c[i]);
	free(c);
	return rc;
}

int curve_of_run(const char *path, const char *folder)
{
	char *run = (char *)folder;

	return curve_of(path, &run, 1);
}

int curve_of_runs(const char *path, char **runs, int n_runs)
{
	char beside[MAX_PATH];
	int rc = 0;

	TRY(curve_path(beside, runs[0]));
	TRY(curve_of(path ? path : beside, runs, n_runs));
	screen_say("%s", path ? path : beside);
out:
	return rc;
}
