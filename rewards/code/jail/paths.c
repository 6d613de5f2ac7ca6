/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "paths.h"

#include <stdlib.h>
#include <string.h>

static const struct jail_path for_all[] = {
    {"/lib", JAIL_EXECUTE},
    {"/lib64", JAIL_EXECUTE},
    {"/lib32", JAIL_EXECUTE},
    {"/usr/lib", JAIL_EXECUTE},
    {"/usr/lib64", JAIL_EXECUTE},
    {"/usr/local/lib", JAIL_EXECUTE},
    {"/nix/store", JAIL_EXECUTE},
    {"/gnu/store", JAIL_EXECUTE},
    {"/usr/share/zoneinfo", JAIL_READ},
    {"/etc/ld.so.cache", JAIL_READ},
    {"/dev/null", JAIL_WRITE},
    {"/dev/zero", JAIL_READ},
    {"/dev/random", JAIL_READ},
    {"/dev/urandom", JAIL_READ},
};

/* A compiler starts others, from folders that differ between systems. */
static const struct jail_path for_tools[] = {
    {"/usr", JAIL_EXECUTE},
    {"/bin", JAIL_EXECUTE},
    {"/etc/alternatives", JAIL_READ},
};

static void add(struct jail_paths *p, const char *path, int rights)
{
	if (path && p->n < JAIL_MAX_PATHS)
		p->items[p->n++] = (struct jail_path){path, rights};
}

static void add_list(struct jail_paths *p, const struct jail_path *list,
		     size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		add(p, list[i].path, list[i].rights);
}

static char *new_text(struct jail_paths *p)
{
	size_t most = sizeof(p->texts) / sizeof(p->texts[0]);

	return p->n_texts < most ? p->texts[p->n_texts++] : NULL;
}

static void put_text(char *to, const char *from)
{
	memcpy(to, from, strlen(from) + 1);
}

/* PREFIX of PREFIX/bin/program, or NULL where that is no folder of its own. */
static const char *prefix_of(struct jail_paths *p, const char *program)
{
	char *prefix = new_text(p), *slash;
	int up;

	if (!prefix)
		return NULL;
	put_text(prefix, program);
	for (up = 0; up < 2; up++) {
		slash = strrchr(prefix, '/');
		if (!slash || (up == 1 && strcmp(slash, "/bin") != 0))
			return NULL;
		*slash = '\0';
	}
	return *prefix ? prefix : NULL;
}

static void add_below(struct jail_paths *p, const char *folder,
		      const char *name)
{
	char *path = new_text(p);

	if (!path || strlen(folder) + strlen(name) >= PATH_MAX)
		return;
	put_text(path, folder);
	put_text(path + strlen(folder), name);
	add(p, path, JAIL_EXECUTE);
}

/* A program, where its links lead, and what it was installed with: all of it,
 * or its libraries. */
static void add_program(struct jail_paths *p, const char *program, int all)
{
	char *real = new_text(p);
	const char *prefix;

	if (!program || !real || !realpath(program, real))
		return;
	add(p, program, JAIL_EXECUTE);
	add(p, real, JAIL_EXECUTE);
	prefix = prefix_of(p, real);
	if (!prefix)
		return;
	if (all)
		add(p, prefix, JAIL_EXECUTE);
	else
		add_below(p, prefix, "/lib");
}

void jail_paths_of(struct jail_paths *p, const struct jail_config *c,
		   enum jail_kind kind)
{
	size_t i;

	p->n = p->n_texts = 0;
	add_list(p, for_all, sizeof(for_all) / sizeof(for_all[0]));
	if (kind == JAIL_PYTHON) {
		add_program(p, c->python, 0);
		add(p, c->keeper, JAIL_EXECUTE);
	}
	if (kind != JAIL_TOOL)
		return;
	add_list(p, for_tools, sizeof(for_tools) / sizeof(for_tools[0]));
	for (i = 0; i < sizeof(c->tools) / sizeof(c->tools[0]); i++)
		add_program(p, c->tools[i], 1);
	add(p, c->shelf, JAIL_READ);
}
