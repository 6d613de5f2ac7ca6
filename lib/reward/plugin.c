/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/fail.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/mem.h"
#include "grpo/reward_set.h"
#include "reward/plugin.h"

#define TEXT_BYTES 512 /* of a plug-in's error line */
#define NAME_BYTES 64  /* longest name of a plug-in */

struct grpo__plugin {
	grpo_reward_plugin table;   /* our copy: what it lacks is zero (R1) */
	char name[NAME_BYTES + 16]; /* the table's, and maybe a number */
	char *path;
	uint64_t hash; /* of the file's bytes */
	char *params;  /* as they were given */
	void *state;
	int is_open;
	grpo_reward_host host;
	struct serial *serial;     /* NULL: THREADSAFE (R6) */
	pthread_mutex_t lock;      /* of text */
	char text[TEXT_BYTES];     /* last error line from outside a call */
	int is_lost;               /* a call does not come back */
	struct grpo__plugin *next; /* of those that are left behind */
};

/*
 * The call that this thread is in.  An error line that a plug-in logs from
 * the calling thread belongs to the call, so that two calls that fail at the
 * same time keep their own.
 */
struct call {
	struct call *outer; /* a plug-in may use the library itself */
	const grpo__plugin *plugin;
	grpo_reward_call told; /* for grpo_reward_current */
	char text[TEXT_BYTES];
};
static _Thread_local struct call *volatile current;

int grpo_reward_current(grpo_reward_call *out)
{
	const struct call *call = current;
	size_t size = sizeof *out;

	if (!call)
		return 0;
	if (out->struct_size < size)
		size = out->struct_size;
	memcpy((char *)out + sizeof out->struct_size,
	       (const char *)&call->told + sizeof out->struct_size,
	       size - sizeof out->struct_size);
	return 1;
}

/* A mutex for each shared object that is not THREADSAFE, for ever. */
struct serial {
	struct serial *next;
	const grpo_reward_plugin *table;
	pthread_mutex_t lock;
	int is_lost; /* locked for good */
};
static pthread_mutex_t shared = PTHREAD_MUTEX_INITIALIZER; /* of what follows */
static struct serial *serials;
static grpo__plugin *left_behind; /* lost calls may still use them */

static struct serial *find_serial(const grpo_reward_plugin *table)
{
	struct serial *s = serials;

	while (s && s->table != table)
		s = s->next;
	if (!s && (s = grpo__alloc(1, sizeof *s))) {
		s->table = table;
		pthread_mutex_init(&s->lock, NULL);
		s->next = serials;
		serials = s;
	}
	return s;
}

static int set_serial(grpo__plugin *p, const grpo_reward_plugin *table)
{
	struct serial *s;
	int is_lost;

	pthread_mutex_lock(&shared);
	s = find_serial(table);
	is_lost = s && s->is_lost;
	pthread_mutex_unlock(&shared);
	if (is_lost)
		return grpo__fail(GRPO_EREWARD,
				  "reward \"%s\" takes one call at a time, and "
				  "an earlier call has not returned",
				  p->name);
	p->serial = s;
	return s ? 0 : GRPO_ENOMEM;
}

void grpo__plugin_lose(grpo__plugin *p)
{
	pthread_mutex_lock(&shared);
	p->is_lost = 1;
	if (p->serial)
		p->serial->is_lost = 1;
	pthread_mutex_unlock(&shared);
}

/* Whether p must stay as it is, and is therefore remembered. */
static int leave_behind(grpo__plugin *p)
{
	int is_lost;

	pthread_mutex_lock(&shared);
	is_lost = p->is_lost || (p->serial && p->serial->is_lost);
	if (is_lost) {
		p->next = left_behind;
		left_behind = p;
	}
	pthread_mutex_unlock(&shared);
	return is_lost;
}

/* One line, without control characters: the text may quote a model. */
static void copy_line(char *dst, const char *text)
{
	size_t n = 0;

	for (; text[n] && n < TEXT_BYTES - 1; n++)
		dst[n] = (unsigned char)text[n] < ' ' ? ' ' : text[n];
	dst[n] = '\0';
}

static void host_log(void *ctx, int level, const char *text)
{
	grpo__plugin *p = ctx;

	if (!text)
		return;
	if (level > GRPO_REWARD_LOG_ERROR) {
		grpo__log(level, "%s: %s", p->name, text);
	} else if (current && current->plugin == p) {
		copy_line(current->text, text);
	} else {
		pthread_mutex_lock(&p->lock);
		copy_line(p->text, text);
		pthread_mutex_unlock(&p->lock);
	}
}

