#!/usr/bin/env python3
"""Writes docs/commands: a page a verb, as the program's own help says it, and an index. A test compares them.

Usage: make_command_pages.py GLIOCAST FOLDER          writes the pages
       make_command_pages.py GLIOCAST FOLDER --check  fails where a page is missing, differs or belongs to no verb
"""

import pathlib
import re
import subprocess
import sys


def help_of(program, words):
    run = subprocess.run([program, *words, "--help"], capture_output=True, text=True, check=True)
    return run.stdout.strip("\n") + "\n"


def verbs_in(text):
    """Names and summaries by CLI11's list of subcommands."""
    if "Subcommands:" not in text:
        return []
    block = text.split("Subcommands:\n")[1].split("\n\n")[0]
    return re.findall(r"^  (\w+) +(.*)$", block, re.M)


def help_of_images(program, words, text):
    """Help of a verb that takes a cohort of images too, as gliocast-imaging prints it; None where there is none."""
    imaging = pathlib.Path(program).with_name("gliocast-imaging")
    if "Subcommands:" in text or not imaging.exists():
        return None
    run = subprocess.run([imaging, *words, "--help"], capture_output=True, text=True, check=False)
    other = run.stdout.strip("\n") + "\n"
    known = f"Usage: {' '.join(['gliocast', *words])} " in other  # of a verb that it has not it shows its own help
    return other if known and other != text else None


def pages_of(program):
    """Text of each page by its file's name."""
    pages = {}
    index = ["# Commands", "", "As `gliocast VERB --help` prints them.", "", "| verb | what it does |", "|---|---|"]

    def add(words, summary):
        text = help_of(program, words)
        name = " ".join(["gliocast", *words])
        file = "-".join(words) + ".md"
        pages[file] = f"# {name}\n\n{summary}\n\n```\n{text}```\n"
        if images := help_of_images(program, words, text):
            pages[file] += f"\nOf a cohort of images, `{name} COHORT --help`:\n\n```\n{images}```\n"
        index.append(f"| [`{name}`]({file}) | {summary} |")
        for word, below in verbs_in(text):
            add([*words, word], below)

    for word, summary in verbs_in(help_of(program, [])):
        add([word], summary)
    pages["README.md"] = "\n".join(index) + "\n"
    return pages


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    pages = pages_of(program)
    if "--check" not in sys.argv[3:]:
        folder.mkdir(parents=True, exist_ok=True)
        for file in folder.glob("*.md"):
            file.unlink()
        for name, text in pages.items():
            (folder / name).write_text(text, encoding="utf-8")
        print(f"{len(pages)} pages in {folder}")
        return 0
    there = {file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.md")}
    wrong = sorted(name for name in pages.keys() | there.keys() if pages.get(name) != there.get(name))
    for name in wrong:
        print(f"{folder / name}: differs from what the program says; run tools/make_command_pages.py")
    print(f"{len(pages)} pages, {len(wrong)} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
