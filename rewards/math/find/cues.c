/* SPDX-License-Identifier: MIT */
#include "cues.h"
#include "../tree/slice.h"

#define MAX_AROUND 100 /* bytes of a sentence, in front of a value */

/* Whether a letter begins with this byte that is no Chinese, Japanese or Korean
 * one: these put no spaces between words. */
static int begins_foreign(unsigned char c)
{
	return (c >= 0xc3 && c <= 0xdf) || c == 0xe1;
}

static int ends_word(grpo_str rest)
{
	return !rest.len || (!is_letter(rest.ptr[0]) &&
			     !begins_foreign((unsigned char)rest.ptr[0]));
}

/* A word in letters that have spaces around words must end there. */
static int take_cue(grpo_str *s, const char *word)
{
	grpo_str rest = *s;

	if (!s->len || lower(s->ptr[0]) != word[0] || !begins_nocase(*s, word))
		return 0;
	drop(&rest, strlen(word));
	if ((unsigned char)word[0] < 0xe3 && !ends_word(rest))
		return 0;
	*s = rest;
	return 1;
}

int cue_take_any(grpo_str *s, const char *const *words)
{
	char first = s->len ? lower(s->ptr[0]) : '\0';

	for (int i = 0; words[i]; i++)
		if (words[i][0] == first && take_cue(s, words[i]))
			return 1;
	return 0;
}

static int is_continued(char c) /* inside a sign of several bytes */
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Whether no word goes on at p. */
int cue_begins_word(grpo_str s, const char *p)
{
	const char *before = p;

	if (is_continued(p[0]) || !is_word_start(s, p))
		return 0;
	while (before > s.ptr && is_continued(before[-1]))
		before--;
	return (unsigned char)p[0] >= 0xe3 || before == s.ptr ||
	       !begins_foreign((unsigned char)before[-1]);
}

/* Signs and scripts without spaces may stand anywhere. */
static int may_stand(grpo_str s, const char *p)
{
	return (unsigned char)p[0] >= 0xe2 ||
	       (!is_letter(p[0]) && (unsigned char)p[0] < 0x80) ||
	       cue_begins_word(s, p);
}

/* Whether one of the words stands somewhere in it. */
int cue_has_any(grpo_str s, const char *const *words)
{
	for (grpo_str at = s; at.len; drop(&at, 1)) {
		grpo_str rest = at;

		if (may_stand(s, at.ptr) && cue_take_any(&rest, words))
			return 1;
	}
	return 0;
}

/* ------------------------------------------------------------------- cues */

static const struct cue {
	const char *text;
	uint8_t link; /* enum cue_link */
} cues[] = {
    {"answer", CUE_VERB},
    {"answers", CUE_VERB},
    {"correct option", CUE_VERB},
    {"correct options", CUE_VERB},
    {"correct choice", CUE_VERB},
    {"correct choices", CUE_VERB},
    {"right option", CUE_VERB},
    {"right choice", CUE_VERB},
    {"best option", CUE_VERB},
    {"best choice", CUE_VERB},
    {"go with", CUE_LETTER},
    {"i choose", CUE_LETTER},
    {"i pick", CUE_LETTER},
    {"i select", CUE_LETTER},
    {"答案", CUE_VERB},
    {"正确选项", CUE_VERB},
    {"正確選項", CUE_VERB},
    {"正确的选项", CUE_VERB},
    {"正确的是", CUE_LETTER},
    {"答案选", CUE_LETTER},
    {"答案選", CUE_LETTER},
    {"答", CUE_COLON},
    {"答え", CUE_COLON},
    {"答えは", CUE_NOW},
    {"解答", CUE_COLON},
    {"解答は", CUE_NOW},
    {"正解", CUE_COLON},
    {"正解は", CUE_NOW},
    {"故选", CUE_LETTER},
    {"故選", CUE_LETTER},
    {"应选", CUE_LETTER},
    {"應選", CUE_LETTER},
    {"选", CUE_LETTER},
    {"選", CUE_LETTER},
    {"选择", CUE_LETTER},
    {"選擇", CUE_LETTER},
    {"답", CUE_COLON},
    {"답은", CUE_NOW},
    {"답이", CUE_NOW},
    {"정답", CUE_COLON},
    {"정답은", CUE_NOW},
    {"답안", CUE_COLON},
    {"ответ", CUE_VERB},
    {"Ответ", CUE_VERB},
    {"ОТВЕТ", CUE_VERB},
    {"ответ —", CUE_NOW},
    {"Ответ —", CUE_NOW},
    {"ответ –", CUE_NOW},
    {"Ответ –", CUE_NOW},
    {"відповідь", CUE_VERB},
    {"Відповідь", CUE_VERB},
    {"đáp án", CUE_VERB},
    {"Đáp án", CUE_VERB},
    {"đáp số", CUE_VERB},
    {"Đáp số", CUE_VERB},
    {"chọn", CUE_LETTER},
    {"réponse", CUE_VERB},
    {"r\xc3\x89ponse", CUE_VERB},
    {"antwort", CUE_VERB},
    {"lösung", CUE_COLON},
    {"respuesta", CUE_VERB},
    {"resposta", CUE_VERB},
    {"risposta", CUE_VERB},
    {"odpowiedź", CUE_VERB},
    {"cevap", CUE_VERB},
    {"jawaban", CUE_VERB},
};

