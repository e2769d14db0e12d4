#!/usr/bin/env python3
"""Functions of C++ and Python of more than 60 lines, first to last, but those that long_functions.tsv excepts; an
exception that is no longer needed is a problem as well. Usage: check_functions.py REPOSITORY"""

import ast
import pathlib
import re
import sys

from sources import bare_cpp, read, tracked

LIMIT = 60
EXCEPTIONS = "tools/lint/long_functions.tsv"
CONTROL = re.compile(r"(?:\}\s*)?(?:else\s+)?(?:if|for|while|switch|catch|do|else|try)\b")
# What stands between a function's parameters and its body: qualifiers, a return type, members' initialisers.
NAME = re.compile(r"([~\w:]+|operator\s*\S+)\s*\(")


def function_name(head):
    """The name of the function that `head`, the code between a statement and a brace, begins; None: it begins none."""
    head = re.sub(r"^\s*#.*$", "", head, flags=re.M).strip()
    head = re.sub(r"^(?:public|private|protected)\s*:\s*", "", head)
    if not head or CONTROL.match(head) or re.match(r"(?:typedef|using|return|namespace|enum)\b", head):
        return None
    found = NAME.search(head)
    if not found or ("=" in head[: found.start()] and "operator" not in head):
        return None
    if found.group(1) in ("TEST", "TEST_F", "TEST_P"):
        return ".".join(re.findall(r"\w+", head[found.end() :])[:2])
    return found.group(1)


def cpp_functions(text):
    """(name, first line, lines) of every function; what is defined within a function counts as its part."""
    code = bare_cpp(text)
    depth, parentheses, since, inside = 0, 0, 0, None
    for match in re.finditer(r"[(){};]", code):
        mark = match.group(0)
        if inside is None and (mark in "()" or parentheses > 0):
            parentheses += {"(": 1, ")": -1}.get(mark, 0)  # braces in a default argument begin no body
            continue
        if mark == "{":
            depth += 1
            if inside is None:
                head = code[since : match.start()]
                first = since + len(head) - len(head.lstrip())
                name = function_name(head)
                inside = (name, code.count("\n", 0, first) + 1, depth) if name else None
        elif mark == "}":
            if inside and inside[2] == depth and not continues(code, match.end()):
                yield inside[0], inside[1], code.count("\n", 0, match.end()) + 1 - inside[1] + 1
                inside = None
            depth -= 1
        if inside is None and mark in "{};":
            since = match.end()


def continues(code, position):
    """Whether a brace of a constructor's initialisers closed here, not its body."""
    return re.match(r"\s*[,{]", code[position:]) is not None


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def exceptions(root):
    lines = read(root, EXCEPTIONS).splitlines()[1:]
    return {tuple(line.split("\t")[:2]): line.split("\t")[2] for line in lines if line}


def main():
    root = pathlib.Path(sys.argv[1])
    excepted, needed, problems = exceptions(root), set(), []
    for kind, functions in (("*.cpp", cpp_functions), ("*.hpp", cpp_functions), ("*.py", python_functions)):
        for path in tracked(root, kind):
            for name, first, length in functions(read(root, path)):
                if length <= LIMIT:
                    continue
                if (name, path) in excepted:
                    needed.add((name, path))
                else:
                    problems.append(f"{path}:{first}: {name} has {length} lines, {LIMIT} fit on a screen")
    for name, path in sorted(set(excepted) - needed):
        problems.append(f"{EXCEPTIONS}: {name} of {path} is no longer too long or no longer there")
    problems += [f"{EXCEPTIONS}: {name} of {path} has no reason" for (name, path), why in excepted.items() if not why]
    print("\n".join(problems + [f"functions: {len(problems)} problem(s)"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
