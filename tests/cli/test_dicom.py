#!/usr/bin/env python3
"""A DICOM exam as a user sees and steers it: the table of series, choosing among them, studies, what a run says and
leaves.
Usage: test_dicom.py BUILD SOURCE"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import common
import nibabel as nib
import numpy as np
import pydicom
from common import FolderCase, read_json, run
from make_dicom import write_series

MARKER = "ZZMARKER"
DESCRIPTION = {"dataset_description.json", ".bidsignore"}  # of the folder, whatever is in it
SHAPE, STEP = (20, 22, 18), (9.0, 9.0, 8.0)


def image(folder, seed):
    """An ellipsoid of noise, each seed its own: enough of a brain for --preprocessed yes."""
    i = np.stack(np.meshgrid(*[(np.arange(n) - (n - 1) / 2) / (n / 2 - 1) for n in SHAPE], indexing="ij"), -1)
    values = np.where((i**2).sum(-1) < 1, np.random.default_rng(seed).integers(100, 900, SHAPE), 0).astype(np.int16)
    path = folder / f"{seed}.nii.gz"
    nib.save(nib.Nifti1Image(values, np.diag([*STEP, 1.0])), path)
    return path


def tag_files(folder, name, **tags):
    """Sets tags of the files of a folder whose description begins with `name`."""
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            d = pydicom.dcmread(file)
            if d.SeriesDescription.startswith(name):
                for key, value in tags.items():
                    setattr(d, key, value)
                d.save_as(file)


class Exam(FolderCase):
    """T1, T1-Gd, T2, a second T2, diffusion and a localiser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.images = [image(cls.folder, seed) for seed in range(8)]
        cls.exam = cls.folder / "exam"
        t1, t1gd, t2, again, dwi, later = cls.images[:6]
        study = write_series(t1, cls.exam / "a", "AX T1 SE", 3, 12, 500)
        write_series(t1gd, cls.exam / "b", "AX T1 SE POST GD", 8, 12, 500, agent="Gd", study=study)
        write_series(t2, cls.exam / "c", "AX T2 TSE", 4, 100, 4000, study=study)
        write_series(again, cls.exam / "d", "AX T2 TSE FS", 5, 100, 4000, study=study)
        write_series(dwi, cls.exam / "e", "ep2d_diff_b1000", 6, 90, 5000, study=study)
        write_series(t1, cls.exam / "f", "localizer", 1, 5, 20, study=study, skip=range(3, 99))
        cls.two = cls.folder / "two"
        first = write_series(t1, cls.two / "a", "AX T1 SE", 3, 12, 500)
        write_series(t2, cls.two / "b", "AX T2 TSE", 4, 100, 4000, study=first)
        second = write_series(later, cls.two / "later/a", "AX T1 SE", 3, 12, 500)
        write_series(again, cls.two / "later/b", "AX T2 TSE", 4, 100, 4000, study=second)
        tag_files(cls.two / "later", "AX", StudyDate="20230607")

    def listing(self, *arguments):
        found = json.loads(run("series", *arguments, "--json").stdout)
        return {(s["study"], s["series_number"], s["volume"]): s for s in found["series"]}

    def prepared(self, name, *arguments, code=0):
        return run("preprocess", *arguments, "--preprocessed", "yes", "--out", self.folder / name, code=code)

    def made_from(self, name):
        """Series number of each sequence."""
        rows = (self.folder / name / "sub-01/acquisition.tsv").read_text(encoding="utf-8").splitlines()[1:]
        return {row.split("\t")[0]: int(row.split("\t")[1]) for row in rows}

    def is_image(self, name, sequence, seed):
        """Whether the prepared image is the one that was made of a seed."""
        got = nib.load(self.folder / name / f"sub-01/anat/sub-01_space-work_desc-preproc_{sequence}.nii.gz")
        own = nib.load(self.images[seed])
        inside = np.argwhere(np.asarray(own.dataobj) > 0)
        at = np.rint(
            (inside @ own.affine[:3, :3].T + own.affine[:3, 3] - got.affine[:3, 3])
            @ np.linalg.inv(got.affine[:3, :3]).T
        ).astype(int)
        return np.corrcoef(np.asarray(got.dataobj)[tuple(at.T)], np.asarray(own.dataobj)[tuple(inside.T)])[0, 1] > 0.9

    def test_the_table_shows_every_series_and_why(self):
        shown = run("series", self.exam).stdout
        for text in (
            "Study 1, 2021-04-05: 6 volumes",
            "AX T1 SE POST GD",
            "axial",
            "20x22x18",
            "9x9x8",
            "12/500/-",
            "is a localiser",
            "series 4 is taken: it is the first of equals",
            "its name says T2; TE 100 ms, TR 4000 ms",
            "93 DICOM files",
            "Used: T1, T1-Gd, T2; none for FLAIR.",
        ):
            self.assertIn(text, shown)
        used = {n: s["used_as"] for (_, n, _), s in self.listing(self.exam).items()}
        self.assertEqual(used, {1: None, 3: "t1", 4: "t2", 5: None, 6: None, 8: "t1gd"})
        diffusion = self.listing(self.exam)[1, 6, 1]
        self.assertIsNone(diffusion["looks_like"])
        self.assertIn("diffusion", diffusion["reason"])

    def test_series_are_chosen_by_number_description_and_uid(self):
        uid = self.listing(self.exam)[1, 5, 1]["series_instance_uid"]
        for wish in ("5", f"ax t2 tse fs {MARKER}", uid):
            self.assertEqual(self.listing(self.exam, "--t2", wish)[1, 5, 1]["used_as"], "t2")
        self.prepared("chosen", self.exam, "--t2", 5, "--t1", 6)
        self.assertEqual(self.made_from("chosen"), {"t1": 6, "t1gd": 8, "t2": 5})
        self.assertTrue(self.is_image("chosen", "T2w", 3))
        steps = " ".join(read_json(self.folder / "chosen/sub-01/preprocessing.json")["preprocessing"])
        self.assertIn("T2: series 5 (18 slices), as you said", steps)
        doubts = read_json(self.folder / "chosen/sub-01/preprocessing.json")["warnings"]
        self.assertTrue(
            any("T1: series 6 is taken as you said, though it is a diffusion image" in w for w in doubts), doubts
        )
        for wish, text in (
            ("77", "no series number 77"),
            ("7:x", "no series number 7:x"),
            ("1.2.3", "no series number 1.2.3"),
        ):
            self.assertIn(text, run("series", self.exam, "--t2", wish, code=2).stderr)
        self.assertIn("asked for as two", run("series", self.exam, "--t2", 4, "--t1", 4, code=2).stderr)
        self.assertIn(
            "no DICOM series", run("preprocess", self.images[0], "--t1", 4, "--out", self.folder / "x", code=2).stderr
        )

    def test_two_studies_are_asked_for(self):
        refused = self.prepared("both", self.two, code=3).stderr
        for text in ("2 studies", "study 1: 2021-04-05", "study 2: 2023-06-07", "--study NUMBER or --study DATE"):
            self.assertIn(text, refused)
        for wish, seed in (("1", 0), ("2", 5), ("2023-06-07", 5), ("20210405", 0)):
            self.prepared(f"study{wish}", self.two, "--study", wish)
            self.assertTrue(self.is_image(f"study{wish}", "T1w", seed), wish)
        self.assertIn("no study", self.prepared("third", self.two, "--study", 3, code=2).stderr)
        self.assertIn("Nothing is taken", run("series", self.two).stdout)

    def test_two_dates_under_one_study_uid_are_asked_for(self):
        for tag, blank in (("StudyDate", {}), ("AcquisitionDate", {"StudyDate": ""})):
            folder = self.folder / f"one-uid-{tag}"
            study = write_series(self.images[0], folder / "a", "AX T1 SE", 3, 12, 500)
            write_series(self.images[2], folder / "b", "AX T2 TSE", 4, 100, 4000, study=study)
            tag_files(folder, "AX", **{tag: "20210405", **blank})
            write_series(self.images[5], folder / "later", "AX T1 SE", 3, 12, 500, study=study)
            tag_files(folder / "later", "AX", **{tag: "20230607", **blank})
            if not blank:
                tag_files(folder, "AX", SeriesInstanceUID="1.2.3")
            refused = self.prepared(f"one-uid-{tag}-both", folder, code=3).stderr
            self.assertIn("study 1: 2021-04-05, study 2: 2023-06-07", refused)
            self.prepared(f"one-uid-{tag}-first", folder, "--study", 1)
            self.assertTrue(self.is_image(f"one-uid-{tag}-first", "T1w", 0), tag)

    def test_time_points_in_one_series_are_asked_for(self):
        folder = self.folder / "times"
        study = write_series(self.images[0], folder, "AX T1 SE", 3, 12, 500)
        series = pydicom.dcmread(next(folder.iterdir())).SeriesInstanceUID
        tag_files(folder, "AX T1", AcquisitionNumber=1)
        write_series(self.images[5], folder / "later", "AX T1 SE", 3, 12, 500, study=study)
        tag_files(folder / "later", "AX T1", AcquisitionNumber=2, SeriesInstanceUID=series)
        write_series(self.images[2], folder / "t2", "AX T2 TSE", 4, 100, 4000, study=study)
        listed = self.listing(folder)
        self.assertEqual(listed[1, 3, 2]["told_apart_by"], "acquisition number")
        self.assertEqual((listed[1, 3, 1]["used_as"], listed[1, 3, 2]["used_as"]), ("t1", None))
        self.prepared("first", folder)
        self.assertTrue(self.is_image("first", "T1w", 0))
        steps = " ".join(read_json(self.folder / "first/sub-01/preprocessing.json")["preprocessing"])
        self.assertIn("one of 2 volumes of its series, told apart by acquisition number", steps)
        self.assertIn("3:1, series 3:2", run("series", folder, "--t1", 3, code=2).stderr)
        self.prepared("second", folder, "--t1", "3:2")
        self.assertTrue(self.is_image("second", "T1w", 5))

    def test_two_t1_that_say_nothing_of_contrast_are_pointed_out(self):
        folder = self.folder / "unmarked"
        study = write_series(self.images[0], folder / "a", "AX T1 SE", 3, 12, 500)
        write_series(self.images[1], folder / "b", "AX T1 SE", 9, 12, 500, study=study)
        write_series(self.images[2], folder / "c", "AX T2 TSE", 4, 100, 4000, study=study)
        self.prepared("unmarked-out", folder)
        self.assertEqual(self.made_from("unmarked-out"), {"t1": 3, "t2": 4})
        steps = " ".join(read_json(self.folder / "unmarked-out/sub-01/preprocessing.json")["preprocessing"])
        self.assertIn(
            "series 3, series 9 do not say that none was: if one of them is T1-Gd, name it with --t1gd", steps
        )

    def test_ge_numbers_the_kind_of_data_in_a_tag_of_its_own(self):
        folder = self.folder / "ge"
        study = write_series(self.images[0], folder, "AX T1 SE", 3, 12, 500)
        series = pydicom.dcmread(next(folder.iterdir())).SeriesInstanceUID
        write_series(self.images[5], folder / "more", "AX T1 SE", 3, 12, 500, study=study)
        for file in sorted(folder.rglob("IM*")):
            d = pydicom.dcmread(file)
            d.Manufacturer, d.ImageType, d.SeriesInstanceUID = (
                "GE MEDICAL SYSTEMS",
                ["ORIGINAL", "PRIMARY", "OTHER"],
                series,
            )
            d.private_block(0x0043, "GEMS_PARM_01", create=True).add_new(
                0x2F, "SS", 1 if file.parent.name == "more" else 0
            )
            d.save_as(file)
        listed = self.listing(folder)
        self.assertEqual((listed[1, 3, 1]["looks_like"], listed[1, 3, 2]["looks_like"]), ("t1", None))
        self.assertIn("phase", listed[1, 3, 2]["reason"])

    def test_an_agent_in_every_header_tells_nothing(self):
        folder = self.folder / "agents"
        study = write_series(self.images[0], folder / "a", "AX T1", 3, 12, 500, agent="Gd")
        write_series(self.images[2], folder / "b", "AX T2 TSE", 4, 100, 4000, study=study, agent="Gd")
        self.assertEqual(self.listing(folder)[1, 3, 1]["used_as"], "t1gd")
        write_series(self.images[1], folder / "c", "AX T1 POST GD", 9, 12, 500, study=study, agent="Gd")
        listed = self.listing(folder)
        self.assertEqual((listed[1, 3, 1]["used_as"], listed[1, 9, 1]["used_as"]), ("t1", "t1gd"))

    def test_a_file_that_was_cut_short_is_damaged(self):
        folder = self.folder / "cut"
        study = write_series(self.images[0], folder / "a", "AX T1 SE", 3, 12, 500)
        write_series(self.images[2], folder / "b", "AX T2 TSE", 4, 100, 4000, study=study)
        file = sorted((folder / "b").iterdir())[8]
        file.write_bytes(file.read_bytes()[:-200])
        self.assertIn("of which 1 cannot be read", run("series", folder).stdout)
        said = self.prepared("cut-out", folder).stderr
        self.assertIn("T2: 1 of 18 slices are missing", said)

    def test_series_of_one_number_have_names_of_their_own(self):
        folder = self.folder / "numbers"
        study = write_series(self.images[0], folder / "a", "AX T1 SE", 4, 12, 500)
        write_series(self.images[2], folder / "b", "AX T2 TSE", 4, 100, 4000, study=study)
        write_series(self.images[3], folder / "c", "AX T2 FS", 4, 100, 4000, study=study)
        self.assertIn(
            "series 4:2, series 4:3", run("series", folder, "--t2", 4, code=2).stderr.replace("series 4:1, ", "")
        )
        listed = self.listing(folder, "--t2", "4:3")
        self.assertEqual(listed[1, 4, 3]["used_as"], "t2")

    def test_a_file_is_no_exam(self):
        self.assertIn(
            "give the folder",
            run("preprocess", next((self.exam / "a").iterdir()), "--out", self.folder / "z", code=2).stderr,
        )
        packed = self.folder / "exam.zip"
        packed.write_bytes(b"PK")
        self.assertIn("unpack it", run("preprocess", packed, "--out", self.folder / "z", code=2).stderr)

    def test_an_older_result_does_not_stand_for_a_failed_patient(self):
        cohort = self.folder / "cohort"
        study = {}
        for name, seed in (("B", 0), ("C", 1)):
            study = write_series(self.images[seed], cohort / name / "a", "AX T1 SE", 3, 12, 500, patient=name)
            write_series(
                self.images[seed + 2], cohort / name / "b", "AX T2 TSE", 4, 100, 4000, patient=name, study=study
            )
        out = self.folder / "cohort-out"
        arguments = ["preprocess", cohort, "--preprocessed", "yes", "--out", out]
        run(*arguments)
        (cohort / "A").mkdir()
        run(*arguments, "--resume", code=1)
        self.assertFalse((out / "sub-01/preprocessing.json").exists())
        self.assertTrue((out / "sub-01/outdated_preprocessing.json").exists())
        self.assertTrue((out / "sub-03/preprocessing.json").exists())
        (cohort / "A").rmdir()
        self.assertIn("belong to no patient of this one: sub-03", run(*arguments, "--resume").stderr)
        run(*arguments, "--overwrite")
        self.assertEqual({p.name for p in out.glob("sub-*")}, {"sub-01", "sub-02"})

    def test_a_mosaic_is_no_volume(self):
        folder = self.folder / "mosaic"
        write_series(self.images[0], folder, "AX T1 SE", 3, 12, 500)
        tag_files(folder, "AX", ImageType=["ORIGINAL", "PRIMARY", "M", "MOSAIC"])
        self.assertIn("mosaic", self.listing(folder)[1, 3, 1]["reason"])

    def test_a_users_words_win(self):
        folder = self.folder / "words"
        study = write_series(self.images[0], folder / "a", "Quetzal", 3, 12, 500)
        write_series(self.images[2], folder / "b", "AX T2 TSE", 4, 100, 4000, study=study)
        table = self.folder / "words.tsv"
        table.write_text("quetzal\tours\tdiffusion\n", encoding="utf-8")
        self.assertEqual(self.listing(folder)[1, 3, 1]["used_as"], "t1")
        self.assertIsNone(self.listing(folder, "--names", table)[1, 3, 1]["used_as"])
        table.write_text("quetzal\tours\tbird\n", encoding="utf-8")
        self.assertIn("words.tsv", run("series", folder, "--names", table, code=3).stderr)

    def test_what_a_run_says(self):
        said = self.prepared("said", self.exam).stderr
        self.assertIn("warning: sub-01: T1, T1-Gd, T2: slices are 9.0 mm thick", said.replace("8.0 mm", "9.0 mm"))
        self.assertRegex(
            said,
            r"sub-01 \(.*exam\): T1 \(series 3\), T1-Gd \(series 8\), T2 \(series 4\); brain \d+ cm³; \d+ warnings?",
        )
        log = (self.folder / "said/log.jsonl").read_text(encoding="utf-8")
        for secret in (MARKER, "AX T1", "2021", str(self.exam)):
            self.assertNotIn(secret, log.replace('"time":"2021', ""))

    def test_a_missing_sequence_is_explained(self):
        folder = self.folder / "only"
        study = write_series(self.images[0], folder / "a", "AX T1 SE", 3, 12, 500)
        write_series(self.images[4], folder / "b", "ep2d_diff_b1000", 6, 90, 5000, study=study)
        refused = run("predict", folder, "--preprocessed", "yes", "--out", self.folder / "only-out", code=3).stderr
        for text in (
            "two of T1, T1-Gd and T2 are needed",
            "missing: T1-Gd, T2",
            "T1: series 3",
            "series 6 (18 slices) passed over",
            "diffusion",
        ):
            self.assertIn(text, refused)

    def test_after_a_refusal_nothing_looks_like_a_result(self):
        out = self.folder / "again"
        self.prepared("again", self.two, "--study", 1)
        self.assertTrue((out / "sub-01/preprocessing.html").exists())
        one = self.folder / "one"
        write_series(self.images[4], one, "ep2d_diff_b1000", 6, 90, 5000)
        write_series(self.images[0], one, "AX T1 SE", 3, 12, 500, skip=range(2, 99))
        run("predict", one, "--out", out, "--overwrite", code=3)
        run("predict", self.two, "--study", 1, "--out", self.folder / "fresh", "--models", self.folder, code=4)
        self.assertFalse((self.folder / "fresh").exists())
        noise = self.folder / "constant.nii.gz"
        nib.save(nib.Nifti1Image(np.zeros(SHAPE, np.int16), np.diag([*STEP, 1.0])), noise)
        run("preprocess", "--t1", noise, "--out", out, "--overwrite", code=3)
        self.assertEqual(
            {p.name for p in out.rglob("*") if p.is_file()} - {"log.jsonl", "failures.tsv", *DESCRIPTION},
            set(),
        )
        fresh = self.folder / "first-try"
        run("preprocess", "--t1", noise, "--out", fresh, code=3)
        self.assertEqual({p.name for p in fresh.iterdir()}, {"log.jsonl", "failures.tsv"})
        run("preprocess", "--t1", self.images[0], "--preprocessed", "yes", "--out", fresh)


if __name__ == "__main__":
    common.main()
