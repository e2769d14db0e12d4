"""gliocast bids: the call of a BIDS-App on a simulated dataset, and the official validator on what it writes."""

import json
import os
import shutil
import subprocess
import unittest

from common import BUILD, FolderCase, main, read_json, run


def validator():
    """The official validator in a virtual environment of the build folder; nothing where it cannot be installed."""
    environment = BUILD / "bids-environment"
    program = environment / "bin" / "bids-validator-deno"
    if found := shutil.which("bids-validator-deno"):
        return found
    if not program.exists():
        subprocess.run(["/usr/bin/python3", "-m", "venv", str(environment)], check=True)
        install = [str(environment / "bin" / "pip"), "install", "-q", "--disable-pip-version-check"]
        installed = subprocess.run(
            [*install, "bids-validator-deno"], capture_output=True, text=True, timeout=300, check=False
        )
        if installed.returncode != 0 and os.environ.get("CI") == "true":
            raise AssertionError(installed.stderr)
    return str(program) if program.exists() else None


class Bids(FolderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data, cls.out = cls.folder / "data", cls.folder / "derivatives"
        run(
            "simulate", "--layout", "bids", "--patients", "2", "--spacing", "2", "--no-flair", "--quiet", "--seed", "9",
            "--out", cls.data,
        )  # fmt: skip
        description = read_json(cls.data / "dataset_description.json")
        description["DatasetDOI"] = "doi:10.0/none"
        (cls.data / "dataset_description.json").write_text(json.dumps(description))
        cls.subjects = sorted(p.name for p in cls.data.glob("sub-*"))
        for subject in cls.subjects:  # a call a participant, as schedulers make them
            run(
                "bids", cls.data, cls.out, "participant", "--participant-label", subject[4:], "--n-cpus", "2", "--quiet"
            )

    def test_each_call_adds_its_participant(self):
        self.assertEqual(len(self.subjects), 2)
        for subject in self.subjects:
            found = read_json(self.out / subject / "prediction.json")
            self.assertTrue((self.out / subject / "report.html").exists())
            self.assertIn("survival", found)
        description = read_json(self.out / "dataset_description.json")
        self.assertEqual(description["DatasetType"], "derivative")
        self.assertEqual(description["GeneratedBy"][0]["Name"], "gliocast")
        self.assertEqual(description["SourceDatasets"], [{"DOI": "doi:10.0/none"}])

    def test_every_image_says_on_whose_grid_it_is(self):
        images = list(self.out.glob("sub-*/anat/*.nii.gz"))
        self.assertGreater(len(images), 10)
        for image in images:
            beside = read_json(image.with_name(image.name.replace(".nii.gz", ".json")))
            self.assertTrue(beside["SpatialReference"], image.name)
            if image.name.endswith("_mask.nii.gz"):
                self.assertEqual(beside["Type"], "Lesion" if "tumor" in image.name else "Brain")
            elif "desc-preproc" in image.name:
                self.assertTrue(beside["SkullStripped"])

    def test_the_official_validator_accepts_them(self):
        program = validator()
        if program is None:
            raise unittest.SkipTest("bids-validator-deno cannot be installed here: no package index")
        # With all that may lie there: transforms of raw input, the folder of a study.
        whole = self.folder / "whole"
        shutil.copytree(self.out, whole)
        (whole / self.subjects[0] / "xfm").mkdir()
        (whole / self.subjects[0] / "xfm" / f"{self.subjects[0]}_from-T2wOrig_to-work_mode-image_xfm.txt").write_text(
            ""
        )
        (whole / "group" / "tables").mkdir(parents=True)
        (whole / "group" / "tables" / "table_1.tsv").write_text("a\n1\n")
        said = subprocess.run([program, str(whole), "--json"], capture_output=True, text=True, check=False)
        issues = json.loads(said.stdout)["issues"]["issues"]
        self.assertEqual([i for i in issues if i["severity"] == "error"], [], said.stderr)
        self.assertEqual(said.returncode, 0)

    def test_what_is_done_is_kept(self):
        before = (self.out / self.subjects[0] / "prediction.json").stat().st_mtime_ns
        run("bids", self.data, self.out, "participant", "--participant-label", self.subjects[0], "--quiet")
        self.assertEqual((self.out / self.subjects[0] / "prediction.json").stat().st_mtime_ns, before)

    def test_sessions_are_patients_of_their_own(self):
        data, out = self.folder / "sessions", self.folder / "of-sessions"
        shutil.copytree(self.data, data)
        one = data / self.subjects[0]
        for session in ("01", "02"):
            for image in sorted((one / "anat").iterdir()):
                to = one / f"ses-{session}" / "anat" / image.name.replace("_", f"_ses-{session}_", 1)
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(image, to)
        shutil.rmtree(one / "anat")
        arguments = ["--participant-label", self.subjects[0][4:], "--session-label", "02", "--quiet"]
        run("bids", data, out, "participant", *arguments)
        self.assertEqual([p.name for p in out.glob("sub-*")], [self.subjects[0] + "ses02"])
        self.assertIn("02", run("bids", data, out, "participant", "--session-label", "7", code=2).stderr)

    def test_the_group_level_is_the_study(self):
        out = self.folder / "of-group"
        nothing_else = ["--set", "grading.run=false", "--set", "signature.run=false", "--set", "outlines.by=experts"]
        few = ["--preset", "demo", "--set", "radiomics=default", "--set", "outlines.raters=false"]
        run("bids", self.data, out, "group", *few, *nothing_else, "--quiet")
        self.assertIn("age", (out / "group/tables/characteristics.tsv").read_text())
        self.assertTrue((out / "group/report.html").exists())
        said = run("bids", self.data, out, "group", "--participant-label", "01", code=2).stderr
        self.assertIn("of all participants", said)

    def test_slips_are_told(self):
        out = self.folder / "nothing"
        wrong = self.subjects[0][4:] + "9"
        self.assertIn(
            self.subjects[0][4:],
            run("bids", self.data, out, "participant", "--participant-label", wrong, code=2).stderr,
        )
        self.assertIn("itself", run("bids", self.data, self.data, "participant", code=2).stderr)
        bare = self.folder / "bare"
        shutil.copytree(self.data / self.subjects[0], bare / self.subjects[0])
        self.assertIn("skip-bids-validator", run("bids", bare, out, "participant", code=3).stderr)
        empty = self.folder / "empty"
        empty.mkdir()
        said = run("bids", empty, out, "participant", "--skip-bids-validator", code=3).stderr
        self.assertIn("no participant", said)
        self.assertFalse(out.exists())


if __name__ == "__main__":
    main()
