/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/fail.h"
#include "core/json.h"
#include "core/mem.h"
#include "data/safetensors_dtype.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "safetensors data is little-endian and is used in place"
#endif

struct grpo__st_file {
	char *path;
	unsigned char *map; /* [size], NULL before it is mapped */
	size_t size;
	size_t data_at;           /* where the data starts */
	grpo__st_tensor *tensors; /* [n] in the order of their data */
	size_t n;
	const grpo__st_tensor **by_name; /* [n] sorted */
};

/* One entry of the header while it is read. */
struct entry {
	grpo__st_tensor t;
	uint64_t begin, end; /* bytes, from the start of the data */
};

static int fail_tensor(const grpo__st_file *f, const char *name,
		       const char *what)
{
	return grpo__fail(GRPO_EFORMAT, "%s: tensor \"%s\": %s", f->path, name,
			  what);
}

static int map_file(grpo__st_file *f)
{
	struct stat st;
	void *map;
	int fd, rc = 0;

	fd = open(f->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return grpo__fail_errno("%s", f->path);
	if (fstat(fd, &st) != 0) {
		rc = grpo__fail_errno("%s", f->path);
		goto out;
	}
	GRPO_FAIL_IF(!S_ISREG(st.st_mode), GRPO_EIO, "%s: is not a file",
		     f->path);
	GRPO_FAIL_IF(
	    st.st_size < 8, GRPO_EFORMAT,
	    "%s: truncated: the file has %lld bytes, too few for a header",
	    f->path, (long long)st.st_size);
	f->size = (size_t)st.st_size;
	map = mmap(NULL, f->size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		rc = grpo__fail_errno("%s", f->path);
	else
		f->map = map;
out:
	close(fd);
	return rc;
}

/* The length of the header: the first 8 bytes, little-endian. */
static int header_length(const grpo__st_file *f, size_t *len)
{
	uint64_t n = 0;
	int i, rc = 0;

	for (i = 7; i >= 0; i--)
		n = n << 8 | f->map[i];
	GRPO_FAIL_IF(
	    n > GRPO__ST_MAX_HEADER, GRPO_EFORMAT,
	    "%s: not a safetensors file: its header would have %" PRIu64
	    " bytes, at most %d are allowed",
	    f->path, n, GRPO__ST_MAX_HEADER);
	GRPO_FAIL_IF(n > f->size - 8, GRPO_EFORMAT,
		     "%s: truncated: the header has %" PRIu64
		     " bytes, but only %zu follow its length",
		     f->path, n, f->size - 8);
	*len = (size_t)n;
out:
	return rc;
}

/*
 * "[1, 2, 3]" into out[max], *n of them.  Only digits, no signs or fractions,
 * as in the reference.  The text is already known to be valid JSON.
 */
static int read_naturals(uint64_t *out, int *n, int max,
			 const grpo__json_member *m)
{
	const char *p = m->value, *end = p + m->value_len;
	uint64_t x;

	*n = 0;
	if (*p++ != '[')
		return GRPO_EFORMAT;
	for (;;) {
		p += strspn(p, " \t\r\n");
		if (*p == ']')
			return p + 1 == end ? 0 : GRPO_EFORMAT;
		if (*p < '0' || *p > '9' || *n == max)
			return GRPO_EFORMAT;
		for (x = 0; *p >= '0' && *p <= '9'; p++) {
			if (x > (INT64_MAX - 9) / 10)
				return GRPO_EFORMAT;
			x = x * 10 + (uint64_t)(*p - '0');
		}
		out[(*n)++] = x;
		p += strspn(p, " \t\r\n");
		if (*p == ',')
			p++;
	}
}

static int read_shape(grpo__st_file *f, struct entry *e,
		      const grpo__json_member *m)
{
	uint64_t shape[GRPO__ST_MAX_RANK];
	int i;

	if (read_naturals(shape, &e->t.rank, GRPO__ST_MAX_RANK, m) < 0)
		return fail_tensor(f, e->t.name,
				   "\"shape\": expected a list of at most 8 "
				   "sizes");
	for (i = 0; i < e->t.rank; i++)
		e->t.shape[i] = (int64_t)shape[i];
	return 0;
}

static int read_offsets(grpo__st_file *f, struct entry *e,
			const grpo__json_member *m)
{
	uint64_t offset[2];
	int n;

	if (read_naturals(offset, &n, 2, m) < 0 || n != 2)
		return fail_tensor(f, e->t.name,
				   "\"data_offsets\": expected [begin, end]");
	e->begin = offset[0];
	e->end = offset[1];
	return 0;
}

static int read_dtype(grpo__st_file *f, struct entry *e,
		      const grpo__json_member *m, int *bits)
{
	const struct grpo__st_dtype_info *info;
	char *name;
	int rc;

	rc = grpo__json_decode(&name, NULL, m->value, m->value_len);
	if (rc == GRPO_EFORMAT)
		return fail_tensor(f, e->t.name,
				   "\"dtype\": expected a string");
	if (rc < 0)
		return rc;
	info = grpo__st_dtype_named(name);
	if (!info) {
		rc = grpo__fail(GRPO_EFORMAT,
				"%s: tensor \"%s\": unknown dtype \"%s\"",
				f->path, e->t.name, name);
	} else {
		e->t.dtype = info->dtype;
		*bits = info->bits;
	}
	free(name);
	return rc;
}

/* Whether the size given by dtype and shape matches the offsets. */
static int check_size(grpo__st_file *f, struct entry *e, int bits)
{
	int rc = 0;

	if (grpo__st_bytes(&e->t.n_bytes, e->t.shape, e->t.rank, bits) < 0)
		return fail_tensor(f, e->t.name,
				   "its size is not a whole number of bytes, "
				   "or does not fit in memory");
	if (e->end < e->begin)
		return fail_tensor(f, e->t.name,
				   "\"data_offsets\": ends before it begins");
	GRPO_FAIL_IF(e->end - e->begin != e->t.n_bytes, GRPO_EFORMAT,
		     "%s: tensor \"%s\": shape and dtype need %zu bytes, "
		     "\"data_offsets\" span %" PRIu64,
		     f->path, e->t.name, e->t.n_bytes, e->end - e->begin);
out:
	return rc;
}

static int read_fields(grpo__st_file *f, struct entry *e,
		       const grpo__json_member *m, size_t n)
{
	int bits = 0, seen = 0, rc = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!strcmp(m[i].key, "dtype")) {
			GRPO_TRY(read_dtype(f, e, &m[i], &bits));
			seen |= 1;
		} else if (!strcmp(m[i].key, "shape")) {
			GRPO_TRY(read_shape(f, e, &m[i]));
			seen |= 2;
		} else if (!strcmp(m[i].key, "data_offsets")) {
			GRPO_TRY(read_offsets(f, e, &m[i]));
			seen |= 4;
		}
	}
	if (seen != 7)
		return fail_tensor(f, e->t.name,
				   !(seen & 1)   ? "\"dtype\" is missing"
				   : !(seen & 2) ? "\"shape\" is missing"
						 : "\"data_offsets\" is "
						   "missing");
	rc = check_size(f, e, bits);
out:
	return rc;
}

