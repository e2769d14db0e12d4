#!/usr/bin/env python3
"""What the documentation names is there: links, files, modules, options, packages, targets of make; numbers that are
stated twice agree. Usage: check_documents.py SOURCE"""

import hashlib
import json
import math
import pathlib
import re
import subprocess
import sys

# Folders of the repository whose files are named by their path from its root.
TOP = ("apps", "bench", "cmake", "docs", "libs", "models", "python", "tests", "tools", "validation")
SOURCE_ENDINGS = (".cpp", ".hpp", ".py", ".pyi", ".sh", ".R", ".toml", ".cmake")
# Packages by which a find_package of CMake is named in docs/dependencies.md; None: part of the compiler or of CMake.
PACKAGES = {
    "nlohmann_json": "nlohmann-json",
    "PNG": "libpng",
    "GTest": "GoogleTest",
    "Torch": "libtorch",
    "Eigen3": "Eigen",
    "Python3": "python3",
    "Python": "python3",
    "Threads": None,
    "OpenMP": None,
}


def expanded(name):
    """a/{b,c}.txt as a/b.txt and a/c.txt."""
    m = re.search(r"\{([^{}]*,[^{}]*)\}", name)
    return (
        [e for part in m.group(1).split(",") for e in expanded(name[: m.start()] + part + name[m.end() :])]
        if m
        else [name]
    )


