#!/usr/bin/python3
"""Whether the intervals of a study of simulated cohorts hold the truth of the simulation.

Usage: study_truth.py STUDY COHORT [COHORT2]
STUDY: the folder of a finished `gliocast study run` over cohorts of `gliocast simulate` (with their folder truth).

- Outlines: Dice with the true tumour, beside that with each rater, whose masks are the truth moved.
- Hazard ratios of single factors: what they would be in 40,000 patients. The patients' own factors are drawn anew, each
  with a texture and a time from the hazard of the simulation, and the same Cox model is fitted.
- C of the signature and the hazard ratio of its groups, of patients who were left out and of the second cohort: the
  means over 1,000 draws of these patients' times from that hazard; what the signature says of them stays.
- AUC of the grading: that of the first cohort's patients, each left out in turn, against that of the second.
Prints a Markdown table; exit code 1 where more intervals miss the truth than chance explains (P < 0.005 with 5 %).
Needs nibabel, numpy and scipy."""

import argparse
import csv
import json
import math
import pathlib
import sys

import nibabel as nib
import numpy as np
from scipy import stats

DRAWS, LARGE = 1000, 40000
SHAPE, SCALE = 1.3, 95.0  # of the Weibull times
TEXTURE = math.log(5.69) / 1.6
HISTOLOGY = {"O": math.log(0.31), "OA": math.log(2.27)}
NAMES = {"O": "oligodendroglioma", "OA": "oligoastrocytoma", "A": "astrocytoma"}


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, delimiter="\t"))


def truths_of(cohorts):
    """{id: truth of the simulation, with sex and side of the clinical table}."""
    out = {}
    for cohort in cohorts:
        clinical = {r["patient"]: r for r in rows_of(cohort / "clinical.tsv")}
        for file in sorted((cohort / "truth").glob("*.json")):
            with open(file, encoding="utf-8") as f:
                truth = json.load(f)
            truth["laterality"] = clinical[truth["patient"]]["laterality"]
            out[truth["patient"]] = truth
    return out


def log_hazard(truth, latent):
    return (
        math.log(1.03) * (truth["age"] - 45)
        + (math.log(1.96) if truth["who_grade"] == 3 else 0)
        + HISTOLOGY.get(truth["histology"], 0)
        + (math.log(1.55) if truth["enhancing"] else 0)
        + TEXTURE * latent
    )


def draw(rng, hazards):
    """Times and events of patients with these log hazard ratios."""
    time = SCALE * (rng.exponential(size=len(hazards)) / np.exp(hazards)) ** (1 / SHAPE)
    censored = np.minimum(120, rng.uniform(6, 60, len(hazards)) + 30 * rng.exponential(size=len(hazards)))
    return np.minimum(time, censored), (time <= censored).astype(int)


def cox(x, time, event):
    """Log hazard ratios of columns by Newton's steps; times have no ties."""
    order = np.argsort(-time)
    x, event = x[order], event[order].astype(bool)
    beta = np.zeros(x.shape[1])
    for _ in range(30):
        weight = np.exp(np.clip(x @ beta, -30, 30))
        s0 = np.cumsum(weight)
        s1 = np.cumsum(weight[:, None] * x, axis=0)
        s2 = np.cumsum(weight[:, None, None] * x[:, :, None] * x[:, None, :], axis=0)
        mean = s1[event] / s0[event, None]
        gradient = (x[event] - mean).sum(axis=0)
        information = (s2[event] / s0[event, None, None] - mean[:, :, None] * mean[:, None, :]).sum(axis=0)
        step = np.linalg.solve(information + 1e-9 * np.eye(len(beta)), gradient)
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-8:
            break
    return beta


def concordance(score, time, event, fold):
    """Share of comparable pairs within a fold in which the lower score dies first."""
    first = (event[:, None] == 1) & (time[:, None] < time[None, :]) & (fold[:, None] == fold[None, :])
    lower = (score[:, None] < score[None, :]) + 0.5 * (score[:, None] == score[None, :])
    return float((lower * first).sum() / max(1, first.sum()))


