"""Geometry and voxels of made and real image files, as SimpleITK and nibabel report them, for geometry_oracle_test.cpp.

Run in a virtual environment: pip install SimpleITK nibabel numpy;
python tests/reference/imageio/make_geometry_fixtures.py [../shared/data]
Written with: SimpleITK 2.5.7, nibabel 5.4.2.
made_images.json holds each small file itself (base64) and what the two libraries say of it; real_images.json holds the
sorted real files' geometry by running number.
"""

import base64
import contextlib
import glob
import gzip
import json
import os
import sys
import tempfile

import nibabel as nib
import numpy as np
import SimpleITK as sitk

HERE = os.path.dirname(os.path.abspath(__file__))
SHAPE = (4, 5, 6)


def describe(path, voxels=True):
    out = {}
    try:
        image = sitk.ReadImage(path)
        a = sitk.GetArrayFromImage(image)
        out = {
            "size": image.GetSize(),
            "spacing": image.GetSpacing(),
            "origin": image.GetOrigin(),
            "direction": image.GetDirection(),
            "pixel": str(a.dtype),
        }
        if image.GetDimension() == 4:
            image = image[:, :, :, 0]
            out.update(
                size=image.GetSize(),
                spacing=image.GetSpacing(),
                origin=image.GetOrigin(),
                direction=image.GetDirection(),
            )
        flat = a.astype(np.float64).ravel()
        if voxels:
            out["voxels"] = flat.tolist()
        else:
            out.update(sum=float(flat.sum()), min=float(flat.min()), max=float(flat.max()))
    except RuntimeError:
        out["refused"] = True
    if path.endswith((".nii", ".nii.gz")):
        with contextlib.suppress(Exception):
            out["nibabel_affine"] = nib.load(path).affine.ravel().tolist()
    return out


def rotation(angles):
    cx, cy, cz = np.cos(angles)
    sx, sy, sz = np.sin(angles)
    return (
        np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
        @ np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
        @ np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    )


def nifti_bytes(
    dtype=np.int16,
    sform=None,
    qform=None,
    sform_code=0,
    qform_code=0,
    tweak=None,
    order="<",
    data=None,
    header=nib.Nifti1Header,
):
    data = np.arange(np.prod(SHAPE)).reshape(SHAPE, order="F").astype(dtype) if data is None else data
    h = header(endianness=order)
    h.set_data_shape(data.shape)
    h.set_data_dtype(np.dtype(dtype).newbyteorder(order))
    if sform is not None:
        h.set_sform(sform, sform_code)
        h["pixdim"][1:4] = np.sqrt((sform[:3, :3] ** 2).sum(0))
    if qform is not None:
        h.set_qform(qform, qform_code)
    two = header is nib.Nifti2Header
    h["vox_offset"] = 544 if two else 352
    if not two:
        h["magic"] = b"n+1"
    h["scl_slope"], h["scl_inter"] = 1, 0
    if tweak:
        tweak(h)
    return h.binaryblock + b"\0" * 4 + data.astype(np.dtype(dtype).newbyteorder(order)).tobytes(order="F")


