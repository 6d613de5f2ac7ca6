/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TESTS_JAIL_RIG_H
#define GRPO_TESTS_JAIL_RIG_H

/*
 * A jail for tests, with a scratch folder of its own, programs in Python and C,
 * and counts of what a run could leave behind.
 * A test that includes other headers first defines _GNU_SOURCE.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rewards/code/jail/jail.h"

/* The rig serves programs without Check too. */
#define rig_need(condition)                                                    \
	do {                                                                   \
		if (!(condition))                                              \
			rig_die(#condition);                                   \
	} while (0)

static inline _Noreturn void rig_die(const char *why)
{
	(void)fprintf(stderr, "jail_rig: %s\n", why);
	abort();
}

/* The interpreter of the next rig. */
static const char *rig_interpreter = "/usr/bin/python3";

/* The keeper's library where nobody can read it; "": where it was built. */
static char rig_keeper_copy[64];

struct jail_rig {
	struct jail *jail;
	struct jail_config config;
	struct jail_report report;
	char scratch[64];
	char keeper[4096];
	pid_t nursery;
};

/* The parent of a process, from its /proc/PID/stat; 0 where it has gone. */
static inline long parent_of(const char *pid)
{
	char path[300], text[512], *behind;
	long parent = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (fgets(text, sizeof(text), f) && (behind = strrchr(text, ')')) &&
	    strlen(behind) > 4)
		parent = strtol(behind + 4, NULL, 10);
	(void)fclose(f);
	return parent;
}

/* Calls back for each child of this process. */
static inline void rig_each_child(void (*f)(pid_t pid, void *ctx), void *ctx)
{
	DIR *d = opendir("/proc");
	struct dirent *e;

	rig_need(d);
	while ((e = readdir(d)))
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9' &&
		    parent_of(e->d_name) == getpid())
			f((pid_t)strtol(e->d_name, NULL, 10), ctx);
	closedir(d);
}

static inline void rig_note_nursery(pid_t pid, void *nursery)
{
	*(pid_t *)nursery = pid;
}

static inline void rig_kill_slot(pid_t pid, void *nursery)
{
	if (pid != *(pid_t *)nursery)
		kill(pid, SIGKILL);
}

/* Kills the slots from outside. */
static inline void rig_kill_slots(struct jail_rig *rig)
{
	rig_each_child(rig_kill_slot, &rig->nursery);
	usleep(50000);
}

/* The folder of this test program is BUILD/tests. */
static inline void find_keeper(char *path, size_t size)
{
	char self[3072];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	rig_need(!(n <= 0));
	self[n] = '\0';
	slash = strrchr(self, '/');
	*slash = '\0';
	slash = strrchr(self, '/');
	*slash = '\0';
	(void)snprintf(path, size, "%s/rewards/code-keeper.so", self);
}

/* The same; 0, or -1 with rig->report.missing set. */
static inline int rig_try(struct jail_rig *rig, enum jail_tier least,
			  enum jail_tier most)
{
	memset(rig, 0, sizeof(*rig));
	(void)snprintf(rig->scratch, sizeof(rig->scratch), "/tmp/jail-XXXXXX");
	rig_need(!(!mkdtemp(rig->scratch)));
	if (rig_keeper_copy[0])
		(void)snprintf(rig->keeper, sizeof(rig->keeper), "%s",
			       rig_keeper_copy);
	else
		find_keeper(rig->keeper, sizeof(rig->keeper));
	rig->config = (struct jail_config){.least = least,
					   .most = most,
					   .scratch = rig->scratch,
					   .keeper = rig->keeper,
					   .python = rig_interpreter,
					   .tools = {"/bin/sh", "/usr/bin/cc"}};
	if (jail_open(&rig->jail, &rig->config, &rig->report) == 0) {
		rig_each_child(rig_note_nursery, &rig->nursery);
		return 0;
	}
	rmdir(rig->scratch);
	return -1;
}

/* Opens a jail that gives exactly `tier`, or ends the test. */
static inline void rig_open(struct jail_rig *rig, enum jail_tier tier)
{
	if (rig_try(rig, tier, tier) < 0)
		rig_die(rig->report.missing);
	rig_need(rig->report.tier == tier);
}

/* Closes it; the scratch folder must be empty by then. */
static inline void rig_close(struct jail_rig *rig)
{
	jail_close(rig->jail);
	rig_need(rmdir(rig->scratch) == 0);
}

/* Called outside of tests, so it asserts nothing. */
/* Whether the machine has what the tests run; says what it lacks. */
static inline int rig_is_complete(void)
{
	static const char *const needed[] = {"/usr/bin/python3", "/usr/bin/cc",
					     "/bin/sh"};
	size_t i;

	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (access(needed[i], X_OK) < 0) {
			printf("skipped: the jail (no %s)\n", needed[i]);
			return 0;
		}
	if (!getenv("EMULATOR"))
		return 1;
	puts("skipped: the jail (an emulator has no seccomp)");
	return 0;
}

/* Whether the machine gives a tier; prints "skipped: T1 (why)" where not. */
static inline int rig_gives(enum jail_tier tier)
{
	struct jail_rig rig;

	if (rig_try(&rig, tier, tier) == 0) {
		jail_close(rig.jail);
		rmdir(rig.scratch);
		return 1;
	}
	/* What is missing begins with the tier's name. */
	printf("skipped: %s (%s)\n", jail_tier_name(tier),
	       rig.report.missing[0] ? strchr(rig.report.missing, ' ') + 1
				     : "?");
	return 0;
}

