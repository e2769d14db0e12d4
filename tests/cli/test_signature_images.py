"""gliocast signature train, predict and evaluate on simulated patients' images, with small networks."""

import collections
import csv
import itertools
import json
import re
import shlex
import shutil
import subprocess

import jsonschema
from common import PROGRAM, SOURCE, FolderCase, main, read_json, run

PATIENTS, FOLDS = 15, 3
SMALL = "name: {}\ntarget: {}\ntrees: 60\ncandidates: 60\nalpha: [0.5]\nlambda: 0.02\nnothing_kept: first\nfolds: 3\n"
WAYS = [
    "small: radiomics and deep features",
    "timed: radiomics and deep features",
    "small: radiomics",
    "timed: radiomics",
]
NETWORKS = ["network alone, loss cox", "network alone, loss time"]
TIMES = ("12", "24")


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, delimiter="\t"))


def concordance(risks, truth, folds):
    """Of the pairs within folds, by their definition."""
    wins = pairs = 0
    for a, b in itertools.permutations(risks, 2):
        if folds[a] != folds[b] or truth[a]["event"] != "1" or float(truth[a]["time"]) >= float(truth[b]["time"]):
            continue
        pairs += 1
        wins += 1 if risks[a] > risks[b] else 0.5 if risks[a] == risks[b] else 0
    return wins / pairs


