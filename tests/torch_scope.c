/* SPDX-License-Identifier: MIT */
/* Scopes of composed maths, and what ext.h adds to the shim. */
#include <stdio.h>

#include "tests/torch_help.h"
#include "torch/ext.h"
#include "torch/tensor_shim.h"
#include "tests/torch_suite.h"

static void expect_message(const char *part)
{
	ck_assert_msg(strstr(grpo_error_message(), part) != NULL,
		      "\"%s\" is not in \"%s\"", part, grpo_error_message());
	ck_assert_ptr_null(strchr(grpo_error_message(), '\n'));
}

/* Compares what a handle holds with n numbers. */
static void holds(grpo__scope *s, grpo__h x, const float *want, int64_t n)
{
	float got[64];

	ck_assert_int_le(n, 64);
	grpo__h_read(s, got, x, n);
	ck_assert_msg(s->rc == 0, "%s", grpo_error_message());
	near("result", got, want, n, 1e-6);
}

#define HOLDS(s, x, ...)                                                       \
	holds(s, x, (float[]){__VA_ARGS__},                                    \
	      (int64_t)(sizeof((float[]){__VA_ARGS__}) / sizeof(float)))

static grpo__h matrix(grpo__scope *s, const float *x, int64_t rows,
		      int64_t columns)
{
	grpo__h h = grpo__h_floats(s, x, rows * columns, GRPO__CPU);

	return grpo__h_reshape(s, h, 2, (int64_t[]){rows, columns});
}

/* --------------------------------------------------------------- scopes */

START_TEST(arithmetic_gives_known_values)
{
	static const float a[] = {1, 2, 3, 4}, b[] = {4, 3, 2, 1};
	grpo__scope s = {0};
	grpo__h x = matrix(&s, a, 2, 2), y = matrix(&s, b, 2, 2);

	HOLDS(&s, grpo__h_add(&s, x, y), 5, 5, 5, 5);
	HOLDS(&s, grpo__h_sub(&s, x, y), -3, -1, 1, 3);
	HOLDS(&s, grpo__h_mul(&s, x, y), 4, 6, 6, 4);
	HOLDS(&s, grpo__h_div(&s, x, y), 0.25f, 2.0f / 3, 1.5f, 4);
	HOLDS(&s, grpo__h_scale(&s, x, 0.5), 0.5f, 1, 1.5f, 2);
	HOLDS(&s, grpo__h_shift(&s, x, -1), 0, 1, 2, 3);
	HOLDS(&s, grpo__h_sqrt(&s, x), 1, sqrtf(2), sqrtf(3), 2);
	HOLDS(&s, grpo__h_rsqrt(&s, x), 1, 1 / sqrtf(2), 1 / sqrtf(3), 0.5f);
	HOLDS(&s, grpo__h_exp(&s, x), expf(1), expf(2), expf(3), expf(4));
	HOLDS(&s, grpo__h_sigmoid(&s, x), 1 / (1 + expf(-1)),
	      1 / (1 + expf(-2)), 1 / (1 + expf(-3)), 1 / (1 + expf(-4)));
	HOLDS(&s, grpo__h_silu(&s, x), 1 / (1 + expf(-1)), 2 / (1 + expf(-2)),
	      3 / (1 + expf(-3)), 4 / (1 + expf(-4)));
	OK(grpo__scope_close(&s));
}
END_TEST

START_TEST(reductions_keep_the_dimension_that_they_say)
{
	static const float a[] = {1, 2, 3, 4, 5, 6};
	grpo__scope s = {0};
	grpo__h x = matrix(&s, a, 2, 3), y = grpo__h_sum_last(&s, x);

	ck_assert_uint_eq(at_dim(y), 2);
	HOLDS(&s, y, 6, 15);
	HOLDS(&s, grpo__h_mean_last(&s, x), 2, 5);
	HOLDS(&s, grpo__h_sum(&s, x), 21);
	y = grpo__h_sum_rows(&s, x);
	ck_assert_uint_eq(at_dim(y), 1);
	HOLDS(&s, y, 5, 7, 9);
	y = grpo__h_logsumexp(&s, x);
	ck_assert_uint_eq(at_dim(y), 2);
	HOLDS(&s, y, logf(expf(1) + expf(2) + expf(3)),
	      3 + logf(expf(1) + expf(2) + expf(3)));
	OK(grpo__scope_close(&s));
}
END_TEST

