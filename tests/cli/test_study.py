"""gliocast study grading on simulated patients, with small networks: tables, audit, resume, bad input; settings."""

import csv
import hashlib
import itertools
import json
import os
import shlex
import shutil
import signal
import subprocess
import time

from common import PROGRAM, FolderCase, main, read_json, run

PATIENTS = 15
CHAIN = """name: small
steps: [standardise, {forest: {trees: 20, keep: 4}}]
classifier: logistic
folds: 2
calibration: none
threshold: 0.5
"""
TABLES = ("table_1", "table_2", "table_s3")
VARIANTS = ["baseline, patches", "+ SE, patches", "baseline, complete MRI", "+ SE, complete MRI"]


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, delimiter="\t"))


class Study(FolderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        run(
            "simulate", "--patients", PATIENTS, "--spacing", "2", "--seed", "5", "--high-grade", "0.5",
            "--no-flair", "--no-raters",
            "--out", cls.folder / "cohort", "--quiet",
        )  # fmt: skip
        (cls.folder / "chain.yaml").write_text(CHAIN)
        cls.study = cls.folder / "study"
        run(*cls.arguments(cls.study))

    @classmethod
    def arguments(cls, out, *more, cohort=None, outer="3"):
        folds = [] if outer is None else ["--outer", outer]
        return [
            "study", "grading", cohort or cls.folder / "cohort", "--out", out, "--outlines", "experts",
            "--chain", cls.folder / "chain.yaml", *folds, "--epochs", "2", "--steps-per-epoch", "1",
            "--batch", "2", "--refits", "4", "--draws", "100", *more,
        ]  # fmt: skip

    def grades(self):
        with open(self.folder / "cohort" / "clinical.tsv", encoding="utf-8", newline="") as f:
            rows = list(csv.DictReader(f, delimiter="\t"))
        name = next(key for key in ("patient", "case", "id") if key in rows[0])
        return {row[name]: 1 if row["grade"] in ("4", "IV", "HGG") else 0 for row in rows}

    def test_tables_have_every_model(self):
        for name, first in (("table_1", VARIANTS), ("table_2", VARIANTS), ("table_s3", ["T1", "T1-Gd", "T2"])):
            rows = rows_of(self.study / f"{name}.tsv")
            self.assertEqual([next(iter(row.values())) for row in rows], first)
            for row in rows:
                self.assertTrue(0 <= float(row["AUC"]) <= 1, row)
                low, high = row["95 % CI"].split("–")
                self.assertLessEqual(float(low), float(high))
            for ending in ("md", "tex"):
                self.assertIn(first[1], (self.study / f"{name}.{ending}").read_text(encoding="utf-8"))
        self.assertIn("P against integrated", rows_of(self.study / "table_2.tsv")[0])
        for figure in ("figure_s3", "roc_integrated", "roc_networks", "main_calibration", "main_decision"):
            for ending in ("svg", "pdf", "png"):
                self.assertGreater((self.study / f"{figure}.{ending}").stat().st_size, 1000)

    def test_numbers_are_those_of_the_predictions(self):
        truth = self.grades()
        rows = rows_of(self.study / "predictions.tsv")
        self.assertEqual({row["id"]: int(row["high_grade"]) for row in rows}, truth)
        for part, table in (("integrated", "table_1"), ("network alone", "table_2")):
            for model in rows_of(self.study / f"{table}.tsv"):
                name = next(iter(model.values()))
                p = {row["id"]: float(row[f"{part}: {name}"]) for row in rows}
                pairs = [(p[a], p[b]) for a, b in itertools.product(p, p) if truth[a] == 1 and truth[b] == 0]
                auc = sum(1.0 if a > b else 0.5 if a == b else 0.0 for a, b in pairs) / len(pairs)
                self.assertAlmostEqual(auc, float(model["AUC"]), delta=0.00051)
                right = [int(row[f"{part}: {name}, class"]) == truth[row["id"]] for row in rows]
                self.assertAlmostEqual(sum(right) / len(right), float(model["Accuracy"]), delta=0.00051)

    def test_nobody_tests_what_he_fitted(self):
        study = read_json(self.study / "study.json")
        tested = []
        networks = {}
        for folder in (self.study / "networks").iterdir():
            for column, entry in read_json(folder / "deep_features.json").items():
                if column != "id":
                    networks.setdefault(entry["Network"], set()).add(tuple(entry["FittedOn"]))
        for fold in study["audit"]:
            tested += fold["tested"]
            halves = [set(fold["half_1"]), set(fold["half_2"])]
            self.assertFalse(halves[0] & halves[1])
            self.assertFalse((halves[0] | halves[1]) & set(fold["tested"]))
            self.assertEqual(len(halves[0] | halves[1]) + len(fold["tested"]), PATIENTS)
            self.assertEqual([model["model"] for model in fold["models"]], VARIANTS)
            for model in fold["models"]:
                for member in model["members"]:
                    fitted = networks[member["network"]]
                    self.assertEqual(fitted, {tuple(sorted(fold[member["network_fitted_on"]]))})
                    self.assertNotEqual(member["network_fitted_on"], member["classifier_fitted_on"])
        self.assertEqual(sorted(tested), sorted(self.grades()))
        self.assertEqual(len(networks), 3 * 2 * 4 + 2)  # folds, halves, variants; two of the model for use

    def test_deep_columns_stand_beside_their_dictionary(self):
        for folder in (self.study / "networks").iterdir():
            columns = list(rows_of(folder / "deep_features.tsv")[0])
            self.assertEqual(sorted(columns), sorted(read_json(folder / "deep_features.json")))
            self.assertEqual(len(columns), 2 + 128)
            self.assertFalse((folder / "checkpoint.safetensors").exists())

    def test_features_are_those_of_the_paper(self):
        for sequence in ("t1", "t1gd", "t2"):
            rows = rows_of(self.study / f"features_{sequence}.tsv")
            self.assertEqual(len(rows), PATIENTS)
            self.assertEqual(len(rows[0]), 3 + 788)

    def copy_of_patients(self, out, without=()):
        """A study's folder in which patients have been examined already."""
        shutil.copytree(self.study / "patients", out / "patients", copy_function=shutil.copy2)
        for folder in sorted((out / "patients").iterdir()):
            if folder.name in without:
                shutil.rmtree(folder)

    def test_a_second_run_does_only_what_changed_and_gives_the_same(self):
        out = self.folder / "again"
        shutil.copytree(self.study, out, copy_function=shutil.copy2)
        before = {p: p.stat().st_mtime_ns for p in out.glob("networks/*/bundle/*")}
        before |= {p: p.stat().st_mtime_ns for p in out.glob("patients/*/*")}
        run(*self.arguments(out, "--resume"))
        self.assertEqual(before, {p: p.stat().st_mtime_ns for p in before})
        self.compare(out)

    def compare(self, out):
        for name in (*TABLES, "predictions", "features_t1gd"):
            with self.subTest(name):
                self.assertEqual((out / f"{name}.tsv").read_bytes(), (self.study / f"{name}.tsv").read_bytes())
        for bundle in ("network_0", "network_1", "classifier_0", "classifier_1", "."):
            mine, other = (read_json(folder / "model" / bundle / "model.json") for folder in (self.study, out))
            self.assertEqual(mine, other)
        self.assertEqual(read_json(out / "study.json"), read_json(self.study / "study.json"))

    def test_killed_anywhere_and_resumed_it_gives_the_same(self):
        out = self.folder / "killed"
        self.copy_of_patients(out, ["sub-SIM00001", "sub-SIM00002", "sub-SIM00003", "sub-SIM00004"])
        command = [str(PROGRAM), *map(str, self.arguments(out, "--resume", "--threads", "1"))]
        for kill in range(2):
            process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            wanted, least = (("patients/*/examination.json", PATIENTS - 3), ("networks/*/network.json", 3))[kill]
            while len(list(out.glob(wanted))) < least and process.poll() is None:
                time.sleep(0.05)
            self.assertIsNone(process.poll(), "the study was over before it could be killed")
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        self.assertFalse((out / "study.json").exists())
        run(*self.arguments(out, "--resume"))
        self.compare(out)

    def test_what_is_damaged_is_made_again(self):
        out = self.folder / "damaged-run"
        shutil.copytree(self.study, out, copy_function=shutil.copy2)
        patients, networks = sorted((out / "patients").iterdir()), sorted((out / "networks").iterdir())
        (patients[0] / "network_input.safetensors").write_bytes(b"no tensors")
        record = read_json(patients[1] / "examination.json")
        record["features"] = 7
        (patients[1] / "examination.json").write_text(json.dumps(record))
        (networks[0] / "network.json").write_text(json.dumps({**read_json(networks[0] / "network.json"), "logit": "x"}))
        next((networks[1] / "bundle").glob("*.safetensors")).unlink()
        result = run(*self.arguments(out, "--resume"))
        self.assertEqual(result.stderr.count("made again"), 4)
        self.compare(out)

    def test_a_patient_is_read_as_the_study_read_him(self):
        out = self.folder / "same"
        patient = self.folder / "cohort" / "SIM-00003"
        run(
            "predict", patient, "--grading-model", self.study / "model", "--out", out,
            "--tumour-mask", next(patient.glob("*_seg.nii.gz")),
        )  # fmt: skip
        prediction = read_json(next(out.glob("sub-*/prediction.json")))
        for i, deep in enumerate(prediction["deep_features"]):
            network = read_json(self.study / "model" / f"network_{i}" / "model.json")
            folder = next(
                p for p in (self.study / "networks").iterdir() if read_json(p / "bundle" / "model.json") == network
            )
            (row,) = (row for row in rows_of(folder / "deep_features.tsv") if row["id"] == "SIM-00003")
            for name, value in zip((f"deep_{k:03}" for k in range(1, 129)), deep, strict=True):
                self.assertAlmostEqual(float(row[name]), value, delta=1e-5 * max(1, abs(value)))

    def test_permuted_grades_are_shuffled_before_anything_is_fitted(self):
        out = self.folder / "permuted"
        self.copy_of_patients(out)
        run(*self.arguments(out, "--resume", "--permute-labels"))
        found = {row["id"]: int(row["high_grade"]) for row in rows_of(out / "predictions.tsv")}
        truth = self.grades()
        self.assertNotEqual(found, truth)
        self.assertEqual(sum(found.values()), sum(truth.values()))
        self.assertTrue(read_json(out / "study.json")["settings"]["permuted"])
        self.assertFalse(list(out.glob("features_*")))  # shuffled grades would be taken for true ones
        self.assertIn("shuffled", json.dumps(read_json(out / "model" / "model.json")))
        names = {p.name for p in (self.study / "networks").iterdir()}
        self.assertFalse(names & {p.name for p in (out / "networks").iterdir()})  # none is taken over

    def test_the_papers_design(self):
        out = self.folder / "paper"
        self.copy_of_patients(out)
        run(
            *self.arguments(
                out, "--resume", "--preset", "paper", "--base-width", "4", "--patch", "32", "32", "32", outer=None
            )
        )
        study = read_json(out / "study.json")
        (audit,) = study["audit"]
        parts = [set(audit[part]) for part in ("training", "validation", "tested")]
        self.assertEqual(sum(map(len, parts)), PATIENTS)
        self.assertEqual(set.union(*parts), set(self.grades()))
        self.assertIn(len(parts[0]), (9, 10))
        self.assertIn("flatter", audit["leak"])
        self.assertFalse((out / "model").exists())  # its classifier is fitted on features that flatter it
        run(*self.arguments(out, "--resume", "--preset", "paper"), code=2)  # it has no folds
        self.assertEqual({row["id"] for row in rows_of(out / "predictions.tsv")}, parts[2])
        for folder in (out / "networks").iterdir():
            dictionary = read_json(folder / "deep_features.json")
            self.assertEqual(set(dictionary["deep_001"]["FittedOn"]), parts[0] | parts[1])

    def test_the_model_grades_a_patient(self):
        new, out = self.folder / "new", self.folder / "result"
        run(
            "simulate", "--patients", "1", "--first", "90", "--spacing", "2", "--seed", "5", "--no-flair",
            "--no-raters",
            "--out", new, "--quiet",
        )  # fmt: skip
        run("predict", new / "SIM-00090", "--grading-model", self.study / "model", "--out", out)
        prediction = read_json(next(out.glob("sub-*/prediction.json")))
        self.assertIn("grading-study", json.dumps(prediction["models"]))
        grade = prediction["grade"]
        self.assertTrue(grade["demonstration"])
        self.assertIn(grade["status"], ("estimated", "no reliable estimate"))
        if grade["status"] == "estimated":
            low, high = grade["interval"]
            self.assertTrue(low <= grade["probability"] <= high)
        self.assertIn("emonstration", next(out.glob("sub-*/report.html")).read_text(encoding="utf-8"))

    def test_the_model_may_be_given_away(self):
        for file in (self.study / "model").rglob("*.json"):
            self.assertNotIn("SIM-", file.read_text(encoding="utf-8"), file)
        known = {f"sha256:{hashlib.sha256(name.encode()).hexdigest()}" for name in self.grades()}
        for file in (self.study / "model").glob("classifier_*/model.json"):
            for origin in read_json(file)["payload"].get("origins", []):  # of deep features that were selected
                self.assertTrue(set(origin["fitted_on"]) < known)

    def test_one_bad_patient_does_not_stop_the_study(self):
        cohort, out = self.folder / "damaged", self.folder / "of-damaged"
        shutil.copytree(self.folder / "cohort", cohort)
        grades = self.grades()
        many = max((0, 1), key=list(grades.values()).count)
        patients = [cohort / name for name in sorted(grades) if grades[name] == many]
        next(patients[0].glob("*_t1ce.nii.gz")).write_bytes(b"no image")
        next(patients[1].glob("*_seg.nii.gz")).unlink()
        self.copy_of_patients(out)
        result = run(*self.arguments(out, "--resume", cohort=cohort), code=1)
        failures = rows_of(out / "failures.tsv")
        self.assertEqual(len(failures), 2)
        self.assertIn("segmentation", failures[1]["reason"])
        self.assertEqual(len(rows_of(out / "predictions.tsv")), PATIENTS - 2)
        self.assertIn("failures.tsv", result.stderr)

    def test_a_model_that_lacks_is_told_before_any_work(self):
        before = (self.study / "study.json").read_bytes()
        for options in (["--segmentation-model", "nosuch"], ["--models", self.folder / "nowhere"]):
            nowhere = run(*self.arguments(self.folder / "no", *options, cohort=self.folder / "none"), code=4).stderr
            self.assertNotIn("none", nowhere.replace("none of", ""), "before the cohort is looked for")
            self.assertFalse((self.folder / "no").exists())
            run(*self.arguments(self.study, "--overwrite", *options), code=4)
            self.assertEqual((self.study / "study.json").read_bytes(), before, "an earlier study stays")

    def test_too_few_patients_are_told_before_the_work(self):
        result = run(*self.arguments(self.folder / "few", outer="2"), code=3)
        self.assertRegex(result.stderr, r"patients of each grade, there are \d+ of low and \d+ of high grade")
        self.assertFalse((self.folder / "few" / "patients").exists())
        cohort = self.folder / "ungraded"
        shutil.copytree(self.folder / "cohort", cohort)
        for table in cohort.glob("*.?sv"):
            table.unlink()
        result = run(*self.arguments(self.folder / "few", cohort=cohort), code=3)
        self.assertIn("no patient has a grade", result.stderr)
        self.assertIn("clinical.tsv", result.stderr)


def values_of(printed):
    """Values by path, "grading.network.epochs", of what gliocast study settings prints."""
    values, above = {}, []
    for line in printed.splitlines():
        text = line.split("  #")[0].rstrip()
        if not text or text.startswith("#"):
            continue
        name, value = text.split(":", 1)
        above = [*above[: (len(name) - len(name.lstrip())) // 2], name.strip()]
        if value:
            values[".".join(above)] = value.strip()
    return values


class Settings(FolderCase):
    """gliocast study settings."""

    def file_of(self, text, name="study.yaml"):
        (self.folder / name).write_text(text, encoding="utf-8")
        return self.folder / name

    def test_what_is_printed_is_read_back(self):
        for preset in ("default", "paper", "demo"):
            printed = run("study", "settings", "--preset", preset).stdout
            self.assertEqual(run("study", "settings", "--settings", self.file_of(printed)).stdout, printed)
            self.assertEqual(values_of(printed)["preset"], preset)
            for line in printed.splitlines():
                self.assertTrue(not line or "# " in line, line)
                self.assertLessEqual(len(line), 120)
        self.assertEqual(run("study", "settings", "--preset", "default").stdout, run("study", "settings").stdout)

    def test_a_file_is_edited(self):
        printed = run("study", "settings", "--preset", "demo").stdout
        edited = self.file_of(printed.replace("times: [12, 24, 36]", "times: [6, 18.5]"))
        arguments = ["--settings", edited, "--set", "signature.network.epochs=7", "--set", "times=6,24"]
        expected = values_of(printed)
        self.assertEqual(expected["times"], "[12, 24, 36]")
        expected |= {"times": "[6, 24]", "signature.network.epochs": "7"}
        self.assertEqual(values_of(run("study", "settings", *arguments).stdout), expected)
        short = self.file_of("preset: paper\ngrading: {outer: 10}\n", "short.yaml")
        expected = values_of(run("study", "settings", "--preset", "paper").stdout) | {"grading.outer": "10"}
        self.assertEqual(values_of(run("study", "settings", "--settings", short).stdout), expected)

    def test_what_is_wrong_is_told_with_its_place(self):
        def refused(code, *arguments):
            result = run("study", "settings", *arguments, code=code)
            self.assertEqual(result.stdout, "")
            return result.stderr

        wrong = self.file_of("seed: 2\ngrading:\n  outer: 1\n", "wrong.yaml")
        self.assertIn("wrong.yaml, line 3: grading.outer must be a whole number, 2 to 1000, and is 1",
                      refused(3, "--settings", wrong))  # fmt: skip
        unknown = self.file_of("seed: 2\nsignature:\n  repeat: 1\n", "unknown.yaml")
        self.assertIn("unknown.yaml, line 3: there is no setting signature.repeat; is signature.repeats meant?",
                      refused(3, "--settings", unknown))  # fmt: skip
        self.assertIn("is times meant?", refused(2, "--set", "tims=12"))
        self.assertIn("must be one of: days, weeks, months, years", refused(2, "--set", "unit=hours"))
        self.assertIn("signature.way itself", refused(2, "--set", "signature.way=paper"))
        self.assertIn("default, paper, demo", refused(2, "--preset", "papers"))
        self.assertIn("excludes", refused(2, "--preset", "demo", "--settings", wrong))
        self.assertIn("nowhere.yaml", refused(3, "--settings", self.folder / "nowhere.yaml"))
        self.assertIn("nothing.yaml: holds no settings", refused(3, "--settings", self.file_of("", "nothing.yaml")))

    def test_the_example_runs(self):
        (example,) = (
            line for line in run("study", "settings", "--help").stdout.splitlines() if " > study.yaml" in line
        )
        words = shlex.split(example.split(" > ")[0])
        values = values_of(run(*words[words.index("gliocast") + 1 :]).stdout)
        self.assertEqual((values["preset"], values["seed"], values["grading.network.epochs"]), ("demo", "7", "2"))


if __name__ == "__main__":
    main()
