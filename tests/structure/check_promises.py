#!/usr/bin/env python3
"""Every promise of the documentation points to the test that holds it: tests/promises.tsv (sentence, file, test).

Fails where a sentence is no longer in its file, where its test does not exist or never runs, and where README.md
says something that the table does not list. A cell of the column "test" is one of
    survival.SurvivalHand.LogRankOfSixPatients   a test of ctest; * stands for anything
    cli.survival::test_predictions               a function of the Python script that this test of ctest runs
    - benchmark: ...                             (README.md and docs/benchmarks.md) no promise, or none for a test
joined by ", ". In a sentence, " [...] " stands for any text between two fragments.

Usage: check_promises.py BUILD SOURCE [--complete]; --complete: every test must be registered in this build."""

import argparse
import ast
import fnmatch
import json
import pathlib
import re
import subprocess
import sys

TABLE = "tests/promises.tsv"
COLUMNS = ["sentence", "file", "test"]
# Every sentence of these files is listed.
COVERED = ["README.md"]
# What a "-" may stand for, with the explanation that is demanded.
REASONS = ("description", "limitation", "benchmark", "command", "reference")
GAP = " [...] "
ABBREVIATIONS = {"Front.", "al.", "e.g.", "i.e."}


# --- texts ---------------------------------------------------------------------------------------------------------


def words(text):
    """One space between words."""
    return " ".join(text.split())


def plain_text(path):
    """The text of a file as a reader sees it: string literals of C++ joined and unescaped, blanks made one."""
    text = path.read_text(encoding="utf-8")
    if path.suffix in (".cpp", ".hpp"):
        text = re.sub(r'"\s*\n\s*"', "", text).replace("\\n", " ").replace('\\"', '"')
    if path.suffix == ".json":
        text = text.replace('\\"', '"')
    return words(text)


def find_fragment(text, sentence):
    """Places (start, end) of a sentence in a text; GAP stands for any text."""
    parts = [re.escape(words(p)) for p in sentence.split(GAP)]
    return [m.span() for m in re.finditer(".*?".join(parts), text)]


def markdown_statements(text):
    """Sentences of a Markdown text as (start, end, line) in words(text): prose is split at ends of sentences and at
    semicolons, a line of code or of a table is a statement of its own; headings and pictures are none."""
    found, group, at, code = [], [], 0, False

    def close():
        if group and any(re.search(r"[^\W_]", w) for w, _, _ in group):
            found.append((group[0][1], group[-1][1] + len(group[-1][0]), group[0][2]))
        group.clear()

    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        fence = stripped.startswith("```")
        whole_line = code or stripped.startswith("|")
        silent = fence or (not code and re.match(r"#|!\[|\|[-:|\s]+\|$", stripped))
        if not stripped or fence or whole_line or silent or re.match(r"(-|\*|\d+\.|>)\s", stripped):
            close()
        tokens = line.split()
        for i, word in enumerate(tokens):
            if not silent:
                group.append((word, at, number))
            at += len(word) + 1
            following = tokens[i + 1] if i + 1 < len(tokens) else ""
            ends = word.endswith(";") or (
                re.search(r"[.!?][)*\"]*$", word)
                and word not in ABBREVIATIONS
                and not re.match(r"[a-z0-9(]", following)
            )
            if not whole_line and ends:
                close()
        if whole_line or silent:
            close()
        code = code != fence
    close()
    return found


# --- tests ---------------------------------------------------------------------------------------------------------


def registered_tests(build):
    """Tests of a build folder by name: {"command": [...], "disabled": bool}."""
    shown = subprocess.run(
        ["ctest", "--test-dir", build, "--show-only=json-v1"], check=True, capture_output=True, text=True
    )
    tests = {}
    for t in json.loads(shown.stdout)["tests"]:
        off = any(p["name"] == "DISABLED" and p["value"] for p in t.get("properties", []))
        tests[t["name"]] = {"command": t.get("command", []), "disabled": off}
    return tests


def is_main_called(tree):
    """Whether the script runs its test cases when it is started."""
    for node in tree.body:
        if isinstance(node, ast.If) and "__main__" in ast.dump(node.test):
            calls = [n.func for n in ast.walk(node) if isinstance(n, ast.Call)]
            return any((c.attr if isinstance(c, ast.Attribute) else getattr(c, "id", "")) == "main" for c in calls)
    return False


