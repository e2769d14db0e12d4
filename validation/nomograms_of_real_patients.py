#!/usr/bin/env python3
"""What a radiomic signature adds to clinical factors, of real patients of public tables: `gliocast signature evaluate`
with nomograms, in which signature and nomograms are fitted anew in every fold.

Usage: nomograms_of_real_patients.py GLIOCAST TABLES OUT [--repeats R] [--joins]
TABLES: folder with the tables of UCSF-PDGM (features and metadata), TCGA (Bakas' features of LGG and GBM) and
Ceccarelli 2016 (Table S1A); OUT: a folder to write. --joins: the tables alone. Needs pandas. Prints what is joined and
a Markdown table: C of the clinical and of the integrated nomogram within the folds, their difference with its interval
by a bootstrap over patients, integrated Brier scores, and in how many folds the risk group stayed.
"""

import argparse
import pathlib
import subprocess

import pandas as pd

DAYS_A_MONTH = 365.25 / 12
CLINICAL = ["age", "sex", "grade", "histology"]
# Xu 2022 has no molecular factors; WHO 2021 does.
MOLECULAR = [*CLINICAL, "idh"]


def ucsf(tables, grades):
    """T1-Gd features of PyRadiomics; survival and clinical factors of the metadata."""
    features = pd.read_csv(tables / "ucsf_pdgm_pyradiomics_t1gd.csv")
    features = features[["ID", *[c for c in features.columns if c.startswith("original_")]]]
    meta = pd.read_csv(tables / "ucsf_pdgm_metadata.csv")
    diagnosis = meta["Final pathologic diagnosis (WHO 2021)"].str.split(",").str[0]
    clinical = pd.DataFrame(
        {
            "ID": meta["ID"],
            "months": meta["OS"] / DAYS_A_MONTH,
            "dead": meta["1-dead 0-alive"],
            "age": meta["Age at MRI"],
            "sex": meta["Sex"],
            "grade": meta["WHO CNS Grade"].map({2: "II", 3: "III", 4: "IV"}),
            "histology": diagnosis,
            "idh": meta["IDH"].map(lambda v: "wildtype" if v == "wildtype" else "mutant"),
        }
    )
    return features, clinical[clinical["grade"].isin(grades)]


def tcga(tables, kinds):
    """Bakas' features of all sequences; survival and clinical factors of Ceccarelli 2016."""
    parts = [pd.read_csv(tables / f"tcga_{kind}_bakas_radiomics.csv") for kind in kinds]
    features = pd.concat(parts).drop(columns="Date")
    s1a = pd.read_csv(tables / "tcga_glioma_ceccarelli2016_s1a.csv")
    clinical = pd.DataFrame(
        {
            "ID": s1a["Case"],
            "months": s1a["Survival (months)"],
            "dead": s1a["Vital status (1=dead)"],
            "age": s1a["Age (years at diagnosis)"],
            "sex": s1a["Gender"],
            "grade": s1a["Grade"].map({"G2": "II", "G3": "III", "G4": "IV"}),
            "histology": s1a["Histology"],
            "idh": s1a["IDH status"],
        }
    )
    return features, clinical


def join(features, clinical):
    """Patients of both tables who have survival and the clinical factors; columns that vary and are mostly there."""
    clinical = clinical.dropna(subset=["months", "dead", *CLINICAL])
    features = features[features["ID"].isin(clinical["ID"])].reset_index(drop=True)
    clinical = clinical[clinical["ID"].isin(features["ID"])].assign(dead=lambda t: t["dead"].astype(int))
    values = features.drop(columns="ID").apply(pd.to_numeric, errors="coerce")
    kept = values.columns[(values.notna().mean() >= 0.5) & (values.nunique() > 1)]
    return pd.concat([features[["ID"]], values[kept]], axis=1), clinical


def evaluate(program, folder, name, factors, repeats):
    out = folder / f"{name}-{len(factors)}"
    command = [program, "signature", "evaluate", folder / f"{name}-features.csv"]
    command += ["--clinical", folder / f"{name}-clinical.csv", "--time", "months", "--event", "dead", "--id", "ID"]
    command += ["--times", "12,36,60", "--nomograms", "--factors", ",".join(factors), "--repeats", repeats]
    command += ["--out", out, "--overwrite", "--quiet"]
    subprocess.run([str(c) for c in command], check=True, stdout=subprocess.DEVNULL)
    return out / "nomograms"


def line(name, factors, results):
    performance = pd.read_csv(results / "performance.tsv", sep="\t").set_index(["data", "nomogram"])
    tested = performance.loc["cross-validation"]
    c, brier = (next(k for k in tested.columns if k.startswith(word)) for word in ("C ", "integrated Brier"))
    selection = pd.read_csv(results / "selection.tsv", sep="\t").set_index("factor")["integrated"]
    p, n, events = tested.loc["integrated less clinical", ["P of the difference in C", "patients", "events"]]
    cells = [name, f"{int(n)} ({int(events)})", ", ".join(factors)]
    cells += [tested.loc[m, c] for m in ("clinical", "integrated", "integrated less clinical")] + [str(p)]
    cells += [tested.loc["integrated less clinical", brier], selection.get("risk_group", "never")]
    return "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gliocast")
    parser.add_argument("tables", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--joins", action="store_true")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    cohorts = {
        "UCSF-PDGM, II and III": ucsf(arguments.tables, ["II", "III"]),
        "UCSF-PDGM": ucsf(arguments.tables, ["II", "III", "IV"]),
        "TCGA LGG": tcga(arguments.tables, ["lgg"]),
        "TCGA LGG and GBM": tcga(arguments.tables, ["lgg", "gbm"]),
    }
    lines = []
    for title, tables in cohorts.items():
        name = title.lower().replace(",", "").replace(" ", "-")
        features, clinical = join(*tables)
        features.to_csv(arguments.out / f"{name}-features.csv", index=False)
        clinical.to_csv(arguments.out / f"{name}-clinical.csv", index=False)
        n, events = len(clinical), int(clinical["dead"].sum())
        print(
            f"{title}: {len(tables[0])} with features, {len(tables[1])} with clinical data; {n} joined, {events} deaths"
        )
        print(f"  {features.shape[1] - 1} features; longest follow-up {clinical['months'].max():.1f} months")
        for factors in [] if arguments.joins else [CLINICAL, MOLECULAR]:
            results = evaluate(arguments.gliocast, arguments.out, name, factors, arguments.repeats)
            lines.append(line(title, factors, results))
    if lines:
        print(
            "| table | n (deaths) | clinical candidates | C clinical | C integrated | difference | P | difference in "
            "integrated Brier score | risk group stayed |"
        )
        print("|" + "---|" * 9)
        print("\n".join(lines))


if __name__ == "__main__":
    main()
