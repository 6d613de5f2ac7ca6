/* SPDX-License-Identifier: MIT */
#include "text/template.h"

#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "core/json.h"

/* arXiv:2501.12948, table 1, the part before the question. */
#define R1_ZERO_SYSTEM                                                         \
	"A conversation between User and Assistant. The user asks a "          \
	"question, and the Assistant solves it. The assistant first thinks "   \
	"about the reasoning process in the mind and then provides the user "  \
	"with the answer. The reasoning process and answer are enclosed "      \
	"within <think> </think> and <answer> </answer> tags, respectively, "  \
	"i.e., <think> reasoning process here </think> <answer> answer here "  \
	"</answer>."

static const struct builtin {
	const char *name;
	const char *text; /* NULL: chatml, which is a block a message */
	const char *system;
} builtins[] = {
    {"r1-zero", "{system}\nUser: {prompt}\nAssistant: <think>", R1_ZERO_SYSTEM},
    {"chatml", NULL, NULL},
    {"plain", "{prompt}", NULL},
};
static const char *const builtin_names[] = {"r1-zero", "chatml", "plain", NULL};

static int is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* Bytes of a {name} at s, 0 where it is none. */
static size_t placeholder(const char *s)
{
	size_t n = 1;

	if (s[0] != '{')
		return 0;
	while (is_name(s[n]))
		n++;
	return n > 1 && s[n] == '}' ? n + 1 : 0;
}

/* The part at *s, which moves past it; "{{" is text, not a name's start. */
enum grpo__template_kind grpo__template_part(const char **s, const char **part,
					     size_t *len)
{
	const char *p = *s;

	*part = p;
	while (*p && !placeholder(p))
		p += p[0] == '{' && p[1] == '{' ? 2 : 1;
	if (p == *s)
		p += placeholder(p);
	*len = (size_t)(p - *s);
	*s = p;
	if (*len == 0)
		return GRPO__PART_END;
	if (!placeholder(*part))
		return GRPO__PART_LITERAL;
	if (*len == 8 && memcmp(*part, "{prompt}", 8) == 0)
		return GRPO__PART_PROMPT;
	if (*len == 8 && memcmp(*part, "{system}", 8) == 0)
		return GRPO__PART_SYSTEM;
	return GRPO__PART_UNKNOWN;
}

/* How often a kind of part is in a template. */
static int count(const char *text, enum grpo__template_kind kind)
{
	const char *part;
	enum grpo__template_kind k;
	size_t len;
	int n = 0;

	do {
		k = grpo__template_part(&text, &part, &len);
		n += k == kind;
	} while (k != GRPO__PART_END);
	return n;
}

/* The built-in name that a mistyped word probably means, or NULL. */
static const char *meant(const char *word)
{
	return word[strcspn(word, " \n{}")]
		   ? NULL
		   : grpo__nearest(word, builtin_names);
}

static int check_text(const char *text)
{
	const char *s = text, *part, *nearest;
	enum grpo__template_kind k;
	size_t len;

	do {
		k = grpo__template_part(&s, &part, &len);
		if (k == GRPO__PART_UNKNOWN)
			return grpo__fail(GRPO_EINVAL,
					  "template: %.*s is not known, "
					  "expected {prompt} or {system}",
					  (int)len, part);
	} while (k != GRPO__PART_END);
	if (count(text, GRPO__PART_PROMPT) > 0)
		return 0;
	nearest = meant(text);
	return grpo__fail(GRPO_EINVAL,
			  "template \"%.40s\": not a known name%s%s%s, and not "
			  "a template text, which must contain {prompt}",
			  text, nearest ? " (nearest: \"" : "",
			  nearest ? nearest : "", nearest ? "\")" : "");
}

/* The end of the text that counts as written by the model. */
static const char *find_prefill(const char *text)
{
	static const char *const ends[] = {"<think>", "<think>\n", NULL};
	size_t len = text ? strlen(text) : 0, n;
	int i;

	for (i = 0; text && ends[i]; i++) {
		n = strlen(ends[i]);
		if (len >= n && strcmp(text + len - n, ends[i]) == 0)
			return ends[i];
	}
	return "";
}

static const struct builtin *find_builtin(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof builtins / sizeof *builtins; i++)
		if (strcmp(name, builtins[i].name) == 0)
			return &builtins[i];
	return NULL;
}

static int copy_string(char **out, const char *s)
{
	if (!s)
		return 0;
	*out = grpo__strndup(s, strlen(s));
	return *out ? 0 : GRPO_ENOMEM;
}

int grpo__template_takes_system(const grpo_template *t)
{
	return !t->text || count(t->text, GRPO__PART_SYSTEM) > 0;
}

int grpo_template_create(grpo_template **out, const char *name,
			 const char *system)
{
	const struct builtin *b = name ? find_builtin(name) : NULL;
	grpo_template *t = NULL;
	int rc = 0;

	*out = NULL;
	GRPO_FAIL_IF(!name, GRPO_EINVAL, "the template is missing");
	if (!b)
		GRPO_TRY(check_text(name));
	t = grpo__alloc(1, sizeof *t);
	if (!t)
		return GRPO_ENOMEM;
	if (!system && b)
		system = b->system;
	t->own = !b;
	GRPO_TRY(copy_string(&t->name, b ? b->name : "template"));
	GRPO_TRY(copy_string(&t->text, b ? b->text : name));
	GRPO_TRY(copy_string(&t->system, system));
	GRPO_FAIL_IF(system && !grpo__template_takes_system(t), GRPO_EINVAL,
		     "%s: a system message is given, but the template has no "
		     "{system}",
		     t->name);
	t->prefill = find_prefill(t->text);
	*out = t;
	t = NULL;
out:
	grpo_template_free(t);
	return rc;
}