def always_skipped(function):
    """Whether a test method never gets anywhere."""
    for d in function.decorator_list:
        if re.search(r"'(skip|expectedFailure)'", ast.dump(d)) or re.search(r"skipIf.*value=True", ast.dump(d)):
            return True
    body = [n for n in function.body if not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))]
    if not body or all(isinstance(n, ast.Pass) for n in body):
        return True
    stops = [
        n
        for n in body
        if isinstance(n, (ast.Return, ast.Raise)) or ("attr='skipTest'" in ast.dump(n) and isinstance(n, ast.Expr))
    ]
    return bool(stops) and stops[0] is body[0]


class PythonScript:
    """The test methods of a script by the names "method" and "Class.method"; what is wrong with them."""

    def __init__(self, path):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        self.runs = is_main_called(tree)
        self.methods = {}
        cases = {"TestCase", "FolderCase"}
        for node in tree.body:
            if not isinstance(node, ast.ClassDef):
                continue
            bases = {b.attr if isinstance(b, ast.Attribute) else getattr(b, "id", "") for b in node.bases}
            if not bases & cases:
                continue
            cases.add(node.name)
            for f in node.body:
                if isinstance(f, ast.FunctionDef):
                    for name in (f.name, f"{node.name}.{f.name}"):
                        self.methods[name] = f

    def problem(self, name):
        function = self.methods.get(name)
        if not self.runs:
            return "the script does not call main() when it is started"
        if function is None:
            return f"the script has no test method {name}"
        if not function.name.startswith("test"):
            return f"{name} is not run: a test method's name begins with test"
        return f"{name} is always skipped or empty" if always_skipped(function) else None