class Documents:
    def __init__(self, root):
        self.root = root
        listed = subprocess.run(
            ["git", "-C", root, "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True, check=False
        )
        names = (
            listed.stdout.split("\n")
            if listed.returncode == 0
            else [p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()]
        )
        self.files = sorted(n for n in names if n and not n.startswith("build"))
        self.texts = {f: (root / f).read_text(encoding="utf-8") for f in self.files if f.endswith(".md")}
        self.problems = []

    def say(self, document, text):
        self.problems.append(f"{document}: {text}")

    def read(self, name):
        return (self.root / name).read_text(encoding="utf-8")

    def exists(self, name):
        return (self.root / name).exists() or ("*" in name and any(self.root.glob(name)))

    def check_links(self):
        for document, text in self.texts.items():
            for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
                if "://" not in target and not (self.root / document).parent.joinpath(target).exists():
                    self.say(document, f"links to {target}, which is not there")

    def check_names(self):
        """Paths and source files in backticks; in a module's README its own files."""
        base = {pathlib.PurePosixPath(f).name for f in self.files}
        for document, text in self.texts.items():
            own = pathlib.PurePosixPath(document).parent
            module = own.as_posix() if document.startswith("libs/") else None
            for quoted in re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)):
                for name in expanded(quoted.split()[0]):
                    if name.split("/")[0] in TOP and "/" in name and not re.search(r"[A-Z]{4,}", name):
                        if not self.exists(name) and not self.exists((own / name).as_posix()):
                            self.say(document, f"names {name}, which is not there")
                    elif "/" not in name and name.endswith(SOURCE_ENDINGS):
                        there = (
                            {pathlib.PurePosixPath(f).name for f in self.files if f.startswith(module + "/")}
                            if module
                            else base
                        )
                        if not any(
                            pathlib.PurePosixPath(b).match(name)
                            for b in there | (base if name.endswith(".py") else set())
                        ):
                            self.say(document, f"names {name}, which is not in {module or 'the repository'}")

    def check_folders(self):
        for document, text in self.texts.items():
            if document.startswith("libs/"):
                for name in re.findall(r"`(include/[\w/]+|tests/|src/)`", text):
                    if not (self.root / document).parent.joinpath(name).is_dir():
                        self.say(document, f"names the folder {name}, which is not there")
                subjects = [
                    pathlib.PurePosixPath(f).name
                    for f in self.files
                    if f.startswith(document[: -len("README.md")] + "src/") and f.endswith(".cpp")
                ]
                if "| file of `src/` |" in text:
                    for name in subjects:
                        if f"`{name}`" not in text and not name.endswith("_table.cpp"):
                            self.say(document, f"the table of files lacks {name}")

    def check_modules(self):
        """docs/architecture.md has every module of libs/, in the order of check_structure.py."""
        text = self.texts["docs/architecture.md"]
        named = [m for m in re.findall(r"^\| `(\w+)`", text, re.M) if (self.root / "libs" / m).is_dir()]
        there = sorted(p.name for p in (self.root / "libs").iterdir() if p.is_dir())
        if sorted(named) != there:
            self.say("docs/architecture.md", f"the table of modules has {sorted(named)}, libs/ has {there}")
        rules = re.search(
            r"^ORDER = \[(.*?)\]",
            (self.root / "tests/structure/check_structure.py").read_text(encoding="utf-8"),
            re.M | re.S,
        ).group(1)
        order = re.findall(r'"(\w+)"', rules)
        if order != named:
            self.say("docs/architecture.md", f"modules stand in the order {named}, check_structure.py has {order}")

    def check_options(self):
        """Options in backticks are options of a verb, of a tool or script, or of CMake."""
        sources = [
            f
            for f in self.files
            if f.startswith(("apps/", "tools/", "bench/", "tests/", "validation/"))
            and f.endswith((".cpp", ".py", ".sh", ".R"))
        ]
        known = set(
            re.findall(r"--[a-z][\w-]*", "".join((self.root / f).read_text(encoding="utf-8") for f in sources))
        ) | {"--help", "--version"}
        for document, text in self.texts.items():
            for quoted in re.findall(r"`([^`\n]+)`", text):
                for option in re.findall(r"(?<![\w-])--[a-z][\w-]*", quoted):
                    if option not in known:
                        self.say(document, f"names the option {option}, which nothing has")

    def check_dependencies(self):
        """docs/dependencies.md, tools/install_dependencies.sh and CMake name the same packages."""
        document, text = "docs/dependencies.md", self.texts["docs/dependencies.md"]
        script = (self.root / "tools/install_dependencies.sh").read_text(encoding="utf-8")
        packages = " ".join(re.findall(r"^(?:packages|checking)=\((.*?)^\)", script, re.M | re.S)).split()
        for package in packages:
            if f"`{package}`" not in text:
                self.say(document, f"does not explain `{package}`, which tools/install_dependencies.sh installs")
        for package in re.findall(
            r"`((?:lib[\w.+-]+-dev)|(?:python3-\w+)|(?:r-cran-\w+)|(?:[\w-]+-data)|gnuplot-nox)`", text
        ):
            if package not in packages:
                self.say(document, f"names the package {package}, which tools/install_dependencies.sh does not install")
        for file in (f for f in self.files if f.endswith(("CMakeLists.txt", ".cmake"))):
            if file.startswith("tests/package/"):
                continue
            for name in re.findall(
                r"^\s*find_package\((\w[\w-]*)", (self.root / file).read_text(encoding="utf-8"), re.M
            ):
                known = PACKAGES.get(name, name)
                if known and known.lower() not in text.lower():
                    self.say(document, f"does not name {name}, which {file} needs")

    def check_version(self):
        """The version stands in CMakeLists.txt; what repeats it agrees."""
        version = re.search(r"^project\(gliocast VERSION ([\d.]+)", self.read("CMakeLists.txt"), re.M).group(1)
        cited = re.search(r"^version: (\S+)$", self.read("CITATION.cff"), re.M)
        if not cited or cited.group(1) != version:
            self.say("CITATION.cff", f"does not state version {version} of CMakeLists.txt")
        latest = re.search(r"^## (\S+) \((?:unreleased|\d{4}-\d\d-\d\d)\)$", self.texts["CHANGELOG.md"], re.M)
        if not latest or latest.group(1) != version:
            self.say("CHANGELOG.md", f"does not begin with {version}, unreleased or with its day")

    def check_make(self):
        """`make help` and the documents name targets that are there."""
        makefile = (self.root / "Makefile").read_text(encoding="utf-8")
        targets = set(re.findall(r"^(\w+):", makefile, re.M))
        named = {("Makefile", t) for t in re.findall(r'^\t@echo "make (\w+) ', makefile, re.M)}
        for document, text in self.texts.items():
            named |= {(document, t) for t in re.findall(r"(?:`|^)(?:\w+=\S+ )*make (\w+)", text, re.M)}
        for document, target in sorted(named):
            if target not in targets:
                self.say(document, f"names make {target}, which is no target")

    def check_numbers(self):
        """Numbers that README.md states are those of their source."""
        text, reference = (
            self.texts["README.md"],
            json.loads((self.root / "tests/reference/radiomics/formula_oracle.json").read_text(encoding="utf-8")),
        )
        stated = re.search(r"compares (\d+) configurations", text)
        if stated and int(stated.group(1)) != len(reference):
            self.say(
                "README.md",
                f"states {stated.group(1)} configurations; "
                f"tests/reference/radiomics/formula_oracle.json has {len(reference)}",
            )
        rows = re.findall(r"^\| (?:default|paper788|all) \|(.*)\|$", self.texts["docs/benchmarks.md"], re.M)
        times = [float(r.split("|")[5]) for r in rows]  # "times as fast" of the whole process
        stated = re.search(r"whole process (\d+) to (\d+) times as fast", text)
        if stated and [float(v) for v in stated.groups()] != [min(times), max(times)]:
            self.say("README.md", f"states {stated.group(0)}; docs/benchmarks.md has {min(times):g} to {max(times):g}")

    def check_cards(self):
        """The card of a shipped model says what its file says; each has a licence."""
        for folder in sorted((self.root / "models").iterdir()):
            if not folder.is_dir():
                continue
            document, model = (
                f"models/{folder.name}/README.md",
                json.loads((folder / "model.json").read_text(encoding="utf-8")),
            )
            if not (folder / "LICENSE").exists() or document not in self.texts:
                self.say(f"models/{folder.name}", "has no LICENSE or no README.md")
                continue
            payload = model["payload"]
            wanted = list(model.get("card", {}).values()) + [
                f"AUC {v['auc']:.2f}" for v in [(payload.get("validation") or {}).get("network")] if v
            ]
            if "patch_zyx" in payload:
                size = "×".join(f"{n * payload['spacing_mm']:g}" for n in payload["patch_zyx"])
                features = 8 * payload["network"]["base_width"]
                wanted.append(f"{features} deep features, on the tumour's patch of {size} mm")
            if model.get("kind") == "segmentation":  # two bytes a weight, and a header
                wanted.append(
                    f"{sum((folder / w['name']).stat().st_size for w in model['files']) / 2e6:.1f} million weights"
                )
            if model.get("kind") == "cox":
                wanted += [self.hazard_ratio(payload, i) for i in range(len(payload["terms"]))] + [
                    f"{len(payload['baseline'][0]['time'])} times of {payload['events']} deaths"
                ]
            for text in wanted:
                if text not in self.texts[document]:
                    self.say(document, f"does not say what model.json says: {text}")
            for file in model.get("files", []):
                if hashlib.sha256((folder / file["name"]).read_bytes()).hexdigest() != file["sha256"]:
                    self.say(f"models/{folder.name}", f"{file['name']} is not the file of model.json's checksum")

    @staticmethod
    def hazard_ratio(model, i):
        b, se = model["coefficients"][i], model["variance"][i][i] ** 0.5
        digits = 3 if se < 0.05 else 2
        return " to ".join(
            [
                f"{math.exp(b):.{digits}f} ({math.exp(b - 1.959964 * se):.{digits}f}",
                f"{math.exp(b + 1.959964 * se):.{digits}f})",
            ]
        )


def main():
    documents = Documents(pathlib.Path(sys.argv[1]).resolve())
    checks = [
        documents.check_links,
        documents.check_names,
        documents.check_folders,
        documents.check_modules,
        documents.check_options,
        documents.check_dependencies,
        documents.check_version,
        documents.check_make,
        documents.check_numbers,
        documents.check_cards,
    ]
    for check in checks:
        check()
    for line in sorted(set(documents.problems)):
        print(line)
    print(f"{len(documents.texts)} documents, {len(set(documents.problems))} problem(s)")
    return 1 if documents.problems else 0


if __name__ == "__main__":
    sys.exit(main())
