"""Ctrl-C in every long verb that is no survival verb (test_examples.py has these): the program ends soon with exit code
130, leaves nothing half-written, and --resume completes the work."""

import filecmp
import gzip
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

import nibabel
import numpy as np
from common import PROGRAM, FolderCase, main, read_json, run, simulate
from make_dicom import write_series

# A stage is not cut off in its middle: the longest one of a patient, on a machine that does other work too.
SECONDS = 45


def takes_signals(pid, program):
    """Whether a process runs this program, and it has come as far as to handle SIGINT itself."""
    try:
        caught = re.search(r"SigCgt:\s*(\w+)", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1)
        return pathlib.Path(f"/proc/{pid}/exe").readlink().name == program and int(caught, 16) & 2 != 0
    except OSError:
        return False


class InterruptCase(FolderCase):
    @staticmethod
    def wait(process, until, seconds):
        deadline = time.monotonic() + seconds
        while process.poll() is None and time.monotonic() < deadline and not until():
            time.sleep(0.02)

    def interrupt(self, *arguments, when=lambda: False, after=120.0, within=SECONDS):
        """Starts gliocast, stops it by SIGINT as soon as `when` holds (at the latest `after` seconds later), and checks
        what every verb owes then."""
        command = [str(PROGRAM), *map(str, arguments)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.kill)
        program = "gliocast" if arguments[0] in ("radiomics", "grade") else "gliocast-imaging"
        self.wait(process, lambda: takes_signals(process.pid, program), 120)
        self.wait(process, when, after)
        self.assertIsNone(process.poll(), f"{command} was done before it could be stopped")
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=within)
        self.assertEqual(process.returncode, 130, said)
        self.assertEqual(out, "", "no result of a run that was stopped")
        self.assertIn("interrupted", said)

    def assert_whole(self, folder):
        """Nothing temporary, and every file can be read to its end."""
        for file in folder.rglob("*"):
            self.assertNotIn(".tmp", file.name)
            if file.suffix == ".json":
                read_json(file)
            elif file.suffix == ".gz":
                gzip.decompress(file.read_bytes())
            elif file.suffix in (".tsv", ".csv", ".html", ".nrrd"):
                self.assertGreater(file.stat().st_size, 0, file)


class Features(InterruptCase):
    """Radiomics: a batch of cases, maps of one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        f = cls.folder
        ball = (np.indices((60, 60, 60)) - 30).astype(float) ** 2
        image = np.random.default_rng(1).integers(0, 400, (60, 60, 60)).astype(np.int16)
        nibabel.save(nibabel.Nifti1Image(image, np.eye(4)), f / "image.nii.gz")
        nibabel.save(nibabel.Nifti1Image((ball.sum(0) < 26**2).astype(np.uint8), np.eye(4)), f / "mask.nii.gz")

    def test_a_batch_keeps_what_is_done_and_goes_on(self):
        f = self.folder
        rows = "".join(f"case{i},image.nii.gz,mask.nii.gz\n" for i in range(6))
        (f / "cases.csv").write_text("ID,Image,Mask\n" + rows, encoding="utf-8")
        verb = ["radiomics", "--batch", f / "cases.csv", "--preset", "all", "--jobs", 1]
        parts = f / "features.csv.cases"
        self.interrupt(*verb, "--out", f / "features.csv", when=lambda: any(parts.glob("*.json")))
        self.assertFalse((f / "features.csv").exists())
        self.assert_whole(f)
        self.assertLess(len(list(parts.glob("*.json"))), 6)
        run(*verb, "--out", f / "features.csv", "--resume", "-q")
        run(*verb, "--out", f / "at-once.csv", "-q")
        self.assertTrue(filecmp.cmp(f / "features.csv", f / "at-once.csv", shallow=False))

    def test_maps(self):
        out = self.folder / "maps"
        maps = [
            self.folder / "image.nii.gz",
            self.folder / "mask.nii.gz",
            "--voxel-based",
            "-s",
            "kernelRadius:3",
            "--threads",
            1,
        ]
        self.interrupt("radiomics", *maps, "--out", out, after=1, within=15)
        self.assertFalse(list(out.rglob("*")) if out.exists() else [])


class Grade(InterruptCase):
    """Chains of features: noise, on which a support vector machine takes long."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.table = cls.folder / "features.csv"
        values = np.random.default_rng(1).normal(size=(400, 200))
        header = ",".join(["id", "y", *(f"f{c}" for c in range(200))])
        rows = (f"p{r},{r % 2}," + ",".join(map(repr, row.tolist())) for r, row in enumerate(values))
        cls.table.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")

    def assert_stops(self, verb, *more):
        out = self.folder / verb
        start = ["grade", verb, self.table, "--label", "y", "--threads", 2, "--out", out, *more]
        self.interrupt(*start, after=3, within=15)
        self.assertFalse(out.exists(), "no folder without a result")

    def test_evaluate(self):
        self.assert_stops("evaluate", "--repeats", 20)

    def test_train(self):
        self.assert_stops("train")


