"""Help, versions, wrong use, exit codes: everything that needs no model."""
import unittest  # noqa: F401

from common import FolderCase, main, run


class Basics(FolderCase):
    def test_help_of_every_verb_has_an_example(self):
        for verb in (["simulate"], ["predict"], ["train", "segmentation"], ["train", "grading"]):
            text = run(*verb, "--help").stdout
            self.assertIn("Example", text, verb)
            self.assertIn("--threads", text, verb)
        self.assertIn("Exit codes", run("--help").stdout)
        self.assertRegex(run("--version").stdout, r"gliocast \d+\.\d+\.\d+")

    def test_wrong_use_is_code_2(self):
        for arguments in ([], ["nonsense"], ["predict"], ["predict", "--out", self.folder / "x"], ["simulate", "--patients", "0", "--out", self.folder / "x"],
                          ["predict", "--t1", "a.nii", "b", "--out", self.folder / "x"], ["simulate", "--form", "other", "--out", self.folder / "x"], ["train"]):
            run(*arguments, code=2)
        self.assertFalse((self.folder / "x").exists(), "wrong use must write nothing")

    def test_missing_atlas_and_models_are_code_4(self):
        result = run("simulate", "--out", self.folder / "a", "--atlas", "/nowhere", code=4)
        self.assertIn("mricron-data", result.stderr)
        for name in ("a.nii", "b.nii"):
            (self.folder / name).write_bytes(b"x")
        result = run("predict", "--t1", self.folder / "a.nii", "--t1gd", self.folder / "b.nii", "--out", self.folder / "b", "--models", "/nowhere", code=4)
        self.assertIn("--models", result.stderr)
        self.assertFalse((self.folder / "b").exists())

    def test_output_that_cannot_be_written_is_code_6(self):
        result = run("simulate", "--patients", "1", "--out", "/proc/gliocast", code=6)
        self.assertIn("/proc/gliocast", result.stderr)


if __name__ == "__main__":
    main()
