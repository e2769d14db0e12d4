#!/usr/bin/env python3
"""Random DICOM exams whose answer is known: gliocast must take the right voxels for each sequence, or refuse.

  python3 dicom_trial.py BUILD [--cases 200] [--seed 1] [--preprocess 0.1] [--keep FOLDER]

Every exam is drawn from its own number, so that "--seed K --cases 1" repeats exam K. Exams are read by dump_dicom,
every fifth by `gliocast series` and a share by `gliocast preprocess` as well. Needs python3-pydicom and
python3-nibabel.
"""

import argparse
import collections
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import nibabel as nib
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import dicom_exams


class Wrong(Exception):
    """What the program did and should not have done."""


def need(condition, text):
    if not condition:
        raise Wrong(text)


def run(*command, code=0):
    result = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)
    need(
        result.returncode == code,
        f"{command[0]} {command[1]}: exit code {result.returncode}, not {code}: {result.stderr[-600:]}",
    )
    return result


def volumes_read(build, exam, folder, out):
    """What dump_dicom reads: a list of volumes with their voxels and affine, or an error, and what they are used as."""
    run(build / "bin/dump_dicom", folder, out, *exam.options[1:])
    with open(out / "volumes.json", encoding="utf-8") as f:
        volumes = json.load(f)
    for v in volumes:
        if "file" in v:
            v["voxels"] = np.fromfile(out / v["file"], "<f4").reshape(v["size"], order="F").astype(float)
            v["affine"] = np.eye(4)
            v["affine"][:3, :3] = np.reshape(v["direction"], (3, 3)) * v["spacing_mm"]
            v["affine"][:3, 3] = v["origin_lps_mm"]
    return volumes


def same(volume, read):
    """Whether a volume was read as it is: the same voxels at the same places."""
    if "voxels" not in read or read["voxels"].shape != volume.voxels.shape:
        return False
    for reverse in (False, True):
        affine, voxels = volume.affine, volume.voxels
        if reverse:
            turn = np.diag([1.0, 1, -1, 1])
            turn[2, 3] = voxels.shape[2] - 1
            affine, voxels = affine @ turn, voxels[:, :, ::-1]
        columns = [0, 1, 3] if voxels.shape[2] == 1 else [0, 1, 2, 3]  # how thick one slice is does not matter
        if np.abs(read["affine"] - affine)[:, columns].max() < 0.02:
            return bool(np.abs(read["voxels"] - voxels).max() <= 1)
    return False


def check_listed(build, exam, folder, read):
    """`gliocast series` lists the same volumes, used as the same."""
    listed = json.loads(run(build / "gliocast", "series", folder, "--json", *exam.options).stdout)["series"]
    if len({s["patient"] for s in listed}) == 1:
        ours, theirs = (
            [(v[n], v.get("used_as")) for v in of] for of, n in ((listed, "series_number"), (read, "series"))
        )
        need(ours == theirs, f"gliocast series lists other volumes: {ours}, not {theirs}")


def check_series(build, exam, folder, out, listed):
    """The volumes of every series are whole, and the right ones are taken."""
    read = volumes_read(build, exam, folder, out)
    if exam.strict:
        check_volumes(exam, read)
    if listed:
        check_listed(build, exam, folder, read)
    used = collections.defaultdict(list)
    for volume in read:
        if "used_as" in volume:
            used[volume["used_as"]].append(volume)
    if exam.refused and not exam.taken:
        need(not used, f"should be refused, but takes {sorted(used)}")
        return
    need(sorted(used) == sorted(exam.taken), f"takes {sorted(used)}, not {sorted(exam.taken)}: " + reasons(read))
    for key, found in used.items():
        need(len(found) == 1, f"{key} is taken {len(found)} times")
        volume = found[0]
        wanted = exam.taken[key] if isinstance(exam.taken[key], list) else [exam.taken[key]]
        if wanted[0].unreadable:
            need("missing" in volume.get("error", ""), f"{key}: reads in spite of its gaps")
            continue
        need(
            any(same(w, volume) for w in wanted),
            f"{key} is not the right volume: series {volume['series']}:{volume['volume']}, {volume['reason']}"
            + volume.get("error", ""),
        )
        warned = " ".join(volume["warnings"])
        if wanted[0].warning != "another one is" or "one SOPInstanceUID" not in exam.faults:  # else: a copy or not
            need((wanted[0].warning or "") in warned, f"{key}: no warning of '{wanted[0].warning}': {warned}")
            need(wanted[0].warning or not warned, f"{key}: warns of {warned}")


def reasons(read):
    return "; ".join(
        f"{v['series']}:{v['volume']}/{v['volumes']} {v['slices']} slices, {v['told_apart_by']}: {v['reason']}"
        for v in read
    )


