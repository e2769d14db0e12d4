#!/usr/bin/python3
"""Every table of a finished `gliocast study run` folder, computed again from the rows that it wrote, without gliocast.

Usage: recompute_study.py STUDY
Rows: predictions, clinical facts, features, groups, outlines of STUDY/stages. Survival, tests and nomograms (fitted
anew in each fold) are R's (recompute_study.R: survival, Hmisc, jsonlite), all else is written out here: DeLong, ICC
(2,1) with the limits of McGraw & Wong, Brier scores weighted by censoring with standard errors by the derivative of
each row's weight, bootstraps with the study's own draws (MT19937-64, remainder). Needs R, numpy and nibabel.
Says of each row of each table "equal" or what differs by more than the printed digits round, and of each table that
cannot be computed again why. Exit code 1 where something differs.
"""

import csv
import json
import math
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
NUMBER = re.compile(r"NA|<0\.001|[-−]?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
CLASSES = ("accuracy", "sensitivity", "specificity", "precision")
SEQUENCES = {"t1": "T1", "t1gd": "T1-Gd", "t2": "T2", "flair": "FLAIR"}


def rows_of(path):
    if not path.exists():
        return []
    with open(path, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))


def json_of(path):
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def floats(rows, column):
    return np.array([float(r[column]) if r[column] not in ("", "NA") else math.nan for r in rows])


class Checks:
    """Counts what is equal and what is not."""

    def __init__(self):
        self.equal = self.different = 0
        self.tables = set()

    def row(self, table, row, pairs, loose=False):
        """`pairs`: what was printed, and the numbers (or text) that belong there. `loose`: to a thousandth, where a
        coefficient runs away: how far it has come moves other digits."""
        self.tables.add(table)
        wrong, count = [], 0
        for printed, expected in pairs:
            expected = expected if isinstance(expected, (list, tuple)) else [expected]
            if isinstance(expected[0], str):
                count += 1
                if printed != expected[0]:
                    wrong.append(f"printed {printed!r}, is {expected[0]!r}")
                continue
            found = NUMBER.findall(printed)
            count += len(expected)
            if len(found) != len(expected) or not all(self.same(f, e, loose) for f, e in zip(found, expected)):
                wrong.append(f"printed {printed!r}, is {', '.join(f'{v:.6g}' for v in expected)}")
        if wrong:
            self.different += 1
            print(f"DIFFERS  {table}: {row}: {'; '.join(wrong)}")
        else:
            self.equal += 1
            print(f"equal    {table}: {row} ({count} values)")

    @staticmethod
    def same(text, value, loose=False):
        value = math.nan if value is None else float(value)
        if text == "NA":
            return not math.isfinite(value)
        if text == "<0.001":
            return value < 0.001
        text = text.replace("−", "-")
        mantissa, _, exponent = text.partition("e")
        digits = len(mantissa.partition(".")[2]) - int(exponent or 0)
        return math.isfinite(value) and abs(float(text) - value) <= 0.5000001 * 10.0**-digits + (
            1e-3 if loose else 1e-5
        ) * abs(value)

    @staticmethod
    def not_computed(table, why):
        print(f"not recomputed  {table}: {why}")


class Mersenne:
    """The 64-bit Mersenne Twister (Matsumoto & Nishimura 2004)."""

    N, M, MASK = 312, 156, (1 << 64) - 1

    def __init__(self, seed):
        self.state = [seed & self.MASK]
        for i in range(1, self.N):
            last = self.state[-1]
            self.state.append((6364136223846793005 * (last ^ (last >> 62)) + i) & self.MASK)
        self.at = self.N

    def __call__(self):
        if self.at == self.N:
            self.turn()
        x = self.state[self.at]
        self.at += 1
        x ^= (x >> 29) & 0x5555555555555555
        x ^= (x << 17) & 0x71D67FFFEDA60000
        x ^= (x << 37) & 0xFFF7EEE000000000
        return x ^ (x >> 43)

    def turn(self):
        s = self.state
        for i in range(self.N):
            x = (s[i] & 0xFFFFFFFF80000000) | (s[(i + 1) % self.N] & 0x7FFFFFFF)
            s[i] = s[(i + self.M) % self.N] ^ (x >> 1) ^ (0xB5026F5AA96619E9 if x & 1 else 0)
        self.at = 0


def bootstrap(n, draws, seed):
    """[draw, row]: how often each of n patients is drawn."""
    random, counts = Mersenne(seed), np.zeros((draws, n))
    for d in range(draws):
        for _ in range(n):
            counts[d, random() % n] += 1
    return counts


def percentiles(values, level):
    known = values[~np.isnan(values)]
    return [np.nan] * 2 if len(known) < 2 else list(np.quantile(known, [(1 - level) / 2, (1 + level) / 2]))


def normal_quantile(level):
    return statistics.NormalDist().inv_cdf(0.5 + level / 2)


def two_sided(z):
    return math.erfc(abs(z) / math.sqrt(2)) if math.isfinite(z) else math.nan


def around(value, se, level, least=-math.inf, most=math.inf):
    half = normal_quantile(level) * se
    if math.isnan(half):
        return [value, math.nan, math.nan]
    return [value, max(value - half, least), min(value + half, most)]


# --- Grading


