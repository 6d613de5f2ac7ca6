/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/fail.h"
#include "core/mem.h"
#include "core/struct.h"
#include "torch/cache.h"
#include "torch/decoder.h"
#include "torch/draw.h"
#include "torch/model.h"

/*
 * Generation: prompts are computed once, packed; their completions decode
 * together, one token of each a round; a finished one leaves the batch and the
 * next takes its slot.  Which rows run together depends only on their tokens,
 * so that a run is repeatable.
 */
#define PREFILL_TOKENS 8192 /* packed at a time */

/* A completion that is being made. */
struct slot {
	grpo__cache cache; /* of its own tokens; n of them are in it */
	int64_t request;
	int32_t sample;
	int32_t *tokens; /* [max_new] */
	float *logp;
	int64_t n, cap;
};

struct prompt {
	grpo__cache cache;
	float *hidden; /* [h] of its last token, after the last norm */
	int ready;
};

struct sampler {
	grpo_model *m;
	int64_t max_rows;
	struct slot **slots; /* [n_slots] those in use first, in order */
	int64_t n_slots;
	grpo__cache *spare; /* caches of finished prompts */
	size_t n_spare, cap_spare;
};

/* One call of generate. */
struct run {
	struct sampler *s;
	const grpo_request *requests;
	int64_t n_requests;
	const grpo_sampling *o;
	grpo_completion_fn fn;
	void *ctx;
	struct prompt *prompts; /* [n_requests] */
	int64_t next_request;   /* the first completion not yet begun */
	int32_t next_sample;
	int64_t n_active;
	/* of the rows of a round, [max_rows] */
	float *host; /* a host copy where the model is elsewhere */
	size_t host_cap;
	int32_t *ids, *position;
	uint32_t *row, *draw_position;
	float *logp;
	grpo__kv_view *prompt_view, *own_view;
};

/* fp32 host memory of a tensor: its own, or a copy in r->host. */
static int host_rows(float **out, struct run *r, const grpo__tensor *t)
{
	size_t n = (size_t)grpo__tensor_count(t);
	int rc = 0;

	if (grpo__is_plain(t)) {
		*out = grpo__f32(t);
		return 0;
	}
	GRPO_TRY(grpo__grow(&r->host, &r->host_cap, n, sizeof *r->host));
	GRPO_TRY(grpo__tensor_read(t, r->host));
	*out = r->host;
out:
	return rc;
}

/* -------------------------------------------------------------- prefill */

struct prefill {
	struct run *r;
	struct prompt **prompts;
	const grpo__pack *pack;
};

static int store_prompts(void *ctx, int layer, const grpo__tensor *qkv)
{
	struct prefill *f = ctx;
	const int64_t *start = f->pack->start;
	float *x;
	int rc = 0;

	GRPO_TRY(host_rows(&x, f->r, qkv));
	for (int64_t i = 0; i < f->pack->segments.n_segments; i++)
		grpo__cache_store(&f->prompts[i]->cache, f->r->s->m, layer, 0,
				  x + start[i] * qkv->shape[1],
				  start[i + 1] - start[i]);
out:
	return rc;
}

static int keep_last_hidden(struct prefill *f, const grpo__tensor *hidden)
{
	int64_t h = f->r->s->m->config.hidden_size;
	float *x;
	int rc = 0;

	GRPO_TRY(host_rows(&x, f->r, hidden));
	for (int64_t i = 0; i < f->pack->segments.n_segments; i++) {
		struct prompt *p = f->prompts[i];

		p->hidden = grpo__memdup(x + (f->pack->start[i + 1] - 1) * h,
					 (size_t)h * sizeof *x);
		GRPO_FAIL_IF(!p->hidden, GRPO_ENOMEM, "out of memory");
		p->cache.n = f->pack->start[i + 1] - f->pack->start[i];
		p->ready = 1;
	}
out:
	return rc;
}

