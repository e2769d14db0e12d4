"""gliocast study run on two simulated cohorts, with small networks: tables, report, audit, going on after kills, a
second run, shuffled outcomes, bad input; the study frozen and validated on a third cohort."""

import csv
import hashlib
import html.parser
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest

from common import PROGRAM, SOURCE, FolderCase, main, read_json, run

TRAINING, VALIDATION = 30, 10
# Few features and the true outlines: what is tried here is the order of work.
SMALL = [
    "--preset", "demo", "--set", "grading.network.epochs=1", "--set", "grading.refits=4", "--set", "radiomics=default",
    "--set", "outlines.by=experts", "--set", "outlines.raters=false", "--set", "signature.outer=2",
]  # fmt: skip


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, delimiter="\t"))


def auc_of(rows, score, truth):
    """Share of pairs of a high and a low grade in which the high one scores higher, ties half."""
    high = [float(r[score]) for r in rows if r[truth] == "1"]
    low = [float(r[score]) for r in rows if r[truth] == "0"]
    return sum((a > b) + (a == b) / 2 for a in high for b in low) / (len(high) * len(low))


def concordance_of(rows):
    """Harrell's C of a signature that is low in who dies first."""
    right = pairs = 0
    for a in rows:
        for b in rows:
            ta, tb = float(a["time"]), float(b["time"])
            if a["event"] == "1" and (ta < tb or (ta == tb and b["event"] == "0")):
                pairs += 1
                sa, sb = float(a["signature"]), float(b["signature"])
                right += (sa < sb) + (sa == sb) / 2
    return right / pairs


def results_of(folder):
    """Every file's checksum but for what holds times: log, status, lock, minutes of a training, dates in PDF."""
    timed = {"log.jsonl", "status.json", ".lock", "curve.tsv"}
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name not in timed and p.suffix != ".pdf"
    }


