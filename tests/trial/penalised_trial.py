#!/usr/bin/env python3
"""Random tables: `gliocast survival penalised` beside R's glmnet and survival (penalised_trial.R). Objectives must not
be above glmnet's, and all, Efron's too, meet the conditions of an optimum by coxph's residuals. Tables are drawn with
ties, a column that separates the events, columns alike or nearly so, more columns than rows, strata, entry times,
weights, offsets, penalty factors.

    python3 penalised_trial.py BUILD [CASES] [SEED]

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
OPTIONS = {"strata": "--strata", "entry": "--entry", "weights": "--weights", "offset": "--offset"}


def draw_table(rng, case):
    """Rows as dictionaries; columns x0, x1, …, and of the options."""
    n, columns = (rng.choice([30, 45]), 60) if case["wide"] else (rng.choice([40, 80, 200]), rng.choice([2, 5, 12]))
    unit = rng.choice([0, 1, 10]) if case["tied"] else None
    rows = []
    for i in range(n):
        shared = rng.gauss(0, 1)
        x = [0.6 * shared + 0.8 * rng.gauss(0, 1) for _ in range(columns)]
        if case["alike"]:
            x[1] = 3 * x[0] + 2 + case["alike_noise"] * rng.gauss(0, 1)
        death = rng.expovariate(0.03 * math.exp(0.7 * (x[0] - x[-1])))
        end = rng.expovariate(0.02)
        event = int(death <= end)
        if case["separated"]:
            x[-1] = float(i % 2)
            event = event if i % 2 else 0
        time = min(death, end) + 1e-3 + i * 1e-7
        if unit is not None:
            time = math.ceil(time / unit) * unit if unit else 1 + (time > 20)
        rows.append(
            {
                "time": time,
                "event": event,
                **{f"x{c}": float(f"{v * 10 ** (c % 5 - 2):.8g}") for c, v in enumerate(x)},
                "strata": rng.choice("abc"),
                "entry": round(time * rng.choice([0, 0.9]) * rng.random(), 4),
                "weights": round(rng.uniform(0.2, 3), 2),
                "offset": round(rng.gauss(0, 0.5), 2),
            }
        )
    return rows, [f"x{c}" for c in range(columns)]


def draw(rng, folder, number):
    case = {
        "wide": rng.random() < 0.2,
        "tied": rng.random() < 0.5,
        "separated": rng.random() < 0.25,
        "alike": rng.random() < 0.3,
        "alike_noise": rng.choice([0, 1e-3]),
        "alpha": rng.choice([0, 0.5, 1]),
        "ties": rng.choice(["breslow", "efron"]),
        "lambda": float(f"{10 ** rng.uniform(-2.3, -0.6):.3g}"),
        "use": [use for use in OPTIONS if rng.random() < 0.25],
        "adaptive": rng.random() < 0.2,
    }
    if case["adaptive"]:
        # glmnet's ridge with strata or entry times ends before its optimum.
        case["ties"], case["alike"] = "breslow", False
        case["use"] = [use for use in case["use"] if use in ("weights", "offset")]
    table = folder / f"{number}.csv"
    while True:
        rows, columns = draw_table(rng, case)
        if sum(row["event"] for row in rows) >= 6:
            break
    case["factors"] = {columns[0]: rng.choice([0, 0.5, 3])} if rng.random() < 0.2 and not case["wide"] else {}
    with open(table, "w", newline="", encoding="utf-8") as file:
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        out.writerows(rows)
    return {**case, "table": str(table), "columns": columns}


def fit(program, case):
    command = [program, "survival", "penalised", case["table"], "--time", "time", "--event", "event", "--json", "-q"]
    command += ["--alpha", case["alpha"], "--lambda", case["lambda"], "--ties", case["ties"], "--folds", 5]
    left_out = [name for name in OPTIONS if name not in case["use"]]
    command += ["--drop", ",".join(left_out)] if left_out else []
    for use in case["use"]:
        command += [OPTIONS[use], use]
    for name, factor in case["factors"].items():
        command += ["--penalty", f"{name}={factor}"]
    if case["adaptive"]:
        command.append("--adaptive")
    result = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise AssertionError(f"{json.dumps(case)}: {result.stderr}")
    return json.loads(result.stdout)


def untold(case, got):
    """What should have been told of this table and was not."""
    coefficients = {c["term"] for c in got["coefficients"]}
    told = " ".join(got["warnings"])
    if case["separated"] and case["columns"][-1] in coefficients and "separation by" not in told:
        return "a column that separates the events is not told"
    if (
        case["alike"]
        and case["alike_noise"] == 0
        and case["alpha"] == 1
        and not case["factors"]
        and len({"x0", "x1"} & coefficients) == 1
        and "columns alike" not in told
    ):
        return "columns alike are not told"
    return None


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve() / "gliocast")
    cases = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    have = shutil.which("Rscript") and subprocess.run(
        ["Rscript", "-e", "library(glmnet); library(survival); library(jsonlite)"], capture_output=True, check=False
    )
    if not have or have.returncode != 0:
        sys.exit(77)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="gliocast-penalised-trial-"))
    drawn = [draw(rng, folder, i) for i in range(cases)]
    fits = [fit(program, case) for case in drawn]
    for case, got in zip(drawn, fits):
        case["found"] = {c["term"]: c["estimate"] for c in got["coefficients"]}
        case["ridge_lambda"] = got["adaptive"]["ridge_lambda"] if case["adaptive"] else 0
    (folder / "cases.json").write_text(json.dumps(drawn))
    arguments = [str(HERE / "penalised_trial.R"), str(folder / "cases.json"), str(folder / "judged.json")]
    subprocess.run(["Rscript", *arguments], check=True)
    judged = json.loads((folder / "judged.json").read_text(encoding="utf-8"))
    above, slope, beside, wrong = -math.inf, 0.0, 0, 0
    for case, got, r in zip(drawn, fits, judged):
        problem = untold(case, got)
        if r["above"] is not None:
            beside += 1
            above = max(above, r["above"])
            if r["above"] > 1e-6:
                problem = f"objective {r['above']:.2g} above glmnet's"
        slope = max(slope, r["slope"])
        if r["slope"] > 1e-4:  # a coefficient that is 0.01 off then lowers the objective by 1e-6
            problem = f"no optimum by coxph's residuals: slope {r['slope']:.2g}"
        if problem:
            wrong += 1
            print(f"{json.dumps({**case, 'found': None})}: {problem}")
    print(
        f"{cases} tables, {beside} beside glmnet, {wrong} differ; objective at most {above:.2g} above glmnet's, "
        f"slope by coxph at most {slope:.2g}"
    )
    if not wrong:
        shutil.rmtree(folder)
    sys.exit(1 if wrong or beside < cases / 4 else 0)


if __name__ == "__main__":
    main()