def columns_of(factor, patients):
    """{term as the study names it: column}."""

    def levels(value_of, reference, prefix):
        found = sorted({value_of(p) for p in patients})
        base = reference if reference in found else found[0]
        return {prefix + v: np.array([float(value_of(p) == v) for p in patients]) for v in found if v != base}

    if factor == "age":
        return {"age": np.array([p["age"] for p in patients])}
    if factor == "sex":
        return {"sexmale": np.array([float(p["sex"] == "M") for p in patients])}
    if factor == "grade":
        return {"gradeIII": np.array([float(p["who_grade"] == 3) for p in patients])}
    if factor == "enhancement":
        return {"enhancementyes": np.array([float(p["enhancing"]) for p in patients])}
    if factor == "histology":
        return levels(lambda p: NAMES[p["histology"]], "astrocytoma", "histology")
    return levels(lambda p: p[factor], "", factor)


def univariate_truth(patients, rng):
    """Log hazard ratio of every factor alone among many patients like these."""
    drawn = [patients[i] for i in rng.integers(0, len(patients), LARGE)]
    hazards = np.array([log_hazard(p, z) for p, z in zip(drawn, rng.normal(size=LARGE), strict=True)])
    time, event = draw(rng, hazards)
    out = {}
    for factor in ("age", "sex", "location", "grade", "laterality", "histology", "enhancement"):
        columns = {name: c for name, c in columns_of(factor, drawn).items() if c.var() > 0}
        if columns:
            out |= zip(columns, cox(np.column_stack(list(columns.values())), time, event), strict=True)
    return out


def dice(a, b):
    return 2 * np.logical_and(a, b).sum() / max(1, a.sum() + b.sum())


def outlines(study, cohorts, truths):
    """Mean Dice of the study's outlines with the true tumours, and of each pair of the study's own table."""
    values = []
    for id in truths:
        label = "sub-" + "".join(c for c in id if c.isalnum())
        file = study / "patients" / label / "anat" / f"{label}_space-orig_label-tumor_mask.nii.gz"
        true = next((f for c in cohorts for f in (c / id).glob("*_seg.nii.gz")), None)
        if file.exists() and true:
            values.append(dice(np.asanyarray(nib.load(file).dataobj) > 0, np.asanyarray(nib.load(true).dataobj) > 0))
    lines = [("Dice of the outlines with the true tumours, mean", len(values), "", f"{np.mean(values):.3f}")]
    table = study / "stages/raters/dice.tsv"
    for pair in [c for c in rows_of(table)[0] if c != "id"] if table.exists() else []:
        of_pair = [float(r[pair]) for r in rows_of(table) if r[pair] != "NA"]
        lines.append((f"Dice of {pair}, mean", len(of_pair), f"{np.mean(of_pair):.3f}", ""))
    return lines


class Judge:
    """Collects what lies within its interval."""

    def __init__(self):
        self.lines, self.held, self.all = [], 0, 0

    def add(self, what, n, estimate, lower, upper, truth):
        held = lower <= truth <= upper
        self.held += held
        self.all += 1
        interval = f"{estimate:.3f} ({lower:.3f} to {upper:.3f})"
        self.lines.append((what, n, interval, f"{truth:.3f}{'' if held else ' – not held'}"))


def judge_hazards(study, truths, judge, rng):
    fitted = [truths[r["patient"]] for r in rows_of(study / "stages/signature/clinical.tsv")]
    expected = univariate_truth(fitted, rng)
    for row in rows_of(study / "stages/signature/nomograms/coefficients.tsv"):
        if row["model"] != "clinical, univariate" or row["term"] not in expected:
            continue
        value = [float(row[k]) for k in ("hazard_ratio", "lower", "upper")]
        judge.add(f"HR, {row['term']} alone", len(fitted), *value, math.exp(expected[row["term"]]))


