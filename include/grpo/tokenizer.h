/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TOKENIZER_H
#define GRPO_TOKENIZER_H

#include <stddef.h>
#include <stdint.h>
#include "grpo/export.h"

/*
 * Byte-level BPE from a Hugging Face tokenizer.json: Qwen, Llama 3, the R1
 * distills, SmolLM2, GPT-2.  Token ids are those of Hugging Face's library.
 *
 *	grpo_tokenizer *t;
 *	int32_t *ids;
 *	int64_t n;
 *	grpo_tokenizer_open(&t, "Qwen2.5-0.5B");
 *	grpo_tokenizer_encode(t, &ids, &n, text, strlen(text));
 *	...
 *	free(ids);
 *	grpo_tokenizer_free(t);
 *
 * Other kinds (SentencePiece-style, WordPiece, Unigram) are refused, and the
 * message names the part of the file that is not supported.
 */
typedef struct grpo_tokenizer grpo_tokenizer;

GRPO_BEGIN_DECLS

/**
 * Reads tokenizer.json, and the special tokens named in
 * tokenizer_config.json, generation_config.json and config.json if these
 * files exist.
 *
 * out     out  the tokenizer; free with grpo_tokenizer_free
 * folder  in   a model's folder, or the path of a tokenizer.json
 *
 * Returns 0, GRPO_EIO, GRPO_EFORMAT (the message names file and key) or
 * GRPO_ENOMEM.
 * Threads: any.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_tokenizer_open(grpo_tokenizer **out, const char *folder);
GRPO_API void grpo_tokenizer_free(grpo_tokenizer *t);

/**
 * Converts text to ids.  It does not add the special tokens of a
 * post-processor (like add_special_tokens=False), but recognises special
 * tokens that are written in the text.
 *
 * ids    out  [*n_ids]; free with free()
 * text   in   UTF-8, len bytes; invalid bytes are read as U+FFFD
 *
 * Threads: any; threads may share a tokenizer.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_tokenizer_encode(const grpo_tokenizer *t, int32_t **ids,
				   int64_t *n_ids, const char *text,
				   size_t len);

/**
 * Converts ids to text.  Bytes that are not valid UTF-8 become U+FFFD, as in
 * Hugging Face's decoder.
 *
 * text          out  NUL-terminated; free with free()
 * len           out  bytes, not counting the NUL
 * skip_special  in   1: leave special tokens out
 *
 * Returns 0, or GRPO_EINVAL if an id is not in the vocabulary.
 * Threads: any.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_tokenizer_decode(const grpo_tokenizer *t, char **text,
				   size_t *len, const int32_t *ids,
				   int64_t n_ids, int skip_special);

/**
 * size: ids are 0 … size-1 (a model's vocabulary may be padded beyond that).
 * id: the id of a token, written as in the file ("<|im_end|>"), or -1.
 * bos: the id of the beginning-of-text token, or -1.
 *
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API int32_t grpo_tokenizer_size(const grpo_tokenizer *t);
GRPO_API int32_t grpo_tokenizer_id(const grpo_tokenizer *t, const char *token);
GRPO_API int32_t grpo_tokenizer_bos(const grpo_tokenizer *t);

/**
 * The ids that end a completion: every eos_token_id in generation_config.json
 * and config.json, and the tokenizer's own eos_token.
 * Returns their number; ids is borrowed from t.
 *
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API int grpo_tokenizer_stops(const grpo_tokenizer *t, const int32_t **ids);

/**
 * Path of the tokenizer.json that was read; borrowed.
 *
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API const char *grpo_tokenizer_path(const grpo_tokenizer *t);

GRPO_END_DECLS

#endif