START_TEST(shapes_and_indices_are_what_they_say)
{
	static const float a[] = {1, 2, 3, 4, 5, 6};
	static const int32_t ids[] = {1, 1, 0};
	grpo__scope s = {0};
	grpo__h x = matrix(&s, a, 2, 3), part[2];
	grpo__h at = grpo__h_ids(&s, ids, 3, GRPO__CPU);

	HOLDS(&s, grpo__h_permute(&s, x, 2, (int64_t[]){1, 0}), 1, 4, 2, 5, 3,
	      6);
	HOLDS(&s, grpo__h_narrow(&s, x, 1, 1, 2), 2, 3, 5, 6);
	part[0] = x;
	part[1] = grpo__h_narrow(&s, x, 0, 0, 1);
	HOLDS(&s, grpo__h_cat(&s, part, 2, 0), 1, 2, 3, 4, 5, 6, 1, 2, 3);
	HOLDS(&s, grpo__h_index(&s, x, 1, at), 2, 2, 1, 5, 5, 4);
	HOLDS(&s,
	      grpo__h_index(&s, x, 0, grpo__h_ints(&s, (int64_t[]){1}, 1, -1)),
	      4, 5, 6);
	at = grpo__h_reshape(&s, grpo__h_ids(&s, ids, 2, -1), 2,
			     (int64_t[]){2, 1});
	HOLDS(&s, grpo__h_gather_last(&s, x, at), 2, 5);
	grpo__h_scatter_add_last(&s, x, at,
				 matrix(&s, (float[]){10, 20}, 2, 1));
	HOLDS(&s, x, 1, 12, 3, 4, 25, 6);
	at = grpo__h_ids(&s, (int32_t[]){1, 0}, 2, GRPO__CPU);
	grpo__h_index_add(&s, x, 0, at, matrix(&s, a, 2, 3));
	HOLDS(&s, x, 5, 17, 9, 5, 27, 9);
	OK(grpo__scope_close(&s));
}
END_TEST

START_TEST(a_causal_mask_lets_the_last_query_see_all_keys)
{
	grpo__scope s = {0};
	grpo__h x = grpo__h_causal(&s, 2, 4, GRPO__CPU);

	HOLDS(&s, x, 1, 1, 1, 0, 1, 1, 1, 1);
	x = grpo__h_bools(&s, (uint8_t[]){1, 0, 0, 1}, 2, 2, GRPO__CPU);
	HOLDS(&s, x, 1, 0, 0, 1);
	OK(grpo__scope_close(&s));
}
END_TEST

START_TEST(attention_shares_key_heads_in_order)
{
	/* keys are all equal, so each query gets the mean of what it sees */
	static const float q[4] = {0}, k[4] = {0}, v[] = {1, 3, 10, 30};
	grpo__scope s = {0};
	int64_t of_q[] = {1, 4, 1, 1}, of_k[] = {1, 2, 2, 1};
	grpo__h hq = grpo__h_floats(&s, q, 4, -1);
	grpo__h hk = grpo__h_floats(&s, k, 4, -1);
	grpo__h hv = grpo__h_floats(&s, v, 4, -1), mask;

	hq = grpo__h_reshape(&s, hq, 4, of_q);
	hk = grpo__h_reshape(&s, hk, 4, of_k);
	hv = grpo__h_reshape(&s, hv, 4, of_k);
	HOLDS(&s, grpo__h_attention(&s, hq, hk, hv, NULL, 1), 2, 2, 20, 20);
	mask = grpo__h_bools(&s, (uint8_t[]){0, 1}, 1, 2, GRPO__CPU);
	HOLDS(&s, grpo__h_attention(&s, hq, hk, hv, mask, 1), 3, 3, 30, 30);
	OK(grpo__scope_close(&s));
}
END_TEST

START_TEST(a_failure_sticks_and_says_where)
{
	static const float a[] = {1, 2, 3, 4, 5, 6};
	float got[6] = {7, 7, 7, 7, 7, 7};
	grpo__scope s = {0};
	grpo__h x = matrix(&s, a, 2, 3), y;

	y = grpo__h_add(&s, x, matrix(&s, a, 3, 2));
	ck_assert_ptr_null(y);
	ck_assert_int_eq(s.rc, GRPO_ETORCH);
	expect_message("add: ");
	expect_message("must match the size");
	y = grpo__h_narrow(&s, y, 9, 9, 9); /* not even tried */
	ck_assert_ptr_null(grpo__h_mul(&s, x, x));
	ck_assert_ptr_null(grpo__h_floats(&s, a, 6, GRPO__CPU));
	grpo__h_read(&s, got, x, 6);
	ck_assert(got[0] == 7);
	expect_message("add: ");
	ck_assert_int_eq(grpo__scope_close(&s), GRPO_ETORCH);
	ck_assert_int_eq(grpo__scope_close(&s), 0); /* as new */
}
END_TEST

