#!/usr/bin/env python3
"""Lines of more than 120 characters, tabs and blanks at the end of CMake, shell, Python, R and make (C++ is left to
clang-format, which knows what cannot be broken). Usage: check_lines.py REPOSITORY"""

import pathlib
import re
import sys

from sources import read, tracked

LIMIT = 120
KINDS = ("*CMakeLists.txt", "*.cmake", "*.cmake.in", "*.sh", ".ci/run", "*.py", "*.pyi", "*.R", "Makefile", "*.toml")
# An address is not broken.
ADDRESS = re.compile(r"https?://\S*$")


def line_problems(line, tabs_allowed):
    if len(ADDRESS.sub("", line)) > LIMIT:
        yield f"{len(line)} characters, {LIMIT} fit"
    if line != line.rstrip():
        yield "blanks at the end"
    if line.startswith("\t") and not tabs_allowed:
        yield "a tab"


def main():
    root = pathlib.Path(sys.argv[1])
    problems = []
    for name in tracked(root, *KINDS):
        for number, line in enumerate(read(root, name).split("\n"), 1):
            problems += [f"{name}:{number}: {what}" for what in line_problems(line, name == "Makefile")]
    print("\n".join(problems + [f"lines: {len(problems)} problem(s)"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
