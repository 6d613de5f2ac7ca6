/* SPDX-License-Identifier: MIT */
#include "core/hub.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/fail.h"
#include "core/mem.h"

/* Bytes of the part of an owner/name that begins at p. */
static size_t part(const char *p)
{
	size_t n = 0;

	if (!isalnum((unsigned char)*p))
		return 0;
	while (isalnum((unsigned char)p[n]) || (p[n] && strchr("._-", p[n])))
		n++;
	return n;
}

static int ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

static int is_file_name(const char *path)
{
	static const char *const ends[] = {".jsonl", ".json", ".csv",
					   ".parquet"};

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (ends_with(path, ends[i]))
			return 1;
	return 0;
}

/* "Qwen/Qwen2.5-0.5B", and no folder "Qwen" here: the name without the owner,
 * else NULL. */
static const char *hub_name(const char *path)
{
	size_t owner = part(path);
	const char *name = path + owner + 1;
	char *folder;
	int exists;

	if (owner == 0 || path[owner] != '/' || part(name) == 0 ||
	    name[part(name)] || is_file_name(name))
		return NULL;
	folder = grpo__strndup(path, owner);
	exists = !folder || access(folder, F_OK) == 0;
	free(folder);
	return exists ? NULL : name;
}

int grpo__fail_no_model(const char *path)
{
	int why = errno;
	const char *name = hub_name(path);

	errno = why;
	if (why != ENOENT)
		return grpo__fail_errno("%s", path);
	if (!name)
		return grpo__fail(GRPO_EIO,
				  "%s: No such file or directory; expected a "
				  "model's Hugging Face folder",
				  path);
	return grpo__fail(GRPO_EIO,
			  "%s: No such file or directory; nothing is "
			  "downloaded, expected a Hugging Face folder: `hf "
			  "download %s --local-dir %s` makes one",
			  path, path, name);
}

int grpo__fail_no_dataset(const char *path)
{
	int why = errno;
	const char *name = hub_name(path);

	errno = why;
	if (why != ENOENT || !name)
		return grpo__fail_errno("%s", path);
	return grpo__fail(GRPO_EIO,
			  "%s: No such file or directory; nothing is "
			  "downloaded, expected a file of JSON Lines: `hf "
			  "download %s --repo-type dataset --local-dir %s`, "
			  "then convert it with datasets/convert.py",
			  path, path, name);
}
