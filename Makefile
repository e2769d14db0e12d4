# The two commands of a newcomer are `make demo` and `make test`; both install what is missing first (Debian 12).
BUILD ?= build
JOBS ?= $(shell nproc)
CMAKE_FLAGS ?=
export CCACHE_SLOPPINESS = pch_defines,time_macros

.PHONY: help deps configure build demo test bench asan fuzz format clean

help:
	@echo "make demo   install what is missing, build, simulate a patient, predict, say where the report is"
	@echo "make test   install what is missing, build, run every test"
	@echo "make build  build; the program is build/gliocast"
	@echo "make bench  benchmarks against peers, printed as ratios"
	@echo "make asan   light modules under AddressSanitizer and UBSan"
	@echo "make fuzz   fuzz the readers (MINUTES=10 each)"

deps:
	@tools/install_dependencies.sh

configure: deps
	@cmake -S . -B $(BUILD) -G Ninja -DCMAKE_BUILD_TYPE=Release $(CMAKE_FLAGS) > $(BUILD).configure.log 2>&1 || \
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

bench: build
	@tools/bench.sh $(BUILD)

asan: deps
	@cmake --preset asan > /dev/null && cmake --build --preset asan && ctest --preset asan

fuzz: deps
	@tools/fuzz.sh $(or $(MINUTES),10)

format: deps
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format -i

clean:
	rm -rf $(BUILD) build-*
