/* SPDX-License-Identifier: MIT */
#include "text/tokenizer.h"

#include <stdlib.h>

#include "core/fail.h"
#include "text/nfc.h"
#include "text/utf8.h"

/* Memory of one call, so that one tokenizer serves many threads. */
struct encoder {
	const grpo_tokenizer *t;
	grpo__ids ids;
	grpo__buf clean, normalized;
	grpo__parts raw_parts, parts;
	grpo__pieces pieces;
	grpo__bpe_scratch bpe;
};

static void dispose(struct encoder *e)
{
	free(e->ids.id);
	grpo__buf_dispose(&e->clean);
	grpo__buf_dispose(&e->normalized);
	free(e->raw_parts.part);
	free(e->parts.part);
	grpo__pieces_dispose(&e->pieces);
	grpo__bpe_scratch_dispose(&e->bpe);
}

static int encode_words(struct encoder *e, const char *text, size_t len)
{
	const grpo__span *s;
	int rc = 0;
	size_t i;

	GRPO_TRY(grpo__pretokenize(&e->t->pretokenizer, &e->pieces, text, len));
	for (i = 0; i < e->pieces.spans.n; i++) {
		s = &e->pieces.spans.span[i];
		GRPO_TRY(grpo__bpe_encode(&e->t->bpe, &e->bpe, &e->ids,
					  e->pieces.text + s->start,
					  s->end - s->start));
	}
out:
	return rc;
}

/* What lies between the tokens of the raw text. */
static int encode_between(struct encoder *e, const char *text, size_t len)
{
	const grpo__part *p;
	int rc = 0;
	size_t i;

	if (e->t->nfc)
		GRPO_TRY(grpo__nfc(&e->normalized, &text, &len));
	GRPO_TRY(grpo__cut(&e->t->normalized, &e->parts, text, len));
	for (i = 0; i < e->parts.n; i++) {
		p = &e->parts.part[i];
		if (p->id >= 0)
			GRPO_TRY(grpo__ids_add(&e->ids, p->id));
		else
			GRPO_TRY(encode_words(e, text + p->start,
					      p->end - p->start));
	}
out:
	return rc;
}

static int encode(struct encoder *e, const char *text, size_t len)
{
	const grpo__part *p;
	int rc = 0;
	size_t i;

	GRPO_TRY(grpo__cut(&e->t->raw, &e->raw_parts, text, len));
	for (i = 0; i < e->raw_parts.n; i++) {
		p = &e->raw_parts.part[i];
		if (p->id >= 0)
			GRPO_TRY(grpo__ids_add(&e->ids, p->id));
		else
			GRPO_TRY(encode_between(e, text + p->start,
						p->end - p->start));
	}
out:
	return rc;
}

int grpo_tokenizer_encode(const grpo_tokenizer *t, int32_t **ids,
			  int64_t *n_ids, const char *text, size_t len)
{
	struct encoder e = {.t = t};
	int rc = 0;

	*ids = NULL;
	GRPO_FAIL_IF(len > INT32_MAX, GRPO_EINVAL,
		     "a text of %zu bytes, expected at most %d", len,
		     INT32_MAX);
	if (grpo__utf8_valid(text, len) < len) {
		GRPO_TRY(grpo__utf8_lossy(&e.clean, text, len));
		text = e.clean.data;
		len = e.clean.len;
	}
	GRPO_TRY(encode(&e, text, len));
	if (!e.ids.id) { /* no ids: still something to free */
		e.ids.id = grpo__alloc(0, sizeof *e.ids.id);
		if (!e.ids.id)
			rc = GRPO_ENOMEM;
	}
	if (rc == 0) {
		*ids = e.ids.id;
		*n_ids = (int64_t)e.ids.n;
		e.ids.id = NULL;
	}
out:
	dispose(&e);
	return rc;
}
