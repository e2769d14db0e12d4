#!/usr/bin/env bash
# Benchmarks against peers in the same run. Prints ratios; docs/benchmarks.md keeps the tables.
set -euo pipefail
build=${1:-build}
echo "== U-Net forward pass against Debian's Python PyTorch (and a current PyTorch if GLIOCAST_TORCH2_PYTHON names its interpreter) =="
"$build/bin/bench_unet"
/usr/bin/python3 bench/unet_peer.py
if [ -n "${GLIOCAST_TORCH2_PYTHON:-}" ]; then "$GLIOCAST_TORCH2_PYTHON" bench/unet_peer.py; fi
echo "== N4 and rigid registration of a 1 mm head (and SimpleITK's if GLIOCAST_PEERS_PYTHON names an interpreter that has it) =="
"$build/bin/bench_preprocess"
if [ -n "${GLIOCAST_PEERS_PYTHON:-}" ]; then "$GLIOCAST_PEERS_PYTHON" bench/preprocess_peer.py; fi
echo "== Radiomics against PyRadiomics if GLIOCAST_PYRADIOMICS_PYTHON names an interpreter that has it (and against Nyxus if GLIOCAST_NYXUS_PYTHON does) =="
data=../shared/data
if [ -n "${GLIOCAST_PYRADIOMICS_PYTHON:-}" ] && [ -d "$data" ]; then
  nyxus=()
  [ -n "${GLIOCAST_NYXUS_PYTHON:-}" ] && nyxus=(--nyxus "$GLIOCAST_NYXUS_PYTHON")
  tumour=$(mktemp --suffix=.nii.gz)
  trap 'rm -f "$tumour"' EXIT
  case=$data/brats/Brats18_2013_11_1/Brats18_2013_11_1
  "$GLIOCAST_PYRADIOMICS_PYTHON" -c 'import sys, SimpleITK as s; s.WriteImage(s.ReadImage(sys.argv[1]) > 0, sys.argv[2])' "${case}_seg.nii.gz" "$tumour"
  "$GLIOCAST_PYRADIOMICS_PYTHON" bench/radiomics_peer.py "$build/gliocast" "${case}_t1ce.nii.gz" "$tumour" 1 5 "${nyxus[@]}" --scaling
  "$GLIOCAST_PYRADIOMICS_PYTHON" bench/radiomics_peer.py "$build/gliocast" $data/pyradiomics/brain1_image.nrrd $data/pyradiomics/brain1_label.nrrd 1 5 --maps
fi