/* A cache for a prompt: a spare one if there is any. */
static int take_cache(struct sampler *s, grpo__cache *c, int64_t n)
{
	if (s->n_spare)
		*c = s->spare[--s->n_spare];
	return grpo__cache_reserve(c, s->m, n);
}

static void give_cache(struct sampler *s, grpo__cache *c)
{
	if (c->data && grpo__grow(&s->spare, &s->cap_spare, s->n_spare + 1,
				  sizeof *s->spare) == 0)
		s->spare[s->n_spare++] = *c;
	else
		free(c->data);
	memset(c, 0, sizeof *c);
}

static int prefill(struct run *r, struct prompt **prompts,
		   const grpo_request **requests, int64_t n)
{
	grpo_model *m = r->s->m;
	grpo__workspace_mark mark = grpo__workspace_here(m->work);
	struct prefill f = {r, prompts, NULL};
	grpo__pack pack = {0};
	grpo__pass pass = {0};
	int rc = 0;

	GRPO_TRY(grpo__pack_prompts(&pack, requests, n, m->config.vocab_size));
	f.pack = &pack;
	for (int64_t i = 0; i < n; i++) {
		GRPO_TRY(take_cache(r->s, &prompts[i]->cache,
				    requests[i]->n_prompt));
		prompts[i]->cache.refs = requests[i]->n;
	}
	GRPO_TRY(grpo__decoder_forward(&pass, m, &pack, 0, store_prompts, &f));
	GRPO_TRY(keep_last_hidden(&f, &pass.hidden));
out:
	grpo__pass_dispose(&pass);
	grpo__pack_dispose(&pack);
	grpo__workspace_back(m->work, mark);
	return rc;
}

/* Computes the prompts of the slots first … last-1 that are not yet there. */
static int prefill_new(struct run *r, int64_t first, int64_t last)
{
	size_t room = (size_t)(last - first);
	struct prompt **prompts = grpo__alloc(room, sizeof *prompts);
	const grpo_request **requests = grpo__alloc(room, sizeof *requests);
	int64_t n = 0, tokens = 0, before = -1;
	int rc = 0;

	GRPO_FAIL_IF(!prompts || !requests, GRPO_ENOMEM, "out of memory");
	for (int64_t i = first; i < last; i++) {
		int64_t k = r->s->slots[i]->request;

		if (k == before || r->prompts[k].ready)
			continue;
		before = k;
		if (n && tokens + r->requests[k].n_prompt > PREFILL_TOKENS) {
			GRPO_TRY(prefill(r, prompts, requests, n));
			n = tokens = 0;
		}
		prompts[n] = &r->prompts[k];
		requests[n++] = &r->requests[k];
		tokens += r->requests[k].n_prompt;
	}
	if (n)
		GRPO_TRY(prefill(r, prompts, requests, n));
out:
	free(prompts);
	free(requests);
	return rc;
}

/* ---------------------------------------------------------------- slots */

static int slot_ready(struct slot **at, const grpo_model *m, int64_t max_new)
{
	struct slot *t = *at ? *at : grpo__alloc(1, sizeof **at);
	int rc = 0;

	GRPO_FAIL_IF(!t, GRPO_ENOMEM, "out of memory");
	*at = t;
	t->n = 0;
	GRPO_TRY(grpo__cache_reserve(&t->cache, m, max_new));
	if (t->cap >= max_new)
		goto out;
	free(t->tokens);
	free(t->logp);
	t->cap = 0;
	t->tokens = grpo__alloc((size_t)max_new, sizeof *t->tokens);
	t->logp = grpo__alloc((size_t)max_new, sizeof *t->logp);
	GRPO_FAIL_IF(!t->tokens || !t->logp, GRPO_ENOMEM, "out of memory");
	t->cap = max_new;
out:
	return rc;
}

static int64_t rows_left(const struct run *r)
{
	int64_t n = 0;

	for (int64_t k = r->next_request; k < r->n_requests; k++)
		n += r->requests[k].n;
	return n - (r->next_request < r->n_requests ? r->next_sample : 0);
}