class SignatureOfImages(FolderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cohort = cls.folder / "cohort"
        run(
            "simulate", "--patients", PATIENTS, "--spacing", "2", "--seed", "5", "--high-grade", "0.9",
            "--no-flair", "--no-raters",
            "--out", cls.cohort, "--quiet",
        )  # fmt: skip
        cls.new = cls.folder / "new"
        run(
            "simulate", "--patients", 5, "--first", 90, "--spacing", "2", "--seed", "5", "--high-grade", "0.9",
            "--no-flair",
            "--no-raters", "--out", cls.new, "--quiet",
        )  # fmt: skip
        # Each half of each fold's training needs five deaths: here all have died, the weaker ones earlier.
        for name, folder in (("clinical", cls.cohort), ("new_clinical", cls.new)):
            rows = rows_of(folder / "clinical.tsv")
            rank = {row["patient"]: i for i, row in enumerate(sorted(rows, key=lambda row: float(row["time"])))}
            rows = [
                {**row, "event": "1", "strength": str(rank[row["patient"]] + 3 * ((i * 7) % 5 - 2))}
                for i, row in enumerate(rows)
            ]
            lines = ["\t".join(rows[0])] + ["\t".join(row.values()) for row in rows]
            (cls.folder / f"{name}.tsv").write_text("\n".join(lines) + "\n")
        cls.clinical, cls.new_clinical = cls.folder / "clinical.tsv", cls.folder / "new_clinical.tsv"
        for name, target in (("small", "cox"), ("timed", "time")):
            (cls.folder / f"{name}.yaml").write_text(SMALL.format(name, target))
        cls.work = cls.folder / "work"
        cls.model, cls.evaluation = cls.folder / "model", cls.folder / "evaluation"
        cls.trained = run(*cls.arguments("train", cls.model, "--unit", "months", "--factors", "sex,strength"))
        cls.evaluated = run(
            *cls.arguments("evaluate", cls.evaluation, "--outer", FOLDS, "--against", cls.folder / "timed.yaml"),
            "--times", ",".join(TIMES), "--draws", 100, "--nomograms", "--factors", "strength",
            "--external", cls.new, "--external-clinical", cls.new_clinical, "--json",
        )  # fmt: skip

    @classmethod
    def arguments(cls, verb, out, *more, event="event", work=None):
        return [
            "signature", verb, cls.cohort, "--clinical", cls.clinical, "--time", "time",
            "--event", event, "--out", out, "--work", work or cls.work, "--outlines", "experts", "--sequence", "t1gd",
            "--chain", cls.folder / "small.yaml", "--epochs", 1, "--batch", 3, *more,
        ]  # fmt: skip

    def copy_of_patients(self, work):
        """A folder of work in which patients have been examined already."""
        shutil.copytree(self.work / "patients", work / "patients", copy_function=shutil.copy2)
        return work

    # --- evaluate ---

    def test_every_way_is_told_with_its_concordance(self):
        rows = rows_of(self.evaluation / "comparison.tsv")
        self.assertEqual([row["Signature"] for row in rows], WAYS + NETWORKS)
        said = {row["id"]: row for row in rows_of(self.evaluation / "comparison_predictions.tsv")}
        truth = {row["patient"]: row for row in rows_of(self.clinical)}
        self.assertEqual(sorted(said), sorted(truth))
        folds = {i: row["fold"] for i, row in said.items()}
        for row in rows:
            name = row["Signature"]
            network = name in NETWORKS
            risks = {
                i: float(p[f"{name}: risk"]) if network else -float(p[f"{name}: signature"]) for i, p in said.items()
            }
            self.assertAlmostEqual(float(row["C"]), concordance(risks, truth, folds), delta=0.00051)
            if not network:
                groups = collections.Counter(p[f"{name}: group"] for p in said.values())
                self.assertEqual(groups["high risk"], int(row["High risk"]))
        self.assertTrue((self.evaluation / "comparison.md").exists())
        # The first way is the one that was evaluated: one C, one interval.
        found = read_json(self.evaluation / "evaluation.json")
        first, metric = found["comparison"][0]["c"], found["c_index"]
        for key, of in (("value", "estimate"), ("lower", "lower"), ("upper", "upper")):
            self.assertAlmostEqual(first[key], metric[of], 12)
        self.assertEqual(rows[0]["95 % CI"], f"{metric['lower']:.3f}–{metric['upper']:.3f}")

    def test_the_evaluation_is_that_of_tables(self):
        found = read_json(self.evaluation / "evaluation.json")
        jsonschema.validate(found, {"$ref": "#/$defs/evaluate", **read_json(SOURCE / "docs/signature.schema.json")})
        predictions = rows_of(self.evaluation / "predictions.tsv")
        truth = {row["patient"]: row for row in rows_of(self.clinical)}
        self.assertEqual([row["id"] for row in predictions], sorted(truth))
        risks = {row["id"]: -float(row["signature"]) for row in predictions}
        folds = {row["id"]: row["fold"] for row in predictions}
        self.assertAlmostEqual(found["c_index"]["estimate"], concordance(risks, truth, folds))
        ways = rows_of(self.evaluation / "comparison_predictions.tsv")
        self.assertEqual(
            [row["signature"] for row in predictions],
            [row[f"{WAYS[0]}: signature"] for row in sorted(ways, key=lambda row: row["id"])],
        )
        for row in predictions:
            early, late = (row[f"survival_{t}"] for t in TIMES)
            if early != "NA":
                self.assertTrue(1 >= float(early) >= float(late) >= 0, row)
        self.assertEqual(len(found["folds"]), FOLDS * 2)  # two members each
        self.assertEqual({w["member"] for w in found["weights"]}, {1, 2})
        for name in ("kaplan_meier.svg", "metrics.md", "weights.tex", "groups.tsv", "times.tsv"):
            self.assertGreater((self.evaluation / name).stat().st_size, 100, name)
        overview = (self.evaluation / "README.md").read_text(encoding="utf-8")
        for name in ("comparison.tsv", "comparison_predictions.tsv", "kaplan_meier.svg", "evaluation.json"):
            self.assertIn(name, overview)
        self.assertEqual(found["settings"]["transfer_learning"], False)
        self.assertIn('"c_index"', self.evaluated.stdout)

    def test_nomograms_are_of_the_same_folds(self):
        found = read_json(self.evaluation / "evaluation.json")["nomograms"]
        self.assertEqual(found["candidates"], ["strength"])
        self.assertEqual(found["comparisons"]["cross-validation"]["folds"], FOLDS)
        self.assertEqual(found["clinical"]["n"], PATIENTS)
        for name in ("table_3.md", "table_4.md", "performance.tsv"):
            self.assertTrue((self.evaluation / "nomograms" / name).exists(), name)

    def test_a_second_cohort_is_tried(self):
        external = read_json(self.evaluation / "evaluation.json")["external"]
        self.assertEqual(external["n"], 5)
        rows = rows_of(self.evaluation / "external_predictions.tsv")
        truth = {row["patient"]: row for row in rows_of(self.new_clinical)}
        risks = {row["id"]: -float(row["signature"]) for row in rows}
        self.assertAlmostEqual(external["c_index"]["estimate"], concordance(risks, truth, dict.fromkeys(risks, 1)))
        out = self.folder / "survival.tsv"
        run(*self.prediction(self.new, out))
        self.assertEqual({i: -s for i, s in risks.items()}, {r["id"]: float(r["signature"]) for r in rows_of(out)})

    def test_nobody_tests_what_he_fitted(self):
        audit = read_json(self.evaluation / "evaluation.json")["audit"]
        fitted_on = {}
        for folder in (self.work / "networks").iterdir():
            record = read_json(folder / "network.json")
            fitted_on[record["network"]] = record["fitted_on"]
        tested, used = [], set()
        self.assertEqual(len(audit), FOLDS + 1)
        for fold in audit:
            tested += fold["tested"]
            halves = [set(fold["half_1"]), set(fold["half_2"])]
            self.assertFalse(halves[0] & halves[1])
            self.assertFalse((halves[0] | halves[1]) & set(fold["tested"]))
            self.assertEqual(len(halves[0] | halves[1]) + len(fold["tested"]), PATIENTS)
            for model in fold["models"]:
                for member in model["members"]:
                    if "network" in member:
                        used.add(member["network"])
                        self.assertEqual(fitted_on[member["network"]], sorted(fold[member["network_fitted_on"]]))
                        self.assertNotEqual(member["network_fitted_on"], member["signature_fitted_on"])
        self.assertEqual(sorted(tested), sorted(row["patient"] for row in rows_of(self.clinical)))
        self.assertEqual(len(used), FOLDS * 2 * 2 + 2)  # folds, halves, losses; two of all patients

    def test_repeats_deal_folds_anew(self):
        out, work = self.folder / "repeated", self.copy_of_patients(self.folder / "repeated.work")
        more = ["--outer", FOLDS, "--repeats", 2, "--no-deep", "--against", "none", "--draws", 100]
        run(*self.arguments("evaluate", out, *more, work=work))
        folds = collections.defaultdict(dict)
        for row in rows_of(out / "predictions.tsv"):
            folds[row["repeat"]][row["id"]] = row["fold"]
        self.assertEqual(sorted(folds), ["1", "2"])
        self.assertEqual(len(folds["2"]), PATIENTS)
        self.assertNotEqual(folds["1"], folds["2"])
        self.assertFalse((work / "networks").exists())
        found = read_json(out / "evaluation.json")
        jsonschema.validate(found, {"$ref": "#/$defs/evaluate", **read_json(SOURCE / "docs/signature.schema.json")})
        self.assertIsNotNone(found["alpha"])
        (way,) = rows_of(out / "comparison.tsv")
        self.assertEqual(way["Signature"], WAYS[2])
        with_networks = rows_of(self.evaluation / "comparison.tsv")[2]
        self.assertEqual(way["C"], with_networks["C"], "the networks change nothing of what does not use them")

    def test_permuted_outcomes_are_other_outcomes(self):
        out, work = self.folder / "chance", self.copy_of_patients(self.folder / "chance.work")
        more = ["--outer", FOLDS, "--no-deep", "--against", "none", "--draws", 100, "--permute-outcome"]
        run(*self.arguments("evaluate", out, *more, work=work))
        rows = rows_of(out / "predictions.tsv")
        truth = {row["patient"]: float(row["time"]) for row in rows_of(self.clinical)}
        self.assertEqual(sorted(float(row["time"]) for row in rows), sorted(truth.values()))
        self.assertGreater(sum(float(row["time"]) != truth[row["id"]] for row in rows), PATIENTS / 2)
        self.assertTrue(read_json(out / "evaluation.json")["permuted"])
        said = run(*self.arguments("evaluate", out, *more, "--overwrite", "--nomograms", "--times", 12), code=2).stderr
        self.assertIn("clinical factors keep their survival", said)

    # --- train ---

    def test_the_model_binds_networks_signatures_and_nomograms(self):
        model = read_json(self.model / "model.json")
        self.assertEqual(model["kind"], "fused-signature")
        self.assertTrue(model["payload"]["demonstration"])
        self.assertEqual(model["payload"]["sequence"], "t1gd")
        self.assertEqual(len(model["payload"]["members"]), 2)
        for i in range(2):
            self.assertEqual(read_json(self.model / f"network_{i}" / "model.json")["kind"], "prognosis")
            self.assertEqual(read_json(self.model / f"signature_{i}" / "model.json")["kind"], "signature")
        self.assertIn("clinical", model["payload"]["nomograms"])
        for name in model["payload"]["nomograms"]:
            nomogram = read_json(self.model / f"nomogram_{name}.json")
            self.assertEqual(nomogram["card"]["unit"], "months")
            self.assertEqual(nomogram["payload"]["n"], PATIENTS)
            self.assertIn("strength", nomogram["payload"]["design"]["formula"])
        integrated = "integrated" in model["payload"]["nomograms"]
        self.assertEqual("no integrated nomogram" in self.trained.stderr, not integrated)
        if integrated:
            nomogram = read_json(self.model / "nomogram_integrated.json")
            self.assertIn("risk_group", nomogram["payload"]["design"]["formula"])
        self.assertIn("signature evaluate judges it", self.trained.stderr)
        self.assertIn("original_", self.trained.stdout)

    def test_no_patient_is_in_the_model(self):
        ids = [row["patient"] for row in rows_of(self.clinical)]
        folders = ["sub-" + i.replace("-", "") for i in ids]
        self.assertEqual(sorted(p.name for p in (self.work / "patients").iterdir()), sorted(folders))
        ids += folders
        for file in self.model.rglob("*"):
            self.assertFalse(any(i in str(file.relative_to(self.model)) for i in ids), file)
            if file.is_file():
                self.assertFalse([i for i in ids if i.encode() in file.read_bytes()], file)
        said = run(*self.arguments("train", self.model, "--overwrite", work=self.model / "work"), code=2).stderr
        self.assertIn("must not lie in what is given away", said)

    def test_a_second_run_goes_on_from_the_work_and_gives_the_same(self):
        made = {p: p.stat().st_mtime_ns for p in self.work.glob("networks/*/bundle/*")}
        made |= {p: p.stat().st_mtime_ns for p in self.work.glob("patients/*/*")}
        self.assertTrue(made)
        again = self.folder / "again"
        run(*self.arguments("train", again, "--unit", "months", "--factors", "sex,strength", "--name", "model"))
        self.assertEqual(made, {p: p.stat().st_mtime_ns for p in made})
        files = [p.relative_to(self.model) for p in self.model.rglob("*") if p.is_file()]
        self.assertEqual([(self.model / f).read_bytes() for f in files], [(again / f).read_bytes() for f in files])
        said = run(*self.arguments("train", again), code=2).stderr
        self.assertIn("--overwrite", said)

    # --- predict ---

    def prediction(self, cohort, out, model=None, *more):
        return [
            "signature", "predict", cohort, "--model", model or self.model, "--times", ",".join(TIMES),
            "--outlines", "experts", "--out", out, "--work", self.folder / "predicted.work", *more,
        ]  # fmt: skip

    def test_the_model_speaks_of_new_patients(self):
        out = self.folder / "new.tsv"
        result = run(*self.prediction(self.new, out), "--json")
        self.assertIn("fitted to simulated patients", result.stderr)
        rows = rows_of(out)
        self.assertEqual([row["id"] for row in rows], [f"SIM-0009{i}" for i in range(5)])
        for row in rows:
            self.assertIn(row["group"], ("high risk", "low risk"))
            for t in TIMES:
                low, s, high = (float(row[f"survival_{t}{of}"]) for of in ("_lower", "", "_upper"))
                self.assertTrue(0 <= low <= s <= high <= 1, row)
        found = json.loads(result.stdout)
        jsonschema.validate(found, {"$ref": "#/$defs/predict", **read_json(SOURCE / "docs/signature.schema.json")})
        self.assertEqual([p["signature"] for p in found["rows"]], [float(row["signature"]) for row in rows])
        run(*self.prediction(self.new, out, None, "--clinical", self.new_clinical))
        said = {row["patient"]: row for row in rows_of(self.new_clinical)}
        for row in rows_of(out):
            self.assertEqual(row["strength"], said[row["id"]]["strength"])
        predicted = self.folder / "by_nomogram.tsv"
        run(
            "survival", "predict", out, "--model", self.model / "nomogram_clinical.json", "--times", "12",
            "--out", predicted,
        )  # fmt: skip
        self.assertEqual(len(rows_of(predicted)), 5)
        own = [*self.prediction(self.cohort, out)]
        own[own.index("--work") + 1] = self.copy_of_patients(self.folder / "own.work")
        self.assertIn("the network that made it was fitted on", run(*own, code=3).stderr)

    def test_a_model_of_radiomics_alone(self):
        alone, work = self.folder / "alone", self.copy_of_patients(self.folder / "alone.work")
        run(*self.arguments("train", alone, "--no-deep", work=work))
        members = read_json(alone / "model.json")["payload"]["members"]
        self.assertEqual([member["network_sha256"] for member in members], [None])
        out = self.folder / "alone.tsv"
        run(*self.prediction(self.new, out, alone))
        said = run("signature", "predict", self.clinical, "--model", alone, "--times", 12, code=4).stderr
        self.assertIn("reads images, not a table", said)
        self.assertIn("signature_0", said)
        # The signature in it is one of tables, and reads a cohort too.
        table = self.folder / "of_table.tsv"
        run(*self.prediction(self.new, table, alone / "signature_0"))
        self.assertEqual(rows_of(table), rows_of(out))
        own = [*self.prediction(self.cohort, out, alone)]
        own[own.index("--work") + 1] = work
        self.assertIn("rows that fitted the signature", run(*own).stderr)

    def test_a_signature_of_other_features_is_refused_for_images(self):
        rows = rows_of(self.clinical)
        table = self.folder / "ages.tsv"
        lines = ["id\tage\tnoise\ttime\tevent"]
        lines += [f"{r['patient']}\t{r['age']}\t{i % 4}\t{r['time']}\t1" for i, r in enumerate(rows)]
        table.write_text("\n".join(lines) + "\n")
        model = self.folder / "of_ages"
        run(
            "signature", "train", table, "--time", "time", "--event", "event", "--chain", self.folder / "small.yaml",
            "--out", model,
        )  # fmt: skip
        said = run(*self.prediction(self.new, self.folder / "none.tsv", model), code=3).stderr
        self.assertIn("trained on a table of other features", said)

    # --- input ---

    def test_commands_of_the_readme_run_in_their_order(self):
        """Small and quick: with these patients, their own outlines, and networks of one epoch."""
        text = (SOURCE / "README.md").read_text(encoding="utf-8")
        block = text.split("## From a cohort to a signature of survival\n```sh\n")[1].split("```")[0]
        folder = self.folder / "readme"
        folder.mkdir()
        shutil.copytree(self.work, folder / "work", copy_function=shutil.copy2)
        (folder / "cohort").symlink_to(self.cohort)
        (folder / "new").symlink_to(self.new)
        learning = ["--sequence", "t1gd", "--chain", self.folder / "small.yaml", "--epochs", 1, "--batch", 3]
        quick = {
            "train": [*learning, "--factors", "strength"],
            "predict": [],
            "evaluate": [*learning, "--factors", "strength", "--outer", FOLDS, "--against", "none", "--draws", 100],
        }
        ran = []
        for line in block.strip().split("\n"):
            words = shlex.split(line)
            if words[1] == "simulate":
                self.assertIn(words[words.index("--out") + 1], ("cohort", "new"))
                continue
            words = [str(self.clinical) if w == "cohort/clinical.tsv" else w for w in words]
            more = map(str, [*quick[words[2]], "--outlines", "experts"])
            result = subprocess.run(
                [PROGRAM, *words[1:], *more], cwd=folder, capture_output=True, text=True, check=False
            )
            self.assertEqual(result.returncode, 0, result.stderr)
            ran.append(words[2])
        self.assertEqual(ran, ["train", "predict", "evaluate"])
        self.assertEqual(len(rows_of(folder / "survival.tsv")), 5)
        self.assertTrue((folder / "evaluation/nomograms/table_3.md").exists())

    def test_a_manifest_is_a_cohort_and_options_may_stand_first(self):
        manifest = self.folder / "new.tsv_manifest.tsv"
        lines = ["id\tt1\tt1gd\tt2\tseg"]
        for folder in sorted(p for p in self.new.iterdir() if p.is_dir())[:1]:
            files = [next(folder.glob(f"*{ending}")) for ending in ("_t1.nii.gz", "_t1ce.nii.gz", "_t2.nii.gz")]
            lines.append("\t".join([folder.name, *map(str, files), str(next(folder.glob("*_seg.nii.gz")))]))
        manifest.write_text("\n".join(lines) + "\n")
        out = self.folder / "of_manifest.tsv"
        arguments = self.prediction(manifest, out)
        run(*arguments[:2], *arguments[3:], "-q", arguments[2])
        self.assertEqual([row["id"] for row in rows_of(out)], ["SIM-00090"])
        self.assertIn("COHORT", run("signature", "train", self.new, "--help").stdout)

    def test_examples_of_the_help_are_right_uses(self):
        """Cohorts without a patient: a right use ends with that (3) or a missing model (4), a wrong one would be 2."""
        folder = self.folder / "empty"
        for name in ("cohort", "patients"):
            (folder / name).mkdir(parents=True)
        for verb in ("train", "predict", "evaluate"):
            help_text = run("signature", verb, folder / "cohort", "--help").stdout
            examples = re.findall(r"^(?:Examples?: | {2})(gliocast .*)$", help_text, re.M)
            self.assertTrue(examples, verb)
            for example in examples:
                words = shlex.split(example)
                result = subprocess.run([PROGRAM, *words[1:]], cwd=folder, capture_output=True, text=True, check=False)
                self.assertIn(result.returncode, (3, 4), f"{example}\n{result.stderr}")

    def test_bad_input_is_said(self):
        out, work = self.folder / "bad", self.folder / "bad.work"
        said = run(*self.arguments("train", out, event="died", work=work), code=3).stderr
        self.assertIn("died", said)
        twice = self.arguments("evaluate", out, "--against", self.folder / "small.yaml", work=work)
        self.assertIn('two signatures are named "small"', run(*twice, code=2).stderr)
        few = self.arguments("evaluate", out, work=work)
        few[few.index(self.clinical)] = self.cohort / "clinical.tsv"
        said = run(*few, code=3).stderr
        self.assertIn("patients with an event are needed, and there are", said)
        self.assertFalse((work / "patients").exists(), "told before any work")
        table = self.folder / "none.tsv"
        table.write_text("patient\ttime\tevent\nX\t1\t1\n")
        others = self.arguments("train", out, work=work)
        others[others.index(self.clinical)] = table
        self.assertIn("no patient of the cohort has a survival time", run(*others, code=3).stderr)
        self.assertIn(
            "--external-clinical", run(*self.arguments("evaluate", out, "--external", self.new), code=2).stderr
        )
        self.assertFalse(out.exists())


if __name__ == "__main__":
    main()
