/* SPDX-License-Identifier: MIT */
#include "sides.h"

#include "size.h"

/* Precision, in bits.  It rises from one to the next, then doubles. */
static const slong precisions[] = {64, 256};
#define N_PRECISIONS ((int)(sizeof precisions / sizeof *precisions))
#define LEAST_LIMIT 1024 /* up to where it rises at least */
#define MOST_BITS 32768  /* of agreement that can be asked for */
#define SPARE_BITS 64    /* beyond those of agreement */

#define AGREED 3       /* points that make two expressions equal */
#define AGREED_WHOLE 8 /* where symbols are small whole numbers */
#define BLURRED 4      /* undecided points until we give up */
#define ALONE 3        /* more undefined on one side, for each that agrees */
#define FIRST 4        /* points that are always looked at: of many kinds */

void sides_plain(const struct sides *s, struct eval *v, struct pair *p)
{
	p->of_left = evaluate(v, s->a, &p->left);
	p->of_right = evaluate(v, s->b, &p->right);
}

void sides_init(struct sides *s, struct work *w, const struct expr *a,
		const struct expr *b)
{
	*s = (struct sides){
	    .w = w, .a = a, .b = b, .values = sides_plain, .weight = 1};
	points_traits(&s->traits, a, b);
	s->real = !s->traits.imaginary && !s->traits.conjugates;
}

static int is_lost(enum outcome got)
{
	return got == UNKNOWN || got == INEXACT;
}

/* The bits of agreement that make the pair the same. */
static void set_demand(struct sides *s, struct eval *v)
{
	double size;

	if (s->demand)
		return;
	size = s->weight * (value_size(v, s->a) + value_size(v, s->b));
	s->is_too_large = !(size <= MOST_BITS);
	s->demand = s->is_too_large ? MOST_BITS : (slong)size + SPARE_BITS;
	if (s->demand < VALUE_BITS)
		s->demand = VALUE_BITS;
}

static slong next_precision(const struct sides *s, slong bits)
{
	slong least = s->demand + SPARE_BITS;

	if (bits < precisions[1])
		return precisions[1];
	return bits * 2 > least ? bits * 2 : least;
}

/* Looks at the pair at rising precision, until `look` returns what it has
 * found; 0 is nothing yet.  Returns 0 where it never does. */
static int rise(struct sides *s, int point,
		int (*look)(struct sides *s, struct eval *v, struct pair *p))
{
	struct eval v = {.w = s->w, .traits = &s->traits, .point = point};
	slong limit = LEAST_LIMIT, bits = precisions[s->first];
	int found = 0;

	v.domain.real = s->real;
	s->demand = 0;
	s->is_too_large = 0;
	while (bits <= limit && !found && !s->is_too_large) {
		struct pair p;

		v.domain.bits = bits;
		number_init(&p.left);
		number_init(&p.right);
		s->values(s, &v, &p);
		found = look(s, &v, &p);
		number_clear(&p.left);
		number_clear(&p.right);
		if (limit < 2 * s->demand + SPARE_BITS)
			limit = 2 * s->demand + SPARE_BITS;
		if (s->is_rough)
			break;
		bits = next_precision(s, bits);
	}
	s->made_up |= v.made_up;
	return found;
}

/* Whether the radius is below 2^-bits of the value's size, or of 1 where the
 * value may be 0. */
static int is_narrow(acb_srcptr z, slong bits)
{
	mag_t size, radius;
	int narrow;

	mag_init(size);
	mag_init(radius);
	acb_get_mag_lower(size, z);
	if (mag_is_zero(size))
		mag_one(size);
	mag_max(radius, arb_radref(acb_realref(z)), arb_radref(acb_imagref(z)));
	mag_mul_2exp_si(radius, radius, bits);
	narrow = mag_cmp(radius, size) < 0;
	mag_clear(radius);
	mag_clear(size);
	return narrow;
}

static void as_balls(struct pair *p, const struct domain *d)
{
	number_ball(&p->left, d);
	number_ball(&p->right, d);
}

/* Whether two balls that overlap are narrow enough to be the same. */
static int both_narrow(struct sides *s, struct eval *v, const struct pair *p)
{
	if (v->domain.bits <= VALUE_BITS)
		return 0;
	set_demand(s, v);
	return !s->is_too_large && is_narrow(p->left.z, s->demand) &&
	       is_narrow(p->right.z, s->demand);
}

static int is_exact(const struct pair *p)
{
	return !p->left.is_ball && !p->right.is_ball;
}

/* What a pair says, plus 1; 0 where more precision may say more. */
#define FOUND(said) ((said) + 1)

static int look_same(struct sides *s, struct eval *v, struct pair *p)
{
	if (is_lost(p->of_left) || is_lost(p->of_right))
		return FOUND(SAID_STOP);
	if (p->of_left == VAGUE || p->of_right == VAGUE)
		return 0;
	if (p->of_left != p->of_right)
		return FOUND(SAID_ONE);
	if (p->of_left == UNDEFINED)
		return FOUND(SAID_NOTHING);
	if (is_exact(p))
		return FOUND(fmpq_equal(p->left.q, p->right.q)
				 ? SAID_SAME
				 : SAID_DIFFERENT);
	as_balls(p, &v->domain);
	if (!acb_overlaps(p->left.z, p->right.z))
		return FOUND(SAID_DIFFERENT);
	return both_narrow(s, v, p) ? FOUND(SAID_SAME) : 0;
}

enum said sides_at(struct sides *s, int point)
{
	int found = rise(s, point, look_same);

	s->was_too_large |= s->is_too_large;
	return found ? (enum said)(found - 1) : SAID_VAGUE;
}