void grpo_template_free(grpo_template *t)
{
	if (!t)
		return;
	free(t->name);
	free(t->text);
	free(t->system);
	free(t);
}

const char *grpo_template_prefill(const grpo_template *t)
{
	return t->prefill;
}

static int add_block(grpo__buf *b, const char *role, const char *content,
		     size_t len)
{
	int rc = 0;

	GRPO_TRY(grpo__buf_printf(b, "<|im_start|>%s\n", role));
	GRPO_TRY(grpo__buf_add(b, content, len));
	GRPO_TRY(grpo__buf_printf(b, "<|im_end|>\n"));
out:
	return rc;
}

static int fill_in(const grpo_template *t, grpo__buf *b, const char *system,
		   const char *prompt, size_t prompt_len)
{
	const char *s = t->text, *part;
	enum grpo__template_kind k;
	size_t len;
	int rc = 0;

	while (rc == 0 &&
	       (k = grpo__template_part(&s, &part, &len)) != GRPO__PART_END) {
		if (k == GRPO__PART_PROMPT)
			rc = grpo__buf_add(b, prompt, prompt_len);
		else if (k == GRPO__PART_LITERAL)
			rc = grpo__buf_add(b, part, len);
		else if (system)
			rc = grpo__buf_add(b, system, strlen(system));
	}
	return rc;
}

/* Passes the text to the caller if rc is 0, else frees it; returns rc. */
static int finish(grpo__buf *b, int rc, char **text, size_t *len)
{
	if (rc == 0)
		rc = grpo__buf_add(b, "", 0); /* an empty one has its NUL */
	if (rc < 0) {
		grpo__buf_dispose(b);
		return rc;
	}
	*text = b->data;
	*len = b->len;
	return 0;
}

int grpo_template_render(const grpo_template *t, char **text, size_t *len,
			 const char *prompt, size_t prompt_len)
{
	grpo__buf b = {0};
	int rc = 0;

	*text = NULL;
	if (t->text) {
		rc = fill_in(t, &b, t->system, prompt, prompt_len);
		goto out;
	}
	if (t->system)
		GRPO_TRY(add_block(&b, "system", t->system, strlen(t->system)));
	GRPO_TRY(add_block(&b, "user", prompt, prompt_len));
	rc = grpo__buf_printf(&b, "<|im_start|>assistant\n");
out:
	return finish(&b, rc, text, len);
}

static int has_role(const grpo_message *m, const char *role)
{
	return strcmp(m->role, role) == 0;
}

/* A system message may come first, and the last message must be the user's. */
static int check_messages(const grpo_message *m, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!m[i].role || !m[i].content)
			return grpo__fail(GRPO_EINVAL, "message %zu has no %s",
					  i + 1,
					  m[i].role ? "content" : "role");
		if (!has_role(&m[i], "system") && !has_role(&m[i], "user") &&
		    !has_role(&m[i], "assistant"))
			return grpo__fail(
			    GRPO_EINVAL,
			    "message %zu: role \"%s\" is not "
			    "known, expected \"system\", \"user\" "
			    "or \"assistant\"",
			    i + 1, m[i].role);
		if (i > 0 && has_role(&m[i], "system"))
			return grpo__fail(GRPO_EINVAL,
					  "message %zu: a system message must "
					  "be the first",
					  i + 1);
	}
	if (n == 0 || !has_role(&m[n - 1], "user"))
		return grpo__fail(GRPO_EINVAL,
				  "the last message must be the user's");
	return 0;
}

static int render_chatml(const grpo_template *t, grpo__buf *b,
			 const grpo_message *m, size_t n)
{
	int rc = 0;
	size_t i;

	if (t->system && !has_role(&m[0], "system"))
		GRPO_TRY(add_block(b, "system", t->system, strlen(t->system)));
	for (i = 0; i < n; i++)
		GRPO_TRY(add_block(b, m[i].role, m[i].content,
				   strlen(m[i].content)));
	rc = grpo__buf_printf(b, "<|im_start|>assistant\n");
out:
	return rc;
}

/* A template text takes one user message, and a system message only if it has
 * {system}. */
static int render_text(const grpo_template *t, grpo__buf *b,
		       const grpo_message *m, size_t n)
{
	const char *system = t->system;
	const char *prompt = m[n - 1].content;
	int given = has_role(&m[0], "system");

	if (n > 1u + (size_t)given)
		return grpo__fail(GRPO_EINVAL,
				  "%s takes one user message, the conversation "
				  "has %zu messages (use \"chatml\")",
				  t->name, n);
	if (given && !grpo__template_takes_system(t))
		return grpo__fail(GRPO_EINVAL,
				  "%s: the conversation has a system message, "
				  "but the template has no {system}",
				  t->name);
	if (given)
		system = m[0].content;
	return fill_in(t, b, system, prompt, strlen(prompt));
}

int grpo_template_render_messages(const grpo_template *t, char **text,
				  size_t *len, const grpo_message *messages,
				  size_t n_messages)
{
	grpo__buf b = {0};
	int rc = 0;

	*text = NULL;
	GRPO_TRY(check_messages(messages, n_messages));
	rc = t->text ? render_text(t, &b, messages, n_messages)
		     : render_chatml(t, &b, messages, n_messages);
out:
	return finish(&b, rc, text, len);
}
