#!/usr/bin/env python3
"""Writes combat_example.json: neuroCombat's own published example, 200 features of ten scans of two scanners, the
disease kept, and what neuroCombat makes of it; also without what is kept, without empirical Bayes and with a reference.
combat_example.py combat_example.json
The example is drawn as its package for R draws combatExampleData (inst/exampleData/createTestData.R: seed 10, normal
numbers, 3 more for controls, the second scanner's plus 5 times 1.5). What comes out with the disease kept is the
repository's Testing/outputData/testdata_combat_parametric_adjusted_r.csv.
Needs neuroCombat, NumPy, pandas, and Rscript."""

import importlib.metadata
import json
import subprocess
import sys

import neuroCombat
import numpy
import pandas

# neuroCombat 0.2.12 uses what NumPy 1.24 and 2.4 removed: numpy.int, and int() of an array of one element.
numpy.int = int
vars(sys.modules["neuroCombat.neuroCombat"])["int"] = lambda value: int(numpy.asarray(value).item())

EXAMPLE = """
set.seed(10)
scans <- replicate(10, rnorm(200))
controls <- seq(1, 9, 2)
scans[, controls] <- scans[, controls] + 3
scans[, 6:10] <- 1.5 * (scans[, 6:10] + 5)
write.table(format(scans, digits = 15), quote = FALSE, row.names = FALSE, col.names = FALSE)
"""
SETTINGS = [
    {"name": "disease", "keep": True},
    {"name": "nothing"},
    {"name": "disease_no_eb", "keep": True, "eb": False},
    {"name": "disease_reference", "keep": True, "ref_batch": "Scanner1"},
]


def main():
    printed = subprocess.run(["Rscript", "-e", EXAMPLE], capture_output=True, text=True, check=True).stdout
    data = numpy.array([[float(cell) for cell in line.split()] for line in printed.splitlines()])
    scanner = ["Scanner1"] * 5 + ["Scanner2"] * 5
    disease = [0, 1] * 5
    covariates = pandas.DataFrame({"batch": scanner, "disease": disease})
    result = {
        "made_by": f"neuroCombat {importlib.metadata.version('neuroCombat')} on its published example",
        "features": data.tolist(),
        "batch": scanner,
        "disease": disease,
        "settings": [],
    }
    for setting in SETTINGS:
        arguments = {k: v for k, v in setting.items() if k in ("eb", "ref_batch")}
        if setting.get("keep"):
            arguments["categorical_cols"] = ["disease"]
        out = neuroCombat.neuroCombat(data.copy(), covariates, "batch", **arguments)
        expected = {
            "empirical_bayes": arguments.get("eb", True),
            "reference": arguments.get("ref_batch", ""),
            "keep": setting.get("keep", False),
            "name": setting["name"],
            "data": out["data"].tolist(),
        }
        result["settings"].append(expected)
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        json.dump(result, file)
        file.write("\n")


if __name__ == "__main__":
    main()
