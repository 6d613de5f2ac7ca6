/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_CUES_H
#define GRPO_MATH_CUES_H

/*
 * Words of several languages that announce an answer: "answer", 答案, Ответ,
 * 故选; and sentences that choose: "option C is correct", 选项B正确.
 */
#include "grpo/reward.h"

enum cue_link {
	CUE_NONE,
	CUE_VERB, /* a verb or a colon follows, or a formula: "the answer is" */
	CUE_COLON, /* a colon follows at once: 答： */
	CUE_NOW,   /* the value follows at once: 答えは */
	CUE_LETTER /* the letter of a choice follows at once: 故选 */
};

/* The cue at p in the text; *rest is what follows it. */
enum cue_link cue_take(grpo_str text, const char *p, grpo_str *rest);

/* "answer", "answers" and 答案, the cues of a final answer. */
int cue_take_answer(grpo_str *s);

/* "is", and its like in other languages. */
int cue_take_verb(grpo_str *s);

/* ":" and "：". */
int cue_take_colon(grpo_str *s);

/* choices.c: the letter of a choice, alone, with the marks before it. */
int cue_take_letter(grpo_str *s, grpo_str *letter);

/* "option C is correct" at p: its letter.  Not "option C is incorrect". */
int cue_chosen(grpo_str text, const char *p, grpo_str *letter);

/* Whether the words of a sentence behind a cue deny the value that follows
 * them: "is not 5", 不是5, 5ではない. */
int cue_denies(grpo_str sentence);

/* Whether the words before the value that ends the sentence make another value
 * or a bound of it: "the reciprocal of 9". */
int cue_acts(grpo_str sentence);

/* Whether a denial stands right before p: "not 5", 不选. */
int cue_denied_before(grpo_str text, const char *p);

/* Whether the sentence around the value from p to end calls it wrong. */
int cue_called_wrong(grpo_str text, const char *p, const char *end);

/* What follows "but" in a sentence that denies: "is not 5 but 7". */
int cue_corrects(grpo_str sentence, grpo_str *rest);

/* operands.c */

/* Whether the last number is only an operand of another: "36 boxes of 12". */
int cue_has_operand(grpo_str s);

/* Whether what follows a value leads to its operand: " boxes of 12". */
int cue_leads_on(grpo_str s);

/* Whether it calls its last value too large or too small. */
int cue_exceeds(grpo_str s);

/* Whether it ends in a number and three points. */
int cue_goes_on(grpo_str s);

/* The 37 of "37 instead of 36", or all of it. */
grpo_str cue_preferred(grpo_str s);

/* Whether the clause doubts what it says at p. */
int cue_doubted(grpo_str text, const char *p);

/* For choices.c, with a list of words that NULL ends. */

/* Whether no word goes on at p, in any script. */
int cue_begins_word(grpo_str s, const char *p);

/* One of the words at the front. */
int cue_take_any(grpo_str *s, const char *const *words);

/* Whether one of them stands somewhere. */
int cue_has_any(grpo_str s, const char *const *words);

#endif
