#!/usr/bin/env python3
"""Cases of probabilities and classes with scikit-learn's metrics: expected_classification.json, which
libs/stats/tests/classification_oracle_test.cpp reads and expected_classification.R adds to. Made by
`python3 expected_classification.py` with scikit-learn 1.9.1 and NumPy 2.4.6."""

import json
import pathlib

import numpy as np
import sklearn
from sklearn import isotonic, metrics


def case(name, probability, truth, thresholds):
    precision, recall, cuts = metrics.precision_recall_curve(truth, probability, drop_intermediate=False)
    at = []
    for t in thresholds:
        predicted = (probability >= t).astype(int)
        tn, fp, fn, tp = metrics.confusion_matrix(truth, predicted, labels=[0, 1]).ravel()
        at.append(
            {
                "threshold": t,
                "counts": [int(tp), int(fp), int(tn), int(fn)],
                "accuracy": metrics.accuracy_score(truth, predicted),
                "sensitivity": metrics.recall_score(truth, predicted),
                "specificity": metrics.recall_score(truth, predicted, pos_label=0),
                "ppv": metrics.precision_score(truth, predicted, zero_division=np.nan),
                "npv": metrics.precision_score(truth, predicted, pos_label=0, zero_division=np.nan),
                "f1": metrics.f1_score(truth, predicted),
                "balanced_accuracy": metrics.balanced_accuracy_score(truth, predicted),
                "mcc": metrics.matthews_corrcoef(truth, predicted),
            }
        )
    fitted = isotonic.IsotonicRegression(out_of_bounds="clip").fit(probability, truth)
    places = np.round(np.linspace(-0.1, 1.1, 25), 3)
    return {
        "name": name,
        "probability": probability.tolist(),
        "truth": truth.tolist(),
        "at": at,
        "brier": metrics.brier_score_loss(truth, probability),
        "log_loss": metrics.log_loss(truth, probability),
        "average_precision": metrics.average_precision_score(truth, probability),
        # scikit-learn ends with (1, 0), which is no threshold.
        "precision_recall": np.stack([cuts, precision[:-1], recall[:-1]], 1)[::-1].tolist(),
        "isotonic": {"at": places.tolist(), "value": fitted.predict(places).tolist()},
    }


def main():
    rng = np.random.default_rng(20)
    cases = []
    for name, n, share, digits, strength in (
        ("continuous", 200, 0.4, 17, 1.0),
        ("ties", 80, 0.5, 1, 1.5),
        ("unbalanced", 45, 0.15, 2, 0.7),
        ("certain", 40, 0.5, 0, 2.0),
    ):
        truth = (rng.random(n) < share).astype(int)
        lp = rng.normal(size=n) + strength * (truth - 0.5)
        probability = np.round(1 / (1 + np.exp(-1.3 * lp)), digits)
        cases.append(case(name, probability, truth, [0.1, 0.5, 0.73, 1.01]))
    out = pathlib.Path(__file__).with_name("expected_classification.json")
    text = json.dumps({"scikit-learn": sklearn.__version__, "cases": cases})
    out.write_text(text.replace("NaN", "null").replace("}, {", "},\n{") + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