/* Bytes that a cue or a choice begins with. */
static int may_begin(char c)
{
	switch ((unsigned char)lower(c)) {
	case 'a':
	case 'b':
	case 'c':
	case 'g':
	case 'i':
	case 'j':
	case 'l':
	case 'o':
	case 'r':
	case 0xc4: /* đ */
	case 0xd0: /* о */
	case 0xd1:
	case 0xe5: /* 应 */
	case 0xe6: /* 故 */
	case 0xe7: /* 答 */
	case 0xe8: /* 解 */
	case 0xe9: /* 选 */
	case 0xeb: /* 답 */
	case 0xec: /* 정 */
		return 1;
	default:
		return 0;
	}
}

int cue_denied_before(grpo_str text, const char *p)
{
	static const char *const denials[] = {
	    "not",          "n't",      "n’t",       "never",
	    "cannot",       "wrong",    "incorrect", "false",
	    "invalid",      "不",       "未",        "别",
	    "没",           "勿",       "不是",      "不应",
	    "不能",         "不该",     "不可",      "不要",
	    "并非",         "错误",     "错误的",    "không",
	    "nicht",        "pas",      "falsche",   "неправильный",
	    "Неправильный", "неверный", "Неверный",  "mauvaise",
	    "\\ne",         "\\neq",    "≠",         "!=",
	    "~~",           NULL};
	grpo_str before = slice(text.ptr, p);

	while (before.len && (is_space(before.ptr[before.len - 1]) ||
			      strchr("$(\\", before.ptr[before.len - 1])))
		before.len--;
	for (int i = 0; denials[i]; i++) {
		size_t n = strlen(denials[i]);
		grpo_str last = {before.ptr + before.len - n, n};

		if (before.len >= n && begins_nocase(last, denials[i]))
			return 1;
	}
	return 0;
}

enum cue_link cue_take(grpo_str text, const char *p, grpo_str *rest)
{
	grpo_str s = slice(p, slice_end(text));
	enum cue_link link = CUE_NONE;
	size_t longest = 0;
	char first = lower(p[0]);

	if (!may_begin(p[0]) || !cue_begins_word(text, p))
		return CUE_NONE;
	for (size_t i = 0; i < sizeof cues / sizeof *cues; i++) {
		grpo_str at = s;

		if (cues[i].text[0] != first || !take_cue(&at, cues[i].text) ||
		    s.len - at.len <= longest)
			continue;
		longest = s.len - at.len;
		link = cues[i].link;
		*rest = at;
	}
	return link == CUE_LETTER && cue_denied_before(text, p) ? CUE_NONE
								: link;
}

int cue_take_answer(grpo_str *s)
{
	if (!s->len || (lower(s->ptr[0]) != 'a' && !begins(*s, "答")))
		return 0;
	return take_word(s, "answer") || take_word(s, "answers") ||
	       take(s, "答案");
}

int cue_take_verb(grpo_str *s)
{
	static const char *const verbs[] = {
	    "is",    "are", "be",   "equals", "是", "为",    "為",
	    "est",   "ist", "es",   "é",      "è",  "là",    "lautet",
	    "равен", "это", "jest", "adalah", "=",  "равно", NULL};

	return cue_take_any(s, verbs);
}

int cue_take_colon(grpo_str *s)
{
	return take(s, ":") || take(s, "：") || take(s, "】");
}

/* ---------------------------------------------------------------- denials */

/* Up to the first digit, formula or letter of a choice. */
static grpo_str before_value(grpo_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		int alone = i + 1 == s.len || !is_letter(s.ptr[i + 1]);

		if (is_digit(c) || c == '$' || c == '\\' ||
		    (c >= 'B' && c <= 'H' && alone &&
		     is_word_start(s, s.ptr + i)))
			return head(s, i);
	}
	return (grpo_str){s.ptr, 0};
}

static int ends_clause(char c)
{
	return c == ',' || c == ':' || c == ';';
}

/* Two words back from p, within its clause. */
static const char *words_before(grpo_str s, const char *p)
{
	for (int n = 0; p > s.ptr && !ends_clause(p[-1]); p--)
		if (is_space(p[-1]) && n++ == 2)
			break;
	return p;
}

