#!/usr/bin/env python3
"""Writes expected_steps.json: scikit-learn's StandardScaler, RobustScaler, SimpleImputer and VarianceThreshold on a
small table.
expected_steps.py expected_steps.json
Needs scikit-learn and NumPy."""

import json
import sys

import numpy
import sklearn
from sklearn.feature_selection import VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import RobustScaler, StandardScaler


def main():
    random = numpy.random.default_rng(11)
    rows, columns, training = 37, 9, 25
    table = random.normal(size=(rows, columns)) * 10.0 ** numpy.arange(-4, 5) + 3 * numpy.arange(columns)
    table[:, 2] = numpy.exp(random.normal(size=rows))
    table[:, 3] = random.poisson(2, rows)
    table[random.random(table.shape) < 0.06] = numpy.nan
    train = table[:training]
    result = {
        "made_by": f"scikit-learn {sklearn.__version__}: imputer, scalers, VarianceThreshold, fit on the first rows",
        "training_rows": training,
        "columns": [[None if numpy.isnan(v) else v for v in column] for column in table.T.tolist()],
    }
    for strategy in ("median", "mean"):
        imputer = SimpleImputer(strategy=strategy).fit(train)
        filled = imputer.transform(table)
        # Missing cells have no part in what the scalers learn.
        result[f"sd_{strategy}"] = StandardScaler().fit(train).transform(filled).T.tolist()
        result[f"robust_{strategy}"] = RobustScaler().fit(train).transform(filled).T.tolist()
    result["variance_threshold"] = {
        str(least): VarianceThreshold(least).fit(train).get_support(indices=True).tolist()
        for least in (0.001, 1.5, 100)
    }
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        json.dump(result, file)
        file.write("\n")


if __name__ == "__main__":
    main()
