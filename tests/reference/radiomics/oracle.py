#!/usr/bin/env python3
"""PyRadiomics' numbers over a spread of settings.

Usage (an interpreter with PyRadiomics 3.0.1, scikit-image and trimesh):
  oracle.py fixtures OUT.json       images made by a formula: the fixtures of tests/formula_oracle_test.cpp
  oracle.py real GLIOCAST SHARED    the real images of SHARED/data/pyradiomics, compared with the program on the spot
Build the interpreter once: python3.11 -m venv V && V/bin/pip install numpy==1.26 SimpleITK PyWavelets 'scipy<1.12'
'scikit-image<0.23' trimesh versioneer cython && V/bin/pip install --no-build-isolation pyradiomics==3.0.1
"""

import json
import logging
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import radiomics
import SimpleITK as sitk
from radiomics import featureextractor, shape2D

if int(np.__version__.split(".", maxsplit=1)[0]) >= 2:
    sys.exit("NumPy 2 changes PyRadiomics' numbers (bin edges of float32 images, uint8 overflows): install numpy<2")
warnings.filterwarnings("ignore")
radiomics.logger.setLevel(logging.CRITICAL)
np.float = float  # PyRadiomics 3.0.1 still asks for it in voxel-based mode

DEFAULT = {c: [] for c in ("firstorder", "glcm", "gldm", "glrlm", "glszm", "ngtdm", "shape")}
TEXTURE = {c: [] for c in ("firstorder", "glcm", "gldm", "glrlm", "glszm", "ngtdm")}
STRAIGHT = [1, 0, 0, 0, 1, 0, 0, 0, 1]
OBLIQUE = [0.6, -0.8, 0, 0.8, 0.6, 0, 0, 0, 1]
BALL = [{"label": 1, "ellipsoid": [11, 10, 8, 6, 5, 4]}]


