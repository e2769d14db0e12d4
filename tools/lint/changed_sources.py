#!/usr/bin/env python3
"""Sources of a compilation database that changed, or that include a header that did: beside the merge base with the
main branch, beside the parent where that is the branch itself, and what is not committed yet.
Usage: changed_sources.py COMPILE_COMMANDS [--all]"""

import json
import pathlib
import re
import subprocess
import sys


def git(*arguments):
    result = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    return result.stdout.split() if result.returncode == 0 else []


def base():
    head = git("rev-parse", "HEAD")
    for branch in ("origin/main", "main"):
        found = git("merge-base", "HEAD", branch)
        if found and found != head:
            return found[0]
    return (git("rev-parse", "HEAD~1") or head)[0]


def included(path):
    return set(re.findall(r'#include [<"](?:\w+/)*(\w+\.hpp)[>"]', path.read_text(encoding="utf-8")))


def main():
    root = pathlib.Path.cwd()
    entries = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    tracked = set(git("ls-files", "*.cpp"))
    sources = {pathlib.Path(e["file"]).resolve() for e in entries}
    sources = {p.relative_to(root).as_posix() for p in sources if root in p.parents} & tracked
    if "--all" not in sys.argv:
        changed = set(git("diff", "--name-only", base()))
        headers = {pathlib.PurePosixPath(f).name for f in changed if f.endswith(".hpp")}
        sources = {s for s in sources if s in changed or included(root / s) & headers}
    for source in sorted(sources):
        print(source)


if __name__ == "__main__":
    main()
