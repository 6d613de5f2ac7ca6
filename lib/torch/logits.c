/* SPDX-License-Identifier: MIT */
#include "core/fail.h"
#include "torch/decoder.h"

int grpo_model_logits(grpo_model *m, float *logits, const int32_t *tokens,
		      int64_t n_tokens)
{
	grpo__workspace_mark mark = grpo__workspace_here(m->work);
	grpo_request request = {tokens, n_tokens, 1, 0};
	const grpo_request *list = &request;
	grpo__pack pack = {0};
	grpo__pass pass = {0};
	grpo__tensor t;
	int rc = 0;

	GRPO_TRY(grpo__pack_prompts(&pack, &list, 1, m->config.vocab_size));
	GRPO_TRY(grpo__decoder_forward(&pass, m, &pack, 0, NULL, NULL));
	GRPO_TRY(grpo__workspace_take(m->work, &t, m->dtype, n_tokens,
				      m->config.vocab_size));
	GRPO_TRY(grpo__op_linear(&t, &pass.hidden, &m->view.head, NULL, 0));
	GRPO_TRY(grpo__tensor_read(&t, logits));
out:
	grpo__pass_dispose(&pass);
	grpo__pack_dispose(&pack);
	grpo__workspace_back(m->work, mark);
	return rc;
}