class Tests:
    """Answers whether a test exists and runs: what is registered in ctest and, in builds that leave modules out, what
    the sources define."""

    def __init__(self, build, source, complete):
        self.source, self.complete = source, complete
        self.registered = registered_tests(build)
        self.scripts, self.defined, self.skipped = {}, set(), set()
        for cmake in sorted(source.glob("libs/*/CMakeLists.txt")):
            for module, arguments in re.findall(
                r"gliocast_test\((\w+)\s+SOURCES([^)]*)\)", cmake.read_text(encoding="utf-8")
            ):
                for name in re.findall(r"tests/\w+\.cpp", arguments):
                    self.read_cases(module, cmake.parent / name)

    def read_cases(self, module, path):
        """The cases of a gtest source that is listed in its module's CMakeLists.txt."""
        text = path.read_text(encoding="utf-8")
        for suite, name, first in re.findall(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)\s*\{\s*([^;]*;?)", text, re.M):
            key = f"{module}.{suite}.{name}"
            self.defined.add(key)
            if first.startswith("GTEST_SKIP") or name.startswith("DISABLED_"):
                self.skipped.add(key)

    def matching(self, pattern):
        return [n for n in self.registered if fnmatch.fnmatchcase(n, pattern)]

    def source_name(self, name):
        """survival.Tables/Suite.Name/3 (of a parametrised test) as survival.Suite.Name."""
        m = re.match(r"(\w+)\.(?:\w+/)?(\w+)\.(\w+)", name)
        return ".".join(m.groups()) if m else name

    def script_of(self, name):
        """The Python script that a test of ctest runs."""
        command = self.registered.get(name, {}).get("command", [])
        for argument in command:
            path = pathlib.Path(argument)
            if path.suffix == ".py":
                return path
            if path.suffix == ".sh" and path.exists():
                named = re.findall(r"\$source/([\w/]+\.py)", path.read_text(encoding="utf-8"))
                if named:
                    return self.source / named[-1]
        found = sorted(self.source.glob(f"tests/*/test_{name.split('.')[-1]}.py"))
        return found[0] if found else None

    def problem(self, test):
        name, _, function = test.partition("::")
        matching = self.matching(name)
        in_sources = [d for d in self.defined if fnmatch.fnmatchcase(d, self.pattern_of_source(name))]
        if not matching and self.complete:
            return f"no test {name} in ctest (build everything first; names: ctest -N)"
        if not matching and not in_sources and not self.by_hand(name):
            return f"no test {name}, neither in ctest nor in libs/*/tests nor tests/CMakeLists.txt"
        for found in matching:
            if self.registered[found]["disabled"] or self.source_name(found) in self.skipped:
                return f"{found} is disabled or always skipped"
        if not matching and in_sources and set(in_sources) <= self.skipped:
            return f"{name} is always skipped"
        return self.function_problem(name, function) if function else None

    def by_hand(self, name):
        """Whether tests/CMakeLists.txt adds a test of this name, perhaps in other builds."""
        text = (self.source / "tests/CMakeLists.txt").read_text(encoding="utf-8")
        looped = {f"cli.{suite}" for names in re.findall(r"foreach\(suite ([^)]*)\)", text) for suite in names.split()}
        return f"NAME {name} " in text or name in looped

    def pattern_of_source(self, name):
        return re.sub(r"(?<=\.)[\w*]+/|/[\w*]+$", "", name)

    def function_problem(self, name, function):
        path = self.script_of(name)
        if path is None or not path.exists():
            return f"{name} runs no Python script"
        if path not in self.scripts:
            self.scripts[path] = PythonScript(path)
        problem = self.scripts[path].problem(function)
        return f"{path.name}: {problem}" if problem else None


# --- the table -----------------------------------------------------------------------------------------------------


def read_promises(path):
    """Rows (line, sentence, file, tests) and what is wrong with the table's form."""
    rows, problems = [], []
    lines = path.read_text(encoding="utf-8").splitlines()
    if not lines or lines[0].split("\t") != COLUMNS:
        return [], [f"{TABLE}: the first line must be the columns {', '.join(COLUMNS)}, separated by tabs"]
    for number, line in enumerate(lines[1:], 2):
        cells = [c.strip() for c in line.split("\t")]
        if len(cells) != 3 or not all(cells):
            problems.append(f"{TABLE}:{number}: three cells separated by tabs are needed: sentence, file, test")
        else:
            rows.append((number, *cells))
    files = [r[2] for r in rows]
    for (number, _, file, _), before in zip(rows[1:], files):
        if file < before:
            problems.append(f"{TABLE}:{number}: rows are sorted by file; {file} comes before {before}")
    return rows, problems


def check_row(row, texts, tests, covered):
    """What is wrong with one row; adds the place of its sentence to `covered`."""
    number, sentence, file, test = row
    where, problems = f"{TABLE}:{number}", []
    if file not in texts:
        return [f"{where}: there is no file {file}"]
    places = find_fragment(texts[file], sentence)
    if not places:
        problems.append(
            f"{where}: this sentence is no longer in {file}:\n    {sentence}\n"
            "  Where the promise was reworded, put the new words here; where it was taken out, delete this line."
        )
    elif len(places) > 1 and GAP not in sentence:
        problems.append(f"{where}: these words are {len(places)} times in {file}, give more of them:\n    {sentence}")
    covered.setdefault(file, []).extend(places[:1])
    if test.startswith("-"):
        reason = re.match(r"- (\w+): \S.*", test)
        if not reason or reason.group(1) not in REASONS:
            problems.append(
                f'{where}: instead of a test stands "- KIND: why" with KIND of {", ".join(REASONS)}, not "{test}"'
            )
        return problems
    for one in test.split(","):
        problem = tests.problem(one.strip())
        if problem:
            problems.append(
                f"{where}: {problem}\n  It should hold this promise of {file}:\n    {sentence}\n"
                "  Name the test that holds it now; without one, write it or take the promise out."
            )
    return problems


def check_coverage(file, raw, text, places):
    """Statements of a file that no row touches."""
    problems = []
    for start, end, line in markdown_statements(raw):
        if any(a < end and b > start for a, b in places):
            continue
        sentence = text[start:end]
        problems.append(
            f"{file}:{line}: not in {TABLE}:\n    {sentence}\n"
            f"  Add a line (tabs between the cells) among those of {file}:\n"
            f"    {sentence}\\t{file}\\tTEST\n"
            "  TEST is the test that holds it (ctest -N; or SCRIPT'S TEST::test_function), or, where it promises "
            "nothing "
            f'that a test could hold, "- KIND: why", KIND one of {", ".join(REASONS)}.'
        )
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("source", type=pathlib.Path)
    parser.add_argument("--complete", action="store_true")
    a = parser.parse_args()
    rows, problems = read_promises(a.source / TABLE)
    tests = Tests(a.build, a.source, a.complete)
    texts = {f: plain_text(a.source / f) for f in {r[2] for r in rows} | set(COVERED) if (a.source / f).is_file()}
    covered = {}
    for row in rows:
        problems += check_row(row, texts, tests, covered)
    for file in COVERED:
        raw = (a.source / file).read_text(encoding="utf-8")
        problems += check_coverage(file, raw, texts[file], covered.get(file, []))
    for line in problems:
        print(line)
    held = sum(not r[3].startswith("-") for r in rows)
    print(f"{len(rows)} statements, {held} of them held by tests; {len(problems)} problem(s)")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
