#!/usr/bin/env python3
"""Features by `gliocast radiomics` beside UCSF-PDGM's own table, of patients whose images another archive holds too.

Usage: ucsf_features.py GLIOCAST FEATURES.csv BRATS_FOLDER…
FEATURES.csv: PyRadiomics' features of the whole tumour on T1-Gd; each BRATS_FOLDER has patients in BraTS' layout and a
cases.tsv with columns case and source_patient. The whole tumour (labels 1, 2, 3 and 4 as one) on T1-Gd is measured
with the table's own settings (binWidth 25, no normalisation). Prints a table for VALIDATION.md; patients are numbered.
The model grade-ucsf reads features of that table: it may be used on images of that archive only where all agree within
1 %.
"""

import csv
import pathlib
import statistics
import subprocess
import sys
import tempfile

import nibabel
import numpy as np

LIMIT = 0.01
T1GD = ("_t1ce", "-t1c", "_T1c", "_t1gd")


def common_patients(table, folders):
    rows = {row["ID"]: row for row in table}
    for folder in map(pathlib.Path, folders):
        with open(folder / "cases.tsv", encoding="utf-8") as f:
            for case in csv.DictReader(f, delimiter="\t"):
                if case["source_patient"] in rows:
                    yield folder, folder / case["case"], rows[case["source_patient"]]


def image_and_mask(case, scratch):
    """T1-Gd as it is, and all labels of the outline as one."""
    (image,) = [p for p in case.iterdir() if p.name.removesuffix(".gz").removesuffix(".nii").endswith(T1GD)]
    (outline,) = case.glob("*seg.nii*")
    labels = nibabel.load(outline)
    mask = scratch / f"{case.name}_whole.nii.gz"
    whole = (np.asarray(labels.dataobj) > 0).astype(np.uint8)
    nibabel.save(nibabel.Nifti1Image(whole, labels.affine), mask)
    return image, mask


def measure(gliocast, image, mask, scratch):
    out = scratch / "features.csv"
    command = [gliocast, "radiomics", image, mask, "--out", out, "--overwrite", "--quiet"]
    subprocess.run(list(map(str, command)), check=True)
    with open(out, encoding="utf-8") as f:
        return next(csv.DictReader(f))


def compare(ours, theirs):
    """Relative differences of the features that both have, by class."""
    by_class = {}
    for name, text in theirs.items():
        if name.startswith("original_") and name in ours:
            a, b = float(ours[name]), float(text)
            by_class.setdefault(name.split("_")[1], []).append(abs(a - b) / max(abs(b), 1e-12))
    return by_class


def line(number, folder, by_class):
    every = [d for values in by_class.values() for d in values]
    agree = sum(d <= LIMIT for d in every)
    medians = " | ".join(f"{100 * statistics.median(values):.2g} %" for values in by_class.values())
    return f"| {number} | {folder.name} | {agree} of {len(every)} | {medians} | {100 * max(every):.2g} % |"


def main():
    gliocast, features, *folders = sys.argv[1:]
    with open(features, encoding="utf-8") as f:
        table = list(csv.DictReader(f))
    all_agree, header = True, False
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        for number, (folder, case, theirs) in enumerate(common_patients(table, folders), 1):
            image, mask = image_and_mask(case, scratch)
            by_class = compare(measure(gliocast, image, mask, scratch), theirs)
            if not header:
                print("| patient | archive | within 1 % | " + " | ".join(by_class) + " | largest |")
                print("|" + "---|" * (len(by_class) + 4))
                header = True
            print(line(number, folder, by_class))
            all_agree = all_agree and all(d <= LIMIT for values in by_class.values() for d in values)
    print("all agree within 1 %" if all_agree else "they do not agree within 1 %")


if __name__ == "__main__":
    main()