/* Of constants. */
static enum value_verdict once(struct sides *s)
{
	enum said said = sides_at(s, 0);

	if (s->real && (said == SAID_ONE || said == SAID_NOTHING)) {
		s->real = 0;
		said = sides_at(s, 0);
	}
	if (said == SAID_SAME)
		return VALUE_EQUAL;
	return said == SAID_DIFFERENT && !s->made_up ? VALUE_DIFFERENT
						     : VALUE_UNDECIDED;
}

static int wanted(const struct sides *s)
{
	return s->traits.n_whole ? AGREED_WHOLE : AGREED;
}

/* What is the same at the points before `from`, over all others.  Functions
 * of pieces may agree by chance while one piece holds: here only a difference
 * counts. */
static enum value_verdict on_all_pieces(struct sides *s, int from)
{
	for (int i = from; i < POINTS_MAX && !s->w->status; i++)
		if (sides_at(s, i) == SAID_DIFFERENT && !s->made_up)
			return VALUE_DIFFERENT;
	return VALUE_EQUAL;
}

/* The root of (a - b)^2 is a - b wherever a > b: so where there are sums under
 * roots, all points of positive letters are looked at for a difference, which
 * shows at the lowest precision. */
static enum value_verdict on_all_branches(struct sides *s, int from)
{
	enum value_verdict verdict = VALUE_EQUAL;

	s->is_rough = 1;
	s->first = 0;
	for (int i = from; i < POINTS_HALF && verdict == VALUE_EQUAL; i++)
		if (sides_at(s, i) == SAID_DIFFERENT && !s->made_up)
			verdict = VALUE_DIFFERENT;
	s->is_rough = 0;
	return verdict;
}

/* What is the same at the points before `from`. */
static enum value_verdict on_the_rest(struct sides *s, int from)
{
	if (s->traits.pieces)
		return on_all_pieces(s, from);
	return s->traits.branches ? on_all_branches(s, from) : VALUE_EQUAL;
}

/* Goes over the points.  *agreed is at how many both sides were the same. */
static enum value_verdict tour(struct sides *s, int *agreed)
{
	int first = s->traits.rational ? AGREED : FIRST;
	int alone = 0, blurred = 0;

	*agreed = 0;
	for (int i = 0; i < POINTS_MAX; i++) {
		enum said said = sides_at(s, i);

		if (said == SAID_DIFFERENT && !s->made_up)
			return VALUE_DIFFERENT;
		if (said == SAID_DIFFERENT || said == SAID_STOP)
			return VALUE_UNDECIDED;
		*agreed += said == SAID_SAME;
		s->first = *agreed > 0; /* the next may well agree too */
		alone += said == SAID_ONE;
		blurred += said == SAID_VAGUE;
		if (blurred == BLURRED)
			return VALUE_UNDECIDED;
		if (i + 1 >= first && *agreed >= wanted(s) &&
		    alone <= ALONE * *agreed)
			return on_the_rest(s, i + 1);
	}
	return VALUE_UNDECIDED;
}

static enum value_verdict on_both_domains(struct sides *s)
{
	enum value_verdict verdict;
	int agreed;

	if (!s->traits.symbols)
		return once(s);
	verdict = tour(s, &agreed);
	if (verdict != VALUE_UNDECIDED || agreed || !s->real || s->w->status)
		return verdict;
	s->real = 0;
	return tour(s, &agreed);
}

enum value_verdict sides_everywhere(struct sides *s)
{
	enum value_verdict verdict = on_both_domains(s);

	if (verdict == VALUE_UNDECIDED && s->was_too_large && !s->w->status)
		s->w->status = GRPO_REWARD_BUDGET;
	return verdict;
}

static int is_known(const struct pair *p)
{
	return p->of_left == GOT && p->of_right == GOT;
}

/* The order plus 2, or ORDER_NONE. */
#define ORDER_NONE 4

static int look_order(struct sides *s, struct eval *v, struct pair *p)
{
	if (is_lost(p->of_left) || is_lost(p->of_right))
		return ORDER_NONE;
	if (!is_known(p))
		return 0;
	if (is_exact(p)) {
		int order = fmpq_cmp(p->left.q, p->right.q);

		return order < 0 ? 1 : order > 0 ? 3 : 2;
	}
	as_balls(p, &v->domain);
	if (!acb_is_real(p->left.z) || !acb_is_real(p->right.z))
		return ORDER_NONE;
	if (arb_lt(acb_realref(p->left.z), acb_realref(p->right.z)))
		return 1;
	if (arb_gt(acb_realref(p->left.z), acb_realref(p->right.z)))
		return 3;
	return both_narrow(s, v, p) ? 2 : 0;
}

int sides_order(struct sides *s, int point, int *order)
{
	int found = rise(s, point, look_order);

	if (!found || found == ORDER_NONE || s->made_up)
		return -1;
	*order = found - 2;
	return 0;
}

/* The sign plus 2. */
static int look_ratio(struct sides *s, struct eval *v, struct pair *p)
{
	int sign;

	if (is_lost(p->of_left) || is_lost(p->of_right))
		return 2;
	if (!is_known(p) || number_div(&p->left, &p->right, &v->domain) != GOT)
		return 0;
	if (!p->left.is_ball)
		return fmpq_sgn(p->left.q) + 2;
	if (!arb_contains_zero(acb_imagref(p->left.z)))
		return 2;
	set_demand(s, v);
	sign = arb_sgn_nonzero(acb_realref(p->left.z));
	return sign && is_narrow(p->left.z, s->demand) ? sign + 2 : 0;
}

int sides_ratio_sign(struct sides *s, int point)
{
	int found = rise(s, point, look_ratio);

	return found ? found - 2 : 0;
}
