"""gliocast grade: from a table of features to a class. Tables are made here: planted signals, noise, and what goes wrong
in tables of clinics."""

import csv
import itertools
import json
import random
import unittest

import jsonschema
from common import SOURCE, FolderCase, main, read_json, run

CHAIN = """name: short
steps:
  - standardise
  - screen: {alpha: 0.2}
classifier: logistic
folds: 3
"""


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
        for name in ("metrics", "selection"):
            for ending in (".tsv", ".md", ".tex"):
                self.assertTrue((out / f"{name}{ending}").exists())

    def test_the_same_seed_gives_the_same_for_any_number_of_threads(self):
        results = []
        for threads in (1, 2):
            out = self.folder / f"threads{threads}"
            run("grade", "evaluate", self.table, *self.learn[:-1], threads, "--out", out, "--draws", 100)
            results.append((out / "predictions.tsv").read_text())
        self.assertEqual(*results)

    def test_permuted_labels_come_out_at_chance_and_the_leak_is_shown(self):
        out = self.folder / "permuted"
        noise = self.folder / "noise.csv"
        write_table(noise, *planted(60, 300, 5, shift=0))
        chain = self.folder / "greedy.yaml"
        chain.write_text(CHAIN.replace("alpha: 0.2", "alpha: 0.02"))
        found = json.loads(
            run("grade", "evaluate", noise, "--label", "grade", "--drop", "weak", "--chain", chain, "--out", out,
                "--json", "--permute-labels", "--repeats", 3, "--draws", 100).stdout
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
        self.assertEqual(json.loads(run("grade", "predict", new, "--model", model, "--json").stdout)["rows"],
                         found["rows"])
        write_table(new, ["id", "grade", "weak"], [[r[0], r[1], r[3]] for r in rows])
        self.assertIn("strong", run("grade", "predict", new, "--model", model, code=3).stderr)

    def test_other_units_are_told(self):
        model = self.folder / "units-model"
        run("grade", "train", self.table, *self.learn, "--refits", 0, "--out", model)
        columns, rows = planted(40, 20, 3)
        new = self.folder / "units.csv"
        write_table(new, columns, [[*r[:2], 1000 * (r[2] + 5), *r[3:]] for r in rows])
        told = run("grade", "predict", new, "--model", model).stderr
        self.assertIn("warning: ", told)
        self.assertIn("strong", told)

    def test_against_a_column_and_a_chain_and_external(self):
        columns, rows = planted(80, 5, 4)
        path, second = self.folder / "scored.csv", self.folder / "external.csv"
        write_table(path, [*columns, "reader"], [[*r, r[3]] for r in rows])
        write_table(second, *planted(60, 5, 5))
        found = json.loads(
            run("grade", "evaluate", path, *self.learn, "--drop", "weak", "--against", "reader", "--out",
                self.folder / "against", "--json", "--draws", 100).stdout
        )
        self.assertLess(found["against"]["auc"]["estimate"], found["auc"]["estimate"])
        self.assertNotIn("reader", [s["feature"] for s in found["selected"]])
        self.assertLess(found["against"]["p"], 0.05)
        found = json.loads(
            run("grade", "evaluate", self.table, *self.learn, "--against", self.chain, "--external", self.table,
                "--out", self.folder / "same", "--json", "--draws", 100).stdout
        )
        self.assertEqual(found["against"]["difference"]["estimate"], 0)
        self.assertGreater(found["external"]["auc"]["estimate"], found["auc"]["estimate"] - 0.05)

    def test_rows_of_one_patient_never_part(self):
        columns, rows = planted(40, 5, 6)
        path = self.folder / "twice.csv"
        write_table(path, ["patient_name", *columns], [[f"q{i // 4}", *r] for i, r in enumerate(rows)])
        out = self.folder / "twice-out"
        run("grade", "evaluate", path, *self.learn, "--patient", "patient_name", "--outer", 2, "--out", out,
            "--draws", 100, code=3)  # patients have both grades, by turns: no class of theirs has two of each
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
        run("grade", "evaluate", path, *self.learn, "--centre", "hospital", "--leave-centre-out", "--out", out,
            "--draws", 100)
        fold_of = {}
        for r in read_rows(out / "predictions.tsv"):
            fold_of.setdefault(int(r["id"][1:]) % 3, set()).add(r["fold"])
        self.assertEqual(sorted(map(len, fold_of.values())), [1, 1, 1])

    def test_bad_tables_are_refused_by_name(self):
        columns, rows = planted(30, 3, 8)
        self.refused("text", columns, [[*r[:4], "high" if i == 3 else r[4], *r[5:]] for i, r in enumerate(rows)],
                     "noise0", "high")
        self.refused("twice", columns, [*rows, rows[0]], "p000", "--patient")
        self.refused("oneclass", columns, [[r[0], "HGG", *r[2:]] for r in rows], "grade", "1 value")
        self.refused("copy", [*columns, "who"], [[*r, 1 if r[1] == "HGG" else 0] for r in rows], "who", "label")
        self.refused("few", columns, rows[:3], "two patients of each class")
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
        wrong = self.folder / "wrong.yaml"
        wrong.write_text(CHAIN.replace("alpha", "alhpa"))
        self.assertIn("alhpa", run("grade", "train", "--print-chain", "--chain", wrong, code=3).stderr)
        wrong.write_text(CHAIN.replace("screen", "scream"))
        self.assertIn("scream", run("grade", "train", "--print-chain", "--chain", wrong, code=3).stderr)
        self.assertIn("paper", run("grade", "train", "--print-chain", "--chain", "papre", code=2).stderr)

    def test_a_model_of_another_kind_or_damaged_is_refused(self):
        self.assertIn("cox", run("grade", "predict", self.table, "--model", SOURCE / "models/nomogram-lgg",
                                 code=4).stderr)
        model = self.folder / "damaged"
        run("grade", "train", self.table, *self.learn, "--refits", 2, "--out", model)
        text = (model / "model.json").read_text()
        (model / "model.json").write_text(text.replace('"steps"', '"stops"'))
        run("grade", "predict", self.table, "--model", model, code=4)
        (model / "model.json").write_text(text[: len(text) // 2])
        run("grade", "predict", self.table, "--model", model, code=4)


if __name__ == "__main__":
    main()