/* The name, or the path as long as the name is not known. */
static void call_begin(struct call *call, grpo__plugin *p, const char *doing)
{
	call->outer = current;
	call->plugin = p;
	call->told.reward = p->name[0] ? p->name : p->path;
	call->told.doing = doing;
	call->told.row = 0;
	call->told.n_rows = 0;
	call->text[0] = '\0';
	if (p->serial)
		pthread_mutex_lock(&p->serial->lock);
	atomic_signal_fence(memory_order_release);
	current = call;
}

/* What the plug-in returned becomes 0 or GRPO_EREWARD. */
static int call_end(struct call *call, grpo__plugin *p, int returned)
{
	current = call->outer;
	if (p->serial)
		pthread_mutex_unlock(&p->serial->lock);
	pthread_mutex_lock(&p->lock);
	if (!call->text[0])
		memcpy(call->text, p->text, sizeof p->text);
	p->text[0] = '\0';
	pthread_mutex_unlock(&p->lock);
	if (returned >= 0 && call->text[0])
		grpo__log(GRPO_LOG_ERROR, "%s: %s", p->name, call->text);
	if (returned >= 0)
		return 0;
	if (!call->text[0])
		snprintf(call->text, sizeof call->text,
			 "it returned %d and did not say why", returned);
	return grpo__fail(GRPO_EREWARD, "%s", call->text);
}

typedef const grpo_reward_plugin *(*entry_fn)(void);

/* The other major versions that the file supports, for the message. */
static int no_entry(void *object, const char *path)
{
	for (int major = 0; major < 10; major++) {
		char symbol[32];

		snprintf(symbol, sizeof symbol, "grpo_reward_plugin_v%d",
			 major);
		if (dlsym(object, symbol))
			return grpo__fail(GRPO_EABI,
					  "%s: was built for reward ABI %d, "
					  "this library supports %d",
					  path, major, GRPO_REWARD_ABI_MAJOR);
	}
	return grpo__fail(GRPO_EABI,
			  "%s: no symbol grpo_reward_plugin_v%d: not a reward "
			  "plug-in, or its symbols are hidden",
			  path, GRPO_REWARD_ABI_MAJOR);
}

static int load_object(const grpo_reward_plugin **out, const char *path)
{
	/* RTLD_LOCAL: two plug-ins may carry two versions of one library. */
	void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL), *symbol;
	entry_fn entry;

	if (!object)
		return grpo__fail(GRPO_EABI, "cannot load %s", dlerror());
	symbol = dlsym(object, "grpo_reward_plugin_v1");
	if (!symbol)
		return no_entry(object, path);
	memcpy(&entry, &symbol, sizeof entry);
	*out = entry();
	if (!*out)
		return grpo__fail(GRPO_EABI, "%s: its table is NULL", path);
	return 0;
}

static int read_table(const grpo_reward_plugin **out, grpo__plugin *p)
{
	struct call call;
	int rc;

	call_begin(&call, p, "being loaded");
	rc = load_object(out, p->path);
	current = call.outer;
	return rc;
}

static int good_name(const char *s)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_-.";
	size_t n = s ? strspn(s, letters) : 0;

	return n > 0 && n <= NAME_BYTES && !s[n];
}

/* Copies the table up to the smaller size, then checks the required fields
 * (R1). */
static int copy_table(grpo__plugin *p, const grpo_reward_plugin *table)
{
	size_t size = table->struct_size;
	int rc = 0;

	GRPO_FAIL_IF(!GRPO_HAS(table, grpo_reward_plugin, score), GRPO_EABI,
		     "%s: its table has %zu bytes, at least %zu are needed",
		     p->path, size,
		     offsetof(grpo_reward_plugin, score) + sizeof table->score);
	memcpy(&p->table, table,
	       size < sizeof p->table ? size : sizeof p->table);
	GRPO_FAIL_IF(!good_name(p->table.name), GRPO_EABI,
		     "%s: its table has no name of letters, digits, '_', '-' "
		     "and '.'",
		     p->path);
	GRPO_FAIL_IF(!p->table.version || !p->table.summary, GRPO_EABI,
		     "%s: its table has no %s", p->path,
		     p->table.version ? "summary" : "version");
	GRPO_FAIL_IF(!p->table.score, GRPO_EABI,
		     "%s: its table has no score function", p->path);
out:
	return rc;
}

