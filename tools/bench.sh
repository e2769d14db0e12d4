#!/usr/bin/env bash
# Benchmarks against peers in the same run. Prints ratios; docs/benchmarks.md keeps the tables.
set -euo pipefail
build=${1:-build}
torch2=${GLIOCAST_TORCH2_PYTHON:-} peers=${GLIOCAST_PEERS_PYTHON:-}
sklearn=${GLIOCAST_SKLEARN_PYTHON:-/usr/bin/python3}
pyradiomics=${GLIOCAST_PYRADIOMICS_PYTHON:-} nyxus=${GLIOCAST_NYXUS_PYTHON:-}
echo "== U-Net forward pass against Debian's Python PyTorch" \
  "(and a current PyTorch if GLIOCAST_TORCH2_PYTHON names its interpreter) =="
"$build/bin/bench_unet"
/usr/bin/python3 bench/unet_peer.py
if [ -n "$torch2" ]; then "$torch2" bench/unet_peer.py; fi
echo "== N4 and rigid registration of a 1 mm head" \
  "(and SimpleITK's if GLIOCAST_PEERS_PYTHON names an interpreter that has it) =="
"$build/bin/bench_preprocess"
if [ -n "$peers" ]; then "$peers" bench/preprocess_peer.py; fi
echo "== Nested cross-validation of the chain \`paper\`" \
  "(and scikit-learn's if GLIOCAST_SKLEARN_PYTHON names an interpreter that has it) =="
"$sklearn" bench/grade_peer.py "$build/gliocast"
echo "== Radiomics against PyRadiomics if GLIOCAST_PYRADIOMICS_PYTHON names an interpreter that has it" \
  "(and against Nyxus if GLIOCAST_NYXUS_PYTHON does) =="
data=../shared/data
if [ -n "$pyradiomics" ] && [ -d "$data" ]; then
  with_nyxus=()
  [ -n "$nyxus" ] && with_nyxus=(--nyxus "$nyxus")
  tumour=$(mktemp --suffix=.nii.gz)
  trap 'rm -f "$tumour"' EXIT
  case=$data/brats/Brats18_2013_11_1/Brats18_2013_11_1
  whole='import sys, SimpleITK as s; s.WriteImage(s.ReadImage(sys.argv[1]) > 0, sys.argv[2])'
  "$pyradiomics" -c "$whole" "${case}_seg.nii.gz" "$tumour"
  "$pyradiomics" bench/radiomics_peer.py "$build/gliocast" "${case}_t1ce.nii.gz" "$tumour" 1 5 \
    "${with_nyxus[@]}" --scaling
  brain=$data/pyradiomics/brain1
  "$pyradiomics" bench/radiomics_peer.py "$build/gliocast" ${brain}_image.nrrd ${brain}_label.nrrd 1 5 --maps
fi
echo "== Where a study's time goes =="
/usr/bin/python3 bench/bench_study.py "$build/gliocast"
