"""The main job on simulated patients, with small networks trained here: outputs, batch, failures, resume, missing
sequences, bad input."""

import gzip
import itertools
import json
import os
import shutil
import signal
import subprocess
import time

import jsonschema
import nibabel
import numpy as np
from common import PROGRAM, SOURCE, WITHOUT_ATLAS, FolderCase, main, read_json, run

CLASSES = ("shape", "first_order", "texture")
THREE = {"t1": "t1", "t1gd": "t1ce", "t2": "t2"}


def without_times(prediction):
    """What does not depend on the clock and the machine's load."""
    return {key: value for key, value in prediction.items() if key not in ("timings_s", "provenance")}


def weights_of(bundle):
    """{name: array} of a bundle's one .safetensors file of half precision."""
    (file,) = bundle.glob("*.safetensors")
    content = file.read_bytes()
    length = int.from_bytes(content[:8], "little")
    tensors = json.loads(content[8 : 8 + length])
    out = {}
    for name, entry in tensors.items():
        if name != "__metadata__":
            begin, end = (8 + length + offset for offset in entry["data_offsets"])
            kind = {"F16": np.float16, "F32": np.float32}[entry["dtype"]]
            out[name] = np.frombuffer(content[begin:end], kind).reshape(entry["shape"]).astype(float)
    return out


