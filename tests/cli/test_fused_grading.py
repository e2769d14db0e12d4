"""Predictions by radiomics and deep features together, with a small fused model that is made here: numbers, what moved
them, the activation map, refusals, demonstration."""

import csv
import hashlib
import json
import random
import shutil

import jsonschema
import nibabel
import numpy as np
from common import SOURCE, WITHOUT_ATLAS, FolderCase, main, read_json, run

RADIOMICS = ["original_shape_Sphericity", "original_firstorder_Median", "wavelet-LLH_firstorder_Mean"]
DEEP = ["deep_001", "deep_017", "deep_032"]


def checksum(folder):
    return hashlib.sha256((folder / "model.json").read_bytes()).hexdigest()


def make_fused(folder, networks, classifiers, sequence="t1gd"):
    """A bundle of kind fused-grading from bundles of networks and of classifiers, in their order."""
    members = []
    for i, (network, classifier) in enumerate(zip(networks, classifiers, strict=True)):
        shutil.copytree(network, folder / f"network_{i}")
        shutil.copytree(classifier, folder / f"classifier_{i}")
        members.append(
            {
                "network_sha256": checksum(folder / f"network_{i}"),
                "classifier_sha256": checksum(folder / f"classifier_{i}"),
            }
        )
    payload = {"sequence": sequence, "input": "patch", "radiomics": "paper788", "demonstration": True}
    model = {"format": "gliocast-model", "version": 1, "kind": "fused-grading", "name": folder.name, "files": []}
    model["card"] = {"trained_on": "made rows", "limits": "a test"}
    model["payload"] = {**payload, "members": members}
    (folder / "model.json").write_text(json.dumps(model), encoding="utf-8")


def features_of(out, case, network, models):
    """The columns above of a patient: radiomics of the z-scores × 100 that predict wrote, deep features by predict."""
    how = ["--models", models, "--grading-model", network, "--tumour-mask", seg(case), "-q"]
    run("predict", case, "--out", out, *how, env=WITHOUT_ATLAS)
    deep = read_json(out / "sub-01" / "prediction.json")["deep_features"]
    anat = out / "sub-01" / "anat"
    z = nibabel.load(anat / "sub-01_ce-gadolinium_space-work_desc-preproc_T1w.nii.gz")
    scaled = nibabel.Nifti1Image(100 * z.get_fdata(), z.affine)
    nibabel.save(scaled, out / "scaled.nii.gz")
    mask = anat / "sub-01_space-work_label-tumor_mask.nii.gz"
    run("radiomics", out / "scaled.nii.gz", mask, "--preset", "paper788", "--out", out / "f.csv", "-q")
    with open(out / "f.csv", encoding="utf-8") as f:
        row = next(csv.DictReader(f))
    return {name: float(row[name]) for name in RADIOMICS} | {f"deep_{i + 1:03d}": v for i, v in enumerate(deep)}


def seg(case):
    return case / f"{case.name}_seg.nii.gz"


def train_classifier(out, columns, seed):
    """Rows of high grade about these values and of low grade far from them."""
    draw = random.Random(seed)
    table = out.with_suffix(".tsv")
    with open(table, "w", encoding="utf-8", newline="") as f:
        writer = csv.writer(f, delimiter="\t")
        writer.writerow(["id", "grade", *columns])
        for i in range(40):
            high = i % 2 == 0
            values = [v + (0.2 * draw.gauss(0, 1) + (0 if high else 2)) * (abs(v) + 1e-3) for v in columns.values()]
            writer.writerow([f"p{i}", "HGG" if high else "LGG", *values])
    chain = out.with_suffix(".yaml")
    chain.write_text("steps: [standardise]\nclassifier: {logistic: {ridge: 1}}\nfolds: 4\ncalibration: none\n")
    how = ["--label", "grade", "--positive", "HGG", "--chain", chain, "--refits", 20, "--seed", seed]
    run("grade", "train", table, *how, "--out", out, "-q")


