/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* dladdr */

#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/fail.h"
#include "core/file.h"
#include "core/mem.h"
#include "grpo/reward_set.h"

/*
 * Searches for plug-ins in the order given in grpo/reward_set.h.
 * GRPO_PLUGINDIR, if the build sets it, is the installed folder.
 */
#define PATH_BYTES PATH_MAX /* room for realpath */

struct search {
	char *file;       /* NAME.so */
	char *found;      /* the path, once it is found */
	grpo__buf looked; /* folders so far, for the message */
};

static int try_folder(struct search *s, const char *folder)
{
	char *path;

	if (s->found)
		return 0;
	path = grpo__path_join(folder, s->file);
	if (!path)
		return GRPO_ENOMEM;
	if (access(path, F_OK) == 0) {
		s->found = path;
		return 0;
	}
	free(path);
	return grpo__buf_printf(&s->looked, "%s%s", s->looked.len ? ", " : "",
				folder);
}

static int try_environment(struct search *s)
{
	const char *p = getenv("GRPO_REWARD_PATH");
	int rc = 0;

	while (p && *p && rc == 0) {
		size_t n = strcspn(p, ":");
		char *folder = grpo__strndup(p, n);

		if (!folder)
			return GRPO_ENOMEM;
		if (n > 0)
			rc = try_folder(s, folder);
		free(folder);
		p += n + (p[n] == ':');
	}
	return rc;
}

/* dir/rewards: a build folder.  dir/../rewards: build/bin beside
 * build/rewards.  dir/grpo/rewards: an installed library.
 * dir/../lib/grpo/rewards: an installed program. */
static int try_beside(struct search *s, const char *dir)
{
	static const char *const below[] = {
	    "rewards", "../rewards", "grpo/rewards", "../lib/grpo/rewards"};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof below / sizeof *below; i++) {
		char *folder = grpo__path_join(dir, below[i]);

		if (!folder)
			return GRPO_ENOMEM;
		rc = try_folder(s, folder);
		free(folder);
	}
	return rc;
}

/* Cuts the path of a file down to its folder; 0 where it has none. */
static int cut_to_folder(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash)
		return 0;
	slash[slash == path] = '\0';
	return 1;
}

static int program_folder(char *dir)
{
	ssize_t n = readlink("/proc/self/exe", dir, PATH_BYTES - 1);

	if (n <= 0)
		return 0;
	dir[n] = '\0';
	return cut_to_folder(dir);
}

/* The folder of the object that holds this very function. */
static int library_folder(char *dir)
{
	int (*self)(char **, const char *) = grpo_reward_find;
	void *address;
	Dl_info info;

	memcpy(&address, &self, sizeof address);
	if (!dladdr(address, &info) || !info.dli_fname)
		return 0;
	return realpath(info.dli_fname, dir) && cut_to_folder(dir);
}

static int try_all(struct search *s)
{
	char library[PATH_BYTES], program[PATH_BYTES];
	int has_library = library_folder(library);
	int rc = 0;

	GRPO_TRY(try_environment(s));
	if (has_library)
		GRPO_TRY(try_beside(s, library));
	if (program_folder(program) &&
	    !(has_library && strcmp(program, library) == 0))
		GRPO_TRY(try_beside(s, program));
#ifdef GRPO_PLUGINDIR
	GRPO_TRY(try_folder(s, GRPO_PLUGINDIR));
#endif
out:
	return rc;
}

static int find_path(char **path, const char *name)
{
	if (!grpo__file_exists(name))
		return grpo__fail(GRPO_ENOTFOUND, "reward \"%s\": no such file",
				  name);
	*path = grpo__strndup(name, strlen(name));
	return *path ? 0 : GRPO_ENOMEM;
}

static const char *hint(const char *name)
{
	size_t n = strlen(name);

	if (n > 3 && strcmp(name + n - 3, ".so") == 0)
		return "; a path needs a slash, as in ./my_reward.so";
	return "";
}

int grpo_reward_find(char **path, const char *name)
{
	struct search s = {0};
	int rc = 0;

	*path = NULL;
	GRPO_FAIL_IF(!name || !*name, GRPO_EINVAL,
		     "a reward needs a name or a path");
	if (strchr(name, '/'))
		return find_path(path, name);
	s.file = grpo__alloc(strlen(name) + sizeof ".so", 1);
	if (!s.file)
		return GRPO_ENOMEM;
	memcpy(s.file, name, strlen(name));
	memcpy(s.file + strlen(name), ".so", sizeof ".so");
	GRPO_TRY(try_all(&s));
	GRPO_FAIL_IF(!s.found, GRPO_ENOTFOUND, "reward \"%s\": no %s in %s%s",
		     name, s.file, s.looked.data ? s.looked.data : "any folder",
		     hint(name));
	*path = s.found;
	s.found = NULL;
out:
	free(s.file);
	free(s.found);
	grpo__buf_dispose(&s.looked);
	return rc;
}
