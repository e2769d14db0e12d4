#!/usr/bin/python3
"""Nested cross-validation of gliocast's chains on public tables beside scikit-learn's scaler with an SVM grid and its
random forest, in the same outer folds.

Usage: grading_against_scikit_learn.py GLIOCAST TABLES OUT [--repeats R]
TABLES: folder with the tables of UCSF-PDGM (features and metadata) and TCGA (LGG and GBM features); OUT: a folder to
write. Needs pandas, SciPy and scikit-learn. Prints a Markdown table: AUC within the folds with its
interval by a bootstrap over patients, the difference from the better of the two peers with its interval (the same
draws), calibration slope, Brier score.
"""

import argparse
import json
import pathlib
import subprocess

import numpy as np
import pandas as pd
from scipy.stats import rankdata
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

CHAINS = ["paper", "screen-lasso-svm", "lasso", "forest", "net-forest"]
GRID = {"svc__C": 2.0 ** np.arange(-5, 16, 4), "svc__gamma": 2.0 ** np.arange(-15, 6, 4)}


def make_tables(tables, out):
    """UCSF: T1-Gd features of PyRadiomics, WHO grade 4 against 2 and 3. TCGA: Bakas' features, GBM against LGG."""
    features = pd.read_csv(tables / "ucsf_pdgm_pyradiomics_t1gd.csv")
    grades = pd.read_csv(tables / "ucsf_pdgm_metadata.csv")[["ID", "WHO CNS Grade"]]
    ucsf = features.merge(grades, on="ID").rename(columns={"WHO CNS Grade": "grade"})
    ucsf = ucsf[["ID", "grade", *[c for c in ucsf.columns if c.startswith("original_")]]]
    ucsf.to_csv(out / "ucsf.csv", index=False)
    parts = []
    for name, kind in (("tcga_lgg", "LGG"), ("tcga_gbm", "GBM")):
        part = pd.read_csv(tables / f"{name}_bakas_radiomics.csv")
        part.insert(1, "grade", kind)
        parts.append(part.drop(columns="Date"))
    pd.concat(parts).to_csv(out / "tcga.csv", index=False)
    return {"ucsf": "4", "tcga": "GBM"}


def gliocast(program, table, positive, chain, repeats, out):
    folder = out / f"{table.stem}-{chain}"
    command = [program, "grade", "evaluate", table, "--label", "grade", "--positive", positive, "--chain", chain]
    command += ["--repeats", repeats, "--seed", 1, "--out", folder, "--overwrite", "--quiet"]
    subprocess.run([str(c) for c in command], check=True, stdout=subprocess.DEVNULL)
    predictions = pd.read_csv(folder / "predictions.tsv", sep="\t", dtype={"id": str})
    return predictions, json.loads((folder / "evaluation.json").read_text())


def peers():
    inner = StratifiedKFold(5, shuffle=True, random_state=1)
    svm = make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), SVC())
    forest = make_pipeline(SimpleImputer(strategy="median"), RandomForestClassifier(500, random_state=1, n_jobs=2))
    return {
        "scikit-learn, scaler and SVM grid": GridSearchCV(svm, GRID, cv=inner, scoring="roc_auc", n_jobs=2),
        "scikit-learn, forest of 500": forest,
    }


def peer_scores(x, y, fold, model):
    """Scores of the rows left out, in the folds given."""
    scores = np.empty(len(y))
    for f in np.unique(fold):
        held = fold == f
        model.fit(x[~held], y[~held])
        kind = model.decision_function if hasattr(model, "decision_function") else None
        scores[held] = kind(x[held]) if kind else model.predict_proba(x[held])[:, 1]
    return scores


def auc_within(y, scores, fold):
    """Share of pairs of the same fold that are in order: decision values of two folds are on two scales."""
    wins = pairs = 0.0
    for f in np.unique(fold):
        held = fold == f
        positives = y[held].sum()
        negatives = held.sum() - positives
        ranks = rankdata(scores[held])
        wins += ranks[y[held] == 1].sum() - positives * (positives + 1) / 2
        pairs += positives * negatives
    return wins / pairs


def interval(values):
    return f"{np.percentile(values, 2.5):.3f} to {np.percentile(values, 97.5):.3f}"


def compare(program, table, positive, repeats, out):
    rows = pd.read_csv(table, dtype={"ID": str}).set_index("ID")
    y = (rows["grade"].astype(str) == positive).to_numpy().astype(int)
    x = rows.drop(columns="grade").apply(pd.to_numeric, errors="coerce").replace([np.inf, -np.inf], np.nan)
    x = x.loc[:, x.notna().mean() >= 0.5].to_numpy()
    scores, notes = {}, {}
    for chain in CHAINS:
        predictions, found = gliocast(program, table, positive, chain, repeats, out)
        by_repeat = [p.set_index("id").loc[rows.index] for _, p in predictions.groupby("repeat")]
        scores[f"gliocast, {chain}"] = [p["probability"].to_numpy() for p in by_repeat]
        folds = [p["fold"].to_numpy() for p in by_repeat]
        slope = found["calibration"]["slope"]
        notes[f"gliocast, {chain}"] = (
            f"{slope['estimate']:.2f} ({slope['lower']:.2f} to {slope['upper']:.2f})",
            f"{found['brier']['estimate']:.3f}",
        )
    for name, model in peers().items():
        scores[name] = [peer_scores(x, y, fold, model) for fold in folds]
        notes[name] = ("", "")
    draw = np.random.default_rng(1)
    draws = [d for d in (draw.integers(0, len(y), len(y)) for _ in range(2000)) if 0 < y[d].sum() < len(y)]

    def auc(name, d):
        return np.mean([auc_within(y[d], s[d], f[d]) for s, f in zip(scores[name], folds)])

    drawn = {name: np.array([auc(name, d) for d in draws]) for name in scores}
    every = np.arange(len(y))
    better = max((n for n in scores if n.startswith("scikit")), key=lambda n: auc(n, every))
    for name in scores:
        difference = (
            ""
            if name == better
            else f"{auc(name, every) - auc(better, every):+.3f} ({interval(drawn[name] - drawn[better])})"
        )
        print(
            f"| {table.stem} | {name} | {auc(name, every):.3f} ({interval(drawn[name])}) | {difference} | "
            f"{notes[name][0]} | {notes[name][1]} |",
            flush=True,
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gliocast")
    parser.add_argument("tables", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--repeats", type=int, default=1)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    print(
        "| table | method | nested AUC (95 %) | less the better peer | calibration slope | Brier |\n"
        "|---|---|---|---|---|---|"
    )
    for name, positive in make_tables(arguments.tables, arguments.out).items():
        compare(arguments.gliocast, arguments.out / f"{name}.csv", positive, arguments.repeats, arguments.out)


if __name__ == "__main__":
    main()
