/* SPDX-License-Identifier: MIT */
#ifndef LINK_TRAINER_POLICY_H
#define LINK_TRAINER_POLICY_H

#include <stdint.h>

/*
 * A language model of two tables: the logit of the next token is
 *
 *	follows[last token][next] + asked[problem][next]
 *
 * The first table can learn a format, the second an answer.  It does what a
 * trainer needs from a model: it samples, computes log-probabilities, and turns
 * dloss/dlogp into a gradient of the weights, which is exact and three lines
 * long.
 */
enum {
	BOX = 10, /* "\boxed{" */
	CLOSE,    /* "}" */
	END,
	N_TOKENS, /* 0 to 9 are the digits */
	N_PROBLEMS = 25,
	MAX_LENGTH = 5
};

struct policy {
	double follows[N_TOKENS][N_TOKENS];
	double asked[N_PROBLEMS][N_TOKENS];
};

/** One completion: its tokens, END included where it came to one. */
struct answer {
	int problem;
	int n;
	int tokens[MAX_LENGTH];
};

/** The base model: it has seen boxes, but no sums.  It can only be rewarded for
 * what it sometimes does by chance. */
void policy_create(struct policy *p);

void policy_sample(const struct policy *p, struct answer *out, int problem,
		   uint64_t *random);

/** logp [answer->n] of its tokens. */
void policy_forward(const struct policy *p, const struct answer *a,
		    float *logp);

/** Adds to the gradient: dlogp [answer->n] is dloss/dlogp. */
void policy_backward(const struct policy *p, const struct answer *a,
		     const float *dlogp, struct policy *gradient);

/** Stochastic gradient descent. */
void policy_step(struct policy *p, const struct policy *gradient, double rate);

/** "\boxed{7}" into text, which has room for any answer. */
#define TEXT_BYTES 64
void answer_text(const struct answer *a, char text[TEXT_BYTES]);

#endif
