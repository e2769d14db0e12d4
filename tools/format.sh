#!/usr/bin/env bash
# Formats every source with the pinned tools that `make lint` asks. Usage: format.sh [BUILD]
set -euo pipefail
programs=$(tools/lint/environment.sh "${1:-build}/lint")
git ls-files -z '*.cpp' '*.hpp' | xargs -0 "$programs/clang-format" -i
"$programs/ruff" check --fix --quiet . || true  # what it cannot mend, `make lint` says
"$programs/ruff" format --quiet .
git ls-files -z '*.R' | xargs -0 "$programs/air" format
