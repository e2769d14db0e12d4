#!/usr/bin/env python3
"""What README and --help show of the imaging verbs: `make demo`, every example as a right use, a cohort made in
parts, the report on paper. Usage: test_imaging_examples.py BUILD SOURCE"""

import pathlib
import re
import shlex
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import nibabel
import numpy as np
from common import BUILD, PROGRAM, SOURCE, FolderCase, main, read_json, run

VERBS = (
    ["series"],
    ["predict"],
    ["bids"],
    ["preprocess"],
    ["simulate"],
    ["train", "segmentation"],
    ["train", "grading"],
    ["train", "prognosis"],
)


class Demo(FolderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        result = subprocess.run(
            ["bash", SOURCE / "tools/demo.sh", BUILD, "patient"],  # its study: test_study_run.py
            cwd=cls.folder,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        if result.returncode != 0:
            raise AssertionError(f"tools/demo.sh: exit code {result.returncode}\n{result.stderr}")
        cls.said = result.stdout

    def test_demo_says_where_the_report_is(self):
        report, truth = (
            pathlib.Path(re.search(rf"The {what} is +(\S+)", self.said).group(1)) for what in ("report", "truth")
        )
        self.assertIn("Not a medical device", report.read_text(encoding="utf-8"))
        self.assertGreater(read_json(truth)["tumour_volume_cm3"], 0)

    def test_the_report_prints_on_a4(self):
        page, pdf = self.folder / "demo/result/sub-01/report.html", self.folder / "report.pdf"
        browser = [
            "chromium",
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            f"--user-data-dir={self.folder}/profile",
            "--no-pdf-header-footer",
            f"--print-to-pdf={pdf}",
            page.as_uri(),
        ]
        subprocess.run(browser, check=True, capture_output=True, timeout=120)
        boxes = re.findall(rb"/MediaBox\s*\[\s*([\d. ]+)\]", pdf.read_bytes())
        self.assertTrue(boxes)
        for box in boxes:
            np.testing.assert_allclose(
                [float(v) for v in box.split()], [0, 0, 595.3, 841.9], atol=1
            )  # 210 × 297 mm in points


class Uses(FolderCase):
    """Examples name inputs that are not here: a right use ends with "no such file" (3), a wrong one would be 2."""

    def check_use(self, command):
        words = shlex.split(command, comments=True)
        code = 6 if words[1] == "simulate" else 3
        shutil.rmtree(self.folder / "out", ignore_errors=True)
        if "--out" in words:
            words[words.index("--out") + 1] = "/proc/gliocast" if code == 6 else "out"
        result = subprocess.run(
            [str(PROGRAM), *words[1:]], cwd=self.folder, capture_output=True, text=True, timeout=120, check=False
        )
        self.assertEqual(result.returncode, code, f"{command}\n{result.stderr}")
        if words[1] != "train":
            self.assertFalse((self.folder / "out").exists(), command)

    def test_examples_of_help(self):
        for verb in VERBS:
            examples = re.findall(r"^(?:Examples?: | {2})(gliocast .*)$", run(*verb, "--help").stdout, re.M)
            self.assertTrue(examples, verb)
            for example in examples:
                with self.subTest(example):
                    self.check_use(example)

    def test_commands_of_the_readme(self):
        text = (SOURCE / "README.md").read_text(encoding="utf-8")
        commands = re.findall(
            r"^(?:build/)?gliocast ((?:series|predict|bids|preprocess|simulate|train) .*)$", text, re.M
        )
        self.assertGreaterEqual(len(commands), 12)
        for command in commands:
            with self.subTest(command):
                self.check_use("gliocast " + command)


class Simulated(FolderCase):
    def test_a_cohort_made_in_parts(self):
        """A patient depends on --seed and its number alone."""
        common = ["--seed", 5, "--spacing", 2, "--no-flair", "--no-raters", "-q"]
        run("simulate", "--patients", 2, "--out", self.folder / "whole", *common)
        run("simulate", "--patients", 1, "--first", 2, "--out", self.folder / "part", *common)
        self.assertEqual(sorted(p.name for p in (self.folder / "part").glob("SIM-*")), ["SIM-00002"])
        for file in sorted((self.folder / "part/SIM-00002").iterdir()):
            self.assertEqual(file.read_bytes(), (self.folder / "whole/SIM-00002" / file.name).read_bytes(), file.name)
        self.assertEqual(
            read_json(self.folder / "part/truth/SIM-00002.json"), read_json(self.folder / "whole/truth/SIM-00002.json")
        )
        # The tables of the parts hold all patients made so far.
        run("simulate", "--patients", 1, "--first", 1, "--out", self.folder / "part", "--resume", *common)
        for table in ("clinical.tsv", "name_mapping.csv"):
            self.assertEqual((self.folder / "part" / table).read_text(), (self.folder / "whole" / table).read_text())
        labels = np.asarray(nibabel.load(self.folder / "part/SIM-00002/SIM-00002_seg.nii.gz").dataobj)
        self.assertLessEqual(set(np.unique(labels)), {0, 1, 2, 4})


if __name__ == "__main__":
    main()
