#!/usr/bin/env python3
"""validation_table.py finds numbers of VALIDATION.md that the tests do not give.

Usage: test_validation_table.py SOURCE"""

import pathlib
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(sys.argv[1]).resolve() / "tools"))
import validation_table
from validation_table import BEGIN, END, HEAD

ROWS = """| nn | U-Net, forward | PyTorch | 6144 | 1.5e-07 |
| preprocess | brain: Dice | HD-BET | 2 | 0.960, 0.955 |
| preprocess | movement: error | the truth (SimpleITK 2.5.7: 0.17 mm) | 1 | 0.10 mm |
| preprocess | starts | the result | 30 | 30 of 30 |
| radiomics | shape | PyRadiomics | 67 | 0 |
"""
PAGE = "# Validation\n| what | else |\n" + BEGIN + HEAD + ROWS + END + "more\n"


def log_of(rows):
    return "".join(f"12: VALIDATION {row.strip('| ')}\n12: [ OK ]\n" for row in rows.splitlines())


class Numbers(unittest.TestCase):
    def found(self, old="", new=""):
        self.assertIn(old, ROWS)
        return list(validation_table.problems(PAGE, validation_table.rows_of_log(log_of(ROWS.replace(old, new, 1)))))

    def test_the_same_passes(self):
        self.assertEqual(self.found(), [])

    def test_another_number_is_told_with_both_and_its_row(self):
        (told,) = self.found("0.960, 0.955", "0.960, 0.925")
        for text in ("0.960, 0.955", "0.960, 0.925", "preprocess | brain: Dice | HD-BET"):
            self.assertIn(text, told)
        (told,) = self.found("| 67 |", "| 66 |")
        for text in ("tells 67 values", "the test 66", "radiomics | shape"):
            self.assertIn(text, told)

    def test_what_may_differ_and_what_may_not(self):
        for old, new, same in (
            ("0.10 mm", "0.11 mm", True),  # a unit of the last digit
            ("0.10 mm", "0.12 mm", False),
            ("0.10 mm", "0.08 mm", False),  # better is not what is told either
            ("0.10 mm", "0.10 cm", False),
            ("0.960,", "0.942,", True),  # 2 %
            ("0.960,", "0.94,", False),  # printed otherwise, and beyond
            ("30 of 30", "29 of 30", False),
            ("1.5e-07", "1.4e-06", True),  # tenfold
            ("1.5e-07", "1.6e-06", False),
            ("1.5e-07", "0", True),
            ("| 0 |", "| 3e-13 |", True),  # rounding of double precision
            ("| 0 |", "| 3e-11 |", False),
            ("1.5e-07", "nan", False),
        ):
            self.assertEqual(not self.found(old, new), same, (old, new))

    def test_a_row_that_is_missing_is_told(self):
        page = PAGE.replace(ROWS.splitlines()[1] + "\n", "")
        found = list(validation_table.problems(page, validation_table.rows_of_log(log_of(ROWS))))
        self.assertEqual(found, ["VALIDATION.md lacks: preprocess | brain: Dice | HD-BET"])

    def test_the_command_fails_and_update_mends(self):
        with tempfile.TemporaryDirectory() as folder:
            page, log, table = (pathlib.Path(folder) / name for name in ("VALIDATION.md", "test.log", "table.md"))
            page.write_text(PAGE, encoding="utf-8")
            log.write_text(log_of(ROWS.replace("30 of 30", "29 of 30")), encoding="utf-8")
            for more, code in (([], 1), (["--update"], 0), ([], 0)):
                arguments = ["validation_table.py", str(log), str(table), *more]
                with (
                    mock.patch.object(validation_table, "PAGE", page),
                    mock.patch.object(sys, "argv", arguments),
                    mock.patch("builtins.print"),
                ):
                    self.assertEqual(validation_table.main(), code, more)
            self.assertEqual(page.read_text(encoding="utf-8"), PAGE.replace("30 of 30", "29 of 30"))

    def test_the_page_itself_has_rows(self):
        self.assertGreater(len(validation_table.rows_of_page(validation_table.PAGE.read_text(encoding="utf-8"))), 200)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
