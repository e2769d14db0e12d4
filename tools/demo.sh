#!/usr/bin/env bash
# Simulates a patient, predicts, says where the report is.
set -euo pipefail
build=${1:-build}
out=demo
rm -rf "$out"
echo "Simulating a patient …"
"$build/gliocast" simulate --patients 1 --seed 7 --high-grade 1 --out "$out/patient" --quiet
echo "Predicting …"
"$build/gliocast" predict "$out/patient/SIM-00001" --out "$out/result"
echo
echo "The report is $(pwd)/$out/result/sub-01/report.html"
echo "The truth is  $(pwd)/$out/patient/truth/SIM-00001.json"