class Chain(FolderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        f = cls.folder
        simulated = ["--seed", 3, "--no-flair", "--no-raters"]
        run("simulate", "--patients", 6, *simulated, "--out", f / "cohort", "--quiet")
        run(
            "train",
            "segmentation",
            f / "cohort",
            "--out",
            f / "seg",
            "--widths",
            "4",
            "8",
            "16",
            "--epochs",
            "6",
            "--steps-per-epoch",
            "4",
            "--batch",
            "1",
            "--learning-rate",
            "0.008",
            "--ema",
            "0.8",
            "--cache",
            f / "cache",
            "--name",
            "segmentation-default",
            "--quiet",
        )
        run(
            "train",
            "grading",
            f / "cohort",
            "--out",
            f / "grade",
            "--base-width",
            "4",
            "--epochs",
            "2",
            "--steps-per-epoch",
            "2",
            "--folds",
            "2",
            "--cache",
            f / "cache",
            "--name",
            "grading-default",
            "--quiet",
        )
        os.makedirs(f / "models")
        shutil.copytree(f / "seg" / "bundle", f / "models" / "segmentation-default")
        shutil.copytree(f / "grade" / "bundle", f / "models" / "grading-default")
        run("predict", f / "cohort" / "SIM-00001", "--out", f / "one", "--models", f / "models", "--quiet")

    def predict(self, *arguments, env=WITHOUT_ATLAS, **keywords):
        return run("predict", *arguments, "--models", self.folder / "models", "--quiet", env=env, **keywords)

    def test_training_leaves_curves_split_and_a_bundle(self):
        f = self.folder
        curve = (f / "seg" / "curve.tsv").read_text().splitlines()
        self.assertEqual(len(curve), 7)
        first, last = float(curve[1].split("\t")[2]), float(curve[-1].split("\t")[2])
        self.assertLess(last, first, "the loss must fall")
        self.assertIn("validation", (f / "seg" / "split.tsv").read_text())
        self.assertTrue((f / "seg" / "curve.svg").exists())
        bundle = read_json(f / "seg" / "bundle" / "model.json")
        self.assertEqual(bundle["kind"], "segmentation")
        scores = (f / "grade" / "cross_validation.tsv").read_text().splitlines()
        self.assertEqual(len(scores), 7, "each patient is scored once, by a network that did not see it")
        metrics = read_json(f / "grade" / "metrics.json")
        self.assertIn("centre_alone", metrics)
        for name in os.listdir(f / "cache"):
            self.assertLess(os.path.getsize(f / "cache" / name), 2e6)

    def test_training_starts_from_a_bundle_in_a_fold(self):
        f = self.folder
        run(
            "train",
            "segmentation",
            f / "cohort",
            "--out",
            f / "fold",
            "--init",
            f / "seg" / "bundle",
            "--folds",
            "3",
            "--fold",
            "1",
            "--keep-last",
            "--widths",
            "4",
            "8",
            "16",
            "--epochs",
            "2",
            "--steps-per-epoch",
            "4",
            "--learning-rate",
            "0.0001",
            "--cache",
            f / "cache",
            "--quiet",
        )
        split = [line.split("\t") for line in (f / "fold" / "split.tsv").read_text().splitlines()]
        self.assertEqual(sum("validation" in line for line in split), 2, "a third of six patients is held out")
        curves = [(f / which / "curve.tsv").read_text().splitlines() for which in ("fold", "seg")]
        first, from_nothing = (float(curve[1].split("\t")[2]) for curve in curves)
        self.assertLess(first, from_nothing, "trained weights are better from the first epoch on")
        kept = read_json(f / "fold" / "bundle" / "model.json")["payload"]["training"]["best_epoch"]
        self.assertEqual(kept, 2, "the last epoch is kept")

    def test_the_papers_preset_leaves_what_is_given(self):
        f = self.folder
        common = [
            "--preset",
            "paper",
            "--widths",
            "4",
            "8",
            "8",
            "--epochs",
            "1",
            "--steps-per-epoch",
            "1",
            "--cache",
            f / "cache",
            "--quiet",
        ]
        batches = []
        for more in ([], ["--batch", "3"]):
            run("train", "segmentation", f / "cohort", "--out", f / f"paper{len(batches)}", *common, *more)
            batches.append(
                read_json(f / f"paper{len(batches)}" / "bundle" / "model.json")["payload"]["training"]["batch"]
            )
        self.assertEqual(batches, [1, 3])

    def test_the_preset_for_real_patients(self):
        """Of patients without FLAIR, from a network of three channels."""
        f = self.folder
        common = [
            "--preset",
            "real",
            "--init",
            f / "seg" / "bundle",
            "--widths",
            4,
            8,
            16,
            "--cache",
            f / "cache",
            "-q",
        ]
        short = ["--epochs", 1, "--steps-per-epoch", 2, "--name", "segmentation-default"]
        run("train", "segmentation", f / "cohort", "--out", f / "real", *common, *short)
        payload = read_json(f / "real" / "bundle" / "model.json")["payload"]
        self.assertEqual(payload["channels"], ["t1", "t1gd", "t2", "flair"])
        self.assertEqual((payload["network"]["head"], payload["network"]["classes"]), ("regions", 3))
        self.assertFalse([name for name in weights_of(f / "real" / "bundle") if name.startswith("auxiliary")])
        header = (f / "real" / "curve.tsv").read_text().splitlines()[0].split("\t")
        self.assertEqual(header[-1], "validation_dice_enhancing")
        shutil.copytree(f / "real" / "bundle", f / "real-models" / "segmentation-default")
        shutil.copytree(f / "grade" / "bundle", f / "real-models" / "grading-default")
        models = ["--models", f / "real-models", "-q"]
        run("predict", f / "cohort" / "SIM-00001", "--out", f / "by-real", *models, env=WITHOUT_ATLAS)
        found = read_json(f / "by-real" / "sub-01" / "prediction.json")
        self.assertEqual(found["missing_sequences"], ["flair"])

    def test_output_tree_and_schema(self):
        out = self.folder / "one"
        prediction = read_json(out / "sub-01" / "prediction.json")
        jsonschema.validate(prediction, read_json(SOURCE / "docs" / "prediction.schema.json"))
        self.assertEqual(read_json(out / "dataset_description.json")["DatasetType"], "derivative")
        native = nibabel.load(self.folder / "cohort" / "SIM-00001" / "SIM-00001_t1ce.nii.gz")
        for label in ("brain", "tumor"):
            mask = nibabel.load(out / "sub-01" / "anat" / f"sub-01_space-orig_label-{label}_mask.nii.gz")
            self.assertEqual(mask.shape, native.shape)
            np.testing.assert_allclose(mask.affine, native.affine, atol=1e-4)
            self.assertLessEqual(set(np.unique(mask.get_fdata())), {0.0, 1.0})
        work = nibabel.load(out / "sub-01" / "anat" / "sub-01_ce-gadolinium_space-work_desc-preproc_T1w.nii.gz")
        np.testing.assert_allclose(work.header.get_zooms(), 1)
        page = (out / "sub-01" / "report.html").read_text()
        self.assertIn("Not a medical device", page)
        self.assertNotIn("SIM-00001", page, "names of paths stay out")
        self.assertNotIn("SIM-00001", (out / "log.jsonl").read_text())
        self.assertNotIn("http", page.replace("http-equiv", ""))

    def test_mask_volume_agrees_with_the_json(self):
        # The truth as outline: a tumour is found whatever the small network of these tests sees.
        seg = self.folder / "cohort" / "SIM-00001" / "SIM-00001_seg.nii.gz"
        self.predict(self.folder / "cohort" / "SIM-00001", "--out", self.folder / "outlined", "--tumour-mask", seg)
        found = [self.folder / "outlined" / "sub-01"]
        if read_json(self.folder / "one" / "sub-01" / "prediction.json")["tumour"]["found"]:
            found.append(self.folder / "one" / "sub-01")
        for out in found:
            mask = nibabel.load(out / "anat" / "sub-01_space-orig_label-tumor_mask.nii.gz").get_fdata()
            prediction = read_json(out / "prediction.json")
            self.assertTrue(prediction["tumour"]["found"])
            self.assertAlmostEqual(
                mask.sum() / 1000, prediction["tumour"]["volume_cm3"], delta=0.01 * mask.sum() / 1000 + 0.05
            )
            self.assertEqual(len({f["name"] for f in prediction["radiomics"]["shape"]}), 14)
            self.assertEqual(len(prediction["radiomics"]["first_order"]), 18)
            self.assertEqual(len(prediction["radiomics"]["texture"]), 75)
            for feature in itertools.chain(*(prediction["radiomics"][c] for c in CLASSES)):
                self.assertTrue(np.isfinite(feature["value"]), feature)
            self.assertEqual(len(prediction["deep_features"]), 32)

    def test_threads_do_not_change_the_result(self):
        results = []
        for threads in (1, 2, 3):
            out = self.folder / f"threads{threads}"
            self.predict(self.folder / "cohort" / "SIM-00002", "--out", out, "--threads", threads, env=None)
            p = read_json(out / "sub-01" / "prediction.json")
            for key in ("timings_s", "provenance"):
                p.pop(key)
            results.append(
                (
                    p,
                    gzip.decompress(
                        (out / "sub-01" / "anat" / "sub-01_space-orig_label-tumor_mask.nii.gz").read_bytes()
                    ),
                )
            )
        self.assertEqual(results[0], results[1])
        self.assertEqual(results[0], results[2])

    def test_missing_sequence_degrades(self):
        c = self.folder / "cohort" / "SIM-00001"
        self.predict("--t1", c / "SIM-00001_t1.nii.gz", "--t2", c / "SIM-00001_t2.nii.gz", "--out", self.folder / "two")
        p = read_json(self.folder / "two" / "sub-01" / "prediction.json")
        self.assertEqual(p["missing_sequences"], ["t1gd"])
        self.assertEqual(p["reference"], "t1")
        self.assertEqual(p["enhancement"]["verdict"], "not measurable")
        self.assertTrue(any("T1-Gd is missing" in line for line in p["not_computed"]))
        self.predict("--t2", c / "SIM-00001_t2.nii.gz", "--out", self.folder / "single", code=3)
        self.assertFalse((self.folder / "single" / "sub-01" / "prediction.json").exists())

    def test_batch_goes_on_past_a_bad_patient_and_resumes(self):
        f = self.folder
        shutil.copytree(
            f / "cohort", f / "batch", ignore=shutil.ignore_patterns("SIM-00004", "SIM-00005", "SIM-00006", "truth")
        )
        bad = f / "batch" / "SIM-00002" / "SIM-00002_t1ce.nii.gz"
        whole = bad.read_bytes()
        bad.write_bytes(whole[: len(whole) // 2])
        self.predict(f / "batch", "--out", f / "results", code=1)
        failures = (f / "results" / "failures.tsv").read_text()
        self.assertIn("sub-02", failures)
        self.assertIn("truncated", failures)
        self.assertTrue((f / "results" / "sub-01" / "report.html").exists())
        self.assertTrue((f / "results" / "sub-03" / "report.html").exists())
        self.assertFalse((f / "results" / "sub-02").exists(), "nothing that looks like a result")
        before = os.stat(f / "results" / "sub-01" / "prediction.json").st_mtime_ns
        bad.write_bytes(whole)
        self.predict(f / "batch", "--out", f / "results", code=2)  # not empty: --resume or --overwrite
        self.predict(f / "batch", "--out", f / "results", "--resume")
        self.assertEqual(before, os.stat(f / "results" / "sub-01" / "prediction.json").st_mtime_ns)
        self.assertTrue((f / "results" / "sub-02" / "prediction.json").exists())
        self.assertFalse((f / "results" / "failures.tsv").exists())

    def test_resume_does_a_changed_patient_again(self):
        patient = self.folder / "changed"
        shutil.copytree(self.folder / "cohort" / "SIM-00003", patient)
        out, result = self.folder / "changed-out", self.folder / "changed-out" / "sub-01" / "prediction.json"
        self.predict(patient, "--out", out)
        before = read_json(result)
        image = nibabel.load(patient / "SIM-00003_t2.nii.gz")
        voxels = np.asarray(image.dataobj).copy()
        voxels[tuple(n // 2 for n in voxels.shape)] += 1
        nibabel.save(nibabel.Nifti1Image(voxels, image.affine, image.header), patient / "SIM-00003_t2.nii.gz")
        self.predict(patient, "--out", out, "--resume")
        self.assertNotEqual(before["inputs"]["t2"]["sha256"], read_json(result)["inputs"]["t2"]["sha256"])

    def test_manifest_and_bids(self):
        f = self.folder
        c = f / "cohort" / "SIM-00003"
        (f / "m.csv").write_text(
            f"id,t1,t1gd,t2\npatient-A,{c}/SIM-00003_t1.nii.gz,{c}/SIM-00003_t1ce.nii.gz,{c}/SIM-00003_t2.nii.gz\n"
        )
        self.predict(f / "m.csv", "--out", f / "manifest")
        self.assertTrue((f / "manifest" / "sub-patientA" / "report.html").exists())
        run(
            "simulate",
            "--patients",
            "1",
            "--seed",
            "3",
            "--layout",
            "bids",
            "--no-flair",
            "--no-raters",
            "--out",
            f / "bids",
            "--quiet",
        )
        self.predict(f / "bids", "--out", f / "bids-out")
        self.assertTrue((f / "bids-out" / "sub-SIM00001" / "prediction.json").exists())

    def test_names_in_the_output(self):
        f = self.folder
        for name, arguments in (("given", ["--id", "patient7"]), ("kept", ["--keep-names"])):
            self.predict(f / "cohort" / "SIM-00003", "--out", f / name, *arguments)
        masks = f / "given" / "sub-patient7" / "anat"
        self.assertTrue((masks / "sub-patient7_space-orig_label-tumor_mask.nii.gz").exists())
        self.assertIn("patient7", (f / "given" / "sub-patient7" / "report.html").read_text())
        self.assertTrue((f / "kept" / "sub-SIM00003" / "report.html").exists())

    def test_bad_input_is_code_3_names_the_file_and_leaves_no_result(self):
        f = self.folder
        c = f / "cohort" / "SIM-00001"
        good = nibabel.load(c / "SIM-00001_t1.nii.gz")
        data = np.asarray(good.dataobj).astype(np.float32)
        bad = {"empty": b"", "garbage": os.urandom(5000), "text": b"hello"}
        made = {"flat": data[:, :, :1], "voxel": data[:1, :1, :1], "raw": data + 7}
        (f / "bad").mkdir()
        for name, content in bad.items():
            (f / "bad" / f"{name}.nii.gz").write_bytes(content)
        for name, array in made.items():
            nibabel.save(nibabel.Nifti1Image(array, good.affine), f / "bad" / f"{name}.nii.gz")
        for name in ["absent", *bad, *made]:
            out = f / f"out-{name}"
            result = self.predict(
                "--t1",
                f / "bad" / f"{name}.nii.gz",
                "--t1gd",
                c / "SIM-00001_t1ce.nii.gz",
                "--t2",
                c / "SIM-00001_t2.nii.gz",
                "--out",
                out,
                code=3,
            )
            if name != "raw":
                self.assertIn(f"{name}.nii.gz", result.stderr, name)
            self.assertFalse((out / "sub-01").exists(), name)
            if name == "raw":
                self.assertIn("some sequences seem to have the skull (T1 has", result.stderr)
        nibabel.save(nibabel.Nifti1Image(data[:200], good.affine), f / "bad" / "cropped.nii.gz")
        self.predict(
            "--t1", f / "bad" / "cropped.nii.gz", "--t1gd", c / "SIM-00001_t1ce.nii.gz", "--out", f / "cropped"
        )
        self.assertIn("registration", read_json(f / "cropped" / "sub-01" / "prediction.json")["alignment"]["t1"])

    def predict_in_parts(self, verb, *more):
        """A cohort whose first patient is broken, at once and as two shards into one folder."""
        f, cohort = self.folder, self.folder / f"{verb}-cohort"
        others = shutil.ignore_patterns("SIM-00004", "SIM-00005", "SIM-00006", "truth")
        shutil.copytree(f / "cohort", cohort, ignore=others)
        (cohort / "SIM-00001" / "SIM-00001_t1ce.nii.gz").write_bytes(b"")
        whole, parts = f / f"{verb}-whole", f / f"{verb}-parts"
        run(verb, cohort, "--out", whole, *more, "-q", code=1, env=WITHOUT_ATLAS)
        run(verb, cohort, "--out", parts, "--shard", "2/2", *more, "-q", env=WITHOUT_ATLAS)
        run(verb, cohort, "--out", parts, "--shard", "1/2", *more, "-q", code=1, env=WITHOUT_ATLAS)
        return cohort, whole, parts

    def assert_the_same_but_for_times(self, whole, parts):
        files = sorted(p.relative_to(whole) for p in whole.glob("sub-*/**/*") if p.is_file())
        self.assertEqual(files, sorted(p.relative_to(parts) for p in parts.glob("sub-*/**/*") if p.is_file()))
        self.assertTrue(any(name.suffix == ".gz" for name in files))
        for name in files:
            if name.suffix == ".gz":
                self.assertEqual(*(gzip.decompress((out / name).read_bytes()) for out in (whole, parts)), name)
            elif name.suffix == ".json":
                self.assertEqual(*(without_times(read_json(out / name)) for out in (whole, parts)), name)

    def test_shards_into_one_folder_are_the_whole(self):
        for verb, more in (("preprocess", []), ("predict", ["--models", self.folder / "models"])):
            cohort, whole, parts = self.predict_in_parts(verb, *more)
            self.assertEqual({p.name for p in whole.glob("sub-*")}, {"sub-02", "sub-03"})
            self.assert_the_same_but_for_times(whole, parts)
            told = (parts / "failures_1-of-2.tsv").read_text(encoding="utf-8")
            self.assertEqual(told, (whole / "failures.tsv").read_text(encoding="utf-8"))
            header, row = (line.split("\t") for line in told.splitlines())
            self.assertEqual(header, ["id", "stage", "exit_code", "reason"])
            self.assertEqual((row[0], row[2]), ("sub-01", "3"))
            self.assertIn("T1-Gd: ", row[3])
            self.assertFalse((parts / "failures_2-of-2.tsv").exists())
            self.assertFalse((parts / "failures.tsv").exists())
            for log in ("log_1-of-2.jsonl", "log_2-of-2.jsonl"):
                self.assertTrue((parts / log).exists())
            for wrong in ("3/2", "0/2", "1/0", "1", "a/b", "1/2/3", "-1/2"):
                said = run(verb, cohort, "--out", self.folder / "wrong", f"--shard={wrong}", *more, code=2).stderr
                self.assertIn("--shard", said)
                self.assertFalse((self.folder / "wrong").exists(), wrong)

    def deep_features(self, out, *more, env):
        """How many a prediction has: 32 by the small network of these tests, 128 by the shipped one."""
        env = {**WITHOUT_ATLAS, **env}
        run("predict", self.folder / "cohort" / "SIM-00001", "--out", self.folder / out, *more, "-q", env=env)
        return len(read_json(self.folder / out / "sub-01" / "prediction.json")["deep_features"])

    def test_models_of_the_environment_and_of_the_option(self):
        f = self.folder
        seg = ["--tumour-mask", f / "cohort" / "SIM-00001" / "SIM-00001_seg.nii.gz"]
        ours = {"GLIOCAST_MODELS": str(f / "models")}
        self.assertEqual(self.deep_features("by-environment", *seg, env=ours), 32)
        shipped = ["--models", SOURCE / "models"]
        self.assertEqual(self.deep_features("by-option", *seg, *shipped, env=ours), 128)
        self.assertEqual(self.deep_features("beside-nothing", *seg, *shipped, env={"GLIOCAST_MODELS": "/nowhere"}), 128)

    def test_a_grading_starts_from_a_bundle(self):
        f, runs = self.folder, []
        for name, init in (("bundle", ["--init", f / "grade" / "bundle"]), ("nothing", [])):
            out = f / f"grade-from-{name}"
            short = ["--epochs", 1, "--steps-per-epoch", 1, "--learning-rate", 1e-9, "--ema", 0, "--keep-last"]
            common = ["--base-width", 4, "--validation", 0, "--seed", 2, "--cache", f / "cache", "-q"]
            run("train", "grading", f / "cohort", "--out", out, *common, *short, *init)
            runs.append(out / "bundle")
        start, from_bundle, from_nothing = (weights_of(folder) for folder in (f / "grade" / "bundle", *runs))
        learnt = [name for name in start if name.endswith(".weight") and start[name].std() > 0]
        self.assertGreater(len(learnt), 20)
        for name in learnt:
            np.testing.assert_allclose(from_bundle[name], start[name], atol=2e-3 * np.abs(start[name]).max())
        moved = [np.abs(from_nothing[name] - start[name]).max() / np.abs(start[name]).max() for name in learnt]
        self.assertGreater(np.median(moved), 0.01, "another start has other weights")

    def test_the_paper_grades_in_batches_of_eight(self):
        f = self.folder
        run("train", "grading", f / "cohort", "--out", f / "grade-paper", "--preset", "paper", "--base-width", 2,
            "--epochs", 1, "--steps-per-epoch", 1, "--validation", 0, "--cache", f / "cache", "-q")  # fmt: skip
        card = read_json(f / "grade-paper" / "bundle" / "model.json")
        self.assertEqual(card["payload"]["training"]["batch"], 8)

    def test_weights_of_another_kind_are_refused(self):
        f = self.folder
        for what, other, words in (
            ("segmentation", "grade", "for grading, one for segmentation is needed"),
            ("grading", "seg", "for segmentation, one for grading is needed"),
        ):
            out = f / f"init-{what}"
            network = ["--widths", 4, 8, 16] if what == "segmentation" else ["--base-width", 4]
            start = ["--init", f / other / "bundle", "--cache", f / "cache", "-q"]
            said = run("train", what, f / "cohort", "--out", out, *network, *start, code=4).stderr
            self.assertIn(words, said)
            self.assertFalse((out / "bundle").exists())

    def test_damaged_models_are_code_4(self):
        f = self.folder
        shutil.copytree(f / "models", f / "damaged")
        weights = f / "damaged" / "segmentation-default" / "weights.safetensors"
        content = bytearray(weights.read_bytes())
        content[-1] ^= 1
        weights.write_bytes(bytes(content))
        c = f / "cohort" / "SIM-00001"
        result = run("predict", c, "--out", f / "nothing", "--models", f / "damaged", code=4)
        self.assertIn("checksum", result.stderr)
        self.assertFalse((f / "nothing").exists())

    def test_interrupted_training_resumes(self):
        f = self.folder
        arguments = [
            "train",
            "segmentation",
            f / "cohort",
            "--out",
            f / "stopped",
            "--widths",
            "4",
            "8",
            "8",
            "--epochs",
            "200",
            "--steps-per-epoch",
            "5",
            "--cache",
            f / "cache",
            "--quiet",
        ]
        process = subprocess.Popen([str(PROGRAM), *map(str, arguments)], stderr=subprocess.PIPE)
        deadline = time.time() + 120
        while not (f / "stopped" / "curve.tsv").exists() and time.time() < deadline:
            time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=120)
        self.assertEqual(process.returncode, 130)
        self.assertTrue((f / "stopped" / "checkpoint.safetensors").exists())
        done = len((f / "stopped" / "curve.tsv").read_text().splitlines()) - 1
        arguments[arguments.index("--epochs") + 1] = str(done + 1)
        refusal = run(*arguments, "--resume", "--seed", "9", code=2).stderr
        self.assertIn("seed 1, now 9", refusal)
        run(*arguments, "--resume")
        self.assertEqual(len((f / "stopped" / "curve.tsv").read_text().splitlines()) - 1, done + 1)


class Flair(FolderCase):
    """FLAIR as a fourth channel of both networks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        f = cls.folder
        for number, part in ((1, 0), (2, 1)):  # a low grade and a high one
            patient = ["-n", 1, "--first", number, "--spacing", 2, "--seed", 3, "--high-grade", part, "--no-raters"]
            run("simulate", *patient, "--out", f / f"cohort{number}", "-q")
        for what, network in (("segmentation", ["--widths", 4, 8, 8]), ("grading", ["--base-width", 4])):
            short = ["--epochs", 1, "--steps-per-epoch", 1, "--validation", 0, "--cache", f / "cache", "-q"]
            name = ["--name", f"{what}-default", "--flair"]
            run("train", what, f / "cohort1", f / "cohort2", "--out", f / what, *network, *short, *name)
            shutil.copytree(f / what / "bundle", f / "models" / f"{what}-default")
        cls.case = f / "cohort1" / "SIM-00001"

    def test_bundles_have_four_channels(self):
        for what in ("segmentation", "grading"):
            payload = read_json(self.folder / what / "bundle" / "model.json")["payload"]
            self.assertEqual(payload["channels"], ["t1", "t1gd", "t2", "flair"])
            self.assertEqual(payload["network"]["in_channels"], 4)

    def test_predict_uses_them(self):
        f = self.folder
        models = ["--models", f / "models", "--tumour-mask", self.case / "SIM-00001_seg.nii.gz", "-q"]
        run("predict", self.case, "--out", f / "four", *models)
        found = read_json(f / "four" / "sub-01" / "prediction.json")
        jsonschema.validate(found, read_json(SOURCE / "docs" / "prediction.schema.json"))
        self.assertEqual(set(found["alignment"]), {"t1", "t1gd", "t2", "flair"})
        three = [f"--{key}={self.case}/SIM-00001_{name}.nii.gz" for key, name in THREE.items()]
        run("predict", *three, "--out", f / "three", *models)
        without = read_json(f / "three" / "sub-01" / "prediction.json")
        self.assertNotEqual(found["deep_features"], without["deep_features"], "the network saw the FLAIR")

    def test_goes_with_a_grading_model_of_three_channels(self):
        f = self.folder
        shutil.copytree(f / "models" / "segmentation-default", f / "mixed" / "segmentation-default")
        shutil.copytree(SOURCE / "models" / "grading-default", f / "mixed" / "grading-default")
        graded = []
        for name, models in (("mixed", f / "mixed"), ("shipped", SOURCE / "models")):
            mask = ["--tumour-mask", self.case / "SIM-00001_seg.nii.gz"]
            out = f / f"by-{name}"
            run("predict", self.case, "--out", out, "--models", models, *mask, "-q")
            graded.append(read_json(out / "sub-01" / "prediction.json")["deep_features"])
        self.assertEqual(graded[0], graded[1], "the grading network sees its own sequences alone")


if __name__ == "__main__":
    main()
