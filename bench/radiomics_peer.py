#!/usr/bin/env python3
"""Radiomics by gliocast and by its peers in the same run on the same machine, warm file cache, median of N: the ratio,
the peak memory and the largest difference.

Usage: radiomics_peer.py GLIOCAST IMAGE MASK LABEL [N] [--nyxus PYTHON] [--maps] [--scaling]
An interpreter with PyRadiomics 3; where the gliocast package is installed in it too, the engine is also compared in
process (reading excluded on both sides). PyRadiomics' time is that of execute() with reading, without its interpreter's
start and imports; gliocast's is the whole process, from its start to the written table.
--nyxus: an interpreter with Nyxus 0.11 (all 3-D features of the pair of files). --maps: voxel-based GLCM, of the region
and of 2,000 voxels of it. --scaling: time over regions of 10^3 to 10^7 voxels.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

PEER = """
import json, logging, resource, sys, time, warnings
warnings.filterwarnings("ignore")
import numpy as np
np.float = float
import radiomics, SimpleITK as sitk
from radiomics import featureextractor
radiomics.logger.setLevel(logging.CRITICAL)
image, mask, label, n, parameters, mode = sys.argv[1:7]
label, n, parameters = int(label), int(n), json.loads(parameters)
if mode != "files":
    image, mask = sitk.ReadImage(image), sitk.ReadImage(mask)
if mode == "gliocast":
    import gliocast
    extractor = gliocast.RadiomicsFeatureExtractor(parameters)
else:
    extractor = featureextractor.RadiomicsFeatureExtractor(parameters)
seconds = []
for _ in range(n):
    start = time.perf_counter()
    result = extractor.execute(image, mask, label=label, voxelBased="voxelSetting" in parameters)
    seconds.append(time.perf_counter() - start)
