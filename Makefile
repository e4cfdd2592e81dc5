# SPDX-License-Identifier: Apache-2.0
# The front door. Each target installs the Debian packages it misses, builds, and does its job.

PREFIX ?= /usr/local
DESTDIR ?=
# Where Debian's loader and pkg-config look; without dpkg-dev meson would take lib64, where neither does.
LIBDIR ?= $(addprefix lib/,$(shell $(CC) -print-multiarch 2>/dev/null))
SECONDS_EACH ?= 30
LONG_SECONDS_EACH ?= 60
PYTHON := $(firstword $(wildcard /usr/bin/python3) python3)
SUITE := $(PYTHON) scripts/suite.py

build_packages := gcc libc6-dev meson ninja-build pkg-config libssl-dev libcurl4-openssl-dev libevent-dev libpq-dev \
	libprotobuf-c-dev libseccomp-dev libsqlite3-dev protobuf-c-compiler
test_packages := $(build_packages) g++ git binutils libcmocka-dev libfuse3-dev libjansson-dev clang-format-14 fuse3 mandoc \
	postgresql strace python3 python3-pytest python3-cryptography python3-jsonschema python3-cbor2
clang_packages := $(test_packages) clang-14 libclang-rt-14-dev llvm-14
interop_packages := $(test_packages) python3-venv golang-go ca-certificates

.PHONY: help build run test lint analyze asan tsan valgrind fuzz repro interop bench check-long install clean fmt

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

build: ## the library and the commands, in build/
	@scripts/need $(build_packages)
	@test -f build/build.ninja || meson setup build -Dtests=false
	@ninja -C build

run: build ## a demonstration: a simulated world, a quote, its verification, two refusals
	@scripts/demo.sh build/src/programs

test: ## every test and rule; ends with "N passed, N failed"
	@scripts/need $(test_packages)
	@$(SUITE) unit replay programs rules

lint: ## the rules of the house, gcc's path analysis, and clang's warnings
	@scripts/need $(clang_packages)
	@$(SUITE) rules analyzer clang

analyze: ## the part of lint that `make test` leaves out
	@scripts/need $(clang_packages)
	@$(SUITE) analyzer clang

asan: ## unit and program tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@scripts/need $(test_packages)
	@$(SUITE) asan

tsan: ## the thread tests under ThreadSanitizer
	@scripts/need $(test_packages)
	@$(SUITE) tsan

valgrind: ## the unit tests under valgrind
	@scripts/need $(test_packages) valgrind
	@$(SUITE) valgrind

fuzz: ## every libFuzzer harness, SECONDS_EACH seconds each
	@scripts/need $(clang_packages)
	@scripts/fuzz.sh $(SECONDS_EACH)

repro: ## two builds of this commit are the same bytes
	@scripts/need $(build_packages) git
	@scripts/repro.sh

interop: ## compare with independent verifiers from package registries
	@scripts/need $(interop_packages)
	@$(SUITE) interop

bench: ## speed and size, as JSON lines
	@scripts/need $(test_packages) nginx-light wrk
	@bench/run

check-long: ## what takes longer than CI may: full matrices, long fuzzing, a fresh Debian
	@scripts/need $(clang_packages) debootstrap
	@$(SUITE) long
	@scripts/fuzz.sh $(LONG_SECONDS_EACH)
	@scripts/fresh-root.sh

install: build ## into $(DESTDIR)$(PREFIX)
	@meson configure build -Dprefix=$(PREFIX) $(if $(LIBDIR),-Dlibdir=$(LIBDIR))
	@ninja -C build
	@meson install -C build --no-rebuild --quiet $(if $(DESTDIR),--destdir "$(abspath $(DESTDIR))")
	@$(if $(DESTDIR),,ldconfig || echo "install: run ldconfig as root")
	@echo "installed under $(DESTDIR)$(PREFIX)"

fmt: ## format the C sources
	@scripts/need clang-format-14
	@git ls-files '*.c' '*.h' | xargs clang-format-14 -i

clean: ## remove what was built
	rm -rf build build-* corpus