/* Fills free slots with the next completions, in their order. */
static int fill_slots(struct run *r)
{
	struct sampler *s = r->s;
	int rc = 0;

	while (r->n_active < s->n_slots && r->next_request < r->n_requests) {
		struct slot **t = &s->slots[r->n_active];

		if (r->next_sample >= r->requests[r->next_request].n) {
			r->next_request++;
			r->next_sample = 0;
			continue;
		}
		GRPO_TRY(slot_ready(t, s->m, r->o->max_new_tokens));
		(*t)->request = r->next_request;
		(*t)->sample = r->next_sample++;
		r->n_active++;
	}
out:
	return rc;
}

static int is_stop(const grpo_sampling *o, int32_t token)
{
	for (int32_t i = 0; i < o->n_stops; i++)
		if (o->stops[i] == token)
			return 1;
	return 0;
}

static int report(struct run *r, const struct slot *t, int finish)
{
	grpo_completion c = {sizeof c, t->request, t->sample, t->tokens,
			     t->logp,  t->n,       finish};

	return r->fn(r->ctx, &c);
}

/* Hands out the finished ones of slots first … n_active-1 and closes the
 * gaps; the slots' memory moves behind those in use. */
static int retire(struct run *r, int64_t first)
{
	struct sampler *s = r->s;
	int64_t keep = first;
	int rc = 0;

	for (int64_t i = first; i < r->n_active; i++) {
		struct slot *t = s->slots[i];
		struct prompt *p = &r->prompts[t->request];
		int stop = is_stop(r->o, t->tokens[t->n - 1]);

		if (!stop && t->n < r->o->max_new_tokens) {
			s->slots[i] = s->slots[keep];
			s->slots[keep++] = t;
			continue;
		}
		GRPO_TRY(
		    report(r, t, stop ? GRPO_FINISH_STOP : GRPO_FINISH_LENGTH));
		if (--p->cache.refs == 0)
			give_cache(s, &p->cache);
	}
	r->n_active = keep;
out:
	return rc;
}

/* --------------------------------------------------------------- rounds */

/* Draws the next token of slots first … first+n-1 from hidden [n, h]. */
static int draw_next(struct run *r, int64_t first, int64_t n,
		     const grpo__tensor *hidden)
{
	grpo_model *m = r->s->m;
	grpo__tensor logits;
	float *x;
	int rc = 0;

	GRPO_TRY(grpo__workspace_take(m->work, &logits, m->dtype, n,
				      m->config.vocab_size));
	GRPO_TRY(grpo__op_linear(&logits, hidden, &m->view.head, NULL, 0));
	GRPO_TRY(host_rows(&x, r, &logits));
	for (int64_t i = 0; i < n; i++) {
		const struct slot *t = r->s->slots[first + i];

		r->row[i] =
		    r->requests[t->request].first_row + (uint32_t)t->sample;
		r->draw_position[i] = (uint32_t)t->n;
	}
	GRPO_TRY(grpo__draw(r->ids, r->logp, x, n, m->config.vocab_size, r->o,
			    r->row, r->draw_position));
	for (int64_t i = 0; i < n; i++) {
		struct slot *t = r->s->slots[first + i];

		t->tokens[t->n] = r->ids[i];
		t->logp[t->n++] = r->logp[i];
	}
out:
	return rc;
}

/* First tokens of new slots, from their prompts' last hidden states. */
static int begin_rows(struct run *r, int64_t first)
{
	grpo_model *m = r->s->m;
	grpo__workspace_mark mark = grpo__workspace_here(m->work);
	int64_t h = m->config.hidden_size, n = r->n_active - first;
	float *rows = grpo__alloc((size_t)(n * h), sizeof *rows);
	grpo__tensor hidden;
	int rc = 0;

	GRPO_FAIL_IF(!rows, GRPO_ENOMEM, "out of memory");
	GRPO_TRY(prefill_new(r, first, r->n_active));
	for (int64_t i = 0; i < n; i++)
		memcpy(rows + i * h,
		       r->prompts[r->s->slots[first + i]->request].hidden,
		       (size_t)h * sizeof *rows);
	GRPO_TRY(grpo__workspace_take(m->work, &hidden, m->dtype, n, h));
	GRPO_TRY(grpo__tensor_write(&hidden, rows));
	GRPO_TRY(draw_next(r, first, n, &hidden));
	GRPO_TRY(retire(r, first));
out:
	free(rows);
	grpo__workspace_back(m->work, mark);
	return rc;
}

