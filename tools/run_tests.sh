#!/usr/bin/env bash
# Runs every test; the last lines are ctest's own summary. What was skipped, and why, is printed before it.
set -uo pipefail
build=${1:-build}
log="$build/test.log"
export GTEST_COLOR=no
# No terminal colours, no network, a cache of its own: tests must not depend on the user's.
export GLIOCAST_CACHE="$PWD/$build/test-cache"
# Several tests share the cores: threads of OpenMP that wait must not spin on them.
export OMP_WAIT_POLICY=passive
ctest --test-dir "$build" --parallel "$(nproc)" --output-on-failure --verbose > "$log" 2>&1
code=$?
python3 tools/validation_table.py "$log" "$build/validation.md" || code=1
grep -E "Skipped|: Failure|\*\*\*Failed|\*\*\*Timeout|Exception:" "$log" | sort | uniq -c | head -60
if [ $code -ne 0 ]; then
  grep -nE ": Failure$|FAIL: |ERROR: |Traceback|AssertionError|: error: " "$log" | head -60
fi
grep -E "tests passed|^Total Test time|^The following tests|^[[:space:]]+[0-9]+ - " "$log"
exit $code
