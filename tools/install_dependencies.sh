#!/usr/bin/env bash
# Installs the Debian packages that are missing; says nothing where all are there. Each is explained in
# docs/dependencies.md. With --checks also what the sanitizers and the fuzzers need (.ci/run, make asan, make fuzz).
set -euo pipefail
packages=(
  ca-certificates g++ make cmake ninja-build ccache git python3
  libinsighttoolkit5-dev libgdcm-dev libtorch-dev libeigen3-dev libdeflate-dev libpng-dev libssl-dev libfmt-dev
  libspdlog-dev nlohmann-json3-dev libcli11-dev libkainjow-mustache-dev libboost-dev libyaml-cpp-dev
  libsvm-dev libxgboost-dev libgtest-dev mricron-data gnuplot-nox
  python3-dev python3-venv python3-jsonschema python3-torch python3-nibabel python3-pydicom
  dcm2niix libgdcm-tools chromium r-cran-survival r-cran-rms r-cran-glmnet r-cran-jsonlite
)
checking=(
  clang libclang-rt-14-dev
)
[ "${GLIOCAST_SKIP_INSTALL:-}" = 1 ] && exit 0
[ "${1:-}" = --checks ] && packages+=("${checking[@]}")
missing=()
for p in "${packages[@]}"; do
  dpkg-query -W -f='${db:Status-Status}\n' "$p" 2>/dev/null | grep -qx installed || missing+=("$p")
done
[ ${#missing[@]} -eq 0 ] && exit 0
if ! command -v apt-get > /dev/null; then
  echo "These packages are needed (Debian names): ${missing[*]}" >&2
  exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo > /dev/null || { echo "Run as root, or install: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "Installing: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
install=(apt-get install -y -qq --no-install-recommends)
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" "${install[@]}" "${missing[@]}" > /dev/null
