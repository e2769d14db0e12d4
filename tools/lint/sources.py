"""Which files of the repository are looked at, and C++ without its comments and literals."""

import pathlib
import re
import subprocess

# Comments, raw and ordinary strings, characters (a ' between digits separates them).
CPP_TEXT = re.compile(
    r"//[^\n]*|/\*.*?\*/"
    r'|R"(?P<mark>[^()\\\s]*)\(.*?\)(?P=mark)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])*'",
    re.S,
)


def tracked(root, *patterns):
    """Paths of tracked files, relative to `root`."""
    listed = subprocess.run(
        ["git", "-C", root, "ls-files", "-z", *patterns], capture_output=True, text=True, check=True
    )
    return [name for name in listed.stdout.split("\0") if name and (pathlib.Path(root) / name).is_file()]


def read(root, name):
    return (pathlib.Path(root) / name).read_text(encoding="utf-8")


def bare_cpp(text):
    """C++ with comments blanked and literals emptied; lines and columns stay."""

    def blank(match):
        found = match.group(0)
        filler = " " if found.startswith("/") else "_"
        return re.sub(r"[^\n]", filler, found)

    return CPP_TEXT.sub(blank, text)
