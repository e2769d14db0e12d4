#!/usr/bin/env python3
"""Probabilities of support vector machines by scikit-learn on the tables of classifiers.json: svm_probability.json,
which libs/learn/tests/classifier_oracle_test.cpp reads. Made by `python3 svm_probability.py`, scikit-learn 1.9.1.

CalibratedClassifierCV(ensemble=False): a machine of all rows, and Platt's sigmoid of the decision values that machines
without a fold gave its rows; here in given folds. SVC(probability=True) deals folds at random, and differs by that."""

import json
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn.calibration import CalibratedClassifierCV, _sigmoid_calibration
from sklearn.svm import SVC

# As gliocast deals the patients of each table with seed 1; the test sees to it.
FOLDS = (
    (
        "330130302001411123330230432411140142001432203114244340243432"
        "241120013441304421144223112240330222412001414332233100020034"
    ),
    "043240310340124102113214200432112124000340202134211142201423202102303144033034413343231434",
)
MACHINES = (
    ("rbf", 1, 0.125, None),
    ("rbf", 8, 0.03125, "balanced"),
    ("rbf", 2.0**11, 2.0**-7, None),
    ("linear", 0.5, None, None),
    ("linear", 4, None, "balanced"),
)


def probabilities(x, y, new, fold):
    splits = [(np.flatnonzero(fold != f), np.flatnonzero(fold == f)) for f in np.unique(fold)]
    for kernel, c, gamma, weight in MACHINES:
        svm = SVC(kernel=kernel, C=c, gamma=gamma or "scale", class_weight=weight, tol=1e-10, cache_size=100)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            whole = CalibratedClassifierCV(svm, method="sigmoid", cv=splits, ensemble=False).fit(x, y)
        options = {"kernel": kernel, "cost": c, "class_weight": weight or "none", **({"gamma": gamma} if gamma else {})}
        yield {"options": options, "probability": whole.predict_proba(new)[:, 1].tolist()}


def sigmoids(rng):
    """Scores and classes; minus the slope and intercept of scikit-learn's own fit of the sigmoid."""
    for n, share, scale in ((12, 0.5, 1), (60, 0.2, 3), (400, 0.7, 0.1)):
        y = (rng.random(n) < share).astype(int)
        score = np.round(scale * (rng.normal(size=n) + 1.2 * y), 4)
        slope, intercept = _sigmoid_calibration(score, y)
        yield {"score": score.tolist(), "y": y.tolist(), "slope": -slope, "intercept": -intercept}


def main():
    here = pathlib.Path(__file__)
    tables = json.loads(here.with_name("classifiers.json").read_text(encoding="utf-8"))["tables"]
    found = {"scikit-learn": sklearn.__version__, "tables": [], "sigmoids": list(sigmoids(np.random.default_rng(12)))}
    for table, text in zip(tables, FOLDS):
        x, y, new, fold = (np.array(v) for v in (table["x"], table["y"], table["new"], list(map(int, text))))
        found["tables"].append({"folds": fold.tolist(), "svm": list(probabilities(x, y, new, fold))})
    here.with_suffix(".json").write_text(json.dumps(found).replace("}, {", "},\n{") + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
