#!/usr/bin/env python3
"""Shapley values by shap's ExactExplainer with an Independent masker: shapley.json, which
libs/learn/tests/shapley_oracle_test.cpp reads. Made by `python3 shapley.py`, shap 0.51.0 and NumPy 2.4.6."""

import json
import pathlib

import numpy as np
import shap

FEATURES, POINTS, EXPLAINED = 8, 20, 6


def predict(x):
    """What the test has too."""
    return (
        np.sin(x[:, 0]) * x[:, 1]
        + np.exp(-(x[:, 2] ** 2))
        + x[:, 3] * x[:, 4] * x[:, 5]
        + np.tanh(x[:, 6] + x[:, 7])
        + 0.3 * x[:, 0]
    )


def explain(background, rows):
    masker = shap.maskers.Independent(background, max_samples=len(background))
    found = shap.ExactExplainer(predict, masker)(rows)
    return {"base": found.base_values.tolist(), "values": found.values.tolist()}


def main():
    rng = np.random.default_rng(11)
    background = np.round(rng.normal(size=(POINTS, FEATURES)), 4)
    rows = np.round(rng.normal(size=(EXPLAINED, FEATURES)) * 1.5, 4)
    times = rng.integers(1, 4, POINTS)  # a point that stands for more rows than one
    out = {
        "shap": shap.__version__,
        "background": background.tolist(),
        "rows": rows.tolist(),
        "alike": explain(background, rows),
        "times": times.tolist(),
        "weighted": explain(np.repeat(background, times, axis=0), rows),
    }
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(out) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
