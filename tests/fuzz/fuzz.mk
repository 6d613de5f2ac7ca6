# SPDX-License-Identifier: MIT
# Fuzzing: a program a target, and one a reward plug-in.  With libFuzzer for
# `make fuzz`, with tests/fuzz/replay.c for `make test`.

FUZZ_CC ?= clang
FUZZ_SECONDS ?= 60

# A reward that has a corpus.
FUZZ_REWARDS := $(filter $(REWARDS),$(patsubst tests/fuzz/corpus/reward_%,%,\
	$(wildcard tests/fuzz/corpus/reward_*)))
FUZZ := $(filter-out reward,$(patsubst tests/fuzz/fuzz_%.c,%,\
	$(call find,tests/fuzz/fuzz_*.c))) $(FUZZ_REWARDS:%=reward_%)
FUZZ_REPLAY := $(FUZZ:%=$(B)/tests/fuzz_%)
FUZZ_BIN := $(FUZZ:%=$(B)/fuzz/%)
FUZZ_PICKED := $(call chosen,$(FUZZ))
TEST_BIN += $(FUZZ_REPLAY)

fuzz_reward = $(patsubst reward_%,%,$(filter reward_%,$1))
fuzz_objects = $(B)/obj/tests/fuzz/fuzz.o $(if $(call fuzz_reward,$1),\
	$(B)/obj/tests/fuzz/fuzz_reward.o \
	$(call in,$(B)/obj/rewards/$(call fuzz_reward,$1),$(REWARD_OBJ)),\
	$(B)/obj/tests/fuzz/fuzz_$1.o \
	$(if $(filter code_%,$1),$(CODE_HELP_OBJ) $(CODE_SHARED_OBJ)))
fuzz_libs = $(if $(call fuzz_reward,$1),$(call reward_libs,$(call fuzz_reward,$1))) \
	$(if $(filter code_%,$1),$(CODE_LIBS))

$(FUZZ_REPLAY): $(B)/tests/fuzz_%: $(B)/obj/tests/fuzz/replay.o \
		$$(call fuzz_objects,$$*) $(LINK_LIBS)
	$(call say,LD)
	$(Q)mkdir -p $(@D) && $(LINK) $(call fuzz_libs,$*) $(CHECK_LIBS) $(LDLIBS) -o $@

$(FUZZ_BIN): $(B)/fuzz/%: $$(call fuzz_objects,$$*) $(LINK_LIBS)
	$(call say,LD)
	$(Q)mkdir -p $(@D) && $(LINK) -fsanitize=fuzzer $(call fuzz_libs,$*) $(LDLIBS) -o $@

FUZZ_MAKE = $(MAKE) TORCH=0 CC=$(FUZZ_CC) LDLIBS='$(LDLIBS)'
.PHONY: fuzz fuzz-run fuzz-coverage fuzz-cover
fuzz: ## runs every fuzzer for FUZZ_SECONDS (60); T=name for some; needs clang
	$(Q)$(FUZZ_MAKE) fuzz-run B=build-fuzz CFLAGS='-O1 -g -fno-omit-frame-pointer \
		-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all'
fuzz-run: $(FUZZ_PICKED:%=$(B)/fuzz/%)
	$(Q)tests/fuzz/run.sh $(B) $(FUZZ_SECONDS) $(FUZZ_PICKED)

fuzz-coverage: ## prints the lines that the corpora reach, including those in build-fuzz
	$(Q)$(FUZZ_MAKE) fuzz-cover B=build-cover CFLAGS='-O0 -g \
		-fprofile-instr-generate -fcoverage-mapping'
fuzz-cover: $(FUZZ_PICKED:%=$(B)/tests/fuzz_%)
	$(Q)tests/fuzz/coverage.sh $(B) build-fuzz $(FUZZ_PICKED)