/* What of the words before a value stands at their last verb: "cannot be ". */
static grpo_str at_last_verb(grpo_str words)
{
	const char *from = words.ptr;

	for (grpo_str at = words; at.len; drop(&at, 1)) {
		grpo_str rest = at;

		if (cue_take_colon(&rest))
			from = rest.ptr;
		else if (cue_begins_word(words, at.ptr) && cue_take_verb(&rest))
			from = words_before(words, at.ptr);
	}
	return slice(from, slice_end(words));
}

/* Up to a comma, or to the reason that is given. */
static grpo_str first_clause(grpo_str s)
{
	static const char *const reasons[] = {"because", "since", "as", NULL};

	for (grpo_str at = s; at.len; drop(&at, 1)) {
		grpo_str rest = at;

		if (at.ptr[0] == ',' || at.ptr[0] == ';' ||
		    (cue_begins_word(s, at.ptr) &&
		     cue_take_any(&rest, reasons)))
			return slice(s.ptr, at.ptr);
	}
	return s;
}

int cue_denies(grpo_str sentence)
{
	static const char *const before[] = {"incorrecta",
					     "incorreta",
					     "fausse",
					     "falsa",
					     "errata",
					     "nunca",
					     "jamais",
					     "keinesfalls",
					     "at least",
					     "at most",
					     "than",
					     "except",
					     "different from",
					     "far from",
					     "anything",
					     "not",
					     "never",
					     "cannot",
					     "pas",
					     "nicht",
					     "kein",
					     "keine",
					     "n'est",
					     "n’est",
					     "no es",
					     "não",
					     "non",
					     "не",
					     "không",
					     "nie",
					     "bukan",
					     "değil",
					     NULL};
	static const char *const parts[] = {
	    "至少", "至多", "大于", "小于", "不", "非", "没", "無", "无", NULL};
	static const char *const after[] = {
	    "ではない", "ではありません", "ではなく", "じゃない", "でない",
	    "아닙니다", "아니",           "değil",    NULL};
	static const char *const judging[] = {"is wrong",
					      "is incorrect",
					      "is false",
					      "is not right",
					      "is not correct",
					      "isn't right",
					      "isn't correct",
					      "is impossible",
					      "is not the answer",
					      "at minimum",
					      "at worst",
					      "at best",
					      NULL};
	grpo_str words = at_last_verb(before_value(sentence));

	for (grpo_str at = words; at.len; drop(&at, 1))
		if (begins_nocase(at, "n't") || begins_nocase(at, "n’t"))
			return 1;
	return cue_has_any(words, before) || cue_has_any(words, parts) ||
	       cue_has_any(sentence, after) ||
	       cue_has_any(first_clause(sentence), judging);
}

int cue_acts(grpo_str sentence)
{
	static const char *const words[] = {
	    "reciprocal of", "inverse of",   "root of",    "square of",
	    "cube of",       "power of",     "digits of",  "divisors of",
	    "factors of",    "digit sum of", "log of",     "logarithm of",
	    "opposite of",   "half of",      "third of",   "quarter of",
	    "twice",         "double",       "triple",     "up to",
	    "bounded by",    "bound of",     "approaches", "tends to",
	    "at worst",      "at best",      "instead of", "more than",
	    "fewer than",    "less than",    NULL};
	grpo_str before = before_value(sentence);
	grpo_str value = slice(slice_end(before), slice_end(sentence));
	size_t n = 0;

	while (n < value.len && !is_letter(value.ptr[n]) &&
	       !strchr(",;:=", value.ptr[n]))
		n++;
	return n == value.len && cue_has_any(before, words);
}

/* From the end of the sentence before p to that of the one that end is in. */
static grpo_str sentence_around(grpo_str text, const char *p, const char *end)
{
	const char *from = p;

	while (from > text.ptr && p - from < MAX_AROUND &&
	       !strchr(".!?\n>", from[-1]))
		from--;
	while (end < slice_end(text) && end - p < 2 * MAX_AROUND &&
	       !strchr(".!?\n<", *end))
		end++;
	return slice(from, end);
}

int cue_called_wrong(grpo_str text, const char *p, const char *end)
{
	static const char *const words[] = {
	    "wrong",          "incorrect", "false",      "untrue",
	    "mistaken",       "invalid",   "impossible", "falsch",
	    "faux",           "falso",     "incorrecto", "anything but",
	    "everything but", "all but",   "rule out",   "ruled out",
	    "i doubt",        "doubtful",  "unlikely",   NULL};

	return cue_has_any(sentence_around(text, p, end), words);
}

int cue_corrects(grpo_str sentence, grpo_str *rest)
{
	static const char *const words[] = {
	    "but", "rather", "sondern", "sino", "而是", "instead", NULL};
	static const char *const excluding[] = {
	    "anything but", "everything but", "all but", NULL};

	if (cue_has_any(sentence, excluding))
		return 0;
	for (grpo_str at = sentence; at.len; drop(&at, 1)) {
		*rest = at;
		if (is_word_start(sentence, at.ptr) &&
		    cue_take_any(rest, words))
			return 1;
	}
	return 0;
}
