"""What the command-line tests share."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

BUILD, SOURCE = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
PROGRAM = BUILD / "gliocast"

# Without an atlas no lobe is told of a stripped patient, and the registration to it, a fifth of a prediction, is saved.
WITHOUT_ATLAS = {"GLIOCAST_ATLAS": "/nowhere"}


def run(*arguments, code=0, env=None):
    """Runs gliocast; fails with its output where the exit code is another one (None: any may come)."""
    result = subprocess.run(
        [str(PROGRAM), *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, **(env or {})},
        check=False,
    )
    if code is not None and result.returncode != code:
        raise AssertionError(
            f"gliocast {' '.join(map(str, arguments))}\nexit code {result.returncode}, expected {code}\n"
            f"{result.stdout}\n{result.stderr}"
        )
    return result


def simulate(patients, out):
    """Simulated patients on 2 mm: three sequences and the true tumour."""
    run("simulate", "-n", patients, "--spacing", 2, "--seed", 3, "--no-flair", "--no-raters", "--out", out, "-q")


def verbs_of(help_text):
    """Names of the verbs in a help text, by CLI11's list of subcommands."""
    return re.findall(r"^  (\w+)\s", help_text.split("Subcommands:")[1].split("\n\n")[0], re.M)


def every_verb(*above):
    """Every verb that does something, and its help: (["predict"], "..."), (["train", "segmentation"], "..."), ..."""
    for verb in verbs_of(run(*above, "--help").stdout):
        text = run(*above, verb, "--help").stdout
        if "Subcommands:" in text:
            yield from every_verb(*above, verb)
        else:
            yield [*above, verb], text


class FolderCase(unittest.TestCase):
    """A test case with a fresh folder."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="gliocast-cli-"))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder, ignore_errors=True)


def dom_of(page, folder):
    """The page as a browser has built it."""
    browser = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile"]
    arguments = [*browser, "--dump-dom", page.as_uri()]
    return subprocess.run(arguments, capture_output=True, text=True, timeout=120, check=False).stdout


def read_json(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def main():
    unittest.main(argv=[sys.argv[0], "-v"])
