# SPDX-License-Identifier: MIT
# The code reward's two helpers, which lie beside code.so: the supervisor, a
# program of its own, and the keeper, which the waiting Python loads.

CODE_PY := $(call find,rewards/code/supervisor/python/*.py)
CODE_PY_C := $(CODE_PY:%.py=$(B)/gen/%.c)
CODE_PY_OBJ := $(CODE_PY_C:%.c=%.o)
CODE_MAIN := $(call objects,$(wildcard rewards/code/supervisor/main.c))
CODE_SHARED_OBJ := $(call objects,$(call find,rewards/code/shared/*.c))
# All of the supervisor but its main.
CODE_HELP_OBJ := $(filter-out $(CODE_MAIN),$(call objects,\
	$(call find,rewards/code/supervisor/*.c rewards/code/jail/*.c))) $(CODE_PY_OBJ)
CODE_LIBS := -lseccomp
KEEPER_SRC := $(call find,rewards/code/jail/keeper*.c)
HELPERS := $(if $(CODE_MAIN),$(B)/rewards/code-supervisor) \
	$(if $(KEEPER_SRC),$(B)/rewards/code-keeper.so)

# python/NAME.py is `const char code_python_NAME[]`.
$(CODE_PY_C): $(B)/gen/%.c: %.py
	$(Q)mkdir -p $(@D) && { echo 'extern const char code_python_$(notdir $*)[];'; \
		echo 'const char code_python_$(notdir $*)[] ='; \
		sed -e 's/[\\"]/\\&/g' -e 's/^/"/' -e 's/$$/\\n"/' $<; echo ';'; } >$@
$(CODE_PY_OBJ): %.o: %.c $(B)/flags
	$(Q)$(CC) $(OWN_C) $(CPPFLAGS) $(CFLAGS) -c $< -o $@

$(B)/rewards/code-supervisor: $(CODE_MAIN) $(CODE_HELP_OBJ) $(CODE_SHARED_OBJ) $(B)/sources
	$(call say,LD)
	$(Q)mkdir -p $(@D) && $(CC) $(CFLAGS) $(LDFLAGS) $(filter %.o,$^) $(CODE_LIBS) \
		-lm $(LDLIBS) -o $@
# It is loaded into Python, which has no sanitizer.
$(B)/rewards/code-keeper.so: $(KEEPER_SRC) $(B)/flags
	$(call say,LD)
	$(Q)mkdir -p $(@D) && $(CC) $(OWN_C) $(CPPFLAGS) \
		$(filter-out -fsanitize% -fno-sanitize%,$(CFLAGS)) \
		$(filter-out -fsanitize%,$(LDFLAGS)) -MF $(@:.so=.d) \
		-shared $(KEEPER_SRC) $(LDLIBS) -o $@
-include $(B)/rewards/code-keeper.d

# test_code_... is linked with the plug-in and the supervisor.
CODE_TEST_BIN := $(filter $(B)/tests/test_code_% $(B)/bench/bench_code% $(B)/soak/soak_code%,\
	$(TEST_BIN) $(BENCH_BIN) $(SOAK_BIN))
$(CODE_TEST_BIN): $(CODE_HELP_OBJ) $(filter $(B)/obj/rewards/code/%,$(REWARD_OBJ)) $(HELPERS)
$(CODE_TEST_BIN): WITH = $(CODE_LIBS)
