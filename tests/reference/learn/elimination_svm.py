#!/usr/bin/env python3
"""Recursive feature elimination by a linear SVM, scikit-learn's RFE(SVC(kernel="linear", tol=1e-9)):
elimination_svm.json, which libs/learn/tests/elimination_oracle_test.cpp reads. Made by `python3 elimination_svm.py`,
scikit-learn 1.9.1 and NumPy 2.4.6."""

import json
import pathlib

import numpy as np
import sklearn
from sklearn.feature_selection import RFE
from sklearn.svm import SVC


def table(rng, rows, columns):
    x = np.round(rng.normal(size=(rows, columns)) * 256) / 256
    y = (x[:, 0] - x[:, 5] + 0.5 * x[:, 7] + rng.normal(size=rows) > 0.2).astype(int)
    cases = [
        {
            "cost": cost,
            "ranking": RFE(SVC(kernel="linear", C=cost, tol=1e-9), n_features_to_select=1, step=1)
            .fit(x, y)
            .ranking_.tolist(),
        }
        for cost in (1.0, 0.05)
    ]
    return {"columns": x.T.tolist(), "class": y.tolist(), "cases": cases}


def main():
    rng = np.random.default_rng(5)
    out = {"scikit-learn": sklearn.__version__, "tables": [table(rng, 80, 12), table(rng, 30, 40)]}
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(out, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
