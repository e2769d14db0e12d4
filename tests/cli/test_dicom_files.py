#!/usr/bin/env python3
"""Geometry and voxels of DICOM series beside the known truth and beside dcm2niix: series made by pydicom, re-encoded by
gdcmconv, and the real MR files that come with pydicom and nibabel. Usage: test_dicom_files.py BUILD SOURCE"""

import functools
import gzip
import itertools
import pathlib
import re
import shutil
import subprocess
import sys

import nibabel as nib
import numpy as np
import pydicom.data

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import common
from common import BUILD, FolderCase, read_json
from dicom_writer import Grid, enhanced_file, save, slice_file

SIZE, SPACING = (14, 12, 9), (2.0, 2.5, 4.0)
AXIAL = np.eye(3)
SAGITTAL = np.column_stack([[0, 1, 0], [0, 0, -1], [-1, 0, 0]]).astype(float)
CORONAL = np.column_stack([[1, 0, 0], [0, 0, -1], [0, 1, 0]]).astype(float)


def turned(axes, *angles):
    """Axes turned about x, y and z by degrees."""
    for i, degrees in enumerate(angles):
        c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        turn = np.eye(3)
        a, b = [j for j in range(3) if j != i]
        turn[[a, a, b, b], [a, b, a, b]] = c, -s, s, c
        axes = turn @ axes
    return axes


class Place:
    """The distance of two grids, voxel by voxel, where one is the other with axes swapped or reversed."""

    def __init__(self, affine, size, other, other_size):
        self.millimetres, self.order = np.inf, None
        step = np.linalg.inv(other) @ affine
        near = np.rint(step[:3, :3])
        if (
            np.abs(step[:3, :3] - near).max() > 0.01
            or not np.array_equal(np.abs(near).sum(0), [1, 1, 1])
            or not np.array_equal(np.abs(near).sum(1), [1, 1, 1])
        ):
            return
        self.order, self.reverse = np.abs(near).argmax(0), near.sum(0) < 0
        if [other_size[a] for a in self.order] != list(size):
            self.order = None
            return
        corners = np.array(list(itertools.product(*[(0, n - 1) for n in size])), float)
        theirs = np.zeros_like(corners)
        for a, b in enumerate(self.order):
            theirs[:, b] = size[a] - 1 - corners[:, a] if self.reverse[a] else corners[:, a]
        here, there = (nib.affines.apply_affine(m, c) for m, c in ((affine, corners), (other, theirs)))
        self.millimetres = np.linalg.norm(here - there, axis=1).max()

    def like_first(self, voxels):
        """The other's voxels in the order of the first."""
        out = np.transpose(voxels, self.order)
        return out[tuple(slice(None, None, -1 if r else 1) for r in self.reverse)]


def difference(a, b):
    """Of two volumes (voxels, affine): millimetres of the corners, and of the voxels relative to the largest; infinite
    where they are not one grid."""
    affines = [np.copy(v[1]) for v in (a, b)]
    if a[0].shape[2] == b[0].shape[2] == 1:  # one slice: how thick it is does not matter
        for m in affines:
            m[:3, 2] = np.cross(m[:3, 0], m[:3, 1])
    place = Place(affines[0], a[0].shape, affines[1], b[0].shape)
    if place.order is None:
        return np.inf, np.inf
    return place.millimetres, np.abs(a[0] - place.like_first(b[0])).max() / max(1.0, np.abs(a[0]).max())


def ours(folder, out):
    """The volumes of a folder by gliocast, and what it says of them."""
    subprocess.run([BUILD / "bin/dump_dicom", folder, out], check=True, capture_output=True)
    volumes, errors = [], []
    for v in read_json(out / "volumes.json"):
        if "error" in v:
            errors.append(v["error"])
            continue
        voxels = np.fromfile(out / v["file"], "<f4").reshape(v["size"], order="F").astype(float)
        affine = np.eye(4)
        affine[:3, :3] = np.reshape(v["direction"], (3, 3)) * v["spacing_mm"]
        affine[:3, 3] = v["origin_lps_mm"]
        volumes.append((voxels, affine))
    return volumes, errors


