/* SPDX-License-Identifier: MIT */
#include "claims.h"
#include "abroad.h"
#include "numerals.h"
#include "../tree/slice.h"

/* Whether the word at s[at] is this one, in any case. */
static int is_at(grpo_str s, size_t at, const char *word)
{
	size_t n;

	if (at >= s.len || lower(s.ptr[at]) != word[0])
		return 0;
	n = strlen(word);
	return begins_nocase((grpo_str){s.ptr + at, s.len - at}, word) &&
	       (s.len - at == n ||
		(!is_letter(s.ptr[at + n]) &&
		 !abroad_latin((grpo_str){s.ptr + at + n, s.len - at - n})));
}

static int has_word(grpo_str s, const char *const *words)
{
	for (size_t at = 0; at < s.len; at++) {
		if (at > 0 && is_letter(s.ptr[at - 1]))
			continue;
		for (int i = 0; words[i]; i++)
			if (is_at(s, at, words[i]))
				return 1;
	}
	return 0;
}

/* The first of the words that the text begins with, or NULL. */
static const char *first_of(grpo_str s, const char *const *words)
{
	for (int i = 0; words[i]; i++)
		if (is_at(s, 0, words[i]))
			return words[i];
	return NULL;
}

/* --------------------------------------------------------------- denials */

/* "nearly", "hardly" */
static int is_adverb(grpo_str word)
{
	static const char *const harmless[] = {
	    "exactly", "approximately", "roughly",   "only",
	    "finally", "simply",        "precisely", "family",
	    "apply",   "clearly",       "directly",  "currently",
	    "monthly", "weekly",        "daily",     "yearly",
	    "hourly",  "equally",       "totally",   "respectively",
	    "early",   "reply",         "supply",    "consequently",
	    NULL};

	return word.len > 4 && lower(word.ptr[word.len - 1]) == 'y' &&
	       lower(word.ptr[word.len - 2]) == 'l' &&
	       !first_of(word, harmless);
}

static int has_adverb(grpo_str s)
{
	size_t n;

	for (size_t at = 0; at < s.len; at += n + 1) {
		n = 0;
		while (at + n < s.len && is_letter(s.ptr[at + n]))
			n++;
		if (is_adverb((grpo_str){s.ptr + at, n}))
			return 1;
	}
	return 0;
}

/* clang-format off */
static const char *const denials[] = {
    "no", "non", "not", "never", "none", "nothing", "nobody", "nowhere",
    "neither", "nor", "cannot", "isn", "aren", "wasn", "doesn", "don", "didn",
    "can't", "won", "wouldn", "shouldn", "couldn", "isnt", "wrong",
    "incorrect", "false", "untrue", "invalid", "mistaken", "mistake", "error",
    "erroneous", "impossible", "implausible", "infeasible", "absurd",
    "contradiction", "contradicts", "unlikely", "doubt", "deny", "denies",
    "denied", "reject", "rejected", "rejects", "refute", "refuted",
    "disprove", "disproved", "exclude", "excluded", "excludes", "excluding",
    "eliminate", "eliminated", "ruled", "discard", "discarded", "dismissed",
    "without", "instead", "rather", "unlike", "except", "but", "unless",
    "otherwise", "different from", "differs", "differ", "distinct from",
    "other than", "opposite", "unequal", "avoid", "fails", "fail", "guess",
    "maybe", "perhaps", "is it", "who knows", "either", "or", "too", "previously", "formerly",
    "than", "at least", "at most", "up to", "at minimum", "at maximum",
    "at worst", "at best",
    "nicht", "kein", "keine", "nie", "falsch", "pas", "jamais", "ne", "sauf",
    "faux", "nao", "nunca", "ni", "sin", "sem", "falso", "errado", "mal",
    "incorrecto", "incorrecta", "incorreto", "errada", NULL};
/* clang-format on */

/* Bounds, and changes of the value. */
static const char *const changes[] = {
    "more",      "less",        "fewer",        "greater",    "smaller",
    "larger",    "bigger",      "higher",       "least",      "most",
    "over",      "under",       "between",      "above",      "below",
    "beyond",    "within",      "exceeds",      "exceed",     "exceeding",
    "almost",    "barely",      "close to",     "near",       "next to",
    "before",    "after",       "until",        "past",       "short",
    "bounded",   "bound",       "minus",        "plus",       "times",
    "half",      "twice",       "double",       "doubled",    "triple",
    "tripled",   "thrice",      "halved",       "squared",    "cubed",
    "factorial", "multiplied",  "divided",      "subtract",   "subtracted",
    "added",     "raised",      "dozen",        "dozens",     "tenth",
    "tenths",    "hundredths",  "thousandths",  "thousands",  "hundred",
    "thousand",  "million",     "billion",      "trillion",   "millions",
    "billions",  "divisible",   "modulo",       "grand",      "mod",
    "nd power",  "th power",    "second power", "th root",    "rd root",
    "nd root",   "third power", "quadruple",    "quadrupled", "inverted",
    "reversed",  "backwards",   "upside",       "mirrored",   "rounded",
    "off",       "rising",      "falling",      "digit sum",  "others",
    NULL};

