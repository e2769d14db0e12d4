"""gliocast study signature on simulated patients, with small networks: tables, audit, model, resume, bad input."""

import collections
import csv
import itertools
import shutil

from common import FolderCase, main, read_json, run

PATIENTS, FOLDS = 15, 3
SMALL = "name: {}\ntarget: {}\ntrees: 60\ncandidates: 60\nalpha: [0.5]\nlambda: 0.02\nnothing_kept: first\nfolds: 3\n"
WAYS = [
    "small: radiomics and deep features",
    "timed: radiomics and deep features",
    "small: radiomics",
    "timed: radiomics",
]
NETWORKS = ["network alone, loss cox", "network alone, loss time"]


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, delimiter="\t"))


class StudySignature(FolderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cohort = cls.folder / "cohort"
        run(
            "simulate", "--patients", PATIENTS, "--seed", "5", "--high-grade", "0.9", "--no-flair", "--no-raters",
            "--out", cls.cohort, "--quiet",
        )  # fmt: skip
        # Each half of each fold's training needs five deaths: here all have died.
        rows = rows_of(cls.cohort / "clinical.tsv")
        cls.clinical = cls.folder / "clinical.tsv"
        lines = ["\t".join(rows[0])] + ["\t".join({**row, "event": "1"}.values()) for row in rows]
        cls.clinical.write_text("\n".join(lines) + "\n")
        for name, target in (("small", "cox"), ("timed", "time")):
            (cls.folder / f"{name}.yaml").write_text(SMALL.format(name, target))
        cls.study = cls.folder / "study"
        run(*cls.arguments(cls.study))

    @classmethod
    def arguments(cls, out, *more, event="event"):
        return [
            "study", "signature", cls.cohort, "--clinical", cls.clinical, "--time", "time",
            "--event", event, "--out", out, "--outlines", "experts", "--sequence", "t1gd", "--outer", FOLDS,
            "--signature", cls.folder / "small.yaml", cls.folder / "timed.yaml", "--times", "12,24",
            "--epochs", 1, "--batch", 3, *more,
        ]  # fmt: skip

    def test_every_way_is_told_with_its_concordance(self):
        rows = rows_of(self.study / "signatures.tsv")
        self.assertEqual([row["Signature"] for row in rows], WAYS + NETWORKS)
        predictions = rows_of(self.study / "predictions.tsv")
        truth = {row["patient"]: row for row in rows_of(self.clinical)}
        self.assertEqual(sorted(row["id"] for row in predictions), sorted(truth))
        for row in rows:
            name = row["Signature"]
            network = name in NETWORKS
            wins = pairs = 0
            for a, b in itertools.permutations(predictions, 2):
                if a["fold"] != b["fold"] or truth[a["id"]]["event"] != "1":
                    continue
                if float(truth[a["id"]]["time"]) >= float(truth[b["id"]]["time"]):
                    continue
                x, y = (float(p[f"{name}: risk"]) if network else -float(p[f"{name}: signature"]) for p in (a, b))
                pairs += 1
                wins += 1 if x > y else 0.5 if x == y else 0
            self.assertAlmostEqual(float(row["C"]), wins / pairs, delta=0.00051)
            if network:
                continue
            groups = collections.Counter(p[f"{name}: group"] for p in predictions)
            self.assertEqual(groups["high risk"], int(row["High risk"]))
            for p in predictions:
                early, late = (p[f"{name}: survival {t}"] for t in (12, 24))
                if early != "NA":
                    self.assertTrue(1 >= float(early) >= float(late) >= 0, p)
        self.assertTrue((self.study / "signatures.md").exists())

    def test_nobody_tests_what_he_fitted(self):
        study = read_json(self.study / "study.json")
        fitted_on = {}
        for folder in (self.study / "networks").iterdir():
            record = read_json(folder / "network.json")
            fitted_on[record["network"]] = record["fitted_on"]
        self.assertEqual(len(fitted_on), FOLDS * 2 * 2 + 2)  # folds, halves, losses; two of the model for use
        tested = []
        self.assertEqual(len(study["audit"]), FOLDS + 1)
        for fold in study["audit"]:
            tested += fold["tested"]
            halves = [set(fold["half_1"]), set(fold["half_2"])]
            self.assertFalse(halves[0] & halves[1])
            self.assertFalse((halves[0] | halves[1]) & set(fold["tested"]))
            self.assertEqual(len(halves[0] | halves[1]) + len(fold["tested"]), PATIENTS)
            for model in fold["models"]:
                for member in model["members"]:
                    if "network" in member:
                        self.assertEqual(fitted_on[member["network"]], sorted(fold[member["network_fitted_on"]]))
                        self.assertNotEqual(member["network_fitted_on"], member["signature_fitted_on"])
        self.assertEqual(sorted(tested), sorted(row["patient"] for row in rows_of(self.clinical)))
        self.assertFalse(study["settings"]["transfer_learning"])

    def test_the_model_binds_networks_and_signatures(self):
        model = read_json(self.study / "model" / "model.json")
        self.assertEqual(model["kind"], "fused-signature")
        self.assertTrue(model["payload"]["demonstration"])
        self.assertEqual(model["payload"]["sequence"], "t1gd")
        self.assertEqual(len(model["payload"]["members"]), 2)
        for i in range(2):
            self.assertEqual(read_json(self.study / "model" / f"network_{i}" / "model.json")["kind"], "prognosis")
            self.assertEqual(read_json(self.study / "model" / f"signature_{i}" / "model.json")["kind"], "signature")

    def test_a_second_run_reads_what_is_there_and_gives_the_same(self):
        names = ("signatures.tsv", "predictions.tsv", "model/model.json")
        before = {name: (self.study / name).read_bytes() for name in names}
        made = {p: p.stat().st_mtime_ns for p in self.study.glob("networks/*/bundle/*")}
        made |= {p: p.stat().st_mtime_ns for p in self.study.glob("patients/*/*")}
        self.assertTrue(made)
        run(*self.arguments(self.study, "--resume", "--threads", "2"))
        self.assertEqual(made, {p: p.stat().st_mtime_ns for p in made})
        self.assertEqual(before, {name: (self.study / name).read_bytes() for name in names})

    def test_the_model_speaks_of_new_patients(self):
        new = self.folder / "new"
        run(
            "simulate", "--patients", 1, "--first", 90, "--seed", "5", "--no-flair", "--no-raters",
            "--out", new, "--quiet",
        )  # fmt: skip
        common = ["--model", self.study / "model", "--times", "12,24", "--outlines", "experts"]
        said = run("study", "predict", new, "--out", self.folder / "predicted", *common).stderr
        self.assertIn("simulated patients", said)
        (row,) = rows_of(self.folder / "predicted" / "signatures.tsv")
        self.assertEqual(row["id"], "SIM-00090")
        self.assertIn(row["group"], ("high risk", "low risk"))
        self.assertTrue(1 >= float(row["survival_12"]) >= float(row["survival_24"]) >= 0)
        found = read_json(self.folder / "predicted" / "signatures.json")
        self.assertEqual(found["patients"][0]["signature"], float(row["signature"]))
        self.assertTrue(found["demonstration"])
        own = self.copy_of_patients(self.folder / "own")
        said = run("study", "predict", self.cohort, "--out", own, *common, "--resume", code=3).stderr
        self.assertIn("the network that made it was fitted on", said)

    def copy_of_patients(self, out):
        """A study's folder in which patients have been examined already."""
        shutil.copytree(self.study / "patients", out / "patients", copy_function=shutil.copy2)
        return out

    def test_radiomics_alone(self):
        run(*self.arguments(self.copy_of_patients(self.folder / "alone"), "--no-deep", "--resume"))
        self.assertFalse((self.folder / "alone" / "networks").exists())
        rows = rows_of(self.folder / "alone" / "signatures.tsv")
        self.assertEqual([row["Signature"] for row in rows], WAYS[2:])
        with_networks = rows_of(self.study / "signatures.tsv")[2]
        self.assertEqual(rows[0]["C"], with_networks["C"], "the networks change nothing of what does not use them")
        members = read_json(self.folder / "alone" / "model" / "model.json")["payload"]["members"]
        self.assertEqual([member["network_sha256"] for member in members], [None])

    def test_bad_input_is_said(self):
        out = self.folder / "bad"
        said = run(*self.arguments(out, event="died"), code=3).stderr
        self.assertIn("died", said)
        twice = [*self.arguments(out, "--overwrite")]
        twice[twice.index(self.folder / "timed.yaml")] = self.folder / "small.yaml"
        self.assertIn('two signatures are named "small"', run(*twice, code=2).stderr)
        few = [*self.arguments(out, "--overwrite", "--outer", 10)]
        del few[few.index("--outer") : few.index("--outer") + 2]
        few[few.index(self.clinical)] = self.cohort / "clinical.tsv"
        said = run(*few, code=3).stderr
        self.assertIn("patients with an event, and there are", said)
        self.assertFalse((out / "patients").exists(), "told before any work")
        table = self.folder / "none.tsv"
        table.write_text("patient\ttime\tevent\nX\t1\t1\n")
        others = self.arguments(out, "--overwrite")
        others[others.index(self.clinical)] = table
        self.assertIn("no patient of the cohort has a survival time", run(*others, code=3).stderr)


if __name__ == "__main__":
    main()
