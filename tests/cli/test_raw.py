#!/usr/bin/env python3
"""Raw input: a simulated patient with the skull, as NIfTI and as DICOM; what reaches the outputs; broken series.
Usage: test_raw.py BUILD SOURCE"""

import csv
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import common
import nibabel as nib
import numpy as np
from common import FolderCase, read_json, run
from make_dicom import write_multiframe, write_series

MARKER = "ZZMARKER"


def dice(a, b):
    return 2 * np.sum(a & b) / (np.sum(a) + np.sum(b))


def load(path):
    return nib.load(path)


class RawPatient(FolderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        run(
            "simulate",
            "--form",
            "raw",
            "--out",
            cls.folder / "sim",
            "-n",
            1,
            "--seed",
            12,
            "--centres",
            1,
            "--no-raters",
            "-q",
        )
        case = cls.folder / "sim" / "SIM-00001"
        cls.images = {
            key: case / f"SIM-00001_{name}.nii.gz"
            for key, name in (("t1", "t1"), ("t1gd", "t1ce"), ("t2", "t2"), ("flair", "flair"))
        }
        cls.brain = case / "SIM-00001_brain.nii.gz"
        cls.truth = read_json(cls.folder / "sim" / "truth" / "SIM-00001.json")["movements"]
        cls.dicom = cls.folder / MARKER
        study = write_series(cls.images["t1"], cls.dicom / "A", "AX T1 SE", 3, 12, 500)
        write_series(cls.images["t1gd"], cls.dicom / "A", "AX T1 SE POST GD", 8, 12, 500, agent="Gd", study=study)
        write_series(cls.images["t2"], cls.dicom / "B", "AX T2 FSE", 4, 100, 4000, study=study)
        write_series(cls.images["t1"], cls.dicom / "B", "3-plane localizer", 1, 5, 20, study=study, skip=range(3, 999))
        (cls.dicom / "B" / "notes.txt").write_text("no image", encoding="utf-8")
        (cls.dicom / "B" / "broken.dcm").write_bytes(bytes(128) + b"DICM" + b"\x7f" * 300)
        run(
            "predict",
            "--t1",
            cls.images["t1"],
            "--t1gd",
            cls.images["t1gd"],
            "--t2",
            cls.images["t2"],
            "--out",
            cls.folder / "nifti",
            "-q",
        )
        cls.log = run("predict", cls.dicom, "--out", cls.folder / "dicom")

    def out(self, which, name):
        return self.folder / which / "sub-01" / name

    def test_brain_is_the_simulated_one(self):
        found = load(self.out("nifti", "anat/sub-01_space-orig_label-brain_mask.nii.gz"))
        head = load(self.brain)
        matrix = np.array(self.truth["t1gd"]["sequence_to_head_lps_mm"])
        flip = np.diag([-1.0, -1.0, 1.0, 1.0])
        to_head = np.linalg.inv(head.affine) @ flip @ np.vstack([matrix, [0, 0, 0, 1]]) @ flip @ found.affine
        index = (
            np.stack(np.meshgrid(*[np.arange(n) for n in found.shape], indexing="ij"), -1) @ to_head[:3, :3].T
            + to_head[:3, 3]
        )
        nearest = np.rint(index).astype(int)
        inside = np.all((nearest >= 0) & (nearest < head.shape), axis=-1)
        truth = np.zeros(found.shape, bool)
        values = np.asarray(head.dataobj) > 0
        truth[inside] = values[tuple(nearest[inside].T)]
        self.assertGreater(dice(np.asarray(found.dataobj) > 0, truth), 0.90)

    def test_movements_are_found(self):
        json = read_json(self.out("nifti", "prediction.json"))["alignment"]
        flip = np.diag([-1.0, -1.0, 1.0, 1.0])

        def to_head(key):
            return np.vstack([np.array(self.truth[key]["sequence_to_head_lps_mm"]), [0, 0, 0, 1]])

        for key in ("t1", "t2"):
            found = flip @ np.array(json[key]["reference_to_sequence_ras_mm"]).reshape(4, 4) @ flip
            expected = np.linalg.inv(to_head(key)) @ to_head("t1gd")
            corners = np.array([[x, y, z, 1] for x in (30, 150) for y in (-180, -40) for z in (20, 140)]).T
            self.assertLess(np.sqrt(np.mean(np.sum((found @ corners - expected @ corners) ** 2, axis=0))), 2.0, key)

    def test_dicom_gives_the_same_tumour_and_brain(self):
        for what in ("brain", "tumor"):
            a, b = (load(self.out(w, f"anat/sub-01_space-work_label-{what}_mask.nii.gz")) for w in ("nifti", "dicom"))
            self.assertEqual(a.shape, b.shape)
            self.assertGreaterEqual(dice(np.asarray(a.dataobj) > 0, np.asarray(b.dataobj) > 0), 0.99, what)

    def test_no_identity_in_any_byte(self):
        for text in (self.log.stdout, self.log.stderr):
            for secret in ("19510203", "20210405", "070Y"):
                self.assertNotIn(secret, text)
        files = [f for f in (self.folder / "dicom").rglob("*") if f.is_file()]
        self.assertGreater(len(files), 10)
        for file in files:
            data = file.read_bytes()
            if file.suffix == ".gz":
                import gzip

                data += gzip.decompress(data)
            for secret in (MARKER.encode(), b"19510203", b"20210405", b"070Y"):
                self.assertNotIn(secret, data, str(file))

    def test_acquisition_table(self):
        with open(self.out("dicom", "acquisition.tsv"), encoding="utf-8") as f:
            rows = {r["sequence"]: r for r in csv.DictReader(f, delimiter="\t")}
        self.assertEqual(rows["t2"]["te_ms"], "100")
        self.assertEqual(rows["t1gd"]["contrast_agent"], "yes")
        self.assertEqual(rows["t1"]["manufacturer"], "other")

    def test_outputs_of_raw_input(self):
        for name in (
            "xfm/sub-01_from-T2wOrig_to-work_mode-image_xfm.txt",
            "xfm/sub-01_from-MNI_to-work_mode-image_xfm.json",
            "anat/sub-01_space-T2wOrig_label-brain_mask.nii.gz",
            "anat/sub-01_space-T2wOrig_label-tumor_mask.nii.gz",
        ):
            self.assertTrue(self.out("nifti", name).exists(), name)
        own = load(self.out("nifti", "anat/sub-01_space-T2wOrig_label-brain_mask.nii.gz"))
        np.testing.assert_allclose(own.affine, load(self.images["t2"]).affine, atol=1e-3)
        html = self.out("nifti", "report.html").read_text(encoding="utf-8")
        for text in ("Brain outline", "Alignment", "Bias field", "Turned by"):
            self.assertIn(text, html)

    def test_resume_does_nothing_twice(self):
        before = self.out("dicom", "prediction.json").stat().st_mtime_ns
        run("predict", self.dicom, "--out", self.folder / "dicom", "--resume", "-q")
        self.assertEqual(before, self.out("dicom", "prediction.json").stat().st_mtime_ns)

    def test_series_by_number(self):
        result = run("preprocess", self.dicom, "--t1", 99, "--out", self.folder / "number", code=2)
        self.assertIn("no series number 99", result.stderr)

    def test_series_are_taken_by_number_where_they_are_named(self):
        run("preprocess", self.dicom, "--t1", 8, "--t1gd", 3, "--out", self.folder / "named", "-q")
        with open(self.folder / "named/sub-01/acquisition.tsv", encoding="utf-8") as f:
            numbers = {r["sequence"]: r["series_number"] for r in csv.DictReader(f, delimiter="\t")}
        self.assertEqual(numbers, {"t1": "8", "t1gd": "3", "t2": "4"})

    def test_a_sequence_may_be_a_file_or_the_folder_of_a_series(self):
        run("preprocess", "--t1", self.images["t1"], "--t2", self.dicom / "B", "--out", self.folder / "mixed", "-q")
        with open(self.folder / "mixed/sub-01/acquisition.tsv", encoding="utf-8") as f:
            numbers = {r["sequence"]: r["series_number"] for r in csv.DictReader(f, delimiter="\t")}
        self.assertEqual(numbers, {"t2": "4"})
        self.assertEqual(set(read_json(self.folder / "mixed/sub-01/preprocessing.json")["alignment"]), {"t1", "t2"})

    def test_report_says_which_series_and_why(self):
        html = self.out("dicom", "report.html").read_text(encoding="utf-8")
        for text in (
            "T1: series 3 (",
            "T1-Gd: series 8 (",
            "T2: series 4 (",
            "because",
            "series 1 (3 slices) passed over",
        ):
            self.assertIn(text, html)

    def test_two_patients_in_one_folder(self):
        folder = self.folder / "two"
        write_series(self.images["t1"], folder, "T1", 1, 12, 500, patient="1")
        write_series(self.images["t2"], folder, "T2", 2, 100, 4000, patient="2")
        result = run("preprocess", folder, "--out", self.folder / "two-out", code=3)
        self.assertIn("2 patients", result.stderr)
        self.assertNotIn(MARKER, result.stderr.replace(str(folder), ""))

    def test_two_studies_are_never_mixed(self):
        folder = self.folder / "studies"
        write_series(self.images["t1"], folder / "before", "T1", 1, 12, 500)
        write_series(self.images["t2"], folder / "after", "T2", 2, 100, 4000)
        result = run("preprocess", folder, "--out", self.folder / "studies-out", code=3)
        self.assertIn("2 studies", result.stderr)
        self.assertFalse((self.folder / "studies-out" / "sub-01").exists())

    def test_missing_slices_are_refused(self):
        folder = self.folder / "gaps"
        n = load(self.images["t1"]).shape[2]
        study = write_series(self.images["t1"], folder, "T1", 1, 12, 500, skip=range(4, 4 + max(3, n // 5)))
        write_series(self.images["t2"], folder, "T2", 2, 100, 4000, study=study)
        result = run("preprocess", folder, "--out", self.folder / "gaps-out", code=3)
        self.assertIn("missing", result.stderr)
        self.assertFalse((self.folder / "gaps-out" / "sub-01" / "preprocessing.json").exists())

    def test_t1_given_twice(self):
        result = run(
            "predict",
            "--t1",
            self.images["t1"],
            "--t1gd",
            self.images["t1"],
            "--t2",
            self.images["t2"],
            "--out",
            self.folder / "twice",
            code=3,
        )
        self.assertIn("the same image", result.stderr)

    def test_a_gap_is_filled_and_told_and_flair_joins(self):
        study = write_series(self.images["t1"], self.folder / "gap", "T1 SE", 1, 12, 500, skip=[9], repeat=[3])
        write_series(self.images["t2"], self.folder / "gap", "T2", 2, 100, 4000, study=study)
        write_series(self.images["flair"], self.folder / "gap", "FLAIR", 5, 120, 9000, ti=2200, study=study)
        run("preprocess", self.folder / "gap", "--out", self.folder / "gap-out", "-q")
        json = read_json(self.folder / "gap-out" / "sub-01" / "preprocessing.json")
        warnings = " ".join(json["warnings"])
        self.assertIn("interpolated", warnings)
        self.assertIn("first of each place", warnings)
        self.assertEqual(set(json["alignment"]), {"t1", "t2", "flair"})
        page = (self.folder / "gap-out" / "sub-01" / "preprocessing.html").read_text(encoding="utf-8")
        for text in ("checkerboard with FLAIR", "bias field of FLAIR"):
            self.assertIn(text, page)
        images = sorted((self.folder / "gap-out" / "sub-01" / "anat").glob("*_space-work_desc-preproc_*.nii.gz"))
        self.assertEqual(len(images), 3)
        brain = load(self.folder / "gap-out" / "sub-01" / "anat" / "sub-01_space-work_label-brain_mask.nii.gz")
        for image in map(load, images):  # aligned, stripped, on one grid
            self.assertEqual(image.shape, brain.shape)
            np.testing.assert_allclose(image.affine, brain.affine)
            self.assertFalse(np.any(np.asarray(image.dataobj)[np.asarray(brain.dataobj) == 0]))
        self.assertFalse((self.folder / "gap-out" / "sub-01" / "prediction.json").exists())


class Preprocess(FolderCase):
    def test_one_file_with_all_slices_is_the_same_as_a_file_each(self):
        run(
            "simulate",
            "--form",
            "raw",
            "--out",
            self.folder / "sim-frames",
            "-n",
            1,
            "--seed",
            14,
            "--centres",
            1,
            "--no-flair",
            "--no-raters",
            "-q",
        )
        case = self.folder / "sim-frames" / "SIM-00001"
        t1, t2 = case / "SIM-00001_t1.nii.gz", case / "SIM-00001_t2.nii.gz"
        study = write_series(t1, self.folder / "slices", "T1 SE", 1, 12, 500)
        write_series(t2, self.folder / "slices", "T2", 2, 100, 4000, study=study)
        frames = self.folder / "frames"
        study = write_multiframe(t1, frames / "a", "T1 SE", 1, 12, 500)
        write_multiframe(t2, frames / "b", "T2", 2, 100, 4000, backwards=True, study=study)
        brains = []
        for form in ("slices", "frames"):
            run("preprocess", self.folder / form, "--out", self.folder / f"out-{form}", "-q")
            brains.append(
                load(self.folder / f"out-{form}" / "sub-01" / "anat" / "sub-01_space-work_label-brain_mask.nii.gz")
            )
        np.testing.assert_allclose(brains[0].affine, brains[1].affine, atol=1e-4)
        self.assertGreater(dice(np.asarray(brains[0].dataobj) > 0, np.asarray(brains[1].dataobj) > 0), 0.999)


class PartsOfTheHead(FolderCase):
    """Images that show a part of the head, one sequence alone, sequences of no use."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        sim = cls.folder / "sim"
        run("simulate", "--form", "raw", "--out", sim, "-n", 1, "--seed", 15, "--centres", 1, "--no-raters", "-q")
        names = {"t1": "t1", "t1gd": "t1ce", "t2": "t2", "flair": "flair"}
        cls.images = {key: sim / "SIM-00001" / f"SIM-00001_{name}.nii.gz" for key, name in names.items()}

    def cut(self, key, name, slices):
        image = load(self.images[key]).slicer[:, :, slices]
        nib.save(image, self.folder / f"{name}.nii.gz")
        return self.folder / f"{name}.nii.gz"

    def json(self, out, name="preprocessing.json"):
        return read_json(self.folder / out / "sub-01" / name)

    def mask(self, out, what, space):
        return load(self.folder / out / "sub-01" / "anat" / f"sub-01_space-{space}_label-{what}_mask.nii.gz")

    def beyond(self, mask, image):
        """Furthest that a voxel's centre of the mask lies beyond the image's voxels, in its voxels."""
        places = np.argwhere(np.asarray(mask.dataobj) > 0) @ mask.affine[:3, :3].T + mask.affine[:3, 3]
        back = np.linalg.inv(image.affine)
        at = places @ back[:3, :3].T + back[:3, 3]
        return max((-0.5 - at).max(), (at - np.array(image.shape) + 0.5).max()) if len(at) else -1

    def test_a_patient_cut_below_the_vertex_and_a_t2_of_the_upper_part(self):
        n = load(self.images["t1gd"]).shape[2]
        n2 = load(self.images["t2"]).shape[2]
        gd = self.cut("t1gd", "gd-cut", slice(0, n * 7 // 10))
        t2 = self.cut("t2", "t2-cut", slice(n2 * 4 // 10, None))
        run("predict", "--t1", self.images["t1"], "--t1gd", gd, "--t2", t2, "--out", self.folder / "cut", "-q")
        images = [f"--{key}={self.images[key]}" for key in ("t1", "t1gd", "t2")]
        run("preprocess", *images, "--out", self.folder / "whole", "-q")
        found, whole = self.json("cut", "prediction.json"), self.json("whole")
        for what in ("brain", "tumor"):
            for space in ("work", "orig"):
                self.assertLessEqual(self.beyond(self.mask("cut", what, space), load(gd)), 0, (what, space))
            self.assertLessEqual(self.beyond(self.mask("cut", what, "T2wOrig"), load(t2)), 0)
        brain = np.asarray(self.mask("cut", "brain", "orig").dataobj) > 0
        same = (np.asarray(self.mask("whole", "brain", "orig").dataobj) > 0)[:, :, : brain.shape[2]]
        self.assertGreater(dice(brain, same), 0.93)
        told = found["quality"]["brain_covered"]
        self.assertLess(told, 0.95)
        volume = found["quality"]["brain_volume_cm3"]
        self.assertAlmostEqual(told, volume / whole["quality"]["brain_volume_cm3"], delta=0.06)
        self.assertIn("% of the brain lies within the T1-Gd image", " ".join(found["warnings"]))
        self.assertTrue(any(w.startswith("T2: covers only") or ", T2: covers only" in w for w in found["warnings"]))
        corners = np.array([[x, y, z, 1] for x in (30, 150) for y in (-180, -40) for z in (60, 120)]).T
        maps = [np.array(j["alignment"]["t2"]["reference_to_sequence_ras_mm"]).reshape(4, 4) for j in (found, whole)]
        self.assertLess(np.sqrt(np.mean(np.sum(((maps[0] - maps[1]) @ corners)[:3] ** 2, axis=0))), 3)

    def test_a_t2_of_half_the_head_counts_where_it_was_imaged(self):
        f = self.folder / "half"
        run("simulate", "--out", f / "sim", "-n", 1, "--seed", 21, "--centres", 1, "--no-raters", "-q")
        paths = {
            k: f / f"sim/SIM-00001/SIM-00001_{n}.nii.gz" for k, n in (("t1", "t1"), ("t1gd", "t1ce"), ("t2", "t2"))
        }
        whole = load(paths["t2"])
        tumour = np.argwhere(np.isin(np.asarray(load(f / "sim/SIM-00001/SIM-00001_seg.nii.gz").dataobj), [1, 2, 4]))
        end = int(np.median(tumour[:, 2]))
        values = np.asarray(whole.dataobj).copy()
        values[:, :, end:] = 0
        nib.save(nib.Nifti1Image(values, whole.affine), f / "lower.nii.gz")
        common = ["predict", "--t1", paths["t1"], "--t1gd", paths["t1gd"], "--preprocessed", "yes", "-q"]
        run(*common, "--out", f / "none")
        run(*common, "--t2", f / "lower.nii.gz", "--out", f / "lower")
        outlines = {
            w: np.asarray(load(f / w / "sub-01/anat/sub-01_space-orig_label-tumor_mask.nii.gz").dataobj) > 0
            for w in ("none", "lower")
        }
        beyond = {
            w: o[:, :, end + 6 :] for w, o in outlines.items()
        }  # the network's grid is 2 mm, its border is shared
        self.assertGreater(beyond["none"].sum(), 200)
        self.assertGreater(dice(beyond["none"], beyond["lower"]), 0.95)
        warnings = " ".join(read_json(f / "lower/sub-01/prediction.json")["warnings"])
        self.assertRegex(warnings, r"\d+ % of the outline lie where T2 was not imaged")
        self.assertIn(
            "T2 is missing: outline and grade were made without it",
            " ".join(read_json(f / "none/sub-01/prediction.json")["warnings"]),
        )

    def test_thick_slices_are_told_and_no_grade_is_stated(self):
        image = load(self.images["t2"])
        axis = int(np.argmax(image.header.get_zooms()))
        factor = int(np.ceil(6 / image.header.get_zooms()[axis]))
        voxels = np.moveaxis(np.asarray(image.dataobj).astype(np.float32), axis, -1)
        n = voxels.shape[-1] // factor
        voxels = voxels[..., : n * factor].reshape(*voxels.shape[:2], n, factor).mean(axis=3)
        affine = image.affine.copy()
        affine[:3, 3] += affine[:3, axis] * (factor - 1) / 2
        affine[:3, axis] *= factor
        nib.save(nib.Nifti1Image(np.moveaxis(voxels, -1, axis), affine), self.folder / "t2-thick.nii.gz")
        thickest = f"{factor * image.header.get_zooms()[axis]:.1f} mm"
        images = [f"--{key}={self.images[key]}" for key in ("t1", "t1gd")]
        run("predict", *images, "--t2", self.folder / "t2-thick.nii.gz", "--out", self.folder / "thick", "-q")
        found = self.json("thick", "prediction.json")
        self.assertTrue([w for w in found["warnings"] if w.startswith("T2") and f"slices are {thickest} thick" in w])
        self.assertEqual(found["grade"]["status"], "no reliable estimate")
        self.assertIsNone(found["grade"]["probability"])
        self.assertIn(f"slices of {thickest}", found["grade"]["reason"])
        page = (self.folder / "thick/sub-01/report.html").read_text(encoding="utf-8")
        self.assertIn(f"slices of {thickest}", page)

    def test_three_litres_are_no_brain_whatever_is_said(self):
        images = [f"--{key}={self.images[key]}" for key in ("t1", "t2")]
        refused = run("preprocess", *images, "--preprocessed", "yes", "--out", self.folder / "said", code=3).stderr
        self.assertIn("more than a brain", refused)

    def test_one_sequence_is_prepared_and_the_networks_ask_for_two(self):
        run("preprocess", "--flair", self.images["flair"], "--out", self.folder / "one", "-q")
        self.assertEqual(self.json("one")["reference"], "flair")
        for key, more in (("flair", []), ("t2", ["--flair", self.images["flair"]])):
            result = run("predict", f"--{key}", self.images[key], *more, "--out", self.folder / f"none-{key}", code=3)
            self.assertIn("two of T1, T1-Gd and T2 are needed, missing: T1, T1-Gd", result.stderr)

    def test_three_without_t2(self):
        arguments = [f"--{key}={self.images[key]}" for key in ("t1", "t1gd", "flair")]
        run("predict", *arguments, "--out", self.folder / "no-t2", "-q")
        found = self.json("no-t2", "prediction.json")
        self.assertEqual(found["missing_sequences"], ["t2"])
        self.assertEqual(set(found["alignment"]), {"t1", "t1gd", "flair"})

    def test_a_sequence_beside_the_head_is_left_out(self):
        f = self.folder / "stripped"
        run("simulate", "--out", f, "-n", 1, "--seed", 24, "--centres", 1, "--no-raters", "-q")
        image = load(f / "SIM-00001/SIM-00001_t2.nii.gz")
        affine = image.affine.copy()
        affine[:3, 3] += 500
        nib.save(nib.Nifti1Image(np.asarray(image.dataobj), affine), self.folder / "beside.nii.gz")
        pair = ["--t1", f / "SIM-00001/SIM-00001_t1.nii.gz", "--t2", self.folder / "beside.nii.gz"]
        run("preprocess", *pair, "--preprocessed", "yes", "--out", self.folder / "beside", "-q")
        found = self.json("beside")
        self.assertEqual(set(found["alignment"]), {"t1"})
        self.assertTrue(any(w.startswith("T2 is left out: ") and "0 % of the brain" in w for w in found["warnings"]))


class DicomCohort(FolderCase):
    """Several patients at a time: reading DICOM beside running threads."""

    def test_many_patients_at_a_time_again_and_again(self):
        random, ball = np.random.default_rng(4), np.indices((24, 28, 20)) - np.array([12, 14, 10]).reshape(3, 1, 1, 1)
        brain = (ball**2).sum(0) < 81
        cohort = self.folder / "cohort"
        for patient in range(6):
            study = None
            for number, (name, te, tr) in enumerate((("T1 SE", 12, 500), ("T2 TSE", 100, 4000)), 1):
                voxels = np.where(brain, random.integers(200, 400, brain.shape) + 60 * (ball[0] > patient), 0)
                file = self.folder / f"{patient}-{number}.nii.gz"
                nib.save(nib.Nifti1Image(voxels.astype(np.int16), np.diag([6.0, 6.0, 6.0, 1.0])), file)
                study = write_series(
                    file, cohort / f"p{patient}", name, number, te, tr, patient=str(patient), study=study
                )
        for round_ in range(4):
            out = self.folder / f"out{round_}"
            run("preprocess", cohort, "--preprocessed", "yes", "--jobs", 3, "--out", out, "-q")
            self.assertEqual(len(list(out.glob("sub-*/preprocessing.json"))), 6)


if __name__ == "__main__":
    common.main()
