/* SPDX-License-Identifier: MIT */
/*
 * Runs many programs in one jail, in one process: Python and executables in
 * turn, one in 500 of them hostile, a tool now and then, and slots that are
 * killed from outside.  Prints the throughput of the first and the last tenth
 * and what is left at the end; the exit status is 1 where anything is, or where
 * an honest program was not right.  Arguments: how many, 200000, and the best
 * tier to use, as T0.
 */
#define _GNU_SOURCE
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/jail_rig.h"

enum { HOSTILE_EVERY = 500, TOOL_EVERY = 2000, KILL_EVERY = 20011 };

static const char *const hostile[] = {
    "while True: pass",
    "import time; time.sleep(100)",
    "while True: print('x' * 9999)",
    "import os\nwhile True: os.write(2, b'x' * 65536)",
    "import os\nwhile True: os.write(3, b'x' * 65536)",
    "x = [0] * 10**10",
    "x = []\nwhile True: x.append(bytearray(1 << 20))",
    "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
    "import os\nos.kill(os.getppid(), 9)",
    "import os\nos.kill(os.getpid(), 11)",
    "import os\nos.close(1); os.close(2)\nwhile True: pass",
    "open('left', 'w').write('x')",
    "import _thread, time\nfor i in range(30): _thread.start_new(id, (1,))"};

struct left {
	int fds, processes, sysv;
	long own_kb, slots_kb;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Resident memory of a process. */
static long memory_kb(const char *pid)
{
	char path[300], text[128], *second;
	long pages = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%s/statm", pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (fgets(text, sizeof(text), f) && (second = strchr(text, ' ')))
		pages = strtol(second, NULL, 10);
	(void)fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void add_memory(pid_t pid, void *sum)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "%d", (int)pid);
	*(long *)sum += memory_kb(name);
}

static struct left look(void)
{
	struct left l = {.fds = rig_count_fds(),
			 .processes = rig_count_children(),
			 .sysv = rig_count_sysv(),
			 .own_kb = memory_kb("self")};

	rig_each_child(add_memory, &l.slots_kb);
	return l;
}

static void run_hostile(struct jail_rig *rig, long i)
{
	size_t which = (size_t)(i / HOSTILE_EVERY) %
		       (sizeof(hostile) / sizeof(hostile[0]));
	struct jail_run run = {.kind = JAIL_PYTHON,
			       .source = code_view_text(hostile[which]),
			       .limits = rig_limits()};
	struct jail_end end = {0};

	run.limits.cpu_ms = 100;
	run.limits.wall_ms = 200;
	run.limits.memory_bytes = 128 << 20;
	rig_need(jail_run_program(rig->jail, &run, &end) == 0);
	jail_end_free(&end);
}

static void run_tool(struct jail_rig *rig)
{
	static const char *const argv[] = {
	    "/bin/sh", "-c", "sleep 9 & mkdir a; echo x >a/b; echo 4950", NULL};
	struct jail_run run = {
	    .kind = JAIL_TOOL, .argv = argv, .limits = rig_limits()};
	struct jail_end end = {0};

	rig_need(jail_run_program(rig->jail, &run, &end) == 0);
	rig_need(end.status == 0);
	jail_end_free(&end);
}

/* Returns whether the program was right. */
static int run_honest(struct jail_rig *rig, int exe, long i)
{
	struct jail_end end = i % 2 ? rig_native(rig, exe)
				    : rig_python(rig, "print(sum(range(100)))");
	int right = end.how == JAIL_EXITED && end.status == 0 &&
		    end.output.len == 5 &&
		    memcmp(end.output.ptr, "4950\n", 5) == 0;

	jail_end_free(&end);
	return right;
}

static long run_all(struct jail_rig *rig, int exe, long from, long to)
{
	long i, wrong = 0;

	for (i = from; i < to; i++) {
		if (i % KILL_EVERY == KILL_EVERY - 1)
			rig_kill_slots(rig);
		if (i % TOOL_EVERY == TOOL_EVERY - 1)
			run_tool(rig);
		if (i % HOSTILE_EVERY == HOSTILE_EVERY - 1)
			run_hostile(rig, i);
		else
			wrong += !run_honest(rig, exe, i);
	}
	return wrong;
}

static void say(const char *when, const struct left *l)
{
	printf("%-6s %d descriptors, %d processes, %d SysV objects, "
	       "%ld kB here, %ld kB in slots\n",
	       when, l->fds, l->processes, l->sysv, l->own_kb, l->slots_kb);
}

static enum jail_tier tier_named(const char *name)
{
	int tier = 0;

	while (tier < JAIL_T2 &&
	       strcmp(jail_tier_name((enum jail_tier)tier), name) != 0)
		tier++;
	return (enum jail_tier)tier;
}

int main(int argc, char **argv)
{
	enum jail_tier tier = tier_named(argc > 2 ? argv[2] : "T2");
	long n = argc > 1 ? strtol(argv[1], NULL, 10) : 200000, wrong = 0;
	int exe = rig_compile("#include <stdio.h>\n"
			      "int main(void) { return puts(\"4950\") < 0; }");
	struct left first = {0}, last;
	struct jail_rig rig;
	double began, rate[10];
	int tenth, bad;

	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	rig_need(rig_try(&rig, JAIL_T0, tier) == 0);
	tier = rig.report.tier;
	printf("%ld programs at %s\n", n, jail_tier_name(tier));
	for (tenth = 0; tenth < 10; tenth++) {
		began = now();
		wrong +=
		    run_all(&rig, exe, n * tenth / 10, n * (tenth + 1) / 10);
		rate[tenth] = (double)n / 10 / (now() - began);
		if (tenth == 0)
			first = look();
	}
	last = look();
	printf("%.0f programs a second in the first tenth, %.0f in the last\n",
	       rate[0], rate[9]);
	say("first", &first);
	say("last", &last);
	printf("%ld honest programs were not right\n", wrong);
	rig_close(&rig);
	bad = wrong || last.fds > first.fds ||
	      last.processes > first.processes || last.sysv > first.sysv ||
	      last.own_kb > first.own_kb + 4096 ||
	      last.slots_kb > first.slots_kb + 16384 || rate[9] < rate[0] / 2 ||
	      rig_count_children() != 0;
	printf("%s\n", bad ? "something is left" : "nothing is left");
	return bad;
}