START_TEST(every_operator_is_safe_after_a_failure)
{
	grpo__scope s = {.rc = GRPO_ETORCH};
	grpo__h x = NULL, grads[1], part[2] = {NULL, NULL};
	float f[4] = {0};
	grpo__tensor t = wrap(f, 2, 2);
	int64_t shape[] = {2, 2};

	ck_assert_ptr_null(grpo__h_from(&s, &t));
	grpo__h_store(&s, &t, x);
	grpo__h_assign(&s, x, x);
	grpo__h_accumulate(&s, &t, x);
	grpo__h_read(&s, f, x, 4);
	ck_assert_ptr_null(grpo__h_ints(&s, shape, 2, GRPO__CPU));
	ck_assert_ptr_null(grpo__h_bools(&s, NULL, 0, 0, GRPO__CPU));
	ck_assert_ptr_null(grpo__h_scale(&s, x, 2));
	ck_assert_ptr_null(grpo__h_logsumexp(&s, x));
	ck_assert_ptr_null(grpo__h_mean_last(&s, x));
	ck_assert_ptr_null(grpo__h_sum(&s, x));
	ck_assert_ptr_null(grpo__h_sum_rows(&s, x));
	ck_assert_ptr_null(grpo__h_to(&s, x, GRPO__BF16));
	ck_assert_ptr_null(grpo__h_reshape(&s, x, 2, shape));
	ck_assert_ptr_null(grpo__h_permute(&s, x, 2, shape));
	ck_assert_ptr_null(grpo__h_cat(&s, part, 2, 0));
	ck_assert_ptr_null(grpo__h_index(&s, x, 0, x));
	ck_assert_ptr_null(grpo__h_index_add(&s, x, 0, x, x));
	ck_assert_ptr_null(grpo__h_gather_last(&s, x, x));
	ck_assert_ptr_null(grpo__h_scatter_add_last(&s, x, x, x));
	ck_assert_ptr_null(grpo__h_causal(&s, 2, 2, GRPO__CPU));
	ck_assert_ptr_null(grpo__h_attention(&s, x, x, x, NULL, 1));
	ck_assert_ptr_null(grpo__h_leaf(&s, x));
	grpo__h_backward(&s, x, x, &x, grads, 1);
	ck_assert_ptr_null(grads[0]);
	ck_assert_int_eq(grpo__scope_close(&s), GRPO_ETORCH);
}
END_TEST

START_TEST(store_takes_another_shape_but_not_another_size)
{
	float a[6] = {0}, b[3] = {1, 2, 3}, c[6] = {1, 2, 3, 4, 5, 6};
	grpo__tensor t = wrap(a, 2, 3);
	grpo__scope s = {0};

	grpo__h_store(&s, &t, matrix(&s, c, 3, 2));
	OK(grpo__scope_close(&s));
	for (int i = 0; i < 6; i++)
		ck_assert(a[i] == c[i]);
	grpo__h_accumulate(&s, &t, matrix(&s, c, 6, 1));
	OK(grpo__scope_close(&s));
	ck_assert(a[5] == 12);
	grpo__h_store(&s, &t, matrix(&s, b, 1, 3)); /* would broadcast */
	ck_assert_int_eq(grpo__scope_close(&s), GRPO_ETORCH);
	expect_message("3 elements can't be stored as 6");
	ck_assert(a[5] == 12);
	grpo__h_accumulate(&s, &t, matrix(&s, b, 1, 3));
	ck_assert_int_eq(grpo__scope_close(&s), GRPO_ETORCH);
	grpo__h_read(&s, a, matrix(&s, b, 1, 3), 6);
	ck_assert_int_eq(grpo__scope_close(&s), GRPO_ETORCH);
	expect_message("3 elements can't be read as 6");
	grpo__tensor_free(&t);
}
END_TEST

