# SPDX-License-Identifier: MIT
# `make help` lists the targets.  CC CXX CFLAGS CXXFLAGS CPPFLAGS LDFLAGS LDLIBS
# are yours to set; the flags that the code itself needs are separate, below.

CC ?= cc
CXX ?= c++
CFLAGS ?= -O2 -g
CXXFLAGS ?= -O2 -g

B ?= build
# Where `make install` puts files; DESTDIR is prepended to all of them.
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
PLUGINDIR ?= $(LIBDIR)/grpo/rewards
DATADIR ?= $(PREFIX)/share/grpo
LIBEXECDIR ?= $(PREFIX)/libexec/grpo
PKGCONFIGDIR ?= $(LIBDIR)/pkgconfig
# 0: neither fetch nor build anything that needs libtorch.
TORCH ?= 1
RECIPE ?= default
ARGS ?=
# Only the tests whose names contain one of these words.
T ?=

.DELETE_ON_ERROR:
.SUFFIXES:
# Set for `make -n` and `make -q`, which must bring nothing.
DRY := $(strip $(foreach f,n q,$(findstring $f,$(filter-out --%,$(firstword -$(MAKEFLAGS))))))
MAKEFLAGS += --no-builtin-rules --no-print-directory
ifeq ($(MAKELEVEL)$(filter -j% --jobs%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 1)
endif
ifneq ($(V),1)
Q := @
endif
, := ,
say = $(if $(Q),@printf '  %-4s %s\n' $1 '$(or $2,$@)')

.PHONY: all
all: ## builds the libraries, the reward plug-ins and the examples (the default)

# ---- dependencies ------------------------------------------------------------

NO_DEPS := clean help symbols asan ubsan tsan valgrind fuzz fuzz-coverage \
	uninstall aarch64
CONFIG := $(B)/deps/config.mk
ifneq ($(or $(if $(MAKECMDGOALS),,all),$(filter-out $(NO_DEPS),$(MAKECMDGOALS))),)
DEPS_MODE := $(if $(filter 1,$(TORCH)),build,plain)
# Of the shim, only what lib/torch calls is compiled.
SHIM_NAMES := $(if $(filter 1,$(TORCH)),$(firstword $(shell deps/bring.sh names | cksum)))
DEPS_NOW := $(DEPS_MODE)|$(LIBTORCH)|$(LIBTORCH_INCLUDE)|$(LIBTORCH_LIB)|$(LIBTORCH_USE_PYTORCH)|$(TORCH_PIN)|$(SHIM_NAMES)
export LIBTORCH LIBTORCH_INCLUDE LIBTORCH_LIB LIBTORCH_USE_PYTORCH TORCH_PIN
# What is included is also made, even in a dry run; so there it is only read.
ifneq ($(DRY),)
$(eval $(file <$(CONFIG)))
else
include $(CONFIG)
endif
ifneq ($(DEPS_NOW),$(DEPS_KEY))
DEPS_STALE := 1
else ifneq ($(words $(DEPS_FILES)),$(words $(wildcard $(DEPS_FILES))))
DEPS_STALE := 1
endif
ifeq ($(DEPS_STALE),1)
$(CONFIG): FORCE
$(if $(DRY),$(info $(shell deps/bring.sh plan $(DEPS_MODE) 2>&1)))
endif
endif

$(CONFIG): deps/bring.sh deps/shim.awk deps/versions
	$(Q)CC='$(CC)' CXX='$(CXX)' CPPFLAGS='$(CPPFLAGS)' \
		deps/bring.sh $(DEPS_MODE) $(B)/deps '$(DEPS_NOW)'

.PHONY: deps
deps: $(CONFIG) ## installs system packages, downloads libtorch and builds its C shim
	@echo "libtorch $(or $(TORCH_VERSION),is not used): $(TORCH_LIB)"

# ---- flags -------------------------------------------------------------------

# The version is defined only in version.h.  Before 1.0 a minor version may break
# programs built against the previous one, so it is part of the soname.
version_of = $(shell sed -n 's/^.define GRPO_VERSION_$1 //p' include/grpo/version.h)
MAJOR := $(call version_of,MAJOR)
MINOR := $(call version_of,MINOR)
VERSION := $(MAJOR).$(MINOR).$(call version_of,PATCH)
SOVERSION := $(if $(filter 0,$(MAJOR)),0.$(MINOR),$(MAJOR))

OWN := -D_XOPEN_SOURCE=700 -Iinclude -fPIC -fvisibility=hidden \
	-Wall -Wextra -MMD -MP
# What compilers of today take for an error is one with those of yesterday.
STRICT_C := -Werror=implicit-function-declaration -Werror=implicit-int \
	-Werror=incompatible-pointer-types -Werror=int-conversion
OWN_C := -std=c11 $(STRICT_C) $(OWN)
OWN_CXX := -std=$(or $(CXXSTD),c++17) $(OWN)
CORE_LIBS := -lpcre2-8 -lcjson -lutf8proc -lm -lpthread -ldl
CHECK_LIBS := $(shell pkg-config --libs check 2>/dev/null || \
	echo -lcheck -lsubunit -lrt -lm)

# The same source for three instruction sets, chosen at run time.  The rounding
# order may differ between them, but they must detect NaN and infinity: never
# -ffast-math.
KERNEL_OPT ?= -O3
KERNEL_FLAGS := $(KERNEL_OPT) -fopenmp -fno-math-errno -fno-trapping-math
ISA_base :=
ISA_avx2 := -mavx2 -mfma
ISA_avx512 := -mavx512f -mavx512bw -mavx512vl -mavx512dq -mfma -mavx2
ISAS := base $(if $(filter x86_64-%,$(shell $(CC) -dumpmachine 2>/dev/null)),avx2 avx512)

# Objects are rebuilt when their command line changes, archives when their list
# of members changes.
FLAGS := $(CC)|$(CXX)|$(CPPFLAGS)|$(CFLAGS)|$(CXXFLAGS)|$(LDFLAGS)|$(LDLIBS)|$(OWN_C)|$(OWN_CXX)|$(KERNEL_FLAGS)|$(TORCH_CFLAGS)|$(TORCH_LIBS)|$(TCH_LIB)
ifneq ($(FLAGS),$(file <$(B)/flags))
$(B)/flags: FORCE
endif
$(B)/flags: export CONTENT = $(FLAGS)
$(B)/flags $(B)/sources:
	@mkdir -p $(@D) && printenv CONTENT >$@

# Some objects know a folder of the installed tree each.
ifneq ($(PLUGINDIR),$(file <$(B)/plugindir))
$(B)/plugindir: FORCE
endif
ifneq ($(DATADIR),$(file <$(B)/datadir))
$(B)/datadir: FORCE
endif
ifneq ($(LIBEXECDIR),$(file <$(B)/libexecdir))
$(B)/libexecdir: FORCE
endif
$(B)/plugindir: export CONTENT = $(PLUGINDIR)
$(B)/datadir: export CONTENT = $(DATADIR)
$(B)/libexecdir: export CONTENT = $(LIBEXECDIR)
$(B)/plugindir $(B)/datadir $(B)/libexecdir:
	@mkdir -p $(@D) && printenv CONTENT >$@

.PHONY: FORCE
FORCE:

# ---- sources -----------------------------------------------------------------

find = $(sort $(wildcard $1))
objects = $(patsubst %,$(B)/obj/%.o,$(basename $1))
# The files that include headers of libgrpo-torch.
needs_torch = $(shell grep -lsE '^.include "(grpo/)?torch[./]' $1 /dev/null)

LIB_SRC := $(call find,$(foreach d,core data text reward algo train,lib/$d/*.c))
LIB_OBJ := $(call objects,$(LIB_SRC))

ifeq ($(TORCH),1)
TORCH_SRC := $(filter-out lib/torch/kernels.c,\
	$(call find,lib/torch/*.c lib/torch/models/*.c))
TORCH_CXX := $(call find,lib/torch/*.cpp)
KERNEL_OBJ := $(if $(wildcard lib/torch/kernels.c),\
	$(ISAS:%=$(B)/obj/lib/torch/kernels.%.o))
TORCH_OBJ := $(call objects,$(TORCH_SRC) $(TORCH_CXX)) $(KERNEL_OBJ)
endif

DATA_SRC := $(call find,datasets/*.c)
DATA_OBJ := $(call objects,$(DATA_SRC))
REWARDS := $(foreach f,$(call find,rewards/*/*.c),\
	$(if $(filter $(notdir $(patsubst %/,%,$(dir $f))).c,$(notdir $f)),\
	$(notdir $(basename $f))))
# A plug-in's folder may hold helper programs too: rewards/code/code.mk.
HELPER_SRC := $(call find,rewards/code/supervisor/*.c rewards/code/jail/*.c)
REWARD_OBJ := $(call objects,$(filter-out $(HELPER_SRC),\
	$(call find,rewards/*/*.c rewards/*/*/*.c)))