features = {}
if "voxelSetting" not in parameters:
    features = {k: float(v) for k, v in result.items() if not k.startswith("diagnostics")}
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
seconds = sorted(seconds)[len(seconds) // 2]
print(json.dumps({"seconds": seconds, "count": len(result), "features": features, "peak": peak}))
"""
NYXUS = """
import sys, time
from nyxus import Nyxus3D
engine = Nyxus3D(["*3D_ALL*"])
engine.featurize_files([sys.argv[1]], [sys.argv[2]], False)
start = time.perf_counter()
table = engine.featurize_files([sys.argv[1]], [sys.argv[2]], False)
print(time.perf_counter() - start, table.shape[1])
"""
GLCM = [
    "Autocorrelation",
    "JointAverage",
    "ClusterProminence",
    "ClusterShade",
    "ClusterTendency",
    "Contrast",
    "Correlation",
    "DifferenceAverage",
    "DifferenceEntropy",
    "DifferenceVariance",
    "JointEnergy",
    "JointEntropy",
    "Imc1",
    "Imc2",
    "Idm",
    "Idmn",
    "Id",
    "Idn",
    "InverseVariance",
    "MaximumProbability",
    "SumEntropy",
    "SumSquares",
]
CLASSES = {c: [] for c in ("shape", "firstorder", "glcm", "gldm", "glrlm", "glszm", "ngtdm")}
FILTERS = {
    "Original": {},
    "Wavelet": {},
    "LoG": {"sigma": [1.0, 2.0, 3.0, 4.0, 5.0]},
    "Square": {},
    "SquareRoot": {},
    "Logarithm": {},
    "Exponential": {},
    "Gradient": {},
}
CONFIGURATIONS = {
    "default": {"imageType": {"Original": {}}, "featureClass": CLASSES},
    "paper788": {
        "imageType": {"Original": {}, "Wavelet": {}},
        "featureClass": {"shape": [], "firstorder": [], "glcm": GLCM, "glrlm": [], "glszm": [], "gldm": []},
    },
    "all": {"imageType": FILTERS, "featureClass": CLASSES},
}
MAPS = {
    "imageType": {"Original": {}},
    "featureClass": {"glcm": []},
    "voxelSetting": {"kernelRadius": 1},
    "setting": {"additionalInfo": False},
}


def peer(image, mask, label, n, parameters, mode):
    return json.loads(
        subprocess.run(
            [sys.executable, "-c", PEER, image, mask, label, str(n), json.dumps(parameters), mode],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()[-1]
    )


def program(command, n):
    """Median seconds and largest memory (GB) of the whole process."""
    seconds, peak = [], 0
    for _ in range(n):
        start = time.perf_counter()
        process = subprocess.Popen(command)
        _, status, usage = os.wait4(process.pid, 0)
        seconds.append(time.perf_counter() - start)
        assert status == 0, command
        peak = max(peak, usage.ru_maxrss / 1e6)
    return statistics.median(seconds), peak


def compare_presets(a, folder):
    print(
        "| preset | features | PyRadiomics, s | GB | gliocast, whole process, s | GB | times as fast | one thread, s "
        "| in process: PyRadiomics, s | gliocast, s | times as fast | largest relative difference |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    try:
        import gliocast  # noqa: F401

        in_process = True
    except ImportError:
        in_process = False
    for preset, parameters in CONFIGURATIONS.items():
        out = os.path.join(folder, "o.json")
        command = [
            a.gliocast,
            "radiomics",
            a.image,
            a.mask,
            "--preset",
            preset,
            "--label",
            a.label,
            "-q",
            "--overwrite",
            "--out",
        ]
        theirs = peer(a.image, a.mask, a.label, a.n, parameters, "files")
        ours, peak = program([*command, os.path.join(folder, "o.csv")], a.n)
        single, _ = program([*command, os.path.join(folder, "o.csv"), "--threads", "1"], a.n)
        program([*command, out], 1)
        with open(out, encoding="utf-8") as f:
            features = json.load(f)[0]
        worst = max(
            abs(features[k] - v) / max(abs(v), 1e-3)
            for k, v in theirs["features"].items()
            if features.get(k) is not None
        )
        slow = theirs["seconds"]
        inner = "– | – | –"
        if in_process:
            p, g = (peer(a.image, a.mask, a.label, a.n, parameters, mode)["seconds"] for mode in ("memory", "gliocast"))
            inner = f"{p:.2f} | {g:.3f} | {p / g:.0f}"
        print(
            f"| {preset} | {len(theirs['features'])} | {slow:.2f} | {theirs['peak']:.2f} | {ours:.3f} | {peak:.2f} | "
            f"{slow / ours:.0f} | {single:.3f} | {inner} | {worst:.1e} |",
            flush=True,
        )


def compare_nyxus(a, folder):
    run = subprocess.run([a.nyxus, "-c", NYXUS, a.image, a.mask], capture_output=True, text=True, check=False)
    if run.returncode:
        print("Nyxus fails:", run.stderr.strip().splitlines()[-1:])
        return
    theirs, columns = run.stdout.split()[-2:]
    ours, _ = program(
        [
            a.gliocast,
            "radiomics",
            a.image,
            a.mask,
            "--label",
            a.label,
            "-q",
            "--out",
            os.path.join(folder, "n.csv"),
            "--overwrite",
        ],
        a.n,
    )
    print(
        f"\nNyxus 0.11, all 3-D features ({columns} columns), files included: {float(theirs):.2f} s; gliocast's "
        f"default preset, whole process: {ours:.3f} s: {float(theirs) / ours:.1f} times as fast",
        flush=True,
    )


def compare_maps(a, folder):
    import SimpleITK as sitk

    mask = sitk.ReadImage(a.mask) == int(a.label)
    array = sitk.GetArrayFromImage(mask)
    keep = array.nonzero()
    small = array * 0
    small[tuple(k[:2000] for k in keep)] = 1
    for name, labels in (("the region", array), ("2,000 voxels of it", small)):
        if name == "the region" and array.sum() > 20000:
            continue
        image = sitk.GetImageFromArray(labels)
        image.CopyInformation(mask)
        path, parameters = os.path.join(folder, "m.nrrd"), os.path.join(folder, "p.json")
        sitk.WriteImage(image, path)
        with open(parameters, "w", encoding="utf-8") as f:
            json.dump(MAPS, f)
        theirs = peer(a.image, path, "1", 1, MAPS, "files")
        ours, peak = program(
            [
                a.gliocast,
                "radiomics",
                a.image,
                path,
                "--voxel-based",
                "--params",
                parameters,
                "--out",
                os.path.join(folder, "maps"),
                "--overwrite",
                "-q",
            ],
            a.n,
        )
        print(
            f"\nVoxel-based GLCM of {name} ({int(labels.sum())} voxels): PyRadiomics {theirs['seconds']:.2f} s, "
            f"{theirs['peak']:.2f} GB; gliocast, whole process with writing, {ours:.3f} s, {peak:.2f} GB: "
            f"{theirs['seconds'] / ours:.0f} times as fast",
            flush=True,
        )


def scaling(a, folder):
    import numpy as np
    import SimpleITK as sitk

    print("\n| voxels of the region | default, whole process, s | ns a voxel above the smallest |\n|---|---|---|")
    first = None
    for side in (10, 22, 46, 100, 215):
        array = np.random.default_rng(1).integers(0, 500, (side + 4,) * 3).astype(np.int16)
        labels = np.zeros(array.shape, np.uint8)
        labels[2:-2, 2:-2, 2:-2] = 1
        files = [os.path.join(folder, n) for n in ("s.nrrd", "t.nrrd")]
        for data, path in zip((array, labels), files):
            sitk.WriteImage(sitk.GetImageFromArray(data), path)
        seconds, _ = program(
            [a.gliocast, "radiomics", *files, "-q", "--out", os.path.join(folder, "s.csv"), "--overwrite"], a.n
        )
        n = side**3
        first = first or (n, seconds)
        print(
            f"| {n:,} | {seconds:.3f} | "
            f"{'' if n == first[0] else f'{(seconds - first[1]) / (n - first[0]) * 1e9:.0f}'} |",
            flush=True,
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for name in ("gliocast", "image", "mask", "label"):
        parser.add_argument(name)
    parser.add_argument("n", nargs="?", type=int, default=5)
    parser.add_argument("--nyxus")
    parser.add_argument("--maps", action="store_true")
    parser.add_argument("--scaling", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        compare_presets(arguments, temporary)
        if arguments.nyxus:
            compare_nyxus(arguments, temporary)
        if arguments.maps:
            compare_maps(arguments, temporary)
        if arguments.scaling:
            scaling(arguments, temporary)
