/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* RTLD_NEXT */

#include "tests/fault.h"

#include <check.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/fail.h"

#define INTERPOSED __attribute__((visibility("default")))

/* ------------------------------------------------------- which call fails */

static atomic_int armed;    /* enum fault_kind that is counted */
static atomic_long calls;   /* of that kind so far */
static atomic_long fail_at; /* the one that fails, from 1; 0: none */
static pthread_t one_thread;
static _Thread_local int in_worker; /* its start is the system's */
static const char *failed;          /* name of the function that did */
static atomic_int cut;              /* reads and writes do a part, or nothing */
static atomic_long cuts;

static int fails(int kind, const char *name)
{
	int own = pthread_equal(pthread_self(), one_thread);

	if (!own)
		kind = in_worker && kind == FAULT_MEMORY ? FAULT_WORKER
							 : FAULT_NONE;
	if (kind == FAULT_NONE || atomic_load(&armed) != kind ||
	    atomic_fetch_add(&calls, 1) + 1 != atomic_load(&fail_at))
		return 0;
	failed = name;
	return 1;
}

static int memory_fails(const char *name)
{
	if (!fails(FAULT_MEMORY, name))
		return 0;
	errno = ENOMEM;
	return 1;
}

static int system_fails(const char *name, int error)
{
	if (!fails(FAULT_SYSTEM, name))
		return 0;
	errno = error;
	return 1;
}

/* A question that gets no answer may be taken as no: all else is reported. */
static int is_question(const char *name)
{
	return strstr(name, "stat") || !strcmp(name, "readlink") ||
	       !strcmp(name, "access");
}

/* ----------------------------------------------------- what is not freed */

/* What was made since `tracking` and is still there: pointers, descriptors
 * as 4 fd + 1, maps as address + 2.  0: free; 1: was in use. */
#define N_LIVE 65536
static uintptr_t live[N_LIVE];
static long n_live;
static atomic_int tracking;
static atomic_flag lock = ATOMIC_FLAG_INIT;

static uintptr_t *find(uintptr_t key, uintptr_t or_else)
{
	size_t at = (size_t)(key * 0x9e3779b97f4a7c15u >> 48), i;

	for (i = 0; i < N_LIVE; i++, at = (at + 1) % N_LIVE) {
		if (live[at] == 0)
			return or_else ? &live[at] : NULL;
		if (live[at] == key || live[at] == or_else)
			return &live[at];
	}
	return NULL;
}

static void change(uintptr_t key, int made)
{
	uintptr_t *slot;

	if (!atomic_load(&tracking))
		return;
	while (atomic_flag_test_and_set(&lock))
		;
	slot = find(key, made ? 1 : 0);
	if (slot) {
		*slot = made ? key : 1;
		n_live += made ? 1 : -1;
	}
	atomic_flag_clear(&lock);
}

static void *made(void *p)
{
	if (p)
		change((uintptr_t)p, 1);
	return p;
}

/* ---------------------------------------------------------------- memory */

/* What stands behind ours: glibc's own, or a sanitizer's.  dlsym() is of no
 * use for these, since it allocates. */
#if defined(__SANITIZE_ADDRESS__)
#define REAL(name) __interceptor_##name
#else
#define REAL(name) __libc_##name
#endif
void *REAL(malloc)(size_t n);
void *REAL(calloc)(size_t n, size_t size);
void *REAL(realloc)(void *p, size_t n);
void REAL(free)(void *p);

INTERPOSED void *malloc(size_t n)
{
	return memory_fails("malloc") ? NULL : made(REAL(malloc)(n));
}

INTERPOSED void *calloc(size_t n, size_t size)
{
	return memory_fails("calloc") ? NULL : made(REAL(calloc)(n, size));
}

INTERPOSED void *realloc(void *old, size_t n)
{
	void *p;

	if (memory_fails("realloc"))
		return NULL;
	/* Before, since the address may be another thread's after. */
	if (old)
		change((uintptr_t)old, 0);
	p = REAL(realloc)(old, n);
	return made(p ? p : old);
}

INTERPOSED void free(void *p)
{
	if (p)
		change((uintptr_t)p, 0);
	REAL(free)(p);
}

/* ---------------------------------------------------------- system calls */

/* libc's own, or a sanitizer's. */
#define BEHIND(X)                                                              \
	X(open)                                                                \
	X(close)                                                               \
	X(read)                                                                \
	X(pread)                                                               \
	X(write)                                                               \
	X(ftruncate)                                                           \
	X(rename)                                                              \
	X(unlink)                                                              \
	X(mkdir)                                                               \
	X(rmdir)                                                               \
	X(opendir)                                                             \
	X(readdir)                                                             \
	X(access)                                                              \
	X(stat)                                                                \
	X(lstat)                                                               \
	X(fstat)                                                               \
	X(readlink)                                                            \
	X(mmap)                                                                \
	X(munmap)                                                              \
	X(pthread_create)

#define X(name) __typeof__(name) *name;
static struct calls {
	BEHIND(X)
} next;
#undef X

