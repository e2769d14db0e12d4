"""Survival in `gliocast predict`: where it stands and where not, the same numbers as the verb's and R's, and a page
that opens with the patient's values. With the shipped models, on one simulated patient under many names."""

import html
import json
import os
import re
import shutil
import tempfile

import jsonschema
from common import SOURCE, WITHOUT_ATLAS, FolderCase, dom_of, main, read_json, run, simulate
from figure_judge import Figure

KEYS = {"t1": "t1", "t1gd": "t1ce", "t2": "t2"}
SCHEMA = read_json(SOURCE / "docs" / "prediction.schema.json")
EXPECTED = read_json(SOURCE / "tests/reference/survival/expected_patient.json")
SECRET = "Smith_John"

# What a clinical table says of each patient.
CLINICAL = {
    "two": {"age": "41", "who_grade": "WHO II", "histology": "astrocytoma"},
    "three": {"age": "71", "who_grade": "3.0", "histology": "O", "idh": "mutant", "1p19q": "intact"},
    "low": {"age": "41", "grade": "LGG", "histology": "OA"},
    "any": {"age": "41", "who_grade": "2", "histology": "unknown"},
    "four": {"age": "60", "grade": "HGG", "who_grade": "4", "histology": "A"},
    "gbm": {"age": "60", "histology": "GBM"},
    "ageless": {"who_grade": "2", "histology": "A"},
    "open": {"age": "41", "histology": "A"},
    "old": {"age": "90", "who_grade": "G2", "histology": "oligoastrocytoma", "idh": "wildtype"},
}
COLUMNS = ["patient", "name", "age", "grade", "who_grade", "histology", "idh", "1p19q"]


def columns_of(rows, names=COLUMNS):
    return "\n".join("\t".join(row.get(name, "") for name in names) for row in [{n: n for n in names}, *rows]) + "\n"


def expected(age, grade, histology):
    """What survfit gives (tests/reference/survival/expected_patient.R)."""
    same = {"age": age, "grade": grade, "histology": histology}
    (row,) = (p for p in EXPECTED["patients"] if {key: p[key] for key in same} == same)
    return row