START_TEST(a_handle_sees_the_memory_of_its_tensor)
{
	float a[4] = {1, 2, 3, 4};
	grpo__tensor t = wrap(a, 2, 2);
	grpo__scope s = {0};
	grpo__h x = grpo__h_from(&s, &t);

	ck_assert_ptr_eq(x, grpo__h_from(&s, &t));
	a[3] = 40;
	HOLDS(&s, x, 1, 2, 3, 40);
	grpo__h_assign(&s, grpo__h_narrow(&s, x, 1, 0, 1),
		       matrix(&s, (float[]){-1, -3}, 2, 1));
	OK(grpo__scope_close(&s));
	ck_assert(a[0] == -1 && a[1] == 2 && a[2] == -3 && a[3] == 40);
	ck_assert_ptr_eq(t.handle, x); /* the tensor's, not the scope's */
	grpo__tensor_free(&t);
}
END_TEST

START_TEST(bfloat16_rounds_to_nearest_even)
{
	static const float a[] = {1.00390625f, 1.01171875f, -3.5f, 65536};
	grpo__scope s = {0};
	grpo__h x = grpo__h_floats(&s, a, 4, GRPO__CPU);

	x = grpo__h_to(&s, x, GRPO__BF16);
	HOLDS(&s, x, 1.0f, 1.015625f, -3.5f, 65536);
	OK(grpo__scope_close(&s));
}
END_TEST

/* y = x^2 w: dx = 2 x w dy, dw = x^2 dy */
START_TEST(backward_gives_the_gradient_of_each_leaf)
{
	static const float a[] = {1, -2}, b[] = {3, 4}, d[] = {0.5f, 10};
	grpo__scope s = {0};
	int was = grpo__grad_enabled(1);
	grpo__h leaf[2], grad[2], y;

	leaf[0] = grpo__h_leaf(&s, grpo__h_floats(&s, a, 2, GRPO__CPU));
	leaf[1] = grpo__h_leaf(&s, grpo__h_floats(&s, b, 2, GRPO__CPU));
	y = grpo__h_mul(&s, grpo__h_mul(&s, leaf[0], leaf[0]), leaf[1]);
	grpo__h_backward(&s, y, grpo__h_floats(&s, d, 2, GRPO__CPU), leaf, grad,
			 2);
	grpo__grad_enabled(was);
	HOLDS(&s, grad[0], 3, -160);
	HOLDS(&s, grad[1], 0.5f, 40);
	OK(grpo__scope_close(&s));
}
END_TEST

START_TEST(a_leaf_leaves_its_tensor_alone)
{
	float a[] = {1, -2};
	grpo__tensor t = wrap(a, 1, 2);
	grpo__scope s = {0};
	grpo__h x = grpo__h_from(&s, &t), y = grpo__h_leaf(&s, x);

	ck_assert_int_eq(at_requires_grad(y), 1);
	ck_assert_int_eq(at_requires_grad(x), 0);
	OK(grpo__scope_close(&s));
	grpo__tensor_free(&t);
}
END_TEST

START_TEST(backward_without_a_graph_is_an_error)
{
	static const float a[] = {1, -2};
	grpo__scope s = {0};
	int was = grpo__grad_enabled(0);
	grpo__h x = grpo__h_leaf(&s, grpo__h_floats(&s, a, 2, GRPO__CPU));
	grpo__h grad, other;

	grpo__h_backward(&s, grpo__h_mul(&s, x, x), x, &x, &grad, 1);
	ck_assert_int_eq(grpo__scope_close(&s), GRPO_ETORCH);
	expect_message("no gradient was recorded");
	grpo__grad_enabled(1);
	x = grpo__h_leaf(&s, grpo__h_floats(&s, a, 2, GRPO__CPU));
	other = grpo__h_leaf(&s, grpo__h_floats(&s, a, 2, GRPO__CPU));
	grpo__h_backward(&s, grpo__h_mul(&s, x, x), x, &other, &grad, 1);
	ck_assert_int_eq(grpo__scope_close(&s), GRPO_ETORCH);
	expect_message("backward: ");
	grpo__grad_enabled(was);
}
END_TEST

