#!/usr/bin/env bash
# Reads randomly changed DICOM files for so many seconds. Usage: mutate_dicom.sh BUILD SECONDS [SEED]
set -euo pipefail
seeds=$(mktemp -d)
trap 'rm -rf "$seeds"' EXIT
/usr/bin/python3 "$(dirname "$0")/../tests/cli/make_dicom_seeds.py" "$seeds"
"$1/bin/mutate_dicom" "$2" "$seeds" "${3:-1}"
