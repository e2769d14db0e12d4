#!/usr/bin/env python3
"""Random tables: chains of `gliocast grade` beside scikit-learn's pipelines. Imputation and z-scores with a ridge
logistic regression (probabilities) or a support vector machine (decision values of the model that is saved), and the
statistics of an evaluation from its own predictions.

    python3 learn_trial.py BUILD [CASES] [SEED]

Exits with 77 where scikit-learn is not installed."""

import csv
import json
import pathlib
import subprocess
import sys
import tempfile
import warnings

try:
    import numpy as np
    from sklearn import metrics
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC
except ImportError:
    sys.exit(77)


def draw(seed):
    """A table with what tables of clinics have: correlation, scales far apart, gaps, ties, a constant column."""
    rng = np.random.default_rng(seed)
    n, columns = rng.choice([24, 60, 150, 300]), rng.choice([2, 6, 20, 60])
    share, correlation = rng.choice([0.5, 0.3, 0.15]), rng.choice([0, 0.5, 0.9])
    y = (rng.random(n) < share).astype(int)
    y[:8] = [0, 1] * 4
    shared = rng.normal(size=(n, 1))
    z = np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * rng.normal(size=(n, columns))
    z += rng.choice([0, 0.5, 2]) * y[:, None] * np.linspace(1, 0, columns)
    x = (z + rng.normal(size=columns)) * 10 ** rng.uniform(-3, 4, columns)
    if rng.random() < 0.2:
        x[:, 1] = np.round(z[:, 1])
    if rng.random() < 0.4:
        x[rng.random(x.shape) < 0.05] = np.nan
    constant = columns > 2 and rng.random() < 0.2
    if constant:
        x[:, 2] = 3.25
    x = np.array([[float(f"{v:.9g}") for v in row] for row in x])
    kernel = rng.choice(["rbf", "linear"])
    svm = {"kernel": str(kernel), "cost": float(2.0 ** rng.integers(-3, 7))}
    if kernel == "rbf":
        svm["gamma"] = float(2.0 ** rng.integers(-8, 1) / columns)
    weight = str(rng.choice(["none", "balanced"]))
    return x, y, float(rng.choice([0.01, 1, 30])), {**svm, "class_weight": weight, "tolerance": 1e-10}


def write(path, x, y):
    with open(path, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["id", "grade", *[f"f{c}" for c in range(x.shape[1])]])
        for i, row in enumerate(x):
            cells = ["" if np.isnan(v) else repr(float(v)) for v in row]
            out.writerow([f"p{i}", "HGG" if y[i] else "LGG", *cells])


def scaled(x, other):
    """Z-scores by the values of x that are there, gaps filled with its medians; what does not vary becomes 0."""
    fill, scale = SimpleImputer(strategy="median", keep_empty_features=True).fit(x), StandardScaler().fit(x)
    return tuple(scale.transform(fill.transform(v)) for v in (x, other))


