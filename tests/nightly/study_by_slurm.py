#!/usr/bin/env python3
"""A study by Slurm gives the bytes of the local run: on a cluster of this machine alone (slurmctld, slurmd and munged
on loopback, all in a temporary folder), with one of the tasks killed, and with tasks that get too little memory; and
what 1, 2 and 4 shards cost. Skipped (77) unless GLIOCAST_NIGHTLY is set and Slurm is installed (slurm-wlm, munge), as
root.

Usage: study_by_slurm.py BUILD SOURCE"""

import contextlib
import hashlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
SMALL = ["--preset", "demo", "--set", "grading.network.epochs=1", "--set", "grading.refits=2", "--set",
         "radiomics=default", "--set", "outlines.raters=false", "--set", "outlines.by=experts"]  # fmt: skip


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def said_by(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


@contextlib.contextmanager
def cluster(folder):
    """A cluster of one node of two cores; its commands find it by SLURM_CONF."""
    folder.mkdir()
    host = socket.gethostname().split(".")[0]
    key, gate = folder / "munge.key", folder / "munge.socket"
    key.write_bytes(os.urandom(128))
    key.chmod(0o400)
    for name in ("state", "spool"):
        (folder / name).mkdir()
    memory = int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**20 * 0.8)
    (folder / "slurm.conf").write_text(
        f"ClusterName=one\nSlurmctldHost={host}(127.0.0.1)\nSlurmUser=root\nAuthType=auth/munge\n"
        f"AuthInfo=socket={gate}\nCryptoType=crypto/munge\nProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\n"
        "SelectType=select/cons_tres\nSelectTypeParameters=CR_CPU_Memory\nReturnToService=2\nMpiDefault=none\n"
        "JobAcctGatherType=jobacct_gather/linux\nJobAcctGatherFrequency=1\nJobAcctGatherParams=OverMemoryKill\n"
        f"SlurmctldPort={free_port()}\nSlurmdPort={free_port()}\nStateSaveLocation={folder}/state\n"
        f"SlurmdSpoolDir={folder}/spool\nSlurmctldPidFile={folder}/ctld.pid\nSlurmdPidFile={folder}/slurmd.pid\n"
        f"SlurmctldLogFile={folder}/ctld.log\nSlurmdLogFile={folder}/slurmd.log\n"
        f"NodeName={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory={memory} State=UNKNOWN\n"
        f"PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP DefMemPerCPU=2000\n"
    )
    os.environ["SLURM_CONF"] = str(folder / "slurm.conf")
    # Slurm's commands find munge's gate by the configuration alone.
    names = {"key-file": key, "socket": gate, "pid-file": folder / "munge.pid", "log-file": folder / "munge.log",
             "seed-file": folder / "munge.seed"}  # fmt: skip
    started = [subprocess.Popen(["munged", "--foreground", "--force", *[f"--{k}={v}" for k, v in names.items()]])]
    try:
        time.sleep(1)
        started.append(subprocess.Popen(["slurmctld", "-D"], stderr=subprocess.DEVNULL))
        time.sleep(2)
        started.append(subprocess.Popen(["slurmd", "-D", "-N", host], stderr=subprocess.DEVNULL))
        for _ in range(60):
            if "idle" in said_by("sinfo", "-h", "-o", "%T"):
                break
            time.sleep(1)
        else:
            raise SystemExit("the cluster did not come up: " + (folder / "ctld.log").read_text()[-2000:])
        yield
    finally:
        for process in reversed(started):
            process.send_signal(signal.SIGTERM)
            process.wait()