START_TEST(memory_that_is_not_there_is_enomem)
{
	int64_t shape[] = {(int64_t)1 << 30, (int64_t)1 << 20};
	struct tch_tensor *x = NULL;

	ck_assert_int_eq(grpo__shim_error("nothing"), 0);
	atg_zeros(&x, shape, 2, grpo__shim_dtype(GRPO__F32), GRPO__CPU);
	ck_assert_ptr_null(x);
	ck_assert_int_eq(grpo__shim_error("zeros"), GRPO_ENOMEM);
	expect_message("zeros: ");
	ck_assert_int_eq(grpo__shim_error("zeros"), 0);
}
END_TEST

/* ------------------------------------------------------------------ ext */

START_TEST(the_library_tells_its_version_and_build)
{
	char text[4096], message[256] = "", part[64];

	ck_assert_int_eq(
	    grpo__ext_config(text, sizeof text, message, sizeof message), 0);
	snprintf(part, sizeof part, "TORCH_VERSION=%s", grpo__ext_version());
	ck_assert_msg(strstr(text, part) != NULL, "%s is not in %s", part,
		      text);
	ck_assert_int_eq(grpo__ext_config(part, 10, message, sizeof message),
			 0);
	ck_assert_uint_eq(strlen(part), 9);
	ck_assert_int_eq(grpo__ext_config(part, 0, message, sizeof message),
			 -1);
	ck_assert_str_ne(message, "");
	if (strstr(text, "Math Kernel Library"))
		ck_assert_int_eq(grpo__ext_has_blas(), 1);
}
END_TEST

static grpo__ext_arg tensor_arg(void **x)
{
	return (grpo__ext_arg){.kind = GRPO__EXT_TENSOR, .tensors = x};
}

/* add.Tensor has a default for alpha, and the shim hides it */
START_TEST(an_operator_is_called_by_name)
{
	static const float a[] = {1, 2};
	grpo__scope s = {0};
	void *x = grpo__h_floats(&s, a, 2, GRPO__CPU), *y = NULL;
	char message[256] = "";
	grpo__ext_arg args[3] = {tensor_arg(&x),
				 tensor_arg(&x),
				 {.kind = GRPO__EXT_DOUBLE, .d = 0.5}};

	ck_assert_msg(!grpo__ext_call("aten::add", "Tensor", args, 3, &y, 1,
				      message, sizeof message),
		      "%s", message);
	HOLDS(&s, y, 1.5f, 3);
	at_free(y);
	args[2] = (grpo__ext_arg){.kind = GRPO__EXT_INT, .i = 3};
	ck_assert_int_eq(grpo__ext_call("aten::add", "Tensor", args, 3, &y, 1,
					message, sizeof message),
			 0);
	HOLDS(&s, y, 4, 8);
	at_free(y);
	ck_assert_int_eq(grpo__ext_call("aten::add", "Tensor", args, 2, &y, 1,
					message, sizeof message),
			 0);
	HOLDS(&s, y, 2, 4);
	at_free(y);
	OK(grpo__scope_close(&s));
}
END_TEST

/* One step of AdamW through lists of tensors, in place and without results,
 * against the composed form. */
START_TEST(an_operator_takes_lists_of_tensors)
{
	float w[] = {1, -2}, g[] = {0.5f, 3}, m[2] = {0}, v[2] = {0}, t = 1;
	float w0[] = {1, -2}, m0[2] = {0}, v0[2] = {0};
	grpo__adamw_args a = {.lr = 0.1f,
			      .beta1 = 0.9f,
			      .beta2 = 0.99f,
			      .eps = 1e-8f,
			      .weight_decay = 0.5f,
			      .bias1 = 0.1f,
			      .bias2 = 0.01f,
			      .grad_scale = 1};
	grpo__tensor tw = wrap(w0, 1, 2), tm = wrap(m0, 1, 2);
	grpo__tensor tv = wrap(v0, 1, 2), tg = wrap(g, 1, 2);
	grpo__scope s = {0};
	float *all[5] = {w, g, m, v, &t};
	grpo__tensor view[5];
	void *x[5];
	grpo__ext_arg args[13] = {{0}};
	char message[256] = "";
	int list[] = {0, 1, 2, 3, -1, 4};
	double number[] = {0.1, 0.9, 0.99, 0.5, 1e-8};

	for (int i = 0; i < 5; i++) {
		view[i] = wrap(all[i], 1, i < 4 ? 2 : 1);
		if (i == 4)
			view[i].rank = 0;
		x[i] = grpo__h_from(&s, &view[i]);
	}
	for (int i = 0; i < 6; i++)
		args[i] =
		    (grpo__ext_arg){.kind = GRPO__EXT_TENSORS,
				    .tensors = list[i] < 0 ? NULL : &x[list[i]],
				    .n = list[i] >= 0};
	for (int i = 0; i < 5; i++)
		args[6 + i] =
		    (grpo__ext_arg){.kind = GRPO__EXT_DOUBLE, .d = number[i]};
	args[11].kind = args[12].kind = GRPO__EXT_BOOL;
	ck_assert_msg(!grpo__ext_call("aten::_fused_adamw_", "", args, 13, NULL,
				      0, message, sizeof message),
		      "%s", message);
	OK(grpo__composed_adamw(&tw, &tm, &tv, &tg, &a));
	near("w", w, w0, 2, 1e-6);
	near("m", m, m0, 2, 1e-6);
	near("v", v, v0, 2, 1e-6);
	OK(grpo__scope_close(&s));
}
END_TEST

