"""Signature, risk group and integrated nomogram in `gliocast predict`: beside the clinical curve, where it stands and
where not. The model is made here of two shape features, so that one simulated patient serves."""

import hashlib
import html
import json
import random
import re
import shutil
import tempfile

import jsonschema
from common import SOURCE, WITHOUT_ATLAS, FolderCase, dom_of, main, read_json, run
from figure_judge import Figure
from test_predict_survival import SurvivalCase

SCHEMA = read_json(SOURCE / "docs" / "prediction.schema.json")
FEATURES = ["original_shape_Sphericity", "original_shape_Elongation"]
CHAIN = "name: short\ntrees: 20\nalpha: [0.5]\nlambda: 0.02\nfolds: 3\n"


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def training_table(path, rows=120):
    """Patients who die the sooner the rounder the tumour and the older they are."""
    draw = random.Random(5)
    lines = ["id,time,event,age,risk_group," + ",".join(FEATURES)]
    for i in range(rows):
        sphericity, elongation, age = draw.uniform(0.4, 0.9), draw.uniform(0.4, 1), draw.uniform(20, 70)
        death = draw.expovariate(0.01 * 2.7 ** (6 * (sphericity - 0.65) + 0.03 * (age - 45)))
        end = min(draw.uniform(20, 150), 120)
        group = "high" if sphericity > 0.65 else "low"
        values = [f"{min(death, end):.3f}", int(death <= end), f"{age:.1f}", group, sphericity, elongation]
        lines.append(f"p{i}," + ",".join(map(str, values)))
    path.write_text("\n".join(lines) + "\n")


def make_bundle(folder, workplace, demonstration=True, unit=None):
    """A fused signature of one member, without a network, with both nomograms."""
    table = workplace / "training.csv"
    training_table(table)
    (workplace / "chain.yaml").write_text(CHAIN)
    outcome = ["--time", "time", "--event", "event"]
    dropped = ["--drop", "age,risk_group", "--chain", workplace / "chain.yaml"]
    run("signature", "train", table, *outcome, *dropped, "--out", folder / "signature_0", "-q")
    nomograms = {}
    for name, formula in (("clinical", "age"), ("integrated", "age + risk_group")):
        file = folder / f"nomogram_{name}.json"
        run("survival", "cox", table, *outcome, "--formula", formula, "--save", file)
        nomograms[name] = sha256(file)
    model = {
        "format": "gliocast-model",
        "version": 1,
        "kind": "fused-signature",
        "name": "signature-test",
        "card": {"trained_on": "120 made patients", "measured": "nothing", "limits": "a test"},
        "files": [],
        "payload": {
            "radiomics": "paper788",
            "sequence": "t1gd",
            "demonstration": demonstration,
            "members": [{"network_sha256": None, "signature_sha256": sha256(folder / "signature_0" / "model.json")}],
            "nomograms": nomograms,
        },
    }
    if unit:
        model["card"]["unit"] = unit
    (folder / "model.json").write_text(json.dumps(model))
    return folder


def table_of(rows):
    names = sorted({name for row in rows for name in row})
    return "\n".join("\t".join(row.get(name, "") for name in names) for row in [{n: n for n in names}, *rows]) + "\n"