class SurvivalCase(FolderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        f = cls.folder
        simulate(1, f / "sim")
        cls.case = f / "sim" / "SIM-00001"
        cls.images = {key: cls.case / f"SIM-00001_{name}.nii.gz" for key, name in KEYS.items()}
        cls.images["tumour_mask"] = cls.case / "SIM-00001_seg.nii.gz"
        cls.models = {name: cls.calibrated(name, draws) for name, draws in cls.CALIBRATIONS.items()}

    # Intercepts of the grading model's bootstrap, with slope 0: the probability whatever the network sees.
    CALIBRATIONS = {"low": [-3, -2.9, -2.8], "high": [2.8, 2.9, 3], "refused": [-3, 0, 3]}

    @classmethod
    def calibrated(cls, name, draws):
        """A folder of models whose grading model states a low or a high probability, or none."""
        folder = cls.folder / f"models-{name}"
        for bundle in ("segmentation-default", "grading-default"):
            shutil.copytree(SOURCE / "models" / bundle, folder / bundle)
        file = folder / "grading-default" / "model.json"
        model = read_json(file)
        model["payload"]["calibration"]["bootstrap"] = [[draw, 0] for draw in draws]
        file.write_text(json.dumps(model), encoding="utf-8")
        return folder

    def predict(self, out, *arguments, grading="refused", env=None, **keywords):
        """One patient; what was found and what was said."""
        keywords["env"] = {**WITHOUT_ATLAS, **(env or {})}
        images = [f"--{key.replace('_', '-')}={image}" for key, image in self.images.items()]
        models = ["--models", self.models[grading]]
        result = run("predict", *images, *models, "--out", self.folder / out, *arguments, "-q", **keywords)
        if result.returncode != 0:
            return None, result.stderr
        return read_json(self.folder / out / "sub-01" / "prediction.json"), result.stderr


class Cohort(SurvivalCase):
    """A manifest and a clinical table: each patient is a case of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        f = cls.folder
        manifest = [{"id": name, **{k: str(v) for k, v in cls.images.items()}} for name in [*CLINICAL, "rowless"]]
        (f / "cohort.tsv").write_text(columns_of(manifest, ["id", *cls.images]))
        rows = [{"patient": name, "name": SECRET, **facts} for name, facts in CLINICAL.items()]
        (f / "clinical.tsv").write_text(columns_of(rows))
        arguments = ["--clinical", f / "clinical.tsv", "--models", cls.models["refused"]]
        cls.said = run("predict", f / "cohort.tsv", "--out", f / "out", *arguments, "-q", env=WITHOUT_ATLAS).stderr
        cls.found = {n: read_json(f / "out" / f"sub-{n}" / "prediction.json") for n in [*CLINICAL, "rowless"]}

    def page(self, name):
        return (self.folder / "out" / f"sub-{name}" / "report.html").read_text(encoding="utf-8")

    def curves(self, name):
        (entry,) = self.found[name]["survival"]
        self.assertEqual(entry["status"], "estimated", name)
        return entry["curves"]

    def reason(self, name):
        (entry,) = self.found[name]["survival"]
        self.assertEqual(entry["status"], "not estimated", name)
        for nothing in ("nomogram.html", "nomogram.svg", "survival.svg"):
            self.assertFalse((self.folder / "out" / f"sub-{name}" / nothing).exists(), name)
        self.assertIn("No estimate: " + entry["reason"], html.unescape(self.page(name)))
        self.assertTrue(any(line.startswith("Survival by nomogram-lgg") for line in self.found[name]["not_computed"]))
        return entry["reason"]

    def test_every_result_fits_the_schema(self):
        for name, found in self.found.items():
            with self.subTest(name):
                jsonschema.validate(found, SCHEMA)

    def test_numbers_are_survfits(self):
        for name, of in (
            ("two", [(41, "G2", "astrocytoma")]),
            ("three", [(71, "G3", "oligodendroglioma")]),
            ("low", [(41, "G2", "oligoastrocytoma"), (41, "G3", "oligoastrocytoma")]),
            ("any", [(41, "G2", h) for h in ("astrocytoma", "oligoastrocytoma", "oligodendroglioma")]),
            ("old", [(90, "G2", "oligoastrocytoma")]),
        ):
            curves = self.curves(name)
            self.assertEqual(len(curves), len(of), name)
            for curve, patient in zip(curves, of, strict=True):
                r = expected(*patient)
                self.assertEqual([p["value"] for p in curve["predictors"]], [str(v) for v in patient])
                self.assertAlmostEqual(curve["linear_predictor"], r["linear_predictor"], delta=1e-9)
                for t, at in enumerate(curve["at"]):
                    self.assertEqual((at["years"], at["time"]), ((1, 12), (3, 36), (5, 60))[t])
                    got = [at["survival"], *at["interval"]]
                    for value, reference in zip(got, (r["survival"][t], r["low"][t], r["high"][t]), strict=True):
                        self.assertAlmostEqual(value, reference, delta=1e-8)
                self.assertEqual(curve["median"], r["median"])

    def test_numbers_are_those_of_survival_predict(self):
        table = self.folder / "rows.csv"
        table.write_text("age,grade,histology\n41,G2,astrocytoma\n71,G3,oligodendroglioma\n")
        model = ["--model", SOURCE / "models/nomogram-lgg", "--times", "12,36,60", "--json"]
        rows = json.loads(run("survival", "predict", table, *model).stdout)["rows"]
        for name, row in zip(("two", "three"), rows, strict=True):
            (curve,) = self.curves(name)
            self.assertEqual([at["survival"] for at in curve["at"]], [row[f"survival_{t}"] for t in (12, 36, 60)])
            self.assertEqual(curve["median"], row["median_survival"])

    def test_no_survival_without_a_lower_grade_or_age(self):
        self.assertIn("the histology given is glioblastoma; the model holds for WHO grade 2 and 3", self.reason("gbm"))
        self.assertIn("a high grade (WHO 4) was given", self.reason("four"))
        self.assertIn("needs what was not given: age", self.reason("ageless"))
        self.assertIn("no grade was given and none is stated from the images (the 95 % interval", self.reason("open"))

    def test_a_patient_without_a_row_is_told_and_done(self):
        self.assertIn("no row of rowless", self.said)
        self.assertEqual(self.found["rowless"]["survival"], [])
        self.assertIsNone(self.found["rowless"]["clinical"])
        self.assertTrue(any("nothing was said of the patient" in n for n in self.found["rowless"]["not_computed"]))

    def test_report_shows_how_facts_were_read(self):
        page = html.unescape(self.page("three"))
        self.assertIn("<td>histology<td>oligodendroglioma<td>oligodendroglioma", page)
        self.assertIn("<td>grade<td>3<td>G3", page)
        self.assertIn("astrocytoma, IDH-mutant, grade 3", page)
        self.assertIn("by WHO 2021 an oligodendroglioma is codeleted", page)
        self.assertIn("280 patients with 52 deaths", page)
        self.assertEqual(page.count("data:image/svg+xml;base64,"), 2)
        self.assertIn("age 90 lies outside 18 to 87", html.unescape(self.page("old")))
        self.assertIn("glioblastoma, IDH-wildtype (grade 4) may apply", html.unescape(self.page("old")))
        self.assertIn("not known: each is shown", self.page("low"))

    def test_the_page_opens_with_the_patients_values(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("three", "two"):
                dom = dom_of(self.folder / "out" / f"sub-{name}" / "nomogram.html", folder)
                shown = json.loads(html.unescape(re.search(r'data-result="([^"]*)"', dom).group(1)))
                (curve,) = self.curves(name)
                self.assertAlmostEqual(shown["points"], curve["total_points"], delta=1e-9)
                for s, at in zip(shown["survival"], curve["at"], strict=True):
                    self.assertAlmostEqual(s["value"], at["survival"], delta=1e-12)
                self.assertIn("Opened with the patient's values: age", html.unescape(dom))
            dom = html.unescape(dom_of(self.folder / "out" / "sub-low" / "nomogram.html", folder))
            self.assertIn("Not known, so to be chosen: grade.", dom)

    def test_figures_have_no_text_over_another(self):
        for name, curves in (("two", 1), ("low", 2), ("any", 3)):
            folder = self.folder / "out" / f"sub-{name}"
            for figure in ("survival.svg", "nomogram.svg"):
                self.assertEqual(Figure(folder / figure).faults(), [], (name, figure))
            # Of each curve: three predictors, total points and linear predictor, and up to four axes that reach there.
            marks = (folder / "nomogram.svg").read_text().count("xlink:href='#gpPt6' transform")
            self.assertGreaterEqual(marks, 5 * curves, name)
            self.assertLessEqual(marks, 9 * curves, name)

    def test_other_columns_of_the_table_stay_out(self):
        for file in (self.folder / "out").rglob("*"):
            if file.is_file() and file.suffix != ".gz":
                self.assertNotIn("smith", re.sub('base64,[^"]*', "", file.read_text(encoding="utf-8")).lower(), file)


class OnePatient(SurvivalCase):
    FACTS = ["--age", 41, "--histology", "A"]

    def test_a_low_probability_that_is_stated_stands_for_the_grade(self):
        found, _ = self.predict("low", *self.FACTS, grading="low")
        self.assertLess(found["grade"]["probability"], 0.5)
        (entry,) = found["survival"]
        self.assertEqual((entry["status"], entry["grade_from"]), ("estimated", "images"))
        self.assertEqual([c["predictors"][1]["value"] for c in entry["curves"]], ["G2", "G3"])
        self.assertIn("No grade was given", entry["basis"])

    def test_a_high_probability_gives_none_unless_a_lower_grade_was_given(self):
        (entry,) = self.predict("high", *self.FACTS, grading="high")[0]["survival"]
        self.assertIn("the images speak for high grade", entry["reason"])
        found, _ = self.predict("contradicted", *self.FACTS, "--grade", "II", grading="high")
        self.assertEqual(found["survival"][0]["status"], "estimated")
        self.assertIn("the images speak for high grade", " ".join(found["clinical"]["doubts"]))

    def test_who_2021(self):
        molecular = ["--idh", "mutant", "--1p19q", "codeleted", "--sex", "F"]
        found, _ = self.predict("named", "--age", 41.5, "--histology", "oligo", "--grade", 2, *molecular)
        self.assertEqual(
            found["clinical"],
            {
                "age_years": 41.5,
                "sex": "female",
                "histology": "oligodendroglioma",
                "grade": "2",
                "idh": "mutant",
                "codeletion_1p19q": "codeleted",
                "who_2021": "oligodendroglioma, IDH-mutant and 1p/19q-codeleted, grade 2",
                "doubts": [],
            },
        )

    def test_facts_that_cannot_be_are_refused_before_any_work(self):
        for option, value, words in (
            ("--age", "412", "above 0 and up to 120"),
            ("--age", "-3", "above 0 and up to 120"),
            ("--age", "forty", "above 0 and up to 120"),
            ("--grade", "1", "2, 3 or 4"),
            ("--histology", "ependymoma", "oligodendroglioma"),
            ("--sex", "x", "F or M"),
            ("--idh", "yes", "mutant or wildtype"),
            ("--1p19q", "yes", "codeleted or intact"),
        ):
            _, said = self.predict("bad", f"{option}={value}", code=2)
            self.assertIn(words, said)
            self.assertIn(option, said)
            self.assertFalse((self.folder / "bad").exists())
        for content, words in (
            ("patient,age\nsub-01,412\n", "line 2, column age"),
            ("patient,age\nother,41\n", "has no row of sub-01"),
            ("patient,age\nsub-01,41\n01,42\n", "is there twice, also in line 2"),
            ("patient,grade,who_grade\nsub-01,HGG,2\n", "two values of grade: high and 2"),
            ("name,age\nsub-01,41\n", "no column of ids"),
            ("patient,size\nsub-01,41\n", "no column says anything of a patient"),
        ):
            (self.folder / "bad.csv").write_text(content)
            _, said = self.predict("bad", "--clinical", self.folder / "bad.csv", code=3)
            self.assertIn(words, said)
            self.assertFalse((self.folder / "bad").exists())
        row = {"id": "a", **{k: str(v) for k, v in self.images.items()}}
        (self.folder / "two.tsv").write_text(columns_of([row, {**row, "id": "b"}], list(row)))
        said = run("predict", self.folder / "two.tsv", "--age", 41, "--out", self.folder / "bad", "-q", code=2).stderr
        self.assertIn("it is of one patient, 2 were found", said)

    def test_a_manifest_may_say_it(self):
        row = {"id": "one", **{k: str(v) for k, v in self.images.items()}, "grade": "3", "Age": "41", "histology": "A"}
        (self.folder / "manifest.tsv").write_text(columns_of([row], list(row)))
        arguments = ["--out", self.folder / "of-manifest", "--models", self.models["low"], "-q"]
        run("predict", self.folder / "manifest.tsv", *arguments, env=WITHOUT_ATLAS)
        (entry,) = read_json(self.folder / "of-manifest" / "sub-one" / "prediction.json")["survival"]
        self.assertEqual([p["value"] for p in entry["curves"][0]["predictors"]], ["41", "G3", "astrocytoma"])

    def test_ids_are_folders_names(self):
        (self.folder / "ids.csv").write_text("patient,age,grade,histology\nSIM-00001,41,2,A\n")
        arguments = ["--clinical", self.folder / "ids.csv", "--models", self.models["low"], "-q"]
        run("predict", self.folder / "sim", "--out", self.folder / "by-folder", *arguments, env=WITHOUT_ATLAS)
        found = read_json(self.folder / "by-folder" / "sub-01" / "prediction.json")
        self.assertEqual(found["clinical"]["age_years"], 41)

    def test_resume_sees_changed_facts(self):
        self.predict("again", *self.FACTS, "--grade", 2)
        file = self.folder / "again" / "sub-01" / "prediction.json"
        made = os.stat(file).st_mtime_ns
        self.predict("again", *self.FACTS, "--grade", 2, "--resume")
        self.assertEqual(os.stat(file).st_mtime_ns, made)
        found, _ = self.predict("again", *self.FACTS, "--grade", 3, "--resume")
        self.assertEqual(found["clinical"]["grade"], "3")
        found, _ = self.predict("again", *self.FACTS, "--grade", 4, "--resume")
        self.assertEqual(found["survival"][0]["status"], "not estimated")
        self.assertFalse((file.parent / "nomogram.html").exists(), "nothing of the earlier result stays")

    def test_another_model_names_what_it_needs(self):
        f = self.folder
        rows = [f"{1 + i * 7 % 59},{int(i % 3 > 0)},{25 + i * 11 % 40},{60 + 10 * (i * 5 % 4)}" for i in range(60)]
        (f / "study.csv").write_text("OS,dead,age,kps\n" + "\n".join(rows) + "\n")
        outcome = ["--time", "OS", "--event", "dead", "--formula", "age + kps"]
        run("survival", "cox", f / "study.csv", *outcome, "--save", f / "own" / "model.json")
        own = ["--survival-model", f / "own", "--grade", 2]
        self.assertIn("--survival-unit", self.predict("own-out", *self.FACTS, *own, code=4)[1])
        own += ["--survival-unit", "days"]
        (entry,) = self.predict("own-out", *self.FACTS, *own)[0]["survival"]
        self.assertIn("needs what was not given: kps", entry["reason"])
        (f / "own.csv").write_text("patient,age,kps\nsub-01,41,80\n")
        (entry,) = self.predict("own-table", *own, "--clinical", f / "own.csv")[0]["survival"]
        self.assertEqual((entry["model"]["name"], entry["model"]["unit"]), ("own", "days"))
        self.assertEqual([at["extrapolated"] for at in entry["curves"][0]["at"]], [True, True, True])
        page = (f / "own-table" / "sub-01" / "report.html").read_text(encoding="utf-8")
        self.assertIn("beyond the model's follow-up: extrapolation", html.unescape(page))

    def test_without_gnuplot_the_numbers_are_complete(self):
        with tempfile.TemporaryDirectory() as empty:
            found, said = self.predict("plain", *self.FACTS, "--grade", 2, env={"PATH": empty})
        self.assertEqual(found["survival"][0]["status"], "estimated")
        self.assertIn("gnuplot is not installed", said)
        self.assertIn("gnuplot is missing", (self.folder / "plain/sub-01/report.html").read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
