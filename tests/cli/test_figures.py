#!/usr/bin/env python3
"""Figures and tables of the statistics: nothing overprints, no row is lost, every format escapes what it must."""

import json
import random
import re
import shutil
import subprocess

import common
from common import FolderCase, run
from figure_judge import Figure

WHO = [
    "Oligodendroglioma, IDH-mutant, and 1p/19q-codeleted (WHO grade 3)",
    "Astrocytoma, IDH-mutant (WHO grade 2)",
    "Glioblastoma, IDH-wildtype (WHO grade 4)",
    "Diffuse midline glioma, H3 K27-altered",
    "Astrocytoma, IDH-mutant, CDKN2A/B homozygously deleted (WHO grade 4)",
]
ODD = [
    'a_b^c {x} @y & <z> \\ "q" 100%',
    "µ ≥ 5 é ü",
    "少突胶质细胞瘤，IDH突变型",
    "it's `s`",
    "1",
    "-",
    "|pipe| $x$ #1 ~",
]
MANY = [f"Group {i} of a rather long clinical classification" for i in range(1, 13)]
UNBROKEN = ["Dysembryoplastic_neuroepithelial_tumour_of_the_septum_pellucidum_with_PDGFRA_mutation", "x" * 150, "short"]
NUMBERS = ["1234567.125", "1.2345e-05", "-3"]  # as R names levels
LEVELS = {"who": WHO, "odd": ODD, "many": MANY, "unbroken": UNBROKEN, "numbers": NUMBERS, "two": ["A", "B"]}
LONG_COLUMN = "Karnofsky performance status before the first operation as told by the referring hospital (per cent)"


def quoted(text):
    return '"' + text.replace('"', '""') + '"'


def write_table(path, levels, rows=240, seed=3):
    """A made-up study; the event is rarer in the first levels."""
    draw = random.Random(seed)
    lines = [f"months,status,entity,age,x,{quoted(LONG_COLUMN)}"]
    for i in range(rows):
        k = i % len(levels)
        time = draw.expovariate(0.03 * (1 + 0.4 * k)) + 0.5
        lines.append(
            f"{time:.1f},{int(draw.random() < 0.7)},{quoted(levels[k])},"
            f"{draw.randint(20, 80)},{draw.random():.2f},{draw.randint(4, 10) * 10}"
        )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


