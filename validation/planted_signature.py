#!/usr/bin/python3
"""Does a radiomic signature find the texture that `gliocast simulate` plants in tumour and hazard, and nothing where
the hazard has no such term?

Usage: planted_signature.py GLIOCAST OUT [--seeds 1-10] [--training 200] [--external 300] [--pool DRAWS]
       [--training-cohorts N] [--keep-images]
For each seed two cohorts of grade II and III, each with ten scanners of its own, are drawn on 2 mm: one to train on,
one external. 788 radiomic features of T1-Gd within the true outline; then `gliocast signature evaluate --nomograms
--external`: signature, clinical and integrated nomogram fitted to the training patients alone. The same images serve
twice: with the texture's term in the hazard, and without, where outcomes are drawn anew.
--pool 1-10: the external cohorts of all seeds are one, and so are the training ones (--training-cohorts: of the first
seeds alone); the images stay, and times and events are drawn anew ten times.
Prints a Markdown table of the external patients: C of both nomograms and their paired difference (95 %). What is in OUT
is not done again, and runs of other seeds or draws may go side by side once the features are there. Images are deleted
then. Needs nibabel and numpy.
"""

import argparse
import json
import pathlib
import shutil
import subprocess

import nibabel as nib
import numpy as np

# As the chain of `study` but for the z-scores, which are of the whole image, as PyRadiomics has them.
INTENSITIES = ("normalize:true", "normalizeScale:100", "binWidth:5", "voxelArrayShift:300")
FACTORS = ("age", "sex", "location", "factor(who_grade)", "laterality", "histology", "enhancement")
GRID = ["--centres", 10, "--high-grade", 0, "--spacing", 2, "--only", "t1gd", "--no-raters"]
ARMS = {"with": [], "without": ["--no-texture-term"]}


def run(*words):
    subprocess.run([str(w) for w in words], check=True, stdout=subprocess.DEVNULL)


def write_masks(folder):
    """A mask of the whole tumour beside each patient's true labels; the table of cases of `radiomics --batch`."""
    lines = ["ID\tImage\tMask"]
    for patient in sorted(folder.glob("SIM-*")):
        labels = nib.load(patient / f"{patient.name}_seg.nii.gz")
        mask = (np.asarray(labels.dataobj) > 0).astype(np.uint8)
        nib.save(nib.Nifti1Image(mask, labels.affine), patient / "tumour.nii")
        lines.append(f"{patient.name}\t{patient.name}/{patient.name}_t1ce.nii.gz\t{patient.name}/tumour.nii")
    (folder / "cases.tsv").write_text("\n".join(lines) + "\n")


class Cohort:
    """Simulated patients with the features of their images; numbers from `first` on."""

    def __init__(self, program, folder, seed, first, patients):
        self.program, self.folder, self.seed, self.features = program, folder, seed, folder / "features.tsv"
        self.simulate = [program, "simulate", "--out", folder, "--patients", patients, "--first", first]
        self.simulate += ["--seed", seed, *GRID, "--threads", 1, "--quiet", "--resume"]

    def draw_images(self, keep):
        if not self.features.exists():
            run(*self.simulate)
            write_masks(self.folder)
            settings = [word for setting in INTENSITIES for word in ("--setting", setting)]
            part = self.folder / "part.tsv"
            run(self.program, "radiomics", "--batch", self.folder / "cases.tsv", "--preset", "paper788", *settings,
                "--out", part, "--threads", 1, "--quiet", "--overwrite")  # fmt: skip
            part.rename(self.features)
        if not keep:
            for patient in self.folder.glob("SIM-*"):
                shutil.rmtree(patient)
        return self

    def outcomes(self, arm, draw=0):
        """The clinical table; draw 0: outcomes of the cohort's own seed."""
        table = self.folder / (f"{arm}_{draw}.tsv" if draw else f"{arm}.tsv")
        if not table.exists():
            # No two cohorts share a seed: patients of one number would have the same luck.
            run(*self.simulate, *ARMS[arm], *(["--outcome-seed", 10000 * draw + self.seed] if draw else []))
            shutil.copy(self.folder / "clinical.tsv", table)
        return table

    def planted(self):
        truths = (json.loads(path.read_text()) for path in (self.folder / "truth").glob("*.json"))
        return {truth["patient"]: truth["texture_latent"] for truth in truths}


class Pool:
    """Cohorts as one; ids get the cohort's seed in front."""

    def __init__(self, cohorts, folder):
        self.cohorts, self.folder, self.features = cohorts, folder, folder / "features.tsv"
        folder.mkdir(parents=True, exist_ok=True)
        if not self.features.exists():
            self.join([c.features for c in cohorts], self.features)

    def join(self, tables, joined):
        lines = []
        for cohort, table in zip(self.cohorts, tables):
            header, *rows = table.read_text().splitlines()
            lines += [*([] if lines else [header]), *(f"{cohort.seed}-{row}" for row in rows)]
        joined.write_text("\n".join(lines) + "\n")
        return joined

    def outcomes(self, arm, draw):
        return self.join([c.outcomes(arm, draw) for c in self.cohorts], self.folder / f"{arm}_{draw}.tsv")

    def planted(self):
        return {f"{c.seed}-{patient}": value for c in self.cohorts for patient, value in c.planted().items()}


