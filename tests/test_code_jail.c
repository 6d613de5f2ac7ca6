/* SPDX-License-Identifier: MIT */
/* Programs in the jail of the code reward: limits, ends, and what comes back.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tests/jail_rig.h"
#include "tests/suite.h"

static struct jail_rig rig;

/* Each test runs as nobody in the least tier, and in the better ones that are
 * to be had. */
enum { AS_NOBODY, IN_T0R, IN_T1, IN_T2, N_WAYS };

static void open_way(int way)
{
	static const enum jail_tier tiers[] = {JAIL_T0, JAIL_T0R, JAIL_T1,
					       JAIL_T2};

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

/* The program must end so. */
static void ends(struct jail_end end, enum jail_how how, int status)
{
	ck_assert_msg(end.how == how && (status < 0 || end.status == status),
		      "how %d, status %d: %.*s", (int)end.how, end.status,
		      (int)end.error.len, end.error.ptr ? end.error.ptr : "");
	jail_end_free(&end);
}

/* The program must exit with a status and print a text. */
static void prints(struct jail_end end, int status, const char *text)
{
	is_text(&end.output, text);
	ends(end, JAIL_EXITED, status);
}

static struct jail_end run_limited(const char *source, struct jail_limits l)
{
	struct jail_run run = {
	    .kind = JAIL_PYTHON, .source = code_view_text(source), .limits = l};
	struct jail_end end = {0};

	if (jail_run_program(rig.jail, &run, &end) < 0)
		ck_abort_msg("%s", jail_error(rig.jail));
	return end;
}

/* The slot still gives the right answer. */
static void slot_is_well(void)
{
	prints(rig_python(&rig, "print(sum(range(10)))"), 0, "45\n");
}

START_TEST(tiers_have_names)
{
	ck_assert_str_eq(jail_tier_name(JAIL_T2), "T2");
}
END_TEST

START_TEST(a_python_program_prints_and_exits)
{
	open_way(_i);
	prints(rig_python(&rig, "print('hello')"), 0, "hello\n");
	prints(rig_python(&rig, "import sys; print(1); sys.exit(7)"), 7, "1\n");
	prints(rig_python(&rig, "1/0"), 1, "");
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

START_TEST(a_signal_is_reported)
{
	int aborts = rig_compile("#include <stdlib.h>\n"
				 "int main(void) { abort(); }");
	int faults = rig_compile("int main(void) { *(volatile int *)8 = 1; }");

	open_way(_i);
	ends(rig_python(&rig, "import os; os.kill(os.getpid(), 9)"),
	     JAIL_KILLED, SIGKILL);
	ends(rig_native(&rig, aborts), JAIL_KILLED, SIGABRT);
	ends(rig_native(&rig, faults), JAIL_KILLED, SIGSEGV);
	slot_is_well();
	close(aborts);
	close(faults);
	rig_close(&rig);
}
END_TEST

START_TEST(processor_time_ends_a_loop)
{
	struct jail_limits l = rig_limits();
	int loop = rig_compile("int main(void) { for (;;); }");
	struct jail_run run = {.kind = JAIL_NATIVE, .exe = loop};
	struct jail_end end = {0};

	open_way(_i);
	l.cpu_ms = 100;
	ends(run_limited("while True: pass", l), JAIL_CPU, -1);
	ends(run_limited("import signal\n"
			 "for s in set(signal.Signals) - {9, 19}:\n"
			 "    signal.signal(s, signal.SIG_IGN)\n"
			 "while True: pass",
			 l),
	     JAIL_CPU, -1);
	run.limits = l;
	ck_assert_int_eq(jail_run_program(rig.jail, &run, &end), 0);
	ends(end, JAIL_CPU, -1);
	slot_is_well();
	close(loop);
	rig_close(&rig);
}
END_TEST

START_TEST(real_time_ends_a_program_that_waits)
{
	static const char *const waits[] = {
	    "import time; time.sleep(100)",
	    "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
	    "import os, time; os.close(1); os.close(2); time.sleep(100)"};
	struct jail_limits l = rig_limits();
	size_t i;

	open_way(_i);
	l.wall_ms = 300;
	for (i = 0; i < 3; i++)
		ends(run_limited(waits[i], l), JAIL_WALL, -1);
	slot_is_well();
	rig_close(&rig);
}
END_TEST

START_TEST(memory_is_bounded)
{
	int hungry =
	    rig_compile("#include <stdlib.h>\n#include <string.h>\n"
			"int main(void) { for (int i = 0; i < 4096; i++) {\n"
			" char *p = malloc(1 << 20); if (!p) return 9;\n"
			" memset(p, 1, 1 << 20); } return 0; }");
	struct jail_end end;

	open_way(_i);
	end = rig_python(&rig, "x = [0] * 10**9");
	ck_assert_ptr_nonnull(
	    memmem(end.error.ptr, end.error.len, "MemoryError", 11));
	ends(end, JAIL_EXITED, 1);
	end = rig_native(&rig, hungry);
	ck_assert_int_lt(end.peak_bytes, 520 << 20);
	ck_assert_int_gt(end.peak_bytes, 400 << 20);
	ends(end, JAIL_EXITED, 9);
	slot_is_well();
	close(hungry);
	rig_close(&rig);
}
END_TEST

START_TEST(a_flood_of_output_is_an_end_and_of_errors_is_cut)
{
	struct jail_end end;

	open_way(_i);
	ends(rig_python(&rig, "while True: print('x' * 9999)"), JAIL_FLOOD, -1);
	ends(rig_python(&rig, "import os\nwhile True: os.write(3, b'x' * 999)"),
	     JAIL_FLOOD, -1);
	end = rig_python(&rig, "import sys\nfor i in range(300):\n"
			       "    sys.stderr.write('e' * 1000)\nprint('ok')");
	ck_assert_uint_eq(end.error.len, 1 << 16);
	prints(end, 0, "ok\n");
	end = rig_python(&rig, "print('y' * ((1 << 20) - 1))");
	ck_assert_uint_eq(end.output.len, 1 << 20);
	ends(end, JAIL_EXITED, 0);
	slot_is_well();
	rig_close(&rig);
}
END_TEST

START_TEST(a_big_input_may_be_read_or_not)
{
	size_t len = 16 << 20;
	char *input = malloc(len);
	struct jail_run run = {
	    .kind = JAIL_PYTHON, .input = {input, len}, .limits = rig_limits()};
	struct jail_end end = {0};

	ck_assert_ptr_nonnull(input);
	memset(input, 'a', len);
	open_way(_i);
	run.source = code_view_text("import sys\nprint(len(sys.stdin.read()))");
	ck_assert_int_eq(jail_run_program(rig.jail, &run, &end), 0);
	prints(end, 0, "16777216\n");
	run.source = code_view_text("print('no')");
	ck_assert_int_eq(jail_run_program(rig.jail, &run, &end), 0);
	prints(end, 0, "no\n");
	prints(rig_python(&rig, "import sys\nprint(repr(sys.stdin.read()))"), 0,
	       "''\n");
	free(input);
	rig_close(&rig);
}
END_TEST

START_TEST(a_program_can_not_fork_but_has_threads)
{
	open_way(_i);
	if (_i < IN_T2)
		prints(rig_python(&rig, "import os\ntry: os.fork()\n"
					"except BlockingIOError: print('no')"),
		       0, "no\n");
	prints(rig_python(&rig, "import threading\n"
				"t = [threading.Thread(target=print, "
				"args=('t',)) for i in range(3)]\n"
				"for x in t: x.start(); x.join()"),
	       0, "t\nt\nt\n");
	rig_close(&rig);
}
END_TEST

START_TEST(a_program_sees_its_own_environment_and_descriptors)
{
	open_way(_i);
	prints(rig_python(&rig, "import os\nprint(sorted(os.environ))\n"
				"for i in range(64):\n"
				"    try: os.fstat(i)\n"
				"    except OSError: continue\n"
				"    print(i, end=' ')"),
	       0,
	       "['HOME', 'LANG', 'PATH', 'PYTHONDONTWRITEBYTECODE', "
	       "'PYTHONHASHSEED']\n0 1 2 3 4 ");
	prints(rig_python(&rig, "print(hash('a') == hash('a'), __name__)"), 0,
	       "True __main__\n");
	rig_close(&rig);
}
END_TEST

START_TEST(a_seed_is_the_same_in_every_slot)
{
	static const char program[] = "print(hash('seed'))";
	struct jail_end a, b;

	open_way(_i);
	a = rig_python(&rig, program);
	rig_close(&rig);
	rig_open(&rig, _i == AS_NOBODY ? JAIL_T0 : rig.report.tier);
	b = rig_python(&rig, program);
	ck_assert_uint_eq(a.output.len, b.output.len);
	ck_assert_mem_eq(a.output.ptr, b.output.ptr, a.output.len);
	jail_end_free(&a);
	jail_end_free(&b);
	rig_close(&rig);
}
END_TEST

START_TEST(files_do_not_outlive_a_program)
{
	open_way(_i);
	prints(rig_python(&rig, "try:\n    open('f', 'w').write('x')\n"
				"    print('T1')\n"
				"except PermissionError: print('T0')"),
	       0, _i >= IN_T1 ? "T1\n" : "T0\n");
	prints(rig_python(&rig, "import os\nprint(os.path.exists('f'))"), 0,
	       "False\n");
	rig_close(&rig);
}
END_TEST

/* Answers a number with its double; "stop" ends the program. */
static int twice(void *ctx, struct code_view line, struct code_bytes *reply)
{
	struct jail_end end;

	if (line.len == 4 && memcmp(line.ptr, "stop", 4) == 0)
		return -1;
	/* A program of another kind, while this one waits. */
	end = rig_native(&rig, *(int *)ctx);
	ck_assert_int_eq(end.status, 3);
	jail_end_free(&end);
	return code_bytes_print(reply, "%.*s%.*s\n", (int)line.len, line.ptr,
				(int)line.len, line.ptr);
}

START_TEST(questions_are_answered)
{
	int exe = rig_compile("int main(void) { return 3; }");
	struct jail_run run = {
	    .kind = JAIL_PYTHON,
	    .source = code_view_text("import os\n"
				     "def ask(s):\n"
				     "    os.write(3, s)\n"
				     "    return os.read(4, 100)\n"
				     "print(ask(b'ab\\n'), ask(b'c\\n'))\n"
				     "os.write(3, b'rest')"),
	    .limits = rig_limits(),
	    .answer = twice,
	    .ctx = &exe};
	struct jail_end end = {0};

	open_way(_i);
	ck_assert_int_eq(jail_run_program(rig.jail, &run, &end), 0);
	is_text(&end.result, "rest");
	prints(end, 0, "b'abab\\n' b'cc\\n'\n");
	run.source = code_view_text("import os, time\nos.write(3, b'stop\\n')\n"
				    "time.sleep(100)");
	ck_assert_int_eq(jail_run_program(rig.jail, &run, &end), 0);
	ends(end, JAIL_KILLED, SIGKILL);
	close(exe);
	rig_close(&rig);
}
END_TEST

static int echo(void *ctx, struct code_view line, struct code_bytes *reply)
{
	(void)ctx;
	return code_bytes_print(reply, "%.*s\n", (int)line.len, line.ptr);
}

START_TEST(questions_without_end_are_a_flood)
{
	struct jail_run run = {
	    .kind = JAIL_PYTHON,
	    .source = code_view_text("import os\n"
				     "while True: os.write(3, b'x' * 999 + "
				     "b'\\n')"),
	    .limits = rig_limits(),
	    .answer = echo};
	struct jail_end end = {0};

	open_way(_i);
	ck_assert_int_eq(jail_run_program(rig.jail, &run, &end), 0);
	ends(end, JAIL_FLOOD, -1);
	rig_close(&rig);
}
END_TEST

static struct jail_end run_tool(const char *const *argv,
				const struct jail_file *file, const char *keep)
{
	struct jail_run run = {.kind = JAIL_TOOL,
			       .argv = argv,
			       .files = file,
			       .n_files = file ? 1 : 0,
			       .keep = keep,
			       .limits = rig_limits()};
	struct jail_end end = {0};

	run.limits.memory_bytes = (int64_t)1 << 30;
	if (jail_run_program(rig.jail, &run, &end) < 0)
		ck_abort_msg("%s", jail_error(rig.jail));
	return end;
}

START_TEST(a_tool_reads_its_files_and_one_is_kept)
{
	const char *const argv[] = {"/usr/bin/cc", "-o",      "prog",
				    "main.c",      "-static", NULL};
	struct jail_file file = {
	    "main.c", code_view_text("int main(void) { return 5; }")};
	struct jail_end end;

	open_way(_i);
	end = run_tool(argv, &file, "prog");
	ck_assert_int_ge(end.kept, 0);
	prints(rig_native(&rig, end.kept), 5, "");
	ends(end, JAIL_EXITED, 0);
	rig_close(&rig);
}
END_TEST

static struct jail_end run_shell(const char *script, const char *keep)
{
	const char *const argv[] = {"/bin/sh", "-c", script, NULL};

	return run_tool(argv, NULL, keep);
}

START_TEST(what_is_no_file_is_not_kept)
{
	static const char *const scripts[] = {":", "ln -s /dev/zero out",
					      "mkfifo out", "mkdir out"};
	struct jail_end end;
	size_t i;

	open_way(_i);
	for (i = 0; i < 4; i++) {
		end = run_shell(scripts[i], "out");
		ck_assert_int_lt(end.kept, 0);
		jail_end_free(&end);
	}
	end = run_shell("echo yes >out", "out");
	ck_assert_int_ge(end.kept, 0);
	jail_end_free(&end);
	rig_close(&rig);
}
END_TEST

START_TEST(what_a_tool_started_ends_with_it)
{
	int before;

	open_way(_i);
	slot_is_well();
	before = rig_count_children();
	prints(run_shell("sleep 100 & (sleep 100 & sleep 100) & echo x", NULL),
	       0, "x\n");
	ck_assert_int_eq(rig_count_children(), before);
	rig_close(&rig);
}
END_TEST

START_TEST(nothing_is_left_after_many_runs)
{
	int fds, children, i;

	open_way(_i);
	slot_is_well();
	fds = rig_count_fds();
	children = rig_count_children();
	for (i = 0; i < 100; i++)
		slot_is_well();
	for (i = 0; i < 3; i++)
		prints(run_shell("echo 1; mkdir -p a/b/c; echo 2 >a/b/c/d; "
				 "chmod 0 a/b",
				 NULL),
		       0, "1\n");
	ck_assert_int_eq(rig_count_fds(), fds);
	ck_assert_int_eq(rig_count_children(), children);
	rig_close(&rig);
	ck_assert_int_eq(rig_count_children(), 0);
}
END_TEST

START_TEST(a_slot_that_was_killed_comes_back)
{
	open_way(_i);
	slot_is_well();
	rig_kill_slots(&rig);
	slot_is_well();
	rig_kill_slots(&rig);
	kill(rig.nursery, SIGKILL);
	slot_is_well();
	rig_close(&rig);
}
END_TEST

START_TEST(a_program_that_is_none_is_an_error)
{
	struct jail_run run = {.kind = JAIL_NATIVE, .limits = rig_limits()};
	struct jail_end end = {0};

	open_way(_i);
	run.exe = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	ck_assert_int_lt(jail_run_program(rig.jail, &run, &end), 0);
	ck_assert_ptr_nonnull(strstr(jail_error(rig.jail), "can't start"));
	close(run.exe);
	slot_is_well();
	rig_close(&rig);
}
END_TEST

/* Only a cgroup counts them all. */

START_TEST(children_are_counted_and_end_with_their_parent)
{
	int before;

	open_way(_i);
	slot_is_well();
	before = rig_count_children();
	prints(rig_python(&rig, "import os, time\n"
				"n = 0\n"
				"try:\n"
				"    while n < 1000:\n"
				"        if os.fork() == 0: time.sleep(100)\n"
				"        n += 1\n"
				"except BlockingIOError: print(10 < n < 70)"),
	       0, "True\n");
	ck_assert_int_eq(rig_count_children(), before);
	slot_is_well();
	rig_close(&rig);
}
END_TEST

START_TEST(children_share_a_limit_of_memory)
{
	struct jail_end end;

	open_way(_i);
	end = rig_python(&rig, "import os, time\n"
			       "for i in range(8):\n"
			       "    if os.fork() == 0:\n"
			       "        x = bytes(200 << 20); time.sleep(100)\n"
			       "for i in range(8): os.wait()\n"
			       "time.sleep(1)\n");
	ck_assert_int_eq(end.is_out_of_memory, 1);
	jail_end_free(&end);
	slot_is_well();
	rig_close(&rig);
}
END_TEST

START_TEST(children_share_a_limit_of_processor_time)
{
	struct jail_limits l = rig_limits();

	open_way(_i);
	l.cpu_ms = 300;
	ends(run_limited("import os\n"
			 "for i in range(4):\n"
			 "    if os.fork() == 0:\n"
			 "        while True: pass\n"
			 "os.wait()",
			 l),
	     JAIL_CPU, -1);
	slot_is_well();
	rig_close(&rig);
}
END_TEST

START_TEST(a_python_that_does_not_start_is_an_error_with_its_words)
{
	struct jail_run run = {.kind = JAIL_PYTHON, .limits = rig_limits()};
	struct jail_end end = {0};

	rig_interpreter = "/bin/sh";
	open_way(_i);
	ck_assert_int_lt(jail_run_program(rig.jail, &run, &end), 0);
	ck_assert_msg(
	    strstr(jail_error(rig.jail), "a slot ended while it started: "),
	    "%s", jail_error(rig.jail));
	ck_assert_int_eq(rig_count_children(), 1);
	rig_close(&rig);
}
END_TEST

static void add_way(Suite *s, const char *name, int way)
{
	TCase *t = tcase_create(name);

#define ADD(test) tcase_add_loop_test(t, test, way, way + 1)
	ADD(a_python_program_prints_and_exits);
	ADD(an_executable_prints_and_exits);
	ADD(a_signal_is_reported);
	ADD(processor_time_ends_a_loop);
	ADD(real_time_ends_a_program_that_waits);
	ADD(memory_is_bounded);
	ADD(a_flood_of_output_is_an_end_and_of_errors_is_cut);
	ADD(a_big_input_may_be_read_or_not);
	ADD(a_program_can_not_fork_but_has_threads);
	ADD(a_program_sees_its_own_environment_and_descriptors);
	ADD(a_seed_is_the_same_in_every_slot);
	ADD(files_do_not_outlive_a_program);
	ADD(questions_are_answered);
	ADD(questions_without_end_are_a_flood);
	ADD(a_tool_reads_its_files_and_one_is_kept);
	ADD(what_is_no_file_is_not_kept);
	ADD(what_a_tool_started_ends_with_it);
	ADD(nothing_is_left_after_many_runs);
	ADD(a_slot_that_was_killed_comes_back);
	ADD(a_program_that_is_none_is_an_error);
	ADD(a_python_that_does_not_start_is_an_error_with_its_words);
	if (way == IN_T2) {
		ADD(children_are_counted_and_end_with_their_parent);
		ADD(children_share_a_limit_of_memory);
		ADD(children_share_a_limit_of_processor_time);
	}
	suite_add_tcase(s, t);
}

int main(void)
{
	Suite *s = suite_create("code_jail");
	TCase *t;

	if (!rig_is_complete()) {
		t = tcase_create("names");
		tcase_add_test(t, tiers_have_names);
		suite_add_tcase(s, t);
		return run_suite(s);
	}
	add_way(s, "T0", AS_NOBODY);
	if (geteuid() == 0 && rig_gives(JAIL_T0R))
		add_way(s, "T0r", IN_T0R);
	if (rig_gives(JAIL_T1))
		add_way(s, "T1", IN_T1);
	if (rig_gives(JAIL_T2))
		add_way(s, "T2", IN_T2);
	return run_suite(s);
}