class Layout(FolderCase):
    """Every figure of every verb with names of all kinds."""

    def judge(self, name, levels=()):
        figure = Figure(self.folder / name)
        self.assertEqual(figure.faults()[:5], [], name)
        shown = re.sub(r"[\s ]+", "", figure.words())
        for level in levels:
            self.assertIn(re.sub(r"\s+", "", level.replace("'", "’")), shown, name)
        return figure

    def test_levels(self):
        outcome = ["--time", "months", "--event", "status", "-q"]

        def drawn(verb, *arguments, levels=()):
            run("survival", verb, *arguments, "--figure", self.folder / f"{verb}.svg")
            self.judge(f"{verb}.svg", levels)

        for kind, levels in LEVELS.items():
            with self.subTest(kind):
                table, model = write_table(self.folder / f"{kind}.csv", levels), self.folder / f"{kind}.json"
                drawn("km", table, *outcome, "--group", "entity", levels=levels)
                formula = ["--formula", "factor(entity) + age"]
                drawn("cox", table, *outcome, *formula, "--save", model, levels=levels)
                of_model, unit = ["--model", model, "--times", "12,24"], ["--unit", "months"]
                drawn("nomogram", *of_model[:3], "12,24,36", *unit, "--title", WHO[0], "-q", levels=levels)
                for verb in ("calibrate", "decision", "timeroc"):
                    drawn(verb, table, *outcome, *of_model)

    def test_interaction(self):
        table, model = write_table(self.folder / "i.csv", WHO[:3]), self.folder / "i.json"
        run(
            "survival",
            "cox",
            table,
            "--time",
            "months",
            "--event",
            "status",
            "--formula",
            "age * entity",
            "--save",
            model,
            "--figure",
            self.folder / "i.svg",
            "-q",
        )
        self.judge("i.svg", WHO[:3])
        run("survival", "nomogram", "--model", model, "-q", "--figure", self.folder / "i.svg")
        self.judge("i.svg", WHO[:3])

    def test_long_columns(self):
        table = write_table(self.folder / "long.csv", WHO)
        outcome = ["--time", "months", "--event", "status", "-q"]
        commands = {
            "cutpoint": ["survival", "cutpoint", table, *outcome, "--value", LONG_COLUMN],
            "cutpoints": [
                "survival",
                "cutpoint",
                table,
                *outcome,
                "--value",
                LONG_COLUMN,
                "--cuts",
                2,
                "--permutations",
                100,
                "--validation",
                table,
            ],
            "timeroc": [
                "survival",
                "timeroc",
                table,
                *outcome,
                "--score",
                LONG_COLUMN,
                "--score",
                "age",
                "--times",
                "12,24",
            ],
            "roc": ["roc", table, "-q", "--truth", "status", "--score", LONG_COLUMN, "--against", "age"],
            "km": ["survival", "km", table, "--time", LONG_COLUMN, "--event", "status", "-q"],
        }
        for name, command in commands.items():
            with self.subTest(name):
                run(*command, "--figure", self.folder / "long.svg")
                self.judge("long.svg", [LONG_COLUMN])

    def test_ticks_have_no_rounding(self):
        table = self.folder / "short.csv"
        table.write_text("t,e\n" + "".join(f"{0.05 * (i + 1):.2f},{i % 2}\n" for i in range(12)))
        run("survival", "km", table, "--time", "t", "--event", "e", "-q", "--figure", self.folder / "short.svg")
        self.assertIn(" 0.3 ", f" {self.judge('short.svg').words()} ")

    def test_missing_glyphs_are_told(self):
        """A PNG never holds the black shapes that stand for characters no font has."""
        table = self.folder / "rare.csv"
        table.write_text(
            "t,e,g\n" + "".join(f"{i + 1},{i % 2},{'a' if i % 3 else chr(0x13000)}\n" for i in range(12)),
            encoding="utf-8",
        )
        fonts = subprocess.run(["fc-list", ":charset=13000"], capture_output=True, text=True, check=False)
        if fonts.returncode != 0 or fonts.stdout:
            self.skipTest("a font here has the character")
        result = run(
            "survival",
            "km",
            table,
            "--time",
            "t",
            "--event",
            "e",
            "--group",
            "g",
            "--figure",
            self.folder / "rare.png",
            code=6,
        )
        self.assertIn("no installed font", result.stderr)
        self.assertTrue(result.stdout.startswith("group\t"))  # the table came all the same


class Bands(FolderCase):
    def reach(self, conf_type, rows):
        table = self.folder / "band.csv"
        table.write_text("t,e,g\n" + "".join(f"{t},{e},{g}\n" for t, e, g in rows))
        run(
            "survival",
            "km",
            table,
            "--time",
            "t",
            "--event",
            "e",
            "--group",
            "g",
            "-q",
            "--conf-type",
            conf_type,
            "--figure",
            self.folder / "band.svg",
        )
        figure = Figure(self.folder / "band.svg")
        axis = [t for t in figure.texts if t.words in ("0", "20")]
        centres = {t.words: (t.left + t.right) / 2 for t in axis if t.top > 400 and t.size == 14}
        return [
            (
                (a - centres["0"]) / (centres["20"] - centres["0"]) * 20,
                (b - centres["0"]) / (centres["20"] - centres["0"]) * 20,
            )
            for a, b in figure.band_parts()
        ]

    def test_undefined_limits(self):
        # Group a: censored until 6, events from 6 to 20, the last at 20 leaves nobody (limits undefined there).
        rows = [(t, int(t >= 6 and (t % 2 == 0 or t > 16)), "a") for t in range(1, 21)] + [
            (t, int(t in (10, 14)), "b") for t in range(1, 21)
        ]
        for conf_type in ("plain", "log", "log-log"):
            with self.subTest(conf_type):
                parts = self.reach(conf_type, rows)
                # From the first defined limit on without a gap; gnuplot parts a band of no height from the rest.
                self.assertAlmostEqual(parts[0][0], 6 if conf_type == "log-log" else 0, delta=0.2)
                end = parts[0][1]
                for start, stop in parts[1:]:
                    self.assertLess(start, end + 0.2)
                    end = max(end, stop)
                self.assertAlmostEqual(end, 20, delta=0.2)
                self.assertEqual([round(start) for start, _ in parts[-2:]], [6, 10])

    def test_calibration_point_without_limits(self):
        table = self.folder / "calibration.csv"
        # The lowest risks have no event: observed survival 1, limits undefined on the log-log scale or of no width.
        draw = random.Random(5)
        rows = [
            f"{draw.uniform(5, 20):.2f},{int(i % 5 > 0 and draw.random() < 0.2 * (i % 5))},{i % 5}" for i in range(150)
        ]
        table.write_text("t,e,x\n" + "\n".join(rows) + "\n")
        result = run(
            "survival",
            "calibrate",
            table,
            "--time",
            "t",
            "--event",
            "e",
            "--formula",
            "x",
            "--times",
            10,
            "--json",
            "-q",
            "--figure",
            self.folder / "c.svg",
        )
        groups = [g for g in json.loads(result.stdout)["times"][0]["groups"] if g["observed"] is not None]
        points = (self.folder / "c.svg").read_text().count("gpPt6")
        self.assertGreaterEqual(points, len(groups) + 1)  # one more in the legend