def theirs(folder, out, *options):
    """The volumes of a folder by dcm2niix; none where it reads nothing."""
    out.mkdir(parents=True)
    subprocess.run(
        ["dcm2niix", "-b", "n", "-z", "n", "-f", "%s_%e", *options, "-o", out, folder], check=False, capture_output=True
    )
    volumes = []
    for file in sorted(out.glob("*.nii")):
        image = nib.load(file)
        values = image.get_fdata()
        affine = np.diag([-1, -1, 1, 1]) @ image.affine
        for t in range(1 if values.ndim == 3 else values.shape[3]):
            volumes.append((values if values.ndim == 3 else values[..., t], affine))
    return volumes


def version_of_dcm2niix():
    return re.search(
        r"v(\d[\d.]+)", subprocess.run(["dcm2niix", "--version"], capture_output=True, text=True, check=False).stdout
    ).group(1)


def print_comparison(what, values, millimetres):
    """A row of VALIDATION.md."""
    print(f"VALIDATION dicom | {what} | dcm2niix {version_of_dcm2niix()} | {values} | {millimetres:.1g} mm")


# --- made series: each writes a folder and returns its volumes -------------------------------------------------------


def noise(seed, low=0, high=4000, size=SIZE, dtype="uint16"):
    return np.random.default_rng(seed).integers(low, high, size).astype(dtype)


def tags_of(series=1, **more):
    return {
        "PatientID": "1",
        "StudyInstanceUID": "1.2.826.0.1.3680043.8.498.1",
        "StudyDate": "20200101",
        "SeriesInstanceUID": f"1.2.826.0.1.3680043.8.498.1.{series}",
        "SeriesNumber": series,
        "Manufacturer": "SIEMENS",
        "SeriesDescription": "made",
        "EchoTime": "10",
        "RepetitionTime": "500",
        "MRAcquisitionType": "2D",
        **more,
    }


def single_frames(
    folder,
    grid,
    voxels,
    order=None,
    syntax="explicit",
    preamble=True,
    per_slice=None,
    bits=16,
    stored=None,
    slope=1,
    intercept=0,
    **tags,
):
    """One file a slice; InstanceNumber follows `order` (of slices)."""
    for n, k in enumerate(order if order is not None else range(voxels.shape[2])):
        more = {"InstanceNumber": n + 1, **(per_slice(k) if per_slice else {}), **tags}
        if (slope, intercept) != (1, 0):
            more.update(RescaleSlope=str(slope), RescaleIntercept=str(intercept))
        save(
            slice_file(grid, k, voxels[:, :, k], tags_of(**more), syntax, bits=bits, stored=stored),
            folder / f"{(n * 7) % 31:02d}.dcm",
            preamble,
        )
    return [(voxels * float(slope) + intercept, grid.affine())]


def frames_of(grid, voxels, volume=0, order=None, **more):
    order = range(voxels.shape[2]) if order is None else order
    return [
        dict(pixels=voxels[:, :, k], grid=grid, slice=k, stack="1", in_stack=k + 1, temporal=volume + 1, **more)
        for k in order
    ]


PLACES = ["FrameContentSequence", "InStackPositionNumber", "StackID", "TemporalPositionIndex"]


def enhanced(folder, frames, shared=None, name="e.dcm", dimensions=True, syntax="explicit", **tags):
    """One enhanced file, its dimensions stack, place and time; of Philips, whose frames dcm2niix puts in order."""
    for f in frames:
        f["index"] = [1, f["in_stack"], f["temporal"]]
    save(
        enhanced_file(
            frames,
            shared or {},
            tags_of(Manufacturer="Philips Medical Systems", **tags),
            syntax,
            ["StackID", "InStackPositionNumber", "TemporalPositionIndex"] if dimensions else (),
        ),
        folder / name,
    )


