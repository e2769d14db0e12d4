#!/usr/bin/env python3
"""Where a study's time goes: `study run --preset demo` over simulated cohorts; no peer does this work.

Usage: bench_study.py GLIOCAST [--training 16] [--validation 10] [--threads 0]"""

import argparse
import json
import pathlib
import subprocess
import tempfile


def run(*words):
    return subprocess.run([str(w) for w in words], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gliocast")
    parser.add_argument("--training", type=int, default=16)
    parser.add_argument("--validation", type=int, default=10)
    parser.add_argument("--threads", type=int, default=0)
    a = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gliocast-bench-") as temporary:
        folder = pathlib.Path(temporary)
        common = ["--spacing", 2, "--no-flair", "--high-grade", 0.3, "--seed", 5, "-q"]
        run(a.gliocast, "simulate", "--patients", a.training, "--out", folder / "first", *common)
        run(a.gliocast, "simulate", "--patients", a.validation, "--first", 101, "--out", folder / "second", *common)
        where = [folder / "first", "--validation", folder / "second", "--out", folder / "study"]
        run(a.gliocast, "study", "run", *where, "--preset", "demo", "--threads", a.threads)
        stages = json.loads((folder / "study" / "status.json").read_text(encoding="utf-8"))["stages"]
    whole = sum(s["seconds"] for s in stages)
    print(f"{a.training} and {a.validation} patients at 2 mm\n\n| stage | s | share | cores busy |\n|---|---|---|---|")
    for s in stages:
        busy = s["processor_seconds"] / s["seconds"] if s["seconds"] >= 0.5 else float("nan")
        print(f"| {s['title']} | {s['seconds']:.1f} | {s['seconds'] / whole:.0%} | {busy:.2f} |")
    print(f"| all | {whole:.1f} | | {sum(s['processor_seconds'] for s in stages) / whole:.2f} |")


if __name__ == "__main__":
    main()