/* Before anything is armed, since dlsym() allocates. */
__attribute__((constructor)) static void find_next(void)
{
	void *symbol;

#define X(name)                                                                \
	symbol = dlsym(RTLD_NEXT, #name);                                      \
	memcpy(&next.name, &symbol, sizeof symbol);
	BEHIND(X)
#undef X
}

/* A sanitizer opens and maps files before any constructor has run. */
static const struct calls *behind(void)
{
	if (!next.open)
		find_next();
	return &next;
}

static unsigned char unsynced[1024]; /* by descriptor */

static unsigned char *sync_of(int fd)
{
	static unsigned char none;

	return fd >= 0 && fd < (int)sizeof unsynced ? &unsynced[fd] : &none;
}

static uintptr_t descriptor(int fd)
{
	return (uintptr_t)fd << 2 | 1;
}

INTERPOSED int open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode = 0;
	int fd;

	va_start(ap, flags);
	if (flags & O_CREAT)
		mode = va_arg(ap, mode_t);
	va_end(ap);
	fd = system_fails("open", EIO) ? -1 : behind()->open(path, flags, mode);
	if (fd >= 0)
		change(descriptor(fd), 1);
	*sync_of(fd) = 0;
	return fd;
}

/* Fails only where that loses what was written; it closes all the same. */
INTERPOSED int close(int fd)
{
	int lost = *sync_of(fd) && system_fails("close", EIO);

	change(descriptor(fd), 0);
	if (behind()->close(fd) != 0)
		return -1;
	errno = EIO;
	return lost ? -1 : 0;
}

/* A part of n, or -1 where the call is interrupted. */
static ssize_t part(size_t n)
{
	long turn;

	if (!atomic_load(&cut) || n == 0)
		return (ssize_t)n;
	turn = atomic_fetch_add(&cuts, 1);
	if (turn % 3 == 0) {
		errno = EINTR;
		return -1;
	}
	return (ssize_t)(n < 5 ? 1 : (size_t)(turn % 5) + 1);
}

INTERPOSED ssize_t read(int fd, void *data, size_t n)
{
	ssize_t some = system_fails("read", EIO) ? -1 : part(n);

	return some < 0 ? -1 : behind()->read(fd, data, (size_t)some);
}

INTERPOSED ssize_t pread(int fd, void *data, size_t n, off_t at)
{
	ssize_t some = system_fails("pread", EIO) ? -1 : part(n);

	return some < 0 ? -1 : behind()->pread(fd, data, (size_t)some, at);
}

INTERPOSED ssize_t write(int fd, const void *data, size_t n)
{
	ssize_t some = system_fails("write", ENOSPC) ? -1 : part(n);

	*sync_of(fd) = 1;
	return some < 0 ? -1 : behind()->write(fd, data, (size_t)some);
}

/* No test needs the disk to have it. */
INTERPOSED int fsync(int fd)
{
	if (system_fails("fsync", EIO))
		return -1;
	*sync_of(fd) = 0;
	return 0;
}

