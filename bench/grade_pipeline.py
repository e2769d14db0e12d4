"""The chain `paper` as a cached pipeline of scikit-learn, one outer fold; started by grade_peer.py.

StandardScaler, t-test as Levene's chooses, the lasso, the forest's eight, SVC by two GridSearchCV. The lasso is LassoCV
(least squares, as the field does) or, as gliocast's is, a path of 100 L1 logistic regressions with five folds
(LogisticRegressionCV by liblinear, from the least C that keeps a feature up to its hundredfold). It neither calibrates
nor sets a threshold, bootstraps, draws or evaluates with a leak: `grade evaluate` does.
"""

import json
import math
import os
import pathlib
import sys
import time
import warnings

import numpy
from scipy import stats
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import SelectFpr, SelectFromModel
from sklearn.linear_model import LassoCV, LogisticRegressionCV
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, l1_min_c

SEED = 1


def chosen_t_test(x, y):
    """Student's, or Welch's where Levene's test finds other variances."""
    a, b = x[y == 0], x[y == 1]
    equal = stats.levene(a, b, center="mean", axis=0).pvalue > 0.05
    student, welch = (stats.ttest_ind(a, b, axis=0, equal_var=v) for v in (True, False))
    return numpy.abs(student.statistic), numpy.where(equal, student.pvalue, welch.pvalue)


class LogisticLasso(LogisticRegressionCV):
    """The path begins where the first feature enters, which hangs on the rows."""

    def fit(self, x, y):
        self.Cs = l1_min_c(x, y, loss="log") * numpy.logspace(0, 2, 100)
        return super().fit(x, y)


def chain(cache, logistic):
    options = {"penalty": "l1", "solver": "liblinear", "scoring": "neg_log_loss"}
    lasso = LogisticLasso(cv=5, **options) if logistic else LassoCV(alphas=100, cv=5)
    forest = RandomForestClassifier(100, random_state=SEED)
    steps = [
        ("standardise", StandardScaler()),
        ("screen", SelectFpr(chosen_t_test, alpha=0.05)),
        ("lasso", SelectFromModel(lasso)),
        ("forest", SelectFromModel(forest, max_features=8, threshold=-numpy.inf)),
        ("svm", SVC()),
    ]
    return Pipeline(steps, memory=str(cache))


def search(pipeline, costs, gammas, folds, threads):
    grid = {"svm__C": [2.0**e for e in costs], "svm__gamma": [2.0**e for e in gammas]}
    return GridSearchCV(pipeline, grid, cv=folds, scoring="roc_auc", n_jobs=threads)


def processor_time():
    """Seconds of this process and its workers."""
    seconds = time.process_time()
    for children in pathlib.Path("/proc/self/task").glob("*/children"):
        for child in children.read_text(encoding="ascii").split():
            fields = pathlib.Path(f"/proc/{child}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            seconds += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return seconds


def select_and_search(pipeline, x, y, folds, threads):
    found = search(pipeline, range(-5, 16, 4), range(-15, 6, 4), folds, threads).fit(x, y)
    cost, gamma = (round(math.log2(found.best_params_[name])) for name in ("svm__C", "svm__gamma"))
    finer = [[best + e for e in range(-2, 3)] for best in (cost, gamma)]
    return search(pipeline, *finer, folds, threads).fit(x, y)


def main(folder, folds, threads, logistic):
    warnings.simplefilter("ignore")
    os.environ["PYTHONWARNINGS"] = "ignore"
    data = numpy.load(folder / "table.npz")
    x, y = data["x"], data["y"]
    training, held = next(iter(StratifiedKFold(folds, shuffle=True, random_state=SEED).split(x, y)))
    # Starts the workers with their imports, which five folds share.
    search(Pipeline([("svm", SVC())]), [0, 1], [0], folds, threads).fit(x[:, :2], y)
    start, processor = time.monotonic(), processor_time()
    found = select_and_search(chain(folder / "cache", logistic), x[training], y[training], folds, threads)
    auc = roc_auc_score(y[held], found.decision_function(x[held]))
    used = {"seconds": time.monotonic() - start, "processor": processor_time() - processor}
    print(json.dumps({"auc": auc, **used}))


if __name__ == "__main__":
    # By its name as a module, so that what is cached can be pickled by that name in every process.
    import grade_pipeline

    grade_pipeline.main(pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:] == ["logistic"])
