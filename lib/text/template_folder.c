/* SPDX-License-Identifier: MIT */
/*
 * A template saved with a model: grpo_template.json, which we read, and
 * chat_template.jinja, which other programs read.
 */
#include "text/template.h"

#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "core/file.h"
#include "core/json.h"

#define RECORD "grpo_template.json"
#define JINJA "chat_template.jinja"
#define SETTINGS "tokenizer_config.json"
#define MAX_FILE ((size_t)64 << 20)

static int write_in(const char *folder, const char *name, const grpo__buf *b)
{
	char *path = grpo__path_join(folder, name);
	int rc = path ? grpo__file_write(path, b->data, b->len) : GRPO_ENOMEM;

	free(path);
	return rc;
}

/* *text stays NULL where there is no such file. */
static int read_in(char **text, size_t *len, char **path, const char *folder,
		   const char *name)
{
	*text = NULL;
	*len = 0;
	*path = grpo__path_join(folder, name);
	if (!*path)
		return GRPO_ENOMEM;
	if (!grpo__file_exists(*path))
		return 0;
	return grpo__file_read(text, len, *path, MAX_FILE);
}

/* ------------------------------------------------ tokenizer_config.json */

/* The file's text, and in it the value of "chat_template". */
struct settings {
	char *path, *text;
	size_t len;
	grpo__json_member *members;
	size_t n_members;
	const grpo__json_member *chat; /* NULL: there is none, or null */
};

static int read_settings(struct settings *s, const char *folder)
{
	size_t i;
	int rc = 0;

	memset(s, 0, sizeof *s);
	GRPO_TRY(read_in(&s->text, &s->len, &s->path, folder, SETTINGS));
	if (!s->text)
		return 0;
	GRPO_TRY(grpo__json_members(&s->members, &s->n_members, s->text, s->len,
				    s->path));
	for (i = 0; i < s->n_members; i++)
		if (strcmp(s->members[i].key, "chat_template") == 0 &&
		    s->members[i].value[0] != 'n')
			s->chat = &s->members[i];
out:
	return rc;
}

static void dispose_settings(struct settings *s)
{
	grpo__json_members_free(s->members, s->n_members);
	free(s->path);
	free(s->text);
}

/* The file unchanged except for this one value. */
static int replace_chat(const struct settings *s, const char *folder,
			const grpo__buf *jinja)
{
	const char *after;
	grpo__buf b = {0};
	int rc = 0;

	if (!s->chat)
		return 0;
	after = s->chat->value + s->chat->value_len;
	GRPO_TRY(
	    grpo__buf_add(&b, s->text, (size_t)(s->chat->value - s->text)));
	GRPO_TRY(grpo__json_quote(&b, jinja->data, jinja->len));
	GRPO_TRY(grpo__buf_add(&b, after, (size_t)(s->text + s->len - after)));
	rc = write_in(folder, SETTINGS, &b);
out:
	grpo__buf_dispose(&b);
	return rc;
}

/* ----------------------------------------- the folder's own chat template */

/* The file, or else the text in tokenizer_config.json; NULL where there is
 * none, "" for a list of several. */
static int own_template(char **out, const struct settings *s,
			const char *folder)
{
	char *path = NULL;
	size_t len;
	int rc = 0;

	GRPO_TRY(read_in(out, &len, &path, folder, JINJA));
	if (*out || !s->chat)
		goto out;
	if (s->chat->value[0] == '"')
		rc = grpo__json_decode(out, NULL, s->chat->value,
				       s->chat->value_len);
	else
		rc = (*out = grpo__strndup("", 0)) ? 0 : GRPO_ENOMEM;
out:
	free(path);
	return rc;
}

static int is_ours(const char *jinja)
{
	return strncmp(jinja, GRPO__JINJA_MARK, strlen(GRPO__JINJA_MARK)) == 0;
}

/* ----------------------------------------------------------------- save */

static int write_record(const grpo_template *t, const char *folder, int add_bos)
{
	const char *name = t->own ? t->text : t->name;
	grpo__buf b = {0};
	int rc = 0;

	GRPO_TRY(grpo__buf_printf(&b, "{\n  \"template\": "));
	GRPO_TRY(grpo__json_quote(&b, name, strlen(name)));
	GRPO_TRY(grpo__buf_printf(&b, ",\n  \"system\": "));
	if (t->system)
		GRPO_TRY(grpo__json_quote(&b, t->system, strlen(t->system)));
	else
		GRPO_TRY(grpo__buf_printf(&b, "null"));
	GRPO_TRY(grpo__buf_printf(&b, ",\n  \"add_bos\": %s\n}\n",
				  add_bos ? "true" : "false"));
	rc = write_in(folder, RECORD, &b);
out:
	grpo__buf_dispose(&b);
	return rc;
}

