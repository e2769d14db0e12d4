#!/usr/bin/env python3
"""Writes expected_scikit_survival.json: scores that weight by the inverse chance of not being censored, by
scikit-survival (0.28): Brier scores and their mean over times (Graf 1999), cumulative dynamic AUC (Uno 2007), Uno's C
(2011). The file holds the simulated table; no event and censoring share a time.

    pip install scikit-survival
    python3 expected_scikit_survival.py expected_scikit_survival.json"""

import json
import sys

import numpy as np
import sksurv
from sksurv.metrics import brier_score, concordance_index_ipcw, cumulative_dynamic_auc
from sksurv.util import Surv

STEPS = 100  # of the mean Brier score's grid


def main():
    draw = np.random.default_rng(7)
    n = 180
    x = np.round(draw.normal(0, 1, n), 3)
    death = draw.exponential(1 / (0.03 * np.exp(0.8 * x)))
    end = draw.uniform(2, 90, n)
    death[0] = 0.05  # someone dies before the grid's second time, which scikit-survival asks for
    time, event = np.round(np.minimum(death, end), 4), death <= end
    assert len(np.unique(time)) == n
    times, last = [6.0, 12.0, 24.0, 36.0], 40.0

    def survival(at):
        return np.exp(-0.03 * np.outer(np.exp(0.6 * x), at))

    outcome = Surv.from_arrays(event, time)
    grid = np.linspace(0, last, STEPS + 1)
    over_grid = np.concatenate([[0.0], brier_score(outcome, outcome, survival(grid[1:]), grid[1:])[1]])
    result = {
        "source": f"scikit-survival {sksurv.__version__}",
        "time": time.tolist(),
        "event": event.astype(int).tolist(),
        "risk": x.tolist(),
        "times": times,
        "last": last,
        "brier": brier_score(outcome, outcome, survival(times), times)[1].tolist(),
        "integrated_brier": float(np.trapezoid(over_grid, grid) / last),
        "auc": cumulative_dynamic_auc(outcome, outcome, x, times)[0].tolist(),
        "concordance_until_36": float(concordance_index_ipcw(outcome, outcome, x, tau=36)[0]),
    }
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
