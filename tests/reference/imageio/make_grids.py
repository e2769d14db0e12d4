#!/usr/bin/env python3
"""Files of random grids and where SimpleITK says that they lie, to the last bit (geometry_oracle_test.cpp).

Usage (SimpleITK 2.5, numpy): make_grids.py OUT.json [N] [SEED]
NIfTI files come with each combination of the codes of their two forms (q, s), NRRD with space directions.
"""

import base64
import json
import pathlib
import struct
import sys
import tempfile

import numpy as np
import SimpleITK as sitk

CODES = [(1, 1), (1, 0), (0, 1), (1, 2), (0, 2), (2, 1), (2, 2), (4, 4)]
CODES_AT = 252  # of a NIfTI-1 header: qform_code, sform_code


def direction_of(k, random):
    if k % 3 == 0:
        return np.eye(3)[random.permutation(3)] * random.choice([-1, 1], 3)
    (a, b, c), (s, t, u) = (
        (f(random.uniform(-0.5, 0.5, 3)) for f in (np.cos, np.sin))
        if k % 3 == 1
        else (f(random.uniform(-3, 3, 3)) for f in (np.cos, np.sin))
    )
    q, _ = np.linalg.qr(np.array([[c * b, -u, t], [u, c * a, -s], [-t, s, a * b]]))
    return q


def main():
    path, n, seed = sys.argv[1], int((sys.argv + ["60"])[2]), int((sys.argv + ["60", "1"])[3])
    random, cases = np.random.default_rng(seed), []
    with tempfile.TemporaryDirectory() as folder:
        for k in range(n):
            image = sitk.Image(2, 2, 2, sitk.sitkUInt8)
            image.SetSpacing(random.choice([0.4297, 0.5, 0.9375, 1.2, random.uniform(0.2, 3)], 3).tolist())
            image.SetOrigin(random.uniform(-100, 100, 3).tolist())
            image.SetDirection(direction_of(k, random).ravel().tolist())
            kind = "nrrd" if k % 5 == 4 else "nii"
            file = pathlib.Path(folder) / f"grid.{kind}"
            sitk.WriteImage(image, str(file))
            name = f"grid {k}.{kind}"
            if kind == "nii":
                codes = CODES[k % len(CODES)]
                header = bytearray(file.read_bytes())
                struct.pack_into("<2h", header, CODES_AT, *codes)
                file.write_bytes(header)
                name = f"grid {k}, codes {codes[0]} and {codes[1]}.nii"
            read = sitk.ReadImage(str(file))
            cases.append(
                {
                    "name": name,
                    "file": base64.b64encode(file.read_bytes()).decode(),
                    "size": read.GetSize(),
                    "spacing": read.GetSpacing(),
                    "origin": read.GetOrigin(),
                    "direction": read.GetDirection(),
                }
            )
    pathlib.Path(path).write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n", encoding="utf-8")
    print(len(cases), "grids")


if __name__ == "__main__":
    main()
