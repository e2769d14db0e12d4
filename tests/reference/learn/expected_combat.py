#!/usr/bin/env python3
"""Writes expected_combat.json: what neuroCombat makes of a table of three centres, with and without empirical Bayes,
shifts only, covariates kept, a reference centre; and new rows by neuroCombatFromTraining.
expected_combat.py expected_combat.json
Needs neuroCombat, NumPy and pandas. The package ships no example data; the table is drawn as Johnson et al. 2007 model
it."""

import importlib.metadata
import json
import sys

import neuroCombat
import numpy
import pandas

# neuroCombat 0.2.12 uses what NumPy 1.24 and 2.4 removed: numpy.int, and int() of an array of one element.
numpy.int = int
vars(sys.modules["neuroCombat.neuroCombat"])["int"] = lambda value: int(numpy.asarray(value).item())

SETTINGS = [
    {"name": "default"},
    {"name": "no_eb", "eb": False},
    {"name": "mean_only", "mean_only": True},
    {"name": "mean_only_no_eb", "mean_only": True, "eb": False},
    {"name": "reference", "ref_batch": "B"},
    {"name": "reference_no_eb", "ref_batch": "B", "eb": False},
    {"name": "covariates", "keep": True},
    {"name": "covariates_no_eb", "keep": True, "eb": False},
    {"name": "covariates_mean_only", "keep": True, "mean_only": True},
    {"name": "covariates_reference", "keep": True, "ref_batch": "A"},
]


def main():
    random = numpy.random.default_rng(5)
    features = 20
    batch = numpy.array(["A"] * 14 + ["B"] * 11 + ["C"] * 9)
    rows = len(batch)
    order = random.permutation(rows)
    batch = batch[order]
    age = random.integers(25, 75, rows).astype(float)
    sex = random.integers(0, 2, rows).astype(float)
    unit = 10.0 ** random.integers(-3, 4, features)
    shift = {b: random.normal(0.5 * i, 0.6, features) for i, b in enumerate("ABC")}
    scale = {b: numpy.sqrt(1 / random.gamma(8, 1 / 8, features)) for b in "ABC"}
    slope = random.normal(0, 0.03, features)

    def draw(b, age):
        return unit * (4 + slope * age + shift[b] + scale[b] * random.normal(size=features))

    data = numpy.array([draw(b, a) for b, a in zip(batch, age)]).T
    covariates = pandas.DataFrame({"batch": batch, "age": age, "sex": sex})
    result = {
        "made_by": f"neuroCombat {importlib.metadata.version('neuroCombat')}: neuroCombat(data, covariates, 'batch')",
        "features": data.tolist(),
        "batch": batch.tolist(),
        "age": age.tolist(),
        "sex": sex.tolist(),
        "settings": [],
    }
    new_batch = ["A", "C", "B", "A"]
    new = numpy.array([draw(b, 50) for b in new_batch]).T
    result["new"] = {"features": new.tolist(), "batch": new_batch}
    for setting in SETTINGS:
        arguments = {k: v for k, v in setting.items() if k in ("eb", "mean_only", "ref_batch")}
        if setting.get("keep"):
            arguments |= {"continuous_cols": ["age", "sex"]}
        out = neuroCombat.neuroCombat(data.copy(), covariates, "batch", **arguments)
        expected = {
            "empirical_bayes": arguments.get("eb", True),
            "mean_only": arguments.get("mean_only", False),
            "reference": arguments.get("ref_batch", ""),
            "keep": setting.get("keep", False),
            "name": setting["name"],
            "data": out["data"].tolist(),
        }
        if setting["name"] in ("default", "no_eb", "mean_only"):
            estimates = out["estimates"] | {"batches": numpy.array(["A", "B", "C"])}
            estimates["mod.mean"] = numpy.zeros((features, 1))
            expected["new"] = neuroCombat.neuroCombatFromTraining(new, numpy.array(new_batch), estimates)[
                "data"
            ].tolist()
        result["settings"].append(expected)
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        json.dump(result, file)
        file.write("\n")


if __name__ == "__main__":
    main()