/* Each row's new key and value into its slot, then attention. */
static int decode_attention(struct run *r, grpo__acts *a, int layer)
{
	grpo_model *m = r->s->m;
	int64_t n = r->n_active, ld = a->qkv.shape[1];
	float *qkv, *out = grpo__f32(&a->att), *copy = NULL;
	int plain = grpo__is_plain(&a->att), rc = 0;

	GRPO_TRY(host_rows(&qkv, r, &a->qkv));
	if (!plain) {
		out = copy = grpo__alloc((size_t)grpo__tensor_count(&a->att),
					 sizeof *copy);
		GRPO_FAIL_IF(!copy, GRPO_ENOMEM, "out of memory");
	}
#pragma omp parallel for schedule(static) if (n > 8)
	for (int64_t i = 0; i < n; i++) {
		struct slot *t = r->s->slots[i];

		grpo__cache_store(&t->cache, m, layer, t->n - 1, qkv + i * ld,
				  1);
		r->prompt_view[i] =
		    grpo__cache_layer(&r->prompts[t->request].cache, m, layer);
		r->own_view[i] = grpo__cache_layer(&t->cache, m, layer);
		r->own_view[i].n = t->n;
	}
	GRPO_FAIL_IF(grpo__kernels_get()->attention_decode(
			 out, qkv, r->prompt_view, r->own_view, n, &m->heads),
		     GRPO_ENOMEM, "out of memory in attention");
	if (!plain)
		GRPO_TRY(grpo__tensor_write(&a->att, copy));
out:
	free(copy);
	return rc;
}

/* One token more for every active slot. */
static int decode_round(struct run *r)
{
	grpo_model *m = r->s->m;
	grpo__workspace_mark mark = grpo__workspace_here(m->work);
	grpo__tensor rstd, hidden;
	grpo__acts a;
	int64_t n = r->n_active;
	int rc = 0;

	for (int64_t i = 0; i < n; i++) {
		const struct slot *t = r->s->slots[i];

		r->ids[i] = t->tokens[t->n - 1];
		r->position[i] =
		    (int32_t)(r->requests[t->request].n_prompt + t->n - 1);
	}
	GRPO_TRY(grpo__acts_take(&a, m, n));
	GRPO_TRY(grpo__workspace_take(m->work, &rstd, GRPO__F32, n, 1));
	GRPO_TRY(grpo__workspace_take(m->work, &hidden, m->dtype, n,
				      m->config.hidden_size));
	GRPO_TRY(grpo__op_embed(&a.x, &m->view.embed, r->ids));
	for (int l = 0; l < m->config.n_layers; l++) {
		GRPO_TRY(grpo__layer_before(&a, m, l, r->position));
		GRPO_TRY(decode_attention(r, &a, l));
		GRPO_TRY(grpo__layer_after(&a.x, &a, m, l));
	}
	GRPO_TRY(grpo__op_rmsnorm(&hidden, &rstd, &a.x, &m->view.norm,
				  (float)m->config.rms_eps));
	GRPO_TRY(draw_next(r, 0, n, &hidden));
	GRPO_TRY(retire(r, 0));
out:
	grpo__workspace_back(m->work, mark);
	return rc;
}

/* ------------------------------------------------------------- generate */