static int read_entry(grpo__st_file *f, struct entry *e,
		      const grpo__json_member *m)
{
	grpo__json_member *fields = NULL;
	size_t n = 0;
	int rc;

	e->t.name = m->key;
	if (m->value[0] != '{')
		return fail_tensor(f, m->key, "expected an object");
	rc = grpo__json_members(&fields, &n, m->value, m->value_len, f->path);
	if (rc == 0)
		rc = read_fields(f, e, fields, n);
	grpo__json_members_free(fields, n);
	return rc;
}

/* The map of strings that the format allows in addition to tensors, or null. */
static int check_metadata(grpo__st_file *f, const grpo__json_member *m)
{
	grpo__json_member *fields = NULL;
	size_t i, n = 0;
	int rc = 0;

	if (m->value[0] == 'n')
		return 0;
	GRPO_FAIL_IF(m->value[0] != '{', GRPO_EFORMAT,
		     "%s: \"__metadata__\": expected an object", f->path);
	GRPO_TRY(
	    grpo__json_members(&fields, &n, m->value, m->value_len, f->path));
	for (i = 0; i < n; i++)
		GRPO_FAIL_IF(fields[i].value[0] != '"', GRPO_EFORMAT,
			     "%s: \"__metadata__\": \"%s\": expected a string",
			     f->path, fields[i].key);
out:
	grpo__json_members_free(fields, n);
	return rc;
}

static int by_offset(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	if (x->end != y->end)
		return x->end < y->end ? -1 : 1;
	return strcmp(x->t.name, y->t.name);
}