def check_volumes(exam, read):
    """Each volume that was written is read once, and nothing else."""
    left = list(read)
    for series in exam.series:
        for number, volume in enumerate(series.volumes):
            if volume.unreadable or "no positions" in series.form:
                continue
            match = next((v for v in left if same(volume, v)), None)
            if match is None:
                near = [
                    f"{v['size'] if 'size' in v else v['slices']} {v['told_apart_by']} {v.get('error', '')}"
                    for v in read
                    if v["series"] == series.number
                ]
                raise Wrong(
                    f"volume {number + 1} of series {series.number} ({series.form}) was not read as it is; "
                    f"its series gave {near}"
                )
            left = [v for v in left if v is not match]
    left = [v for v in left if "error" not in v and v["series"] != 98]
    extra = [s for s in exam.series if "no positions" in s.form or any(v.unreadable for v in s.volumes)]
    need(
        len([v for v in left if v["series"] not in {s.number for s in extra}]) == 0,
        f"{len(left)} volumes too many: {[(v['series'], v['size'], v['told_apart_by']) for v in left]}",
    )


NAMES = {
    "t1": "space-work_desc-preproc_T1w",
    "t1gd": "ce-gadolinium_space-work_desc-preproc_T1w",
    "t2": "space-work_desc-preproc_T2w",
    "flair": "space-work_desc-preproc_FLAIR",
}


def check_preprocess(build, exam, folder, out):
    """`gliocast preprocess`: refuses, or writes images that look like those that must be taken."""
    command = [build / "gliocast", "preprocess", folder, "--preprocessed", "yes", "--out", out, "-q", *exam.options]
    run(*command, code=3 if exam.refused else 0)
    if exam.refused:
        need(not list(out.rglob("*.nii*")), "refuses, and leaves images")
        return
    images = sorted(out.glob("sub-01/anat/*desc-preproc*.nii.gz"))
    need(len(images) == len(exam.taken), f"writes {[i.name for i in images]} for {sorted(exam.taken)}")
    for key, taken in exam.taken.items():
        image = nib.load(out / f"sub-01/anat/sub-01_{NAMES[key]}.nii.gz")
        like = max(likeness(image, volume) for volume in (taken if isinstance(taken, list) else [taken]))
        need(like > 0.9, f"preprocess: {key} does not look like the volume that must be taken (correlation {like:.2f})")


def likeness(image, volume):
    """Correlation of an image with a volume, interpolated linearly to its voxels, where the image shows something."""
    values = np.asarray(image.dataobj)
    where = np.argwhere(values != 0)
    to_volume = np.linalg.inv(volume.affine) @ np.diag([-1.0, -1, 1, 1]) @ image.affine
    at = nib.affines.apply_affine(to_volume, where)
    inside = np.all((at >= 0) & (at <= np.array(volume.voxels.shape) - 1), axis=1)
    at, where = at[inside], where[inside]
    low = np.minimum(np.floor(at).astype(int), np.array(volume.voxels.shape) - 2)
    share, expected = at - low, np.zeros(len(at))
    for corner in np.ndindex(2, 2, 2):
        weight = np.prod(np.where(corner, share, 1 - share), axis=1)
        expected += weight * volume.voxels[tuple((low + corner).T)]
    return np.corrcoef(expected, values[tuple(where.T)])[0, 1]


def case(build, number, folder, preprocess, listed):
    """One exam; what went wrong, or nothing."""
    exam = dicom_exams.draw(number)
    try:
        dicom_exams.write(exam, folder / "exam")
        check_series(build, exam, folder / "exam", folder / "read", listed)
        # Folders of several patients are cohorts to it: each folder a patient.
        if exam.patients == 1 and (preprocess or (listed and exam.refused)):
            check_preprocess(build, exam, folder / "exam", folder / "out")
    except Wrong as e:
        forms = "; ".join(
            f"{s.number} {s.key}: {s.form}{', enhanced ' + s.enhanced if s.enhanced else ''}" for s in exam.series
        )
        return f"exam {number} ({exam.vendor}; {', '.join([*exam.history, *sorted(exam.faults)])}): {e}\n    {forms}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=lambda p: pathlib.Path(p).resolve())
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--preprocess", type=float, default=0.0, help="share of exams put through preprocess as well")
    parser.add_argument("--keep", type=pathlib.Path, help="keep the exams that went wrong here")
    options = parser.parse_args()
    wrong = 0
    for number in range(options.seed, options.seed + options.cases):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="gliocast-trial-"))
        problem = case(options.build, number, folder, number % 20 < 20 * options.preprocess, number % 5 == 0)
        if problem:
            wrong += 1
            print(problem, flush=True)
            if options.keep:
                shutil.copytree(folder, options.keep / str(number), dirs_exist_ok=True)
        shutil.rmtree(folder)
    print(f"{options.cases} exams, {wrong} wrong")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
