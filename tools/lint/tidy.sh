#!/usr/bin/env bash
# clang-tidy on the sources of the light modules (no ITK, no libtorch) that differ from the merge base with the main
# branch, on that branch itself from the last commit's parent; with --all on every one.
# Usage: tidy.sh PROGRAMS FOLDER [--all]
set -euo pipefail
programs=$1 folder=$2
cmake -S . -B "$folder" -G Ninja -DGLIOCAST_WITH_IMAGING=OFF -DGLIOCAST_WITH_TORCH=OFF \
  -DCMAKE_EXPORT_COMPILE_COMMANDS=ON > "$folder.log" 2>&1 || { cat "$folder.log"; exit 1; }
mapfile -t files < <(python3 tools/lint/changed_sources.py "$folder/compile_commands.json" "${@:3}")
[ ${#files[@]} -gt 0 ] || exit 0
echo "${#files[@]} files"
printf '%s\0' "${files[@]}" |
  xargs -0 -n 1 -P "$(nproc)" "$programs/clang-tidy" -p "$folder" --quiet --warnings-as-errors='*'
