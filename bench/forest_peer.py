"""Times scikit-learn's forests on the tables of bench_forest, in one run with it; prints ratios of processor time.

python3 bench/forest_peer.py build/bin/bench_forest FOLDER     needs numpy and scikit-learn
"""

import pathlib
import statistics
import subprocess
import sys
import time

import numpy
from sklearn.ensemble import RandomForestClassifier


def seconds(work):
    start = time.process_time()
    work()
    return time.process_time() - start


def main(program, folder):
    printed = subprocess.run([program, folder], check=True, capture_output=True, text=True).stdout
    print(f"{'':14}{'table':>12}{'scikit-learn, s':>17}{'gliocast, s':>13}{'ratio':>7}")
    for line in printed.splitlines():
        name, rows, columns, ours = line.split("\t")
        if name != "impurity":
            continue
        values = numpy.fromfile(pathlib.Path(folder) / f"{rows}.bin").reshape(int(columns) + 1, int(rows))
        x, y = numpy.ascontiguousarray(values[1:].T), values[0].astype(int)
        forest = RandomForestClassifier(100, n_jobs=1, oob_score=True, random_state=1)
        theirs = statistics.median(
            seconds(lambda f=forest, x=x, y=y: f.fit(x, y).feature_importances_) for _ in range(5)
        )
        print(f"{name:14}{rows + '×' + columns:>12}{theirs:17.3f}{float(ours):13.4f}{theirs / float(ours):7.1f}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
