/* SPDX-License-Identifier: MIT */
/*
 * Somebody else's program, in C and in C++: sees the installed headers and
 * libgrpo, and nothing of this tree.
 *
 *	user           prints the library's version
 *	user PLUGIN    the same, and has the reward PLUGIN score one completion
 */
#include <grpo/grpo.h>
#include <stdio.h>
#include <string.h>

static grpo_str text(const char *s)
{
	grpo_str t;

	t.ptr = s;
	t.len = strlen(s);
	return t;
}

static int score(grpo_reward_set *set, double *reward)
{
	grpo_reward_row row;

	memset(&row, 0, sizeof row);
	row.struct_size = sizeof row;
	row.prompt = text("What is 1 + 1?");
	row.completion = text("<think>two</think> <answer>2</answer>");
	row.group_size = 1;
	if (grpo_reward_set_begin(set, 1) < 0 ||
	    grpo_reward_set_submit(set, 0, &row) < 0)
		return -1;
	return grpo_reward_set_wait(set, reward, NULL);
}

static int score_with(const char *plugin)
{
	grpo_reward_set *set = NULL;
	double reward = 0;
	int rc = grpo_reward_set_create(&set, 1);

	if (rc == 0)
		rc = grpo_reward_set_add(set, plugin, 1.0, NULL);
	if (rc == 0)
		rc = score(set, &reward);
	grpo_reward_set_free(set);
	if (rc < 0)
		fprintf(stderr, "user: %s\n", grpo_error_message());
	else
		printf("%s %g\n", plugin, reward);
	return rc < 0;
}

int main(int argc, char **argv)
{
	double reward[4] = {1, 0, 0, 1}, advantage[4];
	int64_t group[2] = {0, 4};

	if (grpo_advantages(advantage, NULL, reward, group, 1, NULL) < 0)
		return 1;
	printf("%s %s %d\n", grpo_version(), GRPO_VERSION,
	       advantage[0] > 0.8 && advantage[0] == -advantage[1]);
	return argc > 1 ? score_with(argv[1]) : 0;
}