class Forest(FolderCase):
    def draw(self, text, formula, *more):
        table = self.folder / "t.csv"
        table.write_text(text)
        result = run(
            "survival",
            "cox",
            table,
            "--time",
            "t",
            "--event",
            "e",
            "--formula",
            formula,
            "--figure",
            self.folder / "f.svg",
            *more,
        )
        figure = Figure(self.folder / "f.svg")
        self.assertEqual(figure.faults(), [])
        return result, figure

    separated = "t,e,g,h,x\n" + "".join(
        f"{1 + i * 7 % 31},{int(i % 4 > 0 and i % 3 > 0)},{'ABCD'[i % 4]},{'uv'[i % 2]},{i * 5 % 17}\n"
        for i in range(80)
    )

    def test_no_event_in_the_reference(self):
        result, figure = self.draw(self.separated, "x + g")
        for word in ("x", "gA", "gB", "gC", "gD", "reference", "not estimable"):
            self.assertIn(word, [t.words for t in figure.texts])
        self.assertEqual(len(result.stdout.strip().split("\n")), 5)
        self.assertIn("may be infinite", result.stderr)

    def test_all_rows_infinite(self):
        result, figure = self.draw(self.separated, "g", "--json")
        self.assertEqual([t.words for t in figure.texts].count("not estimable"), 3)
        for bare in (r"\binf\b", r"\bnan\b", r"\bInf\b", r"\bNaN\b"):
            self.assertIsNone(re.search(r":\s*" + bare, result.stdout))
        rows = json.loads(result.stdout)
        self.assertIsNone(rows["coefficients"][0]["upper"])
        self.assertTrue(any("infinite" in w for w in rows["warnings"]))

    def test_no_event_in_a_level(self):
        _, figure = self.draw(self.separated, "g", "--ref", "g=B")
        self.assertEqual([t.words for t in figure.texts].count("not estimable"), 1)
        self.assertEqual([t.words for t in figure.texts].count("reference"), 1)

    def test_collinear_and_single(self):
        rows = "t,e,x,y\n" + "".join(
            f"{1 + i * 7 % 31},{int(i % 3 > 0)},{i * 5 % 17},{2 * (i * 5 % 17)}\n" for i in range(60)
        )
        _, figure = self.draw(rows, "x + y")
        self.assertIn("not estimable", [t.words for t in figure.texts])
        _, figure = self.draw(rows, "x", "--level", "0.9")
        self.assertIn("HR (90% CI)", figure.words())

    def test_small_effect_per_unit(self):
        rows = "t,e,v\n" + "".join(f"{1 + i * 7 % 31},{int(i % 3 > 0)},{(i * 37 % 101) * 1000}\n" for i in range(80))
        _, figure = self.draw(rows, "v")
        interval = next(t.words for t in figure.texts if re.match(r"[01]\.\d+ \(", t.words))
        low, high = re.search(r"\((.*)–(.*)\)", interval).groups()
        self.assertNotEqual(low, high)