class Trial:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.worst = {}

    def run(self, *arguments):
        result = subprocess.run(
            [self.program, "grade", *map(str, arguments)], capture_output=True, text=True, check=False
        )
        if result.returncode != 0:
            raise AssertionError(f"{arguments}: {result.stderr}")
        return result.stdout

    def compare(self, what, ours, theirs, tolerance):
        """The largest difference, which must not be above the tolerance."""
        off = float(np.max(np.abs(np.asarray(ours, dtype=float) - np.asarray(theirs, dtype=float)), initial=0))
        self.worst[what] = max(self.worst.get(what, 0), off)
        return [] if off <= tolerance else [f"{what}: {off:.1e} apart"]

    def train(self, classifier, options):
        chain, model = self.folder / "chain.yaml", self.folder / "model"
        chain.write_text(
            f"steps: [standardise]\nclassifier: {{{classifier}: {json.dumps(options)}}}\nfolds: 2\n"
            "calibration: none\nthreshold: 0.5\n"
        )
        arguments = ["--label", "grade", "--positive", "HGG", "--chain", chain, "--refits", 0, "--threads", 1]
        self.run("train", self.folder / "train.csv", *arguments, "--out", model, "--overwrite", "--quiet")
        return model

    def logistic(self, x, y, new, ridge):
        model = self.train("logistic", {"ridge": ridge})
        rows = json.loads(self.run("predict", self.folder / "new.csv", "--model", model, "--json", "--quiet"))["rows"]
        a, b = scaled(x, new)
        theirs = LogisticRegression(C=1 / ridge, tol=1e-12, solver="newton-cholesky", max_iter=2000).fit(a, y)
        ours = [row["probability"] for row in rows]
        return self.compare("probability of a ridge logistic regression", ours, theirs.predict_proba(b)[:, 1], 1e-6)

    def svm(self, x, y, new, options):
        """Decision values of the machine that is saved: its support vectors lie in z-scores of columns that vary."""
        model = self.train("svm", options)
        svm = json.loads((model / "model.json").read_text())["payload"]["model"]["model"]
        varies = np.nanmax(x, axis=0) > np.nanmin(x, axis=0)
        a, b = (v[:, varies] for v in scaled(x, new))
        vectors, coefficients = np.array(svm["vectors"]), np.array(svm["coefficients"])
        if options["kernel"] == "linear":
            products = b @ vectors.T
        else:
            products = np.exp(-svm["gamma"] * ((b[:, None, :] - vectors[None]) ** 2).sum(axis=2))
        settings = {"C": options["cost"], "gamma": options.get("gamma", "scale"), "kernel": options["kernel"]}
        weight = None if options["class_weight"] == "none" else "balanced"
        theirs = SVC(tol=1e-10, class_weight=weight, **settings).fit(a, y).decision_function(b)
        ours = products @ coefficients - svm["rho"]
        return self.compare("decision of a support vector machine", ours, theirs, 1e-5 * max(1, np.abs(theirs).max()))

    def evaluation(self):
        """The statistics of `grade evaluate` by scikit-learn from the predictions that it wrote."""
        chain, out = self.folder / "chain.yaml", self.folder / "evaluation"
        arguments = ["--label", "grade", "--positive", "HGG", "--chain", chain, "--draws", 100, "--outer", 3]
        self.run(
            "evaluate", self.folder / "train.csv", *arguments, "--out", out, "--overwrite", "--quiet", "--threads", 1
        )
        found = json.loads((out / "evaluation.json").read_text())
        with open(out / "predictions.tsv", encoding="utf-8") as file:
            rows = list(csv.DictReader(file, delimiter="\t"))
        y, p, c = (np.array([float(r[name]) for r in rows]) for name in ("label", "probability", "class"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = {
                "auc": metrics.roc_auc_score(y, p),
                "average_precision": metrics.average_precision_score(y, p),
                "accuracy": metrics.accuracy_score(y, c),
                "sensitivity": metrics.recall_score(y, c),
                "specificity": metrics.recall_score(1 - y, 1 - c),
                "balanced_accuracy": metrics.balanced_accuracy_score(y, c),
                "brier": metrics.brier_score_loss(y, p),
            }
            if 0 < c.sum() < len(c):
                theirs["precision"] = metrics.precision_score(y, c)
                theirs["f1"] = metrics.f1_score(y, c)
                theirs["mcc"] = metrics.matthews_corrcoef(y, c)
        problems = []
        for name, value in theirs.items():
            problems += self.compare(f"statistic {name}", found[name]["estimate"], value, 1e-10)
        return problems

    def case(self, seed):
        x, y, ridge, svm = draw(seed)
        new = x[np.random.default_rng(seed + 1).permutation(len(x))[:20]] * 1.1
        new = np.array([[float(f"{v:.9g}") for v in row] for row in new])
        write(self.folder / "train.csv", x, y)
        write(self.folder / "new.csv", new, np.zeros(len(new)))
        return [*self.svm(x, y, new, svm), *self.logistic(x, y, new, ridge), *self.evaluation()]


def main():
    cases, seed = (int(sys.argv[k]) if len(sys.argv) > k else standard for k, standard in ((2, 30), (3, 1)))
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(pathlib.Path(sys.argv[1]) / "gliocast", pathlib.Path(folder))
        for k in range(cases):
            problems = trial.case(100003 * seed + k)
            failures += len(problems) > 0
            for problem in problems:
                print(f"case {k}: {problem}")
        for what, off in sorted(trial.worst.items()):
            print(f"{what}: {off:.1e} apart at most")
    print(f"{cases} cases, {failures} with differences")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
