#!/usr/bin/env python3
"""A user's own outlines of brain and tumour, taken in place of gliocast's. Usage: test_masks.py BUILD SOURCE"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import common
import jsonschema
import nibabel as nib
import numpy as np
from common import SOURCE, FolderCase, read_json, run


def save(values, affine, path):
    nib.save(nib.Nifti1Image(np.asarray(values, np.uint8), affine), path)
    return path


class GivenMasks(FolderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        run("simulate", "--out", cls.folder / "sim", "-n", 1, "--seed", 21, "--centres", 1, "--no-raters", "-q")
        case = cls.folder / "sim" / "SIM-00001"
        cls.images = {
            key: case / f"SIM-00001_{name}.nii.gz" for key, name in (("t1", "t1"), ("t1gd", "t1ce"), ("t2", "t2"))
        }
        cls.sequences = [text for key, path in cls.images.items() for text in (f"--{key}", path)]
        cls.seg = case / "SIM-00001_seg.nii.gz"
        seg = nib.load(cls.seg)
        cls.labels, cls.affine = np.asarray(seg.dataobj), seg.affine
        cls.core = np.isin(cls.labels, [1, 4])
        cls.run_with("core", "--tumour-mask", f"{cls.seg}:1,4")
        cls.result = read_json(cls.folder / "core/sub-01/prediction.json")

    @classmethod
    def run_with(cls, name, *more, verb="predict", code=0):
        return run(verb, *cls.sequences, *more, "--out", cls.folder / name, code=code)

    def test_the_given_tumour_is_the_one_that_is_measured(self):
        self.assertGreater(self.core.sum(), 500)
        tumour = self.result["tumour"]
        self.assertEqual(tumour["outlined_by"], "user")
        self.assertAlmostEqual(tumour["volume_cm3"], self.core.sum() / 1000, places=6)
        written = nib.load(self.folder / "core/sub-01/anat/sub-01_space-orig_label-tumor_mask.nii.gz")
        np.testing.assert_array_equal(np.asarray(written.dataobj) > 0, self.core)
        volume = next(f["value"] for f in self.result["radiomics"]["shape"] if f["name"] == "VoxelVolume")
        self.assertAlmostEqual(volume, self.core.sum(), places=3)
        self.assertEqual(
            [m["name"] for m in self.result["models"]], ["grading-default"], "the outlining network is not run"
        )
        self.assertGreater(len(self.result["deep_features"]), 0)

    def test_it_is_said_in_json_and_report(self):
        jsonschema.validate(self.result, read_json(SOURCE / "docs" / "prediction.schema.json"))
        self.assertEqual(self.result["tumour_mask"]["labels"], "labels 1, 4")
        self.assertEqual(self.result["tumour_mask"]["sequence"], "t1gd")
        page = (self.folder / "core/sub-01/report.html").read_text(encoding="utf-8")
        self.assertIn("The outline of the tumour was given by the user (labels 1, 4, on the grid of T1-Gd)", page)
        self.assertIn(self.result["tumour_mask"]["sha256"], page)
        self.assertNotIn("SIM-00001", page)

    def test_axes_may_run_otherwise(self):
        flipped = nib.as_closest_canonical(nib.load(self.seg))
        turned = nib.Nifti1Image(np.asarray(flipped.dataobj)[::-1].transpose(1, 2, 0).astype(np.uint8), None)
        matrix = flipped.affine @ np.array(
            [[-1, 0, 0, flipped.shape[0] - 1], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]]
        )
        turned = nib.Nifti1Image(np.asarray(turned.dataobj), matrix[:, [1, 2, 0, 3]])
        nib.save(turned, self.folder / "turned.nii.gz")
        self.run_with("turned", "--tumour-mask", f"{self.folder / 'turned.nii.gz'}:1,4")
        again = read_json(self.folder / "turned/sub-01/prediction.json")
        self.assertEqual(again["tumour"], self.result["tumour"])
        self.assertEqual(again["grade"], self.result["grade"])

    def test_another_mask_is_another_result(self):
        with_resume = ["--resume"]
        self.run_with("again", "--tumour-mask", f"{self.seg}:4")
        first = read_json(self.folder / "again/sub-01/prediction.json")
        self.run_with("again", "--tumour-mask", f"{self.seg}", *with_resume)
        second = read_json(self.folder / "again/sub-01/prediction.json")
        self.assertAlmostEqual(second["tumour"]["volume_cm3"], (self.labels > 0).sum() / 1000, places=6)
        self.assertNotEqual(first["run_key"], second["run_key"])

    def test_what_is_refused(self):
        smaller = save(self.core[:-1], self.affine, self.folder / "smaller.nii.gz")
        refused = self.run_with("refused", "--tumour-mask", smaller, code=3).stderr
        for text in ("grid of no sequence", "T1-Gd: size", "T2: size", "resample it"):
            self.assertIn(text, refused)
        self.assertIn(
            "no voxel of a wanted label; it holds 1, 2, 4",
            self.run_with("refused", "--tumour-mask", f"{self.seg}:9", code=3).stderr,
        )
        self.assertIn("labels are needed", self.run_with("refused", "--tumour-mask", f"{self.seg}:one", code=2).stderr)
        self.run_with("refused", "--tumour-mask", self.folder / "absent.nii.gz", code=3)
        outside = np.zeros_like(self.core)
        outside[:3, :3, :3] = True
        corner = save(outside, self.affine, self.folder / "corner.nii.gz")
        self.assertIn("outside the brain", self.run_with("refused", "--tumour-mask", corner, code=3).stderr)
        self.assertEqual({p.name for p in (self.folder / "refused").iterdir()}, {"log.jsonl", "failures.tsv"})

    def test_a_label_that_is_not_there_is_told(self):
        said = self.run_with("absent", "--tumour-mask", f"{self.seg}:4,7@t1gd").stderr
        self.assertIn("the tumour mask has no label 7; it holds 1, 2, 4", said.lower())

    def test_masks_of_several_come_in_a_manifest(self):
        half = self.core.copy()
        half[: self.core.shape[0] // 2] = False
        save(half if half.any() else self.core, self.affine, self.folder / "half.nii.gz")
        table = self.folder / "cohort.tsv"
        images = "\t".join(str(self.images[k]) for k in ("t1", "t1gd", "t2"))
        table.write_text(
            f"id\tt1\tt1gd\tt2\ttumour_mask\nA\t{images}\t{self.seg}:1,4\nB\t{images}\tn/a\n", encoding="utf-8"
        )
        run("predict", table, "--out", self.folder / "manifest", "--jobs", 1, "-q")
        of = {s: read_json(self.folder / f"manifest/sub-{s}/prediction.json") for s in "AB"}
        self.assertEqual(of["A"]["tumour"], self.result["tumour"])
        self.assertEqual(of["B"]["tumour"]["outlined_by"], "network")
        american = self.folder / "american.tsv"
        american.write_text(f"id\tt1\tt1gd\tt2\ttumor_mask\tnotes\nA\t{images}\t{self.seg}:1,4\tx\n", encoding="utf-8")
        said = run("predict", american, "--out", self.folder / "american").stderr
        self.assertIn("columns that are not used: notes", said)
        self.assertEqual(read_json(self.folder / "american/sub-A/prediction.json")["tumour"], self.result["tumour"])
        wrong = run("predict", table, "--tumour-mask", self.seg, "--out", self.folder / "wrong", code=2)
        self.assertIn("tumour_mask", wrong.stderr)

    def test_the_given_brain_is_the_brain(self):
        brain = np.asarray(nib.load(self.images["t1"]).dataobj) != 0
        brain[:, :, : brain.shape[2] // 3] = False
        mask = save(brain, self.affine, self.folder / "upper.nii.gz")
        self.run_with("upper", "--brain-mask", mask, verb="preprocess")
        written = nib.load(self.folder / "upper/sub-01/anat/sub-01_space-orig_label-brain_mask.nii.gz")
        np.testing.assert_array_equal(np.asarray(written.dataobj) > 0, brain)
        result = read_json(self.folder / "upper/sub-01/preprocessing.json")
        self.assertAlmostEqual(result["quality"]["brain_volume_cm3"], brain.sum() / 1000, places=6)
        self.assertEqual(result["brain_mask"]["sequence"], "t1gd")
        self.assertIn(
            "The outline of the brain was given by the user",
            (self.folder / "upper/sub-01/preprocessing.html").read_text(encoding="utf-8"),
        )


class Moved(FolderCase):
    def test_one_grid_for_two_sequences_that_had_moved(self):
        """The head moved between T1 and T1-Gd, which have one grid all the same: only the user knows on which he
        drew."""
        f = self.folder
        one = ["-n", 1, "--centres", 1, "--no-flair", "--no-raters", "-q"]
        run("simulate", "--form", "raw", "--out", f / "sim", "--seed", 23, *one)
        t1 = nib.load(f / "sim/SIM-00001/SIM-00001_t1.nii.gz")
        shifted = np.roll(np.asarray(t1.dataobj), 6, axis=0)
        nib.save(nib.Nifti1Image(shifted, t1.affine), f / "moved.nii.gz")
        images = ["--t1gd", f / "sim/SIM-00001/SIM-00001_t1.nii.gz", "--t1", f / "moved.nii.gz"]
        run("preprocess", *images, "--out", f / "found", "-q")
        mask = f / "found/sub-01/anat/sub-01_space-orig_label-brain_mask.nii.gz"
        refused = run("preprocess", *images, "--brain-mask", mask, "--out", f / "refused", code=3).stderr
        for text in ("grid of T1-Gd and of T1 alike", "moved against each other", "@t1"):
            self.assertIn(text, refused)
        run("preprocess", *images, "--brain-mask", f"{mask}@t1gd", "--out", f / "said", "-q")
        self.assertEqual(read_json(f / "said/sub-01/preprocessing.json")["brain_mask"]["sequence"], "t1gd")


class RawBrain(FolderCase):
    def test_a_raw_head_with_the_users_brain_needs_no_atlas(self):
        f = self.folder
        one = ["-n", 1, "--centres", 1, "--no-flair", "--no-raters", "-q"]
        run("simulate", "--form", "raw", "--out", f / "sim", "--seed", 22, *one)
        images = [
            text
            for key, name in (("t1", "t1"), ("t2", "t2"))
            for text in (f"--{key}", f / f"sim/SIM-00001/SIM-00001_{name}.nii.gz")
        ]
        run("preprocess", *images, "--out", f / "found", "-q")
        found = f / "found/sub-01/anat/sub-01_space-T2wOrig_label-brain_mask.nii.gz"
        run("preprocess", *images, "--brain-mask", found, "--atlas", f / "no-atlas", "--out", f / "given", "-q")
        result = read_json(f / "given/sub-01/preprocessing.json")
        self.assertEqual(result["brain_mask"]["sequence"], "t2")
        self.assertIn("alignment", result)
        own = nib.load(f / "given/sub-01/anat/sub-01_space-T2wOrig_label-brain_mask.nii.gz")
        np.testing.assert_array_equal(np.asarray(own.dataobj), np.asarray(nib.load(found).dataobj))
        a, b = (
            np.asarray(nib.load(f / w / "sub-01/anat/sub-01_space-orig_label-brain_mask.nii.gz").dataobj) > 0
            for w in ("found", "given")
        )
        self.assertGreater(2 * (a & b).sum() / (a.sum() + b.sum()), 0.97)


if __name__ == "__main__":
    common.main()