/* index takes a list with holes */
START_TEST(an_operator_takes_a_list_with_holes)
{
	static const float a[] = {1, 2, 3, 4, 5, 6};
	grpo__scope s = {0};
	void *x = matrix(&s, a, 2, 3), *y = NULL, *at[2] = {NULL, NULL};
	char message[256] = "";
	grpo__ext_arg args[2] = {
	    tensor_arg(&x), {.kind = GRPO__EXT_TENSORS, .tensors = at, .n = 2}};

	at[1] = grpo__h_ints(&s, (int64_t[]){2, 0}, 2, GRPO__CPU);
	ck_assert_msg(!grpo__ext_call("aten::index", "Tensor", args, 2, &y, 1,
				      message, sizeof message),
		      "%s", message);
	HOLDS(&s, y, 3, 1, 6, 4);
	at_free(y);
	OK(grpo__scope_close(&s));
}
END_TEST

START_TEST(an_operator_gives_several_results)
{
	static const float a[] = {1, 5, 3};
	grpo__scope s = {0};
	void *x = grpo__h_floats(&s, a, 3, GRPO__CPU), *y[2] = {NULL, NULL};
	char message[256] = "";
	grpo__ext_arg args[3] = {tensor_arg(&x),
				 {.kind = GRPO__EXT_INT, .i = 0},
				 {.kind = GRPO__EXT_BOOL, .i = 1}};

	ck_assert_int_eq(grpo__ext_call("aten::max", "dim", args, 3, y, 2,
					message, sizeof message),
			 0);
	HOLDS(&s, y[0], 5);
	HOLDS(&s, y[1], 1);
	at_free(y[0]);
	at_free(y[1]);
	OK(grpo__scope_close(&s));
}
END_TEST

START_TEST(a_bad_call_is_refused_without_output)
{
	static const float a[] = {1, 2};
	grpo__scope s = {0};
	void *x = grpo__h_floats(&s, a, 2, GRPO__CPU), *none = NULL;
	void *y[3] = {&s, &s, &s};
	char message[64];
	grpo__ext_arg args[4] = {tensor_arg(&x),
				 tensor_arg(&x),
				 {.kind = GRPO__EXT_DOUBLE},
				 {.kind = GRPO__EXT_DOUBLE}};
	struct {
		const char *name, *overload;
		size_t n_args, n_results;
		const char *part;
	} bad[] = {
	    {"aten::no_such_thing", "", 1, 1, "no_such_thing"},
	    {"aten::add", "no_such_overload", 2, 1, "aten::add"},
	    {"aten::add", "Tensor", 1, 1, "other"},
	    {"aten::add", "Tensor", 4, 1, "4 arguments"},
	    {"aten::add", "Tensor", 2, 2, "2 results"},
	    {"aten::_foreach_abs", "", 1, 1, "abs"},
	};

	for (int i = 0; i < ROWS(bad); i++) {
		message[0] = '\0';
		ck_assert_int_eq(grpo__ext_call(bad[i].name, bad[i].overload,
						args, bad[i].n_args, y,
						bad[i].n_results, message,
						sizeof message),
				 -1);
		ck_assert_msg(strstr(message, bad[i].part) != NULL,
			      "case %d: \"%s\"", i, message);
		ck_assert_ptr_null(strchr(message, '\n'));
		ck_assert_ptr_eq(y[0], &s);
	}
	args[0].tensors = &none; /* a tensor that must be there */
	ck_assert_int_eq(grpo__ext_call("aten::abs", "", args, 1, y, 1, message,
					sizeof message),
			 -1);
	args[0].kind = 99;
	ck_assert_int_eq(
	    grpo__ext_call("aten::abs", "", args, 1, y, 1, message, 0), -1);
	OK(grpo__scope_close(&s));
}
END_TEST