def made():
    """By name: what writes a series into a folder and returns its volumes; whether dcm2niix must agree."""
    cases = {}

    def add(name, write, beside=True):
        """`beside`: dcm2niix reads it right."""
        cases[name] = (write, beside)

    oblique = turned(AXIAL, 12, -7, 20)
    planes = {
        "axial": AXIAL,
        "sagittal": SAGITTAL,
        "coronal": CORONAL,
        "oblique": oblique,
        "double-oblique coronal": turned(CORONAL, 25, 14, -9),
        "prone": np.diag([-1.0, -1, 1]),
        "decubitus left": turned(AXIAL, 0, 0, 90),
        "decubitus right": turned(AXIAL, 0, 0, -90),
        "feet first": np.diag([-1.0, 1, -1]),
        "left-handed": np.diag([1.0, 1, -1]),
    }
    for i, (name, axes) in enumerate(planes.items()):
        grid = Grid(SIZE, SPACING, axes, (3, -20, 11))
        add(name, functools.partial(single_frames, grid=grid, voxels=noise(i)))
        add(
            name + ", numbered backwards",
            functools.partial(single_frames, grid=grid, voxels=noise(i + 50), order=range(SIZE[2])[::-1]),
        )
    grid = Grid(SIZE, SPACING, oblique, (1, 2, 3))
    add(
        "numbers in no order",
        functools.partial(single_frames, grid=grid, voxels=noise(20), order=[3, 1, 8, 0, 7, 2, 6, 4, 5]),
    )
    for syntax in ("implicit", "big endian", "deflated"):
        add(syntax, functools.partial(single_frames, grid=grid, voxels=noise(21), syntax=syntax), syntax != "deflated")
    add("without preamble", functools.partial(single_frames, grid=grid, voxels=noise(22), preamble=False))
    add(
        "implicit without preamble",
        functools.partial(single_frames, grid=grid, voxels=noise(22), preamble=False, syntax="implicit"),
    )
    add("signed", functools.partial(single_frames, grid=grid, voxels=noise(23, -2000, 2000, dtype="int16")))
    # PS3.5, 8.1.1: what lies above the bits stored says nothing. dcm2niix takes it for part of the value.
    add(
        "signed, 12 bits stored",
        functools.partial(single_frames, grid=grid, voxels=noise(24, -2000, 2000, dtype="int16"), stored=12),
        False,
    )
    add("12 bits stored", functools.partial(single_frames, grid=grid, voxels=noise(25, 0, 4096), stored=12))
    add("8 bits", functools.partial(single_frames, grid=grid, voxels=noise(26, 0, 256, dtype="uint8"), bits=8))
    add("above 32767", functools.partial(single_frames, grid=grid, voxels=noise(27, 0, 65535)))
    add("rescaled", functools.partial(single_frames, grid=grid, voxels=noise(28), slope=0.4871795, intercept=-12.5))
    add(
        "rescaled, signed",
        functools.partial(
            single_frames, grid=grid, voxels=noise(29, -2000, 2000, dtype="int16"), slope=2, intercept=-1024
        ),
    )
    for name, option in (
        ("RLE", "--rle"),
        ("JPEG lossless", "--jpeg"),
        ("JPEG-LS", "--jpegls"),
        ("JPEG 2000", "--j2k"),
    ):
        for signed in (False, True):
            add(
                name + (", signed" if signed else ""),
                functools.partial(compressed, grid=grid, option=option, signed=signed),
            )
    add("rescale that differs by slice", functools.partial(rescaled_by_slice, grid=grid), False)
    add("an enhanced file", lambda folder: one_enhanced(folder, grid, range(SIZE[2])))
    add("an enhanced file, frames in no order", lambda folder: one_enhanced(folder, grid, [4, 0, 8, 2, 6, 1, 7, 3, 5]))
    add(
        "an enhanced file, backwards, sagittal",
        lambda folder: one_enhanced(folder, Grid(SIZE, SPACING, SAGITTAL), range(SIZE[2])[::-1]),
    )
    add("an enhanced file, big endian", lambda folder: one_enhanced(folder, grid, range(SIZE[2]), syntax="big endian"))
    add("an enhanced file, implicit", lambda folder: one_enhanced(folder, grid, range(SIZE[2]), syntax="implicit"))
    add(
        "an enhanced file, rescale of all frames",
        lambda folder: one_enhanced(folder, grid, range(SIZE[2]), slope=0.25, intercept=-3),
    )
    for name, option in (
        ("JPEG 2000", "--j2k"),
        ("JPEG-LS", "--jpegls"),
        ("JPEG lossless", "--jpeg"),
        ("RLE", "--rle"),
    ):
        # dcm2niix reads the first frame alone.
        add(f"an enhanced file, {name}", functools.partial(compressed_enhanced, grid=grid, option=option), False)
    add("an enhanced file, rescale that differs by frame", lambda folder: rescaled_by_frame(folder, grid))
    add("enhanced files of one frame each", lambda folder: one_frame_each(folder, grid))
    add("an enhanced file, three times, times first", lambda folder: over_time(folder, grid, False))
    add("an enhanced file, three times, places first", lambda folder: over_time(folder, grid, True))
    add("an enhanced file, two stacks", two_stacks, False)  # dcm2niix turns the second one into the plane of the first
    add("two echoes", lambda folder: echoes(folder, grid))
    add("magnitude and phase", lambda folder: magnitude_phase(folder, grid))
    return cases


