/* SPDX-License-Identifier: MIT */
/*
 * The programs of tests/hostile/ in the jail of the code reward, at T0 as
 * nobody and at T1: what each is reported as, that it got nothing that it must
 * not get, and that nothing of it is left and the next program is right.
 */
#define _GNU_SOURCE
#include <glob.h>
#include <string.h>
#include <unistd.h>

#include "tests/jail_rig.h"
#include "tests/suite.h"

enum { MOST_PROGRAMS = 400, WORKERS = 4 };
enum language { PYTHON, C, COMPILE };

struct program {
	char name[96]; /* "35 signals-to-all" */
	enum language language;
	char want[64];
	int only_t1, has_input;
	struct code_bytes text;
	int exe;
};

static struct program programs[MOST_PROGRAMS];
static size_t n_programs;
static int honest_exe;
static char *big_input;
enum { BIG = 8 << 20 };

/* ---- the tables ---------------------------------------------------------- */

static void add_file(struct code_bytes *b, const char *path)
{
	FILE *f = fopen(path, "re");
	char part[4096];
	size_t n;

	rig_need(f);
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		rig_need(code_bytes_add(b, part, n) == 0);
	rig_need(!fclose(f));
}

static void cut_end(char *line)
{
	line[strcspn(line, "\n")] = '\0';
}

/* "== 35 signals-to-all python" */
static struct program *begin_program(char *line)
{
	struct program *p = &programs[n_programs++];
	char *language = strrchr(line, ' ');

	rig_need(n_programs < MOST_PROGRAMS && language > line + 3);
	*p = (struct program){.exe = -1};
	p->language = strcmp(language, " python") == 0 ? PYTHON
		      : strcmp(language, " c") == 0    ? C
						       : COMPILE;
	rig_need(p->language != COMPILE || strcmp(language, " compile") == 0);
	*language = '\0';
	(void)snprintf(p->name, sizeof(p->name), "%.90s", line + 3);
	if (p->language == PYTHON)
		add_file(&p->text, "tests/hostile/python.prelude");
	if (p->language == C)
		add_file(&p->text, "tests/hostile/c.prelude");
	return p;
}

static void read_key(struct program *p, const char *line)
{
	if (strncmp(line, "want: ", 6) == 0)
		(void)snprintf(p->want, sizeof(p->want), "|%.60s|", line + 6);
	else if (strncmp(line, "tiers: ", 7) == 0)
		p->only_t1 = strcmp(line + 7, "T1") == 0;
	else if (strncmp(line, "input: ", 7) == 0)
		p->has_input = 1;
	else
		rig_need(strncmp(line, "stops: ", 7) == 0 || line[0] == ' ');
}

static void read_table(const char *path)
{
	FILE *f = fopen(path, "re");
	struct program *p = NULL;
	char line[512];
	int in_keys = 0;

	rig_need(f);
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, "== ", 3) == 0) {
			cut_end(line);
			p = begin_program(line);
			in_keys = 1;
			continue;
		}
		rig_need(p);
		if (!in_keys) {
			rig_need(code_bytes_add(&p->text, line, strlen(line)) ==
				 0);
			continue;
		}
		cut_end(line);
		in_keys = line[0] != '\0';
		if (in_keys)
			read_key(p, line);
	}
	rig_need(!fclose(f));
}

static void read_tables(void)
{
	glob_t g;
	size_t i;

	rig_need(glob("tests/hostile/*.table", 0, NULL, &g) == 0);
	for (i = 0; i < g.gl_pathc; i++)
		read_table(g.gl_pathv[i]);
	globfree(&g);
}

/* ---- one program --------------------------------------------------------- */

static int wants(const struct program *p, const char *word)
{
	char between[32];

	(void)snprintf(between, sizeof(between), "|%s|", word);
	return strstr(p->want, between) != NULL;
}

