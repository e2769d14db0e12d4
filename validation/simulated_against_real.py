#!/usr/bin/python3
"""Are simulated patients like real ones? Quantiles, tissue contrast, tumour volume and enhancing fraction of both, as a
Markdown table.

Usage: simulated_against_real.py SIMULATED_COHORT REAL_COHORT [most simulated patients]
Each is a folder of BraTS-like patients. Intensities are relative to the brain's median outside the tumour. A real
patient counts as inside where its value lies within the simulated 5–95 % range. Only counts and medians are printed,
nothing of single patients.
"""

import glob
import os
import sys

import nibabel as nib
import numpy as np


def find(folder, *endings):
    for e in endings:
        found = glob.glob(os.path.join(folder, "*" + e + ".nii.gz"))
        if found:
            return found[0]
    return None


def load(path):
    return np.asarray(nib.load(path).dataobj, dtype=np.float32)


def tissue_classes(t1):
    """Centres of three classes of T1 signal (k-means from quantiles): fluid, grey, white."""
    centre = np.percentile(t1, [5, 40, 80]).astype(float)
    for _ in range(25):
        label = np.abs(t1[:, None] - centre[None]).argmin(1)
        centre = np.array([np.median(t1[label == k]) if (label == k).any() else centre[k] for k in range(3)])
    return label


def measure(folder):
    seg = load(find(folder, "_seg", "-seg")).round()
    images = {
        "T1": load(find(folder, "_t1", "-t1n")),
        "T1-Gd": load(find(folder, "_t1ce", "-t1c")),
        "T2": load(find(folder, "_t2", "-t2w")),
    }
    brain = images["T1"] > 0
    tumour = (seg > 0) & brain
    healthy = brain & ~tumour
    pick = np.flatnonzero(healthy.ravel())[::7]
    out = {}
    label = tissue_classes(images["T1"].ravel()[pick])
    for name, image in images.items():
        v = image.ravel()[pick]
        median = np.median(v)
        for q in (1, 5, 25, 75, 95, 99):
            out[f"{name}: {q} % quantile / median"] = np.percentile(v, q) / median
        white = np.median(v[label == 2])
        out[f"{name}: grey / white"] = np.median(v[label == 1]) / white
        out[f"{name}: fluid / white"] = np.median(v[label == 0]) / white
        out[f"{name}: tumour / median"] = np.median(image[tumour]) / median
    out["brain volume, cm³"] = brain.sum() / 1000
    out["whole tumour, cm³"] = tumour.sum() / 1000
    out["enhancing part of the tumour"] = ((seg == 4) | (seg == 3)).sum() / max(tumour.sum(), 1)
    out["core (1 and 4) part of the tumour"] = ((seg == 1) | (seg == 4) | (seg == 3)).sum() / max(tumour.sum(), 1)
    return out


def main():
    most = int(sys.argv[3]) if len(sys.argv) > 3 else 60
    cohorts = []
    for root in sys.argv[1:3]:
        folders = [f for f in sorted(glob.glob(os.path.join(root, "*", ""))) if find(f, "_seg", "-seg")][:most]
        cohorts.append([measure(f) for f in folders])
    simulated, real = cohorts
    print(
        f"| measure | simulated 5 – 50 – 95 % (n = {len(simulated)}) | real 5 – 50 – 95 % (n = {len(real)}) | real "
        "inside |\n|---|---|---|---|"
    )
    for key in simulated[0]:
        s, r = np.array([m[key] for m in simulated]), np.array([m[key] for m in real])
        low, high = np.percentile(s, [5, 95])
        inside = int(((r >= low) & (r <= high)).sum())
        print(
            f"| {key} | {low:.2f} – {np.median(s):.2f} – {high:.2f} | {np.percentile(r, 5):.2f} – {np.median(r):.2f} "
            f"– {np.percentile(r, 95):.2f} | {inside} of {len(r)} |"
        )


if __name__ == "__main__":
    main()
