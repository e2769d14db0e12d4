#!/bin/sh
# Installs the Python package into a virtual environment of the build folder, as a user would with `pip install .` (with
# build tools that stay between runs), and tests it. Usage: run.sh BUILD SOURCE
set -eu
build=$1 source=$2 venv=$1/python-environment
[ -x "$venv/bin/pip" ] || /usr/bin/python3 -m venv "$venv"
install() { "$venv/bin/pip" install -q --disable-pip-version-check "$@"; }
if ! "$venv/bin/python" -c 'import numpy, SimpleITK, nanobind, scikit_build_core' 2>/dev/null; then
  if ! install numpy SimpleITK nanobind scikit-build-core > "$venv/pip.log" 2>&1; then
    if [ "${CI:-}" = true ]; then cat "$venv/pip.log"; exit 1; fi
    echo "SKIPPED: numpy and SimpleITK cannot be installed here: no package index"
    exit 77
  fi
fi
install --no-build-isolation "$source"
exec "$venv/bin/python" "$source/tests/python/test_package.py" "$build/gliocast" "$source"
