/* SPDX-License-Identifier: MIT */
#include "train/batch.h"

#include <string.h>

#include "core/fail.h"

static int is_masked(const grpo__answer *a, const grpo__flat_options *o)
{
	return a->finish == GRPO_FINISH_ABORT ||
	       (a->finish == GRPO_FINISH_LENGTH && o->mask_truncated);
}

/* Whether the row can change the weights. */
static int is_sent(const grpo__rollout *r, int64_t i,
		   const grpo__flat_options *o)
{
	const grpo__answer *a = &r->answers[i];

	return a->n_tokens > 0 && !is_masked(a, o) &&
	       (o->keep_zeros || a->advantage || a->component ||
		r->advantage[i] != 0);
}

static void put_rows_in_order(grpo__flat *p, const grpo__rollout *r,
			      const grpo__flat_options *o)
{
	int64_t i, n = 0;

	for (i = 0; i < r->n_rows; i++)
		if (is_sent(r, i, o))
			p->rows[n++] = i;
	p->n_sent = n;
	for (i = 0; i < r->n_rows; i++)
		if (!is_sent(r, i, o))
			p->rows[n++] = i;
	for (i = 0; i < r->n_rows; i++)
		p->group[i] = r->group_of[p->rows[i]];
	for (i = 0; i < r->n_rows; i++)
		p->row[i + 1] = p->row[i] + r->answers[p->rows[i]].n_tokens;
}

static void fill_row(grpo__flat *p, const grpo__rollout *r, int64_t i,
		     const grpo__flat_options *o)
{
	const grpo__answer *a = &r->answers[p->rows[i]];
	int64_t at = p->row[i], n = a->n_tokens, t;

	if (n > 0) {
		memcpy(p->tokens + at, a->tokens,
		       (size_t)n * sizeof *a->tokens);
		memcpy(p->sampled_logp + at, a->logp,
		       (size_t)n * sizeof *a->logp);
	}
	for (t = 0; t < n; t++) {
		p->advantage[at + t] = a->advantage
					   ? a->advantage[t]
					   : (float)r->advantage[p->rows[i]];
		p->mask[at + t] = !is_masked(a, o) && (!a->mask || a->mask[t]);
		if (p->component)
			p->component[at + t] = a->component
						   ? a->component[t]
						   : GRPO_COMPONENT_POLICY;
		if (p->weight)
			p->weight[at + t] = a->weight ? a->weight[t] : 1;
	}
}

/* Arrays that only some rollouts have. */
struct extra {
	int component, weight, ref_logp, dentropy;
};

static struct extra find_extra(const grpo__rollout *r,
			       const grpo__flat_options *o)
{
	struct extra e = {.ref_logp = o->ref_logp, .dentropy = o->dentropy};

	for (int64_t i = 0; i < r->n_rows; i++) {
		const grpo__answer *a = &r->answers[i];

		e.component |= a->component != NULL;
		e.weight |= a->weight != NULL;
		e.ref_logp |= a->component &&
			      memchr(a->component, GRPO_COMPONENT_REFERENCE_KL,
				     (size_t)a->n_tokens) != NULL;
	}
	return e;
}

static int make_extra(grpo__flat *p, grpo__arena *a, const struct extra *e)
{
	size_t n = (size_t)p->row[p->n_rows], sent = (size_t)p->row[p->n_sent];

	if (e->component)
		p->component = grpo__arena_alloc(a, n, 1);
	if (e->weight)
		p->weight = grpo__arena_alloc(a, n, sizeof *p->weight);
	if (e->ref_logp)
		p->ref_logp = grpo__arena_alloc(a, sent, sizeof *p->ref_logp);
	if (e->dentropy)
		p->dentropy = grpo__arena_alloc(a, sent, sizeof *p->dentropy);
	return (!e->component || p->component) && (!e->weight || p->weight) &&
		       (!e->ref_logp || p->ref_logp) &&
		       (!e->dentropy || p->dentropy)
		   ? 0
		   : GRPO_ENOMEM;
}

static int make_arrays(grpo__flat *p, const grpo__rollout *r,
		       const grpo__flat_options *o)
{
	struct extra extra = find_extra(r, o);
	size_t n = (size_t)p->row[p->n_rows], sent = (size_t)p->row[p->n_sent];
	size_t f = sizeof(float);
	grpo__arena *a = r->arena;

	p->tokens = grpo__arena_alloc(a, n, sizeof *p->tokens);
	p->advantage = grpo__arena_alloc(a, n, f);
	p->mask = grpo__arena_alloc(a, n, 1);
	p->sampled_logp = grpo__arena_alloc(a, n, f);
	p->logp = grpo__arena_alloc(a, sent, f);
	p->entropy = grpo__arena_alloc(a, sent, f);
	p->dlogp = grpo__arena_alloc(a, sent, f);
	p->cut = grpo__arena_alloc(a, (size_t)p->n_sent + 1, sizeof *p->cut);
	if (o->old_logp)
		p->old_logp = grpo__arena_alloc(a, sent, f);
	if (make_extra(p, a, &extra) < 0)
		return GRPO_ENOMEM;
	return p->tokens && p->advantage && p->mask && p->sampled_logp &&
		       p->logp && p->entropy && p->dlogp && p->cut &&
		       (!o->old_logp || p->old_logp)
		   ? 0
		   : GRPO_ENOMEM;
}

static int64_t prompt_of(const grpo__flat *p, const grpo__rollout *r, int64_t i)
{
	return r->prompt_of[p->rows[i]];
}

