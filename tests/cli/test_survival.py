#!/usr/bin/env python3
"""Survival statistics through the command line, against R's numbers (tests/reference/survival).

The tables come out of R's survival package at the time of the test; the repository holds R's figures only."""

import csv
import html
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import unittest

import jsonschema

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from figure_judge import Figure

BUILD, SOURCE = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
REFERENCE = SOURCE / "tests/reference/survival"
TABLES = None
SCHEMA = json.loads((SOURCE / "docs/survival.schema.json").read_text())


def run(*arguments, code=0):
    command = [BUILD / "gliocast", *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if code is not None and result.returncode != code:
        raise AssertionError(f"{' '.join(map(str, arguments))}: exit {result.returncode}, not {code}\n{result.stderr}")
    return result


def run_json(*arguments):
    """The command's JSON, held against its schema."""
    result = json.loads(run(*arguments, "--json", "-q").stdout)
    verb = arguments[1] if arguments[0] == "survival" else arguments[0]
    jsonschema.validate(result, {"$ref": f"#/$defs/{verb}", **SCHEMA})
    return result


def differences(expected, got, tolerance, path=""):
    """Yields where `got` departs from `expected`; keys that R does not give are free."""
    if isinstance(expected, dict):
        for key, value in expected.items():
            if not isinstance(got, dict) or key not in got:
                yield f"{path}.{key}: absent", float("inf")
            else:
                yield from differences(value, got[key], tolerance, f"{path}.{key}")
    elif isinstance(expected, list):
        if not isinstance(got, list) or len(got) != len(expected):
            yield f"{path}: {len(expected)} entries expected", float("inf")
        else:
            for i, (e, g) in enumerate(zip(expected, got)):
                yield from differences(e, g, tolerance, f"{path}[{i}]")
    elif expected is None or isinstance(expected, str):
        if expected != got:
            yield f"{path}: {expected!r} expected, got {got!r}", float("inf")
    elif not isinstance(got, (int, float)):
        yield f"{path}: {expected!r} expected, got {got!r}", float("inf")
    else:
        error = abs(expected - got) / max(abs(expected), 1e-6 if abs(expected) < 1e-6 else abs(expected))
        if error > tolerance:
            yield f"{path}: {expected!r} expected, got {got!r}", error


class Reference(unittest.TestCase):
    """Every case of expected.json."""

    def test_cases(self):
        data = json.loads((REFERENCE / "expected.json").read_text())
        self.assertGreater(len(data["cases"]), 80)
        for case in data["cases"]:
            verb, *rest = case["arguments"][1:]
            with self.subTest(case["name"]):
                got = run_json("survival", verb, TABLES / f"{case['table']}.csv", *rest)
                found = list(differences(case["expected"], got, 1e-7))
                self.assertEqual(found[:4], [], f"{len(found)} differences")

    def test_performance(self):
        data = json.loads((REFERENCE / "expected_performance.json").read_text())
        self.assertGreaterEqual(len(data["cases"]), 22)
        for case in data["cases"]:
            with self.subTest(case["name"]):
                got = run_json(*case["command"], TABLES / f"{case['table']}.csv", *case["arguments"])
                found = list(differences(case["expected"], got, case["tolerance"]))
                self.assertEqual(found[:4], [], f"{len(found)} differences")

    def test_subjects_with_several_rows(self):
        data = json.loads((REFERENCE / "expected_clusters.json").read_text())
        self.assertEqual(len(data["cases"]), 3)
        for case in data["cases"]:
            with self.subTest(case["name"]):
                got = run_json(*case["command"], TABLES / f"{case['table']}.csv", *case["arguments"])
                found = list(differences(case["expected"], got, 1e-6))
                self.assertEqual(found[:4], [], f"{len(found)} differences")

    def test_validate(self):
        arguments = [
            "survival",
            "validate",
            TABLES / "lung.csv",
            "--time",
            "time",
            "--event",
            "status",
            "--formula",
            "age + sex + ph.ecog",
        ]
        first, again = (run_json(*arguments, "--draws", 400) for _ in range(2))
        self.assertEqual(first, again)
        other = run_json(*arguments, "--draws", 400, "--seed", 2)
        self.assertNotEqual(first["indices"], other["indices"])
        # R's coxph and concordance in 2000 resamples: 0.0083 in C, 0.054 in the slope, with standard errors of 0.0006
        # and 0.0045; 400 draws scatter by 0.0013 and 0.010.
        self.assertAlmostEqual(first["indices"][0]["optimism"], 0.0083, delta=0.005)
        self.assertAlmostEqual(first["indices"][1]["optimism"], 0.054, delta=0.04)


def save_model(folder, table, *arguments):
    model = pathlib.Path(folder) / "model.json"
    run("survival", "cox", TABLES / f"{table}.csv", *arguments, "--save", model, "-q")
    return model


class Penalised(unittest.TestCase):
    """Penalised Cox models through the command line, beside tests/reference/learn/cox_net.json."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.reference = json.loads((SOURCE / "tests/reference/learn/cox_net.json").read_text())
        for name, table in cls.reference["tables"].items():
            columns = {f"x{k + 1}": v for k, v in enumerate(table["columns"])}
            columns |= {key: table[key] for key in ("time", "event", "entry", "weights", "offset", "strata")}
            cls.write(f"{name}.csv", columns)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def write(cls, name, columns):
        with open(pathlib.Path(cls.folder.name) / name, "w", newline="", encoding="utf-8") as file:
            out = csv.writer(file)
            out.writerow(columns)
            out.writerows(zip(*columns.values()))

    def penalised(self, table, *arguments, drop=("entry", "weights", "offset", "strata"), code=None):
        command = [
            "survival",
            "penalised",
            pathlib.Path(self.folder.name) / table,
            "--time",
            "time",
            "--event",
            "event",
        ]
        command += [*arguments] if not drop else [*arguments, "--drop", ",".join(drop)]
        return run_json(*command) if code is None else run(*command, code=code)

    def test_coefficients_as_glmnet(self):
        options = {"entry": "--entry", "weights": "--weights", "offset": "--offset", "strata": "--strata"}
        judged = 0
        for case in self.reference["cases"]:
            if case["table"] == "wide" or case["penalties"]:
                continue
            used = [a for use in case["use"] for a in (options[use], use)]
            drop = [name for name in options if name not in case["use"]]
            at = case["expected"]["at"][len(case["expected"]["at"]) // 2]
            wanted = case["expected"]["coefficients"][case["expected"]["at"].index(at)]
            with self.subTest(case["name"]):
                got = self.penalised(
                    f"{case['table']}.csv",
                    *used,
                    *("--alpha", case["alpha"], "--ties", case["ties"], "--lambda", case["expected"]["lambda"][at]),
                    drop=drop,
                )
                found = {c["term"]: c["estimate"] for c in got["coefficients"]}
                columns = self.reference["tables"][case["table"]]["columns"]
                spread = [(max(c) - min(c)) / 5 for c in columns]
                largest = max(abs(b) * s for b, s in zip(wanted, spread))
                for k, b in enumerate(wanted):
                    self.assertLess(abs(found.get(f"x{k + 1}", 0) - b) * spread[k], 2e-3 * max(largest, 0.01), k)
                judged += 1
        self.assertGreaterEqual(judged, 12)

    def test_cross_validation_chooses(self):
        best = self.penalised("tall.csv", "--folds", 5)
        again = self.penalised("tall.csv", "--folds", 5, "--threads", 1)
        self.assertEqual(best, again, "the same seed, whatever the threads")
        self.assertEqual(best["lambda"], best["lambda_min"])
        means = [point["mean"] for point in best["path"]]
        self.assertEqual(best["path"][means.index(min(means))]["lambda"], best["lambda_min"])
        at = means.index(min(means))
        within = next(p for p in best["path"] if p["mean"] <= means[at] + best["path"][at]["se"])
        self.assertEqual(within["lambda"], best["lambda_1se"])
        sparse = self.penalised("tall.csv", "--folds", 5, "--lambda", "1se")
        self.assertEqual(sparse["lambda"], best["lambda_1se"])
        self.assertLess(len(sparse["coefficients"]), 8)
        deviance = self.penalised("tall.csv", "--folds", 5, "--measure", "deviance")
        self.assertNotEqual([p["mean"] for p in deviance["path"]], means)
        other = self.penalised("tall.csv", "--folds", 5, "--seed", 2)
        self.assertNotEqual([p["mean"] for p in other["path"]], means)

    def test_rows_of_a_patient_stay_in_one_fold(self):
        table = self.reference["tables"]["wide"]
        columns = {f"x{k + 1}": v + v for k, v in enumerate(table["columns"])}
        columns |= {"time": table["time"] * 2, "event": table["event"] * 2}
        columns["patient"] = [f"p{i}" for i in range(len(table["time"]))] * 2
        self.write("twice.csv", columns)
        apart = self.penalised("twice.csv", "--drop", "patient", "--folds", 5, drop=())
        together = self.penalised("twice.csv", "--id", "patient", "--folds", 5, drop=())
        # A row whose twin is in the training rows is foretold too well by a small lambda.
        self.assertLess(apart["path"][-1]["mean"], 0.8 * together["path"][-1]["mean"])

    def test_saved_model_predicts_without_intervals(self):
        model = pathlib.Path(self.folder.name) / "penalised.json"
        table = pathlib.Path(self.folder.name) / "tall.csv"
        got = self.penalised("tall.csv", "--lambda", 0.08, "--save", model)
        self.assertLess(len(got["coefficients"]), 8)
        rows = run_json("survival", "predict", table, "--model", model, "--times", "10")["rows"]
        with open(table, encoding="utf-8") as file:
            cells = list(csv.DictReader(file))
        scores = [sum(c["estimate"] * float(r[c["term"]]) for c in got["coefficients"]) for r in cells]
        for row, score in zip(rows, scores):
            self.assertAlmostEqual(row["linear_predictor"] - rows[0]["linear_predictor"], score - scores[0], delta=1e-9)
            self.assertIsNone(row["lower_10"])
            self.assertTrue(0 <= row["survival_10"] <= 1)
        kept = json.loads(model.read_text())
        self.assertEqual(
            kept["payload"]["terms"] if "payload" in kept else kept["terms"], [c["term"] for c in got["coefficients"]]
        )

    def test_penalty_factors(self):
        got = self.penalised("tall.csv", "--lambda", 0.5, "--penalty", "x2=0")
        self.assertEqual([c["term"] for c in got["coefficients"]], ["x2"])

    def test_adaptive_factors(self):
        table = self.reference["tables"]["tall"]
        plain = self.penalised("tall.csv", "--folds", 5, "--lambda", 0.05)
        got = self.penalised("tall.csv", "--folds", 5, "--lambda", 0.05, "--adaptive")
        self.assertIsNone(plain["adaptive"])
        self.assertEqual(got["adaptive"]["power"], 1)
        ridge = self.penalised("tall.csv", "--alpha", 0, "--lambda", got["adaptive"]["ridge_lambda"])
        first = {c["term"]: c["estimate"] for c in ridge["coefficients"]}
        for c in got["coefficients"]:
            column = table["columns"][int(c["term"][1:]) - 1]
            mean = sum(column) / len(column)
            scale = (sum((v - mean) ** 2 for v in column) / len(column)) ** 0.5
            self.assertAlmostEqual(c["penalty_factor"] * abs(first[c["term"]]) * scale, 1, delta=1e-6)
        self.assertIn("--adaptive", self.penalised("tall.csv", "--adaptive-power", 2, code=2).stderr)

    def doubtful(self, name, *arguments):
        got = self.penalised(name, *arguments, drop=())
        told = self.penalised(name, *arguments, "-q", drop=(), code=0).stderr
        for warning in got["warnings"]:
            self.assertIn("warning: " + warning, told)
        return " | ".join(got["warnings"])

    def test_what_is_doubtful_is_told(self):
        draw = random.Random(5)
        a, c = ([draw.gauss(0, 1) for _ in range(120)] for _ in "ac")
        group = [i % 2 for i in range(120)]
        columns = {
            "time": [draw.expovariate(0.05) + 0.1 for _ in a],
            "event": [int(g and draw.random() < 0.8) for g in group],
            "a": a,
            "c": c,
        }
        self.write("plain.csv", columns)
        self.write("separated.csv", columns | {"group": group})
        self.write("alike.csv", columns | {"b": [2 * v + 1 for v in a]})
        self.assertEqual(self.doubtful("plain.csv", "--lambda", 0.01), "")
        self.assertIn('separation by "group"', self.doubtful("separated.csv", "--lambda", 0.01))
        self.assertIn("lambda alone sets its size", self.doubtful("separated.csv", "--folds", 5, "--alpha", 0))
        told = self.doubtful("separated.csv", "--lambda", 0)
        self.assertIn("the coefficient is infinite and its number means nothing", told)
        self.assertNotIn("collinear", told)
        self.assertIn('collinear without a penalty: "b" follows', self.doubtful("alike.csv", "--lambda", 0))
        self.assertRegex(self.doubtful("alike.csv", "--lambda", 0.001), 'columns alike: ("b" as "a"|"a" as "b")')
        self.assertNotIn("alike", self.doubtful("alike.csv", "--lambda", 0.001, "--alpha", 0.5))
        stderr = self.penalised("plain.csv", "--lambda", 0, drop=(), code=0).stderr
        self.assertIn("not shrunk: gliocast survival cox", stderr)
        self.assertNotIn("they are shrunk", stderr)

    def test_few_events(self):
        columns = {
            "time": range(1, 31),
            "x": [(7 * i) % 30 for i in range(30)],
            "y": [(11 * i) % 17 for i in range(30)],
        }
        self.write("three.csv", columns | {"event": [int(i in (4, 11, 20)) for i in range(30)]})
        told = self.doubtful("three.csv")
        self.assertIn("7 of 10 folds have no event", told)
        self.assertIn("3 events among 30 rows: fewer than 10", told)
        self.write("one.csv", columns | {"event": [int(i == 11) for i in range(30)]})
        stderr = self.penalised("one.csv", drop=(), code=3).stderr
        self.assertIn("no cross-validation with 1 event in 1 of the folds", stderr)
        self.assertIn("1 event among 30 rows", self.doubtful("one.csv", "--lambda", 0.1))

    def test_a_saved_model_tells_its_doubts(self):
        columns = {"time": range(1, 41), "event": [i % 2 for i in range(40)], "g": [i % 2 for i in range(40)]}
        self.write("separated.csv", columns)
        model = pathlib.Path(self.folder.name) / "separated.json"
        self.penalised("separated.csv", "--lambda", 0.01, "--save", model, drop=())
        table = pathlib.Path(self.folder.name) / "separated.csv"
        told = run("survival", "predict", table, "--model", model, "--times", 10).stderr
        self.assertIn('warning: separation by "g"', told)

    def test_refusals(self):
        for arguments, code, words in (
            (["--lambda", "small"], 2, "min, 1se or a number"),
            (["--penalty", "y=1"], 2, 'no term "y"'),
            (["--penalty", "x1"], 2, "term=factor"),
            (["--lambda", "100", "--save", pathlib.Path(self.folder.name) / "none.json"], 3, "no coefficient is left"),
            (["--lambda", "1", "--cv-figure", pathlib.Path(self.folder.name) / "cv.svg"], 2, "no cross-validation"),
        ):
            with self.subTest(words):
                self.assertIn(words, self.penalised("tall.csv", *arguments, code=code).stderr)
        self.assertFalse((pathlib.Path(self.folder.name) / "none.json").exists())
        self.write("constant.csv", {"time": range(1, 13), "event": [1, 0, 1] * 4, "x": [2] * 12})
        self.assertIn("no predictor varies", self.penalised("constant.csv", "--folds", 3, drop=(), code=3).stderr)

    def clinic(self, name, rows=80, **changed):
        """A table as clinics keep it: numbered rows, ids, text; with cells changed as {"age": {line: text}}."""
        draw = random.Random(4)
        columns = {
            "nr": [str(i + 1) for i in range(rows)],
            "patient_id": [str(1000 + 7 * i) for i in range(rows)],
            "time": [f"{draw.expovariate(0.05) + 0.1:.2f}" for _ in range(rows)],
            "event": [str(int(draw.random() < 0.6)) for _ in range(rows)],
            "age": [str(draw.randint(20, 80)) for _ in range(rows)],
            "x": [f"{draw.gauss(0, 1):.3f}" for _ in range(rows)],
            "sex": [draw.choice("fm") for _ in range(rows)],
        }
        for column, cells in changed.items():
            for line, text in cells.items():
                columns[column][line - 2] = text
        self.write(name, columns)

    def test_predictors_are_listed_and_ids_are_none(self):
        self.clinic("clinic.csv")
        got = self.penalised("clinic.csv", "--lambda", 0.01, drop=())
        self.assertEqual(got["predictors"], ["age", "x"])
        self.assertLessEqual({c["term"] for c in got["coefficients"]}, {"age", "x"})
        told = self.penalised("clinic.csv", "--lambda", 0.01, drop=(), code=0).stderr
        for words in (
            "predictors: age, x",
            "number the rows: nr",
            "name the rows: patient_id",
            "columns of text are no predictors: sex",
        ):
            self.assertIn(words, told)
        named = self.penalised("clinic.csv", "--lambda", 0.01, "--formula", "age + patient_id + sex", drop=())
        self.assertEqual(named["predictors"], ["age", "patient_id", "sex"], "who names a column means it")

    def test_a_mistyped_cell_is_refused_by_column_value_and_line(self):
        self.clinic("mistyped.csv", age={6: "5o"})
        told = self.penalised("mistyped.csv", drop=(), code=3).stderr
        for words in ('column "age"', '"5o" (line 6)', '--drop "age"'):
            self.assertIn(words, told)
        self.assertEqual(self.penalised("mistyped.csv", "--lambda", 0.01, drop=("age",))["predictors"], ["x"])

    def test_an_empty_selection_is_an_answer_and_no_model(self):
        self.clinic("clinic.csv")
        model, out = (pathlib.Path(self.folder.name) / name for name in ("empty.json", "empty.tsv"))
        got = self.penalised("clinic.csv", "--lambda", "1se", "--folds", 5, drop=())
        self.assertEqual(got["coefficients"], [])
        self.assertGreater(len(got["path"]), 10)
        result = self.penalised(
            "clinic.csv", "--lambda", "1se", "--folds", 5, "--save", model, "--out", out, drop=(), code=3
        )
        self.assertIn("there is no model to save", result.stderr)
        self.assertEqual(out.read_text(), "term\testimate\thazard_ratio\n")
        self.assertFalse(model.exists())

    def test_figures_of_path_and_cross_validation(self):
        for option, words in (("--figure", "Coefficient per standard"), ("--cv-figure", "Deviance of the folds")):
            file = pathlib.Path(self.folder.name) / f"{option[2:]}.svg"
            self.penalised("tall.csv", "--folds", 5, option, file)
            self.assertIn(words, file.read_text(encoding="utf-8"))
            self.assertIn("of an elastic-net Cox model", re.search("<title>(.*)</title>", file.read_text())[1])


class External(unittest.TestCase):
    """A saved model on new rows, two models, and groups' curves, beside expected_external.json."""

    OUTCOME = ("--time", "time", "--event", "status")

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.expected = json.loads((REFERENCE / "expected_external.json").read_text())
        with open(TABLES / "lung.csv", encoding="utf-8") as file:
            head, *rows = file.read().splitlines()
        for name, part in (("train", rows[0::2]), ("new", rows[1::2])):
            (cls.path(f"{name}.csv")).write_text("\n".join([head, *part]) + "\n", encoding="utf-8")
        for name, formula in (("model", "age + sex + ph.ecog"), ("small", "age + sex")):
            command = ["survival", "cox", cls.path("train.csv"), *cls.OUTCOME, "--formula", formula]
            run(*command, "--save", cls.path(f"{name}.json"), "-q")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def path(cls, name):
        return pathlib.Path(cls.folder.name) / name

    def external(self, *arguments, times="180,365", code=None):
        command = ["survival", "external", self.path("new.csv"), *self.OUTCOME, "--model"]
        command += [self.path("model.json"), "--times", times, *arguments]
        return run_json(*command) if code is None else run(*command, code=code)

    def same(self, expected, got, tolerance=1e-6):
        found = list(differences(expected, got, tolerance))
        self.assertEqual(found[:4], [], f"{len(found)} differences")

    def test_external_as_r(self):
        got = self.external()
        self.same(self.expected["external"], got)
        self.assertIsNone(got["recalibrated"])
        # Brier scores, groups, curves and decision curves are those of the verbs that have them alone.
        arguments = [self.path("new.csv"), *self.OUTCOME, "--model", self.path("model.json"), "--times", "180,365"]
        calibration = run_json("survival", "calibrate", *arguments)
        for one, at, brier in zip(calibration["times"], got["calibration"]["at"], got["brier"]):
            self.assertEqual((one["groups"], one["smooth"]), (at["groups"], at["smooth"]))
            self.assertEqual((one["brier"], one["brier_lower"]), (brier["estimate"], brier["lower"]))
        self.assertEqual(run_json("survival", "decision", *arguments)["curves"], got["decision"])

    def test_recalibration_as_r(self):
        for method in ("baseline", "slope"):
            with self.subTest(method):
                got = self.external("--recalibrate", method)
                self.same(self.expected["external"], got)
                self.same(self.expected["recalibrated"][method], got["recalibrated"])

    def test_a_penalised_model_is_judged_as_any_other(self):
        model = self.path("penalised.json")
        command = ["survival", "penalised", self.path("train.csv"), *self.OUTCOME, "--formula"]
        run(*command, "age + sex + ph.ecog", "--lambda", 0.02, "--save", model, "-q")
        got = run_json("survival", "external", self.path("new.csv"), *self.OUTCOME, "--model", model, "--times", 180)
        self.assertGreater(got["concordance"]["estimate"], 0.58)

    def test_times_beyond_follow_up_are_told(self):
        result = self.external(times="365,5000", code=0)
        self.assertIn("time 5000 lies beyond the", result.stderr)
        self.assertIn("follow-up of this table", result.stderr)
        self.assertIsNone(self.external(times="365,5000")["calibration"]["at"][1]["observed"])

    def lung(self, name, change, column="time", part="new"):
        """The new half of the table, each row changed, with its times under another name."""
        with open(self.path(f"{part}.csv"), encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            change(row)
        with open(self.path(name), "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow([column if c == "time" else c for c in rows[0]])
            writer.writerows([row.values() for row in rows])
        return self.path(name)

    def warnings_of(self, table, column, model="model.json"):
        outcome = ["--time", column, "--event", "status"]
        external = ["--model", self.path(model), "--times", 180]
        compare = ["--model", self.path(model), "--against-model", self.path("small.json")]
        return [
            run_json("survival", "external", table, *outcome, *external)["warnings"],
            run_json("survival", "compare", table, *outcome, *compare)["warnings"],
        ]

    def test_times_of_another_unit_are_told(self):
        def by(factor):
            return lambda row: row.update(time=float(row["time"]) * factor)

        for warnings in self.warnings_of(self.lung("months.csv", by(12 / 365.25)), "time"):
            told = [w for w in warnings if w.startswith('are the times of column "time" in another unit')]
            self.assertTrue(told, warnings)
        for warnings in self.warnings_of(self.lung("same.csv", by(1)), "time"):
            self.assertFalse([w for w in warnings if w.startswith(("are the times", 'column "time" names'))])
        # A cohort that is followed for a quarter of the time is no other unit.
        for warnings in self.warnings_of(self.lung("short.csv", by(0.25)), "time"):
            self.assertFalse([w for w in warnings if w.startswith(("are the times", 'column "time" names'))])
        table = self.lung("train_days.csv", by(1), "OS_days", "train")
        fit = ["--time", "OS_days", "--event", "status", "--formula", "age + sex + ph.ecog"]
        run("survival", "cox", table, *fit, "--save", self.path("days.json"), "-q")
        for column, told in (("OS_months", True), ("months_to_death", True), ("time", False), ("days_to_death", False)):
            named = self.lung("named.csv", by(1), column)
            warnings = self.warnings_of(named, column, "days.json")[0]
            self.assertEqual([w for w in warnings if f'column "{column}" names months' in w] != [], told, warnings)
        same = ["--model", self.path("days.json"), "--times"]
        result = run("survival", "predict", self.path("new.csv"), *same, "2000,3000")
        self.assertIn('column "OS_days": days', result.stderr)
        self.assertIn("warning: all times lie beyond", result.stderr)
        self.assertNotIn("all times lie", run("survival", "predict", self.path("new.csv"), *same, "180,3000").stderr)

    def test_predictions_that_are_all_the_same_are_told(self):
        def constant(row):
            row.update({"age": 60, "sex": 1, "ph.ecog": 1})

        for warnings in self.warnings_of(self.lung("constant.csv", constant), "time"):
            told = [w for w in warnings if "the prediction is the same of all" in w]
            self.assertTrue(told, warnings)
            self.assertIn("age (60)", told[0])
            self.assertIn("a C of 0.5 says that alone", told[0])
        for warnings in self.warnings_of(self.lung("same.csv", lambda row: None), "time"):
            self.assertFalse([w for w in warnings if "the same of all" in w])

    def test_a_recalibrated_figure_says_so(self):
        files = [self.path("calibration.svg"), self.path("decision.svg")]
        for method, words in (("none", ""), ("slope", "Recalibrated to these rows (slope)")):
            got = self.external("--recalibrate", method, "--figure", files[0], "--decision-figure", files[1])
            for file in files:
                text = file.read_text(encoding="utf-8")
                self.assertEqual("Recalibrated" in text, bool(words))
                self.assertIn(words, text)
            self.assertEqual(any("flatter it" in w for w in got["warnings"]), bool(words))

    def test_nothing_is_said_of_times_when_nobody_is_observed(self):
        at = self.external(times="365,5000")["calibration"]["at"][1]
        self.assertIsNone(at["smooth"])
        self.assertEqual({group["observed"] for group in at["groups"]}, {None})

    def test_a_survival_of_0_has_no_interval(self):
        table = self.path("ends.csv")
        rows = [f"{i + 1},{int(i < 40 or i % 3 > 0)},{(i * 7) % 20}" for i in range(60)] + ["61,0,1"]
        table.write_text("\n".join(["time,event,x", *rows]) + "\n", encoding="utf-8")
        command = ["survival", "calibrate", table, "--time", "time", "--event", "event", "--formula", "x"]
        got = run_json(*command, "--times", 60.5, "--groups", 10)
        zero = [g for g in got["times"][0]["groups"] if g["observed"] == 0]
        self.assertGreater(len(zero), 0)
        for group in zero:
            self.assertEqual([group[key] for key in ("std_error", "lower", "upper")], [None] * 3)
        self.assertIn("survival is 0, which has no interval", run(*command, "--times", 60.5, "--groups", 10).stderr)

    def test_the_outcome_is_no_predictor(self):
        for formula in ("age + time", "age + status", "log(time)"):
            command = ["survival", "cox", TABLES / "lung.csv", *self.OUTCOME, "--formula", formula]
            self.assertIn("of the outcome and cannot predict it", run(*command, code=3).stderr)

    def test_times_below_0_are_refused_in_few_words(self):
        told = self.external(times="-3", code=2).stderr
        self.assertIn("--times: -3 is not above 0", told)

    def test_rows_left_out_are_told(self):
        with open(self.path("new.csv"), encoding="utf-8") as file:
            rows = list(csv.reader(file))
        sex = rows[0].index("sex")
        for row in rows[2:5]:
            row[sex] = ""
        with open(self.path("gaps.csv"), "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        command = ["survival", "external", self.path("gaps.csv"), *self.OUTCOME, "--model", self.path("model.json")]
        got, told = run_json(*command, "--times", 180), run(*command, "--times", 180).stderr
        self.assertGreaterEqual(got["left_out"], 3)
        self.assertIn(f"{got['left_out']} rows left out for missing values", told)

    def test_figures_of_external(self):
        files = [self.path("calibration.svg"), self.path("decision.svg")]
        self.external("--figure", files[0], "--decision-figure", files[1])
        for file, words in zip(files, ("Observed survival", "Net benefit")):
            self.assertIn(words, file.read_text(encoding="utf-8"))

    def test_saved_models_compared_as_r(self):
        models = ["--model", self.path("model.json"), "--against-model", self.path("small.json")]
        new = self.path("complete.csv")
        with open(self.path("new.csv"), encoding="utf-8") as file:
            rows = [r for r in csv.DictReader(file) if r["ph.ecog"] not in ("", "NA")]
        with open(new, "w", newline="", encoding="utf-8") as file:
            out = csv.DictWriter(file, rows[0])
            out.writeheader()
            out.writerows(rows)
        got = run_json("survival", "compare", new, *self.OUTCOME, *models)
        self.same(self.expected["compare"], got)
        terms = ("age + sex + ph.ecog", "age + sex")
        refits = run_json("survival", "compare", new, *self.OUTCOME, "--formula", terms[0], "--against", terms[1])
        self.same(refits["likelihood_ratio"], got["likelihood_ratio"], 1e-9)
        self.assertIsNone(got["no_likelihood_ratio"])
        told = run("survival", "compare", new, *self.OUTCOME, *models).stderr
        self.assertIn("both models' terms fitted anew to these rows", told)
        self.assertIn("C of the first, model.json, less that of the second, small.json: above 0 where the first", told)
        self.assertAlmostEqual(got["difference"], got["estimate"] - got["against"]["estimate"], 12)
        same = run_json("survival", "compare", new, *self.OUTCOME, *models[:2], "--against-model", models[1])
        self.assertIsNone(same["likelihood_ratio"])
        self.assertEqual(same["no_likelihood_ratio"], "both models have the same columns")
        missing = run("survival", "compare", new, *self.OUTCOME, *models[:2], "--against-model", "no.json", code=None)
        self.assertIn("--against-model no.json: there is no such file", missing.stderr)
        for arguments in (models[:2], [*models, "--formula", "age"], ["--formula", "age"]):
            self.assertIn(
                "two models are compared", run("survival", "compare", new, *self.OUTCOME, *arguments, code=2).stderr
            )

    def test_likelihood_ratio_of_nested_models(self):
        def compare(first, second):
            command = ["survival", "compare", TABLES / "lung.csv", *self.OUTCOME]
            return run_json(*command, "--formula", first, "--against", second)["likelihood_ratio"]

        for pair in (("age + sex", "age + sex + ph.ecog"), ("age + sex + ph.ecog", "age + sex")):
            self.same(self.expected["likelihood_ratio"], compare(*pair))
        self.assertIsNone(compare("age + sex", "age + ph.ecog"))
        command = ["survival", "compare", TABLES / "lung.csv", *self.OUTCOME, "--formula", "age", "--against", "sex"]
        self.assertIn("not nested", run_json(*command)["no_likelihood_ratio"])

    def test_curves_as_r(self):
        command = ["survival", "km", TABLES / "veteran.csv", "--time", "time", "--event", "status"]
        got = run_json(*command, "--group", "celltype", "--times", "30,100", "--rmst", 300)
        self.same(self.expected["km"], got)
        benjamini = run_json(*command, "--group", "celltype", "--adjust", "bh")["pairwise"]
        self.assertLess(benjamini[2]["p_adjusted"], got["pairwise"][2]["p_adjusted"])
        two = run_json(*command, "--group", "trt", "--rmst", 300)
        self.assertNotIn("pairwise", two)
        self.assertEqual(len(two["restricted_mean_differences"]), 1)
        self.assertEqual(two["warnings"], [])
        lung = ["survival", "km", TABLES / "lung.csv", *self.OUTCOME, "--group", "sex"]
        told = run_json(*lung, "--rmst", 5000)["warnings"]
        self.assertRegex(told[0], "follow-up ends at .* the mean until 5000 takes the curve to stay at")
        order = "adeno < large < smallcell < squamous"
        for verb in (command, ["survival", "logrank", *command[2:]]):
            stderr = run(*verb, "--group", "celltype").stderr
            self.assertIn(f"trend over the groups, {order}: P", stderr)
            self.assertIn("text is ordered by its letters", stderr)
        beyond = run_json(*command, "--group", "celltype", "--times", 2000)
        self.assertIsNone(beyond["groups"][0]["at"][0]["survival"])

    def test_other_kinds_of_event_are_told(self):
        table = self.path("kinds.csv")
        table.write_text("t,e\n1,1\n2,2\n3,0\n4,1\n5,2\n", encoding="utf-8")
        result = run("survival", "km", table, "--time", "t", "--event", "e", "--event-value", "1")
        self.assertIn("1 - survival overstates the risk", result.stderr)
        result = run("survival", "km", TABLES / "lung.csv", "--time", "time", "--event", "status")
        self.assertNotIn("overstates", result.stderr)


class Models(unittest.TestCase):
    """Every case of expected_models.json."""

    @classmethod
    def setUpClass(cls):
        cls.data = json.loads((REFERENCE / "expected_models.json").read_text())

    def compare(self, expected, got, tolerance=1e-7):
        found = list(differences(expected, got, tolerance))
        self.assertEqual(found[:4], [], f"{len(found)} differences")

    def test_predictions(self):
        self.assertGreaterEqual(len(self.data["predictions"]), 6)
        for case in self.data["predictions"]:
            with self.subTest(case["name"]), tempfile.TemporaryDirectory() as folder:
                model, table = save_model(folder, case["table"], *case["cox"]), TABLES / f"{case['table']}.csv"
                rows = {
                    r["row"]: r
                    for r in run_json(
                        "survival", "predict", table, "--model", model, "--times", ",".join(map(str, case["times"]))
                    )["rows"]
                }
                self.assertGreater(len(case["rows"]), 15)
                self.compare(case["rows"], [rows[r["row"]] for r in case["rows"]])

    def test_residuals(self):
        self.assertGreaterEqual(len(self.data["residuals"]), 5)
        for case in self.data["residuals"]:
            with self.subTest(case["name"]), tempfile.TemporaryDirectory() as folder:
                file = pathlib.Path(folder) / "residuals.tsv"
                run("survival", "cox", TABLES / f"{case['table']}.csv", *case["cox"], "--residuals", file, "-q")
                with open(file) as f:
                    rows = list(csv.DictReader(f, delimiter="\t"))
                self.assertEqual([int(r["row"]) for r in rows], case["row"])
                for name, expected in case["columns"].items():
                    got = [None if r[name] == "NA" else float(r[name]) for r in rows]
                    scale = max(abs(v) for v in expected if v is not None)
                    self.assertEqual([e is None for e in expected], [g is None for g in got], name)
                    for e, g in zip(expected, got):
                        if e is not None:
                            self.assertAlmostEqual(e, g, delta=1e-7 * scale, msg=name)

    def test_selections(self):
        self.assertGreaterEqual(len(self.data["selections"]), 3)
        for case in self.data["selections"]:
            table = TABLES / f"{case['table']}.csv"
            with self.subTest(case["name"], rule="likelihood ratio"):
                got = run_json("survival", "cox", table, *case["cox"], "--univariate", "--select", "lrt")
                self.compare(case["univariate"], [m["tests"]["likelihood_ratio"]["p"] for m in got["univariate"]], 1e-6)
                self.assertEqual(
                    (got["selection"]["after_univariate"], got["formula"]), (case["after"], case["formula"])
                )
                self.compare(case["estimates"], [c["estimate"] for c in got["coefficients"]])
                self.compare(case["se"], [c["se"] for c in got["coefficients"]])
            with self.subTest(case["name"], rule="paper"):
                got = run_json("survival", "cox", table, *case["cox"], "--univariate", "--select", "paper")
                self.assertEqual(
                    (got["selection"]["after_univariate"], got["formula"]), (case["paper_after"], case["paper"])
                )
                self.compare(case["paper_estimates"], [c["estimate"] for c in got["coefficients"]])


class Nomogram(unittest.TestCase):
    def test_axes_as_rms(self):
        data = json.loads((REFERENCE / "expected_nomogram.json").read_text())
        self.assertGreaterEqual(len(data["cases"]), 8)
        for case in data["cases"]:
            with self.subTest(case["name"]), tempfile.TemporaryDirectory() as folder:
                model = save_model(folder, case["table"], *case["cox"])
                got = run_json("survival", "nomogram", "--model", model, *case["nomogram"])
                self.assertIsNone(got["functions"].pop()["time"])  # median survival, which rms was not asked for
                found = [d for d in differences(case["expected"], got, 1e-6) if d[1] > 1e-6]
                self.assertEqual(found[:4], [], f"{len(found)} differences")

    def test_calculator_equals_predict(self):
        for formula, values in (
            ("rcs(age, 4) + factor(sex) + ph.ecog", {"age": 71.5, "sex": 2, "ph.ecog": 2}),
            ("log(age, 2) * sex + I(wt.loss^2 / 100)", {"age": 50, "sex": 1, "wt.loss": 12}),
        ):
            with self.subTest(formula), tempfile.TemporaryDirectory() as folder:
                folder = pathlib.Path(folder)
                model = save_model(folder, "lung", "--time", "time", "--event", "status", "--formula", formula)
                page, table = folder / "page.html", folder / "patient.csv"
                drawn = run_json("survival", "nomogram", "--model", model, "--times", "180,365,2000", "--html", page)
                self.assertEqual([f["extrapolated"] for f in drawn["functions"]], [False, False, True, False])
                table.write_text(",".join(values) + "\n" + ",".join(map(str, values.values())) + "\n")
                predicted = run_json("survival", "predict", table, "--model", model, "--times", "180,365,2000")["rows"][
                    0
                ]
                address = page.as_uri() + "#" + "&".join(f"{k}={v}" for k, v in values.items())
                dom = subprocess.run(
                    [
                        "chromium",
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        f"--user-data-dir={folder}/profile",
                        "--dump-dom",
                        address,
                    ],
                    capture_output=True,
                    text=True,
                    timeout=120,
                    check=False,
                ).stdout
                shown = json.loads(html.unescape(re.search(r'data-result="([^"]*)"', dom).group(1)))
                self.assertAlmostEqual(shown["linear_predictor"], predicted["linear_predictor"], delta=1e-12)
                self.assertEqual([s["time"] for s in shown["survival"]], [180, 365, 2000])
                for s in shown["survival"]:
                    self.assertAlmostEqual(s["value"], predicted[f"survival_{s['time']}"], delta=1e-12)
                self.assertEqual(shown["median_survival"], predicted["median_survival"])
                self.assertNotIn("http", page.read_text().replace("http-equiv", ""))

    # Of each figure: words that it shows, curves in it, surfaces (polygons, in hundreds).
    FIGURES = {
        "cox": (
            ["Hazard ratio (log scale)", "HR (95% CI)", "rcs(x, 4)x’’", "g’’", "git`s", "g{a}_b^c", "reference"],
            1,
            0,
        ),
        "km": (["Survival probability", "Number at risk", "Log-rank P =", "it`s", "’’", "{a}_b^c"], 3, 0),
        "cutpoint": (["Cut of x", "Log-rank chi-square", "training"], 1, 0),
        "timeroc": (["1 − specificity", "Sensitivity", "at 30: AUC"], 1, 0),
        "calibrate": (["Predicted survival", "Observed survival at 30"], 2, 0),
        "decision": (
            ["Threshold risk of the event", "Net benefit", "model, at 30", "treat all, at 30", "treat none"],
            2,
            0,
        ),
        "cutpoint ": (["Training", "Validation", "Low cut of x", "High cut of x", "Log-rank chi-square"], 0, 5),
        "nomogram": (["Points", "x", "g", "it`s", "Total points", "Linear predictor", "Survival at 20"], 6, 0),
    }

    def check_figure(self, file, name):
        figure, (words, curves, surfaces) = Figure(file), self.FIGURES[name]
        self.assertEqual(figure.faults(), [], name)
        for word in words:
            self.assertIn(word, figure.words(), name)
        self.assertEqual(len(figure.curves()), curves, name)
        self.assertGreaterEqual(len(figure.shapes), 100 * surfaces, name)
        for axis in "xy" if name != "nomogram" else "x":
            self.assertGreaterEqual(len(figure.ticks(axis)), 5, f"{name}: numbers along {axis}")
        if name == "km":
            for curve in figure.curves():
                heights = [y for _, y in curve]
                self.assertEqual(heights, sorted(heights), "a survival curve never rises")

    def test_figures(self):
        """Labels with apostrophes (age'' of a spline), backticks, braces; every figure of the commands."""
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            odd, model = folder / "odd.csv", folder / "odd.json"
            groups = ["it`s", chr(39) * 2, "{a}_b^c"]
            rows = [f"{i + 1},{i % 2},{groups[i % 3]},{i * 7 % 31}\n" for i in range(60)]
            odd.write_text("t,e,g,x\n" + "".join(rows))
            outcome = ["--time", "t", "--event", "e"]
            verbs = {
                "cox": ["--formula", "rcs(x, 4) + g", "--save", model],
                "km": ["--group", "g"],
                "cutpoint": ["--value", "x"],
                "timeroc": ["--score", "x", "--times", 30],
                "calibrate": ["--formula", "x + g", "--times", 30],
                "decision": ["--formula", "x + g", "--times", 30],
                "cutpoint ": ["--value", "x", "--cuts", 2, "--validation", odd],
            }
            for verb, more in verbs.items():
                file = folder / f"{verb}.svg"
                run("survival", verb.strip(), odd, *outcome, *more, "--figure", file, "-q")
                self.check_figure(file, verb)
            file = folder / "odd.svg"
            run("survival", "nomogram", "--model", model, "--times", 20, "--figure", file, "-q")
            self.check_figure(file, "nomogram")

    def test_endings_of_figures(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            outcome, forest = ["--time", "time", "--event", "status"], folder / "forest.svg"
            model = save_model(folder, "lung", *outcome, "--formula", "age + sex", "--figure", forest)
            self.assertIn("sex", forest.read_text())
            for ending, start in (("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")):
                file = folder / f"n.{ending}"
                run("survival", "nomogram", "--model", model, "--times", "365", "--figure", file, "-q")
                self.assertTrue(file.read_bytes().startswith(start))
                file = folder / f"km.{ending}"
                run("survival", "km", TABLES / "lung.csv", *outcome, "--group", "sex", "--figure", file, "-q")
                self.assertTrue(file.read_bytes().startswith(start))


class LowerGradeGlioma(unittest.TestCase):
    """The shipped nomogram: R's coxph(Surv(months, dead) ~ age + grade + histology) on TCGA's table."""

    def test_shipped_model(self):
        source = SOURCE.parent / "shared/data/tables/tcga_glioma_ceccarelli2016_s1a.csv"
        if not source.exists() and os.environ.get("CI") != "true":
            self.skipTest("shared/data/tables is absent")
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            subprocess.run(
                [sys.executable, SOURCE / "tools/make_nomogram_model.py", BUILD / "gliocast", source, folder],
                check=True,
                capture_output=True,
            )
            outcome = ["--time", "months", "--event", "dead", "--formula", "age + grade + histology"]
            got = run_json("survival", "cox", folder / "study.csv", *outcome)
            self.assertEqual((got["n"], got["events"], got["left_out"]), (280, 52, 2))
            estimates = {c["term"]: c["estimate"] for c in got["coefficients"]}
            for term, r in (
                ("age", 0.073627741195227),
                ("gradeG3", 1.06049238406383),
                ("histologyoligoastrocytoma", -0.188985503252313),
                ("histologyoligodendroglioma", -0.836491986395703),
            ):
                self.assertAlmostEqual(estimates[term], r, delta=1e-9)
            self.assertAlmostEqual(got["concordance"]["estimate"], 0.847273472734727, delta=1e-9)
            shipped, made = (
                json.loads((SOURCE / "models/nomogram-lgg/model.json").read_text()),
                json.loads((folder / "model.json").read_text()),
            )
            made["name"] = shipped["name"]  # the folder's
            found = list(differences(shipped, made, 1e-7))
            self.assertEqual(found, [])
            self.check_card((SOURCE / "models/nomogram-lgg/README.md").read_text(), folder, outcome)
            # By its name alone, on the search path of models.
            named = run_json("survival", "nomogram", "--model", "nomogram-lgg", "--times", "12")
            given = run_json("survival", "nomogram", "--model", SOURCE / "models/nomogram-lgg", "--times", "12")
            self.assertEqual(named["axes"], given["axes"])

    def check_card(self, card, folder, outcome):
        """The card states what the verbs give on the study's table."""
        card, table, model = " ".join(card.split()), folder / "study.csv", ["--model", folder / "model.json"]
        held = [*outcome[:4], *model, "--times", "12,36,60"]
        validated = run_json("survival", "validate", table, *outcome, "--draws", 2000)["indices"]
        c, slope = (i["corrected"] for i in validated)
        self.assertIn(f"optimism by 2,000 bootstrap samples {c:.3f}; calibration slope corrected {slope:.2f}", card)
        curves = run_json("survival", "timeroc", table, *held)["curves"]
        auc = ", ".join(f"{c['auc']:.2f}" for c in curves)
        self.assertIn(f"time-dependent AUC {auc} at 12, 36, 60 months", card)
        self.assertIn(f"{curves[2]['controls']} patients were followed beyond 60 months", card)
        smooth = [f"{t['smooth']['ici']:.3f}" for t in run_json("survival", "calibrate", table, *held)["times"]]
        self.assertIn(f"observed survival (smooth curve) {', '.join(smooth)}.", card)
        age = next(t for t in run_json("survival", "zph", table, *outcome)["tests"] if t["term"] == "age")
        self.assertIn(f"Schoenfeld residuals P = {age['p']:.3f})", card)


class Times(unittest.TestCase):
    """km --times beside R's summary(survfit(Surv(time, status) ~ sex, lung), times = c(180, 365, 800))."""

    # At risk, events and censorings since the time before, survival and its limits, cumulative hazard; the one man who
    # is censored by 180 days (at 174) is not in R's first n.censor.
    LUNG = (
        (89, 49, 1, 0.6444650015418, 0.5692841898709, 0.729574341958, 0.436312575929),
        (35, 36, 17, 0.3360878346394, 0.2609005037897, 0.432942945498, 1.080255217130),
        (6, 25, 4, 0.0669635068003, 0.0314206886203, 0.142712061380, 2.629505438966),
        (71, 14, 5, 0.8424017055878, 0.7698998096080, 0.921731145691, 0.170286136800),
        (30, 22, 19, 0.5264630301859, 0.4214863408291, 0.657585537902, 0.634789284548),
        (2, 17, 11, 0.0832144435134, 0.0256775389571, 0.269677075393, 2.321914775380),
    )

    def test_rows_at_times_are_the_table(self):
        common = ["survival", "km", TABLES / "lung.csv", "--time", "time", "--event", "status", "--group", "sex"]
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder) / "at.tsv"
            run(*common, "--times", "365,180,800", "--out", out)
            rows = list(csv.DictReader(out.read_text().splitlines(), delimiter="\t"))
            printed = run(*common, "--times", "180,365,800", "-q").stdout
            self.assertEqual(printed, out.read_text())
        self.assertEqual([r["time"] for r in rows], ["180", "365", "800"] * 2)
        names = ("n_risk", "n_event", "n_censor", "survival", "lower", "upper", "cumulative_hazard")
        for row, wanted in zip(rows, self.LUNG):
            for name, value in zip(names, wanted):
                self.assertAlmostEqual(float(row[name]), value, delta=1e-5, msg=name)
        beyond = run(*common, "--times", "5000", "-q").stdout.splitlines()[1].split("\t")
        self.assertEqual(beyond[5:], ["NA"] * 5)

    def test_a_time_before_all_follow_up_is_refused(self):
        common = ["survival", "km", TABLES / "lung.csv", "--time", "time", "--event", "status"]
        self.assertIn("time -5 lies before all follow-up", run(*common, "--times=-5,20", code=2).stderr)

    def test_an_axis_has_the_unit_that_its_column_names(self):
        with tempfile.TemporaryDirectory() as folder:
            table, figure = (pathlib.Path(folder) / name for name in ("t.csv", "t.svg"))
            for column, title in (
                ("OS_months", "OS (months)"),
                ("months", "Time (months)"),
                ("time.days", "time (days)"),
                ("follow-up", "follow-up"),
                ("month of death", "month of death"),
            ):
                rows = "\n".join(f"{t},{t % 2}" for t in range(1, 30))
                table.write_text(f"{column},dead\n{rows}\n")
                run("survival", "km", table, "--time", column, "--event", "dead", "--figure", figure, "-q")
                drawn = figure.read_text(encoding="utf-8")
                self.assertIn(f">{title}<", drawn.replace("\xa0", " "))
                self.assertIn("<title>Kaplan–Meier curves</title>", drawn)


class NoModel(unittest.TestCase):
    def test_what_is_given_in_place_of_a_model_is_said(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "file"
            for content, words in (
                (b"", "empty"),
                (b"time,status,age\n1,1,60\n", 'text that begins with "time,status,age"'),
                (b"\x1f\x8b\x08\x00", "a binary file"),
                (b'{"format": "gliocast-model", "ver', "breaks off or is spoilt at byte"),
                (b'{"model": 3}', "no model of gliocast"),
            ):
                file.write_bytes(content)
                told = run("survival", "predict", TABLES / "lung.csv", "--model", file, "--times", 9, code=4).stderr
                self.assertIn(words, told)
                self.assertNotIn("json.exception", told)
                self.assertIn("; ", told, "what is expected")


class NegativeTimes(unittest.TestCase):
    """A limit below 0 is a limit (tests/reference/survival/negative_times.R)."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.table = pathlib.Path(self.folder.name) / "t.csv"
        columns = (
            [-90, -80, -120, -60, -40, -100, -30, -75],
            [-20, -10, -70, 30, 55, -5, 80, -50],
            [1, 0, 1, 1, 0, 1, 1, 1],
            [60, 52, 71, 49, 55, 66, 41, 58],
        )
        rows = "\n".join(",".join(map(str, r)) for r in zip(*columns))
        self.table.write_text(f"start,stop,event,age\n{rows}\n")
        self.outcome = [self.table, "--entry", "start", "--time", "stop", "--event", "event"]

    def test_concordance_until(self):
        for until, expected in ((["--until=-8"], 0.769230769231), (["--until", "0"], 0.8125), ([], 0.777777777778)):
            got = run_json("survival", "cindex", *self.outcome, "--score", "age", *until)
            self.assertAlmostEqual(got["estimate"], expected, delta=1e-9)

    def test_restricted_mean_until(self):
        got = run_json("survival", "km", *self.outcome, "--rmst=-8")["groups"][0]["restricted_mean"]
        self.assertEqual(got["until"], -8)
        self.assertAlmostEqual(got["estimate"], -28.4, delta=1e-8)
        self.assertAlmostEqual(got["se"], 10.984595274, delta=1e-6)


class UnknownLevels(unittest.TestCase):
    def test_level_column_and_known_ones_are_named(self):
        with tempfile.TemporaryDirectory() as folder:
            table, other, model = (pathlib.Path(folder) / n for n in ("a.csv", "b.csv", "m.json"))
            rows = [f"{t},{t % 3 != 0:d},{'fm'[t % 2]},{t % 7}" for t in range(1, 40)]
            table.write_text("time,status,sex,x\n" + "\n".join(rows) + "\n")
            other.write_text("pid,sex,x\np1,F,1\np2,f,2\np3,F,3\n")
            outcome = ["--time", "time", "--event", "status"]
            run("survival", "cox", table, *outcome, "--formula", "sex + x", "--save", model, "-q")
            result = run("survival", "predict", other, "--model", model, "--times", "10", "--id", "pid", "--json")
            for words in ('column "sex"', 'level "F" in 2 rows', "it knows f, m"):
                self.assertIn(words, result.stderr)
            got = json.loads(result.stdout)["rows"]
            self.assertEqual([r["pid"] for r in got], ["p1", "p2", "p3"])
            self.assertEqual([r["linear_predictor"] is None for r in got], [True, False, True])


class BadInput(unittest.TestCase):
    """What cannot be computed is said with the column's name, exit 3."""

    def check(self, text, formula, words, code=3, verb="cox", *more):
        with tempfile.TemporaryDirectory() as folder:
            table = pathlib.Path(folder) / "t.csv"
            table.write_text(text)
            arguments = ["--formula", formula] if formula else []
            result = run("survival", verb, table, "--time", "t", "--event", "e", *arguments, *more, code=code)
            for word in words:
                self.assertIn(word, result.stderr)
            return result

    def test_messages(self):
        rows = "5,1,3,a\n6,1,2,b\n7,0,5,a\n8,1,1,b\n9,1,4,a\n"
        self.check("t,e,x,g\n" + rows, "x + absent", ["absent"])
        self.check("t,e,x,g\n" + rows.replace(",1,", ",0,"), "x", ["no event"])
        self.check("t,e,x,g\n" + rows.replace("5,1", "-5,1"), "x", ['"t"', "negative", "row 1"], 0)
        self.check("t,e,x,g\n-5,1,3,a\n-2,1,4,b\n", "x", ["negative"])
        self.check("t,e,x,g\n" + rows.replace("b", "a"), "g", ['"g"', "one level"])
        self.check("t,e,x,g\n", "x", ["no rows"])
        self.check("t,e,x,g\n" + rows.replace("5,1", "5,7"), "x", ['"e"'])
        self.check("t,e,x,g\n5,1,3,a\n", "x", [])
        self.check("t;e;x\n5;1;3\n6;1\n7;1;2\n", "x", ["line 3", "semicolons"])
        self.check("t,e,x,g\n" + rows, "x * strata(g)", ["x * strata(g)", "interaction with strata()"], 2)
        self.check(
            "t,e,x,g\n" + rows, "", ["0.4", "below 0.33"], 2, "cutpoint", "--value", "x", "--cuts", 2, "--least", 0.4
        )
        self.check(
            "t,e,x,g\n" + rows.replace(",5,", ",3,").replace(",1,b", ",2,b").replace(",4,", ",3,"),
            "",
            ["three groups"],
            3,
            "cutpoint",
            "--value",
            "x",
            "--cuts",
            2,
        )
        self.check("t,e,x,g\n" + rows, "x", ["--against"], 2, "reclassify", "--times", 6)
        self.check(
            "t,e,x,g\n" + rows, "x", ["ascending"], 2, "reclassify", "--against", "g", "--times", 6, "--cuts", "0.5,0.2"
        )

    def test_warnings(self):
        rows = "t,e,x,g,y,c\n" + "".join(
            f"{i + 3},{1 if i % 3 else 0},{i % 4},{'a' if i < 9 else 'b'},{2 * (i % 4)},1\n" for i in range(20)
        )
        self.check(rows, "x + y", ["y", "warning"], 0)
        self.check(rows, "x + c", ["c", "warning"], 0)
        # Constant within its strata: R has NA where the rounding of the means allows.
        within = "t,e,x,g\n" + "".join(
            f"{i % 9 + 1},{1 if i % 3 else 0},{(0.1, 0.3, 0.7)[i % 3]},{'abc'[i % 3]}\n" for i in range(60)
        )
        self.check(within + "4,1,0.1,a\n", "x + strata(g)", ['"x"'], 3)
        self.check(
            "t,e,x\n5,1,60\n6,0,50\n7,1,55\n8,1,40\n", "x", ["did not converge", '"x"', "infinite"], 0, "cox", "--quiet"
        )
        with tempfile.TemporaryDirectory() as folder:  # the warning stays with the model
            table, model = pathlib.Path(folder) / "t.csv", pathlib.Path(folder) / "m.json"
            table.write_text("t,e,x\n5,1,60\n6,0,50\n7,1,55\n8,1,40\n")
            outcome = ["--time", "t", "--event", "e"]
            run("survival", "cox", table, *outcome, "--formula", "x", "--save", model, "-q")
            for arguments in (
                ["predict", table, "--model", model],
                ["nomogram", "--model", model],
                ["calibrate", table, *outcome, "--model", model],
            ):
                self.assertIn("did not converge", run("survival", *arguments, "--times", 6, "-q").stderr, arguments[0])
        separated = "t,e,x\n" + "".join(f"{i + 1},{1 if i < 6 else 0},{1 if i < 6 else 0}\n" for i in range(12))
        self.check(separated, "x", ["x", "infinite"], 0)

    def test_model_files(self):
        with tempfile.TemporaryDirectory() as folder:
            bad = pathlib.Path(folder) / "bad.json"
            for text in (
                "",
                "{}",
                "[]",
                '{"format": "gliocast-cox-model", "version": 1}',
                '{"format": "gliocast-model", "version": 99, "kind": "cox"}',
                '{"format": "gliocast-model", "version": 1, "kind": "grading"}',
                (
                    '{"format": "gliocast-model", "version": 1, "kind": "cox", "name": "x", "card": {}, "files": [],'
                    ' "payload": {}}'
                ),
            ):
                bad.write_text(text)
                run("survival", "nomogram", "--model", bad, "--times", "5", code=4)


if __name__ == "__main__":
    if subprocess.run(["Rscript", "-e", "library(survival)"], capture_output=True, check=False).returncode != 0:
        if os.environ.get("CI") == "true":
            sys.exit("R's survival package is absent (r-cran-survival)")
        print("skipped: R's survival package is absent (r-cran-survival)")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        TABLES = pathlib.Path(folder)
        subprocess.run(["Rscript", REFERENCE / "tables.R", folder], check=True, capture_output=True)
        unittest.main(argv=sys.argv[:1] + sys.argv[3:])
