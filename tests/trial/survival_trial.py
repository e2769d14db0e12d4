#!/usr/bin/env python3
"""Random tables and formulas, the product beside R.

  python3 survival_trial.py BUILD [--cases 200] [--seed 1] [--keep FOLDER]

Every case is drawn from its own number, so that "--first K --cases 1" repeats one. Needs R with survival, rms,
jsonlite."""

import argparse
import csv
import json
import math
import os
import pathlib
import random
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parent


def make_table(rng, rows, ties, missing):
    """A table of survival with numbers, text, few and many levels, weights, clusters, entry times."""
    names = rng.choice([["a", "b", "c"], ["astro", "Oligo", "mixed type"], ["T1", "T2", "T10"]])
    centres = [f"c{i}" for i in range(rng.randint(2, 4))]
    table = []
    for _i in range(rows):
        x, small, volume = round(rng.gauss(50, 12), 1), rng.randint(0, 5), round(math.exp(rng.gauss(3, 1)), 2)
        sex, histology, grade = rng.choice(["f", "m"]), rng.choice(names), rng.randint(1, 4)
        risk = 0.03 * (x - 50) + 0.2 * small + 0.5 * (sex == "m") + 0.3 * names.index(histology) * rng.random()
        time = rng.expovariate(0.05 * math.exp(risk)) + 0.01
        censoring = rng.expovariate(0.02) + 0.01
        dead = int(time <= censoring)
        time = min(time, censoring)
        time = math.ceil(time) if ties else round(time, 6)
        entry = round(time * rng.random() * 0.6, 3) if rng.random() < 0.5 else 0
        row = {
            "time": time,
            "event": dead,
            "x": x,
            "small": small,
            "volume": volume,
            "sex": sex,
            "histology": histology,
            "grade": grade,
            "centre": rng.choice(centres),
            "id": rng.randint(1, max(2, rows // 3)),
            "case_weight": rng.randint(1, 3),
            "shift": round(rng.gauss(0, 0.3), 3),
            "entry": entry,
            "parts": round(rng.uniform(0.3, 2.5), 2),
        }
        for name in ("x", "small", "volume", "sex", "histology", "grade"):
            if rng.random() < missing:
                row[name] = ""
        table.append(row)
    coding = rng.choice(["01", "12", "logical", "text"])
    for row in table:
        row["event"] = {
            "01": row["event"],
            "12": row["event"] + 1,
            "logical": "TRUE" if row["event"] else "FALSE",
            "text": "dead" if row["event"] else "alive",
        }[coding]
    return table


TERMS = [
    "x",
    "small",
    "volume",
    "sex",
    "histology",
    "factor(grade)",
    "grade",
    "log(volume)",
    "sqrt(volume)",
    "log(volume, 2)",
    "log10(volume)",
    "rcs(x, 3)",
    "rcs(x, 4)",
    "rcs(volume, 5)",
    "rcs(log(volume), 3)",
    "x:sex",
    "x * sex",
    "sex * histology",
    "x * small",
    "sex:histology",
    "I(x^2 / 100)",
    "I(small + 1)",
    "(x + sex + small)^2",
    "x * sex - x",
    "histology:x",
    "sex / x",
    "rcs(x, 3) * sex",
    "I((x - 50) / 10)",
    "factor(small)",
    "exp(shift)",
    "abs(shift)",
]


def formula_of(rng):
    parts = rng.sample(TERMS, rng.randint(1, 4))
    if rng.random() < 0.25:
        parts.append(rng.choice(["strata(centre)", "strata(centre, sex)", "strata(grade)"]))
    if rng.random() < 0.1:
        parts.append("offset(shift)")
    rng.shuffle(parts)
    return " + ".join(parts)


def make_case(number, seed):
    rng = random.Random(seed * 1_000_003 + number)
    kind = rng.choices(["cox", "km", "cindex", "nomogram"], [6, 2, 1, 1])[0]
    ties = rng.random() < 0.5
    rows = rng.choice([25, 60, 120, 300])
    case = {"id": number, "kind": kind, "event": "event"}
    if kind == "cox":
        case.update(
            formula=formula_of(rng),
            ties=rng.choices(["efron", "breslow", "exact"], [5, 3, 1])[0],
            transform=rng.choice(["km", "identity", "log", "rank"]),
            predict=rng.random() < 0.6,
        )
        exact = case["ties"] == "exact"
        option = rng.random()
        if exact:
            pass
        elif option < 0.15:
            case["weights"] = rng.choice(["case_weight", "parts"])
        elif option < 0.3:
            case["cluster"] = "id"
        elif option < 0.4:
            case["robust"] = True
        if not exact and rng.random() < 0.2:
            case["entry"] = "entry"
        case["times"] = sorted({1, rng.randint(2, 10), rng.randint(11, 60)})
    elif kind == "km":
        case.update(
            group=rng.choice(["sex", "histology", "centre", "grade"]),
            conf=rng.choice(["plain", "log", "log-log"]),
            rho=rng.choice([0, 0, 1, 0.5]),
        )
        option = rng.random()
        if option < 0.2:
            case["weights"] = rng.choice(["case_weight", "parts"])
        elif option < 0.35:
            case["entry"] = "entry"
        elif option < 0.55:
            case["strata"] = "small"
    elif kind == "cindex":
        case.update(
            score=rng.choice(["x", "small"]),
            against=rng.choice(["volume", "shift"]),
            method=rng.choice(["harrell", "uno"]),
        )
    else:
        rows, case["times"] = rng.choice([120, 300]), [5, 20]
        main = rng.sample(
            ["x", "volume", "sex", "histology", "rcs(x, 4)", "rcs(volume, 3)", "log(volume)", "small"],
            rng.randint(1, 4),
        )
        names = [t.split("(")[-1].split(",")[0].rstrip(")") for t in main]
        case["formula"] = " + ".join(t for i, t in enumerate(main) if names[i] not in names[:i])
    return case, make_table(rng, rows, ties, 0 if kind == "nomogram" else rng.choice([0, 0.03]))


def write_rows(path, rows):
    with open(path, "w", newline="") as f:
        writer = csv.DictWriter(f, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def ask(program, *arguments):
    command = [program, *map(str, arguments), "--json", "-q"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    return (
        (json.loads(result.stdout), "")
        if result.returncode == 0
        else (None, f"exit {result.returncode}: {result.stderr.strip()}")
    )


def first(value):
    return value[0] if isinstance(value, list) and len(value) == 1 else value


class Comparison:
    def __init__(self):
        self.found = []

    def number(self, what, r, ours, tolerance=1e-7, scale=0.0):
        r, ours = first(r), first(ours)
        if r is None or ours is None:
            if r is not ours:
                self.found.append(f"{what}: R {r}, gliocast {ours}")
        elif not abs(r - ours) <= tolerance * max(abs(r), scale, 1e-6):
            self.found.append(f"{what}: R {r!r}, gliocast {ours!r}")

    def numbers(self, what, r, ours, tolerance=1e-7):
        r = r if isinstance(r, list) else [r]
        if len(r) != len(ours):
            self.found.append(f"{what}: R has {len(r)}, gliocast {len(ours)}")
            return
        scale = max((abs(first(v)) for v in r if first(v) is not None), default=0)
        for i, (a, b) in enumerate(zip(r, ours)):
            self.number(f"{what}[{i}]", a, b, tolerance, scale * 0.1)


def options_of(case, table):
    options = [table, "--time", "time", "--event", case["event"]]
    for name in ("weights", "cluster", "entry"):
        if name in case:
            options += [f"--{name}", case[name]]
    return options


def compare_residuals(answer, ours, residuals, c):
    with open(residuals) as f:
        rows = list(csv.DictReader(f, delimiter="\t"))
    # agreg.fit leaves them all 0 where a column turns out singular at the end.
    for key in () if all(v == 0 for v in answer["residuals"]["martingale"]) else ("martingale", "deviance"):
        c.numbers(key, answer["residuals"][key], [float(r[key]) for r in rows], 1e-6)
    for j, r in enumerate(answer["residuals"].get("dfbeta", [])):
        c.numbers(f"dfbeta {j}", r, [float(row["dfbeta_" + ours["coefficients"][j]["term"]]) for row in rows], 1e-6)


def compare_zph(program, case, options, answer, c):
    z, error = ask(program, "survival", "zph", *options, "--transform", case["transform"])
    if z is None:
        c.found.append("zph " + error)
        return
    for r, g in zip(answer["zph"], z["tests"]):
        if first(r["term"]) != g["term"]:
            c.found.append(f"zph terms: R {r['term']}, gliocast {g['term']}")
        c.number(f"zph {g['term']}", r["chi_square"], g["chi_square"], 3e-6)


def compare_predictions(program, case, folder, model, answer, c):
    p, error = ask(
        program,
        "survival",
        "predict",
        folder / f"new_{case['id']}.csv",
        "--model",
        model,
        "--times",
        ",".join(map(str, case["times"])),
    )
    if p is None:
        c.found.append("predict " + error)
        return
    for i, (r, g) in enumerate(zip(answer["rows"], p["rows"])):
        if "error" in r:
            continue
        c.number(f"lp {i}", r["linear_predictor"], g["linear_predictor"], scale=0.1)
        if first(r["linear_predictor"]) < -5 and 0 in (first(v) for v in r["survival"]):
            continue  # R raises a baseline survival that has underflowed to 0 to the power of a small risk
        for key in ("survival", "lower", "upper"):
            for t, v in zip(case["times"], r[key]):
                c.number(f"{key} {i} at {t}", v, g[f"{key}_{t}"], scale=1e-3)


def compare_cox(program, case, folder, answer, c):
    table, model, residuals = folder / f"case_{case['id']}.csv", folder / "model.json", folder / "residuals.tsv"
    options = (
        options_of(case, table)
        + ["--formula", case["formula"], "--ties", case["ties"]]
        + (["--robust"] if case.get("robust") else [])
    )
    ours, error = ask(
        program,
        "survival",
        "cox",
        *options,
        "--save",
        model,
        *([] if case["ties"] == "exact" else ["--residuals", residuals]),
    )
    if ours is None:
        if not (error.startswith("exit 3") and all(first(r["estimate"]) is None for r in answer["coefficients"])):
            c.found.append(error)
        return
    for key in ("n", "events"):
        c.number(key, answer[key], ours[key])
    c.number("null", answer["log_likelihood"]["null"], ours["log_likelihood"]["null"])
    if [first(x["term"]) for x in answer["coefficients"]] != [x["term"] for x in ours["coefficients"]]:
        c.found.append(
            f"terms: R {[x['term'] for x in answer['coefficients']]}, gliocast "
            f"{[x['term'] for x in ours['coefficients']]}"
        )
        return
    if first(answer["warned"]) or any(w for w in ours["warnings"] if "infinite" in w or "converge" in w):
        return  # a coefficient runs to infinity: where it is stopped is no result
    c.number("fitted", answer["log_likelihood"]["fitted"], ours["log_likelihood"]["fitted"])
    for r, g in zip(answer["coefficients"], ours["coefficients"]):
        for key in ("estimate", "se", "robust_se"):
            c.number(
                f"{g['term']} {key}",
                r[key],
                g[key],
                1e-6 if key == "robust_se" else 1e-7,
                scale=1e-2 * abs(first(r["se"]) or 0) if key == "estimate" else 0,
            )
    for name, values in answer["tests"].items():
        for key, value in values.items():
            c.number(f"{name} {key}", value, ours["tests"][name][key], 1e-6 if key == "p" else 1e-7)
    if "concordance" in answer:
        c.number("C", answer["concordance"]["estimate"], ours["concordance"]["estimate"])
        c.number("C se", answer["concordance"]["se"], ours["concordance"]["se"])
    if "residuals" in answer:
        compare_residuals(answer, ours, residuals, c)
    if "zph" in answer:
        compare_zph(program, case, options, answer, c)
    if "rows" in answer:
        compare_predictions(program, case, folder, model, answer, c)


def compare_km(program, case, folder, answer, c):
    table = folder / f"case_{case['id']}.csv"
    ours, error = ask(
        program, "survival", "km", *options_of(case, table), "--group", case["group"], "--conf-type", case["conf"]
    )
    if ours is None:
        c.found.append(error)
        return
    for r, g in zip(answer["groups"], ours["groups"]):
        for key in ("n", "median", "median_lower", "median_upper"):
            c.number(f"{g['group']} {key}", r[key], g[key])
        for key in ("time", "n_risk", "survival", "std_error", "lower", "upper", "cumulative_hazard"):
            c.numbers(f"{g['group']} {key}", r[key], [row[key] for row in g["curve"]])
    if "logrank" in answer:
        ours, error = ask(
            program,
            "survival",
            "logrank",
            table,
            "--time",
            "time",
            "--event",
            "event",
            "--group",
            case["group"],
            "--rho",
            case["rho"],
            *(["--strata", case["strata"]] if "strata" in case else []),
        )
        if ours is None:
            c.found.append("logrank " + error)
            return
        c.number("chi-square", answer["logrank"]["chi_square"], ours["chi_square"], scale=1e-3)
        c.numbers("expected", answer["logrank"]["expected"], [g["expected"] for g in ours["groups"]])


def compare_cindex(program, case, folder, answer, c):
    ours, error = ask(
        program,
        "survival",
        "cindex",
        folder / f"case_{case['id']}.csv",
        "--time",
        "time",
        "--event",
        "event",
        "--score",
        case["score"],
        "--against",
        case["against"],
        "--method",
        case["method"],
    )
    if ours is None:
        c.found.append(error)
        return
    for key in ("estimate", "se", "difference", "difference_se"):
        c.number(key, answer[key], ours[key], scale=1e-2)


def compare_nomogram(program, case, folder, answer, c):
    model = folder / "model.json"
    ours, error = ask(
        program,
        "survival",
        "cox",
        *options_of(case, folder / f"case_{case['id']}.csv"),
        "--formula",
        case["formula"],
        "--save",
        model,
    )
    if ours is None:
        c.found.append(error)
        return
    ours, error = ask(program, "survival", "nomogram", "--model", model, "--times", ",".join(map(str, case["times"])))
    if ours is None:
        c.found.append(error)
        return
    # Figures agree to the hundredth of a point: rms fits with another convergence criterion.
    c.numbers("total", answer["total"], ours["total"]["points"], 1e-4)
    for name, points in answer["axes"].items():
        axis = [a for a in ours["axes"] if a["variable"] == name]
        if len(axis) != 1 or len(points) != len(axis[0]["ticks"]):
            c.found.append(f"axis {name}: R {points}, gliocast {axis}")
        else:
            for r, t in zip(points, axis[0]["ticks"]):
                if abs(first(r) - t["points"]) > 0.01:
                    c.found.append(f"axis {name} at {t['label']}: R {r}, gliocast {t['points']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--cases", type=int, default=40)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=pathlib.Path)
    a = parser.parse_args()
    packages = ["Rscript", "-e", "library(survival); library(rms); library(jsonlite)"]
    if subprocess.run(packages, capture_output=True, check=False).returncode != 0:
        if os.environ.get("CI") == "true":
            sys.exit("R's survival and rms are absent (r-cran-survival, r-cran-rms)")
        print("skipped: R's survival and rms are absent (r-cran-survival, r-cran-rms)")
        return 77
    with tempfile.TemporaryDirectory() as temporary:
        folder = a.keep or pathlib.Path(temporary)
        folder.mkdir(exist_ok=True)
        cases = []
        for number in range(a.first, a.first + a.cases):
            case, table = make_case(number, a.seed)
            cases.append(case)
            (folder / f"case_{number}.json").write_text(json.dumps(case))
            write_rows(folder / f"case_{number}.csv", table)
            if case.get("predict"):
                write_rows(folder / f"new_{number}.csv", [r for r in table if all(v != "" for v in r.values())][:4])
        subprocess.run(["Rscript", SOURCE / "survival_trial.R", folder], check=True)
        compared = refused = bad = 0
        for case in cases:
            answer = json.loads((folder / f"answer_{case['id']}.json").read_text())
            if "error" in answer:
                refused += 1
                print(
                    f"case {case['id']}: R refuses: {first(answer['error'])}" if a.keep else "",
                    end="\n" if a.keep else "",
                )
                continue
            c = Comparison()
            {"cox": compare_cox, "km": compare_km, "cindex": compare_cindex, "nomogram": compare_nomogram}[
                case["kind"]
            ](a.build / "gliocast", case, folder, answer, c)
            compared += 1
            if c.found:
                bad += 1
                print(f"case {case['id']} {json.dumps(case)}: {len(c.found)} differences")
                for line in c.found[:5]:
                    print("   ", line)
        print(f"{compared} cases compared with R, {refused} refused by R, {bad} with a difference")
        return 1 if bad or compared < a.cases * 0.7 else 0


if __name__ == "__main__":
    sys.exit(main())
