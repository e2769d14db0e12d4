#!/usr/bin/env python3
"""Support vector machines and ridge logistic regressions by scikit-learn, Nogueira's index by its formulas:
classifiers.json, which libs/learn/tests/*_oracle_test.cpp read. Made by `python3 classifiers.py`, scikit-learn 1.9.1
and NumPy 2.4.6."""

import json
import pathlib

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC


def data(rng, n, features, share, separation):
    y = (rng.random(n) < share).astype(int)
    x = np.round(rng.normal(size=(n, features)) + separation * y[:, None] * np.linspace(1, 0, features), 4)
    return x, y


def machines(x, y, new):
    for kernel, c, gamma, weight in (
        ("rbf", 1, 0.125, None),
        ("rbf", 8, 0.03125, "balanced"),
        ("rbf", 128, 2, None),
        ("rbf", 2.0**11, 2.0**-7, None),
        ("rbf", 2.0**-5, 2.0**-15, None),
        ("linear", 0.5, None, None),
        ("linear", 4, None, "balanced"),
    ):
        settings = {"kernel": kernel, "C": c, "gamma": gamma or "scale", "class_weight": weight, "cache_size": 100}
        tight = SVC(tol=1e-10, **settings).fit(x, y)
        loose = SVC(**settings).fit(x, y)
        yield {
            "options": {
                "kernel": kernel,
                "cost": c,
                "class_weight": weight or "none",
                **({"gamma": gamma} if gamma else {}),
            },
            "decision": tight.decision_function(new).tolist(),
            "decision_of_default_tolerance": loose.decision_function(new).tolist(),
        }


def regressions(x, y):
    for ridge in (0.01, 1.0, 25.0):
        fit = LogisticRegression(C=1 / ridge, tol=1e-14, solver="newton-cholesky", max_iter=1000).fit(x, y)
        yield {"ridge": ridge, "intercept": fit.intercept_[0], "coefficients": fit.coef_[0].tolist()}


def stability(z):
    """Nogueira, Sechidis & Brown 2018: equation 4 (index), theorem 7 (variance)."""
    m, d = z.shape
    p, k = z.mean(axis=0), z.sum(axis=1)
    kbar = k.mean()
    scale = kbar / d * (1 - kbar / d)
    index = 1 - np.mean(m / (m - 1) * p * (1 - p)) / scale
    phi = [
        (np.mean(z[i] * p) - k[i] * kbar / d**2 + index / 2 * (2 * kbar * k[i] / d**2 - k[i] / d - kbar / d + 1))
        / scale
        for i in range(m)
    ]
    variance = 4 / m**2 * np.sum((phi - np.mean(phi)) ** 2)
    return index, np.sqrt(variance)


def stabilities(rng):
    for m, d, share in ((10, 12, 0.4), (50, 30, 0.1), (5, 100, 0.05)):
        z = (rng.random((m, d)) < share * np.linspace(2, 0, d)).astype(int)
        index, se = stability(z)
        yield {"features": d, "selections": [np.flatnonzero(row).tolist() for row in z], "index": index, "se": se}


def main():
    rng = np.random.default_rng(11)
    tables = []
    for n, features, share, separation in ((120, 5, 0.45, 0.8), (90, 3, 0.2, 1.2)):
        x, y = data(rng, n, features, share, separation)
        new, _ = data(rng, 15, features, share, separation)
        tables.append(
            {
                "x": x.tolist(),
                "y": y.tolist(),
                "new": new.tolist(),
                "svm": list(machines(x, y, new)),
                "logistic": list(regressions(x, y)),
            }
        )
    out = pathlib.Path(__file__).with_name("classifiers.json")
    text = json.dumps({"scikit-learn": sklearn.__version__, "tables": tables, "stability": list(stabilities(rng))})
    out.write_text(text.replace("}, {", "},\n{") + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
