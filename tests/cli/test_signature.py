"""gliocast signature: from features to survival. Tables are made here: a planted hazard, noise, and what goes wrong in
tables of clinics."""

import csv
import json
import math
import random
import signal
import subprocess
import time

import jsonschema
from common import PROGRAM, SOURCE, FolderCase, main, read_json, run

CHAIN = """name: short
trees: 20
alpha: [0.5]
folds: 3
"""
OUTCOME = ["--time", "months", "--event", "dead"]


def write_table(path, columns, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)


def read_rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def planted(n, noise, seed, first="p"):
    """Clinical rows (id, months, dead) and rows of features, the first two of which make the hazard; their names."""
    draw = random.Random(seed)
    clinical, features = [], []
    for i in range(n):
        values = [draw.gauss(0, 1) for _ in range(2 + noise)]
        death = draw.expovariate(0.03 * math.exp(values[0] - values[1]))
        end = min(draw.expovariate(0.015), 90)
        clinical.append([f"{first}{i:03d}", f"{min(death, end):.4f}", int(death <= end)])
        features.append([f"{first}{i:03d}", *[f"{v:.6f}" for v in values]])
    return clinical, features, ["id", "worse", "better", *[f"noise{k}" for k in range(noise)]]


def concordance(rows, within):
    """Of rows with time, event and signature; `within`: pairs of one fold each."""
    good = pairs = 0.0
    for a in rows:
        for b in rows:
            earlier = float(a["time"]) < float(b["time"]) or (a["time"] == b["time"] and a["event"] > b["event"])
            if a["event"] != "1" or not earlier or (within and a["fold"] != b["fold"]):
                continue
            pairs += 1
            first, second = float(a["signature"]), float(b["signature"])
            good += 1 if first < second else 0.5 if first == second else 0
    return good / pairs