class Fused(FolderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        f = cls.folder
        cls.models, cls.case = f / "models", f / "cohort1" / "SIM-00001"
        for number, part in ((1, 0), (2, 1)):  # a low grade and a high one
            patient = [
                "-n",
                1,
                "--first",
                number,
                "--spacing",
                2,
                "--seed",
                3,
                "--high-grade",
                part,
                "--no-raters",
                "--no-flair",
            ]
            run("simulate", *patient, "--out", f / f"cohort{number}", "-q")
        short = ["--epochs", 1, "--steps-per-epoch", 1, "--validation", 0, "--cache", f / "cache", "-q"]
        cohorts = [f / "cohort1", f / "cohort2"]
        run("train", "segmentation", *cohorts, "--out", f / "seg", "--widths", 4, 8, 8, *short)
        shutil.copytree(f / "seg" / "bundle", cls.models / "segmentation-default")
        cls.columns = []
        for seed in (1, 2):
            name = f"network{seed}"
            run("train", "grading", *cohorts, "--out", f / name, "--base-width", 4, "--seed", seed, *short)
            shutil.copytree(f / name / "bundle", cls.models / name)
            features = features_of(f / f"by-{name}", cls.case, name, cls.models)
            wanted = RADIOMICS[:2] + DEEP[:2] if seed == 1 else RADIOMICS + DEEP
            cls.columns.append({name: features[name] for name in wanted})
            train_classifier(f / f"classifier{seed}", cls.columns[-1], seed)
        cls.networks = [f / "network1" / "bundle", f / "network2" / "bundle"]
        make_fused(f / "fused", cls.networks, [f / "classifier1", f / "classifier2"])
        cls.told = cls.predict("one").stderr
        cls.found = read_json(f / "one" / "sub-01" / "prediction.json")
        # A fused model reads values in steps of 0.05, as cohorts are kept: features differ a little from the network's.
        for columns, deep in zip(cls.columns, cls.found["deep_features"], strict=True):
            for name in columns:
                if name.startswith("deep"):
                    value = deep[int(name[len("deep_") :]) - 1]
                    assert abs(value - columns[name]) < 0.01 * max(1, abs(value)), (name, value, columns[name])
                    columns[name] = value

    @classmethod
    def predict(cls, out, *more, model=None, code=0):
        where = ["--models", cls.models, "--grading-model", model or cls.folder / "fused"]
        mask = ["--tumour-mask", seg(cls.case)]
        inputs = more or [cls.case]
        return run("predict", *inputs, "--out", cls.folder / out, *where, *mask, code=code, env=WITHOUT_ATLAS)

    def by_hand(self):
        """Probability of each member by `grade predict` of the columns that the patient has."""
        out = []
        for i, columns in enumerate(self.columns, 1):
            table = self.folder / f"patient{i}.tsv"
            table.write_text("\t".join(["id", *columns]) + "\n" + "\t".join(["p", *map(repr, columns.values())]) + "\n")
            target = self.folder / f"probability{i}.tsv"
            run("grade", "predict", table, "--model", self.folder / f"classifier{i}", "--out", target, "-q")
            with open(target, encoding="utf-8") as f:
                out.append(next(csv.DictReader(f, delimiter="\t")))
        return out

    def test_the_grade_is_the_mean_of_its_members(self):
        jsonschema.validate(self.found, read_json(SOURCE / "docs" / "prediction.schema.json"))
        grade, rows = self.found["grade"], self.by_hand()
        self.assertEqual(grade["status"], "estimated")
        self.assertIsNone(grade["logit"], "no probability of the network alone stands beside it")
        self.assertAlmostEqual(grade["probability"], np.mean([float(r["probability"]) for r in rows]), 4)
        low, high = grade["interval"]
        self.assertLessEqual(low, grade["probability"])
        self.assertGreaterEqual(high, grade["probability"])
        self.assertGreater(low, min(float(r["lower"]) for r in rows) - 0.05)
        self.assertIn("Mean of 2 classifiers of radiomics (T1-Gd)", grade["basis"])
        self.assertIn("20 bootstrap refits", grade["basis"])

    def test_what_moved_it_adds_up(self):
        grade = self.found["grade"]
        features = grade["explanation"]["features"]
        total = grade["explanation"]["base"] + sum(f["adds"] for f in features)
        self.assertAlmostEqual(total, grade["probability"], 9)
        names = {(f["name"], f["network"]): f["value"] for f in features}
        self.assertEqual(len(names), len(features))
        self.assertEqual(len(features), len(RADIOMICS) + 2 + 3)
        for number, columns in enumerate(self.columns, 1):
            for name, value in columns.items():
                got = names[(name, number if name.startswith("deep") else None)]
                self.assertAlmostEqual(got, value, delta=1e-4 * max(1, abs(value)), msg=name)
        sizes = [abs(f["adds"]) for f in features]
        self.assertEqual(sizes, sorted(sizes, reverse=True))
        deep = self.found["deep_features"]
        self.assertEqual([len(d) for d in deep], [32, 32])
        self.assertNotEqual(*deep)

    def test_the_report_shows_it(self):
        html = (self.folder / "one" / "sub-01" / "report.html").read_text(encoding="utf-8")
        for words in (
            "What moved the grade",
            "deep_017 of network 2",
            "Where the networks saw it",
            "Grad-CAM",
            "no outline and no map of malignancy",
            "The model fused was fitted to simulated patients",
        ):
            self.assertIn(words, html)
        self.assertEqual(html.count("activation map over T1-Gd"), 3)
        self.assertNotIn("<script", html)

    def test_the_activation_map_lies_on_the_working_grid(self):
        anat = self.folder / "one" / "sub-01" / "anat"
        cam = nibabel.load(anat / "sub-01_space-work_desc-gradcam_map.nii.gz")
        mask = nibabel.load(anat / "sub-01_space-work_label-tumor_mask.nii.gz")
        self.assertEqual(cam.shape, mask.shape)
        np.testing.assert_allclose(cam.affine, mask.affine)
        values = cam.get_fdata()
        self.assertGreaterEqual(values.min(), 0)
        self.assertLessEqual(values.max(), 1 + 1e-6)
        patch = self.found["patch"]
        lps = np.diag([-1, -1, 1, 1]) @ cam.affine
        where = np.argwhere(values > 0) if values.any() else np.empty((0, 3))
        mm = where @ lps[:3, :3].T + lps[:3, 3] - patch["centre_lps_mm"]
        half = np.array(patch["size_zyx"][::-1]) * patch["spacing_mm"] / 2
        self.assertTrue((np.abs(mm) <= half + 1).all(), "nothing is told of places that the network did not see")
        found = self.found["activation_map"]
        self.assertEqual(found["class"], "high grade" if self.found["grade"]["probability"] >= 0.5 else "low grade")
        self.assertEqual(found["positions_zyx"], [2, 2, 2])

    def test_a_demonstration_says_so_beside_every_number(self):
        self.assertTrue(self.found["grade"]["demonstration"])
        self.assertFalse(self.found["tumour"]["demonstration"], "the outline was given")
        out = self.folder / "outlined"
        models = ["--models", self.models, "--grading-model", "network1"]
        told = run("predict", self.case, "--out", out, *models, env=WITHOUT_ATLAS).stderr
        found = read_json(out / "sub-01" / "prediction.json")
        self.assertTrue(found["tumour"]["demonstration"])
        self.assertTrue(found["enhancement"]["demonstration"])
        self.assertIn("(demonstration)", told)
        self.assertIn("demonstration</span>", (out / "sub-01" / "report.html").read_text(encoding="utf-8"))
        for model in ("segmentation-default", "network1"):
            bundle = read_json(self.models / model / "model.json")
            self.assertTrue(bundle["payload"]["demonstration"])
            self.assertIn("simulated", bundle["card"]["trained_on"])

    def test_without_its_sequence_there_is_a_reason_and_no_number(self):
        c = self.case
        self.predict("without", "--t1", c / f"{c.name}_t1.nii.gz", "--t2", c / f"{c.name}_t2.nii.gz")
        out = self.folder / "without" / "sub-01"
        found = read_json(out / "prediction.json")
        jsonschema.validate(found, read_json(SOURCE / "docs" / "prediction.schema.json"))
        self.assertEqual(found["grade"]["reason"], "the grading model needs radiomics of T1-Gd, which is missing")
        self.assertIsNone(found["grade"]["probability"])
        self.assertIsNone(found["activation_map"])
        self.assertEqual(len(found["deep_features"]), 2)
        self.assertFalse(list(out.glob("anat/*gradcam*")))

    def test_networks_and_classifiers_of_others_are_refused(self):
        f = self.folder
        make_fused(f / "crossed", self.networks, [f / "classifier1", f / "classifier2"])
        shutil.rmtree(f / "crossed" / "network_1")
        shutil.copytree(self.networks[0], f / "crossed" / "network_1")
        said = self.predict("crossed-out", model=f / "crossed", code=4).stderr
        self.assertIn("not the one whose features the classifier was fitted to", said)
        self.assertFalse((f / "crossed-out").exists())
        said = self.predict("no", model=f / "classifier1", code=4).stderr
        self.assertIn("the model is for classifier", said)

    def test_the_table_model_is_named_where_no_fused_one_is_given(self):
        by_network = read_json(self.folder / "by-network1" / "sub-01" / "prediction.json")["not_computed"]
        self.assertTrue(any("grade-ucsf" in text for text in by_network))
        self.assertFalse(any("grade-ucsf" in text for text in self.found["not_computed"]))


if __name__ == "__main__":
    main()