/* Other values that a value has. */
static const char *const functions[] = {
    "root",       "reciprocal", "inverse",    "negative", "negation",
    "complement", "multiple",   "multiples",  "factor",   "factors",
    "divisor",    "divisors",   "power",      "powers",   "exponent",
    "log",        "logarithm",  "squares of", "cubes of", NULL};

static int denies(grpo_str words)
{
	return has_word(words, denials) || has_adverb(words) ||
	       abroad_denies(words);
}

int claim_bounds(grpo_str words)
{
	static const char *const all[] = {"minimum", "maximum", "max", "tops",
					  NULL};
	static const char *const any[] = {
	    "at minimum",   "at maximum", "at most", "at least", "at the most",
	    "at the least", "at worst",   "at best", "up to",    NULL};

	words = trim(words);
	return has_word(words, any) || str_is_in_nocase(words, all);
}

int claim_calls_wrong(grpo_str words)
{
	static const char *const list[] = {"wrong",   "incorrect", "is false",
					   "untrue",  "is not",    "isn't",
					   "invalid", NULL};

	return (words.len && memchr(words.ptr, '?', words.len)) ||
	       has_word(words, list);
}

int claim_denies(grpo_str words)
{
	return denies(words) || has_word(words, changes);
}

/* "The larger root is" names a value, "half the answer is" changes one. */
int claim_denies_in_front(grpo_str words)
{
	static const char *const own[] = {"answer", "result", "it", "value",
					  NULL};

	if (denies(words))
		return 1;
	return (has_word(words, changes) || has_word(words, functions)) &&
	       (!claim_states(words) || has_word(words, own));
}

/* ------------------------------------------------------------------ labels */

static void drop_words_in_front(grpo_str *s, const char *const *words)
{
	const char *word;

	while ((word = first_of(*s, words))) {
		drop(s, strlen(word));
		while (s->len && !is_letter(s->ptr[0]) &&
		       !((unsigned char)s->ptr[0] & 0x80))
			drop(s, 1);
	}
}

/* The last word, or what stands behind it. */
static grpo_str last_word(grpo_str s)
{
	size_t n = s.len;

	while (n && !is_space(s.ptr[n - 1]))
		n--;
	return (grpo_str){s.ptr + n, s.len - n};
}

static grpo_str without_signs_behind(grpo_str s)
{
	while (s.len && (is_space(s.ptr[s.len - 1]) ||
			 strchr(":.,=-", s.ptr[s.len - 1])))
		s.len--;
	return s;
}

static void drop_words_behind(grpo_str *s, const char *const *words)
{
	for (;;) {
		grpo_str last;

		*s = without_signs_behind(*s);
		last = last_word(*s);
		if (!last.len || !first_of(last, words))
			return;
		s->len -= last.len;
	}
}

static const char *const copulas[] = {
    "is",      "are",    "was",      "were",   "be",  "equals",
    "becomes", "become", "remains",  "yields", "has", "have",
    "get",     "gives",  "equal to", "totals", NULL};

int claim_states(grpo_str words)
{
	grpo_str s = without_signs_behind(words);

	if (s.len < words.len && memchr(s.ptr + s.len, ':', words.len - s.len))
		return 1;
	if (s.len < words.len && memchr(s.ptr + s.len, '=', words.len - s.len))
		return 1;
	drop_words_behind(&s, (const char *const[]){
				  "exactly", "about", "approximately",
				  "roughly", "only", "to", "a", "the", NULL});
	return first_of(last_word(s), copulas) != NULL;
}

/* "distance of": what "of" makes no other number of. */
static int is_measure(grpo_str before_of)
{
	static const char *const measures[] = {
	    "total",        "value",    "values",      "distance",
	    "speed",        "length",   "area",        "volume",
	    "number",       "height",   "width",       "depth",
	    "angle",        "rate",     "cost",        "price",
	    "score",        "amount",   "weight",      "mass",
	    "profit",       "loss",     "gain",        "increase",
	    "decrease",     "radius",   "diameter",    "perimeter",
	    "age",          "time",     "temperature", "probability",
	    "chance",       "mean",     "average",     "median",
	    "mode",         "range",    "maximum",     "minimum",
	    "set",          "pair",     "list",        "sum",
	    "slope",        "equation", "rise",        "drop",
	    "fall",         "raise",    "discount",    "velocity",
	    "acceleration", "force",    "energy",      "tax",
	    "tip",          "salary",   NULL};

	return first_of(last_word(before_of), measures) != NULL;
}