def judge_signature(rows, what, concordance_of, ratio_of, truths, judge, rng):
    """`rows` say signature, group and fold of patients; concordance_of, ratio_of: (estimate, lower, upper) or None."""
    score = np.array([float(r["signature"]) for r in rows])
    high = np.array([float(r["group"].startswith("high")) for r in rows])
    fold = np.array([r.get("fold", "1") for r in rows])
    hazards = np.array([log_hazard(truths[r["id"]], truths[r["id"]]["texture_latent"]) for r in rows])
    found, ratios = [], []
    for _ in range(DRAWS):
        time, event = draw(rng, hazards)
        found.append(concordance(score, time, event, fold))
        if ratio_of and 0 < high.sum() < len(high):
            ratios.append(float(cox(high[:, None], time, event)[0]))
    if concordance_of:
        judge.add(f"C of the signature, {what}", len(rows), *concordance_of, float(np.mean(found)))
    if ratios:
        judge.add(f"HR, high against low risk, {what}", len(rows), *ratio_of, math.exp(float(np.median(ratios))))


def estimate(table, of, statistic):
    for row in table:
        if row["of"] == of and row["statistic"].startswith(statistic) and row["lower"] not in ("", "NA"):
            return tuple(float(row[k]) for k in ("estimate", "lower", "upper"))
    return None


def judge_grading(study):
    """AUC of both cohorts and whether they differ."""
    file = study / "stages/grading_external/external.json"
    if not file.exists():
        return []
    settled = 1  # with squeeze and excitation, on patches
    own = json.loads((study / "stages/grading/study.json").read_text(encoding="utf-8"))["table_1"][settled]["auc"]
    new = json.loads(file.read_text(encoding="utf-8"))["table_1"][0]["auc"]
    z = (own["estimate"] - new["estimate"]) / math.hypot(own["se"], new["se"])
    lines = []
    for name, auc in (("patients left out", own), ("the second cohort", new)):
        interval = f"{auc['estimate']:.3f} ({auc['lower']:.3f} to {auc['upper']:.3f})"
        lines.append((f"AUC of the grading, {name}", "", interval, ""))
    lines.append(("difference of the two, P", "", f"{2 * stats.norm.sf(abs(z)):.2f}", ""))
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", type=pathlib.Path)
    parser.add_argument("cohorts", type=pathlib.Path, nargs="+")
    a = parser.parse_args()
    rng = np.random.default_rng(1)
    truths = truths_of(a.cohorts)
    judge = Judge()
    judge_hazards(a.study, truths, judge, rng)
    metrics = rows_of(a.study / "stages/signature/metrics.tsv")
    of = metrics[0]["of"]
    judge_signature(
        rows_of(a.study / "stages/signature/predictions.tsv"), "patients left out",
        estimate(metrics, of, "C within folds"), estimate(metrics, of, "Hazard ratio"), truths, judge, rng,
    )  # fmt: skip
    external = a.study / "stages/signature/external_predictions.tsv"
    if external.exists():
        ofs = [r["of"] for r in metrics if "external" in r["of"] or "second" in r["of"]]
        if ofs:
            judge_signature(
                rows_of(external), "the second cohort", estimate(metrics, ofs[0], "C"),
                estimate(metrics, ofs[0], "Hazard ratio"), truths, judge, rng,
            )  # fmt: skip
    print("| what | patients | the study (95 %) | the truth |\n|---|---|---|---|")
    for line in [*outlines(a.study, a.cohorts, truths), *judge_grading(a.study), *judge.lines]:
        print("| " + " | ".join(str(c) for c in line) + " |")
    p = stats.binom.sf(judge.all - judge.held - 1, judge.all, 0.05)
    print(f"\n{judge.held} of {judge.all} intervals hold the truth (P of so many misses {p:.3f}).")
    return int(p < 0.005)


if __name__ == "__main__":
    sys.exit(main())