static int is_taken(const char *name, grpo__plugin *const *others, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(others[i]->name, name) == 0)
			return 1;
	return 0;
}

static void make_name(grpo__plugin *p, grpo__plugin *const *others, size_t n)
{
	int number = 1;

	snprintf(p->name, sizeof p->name, "%s", p->table.name);
	while (is_taken(p->name, others, n))
		snprintf(p->name, sizeof p->name, "%s-%d", p->table.name,
			 ++number);
}

static int check_params(const grpo__plugin *p, const char *params)
{
	char where[sizeof p->name + 32];
	cJSON *json = NULL;
	int rc = 0;

	snprintf(where, sizeof where, "parameters of reward \"%s\"", p->name);
	GRPO_TRY(grpo__json_parse(&json, params, strlen(params), where));
	GRPO_FAIL_IF(!cJSON_IsObject(json), GRPO_EFORMAT,
		     "%s: expected a JSON object", where);
out:
	cJSON_Delete(json);
	return rc;
}

static int open_plugin(grpo__plugin *p, const char *params)
{
	grpo_str text = {params, strlen(params)};
	struct call call;
	int rc = 0;

	GRPO_TRY(check_params(p, params));
	p->host.struct_size = sizeof p->host;
	p->host.ctx = p;
	p->host.log = host_log;
	if (p->table.open) {
		call_begin(&call, p, "being opened");
		rc = p->table.open(&p->state, &p->host, text);
		rc = call_end(&call, p, rc);
	}
	if (rc < 0)
		return grpo__fail_context(rc, "reward \"%s\": open failed",
					  p->name);
	p->is_open = 1;
out:
	return rc;
}

int grpo__plugin_create(grpo__plugin **out, const char *name,
			const char *params, grpo__plugin *const *others,
			size_t n_others)
{
	const grpo_reward_plugin *table;
	grpo__plugin *p;
	int rc = 0;

	*out = NULL;
	p = grpo__alloc(1, sizeof *p);
	if (!p)
		return GRPO_ENOMEM;
	pthread_mutex_init(&p->lock, NULL);
	GRPO_TRY(grpo_reward_find(&p->path, name));
	/* The last line of a process that ends while it loads. */
	grpo__log(GRPO_LOG_INFO, "loading reward plug-in %s", p->path);
	GRPO_TRY(read_table(&table, p));
	/* NOLINTNEXTLINE: read_table has set it */
	GRPO_TRY(copy_table(p, table));
	make_name(p, others, n_others);
	if (!(p->table.flags & GRPO_REWARD_THREADSAFE))
		GRPO_TRY(set_serial(p, table));
	GRPO_TRY(grpo__hash_file(&p->hash, NULL, p->path));
	params = params ? params : "{}";
	p->params = grpo__strndup(params, strlen(params));
	GRPO_FAIL_IF(!p->params, GRPO_ENOMEM, "out of memory");
	GRPO_TRY(open_plugin(p, params));
	*out = p;
	p = NULL;
out:
	grpo__plugin_free(p);
	return rc;
}

void grpo__plugin_free(grpo__plugin *p)
{
	struct call call;

	if (!p || leave_behind(p))
		return;
	if (p->is_open && p->table.close) {
		call_begin(&call, p, "being closed");
		p->table.close(p->state);
		call_end(&call, p, 0);
	}
	pthread_mutex_destroy(&p->lock);
	free(p->params);
	free(p->path);
	free(p);
}

const char *grpo__plugin_name(const grpo__plugin *p)
{
	return p->name;
}

uint64_t grpo__plugin_hash(const grpo__plugin *p)
{
	return p->hash;
}

const char *grpo__plugin_params(const grpo__plugin *p)
{
	return p->params;
}

uint32_t grpo__plugin_flags(const grpo__plugin *p)
{
	return p->table.flags;
}

int grpo__plugin_knows_status(const grpo__plugin *p, uint8_t status)
{
	return status <= GRPO_REWARD_BUDGET || status == GRPO_REWARD_MISSING ||
	       status == GRPO_REWARD_FAILED ||
	       p->table.abi_minor > GRPO_REWARD_ABI_MINOR;
}

int grpo__plugin_score(grpo__plugin *p, int64_t row,
		       const grpo_reward_batch *batch, double *rewards,
		       uint8_t *status)
{
	struct call call;
	int rc;

	call_begin(&call, p, "scoring");
	call.told.row = row;
	call.told.n_rows = (int64_t)batch->n;
	rc = p->table.score(p->state, batch, rewards, status);
	return call_end(&call, p, rc);
}
