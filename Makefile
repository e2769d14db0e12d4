# The two commands of a newcomer are `make demo` and `make test`; both install what is missing first (Debian 12).
BUILD ?= build
JOBS ?= $(shell nproc)
CMAKE_FLAGS ?=
MINUTES ?= 10
SECONDS ?= $(shell expr 60 \* $(MINUTES))
export CCACHE_SLOPPINESS = pch_defines,time_macros
ifeq ($(CI),true)
WERROR = -DGLIOCAST_WERROR=ON
endif

.PHONY: help deps configure build demo test nightly bench lint tidy format asan asan-build fuzz clean

help:
	@echo "make demo   install what is missing, build, simulate, predict, run a study, say where the reports are"
	@echo "make test   install what is missing, build, run every test"
	@echo "make build  build; the program is build/gliocast"
	@echo "make lint   format, spelling, structure, lengths, clang-tidy on what changed"
	@echo "make format format every source"
	@echo "make tidy   clang-tidy on every light source"
	@echo "make nightly a study of 126 simulated patients beside the truth of the simulation"
	@echo "make bench  benchmarks against peers, printed as ratios"
	@echo "make asan   light modules under AddressSanitizer and UBSan"
	@echo "make fuzz   fuzz the readers (MINUTES=10 or SECONDS=600 each)"

deps:
	@tools/install_dependencies.sh

configure: deps
	@cmake -S . -B $(BUILD) -G Ninja -DCMAKE_BUILD_TYPE=Release $(WERROR) $(CMAKE_FLAGS) > $(BUILD).configure.log 2>&1 || \
	  (cat $(BUILD).configure.log; exit 1)
	@rm -f $(BUILD).configure.log

build: configure
	@cmake --build $(BUILD) -j $(JOBS)

# The programs alone: no tests, no benchmarks. `make test` goes on in the same folder.
demo: configure
	@cmake --build $(BUILD) -j $(JOBS) --target gliocast gliocast_imaging gliocast_dicom
	@tools/demo.sh $(BUILD)

test: build
	@tools/run_tests.sh $(BUILD)

# What takes half an hour and more: a study of simulated patients beside the truth.
nightly: build
	@GLIOCAST_NIGHTLY=1 ctest --test-dir $(BUILD) -L nightly --output-on-failure --verbose

bench: build
	@tools/bench.sh $(BUILD)

lint: deps
	@tools/lint.sh $(BUILD)

tidy: deps
	@tools/lint/tidy.sh "$$(tools/lint/environment.sh $(BUILD)/lint)" $(BUILD)/lint-light --all

format: deps
	@tools/format.sh $(BUILD)

# One build of Clang for the sanitizers and the fuzzers.
asan-build:
	@tools/install_dependencies.sh --checks
	@cmake --preset asan $(WERROR) > /dev/null && cmake --build --preset asan -j $(JOBS)

asan: asan-build
	@ctest --preset asan -j $(JOBS)

fuzz:
	@tools/install_dependencies.sh --checks
	@tools/fuzz.sh $(BUILD) $(SECONDS)

clean:
	rm -rf $(BUILD) build-*
