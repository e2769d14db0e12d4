#!/usr/bin/python3
"""Whole-tumour Dice of predictions against the experts' segmentations, on the native grid.

Usage: outlines_against_experts.py COHORT PREDICTIONS… [--table]
COHORT: folder of BraTS patients; PREDICTIONS: output folders of `gliocast predict --keep-names` (each patient is looked
for in all of them). Patients are printed under running numbers; also how often the enhancement verdict agrees with at
least 0.5 cm³ of the enhancing label.
"""

import glob
import json
import os
import sys

import nibabel as nib
import numpy as np


def main():
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    cohort, outputs = arguments[0], arguments[1:]
    rows, agree, judged = [], [0, 0], [0, 0]
    for number, folder in enumerate(sorted(glob.glob(os.path.join(cohort, "*", ""))), 1):
        name = os.path.basename(folder.rstrip("/"))
        subject = "sub-" + "".join(c for c in name if c.isalnum())
        segmentation = glob.glob(folder + "*_seg.nii.gz") + glob.glob(folder + "*-seg.nii.gz")
        found = [o for o in outputs if os.path.exists(os.path.join(o, subject, "prediction.json"))]
        if not segmentation or not found:
            continue
        seg = np.asarray(nib.load(segmentation[0]).dataobj).round()
        mask = (
            np.asarray(
                nib.load(
                    os.path.join(found[0], subject, "anat", subject + "_space-orig_label-tumor_mask.nii.gz")
                ).dataobj
            )
            > 0
        )
        truth = seg > 0
        with open(os.path.join(found[0], subject, "prediction.json"), encoding="utf-8") as f:
            prediction = json.load(f)
        enhancing = int(((seg == 4) | (seg == 3)).sum() >= 500)
        verdict = prediction["enhancement"]["verdict"]
        if verdict != "not measurable":
            judged[enhancing] += 1
            agree[enhancing] += int((verdict == "yes") == bool(enhancing))
        rows.append(
            (number, 2 * (truth & mask).sum() / max(truth.sum() + mask.sum(), 1), truth.sum() / 1000, mask.sum() / 1000)
        )
    print("| patient | Dice | experts, cm³ | network, cm³ |\n|---|---|---|---|")
    for patient, overlap, experts, network in rows:
        print(f"| {patient} | {overlap:.3f} | {experts:.1f} | {network:.1f} |")
    dice = np.array([r[1] for r in rows])
    print(
        f"\n{len(dice)} patients: mean {dice.mean():.3f}, median {np.median(dice):.3f}, lowest {dice.min():.3f}, "
        f"below 0.5: {(dice < 0.5).sum()}"
    )
    print(
        f"enhancement: {agree[1]} of {judged[1]} enhancing and {agree[0]} of {judged[0]} other patients agree with "
        "the experts' labels"
    )


if __name__ == "__main__":
    main()
