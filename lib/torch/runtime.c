/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pthread.h>
#include "core/fail.h"
#include "core/file.h"
#include "core/mem.h"
#include "grpo/torch.h"
#include "torch/ext.h"
#include "torch/runtime.h"
#include "torch/tensor.h"
#include "torch/tensor_shim.h"

/* Runtimes whose threads spin while they wait: two of them compete for the
 * cores.  OpenBLAS built with pthreads has its own threads. */
static const char *const runtimes[] = {"libgomp", "libiomp5", "libomp.so",
				       "libopenblasp"};
#define N_RUNTIMES (sizeof runtimes / sizeof *runtimes)

/* The distinct files of those names that are mapped, joined by ", ". */
static int loaded_runtimes(char *text, size_t cap)
{
	char line[4096], last[4096] = "";
	FILE *f = fopen("/proc/self/maps", "r");
	int n = 0;

	text[0] = '\0';
	while (f && fgets(line, sizeof line, f)) {
		char *path = strchr(line, '/');
		size_t used = strlen(text);

		if (!path)
			continue;
		path[strcspn(path, "\n")] = '\0';
		for (size_t i = 0; i < N_RUNTIMES; i++) {
			if (!strstr(path, runtimes[i]) || !strcmp(path, last))
				continue;
			snprintf(last, sizeof last, "%s", path);
			snprintf(text + used, cap - used, "%s%s", n ? ", " : "",
				 path);
			n++;
			break;
		}
	}
	if (f)
		fclose(f);
	return n;
}

static void warn_once(void)
{
	char text[1024];

	if (!grpo__ext_has_blas())
		grpo__log(GRPO_LOG_WARN,
			  "libtorch %s computes matrix products without MKL or "
			  "OpenBLAS, some 50 times slower: use the pinned "
			  "libtorch (unset LIBTORCH and run make deps)",
			  grpo__ext_version());
	if (loaded_runtimes(text, sizeof text) > 1)
		grpo__log(GRPO_LOG_WARN,
			  "several thread runtimes are loaded and will fight "
			  "for the cores (%s): set OMP_WAIT_POLICY=passive, or "
			  "OPENBLAS_NUM_THREADS=1 for an OpenBLAS among them",
			  text);
}

int grpo__runtime_start(int device, int n_threads)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int rc = 0;

	GRPO_FAIL_IF(n_threads < 0 || n_threads > 4096, GRPO_EINVAL,
		     "n_threads: %d is not in 0..4096", n_threads);
	GRPO_FAIL_IF(device != GRPO__CPU && !grpo__ext_has_cuda(),
		     GRPO_ENOTFOUND,
		     "device: cuda: this libtorch finds no CUDA device");
	if (n_threads > 0)
		at_set_num_threads(n_threads);
	at_grad_set_enabled(0);
	pthread_once(&once, warn_once);
out:
	return rc;
}

const char *grpo_torch_version(void)
{
	return grpo__ext_version();
}

double grpo_torch_gemm_gflops(int64_t m, int64_t k, int64_t n)
{
	int64_t sa[2] = {m, k}, sb[2] = {k, n}, sc[2] = {m, n};
	grpo__tensor a = {0}, b = {0}, c = {0};
	double best = 0, work = 2e-9 * (double)m * (double)k * (double)n;

	if (grpo__tensor_create(&a, GRPO__F32, GRPO__CPU, 2, sa) == 0 &&
	    grpo__tensor_create(&b, GRPO__F32, GRPO__CPU, 2, sb) == 0 &&
	    grpo__tensor_create(&c, GRPO__F32, GRPO__CPU, 2, sc) == 0)
		for (int i = 0; i < 5; i++) {
			double t = grpo__now();

			if (grpo__matmul(&c, &a, 0, &b, 0, 0) < 0)
				break;
			t = grpo__now() - t;
			if (work / t > best)
				best = work / t;
		}
	grpo__tensor_free(&a);
	grpo__tensor_free(&b);
	grpo__tensor_free(&c);
	return best;
}
