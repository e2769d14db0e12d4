#!/usr/bin/env python3
"""What README and --help show can be run as it stands: every example of the light verbs, on tables and images made
here; what the help says of outputs, notes and exit codes. Usage: test_examples.py BUILD SOURCE"""

import csv
import json
import os
import pathlib
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import jsonschema
import nibabel
import numpy as np
from common import PROGRAM, SOURCE, FolderCase, main, read_json, run, verbs_of

SCHEMA = read_json(SOURCE / "docs/survival.schema.json")
OUTPUT_OPTIONS = ("--out", "--figure", "--save", "--html")


def code_block(beginning):
    """The block of code of README.md that holds a line which begins so."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", (SOURCE / "README.md").read_text(encoding="utf-8"), re.M | re.S)
    return next(b for b in blocks if re.search("^" + re.escape(beginning), b, re.M))


def examples_of(help_text):
    """The commands that a help text shows as examples."""
    return re.findall(r"^(?:Examples?: | {2})(gliocast .*)$", help_text, re.M)


def write_table(path, rows):
    separator = "," if path.suffix == ".csv" else "\t"
    with open(path, "w", newline="", encoding="utf-8") as f:
        writer = csv.DictWriter(f, rows[0].keys(), delimiter=separator)
        writer.writeheader()
        writer.writerows(rows)


def lung_like(rows, seed):
    """A table with the columns of R's survival::lung, status 1 = censored, 2 = dead; some values are missing."""
    rng = random.Random(seed)
    table = []
    for i in range(rows):
        age, sex, ecog = rng.randint(40, 82), rng.randint(1, 2), rng.randint(0, 2)
        time = rng.expovariate(0.0018 * 2.718 ** (0.02 * (age - 60) - 0.4 * (sex - 1) + 0.3 * ecog))
        end = rng.uniform(200, 1000)
        table.append(
            {
                "inst": rng.randint(1, 4),
                "time": max(1, round(min(time, end))),
                "status": 2 if time < end else 1,
                "age": age,
                "sex": sex,
                "ph.ecog": "NA" if i % 50 == 7 else ecog,
                "wt.loss": "NA" if rng.random() < 0.05 else rng.randint(-10, 40),
                "score": round(age / 10 + ecog + rng.gauss(0, 1), 2),
            }
        )
    return table


def write_nrrd(path, array, kind):
    """An uncompressed NRRD of an array (z, y, x) on a grid of 0.9 × 1.1 × 2.5 mm."""
    header = (
        f"NRRD0004\ntype: {kind}\ndimension: 3\nspace: left-posterior-superior\n"
        f"sizes: {' '.join(map(str, array.shape[::-1]))}\n"
        "space directions: (0.9,0,0) (0,1.1,0) (0,0,2.5)\nspace origin: (-3,4,5.5)\nkinds: domain domain domain\n"
        "endian: little\nencoding: raw\n\n"
    )
    path.write_bytes(header.encode() + array.tobytes())


class ExampleCase(FolderCase):
    """Runs commands as they are shown, in the folder of the case."""

    def check_outputs(self, command):
        """Every file that the command names as an output is there and holds something."""
        arguments = shlex.split(command, comments=True)
        for option, value in zip(arguments, arguments[1:]):
            if option in OUTPUT_OPTIONS:
                out = self.folder / value
                self.assertTrue(any(out.iterdir()) if out.is_dir() else out.stat().st_size > 0, f"{value} of {command}")

    def run_example(self, command):
        words = shlex.split(command)
        grade = words[1] == "grade" and "--out" in words and words[2] != "predict"
        if grade or words[1] == "radiomics" or words[2] == "integrate":
            words.append("--overwrite")
        result = subprocess.run(
            [str(PROGRAM), *words[1:]], cwd=self.folder, capture_output=True, text=True, timeout=300, check=False
        )
        self.assertEqual(result.returncode, 0, f"{command}\n{result.stderr}")
        self.check_outputs(command)

    def run_block(self, block):
        """A block of README.md in a shell that stops at the first failure."""
        script = block.replace("build/gliocast", str(PROGRAM))
        result = subprocess.run(
            ["sh", "-e", "-c", script], cwd=self.folder, capture_output=True, text=True, timeout=600, check=False
        )
        self.assertEqual(result.returncode, 0, f"{block}\n{result.stderr}")
        for line in block.splitlines():
            self.check_outputs(line)
        return result


