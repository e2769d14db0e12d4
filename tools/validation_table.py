#!/usr/bin/env python3
"""Gathers the lines `VALIDATION module | what | reference | values | largest difference` that tests print and writes them as a Markdown table.

Usage: validation_table.py TEST_LOG TABLE.md
"""
import re
import sys


def main():
    log, table = sys.argv[1:3]
    rows = set()
    with open(log, encoding="utf-8", errors="replace") as f:
        for line in f:
            found = re.search(r"VALIDATION (.+)$", line)
            if found:
                rows.add(tuple(cell.strip() for cell in found.group(1).split("|")))
    with open(table, "w", encoding="utf-8") as f:
        f.write("| module | what | outside reference | values | largest difference |\n|---|---|---|---|---|\n")
        for row in sorted(rows):
            f.write("| " + " | ".join(row) + " |\n")
    print(f"{len(rows)} comparisons with outside references: {table}")


if __name__ == "__main__":
    main()
