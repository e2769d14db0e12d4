#!/usr/bin/env python3
"""gliocast survival integrate, against R's numbers (tests/reference/signature) and by what must hold of any table.
Usage: test_integrate.py BUILD SOURCE"""

import csv
import json
import math
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import jsonschema
from common import SOURCE, FolderCase, main, read_json, run

REFERENCE = read_json(SOURCE / "tests/reference/signature/nomograms.json")
SCHEMA = {"$ref": "#/$defs/integrate", **read_json(SOURCE / "docs/survival.schema.json")}
OUTCOME = ("--time", "time", "--event", "event")


def write(path, columns):
    with open(path, "w", newline="", encoding="utf-8") as f:
        rows = csv.writer(f)
        rows.writerow(columns)
        rows.writerows([["" if v is None else v for v in row] for row in zip(*columns.values())])


def read_table(path):
    with open(path, newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f, delimiter="\t"))


def simulated(n, seed, effect=1.2):
    """Patients with a signature of which less is worse."""
    draw = random.Random(seed)
    columns = {name: [] for name in ("age", "grade", "sex", "signature", "time", "event")}
    for _ in range(n):
        age, grade, signature = round(draw.gauss(45, 12)), draw.choice(["II", "III"]), round(draw.gauss(0.5, 0.2), 4)
        hazard = 0.02 * math.exp(0.03 * (age - 45) + 0.6 * (grade == "III") + effect * (signature < 0.5))
        death, last = draw.expovariate(hazard), draw.uniform(10, 90)
        values = (
            age,
            grade,
            draw.choice(["female", "male"]),
            signature,
            round(min(death, last), 2),
            int(death <= last),
        )
        for name, value in zip(columns, values):
            columns[name].append(value)
    return columns


