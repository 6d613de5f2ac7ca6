/* SPDX-License-Identifier: MIT */
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <ATen/Context.h>
#include <ATen/Version.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/jit_type.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/util/Exception.h>
#include <torch/csrc/inductor/aoti_torch/c/shim.h>

#include "torch/ext.h"

namespace
{

/* The first line of a text, cut where there is no room. */
void put(char *dst, size_t cap, const char *text)
{
	size_t n = std::strcspn(text, "\n");

	if (cap == 0)
		return;
	if (n >= cap)
		n = cap - 1;
	std::memcpy(dst, text, n);
	dst[n] = '\0';
}

/* Runs f; whatever it throws becomes a message and -1. */
template <typename F> int guarded(char *message, size_t cap, F f) noexcept
{
	try {
		f();
		return 0;
	} catch (const c10::Error &e) {
		put(message, cap, e.what_without_backtrace());
	} catch (const std::exception &e) {
		put(message, cap, e.what());
	} catch (...) {
		put(message, cap, "an exception of an unknown kind");
	}
	return -1;
}

/* The value of "KEY=" in libtorch's description of its build, or "". */
std::string build_setting(const std::string &key)
{
	std::string all = at::show_config();
	size_t at = all.find(key + "=");

	if (at == std::string::npos)
		return "";
	at += key.size() + 1;
	return all.substr(at, all.find_first_of(",\n", at) - at);
}

at::Tensor tensor_of(void *handle)
{
	return handle ? *static_cast<at::Tensor *>(handle) : at::Tensor();
}

bool takes_optional_tensors(const c10::TypePtr &type)
{
	auto list = type->cast<c10::ListType>();

	return list &&
	       list->getElementType()->kind() == c10::TypeKind::OptionalType;
}

c10::IValue tensor_list(const grpo__ext_arg &a, const c10::TypePtr &type)
{
	c10::List<std::optional<at::Tensor>> holes;
	c10::List<at::Tensor> list;
	bool optional = takes_optional_tensors(type);

	for (size_t i = 0; i < a.n; i++) {
		at::Tensor t = tensor_of(a.tensors[i]);

		if (!optional)
			list.push_back(t);
		else if (t.defined())
			holes.push_back(t);
		else
			holes.push_back(std::nullopt);
	}
	return optional ? c10::IValue(holes) : c10::IValue(list);
}

c10::IValue value_of(const grpo__ext_arg &a, const c10::TypePtr &type)
{
	switch (a.kind) {
	case GRPO__EXT_NONE:
		return c10::IValue();
	case GRPO__EXT_TENSOR:
		return a.tensors[0] ? c10::IValue(tensor_of(a.tensors[0]))
				    : c10::IValue();
	case GRPO__EXT_TENSORS:
		return tensor_list(a, type);
	case GRPO__EXT_INT:
		return c10::IValue(a.i);
	case GRPO__EXT_DOUBLE:
		return c10::IValue(a.d);
	case GRPO__EXT_BOOL:
		return c10::IValue(a.i != 0);
	}
	throw std::invalid_argument("an argument of an unknown kind");
}

/* Handles are made when nothing can fail any more. */
void give(std::vector<at::Tensor> &from, void **results)
{
	std::vector<std::unique_ptr<at::Tensor>> made(from.size());

	for (size_t i = 0; i < from.size(); i++)
		if (from[i].defined())
			made[i] =
			    std::make_unique<at::Tensor>(std::move(from[i]));
	for (size_t i = 0; i < made.size(); i++)
		results[i] = made[i].release();
}

void call(const char *name, const char *overload, const grpo__ext_arg *args,
	  size_t n_args, void **results, size_t n_results)
{
	c10::OperatorHandle op =
	    c10::Dispatcher::singleton().findSchemaOrThrow(name, overload);
	const c10::FunctionSchema &schema = op.schema();
	std::vector<at::Tensor> tensors;
	torch::jit::Stack stack;

	TORCH_CHECK(n_args <= schema.arguments().size(), name, ": ", n_args,
		    " arguments, but it takes ", schema.arguments().size());
	for (size_t i = 0; i < n_args; i++)
		stack.push_back(
		    value_of(args[i], schema.arguments()[i].type()));
	schema.checkAndNormalizeInputs(stack); /* types, and defaults */
	op.callBoxed(stack);
	TORCH_CHECK(n_results <= stack.size(), name, ": ", n_results,
		    " results, but it gives ", stack.size());
	for (size_t i = 0; i < n_results; i++)
		tensors.push_back(stack[i].toTensor());
	give(tensors, results);
}

} // namespace

const char *grpo__ext_version(void)
{
	static thread_local char text[32];
	uint64_t v = aoti_torch_abi_version(); /* a byte each from the top */

	std::snprintf(text, sizeof text, "%u.%u.%u", (unsigned)(v >> 56),
		      (unsigned)(v >> 48) & 0xff, (unsigned)(v >> 40) & 0xff);
	return text;
}

int grpo__ext_config(char *text, size_t cap, char *message, size_t n_message)
{
	return guarded(message, n_message, [&] {
		std::string all = at::show_config();
		size_t n = all.size() < cap ? all.size() : cap - 1;

		if (cap == 0)
			throw std::invalid_argument("no room for the text");
		std::memcpy(text, all.data(), n);
		text[n] = '\0';
	});
}

int grpo__ext_has_blas(void)
{
	int has = 0;

	guarded(nullptr, 0, [&] {
		std::string blas = build_setting("BLAS_INFO");

		has = at::hasMKL() || (!blas.empty() && blas != "generic");
	});
	return has;
}

int grpo__ext_has_cuda(void)
{
	int has = 0;

	guarded(nullptr, 0, [&] { has = at::hasCUDA(); });
	return has;
}

int grpo__ext_deterministic(int on, char *message, size_t cap)
{
	return guarded(message, cap, [&] {
		at::Context &c = at::globalContext();

		c.setDeterministicAlgorithms(on != 0, false);
		/* nothing here reads memory that was not written */
		c.setDeterministicFillUninitializedMemory(false);
	});
}

int grpo__ext_memory(int device, int64_t *now, int64_t *peak, char *message,
		     size_t cap)
{
	return guarded(message, cap, [&] {
		auto stats = at::getDeviceAllocator(c10::kCUDA)
				 ->getDeviceStats((c10::DeviceIndex)device);
		auto &all = stats.allocated_bytes[0]; /* aggregate */

		*now = all.current;
		*peak = all.peak;
	});
}

int grpo__ext_call(const char *name, const char *overload,
		   const grpo__ext_arg *args, size_t n_args, void **results,
		   size_t n_results, char *message, size_t cap)
{
	return guarded(message, cap, [&] {
		call(name, overload, args, n_args, results, n_results);
	});
}
