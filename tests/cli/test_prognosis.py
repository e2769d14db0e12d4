"""gliocast train prognosis on simulated patients, with a small network: what it leaves, resume, bad input."""

import csv
import json

from common import FolderCase, main, read_json, run

PATIENTS = 6


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, delimiter="\t"))


class Prognosis(FolderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cohort = cls.folder / "cohort"
        run(
            "simulate", "--patients", PATIENTS, "--spacing", "2", "--seed", "5", "--high-grade", "0",
            "--no-flair", "--no-raters",
            "--out", cls.cohort, "--quiet",
        )  # fmt: skip
        run(*cls.arguments("run", "--folds", 2))

    @classmethod
    def arguments(cls, out, *more, clinical=None, epochs=2, width=4):
        return [
            "train", "prognosis", cls.cohort, "--clinical", clinical or cls.cohort / "clinical.tsv",
            "--time", "time", "--event", "event", "--out", cls.folder / out, "--cache", cls.folder / "cache",
            "--base-width", width, "--epochs", epochs, "--batch", 3, *more,
        ]  # fmt: skip

    def clinical(self, name, change):
        rows = rows_of(self.cohort / "clinical.tsv")
        rows = [row for row in rows if change(row) is not False]
        with open(self.folder / name, "w", encoding="utf-8", newline="") as f:
            writer = csv.DictWriter(f, rows[0].keys(), delimiter="\t", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        return self.folder / name

    def test_held_out_risks_and_their_concordance(self):
        out = self.folder / "run"
        truth = {row["patient"]: row for row in rows_of(self.cohort / "clinical.tsv")}
        rows = rows_of(out / "cross_validation.tsv")
        self.assertEqual(sorted(row["patient"] for row in rows), sorted(truth))
        for row in rows:
            known = truth[row["patient"]]
            self.assertEqual(float(row["time"]), float(known["time"]))
            self.assertEqual(row["who_grade"], {"2": "II", "3": "III"}[known["who_grade"]])
        # Harrell's C within the folds, from the tables alone.
        fold = {}
        for k in range(2):
            for row in rows_of(out / f"fold{k}" / "split.tsv"):
                if row["role"] == "validation":
                    fold[row["patient"]] = k
        wins = pairs = 0
        for a in rows:
            for b in rows:
                if fold[a["patient"]] != fold[b["patient"]] or a["event"] != "1":
                    continue
                if float(a["time"]) < float(b["time"]):
                    pairs += 1
                    wins += (float(a["risk"]) > float(b["risk"])) + 0.5 * (float(a["risk"]) == float(b["risk"]))
        measured = read_json(out / "metrics.json")
        self.assertEqual(measured["patients"], PATIENTS)
        self.assertGreater(pairs, 0)
        self.assertAlmostEqual(measured["concordance"]["value"], wins / pairs, places=9)

    def test_the_bundle_says_what_it_is(self):
        model = read_json(self.folder / "run" / "bundle" / "model.json")
        payload = model["payload"]
        self.assertEqual(model["kind"], "prognosis")
        self.assertEqual(payload["channels"], ["t1", "t2", "t1gd"])
        self.assertEqual(payload["slice_yx"], [240, 240])
        self.assertEqual((payload["spacing_mm"], payload["loss"], payload["start"]), (1.0, "cox", "random"))
        self.assertIn("transfer learning was not used", model["card"]["start"])
        self.assertTrue(payload["demonstration"])
        self.assertEqual(payload["training"]["patients"], PATIENTS)

    def test_a_second_run_is_the_same_and_one_cut_short_goes_on(self):
        whole = self.folder / "run" / "all" / "curve.tsv"
        out = self.folder / "parts"
        run(*self.arguments("parts", "--folds", 2, epochs=1))
        run(*self.arguments("parts", "--folds", 2, "--resume"))
        losses = [[row["training_loss"] for row in rows_of(p)] for p in (whole, out / "all" / "curve.tsv")]
        self.assertEqual(*losses)
        self.assertEqual(
            (out / "bundle" / "weights.safetensors").read_bytes(),
            (self.folder / "run" / "bundle" / "weights.safetensors").read_bytes(),
        )
        said = run(*self.arguments("parts", "--folds", 2, "--resume", "--loss", "time"), code=2).stderr
        self.assertIn('loss "cox", now "time"', said)

    def test_who_lacks_something_trains_the_rest(self):
        patients = [row["patient"] for row in rows_of(self.cohort / "clinical.tsv")]

        def change(row):
            if row["patient"] == patients[0]:
                row["time"] = ""
            if row["patient"] == patients[1]:
                row["who_grade"] = "4"
            if row["patient"] == patients[2]:
                row["time"] = row["who_grade"] = ""
            return row["patient"] != patients[3]

        table = self.clinical("gaps.tsv", change)
        said = run(*self.arguments("gaps", "--validation", 0, "--loss", "time", clinical=table)).stderr
        self.assertIn("1 patients are left out: the clinical table does not name them", said)
        self.assertIn("1 patients are left out: neither WHO II or III nor a time is known", said)
        self.assertIn("1 patients of WHO IV train the survival alone", said)
        model = read_json(self.folder / "gaps" / "bundle" / "model.json")
        self.assertEqual(model["payload"]["training"]["patients"], PATIENTS - 2)
        self.assertIn("censored times count as deaths", model["card"]["network"])
        self.assertFalse((self.folder / "gaps" / "metrics.json").exists(), "nobody was held out")

    def test_bad_input_is_said(self):
        def alive(row):
            row["event"] = "0"

        said = run(*self.arguments("bad", clinical=self.clinical("alive.tsv", alive)), code=3).stderr
        self.assertIn("no patient died", said)

        def renamed(row):
            row["patient"] += "x"

        said = run(*self.arguments("bad", "--overwrite", clinical=self.clinical("others.tsv", renamed)), code=3).stderr
        self.assertIn("no patient of the cohort has an outcome", said)
        said = run(*self.arguments("bad", "--overwrite", clinical=self.folder / "absent.tsv"), code=3).stderr
        self.assertIn("absent.tsv", said)

    def test_imagenet_weights_are_of_one_width(self):
        file = self.folder / "empty.safetensors"
        header = json.dumps({}).encode().ljust(8)
        file.write_bytes(len(header).to_bytes(8, "little") + header)
        said = run(*self.arguments("wide", "--imagenet", file), code=2).stderr
        self.assertIn("published weights are of a ResNet18 of width 64", said)
        self.assertIn("the network has width 4", said)
        said = run(*self.arguments("wide", "--imagenet", file, "--overwrite", width=64), code=4).stderr
        self.assertIn("bn1.bias", said, "the first tensor that the file lacks")


if __name__ == "__main__":
    main()