def auc_draws(score, truth, weight):
    """AUC of each draw, NaN where it has one class."""
    pairs = (score[truth == 1][:, None] > score[truth == 0]) + 0.5 * (score[truth == 1][:, None] == score[truth == 0])
    positive, negative = weight[:, truth == 1], weight[:, truth == 0]
    sizes = positive.sum(1) * negative.sum(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.einsum("di,ij,dj->d", positive, pairs, negative) / sizes


def components(score, truth):
    pairs = (score[truth == 1][:, None] > score[truth == 0]) + 0.5 * (score[truth == 1][:, None] == score[truth == 0])
    return pairs.mean(1), pairs.mean(0)


def delong(score, truth, other=None):
    """AUC (or its difference from another) and its standard error."""
    x, y = components(score, truth)
    value = x.mean()
    if other is not None:
        u, v = components(other, truth)
        value, x, y = value - u.mean(), x - u, y - v
    if len(x) < 2 or len(y) < 2:
        return value, math.nan
    return value, math.sqrt(np.var(x, ddof=1) / len(x) + np.var(y, ddof=1) / len(y))


def at_the_cut(positive, truth):
    tp, fp = np.sum(positive & (truth == 1)), np.sum(positive & (truth == 0))
    fn, tn = np.sum(~positive & (truth == 1)), np.sum(~positive & (truth == 0))
    ratio = lambda a, b: a / b if b else math.nan  # noqa: E731
    return {
        "accuracy": ratio(tp + tn, len(truth)),
        "sensitivity": ratio(tp, tp + fn),
        "specificity": ratio(tn, tn + fp),
        "precision": ratio(tp, tp + fp),
        "npv": ratio(tn, tn + fn),
        "f1": ratio(2 * tp, 2 * tp + fp + fn),
    }


def grading(study, o, checks):
    for folder, tables in (
        ("grading", {"table_1": "integrated", "table_2": "network alone", "table_s3": "radiomics"}),
        ("grading_external", {"table_1": "integrated"}),
    ):
        rows = rows_of(study / "stages" / folder / "predictions.tsv")
        if not rows:
            continue
        external = folder != "grading"
        details = json_of(study / "stages" / folder / ("external.json" if external else "study.json"))
        truth = np.array([int(r["high_grade"]) for r in rows])
        weight = bootstrap(len(rows), o["grading_draws"], o["seed"])
        weight = weight[(weight[:, truth == 1].sum(1) > 0) & (weight[:, truth == 0].sum(1) > 0)]
        for table, part in tables.items():
            printed = rows_of(study / "stages" / folder / f"{table}.tsv")
            name = table + ("_external" if external else "")
            for row, told in zip(printed, details[table], strict=True):
                model, *_ = row.values()
                score = floats(rows, f"{part}: {model}")
                positive = floats(rows, f"{part}: {model}, class") == 1
                interval = percentiles(auc_draws(score, truth, weight), o["level"])
                cut = at_the_cut(positive, truth)
                auc = delong(score, truth)[0]
                pairs = [(row["AUC"], auc), (row[next(c for c in row if c.endswith("% CI"))], interval)]
                pairs += [(row[m.capitalize()], cut[m]) for m in CLASSES]
                if "P against integrated" in row:
                    value, se = delong(floats(rows, f"integrated: {model}"), truth, score)
                    pairs.append((row["P against integrated"], two_sided(value / se) if se > 0 else math.nan))
                # Not in the table, but beside it in JSON.
                pairs += [(repr_of(told[m]["estimate"]), cut[m]) for m in ("npv", "f1")]
                pairs.append((repr_of(told["brier"]["estimate"]), np.mean((score - truth) ** 2)))
                if external:
                    above = score >= details["audit"]["threshold"]
                    pairs.append((f"{np.sum(positive)}", float(np.sum(above))))
                checks.row(name, model, pairs)
            checks.tables.add(name)


def repr_of(number):
    return "NA" if number is None else f"{number:.9f}"


# --- Agreement of raters


def icc_2_1(a, b):
    """ICC(2,1) of two ratings with its mean squares; as psych::ICC, type ICC2 (Shrout & Fleiss 1979)."""
    x = np.column_stack([a, b])
    n, k = x.shape
    between = k * np.sum((x.mean(1) - x.mean()) ** 2) / (n - 1)
    raters = n * np.sum((x.mean(0) - x.mean()) ** 2) / (k - 1)
    rest = x - x.mean(1, keepdims=True) - x.mean(0) + x.mean()
    error = np.sum(rest**2) / ((n - 1) * (k - 1))
    value = (between - error) / (between + (k - 1) * error + k * (raters - error) / n)
    with np.errstate(divide="ignore", invalid="ignore"):
        fj = raters / error
        p = n * (1 + (k - 1) * value) - k * value
        v = (k - 1) * (n - 1) * (k * value * fj + p) ** 2 / ((n - 1) * (k * value * fj) ** 2 + p**2)
    return value, between, raters, error, v


def icc_limits(n, between, raters, error, upper, lower):
    k = 2
    c = k * raters + (k * n - k - n) * error
    return [
        n * (between - upper * error) / (upper * c + n * between),
        n * (lower * between - error) / (c + n * lower * between),
    ]


def spread(values):
    known = values[~np.isnan(values)]
    return known, [*np.quantile(known, [0.5, 0.25, 0.75])] if len(known) else [math.nan] * 3


def readings_of(study, ids):
    """[reader][patient] -> folder and number of the rater, 0 the expert or the network, who is the last reader."""
    label = lambda id: "sub-" + re.sub(r"[^A-Za-z0-9]", "", id)  # noqa: E731
    return [[(study / "patients" / label(id), rater) for id in ids] for rater in (1, 2, 0)]


def found_nothing(folder):
    record = json_of(folder / "examination.json")
    return record is not None and record["tumour_cm3"] == 0


def outline_of(folder, rater):
    import nibabel

    what = f"desc-rater{rater}_mask" if rater else "label-tumor_mask"
    files = sorted(folder.glob(f"anat/*_space-work_{what}.nii.gz"))
    return np.asarray(nibabel.load(files[0]).dataobj) > 0 if files else None


def dice_of(a, b):
    masks = [outline_of(*a), outline_of(*b)]
    if a[1] == 0 and masks[1] is not None and found_nothing(a[0]):
        return 0.0
    if any(m is None for m in masks):
        return math.nan
    size = masks[0].sum() + masks[1].sum()
    return 2 * np.sum(masks[0] & masks[1]) / size if size else 1.0


def raters(study, o, checks):
    folder = study / "stages/raters"
    rows = rows_of(folder / "dice.tsv")
    if not rows:
        return None
    ids = [r["id"] for r in rows]
    pairs_of = [c for c in rows[0] if c != "id"]
    read = readings_of(study, ids)
    places = [(0, 1), (2, 0), (2, 1)]
    summary = rows_of(folder / "dice_summary.tsv")
    for (a, b), name, row in zip(places, pairs_of, summary, strict=True):
        dice = np.array([dice_of(x, y) for x, y in zip(read[a], read[b])])
        checks.row("dice by patient", name, [(r[name], v) for r, v in zip(rows, dice)])
        known, (median, q1, q3) = spread(dice)
        values = [len(known), known.mean(), known.std(ddof=1), median, q1, q3, known.min(), np.mean(known < 0.5)]
        checks.row("dice", name, list(zip(list(row.values())[1:], values, strict=True)))
    return {"read": read, "places": places, "names": pairs_of, "printed": rows_of(folder / "icc.tsv")}


def trained_outlines(study, checks):
    """Of the networks that the study trained to outline: summaries of the Dice of patients who were left out."""
    folder = study / "stages/segmentation"
    rows = rows_of(folder / "dice.tsv")
    for row in rows_of(folder / "dice_summary.tsv"):
        dice = np.array([float(r["dice"]) for r in rows if r["role"] == row["Patients"]])
        sd = dice.std(ddof=1) if len(dice) > 1 else math.nan
        values = [len(dice), dice.mean(), sd, np.median(dice), dice.min(), dice.max()]
        checks.row("dice_trained", row["Patients"], list(zip(list(row.values())[1:], values, strict=True)))


def records(readings):
    out = []
    for folder, rater in readings:
        record = json_of(folder / "examination.json")
        if record and rater:
            told = record.get("raters", [None, None])[rater - 1]
            record = {**record, **told} if told and "radiomics" in told else None
        out.append(record if record and record.get("tumour_cm3", 1) != 0 else None)
    return out


def icc_parts(found):
    """Mean squares of each printed ICC, in the order of the rows."""
    told = [records(folders) for folders in found["read"]]
    names = next(r for r in told[0] if r)["features"]
    parts = []
    for row in found["printed"]:
        key = next(k for k, v in SEQUENCES.items() if v == row["sequence"])
        place, f = found["places"][found["names"].index(row["pair"])], names.index(row["feature"])
        both = []
        for x, y in zip(told[place[0]], told[place[1]]):
            values = [r["radiomics"].get(key, [None] * len(names))[f] if r else None for r in (x, y)]
            if all(v is not None and math.isfinite(v) for v in values):
                both.append(values)
        parts.append((len(both), *icc_2_1(*np.array(both, dtype=float).T)) if len(both) >= 5 else None)
    return parts


def icc(study, o, found, parts, asked, checks):
    groups = {}
    wrong, limits, counted = [], iter(zip(asked["f_upper"], asked["f_lower"])), 0
    for row, part in zip(found["printed"], parts, strict=True):
        expected = [math.nan] * 3
        if part is not None:
            n, value, between, rater, error, v = part
            low_high = icc_limits(n, between, rater, error, *next(limits)) if math.isfinite(v) else [math.nan] * 2
            expected = [value, *low_high]
        if error_free(part):
            continue
        counted += 1
        printed = [row["icc"], row["lower"], row["upper"]]
        if not all(map(checks.same, printed, expected)):
            wrong.append(f"{row['sequence']} {row['feature']} {row['pair']}: printed {printed}, is {expected}")
        groups.setdefault((row["sequence"], row["pair"]), []).append(expected[0])
    for line in wrong[:10]:
        print(f"DIFFERS  icc by feature: {line}")
    checks.different += len(wrong)
    equal = counted - len(wrong)
    print(f"{'' if wrong else 'equal    '}icc by feature: {equal} of {counted} rows, with limits")
    for row in rows_of(study / "stages/raters/icc_summary.tsv"):
        known, (median, q1, q3) = spread(np.array(groups[row["Sequence"], row["Pair"]]))
        values = [len(known), np.mean(known > 0.75), median, q1, q3]
        columns = ["Features", "Share above 0.75", "Median", "First quartile", "Third quartile"]
        checks.row("icc", f"{row['Sequence']}, {row['Pair']}", [(row[c], v) for c, v in zip(columns, values)])


def error_free(part):
    """Agreement without a rest: its limits are limits of a formula that divides by 0."""
    return part is not None and part[4] == 0


# --- Survival


def pairs_of(time, event):
    """[i, j]: i died before j's time ended."""
    return (event[:, None] == 1) & ((time[:, None] < time) | ((time[:, None] == time) & (event == 0)[None, :]))


def concordance(time, event, risk, fold=None, weight=None):
    """Harrell's C of each draw of `weight`, pairs within folds alone."""
    comparable = pairs_of(time, event).astype(float)
    if fold is not None:
        comparable *= fold[:, None] == fold
    higher = (risk[:, None] > risk) + 0.5 * (risk[:, None] == risk)
    weight = np.ones((1, len(time))) if weight is None else weight
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.einsum("di,ij,dj->d", weight, comparable * higher, weight)
        return value / np.einsum("di,ij,dj->d", weight, comparable, weight)


def staircase(time, leaves, stays, weight):
    """Kaplan–Meier of `leaves`, who go after those of `stays` at the same time: its times and values."""
    steps, values, value = [], [], 1.0
    for t in np.unique(time[leaves]):
        at_risk = weight[time >= t].sum() - weight[(time == t) & stays].sum()
        value *= 1 - weight[(time == t) & leaves].sum() / at_risk
        steps.append(t)
        values.append(value)
    return np.array(steps), np.array([1.0, *values])


def weights_of_censoring(time, event, t, weight):
    """Of each row at t: 1 / chance that what is known of it is known; 0 where nothing is."""
    none = np.zeros(len(time), bool)
    steps, value = staircase(time, event == 0, event == 1, weight) if (event == 0).any() else (none[:0], np.ones(1))
    known = np.zeros(len(time))
    died, beyond = (time <= t) & (event == 1), time > t
    known[died] = 1 / value[np.searchsorted(steps, time[died], side="left")]
    known[beyond] = 1 / value[np.searchsorted(steps, t, side="right")]
    return known


def brier(time, event, predicted, t, weight=None):
    weight = np.ones(len(time)) if weight is None else weight
    known = weights_of_censoring(time, event, t, weight)
    return np.sum(weight * known * ((time > t) - predicted) ** 2) / weight.sum()


def brier_over(time, event, predicted, times, weight=None):
    """The mean over 0 to the last of `times` by trapezoids; at 0 it is 0."""
    scores = [0.0, *(brier(time, event, predicted[:, k], times[k], weight) for k in range(1, len(times)))]
    return np.trapz(scores, times) / times[-1]


def influences(n, statistic):
    """Of each row: the derivative of the statistic by its weight."""
    step, out = 1e-5, []
    for i in range(n):
        weight = np.ones(n)
        weight[i] += step
        above = statistic(weight)
        weight[i] -= 2 * step
        out.append((above - statistic(weight)) / (2 * step))
    return np.array(out)


def se_of(influence):
    n = len(influence)
    return math.sqrt(np.sum((influence - influence.mean()) ** 2) * n / (n - 1))


def kaplan_meier_at(time, event, t):
    steps, value = staircase(time, event == 1, np.zeros(len(time), bool), np.ones(len(time)))
    return value[np.searchsorted(steps, t, side="right")]


class Rows:
    """Signatures of patients who were left out."""

    def __init__(self, rows, o, signature="signature", group="group"):
        self.rows, self.o = rows, o
        self.time, self.event = floats(rows, "time"), floats(rows, "event")
        self.signature = floats(rows, signature)
        self.low = np.array([r[group] == "low risk" for r in rows], float)
        self.fold = floats(rows, "fold") if "fold" in rows[0] else None
        self.weight = bootstrap(len(rows), o["signature_draws"], o["seed"])

    def values(self, weight=None):
        """C within folds, of the groups, over all folds."""
        c = lambda risk, fold: concordance(self.time, self.event, -risk, fold, weight)  # noqa: E731
        return [c(self.signature, self.fold), c(self.low, self.fold), c(self.signature, None)]

    def factor(self, repeats=1):
        k = len(np.unique(self.fold))
        return 1 / repeats + k / (k - 1)


def metrics(repeats, o):
    """The three C with their intervals, of all repeats of a cross-validation (or of one second cohort)."""
    values = [[v[0] for v in r.values()] for r in repeats]
    draws = [r.values(r.weight) for r in repeats]
    out = []
    for i in range(3):
        value = np.mean([v[i] for v in values])
        if repeats[0].fold is None:
            out.append([value, *percentiles(np.mean([d[i] for d in draws], axis=0), o["level"])])
            continue
        variance = np.mean([np.nanvar(d[i], ddof=1) for d in draws]) * repeats[0].factor(len(repeats))
        out.append(around(value, math.sqrt(variance), o["level"], 0, 1))
    return out


def signature_table(study, o, asked, checks):
    folder = study / "stages/signature"
    said = rows_of(folder / "predictions.tsv")
    repeats = [Rows([r for r in said if r["repeat"] == n], o) for n in sorted({r["repeat"] for r in said}, key=int)]
    expected = {}
    first = rows_of(folder / "metrics_printed.tsv")[0]["of"]
    for of, rows, test in (
        (first, repeats, asked.get("groups")),
        ("external", None, asked.get("external_groups")),
    ):
        if of == "external":
            other = rows_of(folder / "external_predictions.tsv")
            if not other:
                continue
            rows = [Rows(other, o)]
        within, groups, pooled = metrics(rows, o)
        folds = rows[0].fold is not None
        expected[of, "C within folds" if folds else "C"] = within
        expected[of, "C of the groups"] = groups
        expected[of, "C over all folds"] = pooled
        factor = rows[0].factor() if folds else 1
        if test:
            ratio = around(test["b"], math.sqrt(factor) * test["se"], o["level"])
            expected[of, "Hazard ratio, high against low risk"] = (
                [math.nan] * 3 if test["infinite"] else [math.exp(v) for v in ratio]
            )
            p = math.erfc(math.sqrt(test["chisq"] / factor / 2))
            expected[of, "Log-rank P of the groups" + (", with the variance of the fits" if folds else "")] = [
                p, math.nan, math.nan,
            ]  # fmt: skip
    for row in rows_of(folder / "metrics_printed.tsv"):
        key = row["of"], row["statistic"]
        if key not in expected:
            checks.not_computed("signature", f"{key}: no rows for it are written")
            continue
        checks.row("signature", ", ".join(key), list(zip([row["estimate"], row["lower"], row["upper"]], expected[key])))
    return repeats


def ways(study, o, asked, checks):
    rows = rows_of(study / "stages/signature/comparison_predictions.tsv")
    printed = rows_of(study / "stages/signature/comparison.tsv")
    first = None
    for row in printed:
        name = row["Signature"]
        grouped = f"{name}: group" in rows[0]
        if grouped:
            r = Rows(rows, o, f"{name}: signature", f"{name}: group")
        else:
            inverted = [{**x, "s": str(-float(x[f"{name}: risk"])), "g": ""} for x in rows]
            r = Rows(inverted, o, "s", "g")
        value, draws = r.values()[0][0], r.values(r.weight)[0]
        interval = around(value, math.sqrt(np.nanvar(draws, ddof=1) * r.factor()), o["level"], 0, 1)
        pairs = [(row["C"], value), (row[next(c for c in row if c.endswith("% CI"))], interval[1:])]
        if first is None:
            first = value, draws
        else:
            se = math.sqrt(np.nanvar(first[1] - draws, ddof=1) * r.factor())
            pairs.append(
                (row["P against the first"] or "NA", two_sided((first[0] - value) / se) if se > 0 else math.nan)
            )
        if grouped:
            test = asked.get("ways", {}).get(f"{name}: group")
            pairs.append((row["High risk"], float(len(rows) - r.low.sum())))
            pairs.append((row["Log-rank P"] or "NA", math.erfc(math.sqrt(test["chisq"] / 2)) if test else math.nan))
        checks.row("signature_ways", name, pairs)


def sequences(study, o, checks):
    folder = study / "stages/signature"
    rows = rows_of(folder / "sequence_predictions.tsv")
    printed = rows_of(folder / "sequences.tsv")
    if not rows or not printed:
        if printed:
            checks.not_computed("sequences", "no sequence_predictions.tsv: a study of an earlier version")
        return
    outcome = {r["id"]: r for r in rows_of(folder / "predictions.tsv")}
    times = [float(r["time"]) for r in outcome.values()]
    median = float(np.median(times))
    died = lambda r: r["event"] == "1" and float(r["time"]) < median  # noqa: E731
    label = {i: died(r) for i, r in outcome.items() if r["event"] == "1" or float(r["time"]) >= median}
    truth = np.array([int(label.get(r["id"], -1)) for r in rows])
    checks.row(
        "sequences", "labels",
        [("".join(r["unfavourable"] for r in rows), "".join(map(str, truth))), (str(len(rows)), float(len(label)))],
    )  # fmt: skip
    aucs = {row["Sequence"]: delong(floats(rows, row["Sequence"]), truth) for row in printed}
    best = max(aucs, key=lambda s: aucs[s][0])
    for row in printed:
        value, low, high = around(*aucs[row["Sequence"]], 0.95, 0, 1)
        pairs = [(row["AUC"], value), (row[next(c for c in row if c.endswith("% CI"))], [low, high])]
        pairs += [(row["Patients"], float(len(rows))), (row["Unfavourable"], float(truth.sum()))]
        pairs += [(row["Censored before the median"], float(len(times) - len(label)))]
        pairs += [(row["Taken"], "yes" if row["Sequence"] == best else "no")]
        checks.row("sequences", row["Sequence"], pairs)


def ratio_text(r):
    return [r["hr"], r["lower"], r["upper"]]


def ratios(study, asked, checks):
    folder = study / "stages/signature/nomograms"
    for table, last in (("univariate", "kept"), ("table_3", "in the nomogram"), ("table_4", "in the nomogram")):
        printed = rows_of(folder / f"{table}.tsv")
        checks.tables.add(table)
        found = {r["factor"]: r for r in asked.get(table) or []}
        second = {r["factor"]: r for r in asked.get(table.replace("table", "validation")) or []}
        if len(found) != len(printed):
            checks.row(table, "rows", [(str(len(printed)), float(len(found)))])
        elif not printed:
            print(f"equal    {table}: no factor, as R finds")
        for row in printed:
            r = found.get(row["factor"])
            if r is None:
                checks.not_computed(table, f"{row['factor']}: R names the column otherwise")
                continue
            pairs = []
            for part, result in (("training", r), ("validation", second.get(row["factor"]))):
                ratio = next((row[c] for c in row if c.startswith(f"{part} HR")), None)
                if ratio is None:
                    continue
                if result is None or result["infinite"]:
                    pairs.append((row[f"{part} P"], "NA"))
                    pairs.append((ratio, "NA" if result is None else "not estimable (separation)"))
                    continue
                pairs += [(ratio, ratio_text(result)), (row[f"{part} P"], result["p"])]
            pairs += [(row["P of the factor"], r["p_factor"]), (row[last], "yes" if r["kept"] else "no")]
            checks.row(table, row["factor"], pairs)


class Compared:
    """Clinical and integrated nomogram on the same rows."""

    def __init__(self, told, o):
        self.o, self.told = o, told
        self.time, self.event = np.array(told["time"], float), np.array(told["event"], float)
        self.fold = np.array(told["fold"], float)
        self.models = ("clinical", "integrated")
        self.order = o["order"]

    def c(self):
        """C of both, their difference with limits, and its P."""
        values = [self.told[m]["c"]["value"] for m in self.models]
        level = self.o["level"]
        if len(np.unique(self.fold)) == 1:
            influence = [np.array(self.told[m]["c"]["influence"], float) for m in self.models]
            se = [math.sqrt(np.sum(i**2)) for i in influence]
            both = math.sqrt(np.sum((influence[1] - influence[0]) ** 2))
            difference = values[1] - values[0]
            p = two_sided(difference / both) if both > 1e-12 else math.nan
            limits = [around(v, s, level, 0, 1) for v, s in zip(values, se)]
            return [*limits, around(difference, both, level)], p
        place = {id: k for k, id in enumerate(sorted(self.told["id"], key=self.order.__getitem__))}
        weight = bootstrap(len(self.time), self.o["signature_draws"], self.o["seed"])
        weight = weight[:, [place[id] for id in self.told["id"]]]
        risks = [np.array(self.told[m]["risk"], float) for m in self.models]
        drawn = [concordance(self.time, self.event, r, self.fold, weight) for r in risks]
        known = ~np.isnan(drawn[0]) & ~np.isnan(drawn[1])
        drawn = [d[known] for d in drawn]
        difference = drawn[1] - drawn[0]
        count = min(np.sum(difference >= -1e-15), np.sum(difference <= 1e-15))
        p = min(1.0, 2 * (1 + count) / (1 + len(difference)))
        out = [[v, *percentiles(d, level)] for v, d in zip(values, drawn)]
        return [*out, [values[1] - values[0], *percentiles(difference, level)]], p

    def integrated_brier(self):
        times = np.array(self.told["times"], float)
        n, level = len(self.time), self.o["level"]
        values, influence = [], []
        for m in self.models:
            grid = np.array(self.told[m]["grid"], float)
            statistic = lambda w, g=grid: brier_over(self.time, self.event, g, times, w)  # noqa: E731
            values.append(statistic(np.ones(n)))
            influence.append(influences(n, statistic))
        se = se_of(influence[1] - influence[0])
        difference = values[1] - values[0]
        limits = [around(v, se_of(i), level, 0, 1) for v, i in zip(values, influence)]
        p = two_sided(difference / se) if se > 1e-12 else math.nan
        return [*limits, around(difference, se, level)], p

    def brier_at(self, model, k):
        t, n = self.o["times"][k], len(self.time)
        if t > self.time.max():
            return [math.nan] * 4, math.nan
        predicted = np.array(self.told[model]["survival"], float)[:, k]
        statistic = lambda w: brier(self.time, self.event, predicted, t, w)  # noqa: E731
        se = se_of(influences(n, statistic))
        value, low, high = around(statistic(np.ones(n)), se, self.o["level"], 0, 1)
        without = brier(self.time, self.event, np.full(n, kaplan_meier_at(self.time, self.event, t)), t)
        return [value, se, low, high], without


def performance(study, o, asked, checks):
    folder = study / "stages/signature/nomograms"
    compared = {name: Compared(told, o) for name, told in (asked.get("comparisons") or {}).items()}
    parts = {name: (c.c(), c.integrated_brier()) for name, c in compared.items()}
    for row in rows_of(folder / "performance.tsv"):
        name = f"{row['data']}, {row['nomogram']}"
        if row["data"] not in compared:
            checks.not_computed("performance", f"{name}: repeated cross-validation")
            continue
        c, ((values, p), (scores, p_brier)) = compared[row["data"]], parts[row["data"]]
        i = {"clinical": 0, "integrated": 1}.get(row["nomogram"], 2)
        columns = list(row)
        pairs = [(row["patients"], float(len(c.time))), (row["events"], float(c.event.sum()))]
        pairs += [(row[columns[4]], values[i]), (row[columns[6]], scores[i])]
        if i == 2:
            pairs += [(row["P of the difference in C"], p), (row["P of the difference in Brier score"], p_brier)]
        else:
            slope = c.told[row["nomogram"]]["slope"]
            known = [math.nan if slope[k] is None else slope[k] for k in ("value", "se")]
            expected = math.nan if math.isnan(known[0]) else around(*known, o["level"])
            if c.told[row["nomogram"]]["runs"]:
                checks.not_computed(
                    "performance", f"{name}, slope: a coefficient of a fold runs away, how far is no number"
                )
            else:
                pairs.append((row[columns[8]], expected))
        checks.row("performance", name, pairs, any(c.told[m]["runs"] for m in c.models))
    at_times(folder, o, compared, checks)


def at_times(folder, o, compared, checks):
    for row in rows_of(folder / "at_times.tsv"):
        time = next(v for c, v in row.items() if c.startswith("time ("))
        name = f"{row['data']}, {row['nomogram']}, {time}"
        if row["data"] not in compared:
            checks.not_computed("at_times", f"{name}: repeated cross-validation")
            continue
        c, k = compared[row["data"]], o["times"].index(float(time))
        values, without = c.brier_at(row["nomogram"], k)
        distance = c.told[row["nomogram"]]["distance"][k]
        pairs = list(zip([row["brier"], row["se"], row["lower"], row["upper"]], values))
        pairs.append((row["brier without a model"], without))
        pairs.append((row["mean |observed - predicted|"], math.nan if distance is None else distance))
        checks.row("at_times", name, pairs, c.told[row["nomogram"]]["runs"])


def weights(study, checks):
    """Table S4's weights times z-scores are the signature that the model gave the second cohort."""
    model = study / "stages/signature_model/model"
    printed = rows_of(study / "stages/signature_model/table_s4.tsv")
    if not printed:
        return
    members = sorted(model.glob("signature_*/model.json"))
    parts = [json_of(m)["payload"]["model"] for m in members]
    for number, part in enumerate(parts, 1):
        rows = [r for r in printed if r.get("member", "1") == str(number)]
        told = {c["feature"]: c for c in part["candidates"]}
        pairs = [(r["weight"], told[r["feature"]]["weight"]) for r in rows]
        pairs += [(r["importance"], told[r["feature"]]["importance"]) for r in rows]
        pairs.append((str(len(rows)), float(len(told))))
        checks.row("table_s4", f"member {number}, beside the model", pairs)
    sequence = json_of(model / "model.json")["payload"]["sequence"]
    if any(m for p in parts for m in p.get("networks", []) if m):
        checks.not_computed("signature of the second cohort", "deep features are not written as rows")
        return
    for row in rows_of(study / "stages/signature/external_predictions.tsv"):
        label = "sub-" + re.sub(r"[^A-Za-z0-9]", "", row["id"])
        record = json_of(study / "patients" / label / "examination.json")
        values = dict(zip(record["features"], record["radiomics"][sequence]))
        checks.row("signature of the second cohort", row["id"], signature_pairs(row, parts, values))


def signature_pairs(row, parts, values):
    total = cut = 0.0
    for part in parts:
        scale = part["scale"]
        z = [(values[f] - m) / s for f, m, s in zip(part["features"], scale["centre"], scale["scale"], strict=True)]
        total += sum(w * x for w, x in zip(part["weights"], z)) / len(parts)
        cut += part["cut"] / len(parts)
    return [(f"{float(row['signature']):.9f}", total), (row["group"], "high risk" if total < cut else "low risk")]


# --- Characteristics


def count_text(values, level):
    known = [v for v in values if v not in ("", "NA")]
    return f"{known.count(level)} ({100 * known.count(level) / len(known):.1f} %)" if known else "–"


def quartile_numbers(values):
    known = [float(v) for v in values if v not in ("", "NA")]
    return list(np.quantile(known, [0.5, 0.25, 0.75])) if known else [math.nan] * 3


def same_digits(text, expected):
    """Whether numbers of four significant digits, more where the whole part has more, are these."""
    found = [float(t) for t in NUMBER.findall(text)]
    last = [min(1.0, 10.0 ** (math.floor(math.log10(abs(v))) - 3)) if v else 1e-9 for v in expected]
    return len(found) == len(expected) and all(abs(f - v) <= 0.5001 * d for f, v, d in zip(found, expected, last))


def characteristics(study, o, asked, checks):
    included = {r["patient"]: r for r in rows_of(study / "stages/patients/included.tsv")}
    for table, cohorts in o["cohorts"].items():
        printed = rows_of(study / f"tables/{table}.tsv")
        if not printed:
            continue
        groups = [[included[i] for i in ids] for ids in cohorts if ids]
        columns = [c for c in printed[0] if " (n = " in c]
        sizes = [len(g) for g in groups] if len(columns) > 1 else []
        everyone = [r for g in groups for r in g]
        checks.row(
            table,
            "columns",
            [
                (c.rpartition("= ")[2].rstrip(")"), float(n))
                for c, n in zip(columns, [*sizes, len(everyone)], strict=True)
            ],
        )
        groups = [*(groups if len(columns) > 1 else []), everyone]
        variable = None
        for row in printed:
            name = row["characteristic"]
            pairs = []
            if not name.startswith("  "):
                variable, kind = name.rsplit(", ", 1)
                told = asked[table][variable]
                if "p" in row:
                    pairs += [(row["test"].replace(" (simulated)", ""), told["name"])]
                    tolerance = "simulated" in row["test"]
                    pairs += [] if tolerance else [(row["p"] or "NA", math.nan if told["p"] is None else told["p"])]
                if kind.startswith("median"):
                    for c, g in zip(columns, groups):
                        expected = quartile_numbers([r[variable] for r in g])
                        ok = same_digits(row[c], expected)
                        pairs.append((row[c], row[c] if ok else f"median {expected}"))
            elif name.strip() == "missing":
                pairs += [(row[c], float(sum(r[variable] in ("", "NA") for r in g))) for c, g in zip(columns, groups)]
            else:
                pairs += [(row[c], count_text([r[variable] for r in g], name.strip())) for c, g in zip(columns, groups)]
            if pairs:
                checks.row(table, f"{variable}: {name.strip()}" if name.startswith("  ") else name, pairs)


def feature_classes(study, checks):
    """Table S1 of the columns of a stage's table of features."""
    tables = sorted((study / "stages/grading").glob("features_*.tsv"))
    if not tables:
        return
    classes = {}
    for name in tables[0].read_text(encoding="utf-8").splitlines()[0].split("\t")[3:]:
        image, _, rest = name.partition("_")
        of, _, feature = rest.partition("_")
        images, names, count = classes.setdefault(of, (set(), [], []))
        images.add(image)
        count.append(name)
        if feature not in names:
            names.append(feature)
    for row in rows_of(study / "tables/table_s1.tsv"):
        images, names, count = classes.pop(row["Class"])
        pairs = [(row["Images"], ", ".join(sorted(images))), (row["Names"], ", ".join(names))]
        pairs += [(row["Features of an image"], float(len(names))), (row["In all"], float(len(count)))]
        checks.row("table_s1", row["Class"], pairs)
    if classes:
        checks.row("table_s1", "classes", [("", ", ".join(classes))])


def parts_of_split(study):
    """Who was tested and who was not, in the order of the printed columns; empty where nobody was split."""
    printed = rows_of(study / "tables/split.tsv")
    if not printed:
        return {}
    (split,) = json_of(study / "stages/grading/study.json")["audit"]
    parts = {"training and validation": split["training"] + split["validation"], "test": split["tested"]}
    columns = [c.partition(" (n = ")[0] for c in printed[0] if " (n = " in c]
    return {"split": [parts[c] for c in columns if c in parts]}


def missing(study, o, checks):
    included = {r["patient"]: r for r in rows_of(study / "stages/patients/included.tsv")}
    flow = json_of(study / "stages/patients/flow.json")
    names = {c["cohort"]: ids for c, ids in zip(flow, o["cohorts"]["characteristics"])}
    for row in rows_of(study / "stages/patients/missing.tsv"):
        column = row["column"]
        rows = [included[i] for i in names.get(row["cohort"], [])]
        absent = sum(r.get(column, "") in ("", "NA") for r in rows)
        checks.row(
            "missing",
            f"{column}, {row['cohort']}",
            [(row["known"], float(len(rows) - absent)), (row["missing"], float(absent))],
        )


def flow(study, checks):
    """Who was found less who was removed is who is left."""
    for c in json_of(study / "stages/patients/flow.json"):
        for before, after in zip(c["steps"], c["steps"][1:]):
            gone = sum(r["patients"] for r in after["removed"])
            checks.row(
                "flow", f"{c['cohort']}: {after['left']}", [(str(before["patients"] - gone), float(after["patients"]))]
            )


# --- The tables of the report's folder are those of the stages


def printed_forms(study, checks):
    for file in sorted((study / "tables").glob("*.tsv")):
        for ending in (".md",):
            beside = file.with_suffix(ending)
            if not beside.exists():
                continue
            text = beside.read_text(encoding="utf-8")
            cells = [c for r in rows_of(file) for c in r.values() if c]
            lacks = [c for c in cells if c.strip().replace("|", "\\|") not in text]
            checks.row("forms", beside.name, [("every cell" if not lacks else f"lacks {lacks[0]}", "every cell")])


def published(study, checks):
    """Numbers beside the published ones, and naive ones, are copies: of evaluation.json and study.json."""
    for row in rows_of(study / "published.tsv"):
        text = (study / row["file"]).read_text(encoding="utf-8")
        numbers = [abs(float(v)) for v in re.findall(r"-?\d+\.\d+(?:e-?\d+)?|\b\d+\b", text)]
        found = [float(v) for v in NUMBER.findall(row["this study"].split(" (no")[0]) if v != "NA"]
        lacks = [v for v in found if not any(abs(v - n) <= 0.00050001 for n in numbers)]
        checks.row(
            "published",
            row["quantity"],
            [("all in " + row["file"] if not lacks else f"{lacks[0]} is not there", "all in " + row["file"])],
        )


# --- Subgroups


def subgroup_rows(study):
    """Of each result of the table: its rows, the score, and what else it needs."""
    stages = study / "stages"
    for name, folder in (("Grading", "grading"), ("Grading, second cohort", "grading_external")):
        rows = rows_of(stages / folder / "predictions.tsv")
        for model in ("+ SE, patches",):
            if rows and f"integrated: {model}" in rows[0]:
                yield name, rows, floats(rows, f"integrated: {model}"), floats(rows, "high_grade"), None
    for name, file in (("Signature", "predictions.tsv"), ("Signature, second cohort", "external_predictions.tsv")):
        rows = [r for r in rows_of(stages / "signature" / file) if r.get("repeat", "1") == "1"]
        if rows:
            yield name, rows, floats(rows, "signature"), floats(rows, "event"), floats(rows, "time")


def subgroup_value(score, event, time, fold, o):
    """AUC by DeLong, or C of pairs within folds, with limits."""
    if time is None:
        return around(*delong(score, event), o["level"], 0, 1)
    statistic = lambda w: concordance(time, event, -score, fold, w[None, :])[0]  # noqa: E731
    influence = influences(len(score), statistic)
    folds = len(np.unique(fold)) if fold is not None else 1
    factor = 1 + folds / (folds - 1) if folds > 1 else 1
    return around(statistic(np.ones(len(score))), math.sqrt(factor * np.sum(influence**2)), o["level"], 0, 1)


def subgroups(study, o, checks):
    printed = rows_of(study / "tables" / "subgroups.tsv")
    if not printed:
        return
    included = {r["patient"]: r for r in rows_of(study / "stages/patients/included.tsv")}
    for file in sorted((study / "stages/grading").glob("features_*.tsv")):
        for r in rows_of(file):
            included[r["id"]]["cohort"] = r["centre"]
    results = {name: rest for name, *rest in subgroup_rows(study)}
    for row in printed:
        rows, score, event, time = results[row["Result"]]
        column = {"Sex": "sex", "Age": "age", "Centre": "cohort"}.get(row["Subgroup"])
        if column is None:
            take = np.ones(len(rows), bool)
        elif column == "age":
            word = row["Level"].split()
            age = np.array([float(included[r["id"]]["age"] or "nan") for r in rows])
            take = age < float(word[-1]) if word[0] == "<" else age >= float(word[-1])
        else:
            take = np.array([included[r["id"]][column] == row["Level"] for r in rows])
        name = f"{row['Result']}, {row['Subgroup']} {row['Level']}"
        if column == "cohort" and not take.any():
            checks.not_computed("subgroups", f"{name}: no file names the centres of these patients")
            continue
        pairs = [(row["Patients"], float(take.sum())), (row["Events"], float(event[take].sum()))]
        if row["Value"] != "–":
            fold = floats(rows, "fold")[take] if time is not None and "fold" in rows[0] else None
            value = subgroup_value(score[take], event[take], None if time is None else time[take], fold, o)
            pairs += [(row["Value"], value[0]), (next(v for c, v in row.items() if c.endswith("% CI")), value[1:])]
        checks.row("subgroups", name, pairs)


def confusion(study, checks):
    for row in rows_of(study / "tables" / "confusion.tsv"):
        folder = "grading" if row["Patients"] == "left out" else "grading_external"
        rows = rows_of(study / "stages" / folder / "predictions.tsv")
        high, said = floats(rows, "high_grade") == 1, floats(rows, "integrated: + SE, patches, class") == 1
        counts = [np.sum(high & said), np.sum(high & ~said), np.sum(~high & ~said), np.sum(~high & said)]
        pairs = [(v, float(n)) for v, n in zip(list(row.values())[1:5], counts)]
        pairs.append((row["Accuracy"], np.mean(high == said)))
        pairs.append((row["Share of the larger class"], max(high.mean(), 1 - high.mean())))
        checks.row("confusion", row["Patients"], pairs)


# --- What a study was


def setting(text, key, section=None):
    if section:
        text = re.search(rf"^{section}:.*?\n((?:  .*\n|\n)*)", text, re.M).group(1)
    return re.search(rf"^ *{key}: *([^#\n]*)", text, re.M).group(1).strip()


def options(study):
    text = (study / "settings.yaml").read_text(encoding="utf-8")
    evaluation = json_of(study / "stages/signature/evaluation.json") or {}
    nomograms = evaluation.get("nomograms") or {}
    included = rows_of(study / "stages/patients/included.tsv")
    first = json_of(study / "stages/patients/flow.json")[0]["steps"][-1]["patients"]
    split = [[r["patient"] for r in included[:first]], [r["patient"] for r in included[first:]]]
    low = {
        r["patient"] for r in included
        if r.get("grade") in ("II", "III") and r.get("time", "") and r.get("event", "")
    }  # fmt: skip
    seed = int(setting(text, "seed"))
    clinical = rows_of(study / "stages/signature/clinical.tsv")
    return {
        "seed": seed,
        "level": float(setting(text, "level")),
        "times": [float(t) for t in json.loads(setting(text, "times"))],
        "grading_draws": int(setting(text, "draws", "grading")),
        "signature_draws": int(setting(text, "draws", "signature")),
        "repeats": int(setting(text, "repeats", "signature")),
        "rule": nomograms.get("drop_rule", "lrt"),
        "candidates": nomograms.get("candidates", []),
        "permuted": json_of(study / "study.json")["permuted"],
        "cohorts": {
            "characteristics": split,
            "table_s2": [[i for i in ids if i in low] for ids in split],
            **parts_of_split(study),
        },
        "described": [
            "age", "sex", "grade", "histology", "location", "laterality", "enhancement", "idh", "1p19q", "time",
            "event",
        ],
        "order": {r["patient"]: k for k, r in enumerate(clinical)},
    }  # fmt: skip


def ask_r(study, o):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as f:
        json.dump(o, f)
        f.flush()
        said = subprocess.run(
            ["Rscript", str(HERE / "recompute_study.R"), str(study), f.name],
            capture_output=True,
            text=True,
            check=False,
        )
    if said.returncode != 0:
        sys.exit(f"R: {said.stderr}")
    return json.loads(said.stdout)


REASONS = {
    "methods": "it holds words, no results",
    "acquisition": "it is of headers and JSON files beside the images, which the folder does not hold",
    "excluded": "the reasons are of columns of the clinical table that was given, which the folder does not hold",
}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    study = pathlib.Path(sys.argv[1]).resolve()
    if not (study / "study.json").exists():
        sys.exit(f"{study}: no finished study (no study.json)")
    o, checks = options(study), Checks()
    found = raters(study, o, checks)
    trained_outlines(study, checks)
    parts = icc_parts(found) if found else []
    judged = [p for p in parts if p is not None]
    asked = ask_r(study, {**o, "icc_n": [p[0] for p in judged], "icc_v": [p[5] for p in judged]})
    if found:
        icc(study, o, found, parts, asked, checks)
    flow(study, checks)
    missing(study, o, checks)
    characteristics(study, o, asked["characteristics"], checks)
    feature_classes(study, checks)
    grading(study, o, checks)
    if "survival" in asked:
        survival = asked["survival"]
        signature_table(study, o, survival, checks)
        ways(study, o, survival, checks)
        sequences(study, o, checks)
        if (study / "stages/signature/nomograms/fitted_groups.tsv").exists():
            ratios(study, survival, checks)
            performance(study, o, survival, checks)
        weights(study, checks)
    subgroups(study, o, checks)
    confusion(study, checks)
    printed_forms(study, checks)
    published(study, checks)
    for file in sorted((study / "tables").glob("*.tsv")):
        if file.stem not in checks.tables:
            checks.not_computed(file.stem, REASONS.get(file.stem, "its rows are not in the folder"))
    print(f"{checks.equal} rows equal, {checks.different} differ")
    return 1 if checks.different else 0


if __name__ == "__main__":
    sys.exit(main())
