/* SPDX-License-Identifier: MIT */
#ifndef CODE_VERDICT_H
#define CODE_VERDICT_H

/*
 * What became of a program on one test, and of a whole row.  The numbers travel
 * between the plug-in and its supervisor, which are always of one build.
 *
 * NAME(constant, word): the word is the name in explanations and metrics.
 */
#define CODE_VERDICTS(NAME)                                                    \
	NAME(CODE_PASSED, "passed")                                            \
	NAME(CODE_WRONG, "wrong_answer")                                       \
	NAME(CODE_COMPILE_ERROR, "compile_error")                              \
	NAME(CODE_RUNTIME_ERROR, "runtime_error")                              \
	NAME(CODE_TIME, "time_limit")                                          \
	NAME(CODE_MEMORY, "memory_limit")                                      \
	NAME(CODE_OUTPUT, "output_limit")                                      \
	/* not the completion's doing */                                       \
	NAME(CODE_NOT_RUN, "not_run")     /* an earlier test failed */         \
	NAME(CODE_BAD_TESTS, "bad_tests") /* the row's tests can't be used */  \
	NAME(CODE_FAILED, "sandbox_failed")

enum code_verdict {
#define CODE_VERDICT_CONSTANT(constant, word) constant,
	CODE_VERDICTS(CODE_VERDICT_CONSTANT)
#undef CODE_VERDICT_CONSTANT
	    CODE_N_VERDICTS
};

/** The word of a verdict; "unknown" for a number that is none. */
const char *code_verdict_word(int verdict);

#endif