/* "fifty" of "fifty-50" */
static int is_number(grpo_str word)
{
	struct numeral v;

	numeral_read(&v, &word, 1);
	return v.n && !v.is_ordinal;
}

int claim_binds_badly(grpo_str words)
{
	static const char *const of[] = {"of", NULL};
	static const char *const bad[] = {
	    "to",      "from",    "by",     "than", "against", "into", "since",
	    "like",    "beside",  "around", "off",  "in",      "per",  "toward",
	    "towards", "through", "via",    "base", NULL};
	grpo_str s = without_signs_behind(words);
	grpo_str last = last_word(s);

	if (claim_states(words))
		return 0;
	if (first_of(last, bad) || is_number(last))
		return 1;
	if (!first_of(last, of))
		return 0;
	s.len -= last.len;
	return !is_measure(without_signs_behind(s));
}

static int is_one_capital(grpo_str s)
{
	if (!s.len || s.ptr[0] < 'A' || s.ptr[0] > 'Z')
		return 0;
	for (size_t i = 1; i < s.len; i++)
		if (is_letter(s.ptr[i]) || (unsigned char)s.ptr[i] >= 0x80)
			return 0;
	return 1;
}

grpo_str claim_label(grpo_str words)
{
	static const char *const front[] = {
	    "the",       "a",        "an",           "so",
	    "thus",      "hence",    "therefore",    "we",
	    "get",       "have",     "final",        "answer",
	    "answers",   "result",   "it",           "is",
	    "are",       "that",     "there",        "ans",
	    "correct",   "exactly",  "about",        "approximately",
	    "roughly",   "value",    "values",       "solution",
	    "solutions", "i",        "finally",      "then",
	    "this",      "which",    "all",          "only",
	    "of",        "response", "option",       "choice",
	    "must",      "be",       "can",          "conclude",
	    "obtain",    "find",     "consequently", "clearly",
	    NULL};
	static const char *const behind[] = {
	    "is",      "are",           "equals",  "equal",  "to",   "be",
	    "was",     "were",          "exactly", "about",  "must", "should",
	    "roughly", "approximately", "will",    "would",  "can",  "of",
	    "a",       "the",           "an",      "only",   "at",   "becomes",
	    "has",     "have",          "gives",   "yields", "get",  "totals",
	    "then",    "also",          NULL};

	words = trim(words);
	if (is_one_capital(words)) /* a name, and no article */
		return head(words, 1);
	drop_words_in_front(&words, front);
	drop_words_behind(&words, behind);
	return words;
}

/* -------------------------------------------------------------- conditions */

const char *claim_condition(grpo_str words)
{
	static const char *const declares[] = {"for", "where", "with", "given",
					       NULL};
	static const char *const cases[] = {"if",       "when",     "whenever",
					    "provided", "assuming", NULL};
	static const char *const reasons[] = {"because", "since", "so", "as",
					      NULL};
	static const char *const some[] = {"there exists", "there exist",
					   "exists", "for some", NULL};

	if (first_of(words, some))
		return CONDITION_SOME;
	if (first_of(words, declares))
		return CONDITION_FOR;
	if (first_of(words, cases))
		return CONDITION_IF;
	return first_of(words, reasons) ? CONDITION_REASON : NULL;
}

size_t claim_introduction(grpo_str words)
{
	static const char *const front[] = {
	    "for",      "where",    "with",     "given", "if",      "when",
	    "whenever", "provided", "assuming", "all",   "any",     "every",
	    "each",     "that",     "some",     "there", "exists",  "exist",
	    "a",        "an",       "the",      "real",  "because", "since",
	    "so",       "as",       NULL};
	grpo_str rest = words;

	drop_words_in_front(&rest, front);
	return words.len - rest.len;
}

int claim_restricts(grpo_str condition)
{
	static const char *const words[] = {
	    "odd",   "even",  "prime", "composite", "multiple", "divisible",
	    "large", "small", "zero",  "otherwise", "case",     "probability",
	    "equal", "only",  "first", "last",      "except",   NULL};

	for (size_t i = 0; i < condition.len; i++)
		if (is_digit(condition.ptr[i]) ||
		    strchr("<>=", condition.ptr[i]))
			return 1;
	return has_word(condition, words) || claim_denies(condition);
}

const char *claim_declared_set(grpo_str condition)
{
	static const char *const whole[] = {"integer", "integers", "whole",
					    NULL};
	static const char *const natural[] = {"natural", NULL};
	static const char *const real[] = {"real", "reals", NULL};
	static const char *const signs[] = {"positive",    "negative", "non",
					    "nonnegative", "nonzero",  NULL};

	if (has_word(condition, signs))
		return NULL;
	if (has_word(condition, natural))
		return "N";
	if (has_word(condition, whole))
		return "Z";
	return has_word(condition, real) ? "R" : NULL;
}
