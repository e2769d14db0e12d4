#!/usr/bin/python3
"""Preprocessing of simulated raw patients against what the simulator knows: brain (Dice), movement between sequences
(mm, degrees), bias field (correlation of logarithms within the brain).

Usage: preprocessing_against_truth.py COHORT PREPARED
COHORT: `gliocast simulate --form raw --out COHORT`; PREPARED: `gliocast preprocess COHORT --keep-names --out PREPARED`.
"""

import functools
import glob
import json
import os
import sys

import nibabel as nib
import numpy as np

FLIP = np.diag([-1.0, -1.0, 1.0, 1.0])


def load(path):
    image = nib.load(path)
    return np.asarray(image.dataobj, dtype=float), image.affine


def lookup(values, affine, positions):
    """Nearest voxels at RAS positions [..., 3]; 0 outside."""
    inverse = np.linalg.inv(affine)
    index = np.rint(positions @ inverse[:3, :3].T + inverse[:3, 3]).astype(int)
    inside = np.all((index >= 0) & (index < values.shape), axis=-1)
    out = np.zeros(positions.shape[:-1])
    out[inside] = values[tuple(index[inside].T)]
    return out


def positions_of(shape, affine):
    index = np.stack(np.meshgrid(*[np.arange(n) for n in shape], indexing="ij"), -1)
    return index @ affine[:3, :3].T + affine[:3, 3]


def apply(matrix, points):
    return points @ matrix[:3, :3].T + matrix[:3, 3]


def movement_errors(alignment, to_head, inside):
    """Millimetres (RMS over the points) and degrees by which each sequence's movement is wrong."""
    mm, degrees = [], []
    for key, entry in alignment.items():
        if key == "t1gd":
            continue
        ours = np.array(entry["reference_to_sequence_ras_mm"]).reshape(4, 4)
        true = np.linalg.inv(to_head[key]) @ to_head["t1gd"]
        mm.append(np.sqrt(np.mean(np.sum((apply(ours, inside) - apply(true, inside)) ** 2, -1))))
        degrees.append(np.degrees(np.arccos(np.clip((np.trace(ours[:3, :3] @ true[:3, :3].T) - 1) / 2, -1, 1))))
    return mm, degrees


def field_files(cohort, prepared, name, subject, key):
    """The bias field as estimated, and as simulated."""
    space = {"t1": "T1wOrig", "t1gd": "T1wGdOrig", "t2": "T2wOrig", "flair": "FLAIROrig"}[key]
    field = f"{subject}_space-{space}_desc-biasfield_{space.replace('GdOrig', '').replace('Orig', '')}.nii.gz"
    return (
        os.path.join(prepared, subject, "anat", field),
        os.path.join(cohort, "truth", f"{name}_bias-{key}.nii.gz"),
    )


def field_agreement(alignment, files, to_head, brain, brain_affine):
    """Of each sequence whose field is known: correlation of the logarithms, range of the true field. `files`: of a
    sequence's key, ours and the true one."""
    r, spread = [], []
    for key in alignment:
        field_file, true_file = files(key)
        if not os.path.exists(field_file) or not os.path.exists(true_file):
            continue
        ours, ours_affine = load(field_file)
        true, true_affine = load(true_file)
        work = positions_of(ours.shape, ours_affine)
        in_head = apply(to_head[key], work)
        keep = lookup(brain, brain_affine, in_head) > 0
        a, b = (
            np.log(np.maximum(ours[keep], 1e-6)),
            np.log(np.maximum(lookup(true, true_affine, in_head)[keep], 1e-6)),
        )
        r.append(np.corrcoef(a, b)[0, 1])
        spread.append(np.exp(np.quantile(b, 0.99) - np.quantile(b, 0.01)))
    return r, spread


def main():
    cohort, prepared = sys.argv[1:3]
    dices, shifts, turns, fields = [], [], [], []
    print(
        "| patient | brain: Dice | movement: mm, RMS over the brain | degrees | bias field: r | range of the true "
        "field |\n|---|---|---|---|---|---|"
    )
    for number, folder in enumerate(sorted(glob.glob(os.path.join(cohort, "SIM-*"))), 1):
        name = os.path.basename(folder)
        subject = "sub-" + name.replace("-", "")
        result = os.path.join(prepared, subject, "preprocessing.json")
        if not os.path.exists(result):
            continue
        with open(result, encoding="utf-8") as f:
            alignment = json.load(f)["alignment"]
        with open(os.path.join(cohort, "truth", name + ".json"), encoding="utf-8") as f:
            movements = json.load(f)["movements"]
        to_head = {
            k: FLIP @ np.vstack([np.array(m["sequence_to_head_lps_mm"]), [0, 0, 0, 1]]) @ FLIP
            for k, m in movements.items()
        }
        mask, affine = load(os.path.join(prepared, subject, "anat", subject + "_space-orig_label-brain_mask.nii.gz"))
        brain, brain_affine = load(os.path.join(folder, name + "_brain.nii.gz"))
        position = positions_of(mask.shape, affine)
        truth = lookup(brain, brain_affine, apply(to_head["t1gd"], position)) > 0
        found = mask > 0
        dices.append(2 * np.sum(truth & found) / (truth.sum() + found.sum()))
        mm, degrees = movement_errors(alignment, to_head, position[truth])
        files = functools.partial(field_files, cohort, prepared, name, subject)
        r, spread = field_agreement(alignment, files, to_head, brain, brain_affine)
        shifts += mm
        turns += degrees
        fields += r
        print(
            f"| {number} | {dices[-1]:.3f} | {', '.join(f'{v:.2f}' for v in mm)} | "
            f"{', '.join(f'{v:.2f}' for v in degrees)} | {', '.join(f'{v:.2f}' for v in r) or '–'} | "
            f"{', '.join(f'{v:.2f}' for v in spread) or '–'} |"
        )
    print(
        f"\n{len(dices)} patients: brain Dice mean {np.mean(dices):.3f}, lowest {np.min(dices):.3f}; movement "
        f"{np.mean(shifts):.2f} mm (worst {np.max(shifts):.2f}), {np.mean(turns):.2f}° (worst {np.max(turns):.2f})"
        + (f"; bias field r median {np.median(fields):.2f} (lowest {np.min(fields):.2f})" if fields else "")
    )


main()