/* Whole rows, in order, as many as fit; a row that is too long alone goes
 * alone.  Depends on tokens only, never on time or free memory. */
static void cut_micro_batches(grpo__flat *p, const grpo__rollout *r,
			      int64_t max_tokens)
{
	int64_t i, tokens = 0;

	p->n_cuts = 0;
	for (i = 0; i < p->n_sent; i++) {
		int64_t own = p->row[i + 1] - p->row[i];
		int64_t prompt = r->prompts[prompt_of(p, r, i)].n_ids;
		int fresh =
		    i == 0 || prompt_of(p, r, i) != prompt_of(p, r, i - 1);
		int64_t more = own + (fresh ? prompt : 0);

		if (i == 0 || tokens + more > max_tokens) {
			p->cut[p->n_cuts++] = i;
			tokens = 0;
			more = own + prompt;
		}
		tokens += more;
	}
	p->cut[p->n_cuts] = p->n_sent;
}

int grpo__flat_make(grpo__flat *p, const grpo__rollout *r,
		    const grpo__flat_options *o)
{
	int64_t i;
	int rc = 0;

	*p = (grpo__flat){.n_rows = r->n_rows};
	p->rows =
	    grpo__arena_alloc(r->arena, (size_t)p->n_rows, sizeof *p->rows);
	p->row =
	    grpo__arena_alloc(r->arena, (size_t)p->n_rows + 1, sizeof *p->row);
	p->group =
	    grpo__arena_alloc(r->arena, (size_t)p->n_rows, sizeof *p->group);
	if (!p->rows || !p->row || !p->group)
		return GRPO_ENOMEM;
	put_rows_in_order(p, r, o);
	GRPO_TRY(make_arrays(p, r, o));
	for (i = 0; i < p->n_rows; i++)
		fill_row(p, r, i, o);
	cut_micro_batches(p, r, o->max_tokens);
out:
	return rc;
}

/* Distinct prompts among rows first … first+n-1, and their tokens. */
static int64_t count_prompts(const grpo__flat *p, const grpo__rollout *r,
			     int64_t first, int64_t n, int64_t *tokens)
{
	int64_t i, count = 0;

	*tokens = 0;
	for (i = first; i < first + n; i++)
		if (i == first ||
		    prompt_of(p, r, i) != prompt_of(p, r, i - 1)) {
			count++;
			*tokens += r->prompts[prompt_of(p, r, i)].n_ids;
		}
	return count;
}

static void fill_batch(int64_t *prompt_row, int32_t *prompt_tokens, int64_t *of,
		       int64_t *row, const grpo__flat *p,
		       const grpo__rollout *r, int64_t first, int64_t n)
{
	int64_t i, k = -1;

	for (i = 0; i < n; i++) {
		int64_t b = prompt_of(p, r, first + i);
		const grpo__prompt *prompt = &r->prompts[b];

		if (i == 0 || b != prompt_of(p, r, first + i - 1)) {
			k++;
			memcpy(prompt_tokens + prompt_row[k], prompt->ids,
			       (size_t)prompt->n_ids * sizeof *prompt->ids);
			prompt_row[k + 1] = prompt_row[k] + prompt->n_ids;
		}
		of[i] = k;
		row[i + 1] = p->row[first + i + 1] - p->row[first];
	}
}

int grpo__flat_batch(grpo_batch *out, int64_t *trained, const grpo__flat *p,
		     const grpo__rollout *r, int64_t b, double temperature)
{
	int64_t first = p->cut[b], n = p->cut[b + 1] - first, n_tokens;
	int64_t n_prompts = count_prompts(p, r, first, n, &n_tokens);
	grpo__arena *a = r->arena;
	int64_t *prompt_row =
	    grpo__arena_alloc(a, (size_t)n_prompts + 1, sizeof *prompt_row);
	int32_t *prompt_tokens =
	    grpo__arena_alloc(a, (size_t)n_tokens, sizeof *prompt_tokens);
	int64_t *of = grpo__arena_alloc(a, (size_t)n, sizeof *of);
	int64_t *row = grpo__arena_alloc(a, (size_t)n + 1, sizeof *row);

	if (!prompt_row || !prompt_tokens || !of || !row)
		return GRPO_ENOMEM;
	fill_batch(prompt_row, prompt_tokens, of, row, p, r, first, n);
	*out = (grpo_batch){.struct_size = sizeof *out,
			    .n_prompts = n_prompts,
			    .prompt_row = prompt_row,
			    .prompt_tokens = prompt_tokens,
			    .n_rows = n,
			    .prompt_of = of,
			    .row = row,
			    .tokens = p->tokens + p->row[first],
			    .temperature = temperature};
	*trained = n_tokens + row[n];
	return 0;
}

grpo_tokens grpo__flat_slice(const grpo__flat *p, int64_t first, int64_t n)
{
	int64_t at = p->row[first];
	int sent = first + n <= p->n_sent;

	return (grpo_tokens){
	    .struct_size = sizeof(grpo_tokens),
	    .n_rows = n,
	    .row = p->row + first,
	    .group = p->group + first,
	    .logp = sent ? p->logp + at : NULL,
	    .old_logp = sent && p->old_logp ? p->old_logp + at : NULL,
	    .rollout_logp = p->sampled_logp + at,
	    .ref_logp = sent && p->ref_logp ? p->ref_logp + at : NULL,
	    .entropy = sent ? p->entropy + at : NULL,
	    .advantage = p->advantage + at,
	    .mask = p->mask + at,
	    .weight = p->weight ? p->weight + at : NULL,
	    .component = p->component ? p->component + at : NULL};
}