/* Time is short where it is to run out, and ample where it is not. */
static struct jail_limits limits_of(const struct program *p)
{
	struct jail_limits l = {.cpu_ms = wants(p, "cpu") ? 300 : 3000,
				.wall_ms = wants(p, "wall") ? 600 : 20000,
				.memory_bytes = 256 << 20,
				.output_bytes = 1 << 20,
				.error_bytes = 1 << 16,
				.file_bytes = 32 << 20};

	if (p->language == COMPILE) {
		l.memory_bytes = 512 << 20;
		l.cpu_ms = 1000;
		l.wall_ms = 3000;
	}
	return l;
}

static int run(struct jail_rig *rig, const struct program *p,
	       struct jail_end *end)
{
	static const char *const cc[] = {"/usr/bin/cc", "-o", "prog", "main.c",
					 NULL};
	struct jail_file file = {"main.c", code_view_of(&p->text)};
	struct jail_run r = {.kind = JAIL_PYTHON,
			     .source = code_view_of(&p->text),
			     .limits = limits_of(p)};

	if (p->language == C)
		r.kind = JAIL_NATIVE;
	if (p->language == COMPILE) {
		r.kind = JAIL_TOOL;
		r.files = &file;
		r.n_files = 1;
	}
	r.exe = p->exe;
	r.argv = cc;
	if (p->has_input)
		r.input = (struct code_view){big_input, BIG};
	return jail_run_program(rig->jail, &r, end);
}

static int has(const struct code_bytes *b, const char *text)
{
	return b->len && memmem(b->ptr, b->len, text, strlen(text));
}

static const char *how_it_ended(const struct program *p,
				const struct jail_end *end)
{
	static const char *const words[] = {"exited", "killed", "cpu", "wall",
					    "flood"};

	if (end->how != JAIL_EXITED || end->status == 0)
		return end->how == JAIL_KILLED && wants(p, "memory")
			   ? "memory"
			   : words[end->how];
	return wants(p, "memory") ? "memory" : "status";
}

/* Why the end is not what it must be, or NULL. */
static const char *judge(const struct program *p, const struct jail_end *end)
{
	const char *how = how_it_ended(p, end);

	if (has(&end->output, "ESCAPED"))
		return "it escaped";
	if (has(&end->error, "root:x:") || has(&end->output, "root:x:"))
		return "it read a secret";
	if (!wants(p, how))
		return how;
	if (strcmp(how, "exited") == 0 && !has(&end->output, "held\n") &&
	    p->language != COMPILE)
		return "it did not come to its end";
	return NULL;
}

static const char *next_is_wrong(struct jail_rig *rig)
{
	struct jail_end end = rig_python(rig, "print(sum(range(10)))");
	int bad = end.how != JAIL_EXITED || end.status != 0 ||
		  end.output.len != 3 || memcmp(end.output.ptr, "45\n", 3) != 0;

	jail_end_free(&end);
	end = rig_native(rig, honest_exe);
	bad |= end.how != JAIL_EXITED || end.status != 3;
	jail_end_free(&end);
	return bad ? "the next program is wrong" : NULL;
}

static const char *left_files(void)
{
	static const char *const places[] = {"/tmp/escaped",
					     "/tmp/escaped.d",
					     "/var/tmp/escaped",
					     "/dev/shm/escaped",
					     "/escaped",
					     "x",
					     "f0",
					     "link"};
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (access(places[i], F_OK) == 0)
			return places[i];
	return NULL;
}

/* ---- all of them --------------------------------------------------------- */

static int fails(const struct program *p, enum jail_tier tier, const char *why,
		 const struct jail_end *end)
{
	printf("%s: %s at %s: how %d, status %d\n%.*s\n%.*s\n", p->name, why,
	       jail_tier_name(tier), (int)end->how, end->status,
	       end->output.len > 999 ? 999 : (int)end->output.len,
	       end->output.ptr ? end->output.ptr : "",
	       end->error.len > 999 ? 999 : (int)end->error.len,
	       end->error.ptr ? end->error.ptr : "");
	(void)fflush(stdout);
	return 1;
}