#define INTERPOSE(type, name, params, args, error, failure)                    \
	INTERPOSED type name params                                            \
	{                                                                      \
		return system_fails(#name, error) ? failure                    \
						  : behind()->name args;       \
	}

INTERPOSE(int, ftruncate, (int fd, off_t n), (fd, n), EIO, -1)
INTERPOSE(int, rename, (const char *from, const char *to), (from, to), EIO, -1)
INTERPOSE(int, unlink, (const char *path), (path), EIO, -1)
INTERPOSE(int, mkdir, (const char *path, mode_t mode), (path, mode), ENOSPC, -1)
INTERPOSE(int, rmdir, (const char *path), (path), EIO, -1)
INTERPOSE(DIR *, opendir, (const char *path), (path), EIO, NULL)
INTERPOSE(struct dirent *, readdir, (DIR * dir), (dir), EIO, NULL)
INTERPOSE(int, access, (const char *path, int mode), (path, mode), EIO, -1)
INTERPOSE(int, stat, (const char *path, struct stat *st), (path, st), EIO, -1)
INTERPOSE(int, lstat, (const char *path, struct stat *st), (path, st), EIO, -1)
INTERPOSE(int, fstat, (int fd, struct stat *st), (fd, st), EIO, -1)
INTERPOSE(ssize_t, readlink, (const char *path, char *to, size_t n),
	  (path, to, n), EIO, -1)

INTERPOSED void *mmap(void *at, size_t n, int prot, int flags, int fd,
		      off_t offset)
{
	void *p;

	/* Memory of its own is somebody else's: a sanitizer's, a thread's. */
	if (fd < 0)
		return behind()->mmap(at, n, prot, flags, fd, offset);
	p = system_fails("mmap", EIO)
		? MAP_FAILED
		: behind()->mmap(at, n, prot, flags, fd, offset);
	if (p != MAP_FAILED)
		change((uintptr_t)p | 2, 1);
	return p;
}

INTERPOSED int munmap(void *p, size_t n)
{
	change((uintptr_t)p | 2, 0);
	return behind()->munmap(p, n);
}

struct start {
	void *(*run)(void *);
	void *arg;
};

static void *run_worker(void *arg)
{
	struct start s = *(struct start *)arg;
	void *result;

	REAL(free)(arg);
	in_worker = 1;
	result = s.run(s.arg);
	in_worker = 0;
	return result;
}

INTERPOSED int pthread_create(pthread_t *thread, const pthread_attr_t *attr,
			      void *(*run)(void *), void *arg)
{
	struct start *s;
	int error;

	if (system_fails("pthread_create", EAGAIN))
		return EAGAIN;
	s = REAL(malloc)(sizeof *s);
	if (!s)
		return EAGAIN;
	*s = (struct start){run, arg};
	error = behind()->pthread_create(thread, attr, run_worker, s);
	if (error)
		REAL(free)(s);
	return error;
}

/* ---------------------------------------------------------------- sweeps */

static void start_tracking(void)
{
	memset(live, 0, sizeof live);
	n_live = 0;
	atomic_store(&tracking, 1);
}

static char line[1024];     /* of the error, before `after` makes others */
static char warnings[8192]; /* of `work`, a line each */

static void take_warning(void *ctx, int level, const char *text)
{
	(void)ctx;
	if (level == GRPO_LOG_WARN)
		snprintf(warnings + strlen(warnings),
			 sizeof warnings - strlen(warnings), "%s\n", text);
}

int fault_run(const struct fault_scenario *s, enum fault_kind kind, long n,
	      int *rc)
{
	start_tracking();
	if (s->before)
		s->before();
	grpo__fail(GRPO_OK, "nothing");
	warnings[0] = '\0';
	if (s->warns)
		grpo_log_set(take_warning, NULL, GRPO_LOG_WARN);
	failed = "no call";
	one_thread = pthread_self();
	atomic_store(&calls, 0);
	atomic_store(&fail_at, n);
	atomic_store(&armed, kind);
	*rc = s->work();
	atomic_store(&armed, FAULT_NONE);
	if (s->warns)
		grpo_log_set(NULL, NULL, 0);
	snprintf(line, sizeof line, "%s", grpo_error_message());
	if (s->after)
		s->after(*rc);
	atomic_store(&tracking, 0);
	return atomic_load(&calls) >= n;
}

static int n_spared; /* allocations that failed, and nothing else did */

static int may_succeed(const struct fault_scenario *s, int kind)
{
	if (kind == FAULT_SYSTEM)
		return is_question(failed);
	return kind == FAULT_WORKER || ++n_spared <= s->spare;
}

static int is_expected(const struct fault_scenario *s, int kind, int rc)
{
	if (rc == 0)
		return (s->warns && *line && strstr(warnings, line)) ||
		       may_succeed(s, kind);
	if (!*line || strchr(line, '\n') || !strcmp(line, "nothing"))
		return 0;
	if (!strcmp(failed, "access"))
		return rc == GRPO_ENOTFOUND;
	if (kind != FAULT_SYSTEM)
		return rc == GRPO_ENOMEM || (s->other && rc == s->other);
	return rc == GRPO_EIO &&
	       (!s->path || !strcmp(failed, "pthread_create") ||
		strstr(line, s->path));
}

static void check(const struct fault_scenario *s, int kind, long n, int rc)
{
	if (!is_expected(s, kind, rc))
		ck_abort_msg("%s: kind %d, call %ld (%s): %d \"%s\"", s->name,
			     kind, n, failed, rc, line);
	if (n_live != 0)
		ck_abort_msg("%s: kind %d, call %ld (%s): %ld leaked", s->name,
			     kind, n, failed, n_live);
}

static void must_succeed(const struct fault_scenario *s, const char *when)
{
	int rc;

	fault_run(s, FAULT_NONE, 0, &rc);
	if (rc != 0 || n_live != 0)
		ck_abort_msg("%s, %s: %d \"%s\", %ld leaked", s->name, when, rc,
			     line, n_live);
}

static long sweep(const struct fault_scenario *s, enum fault_kind kind)
{
	long n;
	int rc;

	n_spared = 0;
	for (n = 1; fault_run(s, kind, n, &rc); n++) {
		check(s, kind, n, rc);
		if (!s->after)
			must_succeed(s, "after a fault");
	}
	ck_assert_int_eq(rc, 0);
	return n - 1;
}

void fault_sweep(const struct fault_scenario *s)
{
	long memory, system, worker = 0;
	int rc;

	/* What is made once and stays: plug-ins, stacks of threads. */
	fault_run(s, FAULT_NONE, 0, &rc);
	must_succeed(s, "without a fault");
	memory = sweep(s, FAULT_MEMORY);
	system = sweep(s, FAULT_SYSTEM);
	if (s->threads)
		worker = sweep(s, FAULT_WORKER);
	atomic_store(&cut, 1);
	must_succeed(s, "in small parts");
	atomic_store(&cut, 0);
	printf("%s: %ld allocations, %ld system calls", s->name, memory,
	       system);
	if (s->threads)
		printf(", %ld allocations of workers", worker);
	printf("\n");
	fflush(stdout);
	ck_assert_int_gt(memory + system, 0);
}
