#!/usr/bin/env python3
"""check_promises.py finds what it is for: sentences that are gone or not listed, tests that do not exist or that
never run."""

import pathlib
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import check_promises

README = """# name

It never guesses. Colours are
kept exactly; sizes, too (see `docs`).

```sh
name run    # runs
```
| a | b |
|---|---|
| one | two |
"""
SCRIPT = """import unittest
class Base(unittest.TestCase):
    def helper(self):
        pass
class Case(Base):
    def test_colours(self):
        self.assertEqual(1, 1)
    def test_nothing(self):
        pass
    @unittest.skip("never")
    def test_skipped(self):
        self.assertEqual(1, 1)
    def test_gone(self):
        self.skipTest("no")
        self.assertEqual(1, 1)
if __name__ == "__main__":
    unittest.main()
"""
CASES = """TEST(Sizes, AreKept) { EXPECT_TRUE(true); }
TEST(Sizes, Skipped) {
  GTEST_SKIP();
}
TEST_P(Many, Fit) {
  EXPECT_TRUE(true);
}
"""
ROWS = [
    ("It never guesses.", "README.md", "- description: what it is"),
    ("Colours are kept exactly;", "README.md", "cli.x::test_colours"),
    ("sizes, too", "README.md", "core.Sizes.AreKept"),
    ("name run [...] # runs", "README.md", "core.Many/Many.Fit/*"),
    ("| a | b |", "README.md", "- description: a table"),
    ("| one | two |", "README.md", "- description: a table"),
]


class Checker(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = pathlib.Path(temporary.name)
        for name, text in (
            ("README.md", README),
            ("tests/cli/test_x.py", SCRIPT),
            ("libs/core/tests/a.cpp", CASES),
            ("tests/CMakeLists.txt", "add_test(NAME cli.x COMMAND test_x.py)"),
            ("libs/core/CMakeLists.txt", "gliocast_test(core SOURCES tests/a.cpp LABELS light)"),
        ):
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(text, encoding="utf-8")
        self.registered = {
            name: {"command": [], "disabled": False}
            for name in ("core.Sizes.AreKept", "core.Sizes.Skipped", "core.Many/Many.Fit/one", "cli.x")
        }
        self.registered["cli.x"]["command"] = ["python3", str(self.root / "tests/cli/test_x.py")]

    def problems(self, rows, complete=True):
        lines = ["\t".join(check_promises.COLUMNS), *("\t".join(r) for r in rows)]
        (self.root / check_promises.TABLE).write_text("\n".join(lines) + "\n", encoding="utf-8")
        arguments = ["check_promises.py", "build", str(self.root)] + ["--complete"] * complete
        with (
            mock.patch.object(check_promises, "registered_tests", lambda build: self.registered),
            mock.patch.object(sys, "argv", arguments),
            mock.patch("builtins.print") as printed,
        ):
            code = check_promises.main()
        found = [c.args[0] for c in printed.call_args_list][:-1]
        self.assertEqual(code, 1 if found else 0)
        return found

    def one(self, rows, word, **keywords):
        found = self.problems(rows, **keywords)
        self.assertEqual(len(found), 1, found)
        self.assertIn(word, found[0])

    def test_a_whole_table_passes_also_where_modules_are_not_built(self):
        self.assertEqual(self.problems(ROWS), [])
        self.registered = {}
        self.assertEqual(self.problems(ROWS, complete=False), [])

    def test_sentences_that_are_gone_or_not_listed(self):
        self.one([*ROWS, ("It always guesses.", "README.md", "core.Sizes.AreKept")], "no longer in README.md")
        self.one(ROWS[:1] + ROWS[2:], "README.md:3: not in tests/promises.tsv")
        self.one([*ROWS, ("x", "absent.md", "core.Sizes.AreKept")], "there is no file absent.md")
        (self.root / "A.md").write_text("It ends.", encoding="utf-8")
        self.one([*ROWS, ("It ends.", "A.md", "core.Sizes.AreKept")], "sorted by file")
        self.one([*ROWS, ("a", "README.md", "- description: too short to find")], "times in README.md")

    def test_tests_that_do_not_exist_or_never_run(self):
        for test, word in (
            ("core.Sizes.Other", "no test core.Sizes.Other"),
            ("core.Sizes.Skipped", "always skipped"),
            ("cli.x::test_other", "no test method"),
            ("cli.x::helper", "begins with test"),
            ("cli.x::test_nothing", "skipped or empty"),
            ("cli.x::test_skipped", "skipped or empty"),
            ("cli.x::test_gone", "skipped or empty"),
            ("core.Sizes.AreKept::f", "no Python script"),
            ("- because", "KIND: why"),
            ("- whim: why", "KIND: why"),
        ):
            with self.subTest(test):
                self.one([(ROWS[0][0], "README.md", test), *ROWS[1:]], word)
        self.registered["core.Sizes.AreKept"]["disabled"] = True
        self.one(ROWS, "disabled")
        self.registered.pop("core.Sizes.AreKept")
        self.one(ROWS, "no test core.Sizes.AreKept")

    def test_a_script_that_does_not_start_its_tests(self):
        path = self.root / "tests/cli/test_x.py"
        path.write_text(SCRIPT.replace("unittest.main()", "print()"), encoding="utf-8")
        self.one(ROWS, "does not call main()")

    def test_names_are_known_without_a_build_by_their_sources(self):
        self.registered = {}
        self.one([(ROWS[0][0], "README.md", "core.Sizes.Other"), *ROWS[1:]], "neither in ctest", complete=False)
        self.one([(ROWS[0][0], "README.md", "core.Sizes.Skipped"), *ROWS[1:]], "always skipped", complete=False)

    def test_strings_of_programs_are_joined(self):
        source = self.root / "a.cpp"
        source.write_text(
            'verb->description(\n    "Takes \\"all\\" of it, "\n    "and more.\\nSecond.");', encoding="utf-8"
        )
        self.assertTrue(
            check_promises.find_fragment(check_promises.plain_text(source), 'Takes "all" of it, and more. Second.')
        )


if __name__ == "__main__":
    unittest.main()