def results_of(study):
    """Every file's checksum but for what holds times or belongs to the executor."""
    timed = {"log.jsonl", "status.json", ".lock", "curve.tsv"}
    return {
        str(p.relative_to(study)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(study.rglob("*"))
        if p.is_file() and p.name not in timed and p.suffix != ".pdf" and "slurm" not in p.relative_to(study).parts
    }


def states_of(job):
    """States of a job's tasks, as scontrol knows them."""
    words = said_by("scontrol", "show", "job", job).split()
    return [word.split("=")[1] for word in words if word.startswith("JobState=")]


def wait_for(job, limit_s=3000):
    for _ in range(limit_s):
        states = states_of(job)
        if states and not set(states) & {"PENDING", "RUNNING", "COMPLETING", "CONFIGURING"}:
            return states
        time.sleep(1)
    raise SystemExit(f"job {job} is not over after {limit_s} s: {states}")


class Trial:
    def __init__(self, program, folder):
        self.program, self.folder, self.failed = str(program), folder, 0

    def words(self, out, *more):
        cohorts = [self.folder / "first", "--validation", self.folder / "second"]
        return [self.program, "study", "run", *map(str, cohorts), "--out", str(out), *SMALL, *map(str, more)]

    def submit(self, out, shards):
        said = subprocess.run(
            self.words(out, "--executor", "slurm", "--shards", shards), capture_output=True, text=True, check=False
        )
        if said.returncode != 0:
            raise SystemExit(said.stdout + said.stderr)
        return said.stdout.split()[:2]

    def expect(self, what, holds):
        print(("ok: " if holds else "FAILED: ") + what, flush=True)
        self.failed += not holds

    def expect_same(self, what, out, reference):
        found = results_of(out)
        different = sorted(k for k in reference.keys() | found.keys() if reference.get(k) != found.get(k))
        self.expect(f"{what}: the bytes of the local run {different[:5] if different else ''}", not different)


def try_all(trial):
    common = ["--spacing", "2", "--no-flair", "--no-raters", "--high-grade", "0.4", "--seed", "5", "-q"]
    make = [trial.program, "simulate", *common]
    subprocess.run([*make, "--patients", "14", "--out", str(trial.folder / "first")], check=True)
    subprocess.run([*make, "--patients", "6", "--first", "101", "--out", str(trial.folder / "second")], check=True)
    local = trial.folder / "local"
    code = subprocess.run(trial.words(local), stderr=subprocess.DEVNULL, check=False).returncode
    ended = "COMPLETED" if code == 0 else "FAILED"  # 1: a patient or a stage could not be done, which is told
    reference = results_of(local)
    trial.expect("the local run ends", "report.html" in reference)

    print("| shards | s |\n|---|---|")
    for shards in (1, 2, 4):
        out = trial.folder / f"slurm{shards}"
        start = time.time()
        examine, rest = trial.submit(out, shards)
        if shards == 2:  # the second task ends before its patients do
            while len(list(out.glob("patients/*/examination.json"))) < 3 and states_of(rest)[-1] == "PENDING":
                time.sleep(0.1)
            subprocess.run(["scancel", "--signal=KILL", "--full", f"{examine}_2"], check=True)
        states = wait_for(rest)
        print(f"| {shards}{' (one killed)' if shards == 2 else ''} | {time.time() - start:.0f} |", flush=True)
        trial.expect(f"{shards} shards: the rest ends as the local run ({states})", states == [ended])
        trial.expect_same(f"{shards} shards", out, reference)

    out = trial.folder / "starved"
    examine, rest = trial.submit(out, 2)
    subprocess.run(["scancel", examine, rest], check=True)
    wait_for(rest)
    said = subprocess.run(
        ["sbatch", "--parsable", "--mem=250M", "--array=1-2", str(out / "slurm/examine.sh")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    states = wait_for(said.stdout.strip())
    trial.expect(f"tasks without memory end as such ({states})", "COMPLETED" not in states)
    said = subprocess.run(
        ["sbatch", "--parsable", str(out / "slurm/rest.sh")], capture_output=True, text=True, check=True
    )
    wait_for(said.stdout.strip())
    trial.expect_same("after tasks without memory", out, reference)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    if not os.environ.get("GLIOCAST_NIGHTLY"):
        print("skipped: some minutes; GLIOCAST_NIGHTLY=1 runs it")
        return SKIPPED
    if os.geteuid() != 0 or not all(shutil.which(name) for name in ("slurmctld", "slurmd", "munged", "sbatch")):
        print("skipped: Slurm is not installed (slurm-wlm, munge), or this is not root")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="gliocast-slurm-") as temporary:
        folder = pathlib.Path(temporary)
        folder.chmod(0o755)
        trial = Trial(build / "gliocast", folder)
        with cluster(folder / "cluster"):
            try_all(trial)
    return int(trial.failed > 0)


if __name__ == "__main__":
    sys.exit(main())
