/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "places.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "examples/fault.h"

#ifndef GRPO_DATADIR
#define GRPO_DATADIR "/usr/local/share/grpo" /* where make install puts it */
#endif
#define SOURCE "examples/r1_zero"
#define SUFFIX ".json"

static int is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

/* The folder of a path, with its slash; "" where it has none. */
static void folder_of(char out[MAX_PATH], const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) + 1 : 0;

	n = n < MAX_PATH ? n : 0;
	memcpy(out, path, n);
	out[n] = '\0';
}

static void program_folder(char out[MAX_PATH])
{
	char self[MAX_PATH];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

	self[n > 0 ? n : 0] = '\0';
	folder_of(out, self);
}

/* ----------------------------------------------------------- own folders */

/* Installed, also where the tree was moved; built; as it was configured; run
 * from the root of the source. */
int data_folder(char out[MAX_PATH], const char *name)
{
	static const char *const relative[] = {"../share/grpo",
					       "../../" SOURCE};
	static const char *const fixed[] = {GRPO_DATADIR, SOURCE};
	char here[MAX_PATH];
	size_t i;
	int n;

	program_folder(here);
	for (i = 0; here[0] && i < sizeof relative / sizeof *relative; i++) {
		n = snprintf(out, MAX_PATH, "%s%s/%s", here, relative[i], name);
		if (n > 0 && n < MAX_PATH && file_exists(out))
			return 0;
	}
	for (i = 0; i < sizeof fixed / sizeof *fixed; i++)
		if (path_in(out, fixed[i], name) == 0 && file_exists(out))
			return 0;
	return fail(GRPO_ENOTFOUND,
		    "the folder \"%s\" that comes with this program is neither "
		    "in %s nor beside the program",
		    name, GRPO_DATADIR);
}

/* --------------------------------------------------------------- recipes */

static int is_recipe(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return n > strlen(SUFFIX) &&
	       strcmp(e->d_name + n - strlen(SUFFIX), SUFFIX) == 0;
}

void recipe_names(char *out, size_t size)
{
	struct dirent **found = NULL;
	char folder[MAX_PATH];
	size_t used = 0;
	int i, n = -1;

	out[0] = '\0';
	if (data_folder(folder, "recipes") == 0)
		n = scandir(folder, &found, is_recipe, alphasort);
	fault_clear();
	for (i = 0; i < n; i++) {
		size_t len = strlen(found[i]->d_name) - strlen(SUFFIX);

		if (used < size)
			used += (size_t)snprintf(out + used, size - used,
						 "%s%.*s", i ? ", " : "",
						 (int)len, found[i]->d_name);
		free(found[i]);
	}
	free(found);
}

/* A name, not a path. */
static int is_name(const char *recipe)
{
	return recipe[0] && !strchr(recipe, '/') && !strchr(recipe, '.');
}

int recipe_path(char out[MAX_PATH], const char *recipe)
{
	char folder[MAX_PATH], name[256], names[512];
	int rc = 0;

	FAIL_IF(strlen(recipe) >= MAX_PATH, GRPO_EINVAL,
		"--config: the path is too long");
	memcpy(out, recipe, strlen(recipe) + 1);
	if (is_file(recipe) || !is_name(recipe))
		return 0; /* what is wrong with it is said when it is read */
	TRY(data_folder(folder, "recipes"));
	snprintf(name, sizeof name, "%.200s" SUFFIX, recipe);
	TRY(path_in(out, folder, name));
	recipe_names(names, sizeof names);
	FAIL_IF(!is_file(out), GRPO_ENOTFOUND,
		"--config: there is no file \"%.200s\", nor a recipe of that "
		"name in %s (%s)",
		recipe, folder, names);
out:
	return rc;
}

int base_folder(char out[MAX_PATH], const char *folder, const char *recipe)
{
	char beside[MAX_PATH];
	int n;

	if (!folder)
		return data_folder(out, "base");
	if (strlen(folder) >= MAX_PATH)
		return fail(GRPO_EINVAL,
			    "\"base.folder\": the path is too long");
	memcpy(out, folder, strlen(folder) + 1);
	if (!recipe || folder[0] == '/' || file_exists(folder))
		return 0;
	folder_of(beside, recipe);
	n = snprintf(out, MAX_PATH, "%s%s", beside, folder);
	if (n > 0 && n < MAX_PATH && file_exists(out))
		return 0;
	memcpy(out, folder, strlen(folder) + 1);
	return 0;
}
