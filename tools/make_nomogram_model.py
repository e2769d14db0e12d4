#!/usr/bin/env python3
"""Fits the shipped clinical nomogram of lower-grade gliomas to TCGA's table (Ceccarelli 2016, table S1A).

Usage: make_nomogram_model.py GLIOCAST TABLE_S1A.csv OUTPUT_FOLDER
Writes OUTPUT_FOLDER/model.json, and the study's table beside it as study.csv, which is not shipped.
"""

import csv
import pathlib
import subprocess
import sys

COLUMNS = {
    "age": "Age (years at diagnosis)",
    "grade": "Grade",
    "histology": "Histology",
    "months": "Survival (months)",
    "dead": "Vital status (1=dead)",
}


def write_study(source, target):
    with open(source, encoding="utf-8") as f, open(target, "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        for row in csv.DictReader(f):
            if row["Grade"] in ("G2", "G3"):
                writer.writerow(row[name] for name in COLUMNS.values())


def main():
    gliocast, source, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    write_study(source, folder / "study.csv")
    subprocess.run(
        [
            gliocast,
            "survival",
            "cox",
            folder / "study.csv",
            "--time",
            "months",
            "--event",
            "dead",
            "--formula",
            "age + grade + histology",
            "--save",
            folder / "model.json",
        ],
        check=True,
    )


if __name__ == "__main__":
    main()