REWARD_SO := $(REWARDS:%=$(B)/rewards/%.so)

# A program is a folder of examples/, or one file elsewhere.  Sources directly in
# examples/ are linked into each program; a file NAME_reward.c is a plug-in.
EXAMPLE_SRC := $(filter-out examples/%_reward.c,\
	$(call find,examples/*/*.c examples/*/*.cpp))
EXAMPLE_HELP := $(call objects,$(call find,examples/*.c))
EXAMPLE_SO := $(patsubst %.c,$(B)/%.so,$(call find,examples/*/*_reward.c))
TOOL_SRC := $(call find,datasets/tools/*.c)
TEST_SRC := $(foreach f,$(call find,tests/*.c),$(if $(findstring _,$(notdir $f)),$f))
TEST_HELP := $(call objects,$(filter-out $(TEST_SRC) tests/fault.c,$(call find,tests/*.c)))
BENCH_SRC := $(call find,tests/bench/*.c)
WITH_TORCH := $(call needs_torch,$(call find,examples/*/*.[ch]) $(TOOL_SRC) $(TEST_SRC) \
	$(BENCH_SRC)) $(filter tests/torch_%,$(TEST_SRC))
folder = $(notdir $(patsubst %/,%,$(dir $1)))
TORCH_EXAMPLES := $(sort $(foreach f,$(filter examples/%,$(WITH_TORCH)),$(call folder,$f)))
EXAMPLES := $(sort $(foreach f,$(EXAMPLE_SRC),$(call folder,$f)))
ifneq ($(TORCH),1)
EXAMPLES := $(filter-out $(TORCH_EXAMPLES),$(EXAMPLES))
TEST_SRC := $(filter-out $(WITH_TORCH),$(TEST_SRC))
BENCH_SRC := $(filter-out $(WITH_TORCH),$(BENCH_SRC))
TOOL_SRC := $(filter-out $(WITH_TORCH),$(TOOL_SRC))
endif

