"""Writes forest.json: tables, and what scikit-learn makes of them.

    python3 forest.py forest.json     needs numpy and scikit-learn (1.9)

Forests are random: means and standard deviations over SEEDS fits. A tree without bootstrap on all columns is exact;
its splits have no ties (checked: every random_state gives the same tree).
"""

import json
import sys

import numpy
import sklearn
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.feature_selection import RFE
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

SEEDS = 200


def make_table(random, rows, columns, levels):
    """Values are multiples of 1/256, which are exact in the single precision of scikit-learn's trees."""
    x = random.normal(size=(rows, columns))
    x[:, 3] += x[:, 0]
    if levels:
        x[:, 1] = numpy.floor(x[:, 1] * 1.5)
        x[:, 2] = x[:, 2] > 0
        x[:, columns - 1] = 1  # constant
    x = numpy.round(x * 256) / 256
    score = 1.2 * x[:, 0] + x[:, 1] * x[:, 2] + 0.7 * x[:, 4] ** 2 - 0.5
    y = random.uniform(size=rows) < 1 / (1 + numpy.exp(-2 * score))
    number = numpy.round((score + 0.5 * random.normal(size=rows)) * 256) / 256
    return {"columns": x.T.tolist(), "class": y.astype(int).tolist(), "number": number.tolist()}


def spread(values):
    """Mean and sd over fits, a column each."""
    values = numpy.asarray(values)
    return {"mean": values.mean(0).tolist(), "sd": values.std(0, ddof=1).tolist()}


def forest_classes(x, y):
    importance, misclassified, brier = [], [], []
    for seed in range(SEEDS):
        f = RandomForestClassifier(100, oob_score=True, random_state=seed).fit(x, y)
        p = f.oob_decision_function_[:, 1]
        importance.append(f.feature_importances_)
        misclassified.append(1 - f.oob_score_)
        brier.append(numpy.mean((p - y) ** 2))
    call = "RandomForestClassifier(100, oob_score=True, random_state=seed)"
    return {
        "call": call,
        "importance": spread(importance),
        "misclassified": spread(misclassified),
        "squared_error": spread(brier),
    }


def forest_numbers(x, y):
    importance, error = [], []
    mtry = x.shape[1] // 3
    for seed in range(SEEDS):
        f = RandomForestRegressor(100, max_features=mtry, oob_score=True, random_state=seed).fit(x, y)
        importance.append(f.feature_importances_)
        error.append(numpy.mean((f.oob_prediction_ - y) ** 2))
    call = "RandomForestRegressor(100, max_features=p // 3, oob_score=True, random_state=seed)"
    return {"call": call, "importance": spread(importance), "squared_error": spread(error)}


def one_tree(kind, x, y):
    """The largest tree without a tie: its nodes in pre-order, as scikit-learn numbers them."""

    def fit(depth, least, seed):
        t = kind(max_depth=depth, min_samples_split=least + 1, random_state=seed).fit(x, y).tree_
        value = t.value[:, 0, 1] if kind is DecisionTreeClassifier else t.value[:, 0, 0]
        leaf = t.feature < 0
        return {
            "feature": numpy.where(leaf, -1, t.feature).tolist(),
            "value": numpy.where(leaf, value, t.threshold).tolist(),
        }

    def tied(depth, least):
        one, *others = (fit(depth, least, seed) for seed in range(20))
        return any(
            o["feature"] != one["feature"] or not numpy.allclose(o["value"], one["value"], rtol=1e-12) for o in others
        )

    sizes = [(depth, least) for least in (8, 12, 16, 20, 25, 30, 40) for depth in (6, 5, 4, 3)]
    depth, least = next(size for size in sizes if not tied(*size))
    call = f"{kind.__name__}(max_depth={depth}, min_samples_split={least + 1})"
    return {"call": call, "depth": depth, "min_node": least, **fit(depth, least, 0)}


def importances(x, y, c):
    return LogisticRegression(C=c, tol=1e-12, max_iter=100000).fit(x, y).coef_[0] ** 2


def eliminate(x, y, c, fraction):
    """RFE whose rounds drop a fraction of the columns that remain, which scikit-learn's does not know."""
    left, rank = list(range(x.shape[1])), numpy.zeros(x.shape[1], int)
    number = []
    while len(left) > 1:
        drop = min(max(1, int(fraction * len(left))), len(left) - 1)
        order = numpy.argsort(importances(x[:, left], y, c))
        number.append([left[i] for i in order[:drop]])
        left = [left[i] for i in sorted(order[drop:])]
    rank[left] = 1
    for k, group in enumerate(reversed(number)):
        rank[group] = k + 2
    return rank.tolist()


def elimination(random, rows, columns):
    x = random.normal(size=(rows, columns)) * random.uniform(0.5, 2, columns)
    x = numpy.round(x * 256) / 256
    y = (x[:, 0] - x[:, 5] + 0.5 * x[:, 7] + random.normal(size=rows) > 0.2).astype(int)
    cases = []
    for c in (1.0, 0.05):
        model = LogisticRegression(C=c, tol=1e-12, max_iter=100000)
        fit = model.fit(x, y)
        cases.append(
            {
                "call": f"LogisticRegression(C={c}, tol=1e-12, max_iter=10**5); RFE(…, n_features_to_select=1, step=1)",
                "c": c,
                "coefficients": fit.coef_[0].tolist(),
                "intercept": float(fit.intercept_[0]),
                "one_by_one": RFE(model, n_features_to_select=1, step=1).fit(x, y).ranking_.tolist(),
                "by_fraction": {"fraction": 0.3, "ranking": eliminate(x, y, c, 0.3)},
            }
        )
    return {"columns": x.T.tolist(), "class": y.tolist(), "cases": cases}


def main(path):
    random = numpy.random.default_rng(7)
    tables = {"continuous": make_table(random, 160, 9, False), "levels": make_table(random, 160, 9, True)}
    for table in tables.values():
        x, y = numpy.array(table["columns"]).T, numpy.array(table["class"])
        number = numpy.array(table["number"])
        table["forest"] = forest_classes(x, y)
        table["forest_of_numbers"] = forest_numbers(x, number)
        table["tree"] = one_tree(DecisionTreeClassifier, x, y)
        table["tree_of_numbers"] = one_tree(DecisionTreeRegressor, x, number)
    out = {
        "scikit-learn": sklearn.__version__,
        "seeds": SEEDS,
        "tables": tables,
        "elimination": [elimination(random, 120, 16), elimination(random, 30, 45)],
    }
    with open(path, "w", encoding="utf-8") as file:
        json.dump(out, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