def compressed(folder, grid, option, signed):
    voxels = noise(31, -2000 if signed else 0, 2000 if signed else 4000, dtype="int16" if signed else "uint16")
    plain = folder.parent / (folder.name + " plain")
    truth = single_frames(plain, grid, voxels)
    folder.mkdir()
    for file in plain.iterdir():
        subprocess.run(["gdcmconv", option, file, folder / file.name], check=True, capture_output=True)
    return truth


def compressed_enhanced(folder, grid, option):
    plain = folder.parent / (folder.name + " plain")
    truth = one_enhanced(plain, grid, range(SIZE[2]))
    folder.mkdir()
    subprocess.run(["gdcmconv", option, plain / "e.dcm", folder / "e.dcm"], check=True, capture_output=True)
    return truth


def rescaled_by_slice(folder, grid):
    voxels = noise(32)
    single_frames(
        folder, grid, voxels, per_slice=lambda k: {"RescaleSlope": str(1 + k / 4), "RescaleIntercept": str(-k)}
    )
    k = np.arange(SIZE[2])
    return [(voxels * (1 + k / 4) - k, grid.affine())]


def one_enhanced(folder, grid, order, syntax="explicit", slope=1, intercept=0):
    voxels = noise(33)
    scale = {} if (slope, intercept) == (1, 0) else {"slope": slope, "intercept": intercept}
    enhanced(folder, frames_of(grid, voxels, order=order), {"te": 10.0, "tr": 500.0, **scale}, syntax=syntax)
    return [(voxels * float(slope) + intercept, grid.affine())]


def rescaled_by_frame(folder, grid):
    voxels, frames = noise(34), []
    for k in (4, 0, 8, 2, 6, 1, 7, 3, 5):
        frames += frames_of(grid, voxels, order=[k], slope=1 + k / 4, intercept=-k)
    enhanced(folder, frames)
    k = np.arange(SIZE[2])
    return [(voxels * (1 + k / 4) - k, grid.affine())]


def one_frame_each(folder, grid):
    voxels = noise(35)
    for k in range(SIZE[2]):
        enhanced(folder, frames_of(grid, voxels, order=[k]), {"te": 10.0}, f"{k}.dcm", InstanceNumber=k + 1)
    return [(voxels, grid.affine())]


def over_time(folder, grid, places_first):
    volumes = [noise(36 + t) for t in range(3)]
    frames = [f for t, v in enumerate(volumes) for f in frames_of(grid, v, t)]
    if places_first:
        frames.sort(key=lambda f: (f["slice"], f["temporal"]))
    enhanced(folder, frames)
    return [(v, grid.affine()) for v in volumes]


def two_stacks(folder):
    grids = [Grid(SIZE, SPACING, axes) for axes in (AXIAL, CORONAL)]
    volumes, frames = [noise(40 + i) for i in range(2)], []
    for i, (grid, v) in enumerate(zip(grids, volumes)):
        frames += frames_of(grid, v)
        for f in frames[-SIZE[2] :]:
            f["stack"] = str(i + 1)
    enhanced(folder, frames)
    return [(v, g.affine()) for v, g in zip(volumes, grids)]


def echoes(folder, grid):
    volumes = [noise(43 + e) for e in range(2)]
    for e, v in enumerate(volumes):
        single_frames(folder / str(e), grid, v, EchoTime=str(12 + 80 * e), EchoNumbers=e + 1)
    return [(v, grid.affine()) for v in volumes]


def magnitude_phase(folder, grid):
    volumes = [noise(46 + e) for e in range(2)]
    for e, v in enumerate(volumes):
        single_frames(folder / str(e), grid, v, order=None, ImageType=["ORIGINAL", "PRIMARY", "MP"[e], "ND"])
    return [(v, grid.affine()) for v in volumes]


