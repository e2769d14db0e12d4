#!/usr/bin/env python3
"""Tables as people have them, through the verbs that read them: each odd form of a table gives what the plain one
gives, or a message that names what the matter is. The plain forms are held against R in test_survival.py."""

import gzip
import io
import json
import pathlib
import random
import zipfile

from common import FolderCase, main, run


def made_rows(n=60, seed=7):
    """Rows of id, time, status (1 censored, 2 dead), age with one decimal, site."""
    draw = random.Random(seed)
    return [
        [
            i + 1,
            10 + (i * 37) % 400 + draw.randrange(9),
            draw.choice([1, 2, 2]),
            round(draw.uniform(30, 80), 1),
            draw.choice(["north", "south"]),
        ]
        for i in range(n)
    ]


NAMES = ["id", "time", "status", "age", "site"]
ROWS = made_rows()


def lines(separator=",", names=NAMES, rows=ROWS, end="\n", text=str):
    return end.join(separator.join(text(c) for c in row) for row in [names, *rows]) + end


def comma(cell):
    return str(cell).replace(".", ",")


class Tables(FolderCase):
    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def cox(self, table, *more, code=0, time="time", event="status", formula="age", quiet=()):
        result = run(
            "survival",
            "cox",
            table,
            "--time",
            time,
            "--event",
            event,
            "--formula",
            formula,
            "--json",
            *quiet,
            *more,
            code=code,
        )
        return (json.loads(result.stdout) if code == 0 else None), result.stderr

    def km(self, text, *more, event="status"):
        """JSON and messages of a curve."""
        table = text if isinstance(text, pathlib.Path) else self.write("km.csv", text)
        result = run("survival", "km", table, "--time", "time", "--event", event, "--json", *more)
        return json.loads(result.stdout), result.stderr


