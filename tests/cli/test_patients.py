"""What one patient's failure, name or doubt does: the cohort goes on, no path reaches an output, no number stands
beside a refusal.

With the shipped models, on simulated patients."""

import json
import os
import pathlib
import re
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import jsonschema
import nibabel as nib
import numpy as np
from common import SOURCE, FolderCase, main, read_json, run, simulate
from make_dicom import write_series

SECRET = "Smith_John"
KEYS = {"t1": "t1", "t1gd": "t1ce", "t2": "t2"}
PARTS = tuple(KEYS.values())


def images_of(case):
    """The three sequences of a simulated patient's folder."""
    return {key: case / f"{case.name}_{name}.nii.gz" for key, name in KEYS.items()}


def failures(out):
    """failures.tsv as {label: (code, reason)}."""
    lines = (out / "failures.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return {label: (int(code), reason) for label, _, code, reason in (line.split("\t") for line in lines)}


def texts_of(out):
    """Every written text, and every written name."""
    for file in sorted(out.rglob("*")):
        yield str(file.relative_to(out)), str(file.relative_to(out))
        if file.is_file() and file.suffix != ".gz":
            text = file.read_text(encoding="utf-8")
            yield str(file.relative_to(out)), re.sub('data:image/png;base64,[^"]*', "", text)  # chance spells names


class PatientCase(FolderCase):
    def assert_no_name(self, out):
        count = 0
        for name, text in texts_of(out):
            count += 1
            for secret in ("smith", "john", str(self.folder).lower()):
                self.assertNotIn(secret, text.lower(), name)
        self.assertGreater(count, 3)


class NamesStayOut(PatientCase):
    """One good patient among every kind of failure; files and folders are called by a patient's name."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        simulate(1, cls.folder / "sim")
        cls.images = images_of(cls.folder / "sim" / "SIM-00001")
        cls.place = cls.folder / f"{SECRET}_1951"
        cls.place.mkdir()
        for key, image in cls.images.items():
            shutil.copy(image, cls.place / f"{SECRET}_{key}.nii.gz")

    def file(self, name, content=None):
        path = self.place / name
        if content is not None:
            path.write_bytes(content)
        return path

    def broken_files(self):
        """Kinds of unusable T1-Gd: name of the id, file, words of the reason."""
        good = nib.load(self.images["t1gd"])
        data = np.asarray(good.dataobj).astype(np.float32)
        whole = self.images["t1gd"].read_bytes()
        nrrd = "NRRD0004\ntype: float\ndimension: 3\nsizes: 9 9 9\nencoding: raw\nendian: little\n"
        for name, array in {"flat": data[:, :, :1]}.items():
            nib.save(nib.Nifti1Image(array, good.affine), self.file(f"{SECRET}_{name}.nii.gz"))
        self.file(f"{SECRET}_folder.nii.gz").mkdir(exist_ok=True)
        if not self.file(f"{SECRET}_link.nii.gz").is_symlink():
            self.file(f"{SECRET}_link.nii.gz").symlink_to(self.place / f"{SECRET}_gone.nii.gz")
        yield "absent", self.file(f"{SECRET}_absent.nii.gz"), "no such file"
        yield "truncated", self.file(f"{SECRET}_truncated.nii.gz", whole[: len(whole) // 2]), "truncated"
        yield "folder", self.file(f"{SECRET}_folder.nii.gz"), "is a folder"
        yield "link", self.file(f"{SECRET}_link.nii.gz"), "no such file"
        yield "empty", self.file(f"{SECRET}_empty.nii", b""), "empty"
        yield "garbage", self.file(f"{SECRET}_garbage.nii", os.urandom(3000)), "not a NIfTI file"
        yield "ending", self.file(f"{SECRET}.{SECRET}", b"x"), "unknown image type"
        yield "line", self.file(f"{SECRET}_line.nrrd", f"{nrrd}patient is {SECRET}\n\n".encode()), "neither a field"
        yield (
            "type",
            self.file(f"{SECRET}_type.nrrd", nrrd.replace("float", SECRET).encode() + b"\n"),
            "unknown pixel type",
        )
        yield (
            "data",
            self.file(f"{SECRET}_data.nhdr", f"{nrrd}data file: ../{SECRET}.raw\n\n".encode()),
            "beside the header",
        )
        yield "raw", self.file(f"{SECRET}_raw.nhdr", f"{nrrd}data file: {SECRET}.raw\n\n".encode()), "no such file"
        meta = "ObjectType = Image\nNDims = 3\nDimSize = 9 9 9\nElementSpacing = 1 1 1\nElementType = MET_FLOAT\n"
        meta += f"ElementDataFile = {SECRET}.raw\n"
        yield "meta", self.file(f"{SECRET}_meta.mhd", meta.encode()), "no such file"
        yield "flat", self.file(f"{SECRET}_flat.nii.gz"), "2-D"
        yield "same", self.file(f"{SECRET}_t2.nii.gz"), "the same image was given as T1-Gd and as T2"
        if os.geteuid() != 0:
            self.file(f"{SECRET}_closed.nii", b"x").chmod(0)
            yield "closed", self.file(f"{SECRET}_closed.nii"), "cannot be read"

    def test_every_kind_of_failure_names_the_sequence_and_no_file(self):
        kinds = list(self.broken_files())
        rows = ["id\tt1\tt1gd\tt2", "good\t" + "\t".join(f"{self.place}/{SECRET}_{key}.nii.gz" for key in KEYS)]
        rows += [
            f"{kind}\t{self.place}/{SECRET}_t1.nii.gz\t{file}\t{self.place}/{SECRET}_t2.nii.gz"
            for kind, file, _ in kinds
        ]
        rows.append(f"single\t{self.place}/{SECRET}_t1.nii.gz\t\t")
        table = self.place / f"{SECRET}.tsv"
        table.write_text("\n".join(rows) + "\n", encoding="utf-8")
        for verb, verbosity in (("preprocess", "--threads=2"), ("predict", "--quiet")):
            out = self.folder / verb
            result = run(verb, table, "--out", out, verbosity, "--jobs", 2, code=1)
            found = failures(out)
            single = {"sub-single"} if verb == "predict" else set()
            self.assertEqual(set(found), {*single, *(f"sub-{kind}" for kind, _, _ in kinds)})
            for kind, file, words in kinds:
                code, reason = found[f"sub-{kind}"]
                self.assertEqual(code, 3, kind)
                self.assertIn(words, reason, kind)
                if kind != "same":
                    self.assertTrue(reason.startswith("T1-Gd: "), reason)
                    self.assertIn(str(file.parent), result.stderr)
                    self.assertIn(SECRET, result.stderr, "the console says which file")
                self.assertFalse((out / f"sub-{kind}").exists(), kind)
            if verb == "predict":
                self.assertIn("two of T1, T1-Gd and T2 are needed", found["sub-single"][1])
            self.assertTrue((out / "sub-good").is_dir())
            self.assert_no_name(out)

    def useless_files(self):
        """Kinds of T1-Gd that can be read and are of no use: name of the id, file, words of the reason."""
        good = nib.load(self.images["t1gd"])
        data = np.asarray(good.dataobj).astype(np.float32)
        noise = np.random.default_rng(2).normal(100, 20, data.shape).astype(np.float32)
        for name, array, words in (
            ("nan", data * np.nan, "no voxel holds a number"),
            ("constant", data * 0 + 5, "same value"),
            ("few", data[:, :, :6], "only 6 voxels"),
            ("noise", noise, "noise"),
        ):
            file = self.file(f"{SECRET}_{name}.nii.gz")
            nib.save(nib.Nifti1Image(array, good.affine), file)
            yield name, file, words

    def test_a_useless_sequence_is_left_out_and_the_patient_is_done(self):
        kinds = list(self.useless_files())
        table = self.place / f"{SECRET}_useless.tsv"
        rows = ["id\tt1\tt1gd\tt2"]
        rows += [f"{k}\t{self.place}/{SECRET}_t1.nii.gz\t{f}\t{self.place}/{SECRET}_t2.nii.gz" for k, f, _ in kinds]
        rows.append(f"pair\t{self.place}/{SECRET}_t1.nii.gz\t{kinds[1][1]}\t")
        table.write_text("\n".join(rows) + "\n", encoding="utf-8")
        for verb, name, code in (("preprocess", "preprocessing.json", 0), ("predict", "prediction.json", 1)):
            out = self.folder / f"useless-{verb}"
            said = run(verb, table, "--out", out, code=code).stderr
            for kind, _, words in kinds:
                self.assertRegex(said, rf"{kind}: T1, T2; brain")
                found = read_json(out / f"sub-{kind}" / name)
                self.assertEqual(found["reference"], "t1", kind)
                self.assertEqual(set(found["alignment"]), {"t1", "t2"}, kind)
                told = [w for w in found["warnings"] if w.startswith("T1-Gd is left out: ")]
                self.assertEqual([words in w for w in told], [True], found["warnings"])
            self.assert_no_name(out)
        found = read_json(self.folder / "useless-predict/sub-nan/prediction.json")
        self.assertEqual(found["missing_sequences"], ["t1gd"])
        reason = failures(self.folder / "useless-predict")["sub-pair"][1]
        self.assertIn("two of T1, T1-Gd and T2 are needed, missing: T1-Gd (left out: all voxels have", reason)

    def test_one_patient_alone_and_a_full_run_hold_no_name(self):
        for out, arguments in (("one", [f"--{key}={self.place}/{SECRET}_{key}.nii.gz" for key in KEYS]), ("named", [])):
            if not arguments:
                case = self.folder / "cohort" / SECRET
                case.mkdir(parents=True)
                for key, name in KEYS.items():
                    shutil.copy(self.images[key], case / f"{SECRET}_{name}.nii.gz")
                arguments = [case]
            run("predict", *arguments, "--out", self.folder / SECRET / out)
            self.assert_no_name(self.folder / SECRET / out)

    def test_an_atlas_that_is_missing_is_not_named(self):
        run(
            "predict",
            *[f"--{key}={image}" for key, image in self.images.items()],
            "--atlas",
            self.folder / SECRET / "atlas",
            "--out",
            self.folder / "atlas-out",
            "-q",
        )
        prediction = read_json(self.folder / "atlas-out" / "sub-01" / "prediction.json")
        self.assertTrue(prediction["tumour"]["found"])
        self.assertNotIn("location", prediction["tumour"])
        self.assertTrue(any("mricron-data" in line for line in prediction["not_computed"]))
        self.assert_no_name(self.folder / "atlas-out")


class Cohorts(PatientCase):
    """A patient who cannot be found is reported and the others are done, in every layout; labels are never shared."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        simulate(6, cls.folder / "sim")
        cls.case = cls.folder / "sim" / "SIM-00001"

    def preprocess(self, *arguments, **keywords):
        return run("preprocess", *arguments, "-q", **keywords)

    def brats(self, folder, name, parts=PARTS):
        (folder / name).mkdir(parents=True)
        for part in parts:
            shutil.copy(self.case / f"SIM-00001_{part}.nii.gz", folder / name / f"{name}_{part}.nii.gz")

    def test_brats_folders(self):
        cohort, out = self.folder / "brats", self.folder / "brats-out"
        self.brats(cohort, "A")
        self.brats(cohort, "B")
        shutil.copy(self.case / "SIM-00001_t1.nii.gz", cohort / "B" / f"{SECRET}_t1.nii.gz")
        self.brats(cohort, "C", ["t1"])
        (cohort / "D").mkdir()
        self.brats(cohort, "E")
        (cohort / "F").symlink_to(cohort / "nowhere")
        self.brats(cohort, "G")
        (cohort / "G" / "G_t2.nii.gz").unlink()
        (cohort / "G" / "G_t2.nii.gz").symlink_to(cohort / "nowhere.nii.gz")
        (cohort / "truth").mkdir()
        (cohort / "truth" / "notes.txt").write_text("no patient")
        result = self.preprocess(cohort, "--out", out, code=1)
        found = failures(out)
        self.assertEqual(list(found), ["sub-02", "sub-04", "sub-06", "sub-07"])
        for label, words in {
            "sub-02": "two patients",
            "sub-04": "empty",
            "sub-06": "link",
            "sub-07": "T2: no such file",
        }.items():
            self.assertIn(words, found[label][1])
        self.assertIn(f"sub-02: {cohort / 'B'} (B, {SECRET}): ", result.stderr, "the console says who sub-02 is")
        done = {p.name for p in out.glob("sub-*")}
        self.assertEqual(done, {"sub-01", "sub-03", "sub-05"}, "one sequence alone is prepared")
        self.assert_no_name(out)
        # Mended, each patient has the number it had; what was done is not done again.
        before = (out / "sub-05" / "preprocessing.json").stat().st_mtime_ns
        (cohort / "B" / f"{SECRET}_t1.nii.gz").unlink()
        self.preprocess(cohort, "--out", out, "--resume", code=1)
        self.assertEqual(list(failures(out)), ["sub-04", "sub-06", "sub-07"])
        self.assertTrue((out / "sub-02" / "preprocessing.json").exists())
        self.assertEqual(before, (out / "sub-05" / "preprocessing.json").stat().st_mtime_ns)

    def test_bids(self):
        cohort, out = self.folder / "bids", self.folder / "bids-out"
        for subject in ("sub-01", "sub-02", "sub-04"):
            (cohort / subject / "anat").mkdir(parents=True)
            for key, suffix in {"t1": "T1w", "t1gd": "ce-gadolinium_T1w", "t2": "T2w"}.items():
                shutil.copy(images_of(self.case)[key], cohort / subject / "anat" / f"{subject}_{suffix}.nii.gz")
        shutil.copy(images_of(self.case)["t1"], cohort / "sub-02" / "anat" / "sub-02_run-2_T1w.nii.gz")
        (cohort / "sub-03").mkdir()
        (cohort / "participants.tsv").write_text("participant_id\tage\nsub-01\t50\n")
        result = self.preprocess(cohort, "--out", out, code=1)
        found = failures(out)
        self.assertEqual(list(found), ["sub-02", "sub-03"])
        self.assertIn("two T1 images", found["sub-02"][1])
        self.assertIn("run-2", result.stderr)
        self.assertEqual({p.name for p in out.glob("sub-*")}, {"sub-01", "sub-04"})
        # All fail: still reported, and a cohort's exit code.
        shutil.rmtree(cohort / "sub-01")
        shutil.rmtree(cohort / "sub-04")
        self.preprocess(cohort, "--out", self.folder / "bids-none", code=1)
        self.assertEqual(list(failures(self.folder / "bids-none")), ["sub-02", "sub-03"])
        # One alone keeps its own code, and nothing is written.
        self.preprocess(cohort / "sub-02", "--out", self.folder / "bids-one", code=3)
        self.assertFalse((self.folder / "bids-one").exists())

    def test_brats_images_twice_or_cut_off(self):
        cohort, out = self.folder / "twice", self.folder / "twice-out"
        for name in "ABC":
            self.brats(cohort, name)
        shutil.copy(cohort / "B" / "B_t1.nii.gz", cohort / "B" / "B_t1.nii")
        for file in (cohort / "C").iterdir():
            file.rename(f"{file}.part")
        (cohort / "letters").mkdir()
        (cohort / "letters" / "letter.txt").write_text("no image")
        result = self.preprocess(cohort, "--out", out, code=1)
        found = failures(out)
        self.assertEqual(list(found), ["sub-02", "sub-03"])
        self.assertIn("two T1 images", found["sub-02"][1])
        self.assertIn("BraTS names", found["sub-03"][1])
        self.assertIn("letters holds no image", result.stderr)

    def raw_patient(self):
        """The images of a simulated patient with the skull."""
        raw = self.folder / "raw"
        if not raw.exists():
            sort = ["--form", "raw", "--centres", 1, "--no-flair", "--no-raters"]
            run("simulate", "-n", 1, "--seed", 12, *sort, "--out", raw, "-q")
        return images_of(raw / "SIM-00001")

    def write_dicom(self, folder, patient, keys=("t1", "t2")):
        """A study of a patient (PatientID) with a series of each sequence."""
        images, study = self.raw_patient(), None
        for number, key in enumerate(keys, 1):
            te, tr = (12, 500) if key == "t1" else (100, 4000)
            study = write_series(
                images[key], folder, key.upper(), number, te, tr, marker="", patient=patient, study=study
            )

    def test_dicom_folders(self):
        cohort, out = self.folder / "dicom", self.folder / "dicom-out"
        self.write_dicom(cohort / "A", "1")
        self.write_dicom(cohort / "B", "2")
        self.write_dicom(cohort / "B", "3", ["t1"])  # another patient's file went astray
        self.write_dicom(cohort / "C", "4")
        for file in (cohort / "C").iterdir():
            file.write_bytes(file.read_bytes()[:200])
        (cohort / "D").mkdir()
        (cohort / "D" / "letter.txt").write_text(SECRET)
        result = self.preprocess(cohort, "--out", out, code=1)
        found = failures(out)
        self.assertEqual(list(found), ["sub-02", "sub-03", "sub-04"])
        for label, words in {"sub-02": "2 patients", "sub-03": "damaged", "sub-04": "no DICOM file"}.items():
            self.assertIn(words, found[label][1])
            self.assertIn(f"{label}: {cohort}", result.stderr)
        self.assertTrue((out / "sub-01" / "preprocessing.json").exists())
        self.assert_no_name(out)

    def test_all_files_of_one_dicom_patient_are_damaged(self):
        """Two patients, not lost series of one."""
        cohort = self.folder / "damaged"
        self.write_dicom(cohort / "A", "1")
        self.write_dicom(cohort / "B", "2")
        for file in (cohort / "B").iterdir():
            file.write_bytes(file.read_bytes()[:200])
        self.preprocess(cohort, "--out", self.folder / "damaged-out", code=1)
        self.assertEqual(list(failures(self.folder / "damaged-out")), ["sub-02"])
        self.assertTrue((self.folder / "damaged-out" / "sub-01" / "preprocessing.json").exists())

    def test_dicom_patients_without_ids_of_their_own(self):
        cohort = self.folder / "anonymous"
        # Two patients under one PatientID are two studies.
        self.write_dicom(cohort / "A", "ANON", ["t1"])
        self.write_dicom(cohort / "B", "ANON", ["t2"])
        self.assertIn("2 studies", self.preprocess(cohort, "--out", self.folder / "anon-out", code=3).stderr)
        # Anonymised patients without PatientID are told apart by study, never mixed.
        shutil.rmtree(cohort)
        self.write_dicom(cohort / "A", "", ["t1"])
        self.write_dicom(cohort / "B", "", ["t2"])
        out = self.folder / "anonymous-out"
        self.preprocess(cohort, "--out", out)
        for subject, key in (("sub-01", "t1"), ("sub-02", "t2")):
            self.assertEqual(list(read_json(out / subject / "preprocessing.json")["alignment"]), [key])

    def test_manifest_and_labels(self):
        images = "\t".join(str(p) for p in images_of(self.case).values())
        table = self.folder / "m.tsv"

        def manifest(*ids, extra=""):
            table.write_text("id\tt1\tt1gd\tt2\n" + "".join(f"{i}\t{images}\n" for i in ids) + extra, encoding="utf-8")

        for ids in (
            ("a", "P-1", "P1"),
            ("a", "p1", "P1"),
            ("a", "sub-P1", "P1"),
            ("a", "P 1", "P_1"),
            ("a", "é1", "1"),
            ("a", "b", "b"),
        ):
            manifest(*ids)
            for verb in ("predict", "preprocess"):
                result = run(verb, table, "--out", self.folder / "labels", "-q", code=3)
                for word in (f"'{ids[1]}'", f"'{ids[2]}'", "line 3", "line 4"):
                    self.assertIn(word, result.stderr)
                self.assertFalse((self.folder / "labels").exists(), "told before anything is written")
        for bad in ("---", "é", "../x", "", "."):
            manifest("a", bad)
            self.preprocess(table, "--out", self.folder / "labels", code=3)
            self.assertFalse((self.folder / "labels").exists(), bad)
        self.preprocess(
            "--t1",
            self.case / "SIM-00001_t1.nii.gz",
            "--t2",
            self.case / "SIM-00001_t2.nii.gz",
            "--id",
            "--",
            "--out",
            self.folder / "labels",
            code=3,
        )
        manifest("P-1", "P2", extra=f"lost\t/nowhere/{SECRET}.nii.gz\t/nowhere/b.nii.gz\t\n")
        out = self.folder / "labels"
        self.preprocess(table, "--out", out, code=1)
        self.assertEqual({p.name for p in out.glob("sub-*")}, {"sub-P1", "sub-P2"})
        self.assertEqual(failures(out), {"sub-lost": (3, "T1: no such file")})
        self.assertEqual(read_json(out / "sub-P1" / "preprocessing.json")["patient"], "P-1")
        self.assert_no_name(out)

    def test_kept_names_that_would_be_one_are_refused(self):
        cohort = self.folder / "kept"
        self.brats(cohort, "A-1")
        self.brats(cohort, "A_1")
        result = self.preprocess(cohort, "--keep-names", "--out", self.folder / "kept-out", code=3)
        self.assertIn("'A-1'", result.stderr)
        self.preprocess(cohort, "--out", self.folder / "kept-out")
        self.assertEqual({p.name for p in (self.folder / "kept-out").glob("sub-*")}, {"sub-01", "sub-02"})

    def test_training_leaves_bad_patients_out_and_tells_them(self):
        cohort = self.folder / "teaching"
        shutil.copytree(self.folder / "sim", cohort)
        whole = (cohort / "SIM-00002" / "SIM-00002_t1ce.nii.gz").read_bytes()
        (cohort / "SIM-00002" / "SIM-00002_t1ce.nii.gz").write_bytes(whole[: len(whole) // 2])
        (cohort / "SIM-00003" / "SIM-00003_seg.nii.gz").unlink()
        shutil.copy(cohort / "SIM-00005" / "SIM-00005_t1.nii.gz", cohort / "SIM-00004" / f"{SECRET}_t1.nii.gz")
        arguments = [
            "train",
            "segmentation",
            cohort,
            "--widths",
            4,
            8,
            "--epochs",
            1,
            "--steps-per-epoch",
            1,
            "--cache",
            self.folder / "cache",
            "-q",
        ]
        result = run(*arguments, "--out", self.folder / "run", code=1)
        self.assertIn("SIM-00003 is left out: has no segmentation", result.stderr)
        found = failures(self.folder / "run")
        self.assertEqual(set(found), {"SIM-00002", "SIM-00004"})
        self.assertNotIn(SECRET, (self.folder / "run" / "failures.tsv").read_text())
        split = (self.folder / "run" / "split.tsv").read_text()
        self.assertEqual(sorted(re.findall(r"SIM-0000\d", split)), ["SIM-00001", "SIM-00005", "SIM-00006"])
        self.assertTrue((self.folder / "run" / "bundle" / "model.json").exists())
        # Without a failure the code is 0, also where one has no segmentation.
        shutil.rmtree(cohort / "SIM-00002")
        shutil.rmtree(cohort / "SIM-00004")
        run(*arguments, "--out", self.folder / "run", "--overwrite")
        self.assertFalse((self.folder / "run" / "failures.tsv").exists())


class Grades(PatientCase):
    """A grade is stated with all its numbers or refused without one."""

    SEED, NUMBER = 3, 1

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        run(
            "simulate",
            "-n",
            1,
            "--first",
            cls.NUMBER,
            "--seed",
            cls.SEED,
            "--no-flair",
            "--no-raters",
            "--out",
            cls.folder / "sim",
            "-q",
        )
        case = next((cls.folder / "sim").glob("SIM-*"))
        cls.thin = images_of(case)
        cls.truth = read_json(cls.folder / "sim" / "truth" / f"{case.name}.json")
        cls.thick = {}
        for key, image in cls.thin.items():
            cls.thick[key] = cls.folder / f"{key}_thick.nii.gz"
            cls.make_thick(image, cls.thick[key], 5)

    @staticmethod
    def make_thick(image, file, factor):
        """Slices averaged by `factor` along z."""
        nii = nib.load(image)
        data = np.asarray(nii.dataobj).astype(np.float32)
        n = data.shape[2] // factor
        data = data[:, :, : n * factor].reshape(*data.shape[:2], n, factor).mean(axis=3)
        affine = nii.affine.copy()
        affine[:3, 3] += affine[:3, 2] * (factor - 1) / 2
        affine[:3, 2] *= factor
        nib.save(nib.Nifti1Image(data, affine), file)

    def predict(self, images, name):
        """What is found of these images, and the report's body; each name is predicted once."""
        patient = self.folder / name / "sub-01"
        if not patient.exists():
            run("predict", *[f"--{key}={image}" for key, image in images.items()], "--out", self.folder / name, "-q")
        prediction = read_json(patient / "prediction.json")
        jsonschema.validate(prediction, read_json(SOURCE / "docs" / "prediction.schema.json"))
        page = (patient / "report.html").read_text(encoding="utf-8")
        return prediction, re.sub(r'src="data:[^"]*"', "", page[page.index("<body>") :])

    def assert_no_grade(self, prediction, page, reason):
        grade = prediction["grade"]
        self.assertEqual(grade["status"], "no reliable estimate")
        numbers = [v for v in grade.values() if isinstance(v, (int, float, list, dict)) and not isinstance(v, bool)]
        self.assertFalse(numbers, grade)
        self.assertIn(reason, grade["reason"])
        self.assertIn("no reliable estimate", page)
        self.assertIn(reason, page)
        for part in ("class=scale", "Point estimate", "95 % interval 0", 'aria-label="estimate'):
            self.assertNotIn(part, page)
        self.assertTrue(any(line.startswith("Grade: ") or "no tumour" in line for line in prediction["not_computed"]))

    def test_a_grade_is_stated_with_what_it_supposes(self):
        prediction, page = self.predict(self.thin, "thin")
        self.assertEqual(prediction["grade"]["status"], "estimated", prediction["grade"])
        for text in (json.dumps(prediction["grade"]), page):
            self.assertIn("supposes a glioma confirmed by other means", text)
        for part in ("class=scale", "Point estimate", "95 % interval"):
            self.assertIn(part, page)
        self.assertTrue(any(line.startswith("Survival: ") and "--age" in line for line in prediction["not_computed"]))
        self.assertNotIn("not part of this version", page)

    def assert_thickness_is_told(self, prediction, page, sequences):
        told = [w for w in prediction["warnings"] if "slices are" in w]
        self.assertEqual(told, [f"{sequences}: slices are 5.0 mm thick: outlines and volumes are less certain"])
        self.assertIn(told[0], page)

    def test_from_thick_slices_none_is(self):
        prediction, page = self.predict(self.thick, "thick")
        self.assert_no_grade(prediction, page, "slices of 5.0 mm")
        self.assert_thickness_is_told(prediction, page, "T1, T1-Gd, T2")

    def test_one_thick_sequence_suffices_to_refuse(self):
        prediction, page = self.predict({**self.thin, "t2": self.thick["t2"]}, "mixed")
        self.assert_no_grade(prediction, page, "slices of 5.0 mm")
        self.assert_thickness_is_told(prediction, page, "T2")

    def test_the_lobe_is_the_simulated_one(self):
        prediction, page = self.predict(self.thin, "thin")
        tumour = prediction["tumour"]
        self.assertEqual((self.truth["laterality"], self.truth["location"]), ("left", "temporal"))
        self.assertEqual((tumour["side"], tumour["location"]["main"]), ("left", "temporal"))
        self.assertEqual(tumour["location"]["side_in_atlas"], "left")
        shares = tumour["location"]["lobes"]
        self.assertEqual(max(shares, key=shares.get), "temporal")
        self.assertGreater(shares["temporal"], 0.5)
        self.assertLessEqual(sum(shares.values()), 1 + 1e-9)
        card = page[page.index("Side and lobe") :][:600]
        self.assertIn("left, temporal", card)
        for lobe, share in shares.items():
            self.assertEqual(f"{lobe} {100 * share:.0f} %" in card, share >= 0.05, lobe)
        self.assertFalse([w for w in prediction["warnings"] if "slices are" in w], "slices of 1 mm")

    def test_where_no_tumour_is_found_none_is(self):
        # The same signal everywhere: nothing is left that a network could mark.
        calm = {}
        for key, image in self.thin.items():
            nii = nib.load(image)
            data = np.asarray(nii.dataobj).astype(np.float32)
            inside = data > 0
            calm[key] = self.folder / f"{key}_calm.nii.gz"
            noise = np.random.default_rng(len(calm)).normal(0, 3, data.shape)
            nib.save(nib.Nifti1Image((np.where(inside, 300 + noise, 0)).astype(np.float32), nii.affine), calm[key])
        prediction, page = self.predict(calm, "calm")
        self.assertFalse(prediction["tumour"]["found"])
        self.assertIsNone(prediction["deep_features"])
        self.assert_no_grade(prediction, page, "no tumour was found")

    def test_the_schema_takes_neither_half(self):
        schema = read_json(SOURCE / "docs" / "prediction.schema.json")
        grade = jsonschema.Draft202012Validator({**schema["properties"]["grade"], "$defs": schema["$defs"]})

        def valid(found):
            return grade.is_valid({"demonstration": False, **found})

        stated = {
            "status": "estimated",
            "probability": 0.8,
            "interval": [0.6, 0.9],
            "logit": 1.2,
            "explanation": {"base": 0.5, "features": [{"name": "deep_001", "network": 1, "value": 2.5, "adds": 0.3}]},
            "basis": "b",
            "supposes": "a glioma confirmed by other means",
            "reason": None,
        }
        refused = {**dict.fromkeys(stated), "status": "no reliable estimate", "reason": "r"}
        self.assertTrue(valid(stated))
        self.assertTrue(valid(refused))
        for key in stated:
            self.assertFalse(valid({k: v for k, v in stated.items() if k != key}), key)
            self.assertFalse(valid({k: v for k, v in refused.items() if k != key}), key)
            self.assertFalse(valid({**refused, key: stated[key]}), key)
            alone = key in ("logit", "explanation")  # of a fused model and of a network: each lacks one of them
            self.assertEqual(valid({**stated, key: refused[key]}), alone, key)
        self.assertFalse(grade.is_valid(stated), "whether it is a demonstration is always said")
        self.assertFalse(valid({**refused, "odds": 2}))
        self.assertFalse(valid({**stated, "interval": [0.4, 0.9]}), "an interval that holds 0.5 is a refusal")


if __name__ == "__main__":
    main()
