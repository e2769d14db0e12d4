#!/usr/bin/env python3
"""Statements of C++ that are an expression in disguise: `a(), b();` and `c ? a() : b();`. Usage: check_statements.py
REPOSITORY"""

import pathlib
import re
import sys

from sources import bare_cpp, read, tracked

OPENING, CLOSING = "([{", ")]}"
# Beginnings of statements in which commas and question marks have another meaning, or none.
DECLARATION = re.compile(
    r"(?:return|co_return|throw|using|typedef|template|namespace|case|default|goto|enum|static_assert|delete"
    r"|const|constexpr|constinit|static|inline|auto|struct|class|union|extern|friend|explicit|virtual"
    r"|public|private|protected|thread_local|mutable|volatile"
    r"|unsigned|signed|int|double|float|bool|char|long|short|void|else\s+return)\b"
)
CONTROL = re.compile(r"(?:else\b\s*)?(?:if\s*(?:constexpr)?|for|while|switch)\s*\(|else\b|do\b")


def top_level(text):
    """`text` with what stands in brackets (templates' included where they are plainly such) taken out."""
    result, depth = [], 0
    for c in text:
        if c in OPENING:
            depth += 1
            result.append(c if depth == 1 else "")
        elif c in CLOSING:
            depth = max(depth - 1, 0)
            result.append(c if depth == 0 else "")
        else:
            result.append(c if depth == 0 else "")
    flat = "".join(result)
    while (shorter := re.sub(r"(?<=\w)<[\w\s:,*&()\[\]]*>", "", flat)) != flat:
        flat = shorter
    return flat


def without_control(statement):
    """What an `if (…)`, `for (…)` or `else` governs."""
    while match := CONTROL.match(statement):
        end = match.end()
        if statement[end - 1] == "(":
            depth = 1
            while end < len(statement) and depth:
                depth += {"(": 1, ")": -1}.get(statement[end], 0)
                end += 1
        statement = statement[end:].lstrip()
    return statement


def without_directives(code):
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: re.sub(r"[^\n]", " ", m[0]), code, flags=re.M)


def statements(code):
    """(offset, text) of what ends with a semicolon outside parentheses; also within a lambda that is an argument."""
    start = depth = 0
    outside = []  # of each open brace: where the statement around it began, and how deep in parentheses
    for i, c in enumerate(code):
        if c in "([":
            depth += 1
        elif c in ")]":
            depth -= 1
        elif c == ";" and depth <= 0:
            yield start, code[start:i]
            start = i + 1
        elif c == "{":
            outside.append((start, depth))
            start, depth = i + 1, 0
        elif c == "}" and outside:
            start, depth = outside.pop()
            if depth <= 0:
                start = i + 1


def disguised(statement):
    statement = without_control(statement.strip())
    if DECLARATION.match(statement):
        return None
    flat = top_level(statement)
    if "?" in flat and not re.search(r"(?<![=!<>])=(?!=)", flat.split("?", 1)[0]) and "<<" not in flat:
        return "a ternary is no statement: write if and else"
    # A call, an assignment or a step, a comma, and another of them: two statements.
    part = r"(?:\+\+|--)?\*?[\w:.>\[\]()-]+(?:\s*[-+*/|&^]?=(?!=)[^,]*|\(\)|\+\+|--)|(?:\+\+|--)[\w.>\[\]()-]+"
    if re.fullmatch(rf"\s*(?:{part})(?:\s*,\s*(?:{part}))+\s*", flat):
        return "a comma joins two statements"
    return None


def main():
    root = pathlib.Path(sys.argv[1])
    problems = []
    for name in tracked(root, "*.cpp", "*.hpp"):
        code = without_directives(bare_cpp(read(root, name)))
        for offset, text in statements(code):
            what = disguised(text)
            if what:
                first = offset + len(text) - len(text.lstrip())
                problems.append(f"{name}:{code.count(chr(10), 0, first) + 1}: {what}")
    print("\n".join(problems + [f"statements: {len(problems)} problem(s)"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