/* put_ with indices that may repeat has none */
START_TEST(deterministic_mode_refuses_nondeterministic_operators)
{
	static const float a[] = {1, 2};
	char message[256] = "";
	grpo__scope s = {0};
	void *x = grpo__h_floats(&s, a, 2, GRPO__CPU), *y = NULL;
	void *from = grpo__h_floats(&s, a, 2, GRPO__CPU);
	void *at = grpo__h_ints(&s, (int64_t[]){1, 0}, 2, GRPO__CPU);
	grpo__ext_arg args[4] = {tensor_arg(&x),
				 tensor_arg(&at),
				 tensor_arg(&from),
				 {.kind = GRPO__EXT_BOOL}};

	ck_assert_int_eq(grpo__ext_deterministic(1, message, sizeof message),
			 0);
	ck_assert_int_eq(grpo__ext_call("aten::put_", "", args, 4, &y, 1,
					message, sizeof message),
			 -1);
	ck_assert_msg(strstr(message, "deterministic") != NULL, "%s", message);
	ck_assert_int_eq(grpo__ext_deterministic(0, message, sizeof message),
			 0);
	ck_assert_int_eq(grpo__ext_call("aten::put_", "", args, 4, &y, 1,
					message, sizeof message),
			 0);
	at_free(y);
	HOLDS(&s, x, 2, 1);
	OK(grpo__scope_close(&s));
}
END_TEST

START_TEST(memory_of_a_device_that_is_not_there_is_an_error)
{
	char message[256] = "";
	int64_t now = -7, peak = -7;

	if (grpo__ext_has_cuda()) {
		ck_assert_int_eq(
		    grpo__ext_memory(0, &now, &peak, message, sizeof message),
		    0);
		ck_assert_int_ge(peak, now);
		return;
	}
	ck_assert_int_eq(
	    grpo__ext_memory(0, &now, &peak, message, sizeof message), -1);
	ck_assert_str_ne(message, "");
	ck_assert_int_eq(now, -7);
	ck_assert_int_eq(peak, -7);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("torch_scope");
	TCase *c = tcase_create("scope"), *e = tcase_create("ext");

	tcase_set_timeout(c, 120);
	tcase_set_timeout(e, 120);
	suite_add_tcase(s, c);
	suite_add_tcase(s, e);
	tcase_add_test(c, arithmetic_gives_known_values);
	tcase_add_test(c, reductions_keep_the_dimension_that_they_say);
	tcase_add_test(c, shapes_and_indices_are_what_they_say);
	tcase_add_test(c, a_causal_mask_lets_the_last_query_see_all_keys);
	tcase_add_test(c, attention_shares_key_heads_in_order);
	tcase_add_test(c, a_failure_sticks_and_says_where);
	tcase_add_test(c, every_operator_is_safe_after_a_failure);
	tcase_add_test(c, store_takes_another_shape_but_not_another_size);
	tcase_add_test(c, a_handle_sees_the_memory_of_its_tensor);
	tcase_add_test(c, bfloat16_rounds_to_nearest_even);
	tcase_add_test(c, backward_gives_the_gradient_of_each_leaf);
	tcase_add_test(c, a_leaf_leaves_its_tensor_alone);
	tcase_add_test(c, backward_without_a_graph_is_an_error);
	tcase_add_test(c, memory_that_is_not_there_is_enomem);
	tcase_add_test(e, the_library_tells_its_version_and_build);
	tcase_add_test(e, an_operator_is_called_by_name);
	tcase_add_test(e, an_operator_takes_lists_of_tensors);
	tcase_add_test(e, an_operator_takes_a_list_with_holes);
	tcase_add_test(e, an_operator_gives_several_results);
	tcase_add_test(e, a_bad_call_is_refused_without_output);
	tcase_add_test(e,
		       deterministic_mode_refuses_nondeterministic_operators);
	tcase_add_test(e, memory_of_a_device_that_is_not_there_is_an_error);
	return s;
}

int main(void)
{
	return run_torch_suite(suite());
}