def image_of(size, spacing, direction, kind):
    """Whole numbers by the formula that the C++ test repeats; an eighth of them in floating point."""
    x, y, z = np.meshgrid(*(np.arange(n, dtype=np.int64) for n in size), indexing="ij")
    v = (
        (37 * x + 59 * y + 83 * z + x * y // 2 + y * z // 3 + x * z) % 211
        + (x * x + 2 * y * y + 3 * z * z) % 97
        + 5 * (x + y)
    )
    array = v.transpose(2, 1, 0)
    array = {
        "int16": lambda a: a.astype(np.int16),
        "uint8": lambda a: (a % 256).astype(np.uint8),
        "float32": lambda a: (a / 8 - 20).astype(np.float32),
        "float64": lambda a: a / 8 - 20,
    }[kind](array)
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(spacing)
    image.SetOrigin((-20.5, 13.25, 7.0))
    image.SetDirection(direction)
    return image


def mask_of(image, shapes):
    size = image.GetSize()
    x, y, z = np.meshgrid(*(np.arange(n, dtype=np.int64) for n in size), indexing="ij")
    mask = np.zeros(size, np.uint8)
    for s in shapes:
        if "box" in s:
            a = s["box"]
            mask[a[0] : a[3] + 1, a[1] : a[4] + 1, a[2] : a[5] + 1] = s["label"]
        else:
            cx, cy, cz, rx, ry, rz = s["ellipsoid"]
            inside = (x - cx) ** 2 * (ry * rz) ** 2 + (y - cy) ** 2 * (rx * rz) ** 2 + (z - cz) ** 2 * (
                rx * ry
            ) ** 2 <= (rx * ry * rz) ** 2
            mask[inside] = s["label"]
    out = sitk.GetImageFromArray(mask.transpose(2, 1, 0).copy())
    out.CopyInformation(image)
    return out


def case(
    name,
    setting=None,
    types=None,
    classes=None,
    shapes=None,
    size=(24, 22, 18),
    spacing=(1.0, 1.0, 1.0),
    direction=None,
    kind="int16",
):
    return {
        "name": name,
        "size": list(size),
        "spacing": list(spacing),
        "direction": direction or STRAIGHT,
        "kind": kind,
        "shapes": shapes or BALL,
        "parameters": {
            "setting": setting or {},
            "imageType": types or {"Original": {}},
            "featureClass": classes or DEFAULT,
        },
    }


def cases():
    aniso = {"spacing": (0.7, 1.1, 2.5)}
    out = [
        case("plain"),
        case("float32", kind="float32", setting={"binWidth": 3}),
        case("float64", kind="float64", setting={"binWidth": 2.5}),
        case("uint8", kind="uint8", setting={"binWidth": 12}),
    ]
    for axis in (0, 1, 2):
        out.append(case(f"force2D along {axis}", {"force2D": True, "force2Ddimension": axis}, **aniso))
    for k, name in enumerate(
        [
            "NearestNeighbor",
            "Linear",
            "BSpline",
            "Gaussian",
            "LabelGaussian",
            "HammingWindowedSinc",
            "CosineWindowedSinc",
            "WelchWindowedSinc",
            "LanczosWindowedSinc",
            "BlackmanWindowedSinc",
        ]
    ):
        for kind in ("int16", "float64", "uint8"):
            if kind == "uint8" and k not in (2, 5):
                continue
            out.append(
                case(
                    f"resampled by {name}, {kind}",
                    {"resampledPixelSpacing": [1.3, 0.9, 1.7], "interpolator": "sitk" + name, "binWidth": 10},
                    kind=kind,
                    **aniso,
                )
            )
    out += [
        case("resampled to half, ties", {"resampledPixelSpacing": [2, 2, 2]}),
        case("resampled in plane only", {"resampledPixelSpacing": [1.5, 1.5, 0]}, **aniso),
        case("resampled to the same", {"resampledPixelSpacing": [1, 1, 1], "padDistance": 3}),
        case(
            "resampled, oblique",
            {"resampledPixelSpacing": [1.23, 1.17, 1.31], "padDistance": 2},
            direction=OBLIQUE,
            **aniso,
        ),
        case("oblique", direction=OBLIQUE, **aniso),
        case("normalised", {"normalize": True, "normalizeScale": 100, "binWidth": 5, "voxelArrayShift": 300}),
        case("normalised, outliers", {"normalize": True, "normalizeScale": 50, "removeOutliers": 1.5, "binWidth": 4}),
        case(
            "normalised, resampled",
            {
                "normalize": True,
                "normalizeScale": 100,
                "removeOutliers": 3,
                "resampledPixelSpacing": [0.8, 0.8, 2],
                "binWidth": 8,
            },
            kind="float32",
            **aniso,
        ),
        case("resegmented absolute", {"resegmentRange": [60, 250]}),
        case("resegmented absolute, shape too", {"resegmentRange": [60, 250], "resegmentShape": True}),
        case("resegmented above", {"resegmentRange": [120]}),
        case("resegmented relative", {"resegmentRange": [0.2, 0.8], "resegmentMode": "relative"}),
        case("resegmented sigma", {"resegmentRange": [-1, 1.5], "resegmentMode": "sigma"}),
        case("bin count 16", {"binCount": 16}),
        case("bin count 1", {"binCount": 1}),
        case("narrow bins", {"binWidth": 0.5}),
        case("wide bins", {"binWidth": 5000}),
        case("distances 1 2 4", {"distances": [1, 2, 4]}),
        case("distance 3", {"distances": [3]}),
        case("distances in 2-D", {"distances": [1, 3], "force2D": True}),
        case("not symmetrical", {"symmetricalGLCM": False}),
        case("gldm_a 2", {"gldm_a": 2, "binWidth": 15}),
        case("gldm_a 40, distances 1 2", {"gldm_a": 40, "distances": [1, 2]}),
        case(
            "label 7 of several",
            {"label": 7},
            shapes=[
                {"label": 1, "box": [1, 1, 1, 5, 5, 5]},
                {"label": 7, "ellipsoid": [14, 12, 9, 5, 6, 4]},
                {"label": 3, "box": [13, 11, 8, 15, 13, 10]},
            ],
        ),
        case(
            "components",
            shapes=[
                {"label": 1, "box": [2, 2, 2, 5, 6, 4]},
                {"label": 1, "box": [12, 10, 9, 17, 14, 15]},
                {"label": 1, "box": [6, 7, 5, 6, 7, 5]},
            ],
        ),
        case(
            "at the image's edges",
            shapes=[{"label": 1, "box": [0, 0, 0, 6, 5, 4]}, {"label": 1, "box": [20, 18, 14, 23, 21, 17]}],
        ),
        case("the whole image", shapes=[{"label": 1, "box": [0, 0, 0, 23, 21, 16]}]),
        case("two voxels", {"minimumROIDimensions": 1}, shapes=[{"label": 1, "box": [5, 5, 5, 6, 5, 5]}]),
        case(
            "three voxels in two places",
            {"minimumROIDimensions": 1},
            shapes=[{"label": 1, "box": [5, 5, 5, 6, 5, 5]}, {"label": 1, "box": [9, 5, 5, 9, 5, 5]}],
        ),
        case("a line", {"minimumROIDimensions": 1}, shapes=[{"label": 1, "box": [3, 9, 9, 18, 9, 9]}]),
        case("a slice", shapes=[{"label": 1, "box": [3, 4, 9, 18, 15, 9]}]),
        case(
            "a slice across x, 2-D",
            {"force2D": True, "force2Ddimension": 2},
            shapes=[{"label": 1, "box": [7, 4, 3, 7, 15, 14]}],
        ),
        case("thin image", size=(24, 22, 2), shapes=[{"label": 1, "box": [3, 4, 0, 18, 15, 1]}]),
        case("checkerboard of levels", {"binWidth": 1}, shapes=[{"label": 1, "box": [3, 4, 3, 6, 7, 6]}]),
    ]
    for norm in ("euclidean", "manhattan", "infinity", "no_weighting"):
        out.append(case(f"weighted, {norm}", {"weightingNorm": norm, "distances": [1, 2]}, **aniso))
    few = {"firstorder": [], "glcm": ["Contrast", "MCC"], "glszm": ["ZoneEntropy", "LargeAreaEmphasis"]}
    for wavelet, level, start in (
        ("haar", 1, 0),
        ("db2", 2, 0),
        ("db10", 1, 0),
        ("sym4", 2, 1),
        ("coif3", 1, 1),
        ("bior2.2", 1, 0),
        ("bior3.5", 2, 0),
        ("rbio1.3", 1, 0),
        ("rbio4.4", 1, 0),
        ("dmey", 1, 0),
    ):
        out.append(
            case(
                f"wavelet {wavelet} {level} {start}",
                {"preCrop": level == 2, "binWidth": 10},
                {"Wavelet": {"wavelet": wavelet, "level": level, "start_level": start}},
                few,
                size=(25, 22, 19),
            )
        )
    out += [
        case(
            "wavelet, 2-D",
            {"force2D": True, "force2Ddimension": 1, "binWidth": 2},
            {"Wavelet": {}},
            few,
            kind="float64",
        ),
        case("wavelet, float32", {"binWidth": 2}, {"Wavelet": {}}, few, kind="float32"),
        case("LoG", {"binWidth": 5}, {"LoG": {"sigma": [0.8, 2.0, 3, 9.0]}}, few, **aniso),
        case(
            "LoG after cropping",
            {"binWidth": 5, "preCrop": True, "padDistance": 4},
            {"LoG": {"sigma": [1.5]}},
            few,
            kind="float64",
        ),
        case(
            "point filters",
            {"binWidth": 12},
            {
                "Square": {},
                "SquareRoot": {},
                "Logarithm": {},
                "Exponential": {},
                "Gradient": {"gradientUseSpacing": False},
            },
            few,
            kind="float64",
        ),
        case("gradient with spacing", {"binWidth": 3}, {"Gradient": {}}, few, **aniso),
        case(
            "settings of an image type",
            {"binWidth": 30},
            {"Original": {"binWidth": 10}, "Square": {"binCount": 8}},
            few,
        ),
        case("LBP2D", {"force2D": True}, {"LBP2D": {"binWidth": 1}}, few),
        case(
            "LBP2D of another kind",
            {"force2D": True, "force2Ddimension": 2},
            {"LBP2D": {"binWidth": 1, "lbp2DMethod": "ror", "lbp2DRadius": 2.5, "lbp2DSamples": 12}},
            few,
        ),
        case(
            "LBP2D var",
            {"force2D": True, "force2Ddimension": 1},
            {"LBP2D": {"binWidth": 100, "lbp2DMethod": "var"}},
            few,
            kind="float64",
        ),
        case("LBP2D default", {"force2D": True}, {"LBP2D": {"lbp2DMethod": "default"}}, few),
        case("LBP3D", {"binWidth": 0.05}, {"LBP3D": {}}, few),
        case(
            "LBP3D finer",
            {"binWidth": 0.05},
            {"LBP3D": {"lbp3DLevels": 3, "lbp3DIcosphereRadius": 1.5, "lbp3DIcosphereSubdivision": 2}},
            few,
        ),
    ]
    for masked, radius, extra in (
        (True, 1, {}),
        (False, 2, {}),
        (True, 2, {"force2D": True, "force2Ddimension": 1}),
        (True, 1, {"weightingNorm": "euclidean"}),
    ):
        one = case(
            f"maps, masked {masked}, radius {radius} {''.join(extra)}",
            {"binWidth": 40, **extra},
            classes=TEXTURE,
            shapes=[{"label": 1, "ellipsoid": [11, 10, 8, 3, 2, 2]}],
        )
        one["parameters"]["voxelSetting"] = {"kernelRadius": radius, "maskedKernel": masked}
        out.append(one)
    return out


def number(v):
    v = float(v)
    return v if np.isfinite(v) else None


def features_of(parameters, image, mask):
    """Numbers by name; of maps the sums of values and of squares over the region and the number of undefined ones."""
    maps = "voxelSetting" in parameters
    extractor = featureextractor.RadiomicsFeatureExtractor(
        json.loads(json.dumps({k: dict(v) for k, v in parameters.items()}))
    )
    result = {
        k: v for k, v in extractor.execute(image, mask, voxelBased=maps).items() if not k.startswith("diagnostics")
    }
    if not maps:
        out = {k: number(v) for k, v in result.items()}
        setting = parameters["setting"]
        label = setting.get("label", 1)
        array = sitk.GetArrayFromImage(mask) == label
        axis = setting.get("force2Ddimension", 0)
        if (
            setting.get("force2D") and np.ptp(np.where(array)[axis]) == 0
        ):  # PyRadiomics' own check of this class is inverted: ask the class itself
            box = radiomics.imageoperations.checkMask(image, sitk.Cast(mask, sitk.sitkUInt32), **setting)[0]
            shape = shape2D.RadiomicsShape2D(
                *radiomics.imageoperations.cropToTumorMask(image, sitk.Cast(mask, sitk.sitkUInt32), box), **setting
            )
            shape.enableAllFeatures()
            out.update({f"original_shape2D_{k}": number(v) for k, v in shape.execute().items()})
        return out
    out = {}
    for name, image_map in result.items():
        if name.endswith("MCC"):
            continue  # fails as a whole in PyRadiomics where one neighbourhood lacks a direction
        v = sitk.GetArrayFromImage(image_map)
        out[name] = [float(np.nansum(v)), float(np.nansum(v * v)), int(np.isnan(v).sum())]
    return out


def write_fixtures(path):
    out = []
    for c in cases():
        image = image_of(c["size"], c["spacing"], c["direction"], c["kind"])
        mask = mask_of(image, c["shapes"])
        try:
            c["features"] = features_of(c["parameters"], image, mask)
        except Exception as e:
            print("PyRadiomics fails:", c["name"], e)
            continue
        out.append(c)
    text = ",\n".join(json.dumps(c) for c in out)
    pathlib.Path(path).write_text("[\n" + text + "\n]\n", encoding="utf-8")
    print(len(out), "cases,", sum(len(c["features"]) for c in out), "features")


def compare_real(gliocast, shared):
    folder = pathlib.Path(shared) / "data/pyradiomics"
    worst, failed = 0.0, 0
    for name in ("brain1", "brain2", "breast1"):
        files = [folder / f"{name}_image.nrrd", folder / f"{name}_label.nrrd"]
        image, mask = map(sitk.ReadImage, map(str, files))
        for c in cases():
            if (
                "voxelSetting" in c["parameters"]
                or c["kind"] != "int16"
                or c["shapes"] is not BALL
                or c["name"] == "LBP3D finer"
            ):  # whose thousands of grey levels take PyRadiomics hours
                continue
            try:
                theirs = features_of(c["parameters"], image, mask)
            except Exception as e:
                print(name, c["name"], "PyRadiomics fails:", e)
                continue
            with tempfile.TemporaryDirectory() as t:
                parameters, table = pathlib.Path(t) / "p.json", pathlib.Path(t) / "o.json"
                parameters.write_text(json.dumps(c["parameters"]))
                run = subprocess.run(
                    [gliocast, "radiomics", *files, "--params", parameters, "--out", table, "-q"],
                    capture_output=True,
                    text=True,
                    check=False,
                )
                ours = json.loads(table.read_text())[0] if run.returncode == 0 else {}
            bad, largest = [], 0.0
            for k, v in theirs.items():
                g = ours.get(k)
                if v is None or g is None:
                    bad += [] if v == g else [(k, g, v)]
                    continue
                error = abs(g - v) / max(abs(v), 1e-3)
                largest = max(largest, error)
                if error > 1e-6:
                    bad.append((k, g, v))
            worst = max(worst, largest)
            failed += len(bad)
            print(
                f"{name} | {c['name']} | {len(theirs)} | {largest:.2g} | {len(bad)} differ {bad[:2] if bad else ''} "
                f"{run.stderr[:200] if run.returncode else ''}",
                flush=True,
            )
    print("largest difference", worst, "failed", failed)
    return 1 if failed else 0


if __name__ == "__main__":
    if sys.argv[1] == "fixtures":
        write_fixtures(sys.argv[2])
    else:
        sys.exit(compare_real(sys.argv[2], sys.argv[3]))
