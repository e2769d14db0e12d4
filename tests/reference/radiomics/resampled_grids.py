#!/usr/bin/env python3
"""PyRadiomics' resampled voxels on straight, permuted, mirrored and oblique grids, and its features of clinical images.

Usage (the interpreter of oracle.py: PyRadiomics 3, SimpleITK 2.5, NumPy below 2):
  resampled_grids.py grids OUT.json [N] [SEED]    N random grids (360): libs/radiomics/tests/resampling_oracle_test.cpp
  resampled_grids.py inverses OUT.json [N] [SEED] N inverses of grids' matrices (180)
  resampled_grids.py clinical SHARED OUT.json     features of the images of SHARED/data/raw and one of SHARED/data/brats
Voxels are kept as fingerprints: their sum, and the sum of voxel · (7919 · index mod 65521); exact for whole numbers.
"""

import json
import logging
import pathlib
import sys

import numpy as np
import radiomics
import SimpleITK as sitk
from radiomics import featureextractor, imageoperations

if int(np.__version__.split(".", maxsplit=1)[0]) >= 2:
    sys.exit("NumPy 2 changes PyRadiomics' numbers (bin edges of float32 images, uint8 overflows): install numpy<2")
radiomics.logger.setLevel(logging.CRITICAL)

INTERPOLATORS = [
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
DIRECTIONS = ["straight", "permuted", "mirrored", "oblique", "turned about z", "oblique in single precision"]
KINDS = ["uint8", "int16", "uint16", "float32", "float64"]


def formula(size):
    """The whole numbers of formula_image.hpp, and its region: of any size, with holes."""
    x, y, z = np.meshgrid(*(np.arange(n, dtype=np.int64) for n in size), indexing="ij")
    v = (37 * x + 59 * y + 83 * z + x * y // 2 + y * z // 3 + x * z) % 211 + (x * x + 2 * y * y + 3 * z * z) % 97
    v = v + 5 * (x + y)
    region = (x * x + 3 * y + 5 * z * z + x * y) % 7 < 4
    return v.transpose(2, 1, 0), region.transpose(2, 1, 0)


def grid(size, spacing, origin, direction):
    return {
        "size": [int(n) for n in size],
        "spacing": [float(s) for s in spacing],
        "origin": [float(o) for o in origin],
        "direction": [float(d) for d in np.ravel(direction)],
    }


def on_grid(array, g):
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(g["spacing"])
    image.SetOrigin(g["origin"])
    image.SetDirection(g["direction"])
    return image


def image_of(g, kind):
    v = formula(g["size"])[0]
    if kind == "int16":
        v = v * 3 - 400
    return on_grid({"uint8": v % 256, "float32": v / 8 - 20, "float64": v / 8 - 20}.get(kind, v).astype(kind), g)


def mask_of(g, box):
    region = formula(g["size"])[1].copy()
    inside = np.zeros_like(region)
    inside[box[2] : box[5] + 1, box[1] : box[4] + 1, box[0] : box[3] + 1] = True
    return on_grid((region & inside).astype(np.uint32), g)


def rotation(angles):
    (a, b, c), (s, t, u) = np.cos(angles), np.sin(angles)
    about = [[[1, 0, 0], [0, a, -s], [0, s, a]], [[b, 0, t], [0, 1, 0], [-t, 0, b]], [[c, -u, 0], [u, c, 0], [0, 0, 1]]]
    return np.array(about[2]) @ np.array(about[1]) @ np.array(about[0])


def direction_of(name, random):
    if name == "permuted":
        return np.eye(3)[random.permutation(3)]
    if name == "mirrored":
        return np.eye(3)[random.permutation(3)] * random.choice([-1, 1], 3)
    if name == "turned about z":
        return rotation([0, 0, random.uniform(-1, 1)])
    if name.startswith("oblique"):
        m = rotation(random.uniform(-0.4, 0.4, 3))
        return m.astype(np.float32).astype(float) if "single" in name else m
    return np.eye(3)


def new_spacing(spacing, k, random):
    """Whole multiples, whole fractions, broken factors, whole millimetres with one axis kept."""
    if k == 0:
        return spacing * random.choice([1.0, 2, 3, 4, 5], 3)
    if k == 1:
        return spacing / random.choice([2.0, 3, 4], 3)
    if k == 2:
        return spacing * random.uniform(0.5, 2.2, 3)
    new = random.choice([1.0, 2.0, 3.0], 3)
    new[random.integers(3)] = 0
    return new


def mask_grid(image, direction, random):
    """Some of the image's slices, or a finer grid within it, some with axes reversed."""
    size, spacing = np.array(image["size"]), np.array(image["spacing"])
    volume = sitk.Image(image["size"], sitk.sitkUInt8)
    volume = on_grid(sitk.GetArrayFromImage(volume), image)
    if random.random() < 0.5:
        first = int(random.integers(0, size[2] - 2))
        origin = volume.TransformContinuousIndexToPhysicalPoint([0.0, 0.0, float(first)])
        return grid([size[0], size[1], random.integers(2, size[2] - first + 1)], spacing, origin, direction)
    fine = spacing * random.uniform(0.4, 1, 3)
    turned = direction @ np.diag(random.choice([1, -1], 3)) if random.random() < 0.5 else direction
    n = (size * spacing / fine * 0.6).astype(int) + 1
    centre = np.array(volume.TransformContinuousIndexToPhysicalPoint(((size - 1) / 2).tolist()))
    return grid(n, fine, centre - turned @ (fine * (n - 1) / 2), turned)


def random_case(k, random):
    direction = direction_of(DIRECTIONS[k % len(DIRECTIONS)], random)
    spacing = random.choice([0.5, 0.7, 0.8, 0.86, 0.9375, 1, 1.2, 3.3, 5, random.uniform(0.4, 4)], 3)
    if random.random() < 0.5:
        spacing[1] = spacing[0]
    origin = np.round(random.uniform(-150, 150, 3), int(random.integers(0, 6)))
    image = grid(random.integers(6, 20, 3), spacing, origin, direction)
    case = {
        "direction": DIRECTIONS[k % len(DIRECTIONS)],
        "kind": KINDS[int(random.integers(len(KINDS)))],
        "image": image,
        "interpolator": int(random.choice([2, 2, 2, 0, 1, 3, 4, 5, 6, 7, 8, 9])),
        "spacing": new_spacing(spacing, int(random.integers(4)), random).tolist(),
    }
    if random.random() < 0.3:
        case["mask"] = mask_grid(image, direction, random)
    size = np.array(case.get("mask", image)["size"])
    first = random.integers(0, size // 3 + 1)
    last = size - 1 - random.integers(0, size // 3 + 1)
    case["box"] = np.concatenate([first, np.maximum(first, last)]).tolist()
    return case


def fingerprint(array):
    v = array.astype(float).ravel()
    return [float(v.sum()), float((v * (7919 * np.arange(v.size) % 65521)).sum())]


def resampled(case):
    image, mask = image_of(case["image"], case["kind"]), mask_of(case.get("mask", case["image"]), case["box"])
    a, b = imageoperations.resampleImage(
        image,
        mask,
        resampledPixelSpacing=case["spacing"],
        padDistance=3,
        label=1,
        interpolator="sitk" + INTERPOLATORS[case["interpolator"]],
    )
    image, mask = sitk.GetArrayFromImage(a), sitk.GetArrayFromImage(b)
    return {
        "size": list(a.GetSize()),
        "origin": list(a.GetOrigin()),
        "image": fingerprint(image),
        "mask": fingerprint(mask),
    }


def write(path, cases):
    text = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
    pathlib.Path(path).write_text("[\n" + text + "\n]\n", encoding="utf-8")
    print(len(cases), "cases")


def write_grids(path, n=360, seed=1):
    random = np.random.default_rng(int(seed))
    cases = [random_case(k, random) for k in range(int(n))]
    for case in cases:
        case["expected"] = resampled(case)
    write(path, cases)


def write_inverses(path, n=180, seed=1):
    """ITK's inverse of direction · spacing, column by column: the indices of unit vectors on a grid without origin."""
    random, cases = np.random.default_rng(int(seed)), []
    for k in range(int(n)):
        direction = direction_of(DIRECTIONS[k % len(DIRECTIONS)], random)
        spacing = random.choice([0.5, 0.8, 0.9375, 1, 1.2, 3, random.uniform(0.3, 5), random.uniform(0.3, 5)], 3)
        if k % 5 == 0:
            spacing[1] = spacing[0]
        image = on_grid(np.zeros((2, 2, 2), np.uint8), grid([2, 2, 2], spacing, [0, 0, 0], direction))
        columns = [image.TransformPhysicalPointToContinuousIndex(unit) for unit in np.eye(3).tolist()]
        inverse = np.array(columns).T.ravel().tolist()
        cases.append({"matrix": (direction * spacing).ravel().tolist(), "inverse": inverse})
    write(path, cases)


# Part of SHARED/data, the patient's number in it (of the folders that have a T1, by name), image and mask.
CLINICAL = [
    ("raw", 1, "t1.nii.gz", "brain_mask_t1.nii.gz"),
    ("raw", 1, "t2.nii.gz", "brain_mask_t2.nii.gz"),
    ("raw", 2, "t1.nii.gz", "hdbet_mask_native_t1.nii.gz"),
    ("raw", 2, "t1c.nii.gz", "hdbet_mask_native_t1c.nii.gz"),
    ("raw", 2, "t2.nii.gz", "hdbet_mask_native_t1.nii.gz"),
    ("raw", 2, "fla.nii.gz", "hdbet_mask_native_t1.nii.gz"),
    ("brats", 1, "t1.nii.gz", "seg.nii.gz"),
]
FEW = {
    "shape": ["VoxelVolume", "MeshVolume", "Sphericity"],
    "firstorder": [],
    "glcm": ["Contrast", "JointEntropy"],
    "glrlm": ["RunEntropy"],
    "gldm": ["DependenceEntropy"],
    "ngtdm": ["Coarseness"],
}
SETTINGS = {
    "in plane to 2 mm, normalised": {
        "resampledPixelSpacing": [2, 2, 0],
        "normalize": True,
        "normalizeScale": 100,
        "binWidth": 5,
    },
    "to 3 mm, whole numbers": {"resampledPixelSpacing": [3, 3, 3], "binWidth": 25},
    "to 1×3×1 mm, whole numbers": {"resampledPixelSpacing": [1, 3, 1], "binWidth": 25},
}


def file_of(folder, name):
    """The file of that name, or the one whose name ends with it behind the patient's."""
    exact = folder / name
    return exact if exact.exists() else next(iter(sorted(folder.glob("*_" + name))), None)


def clinical_case(image, mask, name):
    parameters = {"setting": SETTINGS[name], "imageType": {"Original": {}}, "featureClass": FEW}
    extractor = featureextractor.RadiomicsFeatureExtractor(json.loads(json.dumps(parameters)))
    result = extractor.execute(str(image), str(mask))
    features = {k: float(v) for k, v in result.items() if not k.startswith("diagnostics")}
    features["voxels"] = int(result["diagnostics_Mask-interpolated_VoxelNum"])
    return {"parameters": parameters, "features": features}


def write_clinical(shared, path):
    out = []
    for part, number, image, mask in CLINICAL:
        folders = [f for f in sorted((pathlib.Path(shared) / "data" / part).iterdir()) if file_of(f, "t1.nii.gz")]
        folder = folders[number - 1]
        for name in SETTINGS:
            if (part == "raw") == (name == "to 1×3×1 mm, whole numbers"):
                continue
            case = clinical_case(file_of(folder, image), file_of(folder, mask), name)
            out.append({"part": part, "patient": number, "image": image, "mask": mask, "name": name, **case})
            print(part, number, image, name, flush=True)
    write(path, out)


if __name__ == "__main__":
    if sys.argv[1] == "grids":
        write_grids(*sys.argv[2:])
    elif sys.argv[1] == "inverses":
        write_inverses(*sys.argv[2:])
    else:
        write_clinical(*sys.argv[2:])
