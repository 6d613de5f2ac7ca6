/* SPDX-License-Identifier: MIT */
#include "verdict.h"

const char *code_verdict_word(int verdict)
{
	static const char *const words[] = {
#define WORD(constant, word) [constant] = (word),
	    CODE_VERDICTS(WORD)
#undef WORD
	};

	if (verdict < 0 || verdict >= CODE_N_VERDICTS)
		return "unknown";
	return words[verdict];
}
