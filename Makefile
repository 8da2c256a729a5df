# SPDX-License-Identifier: Apache-2.0
# The verbs for people; Meson and Ninja, the lab and tests/run do the work.

BUILD ?= build
FUZZ_CC ?= clang
PYTHON ?= python3
RUN ?=
TEST ?=
BENCH ?=
export BULKHEAD_BUILD := $(abspath $(BUILD))

.PHONY: all machine hosted fuzzers stack cache tools run iso test test-hosted test-fuzz test-guest \
	test-lab test-scenario bench lint format fuzz soak clean help

all: machine stack ## build everything: the image, guests, tests, what runs in the root partition
	@ninja -C $(BUILD) --quiet meson-test-prereq

run: all ## boot an emulated machine into a root shell (RUN="--cpus 1 --memory 4G ..." for the lab)
	@lab/lab run $(RUN)

iso: all ## write build/bulkhead.iso, which boots a machine by GRUB, from CD or disk, BIOS or UEFI
	@lab/lab iso $(BUILD)/bulkhead.iso

test: ## build and run all tests
	@tests/run $(TEST)

test-hosted test-fuzz test-guest test-lab test-scenario: test-%: ## one room of the tests: hosted, fuzz, guest, lab or scenario
	@tests/run $* $(TEST)

bench: all ## measure Bulkhead, the bare machine and KVM, into build/bench.json (BENCH="costs ..." for bench/run)
	@$(PYTHON) bench/run $(BENCH)

lint: $(BUILD)/build.ninja ## format, static analysis, and all of it built by gcc and by clang
	@tests/lint

format: ## format all C files
	@git ls-files '*.[ch]' | xargs clang-format -i

fuzz: ## run the fuzz targets for FUZZ_SECONDS each (default 60)
	@tests/run fuzz $(TEST)

soak: ## the long versions: boots over and over
	@tests/run soak-guest soak $(TEST)

clean: ## remove the build directory; the lab's cache stays (lab/lab cache prune)
	rm -rf $(BUILD)

help: ## this list
	@sed -n 's/^test-hosted.*##/test-ROOM: ##/; s/^\([a-zA-Z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | \
		awk -F'|' '{ printf "  make %-10s %s\n", $$1, $$2 }'

# --- what the verbs are made of

tools:
	@for tool in meson ninja gcc; do command -v $$tool >/dev/null || { \
		echo "$$tool is missing. Install what README.md names:"; \
		echo "  apt-get install $$(cat .ci/packages | tr '\n' ' ')"; exit 1; }; done

$(BUILD)/build.ninja: | tools
	@mkdir -p $(BUILD)
	@meson setup $(BUILD) >$(BUILD)/setup.log || { cat $(BUILD)/setup.log; exit 1; }

machine: $(BUILD)/build.ninja
	@ninja -C $(BUILD) --quiet

hosted: $(BUILD)/build.ninja
	@ninja -C $(BUILD) --quiet meson-test-prereq

fuzzers: hosted
	@tests/build-fuzzers $(BUILD)/fuzz $(FUZZ_CC)

cache:
	@lab/lab cache build

stack: | tools
	@stack/build.sh $(BUILD)
