#!/usr/bin/env bash
# Fuzzes the readers of untrusted files (every libs/*/fuzz/fuzz_*.cpp; DICOM where the ordinary build is there), one a
# core, for so many seconds each, in the build of `make asan`. Usage: fuzz.sh [BUILD [SECONDS]]
set -euo pipefail
ordinary=${1:-build}
seconds=${2:-600}
build=build-clang
cmake --preset asan > /dev/null
readers=()
for source in libs/*/fuzz/fuzz_*.cpp; do
  name=$(basename "$source" .cpp)
  readers+=("${name#fuzz_}")
done
cmake --build $build --target "${readers[@]/#/fuzz_}"
python3 tools/fuzz_corpus.py $build/corpus "${readers[@]}"

# fuzz READER: what it was given stays in the corpus, an input that fails in crash-READER-….
fuzz() {
  local log=$build/fuzz-$1.log
  local options=(-max_total_time="$seconds" -rss_limit_mb=6000 -max_len=65536 -timeout=20 -print_final_stats=1)
  if "$build/bin/fuzz_$1" "${options[@]}" -artifact_prefix="$build/crash-$1-" "$build/corpus/$1" > "$log" 2>&1; then
    echo "$1: survived, $(grep -a number_of_executed_units "$log" | grep -o '[0-9]*$') inputs"
  else
    echo "$1: FAILED, see $log"
    tail -n 30 "$log"
    return 1
  fi
}

export -f fuzz
export build seconds
status=0
# A core each: seconds on the clock are then seconds of work.
printf '%s\n' "${readers[@]}" | xargs -P "$(nproc)" -I{} bash -c 'fuzz {}' || status=1
# DICOM goes through ITK and GDCM, which only the ordinary build has: random changes (also a test of `make test`).
if [ -x "$ordinary/bin/mutate_dicom" ]; then
  tools/mutate_dicom.sh "$ordinary" "$seconds" || status=1
else
  echo "dicom: not run here, the ordinary build has not been made"
fi
exit $status