class Forms(Tables):
    """Forms of one table."""

    def setUp(self):
        self.plain, _ = self.cox(self.write("plain.csv", lines()))

    def same(self, name, content, *words, **more):
        got, messages = self.cox(self.write(name, content), **more)
        self.assertEqual(got["coefficients"], self.plain["coefficients"], name)
        self.assertEqual((got["n"], got["events"]), (self.plain["n"], self.plain["events"]))
        for word in words:
            self.assertIn(word, messages)
        return messages

    def test_separators(self):
        for separator, word in ((",", ""), (";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")):
            for ending in ("csv", "tsv", "txt", "dat"):
                told = self.same(f"t.{ending}", lines(separator))
                self.assertNotIn("warning", told)
                if (separator, ending) not in ((",", "csv"), ("\t", "tsv"), ("\t", "txt"), ("\t", "dat")):
                    self.assertIn(word or "commas", told)
        self.same("excel.csv", "sep=;\n" + lines(";"))

    def test_decimal_commas(self):
        for separator in (";", "\t", "|"):
            self.same("t.csv", lines(separator, text=comma), "decimal commas are read as points")
        self.same("t.csv", lines(",", text=lambda c: f'"{comma(c)}"'), '"age": decimal commas')
        _, messages = self.cox(self.write("t.csv", lines(",", text=comma)), code=3)
        self.assertIn("line 2: 6 cells, the header has 5", messages)
        self.assertIn("decimal commas", messages)

    def test_commas_in_names_beside_semicolons_or_tabs(self):
        """Each row has as many decimal commas as the names have commas: commas split the table as well."""
        names = ["id", "time", "status", "age", "volume, ml"]
        rows = [row[:4] + [row[0] + 0.5] for row in ROWS]
        for separator in (";", "\t"):
            for quote in ("", '"'):
                for kept in (rows, [row[:3] + [int(row[3])] + row[4:] for row in rows]):
                    plain, _ = self.cox(self.write("p.csv", lines(names=NAMES[:4] + ["volume"], rows=kept)))
                    text = lines(separator, [f"{quote}{n}{quote}" for n in names], kept, text=comma)
                    text = text.replace("volume. ml", "volume, ml")
                    for ending in ("csv", "tsv", "txt"):
                        got, messages = self.cox(self.write("t." + ending, text))
                        self.assertEqual(got["coefficients"], plain["coefficients"])
                        self.assertNotIn("warning", messages)
        pairs = [[1.5, 2.5], [3.2, 3.1], [4.8, 5.9], [7.0, 6.2], [9.9, 9.4]]
        got = json.loads(
            run(
                "icc", self.write("t.csv", lines(";", ["Reader 1, ml", "Reader 2, ml"], pairs, text=comma)), "--json"
            ).stdout
        )
        self.assertEqual(got["raters"], ["Reader 1, ml", "Reader 2, ml"])
        plain = json.loads(run("icc", self.write("p.csv", lines(names=["a", "b"], rows=pairs)), "--json").stdout)
        self.assertEqual(got["icc"], plain["icc"])
        self.assertAlmostEqual(got["icc"][0]["estimate"], 0.966, places=3)  # psych::ICC
        undecided = run("icc", self.write("t.csv", "a,b;c,d\n1,5;2,5\n3,2;3,1\n"), code=3).stderr
        for word in ("commas (3 columns)", "semicolons (2)", "sep=;"):
            self.assertIn(word, undecided)

    def test_encodings(self):
        for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "latin-1"):
            for end in ("\n", "\r\n", "\r"):
                self.same("t.txt", lines("\t", end=end).replace("north", "nörd").encode(encoding))

    def test_quotes(self):
        for note in ("a\tb", "c\nd", "e\r\nf", 'g "h"', ";", ",", "#"):
            rows = [row + ['"' + note.replace('"', '""') + '"'] for row in ROWS]
            for separator in (",", "\t", ";"):
                self.same("t.txt", lines(separator, NAMES + ["note"], rows))

    def test_headers(self):
        self.same("t.csv", lines(names=[" id", "  time ", "\u00a0status", "age\u00a0", "site"]))
        self.same("t.csv", lines(names=[f'" {n} "' for n in NAMES]))
        self.same("t.csv", lines(", "))
        self.same("t.tsv", lines("\t", names=NAMES[1:]), "warning", "row names")
        self.same("t.txt", lines(" ", names=[f'"{n}"' for n in NAMES[1:]]), "row names", "blanks")
        self.same("t.csv", lines(names=[""] + NAMES[1:]))
        self.same("t.tsv", "#Identifier\tMonths\n#STRING\tNUMBER\n#1\t1\n" + lines("\t"))
        self.same("t.csv", "# made by a program\n\n" + lines())
        self.same("t.csv", "#" + lines(), "'#'")
        self.same("t.csv", '"# made by me, 2024"\n' + lines())
        self.same("t.csv", '"# made by ""me"", 2024",,,,\n' + lines())
        for blank in ("\u2000", "\u2003", "\u2009", "\u202f", "\u205f", "\u3000", "\ufeff"):
            self.same("t.csv", lines(names=[blank + n + blank for n in NAMES]))
        self.same("t.csv", "\n,,,,\n" + lines())

    def test_empty_rows_and_columns(self):
        self.same("t.csv", lines(end=",,\n"))
        self.same("t.csv", lines().replace("\n", ",\n").replace("site,\n", "site\n", 1))
        self.same("t.csv", lines().replace("site\n", "site,,\n", 1))
        self.same("t.csv", lines(rows=[r for row in ROWS for r in (row, [""] * 5)]))
        self.same("t.csv", lines(names=NAMES[:2] + [""] + NAMES[2:], rows=[r[:2] + [""] + r[2:] for r in ROWS]))

    def test_packed_and_other_files(self):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("[Content_Types].xml", "<Types/>")
            archive.writestr("xl/workbook.xml", "<workbook/>")
        for name, content, words in (
            ("t.csv.gz", gzip.compress(lines().encode()), ["gzip", "unpack"]),
            ("t.xlsx", packed.getvalue(), ["Excel", "CSV"]),
            ("t.csv", packed.getvalue(), ["Excel", "CSV"]),
            ("t.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), [".xls", "CSV"]),
            ("t.rds", b"X\n\0\0\0\3" + bytes(50), ["rds", "write.csv"]),
            ("t.csv", b"id,time\n1,\0\n", ["NUL", "line 2"]),
            ("t.csv", b"<!DOCTYPE html>\n<html>", ["web page"]),
            ("t.csv", lines().replace("\n7,", "\n7,7,"), ["line 8", "6 cells, the header has 5"]),
            ("t.csv", lines(names=["id", "time", "time", "age", "site"]), ["'time'", "twice", "line 1"]),
        ):
            _, messages = self.cox(self.write(name, content), code=3)
            for word in words:
                self.assertIn(word, messages, name)


class Cells(Tables):
    """What cells mean."""

    def table(self, cells, column="age"):
        rows = [list(row) for row in ROWS]
        for r, cell in cells.items():
            rows[r][NAMES.index(column)] = cell
        return self.write("t.csv", lines(rows=rows))

    def test_infinity_is_refused(self):
        for cell in ("inf", "-Inf", "Infinity", "1e999"):
            for verb, more in (
                ("cox", ["--formula", "age"]),
                ("cindex", ["--score", "age"]),
                ("cutpoint", ["--value", "age"]),
                ("timeroc", ["--score", "age", "--times", 100]),
                ("km", ["--group", "age"]),
                ("characteristics", ["--columns", "age"]),
            ):
                result = run(
                    "survival", verb, self.table({9: cell}), "--time", "time", "--event", "status", *more, code=3
                )
                for word in ('"age"', cell, "row 10", "line 11"):
                    self.assertIn(word, result.stderr, verb)
        result = run("roc", self.table({9: "inf"}), "--truth", "status", "--score", "age", code=3)
        self.assertIn("row 10", result.stderr)
        self.cox(self.table({9: "inf"}), formula="site")  # not used: no matter

    def test_words_among_numbers_are_told(self):
        for cell in (
            "<30",
            "> 90",
            "5 years",
            "unknown",
            "1 234,5",
            "1,234,567",
            "1.234,5",
            "61,5",
            "n.d.",
            "1\u202f234",
            "-",
            "~60",
        ):
            table = self.table({3: f'"{cell}"'})
            for arguments in (
                ["survival", "cox", table, "--time", "time", "--event", "status", "--formula", "age"],
                ["survival", "characteristics", table, "--columns", "age", "--quiet"],
            ):
                messages = run(*arguments).stderr
                for word in ("warning", '"age"', cell.replace("\u202f", " "), "59 of 60 values are numbers", "line 5"):
                    self.assertIn(word, messages)
            for arguments in (["--formula", "log(age)"], ["--formula", "rcs(age, 3)"]):  # numbers are needed
                messages = run(
                    "survival", "cox", table, "--time", "time", "--event", "status", *arguments, code=3
                ).stderr
                self.assertIn("line 5", messages)

    def test_raters_that_are_no_numbers_are_refused(self):
        """Without --raters a column of numbers that reads as text would leave the agreement of the others."""
        for cells, words in (
            (["1,5", "3,25", "n.d.", "6,0", "8,0"], ['"1,5" (line 2)', '"n.d." (line 4)', "decimal points"]),
            (["1.101,5"] * 5, ['"1.101,5" (line 2)', "thousands"]),
            (["1,500"] * 5, ['"1,500" (line 2)', "thousands"]),
            (["1.5 ml", "2 ml", "2 ml", "4 ml", "7 ml"], ['"1.5 ml" (line 2)']),
            (["1", "<3", "4", "6", "7"], ['"<3" (line 3)', "--na"]),
            (["1", "n.d.", "n.d.", "n.d.", "7"], ['"n.d." (line 3)', "--na"]),
        ):
            columns = [[1, 2, 4, 7, 9], [f'"{c}"' for c in cells], [2, 2, 5, 7, 8]]
            for kept in (3, 2):
                names = ["r1", "r2", "r3"][:kept]
                table = self.write("t.csv", lines(names=names, rows=list(zip(*columns[:kept]))))
                messages = run("icc", table, code=3).stderr
                for word in ['"r2"', "--raters", *words]:
                    self.assertIn(word, messages)
                self.assertNotIn("level of its own", messages)
        rows = list(zip(["Roe", "Doe", "Poe"], ["2020-01-05", "2020-01-06", "2021-02-01"], [1, 2, 4], [1, 3, 4]))
        told = run("icc", self.write("t.csv", lines(names=["who", "day", "a", "b"], rows=rows))).stderr
        self.assertIn('left out, as text: "who", "day"', told)
        self.assertIn("raters: a, b", told)

    def test_columns_left_out_of_table_1_are_told(self):
        for cell, column, words in (
            ("n.d.", None, ["59 of 60 values are numbers", '"n.d." (line 5)', "--na"]),
            ("7,400", None, ["59 of 60 values are numbers", '"7,400" (line 5)', "decimal points"]),
            (None, lambda v: f'"7.{int(v * 10)},5"', ["0 of 60 values are numbers", '"7.', "line 2)", "thousands"]),
            (None, lambda v: f"{v} y", ["0 of 60 values are numbers", ' y" (line ']),
        ):
            rows = [row[:3] + [column(row[3]) if column else row[3]] + row[4:] for row in ROWS]
            if cell:
                rows[3][3] = f'"{cell}"'
            table = self.write("t.csv", lines(rows=rows))
            result = run("survival", "characteristics", table, "--group", "site", "--quiet")
            self.assertNotIn("age", result.stdout)
            for word in ['warning: column "age" is left out', "over 20", *words]:
                self.assertIn(word, result.stderr)
            self.assertNotIn("used as text", result.stderr)
        rows = [[f"P{row[0]}", *row[1:]] for row in ROWS]
        messages = run("survival", "characteristics", self.write("t.csv", lines(rows=rows))).stderr
        self.assertIn('column "id" is left out: it is text with 60 values, over 20', messages)
        self.assertNotIn("warning", messages)

    def test_decimal_commas_are_named_where_numbers_are_needed(self):
        outcome = ["--time", "time", "--event", "status"]
        for column, more in (
            ("age", ["survival", "cindex", "--score", "age", *outcome]),
            ("age", ["survival", "cutpoint", "--value", "age", *outcome]),
            ("age", ["survival", "timeroc", "--score", "age", "--times", "100", *outcome]),
            ("age", ["roc", "--score", "age", "--truth", "status"]),
            ("time", ["survival", "km", *outcome]),
        ):
            for one in (True, False):  # among numbers with points, or in each row as 1,371
                rows = [list(row) for row in ROWS]
                c = NAMES.index(column)
                for r, row in enumerate(rows):
                    row[c] = '"1,50"' if one and r == 3 else row[c] if one else '"1,371"'
                if one:
                    rows[0][c] = 61.5
                verb = more[: 2 if more[0] == "survival" else 1]
                messages = run(*verb, self.write("t.csv", lines(rows=rows)), *more[len(verb) :], code=3).stderr
                for word in (f'"{column}"', '"1,50"' if one else '"1,371"', "decimal points for commas", "thousands"):
                    self.assertIn(word, messages)

    def test_levels_that_differ_in_spelling_are_told(self):
        for a, b in (("IDH-mutant", "idh-mutant"), ("IDH-mutant", "IDH mutant"), ("S\u00dcD", "s\u00fcd")):
            rows = [row[:4] + [(a, b, "wildtype")[row[0] % 3]] for row in ROWS]
            table = self.write("t.csv", lines(rows=rows))
            result = run("survival", "km", table, "--time", "time", "--event", "status", "--group", "site", "--json")
            self.assertEqual(len(json.loads(result.stdout)["groups"]), 3)
            for word in ('column "site"', f'"{a}"', f'"{b}"', "differ in case, blanks or hyphens only"):
                self.assertIn(word, result.stderr)
        self.assertNotIn("differ in", self.km(lines(), "--group", "site")[1])

    def test_truth_with_a_third_value(self):
        def roc(cells, *more, code=0):
            table = self.write("t.csv", lines(names=["truth", "score"], rows=list(zip(cells, range(len(cells))))))
            return run("roc", table, "--truth", "truth", "--score", "score", "--json", *more, code=code)

        cells = ["low", "low", "High", "low", "High", "High"]
        plain = json.loads(roc(cells, "--positive", "High").stdout)
        for value in ("HIGH", "high", " High"):
            self.assertEqual(json.loads(roc(cells, "--positive", value).stdout), plain)
        same = json.loads(roc([c == "High" for c in cells], "--positive", "true").stdout)
        self.assertEqual(same["auc"], plain["auc"])
        for word in ('--na "Unknown"', "--positive", "High, Unknown, low"):
            self.assertIn(word, roc([*cells, "Unknown"], code=3).stderr)
        self.assertEqual(json.loads(roc([*cells, "Unknown"], "--na", "unknown").stdout)["n"], 6)
        for word in ('"High" and "high" differ in case only', "--na", "--positive"):
            self.assertIn(word, roc([*cells, "high"], code=3).stderr)
        two = ["High", "high", "High", "high"]
        self.assertIn("differ in case", roc(two).stderr)
        self.assertIn("differ in case only", roc(two, "--positive", "HIGH", code=3).stderr)
        self.assertEqual(json.loads(roc(two, "--positive", "High").stdout)["positive"], "High")

    def test_missing_codes(self):
        for cell in (
            "NA",
            "",
            "n/a",
            "NaN",
            ".",
            "#N/A",
            "[Not Available]",
            "[Not Applicable]",
            "NULL",
            "<NA>",
            "\u00a0",
            "#DIV/0!",
        ):
            got, _ = self.cox(self.table({3: cell}))
            self.assertEqual((got["n"], got["left_out"]), (59, 1), cell)
        for cell, codes in (("999", "999"), ("-9", "-9"), ("999.0", "Unknown,999"), ("Unknown", "unknown")):
            for option in (["--na", codes], [f"--na={codes}"]):
                got, _ = self.cox(self.table({3: cell}), *option)
                self.assertEqual((got["n"], [c["term"] for c in got["coefficients"]]), (59, ["age"]), cell)
        self.assertEqual(
            json.loads(
                run(
                    "survival",
                    "cox",
                    "--na",
                    "999",
                    self.table({3: "999"}),
                    "--time",
                    "time",
                    "--event",
                    "status",
                    "--formula",
                    "age",
                    "--json",
                ).stdout
            )["n"],
            59,
        )

    def test_minus_signs_and_blanks(self):
        plain, _ = self.cox(self.table({3: "-5.5"}))
        for cell in ("\u22125.5", " -5.5\u00a0", "\u202f-5.5"):
            got, messages = self.cox(self.table({3: cell}))
            self.assertEqual(got["coefficients"], plain["coefficients"])
            self.assertNotIn("warning", messages)


class Events(Tables):
    """What the values of the event column mean."""

    EVENTS = sum(row[2] == 2 for row in ROWS)

    def coded(self, codes, column="status", only=None):
        """The table with each status written by `codes` (a value or a list taken in turn)."""
        turn = {1: 0, 2: 0}
        rows = []
        for row in ROWS:
            choices = codes[row[2]] if isinstance(codes[row[2]], list) else [codes[row[2]]]
            rows.append(row[:2] + [choices[turn[row[2]] % len(choices)]] + row[3:])
            turn[row[2]] += 1
        return lines(names=NAMES[:2] + [column] + NAMES[3:], rows=rows)

    def test_coding_is_judged_from_all_rows(self):
        """Only censored rows (1 of 1/2) are complete: no verb takes them as events."""
        rows = [row[:4] + ["" if row[2] == 2 else row[4]] + [-3 if row[2] == 2 else row[1]] for row in ROWS]
        text = lines(names=NAMES + ["until"], rows=rows)
        got, _ = self.km(text, "--group", "site")
        self.assertEqual((got["n"], got["events"]), (len(ROWS) - self.EVENTS, 0))
        table = self.write("t.csv", text)
        got = json.loads(run("survival", "km", table, "--time", "until", "--event", "status", "--json").stdout)
        self.assertEqual(got["events"], 0)
        for verb, more in (
            ("cox", ["--formula", "site"]),
            ("cox", ["--formula", "age + strata(site)"]),
            ("zph", ["--formula", "site"]),
            ("logrank", ["--group", "site"]),
            ("validate", ["--formula", "site"]),
            ("compare", ["--formula", "site", "--against", "age"]),
            ("calibrate", ["--formula", "site", "--times", 100]),
            ("reclassify", ["--formula", "site", "--against", "age + site", "--times", 100]),
        ):
            result = run("survival", verb, table, "--time", "time", "--event", "status", *more, code=3)
            self.assertIn("no event", result.stderr, verb)

    def test_second_table_is_coded_as_the_first(self):
        """A table of censored rows alone holds 1 only: 1 means censored, as where the model or the cut comes from."""
        first, model = self.write("a.csv", lines()), self.folder / "m.json"
        second = self.write("b.csv", lines(rows=[row[:2] + [1] + row[3:] for row in ROWS]))
        outcome = ["--time", "time", "--event", "status"]
        run("survival", "cox", first, *outcome, "--formula", "age", "--save", model)
        for arguments in (
            ["calibrate", second, "--model", model, "--times", 100],
            ["decision", second, "--model", model, "--times", 100],
            ["timeroc", second, "--model", model, "--times", 100],
            ["reclassify", second, "--model", model, "--against-model", model, "--times", 100],
        ):
            self.assertEqual(
                json.loads(run("survival", *arguments, *outcome, "--json").stdout)["events"], 0, arguments[0]
            )
        got = json.loads(
            run("survival", "cutpoint", first, "--value", "age", "--validation", second, *outcome, "--json").stdout
        )
        self.assertEqual(got["validation"]["events"], 0)
        self.assertIn("every row is taken as an event", self.km(second)[1])  # alone, as R

    def test_event_value_in_other_spellings(self):
        plain, _ = self.km(lines())
        for dead, value in (
            (["Dead", "dead", " DEAD "], "Dead"),
            (["Dead", "Deceased", "died"], "dead"),
            (["1.0", "1"], "1"),
            ("1:DECEASED", "1:DECEASED"),
            ("1:DECEASED", "deceased"),
            ("1:DECEASED", "1"),
            ("TRUE", "true"),
            ("\u00a0Dead", "Dead"),
            ("relapse", "Relapse"),
            (["t\u00f6dlich", "T\u00d6DLICH"], "To\u0308dlich"),
            (["to\u0308dlich", "t\u00f6dlich"], "T\u00d6DLICH"),
            (["D\u00c9C\u00c9D\u00c9", "d\u00e9c\u00e9d\u00e9"], "D\u00e9c\u00e9d\u00e9"),
            (["\u0443\u043c\u0435\u0440", "\u0423\u041c\u0415\u0420"], "\u0423\u043c\u0435\u0440"),
            (
                ["\u0398\u0391\u039d\u0391\u03a4\u039f\u03a3", "\u03b8\u03b1\u03bd\u03b1\u03c4\u03bf\u03c2"],
                "\u03b8\u03b1\u03bd\u03b1\u03c4\u03bf\u03c3",
            ),
        ):
            alive = "0" if isinstance(dead, list) and dead[0] == "1.0" else "0:LIVING" if ":" in str(dead) else "Alive"
            got, messages = self.km(self.coded({1: alive, 2: dead}), "--event-value", value)
            self.assertEqual(got["groups"], plain["groups"], dead)
            self.assertIn("event = ", messages)
            if isinstance(dead, list) and dead[0] == "Dead":
                self.assertIn("warning", messages)
        for codes in ({1: "0:LIVING", 2: "1:DECEASED"}, {1: "alive", 2: "Dead"}, {1: "False", 2: "TRUE"}, {1: 0, 2: 1}):
            self.assertEqual(self.km(self.coded(codes))[0]["groups"], plain["groups"])

    def test_unknown_is_missing_and_told(self):
        for word in ("Unknown", "[Not Available]", "NA", "not reported", "?", "#N/A"):
            for more in (["--event-value", "Dead"], []):
                got, messages = self.km(self.coded({1: ["Alive", word], 2: "Dead"}), *more)
                unknown = (len(ROWS) - self.EVENTS) // 2
                self.assertEqual((got["n"], got["events"]), (len(ROWS) - unknown, self.EVENTS), word)
                self.assertIn(f"{unknown} of {len(ROWS)} values missing", messages)
                if word in ("Unknown", "not reported", "?"):
                    self.assertIn(f'missing = "{word}" ({unknown} rows)', messages)
                self.assertNotIn("level of its own", messages)
                self.assertNotIn("used as text", messages)
        got, messages = self.km(self.coded({1: [0, "Unknown"], 2: 1}), "--event-value", "1")
        self.assertEqual((got["n"], got["events"]), (len(ROWS) - unknown, self.EVENTS))
        self.assertNotIn("used as text", messages)

    def test_other_values_are_told(self):
        text = self.coded({1: ["Alive", "Lost"], 2: "Dead"})
        _, messages = self.km(text, "--event-value", "Dead", "--quiet")
        for word in ("warning", '"Lost"', "--na", f'"Dead" ({self.EVENTS} rows)'):
            self.assertIn(word, messages)
        got, _ = self.km(text, "--event-value", "Dead", "--na", "lost")
        self.assertLess(got["n"], len(ROWS))
        run("survival", "km", self.write("t.csv", text), "--time", "time", "--event", "status", code=3)


class Entry(Tables):
    """Models with entry times, and times below 0."""

    def setUp(self):
        rows = [row + [row[1] - 9 - row[0] % 5, row[1] - 250, row[1] - 259 - row[0] % 5] for row in ROWS]
        self.table = self.write("t.csv", lines(names=NAMES + ["entry", "below", "entry_below"], rows=rows))

    def test_performance_of_such_a_model_is_refused(self):
        model, outcome = self.folder / "m.json", ["--time", "time", "--event", "status"]
        run("survival", "cox", self.table, *outcome, "--entry", "entry", "--formula", "age", "--save", model)
        for verb in ("calibrate", "timeroc", "decision"):
            result = run("survival", verb, self.table, *outcome, "--model", model, "--times", 100, code=3)
            self.assertIn('entry times (column "entry")', result.stderr)
        result = run(
            "survival",
            "reclassify",
            self.table,
            *outcome,
            "--model",
            model,
            "--against-model",
            model,
            "--times",
            100,
            code=3,
        )
        self.assertIn("entry times", result.stderr)
        run("survival", "predict", self.table, "--model", model, "--times", 100)
        run("survival", "nomogram", "--model", model, "--times", 100)

    def test_shifted_times_give_the_same(self):
        for verb, more in (
            ("cox", ["--formula", "age + site"]),
            ("cindex", ["--score", "age"]),
            ("zph", ["--formula", "age", "--transform", "rank"]),
            ("km", ["--group", "site"]),
        ):
            got = [
                json.loads(
                    run(
                        "survival", verb, self.table, "--time", t, "--entry", e, "--event", "status", *more, "--json"
                    ).stdout
                )
                for t, e in (("time", "entry"), ("below", "entry_below"))
            ]
            for key in ("n", "events", "left_out", "coefficients", "estimate", "se", "tests", "logrank"):
                self.assertEqual(got[0].get(key), got[1].get(key), (verb, key))
            self.assertEqual(got[0].get("left_out", 0), 0)
            if verb == "km":
                for a, b in zip(got[0]["groups"], got[1]["groups"]):
                    self.assertEqual(a["median"], b["median"] + 250)


if __name__ == "__main__":
    main()
