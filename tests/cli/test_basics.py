"""Help, versions, wrong use, exit codes: everything that needs no model."""

import os
import random
import subprocess
import unittest  # noqa: F401

from common import PROGRAM, FolderCase, every_verb, main, run


class Basics(FolderCase):
    def test_help_of_every_verb_has_an_example(self):
        verbs = {tuple(verb): text for verb, text in every_verb()}
        self.assertGreaterEqual(len(verbs), 24)
        for verb in (("predict",), ("icc",), ("train", "grading"), ("survival", "characteristics")):
            self.assertIn(verb, verbs)
        of_one_thread = ("series", "survival", "roc", "icc", "combat")
        at_once = (("study", "plan"), ("study", "freeze"), ("study", "settings"), ("study", "status"))
        silent = at_once[2:]  # print what they were asked for, and nothing else
        for verb, text in verbs.items():
            name = " ".join(verb)
            threads = verb[0] not in of_one_thread and verb not in (("signature", "predict"), *at_once)
            self.assertRegex(text, rf"(?m)^(Examples?:)?\s*gliocast {name}\b.* ", f"{name}: no example")
            self.assertRegex(text, rf"(?m)^Usage: gliocast {name} \[OPTIONS\]", name)
            self.assertNotEqual(text.split("\n")[0].strip(), "", f"{name} does not say what it does")
            for option in [
                "--help",
                *(["--quiet"] if verb not in silent else []),
                *(["--threads"] if threads else []),
            ]:
                self.assertIn(option, text, name)
        self.assertIn("Exit codes", run("--help").stdout)
        self.assertRegex(run("--version").stdout, r"gliocast \d+\.\d+\.\d+")

    def test_wrong_use_is_code_2(self):
        for arguments in (
            [],
            ["nonsense"],
            ["predict"],
            ["predict", "--out", self.folder / "x"],
            ["simulate", "--patients", "0", "--out", self.folder / "x"],
            ["predict", "--t1", "a.nii", self.folder, "--out", self.folder / "x"],
            ["simulate", "--form", "other", "--out", self.folder / "x"],
            ["train"],
            # grading trains all folds
            ["train", "grading", "cohort", "--folds", "2", "--fold", "1", "--out", self.folder / "x"],
            ["train", "segmentation", "cohort", "--fold", "1", "--out", self.folder / "x"],
        ):
            run(*arguments, code=2)
        self.assertFalse((self.folder / "x").exists(), "wrong use must write nothing")

    def test_missing_atlas_and_models_are_code_4(self):
        result = run("simulate", "--out", self.folder / "a", "--atlas", "/nowhere", code=4)
        self.assertIn("mricron-data", result.stderr)
        for name in ("a.nii", "b.nii"):
            (self.folder / name).write_bytes(b"x")
        result = run(
            "predict",
            "--t1",
            self.folder / "a.nii",
            "--t1gd",
            self.folder / "b.nii",
            "--out",
            self.folder / "b",
            "--models",
            "/nowhere",
            code=4,
        )
        self.assertIn("--models", result.stderr)
        self.assertFalse((self.folder / "b").exists())
        # The environment names them where no option does.
        run("simulate", "--out", self.folder / "a", env={"GLIOCAST_ATLAS": "/nowhere"}, code=4)
        (self.folder / "models" / "segmentation-default").mkdir(parents=True)
        (self.folder / "models" / "segmentation-default" / "model.json").write_text("{", encoding="utf-8")
        result = run(
            "predict",
            "--t1",
            self.folder / "a.nii",
            "--t1gd",
            self.folder / "b.nii",
            "--out",
            self.folder / "b",
            env={"GLIOCAST_MODELS": str(self.folder / "models")},
            code=4,
        )
        self.assertIn(str(self.folder / "models"), result.stderr)

    def test_threads_that_wait_do_not_spin_unless_the_user_wants_it(self):
        """As OpenMP's own report at the start of a verb of networks has it."""
        plain = {key: value for key, value in os.environ.items() if not key.startswith(("OMP_", "GOMP_"))}
        for given, found in (({}, "PASSIVE"), ({"OMP_WAIT_POLICY": "active"}, "ACTIVE")):
            env = {**plain, **given, "OMP_DISPLAY_ENV": "true"}
            told = subprocess.run([PROGRAM, "train", "--help"], env=env, capture_output=True, text=True, check=True)
            self.assertIn(f"OMP_WAIT_POLICY = '{found}'", told.stderr)

    def test_output_that_cannot_be_written_is_code_6(self):
        result = run("simulate", "--patients", "1", "--out", "/proc/gliocast", code=6)
        self.assertIn("/proc/gliocast", result.stderr)


class WithoutGnuplot(FolderCase):
    """A figure that cannot be drawn costs no number: tables come first, then the error that says what is missing."""

    def test_numbers_come_and_the_figure_is_told_missing(self):
        f = self.folder
        rng = random.Random(1)
        rows = [(rng.randint(1, 90), rng.randint(0, 1), rng.choice("ab"), rng.gauss(0, 1)) for _ in range(120)]
        text = "".join(f"{t},{e},{g},{x:.4f}\n" for t, e, g, x in rows)
        (f / "t.csv").write_text("time,event,group,x\n" + text, encoding="utf-8")
        outcome = [f / "t.csv", "--time", "time", "--event", "event"]
        run("survival", "cox", *outcome, "--formula", "x + group", "--save", f / "model.json", "-q")
        model = ["--model", f / "model.json", "--times", "30"]
        verbs = {
            "km": ["survival", "km", *outcome, "--group", "group"],
            "cox": ["survival", "cox", *outcome, "--formula", "x + group"],
            "cutpoint": ["survival", "cutpoint", *outcome, "--value", "x"],
            "cutpoints": ["survival", "cutpoint", *outcome, "--value", "x", "--cuts", "2", "--permutations", "100"],
            "calibrate": ["survival", "calibrate", *outcome, *model],
            "timeroc": ["survival", "timeroc", *outcome, *model],
            "decision": ["survival", "decision", *outcome, *model],
            "nomogram": ["survival", "nomogram", *model],
            "roc": ["roc", f / "t.csv", "--truth", "event", "--score", "x"],
        }
        for name, verb in verbs.items():
            plain = run(*verb)
            result = run(*verb, "--figure", f / f"{name}.svg", env={"PATH": "/nowhere"}, code=6)
            self.assertEqual(result.stdout, plain.stdout, name)
            self.assertIn("gnuplot is not installed", result.stderr, name)
            self.assertIn("gnuplot-nox", result.stderr, name)
            self.assertFalse((f / f"{name}.svg").exists(), name)
            run(*verb, "--figure", f / f"{name}.svg", "--out", f / f"{name}.tsv", env={"PATH": "/nowhere"}, code=6)
            self.assertEqual((f / f"{name}.tsv").read_text(encoding="utf-8"), plain.stdout, name)
            self.assertEqual(run(*verb, "--figure", f / f"{name}.bmp", code=2).stdout, "", name)


if __name__ == "__main__":
    main()
