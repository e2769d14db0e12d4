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
