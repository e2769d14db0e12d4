#!/usr/bin/env python3
"""Whether what `signature evaluate` tells of a signature's uncertainty holds, on tables that are made here.

  signature_intervals.py PROGRAM chance    outcomes shuffled: mean C, intervals that hold 0.5, P of the log-rank test
  signature_intervals.py PROGRAM factors   the same with nomograms of an age that says nothing: P of the factors alone
  signature_intervals.py PROGRAM planted   two features make the hazard: intervals that hold the C of new patients

Options: --runs, --patients, --features, --rows (of a patient), --folds, --repeats, --jobs, --first (seed),
--latent (see make())."""

import argparse
import csv
import json
import math
import pathlib
import random
import statistics
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor

NEW = 1500  # patients by whom the true C is measured


def write_table(path, rows, features):
    with open(path, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["id", "patient", "age", *[f"f{k}" for k in range(features)], "months", "dead"])
        out.writerows(rows)


def make(path, patients, features, rows, effect, seed, latent=0):
    """`latent`: what features are made of, as radiomics are, with noise; 0: each is its own."""
    draw = random.Random(seed)
    loading = random.Random(1)  # the same in every table
    loadings = [[loading.gauss(0, 1) for _ in range(latent)] for _ in range(features)]
    table = []
    for p in range(patients):
        made_of = [draw.gauss(0, 1) for _ in range(latent)]
        own = [sum(w * v for w, v in zip(of, made_of)) / math.sqrt(latent or 1) for of in loadings]
        own = [v + draw.gauss(0, 0.5 if latent else 1) for v in own]
        age = draw.randint(20, 80)
        death = draw.expovariate(0.02 * math.exp(effect * (own[0] - own[1])))
        end = min(draw.expovariate(0.01), 90)
        for r in range(rows):
            # Examinations of one patient are alike.
            values = [v + (draw.gauss(0, 0.3) if rows > 1 else 0) for v in own]
            outcome = [f"{min(death, end):.4f}", int(death <= end)]
            table.append([f"p{p:04d}-{r}", f"p{p:04d}", age, *[f"{v:.5f}" for v in values], *outcome])
    write_table(path, table, features)


def run(arguments, *command):
    done = subprocess.run([arguments.program, *map(str, command)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return done.stdout


def evaluate(arguments, folder, seed):
    """evaluation.json of one made table, and where it is planted the C of its own signature in new patients."""
    effect = arguments.effect if arguments.what == "planted" else 0
    table, out = folder / f"table{seed}.csv", folder / f"out{seed}"
    make(table, arguments.patients, arguments.features, arguments.rows, effect, seed, arguments.latent)
    options = ["--time", "months", "--event", "dead", "--threads", 1, "--seed", seed, "--draws", 500, "--quiet"]
    if arguments.rows > 1:
        options += ["--patient", "patient", "--drop", "age"]
    else:
        options += ["--drop", "patient,age"]
    folds = ["--outer", arguments.folds, "--repeats", arguments.repeats]
    permuted = ["--permute-outcome"] if arguments.what == "chance" else []
    if arguments.what == "factors":
        permuted = ["--nomograms", "--factors", "age", "--times", "12,36"]
    run(arguments, "signature", "evaluate", table, *options, *folds, *permuted, "--out", out)
    return json.loads((out / "evaluation.json").read_text())


def true_concordance(arguments, folder):
    """Mean C in new patients of signatures of as many patients as a fold leaves, of 20 tables."""
    new = folder / "new.csv"
    make(new, NEW, arguments.features, 1, arguments.effect, 10**6, arguments.latent)
    left = round(arguments.patients * (1 - 1 / arguments.folds))

    def one(seed):
        table, out = folder / f"left{seed}.csv", folder / f"left{seed}"
        make(table, left, arguments.features, arguments.rows, arguments.effect, 10**5 + seed, arguments.latent)
        options = ["--time", "months", "--event", "dead", "--draws", 100, "--quiet", "--threads", 1]
        options += ["--patient", "patient"] if arguments.rows > 1 else []
        options += ["--drop", "age" if arguments.rows > 1 else "patient,age"]
        external = ["--external", new, "--outer", 2, "--out", out]
        run(arguments, "signature", "evaluate", table, *options, *external)
        return json.loads((out / "evaluation.json").read_text())["external"]["c_index"]["estimate"]

    with ThreadPoolExecutor(arguments.jobs) as pool:
        return statistics.mean(pool.map(one, range(20)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("what", choices=["chance", "factors", "planted"])
    for name, default in (("runs", 40), ("patients", 120), ("features", 60), ("rows", 1), ("folds", 5)):
        parser.add_argument(f"--{name}", type=int, default=default)
    for name, default in (("repeats", 1), ("jobs", 2), ("first", 1), ("latent", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--effect", type=float, default=0.7)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        truth = true_concordance(arguments, folder) if arguments.what == "planted" else 0.5
        seeds = range(arguments.first, arguments.first + arguments.runs)
        with ThreadPoolExecutor(arguments.jobs) as pool:
            found = list(pool.map(lambda seed: evaluate(arguments, folder, seed), seeds))
    c = [f["c_index"] for f in found]
    values = [e["estimate"] for e in c]
    held = sum(1 for e in c if e["lower"] <= truth <= e["upper"])
    width = statistics.mean(e["upper"] - e["lower"] for e in c)
    print(
        f"true C {truth:.3f}; mean of {len(c)} runs {statistics.mean(values):.3f}, SD {statistics.stdev(values):.3f}, "
        f"standard error {statistics.stdev(values) / math.sqrt(len(c)):.3f}"
    )
    print(f"intervals that hold it: {held} of {len(c)}, mean width {width:.3f}")
    p = [f["groups"]["logrank"]["p"] for f in found if "logrank" in f["groups"]]
    print(f"log-rank P of the groups below 0.05: {sum(1 for v in p if v is not None and v < 0.05)} of {len(p)}")
    p = [f["groups"]["logrank"].get("p_with_fits") for f in found if "logrank" in f["groups"]]
    print(f"the same with the variance of the fits: {sum(1 for v in p if v is not None and v < 0.05)} of {len(p)}")

    for factor in ("age", "risk_group") if arguments.what == "factors" else ():
        alone = [u["p"] for f in found for u in f["nomograms"]["integrated"]["univariate"] if factor in u["term"]]
        print(f"P of {factor} alone below 0.05: {sum(1 for v in alone if v < 0.05)} of {len(alone)}")


if __name__ == "__main__":
    main()
