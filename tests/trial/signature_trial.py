#!/usr/bin/env python3
"""Random tables: weights, cut and signatures of `gliocast signature train` beside R's glmnet (signature_trial.R). Every
column is a candidate, λ is given; tables have what those of clinics have: correlation, scales far apart, gaps, ties, a
feature that separates the events.

    python3 signature_trial.py BUILD [CASES] [SEED]

Exits with 77 where R or glmnet is not installed."""

import csv
import json
import math
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def draw(rng):
    """Columns of time, event and features; some tables have ties, some a feature that separates the events."""
    n, columns = rng.choice([30, 60, 150, 300]), rng.choice([2, 5, 10])
    correlation, effect = rng.choice([0, 0.5, 0.9]), rng.choice([0, 0.5, 1])
    gaps, tied, separated = rng.random() < 0.4, rng.random() < 0.4, rng.random() < 0.25
    scales = [10 ** rng.uniform(-3, 4) for _ in range(columns)]
    rows = []
    for i in range(n):
        shared = rng.gauss(0, 1)
        z = [math.sqrt(correlation) * shared + math.sqrt(1 - correlation) * rng.gauss(0, 1) for _ in range(columns)]
        death = rng.expovariate(0.03 * math.exp(effect * (z[0] - z[1])))
        end = rng.expovariate(rng.choice([0.01, 0.03]))
        event = int(death <= end)
        if separated:
            z[0] = i % 2
            event = event if i % 2 else 0
        time = min(death, end)
        time = math.ceil(time / 5) * 5 if tied else round(time, 3) + 1e-3 + i * 1e-6
        cells = [f"{(v + 1) * s:.9g}" for v, s in zip(z, scales)]
        if gaps:
            cells = ["" if rng.random() < 0.05 else cell for cell in cells]
        rows.append([f"p{i}", f"{time:.6f}", event, *cells])
    return ["id", "time", "event", *[f"f{c}" for c in range(columns)]], rows


def train(program, folder, case):
    """The model's JSON and the training rows' signatures; nothing where the net keeps no feature."""
    chain, model, out = (folder / name for name in ("chain.yaml", "model", "signature.tsv"))
    options = {"target": case["target"], "alpha": [case["alpha"]], "lambda": case["lambda"], "trees": 10}
    chain.write_text(json.dumps(options))
    outcome = ["--time", "time", "--event", "event", "--chain", str(chain), "--quiet"]
    fit = subprocess.run(
        [program, "signature", "train", case["table"], *outcome, "--out", str(model), "--overwrite"],
        capture_output=True,
        text=True,
        check=False,
    )
    if fit.returncode == 3 and "keeps none" in fit.stderr:
        return None
    if fit.returncode != 0:
        raise AssertionError(fit.stderr)
    predict = [program, "signature", "predict", case["table"], "--model", str(model), "--times", "10", "--quiet"]
    subprocess.run([*predict, "--out", str(out)], check=True, capture_output=True)
    with open(out, newline="", encoding="utf-8") as file:
        signatures = [float(row["signature"]) for row in csv.DictReader(file, delimiter="\t")]
    parts = json.loads((model / "model.json").read_text(encoding="utf-8"))["payload"]["model"]
    return dict(zip(parts["features"], parts["weights"])), parts["cut"], signatures


def difference(ours, theirs):
    return max(abs(a - b) for a, b in zip(ours, theirs)) / max(1e-2, *(abs(v) for v in theirs))


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve() / "gliocast")
    cases = int(sys.argv[2]) if len(sys.argv) > 2 else 40
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    have = shutil.which("Rscript") and subprocess.run(
        ["Rscript", "-e", "library(glmnet); library(survival); library(jsonlite)"], capture_output=True, check=False
    )
    if not have or have.returncode != 0:
        sys.exit(77)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="gliocast-signature-trial-"))
    drawn = []
    for i in range(cases):
        columns, rows = draw(rng)
        table = folder / f"{i}.csv"
        with open(table, "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([columns, *rows])
        target, alpha = rng.choice(["cox", "time"]), rng.choice([0.1, 0.5, 0.9, 1])
        case = {"table": str(table), "target": target, "alpha": alpha, "lambda": round(rng.uniform(0.02, 0.3), 3)}
        drawn.append({**case, "features": columns[3:]})
    (folder / "cases.json").write_text(json.dumps(drawn))
    arguments = [str(HERE / "signature_trial.R"), str(folder / "cases.json"), str(folder / "expected.json")]
    subprocess.run(["Rscript", *arguments], check=True)
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    worst, empty, wrong = 0.0, 0, 0
    for case, wanted in zip(drawn, expected):
        fitted = train(program, folder, case)
        if fitted is None:
            empty += 1
            found = max(abs(w) for w in wanted["weights"])
        else:
            weights, cut, signatures = fitted
            ours = [weights.get(feature, 0) for feature in case["features"]]
            found = max(
                difference(ours, wanted["weights"]),
                difference([cut], [wanted["cut"]]),
                difference(signatures, wanted["signature"]),
            )
        worst = max(worst, found)
        if found > 1e-4:
            wrong += 1
            print(f"{json.dumps(case)}: differs by {found:.2g}")
    print(f"{cases} tables, {empty} without a feature, {wrong} differ; largest difference {worst:.2g}")
    if not wrong:
        shutil.rmtree(folder)
    sys.exit(1 if wrong or empty == cases else 0)


if __name__ == "__main__":
    main()
