#!/usr/bin/env bash
# Fuzzes the readers of untrusted files (every libs/*/fuzz/fuzz_*.cpp, and DICOM), for so many minutes (default 10), side
# by side. Needs clang and its libFuzzer runtime.
set -euo pipefail
minutes=${1:-10}
build=build-fuzz
command -v clang++ > /dev/null || { echo "install clang and libclang-rt-14-dev" >&2; exit 1; }
cmake -S . -B $build -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_C_COMPILER=clang -DGLIOCAST_FUZZ=ON -DGLIOCAST_SANITIZE=ON \
  -DGLIOCAST_WITH_IMAGING=OFF -DGLIOCAST_WITH_TORCH=OFF -DBUILD_TESTING=OFF > /dev/null
readers=()
for source in libs/*/fuzz/fuzz_*.cpp; do
  name=$(basename "$source" .cpp)
  readers+=("${name#fuzz_}")
done
cmake --build $build --target "${readers[@]/#/fuzz_}"
mkdir -p "${readers[@]/#/$build/corpus/}"
python3 - "$build/corpus" <<'PY'
import base64, json, os, shutil, sys
corpus = sys.argv[1]
for c in [c for made in ("images", "metaimages") for c in json.load(open(f"tests/reference/imageio/made_{made}.json"))]:
    ending = c["name"].rpartition(".")[2]
    kind = {"nrrd": "nrrd", "mha": "metaimage", "mhd": "metaimage"}.get(ending, "nifti")
    open(os.path.join(corpus, kind, c["name"]), "wb").write(base64.b64decode(c["file"]))
open(os.path.join(corpus, "parameters", "example.yaml"), "w").write("imageType:\n  Original: {}\n  LoG: {sigma: [1.0, 3]}\n  Wavelet: {wavelet: db4, level: 2}\n  LBP2D: {lbp2DMethod: ror}\n  LBP3D: {lbp3DLevels: 2}\nfeatureClass:\n  glcm: [Contrast]\n  shape:\nsetting:\n  binWidth: 5\n  normalize: yes\n  resegmentRange: [-3, 3]\n  interpolator: sitkGaussian\nvoxelSetting:\n  kernelRadius: 2\n  initValue: nan\n")
open(os.path.join(corpus, "parameters", "merge.yaml"), "w").write(
    "setting: &a {binWidth: null, binCount: 0x1F}\nimageType:\n  Square: &b {<<: *a}\n"
    "  LoG: {<<: [*a, *b], sigma: [1_0.5, .5]}\nvoxelSetting: {initValue: -.inf}\n")
# The first byte says how the rest is taken: ending, encoding.
for i, text in enumerate(["\x01a,b\n1,2\n", "\x00a\tb\n\"x\ty\"\t2\n", "\x01sep=;\na;b\n1,5;2\n", "\x00#c\n\"t\" \"s\"\n\"1\" 3 2\n\"2\" 4 1\n",
                          "\x05id,x,,\n1,inf,,\n,,,\n", "\x0c#A\tB\nid\ttime\n1\t\u2212" + "5\n", "\x01time,status\n\"a\",1,2\n\"b\",3,4\n"]):
    open(os.path.join(corpus, "table", str(i)), "w", encoding="utf-8").write(text)
survival_tables = ["\x00t,e\n1,1\n2,2\n", "\x01t;e\n1,5;dead\n2;Alive\n3;Unknown\n",
                   "\x02s,t,e\n-5,-1,0:LIVING\n1,2,1:DECEASED\n0,inf,NA\n"]
for i, text in enumerate(survival_tables):
    open(os.path.join(corpus, "survival_table", str(i)), "w", encoding="utf-8").write(text)
head = json.dumps({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, "__metadata__": {"k": "v"}}).encode()
shutil.copy("models/nomogram-lgg/model.json", os.path.join(corpus, "cox_model"))
open(os.path.join(corpus, "safetensors", "small"), "wb").write(len(head).to_bytes(8, "little") + head + b"\0" * 8)
PY
run() { "$build/bin/fuzz_$1" -max_total_time=$((60 * minutes)) -rss_limit_mb=6000 -max_len=65536 -timeout=20 -artifact_prefix="$build/crash-$1-" -print_final_stats=1 "$build/corpus/$1" > "$build/fuzz-$1.log" 2>&1 && echo "$1: survived, $(grep -a number_of_executed_units "$build/fuzz-$1.log" | grep -o '[0-9]*$') inputs" || { echo "$1: FAILED, see $build/fuzz-$1.log"; return 1; }; }
status=0
jobs=()
for reader in "${readers[@]}"; do
  run "$reader" &
  jobs+=($!)
done
# DICOM goes through ITK and GDCM, which only GCC builds: random changes, by the ordinary build.
if [ -x build/bin/mutate_dicom ]; then tools/mutate_dicom.sh build $((60 * minutes)) & else echo "dicom: not run, make build first"; true & fi
jobs+=($!)
for job in "${jobs[@]}"; do wait "$job" || status=1; done
exit $status
