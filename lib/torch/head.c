/* SPDX-License-Identifier: MIT */
#include "core/fail.h"
#include "torch/decoder.h"

/* Logits held at a time: elements of a chunk's [rows, V]. */
#define CHUNK_ELEMENTS ((int64_t)32 << 20)

static int64_t chunk_rows(const grpo_model *m, int64_t n)
{
	int64_t rows = CHUNK_ELEMENTS / m->config.vocab_size;

	if (rows < 64)
		rows = 64;
	return rows < n ? rows : n;
}

/* rows of hidden that chunk j … j+n-1 is predicted by, and their logits */
static int chunk_logits(grpo__tensor *x, grpo__tensor *logits, grpo_model *m,
			const grpo__tensor *hidden, const int64_t *source,
			int64_t n)
{
	int64_t h = m->config.hidden_size, v = m->config.vocab_size;
	int rc = 0;

	GRPO_TRY(grpo__workspace_take(m->work, x, m->dtype, n, h));
	GRPO_TRY(grpo__workspace_take(m->work, logits, m->dtype, n, v));
	GRPO_TRY(grpo__op_gather(x, hidden, source));
	GRPO_TRY(grpo__op_linear(logits, x, &m->view.head, NULL, 0));
out:
	return rc;
}

int grpo__head_forward(float *logp, float *entropy, float *lse, grpo_model *m,
		       const grpo__pack *p, const grpo__tensor *hidden,
		       float temperature)
{
	grpo__workspace_mark mark = grpo__workspace_here(m->work);
	int64_t step = chunk_rows(m, p->n_scored);
	int rc = 0;

	for (int64_t j = 0; j < p->n_scored; j += step) {
		int64_t n = p->n_scored - j < step ? p->n_scored - j : step;
		grpo__tensor x, logits;

		GRPO_TRY(
		    chunk_logits(&x, &logits, m, hidden, p->source + j, n));
		GRPO_TRY(grpo__op_logprob(logp + j,
					  entropy ? entropy + j : NULL, lse + j,
					  &logits, p->target + j, temperature));
		grpo__workspace_back(m->work, mark);
	}
out:
	grpo__workspace_back(m->work, mark);
	return rc;
}

int grpo__head_backward(grpo__tensor *dhidden, grpo__tensor *dhead,
			grpo_model *m, const grpo__pack *p,
			const grpo__tensor *hidden, const float *dlogp,
			const float *dentropy, const float *entropy,
			const float *lse, float temperature)
{
	grpo__workspace_mark mark = grpo__workspace_here(m->work);
	int64_t step = chunk_rows(m, p->n_scored);
	int rc = 0;

	for (int64_t j = 0; j < p->n_scored; j += step) {
		int64_t n = p->n_scored - j < step ? p->n_scored - j : step;
		grpo__tensor x, logits, dx;

		GRPO_TRY(
		    chunk_logits(&x, &logits, m, hidden, p->source + j, n));
		GRPO_TRY(grpo__workspace_take(m->work, &dx, m->dtype, n,
					      m->config.hidden_size));
		GRPO_TRY(grpo__op_logprob_backward(
		    &logits, p->target + j, dlogp + j,
		    dentropy ? dentropy + j : NULL,
		    dentropy ? entropy + j : NULL, lse + j, temperature));
		GRPO_TRY(grpo__op_linear_backward(&dx, dhead, NULL, &logits, &x,
						  &m->view.head));
		GRPO_TRY(grpo__op_scatter_add(dhidden, &dx, p->source + j));
		grpo__workspace_back(m->work, mark);
	}
out:
	grpo__workspace_back(m->work, mark);
	return rc;
}
