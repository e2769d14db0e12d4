#!/usr/bin/python3
"""A study that is killed at random times and goes on gives the same bytes as one that was not.

Usage: study_kills.py GLIOCAST OUT [--kills 20] [--seed 1] [--seconds S] [--examined N]
Simulates two small cohorts into OUT, runs the whole study once (OUT/whole), then again in OUT/killed with SIGKILL at
random times: half of them anywhere within the time that the study takes, half right after a file has been begun or
renamed, where a half-written one would be left. Compares every file of both but for what holds times (log, status,
lock, minutes of trainings, dates in PDF). Prints each kill with the stage that it met; exit code 1 where a byte
differs. Some ten minutes on two cores. --seconds: how long a run takes, where OUT/whole is there from an earlier call.
--examined: so many patients are taken over from OUT/whole, so that more kills meet the later stages.
"""

import argparse
import contextlib
import hashlib
import json
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time

TIMED = {"log.jsonl", "status.json", ".lock", "curve.tsv"}
GRID = ["--spacing", "2", "--no-flair", "--quiet", "--seed", "5", "--high-grade", "0.3"]
SMALL = [
    "--preset", "demo", "--set", "grading.network.epochs=1", "--set", "grading.refits=4", "--set", "radiomics=default",
    "--set", "outlines.by=experts", "--set", "outlines.raters=false", "--set", "signature.outer=2",
]  # fmt: skip


def results_of(folder):
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name not in TIMED and p.suffix != ".pdf"
    }


def files_of(folder):
    """Names with times of change: it differs as soon as anything is written."""
    out = set()
    for p in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):  # renamed meanwhile
            out.add((str(p), p.stat().st_mtime_ns))
    return out


def stage_of(folder):
    try:
        stages = json.loads((folder / "status.json").read_text())["stages"]
    except (FileNotFoundError, ValueError):
        return "before the first stage"
    return next((s["name"] for s in stages if s["state"] == "running"), "between stages")


def run_and_kill(command, out, wait, at_a_write):
    """False where the study was over before."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + wait
    while time.monotonic() < end and process.poll() is None:
        time.sleep(0.005)
    if at_a_write:
        before = files_of(out)
        while process.poll() is None and files_of(out) == before:
            pass
    if process.poll() is not None:
        return False
    process.send_signal(signal.SIGKILL)
    process.wait()
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gliocast")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--examined", type=int, default=0)
    a = parser.parse_args()
    draw = random.Random(a.seed)
    for name, first, patients in (("cohort", 1, 30), ("cohort2", 101, 10)):
        if not (a.out / name).exists():
            sizes = ["--patients", str(patients), "--first", str(first)]
            subprocess.run([a.gliocast, "simulate", *sizes, *GRID, "--out", a.out / name], check=True)

    def command(out):
        cohorts = [str(a.out / "cohort"), "--validation", str(a.out / "cohort2")]
        return [a.gliocast, "study", "run", *cohorts, "--out", str(out), "--quiet", *SMALL]

    whole, killed = a.out / "whole", a.out / "killed"
    began = time.monotonic()
    subprocess.run(command(whole), check=False)
    seconds = max(a.seconds, time.monotonic() - began)
    shutil.rmtree(killed, ignore_errors=True)
    for patient in sorted((whole / "patients").iterdir())[: a.examined]:
        shutil.copytree(patient, killed / "patients" / patient.name, copy_function=shutil.copy2)
        (killed / "settings.yaml").touch()
    done = 0
    for attempt in range(10 * a.kills):
        if done == a.kills:
            break
        at_a_write = attempt % 2 == 1
        if not run_and_kill(command(killed), killed, draw.uniform(0, 2 * seconds / a.kills), at_a_write):
            # Over too soon: what a stage made is taken away, so that there is something to kill.
            stage = draw.choice(sorted((killed / "stages").iterdir()))
            (stage / "stage.json").unlink(missing_ok=True)
            continue
        done += 1
        print(f"kill {done}: {stage_of(killed)}{', at a write' if at_a_write else ''}", flush=True)
    subprocess.run(command(killed), check=False)
    expected, found = results_of(whole), results_of(killed)
    differ = sorted(n for n in expected.keys() | found.keys() if expected.get(n) != found.get(n))
    for name in differ:
        print(f"DIFFERS {name}")
    print(f"{done} kills, {len(expected)} files, {len(differ)} differ")
    return 1 if differ or done < a.kills else 0


if __name__ == "__main__":
    sys.exit(main())
