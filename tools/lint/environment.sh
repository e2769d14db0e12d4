#!/usr/bin/env bash
# Installs the pinned tools of requirements.txt into a virtual environment and prints its folder of programs.
# Usage: environment.sh FOLDER; exit code 1, with the reason, where the package index cannot be reached.
set -euo pipefail
folder=$1
wanted=$(dirname "$0")/requirements.txt
if ! cmp -s "$wanted" "$folder/requirements.txt"; then
  rm -rf "$folder"
  mkdir -p "$(dirname "$folder")"
  /usr/bin/python3 -m venv "$folder" >&2
  if ! "$folder/bin/pip" install -q --disable-pip-version-check -r "$wanted" > "$folder/pip.log" 2>&1; then
    tail -n 3 "$folder/pip.log" >&2
    exit 1
  fi
  cp "$wanted" "$folder/requirements.txt"
fi
echo "$folder/bin"
