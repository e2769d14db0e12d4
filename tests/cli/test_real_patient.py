"""The shipped models on one real BraTS patient: the outline overlaps the experts', and the report looks as it should in
a browser. Slow; needs ../shared/data."""

import os
import subprocess
import sys

import nibabel
import numpy as np
from common import SOURCE, FolderCase, main, read_json, run

CASES = SOURCE.parent / "shared" / "data" / "brats"


class RealPatient(FolderCase):
    def test_outline_and_report(self):
        folders = sorted(p for p in CASES.iterdir() if p.is_dir())
        case = next(p for p in folders if p.name.startswith("Brats18_TCIA02_135"))
        out = self.folder / "out"
        run("predict", case, "--out", out, "--quiet")
        truth = nibabel.load(next(case.glob("*seg.nii.gz"))).get_fdata() > 0
        mask = nibabel.load(out / "sub-01" / "anat" / "sub-01_space-orig_label-tumor_mask.nii.gz").get_fdata() > 0
        dice = 2 * (truth & mask).sum() / (truth.sum() + mask.sum())
        self.assertGreater(dice, 0.6)
        prediction = read_json(out / "sub-01" / "prediction.json")
        self.assertEqual(prediction["enhancement"]["verdict"], "yes")
        self.assertNotIn(case.name, (out / "sub-01" / "report.html").read_text())
        picture = self.folder / "report.png"
        browser = [
            "chromium",
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            f"--user-data-dir={self.folder}/profile",
            "--window-size=1100,2600",
            f"--screenshot={picture}",
            (out / "sub-01" / "report.html").as_uri(),
        ]
        subprocess.run(browser, check=True, capture_output=True, timeout=120)
        self.assertGreater(os.path.getsize(picture), 100000, "the rendered page holds the pictures")
        self.assertTrue(np.isfinite(prediction["tumour"]["volume_cm3"]))


if __name__ == "__main__":
    if not CASES.exists():
        print(
            "../shared/data/brats is not there"
            + (": it must be in CI" if os.environ.get("CI") == "true" else "; skipped")
        )
        sys.exit(1 if os.environ.get("CI") == "true" else 77)
    main()
