"""gliocast grade and combat: features of several centres, and from them to a class. Tables are made here: planted
signals, noise, and what goes wrong in tables of clinics."""

import csv
import itertools
import json
import random
import re
from pathlib import Path

import jsonschema
from common import SOURCE, FolderCase, main, read_json, run

CHAIN = """name: short
steps:
  - standardise
  - screen: {alpha: 0.2}
classifier: logistic
folds: 3
"""


CURVES = {
    "roc": "ROC curve",
    "precision_recall": "Precision–recall curve",
    "calibration": "Calibration of probabilities",
    "decision": "Decision curve",
}


def write_table(path, columns, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)


def read_rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def planted(n, noise, seed, shift=2.0):
    """Rows of id, grade (HGG, LGG), a feature that tells the grade, one that tells less, and noise."""
    draw = random.Random(seed)
    rows = []
    for i in range(n):
        high = i % 2
        rows.append(
            [f"p{i:03d}", "HGG" if high else "LGG", draw.gauss(shift * high, 1), draw.gauss(0.7 * high, 1)]
            + [draw.gauss(0, 1) for _ in range(noise)]
        )
    return ["id", "grade", "strong", "weak", *[f"noise{k}" for k in range(noise)]], rows


def auc_of(rows):
    pairs = [
        (float(a["probability"]), float(b["probability"]))
        for a, b in itertools.product(rows, rows)
        if a["label"] == "1" and b["label"] == "0"
    ]
    return sum(1.0 if a > b else 0.5 if a == b else 0.0 for a, b in pairs) / len(pairs)


