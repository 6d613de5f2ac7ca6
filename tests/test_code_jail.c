/* SPDX-License-Identifier: MIT */
/* Programs in the jail of the code reward: limits, ends, and what comes back.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tests/jail_rig.h"
#include "tests/suite.h"

static struct jail_rig rig;

/* Each test runs as nobody in the least tier, and in the better ones that are
 * to be had. */
enum { AS_NOBODY, IN_T0R, IN_T1, N_WAYS };

static void open_way(int way)
{
	static const enum jail_tier tiers[] = {JAIL_T0, JAIL_T0R, JAIL_T1};

	if (way == AS_NOBODY)
		rig_become_nobody();
	rig_open(&rig, tiers[way]);
}

static void is_text(const struct code_bytes *b, const char *text)
{
	ck_assert_msg(b->len == strlen(text) &&
			  (!b->len || memcmp(b->ptr, text, b->len) == 0),
		      "\"%.*s\" is not \"%s\"", (int)b->len,
		      b->ptr ? b->ptr : "", text);
}

/* The program must exit with a status and print a text. */
static void prints(struct jail_end end, int status, const char *text)
{
	ck_assert_msg(end.how == JAIL_EXITED && end.status == status,
		      "how %d, status %d: %.*s", (int)end.how, end.status,
		      (int)end.error.len, end.error.ptr ? end.error.ptr : "");
	is_text(&end.output, text);
	jail_end_free(&end);
}

static void ends(struct jail_end end, enum jail_how how)
{
	ck_assert_int_eq(end.how, how);
	jail_end_free(&end);
}

START_TEST(a_python_program_prints_and_exits)
{
	open_way(_i);
	prints(rig_python(&rig, "print('hello')"), 0, "hello\n");
	prints(rig_python(&rig, "import sys; print(1); sys.exit(7)"), 7, "1\n");
	prints(rig_python(&rig, "print('again')"), 0, "again\n");
	rig_close(&rig);
}
END_TEST

START_TEST(an_executable_prints_and_exits)
{
	int exe = rig_compile("#include <stdio.h>\n"
			      "int main(void) { puts(\"hi\"); return 3; }");

	open_way(_i);
	prints(rig_native(&rig, exe), 3, "hi\n");
	prints(rig_native(&rig, exe), 3, "hi\n");
	close(exe);
	rig_close(&rig);
}
END_TEST

START_TEST(an_endless_loop_ends_by_its_processor_time)
{
	struct jail_run run = {.kind = JAIL_PYTHON,
			       .source = code_view_text("while True: pass"),
			       .limits = rig_limits()};
	struct jail_end end = {0};

	open_way(_i);
	run.limits.cpu_ms = 100;
	ck_assert_int_eq(jail_run_program(rig.jail, &run, &end), 0);
	ends(end, JAIL_CPU);
	prints(rig_python(&rig, "print(2)"), 0, "2\n");
	rig_close(&rig);
}
END_TEST

START_TEST(a_tool_reads_its_files_and_one_is_kept)
{
	const char *const argv[] = {"/usr/bin/cc", "-o",      "prog",
				    "main.c",      "-static", NULL};
	struct jail_file file = {
	    "main.c", code_view_text("int main(void) { return 5; }")};
	struct jail_run run = {.kind = JAIL_TOOL,
			       .argv = argv,
			       .files = &file,
			       .n_files = 1,
			       .keep = "prog",
			       .limits = rig_limits()};
	struct jail_end end = {0};

	open_way(_i);
	ck_assert_msg(jail_run_program(rig.jail, &run, &end) == 0, "%s",
		      jail_error(rig.jail));
	ck_assert_msg(end.how == JAIL_EXITED && end.status == 0, "%.*s",
		      (int)end.error.len, end.error.ptr);
	ck_assert_int_ge(end.kept, 0);
	prints(rig_native(&rig, end.kept), 5, "");
	jail_end_free(&end);
	rig_close(&rig);
}
END_TEST

static void add_way(Suite *s, const char *name, int way)
{
	TCase *t = tcase_create(name);

#define ADD(test) tcase_add_loop_test(t, test, way, way + 1)
	ADD(a_python_program_prints_and_exits);
	ADD(an_executable_prints_and_exits);
	ADD(an_endless_loop_ends_by_its_processor_time);
	ADD(a_tool_reads_its_files_and_one_is_kept);
	suite_add_tcase(s, t);
}

int main(void)
{
	Suite *s = suite_create("code_jail");

	add_way(s, "T0", AS_NOBODY);
	if (geteuid() == 0 && rig_gives(JAIL_T0R))
		add_way(s, "T0r", IN_T0R);
	if (rig_gives(JAIL_T1))
		add_way(s, "T1", IN_T1);
	return run_suite(s);
}
