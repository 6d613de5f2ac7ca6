/* SPDX-License-Identifier: MIT */
#include "abroad.h"
#include "../tree/slice.h"

/* ---------------------------------------------------------------- letters */

/* The sign that the text begins with, and its bytes; 0 for ASCII and for what
 * is no UTF-8. */
static unsigned long decode(grpo_str s, size_t *n)
{
	unsigned char first = s.len ? (unsigned char)s.ptr[0] : 0;
	unsigned long code;

	*n = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
	if (first < 0xc2 || first > 0xf4 || s.len < *n)
		return 0;
	code = first & (0x7fu >> *n);
	for (size_t i = 1; i < *n; i++) {
		if (((unsigned char)s.ptr[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | ((unsigned char)s.ptr[i] & 0x3f);
	}
	return code;
}

size_t abroad_latin(grpo_str s)
{
	size_t n;
	unsigned long c;

	if (!s.len || (unsigned char)s.ptr[0] < 0xc3)
		return 0;
	c = decode(s, &n);
	if ((c >= 0xc0 && c <= 0x24f && c != 0xd7 && c != 0xf7) ||
	    (c >= 0x300 && c <= 0x36f) || (c >= 0x1e00 && c <= 0x1eff))
		return n;
	return 0;
}

/* Lines through or over a letter, which stand for no letter of their own. */
static int is_line(unsigned long c)
{
	return (c >= 0x304 && c <= 0x305) || (c >= 0x332 && c <= 0x338);
}

/* Signs that say nothing beside words, and those of units. */
static int is_harmless_sign(unsigned long c)
{
	static const unsigned long signs[] = {
	    0xa0,   0xaa,   0xb0,   0xb2,   0xb3,   0xb5,   0xb7,
	    0xba,   0x200b, 0x2013, 0x2014, 0x2018, 0x2019, 0x201c,
	    0x201d, 0x2032, 0x2033, 0x2103, 0x2109, 0x2116, 0x2126,
	    0x3001, 0x3002, 0xfeff, 0xff0c, 0xff1a};

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (c == signs[i])
			return 1;
	return (c >= 0xa2 && c <= 0xa5) || (c >= 0x20a0 && c <= 0x20bf) ||
	       (c >= 0x3380 && c <= 0x33df) || (c >= 0x391 && c <= 0x3c9);
}

static int is_other_letter(unsigned long c)
{
	static const unsigned long ranges[][2] = {
	    {0x400, 0x52f} /* Cyrillic */,
	    {0x531, 0x65f} /* Armenian, Hebrew, Arabic */,
	    {0x66e, 0x6d3},
	    {0x904, 0x965} /* Hindi */,
	    {0x970, 0xe5b} /* other languages of India, Thai */,
	    {0x3005, 0x3007},
	    {0x3041, 0x30ff} /* Japanese */,
	    {0x3400, 0x9fff} /* Chinese */,
	    {0xac00, 0xd7a3} /* Korean */,
	    {0xf900, 0xfaff},
	};

	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (c >= ranges[i][0] && c <= ranges[i][1])
			return c != 0x30fb; /* ・ */
	return 0;
}

size_t abroad_letters(grpo_str s)
{
	size_t at = 0, n;

	while (at < s.len &&
	       is_other_letter(decode((grpo_str){s.ptr + at, s.len - at}, &n)))
		at += n;
	return at;
}

/* A number of a script that has signs for numbers: 千 of 5千, 一 of 一5. */
static int is_numeral(grpo_str s)
{
	static const char *const numerals =
	    "一二三四五六七八九十百千兆两兩半零〇ー";
	size_t at = 0;

	while (at + 3 <= s.len) {
		const char *sign = numerals;

		while (*sign && memcmp(sign, s.ptr + at, 3) != 0)
			sign += 3;
		if (!*sign)
			return 0;
		at += 3;
	}
	return at > 0 && at == s.len;
}

/* Bytes of the sign other than a letter that may stand among words, or 0. */
static size_t harmless_sign(grpo_str s)
{
	size_t n;
	unsigned long c = decode(s, &n);

	return c && is_harmless_sign(c) ? n : 0;
}

int abroad_is_words(grpo_str s)
{
	if (is_numeral(s))
		return 0;
	while (s.len) {
		size_t n = 1, size;

		if ((unsigned char)s.ptr[0] >= 0x80)
			n = is_line(decode(s, &size)) ? 0 : abroad_latin(s);
		if (!n)
			n = abroad_letters(s);
		if (!n)
			n = harmless_sign(s);
		if (!n)
			return 0;
		drop(&s, n);
	}
	return 1;
}

/* ------------------------------------------------------------------ words */

static const struct joining {
	const char *word;
	char sign;
} joining[] = {
    {"或", '|'},     {"或者", '|'}, {"和", '&'},       {"及", '&'},
    {"以及", '&'},   {"与", '&'},   {"與", '&'},       {"且", '&'},
    {"または", '|'}, {"又は", '|'}, {"もしくは", '|'}, {"と", '&'},
    {"および", '&'}, {"及び", '&'}, {"또는", '|'},     {"혹은", '|'},
    {"그리고", '&'}, {"와", '&'},   {"과", '&'},       {"или", '|'},
    {"и", '&'},      {"або", '|'},  {"hoặc", '|'},     {"và", '&'},
    {"ou", '|'},     {"oder", '|'}, {"und", '&'},      {"et", '&'},
};

char abroad_joins(grpo_str word)
{
	for (size_t i = 0; i < sizeof joining / sizeof *joining; i++)
		if (word.len && word.ptr[0] == joining[i].word[0] &&
		    str_is(word, joining[i].word))
			return joining[i].sign;
	return 0;
}

size_t abroad_ends_joining(grpo_str letters)
{
	size_t longest = 0;

	for (size_t i = 0; i < sizeof joining / sizeof *joining; i++) {
		size_t n = strlen(joining[i].word);

		if ((unsigned char)joining[i].word[0] >= 0xe3 && n > longest &&
		    ends(letters, joining[i].word))
			longest = n;
	}
	return longest;
}

int abroad_equals(grpo_str word)
{
	static const char *const words[] = {
	    "为",     "為",       "是",    "等于",  "等於",  "的值为",
	    "的值是", "的值等于", "равно", "равен", "равна", NULL};

	for (int i = 0; words[i]; i++)
		if (str_is(word, words[i]))
			return 1;
	return 0;
}

/* Parts of words in scripts that have no spaces. */
static const char *const denying_parts[] = {
    "不",     "没",     "非",       "無",   "无",     "未",       "否",
    "错",     "錯",     "誤",       "误",   "負",     "负",       "倍",
    "分之",   "倒数",   "倒數",     "至少", "至多",   "最少",     "最多",
    "大于",   "大於",   "小于",     "小於", "超过",   "超過",     "多于",
    "少于",   "低于",   "高于",     "以上", "以下",   "以内",     "以外",
    "除以",   "除了",   "除外",     "一半", "余数",   "的平方",   "的立方",
    "平方根", "立方根", "次方",     "根号", "相反数", "绝对值",   "之间",
    "排除",   "减",     "減",       "加上", "增加",   "乘以",     "ない",
    "ません", "より",   "未満",     "分の", "逆数",   "少なくと", "阶乘",
    "階乘",   "べき",   "半分",     "将近", "將近",   "乗",       "아니",
    "아닙",   "아닌",   "않",       "이상", "이하",   "미만",     "초과",
    "분의",   "역수",   "음수",     "제외", "틀",     "빼",       "배수",
    "절반",   "제곱",   "マイナス", NULL};

static const char *const denying_words[] = {
    "Неправильный", "Неверный",   "Не",           "Нет",
    "배",           "lần",        "veces",        "vezes",
    "volte",        "外",         "除",           "nunca",
    "keinesfalls",  "jamais",     "неправильный", "неверный",
    "mauvaise",     "falsche",    "incorrecta",   "fausse",
    "не",           "нет",        "кроме",        "больше",
    "меньше",       "более",      "менее",        "минус",
    "неверно",      "половина",   "половины",     "дважды",
    "вдвое",        "раз",        "обратное",     "pas",
    "non",          "sauf",       "moins",        "moitié",
    "demi",         "fois",       "nicht",        "kein",
    "keine",        "außer",      "ausser",       "mehr",
    "weniger",      "mindestens", "höchstens",    "falsch",
    "halb",         "halbe",      "hälfte",       "mal",
    "menos",        "más",        "excepto",      "salvo",
    "mitad",        "doble",      "triple",       "não",
    "mais",         "exceto",     "metade",       "dobro",
    "không",        "trừ",        "hơn",          "nhất",
    "âm",           "nửa",        "tranne",       "metà",
    "doppio",       "meno",       "nie",          "weder",
    "sans",         "sem",        "senza",        "ohne",
    "без",          NULL};

static int is_letter_byte(char c)
{
	return is_letter(c) || (unsigned char)c >= 0x80;
}

/* Words that have such a part and do not act. */
static const char *const harmless[] = {"公倍数", "公倍數", "不等式", "未知数",
				       "未知數", "无理数", "非负",   NULL};

/* Bytes of the first of the words that the text begins with, or 0. */
static size_t first_of(grpo_str s, const char *const *words)
{
	for (int i = 0; words[i]; i++)
		if (begins_nocase(s, words[i]))
			return strlen(words[i]);
	return 0;
}

static int has_part(grpo_str s)
{
	while (s.len) {
		size_t n = 0;

		if ((unsigned char)s.ptr[0] >= 0xe3) {
			n = first_of(s, harmless);
			if (!n && first_of(s, denying_parts))
				return 1;
		}
		drop(&s, n ? n : 1);
	}
	return 0;
}

static int is_denying(grpo_str word)
{
	char first = lower(word.ptr[0]);

	for (int i = 0; denying_words[i]; i++)
		if (first == denying_words[i][0] &&
		    strlen(denying_words[i]) == word.len &&
		    begins_nocase(word, denying_words[i]))
			return 1;
	return 0;
}

static int has_word(grpo_str s)
{
	while (s.len) {
		size_t n = 0;

		while (n < s.len && is_letter_byte(s.ptr[n]))
			n++;
		if (n && is_denying(head(s, n)))
			return 1;
		drop(&s, n ? n : 1);
	}
	return 0;
}

int abroad_denies(grpo_str words)
{
	return has_part(words) || has_word(words);
}