static inline void rig_remove_keeper(void)
{
	unlink(rig_keeper_copy);
}

/* What root built below /root is out of nobody's reach. */
static inline void rig_copy_keeper(void)
{
	char from[4096];
	int in, out;
	struct stat st;

	find_keeper(from, sizeof(from));
	(void)snprintf(rig_keeper_copy, sizeof(rig_keeper_copy),
		       "/tmp/jail-keeper-%ld.so", (long)getpid());
	in = open(from, O_RDONLY | O_CLOEXEC);
	out = open(rig_keeper_copy,
		   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	rig_need(in >= 0 && out >= 0 && fstat(in, &st) == 0);
	rig_need(sendfile(out, in, NULL, (size_t)st.st_size) == st.st_size);
	rig_need(fchmod(out, 0644) == 0 && fchown(out, 65534, 65534) == 0);
	close(in);
	close(out);
	(void)atexit(rig_remove_keeper);
}

/* Becomes uid 65534 where it is root. */
static inline void rig_become_nobody(void)
{
	if (geteuid() != 0)
		return;
	rig_copy_keeper();
	rig_need(setgroups(0, NULL) == 0);
	rig_need(setresgid(65534, 65534, 65534) == 0);
	rig_need(setresuid(65534, 65534, 65534) == 0);
}

/* 2 s of processor time, 10 s of real time, 512 MiB. */
static inline struct jail_limits rig_limits(void)
{
	return (struct jail_limits){.cpu_ms = 2000,
				    .wall_ms = 10000,
				    .memory_bytes = 512 << 20,
				    .output_bytes = 1 << 20,
				    .error_bytes = 1 << 16,
				    .file_bytes = 64 << 20};
}

static inline void must_run(struct jail_rig *rig, const struct jail_run *run,
			    struct jail_end *end)
{
	if (jail_run_program(rig->jail, run, end) < 0)
		rig_die(jail_error(rig->jail));
}

/* Runs a Python program to its end, which must be reported. */
static inline struct jail_end rig_python(struct jail_rig *rig,
					 const char *source)
{
	struct jail_run run = {.kind = JAIL_PYTHON,
			       .source = code_view_text(source),
			       .limits = rig_limits()};
	struct jail_end end = {0};

	must_run(rig, &run, &end);
	return end;
}

static inline struct jail_end rig_native(struct jail_rig *rig, int exe)
{
	struct jail_run run = {
	    .kind = JAIL_NATIVE, .exe = exe, .limits = rig_limits()};
	struct jail_end end = {0};

	must_run(rig, &run, &end);
	return end;
}

/* A sealed copy of a file in memory. */
static inline int rig_sealed(const char *path)
{
	int in = open(path, O_RDONLY | O_CLOEXEC);
	int out = memfd_create("program", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct stat st;

	rig_need(in >= 0 && out >= 0 && fstat(in, &st) == 0);
	rig_need(sendfile(out, in, NULL, (size_t)st.st_size) == st.st_size);
	rig_need(fcntl(out, F_ADD_SEALS, F_SEAL_WRITE) == 0);
	close(in);
	return out;
}

static inline void rig_write(const char *path, struct code_view text)
{
	FILE *f = fopen(path, "we");

	rig_need(f);
	rig_need(fwrite(text.ptr, 1, text.len, f) == text.len);
	rig_need(!fclose(f));
}

/* Compiles C, statically where the machine has the library; a descriptor in
 * memory. */
static inline int rig_compile_bytes(struct code_view source)
{
	char folder[] = "/tmp/jail-cc-XXXXXX", command[512], path[64];
	const char *cc = getenv("CC");
	int fd;

	rig_need(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/a.c", folder);
	rig_write(path, source);
	(void)snprintf(command, sizeof(command),
		       "cd %s && for s in -static ''; do %.99s -std=gnu11 -O1 "
		       "$s -w a.c -o a -lpthread -lm 2>log && exit; done; "
		       "cat log; exit 1",
		       folder, cc && *cc ? cc : "cc");
	rig_need(system(command) == 0);
	(void)snprintf(path, sizeof(path), "%s/a", folder);
	fd = rig_sealed(path);
	(void)snprintf(command, sizeof(command), "rm -r %s", folder);
	rig_need(system(command) == 0);
	return fd;
}

static inline int rig_compile(const char *source)
{
	return rig_compile_bytes(code_view_text(source));
}

/* Descriptors that this process has open. */
static inline int rig_count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	rig_need(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static inline int count_below(long pid, int depth)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	int n = 0;

	rig_need(d);
	while (depth < 8 && (e = readdir(d)))
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9' &&
		    parent_of(e->d_name) == pid)
			n += 1 + count_below(strtol(e->d_name, NULL, 10),
					     depth + 1);
	closedir(d);
	return n;
}

/* Processes below this one. */
static inline int rig_count_children(void)
{
	return count_below(getpid(), 0);
}

static inline int count_lines(const char *path)
{
	FILE *f = fopen(path, "re");
	int c, n = 0;

	if (!f)
		return 0;
	while ((c = fgetc(f)) != EOF)
		n += c == '\n';
	(void)fclose(f);
	return n;
}

/* Objects of System V on this machine. */
static inline int rig_count_sysv(void)
{
	return count_lines("/proc/sysvipc/shm") +
	       count_lines("/proc/sysvipc/sem") +
	       count_lines("/proc/sysvipc/msg");
}

#endif
