/* SPDX-License-Identifier: MIT */
#include "words.h"

#include <stdlib.h>
#include <string.h>

#include "../tree/expr.h"
#include "../tree/slice.h"
#include "lex.h"

/* clang-format off */

/* By name, in the order of bytes; a name may stand twice. */
static const struct word words[] = {
    {"Big", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"Bigg", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"Biggl", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"Biggr", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"Bigl", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"Bigr", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"Delta", WORD_COMMAND, T_SYMBOL, 0, NULL},
    {"Gamma", WORD_COMMAND, T_SYMBOL, 0, NULL},
    {"Huge", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"Im", WORD_COMMAND, T_CALL, FN_IM, NULL},
    {"LARGE", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"Lambda", WORD_COMMAND, T_SYMBOL, 0, NULL},
    {"Large", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"Leftarrow", WORD_COMMAND, T_REL, OP_FOLLOWS, NULL},
    {"Leftrightarrow", WORD_COMMAND, T_REL, OP_IFF, NULL},
    {"Longleftarrow", WORD_COMMAND, T_REL, OP_FOLLOWS, NULL},
    {"Longleftrightarrow", WORD_COMMAND, T_REL, OP_IFF, NULL},
    {"Longrightarrow", WORD_COMMAND, T_REL, OP_IMPLIES, NULL},
    {"Omega", WORD_COMMAND, T_SYMBOL, 0, NULL},
    {"Phi", WORD_COMMAND, T_SYMBOL, 0, NULL},
    {"Pi", WORD_COMMAND, T_SYMBOL, 0, NULL},
    {"Psi", WORD_COMMAND, T_SYMBOL, 0, NULL},
    {"Re", WORD_COMMAND, T_CALL, FN_RE, NULL},
    {"Reals", WORD_COMMAND, T_SET, 0, "R"},
    {"Rightarrow", WORD_COMMAND, T_REL, OP_IMPLIES, NULL},
    {"Sigma", WORD_COMMAND, T_SYMBOL, 0, NULL},
    {"Theta", WORD_COMMAND, T_SYMBOL, 0, NULL},
    {"Upsilon", WORD_COMMAND, T_SYMBOL, 0, NULL},
    {"Vert", WORD_COMMAND, T_BAR, 'N', NULL},
    {"Xi", WORD_COMMAND, T_SYMBOL, 0, NULL},
    {"abs", WORD_BOTH, T_CALL, FN_ABS, NULL},
    {"acos", WORD_BOTH, T_CALL, FN_ACOS, NULL},
    {"acute", WORD_COMMAND, T_ACCENT, 0, NULL},
    {"aleph", WORD_COMMAND, T_SYMBOL, 0, NULL},
    {"alpha", WORD_BOTH, T_SYMBOL, 0, NULL},
    {"and", WORD_PLAIN, T_AND, 0, NULL},
    {"angle", WORD_COMMAND, T_ANGLE, 0, NULL},
    {"approx", WORD_PLAIN, T_REL, OP_APPROX, NULL},
    {"approx", WORD_COMMAND, T_REL, OP_APPROX, NULL},
    {"arccos", WORD_BOTH, T_CALL, FN_ACOS, NULL},
    {"arccosh", WORD_BOTH, T_CALL, FN_ACOSH, NULL},
    {"arccot", WORD_BOTH, T_CALL, FN_ACOT, NULL},
    {"arccsc", WORD_BOTH, T_CALL, FN_ACSC, NULL},
    {"arcctg", WORD_BOTH, T_CALL, FN_ACOT, NULL},
    {"arcosh", WORD_BOTH, T_CALL, FN_ACOSH, NULL},
    {"arcsec", WORD_BOTH, T_CALL, FN_ASEC, NULL},
    {"arcsin", WORD_BOTH, T_CALL, FN_ASIN, NULL},
    {"arcsinh", WORD_BOTH, T_CALL, FN_ASINH, NULL},
    {"arctan", WORD_BOTH, T_CALL, FN_ATAN, NULL},
    {"arctanh", WORD_BOTH, T_CALL, FN_ATANH, NULL},
    {"arctg", WORD_BOTH, T_CALL, FN_ATAN, NULL},
    {"arg", WORD_COMMAND, T_CALL, FN_ARG, NULL},
    {"arsinh", WORD_BOTH, T_CALL, FN_ASINH, NULL},
    {"artanh", WORD_BOTH, T_CALL, FN_ATANH, NULL},
    {"asin", WORD_BOTH, T_CALL, FN_ASIN, NULL},
    {"ast", WORD_COMMAND, T_TIMES, 0, NULL},
    {"atan", WORD_BOTH, T_CALL, FN_ATAN, NULL},
    {"backslash", WORD_COMMAND, T_SETMINUS, 0, NULL},
    {"bar", WORD_COMMAND, T_ACCENT, 0, NULL},
    {"because", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"begin", WORD_COMMAND, T_BEGIN, 0, NULL},
    {"beta", WORD_BOTH, T_SYMBOL, 0, NULL},
    {"bf", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"big", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"bigcap", WORD_COMMAND, T_INTERSECTION, 0, NULL},
    {"bigcup", WORD_COMMAND, T_UNION, 0, NULL},
    {"bigg", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"biggl", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"biggr", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"bigl", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"bigm", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"bigr", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"binom", WORD_COMMAND, T_BINOM, 0, NULL},
    {"bm", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"bmod", WORD_COMMAND, T_MOD, 0, NULL},
    {"boldsymbol", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"boxed", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"breve", WORD_COMMAND, T_ACCENT, 0, NULL},
    {"bullet", WORD_COMMAND, T_TIMES, 0, NULL},
    {"cap", WORD_COMMAND, T_INTERSECTION, 0, NULL},
    {"cbrt", WORD_PLAIN, T_SQRT, 3, NULL},
    {"cdot", WORD_COMMAND, T_TIMES, 0, NULL},
    {"cdots", WORD_COMMAND, T_DOTS, 0, NULL},
    {"ceil", WORD_BOTH, T_CALL, FN_CEIL, NULL},
    {"centering", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"cfrac", WORD_COMMAND, T_FRAC, 0, NULL},
    {"check", WORD_COMMAND, T_ACCENT, 0, NULL},
    {"chi", WORD_BOTH, T_SYMBOL, 0, NULL},
    {"choose", WORD_COMMAND, T_CHOOSE, 0, NULL},
    {"circ", WORD_COMMAND, T_DEGREE, 0, NULL},
    {"colon", WORD_COMMAND, T_COLON, 0, NULL},
    {"coloneqq", WORD_COMMAND, T_REL, OP_EQ, NULL},
    {"color", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"colorbox", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"cong", WORD_COMMAND, T_REL, OP_APPROX, NULL},
    {"conj", WORD_COMMAND, T_CALL, FN_CONJUGATE, NULL},
    {"cos", WORD_BOTH, T_CALL, FN_COS, NULL},
    {"cosec", WORD_BOTH, T_CALL, FN_CSC, NULL},
    {"cosh", WORD_BOTH, T_CALL, FN_COSH, NULL},
    {"cot", WORD_BOTH, T_CALL, FN_COT, NULL},
    {"coth", WORD_BOTH, T_CALL, FN_COTH, NULL},
    {"cr", WORD_COMMAND, T_ROW, 0, NULL},
    {"csc", WORD_BOTH, T_CALL, FN_CSC, NULL},
    {"csch", WORD_BOTH, T_CALL, FN_CSCH, NULL},
    {"ctg", WORD_BOTH, T_CALL, FN_COT, NULL},
    {"cup", WORD_COMMAND, T_UNION, 0, NULL},
    {"dbinom", WORD_COMMAND, T_BINOM, 0, NULL},
    {"deg", WORD_PLAIN, T_DEGREE, 0, NULL},
    {"degree", WORD_COMMAND, T_DEGREE, 0, NULL},
    {"degree", WORD_PLAIN, T_DEGREE, 0, NULL},
    {"degrees", WORD_PLAIN, T_DEGREE, 0, NULL},
    {"delta", WORD_BOTH, T_SYMBOL, 0, NULL},
    {"det", WORD_BOTH, T_CALL, FN_DET, NULL},
    {"dfrac", WORD_COMMAND, T_FRAC, 0, NULL},
    {"displaystyle", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"div", WORD_COMMAND, T_DIVIDE, 0, NULL},
    {"dot", WORD_COMMAND, T_DOT, 0, NULL},
    {"doteq", WORD_COMMAND, T_REL, OP_APPROX, NULL},
    {"dots", WORD_COMMAND, T_DOTS, 0, NULL},
    {"dotsb", WORD_COMMAND, T_DOTS, 0, NULL},
    {"dotsc", WORD_COMMAND, T_DOTS, 0, NULL},
    {"ell", WORD_COMMAND, T_SYMBOL, 0, NULL},
    {"em", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"emph", WORD_COMMAND, WORD_TEXT, 0, NULL},
    {"emptyset", WORD_COMMAND, T_SET, 0, "empty"},
    {"end", WORD_COMMAND, T_FINISH, 0, NULL},
    {"enspace", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"ensuremath", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"epsilon", WORD_BOTH, T_SYMBOL, 0, NULL},
    {"eq", WORD_COMMAND, T_REL, OP_EQ, NULL},
    {"equiv", WORD_COMMAND, T_REL, OP_CONGRUENT, NULL},
    {"eta", WORD_BOTH, T_SYMBOL, 0, NULL},
    {"exp", WORD_BOTH, T_CALL, FN_EXP, NULL},
    {"fbox", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"fcolorbox", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"flatfrac", WORD_COMMAND, T_FRAC, 0, NULL},
    {"floor", WORD_BOTH, T_CALL, FN_FLOOR, NULL},
    {"frac", WORD_COMMAND, T_FRAC, 0, NULL},
    {"gamma", WORD_BOTH, T_SYMBOL, 0, NULL},
    {"gcd", WORD_BOTH, T_CALL, FN_GCD, NULL},
    {"ge", WORD_COMMAND, T_REL, OP_GE, NULL},
    {"geq", WORD_COMMAND, T_REL, OP_GE, NULL},
    {"geqq", WORD_COMMAND, T_REL, OP_GE, NULL},
    {"geqslant", WORD_COMMAND, T_REL, OP_GE, NULL},
    {"gets", WORD_COMMAND, T_REL, OP_FROM, NULL},
    {"gt", WORD_COMMAND, T_REL, OP_GT, NULL},
    {"hat", WORD_COMMAND, T_ACCENT, 0, NULL},
    {"hbar", WORD_COMMAND, T_SYMBOL, 0, NULL},
    {"hbox", WORD_COMMAND, WORD_TEXT, 0, NULL},
    {"hdots", WORD_COMMAND, T_DOTS, 0, NULL},
    {"hfill", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"hspace", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"huge", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"iff", WORD_COMMAND, T_REL, OP_IFF, NULL},
    {"iiint", WORD_COMMAND, T_FORM, 0, NULL},
    {"iint", WORD_COMMAND, T_FORM, 0, NULL},
    {"imath", WORD_COMMAND, T_LEAF, EXPR_I, NULL},
    {"impliedby", WORD_COMMAND, T_REL, OP_FOLLOWS, NULL},
    {"implies", WORD_COMMAND, T_REL, OP_IMPLIES, NULL},
    {"in", WORD_COMMAND, T_REL, OP_IN, NULL},
    {"inf", WORD_PLAIN, T_LEAF, EXPR_INFINITY, NULL},
    {"infin", WORD_COMMAND, T_LEAF, EXPR_INFINITY, NULL},
    {"infinity", WORD_PLAIN, T_LEAF, EXPR_INFINITY, NULL},
    {"infty", WORD_COMMAND, T_LEAF, EXPR_INFINITY, NULL},
    {"int", WORD_COMMAND, T_FORM, 0, NULL},
    {"intersection", WORD_PLAIN, T_INTERSECTION, 0, NULL},
    {"iota", WORD_BOTH, T_SYMBOL, 0, NULL},
    {"it", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"kappa", WORD_BOTH, T_SYMBOL, 0, NULL},
    {"lVert", WORD_COMMAND, T_OPEN, 'N', NULL},
    {"label", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"lambda", WORD_BOTH, T_SYMBOL, 0, NULL},
    {"land", WORD_COMMAND, T_AND, 0, NULL},
    {"langle", WORD_COMMAND, T_OPEN, '<', NULL},
    {"large", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"lbrace", WORD_COMMAND, T_OPEN, 'S', NULL},
    {"lbrack", WORD_COMMAND, T_OPEN, '[', NULL},
    {"lceil", WORD_COMMAND, T_OPEN, 'C', NULL},
    {"lcm", WORD_BOTH, T_CALL, FN_LCM, NULL},
    {"ldots", WORD_COMMAND, T_DOTS, 0, NULL},
    {"le", WORD_COMMAND, T_REL, OP_LE, NULL},
    {"left", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"leftarrow", WORD_COMMAND, T_REL, OP_FROM, NULL},
    {"leftrightarrow", WORD_COMMAND, T_REL, OP_BOTH_WAYS, NULL},
    {"leq", WORD_COMMAND, T_REL, OP_LE, NULL},
    {"leqq", WORD_COMMAND, T_REL, OP_LE, NULL},
    {"leqslant", WORD_COMMAND, T_REL, OP_LE, NULL},
    {"lfloor", WORD_COMMAND, T_OPEN, 'F', NULL},
    {"lg", WORD_BOTH, T_LOG, 10, NULL},
    {"lim", WORD_COMMAND, T_FORM, 0, NULL},
    {"liminf", WORD_COMMAND, T_FORM, 0, NULL},
    {"limits", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"limsup", WORD_COMMAND, T_FORM, 0, NULL},
    {"ln", WORD_BOTH, T_CALL, FN_LN, NULL},
    {"log", WORD_BOTH, T_LOG, 0, NULL},
    {"longleftarrow", WORD_COMMAND, T_REL, OP_FROM, NULL},
    {"longleftrightarrow", WORD_COMMAND, T_REL, OP_BOTH_WAYS, NULL},
    {"longmapsto", WORD_COMMAND, T_REL, OP_TO, NULL},
    {"longrightarrow", WORD_COMMAND, T_REL, OP_TO, NULL},
    {"lor", WORD_COMMAND, T_OR, 0, NULL},
    {"lparen", WORD_COMMAND, T_OPEN, '(', NULL},
    {"lt", WORD_COMMAND, T_REL, OP_LT, NULL},
    {"lvert", WORD_COMMAND, T_OPEN, '|', NULL},
    {"mapsto", WORD_COMMAND, T_REL, OP_TO, NULL},
    {"mathbf", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"mathbin", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"mathcal", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"mathfrak", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"mathinner", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"mathit", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"mathnormal", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"mathop", WORD_COMMAND, WORD_TEXT, 0, NULL},
    {"mathord", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"mathrel", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"mathring", WORD_COMMAND, T_ACCENT, 0, NULL},
    {"mathrm", WORD_COMMAND, WORD_TEXT, 0, NULL},
    {"mathscr", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"mathsf", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"mathstrut", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"mathtt", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"max", WORD_BOTH, T_CALL, FN_MAX, NULL},
    {"mbox", WORD_COMMAND, WORD_TEXT, 0, NULL},
    {"measuredangle", WORD_COMMAND, T_ANGLE, 0, NULL},
    {"medspace", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"mid", WORD_COMMAND, T_MID, 0, NULL},
    {"middle", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"min", WORD_BOTH, T_CALL, FN_MIN, NULL},
    {"mod", WORD_PLAIN, T_MOD, 0, NULL},
    {"mod", WORD_COMMAND, T_MOD, 0, NULL},
    {"mp", WORD_COMMAND, T_MP, 0, NULL},
    {"mu", WORD_BOTH, T_SYMBOL, 0, NULL},
    {"nabla", WORD_COMMAND, T_FORM, 0, NULL},
    {"ne", WORD_COMMAND, T_REL, OP_NE, NULL},
    {"negthinspace", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"neq", WORD_COMMAND, T_REL, OP_NE, NULL},
    {"newline", WORD_COMMAND, T_ROW, 0, NULL},
    {"nicefrac", WORD_COMMAND, T_FRAC, 0, NULL},
    {"nobreak", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"noindent", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"nolimits", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"normalsize", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"notin", WORD_COMMAND, T_REL, OP_NOT_IN, NULL},
    {"nu", WORD_BOTH, T_SYMBOL, 0, NULL},
    {"num", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"odot", WORD_COMMAND, T_ANGLE, 2, NULL},
    {"oint", WORD_COMMAND, T_FORM, 0, NULL},
    {"omega", WORD_BOTH, T_SYMBOL, 0, NULL},
    {"operatorname", WORD_COMMAND, WORD_TEXT, 0, NULL},
    {"or", WORD_PLAIN, T_OR, 0, NULL},
    {"over", WORD_COMMAND, T_OVER, 0, NULL},
    {"overarc", WORD_COMMAND, T_ACCENT, 0, NULL},
    {"overleftrightarrow", WORD_COMMAND, T_ACCENT, 0, NULL},
    {"overline", WORD_COMMAND, T_OVERLINE, 0, "bar"},
    {"overrightarrow", WORD_COMMAND, T_ACCENT, 0, "vec"},
    {"overset", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"partial", WORD_COMMAND, T_FORM, 0, NULL},
    {"pct", WORD_PLAIN, T_PERCENT, 0, NULL},
    {"percent", WORD_PLAIN, T_PERCENT, 0, NULL},
    {"percentage", WORD_PLAIN, T_PERCENT, 0, NULL},
    {"phantom", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"phi", WORD_BOTH, T_SYMBOL, 0, NULL},
    {"pi", WORD_BOTH, T_LEAF, EXPR_PI, NULL},
    {"pm", WORD_COMMAND, T_PM, 0, NULL},
    {"pmb", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"pmod", WORD_COMMAND, T_MOD, 0, NULL},
    {"pod", WORD_COMMAND, T_MOD, 0, NULL},
    {"prime", WORD_COMMAND, T_PRIME, 0, NULL},
    {"prod", WORD_COMMAND, T_PROD, 0, NULL},
    {"psi", WORD_BOTH, T_SYMBOL, 0, NULL},
    {"qquad", WORD_COMMAND, T_GAP, 0, NULL},
    {"quad", WORD_COMMAND, T_GAP, 0, NULL},
    {"rVert", WORD_COMMAND, T_CLOSE, 'N', NULL},
    {"rangle", WORD_COMMAND, T_CLOSE, '<', NULL},
    {"rbrace", WORD_COMMAND, T_CLOSE, 'S', NULL},
    {"rbrack", WORD_COMMAND, T_CLOSE, '[', NULL},
    {"rceil", WORD_COMMAND, T_CLOSE, 'C', NULL},
    {"reals", WORD_COMMAND, T_SET, 0, "R"},
    {"rfloor", WORD_COMMAND, T_CLOSE, 'F', NULL},
    {"rho", WORD_BOTH, T_SYMBOL, 0, NULL},
    {"right", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"rightarrow", WORD_COMMAND, T_REL, OP_TO, NULL},
    {"rightleftharpoons", WORD_COMMAND, T_REL, OP_BOTH_WAYS, NULL},
    {"rm", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"rparen", WORD_COMMAND, T_CLOSE, '(', NULL},
    {"rvert", WORD_COMMAND, T_CLOSE, '|', NULL},
    {"sc", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"scriptscriptstyle", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"scriptstyle", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"sec", WORD_BOTH, T_CALL, FN_SEC, NULL},
    {"sech", WORD_BOTH, T_CALL, FN_SECH, NULL},
    {"setminus", WORD_COMMAND, T_SETMINUS, 0, NULL},
    {"sf", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"sfrac", WORD_COMMAND, T_FRAC, 0, NULL},
    {"sgn", WORD_BOTH, T_CALL, FN_SIGN, NULL},
    {"sigma", WORD_BOTH, T_SYMBOL, 0, NULL},
    {"sim", WORD_COMMAND, T_REL, OP_APPROX, NULL},
    {"simeq", WORD_COMMAND, T_REL, OP_APPROX, NULL},
    {"sin", WORD_BOTH, T_CALL, FN_SIN, NULL},
    {"sinh", WORD_BOTH, T_CALL, FN_SINH, NULL},
    {"small", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"smallsetminus", WORD_COMMAND, T_SETMINUS, 0, NULL},
    {"space", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"sqrt", WORD_BOTH, T_SQRT, 2, NULL},
    {"square", WORD_COMMAND, T_SYMBOL, 0, NULL},
    {"strut", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"subset", WORD_COMMAND, T_REL, OP_SUBSET, NULL},
    {"subseteq", WORD_COMMAND, T_REL, OP_SUBSET, NULL},
    {"sum", WORD_COMMAND, T_SUM, 0, NULL},
    {"surd", WORD_COMMAND, T_SQRT, 2, NULL},
    {"tag", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"tan", WORD_BOTH, T_CALL, FN_TAN, NULL},
    {"tanh", WORD_BOTH, T_CALL, FN_TANH, NULL},
    {"tau", WORD_BOTH, T_SYMBOL, 0, NULL},
    {"tbinom", WORD_COMMAND, T_BINOM, 0, NULL},
    {"text", WORD_COMMAND, WORD_TEXT, 0, NULL},
    {"textbf", WORD_COMMAND, WORD_TEXT, 0, NULL},
    {"textcolor", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"textit", WORD_COMMAND, WORD_TEXT, 0, NULL},
    {"textmd", WORD_COMMAND, WORD_TEXT, 0, NULL},
    {"textnormal", WORD_COMMAND, WORD_TEXT, 0, NULL},
    {"textrm", WORD_COMMAND, WORD_TEXT, 0, NULL},
    {"textsc", WORD_COMMAND, WORD_TEXT, 0, NULL},
    {"textsf", WORD_COMMAND, WORD_TEXT, 0, NULL},
    {"textsl", WORD_COMMAND, WORD_TEXT, 0, NULL},
    {"textstyle", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"texttt", WORD_COMMAND, WORD_TEXT, 0, NULL},
    {"textup", WORD_COMMAND, WORD_TEXT, 0, NULL},
    {"tfrac", WORD_COMMAND, T_FRAC, 0, NULL},
    {"tg", WORD_BOTH, T_CALL, FN_TAN, NULL},
    {"therefore", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"theta", WORD_BOTH, T_SYMBOL, 0, NULL},
    {"thickapprox", WORD_COMMAND, T_REL, OP_APPROX, NULL},
    {"thickspace", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"thinspace", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"tilde", WORD_COMMAND, T_ACCENT, 0, NULL},
    {"times", WORD_COMMAND, T_TIMES, 0, NULL},
    {"tiny", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"to", WORD_COMMAND, T_REL, OP_TO, NULL},
    {"triangle", WORD_COMMAND, T_ANGLE, 1, NULL},
    {"tt", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"underline", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"underset", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"union", WORD_PLAIN, T_UNION, 0, NULL},
    {"upsilon", WORD_BOTH, T_SYMBOL, 0, NULL},
    {"varepsilon", WORD_COMMAND, T_SYMBOL, 0, "epsilon"},
    {"varnothing", WORD_COMMAND, T_SET, 0, "empty"},
    {"varphi", WORD_COMMAND, T_SYMBOL, 0, "phi"},
    {"varpi", WORD_COMMAND, T_SYMBOL, 0, "varpi"},
    {"varrho", WORD_COMMAND, T_SYMBOL, 0, "rho"},
    {"varsigma", WORD_COMMAND, T_SYMBOL, 0, "sigma"},
    {"vartheta", WORD_COMMAND, T_SYMBOL, 0, "theta"},
    {"vec", WORD_COMMAND, T_ACCENT, 0, NULL},
    {"vee", WORD_COMMAND, T_OR, 0, NULL},
    {"vert", WORD_COMMAND, T_BAR, 0, NULL},
    {"vspace", WORD_COMMAND, WORD_DROP, 0, NULL},
    {"wedge", WORD_COMMAND, T_AND, 0, NULL},
    {"widehat", WORD_COMMAND, T_ACCENT, 0, "hat"},
    {"wideparen", WORD_COMMAND, T_ACCENT, 0, NULL},
    {"widetilde", WORD_COMMAND, T_ACCENT, 0, "tilde"},
    {"xi", WORD_BOTH, T_SYMBOL, 0, NULL},
    {"zeta", WORD_BOTH, T_SYMBOL, 0, NULL},
};

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
    {"\xe2\x89\x83", WORD_PLAIN, T_REL, OP_APPROX, NULL}, /* U+2243 */
    {"\xe2\x89\x85", WORD_PLAIN, T_REL, OP_APPROX, NULL}, /* U+2245 */
    {"\xe2\x89\x88", WORD_PLAIN, T_REL, OP_APPROX, NULL}, /* U+2248 */
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
    {"\xef\xbc\x85", WORD_PLAIN, T_PERCENT, 0, NULL}, /* U+FF05 */
    {"\xef\xbc\x88", WORD_PLAIN, T_OPEN, '(', NULL}, /* U+FF08 */
    {"\xef\xbc\x89", WORD_PLAIN, T_CLOSE, '(', NULL}, /* U+FF09 */
    {"\xef\xbc\x8c", WORD_PLAIN, T_COMMA, 0, NULL}, /* U+FF0C */
    {"\xef\xbc\x9a", WORD_PLAIN, T_COLON, 0, NULL}, /* U+FF1A */
    {"\xef\xbc\x9b", WORD_PLAIN, T_SEMICOLON, 0, NULL}, /* U+FF1B */
    {"\xef\xbc\x9d", WORD_PLAIN, T_REL, OP_EQ, NULL}, /* U+FF1D */
};

/* clang-format on */

static int order(grpo_str a, const char *b)
{
	size_t n = strlen(b);
	int d = memcmp(a.ptr, b, a.len < n ? a.len : n);

	return d ? d : (a.len > n) - (a.len < n);
}

const struct word *word_find(grpo_str name, int where)
{
	size_t lo = 0, hi = sizeof words / sizeof *words;
	size_t n = hi;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (order(name, words[mid].name) > 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < n && order(name, words[lo].name) == 0; lo++)
		if (words[lo].where & where)
			return &words[lo];
	return NULL;
}

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