static int try_program(struct jail_rig *rig, const struct program *p)
{
	int children = rig_count_children(), sysv = rig_count_sysv();
	enum jail_tier tier = rig->report.tier;
	struct jail_end end = {0};
	const char *why;
	int bad;

	if (run(rig, p, &end) < 0)
		return fails(p, tier, jail_error(rig->jail), &end);
	why = judge(p, &end);
	if (!why)
		why = next_is_wrong(rig);
	if (!why && rig_count_children() != children)
		why = "a process is left";
	if (!why && rig_count_sysv() != sysv)
		why = "an object of System V is left";
	if (!why)
		why = left_files();
	bad = why ? fails(p, tier, why, &end) : 0;
	jail_end_free(&end);
	return bad;
}

static _Noreturn void try_share(int worker, enum jail_tier tier)
{
	struct jail_rig rig;
	int bad = 0;
	size_t i;

	if (tier == JAIL_T0)
		rig_become_nobody();
	rig_open(&rig, tier);
	bad = next_is_wrong(&rig) != NULL;
	for (i = (size_t)worker; i < n_programs; i += WORKERS)
		if (tier >= JAIL_T1 || !programs[i].only_t1)
			bad += try_program(&rig, &programs[i]);
	rig_close(&rig);
	rig_remove_keeper();
	_exit(bad != 0);
}

static int ends_well(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 0;
}

static void compile_share(int worker)
{
	size_t i;

	for (i = (size_t)worker; i < n_programs; i += WORKERS)
		if (programs[i].language == C)
			programs[i].exe =
			    rig_compile_bytes(code_view_of(&programs[i].text));
}

static _Noreturn void work(int worker, int has_t1)
{
	int tier, bad = 0;

	compile_share(worker);
	for (tier = JAIL_T0; tier <= JAIL_T1; tier++) {
		pid_t pid;

		if ((tier == JAIL_T0R && geteuid() != 0) ||
		    (tier == JAIL_T1 && !has_t1))
			continue;
		pid = fork();
		if (pid == 0)
			try_share(worker, (enum jail_tier)tier);
		bad |= !ends_well(pid);
	}
	_exit(bad);
}

static int has_t1;

START_TEST(hostile_programs_are_contained)
{
	pid_t pids[WORKERS];
	int i, bad = 0;

	big_input = calloc(1, BIG);
	honest_exe = rig_compile("int main(void) { return 3; }");
	for (i = 0; i < WORKERS; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			work(i, has_t1);
	}
	for (i = 0; i < WORKERS; i++)
		bad |= !ends_well(pids[i]);
	free(big_input);
	ck_assert_msg(!bad, "see the lines above");
}
END_TEST

/* The rows of the table of hostile acts, and as many of our own. */
START_TEST(the_table_is_whole)
{
	size_t i;
	int row, n_own = 0;

	ck_assert_uint_ge(n_programs, 136);
	for (row = 1; row <= 79; row++) {
		for (i = 0; i < n_programs; i++)
			if (strtol(programs[i].name, NULL, 10) == row)
				break;
		ck_assert_msg(i < n_programs, "row %d has no program", row);
	}
	for (i = 0; i < n_programs; i++) {
		n_own += strtol(programs[i].name, NULL, 10) > 100;
		ck_assert_msg(programs[i].want[0], "%s has no `want`",
			      programs[i].name);
	}
	ck_assert_int_ge(n_own, 40);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("code_hostile");
	TCase *t = tcase_create("programs");

	read_tables();
	suite_add_tcase(s, t);
	tcase_add_test(t, the_table_is_whole);
	if (!rig_is_complete())
		return run_suite(s);
	has_t1 = rig_gives(JAIL_T1);
	tcase_set_timeout(t, 600);
	tcase_add_test(t, hostile_programs_are_contained);
	return run_suite(s);
}