static int check_run(const struct run *r)
{
	const grpo_sampling *o = r->o;
	int64_t vocab = r->s->m->config.vocab_size;
	int rc = 0;

	GRPO_FAIL_IF(o->max_new_tokens < 1, GRPO_EINVAL,
		     "max_new_tokens: %lld is not positive",
		     (long long)o->max_new_tokens);
	GRPO_FAIL_IF(!(o->temperature >= 0) || !isfinite(o->temperature),
		     GRPO_EINVAL, "temperature: %g is negative",
		     o->temperature);
	GRPO_FAIL_IF(!(o->top_p > 0 && o->top_p <= 1), GRPO_EINVAL,
		     "top_p: %g is not in (0, 1]", o->top_p);
	GRPO_FAIL_IF(!(o->min_p >= 0 && o->min_p <= 1), GRPO_EINVAL,
		     "min_p: %g is not in [0, 1]", o->min_p);
	GRPO_FAIL_IF(o->top_k < 0, GRPO_EINVAL, "top_k: %d is negative",
		     o->top_k);
	for (int32_t i = 0; i < o->n_stops; i++)
		GRPO_FAIL_IF(
		    o->stops[i] < 0 || o->stops[i] >= vocab, GRPO_EINVAL,
		    "stops: id %d is not in the model's vocabulary of "
		    "%lld: correct \"eos_token_id\" in the files of %s",
		    o->stops[i], (long long)vocab, r->s->m->folder);
out:
	return rc;
}

/* One request, before anything is sampled. */
static int check_request(const struct run *r, int64_t k)
{
	const grpo_request *q = &r->requests[k];
	int64_t limit = r->s->m->config.max_positions;
	int64_t vocab = r->s->m->config.vocab_size;
	int rc = 0;

	GRPO_FAIL_IF(q->n_prompt < 1 || !q->prompt, GRPO_EINVAL,
		     "request %lld: the prompt is empty", (long long)k);
	GRPO_FAIL_IF(
	    q->n_prompt > limit || r->o->max_new_tokens > limit - q->n_prompt,
	    GRPO_EINVAL,
	    "request %lld: a prompt of %lld tokens and "
	    "max_new_tokens %lld pass the model's %lld positions "
	    "(\"max_position_embeddings\" in %s/config.json): lower "
	    "max_new_tokens or shorten the prompt",
	    (long long)k, (long long)q->n_prompt,
	    (long long)r->o->max_new_tokens, (long long)limit, r->s->m->folder);
	for (int64_t i = 0; i < q->n_prompt; i++)
		GRPO_FAIL_IF(q->prompt[i] < 0 || q->prompt[i] >= vocab,
			     GRPO_EINVAL,
			     "request %lld: token id %d is not in the model's "
			     "vocabulary of %lld",
			     (long long)k, q->prompt[i], (long long)vocab);
	GRPO_TRY(grpo__model_reserve_positions(
	    r->s->m, q->n_prompt + r->o->max_new_tokens));
out:
	return rc;
}

static int run_alloc(struct run *r)
{
	size_t n = (size_t)r->s->max_rows;
	int rc = 0;

	r->prompts = grpo__alloc((size_t)r->n_requests, sizeof *r->prompts);
	r->ids = grpo__alloc(n, sizeof *r->ids);
	r->position = grpo__alloc(n, sizeof *r->position);
	r->row = grpo__alloc(n, sizeof *r->row);
	r->draw_position = grpo__alloc(n, sizeof *r->draw_position);
	r->logp = grpo__alloc(n, sizeof *r->logp);
	r->prompt_view = grpo__alloc(n, sizeof *r->prompt_view);
	r->own_view = grpo__alloc(n, sizeof *r->own_view);
	GRPO_FAIL_IF(!r->prompts || !r->ids || !r->position || !r->row ||
			 !r->draw_position || !r->logp || !r->prompt_view ||
			 !r->own_view,
		     GRPO_ENOMEM, "out of memory");
out:
	return rc;
}

static void run_dispose(struct run *r)
{
	for (int64_t k = 0; r->prompts && k < r->n_requests; k++) {
		give_cache(r->s, &r->prompts[k].cache);
		free(r->prompts[k].hidden);
	}
	free(r->prompts);
	free(r->ids);
	free(r->position);
	free(r->row);
	free(r->draw_position);
	free(r->logp);
	free(r->prompt_view);
	free(r->own_view);
	free(r->host);
}