EXAMPLE_BIN := $(EXAMPLES:%=$(B)/bin/%)
TOOL_BIN := $(TOOL_SRC:datasets/tools/%.c=$(B)/bin/%)
TEST_BIN := $(TEST_SRC:tests/%.c=$(B)/tests/%)
BENCH_BIN := $(BENCH_SRC:tests/bench/%.c=$(B)/bench/%)
SOAK_BIN := $(patsubst tests/soak/%.c,$(B)/soak/%,$(call find,tests/soak/*.c))
# Tests that are scripts inspect the build; they are not run with sanitizers.
SCRIPTS ?= 1
TEST_SCRIPT := $(if $(filter 1,$(SCRIPTS)),$(patsubst tests/%.sh,$(B)/tests/%,\
	$(call find,tests/test_*.sh)))
TEST_SO := $(patsubst tests/plugins/%.c,$(B)/tests/plugins/%.so,\
	$(call find,tests/plugins/*.c))
TEST_CXX_SO := $(patsubst tests/plugins/%.cpp,$(B)/tests/plugins/%.so,\
	$(call find,tests/plugins/*.cpp))

LIBRARIES := libgrpo $(if $(TORCH_OBJ),libgrpo-torch)
ARCHIVES := $(LIBRARIES:%=$(B)/lib/%.a)
SHARED := $(LIBRARIES:%=$(B)/lib/%.so)
LIBS := $(ARCHIVES) $(SHARED) $(B)/lib/datasets.a
include rewards/code/code.mk
all: $(LIBS) $(REWARD_SO) $(HELPERS) $(EXAMPLE_BIN) $(EXAMPLE_SO) $(TOOL_BIN)

SOURCES := $(LIB_OBJ)|$(DATA_OBJ)|$(TORCH_OBJ)|$(REWARD_OBJ)|$(HELPER_SRC)|$(EXAMPLE_SRC)|$(EXAMPLE_HELP)|$(TEST_HELP)
ifneq ($(SOURCES),$(file <$(B)/sources))
$(B)/sources: FORCE
endif
$(B)/sources: export CONTENT = $(SOURCES)

# ---- compiling ---------------------------------------------------------------

$(B)/obj/%.o: %.c $(B)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(OWN_C) $(NEEDS) $(CPPFLAGS) $(CFLAGS) $(LAST) -c $< -o $@

$(B)/obj/%.o: %.cpp $(B)/flags
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(CXX) $(OWN_CXX) $(NEEDS) $(CPPFLAGS) $(CXXFLAGS) -c $< -o $@

$(KERNEL_OBJ): $(B)/obj/lib/torch/kernels.%.o: lib/torch/kernels.c $(B)/flags
	$(call say,CC,$< $*)
	$(Q)mkdir -p $(@D) && $(CC) $(OWN_C) -Ilib $(CPPFLAGS) $(CFLAGS) \
		$(KERNEL_FLAGS) $(ISA_$*) -DGRPO_ISA=$* -c $< -o $@

# Sums must not depend on whether the machine has a fused multiply-add.
$(B)/obj/lib/algo/%.o: LAST := -ffp-contract=off
$(B)/obj/lib/reward/search.o: LAST := -DGRPO_PLUGINDIR='"$(PLUGINDIR)"'
$(B)/obj/lib/reward/search.o: $(B)/plugindir
$(B)/obj/examples/r1_zero/places.o: LAST := -DGRPO_DATADIR='"$(DATADIR)"'
$(B)/obj/examples/r1_zero/places.o: $(B)/datadir
$(B)/obj/lib/%.o: NEEDS := -Ilib
$(B)/obj/lib/torch/%.o: NEEDS := -fopenmp -Ilib -I$(B)/deps $(TORCH_CFLAGS)
$(B)/obj/examples/%.o $(B)/obj/datasets/%.o: NEEDS := -I.
LIBEXEC_OBJ := $(B)/obj/rewards/code/crew.o $(B)/obj/examples/run_code/main.o
$(LIBEXEC_OBJ): LAST := -DGRPO_LIBEXECDIR='"$(LIBEXECDIR)"'
$(LIBEXEC_OBJ): $(B)/libexecdir
$(B)/obj/tests/%.o: NEEDS := -Ilib -I. -I$(B)/deps
$(TORCH_OBJ): | $(CONFIG)
$(LIB_OBJ) $(DATA_OBJ) $(REWARD_OBJ) $(CODE_HELP_OBJ) $(CODE_MAIN): | $(CONFIG)

# ---- linking -----------------------------------------------------------------

define archive
	$(call say,AR)
	$(Q)mkdir -p $(@D) && rm -f $@ && ar rcs $@ $(filter %.o,$^)
endef

$(B)/lib/libgrpo.a: $(LIB_OBJ) $(B)/sources
	$(archive)
$(B)/lib/datasets.a: $(DATA_OBJ) $(B)/sources
	$(archive)
# It contains the shim, so that users need not find it.
$(B)/lib/libgrpo-torch.a: $(TORCH_OBJ) $(B)/sources
	$(archive)
	$(Q)rm -rf $(B)/tch && mkdir $(B)/tch && cd $(B)/tch && ar x $(TCH_LIB)
	$(Q)ar rs $@ $(B)/tch/*.o && rm -r $(B)/tch

# A shared library exports only the names in its list of symbols.  NAME.so.0.1.0
# is the file; NAME.so.0.1 and NAME.so are links to it.
$(B)/lib/libgrpo.map: lib/symbols
$(B)/lib/libgrpo-torch.map: lib/torch/symbols
$(SHARED:.so=.map): lib/version_script.awk include/grpo/version.h
	$(Q)mkdir -p $(@D) && awk -v version=$(VERSION) -f $< \
		$(filter %/symbols,$^) >$@

define shared
	$(call say,LD)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-z,defs \
		-Wl,-soname,$(@F).$(SOVERSION) -Wl,--version-script=$(@:.so=.map) \
		$(filter %.o,$^) $1 $(LDLIBS) -o $@.$(VERSION)
	$(Q)ln -sf $(@F).$(VERSION) $@.$(SOVERSION) && ln -sf $(@F).$(VERSION) $@
endef

$(B)/lib/libgrpo.so: $(LIB_OBJ) $(B)/lib/libgrpo.map $(B)/sources
	$(call shared,$(CORE_LIBS))
# Finds libgrpo in its own folder, and libtorch where it is now.
$(B)/lib/libgrpo-torch.so: $(TORCH_OBJ) $(B)/lib/libgrpo-torch.map \
		$(B)/lib/libgrpo.so $(B)/sources
	$(call shared,$(TCH_LIB) -L$(B)/lib -lgrpo $(CORE_LIBS) $(TORCH_LIBS) \
		-Wl$(,)-rpath$(,)'$$ORIGIN')

# A plug-in does not link our libraries.  Its file `libs` lists the others it
# needs, and may use variables of deps/config.mk.
in = $(filter $1/%,$2)
reward_libs = $(eval libs_of := $(file <rewards/$1/libs))$(strip $(libs_of))
.SECONDEXPANSION:
$(REWARD_SO): $(B)/rewards/%.so: $$(call in,$(B)/obj/rewards/$$*,$$(REWARD_OBJ)) \
		$$(wildcard rewards/$$*/libs) $(B)/sources
	$(call say,LD)
	$(Q)mkdir -p $(@D) && $(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-z,defs \
		$(filter %.o,$^) $(call reward_libs,$*) -lm $(LDLIBS) -o $@

$(EXAMPLE_SO): WITH := -lcjson
$(TEST_SO) $(EXAMPLE_SO): $(B)/%.so: %.c $(B)/flags
	$(call say,LD)
	$(Q)mkdir -p $(@D) && $(CC) $(OWN_C) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) \
		-MF $(@:.so=.d) -shared $< $(WITH) $(LDLIBS) -o $@

# grpo/reward.h must compile with any compiler.
$(B)/tests/plugins/plain_c99.so: OWN_C += -std=c99 -Wpedantic -Wc++-compat -Werror
$(TEST_CXX_SO): $(B)/tests/plugins/%.so: tests/plugins/%.cpp $(B)/flags
	$(call say,LD)
	$(Q)mkdir -p $(@D) && $(CXX) $(OWN_CXX) -std=c++17 -Wpedantic -Werror $(CPPFLAGS) \
		$(CXXFLAGS) $(LDFLAGS) -MF $(@:.so=.d) -shared $< $(LDLIBS) -o $@

LINK_LIBS := $(B)/lib/datasets.a $(B)/lib/libgrpo.a
LINK = $(or $(LINKER),$(CC)) $(CFLAGS) $(LDFLAGS) $(filter %.o,$^) $(B)/lib/datasets.a \
	$(WITH) $(B)/lib/libgrpo.a $(CORE_LIBS)
# Programs find libtorch by rpath.
program = $(patsubst datasets/tools/%.c,$(B)/bin/%,\
	$(patsubst tests/%.c,$(B)/tests/%,\
	$(patsubst tests/bench/%.c,$(B)/bench/%,$1)))
TORCH_BIN := $(TORCH_EXAMPLES:%=$(B)/bin/%) \
	$(call program,$(filter-out examples/%,$(WITH_TORCH)))
$(TORCH_BIN): WITH = $(B)/lib/libgrpo-torch.a $(TORCH_LIBS)
$(TORCH_BIN): $(B)/lib/libgrpo-torch.a

$(sort $(foreach f,$(filter %.cpp,$(EXAMPLE_SRC)),$(B)/bin/$(call folder,$f))): \
	LINKER = $(CXX)
$(EXAMPLE_BIN): $(B)/bin/%: $$(call objects,$$(call in,examples/$$*,$$(EXAMPLE_SRC))) \
		$(EXAMPLE_HELP) $(LINK_LIBS) $(B)/sources
	$(call say,LD)
	$(Q)mkdir -p $(@D) && $(LINK) $(LDLIBS) -o $@

$(TOOL_BIN): $(B)/bin/%: $(B)/obj/datasets/tools/%.o $(LINK_LIBS)
	$(call say,LD)
	$(Q)mkdir -p $(@D) && $(LINK) $(LDLIBS) -o $@

$(TEST_BIN): $(B)/tests/%: $(B)/obj/tests/%.o $(TEST_HELP) $(LINK_LIBS)
	$(call say,LD)
	$(Q)mkdir -p $(@D) && $(LINK) $(CHECK_LIBS) $(LDLIBS) -o $@

$(TEST_SCRIPT): $(B)/tests/%: tests/%.sh
	$(Q)mkdir -p $(@D) && printf '#!/bin/sh\nexec "%s/%s"\n' '$(CURDIR)' $< >$@ && \
		chmod +x $@

# test_NAME_... is linked with the parts of the plug-in NAME.
define with_parts
$(filter $(B)/tests/test_$1_%,$(TEST_BIN)): $(call in,$(B)/obj/rewards/$1,$(REWARD_OBJ))
$(filter $(B)/tests/test_$1_%,$(TEST_BIN)): WITH += $(call reward_libs,$1)
endef
$(foreach r,$(REWARDS),$(eval $(call with_parts,$r)))

# Programs that share sources of another program's folder.
$(filter $(B)/bin/own_loss,$(EXAMPLE_BIN)): \
	$(call objects,examples/own_policy/parts.c examples/own_policy/table.c)
$(filter $(B)/tests/test_own_loss,$(TEST_BIN)): $(B)/obj/examples/own_loss/topr.o

# Tests of the sources that programs share.
$(filter $(B)/tests/test_example_%,$(TEST_BIN)): $(EXAMPLE_HELP)

# It replaces functions of libc, so only tests that inject faults link it.
$(filter $(B)/tests/fault_%,$(TEST_BIN)): $(B)/obj/tests/fault.o

$(BENCH_BIN): $(B)/bench/%: $(B)/obj/tests/bench/%.o $(LINK_LIBS)
	$(call say,LD)
	$(Q)mkdir -p $(@D) && $(LINK) $(LDLIBS) -o $@

$(SOAK_BIN): $(B)/soak/%: $(B)/obj/tests/soak/%.o $(LINK_LIBS)
	$(call say,LD)
	$(Q)mkdir -p $(@D) && $(LINK) $(LDLIBS) -o $@

-include $(wildcard $(B)/obj/*/*.d $(B)/obj/*/*/*.d $(B)/obj/*/*/*/*.d \
	$(B)/tests/plugins/*.d $(B)/examples/*/*.d)

# Those of the given names that contain one of the words of T.
chosen = $(if $T,$(foreach t,$1,$(if $(strip $(foreach w,$T,$(findstring $w,$t))),$t)),$1)

include tests/fuzz/fuzz.mk

# ---- running -----------------------------------------------------------------

.PHONY: r1-zero
r1-zero: $(B)/bin/r1_zero $(B)/bin/generate $(REWARD_SO) ## trains a model; RECIPE=default|smollm2|countdown, ARGS="..."
ifeq ($(RECIPE),smollm2)
r1-zero: | smollm2
endif
r1-zero:
	$(Q)$(B)/bin/r1_zero --config examples/r1_zero/recipes/$(RECIPE).json $(ARGS)

# The picture that a run draws at its end, also while it goes on.
.PHONY: plot
plot: $(B)/bin/r1_zero ## draws the curve of a run as RUN/curve.svg; RUN=folder, or the last one
	$(Q)$(B)/bin/r1_zero --plot $(or $(RUN),\
		$(patsubst %/metrics.jsonl,%,$(firstword \
		$(shell ls -t runs/*/metrics.jsonl 2>/dev/null))),runs/r1_zero)

.PHONY: smollm2
smollm2: ## downloads SmolLM2-135M-Instruct as a Hugging Face folder into build/models
	$(Q)deps/bring.sh model smollm2-135m $(B)/models

.PHONY: tests
tests: all $(call chosen,$(TEST_BIN) $(TEST_SCRIPT)) $(TEST_SO) $(TEST_CXX_SO) ## builds the tests without running them

.PHONY: test
test: tests ## runs the tests; T=word for those with the word in their name, DATA=folder for real data
	$(Q)BUILD=$(B) CC='$(CC)' CXX='$(CXX)' MAKE='$(MAKE_COMMAND)' \
		tests/run.sh $(call chosen,$(TEST_BIN) $(TEST_SCRIPT))
ifneq ($(DATA),)
export DATA
endif

.PHONY: soak
soak: all $(SOAK_BIN) ## runs many programs of the code reward for a long time; RUNS=200000
	$(Q)$(if $(DRY),: )$(foreach s,$(SOAK_BIN),$s $(or $(RUNS),200000) &&) true

.PHONY: load
load: tests ## runs the tests RUNS=5 times beside LOOPS=4 busy loops; T=word as for test
	$(Q)$(if $(DRY),: )tests/load.sh $(or $(RUNS),5) $(or $(LOOPS),4) $(MAKE) test

# ---- installing --------------------------------------------------------------

# The programs for daily use; the other examples are meant to be read.
PROGRAMS := $(filter score evaluate generate run_code check_reward r1_zero,$(EXAMPLES))
MANUALS := $(foreach p,$(PROGRAMS),$(wildcard docs/man/grpo-$(subst _,-,$p).1)) \
	$(call find,docs/man/*.3 docs/man/*.7)
HEADERS := $(filter-out $(if $(TORCH_OBJ),,include/grpo/torch.h),\
	$(call find,include/grpo/*.h))
PC := $(patsubst lib%,$(B)/%.pc,$(LIBRARIES))

# Every file as MODE:FROM:TO; `uninstall` removes the same.
into = $(foreach f,$2,$1:$f:$3/$(notdir $f))
FILES := $(call into,644,$(HEADERS),$(INCLUDEDIR)/grpo) \
	$(call into,644,$(ARCHIVES),$(LIBDIR)) \
	$(call into,755,$(SHARED:%=%.$(VERSION)),$(LIBDIR)) \
	$(call into,755,$(REWARD_SO),$(PLUGINDIR)) \
	$(call into,755,$(HELPERS),$(LIBEXECDIR)) \
	$(call into,644,$(PC),$(PKGCONFIGDIR)) \
	$(if $(filter r1_zero,$(PROGRAMS)),\
		$(call into,644,$(wildcard examples/r1_zero/recipes/*.json),$(DATADIR)/recipes) \
		$(call into,644,$(wildcard examples/r1_zero/base/*.json),$(DATADIR)/base)) \
	$(foreach p,$(PROGRAMS),755:$(B)/bin/$p:$(BINDIR)/grpo-$(subst _,-,$p)) \
	$(foreach m,$(MANUALS),644:$m:$(MANDIR)/man$(subst .,,$(suffix $m))/$(notdir $m))
LINKS := $(foreach l,$(LIBRARIES),$(LIBDIR)/$l.so.$(SOVERSION) $(LIBDIR)/$l.so)

$(B)/grpo.pc: lib/grpo.pc.in
$(B)/grpo-torch.pc: lib/torch/grpo-torch.pc.in
# Folders below PREFIX are written relative to it, for `pkg-config --define-prefix`.
below = $(patsubst $(PREFIX)/%,$${prefix}/%,$1)
$(PC): FORCE
	$(Q)sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' \
		-e 's|@LIBDIR@|$(call below,$(LIBDIR))|' \
		-e 's|@INCLUDEDIR@|$(call below,$(INCLUDEDIR))|' \
		-e 's|@PLUGINDIR@|$(call below,$(PLUGINDIR))|' \
		-e 's|@CORE_LIBS@|$(CORE_LIBS)|' -e 's|@TORCH_LIBS@|$(TORCH_LIBS)|' \
		$(filter %.pc.in,$^) >$@

.PHONY: install
install: $(LIBS) $(REWARD_SO) $(HELPERS) $(PROGRAMS:%=$(B)/bin/%) $(PC) ## installs everything; PREFIX= DESTDIR= LIBDIR= INCLUDEDIR= PLUGINDIR= LIBEXECDIR= MANDIR=
	$(Q)for f in $(FILES); do \
		from=$${f#*:}; \
		install -D -m "$${f%%:*}" "$${from%%:*}" "$(DESTDIR)$${from#*:}" || exit 1; \
	done
	$(Q)for l in $(LINKS); do \
		f=$${l##*/}; ln -sf "$${f%.so*}.so.$(VERSION)" "$(DESTDIR)$$l" || exit 1; \
	done
	$(if $(DESTDIR),,@echo "installed in $(PREFIX); so that programs find $(LIBDIR)/libgrpo.so," \
		"run ldconfig as root or link them with -Wl$(,)-rpath$(,)$(LIBDIR)")

# Our folders are removed if they are empty.
.PHONY: uninstall
uninstall: ## removes the installed files; use the same PREFIX=, TORCH=, ...
	$(Q)for f in $(FILES) $(LINKS); do rm -f "$(DESTDIR)$${f##*:}"; done
	$(Q)for d in $(PLUGINDIR) $(LIBDIR)/grpo $(INCLUDEDIR)/grpo \
			$(DATADIR)/recipes $(DATADIR)/base $(DATADIR) $(LIBEXECDIR); do \
		rmdir "$(DESTDIR)$$d" 2>/dev/null || :; \
	done

# ---- more checks -------------------------------------------------------------

.PHONY: bench
bench: all $(BENCH_BIN) ## builds and runs the benchmarks
	$(Q)for b in $(BENCH_BIN); do echo "== $${b##*/}"; $$b || exit 1; done

# Installs the tools; a check says so if its tool has another version.
.PHONY: lint
lint: $(CONFIG) ## runs static checks: format, includes, banned calls, headers, manuals, ...
	$(Q)deps/bring.sh system lint
	$(Q)BUILD=$(B) tests/lint/run.sh

.PHONY: symbols
symbols: ## compares the lists of exported symbols with the headers
	$(Q)tests/lint/symbols.sh && echo 'nothing is missing'

# libtorch itself is not built for sanitizers: that it sizes a vector which ext.cpp
# looks at is no overflow, and its classes can't be told from their tables.  Flags
# are on one line: a test hands them to the compiler as they stand.
ASAN_FLAGS := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize=vptr -fno-sanitize-recover=all
UBSAN_FLAGS := -O1 -g -fsanitize=undefined -fno-sanitize=vptr -fno-sanitize-recover=all
# Some checks of each number make gcc spend hours on the kernels; ASan does theirs.
SANITIZE := SCRIPTS=0 LDLIBS='$(LDLIBS)' \
	KERNEL_OPT='-O1 -fno-sanitize=alignment,null,object-size'
.PHONY: asan ubsan tsan valgrind aarch64
asan: ## the tests under AddressSanitizer and UBSan
	$(Q)ASAN_OPTIONS=detect_container_overflow=0:allocator_may_return_null=1 \
		$(MAKE) test $(SANITIZE) \
		B=build-asan CFLAGS='$(ASAN_FLAGS)' CXXFLAGS='$(ASAN_FLAGS)'
ubsan: ## the same under UBSan alone
	$(Q)$(MAKE) test $(SANITIZE) B=build-ubsan CFLAGS='$(UBSAN_FLAGS)' CXXFLAGS='$(UBSAN_FLAGS)'
tsan: ## runs the tests with threads (rewards, trainer) under ThreadSanitizer
	$(Q)RUN='$(NO_ASLR)' TSAN_OPTIONS=halt_on_error=1 $(MAKE) test TORCH=0 $(SANITIZE) \
		B=build-tsan T='$(or $T,test_reward_ test_trainer test_evaluate test_checkpoint test_ranks test_comm)' \
		CFLAGS='-O1 -g -fsanitize=thread'
# Tests that are scripts start programs by themselves, which the machine can't.
ROOT_AARCH64 := build-aarch64/sysroot
QEMU := qemu-aarch64 -L $(ROOT_AARCH64)
aarch64: ## the tests without libtorch for aarch64: cross-compiled, run by qemu
	$(Q)deps/bring.sh sysroot $(ROOT_AARCH64)
	$(Q)RUN='$(QEMU)' EMULATOR='$(QEMU)' $(MAKE) test TORCH=0 SCRIPTS=0 \
		B=build-aarch64 CC=aarch64-linux-gnu-gcc CXX=aarch64-linux-gnu-g++ \
		CPPFLAGS='$(CPP_AARCH64)' LDFLAGS='$(LD_AARCH64)'
CPP_AARCH64 := -isystem $(ROOT_AARCH64)/usr/include \
	-isystem $(ROOT_AARCH64)/usr/include/aarch64-linux-gnu
LD_AARCH64 := -L$(ROOT_AARCH64)/usr/lib/aarch64-linux-gnu \
	-Wl,-rpath-link,$(ROOT_AARCH64)/usr/lib/aarch64-linux-gnu
valgrind: ## some tests under Valgrind
	$(Q)deps/bring.sh system valgrind
	$(Q)CK_FORK=no RUN='$(VALGRIND)' $(MAKE) test TORCH=0 $(SANITIZE) B=build-valgrind \
		CFLAGS='-O1 -g' T='$(or $T,test_core test_json test_config test_dataset test_template test_objective)'
VALGRIND = valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite
# ThreadSanitizer of gcc 12 stops where the kernel spreads addresses widely.
NO_ASLR = $(shell setarch -R true 2>/dev/null && echo setarch -R)

.PHONY: clean
clean: ## removes everything built here; downloads stay in the user's cache
	rm -rf build build-aarch64 build-asan build-ubsan build-tsan build-valgrind build-fuzz build-cover

.PHONY: help
help: ## prints this list
	@sed -n 's/^\([a-z0-9-]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18
