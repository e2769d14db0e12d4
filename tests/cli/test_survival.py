#!/usr/bin/env python3
"""Survival statistics through the command line, against R's numbers (tests/reference/survival).

The tables come out of R's survival package at the time of the test; the repository holds R's figures only."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

BUILD, SOURCE = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
REFERENCE = SOURCE / "tests/reference/survival"
TABLES = None


def run(*arguments, code=0):
    result = subprocess.run([BUILD / "gliocast", *map(str, arguments)], capture_output=True, text=True, timeout=300)
    if code is not None and result.returncode != code:
        raise AssertionError(f"{' '.join(map(str, arguments))}: exit {result.returncode}, not {code}\n{result.stderr}")
    return result


def differences(expected, got, tolerance, path=""):
    """Yields where `got` departs from `expected`; keys that R does not give are free."""
    if isinstance(expected, dict):
        for key, value in expected.items():
            if not isinstance(got, dict) or key not in got:
                yield f"{path}.{key}: absent", float("inf")
            else:
                yield from differences(value, got[key], tolerance, f"{path}.{key}")
    elif isinstance(expected, list):
        if not isinstance(got, list) or len(got) != len(expected):
            yield f"{path}: {len(expected)} entries expected", float("inf")
        else:
            for i, (e, g) in enumerate(zip(expected, got)):
                yield from differences(e, g, tolerance, f"{path}[{i}]")
    elif expected is None or isinstance(expected, str):
        if expected != got:
            yield f"{path}: {expected!r} expected, got {got!r}", float("inf")
    elif not isinstance(got, (int, float)):
        yield f"{path}: {expected!r} expected, got {got!r}", float("inf")
    else:
        error = abs(expected - got) / max(abs(expected), 1e-6 if abs(expected) < 1e-6 else abs(expected))
        if error > tolerance:
            yield f"{path}: {expected!r} expected, got {got!r}", error


class Reference(unittest.TestCase):
    """Every case of expected.json."""

    def test_cases(self):
        data = json.loads((REFERENCE / "expected.json").read_text())
        self.assertGreater(len(data["cases"]), 80)
        for case in data["cases"]:
            verb, *rest = case["arguments"][1:]
            with self.subTest(case["name"]):
                got = json.loads(run("survival", verb, TABLES / f"{case['table']}.csv", *rest, "--json", "-q").stdout)
                found = list(differences(case["expected"], got, 1e-7))
                self.assertEqual(found[:4], [], f"{len(found)} differences")


if __name__ == "__main__":
    if subprocess.run(["Rscript", "-e", "library(survival)"], capture_output=True).returncode != 0:
        if os.environ.get("CI") == "true":
            sys.exit("R's survival package is absent (r-cran-survival)")
        print("skipped: R's survival package is absent (r-cran-survival)")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        TABLES = pathlib.Path(folder)
        subprocess.run(["Rscript", REFERENCE / "tables.R", folder], check=True, capture_output=True)
        unittest.main(argv=sys.argv[:1] + sys.argv[3:])
