#!/usr/bin/env python3
"""Rules of the house that the compiler does not check (docs/architecture.md): direction of includes, where third-party
headers may be seen, libraries neither print nor exit, sources are listed one by one. Usage: check_structure.py
REPOSITORY"""

import pathlib
import re
import sys

# A module may use the modules above it.
ORDER = [
    "core",
    "models",
    "findings",
    "stats",
    "survival",
    "learn",
    "signature",
    "imageio",
    "itk_bridge",
    "dicom",
    "image",
    "preprocess",
    "radiomics",
    "nn",
    "analysis",
    "cohort",
    "simulation",
    "report",
    "pipeline",
    "study",
]
# Headers of these libraries may be seen only in the sources of these modules.
CONFINED = {
    r"itk\w+\.h": {"itk_bridge", "dicom", "image", "preprocess"},
    r"torch/|ATen/": {"nn"},
    r"Eigen/": {"learn", "radiomics", "stats", "survival"},
    r"unsupported/Eigen/": {"preprocess"},
    r"yaml-cpp/": {"core"},
    r"png\.h": {"report"},
    r"svm\.h|xgboost/": {"learn"},
    r"gdcm\w+\.h": {"dicom"},
    r"libdeflate\.h": {"imageio"},
    r"spdlog/": {"core"},
    r"openssl/": {"core"},
    r"CLI/": set(),
}
FORBIDDEN_IN_LIBS = [
    r"std::cout",
    r"std::cerr",
    r"\bprintf\s*\(",
    r"std::printf",
    r"\b(std::)?exit\s*\(",
    r"\b(std::)?abort\s*\(",
    r"\bputs\s*\(",
]
# core's progress bar is the one place that draws on the terminal.
MAY_PRINT = {"libs/core/src/progress.cpp"}


def core_base(root):
    """Names of core_base's headers, as its CMakeLists.txt lists them."""
    text = (root / "libs/core/CMakeLists.txt").read_text(encoding="utf-8")
    return set(re.findall(r"core/(\w+)\.hpp", text.split("gliocast_module(core_base")[1].split(")")[0]))


def main():
    root = pathlib.Path(sys.argv[1])
    base = core_base(root)
    problems = []
    for path in sorted((root / "libs").rglob("*.?pp")):
        relative = path.relative_to(root).as_posix()
        module, part = relative.split("/")[1], relative.split("/")[2]
        text = path.read_text(encoding="utf-8")
        for include in re.findall(r'#include\s+[<"]([^>"]+)[>"]', text):
            used = re.match(r"gliocast/(\w+)/(\w+)", include)
            if used and used.group(1) != module and part != "tests":
                name = used.group(1)
                if name not in ORDER:
                    problems.append(f"{relative}: includes the unknown module {name}")
                elif ORDER.index(name) > ORDER.index(module):
                    problems.append(f"{relative}: {module} may not use {name}, which stands below it")
                elif module == "nn" and (name != "core" or used.group(2) not in base):
                    problems.append(f"{relative}: nn may use core_base only, not {include}")
            for pattern, modules in CONFINED.items():
                if re.match(pattern, include) and (module not in modules or part == "include"):
                    problems.append(f"{relative}: {include} may not be seen here")
        includes = " ".join(re.findall(r"#include\s+<([^>]+)>", text))
        if "Eigen/" in includes and re.search(r"\bitk\w+\.h", includes):
            problems.append(f"{relative}: ITK and Eigen meet in one translation unit")
        if part in ("src", "include") and relative not in MAY_PRINT:
            code = re.sub(r"//[^\n]*", "", text)
            for pattern in FORBIDDEN_IN_LIBS:
                if re.search(pattern, code):
                    problems.append(f"{relative}: libraries neither print nor exit ({pattern})")
        if path.suffix == ".hpp" and "#pragma once" not in text:
            problems.append(f"{relative}: no #pragma once")
    for path in root.rglob("CMakeLists.txt"):
        if "build" not in path.parts and re.search(r"GLOB", path.read_text(encoding="utf-8")):
            problems.append(f"{path.relative_to(root)}: sources are listed, not globbed")
    for line in problems:
        print(line)
    print(f"{len(problems)} problem(s)")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
