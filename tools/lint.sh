#!/usr/bin/env bash
# Reads the sources without running them: format, spelling, structure, lengths, clang-tidy on the light files that
# changed (--all: on all). What could not be run for want of a tool is said; with CI=true that is a failure.
# Usage: lint.sh [BUILD [--all]]
set -uo pipefail
cd "$(dirname "$0")/.."
build=${1:-build}
failed=() absent=()

check() {  # check NAME COMMAND…: prints what a command that fails has said
  local name=$1 said
  shift
  if said=$("$@" 2>&1); then
    echo "ok      $name"
  else
    echo "FAILED  $name"
    printf '%s\n' "$said" | tail -n 60
    failed+=("$name")
  fi
}

tracked() { git ls-files -z "$@"; }
cpp_format() { tracked '*.cpp' '*.hpp' | xargs -0 "$programs/clang-format" --dry-run -Werror; }
r_format() { tracked '*.R' | xargs -0 "$programs/air" format --check; }
spelling() { tracked | xargs -0 "$programs/codespell" --config tools/lint/codespell.cfg; }

check "include direction" python3 tests/structure/check_structure.py .
check "functions of at most 60 lines" python3 tools/lint/check_functions.py .
check "lines of at most 120 columns" python3 tools/lint/check_lines.py .
check "statements" python3 tools/lint/check_statements.py .

if programs=$(tools/lint/environment.sh "$build/lint"); then
  check "format of C++ (make format)" cpp_format
  check "Python" "$programs/ruff" check --quiet --output-format concise .
  check "format of Python (make format)" "$programs/ruff" format --check --quiet .
  check "format of R (make format)" r_format
  check "spelling" spelling
  check "clang-tidy" tools/lint/tidy.sh "$programs" "$build/lint-light" "${@:2}"
else
  absent=("format" "ruff" "air" "codespell" "clang-tidy")
fi

if [ ${#absent[@]} -gt 0 ]; then
  echo "NOT RUN: ${absent[*]}: the tools of tools/lint/requirements.txt cannot be installed here"
  [ "${CI:-}" = true ] && failed+=("tools")
fi
if [ ${#failed[@]} -gt 0 ]; then
  echo "lint: ${#failed[@]} failed"
  exit 1
fi
echo "lint: passed"