class Markup(FolderCase):
    """LaTeX and Markdown of tables whose names hold everything that is special there."""

    cells = [
        'a_b^c {x} @y & <z> \\ "q" 100% #1 ~ $5',
        "[18,40)",
        "*star*",
        "µ ≥ 5 é – − ± × ° α",
        "|pipe| `code` [link](x)",
    ]

    def write(self, ending):
        table, out = write_table(self.folder / "t.csv", self.cells), self.folder / f"out.{ending}"
        run("survival", "characteristics", table, "--group", "entity", "--columns", "entity,age", "--out", out, "-q")
        return out.read_text(encoding="utf-8")

    def test_latex(self):
        text = self.write("tex")
        self.assertIn(
            "a\\_b\\textasciicircum{}c \\{x\\} @y \\& $<$z$>$ \\textbackslash{} ''q'' 100\\% \\#1 \\textasciitilde{} "
            "\\$5",
            text,
        )
        self.assertIn("$\\mu$ $\\geq$ 5 é -- $-$ $\\pm$ $\\times$ $^{\\circ}$ $\\alpha$", text)
        for line in text.split("\n")[1:]:
            self.assertNotRegex(line, r"^\s*[\[*]")
        table = write_table(self.folder / "cox.csv", ["a"])
        run(
            "survival",
            "cox",
            table,
            "--time",
            "months",
            "--event",
            "status",
            "--formula",
            "age + I(age^2)",
            "--out",
            self.folder / "cox.tex",
            "-q",
        )
        self.assertIn("I(age\\textasciicircum{}2)", (self.folder / "cox.tex").read_text())

    def test_latex_compiles(self):
        if shutil.which("pdflatex") is None:
            self.skipTest("pdflatex is absent")
        text = self.write("tex")
        (self.folder / "doc.tex").write_text(
            "\\documentclass{article}\\usepackage[utf8]{inputenc}\\begin{document}\\tiny\n"
            + text
            + "\\end{document}\n",
            encoding="utf-8",
        )
        result = subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "doc.tex"],
            cwd=self.folder,
            capture_output=True,
            check=False,
        )
        self.assertEqual(result.returncode, 0, result.stdout.decode("latin-1")[-1500:])

    def test_markdown(self):
        text = self.write("md")
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in text.strip().split("\n")}
        self.assertEqual(len(widths), 1)  # as many cells in each line
        self.assertIn("\\*star\\*", text)
        self.assertIn("\\|pipe\\| \\`code\\` \\[link](x)", text)
        self.assertIn("\\<z>", text)

    # What LaTeX shows for what latex_table() writes; of the cells above.
    SHOWN = {
        "\\textbackslash{}": "\\",
        "\\textasciitilde{}": "~",
        "\\textasciicircum{}": "^",
        "\\textbar{}": "|",
        "$<$": "<",
        "$>$": ">",
        "''": '"',
        "--": "–",
        "$-$": "−",
        "$\\mu$": "µ",
        "$\\geq$": "≥",
        "$\\pm$": "±",
        "$\\times$": "×",
        "$^{\\circ}$": "°",
        "$\\alpha$": "α",
        "\\quad ": "  ",
        "{}": "",
        **{f"\\{c}": c for c in "&%$#_{}"},
    }

    def latex_rows(self, text):
        lines = text.rstrip("\n").split("\n")
        self.assertEqual((lines[1], lines[3], lines[-2:]), ("\\hline", "\\hline", ["\\hline", "\\end{tabular}"]))
        sides = re.fullmatch(r"\\begin\{tabular\}\{(l)(r*)\}", lines[0]).groups()
        pattern = "|".join(map(re.escape, self.SHOWN))
        for line in [lines[2], *lines[4:-2]]:
            self.assertTrue(line.endswith(" \\\\"), line)
            cells = re.split(r"(?<!\\) ?& ", line.removesuffix(" \\\\"))
            self.assertEqual(len(cells), 1 + len(sides[1]), line)
            yield [re.sub(pattern, lambda m: self.SHOWN[m.group()], cell).rstrip() for cell in cells]

    def markdown_rows(self, text):
        lines = text.rstrip("\n").split("\n")
        rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines]
        self.assertEqual(rows.pop(1), [":---", *["---:"] * (len(rows[0]) - 1)], "the first column left, others right")
        for row in rows:
            yield [re.sub(r"\\(.)", r"\1", cell[1:].replace("&nbsp;", " ")).rstrip() for cell in row]

    def test_cells_are_those_of_the_tsv(self):
        table = write_table(self.folder / "cells.csv", self.cells)
        outcome = ["--time", "months", "--event", "status"]
        for verb in (
            ["characteristics", table, "--group", "entity"],
            ["characteristics", table, "--columns", "entity,age"],
            ["km", table, *outcome, "--group", "entity"],
            ["cox", table, *outcome, "--formula", "entity + age"],
        ):
            texts = {}
            for ending in ("tsv", "md", "tex"):
                out = self.folder / f"cells.{ending}"
                run("survival", *verb, "--out", out, "-q")
                texts[ending] = out.read_text(encoding="utf-8")
            told = [line.split("\t") for line in texts["tsv"].rstrip("\n").split("\n")]
            told = [[cell.rstrip() for cell in row] for row in told]
            self.assertGreater(len(told), 4)
            self.assertEqual(list(self.markdown_rows(texts["md"])), told, verb[0])
            self.assertEqual(list(self.latex_rows(texts["tex"])), told, verb[0])