class Signature(FolderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clinical_rows, cls.rows, cls.names = planted(90, 12, 1)
        cls.table, cls.clinical = cls.folder / "features.csv", cls.folder / "clinical.csv"
        write_table(cls.table, cls.names, cls.rows)
        write_table(cls.clinical, ["id", "months", "dead"], cls.clinical_rows)
        cls.both = cls.folder / "both.csv"
        cls.both_rows = [f + c[1:] for f, c in zip(cls.rows, cls.clinical_rows)]
        write_table(cls.both, [*cls.names, "months", "dead"], cls.both_rows)
        cls.chain = cls.folder / "short.yaml"
        cls.chain.write_text(CHAIN)
        cls.learn = [*OUTCOME, "--chain", cls.chain, "--threads", 2]
        cls.model = cls.folder / "model"
        run("signature", "train", cls.table, "--clinical", cls.clinical, *cls.learn, "--out", cls.model)

    def refused(self, name, columns, rows, *words, verb="evaluate", options=(), code=3):
        path = self.folder / f"{name}.csv"
        write_table(path, columns, rows)
        out = self.folder / f"{name}-out"
        result = run("signature", verb, path, *self.learn, *options, "--out", out, code=code)
        for word in words:
            self.assertIn(word, result.stderr)
        self.assertFalse(out.exists())
        return result.stderr

    def test_evaluate_writes_what_it_says(self):
        out = self.folder / "evaluation"
        arguments = ["--out", out, "--json", "--draws", 200, "--times", "12,36"]
        found = json.loads(run("signature", "evaluate", self.both, *self.learn, *arguments).stdout)
        schema = read_json(SOURCE / "docs/signature.schema.json")
        jsonschema.validate(found, {"$ref": "#/$defs/evaluate", **schema})
        self.assertEqual(found, read_json(out / "evaluation.json"))
        predictions = read_rows(out / "predictions.tsv")
        self.assertEqual(len(predictions), 90)
        self.assertAlmostEqual(concordance(predictions, True), found["c_index"]["estimate"], 9)
        self.assertAlmostEqual(concordance(predictions, False), found["c_index_pooled"]["estimate"], 9)
        self.assertGreater(found["c_index"]["lower"], 0.55)
        self.assertGreater(found["c_index_group"]["estimate"], 0.55)
        self.assertGreater(found["apparent_c_index"], found["c_index"]["estimate"])
        self.assertIn({"feature": "worse", "folds": 5}, found["selected"])
        self.assertLess(found["groups"]["logrank"]["p"], 0.01)
        self.assertGreater(found["groups"]["hazard_ratio"]["estimate"], 1.5)
        self.assertEqual([t["time"] for t in found["times"]], [12, 36])
        for row in predictions:
            cut = next(f["cut"] for f in found["folds"] if f["fold"] == int(row["fold"]))
            self.assertEqual(row["group"], "high risk" if float(row["signature"]) < cut else "low risk")
            self.assertGreaterEqual(float(row["survival_12"]), float(row["survival_36"]))
        self.assertIn("<svg", (out / "kaplan_meier.svg").read_text())
        overview = (out / "README.md").read_text()
        self.assertIn("| [predictions.tsv](predictions.tsv) |", overview)
        self.assertNotIn("nomograms/", overview)
        self.assertIn("There is no model here", overview)
        for name in ("metrics", "weights", "selection"):
            for ending in (".tsv", ".md", ".tex"):
                self.assertTrue((out / f"{name}{ending}").exists())

    def test_the_held_out_groups_are_those_of_survival_km(self):
        out = self.folder / "compared"
        run("signature", "evaluate", self.both, *self.learn, "--out", out, "--draws", 100)
        found = read_json(out / "evaluation.json")["groups"]
        arguments = ["--time", "time", "--event", "event", "--group", "group", "--json"]
        km = json.loads(run("survival", "km", out / "predictions.tsv", *arguments).stdout)
        self.assertAlmostEqual(km["logrank"]["chi_square"], found["logrank"]["chi_square"], 9)
        medians = [{g["group"]: g["median"] for g in source["groups"]} for source in (km, found)]
        self.assertEqual(*medians)

    def test_the_same_seed_gives_the_same_for_any_number_of_threads(self):
        results = []
        for threads in (1, 2):
            out = self.folder / f"threads{threads}"
            run("signature", "evaluate", self.both, *self.learn[:-1], threads, "--out", out, "--draws", 100)
            results.append(((out / "predictions.tsv").read_text(), read_json(out / "evaluation.json")))
        self.assertEqual(*results)

    def test_survival_of_a_clinical_table_or_of_the_table_itself_is_the_same(self):
        model = self.folder / "of-both"
        run("signature", "train", self.both, *self.learn, "--out", model, "--name", "model")
        self.assertEqual((model / "model.json").read_text(), (self.model / "model.json").read_text())

    def test_clinical_rows_in_another_order_and_rows_without_survival(self):
        shuffled = self.folder / "shuffled.csv"
        rows = self.clinical_rows[5:] + [["someone", "3", 1]]
        random.Random(2).shuffle(rows)
        write_table(shuffled, ["dead", "patient", "months"], [[r[2], r[0], r[1]] for r in rows])
        out = self.folder / "partly"
        said = run("signature", "train", self.table, "--clinical", shuffled, *self.learn, "--out", out).stderr
        self.assertIn("5 of 90 rows have no survival in the clinical table and are left out: p000", said)
        without = self.folder / "without-five.csv"
        write_table(without, [*self.names, "months", "dead"], self.both_rows[5:])
        run("signature", "train", without, *self.learn, "--out", self.folder / "without", "--name", "partly")
        self.assertEqual((out / "model.json").read_text(), (self.folder / "without" / "model.json").read_text())

    def test_predict(self):
        new, out = self.folder / "new.csv", self.folder / "predicted.tsv"
        clinical, rows, names = planted(60, 12, 7, "n")
        write_table(new, [*names, "months"], [r + c[1:2] for r, c in zip(rows, clinical)])
        arguments = ["--model", self.model, "--times", "12,36,60"]
        printed = run("signature", "predict", new, *arguments, "--out", out, "--json")
        found = json.loads(printed.stdout)
        jsonschema.validate(found, {"$ref": "#/$defs/predict", **read_json(SOURCE / "docs/signature.schema.json")})
        predicted = read_rows(out)
        columns = ["id", "signature", "group"]
        for t in (12, 36, 60):
            columns += [f"survival_{t}", f"survival_{t}_lower", f"survival_{t}_upper"]
        self.assertEqual(list(predicted[0]), [*columns, "demonstration"])
        self.assertEqual({row["demonstration"] for row in predicted}, {"no"})
        model = read_json(self.model / "model.json")["payload"]["model"]
        scale = model["scale"]
        for row, values in zip(predicted, rows):
            z = [
                weight * (float(values[names.index(f)]) - centre) / sd
                for f, weight, centre, sd in zip(model["features"], model["weights"], scale["centre"], scale["scale"])
            ]
            self.assertAlmostEqual(sum(z), float(row["signature"]), 9)
            self.assertEqual(row["group"], "high risk" if float(row["signature"]) < model["cut"] else "low risk")
            for t in (12, 36, 60):
                low, survival, high = (row[f"survival_{t}{of}"] for of in ("_lower", "", "_upper"))
                if (low, high) == ("NA", "NA"):  # the logarithm of 0 has no interval
                    self.assertEqual(float(survival), 0)
                else:
                    self.assertTrue(0 <= float(low) <= float(survival) <= float(high) <= 1)
        judged = [{"signature": p["signature"], "time": c[1], "event": str(c[2])} for p, c in zip(predicted, clinical)]
        self.assertGreater(concordance(judged, False), 0.68)

    def test_survival_external_judges_it_on_a_table(self):
        new, out = self.folder / "judged.csv", self.folder / "judged.tsv"
        clinical, rows, names = planted(60, 12, 7, "n")
        # Events coded otherwise than in training, a text column that is nothing to the signature.
        coded = [[*r, c[1], int(c[2]) + 1, "a"] for r, c in zip(rows, clinical)]
        write_table(new, [*names, "os", "status", "site"], coded)
        run("signature", "predict", new, "--drop", "os,status", "--model", self.model, "--times", "24", "--out", out)
        predicted = read_rows(out)
        outcome = ["--time", "os", "--event", "status"]
        command = ["survival", "external", new, *outcome, "--times", "24", "--model"]
        got = json.loads(run(*command, self.model, "--json", "-q").stdout)
        self.assertEqual(got["model"], self.model.name)
        judged = [{"signature": p["signature"], "time": c[1], "event": str(c[2])} for p, c in zip(predicted, clinical)]
        self.assertAlmostEqual(got["concordance"]["estimate"], concordance(judged, False), 9)
        mean = sum(float(p["survival_24"]) for p in predicted) / len(predicted)
        self.assertAlmostEqual(got["calibration"]["at"][0]["predicted"], mean, 9)
        told = run(*command, self.model).stderr
        self.assertIn("high risk: signature below", told)
        lacking = self.folder / "lacking.csv"
        write_table(lacking, ["id", "os", "status"], [[r[0], c[1], c[2]] for r, c in zip(rows, clinical)])
        stderr = run("survival", "external", lacking, *outcome, "--times", "24", "--model", self.model, code=3).stderr
        self.assertIn("no column", stderr)

    def test_predict_tells_what_is_doubtful(self):
        names = ["id", "worse", "better", *[f"noise{k}" for k in range(12)]]
        same = self.folder / "same.csv"
        write_table(same, names, [["a", *["0"] * 14], ["b", *["0"] * 14]])
        model = ["--model", self.model, "--times", 12]
        self.assertIn("is the same of all 2 rows", run("signature", "predict", same, *model).stderr)
        far = self.folder / "far.csv"
        write_table(far, names, [["a", *["50"] * 14], ["b", *["-50"] * 14], ["c", "", *["0"] * 13]])
        said = run("signature", "predict", far, "--model", self.model, "--times", 500).stderr
        self.assertIn("2 of 3 signatures lie outside the range of the training rows", said)
        self.assertIn("worse: 100 % of the rows lie far outside the range", said)
        self.assertIn("1 cell missing, filled from the training table", said)
        self.assertIn("survival at 500 lies beyond the follow-up", said)
        boundless = self.folder / "boundless.csv"
        write_table(boundless, names, [["a", "inf", *["0"] * 13], ["b", "1e400", *["0.5"] * 13], ["c", *["1"] * 14]])
        said = run("signature", "predict", boundless, *model).stderr
        self.assertIn("2 cells infinite or beyond 1e150, taken as missing: worse", said)
        self.assertIn("2 cells missing, filled from the training table", said)
        lacking = self.folder / "lacking.csv"
        write_table(lacking, ["id", "better"], [["a", "0"]])
        self.assertIn("worse", run("signature", "predict", lacking, *model, code=3).stderr)
        self.assertIn("rows that fitted the signature", run("signature", "predict", self.table, *model).stderr)
        run("signature", "predict", same, "--model", self.folder / "nowhere", "--times", 12, code=4)

    def test_a_feature_that_is_the_same_of_all_new_rows_is_named(self):
        needed = read_json(self.model / "model.json")["payload"]["model"]["features"]
        name = needed[-1] if needed[-1] != "worse" else needed[0]
        at, new = self.names.index(name), self.folder / "one-constant.csv"
        _, rows, _ = planted(20, 12, 8, "n")
        for n, told in ((20, True), (2, False)):
            write_table(new, self.names, [[*r[:at], "0.25", *r[at + 1 :]] for r in rows[:n]])
            arguments = ["--model", self.model, "--times", 12, "--json", "--out", self.folder / "one-constant.tsv"]
            warnings = json.loads(run("signature", "predict", new, *arguments).stdout)["warnings"]
            found = [w for w in warnings if w.startswith(f"{name}: the same in all {n} rows, 0.25")]
            self.assertEqual(len(found), 1 if told else 0, warnings)
        write_table(new, self.names, rows)
        self.assertNotIn("the same in all", run("signature", "predict", new, *arguments).stderr)

    def test_numbers_that_may_mean_missing_are_told(self):
        _, rows, _ = planted(20, 12, 8, "n")
        new = self.folder / "codes.csv"
        write_table(new, self.names, [[*r[:1], "999", *r[2:]] if i < 4 else r for i, r in enumerate(rows)])
        arguments = ["signature", "predict", new, "--model", self.model, "--times", 12]
        self.assertIn('column "worse" has 999 in 4 rows', run(*arguments).stderr)
        said = run(*arguments, "--na", 999).stderr
        self.assertNotIn("has 999", said)
        self.assertIn("4 cells missing", said)

    def test_equal_columns_are_told(self):
        path, out = self.folder / "equal.csv", self.folder / "equal-model"
        write_table(path, [*self.names, "worse_again"], [[*r, r[1]] for r in self.rows])
        said = run("signature", "train", path, "--clinical", self.clinical, *self.learn, "--out", out).stderr
        self.assertIn("features that are equal in all rows: worse = worse_again", said)

    def test_permuted_outcomes_come_out_at_chance_and_the_leak_is_shown(self):
        clinical, rows, names = planted(80, 400, 2)
        noise, chain = self.folder / "noise.csv", self.folder / "first.yaml"
        write_table(noise, [*names, "months", "dead"], [f + c[1:] for f, c in zip(rows, clinical)])
        chain.write_text(CHAIN.replace("trees: 20", "trees: 100") + "nothing_kept: first\n")
        arguments = [*OUTCOME, "--chain", chain, "--out", self.folder / "chance", "--json", "--permute-outcome"]
        found = json.loads(run("signature", "evaluate", noise, *arguments, "--repeats", 3, "--draws", 100).stdout)
        self.assertTrue(found["permuted"])
        self.assertLess(abs(found["c_index"]["estimate"] - 0.5), 0.1)
        self.assertGreater(found["naive_c_index"], found["c_index"]["estimate"] + 0.05)
        self.assertGreater(found["apparent_c_index"], 0.7)

    def test_what_is_no_better_than_chance_is_said(self):
        noise = [[r[0], *r[3:]] for r in self.rows]  # without what makes the hazard
        table, chain = self.folder / "no-signal.csv", self.folder / "no-signal.yaml"
        write_table(table, [self.names[0], *self.names[3:]], noise)
        chain.write_text(CHAIN + "nothing_kept: first\n")
        arguments = [
            *OUTCOME,
            "--clinical",
            self.clinical,
            "--draws",
            200,
            "--out",
            self.folder / "no-signal",
            "--json",
        ]
        found = json.loads(run("signature", "evaluate", table, *arguments, "--chain", chain).stdout)
        self.assertLess(found["c_index"]["lower"], 0.5)
        self.assertTrue([w for w in found["warnings"] if "no better than chance" in w or "worse than" in w], found)
        events = sum(int(row[2]) for row in self.clinical_rows)
        self.assertTrue([w for w in found["warnings"] if w.startswith(f"{events} patients with an event for 10")])
        told = [*self.learn, "--clinical", self.clinical, "--draws", 200, "--out", self.folder / "signal", "--json"]
        found = json.loads(run("signature", "evaluate", self.table, *told, "--outer", 8).stdout)
        self.assertFalse([w for w in found["warnings"] if "chance" in w])
        few = [w for w in found["warnings"] if w.startswith(f"{events} patients with an event in 8 folds")]
        self.assertEqual(bool(few), events < 80)

    def test_external(self):
        clinical, rows, names = planted(70, 12, 9, "x")
        second, second_clinical = self.folder / "second.csv", self.folder / "second-clinical.csv"
        write_table(second, names, rows)
        write_table(second_clinical, ["id", "months", "dead"], clinical)
        out = self.folder / "external"
        arguments = ["--clinical", self.clinical, "--external", second, "--external-clinical", second_clinical]
        run("signature", "evaluate", self.table, *self.learn, *arguments, "--out", out, "--draws", 100)
        found = read_json(out / "evaluation.json")["external"]
        predictions = read_rows(out / "external_predictions.tsv")
        self.assertAlmostEqual(concordance(predictions, False), found["c_index"]["estimate"], 9)
        self.assertGreater(found["c_index"]["estimate"], 0.65)
        predicted = self.folder / "external.tsv"
        run("signature", "predict", second, "--model", self.model, "--times", 12, "--out", predicted)
        self.assertEqual([r["signature"] for r in read_rows(predicted)], [r["signature"] for r in predictions])
        self.assertIn("<svg", (out / "external_kaplan_meier.svg").read_text())
        eventless = self.folder / "eventless.csv"
        write_table(eventless, ["id", "months", "dead"], [[r[0], r[1], 0 if i else 1] for i, r in enumerate(clinical)])
        arguments[-1] = eventless
        unjudged = self.folder / "unjudged"
        said = run("signature", "evaluate", self.table, *self.learn, *arguments, "--out", unjudged, code=3).stderr
        self.assertIn("the second table has 1 patient with an event: nothing can be judged by it", said)
        self.assertFalse((unjudged / "metrics.tsv").exists())
        run("signature", "evaluate", self.table, *self.learn, "--external-clinical", second, "--out", out, code=2)

    def test_nomograms_are_of_the_same_folds(self):
        draw = random.Random(3)
        clinical = self.folder / "factors.csv"
        rows = [[*r, round(draw.gauss(45, 12)), draw.choice(["II", "III"])] for r in self.clinical_rows]
        write_table(clinical, ["id", "months", "dead", "age", "grade"], rows)
        out = self.folder / "nomograms"
        arguments = ["--clinical", clinical, *self.learn, "--times", "12,36", "--draws", 100]
        run("signature", "evaluate", self.table, *arguments, "--nomograms", "--out", out)
        found = read_json(out / "evaluation.json")["nomograms"]
        self.assertEqual(found["candidates"], ["age", "grade"])
        self.assertEqual(found["integrated"]["factors"], ["risk_group"])
        self.assertEqual(found["clinical"]["factors"], [])
        compared = found["comparisons"]["cross-validation"]
        self.assertEqual(compared["folds"], 5)
        self.assertGreater(compared["integrated"]["concordance"]["estimate"], 0.58)
        self.assertLess(compared["p"], 0.05)
        self.assertIn("risk_group", (out / "nomograms" / "table_3.tsv").read_text())
        run("signature", "evaluate", self.table, *arguments, "--out", out, "--overwrite")
        self.assertFalse((out / "nomograms").exists(), "of other results")
        refused = [*arguments, "--nomograms", "--permute-outcome", "--out", self.folder / "none"]
        run("signature", "evaluate", self.table, *refused, code=2)
        told = run(
            "signature",
            "evaluate",
            self.table,
            *arguments[:-4],
            "--nomograms",
            "--draws",
            100,
            "--out",
            out,
            "--overwrite",
        )
        self.assertIn("no --times: the nomograms are judged at", told.stderr)
        self.assertIn(len(read_json(out / "evaluation.json")["nomograms"]["times"]), (1, 2, 3))
        # Two groups, or one curve for all, need no smooth curve.
        for row in read_rows(out / "nomograms" / "at_times.tsv"):
            self.assertLess(float(row["mean |observed - predicted|"]), 0.2)

    def integrated(self, name):
        """The integrated nomogram of an evaluation with made age and grade, and the clinical table."""
        draw = random.Random(3)
        clinical, out = self.folder / f"{name}.csv", self.folder / name
        rows = [[*r, round(draw.gauss(45, 12)), draw.choice(["II", "III"])] for r in self.clinical_rows]
        write_table(clinical, ["id", "months", "dead", "age", "grade"], rows)
        arguments = [
            "--clinical",
            clinical,
            *self.learn,
            "--times",
            "12,36",
            "--draws",
            100,
            "--nomograms",
            "--out",
            out,
        ]
        run("signature", "evaluate", self.table, *arguments)
        return out / "nomograms" / "nomogram_integrated.json", clinical

    def test_from_a_prediction_to_the_integrated_nomogram(self):
        nomogram, clinical = self.integrated("to-nomogram")
        predicted = self.folder / "to-nomogram.tsv"
        arguments = ["--model", self.model, "--times", "12,36", "--out", predicted]
        run("signature", "predict", self.table, *arguments, "--clinical", clinical)
        rows = read_rows(predicted)
        self.assertEqual(list(rows[0])[-4:], ["months", "dead", "age", "grade"])
        self.assertEqual(rows[5]["months"], f"{float(self.clinical_rows[5][1]):g}")
        survival = ["survival", "predict", predicted, "--model", nomogram, "--times", "36", "--id", "id", "--json"]
        said = json.loads(run(*survival).stdout)["rows"]
        by_group = {r["group"]: p["survival_36"] for r, p in zip(rows, said)}
        self.assertGreater(by_group["low risk"], by_group["high risk"])
        # The nomogram's own words give the same.
        renamed = self.folder / "renamed.tsv"
        text = predicted.read_text().replace("\tgroup\t", "\trisk_group\t")
        renamed.write_text(text.replace("high risk", "high").replace("low risk", "low"))
        again = json.loads(run(*[renamed if a == predicted else a for a in survival]).stdout)["rows"]
        self.assertEqual([p["survival_36"] for p in said], [p["survival_36"] for p in again])
        external = ["--model", nomogram, "--time", "months", "--event", "dead", "--times", "12,36", "--json"]
        found = json.loads(run("survival", "external", predicted, *external).stdout)
        self.assertGreater(found["concordance"]["estimate"], 0.55)
        refused = run("survival", "predict", clinical, "--model", nomogram, "--times", 12, code=3).stderr
        self.assertIn('no column "risk_group" (high, low) or "group" (high risk, low risk)', refused)
        other = self.folder / "other-words.tsv"
        other.write_text(text.replace("high risk", "A").replace("low risk", "B"))
        refused = run("survival", "predict", other, "--model", nomogram, "--times", 12, code=3).stderr
        self.assertIn("no row can be predicted", refused)
        self.assertIn('"A"', refused)
        twice = self.folder / "group-twice.csv"
        write_table(twice, ["id", "group"], [[r[0], "a"] for r in self.clinical_rows])
        said = run("signature", "predict", self.table, *arguments, "--clinical", twice, code=3).stderr
        self.assertIn('column "group" of the clinical table is a column of the predictions too', said)

    def test_the_interval_of_c_is_nadeau_and_bengios(self):
        out = self.folder / "interval"
        run("signature", "evaluate", self.both, *self.learn, "--out", out, "--draws", 500)
        groups, found = (read_json(out / "evaluation.json")[key] for key in ("groups", "c_index"))
        fixed = groups["logrank"]["chi_square"] / (1 + 5 / 4)
        self.assertAlmostEqual(groups["logrank"]["p_with_fits"], math.erfc(math.sqrt(fixed / 2)), 12)
        rows, draw = read_rows(out / "predictions.tsv"), random.Random(4)
        drawn = [concordance(draw.choices(rows, k=len(rows)), True) for _ in range(150)]
        mean = sum(drawn) / len(drawn)
        variance = sum((c - mean) ** 2 for c in drawn) / (len(drawn) - 1)
        self.assertAlmostEqual(found["se"] / math.sqrt(variance * (1 + 5 / 4)), 1, delta=0.2)
        self.assertAlmostEqual(found["upper"], min(1, found["estimate"] + 1.959964 * found["se"]), 5)

    def test_rows_twice_tell_no_more(self):
        table, out = self.folder / "twice.csv", self.folder / "twice"
        rows = [[f"{r[0]}-{k}", r[0], *r[1:]] for r in self.both_rows for k in range(2)]
        write_table(table, ["id", "patient", *self.names[1:], "months", "dead"], rows)
        run("signature", "evaluate", table, *self.learn, "--patient", "patient", "--draws", 100, "--out", out)
        found = read_json(out / "evaluation.json")
        self.assertEqual((found["n"], found["patients"], found["groups"]["subjects"]), (180, 90, 90))
        self.assertIsNone(found["cut_check"])
        # Each patient's rows are the same: once or twice, tests and curves say the same of patients.
        held_out, tests = read_rows(out / "predictions.tsv"), []
        for name, kept in (("both", held_out), ("first", [r for r in held_out if r["id"].endswith("-0")])):
            path = self.folder / f"rows-{name}.csv"
            columns = ["patient", "time", "event", "group"]
            write_table(path, columns, [[r["id"][:-2], *(r[c] for c in columns[1:])] for r in kept])
            arguments = ["--time", "time", "--event", "event", "--group", "group", "--cluster", "patient", "--json"]
            tests.append(json.loads(run("survival", "km", path, *arguments).stdout))
        for result in (*tests, found["groups"]):
            self.assertAlmostEqual(result["logrank"]["p"], tests[1]["logrank"]["p"], 9)
            for mine, other in zip(result["groups"], tests[1]["groups"]):
                self.assertAlmostEqual(mine["restricted_mean"]["se"], other["restricted_mean"]["se"], 9)
                self.assertEqual(mine["median_lower"], other["median_lower"])

    def test_two_ways_are_compared_in_the_same_folds(self):
        second = self.folder / "second.yaml"
        second.write_text(CHAIN.replace("short", "second") + "target: time\n")
        results = []
        for name, options in (("two", ["--against", second]), ("other", [])):
            chain = self.chain if options else second
            out = self.folder / f"{name}-ways"
            arguments = [*OUTCOME, "--chain", chain, "--draws", 200, "--out", out]
            run("signature", "evaluate", self.both, *arguments, *options)
            results.append(read_json(out / "evaluation.json"))
        found, other = results
        self.assertEqual(found["against"]["c_index"], other["c_index"])
        difference = found["against"]["difference"]
        expected = found["c_index"]["estimate"] - other["c_index"]["estimate"]
        self.assertAlmostEqual(difference["estimate"], expected, 12)
        self.assertLess(difference["lower"], difference["upper"])
        jsonschema.validate(found, {"$ref": "#/$defs/evaluate", **read_json(SOURCE / "docs/signature.schema.json")})
        self.assertIn("short less second", (self.folder / "two-ways" / "metrics.tsv").read_text())

    def test_the_order_of_rows_does_not_matter(self):
        shuffled, model = self.folder / "other-order.csv", self.folder / "other-order"
        rows = list(self.both_rows)
        random.Random(5).shuffle(rows)
        write_table(shuffled, [*self.names, "months", "dead"], rows)
        run("signature", "train", shuffled, *self.learn, "--out", model, "--name", "model")
        self.assertEqual((model / "model.json").read_text(), (self.model / "model.json").read_text())
        written = []
        for name, table in (("first", self.both), ("other", shuffled)):
            out = self.folder / f"order-{name}"
            run("signature", "evaluate", table, *self.learn, "--out", out, "--draws", 100)
            written.append((out / "predictions.tsv").read_text())
        self.assertEqual(*written)

    def test_clinical_columns_are_no_features_unasked(self):
        draw = random.Random(6)
        path, out = self.folder / "mixed.csv", self.folder / "mixed"
        columns = [*self.names, "Age at MRI", "grade", "StudyNumber", "months", "dead"]
        numbers = draw.sample(range(1000, 5000), 90)
        rows = [
            [*r[:-2], draw.randint(20, 80), draw.choice([2, 3]), n, *r[-2:]] for r, n in zip(self.both_rows, numbers)
        ]
        write_table(path, columns, rows)
        told = run("signature", "train", path, *self.learn, "--out", out).stderr
        self.assertIn("left out, since they name the rows: StudyNumber", told)
        self.assertIn("seem to be clinical factors: Age at MRI, grade", told)
        self.assertIn("--drop Age at MRI,grade", told)
        kept = ["--keep", "Age at MRI,grade", "--overwrite"]
        self.assertNotIn("clinical", run("signature", "train", path, *self.learn, "--out", out, *kept).stderr)
        arguments = ["--nomograms", "--times", 12, "--factors", "grade", "--draws", 100, "--json"]
        result = run("signature", "evaluate", path, *self.learn, *arguments, "--out", self.folder / "mixed-evaluation")
        self.assertEqual(json.loads(result.stdout)["features"], 15)
        self.assertIn("clinical factors of the nomograms are no features of the signature: grade", result.stderr)
        self.assertIn("seem to be clinical factors: Age at MRI;", result.stderr)

    def test_a_group_without_events_has_no_hazard_ratio(self):
        path, out = self.folder / "parted.csv", self.folder / "parted"
        rows = []
        for i, r in enumerate(self.rows):
            dies = float(r[1]) - float(r[2]) > 0.6
            rows.append([*r, f"{3 + i % 7 if dies else 60 + i % 11}", int(dies)])
        write_table(path, [*self.names, "months", "dead"], rows)
        arguments = [*self.learn, "--times", "12,400", "--draws", 100, "--drop", "noise0", "--out", out]
        told = run("signature", "evaluate", path, *arguments).stderr
        found = read_json(out / "evaluation.json")
        self.assertEqual(found["groups"]["hazard_ratio"], {"estimate": None, "lower": None, "upper": None, "p": None})
        self.assertIn("the hazard ratio of the groups cannot be estimated (separation", told)
        self.assertLess(found["groups"]["logrank"]["p"], 1e-6)
        beyond = found["times"][1]
        self.assertEqual((beyond["followed"], beyond["auc"]["estimate"], beyond["brier"]["estimate"]), (0, None, None))

    def test_presets_and_printed_chains(self):
        for preset, target in (("default", "cox"), ("paper", "time")):
            text = run("signature", "train", "--print-chain", "--preset", preset).stdout
            self.assertIn(f'target: "{target}"', text)
            chain = self.folder / f"{preset}.yaml"
            chain.write_text(text)
            self.assertEqual(run("signature", "train", "--print-chain", "--chain", chain).stdout, text)
        said = run("signature", "train", self.both, *OUTCOME, "--preset", "papr", "--out", self.folder / "no", code=2)
        self.assertIn("is paper meant?", said.stderr)
        wrong = self.folder / "wrong.yaml"
        wrong.write_text("trees: 20\ncandidats: 5\n")
        said = run("signature", "train", self.both, *OUTCOME, "--chain", wrong, "--out", self.folder / "no", code=3)
        self.assertIn("wrong.yaml, line 2", said.stderr)
        self.assertIn("is candidates meant?", said.stderr)

    def test_the_papers_preset_says_what_it_does_to_censored_times(self):
        out = self.folder / "paper"
        said = run("signature", "train", self.both, *OUTCOME, "--preset", "paper", "--out", out).stderr
        censored = sum(1 for r in self.clinical_rows if r[2] == 0)
        self.assertIn(f"{censored} of 90 times are censored, and the target time takes them for deaths", said)

    def test_tables_that_cannot_be_used_are_refused_by_name(self):
        columns = [*self.names, "months", "dead"]
        few = [[*r[:-1], 1 if i < 3 else 0] for i, r in enumerate(self.both_rows)]
        self.refused("few", columns, few, "patients with an event, and there are 3")
        text = [list(r) for r in self.both_rows]
        text[4][2] = "n.d.?"
        self.refused("text", columns, text, '"better"', "n.d.?", "line 6")
        once_more = [[*r, r[-1]] for r in self.both_rows]
        self.refused("event-again", [*columns, "copy"], once_more, '"copy"', "holds the event")
        weeks = [[*r, 4.3 * float(r[-2])] for r in self.both_rows]
        self.refused("time-again", [*columns, "weeks"], weeks, '"weeks"', "--drop weeks")
        flat = [[r[0], *["1"] * 14, *r[-2:]] for r in self.both_rows]
        self.refused("flat", columns, flat, "no feature varies")
        twice = [*self.both_rows, self.both_rows[0]]
        self.refused("twice", columns, twice, '"p000"', "--patient id")
        self.refused("no-event", self.names, self.rows, 'there is no column "dead"')
        zero = [[*r[:-2], "0" if i == 3 else r[-2], r[-1]] for i, r in enumerate(self.both_rows)]
        time_chain = self.folder / "time.yaml"
        time_chain.write_text(CHAIN + "target: time\n")
        path = self.folder / "zero.csv"
        write_table(path, columns, zero)
        said = run("signature", "train", path, *OUTCOME, "--chain", time_chain, "--out", self.folder / "z", code=3)
        self.assertIn("p003", said.stderr)
        self.assertFalse((self.folder / "z").exists())

    def test_a_second_id_is_no_feature(self):
        path = self.folder / "ids.csv"
        write_table(
            path,
            [*self.names, "case", "months", "dead"],
            [[*r[:-2], i * 7 % 90, *r[-2:]] for i, r in enumerate(self.both_rows)],
        )
        out = self.folder / "ids"
        said = run("signature", "train", path, *self.learn, "--out", out, "--name", "model").stderr
        self.assertIn("left out, since they", said)
        self.assertIn("case", said)
        self.assertEqual((out / "model.json").read_text(), (self.model / "model.json").read_text())

    def test_features_that_sound_like_outcomes_are_told(self):
        path = self.folder / "status.csv"
        write_table(
            path, [*self.names, "status", "months", "dead"], [[*r[:-2], "0.5", *r[-2:]] for r in self.both_rows]
        )
        said = run("signature", "train", path, *self.learn, "--out", self.folder / "status", "--overwrite").stderr
        self.assertIn('feature "status" sounds like an outcome', said)

    def test_clinical_tables_that_do_not_fit(self):
        other = self.folder / "other.csv"
        write_table(other, ["id", "months", "dead"], [["q" + r[0][1:], *r[1:]] for r in self.clinical_rows])
        out = self.folder / "unjoined"
        said = run("signature", "train", self.table, "--clinical", other, *self.learn, "--out", out, code=3).stderr
        self.assertIn("is among", said)
        self.assertIn('"p000"', said)
        self.assertIn('"q000"', said)
        twice = self.folder / "clinical-twice.csv"
        write_table(twice, ["id", "months", "dead"], [*self.clinical_rows, self.clinical_rows[3]])
        said = run("signature", "train", self.table, "--clinical", twice, *self.learn, "--out", out, code=3).stderr
        self.assertIn('"p003" stands twice', said)

    def test_a_net_that_keeps_nothing_is_no_model(self):
        chain = self.folder / "nothing.yaml"
        chain.write_text(CHAIN + "lambda: 100\n")
        out = self.folder / "nothing"
        said = run("signature", "train", self.both, *OUTCOME, "--chain", chain, "--out", out, code=3).stderr
        self.assertIn("keeps none of the 10 candidates", said)
        self.assertFalse(out.exists())
        said = run("signature", "evaluate", self.both, *OUTCOME, "--chain", chain, "--out", out, "--draws", 100).stderr
        self.assertIn("in 5 of 5 fits the elastic net kept no feature", said)
        self.assertEqual(read_json(out / "evaluation.json")["c_index"]["estimate"], 0.5)

    def test_an_existing_folder_stays(self):
        before = (self.model / "model.json").read_text()
        said = run("signature", "train", self.both, *self.learn, "--out", self.model, code=2).stderr
        self.assertIn("--overwrite", said)
        self.assertEqual((self.model / "model.json").read_text(), before)

    def test_columns_of_a_network_and_the_patients_who_fitted_it(self):
        table = self.folder / "deep.tsv"
        with open(table, "w", encoding="utf-8") as file:
            for row in ([*self.names, "months", "dead"], *self.both_rows):
                file.write("\t".join(map(str, row)) + "\n")
        described = {"worse": {"Network": "abc", "FittedOn": ["p002"]}}
        (self.folder / "deep.json").write_text(json.dumps(described))
        out = self.folder / "deep"
        said = run("signature", "evaluate", table, *self.learn, "--out", out, code=3).stderr
        self.assertIn("column worse", said)
        self.assertIn("p002", said)
        said = run("signature", "train", table, *self.learn, "--out", out).stderr
        self.assertIn("trusts them too much", said)
        self.assertNotIn("p002", (out / "model.json").read_text())
        model = ["--model", out, "--times", 12]
        self.assertIn("p002", run("signature", "predict", table, *model, code=3).stderr)
        measured = self.folder / "measured.csv"
        write_table(measured, *reversed(planted(5, 12, 4, "m")[1:]))
        said = run("signature", "predict", measured, *model, code=3).stderr
        self.assertIn("is not of the network that made it", said)
        self.assertIn("column worse", said)

    def test_simulated_cohorts_make_demonstrations(self):
        cohort = self.folder / "cohort"
        cohort.mkdir()
        (cohort / "dataset_description.json").write_text('{"GeneratedBy": [{"Name": "gliocast simulate"}]}')
        write_table(cohort / "clinical.csv", ["id", "months", "dead"], self.clinical_rows)
        out = self.folder / "demonstration"
        arguments = ["--clinical", cohort / "clinical.csv", *self.learn, "--out", out]
        self.assertIn("a demonstration", run("signature", "train", self.table, *arguments).stderr)
        model = read_json(out / "model.json")
        self.assertTrue(model["payload"]["demonstration"])
        self.assertIn("demonstration", model["card"]["limits"])
        self.assertFalse(read_json(self.model / "model.json")["payload"]["demonstration"])
        predicted = self.folder / "of-demonstration.tsv"
        result = run("signature", "predict", self.table, "--model", out, "--times", 12, "--out", predicted, "--json")
        self.assertIn("a demonstration, fitted to simulated patients", result.stderr)
        self.assertTrue(json.loads(result.stdout)["demonstration"])
        self.assertEqual({row["demonstration"] for row in read_rows(predicted)}, {"yes"})

    def test_an_interrupt_leaves_nothing(self):
        clinical, rows, names = planted(150, 400, 3)
        large = self.folder / "large.csv"
        write_table(large, [*names, "months", "dead"], [f + c[1:] for f, c in zip(rows, clinical)])
        out = self.folder / "interrupted"
        command = [PROGRAM, "signature", "evaluate", large, *OUTCOME, "--repeats", 50, "--out", out]
        with subprocess.Popen(
            [str(c) for c in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            limit = time.monotonic() + 30
            while not out.exists() and process.poll() is None and time.monotonic() < limit:
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(60), 130)
        self.assertFalse(out.exists())


if __name__ == "__main__":
    main()