class SmallDisk:
    """A file system of its own in memory, which can be full or read-only; skips the test where none can be mounted."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()

    def mount(self, options):
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self.folder)], capture_output=True, check=False
        )
        if made.returncode != 0:
            raise unittest.SkipTest("no file system can be mounted here: " + made.stderr.decode().strip())

    def change(self, options):
        subprocess.run(["mount", "-o", "remount," + options, str(self.folder)], check=True)

    def __enter__(self):
        self.mount("size=1g")
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", str(self.folder)], check=True)

    def used(self):
        part = os.statvfs(self.folder)
        return (part.f_blocks - part.f_bfree) * part.f_frsize


class Sources(html.parser.HTMLParser):
    """Links of a page, and what is loaded from elsewhere."""

    def __init__(self):
        super().__init__()
        self.links, self.loaded = [], []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "a":
            self.links.append(attrs.get("href", ""))
        elif tag in ("img", "script", "link", "iframe"):
            self.loaded.append(attrs.get("src", attrs.get("href", "")) or "")


class StudyRun(FolderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        common = ["--high-grade", "0.3", "--spacing", "2", "--no-flair", "--quiet", "--seed", "5"]
        run("simulate", "--patients", TRAINING, "--out", cls.folder / "cohort", *common)
        run("simulate", "--patients", VALIDATION, "--first", "101", "--out", cls.folder / "cohort2", *common)
        cls.study = cls.folder / "study"
        cls.said = run(*cls.arguments(cls.study))

    @classmethod
    def arguments(cls, out, *more, verb="run"):
        return [
            "study", verb, cls.folder / "cohort", "--validation", cls.folder / "cohort2", "--out", out,
            *SMALL, *more,
        ]  # fmt: skip

    def copy_of_patients(self, out):
        """A study's folder in which patients have been examined already."""
        shutil.copytree(self.study / "patients", out / "patients", copy_function=shutil.copy2)
        (out / "settings.yaml").write_text("")
        return sorted((out / "patients").iterdir())

    def clinical(self):
        return {
            row["patient"]: row
            for name in ("cohort", "cohort2")
            for row in rows_of(self.folder / name / "clinical.tsv")
        }

    def included(self):
        return {
            id: row for id, row in self.clinical().items() if row["treated_before"] == "no" and row["quality"] == "good"
        }

    def test_the_flow_counts_whom_the_criteria_remove(self):
        flow = read_json(self.study / "stages/patients/flow.json")
        self.assertEqual([c["steps"][0]["patients"] for c in flow], [TRAINING, VALIDATION])
        included = self.included()
        self.assertEqual(sum(c["steps"][1]["patients"] for c in flow), len(included))
        for c in flow:
            found, left = c["steps"]
            self.assertEqual(found["patients"] - left["patients"], sum(r["patients"] for r in left["removed"]))
        excluded = {row["patient"]: row["reason"] for row in rows_of(self.study / "stages/patients/excluded.tsv")}
        self.assertEqual(set(excluded), set(self.clinical()) - set(included))
        self.assertEqual(
            {row["patient"] for row in rows_of(self.study / "stages/patients/included.tsv")}, set(included)
        )

    def test_tables_and_figures_have_the_papers_names(self):
        names = [
            "table_1",
            "table_2",
            "table_s1",
            "table_s2",
            "table_s3",
            "table_3",
            "table_4",
            "univariate",
            "sequences",
        ]
        for name in names:
            for ending in (".tsv", ".md", ".tex"):
                self.assertTrue((self.study / "tables" / (name + ending)).exists(), name + ending)
        for name in (
            "figure_1",
            "figure_2",
            "figure_s1",
            "figure_s2",
            "figure_s3",
            "figure_3a",
            "figure_3b",
            "figure_4a",
        ):
            self.assertGreater((self.study / "figures" / (name + ".svg")).stat().st_size, 1000, name)

    def test_the_report_names_the_file_of_every_table_and_figure(self):
        page = (self.study / "report.html").read_text(encoding="utf-8")
        sources = Sources()
        sources.feed(page)
        self.assertEqual([s for s in sources.loaded if not s.startswith("data:")], [])
        files = [link for link in sources.links if not link.startswith("#")]
        self.assertGreater(len(files), 15)
        for link in files:
            self.assertTrue((self.study / link).exists(), link)
        self.assertIn("emonstration", page)
        text = (self.study / "report.md").read_text(encoding="utf-8")
        for link in re.findall(r"\]\(([^)#]+)\)", text):
            self.assertTrue((self.study / link).exists(), link)

    def test_numbers_of_the_report_are_those_of_the_files(self):
        page = (self.study / "report.html").read_text(encoding="utf-8")
        for table in ("table_1", "table_3"):
            for row in rows_of(self.study / "tables" / f"{table}.tsv"):
                for cell in row.values():
                    if re.fullmatch(r"\d+\.\d+", cell):
                        self.assertIn(cell, page)

    def test_levels_of_a_factor_are_indented_on_the_page(self):
        page = (self.study / "report.html").read_text(encoding="utf-8")
        self.assertIn("<td>sex, n (%)</td>", page)
        self.assertIn("<td>\u00a0\u00a0female</td>", page)

    def test_acquisition_is_of_each_centre_and_sequence(self):
        rows = rows_of(self.study / "tables/acquisition.tsv")
        centres = {row["centre"] for row in self.included().values()}
        self.assertEqual({row["Centre"] for row in rows}, centres)
        self.assertEqual({row["Sequence"] for row in rows}, {"T1", "T1-Gd", "T2"})
        self.assertEqual(sum(int(row["Images"]) for row in rows), 3 * len(self.included()))
        self.assertEqual({row["Voxel x (mm)"] for row in rows}, {"2"})
        self.assertNotIn("TR (ms)", rows[0])
        self.assertIn("Not known of any image", (self.study / "report.md").read_text(encoding="utf-8"))

    def test_subgroups_are_of_the_predictions(self):
        rows = rows_of(self.study / "tables/subgroups.tsv")
        of_all = [row for row in rows if row["Subgroup"] == "All patients"]
        self.assertEqual([row["Statistic"] for row in of_all], ["AUC", "AUC", "C", "C"])
        truth = {r["id"]: r for r in rows_of(self.study / "stages/grading/predictions.tsv")}
        column = "integrated: " + read_json(self.study / "stages/grading/study.json")["table_1"][1]["model"]

        def auc(ids):
            high = [float(truth[i][column]) for i in ids if truth[i]["high_grade"] == "1"]
            low = [float(truth[i][column]) for i in ids if truth[i]["high_grade"] == "0"]
            return sum((h > v) + 0.5 * (h == v) for h in high for v in low) / (len(high) * len(low))

        sex = {i: {"F": "female", "M": "male"}[row["sex"]] for i, row in self.clinical().items()}
        judged = 0
        for row in (r for r in rows if r["Result"] == "Grading"):
            if row["Subgroup"] not in ("All patients", "Sex"):
                continue
            ids = [i for i in truth if row["Level"] in ("–", sex[i])]
            self.assertEqual(int(row["Patients"]), len(ids))
            if row["Value"] == "–":
                self.assertRegex(row["95 % CI"], "too small|class")
                continue
            judged += 1
            self.assertAlmostEqual(float(row["Value"]), auc(ids), delta=6e-4)
        self.assertGreater(judged, 0)
        self.assertTrue((self.study / "figures/subgroups_grading.svg").exists())

    def test_confusion_counts_the_predictions(self):
        row = rows_of(self.study / "tables/confusion.tsv")[0]
        counts = [int(row[c]) for c in list(row)[1:5]]
        self.assertEqual(sum(counts), len(rows_of(self.study / "stages/grading/predictions.tsv")))
        self.assertAlmostEqual(float(row["Accuracy"]), (counts[0] + counts[2]) / sum(counts), delta=6e-4)

    def test_what_was_done_is_told_for_a_methods_section(self):
        how = {(r["Part"], r["Step"]): r["How"] for r in rows_of(self.study / "tables/methods.tsv")}
        self.assertIn("width of 5", how["Radiomics", "Grey levels"])
        self.assertIn("1 epoch", how["Grading", "Training of the network"])
        self.assertIn("left out", how["All", "Missing values"])

    def test_met_items_of_checklists_name_a_file_that_holds_something(self):
        rows = rows_of(self.study / "checklists.tsv")
        self.assertEqual(len(rows), 184)
        met = [row for row in rows if row["State"] == "met"]
        self.assertGreater(len(met), 60)
        for row in rows:
            self.assertIn(row["State"], ("met", "open", "not applicable"), row)
            if row["State"] == "met":
                self.assertGreater((self.study / row["File"]).stat().st_size, 10, row)
            else:
                self.assertEqual(row["File"], "", row)
                self.assertTrue(row["Remark"], row)
        state = {(row["Checklist"], row["No."]): row["State"] for row in rows}
        self.assertEqual(state["METRICS", "27"], "met")  # there is a second cohort
        self.assertEqual(state["CLEAR", "31"], "open")  # raters were not compared
        self.assertEqual(state["CLEAR", "16"], "open")  # simulated images have no headers
        self.assertEqual(state["CLEAR", "8"], "open")  # ethics
        clear = sum(row["Checklist"] == "CLEAR" for row in met)
        self.assertIn(f"CLEAR: {clear} of 58 met by the run", (self.study / "report.html").read_text(encoding="utf-8"))

    def test_tables_are_there_for_a_supplement(self):
        for name in ("acquisition", "subgroups", "methods", "confusion", "excluded", "missing", "signature"):
            for ending in (".tsv", ".md", ".tex"):
                self.assertTrue((self.study / "tables" / (name + ending)).exists(), name + ending)

    def test_nobody_is_judged_by_what_he_fitted(self):
        audit = rows_of(self.study / "audit.tsv")
        self.assertGreaterEqual({row["result"] for row in audit}, {"grading of the second cohort"})
        self.assertGreaterEqual(len(audit), 5)
        for row in audit:
            self.assertEqual(row["both"], "0", row)
            self.assertGreater(int(row["fitted"]), 0, row)
            self.assertGreater(int(row["judged on"]), 0, row)
        external = read_json(self.study / "stages/grading_external/external.json")["audit"]
        self.assertTrue(all(id >= "SIM-00101" for id in external["tested"]))
        self.assertTrue(all(id < "SIM-00101" for id in external["fitted"]))
        self.assertEqual(read_json(self.study / "study.json")["leaks"], [])

    def test_survival_is_of_the_lower_grades_of_each_cohort(self):
        low = {id for id, row in self.included().items() if row["grade"] == "LGG"}
        fitted = {row["patient"] for row in rows_of(self.study / "stages/signature/clinical.tsv")}
        judged = {row["patient"] for row in rows_of(self.study / "stages/signature/clinical_external.tsv")}
        self.assertEqual(fitted, {id for id in low if id < "SIM-00101"})
        self.assertEqual(judged, {id for id in low if id >= "SIM-00101"})

    def test_the_plan_says_what_it_takes(self):
        new = self.folder / "not-begun"
        stages = {
            s["stage"]: s for s in json.loads(run(*self.arguments(new, "--json", "--threads", 2, verb="plan")).stdout)
        }
        self.assertFalse(new.exists())
        patients = len(self.included())
        self.assertEqual(stages["examination"]["amount"], f"{patients} of {patients} patients")
        networks = len(list(self.study.glob("stages/grading/networks/*/network.json")))
        self.assertEqual(stages["grading"]["amount"], f"{networks} networks")
        for name in ("examination", "grading", "signature"):
            self.assertGreater(stages[name]["seconds"], 0, name)
        self.assertGreater(stages["examination"]["megabytes"], 0)
        told = run(*self.arguments(new, "--threads", 2, verb="plan")).stdout
        self.assertRegex(told, r"In all about \d+:\d\d on 2 cores and \d+ MB of disk")
        result = run(*self.arguments(new, "--memory", "1", verb="plan"), code=2)
        self.assertIn("one patient at a time needs 1.3 GB", result.stderr)

    def test_settings_beside_the_results_give_them_again(self):
        settings = run("study", "settings", *SMALL).stdout
        self.assertEqual((self.study / "settings.yaml").read_text(encoding="utf-8"), settings)

    def test_a_second_run_keeps_everything(self):
        out = self.folder / "again"
        shutil.copytree(self.study, out, copy_function=shutil.copy2)
        before = {p: p.stat().st_mtime_ns for p in out.glob("stages/*/*.json") if p.parent.name != "examination"}
        planned = run(*self.arguments(out, verb="plan")).stdout
        self.assertIn("kept", planned)
        run(*self.arguments(out))
        self.assertEqual(before, {p: p.stat().st_mtime_ns for p in before})
        self.assertEqual(results_of(out), results_of(self.study))
        # One setting: what depends on it is done, the rest is kept.
        run(*self.arguments(out, "--set", "nomograms.drop_rule=paper"))
        states = {s["name"]: s["state"] for s in read_json(out / "status.json")["stages"]}
        self.assertEqual(states["grading"], "kept")
        self.assertEqual(states["signature"], "done")

    def test_killed_anywhere_it_goes_on_to_the_same(self):
        out = self.folder / "killed"
        examined = self.copy_of_patients(out)
        for folder in examined[:4]:
            shutil.rmtree(folder)
        command = [str(PROGRAM), *map(str, self.arguments(out))]
        for wanted, least in (
            ("patients/*/examination.json", len(examined) - 3),
            ("stages/grading/networks/*/network.json", 2),
            ("stages/signature/clinical.tsv", 1),
        ):
            process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            while len(list(out.glob(wanted))) < least and process.poll() is None:
                time.sleep(0.02)
            self.assertIsNone(process.poll(), "the study was over before it could be killed")
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            self.assertIn("stopped", run("study", "status", out).stdout)
        run(*self.arguments(out))
        self.assertEqual(results_of(out), results_of(self.study))

    def test_two_runs_in_one_folder(self):
        out = self.folder / "two"
        process = subprocess.Popen(
            [str(PROGRAM), *map(str, self.arguments(out))], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        while not (out / "status.json").exists():
            time.sleep(0.02)
        second = run(*self.arguments(out), code=2)
        self.assertIn(f"process {process.pid}", second.stderr)
        self.assertIn("running", run("study", "status", out).stdout)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(), 130)
        self.assertIn("stopped", run("study", "status", out).stdout)

    def test_parts_of_the_patients_by_hand(self):
        """Two of the patients are left to be examined, in two parts; the whole gives what it gives in one run."""
        out = self.folder / "parts"
        examined = self.copy_of_patients(out)
        for folder in examined[:2]:
            shutil.rmtree(folder)
        run(*self.arguments(out, "--shard", "1/2"))
        run(*self.arguments(out, "--shard", "2/2"))
        self.assertTrue(all((folder / "examination.json").exists() for folder in examined))
        self.assertFalse((out / "stages").exists())
        run(*self.arguments(out))
        self.assertEqual(results_of(out), results_of(self.study))
        self.assertIn("2/8", run(*self.arguments(out, "--shard", "9/8"), code=2).stderr)

    def test_what_a_scheduler_is_given(self):
        """An sbatch of our own keeps its arguments and answers with numbers."""
        tools, out = self.folder / "tools", self.folder / "submitted"
        tools.mkdir()
        (tools / "sbatch").write_text(f'#!/bin/sh\necho "$@" >> {tools}/said\nwc -l < {tools}/said\n')
        (tools / "sbatch").chmod(0o755)
        path = {"PATH": f"{tools}:{os.environ['PATH']}"}
        slurm = [
            "--executor",
            "slurm",
            "--shards=3",
            "--slurm-option=--partition=short",
            "--memory",
            "4",
            "--threads=2",
        ]
        said = run(*self.arguments(out, *slurm), env=path)
        self.assertEqual(said.stdout.split(), ["1", "2"])
        first, second = (tools / "said").read_text().splitlines()
        self.assertIn("--array=1-3", first)
        self.assertIn("--dependency=afterany:1", second)
        for name, end in (("examine", '--shard "$SLURM_ARRAY_TASK_ID/3"'), ("rest", "--threads 2")):
            script = (out / "slurm" / f"{name}.sh").read_text()
            for line in ("--partition=short", "--mem=4000M", "--cpus-per-task=2"):
                self.assertIn(f"#SBATCH {line}\n", script)
            self.assertIn(end, script)
            self.assertNotIn("executor", script)
            self.assertIn("'--set' 'grading.refits=4'", script)
        (tools / "said").unlink()
        trained = self.arguments(self.folder / "trained", *slurm, "--set", "outlines.by=trained")
        self.assertEqual(run(*trained, env=path).stdout.split(), ["1", "2", "3"])
        train, array, _ = (tools / "said").read_text().splitlines()
        self.assertNotIn("--array", train)
        self.assertIn("--dependency=afterany:1 --array=1-3", array)
        self.assertIn(" --networks-only --threads 2", (self.folder / "trained/slurm/train.sh").read_text())
        nothing = run(*self.arguments(self.folder / "none", "--executor", "slurm"), env={"PATH": "/nowhere"}, code=2)
        self.assertIn("there is no sbatch", nothing.stderr)

    def computed_again(self, study):
        script = SOURCE / "validation" / "recompute_study.py"
        return subprocess.run([sys.executable, str(script), str(study)], capture_output=True, text=True, check=False)

    def test_every_table_is_what_its_rows_give(self):
        """Computed again by R and numpy, without gliocast."""
        said = self.computed_again(self.study)
        lines = said.stdout.splitlines()
        self.assertEqual([line for line in lines if line.startswith("DIFFERS")], [], said.stderr)
        self.assertEqual(said.returncode, 0, said.stderr)
        # The reasons of exclusion are of a table that is not in the folder; a coefficient that runs away has no place.
        left = [line for line in lines if line.startswith("not recomputed") and "runs away" not in line]
        of = {line.split("  ")[1].split(":")[0] for line in left}
        self.assertLessEqual(of, {"excluded", "acquisition", "methods", "subgroups"})
        for table in ("table_1", "table_2", "table_s3", "table_1_external", "table_s1", "table_s2", "table_s4",
                      "univariate", "signature", "signature_ways", "sequences", "performance", "at_times"):  # fmt: skip
            self.assertTrue(any(line.startswith(f"equal    {table}:") for line in lines), table)

    def test_a_wrong_number_in_a_table_is_found(self):
        out = self.folder / "altered"
        shutil.copytree(self.study, out, copy_function=shutil.copy2)
        table = out / "stages/grading/table_1.tsv"
        first = rows_of(table)[0]
        wrong = f"{1 - float(first['AUC']):.3f}" if first["AUC"] != "0.500" else "0.510"
        table.write_text(table.read_text(encoding="utf-8").replace(first["AUC"], wrong, 1), encoding="utf-8")
        said = self.computed_again(out)
        self.assertEqual(said.returncode, 1, said.stderr)
        self.assertIn("DIFFERS  table_1", said.stdout)

    def test_a_full_disk_is_told_and_with_room_it_goes_on_to_the_same(self):
        with SmallDisk(self.folder / "small") as disk:
            out = disk.folder / "study"
            later = shutil.ignore_patterns("signature", "signature_model", "tables", "figures", "report.*")
            shutil.copytree(self.study, out, copy_function=shutil.copy2, ignore=later)
            disk.change(f"size={disk.used() + 100_000}")
            said = run(*self.arguments(out), code=6).stderr
            self.assertIn("No space left on device", said)
            self.assertIn("free some disk space", said)
            self.assertIn("stopped", run("study", "status", out).stdout)
            disk.change("size=1g")
            run(*self.arguments(out))
            self.assertEqual(results_of(out), results_of(self.study))

    def test_a_folder_that_cannot_be_written_is_refused(self):
        with SmallDisk(self.folder / "readonly") as disk:
            out = disk.folder / "study"
            shutil.copytree(self.study / "stages", out / "stages", copy_function=shutil.copy2)
            shutil.copy2(self.study / "settings.yaml", out)
            disk.change("ro")
            for folder in (out, disk.folder / "new"):
                said = run(*self.arguments(folder), code=6).stderr
                self.assertIn("Read-only file system", said)
                self.assertIn(str(folder), said)
            disk.change("rw")

    def manifest_of(self, cohort):
        """A table of the cohort's images, and its clinical table."""
        lines = ["id\tt1\tt1gd\tt2\tseg"]
        for folder in sorted(cohort.glob("SIM-*")):
            files = [folder / f"{folder.name}_{name}.nii.gz" for name in ("t1", "t1ce", "t2", "seg")]
            lines.append("\t".join([folder.name, *map(str, files)]))
        (cohort / "cohort.tsv").write_text("\n".join(lines) + "\n")
        return [cohort / "cohort.tsv", "--clinical", cohort / "clinical.tsv"]

    def test_an_image_that_vanishes_is_its_patients_failure(self):
        cohort, out = self.folder / "vanishing", self.folder / "of-vanishing"
        shutil.copytree(self.folder / "cohort", cohort)
        self.copy_of_patients(out)
        places = self.manifest_of(cohort)
        nothing_else = ["--set", "grading.run=false", "--set", "signature.run=false", "--threads", "1"]
        command = ["study", "run", *places, "--out", out, *SMALL, *nothing_else]
        ids = sorted(id for id in self.included() if id < "SIM-00101")
        last = ids[-1]
        for id in [*ids[:3], last]:
            shutil.rmtree(out / "patients" / ("sub-" + id.replace("-", "")))
        # While it runs: the first patients are being examined, the last one's image goes.
        process = subprocess.Popen(
            [str(PROGRAM), *map(str, command)], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        while process.poll() is None and not list(out.glob("patients/sub-*/examination.json")):
            time.sleep(0.01)
        while process.poll() is None and not (out / "status.json").exists():
            time.sleep(0.01)
        next((cohort / last).glob("*_t2.nii.gz")).unlink()
        self.assertEqual(process.wait(), 1, process.stderr.read())
        process.stderr.close()
        (failed,) = rows_of(out / "failures.tsv")
        self.assertEqual(failed["id"], last)
        self.assertIn("no such file", failed["reason"])
        # Between two runs: of a patient who was examined.
        next((cohort / ids[0]).glob("*_t1ce.nii.gz")).unlink()
        run(*command, code=1)
        failures = rows_of(out / "failures.tsv")
        self.assertEqual([row["id"] for row in failures], [ids[0], last])
        self.assertTrue(all("no such file" in row["reason"] for row in failures))
        examined = {row["patient"] for row in rows_of(out / "stages/examination/tumours.tsv")}
        self.assertEqual(examined, set(ids) - {ids[0], last})

    def tables_of_features(self, out, cohort):
        """What the study measured of a cohort's patients, as another tool might give it: a table a sequence."""
        out.mkdir(parents=True)
        patients = [row["patient"] for row in rows_of(self.folder / cohort / "clinical.tsv")]
        for sequence in ("t1", "t1gd", "t2"):
            lines = []
            for id in patients:
                record = self.study / "patients" / ("sub-" + id.replace("-", "")) / "examination.json"
                if not record.exists():
                    continue
                examined = read_json(record)
                lines = lines or ["\t".join(["Subject", "age", *examined["features"]])]
                values = ["NA" if v is None else repr(v) for v in examined["radiomics"][sequence]]
                lines.append("\t".join([id, "50", *values]))
            (out / f"{sequence.upper()}.tsv").write_text("\n".join(lines) + "\n")
        return [out / f"{sequence}.tsv" for sequence in ("T1", "T1GD", "T2")]

    def test_tables_of_features_give_the_numbers_of_their_images(self):
        first = self.tables_of_features(self.folder / "tables/first", "cohort")
        second = self.tables_of_features(self.folder / "tables/second", "cohort2")
        out = self.folder / "of_tables"
        words = [*SMALL, "--column", "patient=Subject", "--out", out]
        for name in ("cohort", "cohort2"):
            words += ["--clinical", self.folder / name / "clinical.tsv"]
        # The clinical tables call the patients "patient": either name is found.
        said = run("study", "run", "--features", *first, "--validation-features", *second, *words)
        for name in ("table_s3", "signature", "table_3", "table_4", "univariate", "performance", "table_s2"):
            ours, theirs = out / "tables" / f"{name}.tsv", self.study / "tables" / f"{name}.tsv"
            self.assertEqual(ours.read_text(), theirs.read_text(), name)
        sequences = rows_of(out / "tables/table_s3.tsv")
        (chosen,) = rows_of(out / "tables/table_1.tsv")
        self.assertEqual(next(iter(chosen.values())), "radiomics of the chosen sequence")
        self.assertGreater(float(chosen["AUC"]), min(float(r["AUC"]) for r in sequences) - 0.2)
        self.assertEqual(len(rows_of(out / "tables/table_1_external.tsv")), 1)
        self.assertEqual({row["both"] for row in rows_of(out / "audit.tsv")}, {"0"})
        for absent in (
            "tables/table_2.tsv",
            "tables/acquisition.tsv",
            "stages/raters",
            "patients",
            "stages/grading/networks",
        ):
            self.assertFalse((out / absent).exists(), absent)
        page = (out / "report.md").read_text(encoding="utf-8")
        self.assertIn("Features were measured elsewhere", page)
        self.assertIn("emonstration", page)  # the clinical tables lie in simulated cohorts
        self.assertNotIn("ResNet", page)
        self.assertNotIn("ResNet", (out / "tables/methods.tsv").read_text())
        self.assertIn("no features by their names: age", said.stderr)
        model = out / "stages/grading/model"
        run("grade", "predict", second[1], "--model", model, "--id", "Subject", "--out", self.folder / "of_tables.tsv")
        signature = out / "stages/signature_model/model/signature_0"
        run("signature", "predict", second[1], "--model", signature, "--id", "Subject", "--times", "12", "--out",
            self.folder / "signatures_of_tables.tsv")  # fmt: skip
        self.assertEqual(len(rows_of(self.folder / "of_tables.tsv")), len(second[1].read_text().splitlines()) - 1)
        refused = run("study", "freeze", out, "--out", self.folder / "bundle_of_tables", code=3).stderr
        self.assertIn("made of tables of features", refused)
        self.assertIn("Tables of features\tkept", run("study", "plan", "--features", *first, "--validation-features",
                                                      *second, *words).stdout)  # fmt: skip

    def test_tables_of_features_that_cannot_be_a_study_are_told(self):
        (table,) = self.tables_of_features(self.folder / "tables/one", "cohort")[1:2]
        clinical = ["--clinical", self.folder / "cohort/clinical.tsv", "--out", self.folder / "no_study"]
        for words, code, text in (
            ([], 2, "neither a cohort nor a table of features"),
            ([self.folder / "cohort", "--features", table], 2, "of images or of tables"),
            (["--features", self.folder / "features.tsv"], 2, "does not say which sequence"),
            (["--features", "t1gd=" + str(self.folder / "missing.tsv")], 3, "missing.tsv"),
            (["--validation-features", table, "--features", table], 3, "is in both cohorts"),
            (["--features", table, "--shard", "1/2"], 2, "to be examined in parts"),
        ):
            refused = run("study", "run", *words, *clinical, code=code).stderr
            self.assertIn(text, refused)
            self.assertFalse((self.folder / "no_study").exists(), words)
        alone = run("study", "run", "--features", table, "--out", self.folder / "no_study", code=3).stderr
        self.assertIn("there is no clinical table", alone)

    def test_shuffled_outcomes_have_no_model(self):
        out = self.folder / "permuted"
        self.copy_of_patients(out)
        run(*self.arguments(out, "--permute"))
        self.assertFalse((out / "stages/signature_model").exists())
        self.assertFalse((out / "tables/table_3.tsv").exists())
        self.assertIn("shuffled", (out / "report.html").read_text(encoding="utf-8"))
        grades = {r["id"]: r["high_grade"] for r in rows_of(self.study / "stages/grading/predictions.tsv")}
        shuffled = {r["id"]: r["high_grade"] for r in rows_of(out / "stages/grading/predictions.tsv")}
        self.assertEqual(set(grades), set(shuffled))
        self.assertNotEqual(grades, shuffled)
        self.assertIn("shuffled", run("study", "freeze", out, "--out", self.folder / "of-permuted", code=3).stderr)
        self.assertFalse((self.folder / "of-permuted").exists())

    def test_the_papers_design_pools_the_cohorts(self):
        """With the paper's design and small networks: its own would take days."""
        out = self.folder / "paper"
        self.copy_of_patients(out)
        run(*self.arguments(out, "--set", "grading.design=paper", "--set", "signature.run=false"))
        (fold,) = read_json(out / "stages/grading/study.json")["audit"]
        parts = [set(fold[part]) for part in ("training", "validation", "tested")]
        self.assertEqual(set.union(*parts), set(self.included()))
        self.assertFalse((out / "stages/grading_external").exists())
        split = rows_of(out / "tables/split.tsv")
        for name, patients in (("training and validation", parts[0] | parts[1]), ("test", parts[2])):
            self.assertIn(f"{name} (n = {len(patients)})", split[0])
        self.assertEqual([r["characteristic"].split(",")[0] for r in split if r["p"]], ["age", "sex", "grade"])
        said = self.computed_again(out)
        self.assertEqual(said.returncode, 0, said.stdout)
        self.assertIn("equal    split: age", said.stdout)
        (leak,) = read_json(out / "study.json")["leaks"]
        self.assertIn("fitted the network", leak)
        self.assertIn("fitted the network", (out / "report.html").read_text(encoding="utf-8"))

    def test_a_bad_patient_and_a_stage_without_deaths_do_not_stop_it(self):
        cohort, out = self.folder / "damaged", self.folder / "of-damaged"
        shutil.copytree(self.folder / "cohort", cohort)
        bad = min(id for id in self.included() if id < "SIM-00101")
        next((cohort / bad).glob("*_t1ce.nii.gz")).write_bytes(b"no image")
        table = (cohort / "clinical.tsv").read_text(encoding="utf-8").splitlines()
        place = table[0].split("\t").index("event")
        rows = [line.split("\t") for line in table]
        for row in rows[1:]:
            row[place] = "0"
        (cohort / "clinical.tsv").write_text("\n".join("\t".join(row) for row in rows) + "\n", encoding="utf-8")
        self.copy_of_patients(out)
        result = run("study", "run", cohort, "--out", out, *SMALL, code=1)
        self.assertEqual([row["id"] for row in rows_of(out / "failures.tsv")], [bad])
        self.assertIn("could not be done", result.stderr)
        open_items = {(r["Checklist"], r["No."]): r["Remark"] for r in rows_of(out / "checklists.tsv")}
        self.assertEqual(open_items["METRICS", "27"], "needs a second cohort")
        states = {s["name"]: s["state"] for s in read_json(out / "status.json")["stages"]}
        self.assertEqual((states["grading"], states["signature"]), ("done", "refused"))
        self.assertIn("with an event are needed", (out / "report.html").read_text(encoding="utf-8"))
        self.assertIn(
            "could not be done", run("study", "freeze", out, "--out", self.folder / "of-refused", code=3).stderr
        )

    def test_bad_input_is_told_before_anything_is_written(self):
        out = self.folder / "nothing"
        cases = (
            (["study", "run", self.folder / "nowhere", "--out", out], 3, "clinical"),
            ([*self.arguments(out), "--column", "grade"], 2, "NAME=COLUMN"),
            ([*self.arguments(out), "--column", "gade=WHO"], 2, "grade"),
            ([*self.arguments(out), "--set", "grading.outr=3"], 2, "outer"),
            (
                ["study", "run", self.folder / "cohort", "--validation", self.folder / "cohort", "--out", out],
                3,
                "two rows",
            ),
        )
        for arguments, code, text in cases:
            with self.subTest(text):
                self.assertIn(text, run(*arguments, code=code).stderr)
                self.assertFalse(out.exists())
        other = self.folder / "other"
        other.mkdir()
        (other / "thesis.txt").write_text("years of work")
        self.assertIn("something else", run(*self.arguments(other), code=2).stderr)
        self.assertIn("no study", run("study", "status", other, code=3).stderr)

    # --- frozen, and tried elsewhere

    @classmethod
    def bundle(cls):
        out = cls.folder / "bundle"
        if not out.exists():
            run("study", "freeze", cls.study, "--out", out, "--name", "gliomas")
        return out

    @classmethod
    def validation(cls):
        """Of a third cohort with a patient whose files are damaged."""
        out, cohort = cls.folder / "validation", cls.folder / "cohort3"
        if out.exists():
            return out
        common = ["--high-grade", "0.5", "--spacing", "2", "--no-flair", "--no-raters", "--quiet", "--seed", "5"]
        run("simulate", "--patients", "13", "--first", "201", "--out", cohort, *common)
        low = [r["patient"] for r in rows_of(cohort / "clinical.tsv") if r["grade"] == "LGG" and r["event"] == "0"]
        next((cohort / low[0]).glob("*_t2.nii.gz")).write_bytes(b"no image")
        cls.told = run("study", "validate", cls.bundle(), cohort, "--out", out, code=1).stderr
        cls.damaged = low[0]
        return out

    def assert_no_patient(self, folder, ids):
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            content = path.read_bytes()
            for id in ids:
                for name in (id, id.replace("-", ""), hashlib.sha256(id.encode()).hexdigest()):
                    self.assertNotIn(name.encode(), content, path)

    def test_a_bundle_holds_the_models_and_no_patient(self):
        bundle = self.bundle()
        self.assert_no_patient(bundle, self.clinical())
        self.assertNotIn(str(self.folder).encode(), b"".join(p.read_bytes() for p in bundle.rglob("*.*")))
        manifest = read_json(bundle / "manifest.json")
        files = {f["name"]: f["sha256"] for f in manifest["files"]}
        found = {str(p.relative_to(bundle)): p for p in bundle.rglob("*") if p.is_file() and p.name != "manifest.json"}
        self.assertEqual(files, {n: hashlib.sha256(p.read_bytes()).hexdigest() for n, p in found.items()})
        self.assertFalse([n for n in files if n.endswith((".tsv", ".nii.gz"))])
        self.assertEqual(
            manifest["provenance"]["run_keys"]["grading"],
            read_json(self.study / "stages/grading/stage.json")["run_key"],
        )
        included = [id for id in self.included() if id < "SIM-00101"]
        self.assertEqual(manifest["models"]["grading"]["patients"], len(included))
        study = read_json(self.study / "stages/grading/study.json")["table_1"]
        auc = next(row["auc"] for row in study if row["model"] == "+ SE, patches")
        home = manifest["models"]["grading"]["at_home"]["cross_validated"]["auc"]
        self.assertEqual(home, {"estimate": auc["estimate"], "lower": auc["lower"], "upper": auc["upper"]})
        c = read_json(self.study / "stages/signature/evaluation.json")["c_index"]
        home = manifest["models"]["signature"]["at_home"]["cross_validated"]["c_index"]
        self.assertEqual(home["estimate"], c["estimate"])
        self.assertIn("not empty", run("study", "freeze", self.study, "--out", bundle, code=2).stderr)

    def test_the_frozen_models_say_what_the_study_said(self):
        """On the second cohort: row by row what the study's own stages wrote; and of so few patients nothing leaves."""
        out = self.folder / "second"
        shutil.copytree(self.study / "patients", out / "patients", copy_function=shutil.copy2)
        (out / "validation.json").write_text("{}")
        run("study", "validate", self.bundle(), self.folder / "cohort2", "--out", out)
        self.assertEqual(
            rows_of(out / "patients/grading.tsv"), rows_of(self.study / "stages/grading_external/predictions.tsv")
        )
        theirs = {r["id"]: r for r in rows_of(self.study / "stages/signature/external_predictions.tsv")}
        ours = rows_of(out / "patients/survival.tsv")
        self.assertEqual(set(theirs), {r["id"] for r in ours})
        for row in ours:
            self.assertAlmostEqual(float(row["signature"]), float(theirs[row["id"]]["signature"]), places=12)
            self.assertEqual(row["group"], theirs[row["id"]]["group"])
        statistics = read_json(out / "statistics/statistics.json")
        self.assertEqual(statistics["grading"]["auc"], "withheld")
        self.assertEqual(statistics["counts"]["high grade"], "<5")
        self.assertEqual(statistics["counts"]["low grade"], "withheld")

    def test_a_validation_gives_the_numbers_of_its_patients(self):
        out = self.validation()
        statistics = read_json(out / "statistics/statistics.json")
        graded = rows_of(out / "patients/grading.tsv")
        self.assertEqual(len(graded), 12)
        score = "integrated: + SE, patches"
        self.assertAlmostEqual(statistics["grading"]["auc"]["estimate"], auc_of(graded, score, "high_grade"), places=9)
        brier = sum((float(r[score]) - float(r["high_grade"])) ** 2 for r in graded) / len(graded)
        self.assertAlmostEqual(statistics["grading"]["brier"]["estimate"], brier, places=9)
        survival = rows_of(out / "patients/survival.tsv")
        self.assertAlmostEqual(statistics["survival"]["c_index"]["estimate"], concordance_of(survival), places=9)
        self.assertEqual(statistics["counts"]["died"], "withheld" if len(survival) - 5 < 5 else 5)
        home = rows_of(out / "statistics/home_and_here.tsv")
        row = next(r for r in home if r["statistic"] == "Grading: AUC")
        self.assertIn(f"{statistics['grading']['auc']['estimate']:.3f}", row["here"])
        auc = read_json(self.bundle() / "manifest.json")["models"]["grading"]["at_home"]["cross_validated"]["auc"]
        self.assertIn(f"{auc['estimate']:.3f}", row["at home, cross-validated"])
        self.assertIn("home, cross-validated", (out / "statistics/report.html").read_text(encoding="utf-8"))

    def test_what_leaves_the_hospital_has_no_patient_and_no_small_count(self):
        out = self.validation()
        ids = [row["patient"] for row in rows_of(self.folder / "cohort3/clinical.tsv")]
        self.assert_no_patient(out / "statistics", ids)
        self.assertIn("statistics/ may leave the hospital", self.told)
        for count in read_json(out / "statistics/statistics.json")["counts"].values():
            self.assertTrue(count in ("<5", "withheld") or count == 0 or count >= 5, count)
        counts = {r["patients"]: r["count"] for r in rows_of(out / "statistics/counts.tsv")}
        self.assertEqual(counts["could not be examined"], "<5")
        self.assertEqual((counts["examined"], counts["included"]), ("12", "withheld"))  # else 13 - 12 were told
        names = {p.name for p in (out / "statistics").iterdir()}
        self.assertFalse([n for n in names if "roc" in n or "kaplan" in n])
        self.assertEqual([row["id"] for row in rows_of(out / "failures.tsv")], [self.damaged])

    def test_a_validation_harmonises_and_recalibrates(self):
        out = self.folder / "harmonised"
        shutil.copytree(self.validation(), out, copy_function=shutil.copy2)
        cohort, options = self.folder / "cohort3", ["--combat", "--recalibrate", "--quiet"]
        run("study", "validate", self.bundle(), cohort, "--out", out, *options, code=1)
        before = rows_of(self.validation() / "patients/grading.tsv")
        self.assertNotEqual(before, rows_of(out / "patients/grading.tsv"))
        statistics = read_json(out / "statistics/statistics.json")
        self.assertTrue(statistics["combat"])
        recalibrated = statistics["grading"]["recalibrated"]
        self.assertEqual(recalibrated["before_brier"]["estimate"], statistics["grading"]["brier"]["estimate"])
        self.assertIn("line_brier", recalibrated)
        self.assertIn("to use here", (out / "statistics/report.md").read_text(encoding="utf-8"))

    def test_a_bundle_that_was_changed_or_a_lower_limit_is_refused(self):
        out, cohort, changed = self.folder / "not", self.folder / "cohort2", self.folder / "changed"
        shutil.copytree(self.bundle(), changed)
        model = changed / "grading/classifier_0/model.json"
        model.write_text(model.read_text(encoding="utf-8").replace("threshold", "Threshold", 1), encoding="utf-8")
        self.assertIn("classifier_0/model.json", run("study", "validate", changed, cohort, "--out", out, code=4).stderr)
        low = run("study", "validate", self.bundle(), cohort, "--out", out, "--least", "4", code=2).stderr
        self.assertIn("never given away", low)
        self.assertFalse(out.exists())
        self.assertIn("something else", run("study", "validate", self.bundle(), cohort, "--out", cohort, code=2).stderr)

    def test_a_patient_without_a_tumour_does_not_stop_the_freezing(self):
        study = self.folder / "no-tumour"
        shutil.copytree(self.study, study, ignore=shutil.ignore_patterns("figures", "*.nii.gz", "*.safetensors"))
        for model in ("grading/model", "signature_model/model"):
            shutil.copytree(self.study / "stages" / model, study / "stages" / model, dirs_exist_ok=True)
        graded = rows_of(study / "stages/grading/predictions.tsv")[0]["id"]
        record = study / "patients" / f"sub-{graded.replace('-', '')}" / "examination.json"
        record.write_text(json.dumps({"tumour_cm3": 0, "run_key": read_json(record)["run_key"]}))
        run("study", "freeze", study, "--out", self.folder / "of-no-tumour")
        self.assertTrue((self.folder / "of-no-tumour/harmonisation/grading").is_dir())

    def test_a_study_that_is_not_finished_is_not_frozen(self):
        begun = self.folder / "begun"
        shutil.copytree(self.study, begun, ignore=shutil.ignore_patterns("sub-*", "figures"))
        (begun / "study.json").unlink()
        out = self.folder / "of-begun"
        self.assertIn("not finished", run("study", "freeze", begun, "--out", out, code=3).stderr)
        self.assertFalse(out.exists())
        shutil.copy(self.study / "study.json", begun)
        record = begun / "stages/grading/stage.json"
        record.write_text(record.read_text().replace('"run_key": "', '"run_key": "0'))
        self.assertIn("grading is not the one", run("study", "freeze", begun, "--out", out, code=3).stderr)


class Raters(FolderCase):
    def test_raters_are_compared_with_each_other_and_with_the_outlines(self):
        cohort, out = self.folder / "cohort", self.folder / "study"
        run(
            "simulate", "--patients", "6", "--spacing", "2", "--no-flair", "--quiet", "--seed", "8", "--out", cohort,
        )  # fmt: skip
        nothing_else = ["--set", "grading.run=false", "--set", "signature.run=false", "--set", "outlines.raters=true"]
        run("study", "run", cohort, "--out", out, *SMALL, *nothing_else)
        pairs = [row["Pair"] for row in rows_of(out / "tables/dice.tsv")]
        self.assertEqual(pairs, ["rater 1 / rater 2", "expert / rater 1", "expert / rater 2"])
        for row in rows_of(out / "tables/dice.tsv"):
            self.assertGreater(float(row["Mean"]), 0.8)
        self.assertEqual(len(rows_of(out / "tables/icc.tsv")), 9)
        page = (out / "report.html").read_text(encoding="utf-8")
        self.assertIn("0.75", page)
        dice = [float(row["expert / rater 1"]) for row in rows_of(out / "stages/raters/dice.tsv")]
        pictures = rows_of(out / "stages/raters/pictures.tsv")
        self.assertEqual([p["rank"] for p in pictures], ["best"] * 2 + ["median"] * 2 + ["worst"] * 2)
        for picture in pictures:
            place = {"best": 0, "median": len(dice) // 2, "worst": -1}[picture["rank"]]
            wanted = sorted(dice, reverse=True)[place]
            self.assertAlmostEqual(float(picture["dice"]), wanted, delta=6e-4)
            self.assertAlmostEqual(dice[int(picture["number"]) - 1], wanted, delta=1e-9)
            self.assertEqual((out / "stages/raters" / picture["file"]).read_bytes()[:4], b"\x89PNG")
            said = f"{picture['rank']}: patient {picture['number']} of {len(dice)}, Dice {picture['dice']}"
            self.assertIn(said, page)


if __name__ == "__main__":
    main()
