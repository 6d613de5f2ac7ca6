/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/fail.h"
#include "core/mem.h"
#include "data/safetensors.h"
#include "torch/model.h"

#define HEAD "lm_head.weight"

static int check_shape(const grpo__param *p, const grpo__st_tensor *t,
		       const char *folder)
{
	int rc = 0, rank = p->columns ? 2 : 1;

	GRPO_FAIL_IF(t->rank != rank || t->shape[0] != p->rows ||
			 (rank == 2 && t->shape[1] != p->columns),
		     GRPO_EFORMAT,
		     "%s: tensor \"%s\" is [%lld%s%lld], config.json makes it "
		     "[%lld%s%lld]",
		     folder, p->name, (long long)t->shape[0],
		     t->rank > 1 ? ", " : " rank ",
		     (long long)(t->rank > 1 ? t->shape[1] : t->rank),
		     (long long)p->rows, rank > 1 ? ", " : " rank ",
		     (long long)(rank > 1 ? p->columns : 1));
	GRPO_FAIL_IF(t->dtype != GRPO__ST_F32 && t->dtype != GRPO__ST_BF16 &&
			 t->dtype != GRPO__ST_F16,
		     GRPO_EFORMAT,
		     "%s: tensor \"%s\": only F32, BF16 and F16 are read",
		     folder, p->name);
out:
	return rc;
}

/* The tensor's numbers as fp32, [n], freed by the caller. */
static int read_numbers(float **out, const grpo__st_tensor *t, size_t n)
{
	float *x = grpo__alloc(n, sizeof *x);
	int rc = 0;

	*out = NULL;
	GRPO_FAIL_IF(!x, GRPO_ENOMEM, "out of memory");
	if (t->dtype == GRPO__ST_F32)
		memcpy(x, t->data, n * sizeof *x);
	else if (t->dtype == GRPO__ST_BF16)
		grpo__bf16_to_f32(x, t->data, n);
	else
		grpo__f16_to_f32(x, t->data, n);
	*out = x;
out:
	return rc;
}

static int check_finite(const float *x, size_t n, const grpo__param *p,
			const char *folder)
{
	int rc = 0;

	for (size_t i = 0; i < n; i++)
		GRPO_FAIL_IF(!isfinite(x[i]), GRPO_EFORMAT,
			     "%s: tensor \"%s\": number %zu is %s: the weights "
			     "are damaged, take another copy",
			     folder, p->name, i,
			     isnan(x[i]) ? "NaN" : "infinite");
out:
	return rc;
}

static int load_param(grpo_model *m, const grpo__param *p,
		      const grpo__st_folder *files)
{
	const grpo__st_tensor *t = grpo__st_folder_find(files, p->name);
	size_t n = (size_t)grpo__param_count(p);
	grpo__tensor view = {0};
	float *host = NULL;
	int rc = 0;

	GRPO_FAIL_IF(!t, GRPO_EFORMAT, "%s: tensor \"%s\" is missing%s",
		     m->folder, p->name,
		     strcmp(p->name, HEAD)
			 ? ""
			 : ": if the head is the embedding, set "
			   "\"tie_word_embeddings\": true in config.json");
	GRPO_TRY(check_shape(p, t, m->folder));
	GRPO_TRY(read_numbers(&host, t, n));
	GRPO_TRY(check_finite(host, n, p, m->folder));
	GRPO_TRY(grpo__param_view(&view, &m->flat, p));
	GRPO_TRY(grpo__tensor_write(&view, host));
out:
	grpo__tensor_free(&view);
	free(host);
	return rc;
}

/*
 * Tied, but the file has a head: transformers 5 uses that head, earlier
 * versions the embedding, so it is accepted only if both are equal.
 */
static int check_tied_head(const grpo_model *m, const grpo__st_folder *files)
{
	const grpo__st_tensor *t = grpo__st_folder_find(files, HEAD);
	const grpo__param *embed = &m->params[0];
	size_t n = (size_t)grpo__param_count(embed);
	grpo__param head = *embed;
	float *a = NULL, *b = NULL;
	int rc = 0, same;

	if (!m->config.tied || !t)
		goto out;
	memcpy(head.name, HEAD, sizeof HEAD);
	GRPO_TRY(check_shape(&head, t, m->folder));
	GRPO_TRY(read_numbers(&a, t, n));
	GRPO_TRY(read_numbers(&b, grpo__st_folder_find(files, embed->name), n));
	same = memcmp(a, b, n * sizeof *a) == 0;
	GRPO_FAIL_IF(!same, GRPO_EFORMAT,
		     "%s: \"tie_word_embeddings\" is true in config.json, but "
		     "tensor \"" HEAD
		     "\" is not the embedding: set it to false "
		     "to use this head, or remove the tensor",
		     m->folder);
out:
	free(a);
	free(b);
	return rc;
}

static int param_exists(const grpo_model *m, const char *name)
{
	for (size_t i = 0; i < m->n_named; i++)
		if (!strcmp(m->params[i].name, name))
			return 1;
	return 0;
}

/* An unused tensor is reported, but not refused: some files contain buffers. */
static void report_unused(const grpo_model *m, const grpo__st_folder *files)
{
	for (size_t i = 0; i < grpo__st_folder_count(files); i++) {
		const char *name = grpo__st_folder_at(files, i)->name;

		if (!param_exists(m, name) && !strstr(name, "inv_freq") &&
		    !(m->config.tied && !strcmp(name, HEAD)))
			grpo__log(GRPO_LOG_WARN,
				  "%s: tensor \"%s\" is not used", m->folder,
				  name);
	}
}

int grpo__model_read(grpo_model *m)
{
	grpo__st_folder *files = NULL;
	int rc = 0;

	GRPO_TRY(grpo__st_folder_open(&files, m->folder));
	for (size_t i = 0; i < m->n_named; i++)
		GRPO_TRY(load_param(m, &m->params[i], files));
	GRPO_TRY(check_tied_head(m, files));
	report_unused(m, files);
out:
	grpo__st_folder_close(files);
	return rc;
}
