#!/usr/bin/env python3
"""What the own checks of `make lint` find, and what they let pass. Usage: test_lint.py SOURCE"""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(sys.argv[1]).resolve() / "tools/lint"))
import check_functions
import check_lines
import check_statements
from sources import bare_cpp


def found(code):
    code = check_statements.without_directives(bare_cpp(code))
    return [what for _, text in check_statements.statements(code) if (what := check_statements.disguised(text))]


class Statements(unittest.TestCase):
    def test_commas(self):
        for code in (
            "void f() { a(), b(); }",
            "void f() { x = 1, y = 2; }",
            "void f() { for (int i = 0; i < n; ++i) sum += x[i], ++n; }",
            "void f() { if (a < b) best = a, at = i; else c(); }",
            "void f() { each(x, [&](int i) { sum += i, ++n; }); }",
            "void f() { v.push_back({1, 2}), w.push_back(3); }",
        ):
            self.assertEqual(found(code), ["a comma joins two statements"], code)

    def test_ternaries(self):
        self.assertEqual(found("void f() { a ? b() : c(); }"), ["a ternary is no statement: write if and else"])

    def test_what_is_meant(self):
        for code in (
            "int a = 0, b = 1;",
            "void f() { std::size_t low = 0, high = n; }",
            "void f() { for (i = 0, j = 1; i < n; ++i, ++j) x(); }",
            "void f() { call(a, b); y = c ? d : e; z = {1, 2}; }",
            "void f() { const std::map<int, int> m{{1, 2}, {3, 4}}; return a ? b() : c(); }",
            'void f() { say("a(), b();"); /* a(), b(); */ }  // a(), b();',
            "enum class E { A, B };",
        ):
            self.assertEqual(found(code), [], code)


class Functions(unittest.TestCase):
    def lengths(self, code):
        return [(name, length) for name, _, length in check_functions.cpp_functions(code)]

    def test_functions_and_members(self):
        self.assertEqual(self.lengths("int f(int a) {\n  return a;\n}\n"), [("f", 3)])
        self.assertEqual(self.lengths("struct S {\n  void g() const {\n    h();\n  }\n};\n"), [("g", 3)])
        self.assertEqual(self.lengths("TEST(A, B) {\n  x();\n}\n"), [("A.B", 3)])

    def test_braces_that_are_no_bodies(self):
        self.assertEqual(self.lengths("void f(const B& b = {}) {\n  g();\n}\n"), [("f", 3)])
        self.assertEqual(self.lengths("S::S(int a) : a_{a}, b_(1) {\n  g();\n}\n"), [("S::S", 3)])
        self.assertEqual(self.lengths("constexpr int kAll[] = {1, 2};\nint x{f(3)};\n"), [])
        self.assertEqual(self.lengths("void f() {\n  if (a) {\n    b([] { c(); });\n  }\n}\n"), [("f", 5)])

    def test_python(self):
        self.assertEqual(list(check_functions.python_functions("def f():\n    a()\n    b()\n")), [("f", 1, 3)])


class Lines(unittest.TestCase):
    def test_characters_are_counted(self):
        self.assertEqual(list(check_lines.line_problems("ü" * 120, False)), [])
        self.assertEqual(len(list(check_lines.line_problems("x" * 121, False))), 1)
        self.assertEqual(list(check_lines.line_problems("# https://example.org/" + "x" * 120, False)), [])
        self.assertEqual(len(list(check_lines.line_problems("x ", False))), 1)
        self.assertEqual(len(list(check_lines.line_problems("\tx", False))), 1)
        self.assertEqual(list(check_lines.line_problems("\tx", True)), [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