class Integrate(FolderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for number, case in enumerate(REFERENCE["cases"]):
            for part in ("training", "external"):
                write(cls.folder / f"{part}{number}.csv", case[part])
        write(cls.folder / "cohort.csv", simulated(160, 1))
        write(cls.folder / "other.csv", simulated(120, 2))

    def integrate(self, table, *arguments, out="out", signature="signature", code=0):
        command = ["survival", "integrate", self.folder / table, *OUTCOME, "--signature", signature]
        command += ["--out", self.folder / out, "--overwrite", *arguments]
        if code:
            return run(*command, code=code)
        result = json.loads(run(*command, "--json", "-q").stdout)
        jsonschema.validate(result, SCHEMA)
        self.assertEqual(result, read_json(self.folder / out / "integrate.json"))
        return result

    def near(self, got, expected, tolerance, what):
        if expected is None:
            self.assertIsNone(got, what)
        else:
            self.assertLessEqual(abs(got - expected), tolerance * max(1, abs(expected)), f"{what}: {got}, {expected}")

    def check_model(self, got, expected, what):
        self.assertEqual(got["factors"], expected["factors"], what)
        for one, theirs in zip(got["univariate"], expected["univariate"], strict=True):
            self.near(one["p"], theirs["p"], 1e-6, f"{what} {one['term']}")
        for name in ("multivariate", "final"):
            model = got["model" if name == "final" else name]
            for at, term in enumerate(model["coefficients"] if name in expected else []):
                theirs = expected[name]["coefficients"] if name == "multivariate" else expected[name]
                if abs(theirs["estimate"][at]) < 10:  # not infinite
                    self.near(term["estimate"], theirs["estimate"][at], 1e-6, f"{what} {name}")
                    self.near(term["p"], theirs["p"][at], 1e-6, f"{what} {name}")

    def check_comparison(self, got, expected, what):
        self.assertEqual((got["patients"], got["events"]), (expected["n"], expected["events"]), what)
        for name in ("clinical", "integrated"):
            ours, theirs = got[name], expected[name]
            self.near(ours["concordance"]["estimate"], theirs["concordance"], 1e-9, what)
            self.near(ours["concordance"]["se"], theirs["se"], 1e-9, what)
            self.near(ours["integrated_brier"]["estimate"], theirs["integrated_brier"], 1e-6, what)
            for at, brier in zip(got["times"], theirs["brier"], strict=True):
                self.near(at[name]["brier"]["estimate"], brier, 1e-6, what)
        for key in ("difference", "difference_se", "p"):
            self.near(got[key], expected[key], 1e-8, f"{what} {key}")

    def test_a_group_without_events_is_named(self):
        parted = simulated(160, 5)
        for i, value in enumerate(parted["signature"]):
            if value >= 0.5:
                parted["time"][i], parted["event"][i] = 91 + i % 7, 0
        write(self.folder / "parted.csv", parted)
        got = self.integrate("parted.csv", "--cut", 0.5, "--folds", 4, "--repeats", 1, out="parted")
        row = next(
            r for r in read_table(self.folder / "parted" / "table_3.tsv") if r["factor"].startswith("risk_group")
        )
        self.assertEqual([row[c] for c in row if c.startswith("training")], ["not estimable (separation)", "NA"])
        self.assertEqual(row["P of the factor"], "<0.001")
        slope = got["comparisons"]["training"]["integrated"]["calibration_slope"]
        self.assertTrue(slope["estimate"] is None or slope["upper"] - slope["lower"] < 10, slope)

    def test_tables_of_r(self):
        for number, case in enumerate(REFERENCE["cases"]):
            for rule, expected in case["rules"].items():
                what = f"{case['name']}, {rule}"
                with self.subTest(what):
                    got = self.integrate(
                        f"training{number}.csv",
                        *("--external", self.folder / f"external{number}.csv", "--drop-rule", rule),
                        signature="risk_group",
                    )
                    for name in ("clinical", "integrated"):
                        self.check_model(got[name], expected[name], f"{what}, {name}")
                    self.check_comparison(got["comparisons"]["external"], expected["external"], what)

    def test_tables_3_and_4_have_training_and_validation(self):
        external = self.folder / "external0.csv"
        got = self.integrate("training0.csv", "--external", external, signature="risk_group")
        formula = got["integrated"]["multivariate"]["formula"]
        alone = run("survival", "cox", external, *OUTCOME, "--ref", "risk_group=low", "--formula", formula, "--json")
        refitted = json.loads(alone.stdout)["coefficients"]
        self.assertEqual(refitted, got["integrated"]["validation"]["coefficients"])
        rows = read_table(self.folder / "out/table_3.tsv")
        self.assertEqual([r["factor"] for r in rows], ["age", "grade: III against II", "risk_group: high against low"])
        for row, training, validation in zip(rows, got["integrated"]["multivariate"]["coefficients"], refitted):
            for part, c in (("training", training), ("validation", validation)):
                text = f"{c['hazard_ratio']:.2f} ({c['lower']:.2f} to {c['upper']:.2f})"
                self.assertEqual(row[f"{part} HR (95% CI)"], text)
                self.assertEqual(row[f"{part} P"], "<0.001" if c["p"] < 0.001 else f"{c['p']:.3f}")
        clinical = read_table(self.folder / "out/table_4.tsv")
        self.assertEqual([r["factor"] for r in clinical], ["age", "grade: III against II"])
        self.assertIn("risk_group: high against low", (self.folder / "out/univariate.md").read_text(encoding="utf-8"))

    def test_saved_models_are_read_again(self):
        external = self.folder / "external0.csv"
        got = self.integrate("training0.csv", "--external", external, signature="risk_group")
        for name in ("clinical", "integrated"):
            model = self.folder / "out" / f"nomogram_{name}.json"
            command = ["survival", "external", external, *OUTCOME, "--model", model, "--times", "12,36,60", "--json"]
            judged, ours = json.loads(run(*command).stdout), got["comparisons"]["external"]
            self.near(ours[name]["concordance"]["estimate"], judged["concordance"]["estimate"], 1e-12, name)
            slope = judged["calibration"]["slope"]["estimate"]
            self.near(ours[name]["calibration_slope"]["estimate"], slope, 1e-9, name)
            for at, brier, decision in zip(ours["times"], judged["brier"], judged["decision"]):
                self.assertEqual(at[name]["brier"]["estimate"], brier["estimate"])
                self.assertEqual(at["decision"][name], decision["net_benefit"])
            axes = json.loads(run("survival", "nomogram", "--model", model, "--json").stdout)["axes"]
            self.assertEqual([a["variable"] for a in axes], got[name]["factors"])
        figure = (self.folder / "out/figure_3c.svg").read_text(encoding="utf-8")
        for words in ("Integrated nomogram", "risk_group", "Survival at 36 months"):
            self.assertIn(words, figure)

    def test_numbers_are_cut(self):
        columns = simulated(160, 1)
        values = sorted(columns["signature"])
        median = (values[79] + values[80]) / 2
        got = self.integrate("cohort.csv", "--external", self.folder / "other.csv")
        self.near(got["group"]["cut"], median, 1e-12, "median")
        self.assertEqual((got["group"]["high"], got["group"]["high_risk"]), (80, "below"))
        same = self.integrate("cohort.csv", "--external", self.folder / "other.csv", "--cut", median)
        self.assertEqual(got["comparisons"], same["comparisons"])
        # The same with the sign turned, and as text.
        for name, change in (("turned", lambda v: -v), ("named", lambda v: "poor" if v < median else "good")):
            for file, table in (("cohort.csv", columns), ("other.csv", simulated(120, 2))):
                write(self.folder / f"{name}_{file}", {**table, "signature": [change(v) for v in table["signature"]]})
        external = ("--external", self.folder / "turned_other.csv")
        turned = self.integrate("turned_cohort.csv", *external, "--high-risk", "above")
        named = self.integrate("named_cohort.csv", "--external", self.folder / "named_other.csv")
        self.assertEqual(got["comparisons"], turned["comparisons"])
        self.assertEqual(got["comparisons"], named["comparisons"])
        self.assertEqual(named["group"]["high_risk"], "poor")

    def test_cross_validation_is_by_patients_and_repeatable(self):
        arguments = ("--folds", 4, "--repeats", 3, "--draws", 200, "--seed", 7)
        one = self.integrate("cohort.csv", *arguments, "--threads", 1)
        self.assertEqual(one, self.integrate("cohort.csv", *arguments, "--threads", 3))
        compared = one["comparisons"]["cross-validation"]
        self.assertEqual((compared["folds"], compared["interval"], compared["draws"]), (12, "bootstrap", 200))
        self.assertEqual(compared["patients"], 160)
        self.assertEqual(compared["integrated"]["kept"]["risk_group"], 12)
        self.assertGreater(compared["difference_lower"], 0)
        kept = {r["factor"]: r for r in read_table(self.folder / "out/selection.tsv")}
        self.assertEqual(kept["risk_group"]["integrated"], "12 of 12")
        told = self.integrate("cohort.csv", *arguments, "--times", "12,36,200")
        self.assertTrue(told["comparisons"]["cross-validation"]["times"][2]["extrapolated"])
        out = ("--out", self.folder / "out", "--overwrite", "-q")
        command = ["survival", "integrate", self.folder / "cohort.csv", *OUTCOME, "--signature", "signature"]
        notes = run(*command, *arguments, "--times", "12,36,200", *out).stderr
        for words in ("the group as given", "200 months lie beyond the follow-up of a fit"):
            self.assertIn(words, notes)
        self.assertIn("extrapolated", (self.folder / "out/decision_200.svg").read_text(encoding="utf-8"))

    def test_nothing_stays_is_told_and_earlier_files_go(self):
        self.integrate("cohort.csv", "--external", self.folder / "other.csv")
        (self.folder / "out/decision_notes.svg").write_text("mine", encoding="utf-8")
        got = self.integrate("cohort.csv", "--external", self.folder / "other.csv", "--p", 0.0001, "--factors", "sex")
        self.assertEqual(got["clinical"]["factors"], [])
        self.assertEqual(got["clinical"]["model"], None)
        self.assertEqual(got["comparisons"]["external"]["clinical"]["concordance"]["estimate"], 0.5)
        self.assertIn("no factor stays: the null model, one survival curve for all", got["clinical"]["doubts"])
        self.assertFalse((self.folder / "out/nomogram_clinical.json").exists())
        self.assertFalse((self.folder / "out/figure_3d.svg").exists())
        self.assertTrue((self.folder / "out/decision_notes.svg").exists(), "not written by gliocast")

    def test_factors_are_parted_outside_parentheses(self):
        got = self.integrate("cohort.csv", "--factors", "rcs(age, 4), factor(grade),sex", "--folds", 3, "--repeats", 1)
        self.assertEqual(got["candidates"], ["rcs(age, 4)", "factor(grade)", "sex"])
        self.assertIn(
            "a parenthesis is never closed", self.integrate("cohort.csv", "--factors", "rcs(age, 4", code=2).stderr
        )

    def test_wrong_use_says_what_to_do(self):
        for words, code, arguments in (
            ("makes one group only", 3, ("--cut", 9)),
            ("a cut is a number or median", 2, ("--cut", "middle")),
            ("is the outcome or the signature", 2, ("--factors", "age,time")),
            ("high risk is below or above the cut", 2, ("--high-risk", "poor")),
            ("too few for 500 folds", 3, ("--folds", 500)),
            ('no column "site"', 3, ("--factors", "site")),
        ):
            with self.subTest(words):
                self.assertIn(words, self.integrate("cohort.csv", *arguments, code=code, out="none").stderr)
                self.assertFalse((self.folder / "none").exists())
        for column, what in (("time", "time"), ("event", "event")):
            told = self.integrate("cohort.csv", signature=column, code=2).stderr
            self.assertIn(f'column "{column}" is the {what} of the outcome and no signature', told)
        self.assertIn("name it with --high-risk", self.integrate("cohort.csv", signature="sex", code=3).stderr)


if __name__ == "__main__":
    main()
