/* SPDX-License-Identifier: MIT */
#include "text/tokenizer.h"

#include <inttypes.h>

#include "core/fail.h"
#include "text/byte_level.h"
#include "text/nfc.h"
#include "text/utf8.h"

static int is_left_out(const grpo__token *token, int skip_special)
{
	/* The reference checks the decoded text, so a special token whose text
	 * is not in normal form is kept. */
	return skip_special && (token->flags & GRPO__TOKEN_SPECIAL) &&
	       !(token->flags & GRPO__TOKEN_NORMALIZED);
}

static int add_token(grpo__buf *bytes, grpo__buf *room,
		     const grpo__token *token)
{
	const char *text = token->text;
	size_t len = token->len;
	int rc = 0;

	if (token->flags & GRPO__TOKEN_NORMALIZED)
		GRPO_TRY(grpo__nfc(room, &text, &len));
	rc = grpo__byte_level_decode(bytes, text, len);
out:
	return rc;
}

static int add_tokens(const grpo_tokenizer *t, grpo__buf *bytes,
		      const int32_t *ids, int64_t n_ids, int skip_special)
{
	const grpo__token *token;
	grpo__buf room = {0};
	int rc = 0;
	int64_t i;

	for (i = 0; i < n_ids; i++) {
		token = grpo__vocab_at(&t->bpe.vocab, ids[i]);
		GRPO_FAIL_IF(!token, GRPO_EINVAL,
			     "id %" PRId32 " is not in the vocabulary of %s "
			     "(%zu ids)",
			     ids[i], t->path, t->bpe.vocab.size);
		if (!is_left_out(token, skip_special))
			GRPO_TRY(add_token(bytes, &room, token));
	}
out:
	grpo__buf_dispose(&room);
	return rc;
}

int grpo_tokenizer_decode(const grpo_tokenizer *t, char **text, size_t *len,
			  const int32_t *ids, int64_t n_ids, int skip_special)
{
	grpo__buf bytes = {0}, clean = {0};
	int rc = 0;

	*text = NULL;
	GRPO_TRY(grpo__buf_add(&bytes, "", 0));
	GRPO_TRY(add_tokens(t, &bytes, ids, n_ids, skip_special));
	if (grpo__utf8_valid(bytes.data, bytes.len) < bytes.len) {
		GRPO_TRY(grpo__utf8_lossy(&clean, bytes.data, bytes.len));
		grpo__buf_dispose(&bytes);
		bytes = clean;
		clean = (grpo__buf){0};
	}
	bytes.data[bytes.len] = '\0'; /* decoding may have taken bytes back */
	*text = bytes.data;
	*len = bytes.len;
	bytes.data = NULL;
out:
	grpo__buf_dispose(&bytes);
	grpo__buf_dispose(&clean);
	return rc;
}