static int generate(void *self, const grpo_request *requests,
		    int64_t n_requests, const grpo_sampling *o,
		    grpo_completion_fn fn, void *ctx)
{
	struct sampler *s = self;
	grpo_sampling how;
	struct run r = {.s = s,
			.requests = requests,
			.n_requests = n_requests,
			.o = &how,
			.fn = fn,
			.ctx = ctx};
	int rc = 0;

	GRPO_TRY(grpo_sampling_init(&how));
	GRPO_TRY(grpo__struct_import(&how, sizeof how, o, "grpo_sampling",
				     "call grpo_sampling_init"));
	GRPO_TRY(check_run(&r));
	for (int64_t k = 0; k < n_requests; k++)
		GRPO_TRY(check_request(&r, k));
	GRPO_TRY(run_alloc(&r));
	for (;;) {
		int64_t first = r.n_active, free_slots = s->n_slots - first;

		/* refill in handfuls: small batches are slow */
		if (rows_left(&r) && (!first || free_slots * 8 >= s->n_slots)) {
			GRPO_TRY(fill_slots(&r));
			GRPO_TRY(begin_rows(&r, first));
			continue;
		}
		if (!r.n_active)
			break;
		GRPO_TRY(decode_round(&r));
	}
out:
	run_dispose(&r);
	return rc;
}

/* ------------------------------------------------------------- creation */

static void sampler_free(void *self)
{
	struct sampler *s = self;

	if (!s)
		return;
	for (int64_t i = 0; s->slots && i < s->n_slots; i++)
		if (s->slots[i]) {
			grpo__cache_dispose(&s->slots[i]->cache);
			free(s->slots[i]->tokens);
			free(s->slots[i]->logp);
			free(s->slots[i]);
		}
	for (size_t i = 0; i < s->n_spare; i++)
		grpo__cache_dispose(&s->spare[i]);
	free(s->spare);
	free(s->slots);
	free(s);
}

static int64_t max_positions(void *self)
{
	const struct sampler *s = self;

	return s->m->config.max_positions;
}

static const grpo_sampler_ops sampler_ops = {
    .struct_size = sizeof sampler_ops,
    .generate = generate,
    .load_weights = NULL, /* the learner's are the same */
    .free = sampler_free,
    .max_positions = max_positions,
};

static const grpo_torch_sampler_options defaults = {.max_rows = 256};

int grpo_torch_sampler_options_init_(grpo_torch_sampler_options *o, size_t size)
{
	return grpo__struct_init(o, size, &defaults, sizeof defaults,
				 "grpo_torch_sampler_options");
}

int grpo_torch_sampler(grpo_sampler *out, grpo_model *m,
		       const grpo_torch_sampler_options *o)
{
	grpo_torch_sampler_options d = defaults;
	struct sampler *s = NULL;
	int rc = 0;

	if (o)
		GRPO_TRY(grpo__struct_import(
		    &d, sizeof d, o, "grpo_torch_sampler_options",
		    "call grpo_torch_sampler_options_init"));
	GRPO_FAIL_IF(d.max_rows < 1 || d.max_rows > 1 << 20, GRPO_EINVAL,
		     "max_rows: %lld is not in 1..%d", (long long)d.max_rows,
		     1 << 20);
	s = grpo__alloc(1, sizeof *s);
	GRPO_FAIL_IF(!s, GRPO_ENOMEM, "out of memory");
	s->m = m;
	s->max_rows = s->n_slots = d.max_rows;
	s->slots = grpo__alloc((size_t)d.max_rows, sizeof *s->slots);
	GRPO_FAIL_IF(!s->slots, GRPO_ENOMEM, "out of memory");
	*out = (grpo_sampler){&sampler_ops, s};
	s = NULL;
out:
	sampler_free(s);
	return rc;
}