def made_files():
    plain = np.diag([-1.0, 2.0, 3.0, 1.0])
    plain[:3, 3] = 10, -20, 30
    oblique = np.eye(4)
    oblique[:3, :3] = rotation([0.2, -0.3, 0.5]) * [0.9, 1.1, 5.5]
    oblique[:3, 3] = -80.5, 60.25, -33
    flipped = np.diag([1.5, -1.5, -2.0, 1.0])
    files = {}
    for name, affine in (("plain", plain), ("oblique", oblique), ("flipped", flipped)):
        files[f"{name}_sform.nii"] = nifti_bytes(sform=affine, sform_code=1)
        files[f"{name}_qform.nii"] = nifti_bytes(qform=affine, qform_code=1)
        files[f"{name}_both.nii"] = nifti_bytes(sform=affine, sform_code=1, qform=affine, qform_code=1)
    for sc in (1, 2, 4):
        for qc in (1, 2):
            files[f"disagree_{sc}_{qc}.nii"] = nifti_bytes(sform=plain, sform_code=sc, qform=flipped, qform_code=qc)
    files["none.nii"] = nifti_bytes(tweak=lambda h: h["pixdim"].__setitem__(slice(1, 4), [1, 2, 3]))
    sheared = plain.copy()
    sheared[0, 1] = 0.7
    files["sheared_only.nii"] = nifti_bytes(sform=sheared, sform_code=1)
    files["sheared_and_qform.nii"] = nifti_bytes(sform=sheared, sform_code=1, qform=plain, qform_code=1)
    for dtype in ("uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64"):
        files[f"type_{dtype}.nii"] = nifti_bytes(dtype=np.dtype(dtype), sform=plain, sform_code=1)
    for dtype in ("int16", "float32", "float64"):
        files[f"big_{dtype}.nii"] = nifti_bytes(dtype=np.dtype(dtype), sform=oblique, sform_code=1, order=">")

    def scaled(h):
        h["scl_slope"], h["scl_inter"] = 2.5, -3

    files["scaled_int16.nii"] = nifti_bytes(sform=plain, sform_code=1, tweak=scaled)
    files["scaled_float64.nii"] = nifti_bytes(dtype=np.float64, sform=plain, sform_code=1, tweak=scaled)
    files["four_d.nii"] = nifti_bytes(
        sform=plain, sform_code=1, data=np.arange(np.prod(SHAPE)).reshape(SHAPE + (1,), order="F").astype(np.int16)
    )
    files["metres.nii"] = nifti_bytes(sform=plain, sform_code=1, tweak=lambda h: h.__setitem__("xyzt_units", 1))
    files["zipped.nii.gz"] = gzip.compress(nifti_bytes(sform=oblique, sform_code=1), mtime=0)
    files["two.nii"] = nifti_bytes(sform=oblique, sform_code=1, header=nib.Nifti2Header)
    values = " ".join(str(v) for v in range(int(np.prod(SHAPE))))
    for space, label in (
        ("left-posterior-superior", "lps"),
        ("right-anterior-superior", "ras"),
        ("left-anterior-superior", "las"),
    ):
        d = oblique[:3, :3]
        vectors = " ".join("(" + ",".join(repr(float(x)) for x in d[:, k]) + ")" for k in range(3))
        head = (
            f"NRRD0004\n# made\ntype: short\ndimension: 3\nspace: {space}\nsizes: 4 5 6\n"
            f"space directions: {vectors}\nkinds: domain domain domain\nspace origin: (1.5,-2.5,3)\n"
        )
        files[f"{label}_ascii.nrrd"] = (head + "encoding: ascii\n\n" + values + "\n").encode()
        files[f"{label}_raw.nrrd"] = (head + "endian: big\nencoding: raw\n\n").encode() + np.arange(
            120, dtype=">i2"
        ).tobytes()
    files["gzip.nrrd"] = (
        b"NRRD0004\ntype: float\ndimension: 3\nsizes: 4 5 6\nspacings: 1 2 3.5\nendian: little\nencoding: gzip\n\n"
    ) + gzip.compress(np.arange(120, dtype="<f4").tobytes(), mtime=0)
    return files


def main():
    cases = []
    with tempfile.TemporaryDirectory() as folder:
        for name, content in made_files().items():
            path = os.path.join(folder, name)
            with open(path, "wb") as f:
                f.write(content)
            case = {"name": name, "file": base64.b64encode(content).decode()}
            case.update(describe(path))
            voxels = case.pop("voxels", None)
            if voxels is not None:
                case["first_voxels"] = voxels[:7] + voxels[-7:]
            cases.append(case)
    with open(os.path.join(HERE, "made_images.json"), "w") as f:
        json.dump(cases, f, indent=0)
    data = sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, "..", "..", "..", "..", "shared", "data")
    real = sorted(
        glob.glob(os.path.join(data, "brats", "*", "*.nii.gz"))
        + glob.glob(os.path.join(data, "raw", "TCGA*", "**", "*.nii.gz"), recursive=True)
        + glob.glob(os.path.join(data, "pyradiomics", "*.nrrd"))
    )
    rows = [describe(p, voxels=False) for p in real]
    with open(os.path.join(HERE, "real_images.json"), "w") as f:
        f.write("[\n" + ",\n".join(json.dumps(r) for r in rows) + "\n]\n")
    print(len(cases), "made,", len(rows), "real")


if __name__ == "__main__":
    main()
