"""Nested cross-validation of the chain `paper` beside scikit-learn's cached pipeline, on one table in one run.

python3 bench/grade_peer.py build/gliocast [--quick]     needs numpy; scipy and scikit-learn for the peer

Prints wall and processor time, peak memory of the largest process and AUC of each. The peer, grade_pipeline.py, fits
one outer fold, with least squares' lasso and with logistic regression's, as gliocast's is; its times, without start and
imports, count five times.
"""

import argparse
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

FOLDS, THREADS, SEED = 5, 2, 1
INFORMATIVE, BLOCK, SHARED, SHIFT = 20, 20, 0.6, 0.6


def write_table(folder, rows, columns):
    """Normal features in blocks that correlate; 20 differ between the classes, half of their neighbours less so."""
    import numpy

    random = numpy.random.default_rng(SEED)
    y = numpy.arange(rows) % 2
    common = random.standard_normal((rows, (columns + BLOCK - 1) // BLOCK))
    common[:, : INFORMATIVE // 2] += 0.5 * SHIFT * y[:, None]
    x = SHARED**0.5 * numpy.repeat(common, BLOCK, axis=1)[:, :columns]
    x += (1 - SHARED) ** 0.5 * random.standard_normal((rows, columns))
    x[:, BLOCK * numpy.arange(columns // BLOCK)[:INFORMATIVE]] += SHIFT * y[:, None]
    x = x * random.uniform(0.1, 100, columns) + random.uniform(-100, 100, columns)
    numpy.savez(folder / "table.npz", x=x, y=y)
    with open(folder / "table.csv", "w", encoding="utf-8") as file:
        file.write(",".join(["id", "y", *(f"f{c}" for c in range(columns))]) + "\n")
        for r in range(rows):
            file.write(",".join([f"p{r}", str(y[r]), *(repr(float(v)) for v in x[r])]) + "\n")


def measured(command):
    """Output, wall and processor seconds and peak MB of a command and what it starts."""
    start = time.monotonic()
    process = subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, text=True)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"failed: {command}")
    return out, time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def show(name, wall, processor, memory, auc):
    print(f"{name:38}{wall:10.1f}{processor:13.1f}{memory:9.0f}{auc:8.3f}", flush=True)


def compare(program, rows, columns):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        # By another process, since a child's peak memory is never less than this one's.
        sizes = ["--rows", str(rows), "--columns", str(columns)]
        subprocess.run([sys.executable, __file__, program, "--table", folder, *sizes], check=True)
        print(f"{f'{rows} × {columns}, {THREADS} threads':38}{'wall, s':>10}{'processor, s':>13}{'MB':>9}{'AUC':>8}")
        command = [program, "grade", "evaluate", folder / "table.csv", "--label", "y", "--chain", "paper", "--quiet"]
        command += ["--outer", FOLDS, "--inner", FOLDS, "--threads", THREADS, "--out", folder / "out"]
        _, *ours = measured(command)
        auc = json.loads((folder / "out/evaluation.json").read_text(encoding="utf-8"))["auc"]["estimate"]
        show("gliocast grade evaluate, 5 folds", *ours, auc)
        if importlib.util.find_spec("sklearn") is None:
            print("scikit-learn is not installed: no peer")
            return
        for name, options in (("scikit-learn", []), ("scikit-learn, logistic lasso", ["logistic"])):
            command = [sys.executable, pathlib.Path(__file__).with_name("grade_pipeline.py"), folder, FOLDS, THREADS]
            out, _, _, memory = measured(command + options)
            peer = json.loads(out)
            show(f"{name}, one fold", peer["seconds"], peer["processor"], memory, peer["auc"])
            print(f"times as fast, five folds: {FOLDS * peer['seconds'] / ours[0]:.1f} by the wall clock,", end=" ")
            print(f"{FOLDS * peer['processor'] / ours[1]:.1f} in processor time")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--quick", action="store_true", help="a small table")
    parser.add_argument("--rows", type=int, default=470)
    parser.add_argument("--columns", type=int, default=1300)
    parser.add_argument("--table", type=pathlib.Path, help="write the table into this folder, and end")
    given = parser.parse_args()
    rows, columns = (150, 300) if given.quick else (given.rows, given.columns)
    if given.table:
        write_table(given.table, rows, columns)
    else:
        compare(given.program, rows, columns)


if __name__ == "__main__":
    main()
