"""gliocast study run with outlines.by=trained: who fits the networks that outline and whom they outline, going on after
kills, parts of the patients, the paper's split, the frozen study, too few segmentations."""

import csv
import hashlib
import json
import os
import shutil
import signal
import subprocess
import time

from common import PROGRAM, FolderCase, main, read_json, run

PATIENTS, SECOND = 8, 2
SMALL = [
    "--preset", "demo", "--set", "outlines.by=trained", "--set", "outlines.raters=false", "--set", "grading.run=false",
    "--set", "signature.run=false", "--set", "radiomics=default", "--set", "criteria.untreated=false",
    "--set", "criteria.quality=false", "--set", "outlines.network.epochs=4", "--set",
    "outlines.network.steps_per_epoch=5", "--set", "outlines.network.batch=1",
]  # fmt: skip


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, delimiter="\t"))


def results_of(folder):
    """Checksums of what the networks are, say and outline; without the minutes of a training."""
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for top in ("stages/segmentation", "patients")
        for p in sorted((folder / top).rglob("*"))
        if p.is_file() and p.name != "curve.tsv"
    }


class StudyNetworks(FolderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        common = ["--spacing", "2", "--no-flair", "--no-raters", "--high-grade", "0.5", "--quiet", "--seed", "5"]
        run("simulate", "--patients", PATIENTS, "--out", cls.folder / "cohort", *common)
        run("simulate", "--patients", SECOND, "--first", "101", "--out", cls.folder / "cohort2", *common)
        next((cls.folder / "cohort" / "SIM-00008").glob("*_seg.nii.gz")).unlink()
        cls.study = cls.folder / "study"
        run(*cls.arguments(cls.study, "--threads", 2), code=None)  # small networks may find no tumour in somebody
        cls.audit = read_json(cls.study / "stages/segmentation/audit.json")

    @classmethod
    def arguments(cls, out, *more, verb="run"):
        return ["study", verb, cls.folder / "cohort", "--validation", cls.folder / "cohort2", "--out", out,
                *SMALL, *more]  # fmt: skip

    def begun(self, name):
        """A study's folder in which images were prepared, which takes the longest."""
        out = self.folder / name
        shutil.copytree(self.study / "stages/segmentation/cases", out / "stages/segmentation/cases")
        (out / "settings.yaml").write_text("")
        return out

    def test_nobody_is_outlined_by_what_he_fitted(self):
        everyone = {f"SIM-{i:05}" for i in (*range(1, PATIENTS + 1), 101, 102)}
        teachers = {id for id in everyone if id < "SIM-00008"}
        outlined = [id for n in self.audit["networks"] for id in n["outlined"]]
        self.assertEqual(sorted(outlined), sorted(everyone))
        for n in self.audit["networks"]:
            self.assertEqual(set(n["training"]) & set(n["outlined"]), set())
            self.assertLessEqual(set(n["training"]), teachers)
            bundle = read_json(self.study / "stages/segmentation" / n["network"] / "bundle/model.json")
            self.assertTrue(bundle["payload"]["demonstration"])
            self.assertEqual(bundle["payload"]["training"]["patients"], len(n["training"]))
        self.assertEqual(set(self.audit["networks"][-1]["training"]), teachers)
        dice = rows_of(self.study / "stages/segmentation/dice.tsv")
        self.assertEqual([row["patient"] for row in dice if row["role"] == "second cohort"], ["SIM-00101", "SIM-00102"])
        self.assertEqual({row["patient"] for row in dice}, teachers | {"SIM-00101", "SIM-00102"})
        self.assertTrue(all(0 <= float(row["dice"]) <= 1 and float(row["true_cm3"]) > 0 for row in dice))
        for row in rows_of(self.study / "audit.tsv"):
            self.assertEqual((row["result"], row["both"]), ("outlines", "0"))

    def test_the_report_says_how_they_were_trained(self):
        page = (self.study / "report.md").read_text(encoding="utf-8")
        self.assertIn("trained its networks that outline on the cohort's own segmentations", page)
        self.assertIn("dealt into 2 folds", page)
        summary = rows_of(self.study / "tables/dice_trained.tsv")
        self.assertEqual([row["Patients"] for row in summary], ["left out", "second cohort"])
        self.assertEqual([row["n"] for row in summary], ["7", "2"])
        dice = [
            float(r["dice"]) for r in rows_of(self.study / "stages/segmentation/dice.tsv") if r["role"] == "left out"
        ]
        self.assertAlmostEqual(float(summary[0]["Mean"]), sum(dice) / len(dice), delta=6e-4)
        how = {(r["Part"], r["Step"]): r["How"] for r in rows_of(self.study / "tables/methods.tsv")}
        self.assertIn("fitted in this study", how["Outlines", "Tumour"])
        self.assertIn("4 to 64 channels", how["Outlines", "Network"])
        self.assertNotIn("not known here", page)

    def test_killed_it_goes_on_to_the_same_whatever_the_threads(self):
        out = self.begun("killed")
        command = [str(PROGRAM), *map(str, self.arguments(out, "--networks-only", "--threads", 1))]
        for file, sign in (("network_0/curve.tsv", signal.SIGINT), ("network_1/begun.json", signal.SIGKILL)):
            process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            while not (out / "stages/segmentation" / file).exists() and process.poll() is None:
                time.sleep(0.01)
            self.assertIsNone(process.poll(), "the networks were trained before the run could be stopped")
            os.kill(process.pid, sign)
            process.wait()
            if sign == signal.SIGINT:
                self.assertTrue((out / "stages/segmentation/network_0/checkpoint.safetensors").exists())
        refused = run(*self.arguments(out, "--shard", "1/2"), code=2)
        self.assertIn("--networks-only", refused.stderr)
        run(*command[1:])
        self.assertFalse((out / "patients").exists())
        run(*self.arguments(out, "--shard", "1/4", "--threads", 1), code=None)
        ours, theirs = results_of(out), results_of(self.study)
        self.assertEqual(ours, {file: checksum for file, checksum in theirs.items() if file in ours})
        self.assertEqual([f for f in theirs if f not in ours and not f.startswith("patients/")], [])
        self.assertGreater(len([f for f in ours if f.startswith("patients/")]), 2)

    def test_the_papers_split_says_whom_it_flatters(self):
        out = self.begun("paper")
        run(*self.arguments(out, "--set", "grading.design=paper", "--networks-only"))
        audit = read_json(out / "stages/segmentation/audit.json")
        (network,) = audit["networks"]
        parts = [set(network[part]) for part in ("training", "validation", "tested")]
        self.assertEqual(sum(map(len, parts)), len(set.union(*parts)))
        self.assertEqual(len(set.union(*parts)), PATIENTS - 1 + SECOND)
        self.assertEqual(len(network["outlined"]), PATIENTS + SECOND)
        self.assertIn("are outlined by the network that learnt from their own segmentations", audit["leak"])
        curve = rows_of(out / "stages/segmentation/network_0/curve.tsv")
        best = min(curve, key=lambda row: float(row["validation_loss"]))
        self.assertEqual(network["best_epoch"], int(best["epoch"]))

    def test_too_few_segmentations_are_told_at_once(self):
        for more, said, code in (
            (("--set", "outlines.folds=5"), "5 folds of 2 or more patients, and 7 patients", 3),
            (("--set", "outlines.network.patch_zyx=[16,20,16]"), "multiples of 16", 2),
        ):
            out = self.folder / "refused"
            self.assertIn(said, run(*self.arguments(out, *more), code=code).stderr)
            self.assertFalse(out.exists())
        planned = {s["stage"]: s for s in json.loads(run(*self.arguments(out, "--json", verb="plan")).stdout)}
        self.assertEqual(planned["segmentation"]["amount"], "3 networks")

    def test_given_outlines_leave_no_trace_of_the_trained_ones(self):
        out = self.folder / "given"
        shutil.copytree(self.study, out)
        rows = (self.folder / "cohort/clinical.tsv").read_text().splitlines()
        (self.folder / "one.tsv").write_text("\n".join(rows[:2]) + "\n")
        run("study", "run", self.folder / "cohort", "--clinical", self.folder / "one.tsv", "--out", out, *SMALL,
            "--set", "outlines.by=experts", code=None)  # fmt: skip
        self.assertEqual(rows_of(out / "audit.tsv"), [])
        self.assertFalse((out / "stages/segmentation/audit.json").exists())
        self.assertTrue((out / "stages/segmentation/network_0/bundle").exists())


if __name__ == "__main__":
    main()