class Cohort(SurvivalCase, FolderCase):
    CLINICAL = (
        {"patient": "two", "age": "41,5", "grade": "2", "histology": "A", "sex": "F"},
        {"patient": "four", "age": "60", "grade": "4", "histology": "A"},
        {"patient": "ageless", "grade": "3"},
        {"patient": "nogd", "age": "50", "grade": "2", "histology": "O"},
        {"patient": "mistyped", "age": "50", "grade": "2", "histology": "O"},
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        f = cls.folder
        cls.bundle = make_bundle(f / "signature-test", f)
        rows = [
            {"id": name, **{k: str(v) for k, v in cls.images.items()}}
            for name in ("two", "four", "ageless", "bare", "nogd")
        ]
        del rows[-1]["t1gd"]
        (f / "cohort.tsv").write_text(table_of(rows))
        (f / "clinical.tsv").write_text(table_of(cls.CLINICAL))
        arguments = [
            "--clinical",
            f / "clinical.tsv",
            "--signature-model",
            cls.bundle,
            "--models",
            cls.models["refused"],
        ]
        cls.said = run("predict", f / "cohort.tsv", "--out", f / "out", *arguments, env=WITHOUT_ATLAS).stderr
        cls.found = {row["id"]: read_json(f / "out" / f"sub-{row['id']}" / "prediction.json") for row in rows}

    def page(self, name):
        return html.unescape((self.folder / "out" / f"sub-{name}" / "report.html").read_text(encoding="utf-8"))

    def test_every_result_fits_the_schema(self):
        for name, found in self.found.items():
            with self.subTest(name):
                jsonschema.validate(found, SCHEMA)

    def test_the_signature_is_the_weighted_sum_of_z_scores(self):
        s = self.found["two"]["signature"]
        model = read_json(self.bundle / "signature_0" / "model.json")["payload"]["model"]
        measured = {f"original_shape_{v['name']}": v["value"] for v in self.found["two"]["radiomics"]["shape"]}
        total = 0
        for name, weight, centre, scale in zip(
            model["features"], model["weights"], model["scale"]["centre"], model["scale"]["scale"], strict=True
        ):
            total += weight * (measured[name] - centre) / scale
        self.assertAlmostEqual(s["value"], total, delta=1e-9)
        self.assertAlmostEqual(sum(f["adds"] for f in s["features"]), total, delta=1e-9)
        self.assertEqual(s["cut"], model["cut"])
        self.assertEqual(s["risk_group"], "high" if total < model["cut"] else "low")

    def test_survival_is_that_of_signature_predict(self):
        s = self.found["two"]["signature"]
        measured = {f"original_shape_{v['name']}": v["value"] for v in self.found["two"]["radiomics"]["shape"]}
        table = self.folder / "row.csv"
        table.write_text("id," + ",".join(FEATURES) + "\nx," + ",".join(repr(measured[n]) for n in FEATURES) + "\n")
        out = self.folder / "row.tsv"
        model = ["--model", self.bundle / "signature_0", "--times", "12,36,60", "--out", out, "-q"]
        run("signature", "predict", table, *model)
        names, values = (line.split("\t") for line in out.read_text().splitlines()[:2])
        row = dict(zip(names, values, strict=True))
        for at in s["survival"]["at"]:
            self.assertAlmostEqual(at["survival"], float(row[f"survival_{at['time']:g}"]), delta=1e-6)

    def test_the_clinical_nomogram_of_real_patients_comes_first(self):
        kinds = [entry["kind"] for entry in self.found["two"]["survival"]]
        self.assertEqual(kinds, ["clinical", "signature clinical", "signature integrated"])
        self.assertEqual([e["demonstration"] for e in self.found["two"]["survival"]], [False, True, True])
        page = self.page("two")
        self.assertLess(page.index("Survival by nomogram-lgg"), page.index("<h2>Signature"))
        self.assertLess(page.index("<h2>Signature"), page.index("Integrated nomogram: clinical facts and risk group"))

    def test_the_integrated_nomogram_reads_the_risk_group(self):
        found = self.found["two"]
        (curve,) = found["survival"][2]["curves"]
        group = found["signature"]["risk_group"]
        values = {p["name"]: (p["value"], p["given"]) for p in curve["predictors"]}
        self.assertEqual(values, {"age": ("41.5", "41.5"), "risk_group": (group, f"{group} (by the signature)")})
        table = self.folder / "patient.csv"
        table.write_text(f"age,risk_group\n41.5,{group}\n")
        model = ["--model", self.bundle / "nomogram_integrated.json", "--times", "12,36,60", "--json"]
        (row,) = json.loads(run("survival", "predict", table, *model).stdout)["rows"]
        self.assertEqual([at["survival"] for at in curve["at"]], [row[f"survival_{t}"] for t in (12, 36, 60)])
        folder = self.folder / "out" / "sub-two"
        for name in ("nomogram_integrated.html", "nomogram_integrated.svg", "survival_integrated.svg", "signature.svg"):
            self.assertTrue((folder / name).exists(), name)
        self.assertIn("risk_group", (folder / "nomogram_integrated.svg").read_text())

    def test_the_page_opens_with_the_patients_values(self):
        with tempfile.TemporaryDirectory() as folder:
            dom = dom_of(self.folder / "out" / "sub-two" / "nomogram_integrated.html", folder)
        shown = json.loads(html.unescape(re.search(r'data-result="([^"]*)"', dom).group(1)))
        (curve,) = self.found["two"]["survival"][2]["curves"]
        self.assertAlmostEqual(shown["points"], curve["total_points"], delta=1e-9)
        for s, at in zip(shown["survival"], curve["at"], strict=True):
            self.assertAlmostEqual(s["value"], at["survival"], delta=1e-12)
        self.assertIn(f"risk_group {self.found['two']['signature']['risk_group']}", html.unescape(dom))
        self.assertIn("demonstration: fitted to simulated patients", dom)

    def test_figures_have_no_text_over_another(self):
        folder = self.folder / "out" / "sub-two"
        for name in ("signature", "survival_integrated", "nomogram_integrated", "nomogram_clinical"):
            self.assertEqual(Figure(folder / f"{name}.svg").faults(), [], name)

    def test_every_number_is_marked_a_demonstration(self):
        self.assertTrue(self.found["two"]["signature"]["demonstration"])
        page = self.page("two")
        part = page[page.index("<h2>Signature") : page.index("<h2>Sequences and outline")]
        for words in ("Signature", "What makes the signature", "Overall survival", "Integrated nomogram"):
            self.assertRegex(part[part.index(words) :][:400], "<span class=demo>demonstration</span>", words)
        self.assertIn("The model signature-test was fitted to simulated patients", page)
        for figure in ("signature", "survival_integrated", "nomogram_integrated", "nomogram_clinical"):
            drawn = (self.folder / "out" / "sub-two" / f"{figure}.svg").read_text(encoding="utf-8")
            self.assertIn("Demonstration: fitted to simulated patients", drawn, figure)
        self.assertRegex(self.said, r"two: .*; signature -?\d+\.\d\d, (high|low) risk \(demonstration\)")
        number = len(self.found["two"]["warnings"]) + len(self.found["two"]["clinical"]["doubts"])
        self.assertRegex(self.said, f"two: .*; {number or 'no'} warning")

    def test_there_is_none_without_a_lower_grade_or_what_it_reads(self):
        for name, words in (
            ("four", "a high grade (WHO 4) was given"),
            ("bare", "no grade was given"),
            ("nogd", "reads T1-Gd, which is missing"),
        ):
            s = self.found[name]["signature"]
            self.assertEqual(s["status"], "not estimated", name)
            self.assertIn(words, s["reason"])
            self.assertIn(f"No signature: {s['reason']}", self.page(name))
            self.assertTrue(
                any(n.startswith("Signature by signature-test: ") for n in self.found[name]["not_computed"])
            )
            self.assertFalse((self.folder / "out" / f"sub-{name}" / "signature.svg").exists())
        last = self.found["nogd"]["survival"][2]
        self.assertIn("needs the risk group of a signature, and there is none", last["reason"])
        self.assertEqual(self.found["bare"]["survival"], [])
        reasons = [entry["reason"] for entry in self.found["ageless"]["survival"]]
        self.assertTrue(all("needs what was not given: age" in r for r in reasons), reasons)
        self.assertEqual(self.found["ageless"]["signature"]["status"], "estimated")

    def test_the_cohorts_table_has_what_the_patients_have(self):
        names, *lines = (
            line.split("\t") for line in (self.folder / "out" / "predictions.tsv").read_text().splitlines()
        )
        rows = [dict(zip(names, line, strict=True)) for line in lines]
        self.assertEqual([row["id"] for row in rows], list(self.found))
        self.assertEqual(set(names), set(read_json(self.folder / "out" / "predictions.json")))
        for row in rows:
            s = self.found[row["id"]]["signature"]
            self.assertEqual(row["signature"], "" if s["value"] is None else repr(s["value"]))
            self.assertEqual(row["risk_group"], s["risk_group"] or "")
            self.assertEqual(row["signature_demonstration"], "yes")
            self.assertAlmostEqual(float(row["tumour_cm3"]), self.found[row["id"]]["tumour"]["volume_cm3"], delta=1e-12)
        two = self.found["two"]
        at = two["survival"][2]["curves"][0]["at"][2]
        self.assertEqual(
            [float(rows[0][f"integrated_survival_5y{k}"]) for k in ("", "_low", "_high")],
            [at["survival"], *at["interval"]],
        )
        self.assertEqual(float(rows[0]["survival_3y"]), two["survival"][0]["curves"][0]["at"][1]["survival"])
        self.assertEqual(rows[1]["survival_3y"], "")

    def test_rows_that_name_nobody_are_told(self):
        self.assertIn("1 row names none of the patients: mistyped", self.said)


class OnePatient(SurvivalCase, FolderCase):
    FACTS = ["--age", 95, "--grade", 2]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bundle = make_bundle(cls.folder / "made", cls.folder, demonstration=False)

    def test_the_shipped_one_is_taken_where_it_is(self):
        found, _ = self.predict("without", *self.FACTS)
        self.assertIsNone(found["signature"])
        self.assertTrue(any("Signature of survival: no model" in n for n in found["not_computed"]))
        shipped = make_bundle(self.models["refused"] / "signature-demonstration", self.folder)
        try:
            found, said = self.predict("with", *self.FACTS)
            self.assertEqual(found["signature"]["status"], "estimated")
            self.assertIn("age 95 lies outside", said)
            found, _ = self.predict("asked-for-none", *self.FACTS, "--signature-model", "none")
            self.assertIsNone(found["signature"])
            self.assertFalse(any(n.startswith("Signature") for n in found["not_computed"]))
        finally:
            shutil.rmtree(shipped)

    def in_days(self):
        """What is found where the model's times are taken as days; predicted once."""
        if not (self.folder / "days").exists():
            self.predict("days", *self.FACTS, "--signature-model", self.bundle, "--signature-unit", "days")
        return read_json(self.folder / "days" / "sub-01" / "prediction.json")

    def test_a_unit_that_is_not_known_is_asked_for(self):
        _, said = self.predict("unit", *self.FACTS, "--signature-model", self.bundle, code=4)
        self.assertIn("--signature-unit", said)
        self.assertFalse((self.folder / "unit").exists())
        found = self.in_days()
        self.assertEqual([at["time"] for at in found["signature"]["survival"]["at"]], [365.25, 1095.75, 1826.25])
        self.assertFalse(found["signature"]["demonstration"])
        self.assertTrue(all(at["extrapolated"] for at in found["signature"]["survival"]["at"]))

    def test_extrapolation_stands_among_the_warnings(self):
        found = self.in_days()
        warnings, follow_up = found["warnings"], found["signature"]["model"]["follow_up"]
        beyond = f"lies beyond its follow-up, {follow_up:.0f} days: the last known survival is carried on."
        for by in ("signature-test", "signature-test, integrated nomogram", "signature-test, clinical nomogram"):
            self.assertIn(f"survival at 1, 3, 5 years by {by} {beyond}", warnings)
        self.assertTrue([w for w in warnings if w.startswith("age 95 lies outside")], warnings)
        self.assertEqual(len(warnings), len(set(warnings)))
        near, _ = self.predict(
            "near", "--age", 45, "--grade", 2, "--signature-model", self.bundle, "--signature-unit", "months"
        )
        self.assertFalse([w for w in near["warnings"] if "follow-up" in w or "age 45" in w], near["warnings"])

    def test_networks_and_a_nomogram_that_lacks_are_told(self):
        shipped = SOURCE / "models" / "signature-demonstration"
        found, _ = self.predict("networks", "--age", 45, "--grade", 2, "--histology", "A", "--signature-model", shipped)
        jsonschema.validate(found, SCHEMA)
        model = found["signature"]["model"]
        self.assertIs(model["transfer_learning"], False)
        self.assertIsNone(model["no_integrated_nomogram"])
        self.assertIn("started from random weights (transfer learning was not used)", found["signature"]["basis"])
        page = html.unescape((self.folder / "networks" / "sub-01" / "report.html").read_text(encoding="utf-8"))
        self.assertIn("started from random weights (transfer learning was not used)", page)
        (card,) = (m for m in found["models"] if m["name"] == "signature-demonstration")
        self.assertIn("no transfer learning", card["network"])
        self.assertIn("enhancement of the training patients as their clinical table had it, the truth", card["limits"])
        self.assertIn("from the images", card["limits"])
        bare = self.folder / "bare-bundle"
        shutil.copytree(self.bundle, bare)
        bundle = read_json(bare / "model.json")
        del bundle["payload"]["nomograms"]["integrated"]
        bundle["card"]["no_integrated_nomogram"] = "the risk group did not stay"
        (bare / "model.json").write_text(json.dumps(bundle))
        found, _ = self.predict("bare", *self.FACTS, "--signature-model", bare, "--signature-unit", "months")
        jsonschema.validate(found, SCHEMA)
        self.assertIsNone(found["signature"]["model"]["transfer_learning"])
        self.assertEqual(found["signature"]["model"]["no_integrated_nomogram"], "the risk group did not stay")
        page = html.unescape((self.folder / "bare" / "sub-01" / "report.html").read_text(encoding="utf-8"))
        self.assertIn("The model has no integrated nomogram: the risk group did not stay.", page)

    def test_a_model_of_another_kind_is_named(self):
        for option, wanted in (("--signature-model", "fused-signature"), ("--grading-model", "fused-grading")):
            _, said = self.predict("kind", *self.FACTS, option, SOURCE / "models" / "nomogram-lgg", code=4)
            self.assertRegex(said, f"for cox, one for .*{wanted} is needed", option)


if __name__ == "__main__":
    main()
