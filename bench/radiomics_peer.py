#!/usr/bin/env python3
"""Features of one case by PyRadiomics and by gliocast in the same run, as whole processes, warm file cache, median of N: the ratio, the peak memory and the largest difference.

Usage: radiomics_peer.py GLIOCAST IMAGE MASK LABEL [N]   (an interpreter with PyRadiomics 3)
PyRadiomics' time is that of execute() with reading; its interpreter's start and imports are not counted.
"""
import json
import os
import resource
import statistics
import subprocess
import sys
import time

GLIOCAST, IMAGE, MASK, LABEL = sys.argv[1:5]
N = int(sys.argv[5]) if len(sys.argv) > 5 else 5
SCRIPT = """
import json, logging, resource, sys, time
import radiomics
from radiomics import featureextractor
radiomics.logger.setLevel(logging.ERROR)
image, mask, label, n, parameters = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), json.loads(sys.argv[5])
extractor = featureextractor.RadiomicsFeatureExtractor(parameters)
seconds = []
for _ in range(n):
    start = time.perf_counter()
    result = extractor.execute(image, mask, label=label)
    seconds.append(time.perf_counter() - start)
features = {k: float(v) for k, v in result.items() if not k.startswith("diagnostics")}
print(json.dumps({"seconds": seconds, "features": features, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6}))
"""
GLCM = [f for f in """Autocorrelation JointAverage ClusterProminence ClusterShade ClusterTendency Contrast Correlation DifferenceAverage DifferenceEntropy DifferenceVariance JointEnergy JointEntropy Imc1 Imc2 Idm
Idmn Id Idn InverseVariance MaximumProbability SumEntropy SumSquares""".split()]
CLASSES = {c: [] for c in ("shape", "firstorder", "glcm", "gldm", "glrlm", "glszm", "ngtdm")}
CONFIGURATIONS = {
    "default": {"imageType": {"Original": {}}, "featureClass": CLASSES},
    "paper788": {"imageType": {"Original": {}, "Wavelet": {}}, "featureClass": {"shape": [], "firstorder": [], "glcm": GLCM, "glrlm": [], "glszm": [], "gldm": []}},
    "all": {"imageType": {"Original": {}, "Wavelet": {}, "LoG": {"sigma": [1.0, 2.0, 3.0, 4.0, 5.0]}, "Square": {}, "SquareRoot": {}, "Logarithm": {}, "Exponential": {}, "Gradient": {}}, "featureClass": CLASSES},
}


def gliocast(preset):
    seconds, peak = [], 0
    for _ in range(N):
        start = time.perf_counter()
        process = subprocess.Popen([GLIOCAST, "radiomics", IMAGE, MASK, "--preset", preset, "--label", LABEL, "--out", "bench_radiomics.json", "-q"])
        _, _, usage = os.wait4(process.pid, 0)
        seconds.append(time.perf_counter() - start)
        peak = max(peak, usage.ru_maxrss / 1e6)
    with open("bench_radiomics.json") as f:
        features = json.load(f)[0]
    os.remove("bench_radiomics.json")
    return statistics.median(seconds), peak, features


print("| preset | features | PyRadiomics, s | GB | gliocast, whole process, s | GB | times as fast | largest relative difference |\n|---|---|---|---|---|---|---|---|")
for preset, parameters in CONFIGURATIONS.items():
    theirs = json.loads(subprocess.run([sys.executable, "-c", SCRIPT, IMAGE, MASK, LABEL, str(N if preset == "default" else min(N, 3)), json.dumps(parameters)], capture_output=True, text=True, check=True).stdout.splitlines()[-1])
    ours, peak, features = gliocast(preset)
    worst = max(abs(features[k] - v) / max(abs(v), 1e-3) for k, v in theirs["features"].items() if features.get(k) is not None)
    slow = statistics.median(theirs["seconds"])
    print(f"| {preset} | {len(theirs['features'])} | {slow:.2f} | {theirs['peak']:.2f} | {ours:.3f} | {peak:.2f} | {slow / ours:.0f} | {worst:.1e} |", flush=True)