static int compare_names(const void *a, const void *b)
{
	const grpo__st_tensor *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

/* Every byte of the data belongs to exactly one tensor: no gap, no overlap. */
static int check_layout(const grpo__st_file *f, const struct entry *e, size_t n)
{
	uint64_t at = 0, room = f->size - f->data_at;
	size_t i;
	int rc = 0;

	for (i = 0; i < n; at = e[i++].end)
		GRPO_FAIL_IF(e[i].begin != at, GRPO_EFORMAT,
			     "%s: tensor \"%s\": %s: data begins at %" PRIu64
			     ", expected %" PRIu64,
			     f->path, e[i].t.name,
			     e[i].begin < at ? "overlaps" : "leaves a gap",
			     e[i].begin, at);
	GRPO_FAIL_IF(at > room, GRPO_EFORMAT,
		     "%s: truncated: the header says %" PRIu64
		     " bytes of data, the file has %" PRIu64,
		     f->path, at, room);
	GRPO_FAIL_IF(at < room, GRPO_EFORMAT,
		     "%s: too long: the header says %" PRIu64
		     " bytes of data, the file has %" PRIu64,
		     f->path, at, room);
out:
	return rc;
}

/* Takes the names over from the header's members. */
static int keep_tensors(grpo__st_file *f, const struct entry *e, size_t n)
{
	size_t i;
	char *name;

	f->tensors = grpo__alloc(n, sizeof *f->tensors);
	f->by_name = grpo__alloc(n, sizeof *f->by_name);
	if (!f->tensors || !f->by_name)
		return GRPO_ENOMEM;
	for (i = 0; i < n; i++, f->n++) {
		name = grpo__strndup(e[i].t.name, strlen(e[i].t.name));
		if (!name)
			return GRPO_ENOMEM;
		f->tensors[i] = e[i].t;
		f->tensors[i].name = name;
		f->tensors[i].data = f->map + f->data_at + e[i].begin;
		f->by_name[i] = &f->tensors[i];
	}
	qsort(f->by_name, n, sizeof *f->by_name, compare_names);
	return 0;
}

static int read_entries(grpo__st_file *f, struct entry *e,
			const grpo__json_member *m, size_t n)
{
	size_t i, n_entries = 0;
	int rc = 0;

	for (i = 0; i < n; i++) {
		if (!strcmp(m[i].key, "__metadata__"))
			GRPO_TRY(check_metadata(f, &m[i]));
		else
			GRPO_TRY(read_entry(f, &e[n_entries++], &m[i]));
	}
	qsort(e, n_entries, sizeof *e, by_offset);
	GRPO_TRY(check_layout(f, e, n_entries));
	rc = keep_tensors(f, e, n_entries);
out:
	return rc;
}

static int read_header(grpo__st_file *f)
{
	grpo__json_member *m = NULL;
	struct entry *entries = NULL;
	size_t len = 0, n = 0;
	int rc = 0;

	GRPO_TRY(header_length(f, &len));
	f->data_at = 8 + len;
	GRPO_TRY(
	    grpo__json_members(&m, &n, (const char *)f->map + 8, len, f->path));
	entries = grpo__alloc(n, sizeof *entries);
	GRPO_FAIL_IF(!entries, GRPO_ENOMEM, "%s: out of memory", f->path);
	rc = read_entries(f, entries, m, n);
out:
	free(entries);
	grpo__json_members_free(m, n);
	return rc;
}

int grpo__st_open(grpo__st_file **out, const char *path)
{
	grpo__st_file *f;
	int rc = 0;

	*out = NULL;
	f = grpo__alloc(1, sizeof *f);
	if (!f)
		return GRPO_ENOMEM;
	f->path = grpo__strndup(path, strlen(path));
	GRPO_FAIL_IF(!f->path, GRPO_ENOMEM, "%s: out of memory", path);
	GRPO_TRY(map_file(f));
	GRPO_TRY(read_header(f));
	*out = f;
	f = NULL;
out:
	grpo__st_close(f);
	return rc;
}

size_t grpo__st_count(const grpo__st_file *f)
{
	return f->n;
}

const grpo__st_tensor *grpo__st_at(const grpo__st_file *f, size_t i)
{
	return i < f->n ? &f->tensors[i] : NULL;
}

const grpo__st_tensor *grpo__st_find(const grpo__st_file *f, const char *name)
{
	grpo__st_tensor wanted = {.name = name};
	const grpo__st_tensor *key = &wanted, **found;

	found =
	    bsearch(&key, f->by_name, f->n, sizeof *f->by_name, compare_names);
	return found ? *found : NULL;
}

void grpo__st_close(grpo__st_file *f)
{
	size_t i;

	if (!f)
		return;
	for (i = 0; i < f->n; i++)
		free((char *)f->tensors[i].name);
	if (f->map)
		munmap(f->map, f->size);
	free(f->tensors);
	free(f->by_name);
	free(f->path);
	free(f);
}
