/* SPDX-License-Identifier: MIT */
/* examples/screen.h: the line of progress fits where it is shown. */
#include "examples/screen.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "tests/scratch.h"
#include "tests/suite.h"

static const struct screen_figure figures[] = {
    {"step 12/130", 9}, {"reward 0.52", 6}, {"format 96 %", 5}, {"", 8},
    {"length 41.2", 4}, {"1:35 left", 10}};

/* ------------------------------------------------------------- fitting */

static void fits(size_t columns, const char *wanted)
{
	char line[256];

	screen_fit(line, sizeof line, figures, sizeof figures / sizeof *figures,
		   columns);
	ck_assert_str_eq(line, wanted);
	ck_assert_uint_le(strlen(line), columns);
}

START_TEST(a_wide_line_has_every_figure)
{
	fits(61,
	     "step 12/130  reward 0.52  format 96 %  length 41.2  1:35 left");
}
END_TEST

START_TEST(a_narrow_line_has_fewer_figures)
{
	fits(60, "step 12/130  reward 0.52  format 96 %  1:35 left");
	fits(47, "step 12/130  reward 0.52  1:35 left");
	fits(34, "step 12/130  1:35 left");
}
END_TEST

START_TEST(the_time_left_is_kept_longest_and_then_cut)
{
	fits(21, "1:35 left");
	fits(4, "1:35");
	fits(0, "");
}
END_TEST

START_TEST(no_width_makes_the_line_too_long)
{
	char line[256];
	size_t columns;

	for (columns = 0; columns < 120; columns++) {
		screen_fit(line, sizeof line, figures,
			   sizeof figures / sizeof *figures, columns);
		ck_assert_uint_le(strlen(line), columns);
	}
	screen_fit(line, 8, figures, 1, 100); /* a small buffer is no more */
	ck_assert_str_eq(line, "step 12");
}
END_TEST

/* ------------------------------------------------------------ to a file */

static FILE *file;

static void open_file(void)
{
	file = fopen(scratch_path("screen"), "wb");
	ck_assert_ptr_nonnull(file);
	screen_to(file);
}

static void wrote(const char *wanted)
{
	char *text;
	size_t len;

	ck_assert_int_eq(
	    grpo__file_read(&text, &len, scratch_path("screen"), 1 << 20), 0);
	ck_assert_str_eq(text, wanted);
	free(text);
	fclose(file);
}

START_TEST(where_it_is_no_terminal_a_step_is_one_plain_line)
{
	open_file();
	screen_figures(SCREEN_STEP, figures, 2);
	screen_figures(SCREEN_STEP, figures, 2);
	screen_say("so");
	wrote("step 12/130  reward 0.52\nstep 12/130  reward 0.52\nso\n");
}
END_TEST

START_TEST(brief_progress_is_not_repeated_in_a_file)
{
	open_file();
	screen_figures(SCREEN_BRIEF, figures, 1);
	screen_figures(SCREEN_BRIEF, figures, 1);
	screen_progress(1, "done");
	wrote("step 12/130\ndone\n");
}
END_TEST

START_TEST(a_paragraph_goes_on_between_words)
{
	char line[80], wanted[256];

	memset(line, 'a', sizeof line - 1);
	line[79] = '\0';
	snprintf(wanted, sizeof wanted, "one two\n  %s\n  three\n", line);
	open_file();
	screen_paragraph("one two %s three", line);
	wrote(wanted);
}
END_TEST

START_TEST(control_characters_of_a_text_are_shown_as_such)
{
	const char text[] = "a\033[2Jb\xc2\x9b"
			    "31mc\n\xc3\xa9\x7f";

	open_file();
	screen_text(text, sizeof text - 1);
	wrote("    | a\\x1b[2Jb\\x9b31mc\n    | \xc3\xa9\\x7f\n");
}
END_TEST

START_TEST(a_write_that_fails_is_noticed)
{
	FILE *full = fopen("/dev/full", "wb");

	if (!full)
		return;
	screen_to(full);
	ck_assert_int_eq(screen_lost(), 0);
	screen_say("lost");
	ck_assert_int_eq(screen_lost(), ENOSPC);
	fclose(full);
}
END_TEST

/* ------------------------------------------------------- on a terminal */

struct terminal {
	int user; /* what is shown is read here */
	FILE *program;
};

