/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "core/fail.h"
#include "core/file.h"
#include "core/json.h"
#include "data/safetensors.h"

#define MAX_INDEX_BYTES ((size_t)256 << 20)

struct shard {
	const char *name; /* of the index, while it is read */
	grpo__st_file *file;
};

struct grpo__st_folder {
	struct shard *shards;
	size_t n_shards, shards_cap;
	const grpo__st_tensor **tensors; /* [n] in the index's order */
	const grpo__st_tensor **by_name; /* [n] sorted */
	size_t n;
};

static int compare_names(const void *a, const void *b)
{
	const grpo__st_tensor *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static int make_room(grpo__st_folder *f, size_t n)
{
	f->tensors = grpo__alloc(n, sizeof *f->tensors);
	f->by_name = grpo__alloc(n, sizeof *f->by_name);
	return f->tensors && f->by_name ? 0 : GRPO_ENOMEM;
}

static void sort_names(grpo__st_folder *f)
{
	if (f->n == 0)
		return;
	memcpy(f->by_name, f->tensors, f->n * sizeof *f->tensors);
	qsort(f->by_name, f->n, sizeof *f->by_name, compare_names);
}

static int open_shard(grpo__st_folder *f, const char *path, const char *name)
{
	struct shard shard = {.name = name};
	int rc = 0;

	GRPO_TRY(grpo__st_open(&shard.file, path));
	rc = grpo__grow(&f->shards, &f->shards_cap, f->n_shards + 1,
			sizeof shard);
	if (rc < 0) {
		grpo__st_close(shard.file);
		goto out;
	}
	f->shards[f->n_shards++] = shard;
out:
	return rc;
}

static int open_single(grpo__st_folder *f, const char *path)
{
	const grpo__st_file *file;
	int rc = 0;

	GRPO_TRY(open_shard(f, path, NULL));
	file = f->shards[0].file;
	GRPO_TRY(make_room(f, grpo__st_count(file)));
	for (; f->n < grpo__st_count(file); f->n++)
		f->tensors[f->n] = grpo__st_at(file, f->n);
	sort_names(f);
out:
	return rc;
}

/* The shard of that name, opened on its first mention; a model has some
 * hundreds at most, and an index names them in runs. */
static int find_shard(grpo__st_folder *f, const char *folder, const char *name,
		      const grpo__st_file **out)
{
	size_t i;
	char *path;
	int rc;

	for (i = f->n_shards; i-- > 0;)
		if (!strcmp(f->shards[i].name, name)) {
			*out = f->shards[i].file;
			return 0;
		}
	path = grpo__path_join(folder, name);
	if (!path)
		return GRPO_ENOMEM;
	rc = open_shard(f, path, name);
	free(path);
	if (rc == 0)
		*out = f->shards[f->n_shards - 1].file;
	return rc;
}

/* One line of the weight map: "tensor": "shard". */
static int read_mapping(grpo__st_folder *f, const char *folder,
			const char *path, const cJSON *v)
{
	const grpo__st_file *file = NULL;
	const grpo__st_tensor *t;
	int rc = 0;

	GRPO_FAIL_IF(!cJSON_IsString(v) || !v->valuestring[0] ||
			 strchr(v->valuestring, '/'),
		     GRPO_EFORMAT,
		     "%s: \"weight_map\": \"%s\": expected the name of a file "
		     "in this folder",
		     path, v->string);
	GRPO_TRY(find_shard(f, folder, v->valuestring, &file));
	t = grpo__st_find(file, v->string);
	GRPO_FAIL_IF(!t, GRPO_EFORMAT, "%s: tensor \"%s\" is not in %s", path,
		     v->string, v->valuestring);
	f->tensors[f->n++] = t;
out:
	return rc;
}

static int open_index(grpo__st_folder *f, const char *folder, const char *path)
{
	const cJSON *map, *v;
	cJSON *index = NULL;
	int rc = 0;

	GRPO_TRY(grpo__json_read(&index, path, MAX_INDEX_BYTES));
	map = cJSON_GetObjectItemCaseSensitive(index, "weight_map");
	GRPO_FAIL_IF(!cJSON_IsObject(map), GRPO_EFORMAT,
		     "%s: \"weight_map\": expected an object", path);
	GRPO_TRY(make_room(f, (size_t)cJSON_GetArraySize(map)));
	cJSON_ArrayForEach(v, map) GRPO_TRY(read_mapping(f, folder, path, v));
	sort_names(f);
out:
	cJSON_Delete(index);
	return rc;
}

static int fail_empty(const char *folder)
{
	if (!grpo__file_exists(folder))
		return grpo__fail(GRPO_EIO, "%s: there is no such folder",
				  folder);
	return grpo__fail(GRPO_EIO,
			  "%s: contains neither model.safetensors nor "
			  "model.safetensors.index.json",
			  folder);
}

int grpo__st_folder_open(grpo__st_folder **out, const char *folder)
{
	char *single = NULL, *index = NULL;
	grpo__st_folder *f;
	int rc = 0;

	*out = NULL;
	f = grpo__alloc(1, sizeof *f);
	single = grpo__path_join(folder, "model.safetensors");
	index = grpo__path_join(folder, "model.safetensors.index.json");
	GRPO_FAIL_IF(!f || !single || !index, GRPO_ENOMEM, "%s: out of memory",
		     folder);
	if (grpo__file_exists(single))
		GRPO_TRY(open_single(f, single));
	else if (grpo__file_exists(index))
		GRPO_TRY(open_index(f, folder, index));
	else
		GRPO_TRY(fail_empty(folder));
	*out = f;
	f = NULL;
out:
	grpo__st_folder_close(f);
	free(single);
	free(index);
	return rc;
}

const grpo__st_tensor *grpo__st_folder_find(const grpo__st_folder *f,
					    const char *name)
{
	grpo__st_tensor wanted = {.name = name};
	const grpo__st_tensor *key = &wanted, **found;

	found =
	    bsearch(&key, f->by_name, f->n, sizeof *f->by_name, compare_names);
	return found ? *found : NULL;
}

size_t grpo__st_folder_count(const grpo__st_folder *f)
{
	return f->n;
}

const grpo__st_tensor *grpo__st_folder_at(const grpo__st_folder *f, size_t i)
{
	return i < f->n ? f->tensors[i] : NULL;
}

void grpo__st_folder_close(grpo__st_folder *f)
{
	size_t i;

	if (!f)
		return;
	for (i = 0; i < f->n_shards; i++)
		grpo__st_close(f->shards[i].file);
	free(f->shards);
	free(f->tensors);
	free(f->by_name);
	free(f);
}