class Grade(FolderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.table = cls.folder / "features.csv"
        write_table(cls.table, *planted(80, 20, 1))
        cls.chain = cls.folder / "short.yaml"
        cls.chain.write_text(CHAIN)
        cls.learn = ["--label", "grade", "--positive", "HGG", "--chain", cls.chain, "--threads", 2]

    def refused(self, name, columns, rows, *words, verb=("evaluate",), options=()):
        path = self.folder / f"{name}.csv"
        write_table(path, columns, rows)
        result = run("grade", *verb, path, *self.learn, *options, "--out", self.folder / f"{name}-out", code=3)
        for word in words:
            self.assertIn(word, result.stderr)
        self.assertFalse((self.folder / f"{name}-out").exists())

    def test_evaluate_writes_what_it_says(self):
        out = self.folder / "evaluation"
        printed = run("grade", "evaluate", self.table, *self.learn, "--out", out, "--json", "--draws", 200).stdout
        found = json.loads(printed)
        schema = read_json(SOURCE / "docs/grade.schema.json")
        jsonschema.validate(found, {"$ref": "#/$defs/evaluate", **schema})
        self.assertEqual(found, read_json(out / "evaluation.json"))
        declared = self.folder / "declared.yaml"
        declared.write_text(found["declaration"])
        for chain in (declared, self.chain):
            self.assertEqual(run("grade", "train", "--print-chain", "--chain", chain).stdout, found["declaration"])
        predictions = read_rows(out / "predictions.tsv")
        self.assertEqual(len(predictions), 80)
        self.assertEqual(sorted({int(r["fold"]) for r in predictions}), [1, 2, 3, 4, 5])
        self.assertAlmostEqual(auc_of(predictions), found["auc"]["estimate"], 9)
        right = sum(r["label"] == r["class"] for r in predictions) / 80
        self.assertAlmostEqual(right, found["accuracy"]["estimate"], 9)
        self.assertLess(found["auc"]["lower"], found["auc"]["estimate"])
        self.assertGreater(found["auc"]["estimate"], 0.8)
        self.assertIn({"feature": "strong", "folds": 5}, found["selected"])
        for name in ("roc.svg", "precision_recall.svg", "calibration.svg", "decision.svg"):
            self.assertIn("<svg", (out / name).read_text())
        titles = {name: re.search("<title>(.*)</title>", (out / f"{name}.svg").read_text())[1] for name in CURVES}
        self.assertEqual(titles, CURVES)
        for r in predictions:  # each class by the threshold of its fold
            self.assertEqual(float(r["threshold"]), found["folds"][int(r["fold"]) - 1]["threshold"])
            self.assertEqual(r["class"] == "1", float(r["probability"]) >= float(r["threshold"]))
        self.assertEqual(out / found["predictions"], out / "predictions.tsv")
        self.assertFalse(Path(found["predictions"]).is_absolute(), "the folder may move")
        metrics = {r["statistic"]: r for r in read_rows(out / "metrics.tsv")}
        stability = metrics["Stability of the selection (Nogueira)"]
        for cell, name in (("estimate", "estimate"), ("lower", "lower"), ("upper", "upper")):
            self.assertAlmostEqual(float(stability[cell]), found["stability"][name], 5)
        printed = [
            [c.strip() for c in line.strip("| \n").split("|")] for line in (out / "metrics.md").read_text().splitlines()
        ][2:]
        self.assertEqual([row[1] for row in printed], list(metrics))
        for row in printed:
            for cell, name in zip(row[2:], ("estimate", "lower", "upper")):
                self.assertRegex(cell, r"^(NA|[-−]?\d+\.\d{3})$")
                if cell != "NA":
                    self.assertAlmostEqual(float(cell.replace("−", "-")), float(metrics[row[1]][name]), delta=0.00051)
        for name in ("metrics", "selection"):
            for ending in (".tsv", ".md", ".tex"):
                self.assertTrue((out / f"{name}{ending}").exists())

    def test_the_same_seed_gives_the_same_for_any_number_of_threads(self):
        results = []
        for threads in (1, 2):
            out = self.folder / f"threads{threads}"
            run("grade", "evaluate", self.table, *self.learn[:-1], threads, "--out", out, "--draws", 100)
            found = read_json(out / "evaluation.json")
            results.append(((out / "predictions.tsv").read_text(), found))
        self.assertEqual(*results)

    def test_permuted_labels_come_out_at_chance_and_the_leak_is_shown(self):
        out = self.folder / "permuted"
        noise = self.folder / "noise.csv"
        write_table(noise, *planted(60, 300, 5, shift=0))
        chain = self.folder / "greedy.yaml"
        chain.write_text(CHAIN.replace("alpha: 0.2", "alpha: 0.02"))
        found = json.loads(
            run(
                "grade",
                "evaluate",
                noise,
                "--label",
                "grade",
                "--drop",
                "weak",
                "--chain",
                chain,
                "--out",
                out,
                "--json",
                "--permute-labels",
                "--repeats",
                3,
                "--draws",
                100,
            ).stdout
        )
        self.assertTrue(found["permuted"])
        self.assertLess(abs(found["auc"]["estimate"] - 0.5), 0.2)
        self.assertGreater(found["naive_auc"], found["auc"]["estimate"] + 0.2)

    def test_train_and_predict(self):
        model, out = self.folder / "model", self.folder / "probabilities.tsv"
        run("grade", "train", self.table, *self.learn, "--refits", 3, "--out", model)
        new = self.folder / "new.csv"
        columns, rows = planted(40, 20, 2)
        write_table(new, columns, rows)
        explain = self.folder / "shapley.tsv"
        run("grade", "predict", new, "--model", model, "--out", out, "--explain", explain)
        predicted = read_rows(out)
        self.assertEqual([r["id"] for r in predicted], [r[0] for r in rows])
        for r in predicted:
            self.assertLessEqual(float(r["lower"]), float(r["probability"]))
            self.assertLessEqual(float(r["probability"]), float(r["upper"]))
        right = sum(p["class"] == row[1] for p, row in zip(predicted, rows))
        self.assertGreater(right, 28)
        found = json.loads(run("grade", "predict", new, "--model", model, "--json").stdout)
        jsonschema.validate(found, {"$ref": "#/$defs/predict", **read_json(SOURCE / "docs/grade.schema.json")})
        for row in found["rows"]:
            total = row["base"] + sum(f["shapley"] for f in row["features"])
            self.assertAlmostEqual(total, row["probability"], 9)
        write_table(new, columns, rows[:1])
        one = json.loads(run("grade", "predict", new, "--model", model, "--json").stdout)["rows"]
        self.assertEqual(one, found["rows"][:1], "one row, whose class is known")
        # What the classifier does not read may lack; what it reads may not, and is named.
        payload = read_json(model / "model.json")["payload"]
        read = {name for chain in [payload["model"], *payload["refits"]] for name in chain["features"]}
        self.assertLess(len(read), 22)
        kept = [i for i, c in enumerate(columns) if i < 2 or c in read]
        write_table(new, [columns[i] for i in kept], [[r[i] for i in kept] for r in rows])
        self.assertEqual(
            json.loads(run("grade", "predict", new, "--model", model, "--json").stdout)["rows"], found["rows"]
        )
        write_table(new, ["id", "grade", "weak"], [[r[0], r[1], r[3]] for r in rows])
        told = run("grade", "predict", new, "--model", model, code=3).stderr
        self.assertIn(f"{new}: the table lacks", told)
        self.assertIn("strong", told)

    def test_rows_that_fitted_the_model_are_recognised_and_nobody_is_named(self):
        model, one = self.folder / "marked", self.folder / "one-row.csv"
        run("grade", "train", self.table, *self.learn, "--refits", 2, "--out", model)
        payload = read_json(model / "model.json")["payload"]
        self.assertEqual(len(payload["row_marks"]), 80)
        self.assertLess(max(payload["row_marks"]), 2**16)
        self.assertEqual(payload["row_marks"], sorted(payload["row_marks"]), "not in the order of the table")

        def predict(table):
            result = run("grade", "predict", table, "--model", model, "--json")
            return json.loads(result.stdout)["training_rows"], result.stderr

        told = "warning: 80 of 80 rows seem to be of the table that the model was fitted to"
        seen, notes = predict(self.table)
        self.assertEqual(seen, 80)
        self.assertIn(told, notes)
        columns, rows = planted(80, 20, 1)
        new = self.folder / "half-new.csv"  # other ids, other order, ten rows of the training
        write_table(new, columns, [[f"n{i}", *r[1:]] for i, r in enumerate([*planted(40, 20, 2)[1], *rows[20:10:-1]])])
        seen, notes = predict(new)
        self.assertEqual(seen, 10)
        self.assertIn("10 of 50 rows seem to be", notes)
        write_table(new, *planted(60, 20, 3))
        self.assertEqual(predict(new)[0], 0)
        write_table(one, columns, rows[:1])
        seen, notes = predict(one)
        self.assertEqual(seen, 0, "of one row it is not known")
        self.assertNotIn("seem to be", notes)
        self.assertIsNone(
            json.loads(run("grade", "predict", new, "--model", self.old(model), "--json").stdout)["training_rows"]
        )

    def old(self, model):
        """The model without marks, as earlier builds wrote it."""
        bundle = read_json(model / "model.json")
        del bundle["payload"]["row_marks"]
        (model / "model.json").write_text(json.dumps(bundle))
        return model

    def test_other_units_of_an_external_table_are_told(self):
        columns, rows = planted(40, 20, 3)
        second = self.folder / "other-units.csv"
        write_table(second, columns, [[*r[:2], 1000 * (r[2] + 5), *r[3:]] for r in rows])
        out = self.folder / "other-units"
        told = run("grade", "evaluate", self.table, *self.learn, "--external", second, "--out", out, "--draws", 100)
        self.assertIn("warning: external table: strong: the median is", told.stderr)

    def test_what_an_external_table_lacks_is_told_before_any_work(self):
        columns, rows = planted(40, 20, 3)
        second, out, strict = (self.folder / name for name in ("narrow.csv", "narrow-out", "strict.yaml"))
        strict.write_text(CHAIN.replace("alpha: 0.2", "alpha: 1e-4"))
        arguments = ["grade", "evaluate", self.table, *self.learn[:4], "--chain", strict, "--external", second]
        arguments += ["--out", out, "--draws", 100]
        write_table(second, columns[:-1], [r[:-1] for r in rows])
        told = run(*arguments, "--drop", "noise18").stderr
        self.assertIn("narrow.csv lacks 1 of 21 features of the first table", told)
        self.assertLess(told.index("lacks 1 of 21"), told.index("Evaluating the chain"))
        write_table(second, ["id", "grade", "other"], [r[:3] for r in rows])
        told = run(*arguments, "--overwrite", code=3).stderr
        self.assertIn("narrow.csv: has none of the first table's features", told)
        self.assertNotIn("Evaluating the chain", told)

    def test_other_units_are_told(self):
        model = self.folder / "units-model"
        run("grade", "train", self.table, *self.learn, "--refits", 0, "--out", model)
        columns, rows = planted(40, 20, 3)
        new = self.folder / "units.csv"
        write_table(new, columns, [[*r[:2], 1000 * (r[2] + 5), *r[3:]] for r in rows])
        told = run("grade", "predict", new, "--model", model).stderr
        self.assertIn("warning: ", told)
        self.assertIn("strong", told)

    def test_against_a_column(self):
        columns, rows = planted(80, 5, 4)
        path = self.folder / "scored.csv"
        write_table(path, [*columns, "reader"], [[*r, r[3]] for r in rows])
        found = json.loads(
            run(
                "grade",
                "evaluate",
                path,
                *self.learn,
                "--drop",
                "weak",
                "--against",
                "reader",
                "--out",
                self.folder / "against",
                "--json",
                "--draws",
                100,
            ).stdout
        )
        self.assertLess(found["against"]["auc"]["estimate"], found["auc"]["estimate"])
        self.assertNotIn("reader", [s["feature"] for s in found["selected"]])
        self.assertLess(found["against"]["p"], 0.05)
        predictions = read_rows(self.folder / "against" / "predictions.tsv")
        reader = {r[0]: r[3] for r in rows}
        for r in predictions:
            self.assertEqual(float(r["against"]), reader[r["id"]])
        theirs = auc_of([{**r, "probability": r["against"]} for r in predictions])
        self.assertAlmostEqual(theirs, found["against"]["auc"]["estimate"], 9)
        figure = (self.folder / "against" / "roc.svg").read_text()
        for name, of in (("short", found), ("reader", found["against"])):
            self.assertIn(f"{name}: AUC {of['auc']['estimate']:.3f}", figure)

    def test_against_an_empty_cell(self):
        columns, rows = planted(80, 5, 4)
        path = self.folder / "gap.csv"
        write_table(path, [*columns, "reader"], [[*r, "" if i == 6 else r[3]] for i, r in enumerate(rows)])
        told = run("grade", "evaluate", path, *self.learn, "--against", "reader", "--out", self.folder / "no", code=3)
        for words in ('"reader", which is compared with, is empty in row 7', "fill the cell"):
            self.assertIn(words, told.stderr)

    def test_against_the_same_chain_and_external(self):
        found = json.loads(
            run(
                "grade",
                "evaluate",
                self.table,
                *self.learn,
                "--against",
                self.chain,
                "--external",
                self.table,
                "--out",
                self.folder / "same",
                "--json",
                "--draws",
                100,
            ).stdout
        )
        self.assertEqual(found["against"]["difference"]["estimate"], 0)
        self.assertEqual(found["against"]["declaration"], found["declaration"])
        for r in read_rows(self.folder / "same" / "predictions.tsv"):
            self.assertEqual(r["against"], r["probability"])
        for r in read_rows(self.folder / "same" / "external_predictions.tsv"):
            self.assertEqual(r["class"] == "1", float(r["probability"]) >= float(r["threshold"]))
        self.assertGreater(found["external"]["auc"]["estimate"], found["auc"]["estimate"] - 0.05)

    def test_a_split_is_fitted_chosen_and_judged_on_its_parts(self):
        columns, rows = planted(120, 5, 12)
        path, out = self.folder / "split.csv", self.folder / "split-out"
        sites = ["north" if i % 3 else "south" for i in range(119)] + ["alone"]
        write_table(path, ["site", *columns], [[site, *r] for site, r in zip(sites, rows)])
        options = ["--split", "6:2:2", "--centre", "site", "--out", out, "--draws", 200]
        result = run("grade", "evaluate", path, *self.learn, *options, "--json", "--external", self.table)
        found = json.loads(result.stdout)
        schema = read_json(SOURCE / "docs/grade.schema.json")
        jsonschema.validate(found, {"$ref": "#/$defs/evaluate", **schema})
        parts = {r["id"]: r["part"] for r in read_rows(out / "split.tsv")}
        self.assertEqual(len(parts), 120)
        predictions = read_rows(out / "predictions.tsv")
        self.assertEqual(sorted(r["id"] for r in predictions), sorted(i for i, p in parts.items() if p == "test"))
        self.assertAlmostEqual(auc_of(predictions), found["auc"]["estimate"], 9)
        self.assertEqual(found["n"], len(predictions))
        for part in found["split"]["parts"]:
            self.assertEqual(part["n"], sum(p == part["part"] for p in parts.values()))
            share = {"training": 72, "validation": 24, "test": 24}[part["part"]]
            self.assertLess(abs(part["n"] - share), 2)
            self.assertLess(abs(part["positives"] - share / 2), 1)
        for site in ("north", "south"):
            of_site = [parts[r[0]] for s, r in zip(sites, rows) if s == site]
            self.assertLess(abs(of_site.count("test") - len(of_site) / 5), 4)
        self.assertIn("positive in training and validation 50.0 %, in test 50.0 % (chi-square", result.stderr)
        self.assertIn("too small to be in every part: class HGG of centre alone (1 patient)", result.stderr)
        self.assertEqual(found["external"]["selected"], found["folds"][0]["features"])
        for options in (["--split", "6:2"], ["--split", "6:2:x"], ["--split", "6:2:2", "--repeats", 2]):
            run("grade", "evaluate", path, *self.learn, *options, "--out", self.folder / "no", code=2)
        self.refused("small", columns, rows[:8], "needs 5 of each class", options=["--split", "6:2:2"])
        run("grade", "evaluate", path, *self.learn, "--out", out, "--overwrite", "--draws", 100)
        self.assertFalse((out / "split.tsv").exists())

    def test_rows_of_one_patient_never_part(self):
        columns, rows = planted(40, 5, 6)
        path = self.folder / "twice.csv"
        write_table(path, ["patient_name", *columns], [[f"q{i // 4}", *r] for i, r in enumerate(rows)])
        out = self.folder / "twice-out"
        run(
            "grade",
            "evaluate",
            path,
            *self.learn,
            "--patient",
            "patient_name",
            "--outer",
            2,
            "--out",
            out,
            "--draws",
            100,
            code=3,
        )  # patients have both grades, by turns: no class of theirs has two of each
        write_table(path, ["patient_name", *columns], [[f"q{i // 4}{r[1]}", *r] for i, r in enumerate(rows)])
        run("grade", "evaluate", path, *self.learn, "--patient", "patient_name", "--out", out, "--draws", 100)
        folds = {}
        for r in read_rows(out / "predictions.tsv"):
            i = int(r["id"][1:])
            folds.setdefault((i // 4, r["label"]), set()).add(r["fold"])
        self.assertTrue(all(len(f) == 1 for f in folds.values()))

    def test_leave_centre_out(self):
        columns, rows = planted(60, 5, 7)
        path = self.folder / "centres.csv"
        write_table(path, ["hospital", *columns], [["ABC"[i % 3], *r] for i, r in enumerate(rows)])
        out = self.folder / "centres-out"
        options = ["--centre", "hospital", "--leave-centre-out", "--out", out, "--draws", 100]
        printed = run("grade", "evaluate", path, *self.learn, *options).stdout
        found = read_json(out / "evaluation.json")
        jsonschema.validate(found, {"$ref": "#/$defs/evaluate", **read_json(SOURCE / "docs/grade.schema.json")})
        centres = read_rows(out / "centres.tsv")
        self.assertEqual([c["centre"] for c in centres], ["A", "B", "C"])
        self.assertTrue(printed.endswith((out / "centres.tsv").read_text()))
        predictions = read_rows(out / "predictions.tsv")
        for place, (centre, told) in enumerate(zip(centres, found["centres"])):
            of_centre = [r for r in predictions if int(r["id"][1:]) % 3 == place]
            self.assertEqual((centre["n"], centre["positives"]), ("20", "10"))
            self.assertAlmostEqual(auc_of(of_centre), told["auc"]["estimate"], 9)
            self.assertAlmostEqual(float(centre["auc"]), told["auc"]["estimate"], 4)
            self.assertLessEqual(told["auc"]["lower"], told["auc"]["estimate"])
            right = sum(r["label"] == r["class"] for r in of_centre) / 20
            self.assertAlmostEqual(right, told["accuracy"]["estimate"], 9)
        fold_of = {}
        for r in read_rows(out / "predictions.tsv"):
            fold_of.setdefault(int(r["id"][1:]) % 3, set()).add(r["fold"])
        self.assertEqual(sorted(map(len, fold_of.values())), [1, 1, 1])

    def test_bad_tables_are_refused_by_name(self):
        columns, rows = planted(30, 3, 8)
        self.refused(
            "text",
            columns,
            [[*r[:4], "high" if i == 3 else r[4], *r[5:]] for i, r in enumerate(rows)],
            "noise0",
            "high",
        )
        self.refused("twice", columns, [*rows, rows[0]], "p000", "--patient")
        self.refused("oneclass", columns, [[r[0], "HGG", *r[2:]] for r in rows], "grade", "1 value")
        self.refused("copy", [*columns, "who"], [[*r, 1 if r[1] == "HGG" else 0] for r in rows], "who", "label")
        self.refused("few", columns, rows[:3], "needs 3 patients of each class, and one has 1")
        self.refused("nothing", ["id", "grade"], [r[:2] for r in rows], "no column of numbers")

    def test_a_feature_that_tells_all_is_told(self):
        columns, rows = planted(40, 3, 9)
        path = self.folder / "outcome.csv"
        write_table(path, [*columns, "days"], [[*r, i + (1000 if r[1] == "LGG" else 0)] for i, r in enumerate(rows)])
        told = run("grade", "evaluate", path, *self.learn, "--out", self.folder / "outcome", "--draws", 100).stderr
        self.assertIn('warning: feature "days" separates the classes', told)

    def test_chains(self):
        printed = run("grade", "train", "--print-chain", "--chain", "paper").stdout
        self.assertIn("keep: 8", printed)
        again = self.folder / "again.yaml"
        again.write_text(printed)
        self.assertEqual(run("grade", "evaluate", "--print-chain", "--chain", again).stdout, printed)
        literal = self.folder / "literal.yaml"  # the other reading of the study's Levene test
        screen = printed[printed.index("  - screen:") : printed.index("  - lasso:")]
        literal.write_text(printed.replace(screen, "  - levene: {alpha: 0.05}\n"))
        self.assertIn(
            "  - levene:\n      alpha: 0.05", run("grade", "train", "--print-chain", "--chain", literal).stdout
        )
        wrong = self.folder / "wrong.yaml"
        for right, misspelt, line in (("alpha", "alphaa", 4), ("screen", "scren", 4), ("logistic", "logstic", 5)):
            wrong.write_text(CHAIN.replace(right, misspelt))
            told = run("grade", "train", "--print-chain", "--chain", wrong, code=3).stderr
            self.assertIn(misspelt, told)
            self.assertIn(f"wrong.yaml, line {line}", told)
            self.assertIn(f"is {right} meant?", told)
        self.assertIn("paper", run("grade", "train", "--print-chain", "--chain", "papre", code=2).stderr)
        extended = CHAIN + "threshold: youden\ncalibration: platt\n"
        for right, value, line, meant in (
            ("youden", "yuden", 7, "youden"),
            ("platt", "plat", 8, "platt"),
            ("{alpha: 0.2}", "{test: welsh}", 4, "welch"),
            ("logistic\n", "{svm: {kernel: rfb}}\n", 5, "rbf"),
            ("screen: {alpha: 0.2}", "lazo", 4, "lasso"),
        ):
            wrong.write_text(extended.replace(right, value, 1))
            told = run("grade", "train", "--print-chain", "--chain", wrong, code=3).stderr
            self.assertIn(f"wrong.yaml, line {line}", told)
            self.assertIn(f"is {meant} meant?", told)
        for tabbed, line in ((CHAIN.replace("  - ", "\t- "), 3), (CHAIN.replace("  - screen", "\t- screen"), 4)):
            wrong.write_text(tabbed)
            told = run("grade", "train", "--print-chain", "--chain", wrong, code=3).stderr
            self.assertIn(f"wrong.yaml, line {line}", told)
            self.assertIn("is indented by a tab", told)

    def test_a_model_of_another_kind_or_damaged_is_refused(self):
        self.assertIn(
            "cox", run("grade", "predict", self.table, "--model", SOURCE / "models/nomogram-lgg", code=4).stderr
        )
        model = self.folder / "damaged"
        run("grade", "train", self.table, *self.learn, "--refits", 2, "--out", model)
        text = (model / "model.json").read_text()
        (model / "model.json").write_text(text.replace('"steps"', '"stops"'))
        run("grade", "predict", self.table, "--model", model, code=4)
        (model / "model.json").write_text(text[: len(text) // 2])
        run("grade", "predict", self.table, "--model", model, code=4)

    def test_one_new_patient_whose_grade_is_known(self):
        model, new = self.folder / "one-model", self.folder / "one.csv"
        run("grade", "train", self.table, *self.learn, "--refits", 0, "--out", model)
        columns, rows = planted(40, 20, 2)
        write_table(new, columns, rows)
        all_rows = run("grade", "predict", new, "--model", model).stdout.splitlines()
        for label in ("HGG", ""):
            write_table(new, columns, [[rows[5][0], label, *rows[5][2:]]])
            self.assertEqual(
                run("grade", "predict", new, "--model", model).stdout.splitlines(), [all_rows[0], all_rows[6]]
            )

    def test_an_external_table_may_lack_what_is_no_feature(self):
        columns, rows = planted(80, 5, 4)
        path, second = self.folder / "with-reader.csv", self.folder / "without-reader.csv"
        write_table(path, [*columns, "reader"], [[*r, r[3]] for r in rows])
        write_table(second, *planted(60, 5, 5))
        out = self.folder / "without-reader-out"
        run(
            "grade",
            "evaluate",
            path,
            *self.learn,
            "--against",
            "reader",
            "--external",
            second,
            "--out",
            out,
            "--draws",
            100,
        )
        self.assertEqual(read_json(out / "evaluation.json")["external"]["n"], 60)

    def test_second_rater(self):
        columns, rows = planted(60, 4, 11)
        draw = random.Random(12)
        path, second = self.folder / "first-rater.csv", self.folder / "second-rater.csv"
        write_table(path, columns, rows)
        # The second rater agrees on all but the weak feature, and saw two thirds of the patients, in another order.
        again = [
            [r[0], r[2] + draw.gauss(0, 0.1), draw.gauss(0, 1), *[v + draw.gauss(0, 0.1) for v in r[4:]]]
            for r in rows
            if draw.random() < 0.67
        ]
        draw.shuffle(again)
        write_table(second, ["id", *columns[2:]], again)
        chain = self.folder / "icc.yaml"
        chain.write_text("steps: [{icc: {least: 0.75}}, standardise]\nclassifier: logistic\nfolds: 3\n")
        learn, out = [*self.learn[:4], "--chain", chain], self.folder / "icc-out"
        told = run("grade", "evaluate", path, *learn, "--second-rater", second, "--out", out, "--draws", 100).stderr
        self.assertIn(f"second rater: {len(again)} of 60 rows", told)
        chosen = [s["feature"] for s in read_json(out / "evaluation.json")["selected"]]
        self.assertEqual(sorted(chosen), ["noise0", "noise1", "noise2", "noise3", "strong"])
        alone = run("grade", "evaluate", path, *learn, "--out", self.folder / "alone", "--draws", 100, code=3).stderr
        self.assertIn("second rater", alone)
        write_table(second, ["id", *columns[2:]], [*again, again[0]])
        twice = run(
            "grade", "evaluate", path, *learn, "--second-rater", second, "--out", self.folder / "alone", code=3
        ).stderr
        self.assertIn(again[0][0], twice)

    def test_each_note_of_the_chain_is_told_once(self):
        columns, rows = planted(60, 4, 13)
        path = self.folder / "holes.csv"
        write_table(path, columns, [[*r[:4], "" if i % 7 == 0 else r[4], *r[5:]] for i, r in enumerate(rows)])
        told = run("grade", "evaluate", path, *self.learn, "--out", self.folder / "holes", "--draws", 100).stderr
        self.assertEqual(told.count("standardise:"), 1, told)


def sites(n, seed, names=("north", "south"), shift=5.0):
    """Rows of id, age, site, a remark and four features, to which each site but the first adds its own."""
    draw = random.Random(seed)
    rows = []
    for i in range(n):
        site, age = i % len(names), draw.uniform(20, 80)
        features = [shift * site + (1 + site) * draw.gauss(0, 1) + (age / 20 if f == 0 else 0) for f in range(4)]
        rows.append([f"p{i:03d}", age, names[site], "as, read", *features])
    return ["id", "age", "site", "remark", *[f"f{k}" for k in range(4)]], rows


class Combat(FolderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.table = cls.folder / "sites.csv"
        cls.columns, cls.rows = sites(60, 1)
        write_table(cls.table, cls.columns, cls.rows)
        cls.fit = ["--batch", "site", "--drop", "age"]

    def apart(self, path, one="north", other="south", column="f1"):
        """Difference of the sites' means."""
        values = {}
        for row in read_rows(path):
            values.setdefault(row["site"], []).append(float(row[column]))
        return sum(values[other]) / len(values[other]) - sum(values[one]) / len(values[one])

    def refused(self, columns, rows, *words, options):
        path, out = self.folder / "refused.csv", self.folder / "refused.tsv"
        write_table(path, columns, rows)
        told = run("combat", path, *options, "--out", out, code=3).stderr
        for word in words:
            self.assertIn(word, told)
        self.assertFalse(out.exists())

    def test_features_are_harmonised_and_other_cells_stay(self):
        out = self.folder / "out.tsv"
        told = run("combat", self.table, *self.fit, "--no-empirical-bayes", "--out", out).stderr
        self.assertIn('4 features of 60 rows, 2 batches ("site")', told)
        found = read_rows(out)
        self.assertEqual(list(found[0]), self.columns)
        for row, was in zip(found, self.rows):
            self.assertEqual([row["id"], row["age"], row["site"], row["remark"]], [was[0], str(was[1]), *was[2:4]])
        for k in range(4):
            self.assertAlmostEqual(self.apart(out, column=f"f{k}"), 0, 9)

    def test_numbers_that_are_no_features_stay(self):
        path, out = self.folder / "clinical.csv", self.folder / "clinical.tsv"
        columns = ["Patient ID", "row", "grade", "dead", "OS months", *self.columns]
        facts = [[1000 + 7 * i, i, 2 + i % 3, i % 2, 10.5 + i] for i in range(len(self.rows))]
        write_table(path, columns, [[*f, *r] for f, r in zip(facts, self.rows)])
        told = run("combat", path, "--batch", "site", "--out", out).stderr
        self.assertIn('4 features of 60 rows, 2 batches ("site"): f0, f1, f2, f3', told)
        for name in ("Patient ID", "row", "grade, dead, OS months, age"):
            self.assertIn(name, told)
        for row, fact, was in zip(read_rows(out), facts, self.rows):
            self.assertEqual([row[c] for c in columns[:5]], [str(v) for v in fact])
            self.assertEqual(row["age"], str(was[1]))

    def test_the_reference_stays_as_it_is(self):
        out = self.folder / "reference.tsv"
        run("combat", self.table, *self.fit, "--reference", "north", "--out", out)
        for row, was in zip(read_rows(out), self.rows):
            if was[2] == "north":
                self.assertAlmostEqual(float(row["f2"]), was[6], 9)
        self.assertLess(abs(self.apart(out)), 1)

    def test_a_saved_model_does_the_same(self):
        out, again, model = self.folder / "fitted.tsv", self.folder / "again.tsv", self.folder / "model"
        run("combat", self.table, "--batch", "site", "--keep", "age", "--out", out, "--save", model)
        run("combat", self.table, "--model", model, "--out", again)
        self.assertEqual(again.read_text(), out.read_text())
        without = self.folder / "without-age.csv"
        write_table(without, [self.columns[0], *self.columns[2:]], [[r[0], *r[2:]] for r in self.rows])
        self.assertIn("means of the training table", run("combat", without, "--model", model, "--out", again).stderr)
        (model / "model.json").write_text((model / "model.json").read_text().replace('"scale"', '"scales"'))
        run("combat", self.table, "--model", model, "--out", again, code=4)

    def test_a_centre_that_the_model_does_not_know(self):
        new, out = self.folder / "west.csv", self.folder / "west.tsv"
        columns, rows = sites(20, 2, names=("west",))
        write_table(new, columns, [[*r[:4], *[v + 9 for v in r[4:]]] for r in rows])
        free, frozen = self.folder / "free", self.folder / "frozen"
        run("combat", self.table, *self.fit, "--out", out, "--save", free)
        run("combat", self.table, *self.fit, "--reference", "north", "--out", out, "--save", frozen)
        told = run("combat", new, "--model", free, "--out", self.folder / "no.tsv", code=3).stderr
        self.assertIn("west", told)
        run("combat", new, "--model", frozen, "--out", out)
        mean = sum(float(r["f1"]) for r in read_rows(out)) / 20
        north = [r[5] for r in self.rows if r[2] == "north"]
        self.assertLess(abs(mean - sum(north) / len(north)), 1)

    def test_what_cannot_be_harmonised_is_refused(self):
        def with_cell(rows, row, column, value):
            return [[*r[:column], value, *r[column + 1 :]] if i == row else r for i, r in enumerate(rows)]

        c = self.columns
        self.refused(c, with_cell(self.rows, 4, 2, ""), "site", "empty in row 5", options=self.fit)
        self.refused(c, self.rows, "hospital", options=["--batch", "hospital"])
        self.refused(c, self.rows, "west", options=[*self.fit, "--reference", "west"])
        self.refused(
            c, with_cell(self.rows, 4, 1, ""), "age", "empty in row 5", options=["--batch", "site", "--keep", "age"]
        )
        scanner = [[*r, "B" if r[2] == "south" else "A"] for r in self.rows]
        self.refused([*c, "scanner"], scanner, "scanner", options=[*self.fit, "--keep", "scanner"])
        self.refused(c, [[*r[:2], "north", *r[3:]] for r in self.rows], "batch", options=self.fit)
        run("combat", self.table, "--out", self.folder / "no.tsv", code=2)


class DailyLife(FolderCase):
    """What goes wrong in tables and commands of people's daily work."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.columns, cls.rows = planted(60, 6, 11)
        cls.table = cls.folder / "features.csv"
        write_table(cls.table, cls.columns, cls.rows)
        cls.chain = cls.folder / "short.yaml"
        cls.chain.write_text(CHAIN)
        cls.learn = ["--label", "grade", "--positive", "HGG", "--chain", cls.chain, "--draws", 100]

    def evaluate(self, table, *options, code=0):
        out = self.folder / "out"
        result = run("grade", "evaluate", table, *self.learn, *options, "--out", out, "--overwrite", code=code)
        return out, result

    def test_repeats_agree_in_table_figure_and_comparison(self):
        out, _ = self.evaluate(self.table, "--repeats", 3, "--against", "lasso")
        found = read_json(out / "evaluation.json")
        against = found["against"]
        self.assertAlmostEqual(
            against["difference"]["estimate"], found["auc"]["estimate"] - against["auc"]["estimate"], 9
        )
        self.assertEqual(against["test"], "bootstrap over patients")
        self.assertNotIn("delong", found["auc"])
        self.assertIn(f"AUC {found['auc']['estimate']:.3f}", (out / "roc.svg").read_text())
        aucs = []
        for repeat in ("1", "2", "3"):
            aucs.append(auc_of([r for r in read_rows(out / "predictions.tsv") if r["repeat"] == repeat]))
        self.assertAlmostEqual(sum(aucs) / 3, found["auc"]["estimate"], 9)

    def test_what_numbers_the_rows_is_no_feature(self):
        for name in ("", "Unnamed: 0", "number"):
            path = self.folder / "indexed.csv"
            write_table(path, [name, *self.columns], [[i + 1, *r] for i, r in enumerate(self.rows)])
            out, result = self.evaluate(path)
            self.assertIn("number the rows", result.stderr)
            self.assertEqual(read_json(out / "evaluation.json")["features"], 8)

    def test_ids_of_digits_stay_as_they_are_written(self):
        columns, rows = planted(40, 2, 8)
        path, new, model = self.folder / "digits.csv", self.folder / "new-digits.csv", self.folder / "digits"
        ids = [f"{i:05d}" if i % 2 else f"12345678901234{56700 + i}" for i in range(40)]
        write_table(path, columns, [[name, *r[1:]] for name, r in zip(ids, rows)])
        run("grade", "train", path, *self.learn[:6], "--refits", 0, "--out", model)
        write_table(new, columns, [[name, *r[1:]] for name, r in zip(("007", "7", "00000"), rows)])
        run("grade", "predict", new, "--model", model, "--out", self.folder / "digits.tsv")
        self.assertEqual([r["id"] for r in read_rows(self.folder / "digits.tsv")], ["007", "7", "00000"])

    def test_ids_are_known_by_other_spellings(self):
        path = self.folder / "spelled.csv"
        for name in ("PatientID", "Patient ID", "patient-id"):
            write_table(path, [name, *self.columns[1:]], self.rows)
            out, _ = self.evaluate(path)
            self.assertEqual(read_rows(out / "predictions.tsv")[0]["id"], "p000")
            write_table(path, [name, *self.columns[1:]], [*self.rows, self.rows[0]])
            self.assertIn("p000", self.evaluate(path, code=3)[1].stderr)

    def test_an_outcome_left_in_is_told_by_its_name(self):
        path = self.folder / "outcome.csv"
        draw = random.Random(1)
        write_table(path, [*self.columns, "OS_days"], [[*r, draw.randint(1, 900)] for r in self.rows])
        self.assertIn('"OS_days" sounds like an outcome', self.evaluate(path)[1].stderr)

    def test_external_rows_have_predictions_and_known_patients_are_told(self):
        out, result = self.evaluate(self.table, "--external", self.table)
        self.assertIn("60 ids of the external table", result.stderr)
        rows = read_rows(out / "external_predictions.tsv")
        self.assertAlmostEqual(auc_of(rows), read_json(out / "evaluation.json")["external"]["auc"]["estimate"], 9)
        self.assertTrue((out / "external_roc.svg").exists())
        out, _ = self.evaluate(self.table)
        self.assertEqual([p.name for p in out.iterdir() if p.name.startswith("external")], [])

    def test_an_output_never_replaces_its_table(self):
        model = self.folder / "model"
        run("grade", "train", self.table, *self.learn[:-2], "--refits", 0, "--out", model)
        before = self.table.read_text()
        for options in (["--out", self.table], ["--explain", self.table]):
            run("grade", "predict", self.table, "--model", model, *options, code=2)
        once = (
            self.folder / "once.tsv"
        )  # results can be computed again: an earlier one is replaced, as by all statistics
        once.write_text("of another table\n")
        run("grade", "predict", self.table, "--model", model, "--out", once)
        self.assertEqual(len(read_rows(once)), len(self.rows))
        both = self.folder / "both.tsv"
        run("grade", "predict", self.table, "--model", model, "--out", both, "--explain", both, code=2)
        run("combat", self.table, "--batch", "grade", "--out", self.table, code=2)
        self.assertEqual(self.table.read_text(), before)

    def test_without_refits_there_is_no_interval_and_missing_cells_are_told(self):
        model, out = self.folder / "plain", self.folder / "plain.tsv"
        run("grade", "train", self.table, *self.learn[:-2], "--refits", 0, "--out", model)
        new = self.folder / "gaps.csv"
        write_table(new, self.columns, [[*r[:2], "", *r[3:]] for r in self.rows[:5]])
        told = run("grade", "predict", new, "--model", model, "--out", out).stderr
        self.assertIn("5 cells missing", told)
        self.assertIn("wholly empty: strong", told)
        self.assertIn("class: HGG from a probability of", told)
        self.assertEqual(read_rows(out)[0]["lower"], "NA")
        self.assertIsNone(
            json.loads(run("grade", "predict", new, "--model", model, "--json").stdout)["rows"][0]["upper"]
        )

    def test_commands_that_cannot_work_say_why(self):
        path = self.folder / "centres.csv"
        write_table(path, ["hospital", *self.columns], [["ABC"[i % 3], *r] for i, r in enumerate(self.rows)])
        self.assertIn("--centre", self.evaluate(path, "--leave-centre-out", code=2)[1].stderr)
        self.chain.with_name("combat.yaml").write_text(CHAIN.replace("  - standardise", "  - combat\n  - standardise"))
        chain = self.chain.with_name("combat.yaml")
        told = run(
            "grade",
            "evaluate",
            path,
            *self.learn[:4],
            "--chain",
            chain,
            "--leave-centre-out",
            "--centre",
            "hospital",
            "--out",
            self.folder / "out",
            "--overwrite",
            code=2,
        ).stderr
        self.assertIn("combat", told)
        self.assertIn("--against", self.evaluate(self.table, "--against", "nosuch", code=2)[1].stderr)
        self.assertIn("no such file", self.evaluate(self.table, "--against", "nosuch.yaml", code=3)[1].stderr)
        self.evaluate(self.table, "--seed", -1, code=2)
        self.evaluate(self.table, "--threads", -2, code=2)
        self.assertIn("grade train", run("grade", "predict", self.table, "--model", "nosuch", code=4).stderr)
        dates = self.folder / "dates.csv"
        write_table(
            dates, [*self.columns, "Date"], [[*r, f"1997.{i % 12 + 1:02d}.11"] for i, r in enumerate(self.rows)]
        )
        result = run("grade", "evaluate", dates, *self.learn, "--out", self.folder / "dates", "--overwrite", code=3)
        self.assertIn('--drop "Date"', result.stderr)

    def test_several_values_are_positive_together(self):
        draw, path = random.Random(2), self.folder / "who.csv"
        grades = ["2", "3", "4"]
        rows = [[r[0], draw.choice(grades), *r[2:]] for r in self.rows]
        write_table(path, [self.columns[0], "who", *self.columns[2:]], rows)
        common = ["--label", "who", "--chain", self.chain]
        out, model = self.folder / "who-out", self.folder / "who-model"
        run("grade", "evaluate", path, *common, "--positive", "3,4", "--draws", 100, "--out", out)
        self.assertEqual(read_json(out / "evaluation.json")["positive"], "3, 4")
        label = {r["id"]: r["label"] for r in read_rows(out / "predictions.tsv")}
        self.assertEqual(label, {r[0]: "0" if r[1] == "2" else "1" for r in rows})
        run("grade", "train", path, *common, "--positive", "3,4", "--refits", 0, "--out", model)
        predicted = run("grade", "predict", path, "--model", model).stdout.splitlines()[1:]
        self.assertLessEqual({line.split("\t")[4] for line in predicted}, {"2", "3, 4"})
        told = run("grade", "evaluate", path, *common, "--positive", "3,5", "--out", self.folder / "no", code=3).stderr
        self.assertIn('no value "5"', told)

    def test_figures_of_other_kinds(self):
        out, _ = self.evaluate(self.table, "--figures", "pdf,png")
        self.assertEqual((out / "roc.pdf").read_bytes()[:4], b"%PDF")
        head = (out / "decision.png").read_bytes()[:4096]
        self.assertEqual(head[:4], b"\x89PNG")
        at = head.index(b"pHYs") + 4
        across, down, unit = int.from_bytes(head[at : at + 4], "big"), head[at + 4 : at + 8], head[at + 8]
        self.assertEqual((across, unit), (11811, 1), "300 dots an inch, in dots a metre")
        self.assertEqual(int.from_bytes(down, "big"), across)
        self.assertFalse((out / "roc.svg").exists())
        out, _ = self.evaluate(self.table)
        self.assertFalse((out / "roc.png").exists(), "of the evaluation before")
        self.evaluate(self.table, "--figures", "jpg", code=2)

    def test_the_bar_moves_within_a_repeat(self):
        _, result = self.evaluate(self.table)
        told = [line for line in result.stderr.splitlines() if line.startswith("Evaluating the chain: ")]
        self.assertIn("of 10", told[0], "five folds, and five with the leak")
        self.assertGreater(len(told), 4)
        self.assertIn(" left)", told[0])

    def test_a_second_rater_without_the_step_icc_is_told(self):
        _, result = self.evaluate(self.table, "--second-rater", self.table)
        self.assertIn("warning: the second rater's table is not used", result.stderr)

    def test_few_patients_are_told_before_any_work(self):
        path = self.folder / "few.csv"
        for n, option in ((3, ["evaluate", "--draws", 100]), (2, ["train"])):
            write_table(
                path, self.columns, [[r[0], "HGG" if i < n else "LGG", *r[2:]] for i, r in enumerate(self.rows)]
            )
            common = ["--label", "grade", "--positive", "HGG", "--chain", "lasso", "--out", self.folder / "few-out"]
            told = run("grade", option[0], path, *option[1:], *common, code=3).stderr
            self.assertIn(f"needs {n + 1} patients of each class, and one has {n}", told)
            self.assertFalse((self.folder / "few-out").exists())
        write_table(path, self.columns, [[r[0], "HGG" if i < 4 else "LGG", *r[2:]] for i, r in enumerate(self.rows)])
        _, result = self.evaluate(path)
        self.assertIn("outer folds are 4 in place of 5", result.stderr)


class Networks(FolderCase):
    """Features that a fitted network made: the JSON beside a table says which, and on whom it was fitted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.columns, cls.rows = planted(60, 4, 21)
        cls.chain = cls.folder / "short.yaml"
        cls.chain.write_text(CHAIN)
        cls.learn = ["--label", "grade", "--positive", "HGG", "--chain", cls.chain]

    def table(self, name, network, fitted_on, rows=None, prefix="p"):
        path = self.folder / name
        rows = [[prefix + r[0][1:], *r[1:]] for r in rows or self.rows]
        with open(path, "w", newline="", encoding="utf-8") as file:
            csv.writer(file, delimiter="\t").writerows([self.columns, *rows])
        beside = path.with_suffix(".json")
        beside.unlink(missing_ok=True)
        if network:
            described = {"Description": "Deep feature", "Network": network, "FittedOn": fitted_on}
            beside.write_text(json.dumps({"strong": described, "weak": {"Description": "Volume", "Units": "mm3"}}))
        return path

    def evaluate(self, table, *options, code=0):
        out = self.folder / "out"
        return run(
            "grade", "evaluate", table, *self.learn, "--draws", 100, "--out", out, "--overwrite", *options, code=code
        )

    def test_patients_who_fitted_it_are_no_test(self):
        told = self.evaluate(self.table("own.tsv", "abc", ["p003", "p005", "q1"]), code=3).stderr
        for word in ("column strong", "p003, p005"):
            self.assertIn(word, told)
        self.assertNotIn("q1", told)
        self.evaluate(self.table("clean.tsv", "abc", ["q1"]))
        external = self.table("external.tsv", "abc", ["q007"], self.rows[:30], prefix="q")
        told = self.evaluate(self.folder / "clean.tsv", "--external", external, code=3).stderr
        self.assertIn("q007", told)
        external = self.table("external.tsv", "def", [], self.rows[:30], prefix="q")
        self.assertIn("column strong", self.evaluate(self.folder / "clean.tsv", "--external", external, code=3).stderr)

    def test_a_model_takes_its_own_network_and_other_patients(self):
        model = self.folder / "model"
        table = self.table("training.tsv", "abc", ["p003", "q002"])
        told = run("grade", "train", table, *self.learn, "--refits", 2, "--out", model).stderr
        self.assertIn('warning: the network that made column "strong" was fitted on 1 of the table\'s patients', told)

        def predict(network, fitted_on, prefix="n", code=0):
            new = self.table("new.tsv", network, fitted_on, self.rows[:9], prefix)
            return run("grade", "predict", new, "--model", model, code=code).stderr

        predict("abc", [])
        self.assertIn("n004", predict("abc", ["n004"], code=3))
        self.assertIn("q002", predict("abc", [], prefix="q", code=3), "the model knows who fitted its network")
        for network in ("def", None):
            told = predict(network, [], code=3)
            self.assertIn("column strong", told)
            self.assertIn("abc", told)

    def test_a_damaged_dictionary_is_refused_by_name(self):
        table = self.table("damaged.tsv", "abc", [])
        for text, word in (
            ("{", "no JSON"),
            ('{"strong": {"Network": "abc"}}', "strong"),
            ("[]", "no object of columns"),
        ):
            (self.folder / "damaged.json").write_text(text)
            told = self.evaluate(table, code=3).stderr
            self.assertIn(word, told)
            self.assertIn("damaged.json", told)

    def test_harmonised_features_stay_those_of_their_network(self):
        table, out = self.table("sites.tsv", "abc", ["p003"]), self.folder / "harmonised.tsv"
        run("combat", table, "--batch", "grade", "--out", out)
        self.assertEqual(read_json(self.folder / "harmonised.json")["strong"]["FittedOn"], ["p003"])


class Shipped(FolderCase):
    def test_the_model_of_ucsf_is_found_by_name_and_holds_no_row(self):
        model = read_json(SOURCE / "models/grade-ucsf/model.json")
        names = model["payload"]["model"]["features"]
        self.assertEqual(model["payload"]["rows"], 279)
        self.assertEqual(len(model["payload"]["refits"]), 100)

        def longest(value):
            if isinstance(value, dict):
                return max(map(longest, value.values()), default=0)
            return max([len(value), *map(longest, value)]) if isinstance(value, list) else 0

        background = model["payload"]["background"]
        self.assertGreaterEqual(min(background["weights"]) * 279, 4.999)
        del model["payload"]["background"]
        self.assertLess(longest(model), 120, "lists are of refits and features, never of patients")
        read = {
            name for chain in [model["payload"]["model"], *model["payload"]["refits"]] for name in chain["features"]
        }
        draw, table = random.Random(3), self.folder / "new.csv"
        write_table(table, ["id", *sorted(read)], [[f"p{i}", *[draw.gauss(0, 1) for _ in read]] for i in range(3)])
        result = run("grade", "predict", table, "--model", "grade-ucsf", "--json")
        self.assertEqual(len(json.loads(result.stdout)["rows"]), 3)
        self.assertIn("warning: ", result.stderr, "values unlike UCSF's are told")
        self.assertTrue(set(names) <= read)

    def test_its_card_says_how_it_is_used(self):
        card = (SOURCE / "models/grade-ucsf/README.md").read_text(encoding="utf-8")
        self.assertIn("gliocast grade predict features.csv --model grade-ucsf", card)
        self.assertIn("0.958", card)

    def test_a_card_of_the_user(self):
        table, card = self.folder / "features.csv", self.folder / "card.json"
        write_table(table, *planted(40, 3, 1))
        card.write_text('{"measured": "not yet"}')
        arguments = ["grade", "train", table, "--label", "grade", "--chain", "lasso", "--refits", 0]
        run(*arguments, "--card", card, "--out", self.folder / "carded")
        self.assertEqual(read_json(self.folder / "carded/model.json")["card"]["measured"], "not yet")
        card.write_text('{"measured": 3}')
        self.assertIn("card", run(*arguments, "--card", card, "--out", self.folder / "other", code=3).stderr)


if __name__ == "__main__":
    main()