/* A model's own template may say more than chatml and plain. */
static int keeps_own(const grpo_template *t, const char *own)
{
	return own && !is_ours(own) && !t->own &&
	       strcmp(t->name, "r1-zero") != 0;
}

int grpo_template_save(const grpo_template *t, const char *folder, int add_bos)
{
	struct settings s = {0};
	grpo__buf jinja = {0};
	char *own = NULL;
	int rc = 0;

	GRPO_TRY(grpo__template_jinja(&jinja, t, add_bos));
	GRPO_TRY(read_settings(&s, folder));
	GRPO_TRY(own_template(&own, &s, folder));
	GRPO_TRY(write_record(t, folder, add_bos));
	if (keeps_own(t, own))
		goto out;
	GRPO_TRY(write_in(folder, JINJA, &jinja));
	rc = replace_chat(&s, folder, &jinja);
out:
	free(own);
	dispose_settings(&s);
	grpo__buf_dispose(&jinja);
	return rc;
}

/* ----------------------------------------------------------------- open */

static int read_record(grpo_template **out, int *add_bos, const cJSON *json,
		       const char *path)
{
	const cJSON *given = cJSON_GetObjectItemCaseSensitive(json, "system");
	const char *name, *system = NULL;
	int rc = 0;

	GRPO_TRY(grpo__json_string(&name, json, "template", path));
	if (given && !cJSON_IsNull(given))
		GRPO_TRY(grpo__json_string(&system, json, "system", path));
	GRPO_TRY(grpo__json_bool_or(add_bos, json, "add_bos", 1, path));
	if ((rc = grpo_template_create(out, name, system)) < 0)
		grpo__fail_context(rc, "%s", path);
out:
	return rc == GRPO_ENOTFOUND ? GRPO_EFORMAT : rc; /* of a key */
}

int grpo_template_open_folder(grpo_template **out, int *add_bos,
			      const char *folder)
{
	char *path = grpo__path_join(folder, RECORD);
	cJSON *json = NULL;
	int bos = 1, rc = 0;

	*out = NULL;
	GRPO_FAIL_IF(!path, GRPO_ENOMEM, "out of memory");
	GRPO_FAIL_IF(!grpo__file_exists(path), GRPO_ENOTFOUND,
		     "%s: there is no " RECORD, folder);
	GRPO_TRY(grpo__json_read(&json, path, MAX_FILE));
	GRPO_TRY(read_record(out, &bos, json, path));
	if (add_bos)
		*add_bos = bos;
out:
	cJSON_Delete(json);
	free(path);
	return rc;
}

/* ---------------------------------------------------------------- check */

/* The system message that a chat template writes where none is given: text
 * between the two marks, in one string of Jinja. */
static const char *default_system(const char *jinja, size_t *len)
{
	static const char *const starts[] = {"<|im_start|>system\\n",
					     "<|im_start|>system\n"};
	const char *p;
	size_t i;

	for (i = 0; i < sizeof starts / sizeof *starts; i++)
		for (p = jinja; (p = strstr(p, starts[i]));) {
			p += strlen(starts[i]);
			*len = strcspn(p, "'\"<{");
			if (*len > 0 &&
			    strncmp(p + *len, "<|im_end|>", 10) == 0)
				return p;
		}
	return NULL;
}

static void warn_of(const grpo_template *t, const char *own, const char *folder)
{
	const char *system;
	size_t len;

	if (!strstr(own, "<|im_start|>")) {
		grpo__log(GRPO_LOG_WARN,
			  "%s: the model's own chat template has no "
			  "<|im_start|>: \"chatml\" is not its format",
			  folder);
		return;
	}
	system = default_system(own, &len);
	if (system && !t->system)
		grpo__log(GRPO_LOG_WARN,
			  "%s: the model's own chat template adds the system "
			  "message \"%.*s\" where none is given; \"chatml\" "
			  "does not (\"system\" sets one)",
			  folder, (int)(len < 200 ? len : 200), system);
}

int grpo_template_check_folder(const grpo_template *t, const char *folder)
{
	struct settings s = {0};
	char *own = NULL;
	int rc = 0;

	if (t->text)
		return 0;
	GRPO_TRY(read_settings(&s, folder));
	GRPO_TRY(own_template(&own, &s, folder));
	if (own && *own && !is_ours(own))
		warn_of(t, own, folder);
out:
	free(own);
	dispose_settings(&s);
	return rc;
}