def judge(program, training, external, arm, draw, out):
    """The external part of the evaluation of a signature fitted to the training patients, and the nomograms."""
    if not (out / "evaluation.json").exists():
        run(program, "signature", "evaluate", training.features, "--clinical", training.outcomes(arm, draw),
            "--time", "time", "--event", "event", "--external", external.features,
            "--external-clinical", external.outcomes(arm, draw), "--times", "12,36,60", "--outer", 2, "--nomograms",
            "--factors", ",".join(FACTORS), "--draws", 100, "--threads", 1, "--out", out, "--overwrite",
            "--quiet")  # fmt: skip
    evaluation = json.loads((out / "evaluation.json").read_text())
    return evaluation["external"], evaluation["nomograms"]


def ranks(values):
    return np.argsort(np.argsort(values))


def found_texture(external, out):
    """Spearman's correlation of the signature with what was planted; high texture is high risk, a low signature."""
    rows = [line.split("\t") for line in (out / "external_predictions.tsv").read_text().splitlines()]
    ids, signature = rows[0].index("id"), rows[0].index("signature")
    planted = external.planted()
    values = [-float(r[signature]) for r in rows[1:]]
    if len(set(values)) == 1:
        return float("nan")
    return np.corrcoef(ranks(values), ranks([planted[r[ids]] for r in rows[1:]]))[0, 1]


def interval(estimate, lower, upper):
    return f"{estimate:.3f} ({lower:.3f} to {upper:.3f})"


def concordance(performance):
    return interval(*(performance["concordance"][key] for key in ("estimate", "lower", "upper")))


def line(name, arm, external, nomograms, correlation):
    """Prints a row of the table; whether the interval of the difference lies above 0."""
    c = nomograms["comparisons"]["external"]
    cells = [str(name), arm, f"{c['patients']} ({c['events']})", f"{external['c_index']['estimate']:.3f}"]
    cells += [f"{correlation:.2f}", concordance(c["clinical"]), concordance(c["integrated"])]
    cells += [interval(c["difference"], c["difference_lower"], c["difference_upper"])]
    cells += ["yes" if "risk_group" in nomograms["integrated"]["factors"] else "no"]
    print("| " + " | ".join(cells) + " |", flush=True)
    return c["difference_lower"] > 0


def numbers(text):
    """The numbers of "1-3,7"."""
    out = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        out += range(int(first), int(last or first) + 1)
    return out


def studies(a):
    """Name, training patients, external ones, draw of the outcomes and folder of each study."""
    cohorts = []
    for seed in a.seeds:
        folder = a.out / f"seed_{seed:02}"
        training = Cohort(a.gliocast, folder / "training", 1000 + seed, 1, a.training).draw_images(a.keep_images)
        external = Cohort(a.gliocast, folder / "external", 2000 + seed, 10001, a.external).draw_images(a.keep_images)
        cohorts.append((training, external))
        if not a.pool:
            yield seed, training, external, 0, folder
    if a.pool:
        pool = a.out / f"pool_{'-'.join(map(str, a.seeds))}_of_{a.training_cohorts or len(cohorts)}"
        training = Pool([c[0] for c in cohorts[: a.training_cohorts]], pool / "training")
        external = Pool([c[1] for c in cohorts], pool / "external")
        for draw in a.pool:
            yield draw, training, external, draw, pool / f"draw_{draw:02}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gliocast")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--seeds", type=numbers, default=numbers("1-10"))
    parser.add_argument("--training", type=int, default=200)
    parser.add_argument("--external", type=int, default=300)
    parser.add_argument("--pool", type=numbers, default=())
    parser.add_argument("--training-cohorts", type=int)
    parser.add_argument("--keep-images", action="store_true")
    a = parser.parse_args()
    print(
        f"| {'draw' if a.pool else 'seed'} | texture in the hazard | external patients (deaths) | C of the signature | "
        "correlation with what was planted | C clinical | C integrated | difference | risk group stayed |"
    )
    print("|" + "---|" * 9, flush=True)
    above = dict.fromkeys(ARMS, 0)
    for name, training, external, draw, folder in studies(a):
        for arm in ARMS:
            out = folder / f"evaluation_{arm}"
            result = judge(a.gliocast, training, external, arm, draw, out)
            above[arm] += line(name, arm, *result, found_texture(external, out))
    for arm, n in above.items():
        print(f"{arm} the term: the interval of the difference lies above 0 in {n} of {len(a.pool or a.seeds)}")


if __name__ == "__main__":
    main()
