/* SPDX-License-Identifier: MIT */
/* Signs beyond ASCII, and what they stand for. */
#include <string.h>

#include "../tree/expr.h"
#include "../tree/slice.h"
#include "lex.h"
#include "words.h"

/* clang-format off */

/* Signs by their UTF-8. */
static const struct word signs[] = {
    {"\xc2\xa0", WORD_PLAIN, WORD_DROP, 0, NULL}, /* U+00A0 */
    {"\xc2\xa3", WORD_PLAIN, T_DOLLAR, 1, NULL}, /* U+00A3 */
    {"\xc2\xa5", WORD_PLAIN, T_DOLLAR, 3, NULL}, /* U+00A5 */
    {"\xc2\xb0", WORD_PLAIN, T_DEGREE, 0, NULL}, /* U+00B0 */
    {"\xc2\xb1", WORD_PLAIN, T_PM, 0, NULL}, /* U+00B1 */
    {"\xc2\xb7", WORD_PLAIN, T_TIMES, 0, NULL}, /* U+00B7 */
    {"\xc2\xba", WORD_PLAIN, T_DEGREE, 0, NULL}, /* U+00BA */
    {"\xc3\x97", WORD_PLAIN, T_TIMES, 0, NULL}, /* U+00D7 */
    {"\xc3\xb7", WORD_PLAIN, T_DIVIDE, 0, NULL}, /* U+00F7 */
    {"\xce\x93", WORD_PLAIN, T_SYMBOL, 0, "Gamma"}, /* U+0393 */
    {"\xce\x94", WORD_PLAIN, T_SYMBOL, 0, "Delta"}, /* U+0394 */
    {"\xce\x98", WORD_PLAIN, T_SYMBOL, 0, "Theta"}, /* U+0398 */
    {"\xce\x9b", WORD_PLAIN, T_SYMBOL, 0, "Lambda"}, /* U+039B */
    {"\xce\xa3", WORD_PLAIN, T_SYMBOL, 0, "Sigma"}, /* U+03A3 */
    {"\xce\xa6", WORD_PLAIN, T_SYMBOL, 0, "Phi"}, /* U+03A6 */
    {"\xce\xa9", WORD_PLAIN, T_SYMBOL, 0, "Omega"}, /* U+03A9 */
    {"\xce\xb1", WORD_PLAIN, T_SYMBOL, 0, "alpha"}, /* U+03B1 */
    {"\xce\xb2", WORD_PLAIN, T_SYMBOL, 0, "beta"}, /* U+03B2 */
    {"\xce\xb3", WORD_PLAIN, T_SYMBOL, 0, "gamma"}, /* U+03B3 */
    {"\xce\xb4", WORD_PLAIN, T_SYMBOL, 0, "delta"}, /* U+03B4 */
    {"\xce\xb5", WORD_PLAIN, T_SYMBOL, 0, "epsilon"}, /* U+03B5 */
    {"\xce\xb6", WORD_PLAIN, T_SYMBOL, 0, "zeta"}, /* U+03B6 */
    {"\xce\xb7", WORD_PLAIN, T_SYMBOL, 0, "eta"}, /* U+03B7 */
    {"\xce\xb8", WORD_PLAIN, T_SYMBOL, 0, "theta"}, /* U+03B8 */
    {"\xce\xb9", WORD_PLAIN, T_SYMBOL, 0, "iota"}, /* U+03B9 */
    {"\xce\xba", WORD_PLAIN, T_SYMBOL, 0, "kappa"}, /* U+03BA */
    {"\xce\xbb", WORD_PLAIN, T_SYMBOL, 0, "lambda"}, /* U+03BB */
    {"\xce\xbc", WORD_PLAIN, T_SYMBOL, 0, "mu"}, /* U+03BC */
    {"\xce\xbd", WORD_PLAIN, T_SYMBOL, 0, "nu"}, /* U+03BD */
    {"\xce\xbe", WORD_PLAIN, T_SYMBOL, 0, "xi"}, /* U+03BE */
    {"\xcf\x80", WORD_PLAIN, T_LEAF, EXPR_PI, NULL}, /* U+03C0 */
    {"\xcf\x81", WORD_PLAIN, T_SYMBOL, 0, "rho"}, /* U+03C1 */
    {"\xcf\x83", WORD_PLAIN, T_SYMBOL, 0, "sigma"}, /* U+03C3 */
    {"\xcf\x84", WORD_PLAIN, T_SYMBOL, 0, "tau"}, /* U+03C4 */
    {"\xcf\x85", WORD_PLAIN, T_SYMBOL, 0, "upsilon"}, /* U+03C5 */
    {"\xcf\x86", WORD_PLAIN, T_SYMBOL, 0, "phi"}, /* U+03C6 */
    {"\xcf\x87", WORD_PLAIN, T_SYMBOL, 0, "chi"}, /* U+03C7 */
    {"\xcf\x88", WORD_PLAIN, T_SYMBOL, 0, "psi"}, /* U+03C8 */
    {"\xcf\x89", WORD_PLAIN, T_SYMBOL, 0, "omega"}, /* U+03C9 */
    {"\xcf\x95", WORD_PLAIN, T_SYMBOL, 0, "phi"}, /* U+03D5 */
    {"\xe2\x80\x83", WORD_PLAIN, WORD_DROP, 0, NULL}, /* U+2003 */
    {"\xe2\x80\x89", WORD_PLAIN, WORD_DROP, 0, NULL}, /* U+2009 */
    {"\xe2\x80\x8b", WORD_PLAIN, WORD_DROP, 0, NULL}, /* U+200B */
    {"\xe2\x80\x93", WORD_PLAIN, T_MINUS, 0, NULL}, /* U+2013 */
    {"\xe2\x80\x94", WORD_PLAIN, T_MINUS, 0, NULL}, /* U+2014 */
    {"\xe2\x80\x99", WORD_PLAIN, T_PRIME, 0, NULL}, /* U+2019 */
    {"\xe2\x80\xa6", WORD_PLAIN, T_DOTS, 0, NULL}, /* U+2026 */
    {"\xe2\x80\xaf", WORD_PLAIN, WORD_DROP, 0, NULL}, /* U+202F */
    {"\xe2\x80\xb2", WORD_PLAIN, T_PRIME, 0, NULL}, /* U+2032 */
    {"\xe2\x81\x84", WORD_PLAIN, T_DIVIDE, 0, NULL}, /* U+2044 */
    {"\xe2\x82\xac", WORD_PLAIN, T_DOLLAR, 2, NULL}, /* U+20AC */
    {"\xe2\x82\xb9", WORD_PLAIN, T_DOLLAR, 4, NULL}, /* U+20B9 */
    {"\xe2\x84\x82", WORD_PLAIN, T_SET, 0, "C"}, /* U+2102 */
    {"\xe2\x84\x93", WORD_PLAIN, T_SYMBOL, 0, "ell"}, /* U+2113 */
    {"\xe2\x84\x95", WORD_PLAIN, T_SET, 0, "N"}, /* U+2115 */
    {"\xe2\x84\x9a", WORD_PLAIN, T_SET, 0, "Q"}, /* U+211A */
    {"\xe2\x84\x9d", WORD_PLAIN, T_SET, 0, "R"}, /* U+211D */
    {"\xe2\x84\xa4", WORD_PLAIN, T_SET, 0, "Z"}, /* U+2124 */
    {"\xe2\x86\x90", WORD_PLAIN, T_REL, OP_FROM, NULL}, /* U+2190 */
    {"\xe2\x86\x92", WORD_PLAIN, T_REL, OP_TO, NULL}, /* U+2192 */
    {"\xe2\x86\x94", WORD_PLAIN, T_REL, OP_BOTH_WAYS, NULL}, /* U+2194 */
    {"\xe2\x87\x8c", WORD_PLAIN, T_REL, OP_BOTH_WAYS, NULL}, /* U+21CC */
    {"\xe2\x87\x90", WORD_PLAIN, T_REL, OP_FOLLOWS, NULL}, /* U+21D0 */
    {"\xe2\x87\x92", WORD_PLAIN, T_REL, OP_IMPLIES, NULL}, /* U+21D2 */
    {"\xe2\x87\x94", WORD_PLAIN, T_REL, OP_IFF, NULL}, /* U+21D4 */
    {"\xe2\x88\x85", WORD_PLAIN, T_SET, 0, "empty"}, /* U+2205 */
    {"\xe2\x88\x87", WORD_PLAIN, T_FORM, 0, "nabla"}, /* U+2207 */
    {"\xe2\x88\x88", WORD_PLAIN, T_REL, OP_IN, NULL}, /* U+2208 */
    {"\xe2\x88\x89", WORD_PLAIN, T_REL, OP_NOT_IN, NULL}, /* U+2209 */
    {"\xe2\x88\x92", WORD_PLAIN, T_MINUS, 0, NULL}, /* U+2212 */
    {"\xe2\x88\x93", WORD_PLAIN, T_MP, 0, NULL}, /* U+2213 */
    {"\xe2\x88\x95", WORD_PLAIN, T_DIVIDE, 0, NULL}, /* U+2215 */
    {"\xe2\x88\x96", WORD_PLAIN, T_SETMINUS, 0, NULL}, /* U+2216 */
    {"\xe2\x88\x97", WORD_PLAIN, T_TIMES, 0, NULL}, /* U+2217 */
    {"\xe2\x88\x9a", WORD_PLAIN, T_SQRT, 2, NULL}, /* U+221A */
    {"\xe2\x88\x9b", WORD_PLAIN, T_SQRT, 3, NULL}, /* U+221B */
    {"\xe2\x88\x9e", WORD_PLAIN, T_LEAF, EXPR_INFINITY, NULL}, /* U+221E */
    {"\xe2\x88\xa0", WORD_PLAIN, T_ANGLE, 0, NULL}, /* U+2220 */
    {"\xe2\x88\xa9", WORD_PLAIN, T_INTERSECTION, 0, NULL}, /* U+2229 */
    {"\xe2\x88\xaa", WORD_PLAIN, T_UNION, 0, NULL}, /* U+222A */
    {"\xe2\x88\xb6", WORD_PLAIN, T_COLON, 0, NULL}, /* U+2236 */
    {"\xe2\x88\xbc", WORD_PLAIN, T_REL, OP_APPROX, "sim"}, /* U+223C */
    {"\xe2\x89\x83", WORD_PLAIN, T_REL, OP_APPROX, NULL}, /* U+2243 */
    {"\xe2\x89\x85", WORD_PLAIN, T_REL, OP_APPROX, "cong"}, /* U+2245 */
    {"\xe2\x89\x88", WORD_PLAIN, T_REL, OP_APPROX, "approx"}, /* U+2248 */
    {"\xe2\x89\xa0", WORD_PLAIN, T_REL, OP_NE, NULL}, /* U+2260 */
    {"\xe2\x89\xa1", WORD_PLAIN, T_REL, OP_CONGRUENT, NULL}, /* U+2261 */
    {"\xe2\x89\xa4", WORD_PLAIN, T_REL, OP_LE, NULL}, /* U+2264 */
    {"\xe2\x89\xa5", WORD_PLAIN, T_REL, OP_GE, NULL}, /* U+2265 */
    {"\xe2\x8a\x82", WORD_PLAIN, T_REL, OP_SUBSET, NULL}, /* U+2282 */
    {"\xe2\x8a\x86", WORD_PLAIN, T_REL, OP_SUBSET, NULL}, /* U+2286 */
    {"\xe2\x8b\x85", WORD_PLAIN, T_TIMES, 0, NULL}, /* U+22C5 */
    {"\xe2\x8b\xaf", WORD_PLAIN, T_DOTS, 0, NULL}, /* U+22EF */
    {"\xe2\x8c\x88", WORD_PLAIN, T_OPEN, 'C', NULL}, /* U+2308 */
    {"\xe2\x8c\x89", WORD_PLAIN, T_CLOSE, 'C', NULL}, /* U+2309 */
    {"\xe2\x8c\x8a", WORD_PLAIN, T_OPEN, 'F', NULL}, /* U+230A */
    {"\xe2\x8c\x8b", WORD_PLAIN, T_CLOSE, 'F', NULL}, /* U+230B */
    {"\xe2\x91\xa0", WORD_PLAIN, T_SYMBOL, 0, NULL}, /* U+2460 */
    {"\xe2\x91\xa1", WORD_PLAIN, T_SYMBOL, 0, NULL}, /* U+2461 */
    {"\xe2\x91\xa2", WORD_PLAIN, T_SYMBOL, 0, NULL}, /* U+2462 */
    {"\xe2\x91\xa3", WORD_PLAIN, T_SYMBOL, 0, NULL}, /* U+2463 */
    {"\xe2\x91\xa4", WORD_PLAIN, T_SYMBOL, 0, NULL}, /* U+2464 */
    {"\xe2\x91\xa5", WORD_PLAIN, T_SYMBOL, 0, NULL}, /* U+2465 */
    {"\xe2\x91\xa6", WORD_PLAIN, T_SYMBOL, 0, NULL}, /* U+2466 */
    {"\xe2\x91\xa7", WORD_PLAIN, T_SYMBOL, 0, NULL}, /* U+2467 */
    {"\xe2\x91\xa8", WORD_PLAIN, T_SYMBOL, 0, NULL}, /* U+2468 */
    {"\xe2\x91\xa9", WORD_PLAIN, T_SYMBOL, 0, NULL}, /* U+2469 */
    {"\xe2\x91\xaa", WORD_PLAIN, T_SYMBOL, 0, NULL}, /* U+246A */
    {"\xe2\x91\xab", WORD_PLAIN, T_SYMBOL, 0, NULL}, /* U+246B */
    {"\xe2\x91\xac", WORD_PLAIN, T_SYMBOL, 0, NULL}, /* U+246C */
    {"\xe2\x91\xad", WORD_PLAIN, T_SYMBOL, 0, NULL}, /* U+246D */
    {"\xe2\x91\xae", WORD_PLAIN, T_SYMBOL, 0, NULL}, /* U+246E */
    {"\xe2\x91\xaf", WORD_PLAIN, T_SYMBOL, 0, NULL}, /* U+246F */
    {"\xe2\x91\xb0", WORD_PLAIN, T_SYMBOL, 0, NULL}, /* U+2470 */
    {"\xe2\x91\xb1", WORD_PLAIN, T_SYMBOL, 0, NULL}, /* U+2471 */
    {"\xe2\x91\xb2", WORD_PLAIN, T_SYMBOL, 0, NULL}, /* U+2472 */
    {"\xe2\x91\xb3", WORD_PLAIN, T_SYMBOL, 0, NULL}, /* U+2473 */
    {"\xe2\x96\xb3", WORD_PLAIN, T_ANGLE, 1, NULL}, /* U+25B3 */
    {"\xe2\x9f\xa8", WORD_PLAIN, T_OPEN, '<', NULL}, /* U+27E8 */
    {"\xe2\x9f\xa9", WORD_PLAIN, T_CLOSE, '<', NULL}, /* U+27E9 */
    {"\xe2\xa9\xbd", WORD_PLAIN, T_REL, OP_LE, NULL}, /* U+2A7D */
    {"\xe2\xa9\xbe", WORD_PLAIN, T_REL, OP_GE, NULL}, /* U+2A7E */
    {"\xe3\x80\x81", WORD_PLAIN, T_COMMA, 0, NULL}, /* U+3001 */
    {"\xe3\x80\x82", WORD_PLAIN, WORD_DROP, 0, NULL}, /* U+3002 */
    {"\xef\xbb\xbf", WORD_PLAIN, WORD_DROP, 0, NULL}, /* U+FEFF */
    {"\xef\xbc\x85", WORD_PLAIN, T_PERCENT, 0, NULL}, /* U+FF05 */
    {"\xef\xbc\x88", WORD_PLAIN, T_OPEN, '(', NULL}, /* U+FF08 */
    {"\xef\xbc\x89", WORD_PLAIN, T_CLOSE, '(', NULL}, /* U+FF09 */
    {"\xef\xbc\x8c", WORD_PLAIN, T_COMMA, 0, NULL}, /* U+FF0C */
    {"\xef\xbc\x9a", WORD_PLAIN, T_COLON, 0, NULL}, /* U+FF1A */
    {"\xef\xbc\x9b", WORD_PLAIN, T_SEMICOLON, 0, NULL}, /* U+FF1B */
    {"\xef\xbc\x9d", WORD_PLAIN, T_REL, OP_EQ, NULL}, /* U+FF1D */
};

/* clang-format on */

const struct word *word_sign(grpo_str text, size_t *len)
{
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
		if (begins(text, signs[i].name)) {
			*len = strlen(signs[i].name);
			return &signs[i];
		}
	}
	return NULL;
}