static void resize(const struct terminal *t, unsigned short columns)
{
	const struct winsize size = {.ws_row = 24, .ws_col = columns};

	ck_assert_int_eq(ioctl(t->user, TIOCSWINSZ, &size), 0);
}

static void open_terminal(struct terminal *t)
{
	int fd;

	t->user = posix_openpt(O_RDWR | O_NOCTTY);
	ck_assert_int_ge(t->user, 0);
	ck_assert_int_eq(grantpt(t->user), 0);
	ck_assert_int_eq(unlockpt(t->user), 0);
	fd = open(ptsname(t->user), O_RDWR | O_NOCTTY);
	ck_assert_int_ge(fd, 0);
	t->program = fdopen(fd, "w");
	ck_assert_ptr_nonnull(t->program);
	setenv("TERM", "xterm", 1);
	unsetenv("COLUMNS");
	screen_to(t->program);
}

/* What was written since the last call; it may come in pieces. */
static void shows(const struct terminal *t, const char *wanted)
{
	size_t len = strlen(wanted), used = 0;
	char got[1024];
	ssize_t n;

	while (used < len) {
		n = read(t->user, got + used, sizeof got - 1 - used);
		ck_assert_int_gt(n, 0);
		used += (size_t)n;
	}
	got[used] = '\0';
	ck_assert_str_eq(got, wanted);
}

#define N_FIGURES (sizeof figures / sizeof *figures)

START_TEST(the_line_follows_the_width_of_the_terminal)
{
	struct terminal t;

	open_terminal(&t);
	resize(&t, 80);
	screen_figures(SCREEN_STEP, figures, N_FIGURES);
	shows(&t, "\r\033[Kstep 12/130  reward 0.52  format 96 %  length 41.2"
		  "  1:35 left");
	resize(&t, 40);
	screen_figures(SCREEN_STEP, figures, N_FIGURES);
	shows(&t, "\033[1A\r\033[Jstep 12/130  reward 0.52  1:35 left");
	setenv("COLUMNS", "30", 1);
	screen_figures(SCREEN_STEP, figures, N_FIGURES);
	shows(&t, "\033[1A\r\033[Jstep 12/130  1:35 left");
}
END_TEST

START_TEST(a_line_that_stays_ends_and_text_begins_a_new_one)
{
	struct terminal t;

	open_terminal(&t);
	resize(&t, 80);
	screen_figures(SCREEN_STAY, figures, 1);
	shows(&t, "\r\033[Kstep 12/130\r\n");
	screen_figures(SCREEN_STEP, figures, 1);
	shows(&t, "\r\033[Kstep 12/130");
	screen_say("so");
	shows(&t, "\r\nso\r\n");
	screen_progress(0, "measuring");
	shows(&t, "\r\033[Kmeasuring");
	screen_wipe();
	screen_say("measured");
	shows(&t, "\r\033[Kmeasured\r\n");
}
END_TEST

START_TEST(a_terminal_that_knows_nothing_gets_plain_lines)
{
	struct terminal t;

	open_terminal(&t);
	setenv("TERM", "dumb", 1);
	screen_figures(SCREEN_STEP, figures, 1);
	shows(&t, "step 12/130\r\n");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("example_screen");
	TCase *c = tcase_create("screen");

	tcase_add_checked_fixture(c, scratch_make, scratch_remove);
	tcase_add_test(c, a_wide_line_has_every_figure);
	tcase_add_test(c, a_narrow_line_has_fewer_figures);
	tcase_add_test(c, the_time_left_is_kept_longest_and_then_cut);
	tcase_add_test(c, no_width_makes_the_line_too_long);
	tcase_add_test(c, where_it_is_no_terminal_a_step_is_one_plain_line);
	tcase_add_test(c, brief_progress_is_not_repeated_in_a_file);
	tcase_add_test(c, a_paragraph_goes_on_between_words);
	tcase_add_test(c, control_characters_of_a_text_are_shown_as_such);
	tcase_add_test(c, a_write_that_fails_is_noticed);
	tcase_add_test(c, the_line_follows_the_width_of_the_terminal);
	tcase_add_test(c, a_line_that_stays_ends_and_text_begins_a_new_one);
	tcase_add_test(c, a_terminal_that_knows_nothing_gets_plain_lines);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
