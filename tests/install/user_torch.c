/* SPDX-License-Identifier: MIT */
/* Somebody else's program: prints the version of the libtorch that the
 * installed libgrpo-torch loads, and the error that both libraries share. */
#include <grpo/error.h>
#include <grpo/torch.h>
#include <stdio.h>

int main(void)
{
	grpo_model *model = NULL;
	int rc = grpo_model_open(&model, "no-such-folder", NULL);

	printf("%s\n", grpo_torch_version());
	printf("%d %s\n", rc, grpo_error_message());
	return 0;
}
