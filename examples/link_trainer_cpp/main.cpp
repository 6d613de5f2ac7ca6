// SPDX-License-Identifier: MIT
//
// The calls of ../link_trainer/numbers.c from C++: the headers are C++17
// clean, and vectors are the plain arrays that they want.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <stdexcept>
#include <vector>

#include "grpo/advantage.h"
#include "grpo/error.h"
#include "grpo/objective.h"

namespace
{

void check(int rc)
{
	if (rc < 0)
		throw std::runtime_error(grpo_error_message());
}

struct PlanFree {
	void operator()(grpo_plan *p) const
	{
		grpo_plan_free(p);
	}
};
using Plan = std::unique_ptr<grpo_plan, PlanFree>;

Plan make_plan(const grpo_objective_options &o, const grpo_tokens &step)
{
	grpo_plan *plan;

	check(grpo_plan_create(&plan, &o, &step));
	return Plan(plan);
}

void print_numbers()
{
	const std::vector<std::int64_t> group = {0, 2, 4};
	const std::vector<std::int64_t> row = {0, 2, 5, 6, 8};
	const std::vector<double> reward = {1, 0, 0.5, NAN};
	const std::vector<float> logp = {-0.5f, -1.25f, -2.0f, -0.75f,
					 -1.5f, -0.25f, -3.0f, -0.125f};
	const std::vector<float> old_logp = {-0.75f, -1.25f, -1.0f,  -1.0f,
					     -1.5f,  -0.5f,  -2.75f, -0.125f};
	const std::vector<float> ref_logp = {-1.0f, -1.0f, -2.0f, -0.5f,
					     -1.0f, -0.5f, -2.5f, -0.25f};
	std::vector<double> a(reward.size());
	std::vector<float> advantage(logp.size()), dlogp(logp.size());

	check(grpo_advantages(a.data(), nullptr, reward.data(), group.data(), 2,
			      nullptr));
	for (std::size_t i = 0; i < a.size(); i++)
		for (auto t = row[i]; t < row[i + 1]; t++)
			advantage[t] = static_cast<float>(a[i]);

	grpo_objective_options o;
	check(grpo_objective_options_init(&o));
	o.reduction = GRPO_REDUCE_ROW_MEAN;
	o.beta = 0.04;

	grpo_tokens step = {};
	step.struct_size = sizeof step;
	step.n_rows = 4;
	step.row = row.data();
	step.logp = logp.data();
	step.old_logp = old_logp.data();
	step.ref_logp = ref_logp.data();
	step.advantage = advantage.data();

	grpo_metrics m;
	check(grpo_metrics_init(&m));
	check(grpo_objective(make_plan(o, step).get(), &step, 0, dlogp.data(),
			     nullptr, &m));

	for (double x : a)
		std::printf("advantage %.9g\n", x);
	std::printf("loss %.9g\nkl %.9g\n", m.loss, m.kl);
	for (float x : dlogp)
		std::printf("dlogp %.9g\n", x);
}

} // namespace

int main(int argc, char **argv)
{
	if (argc > 1) {
		const bool help = std::strcmp(argv[1], "--help") == 0;

		std::fprintf(
		    help ? stdout : stderr,
		    "usage: %s\n"
		    "Prints one small step of GRPO, for comparison with "
		    "link_trainer --numbers.\n",
		    argv[0]);
		return help ? 0 : 2;
	}
	try {
		print_numbers();
	} catch (const std::exception &e) {
		std::fprintf(stderr, "link_trainer_cpp: %s\n", e.what());
		return 1;
	}
}