class Series(InterruptCase):
    def test_a_large_folder(self):
        f = self.folder
        nibabel.save(nibabel.Nifti1Image(np.full((16, 16, 8), 7, np.int16), np.eye(4)), f / "image.nii.gz")
        write_series(f / "image.nii.gz", f / "large", "T1", 1, 12, 500)
        slices = sorted((f / "large").iterdir())
        for i in range(40000):
            os.link(slices[i % len(slices)], f / "large" / f"copy{i}.dcm")
        self.interrupt("series", f / "large", after=0.3, within=20)


class Patients(InterruptCase):
    """Simulation, preparation, prediction, training."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cohort, cls.few = cls.folder / "cohort", cls.folder / "few"
        simulate(6, cls.cohort)
        for name in ("SIM-00001", "SIM-00002", "SIM-00003"):
            shutil.copytree(cls.cohort / name, cls.few / name)

    def test_simulate(self):
        out = self.folder / "simulated"
        verb = [
            "simulate",
            "-n",
            3,
            "--spacing",
            2,
            "--seed",
            3,
            "--no-flair",
            "--no-raters",
            "--threads",
            1,
            "--out",
            out,
        ]
        self.interrupt(*verb, when=lambda: any(out.glob("SIM-*")))
        self.assert_whole(out)
        self.assertFalse((out / "clinical.tsv").exists(), "a table that lacks patients")
        run(*verb, "--overwrite", "-q")
        self.assertEqual(len((out / "clinical.tsv").read_text(encoding="utf-8").splitlines()), 4)
        images = [p.relative_to(self.few) for p in self.few.glob("*/*.nii.gz")]
        for name in images:
            self.assertTrue(filecmp.cmp(out / name, self.few / name, shallow=False), name)

    def assert_a_cohort_goes_on(self, verb, result):
        out = self.folder / verb
        command = [verb, self.few, "--out", out, "--jobs", 1]
        self.interrupt(*command, when=lambda: any(out.glob(f"sub-*/{result}")))
        self.assert_whole(out)
        done = {p: p.stat().st_mtime_ns for p in out.glob(f"sub-*/{result}")}
        self.assertGreaterEqual(len(done), 1)
        self.assertLess(len(done), 3)
        self.assertFalse((out / "failures.tsv").exists(), "who was not done has not failed")
        run(*command, "--resume", "-q")
        self.assertEqual(len(list(out.glob(f"sub-*/{result}"))), 3)
        self.assertEqual(done, {p: p.stat().st_mtime_ns for p in done}, "what was done is not done again")
        self.assert_whole(out)

    def test_preprocess(self):
        self.assert_a_cohort_goes_on("preprocess", "preprocessing.json")

    def test_predict(self):
        self.assert_a_cohort_goes_on("predict", "prediction.json")

    def test_a_raw_patient_is_stopped_within(self):
        f = self.folder
        run("simulate", "-n", 1, "--seed", 5, "--form", "raw", "--no-raters", "--out", f / "raw", "-q")
        self.interrupt("predict", f / "raw" / "SIM-00001", "--out", f / "raw-out", "--threads", 1, after=3)
        self.assertFalse(list((f / "raw-out").glob("sub-*/*.json")))
        self.assert_whole(f / "raw-out")

    def train(self, what, *more):
        network = ["--widths", 4, 8, 8] if what == "segmentation" else ["--base-width", 4]
        return ["train", what, self.cohort, *network, "--steps-per-epoch", 3, *more]

    def test_training_prepares_its_patients(self):
        f = self.folder
        cache = f / "cache-new"
        verb = self.train("segmentation", "--epochs", 1, "--cache", cache, "--out", f / "prepared", "--threads", 1)
        self.interrupt(*verb, when=lambda: cache.exists() and any(cache.rglob("*.safetensors")))
        self.assert_whole(cache)
        self.assert_whole(f / "prepared")
        self.assertFalse((f / "prepared" / "bundle").exists())
        run(*verb, "--resume", "-q")
        self.assertTrue((f / "prepared" / "bundle" / "model.json").exists())

    def test_grading(self):
        f = self.folder
        out, cache = f / "grading", ["--cache", f / "cache"]
        verb = self.train("grading", "--folds", 2, *cache, "--out", out)
        self.interrupt(*verb, "--epochs", 500, when=(out / "fold0" / "curve.tsv").exists)
        self.assert_whole(out)
        self.assertFalse((out / "fold1").exists(), "no fold after the one that was cut short")
        self.assertFalse((out / "bundle").exists(), "no model of a cross-validation that was not done")
        epochs = len((out / "fold0" / "curve.tsv").read_text(encoding="utf-8").splitlines())
        run(*verb, "--epochs", epochs, "--resume", "-q")
        self.assertTrue((out / "bundle" / "model.json").exists())


if __name__ == "__main__":
    main()