class Beside(FolderCase):
    """What each reader makes of a folder."""

    worst, values, series = 0.0, 0, 0

    def match(self, expected, found, name, reader):
        """Each expected volume is found once: the largest distance of corners, mm."""
        left, worst = list(range(len(found))), 0.0
        self.assertEqual(len(found), len(expected), f"{name}: volumes beside {reader}")
        for volume in expected:
            differences = {i: difference(volume, found[i]) for i in left}
            best = min(differences, key=lambda i: differences[i][::-1])
            self.assertLess(differences[best][0], 0.01, f"{name}: mm from {reader}")
            self.assertLess(differences[best][1], 2e-6, f"{name}: voxels beside {reader}")
            left.remove(best)
            worst = max(worst, differences[best][0])
        return worst


class Made(Beside):
    def test_truth_and_dcm2niix(self):
        worst, values, count, unread = 0.0, 0, 0, []
        for number, (name, (write, beside)) in enumerate(made().items()):
            folder, out = self.folder / f"{number:02d}", self.folder / f"{number:02d}-out"
            with self.subTest(name):
                truth = write(folder)
                volumes, errors = ours(folder, out)
                self.assertEqual(errors, [], name)
                self.match(truth, volumes, name, "the truth")
                other = theirs(folder, out / "dcm2niix")
                if not beside:
                    continue
                if not other:  # Debian's dcm2niix has no JPEG-LS
                    unread.append(name)
                    continue
                worst = max(worst, self.match(other, volumes, name, "dcm2niix"))
                values, count = values + sum(v.size for v, _ in volumes), count + 1
        print(f"dcm2niix reads nothing of: {', '.join(unread)}")
        print_comparison(f"{count} made DICOM series: voxels equal, corners", values, worst)


class Real(Beside):
    """The MR files that come with pydicom and nibabel (python3-pydicom, python3-nibabel)."""

    def test_series_of_real_scanners(self):
        folders = self.unpacked()
        worst, values, count = 0.0, 0, 0
        for name, folder in folders.items():
            with self.subTest(name):
                volumes, errors = ours(folder, self.folder / (name + "-out"))
                self.assertEqual(errors, [])
                other = theirs(folder, self.folder / (name + "-dcm2niix"))
                if not other:  # JPEG-LS; a projection (MIP), whose header says that it is none
                    self.assertIn(name, ("MR_small_jpeg_ls_lossless", "slicethickness_empty_string"))
                    continue
                worst = max(worst, self.match(other, volumes, name, "dcm2niix"))
                values, count = values + sum(v.size for v, _ in volumes), count + len(volumes)
        print_comparison(f"{count} volumes of pydicom's and nibabel's real files: voxels equal, corners", values, worst)

    def test_every_encoding_of_one_real_slice_is_the_same(self):
        folders = {n: f for n, f in self.unpacked().items() if n.startswith("MR_small")}
        self.assertGreaterEqual(len(folders), 7)
        plain = ours(folders["MR_small"], self.folder / "plain-out")[0]
        for name, folder in folders.items():
            with self.subTest(name):
                self.match(plain, ours(folder, self.folder / (name + "-same"))[0], name, "MR_small.dcm")

    def unpacked(self):
        """A folder for each real series."""
        root, folders = self.folder / "real", {}
        shutil.rmtree(root, ignore_errors=True)
        pydicoms = pathlib.Path(pydicom.data.__file__).parent / "test_files"
        nibabels = pathlib.Path(nib.__file__).parent / "nicom" / "tests" / "data"
        # Left out: mosaics (0, 1, siemens_dwi), which are no anatomical series; csa_slice_norm, which has no pixels.
        single = sorted(pydicoms.glob("MR_small*.dcm")) + [
            nibabels / "decimal_rescale.dcm",
            nibabels / "slicethickness_empty_string.dcm",
        ]
        for file in single:
            folders[file.stem] = root / file.stem
            folders[file.stem].mkdir(parents=True)
            shutil.copy(file, folders[file.stem])
        folders["philips_mprage"] = root / "philips_mprage"
        folders["philips_mprage"].mkdir()
        enhanced = gzip.decompress((nibabels / "philips_mprage.dcm.gz").read_bytes())
        (folders["philips_mprage"] / "enhanced.dcm").write_bytes(enhanced)
        for series in sorted((pydicoms / "dicomdirtests").glob("*/MR*")):
            folders[f"{series.parent.name} {series.name}"] = series
        return folders


if __name__ == "__main__":
    if shutil.which("dcm2niix") is None or shutil.which("gdcmconv") is None:
        print("dcm2niix or gdcmconv is not there; skipped")
        sys.exit(77)
    common.main()
