#!/usr/bin/env python3
"""Small exams for fuzzing to start from, a folder each. Usage: make_dicom_seeds.py FOLDER"""

import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from dicom_writer import Grid, enhanced_file, save, slice_file

GRID = Grid((6, 5, 9), (1, 1, 3))
VOXELS = np.arange(6 * 5 * 9, dtype="uint16").reshape(6, 5, 9)
TAGS = {
    "PatientID": "1",
    "StudyInstanceUID": "1.2.3",
    "SeriesInstanceUID": "1.2.3.4",
    "SeriesNumber": 1,
    "StudyDate": "20200101",
    "SeriesDescription": "T1 SE",
    "EchoTime": "12",
    "RepetitionTime": "500",
    "ContrastBolusAgent": "Gd",
    "Manufacturer": "SIEMENS",
}
PLACE = ["StackID", "InStackPositionNumber"]


def frames(volumes, **each):
    """All slices of some volumes; `each`: functions of volume and slice."""
    return [
        dict(
            pixels=VOXELS[:, :, k],
            grid=GRID,
            slice=k,
            stack="1",
            in_stack=k + 1,
            **{n: f(v, k) for n, f in each.items()},
        )
        for v in range(volumes)
        for k in range(9)
    ]


def main(folder):
    for k in range(9):
        save(slice_file(GRID, k, VOXELS[:, :, k], {**TAGS, "InstanceNumber": k + 1}), folder / "slices" / f"{k}")
        save(
            slice_file(GRID, k, VOXELS[:, :, k], {**TAGS, "InstanceNumber": k + 1}, "implicit"),
            folder / "implicit" / f"{k}",
        )
    save(slice_file(GRID, 0, VOXELS[:, :, 0], {**TAGS, "InstanceNumber": 1}), folder / "one" / "0")
    shared = {
        "te": 12.0,
        "tr": 500.0,
        "ti": 900.0,
        "type": ["ORIGINAL", "PRIMARY", "M", "NONE"],
        "component": "MAGNITUDE",
    }
    top = {**TAGS, "EchoTime": None, "RepetitionTime": None}
    save(enhanced_file(frames(1), shared, top), folder / "enhanced" / "e")
    rescaled = frames(1, slope=lambda v, k: 1 + k / 8, intercept=lambda v, k: -k, index=lambda v, k: [1, k + 1])
    save(enhanced_file(rescaled[::-1], shared, top, dimensions=PLACE), folder / "rescaled" / "e")
    timed = frames(3, temporal=lambda v, k: v + 1, trigger=lambda v, k: 500.0 * v, index=lambda v, k: [v + 1, 1, k + 1])
    save(enhanced_file(timed, shared, top, "implicit", ["TemporalPositionIndex", *PLACE]), folder / "times" / "e")
    weighted = frames(
        2,
        b=lambda v, k: 1000.0 * v,
        te=lambda v, k: 80.0 + v,
        acquisition=lambda v, k: v + 1,
        index=lambda v, k: [1, k + 1, v + 1],
    )
    save(
        enhanced_file(weighted, {"tr": 500.0}, top, "big endian", [*PLACE, "DiffusionBValue"]), folder / "weights" / "e"
    )
    for k, frame in enumerate(frames(1, index=lambda v, k: [1, k + 1])):
        save(
            enhanced_file([frame], shared, {**top, "InstanceNumber": k + 1}, dimensions=PLACE),
            folder / "a frame each" / f"{k}",
        )


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
