#!/usr/bin/env python3
"""Small DICOM files for fuzzing to start from. Usage: make_dicom_seeds.py FOLDER"""
import pathlib
import sys
import tempfile

import nibabel as nib
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from make_dicom import write_multiframe, write_series

folder = pathlib.Path(sys.argv[1])
with tempfile.TemporaryDirectory() as work:
    image = pathlib.Path(work) / "image.nii"
    nib.save(nib.Nifti1Image(np.arange(6 * 5 * 9, dtype=np.int16).reshape(6, 5, 9), np.diag([1, 1, 3, 1.0])), image)
    write_series(image, folder, "T1 SE", 1, 12, 500, agent="Gd", skip=range(1, 9))
    write_multiframe(image, folder, "T2 TSE", 2, 100, 4000)
