#!/usr/bin/env bash
# Simulates a patient, predicts, says where the report is; then two small cohorts and a study of them.
# Usage: demo.sh [BUILD [patient]]; with "patient" the study is left out.
set -euo pipefail
build=${1:-build} part=${2:-all}
out=demo
rm -rf "$out"
echo "Simulating a patient …"
"$build/gliocast" simulate --patients 1 --seed 7 --high-grade 1 --out "$out/patient" --quiet
echo "Predicting …"
"$build/gliocast" predict "$out/patient/SIM-00001" --out "$out/result"
if [ "$part" = all ]; then
  echo "Simulating two small cohorts, and a study of them (some five minutes on two cores) …"
  simulated=(--seed 5 --high-grade 0.3 --spacing 2 --no-flair --quiet)
  "$build/gliocast" simulate --patients 30 --out "$out/cohort" "${simulated[@]}"
  "$build/gliocast" simulate --patients 12 --first 101 --out "$out/cohort2" "${simulated[@]}"
  # A patient who cannot be outlined does not stop it: exit code 1.
  "$build/gliocast" study run "$out/cohort" --validation "$out/cohort2" --preset demo --out "$out/study" ||
    [ $? -eq 1 ]
fi
echo
echo "The report is $(pwd)/$out/result/sub-01/report.html"
echo "The truth is  $(pwd)/$out/patient/truth/SIM-00001.json"
[ "$part" = patient ] || echo "The study is  $(pwd)/$out/study/report.html"
