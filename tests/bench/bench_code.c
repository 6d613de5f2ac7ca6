/* SPDX-License-Identifier: MIT */
/*
 * Programs a second in the jail of the code reward, on one core and in each
 * tier that the machine gives, beside a fresh `python3 -I -S` and the
 * executable without a jail: best of a few rounds in turn.  Argument: programs
 * a round.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <time.h>

#include "tests/jail_rig.h"

enum { ROUNDS = 5, N_BARE = 2 };

static const char python_text[] = "print(sum(range(100)))";
static const char c_text[] =
    "#include <stdio.h>\nint main(void) { return puts(\"4950\") < 0; }";

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void on_one_core(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	(void)sched_setaffinity(0, sizeof(one), &one);
}

/* Starts a program without a jail; its output goes to /dev/null. */
static void spawn_bare(const char *path, char *const *argv)
{
	static char *const environment[] = {NULL};
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int status;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	rig_need(posix_spawn(&pid, path, &actions, NULL, argv, environment) ==
		 0);
	rig_need(waitpid(pid, &status, 0) == pid && status == 0);
	posix_spawn_file_actions_destroy(&actions);
}

static double rate_bare(int is_python, int exe, int n)
{
	char python[] = "/usr/bin/python3", text[sizeof(python_text)];
	char *const py[] = {python,       (char *)"-I", (char *)"-S",
			    (char *)"-c", text,         NULL};
	char path[32];
	char *const c[] = {path, NULL};
	double began = now();
	int i;

	memcpy(text, python_text, sizeof(text));
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", exe);
	for (i = 0; i < n; i++)
		spawn_bare(is_python ? python : path, is_python ? py : c);
	return n / (now() - began);
}

static double rate_jailed(struct jail_rig *rig, int is_python, int exe, int n)
{
	double began = now();
	int i;

	for (i = 0; i < n; i++) {
		struct jail_end end = is_python ? rig_python(rig, python_text)
						: rig_native(rig, exe);

		rig_need(end.how == JAIL_EXITED && end.status == 0 &&
			 end.output.len == 5);
		jail_end_free(&end);
	}
	return n / (now() - began);
}

static void keep_best(double *best, double rate)
{
	if (rate > *best)
		*best = rate;
}

/* Rates of one tier with the bare ones of the same rounds. */
static void measure(enum jail_tier tier, int exe, int n)
{
	double jailed[2] = {0}, bare[2] = {0};
	struct jail_rig rig;
	int round, p;

	rig_open(&rig, tier);
	for (round = 0; round < ROUNDS; round++)
		for (p = 0; p < 2; p++) {
			keep_best(&jailed[p], rate_jailed(&rig, p, exe, n));
			keep_best(&bare[p],
				  rate_bare(p, exe, p ? n / 8 + 1 : n));
		}
	rig_close(&rig);
	printf("%-4s %10.0f %10.0f %8.2f %10.0f %10.0f %8.2f\n",
	       jail_tier_name(tier), jailed[1], bare[1], jailed[1] / bare[1],
	       jailed[0], bare[0], jailed[0] / bare[0]);
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 200;
	int exe = rig_compile(c_text), tier;

	on_one_core();
	printf("programs a second\n%-4s %10s %10s %8s %10s %10s %8s\n", "tier",
	       "Python", "fresh", "ratio", "C", "bare", "ratio");
	(void)fcntl(exe, F_SETFD, 0);
	for (tier = JAIL_T0; tier < JAIL_N_TIERS; tier++)
		if (rig_gives((enum jail_tier)tier))
			measure((enum jail_tier)tier, exe, n);
	close(exe);
	return 0;
}