class Examples(ExampleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, rows, seed in (
            ("lung.csv", 228, 1),
            ("new.csv", 120, 2),
            ("training.csv", 200, 3),
            ("test.csv", 150, 4),
        ):
            write_table(cls.folder / name, lung_like(rows, seed))
        rng = random.Random(5)
        grades = [{"high_grade": int(rng.random() < 0.5)} for _ in range(60)]
        for row in grades:
            row["probability"], row["radiologist"] = (
                round(min(1, max(0, 0.3 + 0.4 * row["high_grade"] + rng.gauss(0, 0.2))), 3) for _ in range(2)
            )
        write_table(cls.folder / "grades.tsv", grades)
        volumes = [rng.uniform(5, 90) for _ in range(25)]
        write_table(
            cls.folder / "volumes.tsv",
            [{f"reader{k}": round(v * rng.uniform(0.9, 1.1), 2) for k in (1, 2, 3)} for v in volumes],
        )
        cls.write_images()

    @classmethod
    def write_images(cls):
        image = np.random.default_rng(1).integers(0, 300, (10, 16, 18)).astype(np.int16)
        mask = np.zeros(image.shape, np.uint8)
        mask[2:8, 4:12, 4:13] = 1
        mask[2:8, 12:15, 4:13] = 4
        write_nrrd(cls.folder / "image.nrrd", image, "short")
        write_nrrd(cls.folder / "mask.nrrd", mask, "uchar")
        for name, array in (("t1gd", image), ("seg", mask)):
            nibabel.save(nibabel.Nifti1Image(array.T, np.eye(4)), cls.folder / f"{name}.nii.gz")
        (cls.folder / "Params.yaml").write_text(
            "imageType:\n  Original: {}\nsetting:\n  binWidth: 25\n", encoding="utf-8"
        )
        (cls.folder / "Voxel.yaml").write_text(
            "featureClass:\n  firstorder: [Mean]\nvoxelSetting:\n  kernelRadius: 1\n", encoding="utf-8"
        )
        (cls.folder / "cases.csv").write_text(
            "Image,Mask,ID\nimage.nrrd,mask.nrrd,a\nt1gd.nii.gz,seg.nii.gz,b\n", encoding="utf-8"
        )

    def test_survival_commands_of_the_readme_run_in_their_order(self):
        result = self.run_block(code_block("$G characteristics"))
        self.assertIn("log-rank", result.stderr)
        self.assertIn("left out", result.stderr, "rows with missing values are told")
        self.assertIn("age", (self.folder / "table1.md").read_text(encoding="utf-8"))
        self.assertIn("survival_365", (self.folder / "predicted.tsv").read_text(encoding="utf-8").splitlines()[0])

    def test_radiomics_commands_of_the_readme_run(self):
        for line in (
            code_block("build/gliocast radiomics image.nrrd mask.nrrd --params").splitlines()
            + code_block("build/gliocast radiomics image.nrrd mask.nrrd --voxel").splitlines()
        ):
            self.run_block(line + " --overwrite\n")

    def test_examples_of_help_run(self):
        run(
            "survival",
            "cox",
            self.folder / "lung.csv",
            "--time",
            "time",
            "--event",
            "status",
            "--formula",
            "age + sex + ph.ecog",
            "--save",
            self.folder / "model.json",
            "-q",
        )
        verbs = [["survival", v] for v in verbs_of(run("survival", "--help").stdout)] + [
            ["roc"],
            ["icc"],
            ["radiomics"],
        ]
        self.assertGreaterEqual(len(verbs), 17)
        for verb in verbs:
            examples = examples_of(run(*verb, "--help").stdout)
            self.assertTrue(examples, f"gliocast {' '.join(verb)} --help has no example")
            for example in examples:
                with self.subTest(example):
                    self.assertEqual(shlex.split(example)[1 : 1 + len(verb)], verb)
                    self.run_example(example)
                    if verb != ["radiomics"]:
                        self.check_schema(verb[-1], example)

    def check_schema(self, verb, example):
        """The example's JSON has the form of docs/survival.schema.json."""
        words = [w for w in shlex.split(example)[1:] if w != "--json"]
        words += ["--overwrite"] if verb == "integrate" else []
        printed = subprocess.run(
            [str(PROGRAM), *words, "--json", "-q"],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=300,
            check=True,
        ).stdout
        jsonschema.validate(json.loads(printed), {"$ref": f"#/$defs/{verb}", **SCHEMA})

    def test_radiomics_outputs_by_ending(self):
        arguments = ["radiomics", self.folder / "image.nrrd", self.folder / "mask.nrrd", "--preset", "default", "-q"]
        printed = run(*arguments).stdout
        self.assertTrue(printed.startswith("Image,Mask,diagnostics_"))
        for ending, separator in (("csv", ","), ("tsv", "\t")):
            run(*arguments, "--out", self.folder / f"ending.{ending}")
            with open(self.folder / f"ending.{ending}", newline="", encoding="utf-8") as f:
                self.assertEqual(
                    list(csv.reader(f, delimiter=separator)), list(csv.reader(printed.splitlines())), ending
                )
        run(*arguments, "--out", self.folder / "ending.json")
        self.assertIn("original_glcm_Contrast", read_json(self.folder / "ending.json")[0])
        run(*arguments, "--out", self.folder / "ending.xlsx", code=2)

    def test_voxel_batch_changes_nothing(self):
        maps = []
        for batch in ("", "\n  voxelBatch: 7"):
            parameters = self.folder / "Batch.yaml"
            parameters.write_text(
                "featureClass:\n  firstorder: [Mean]\n  glcm: [Contrast]\nvoxelSetting:\n  kernelRadius: 1"
                + batch
                + "\n",
                encoding="utf-8",
            )
            out = self.folder / f"maps{len(maps)}"
            run(
                "radiomics",
                self.folder / "image.nrrd",
                self.folder / "mask.nrrd",
                "--label",
                4,
                "--voxel-based",
                "--params",
                parameters,
                "--out",
                out,
                "-q",
            )
            maps.append({p.name: p.read_bytes() for p in out.glob("*.nrrd")})
        self.assertEqual(len(maps[0]), 2)
        self.assertEqual(maps[0], maps[1])

    def test_shipped_nomogram_is_drawn_as_its_card_says(self):
        card = (SOURCE / "models/nomogram-lgg/README.md").read_text(encoding="utf-8")
        self.run_example(re.search(r"\*\*Use:\*\* `(.*)`", card).group(1).replace("models/", f"{SOURCE}/models/"))

    def test_options_of_the_readmes_commands_are_in_help(self):
        """Also of the verbs that are not run here, in builds that have them."""
        text = (SOURCE / "README.md").read_text(encoding="utf-8")
        commands = [
            c.replace("$G", "gliocast survival", 1).replace("build/gliocast", "gliocast")
            for c in re.findall(r"^(?:build/gliocast|\$G) .*", text, re.M)
        ]
        self.assertGreater(len(commands), 20)
        imaging = (PROGRAM.parent / "gliocast-imaging").exists()
        for command in commands:
            words = shlex.split(command, comments=True)
            verb = words[1:3] if words[1] in ("survival", "study", "train", "grade", "signature") else words[1:2]
            if verb[0] in ("predict", "preprocess", "series", "simulate", "study", "train") and not imaging:
                continue
            of_images = verb[0] == "signature" and "." not in words[3]  # a folder: another program's options
            if of_images and not imaging:
                continue
            help_text = run(*verb, *([SOURCE / "tests"] if of_images else []), "--help").stdout
            for option in (w for w in words if w.startswith("--")):
                self.assertRegex(help_text, re.escape(option) + r"\b", command)


class Outputs(FolderCase):
    """What the help of the statistics verbs says of their outputs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.table = cls.folder / "lung.csv"
        write_table(cls.table, lung_like(150, 7))
        cls.outcome = [cls.table, "--time", "time", "--event", "status"]

    def test_tables_by_ending(self):
        starts = {"tsv": "model\tterm\t", "csv": "model,term,", "md": "| model | term |", "tex": "\\begin{tabular}"}
        for ending, start in starts.items():
            out = self.folder / f"cox.{ending}"
            self.assertEqual(run("survival", "cox", *self.outcome, "--formula", "age", "--out", out, "-q").stdout, "")
            self.assertTrue(out.read_text(encoding="utf-8").startswith(start), ending)

    def test_json_is_printed_beside_the_table(self):
        out = self.folder / "both.tsv"
        printed = json.loads(
            run("survival", "cox", *self.outcome, "--formula", "age", "--out", out, "--json", "-q").stdout
        )
        row = out.read_text(encoding="utf-8").splitlines()[1].split("\t")
        self.assertAlmostEqual(printed["coefficients"][0]["estimate"], float(row[2]), delta=1e-5 * abs(float(row[2])))

    def test_quiet_leaves_warnings_only(self):
        arguments = ["survival", "cox", *self.outcome, "--formula", "age + wt.loss"]
        self.assertIn("left out", run(*arguments).stderr)
        self.assertEqual(run(*arguments, "-q").stderr, "")
        separated = self.folder / "separated.csv"
        separated.write_text("time,status,x\n5,1,60\n6,0,50\n7,1,55\n8,1,40\n", encoding="utf-8")
        self.assertIn(
            "warning",
            run("survival", "cox", separated, "--time", "time", "--event", "status", "--formula", "x", "-q").stderr,
        )

    def test_reference_level(self):
        table = self.folder / "grades.csv"
        rng = random.Random(1)
        write_table(
            table,
            [
                {
                    "t": rng.randint(1, 60),
                    "e": rng.randint(0, 1),
                    "histology": rng.choice(["astrocytoma", "mixed", "oligodendroglioma"]),
                }
                for _ in range(90)
            ],
        )
        arguments = ["survival", "cox", table, "--time", "t", "--event", "e", "--formula", "histology", "--json", "-q"]
        terms = [
            [c["term"] for c in json.loads(run(*arguments, *more).stdout)["coefficients"]]
            for more in ([], ["--ref", "histology=mixed"])
        ]
        self.assertEqual(
            terms,
            [["histologymixed", "histologyoligodendroglioma"], ["histologyastrocytoma", "histologyoligodendroglioma"]],
        )

    def test_reference_level_in_every_verb(self):
        table, rng = self.folder / "reference.csv", random.Random(3)
        rows = ({"t": rng.randint(1, 60), "e": rng.randint(0, 1), "g": "abc"[i % 3], "x": i % 7} for i in range(150))
        write_table(table, list(rows))
        outcome, model = ["--time", "t", "--event", "e"], ["--formula", "g + x"]
        at = ["--times", 20]
        verbs = {
            "km": [*outcome, "--group", "g"],
            "logrank": [*outcome, "--group", "g"],
            "characteristics": ["--group", "g", "--columns", "x"],
            "cox": [*outcome, *model],
            "zph": [*outcome, *model],
            "compare": [*outcome, *model, "--against", "x"],
            "calibrate": [*outcome, *model, *at],
            "timeroc": [*outcome, *model, *at],
            "decision": [*outcome, *model, *at],
            "validate": [*outcome, *model, "--draws", 20],
            "reclassify": [*outcome, *model, *at, "--against", "x", "--draws", 20],
        }
        for verb, more in verbs.items():
            command = ["survival", verb, table, *more, "-q"]
            plain, other = (run(*command, *ref).stdout for ref in ([], ["--ref", "g=b"]))
            if verb in ("km", "logrank"):  # the reference stands first, then the others in their order
                groups = list(dict.fromkeys(line.split("\t")[0] for line in other.splitlines()[1:]))
                self.assertEqual([g for g in groups if g in "abc"], ["b", "a", "c"], verb)
            elif verb == "characteristics":
                self.assertEqual(re.findall(r"([abc]) \(n", other.splitlines()[0]), ["b", "a", "c"])
            elif verb == "cox":
                self.assertEqual(re.findall(r"\tg(\w)\t", plain), ["b", "c"])
                self.assertEqual(re.findall(r"\tg(\w)\t", other), ["a", "c"])
            else:  # the same model, written otherwise
                self.assertEqual(plain, other, verb)
            self.assertIn(
                '"z" is no level of column "g"; levels: a, b, c', run(*command, "--ref", "g=z", code=3).stderr
            )
            self.assertIn("column=level", run(*command, "--ref", "g", code=2).stderr)

    def test_columns_described_by_default(self):
        table = self.folder / "described.csv"
        rng = random.Random(2)
        write_table(
            table,
            [
                {
                    "name": f"patient {i}",
                    "t": i + 1,
                    "e": i % 2,
                    "arm": "ab"[i % 2],
                    "age": rng.randint(30, 80),
                    "site": "xyz"[i % 3],
                }
                for i in range(40)
            ],
        )
        result = json.loads(
            run(
                "survival", "characteristics", table, "--group", "arm", "--time", "t", "--event", "e", "--json", "-q"
            ).stdout
        )
        self.assertEqual([r["variable"] for r in result["rows"]], ["age", "site"])

    def test_columns_carried_over_and_raters_by_default(self):
        model = self.folder / "model.json"
        run("survival", "cox", *self.outcome, "--formula", "age", "--save", model, "-q")
        new = self.folder / "new.csv"
        new.write_text("who,age\np7,61\n", encoding="utf-8")
        predicted = run(
            "survival", "predict", new, "--model", model, "--times", "100", "--id", "who", "-q"
        ).stdout.splitlines()
        self.assertEqual((predicted[0].split("\t")[1], predicted[1].split("\t")[1]), ("who", "p7"))
        ratings = self.folder / "ratings.csv"
        ratings.write_text("name,a,b\nx,1,1.1\ny,2,2.2\nz,3,2.9\n", encoding="utf-8")
        self.assertEqual(json.loads(run("icc", ratings, "--json", "-q").stdout)["raters"], ["a", "b"])

    def test_the_same_seed_gives_the_same_numbers(self):
        verbs = {
            "validate": ["--formula", "age + sex", "--draws", 50],
            "cutpoint": ["--value", "score", "--cuts", 2, "--permutations", 200],
            "reclassify": ["--formula", "age + ph.ecog", "--against", "age", "--times", 300, "--draws", 50],
        }
        for verb, more in verbs.items():
            results = [
                run("survival", verb, *self.outcome, *more, "--seed", seed, "--json", "-q").stdout for seed in (1, 1, 2)
            ]
            self.assertEqual(results[0], results[1], verb)
            self.assertNotEqual(results[0].replace('"seed": 1', ""), results[2].replace('"seed": 2', ""), verb)
            for threads in (1, 2, 3):
                again = run("survival", verb, *self.outcome, *more, "--threads", threads, "--json", "-q").stdout
                self.assertEqual(results[0], again, f"{verb}, {threads} threads")

    def test_scores_that_mark_negatives_are_turned(self):
        table = self.folder / "scores.csv"
        table.write_text(
            "truth,score\n" + "".join(f"{i % 2},{-i % 5 - 3 * (i % 2)}\n" for i in range(40)), encoding="utf-8"
        )
        higher, lower = (
            json.loads(
                run("roc", table, "--truth", "truth", "--score", "score", "--direction", d, "--json", "-q").stdout
            )
            for d in ("higher", "lower")
        )
        self.assertAlmostEqual(higher["auc"], 1 - lower["auc"], 12)
        zero = json.loads(
            run("roc", table, "--truth", "truth", "--score", "score", "--positive", "0", "--json", "-q").stdout
        )
        self.assertAlmostEqual(zero["auc"], lower["auc"], 12)

    def test_the_low_group_holds_the_cut_itself(self):
        table = self.folder / "cut.csv"
        table.write_text(
            "t,e,v\n" + "".join(f"{60 - 2 * v + i % 3},1,{v}\n" for i in range(4) for v in range(1, 11)),
            encoding="utf-8",
        )
        arguments = ["survival", "cutpoint", table, "--time", "t", "--event", "e", "--value", "v", "--json", "-q"]
        for least in (0.1, 0.35):
            best = json.loads(run(*arguments, "--least", least).stdout)["best"]
            self.assertEqual(best["low"], 4 * best["cut"])
            self.assertGreaterEqual(min(best["low"], best["high"]), least * 40)

    def test_cuts_are_tried_on_a_second_table(self):
        other = self.folder / "other.csv"
        rows = lung_like(90, 8)
        write_table(other, rows)
        result = json.loads(
            run("survival", "cutpoint", *self.outcome, "--value", "score", "--validation", other, "--json", "-q").stdout
        )
        tried = result["validation"]["best"]
        self.assertEqual((tried["cut"], result["validation"]["n"]), (result["best"]["cut"], 90))
        self.assertEqual(tried["low"], sum(r["score"] <= tried["cut"] for r in rows))

    def test_curves(self):
        figure = self.folder / "km.svg"
        result = json.loads(
            run("survival", "km", *self.outcome, "--group", "sex", "--figure", figure, "--json", "-q").stdout
        )
        with open(self.table, encoding="utf-8") as f:
            rows = list(csv.DictReader(f))
        shortest = min(max(float(r["time"]) for r in rows if r["sex"] == sex) for sex in "12")
        for group in result["groups"]:
            self.assertEqual(group["restricted_mean"]["until"], shortest)
            for point in group["curve"]:
                if point["survival"]:
                    self.assertAlmostEqual(
                        point["std_error_survival"], point["std_error"] * point["survival"], delta=1e-12
                    )
        self.assertIn("at risk", figure.read_text(encoding="utf-8"))

    def test_nomogram_times_and_strata(self):
        model = self.folder / "strata.json"
        run("survival", "cox", *self.outcome, "--formula", "age + strata(sex)", "--save", model, "-q")
        arguments = ["survival", "nomogram", "--model", model, "--json", "-q", "--stratum"]
        drawn = [
            json.loads(run(*arguments, f"sex={s}", "--times", 300).stdout)["total"]["survival_300"] for s in (1, 2)
        ]
        self.assertNotEqual(drawn[0], drawn[1])
        absent = run("survival", "nomogram", "--model", model, "--stratum", "absent", "--times", 300, code=2).stderr
        self.assertIn("sex=1; sex=2", absent)
        functions = json.loads(run(*arguments, "sex=1").stdout)["functions"]
        times = [f["time"] for f in functions if f["time"] is not None]
        self.assertGreaterEqual(len(times), 2)
        for when, f in zip(times, functions):
            self.assertEqual(when, float(f"{when:.1g}") if when < 1000 else when)
            self.assertFalse(f["extrapolated"])

    def test_subjects_are_drawn_where_they_have_several_rows(self):
        """All rows of one subject: each sample is the table itself, nothing is left to correct."""
        table = self.folder / "one.csv"
        write_table(table, [{**r, "subject": 1, "own": i} for i, r in enumerate(lung_like(100, 9))])
        arguments = [
            "survival",
            "validate",
            table,
            "--time",
            "time",
            "--event",
            "status",
            "--formula",
            "age + score",
            "--draws",
            20,
            "--json",
            "-q",
            "--cluster",
        ]
        one, own = (json.loads(run(*arguments, column).stdout)["indices"] for column in ("subject", "own"))
        for index in one:
            self.assertAlmostEqual(index["optimism"], 0, 6)
        self.assertGreater(abs(own[0]["optimism"]), 1e-4)

    def test_net_benefit_of_treating_all(self):
        """Vickers & Elkin 2006, all followed to the time: treating all at threshold t where the event's rate is p has
        the net benefit p - (1 - p) t / (1 - t)."""
        table = self.folder / "followed.csv"
        table.write_text(
            "t,e,x\n" + "".join(f"{1 + i if i < 30 else 100},{int(i < 30)},{i % 7 - i / 30}\n" for i in range(100)),
            encoding="utf-8",
        )
        curve = json.loads(
            run(
                "survival",
                "decision",
                table,
                "--time",
                "t",
                "--event",
                "e",
                "--formula",
                "x",
                "--times",
                50,
                "--json",
                "-q",
            ).stdout
        )["curves"][0]
        for threshold, all_, model in zip(curve["threshold"], curve["treat_all"], curve["net_benefit"]):
            self.assertAlmostEqual(all_, 0.3 - 0.7 * threshold / (1 - threshold), 9)
            if model is not None:
                self.assertLessEqual(model, 0.3 + 1e-9)

    def test_reclassification_has_signs_and_no_p_of_the_nri(self):
        better, worse = "age + sex + score + ph.ecog", "inst"
        results = [
            json.loads(
                run(
                    "survival",
                    "reclassify",
                    *self.outcome,
                    "--formula",
                    a,
                    "--against",
                    b,
                    "--times",
                    300,
                    "--draws",
                    20,
                    "--json",
                    "-q",
                ).stdout
            )["times"][0]
            for a, b in ((better, worse), (worse, better))
        ]
        for name in ("idi", "nri"):
            self.assertGreater(results[0][name]["estimate"], 0)
            self.assertAlmostEqual(results[0][name]["estimate"], -results[1][name]["estimate"], 9)
        self.assertNotIn("p", results[0]["nri"])

    def test_what_is_no_number_is_null_in_json(self):
        separated = self.folder / "infinite.csv"
        separated.write_text("time,status,x,y\n5,1,60,60\n6,0,50,50\n7,1,55,55\n8,1,40,40\n", encoding="utf-8")
        printed = run(
            "survival", "cox", separated, "--time", "time", "--event", "status", "--formula", "x + y", "--json", "-q"
        ).stdout
        rows = json.loads(printed, parse_constant=lambda word: self.fail(f"{word} is no JSON"))["coefficients"]
        self.assertIsNone(rows[1]["estimate"])
        self.assertIsNone(rows[0]["robust_se"])


class ExitCodes(FolderCase):
    """The codes of `gliocast --help`, of the light verbs."""

    def test_codes(self):
        text = run("--help").stdout
        for code in (
            "0 done",
            "1 some cases failed",
            "2 wrong use",
            "3 unusable input",
            "4 model or atlas missing",
            "5 internal fault",
            "6 output cannot be written",
            "130 interrupted",
        ):
            self.assertIn(code, text)
        table = self.folder / "t.csv"
        table.write_text("t,e,x\n" + "".join(f"{i + 1},{i % 2},{i * 7 % 5}\n" for i in range(30)), encoding="utf-8")
        arguments = ["survival", "km", table, "--time", "t", "--event", "e"]
        run(*arguments, code=0)
        run("survival", "nonsense", code=2)
        run("survival", "km", table, "--time", "t", code=2)
        run("survival", "km", self.folder / "absent.csv", "--time", "t", "--event", "e", code=3)
        run(*arguments, "--out", "/proc/gliocast/km.tsv", code=6)

    def test_one_interrupt_ends_long_work(self):
        table = self.folder / "long.csv"
        write_table(table, lung_like(400, 11))
        outcome = [table, "--time", "time", "--event", "status"]
        verbs = {
            "validate": ["--formula", "age + sex + score", "--draws", 100000],
            "reclassify": ["--formula", "age + score", "--against", "age", "--times", 300, "--draws", 100000],
            "cutpoint": ["--value", "score", "--cuts", 2, "--permutations", 1000000],
        }
        for verb, more in verbs.items():
            file = self.folder / f"{verb}.tsv"
            command = [PROGRAM, "survival", verb, *outcome, *more, "--out", file, "--json"]
            process = subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            self.addCleanup(process.kill)
            time.sleep(1)
            process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=30)
            self.assertEqual((process.returncode, out), (130, b""), verb)
            self.assertEqual(list(self.folder.glob(f"{verb}.tsv*")), [], "no half-written table")

    def test_a_full_standard_output_is_told(self):
        table, image, mask = (self.folder / name for name in ("full.csv", "image.nrrd", "mask.nrrd"))
        table.write_text("t,e\n1,1\n2,0\n3,1\n", encoding="utf-8")
        write_nrrd(image, np.arange(512, dtype=np.int16).reshape(8, 8, 8), "short")
        write_nrrd(mask, np.ones((8, 8, 8), np.uint8), "uchar")
        for command in (["survival", "km", table, "--time", "t", "--event", "e"], ["radiomics", image, mask]):
            with open("/dev/full", "w", encoding="utf-8") as full:
                result = subprocess.run([PROGRAM, *command], stdout=full, stderr=subprocess.PIPE, check=False)
            self.assertEqual(result.returncode, 6, command[0])
            self.assertIn(b"standard output", result.stderr)


class GradeExamples(ExampleCase):
    """Examples of gliocast grade and combat, on tables of features made here."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rng = random.Random(7)
        for name, rows in (("features.tsv", 60), ("features.csv", 60), ("new.tsv", 20), ("new.csv", 20)):
            table = []
            for i in range(rows):
                high = i % 2
                shift = rng.randint(0, 1)
                row = {"id": f"p{i}", "grade": "HGG" if high else "LGG", "centre": "AB"[shift], "age": rng.gauss(55, 9)}
                row.update({f"f{k}": rng.gauss(high * (k < 3) + shift, 1) for k in range(12)})
                table.append(row)
            write_table(cls.folder / name, table)
        (cls.folder / "chain.yaml").write_text("steps: [standardise, screen]\nclassifier: logistic\n", encoding="utf-8")

    def test_grade_commands_of_the_readme_run_in_their_order(self):
        for folder in ("evaluation", "grade-model"):
            shutil.rmtree(self.folder / folder, ignore_errors=True)
        self.run_block(code_block("build/gliocast grade evaluate"))

    def test_examples_of_help_run(self):
        for verb in (["combat"], ["grade", "train"], ["grade", "predict"], ["grade", "evaluate"]):
            examples = examples_of(run(*verb, "--help").stdout)
            self.assertTrue(examples, f"gliocast {' '.join(verb)} --help has no example")
            for example in examples:
                with self.subTest(example):
                    self.run_example(example)


class SignatureExamples(ExampleCase):
    """Examples of gliocast signature, on features with a planted hazard."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rng = random.Random(11)
        for ending in ("tsv", "csv"):
            clinical = []
            for name, rows in (("features", 80), ("new", 40)):
                table = []
                for i in range(rows):
                    values = [rng.gauss(0, 1) for _ in range(12)]
                    death, end = rng.expovariate(0.03 * 2.7 ** values[0]), min(rng.expovariate(0.01), 90)
                    row = {"id": f"{name}{i}", "months": round(min(death, end), 3), "dead": int(death <= end)}
                    clinical.append({**row, "age": rng.randint(20, 80), "grade": rng.choice(["II", "III"])})
                    table.append({**row, **{f"f{k}": v for k, v in enumerate(values)}})
                write_table(cls.folder / f"{name}.{ending}", table)
            write_table(cls.folder / f"clinical.{ending}", clinical)

    def test_signature_commands_of_the_readme_run_in_their_order(self):
        for folder in ("prognosis", "signature"):
            shutil.rmtree(self.folder / folder, ignore_errors=True)
        self.run_block(code_block("build/gliocast signature evaluate"))

    def test_examples_of_help_run(self):
        for verb in (["signature", "train"], ["signature", "predict"], ["signature", "evaluate"]):
            examples = examples_of(run(*verb, "--help").stdout)
            self.assertTrue(examples, f"gliocast {' '.join(verb)} --help has no example")
            for example in examples:
                with self.subTest(example):
                    shutil.rmtree(self.folder / example.split("--out ")[-1], ignore_errors=True)
                    self.run_example(example)


if __name__ == "__main__":
    os.environ.pop("GLIOCAST_MODELS", None)
    main()