class Numbers(FolderCase):
    def table(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def test_table_1_keeps_digits(self):
        big = [123456, 250000, 1048577, 98764, 300001, 5]
        rows = "g,platelets,dose,volume,tiny\n" + "".join(
            f"{'ab'[i % 2]},{v},{v * 0.001:.3f},{v + 0.25},{max(v, 2000)}e-9\n" for i, v in enumerate(big * 3)
        )
        result = run("survival", "characteristics", self.table("big.csv", rows), "--group", "g", "-q").stdout
        self.assertNotRegex(result, r"\de[+-]\d")
        # R: quantile(c(123456, 250000, 1048577, 98764, 300001, 5), type = 7) of all rows
        self.assertIn("186728 (98764 to 300001)", result)
        self.assertIn("186.7 (98.76 to 300)", result)
        self.assertIn("186728 (98764 to 300001)", result.split("volume")[1])
        self.assertIn("0.0001867 (0.00009876 to 0.0003)", result)
        self.assertIn(
            "64.25 (",
            run(
                "survival", "characteristics", self.table("q.csv", "age\n60\n61\n66\n69\n65\n63\n64\n64.5\n"), "-q"
            ).stdout,
        )

    def test_times_keep_digits(self):
        rows = "t,e\n" + "".join(f"{1234567.125 + i},{i % 2}\n" for i in range(6))
        result = run("survival", "km", self.table("t.csv", rows), "--time", "t", "--event", "e").stdout
        self.assertIn("\t1234567.125\t6\t", result)
        self.assertNotIn("e+", result)


class Diagnostics(FolderCase):
    def roc(self, text, *more):
        path = self.folder / "roc.csv"
        path.write_text(text)
        result = run("roc", path, "--truth", "y", "--score", "s", "--json", *more)
        return json.loads(result.stdout), result.stderr

    def test_one_of_a_class(self):
        # pROC 1.18: ci.auc gives NA-NA with one case or one control.
        for truth in ([1, 0, 0, 0, 0, 0], [0, 1, 1, 1, 1, 1]):
            text = "y,s,r\n" + "".join(f"{y},{i * 5 % 7},{i}\n" for i, y in enumerate(truth))
            got, told = self.roc(text, "--figure", self.folder / "roc.svg")
            self.assertIsNotNone(got["auc"])
            self.assertEqual((got["se"], got["lower"], got["upper"]), (None, None, None))
            self.assertIn("warning", told)
            self.assertNotIn("nan", Figure(self.folder / "roc.svg").words().lower())
            got, _ = self.roc(text, "--against", "r")
            self.assertIsNotNone(got["difference"])
            self.assertEqual(
                [got[k] for k in ("difference_se", "difference_lower", "difference_upper", "z", "p")], [None] * 5
            )

    def test_time_roc_of_one_case(self):
        path = self.folder / "one.csv"
        path.write_text(
            "t,e,s,r\n" + "".join(f"{i + 1},{int(i in (2, 15))},{i * 5 % 19},{i * 7 % 19}\n" for i in range(19))
        )
        arguments = [
            "survival",
            "timeroc",
            path,
            "--time",
            "t",
            "--event",
            "e",
            "--score",
            "s",
            "--score",
            "r",
            "--times",
            10,
            "--json",
        ]
        result = run(*arguments, "--figure", self.folder / "one.svg")
        got = json.loads(result.stdout)
        for curve in got["curves"]:
            self.assertEqual(curve["cases"], 1)
            self.assertIsNotNone(curve["auc"])
            self.assertEqual([curve[k] for k in ("se", "lower", "upper")], [None] * 3)
        self.assertEqual([got["differences"][0][k] for k in ("se", "lower", "upper", "z", "p")], [None] * 5)
        self.assertIn("warning: at 10", result.stderr)

    def test_extremes(self):
        # pROC 1.18: perfect separation has limits 1-1, all scores equal 0.5-0.5.
        got, _ = self.roc("y,s\n" + "".join(f"{int(i > 4)},{i}\n" for i in range(10)))
        self.assertEqual((got["auc"], got["se"], got["lower"], got["upper"]), (1, 0, 1, 1))
        got, _ = self.roc("y,s\n" + "".join(f"{i % 2},3\n" for i in range(10)))
        self.assertEqual((got["auc"], got["se"], got["lower"], got["upper"]), (0.5, 0, 0.5, 0.5))

    def test_positive_class_is_said(self):
        for levels, more, positive, negative in (
            (("0", "1"), [], "1", "0"),
            (("1", "2"), [], "2", "1"),
            (("GBM", "LGG"), [], "LGG", "GBM"),
            (("GBM", "LGG"), ["--positive", "GBM"], "GBM", "LGG"),
            (("no", "yes"), ["--direction", "lower"], "yes", "no"),
        ):
            got, told = self.roc("y,s\n" + "".join(f"{levels[i % 2]},{i * 5 % 11}\n" for i in range(12)), *more)
            self.assertEqual((got["positive"], got["negative"]), (positive, negative))
            self.assertEqual(got["direction"], "lower" if "lower" in more else "higher")
            self.assertIn(f"y = {positive}", told)
            self.assertIn(f"{got['direction']} scores mark positives", told)

    def test_icc_extremes(self):
        def icc(rows):
            path = self.folder / "icc.csv"
            path.write_text("a,b\n" + "".join(f"{a},{b}\n" for a, b in rows))
            result = run("icc", path, "--json")
            return json.loads(result.stdout), result.stderr

        got, told = icc([(0.1 * i, 0.1 * i) for i in (1, 3, 4, 7, 9)])
        for form in got["icc"]:
            self.assertEqual((form["estimate"], form["lower"], form["upper"], form["p"], form["f"]), (1, 1, 1, 0, None))
        self.assertIn("F is infinite", told)
        got, told = icc([(5, 5)] * 4)
        for form in got["icc"]:
            self.assertEqual((form["estimate"], form["lower"], form["upper"]), (None, None, None))
        self.assertIn("do not vary", told)


class FisherTest(FolderCase):
    def characteristics(self, counts):
        path = self.folder / "fisher.csv"
        lines = [f"r{i},c{j}" for i, row in enumerate(counts) for j, n in enumerate(row) for _ in range(n)]
        path.write_text("h,g\n" + "\n".join(lines) + "\n")
        result = run("survival", "characteristics", path, "--group", "g", "--columns", "h", "--json")
        return json.loads(result.stdout)["rows"][0], result.stderr

    def test_exact(self):
        # R 4.2: fisher.test(matrix(c(3, 1, 6, 0, 7, 2, 2, 8, 4, 4, 1, 9), 4))
        got, _ = self.characteristics([[3, 7, 4], [1, 2, 4], [6, 2, 1], [0, 8, 9]])
        self.assertEqual(got["test"], "Fisher")
        self.assertAlmostEqual(got["p"], 0.00822800628298, delta=1e-12)

    def test_simulated_says_so(self):
        draw = random.Random(1)
        counts = [[draw.randint(0, 14) for _ in range(9)] for _ in range(9)]
        got, told = self.characteristics(counts)
        self.assertEqual(got["test"], "Fisher (simulated, 100000 draws)")
        self.assertIn("simulated", told)
        again, _ = self.characteristics(counts)
        self.assertEqual(got["p"], again["p"])
        self.assertNotIn("chi-square", json.dumps(got))


if __name__ == "__main__":
    common.main()
