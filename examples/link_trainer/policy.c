/* SPDX-License-Identifier: MIT */
#include "policy.h"

#include <math.h>
#include <stdio.h>

/* Uniform in [0, 1): SplitMix64. */
static double draw(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

void policy_create(struct policy *p)
{
	*p = (struct policy){0};
	p->follows[END][BOX] = 2;
	p->follows[CLOSE][END] = 2;
	for (int digit = 0; digit < 10; digit++) {
		p->follows[BOX][digit] = 2;
		p->follows[digit][CLOSE] = 2;
	}
}

static int last_of(const struct answer *a, int t)
{
	return t > 0 ? a->tokens[t - 1] : END;
}

static void softmax(const struct policy *p, int problem, int last,
		    double probability[N_TOKENS])
{
	double sum = 0;

	for (int v = 0; v < N_TOKENS; v++)
		sum += probability[v] =
		    exp(p->follows[last][v] + p->asked[problem][v]);
	for (int v = 0; v < N_TOKENS; v++)
		probability[v] /= sum;
}

void policy_sample(const struct policy *p, struct answer *out, int problem,
		   uint64_t *random)
{
	out->problem = problem;
	for (out->n = 0; out->n < MAX_LENGTH;) {
		double probability[N_TOKENS], u = draw(random);
		int v = 0;

		softmax(p, problem, last_of(out, out->n), probability);
		while (v < N_TOKENS - 1 && u >= probability[v])
			u -= probability[v++];
		out->tokens[out->n++] = v;
		if (v == END)
			break;
	}
}

void policy_forward(const struct policy *p, const struct answer *a, float *logp)
{
	double probability[N_TOKENS];

	for (int t = 0; t < a->n; t++) {
		softmax(p, a->problem, last_of(a, t), probability);
		logp[t] = (float)log(probability[a->tokens[t]]);
	}
}

/* dlogp(token)/dlogit(v) = 1[v is the token] - probability(v) */
void policy_backward(const struct policy *p, const struct answer *a,
		     const float *dlogp, struct policy *gradient)
{
	double probability[N_TOKENS];

	for (int t = 0; t < a->n; t++) {
		int last = last_of(a, t);

		softmax(p, a->problem, last, probability);
		for (int v = 0; v < N_TOKENS; v++) {
			double d =
			    dlogp[t] * ((v == a->tokens[t]) - probability[v]);

			gradient->follows[last][v] += d;
			gradient->asked[a->problem][v] += d;
		}
	}
}

void policy_step(struct policy *p, const struct policy *gradient, double rate)
{
	for (int i = 0; i < N_TOKENS; i++)
		for (int v = 0; v < N_TOKENS; v++)
			p->follows[i][v] -= rate * gradient->follows[i][v];
	for (int i = 0; i < N_PROBLEMS; i++)
		for (int v = 0; v < N_TOKENS; v++)
			p->asked[i][v] -= rate * gradient->asked[i][v];
}

void answer_text(const struct answer *a, char text[TEXT_BYTES])
{
	static const char *const names[N_TOKENS] = {
	    "0", "1", "2", "3",        "4", "5", "6",
	    "7", "8", "9", "\\boxed{", "}", ""};

	size_t n = 0;

	text[0] = '\0';
	for (int t = 0; t < a->n; t++)
		n += (size_t)snprintf(text + n, TEXT_BYTES - n, "%s",
				      names[a->tokens[t]]);
}
