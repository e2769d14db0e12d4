#!/usr/bin/env python3
"""Trains the shipped model of WHO grade on UCSF-PDGM's table of T1-Gd features.

Usage: make_grade_model.py GLIOCAST FEATURES.csv METADATA.csv OUTPUT_FOLDER
FEATURES.csv: PyRadiomics' features of the whole tumour on T1-Gd; METADATA.csv: the cohort's clinical table. Writes
OUTPUT_FOLDER/model.json, and the joined table to OUTPUT_FOLDER.csv, which is not shipped.
"""

import csv
import json
import pathlib
import subprocess
import sys


def join(features, metadata, target):
    with open(metadata, encoding="utf-8") as f:
        grades = {row["ID"]: row["WHO CNS Grade"] for row in csv.DictReader(f)}
    with open(features, encoding="utf-8") as f, open(target, "w", encoding="utf-8", newline="") as out:
        reader = csv.DictReader(f)
        names = [n for n in reader.fieldnames if n.startswith("original_")]
        writer = csv.writer(out)
        writer.writerow(["ID", "grade", *names])
        for row in reader:
            if grades.get(row["ID"]):
                writer.writerow([row["ID"], grades[row["ID"]], *(row[n] for n in names)])


CARD = {
    "what": "probability that a glioma is of WHO grade 4 (2021) and not 2 or 3, from PyRadiomics' features of the "
    "whole tumour on T1-Gd",
    "measured": "nested cross-validation on the same cohort, ten repeats: AUC 0.958 (0.929 to 0.980), calibration "
    "slope 1.10 (0.83 to 1.61), Brier score 0.062; no other hospital's table",
    "limits": "for tables made as UCSF's: its processing, raw intensities, binWidth 25; not for features of gliocast's "
    "own chain, nor of the same patients in another archive: predict does not use it",
    "data": "UCSF-PDGM, Calabrese et al. 2022 (CC BY 4.0)",
}


def main():
    gliocast, features, metadata, folder = sys.argv[1], sys.argv[2], sys.argv[3], pathlib.Path(sys.argv[4])
    table = folder.with_suffix(".csv")
    join(features, metadata, table)
    card = folder.with_suffix(".card.json")
    card.write_text(json.dumps(CARD), encoding="utf-8")
    command = [gliocast, "grade", "train", table, "--label", "grade", "--positive", "4", "--chain", "lasso"]
    subprocess.run([*command, "--name", "grade-ucsf", "--card", card, "--out", folder, "--overwrite"], check=True)


if __name__ == "__main__":
    main()
