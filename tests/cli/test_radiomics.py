#!/usr/bin/env python3
"""gliocast radiomics: parameter files, tables, batches, bad input. Usage: test_radiomics.py BUILD SOURCE"""

import csv
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import common
import nibabel as nib
import numpy as np
import radiomics_inputs as inputs
from common import FolderCase, read_json, run

FIELD = read_json(common.SOURCE / "tests/reference/radiomics/field.json")
NRRD = {
    "uint8": "uchar",
    "int8": "int8",
    "int16": "short",
    "uint16": "ushort",
    "int32": "int",
    "uint32": "uint",
    "int64": "int64",
    "uint64": "uint64",
    "float32": "float",
    "float64": "double",
}
MET = {"uint8": "UCHAR", "int16": "SHORT", "uint32": "UINT", "float32": "FLOAT"}


def write_nrrd(path, array, channels=False):
    """(z, y, x) or (y, x), the values of a voxel last; spacing of inputs.SPACING."""
    n = array.ndim - channels
    sizes = ([array.shape[-1]] if channels else []) + list(array.shape[:n][::-1])
    directions = " ".join(
        "(" + ",".join(str(s if k == a else 0) for k in range(n)) + ")" for a, s in enumerate(inputs.SPACING[:n])
    )
    head = (
        f"NRRD0004\ntype: {NRRD[str(array.dtype)]}\ndimension: {len(sizes)}\nspace dimension: {n}\nsizes:"
        f" {' '.join(map(str, sizes))}\n"
    )
    head += (
        f"space directions: {'none ' if channels else ''}{directions}\nkinds:"
        f" {'list ' if channels else ''}{'domain ' * n}\nendian: little\nencoding: raw\n"
    )
    head += f"space origin: ({','.join('0' * n)})\n\n"
    path.write_bytes(head.encode() + np.ascontiguousarray(array).tobytes())
    return path


def write_mha(path, array):
    n = array.ndim
    head = (
        f"ObjectType = Image\nNDims = {n}\nElementSpacing = {' '.join(map(str, inputs.SPACING[:n]))}\nOffset ="
        f" {'0 ' * n}\nDimSize = {' '.join(map(str, array.shape[::-1]))}\n"
    )
    path.write_bytes(
        (head + f"ElementType = MET_{MET[str(array.dtype)]}\nElementDataFile = LOCAL\n").encode()
        + np.ascontiguousarray(array).tobytes()
    )
    return path


def write_nifti(path, array, slope=None):
    """`slope` is said in the header; the numbers of the array are stored as they are."""
    image = nib.Nifti1Image(array.T, np.diag([-s for s in inputs.SPACING[:2]] + [inputs.SPACING[2], 1]))
    image.header.set_zooms(inputs.SPACING[: array.ndim])
    nib.save(image, path)
    if slope:
        raw = bytearray(path.read_bytes())
        raw[112:116] = np.float32(slope).tobytes()
        path.write_bytes(raw)
    return path


def read_rows(path, separator=","):
    with open(path, newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f, delimiter=separator))


class AsPyRadiomics(FolderCase):
    """Inputs that people have, beside PyRadiomics' numbers (tests/reference/radiomics/make_field_fixtures.py)."""

    def features(self, image, mask, *arguments):
        out = self.folder / "row.json"
        self.said = run("radiomics", image, mask, *arguments, "--out", out).stderr
        (row,) = read_json(out)
        return row

    def agree(self, row, expected, name=""):
        features = {k: v for k, v in row.items() if not k.startswith("diagnostics") and k not in ("Image", "Mask")}
        self.assertEqual(sorted(features), sorted(expected), name)
        for k, v in expected.items():
            self.assertAlmostEqual(features[k], v, delta=1e-6 * abs(v) + 1e-9, msg=f"{name}: {k}")
        return np.array([abs(features[k] - v) / (abs(v) + 1e-3) for k, v in expected.items()])

    def validated(self, what, differences):
        differences = np.concatenate(differences)
        print(f"VALIDATION radiomics | {what} | PyRadiomics 3.0.1 | {differences.size} | {differences.max():.2g}")

    def parameters(self, text, ending="yaml"):
        path = self.folder / f"p.{ending}"
        path.write_bytes(text.encode())
        return path

    def test_planes_of_every_format(self):
        pixels, mask = inputs.plane(), inputs.plane_region()
        files = [
            (write_nrrd(self.folder / "p.nrrd", pixels), write_nrrd(self.folder / "m.nrrd", mask)),
            (write_mha(self.folder / "p.mha", pixels), write_mha(self.folder / "m.mha", mask)),
            (write_nifti(self.folder / "p.nii", pixels), write_nifti(self.folder / "m.nii.gz", mask)),
        ]
        params = self.parameters(json.dumps(inputs.PLANE_CASES["all classes"]), "json")
        for image, labels in files:
            self.agree(self.features(image, labels, "-p", params), FIELD["planes"]["all classes"], image.name)
        self.assertIn("shape is left out", self.said)

    def test_planes_with_every_setting(self):
        image, mask = (
            write_nrrd(self.folder / "q.nrrd", inputs.plane()),
            write_nrrd(self.folder / "n.nrrd", inputs.plane_region()),
        )
        differences = []
        for name, parameters in inputs.PLANE_CASES.items():
            row = self.features(image, mask, "-p", self.parameters(json.dumps(parameters), "json"))
            differences.append(self.agree(row, FIELD["planes"][name], name))
        self.validated("images of two dimensions", differences)
        out = self.folder / "row.csv"
        run(
            "radiomics",
            image,
            mask,
            "-p",
            self.parameters(json.dumps(inputs.PLANE_CASES["resampled"]), "json"),
            "--out",
            out,
        )
        (row,) = read_rows(out)
        for k, v in FIELD["plane diagnostics"].items():
            if "_Mean" not in k and "CenterOfMass" not in k:  # the last digits differ
                self.assertEqual(row[k], v, k)
        self.assertEqual(row["diagnostics_Mask-original_CenterOfMass"].count(","), 1)
        self.assertIn("two (x, y", run("radiomics", image, mask, "-s", "resampledPixelSpacing:[1,1,1]", code=2).stderr)
        self.assertIn("1 to 4294967295", run("radiomics", image, mask, "-l", 0, code=2).stderr)
        self.assertIn(
            "force2Ddimension",
            run("radiomics", image, mask, "-s", "force2D:true", "-s", "force2Ddimension:2", code=2).stderr,
        )
        three = run("radiomics", self.image(), self.mask(), "-s", "resampledPixelSpacing:[1,1]", code=2)
        self.assertIn("three (x, y, z", three.stderr)

    def test_a_plane_and_a_volume_do_not_mix(self):
        volume, plane = (
            write_nrrd(self.folder / "v.nrrd", inputs.plane()[np.newaxis]),
            write_nrrd(self.folder / "w.nrrd", inputs.plane_region()),
        )
        self.assertIn("the mask is 2-D, the image 3-D", run("radiomics", volume, plane, code=3).stderr)

    def image(self):
        return write_nrrd(self.folder / "image.nrrd", inputs.volume())

    def mask(self):
        return write_nrrd(self.folder / "mask.nrrd", inputs.regions())

    def test_long_wavelets_of_single_precision(self):
        image = write_nrrd(self.folder / "single.nrrd", inputs.single_precision())
        differences = []
        for name, parameters in inputs.WAVELET_CASES.items():
            row = self.features(image, self.mask(), "--params", self.parameters(json.dumps(parameters), "json"))
            differences.append(self.agree(row, FIELD["wavelets"][name], name))
        self.validated("long wavelets of single precision", differences)

    def test_parameter_files(self):
        image, masks = (
            self.image(),
            {
                "volume": self.mask(),
                "slice": write_nrrd(self.folder / "slice.nrrd", (inputs.one_slice() == 1).astype(np.uint8)),
            },
        )
        differences = []
        for name, (mask, text) in inputs.TEXT_CASES.items():
            differences.append(
                self.agree(self.features(image, masks[mask], "-p", self.parameters(text)), FIELD["texts"][name], name)
            )
            self.assertEqual("interpolator is null" in self.said, name == "null interpolator")
        self.validated("parameter files: merge keys, null, YAML's numbers, no class named", differences)

    def test_shape2d_is_quietly_left_out_where_no_class_is_named(self):
        self.features(self.image(), self.mask(), "-p", self.parameters("setting: {binWidth: 25}\n"))
        self.assertEqual(self.said, "")
        self.features(self.image(), self.mask(), "-p", self.parameters("featureClass: {shape2D: [], firstorder: []}\n"))
        self.assertIn("force2D", self.said)

    def test_parameter_files_that_pyradiomics_refuses(self):
        image, mask = self.image(), self.mask()
        for text, code, words in (
            ("---\nsetting: {binWidth: 5}\n---\nsetting: {binWidth: 6}\n", 3, ["more than one YAML document", "---"]),
            (",mageType:\n  Original: {}\n  LBP3D:: 2\n", 3, ["YAML document"]),  # no end to it for yaml-cpp
            ("setting: {binWidth: 5}\n---\n", 3, ["more than one YAML document"]),
            ("setting:\n  binWidth: null\n", 2, ["binWidth", "binCount"]),
            ("imageType:\n  Original: {}\n  Square: {binWidth: null}\n", 2, ["Square", "binCount"]),
            ("setting:\n  label: null\n", 2, ["label", "null", "line 2"]),
            ("setting:\n  minimumROIDimensions: ~\n", 2, ["minimumROIDimensions"]),
            ("setting:\n  distances: null\n", 2, ["distances"]),
            ("setting:\n  binWidth: .nan\n", 2, ["binWidth", "NaN"]),
            ("setting:\n  binWidth: -.inf\n", 2, ["binWidth", "-inf"]),
            ("setting:\n  binWidth: '5'\n", 2, ["binWidth"]),
            ("setting:\n  resegmentRange: [.nan, 5]\n", 2, ["resegmentRange", "NaN"]),
            ("setting:\n  normalizeScale: .inf\n", 2, ["normalizeScale", "inf"]),
            ("setting:\n  removeOutliers: -.inf\n", 2, ["removeOutliers", "-inf"]),
            ("setting:\n  binWidth: 1:30\n", 2, ["1:30"]),
            ("setting:\n\tbinWidth: 5\n", 3, ["line 2"]),
            ("setting: {binWidth: 5, binWidth: 6}\n", 3, ["binWidth", "twice"]),
            ("imageType:\n  Original: &a {binWidth: 3}\n  Square: {<<: *a, <<: {binCount: 4}}\n", 3, ["twice"]),
            ("imageType:\n  Original: &a {binWidth: 3}\n  Square:\n    <<: [*a, 5]\n", 3, ["merges", "line"]),
            ("imageType:\n  Square:\n    <<: 5\n", 3, ["merges", "line 3"]),
            ("featureClass:\n", 2, ["featureClass"]),
            ("", 3, ["empty"]),
            ("# nothing\n", 2, ["no parameters"]),
            ("setting:\n  label: 4294967296\n", 2, ["label", "4294967295"]),
            ("setting:\n  label: 0\n", 2, ["label"]),
        ):
            result = run("radiomics", image, mask, "-p", self.parameters(text), code=code)
            for w in words:
                self.assertIn(w, result.stderr, text)

    def test_lists_on_the_command_line_as_pyradiomics_writes_them(self):
        a = self.features(self.image(), self.mask(), "-s", "resampledPixelSpacing:2,2,2.5", "-s", "distances:1")
        b = self.features(self.image(), self.mask(), "-s", "resampledPixelSpacing:[2, 2, 2.5]", "-s", "distances:[1]")
        self.assertEqual(
            {k: v for k, v in a.items() if "Configuration" not in k},
            {k: v for k, v in b.items() if "Configuration" not in k},
        )

    def test_the_wanted_label_alone_is_judged(self):
        image, regions = self.image(), inputs.regions().astype(np.float64)
        expected = {1: FIELD["labels"]["1"], 2: FIELD["labels"]["2"]}
        background = np.argwhere(regions == 0)

        def check(name, labels, label, wanted, *arguments):
            row = self.features(image, write_nrrd(self.folder / "odd.nrrd", labels), "--label", label, *arguments)
            self.agree(row, wanted, name)

        def spoiled(values, kind):
            out = regions.astype(kind)
            for k, v in enumerate(values):
                out[tuple(background[37 * k])] = v
            return out

        check("negative", spoiled([-4, -29, -1], np.int16), 2, expected[2])
        check("-1 is not 255", spoiled([-1, -128], np.int8), 1, expected[1])
        check("NaN", np.where(regions == 0, np.nan, regions).astype(np.float32), 1, expected[1])
        self.assertEqual(self.said, "")
        check("infinite", spoiled([np.inf, -np.inf], np.float64), 1, expected[1])
        check("beyond 32 bits", spoiled([2**32 + 1, 2**40], np.int64), 1, expected[1])
        check("beyond 32 bits, unsigned", spoiled([2**32 + 1, 2**63], np.uint64), 1, expected[1])
        check("broken", spoiled([0.5, 1.5, 0.7], np.float32), 1, expected[1])
        self.assertIn("3 voxels hold broken numbers (0.5", self.said)
        for label, kind in (
            (2**31, np.uint32),
            (2**32 - 1, np.uint32),
            (2**32 - 1, np.int64),
            (2**31, np.float32),
            (2**32 - 1, np.float64),
            (65535, np.uint16),
            (2**30 + 1, np.int32),
        ):
            check(
                f"{label} as {kind.__name__}", np.where(regions == 2, label, regions).astype(kind), label, expected[2]
            )
        run("radiomics", image, self.mask(), "--label", 2**32, code=2)

    def test_masks_without_a_label_say_what_they_hold(self):
        half = write_nrrd(self.folder / "half.nrrd", (inputs.regions() == 1).astype(np.float32) * 0.5)
        result = run("radiomics", self.image(), half, code=3)
        for words in ("label 1 is not in the mask", "hold broken numbers (0.5", "nearest-neighbour"):
            self.assertIn(words, result.stderr)
        self.assertIn("holds 1, 2", run("radiomics", self.image(), self.mask(), "-l", 7, code=3).stderr)

    def test_masks_of_odd_values_say_which_labels_they_hold(self):
        regions = inputs.regions().astype(np.float32)

        def message(labels, label=5):
            return run(
                "radiomics", self.image(), write_nrrd(self.folder / "m.nrrd", labels), "-l", label, code=3
            ).stderr

        for name, odd, what in (
            ("NaN", np.where(regions == 0, np.nan, regions), "are not a number"),
            ("negative", np.where(regions == 0, -1, regions).astype(np.int16), "are below 0"),
            ("large", np.where(regions == 0, 2**40, regions).astype(np.int64), "are above 2^32 - 1"),
        ):
            said = message(odd)
            for words in ("label 5 is not in the mask, which holds 1, 2; ", what, "--label"):
                self.assertIn(words, said, name)
            self.assertNotIn("is this an image", said, name)
        said = message(np.where(regions == 2, 0.5, regions).astype(np.float32))
        self.assertIn("which holds 1; ", said)
        self.assertIn("was the mask resampled with interpolation?", said)
        said = message(np.where(regions == 0, np.nan, -1).astype(np.float32))
        self.assertIn("is this an image", said)
        self.assertNotIn("holds", said.split(";")[0])

    def test_nan_in_nifti_is_zero_as_itk_reads_it(self):
        volume, regions = inputs.volume().astype(np.float32), inputs.regions().astype(np.float32)
        volume[4, 6, 6] = volume[0, 0, 0] = 0
        holed = volume.copy()
        holed[4, 6, 6], holed[0, 0, 0] = np.nan, np.inf
        zero = self.features(write_nifti(self.folder / "zero.nii", volume), write_nifti(self.folder / "m.nii", regions))
        image = write_nifti(self.folder / "holed.nii", holed)
        mask = write_nifti(self.folder / "m-nan.nii", np.where(regions == 0, np.nan, regions).astype(np.float32))
        row = self.features(image, mask)
        self.assertEqual(self.said.count("read as 0, as ITK and PyRadiomics"), 2)
        self.assertIn("holed.nii: 1 NaN, 1 infinite voxels are read as 0", self.said)
        features = [k for k in zero if k.startswith("original")]
        self.assertEqual({k: row[k] for k in features}, {k: zero[k] for k in features})
        kept = write_nrrd(self.folder / "kept.nrrd", holed)  # only NIfTI is read so
        self.assertIn("1 NaN", run("radiomics", kept, self.mask(), code=3).stderr)

    def test_advice_against_nan_does_not_name_what_is_done_already(self):
        holed = inputs.volume().astype(np.float32)
        holed[inputs.regions() == 0] = np.nan
        image = write_nrrd(self.folder / "holed.nrrd", holed)
        for interpolator, advised in (("sitkLinear", False), ("sitkBSpline", True)):
            settings = ("-s", f"interpolator:{interpolator}", "-s", "resampledPixelSpacing:[2,2,2]")
            said = run("radiomics", image, self.mask(), *settings, code=3).stderr
            self.assertIn("resampling spreads them into it", said)
            self.assertEqual("resample by sitkLinear" in said, advised, said)

    def test_a_flat_region_is_not_blamed_on_resampling(self):
        mask = write_nrrd(self.folder / "flat.nrrd", inputs.one_slice())
        settings = ("-s", "resampledPixelSpacing:[1,1,1]", "-s", "minimumROIDimensions:3")
        said = run("radiomics", self.image(), mask, *settings, code=3).stderr
        self.assertIn("the region extends along 2 axes, minimumROIDimensions is 3", said)
        self.assertNotIn("resampl", said.replace("resampledPixelSpacing:[1,1,1]", ""))
        settings = ("-s", "resampledPixelSpacing:[1,1,15]", "-s", "minimumROIDimensions:3")  # here it is to blame
        said = run("radiomics", self.image(), self.mask(), *settings, code=3).stderr
        self.assertIn("2 axes (3 before)", said)
        self.assertIn("smaller resampledPixelSpacing", said)

    def test_a_batchs_table_warns_once_and_empty_rows_are_named(self):
        image, mask = self.image(), self.mask()
        table = self.folder / "t.csv"
        table.write_text(f"ID,Image,Mask\na,{image.name},{mask.name}\nb,,\n")
        said = run("radiomics", "--batch", table, "--out", self.folder / "o.csv", code=1).stderr
        self.assertIn("line 3: the cell of column Image is empty", said)
        self.assertNotIn("line 3, :", said)
        table.write_text(f"ID,Image,Mask,A;B\na,{image.name},{mask.name},1;5\nb,{image.name},{mask.name},2;5\n")
        said = run("radiomics", "--batch", table, "--out", self.folder / "p.csv").stderr
        for line in said.splitlines():
            self.assertLess(line.count("warning:"), 2, line)
        self.assertIn("could be separated", said)

    def test_voxels_at_the_end_of_an_nrrd_file(self):
        expected, image = FIELD["labels"]["1"], self.image()
        head, voxels = image.read_bytes().split(b"\n\n", 1)
        image.write_bytes(head + b"\nbyte skip: -1\n\n" + b"a header of another format" * 40 + voxels)
        self.agree(self.features(image, self.mask()), expected)
        image.write_bytes(head + b"\nbyte skip: -7\n\n" + voxels)
        self.assertIn("byte skip", run("radiomics", image, self.mask(), code=3).stderr)

    def test_scaled_masks(self):
        image = write_nifti(self.folder / "image.nii", inputs.volume())
        mask = write_nifti(self.folder / "scaled.nii", inputs.regions(), slope=2.0)
        self.agree(self.features(image, mask, "--label", 4), FIELD["labels"]["2"])
        full = write_nifti(self.folder / "full.nii", (inputs.regions() == 1).astype(np.uint8) * 255, slope=1 / 255)
        self.agree(self.features(image, full), FIELD["labels"]["1"])  # 255/255 is 1 but for rounding

    def test_channels_by_row_of_a_table(self):
        regions = inputs.regions()
        self.image()
        write_nrrd(
            self.folder / "vector.nrrd", np.stack([regions == 1, regions == 2], axis=-1).astype(np.uint8), channels=True
        )
        self.mask()
        table, out = self.folder / "cases.csv", self.folder / "cases.out.csv"
        table.write_text(
            "ID,Image,Mask,label,LABEL_CHANNEL\na,image.nrrd,vector.nrrd,1,0\nb,image.nrrd,vector.nrrd,,1\n"
            "c,image.nrrd,vector.nrrd,1,\nd,image.nrrd,mask.nrrd,2,\n",
            encoding="utf-8",
        )
        run("radiomics", "--batch", table, "--out", out, "-j", 2)
        volumes = [float(r["original_shape_VoxelVolume"]) for r in read_rows(out)]
        one, two = (FIELD["labels"][k]["original_shape_VoxelVolume"] for k in "12")
        np.testing.assert_allclose(volumes, [one, two, one, two])
        run("radiomics", "--batch", table, "--out", out, "--overwrite", "-s", "label_channel:1")
        np.testing.assert_allclose(
            [float(r["original_shape_VoxelVolume"]) for r in read_rows(out)], [one, two, two, two]
        )
        for cells, words in (
            ("1,x", "'x' is no channel"),
            ("1,-1", "'-1' is no channel"),
            ("1,0.5", "'0.5' is no channel"),
            ("0,0", "'0' is no label"),
            ("one,0", "'one' is no label"),
            ("4294967296,0", "is no label"),
        ):
            table.write_text(
                f"Image,Mask,Label,Label_channel\nimage.nrrd,vector.nrrd,1,0\nimage.nrrd,vector.nrrd,{cells}\n",
                encoding="utf-8",
            )
            result = run("radiomics", "--batch", table, "--out", out, "--overwrite", code=1)
            self.assertIn(words, result.stderr)
            self.assertIn("line 3", result.stderr)
            self.assertEqual(len(read_rows(out)), 1)  # the other row is done
        table.write_text(
            "Image,Mask,Label,Label_channel\nimage.nrrd,vector.nrrd,1,0\nimage.nrrd,vector.nrrd,1,2\n"
            "image.nrrd,mask.nrrd,2,3\n",
            encoding="utf-8",
        )
        result = run("radiomics", "--batch", table, "--out", out, "--overwrite", code=1)
        self.assertIn("line 3", result.stderr)
        self.assertIn("has 2 channels, channel 2", result.stderr)
        self.assertIn(
            "channel 3 (label_channel) has no effect", result.stderr
        )  # one value a voxel: PyRadiomics takes it too
        self.assertEqual(len(read_rows(out)), 2)

    def test_columns_that_name_a_setting_are_told(self):
        self.image(), self.mask()
        table = self.folder / "named.csv"
        table.write_text("Image,Mask,Label,binWidth,site\nimage.nrrd,mask.nrrd,1,5,A\n", encoding="utf-8")
        result = run("radiomics", "--batch", table, "--out", self.folder / "named.out.csv")
        self.assertIn("binWidth names a setting", result.stderr)
        self.assertNotIn("site", result.stderr)
        self.agree(
            {k: float(v) for k, v in read_rows(self.folder / "named.out.csv")[0].items() if k.startswith("original")},
            FIELD["labels"]["1"],
        )

    def test_colours_as_channels(self):
        image = write_nifti(self.folder / "image.nii", inputs.volume())
        regions = inputs.regions()
        colours = np.zeros(regions.T.shape, np.dtype([(c, "u1") for c in "RGB"]))
        colours["G"], colours["B"] = (regions == 2).T, (regions == 1).T
        nib.save(nib.Nifti1Image(colours, nib.load(image).affine), self.folder / "rgb.nii.gz")
        for channel, label in ((1, "2"), (2, "1")):
            self.agree(
                self.features(image, self.folder / "rgb.nii.gz", "-s", f"label_channel:{channel}"),
                FIELD["labels"][label],
            )
        self.assertIn("colours", run("radiomics", self.folder / "rgb.nii.gz", image, code=3).stderr)

    def test_readers_warnings_are_told_once(self):
        for name, array in (("zero.nii", inputs.volume()), ("zero-mask.nii", inputs.regions())):
            raw = bytearray(write_nifti(self.folder / name, array).read_bytes())
            raw[88:92] = np.float32(0).tobytes()
            (self.folder / name).write_bytes(raw)
        result = run(
            "radiomics", self.folder / "zero.nii", self.folder / "zero-mask.nii", "--out", self.folder / "zero.csv"
        )
        for name in ("zero.nii", "zero-mask.nii"):
            self.assertIn(f"{name}: the voxel spacing along axis 3 is 0", result.stderr)
        table = self.folder / "zero-cases.csv"
        table.write_text("Image,Mask,Label\nzero.nii,zero-mask.nii,1\nzero.nii,zero-mask.nii,2\n", encoding="utf-8")
        result = run("radiomics", "--batch", table, "--out", self.folder / "zero-cases.out.csv")
        self.assertEqual(result.stderr.count("/zero.nii: the voxel spacing"), 1)
        result = run(
            "radiomics",
            self.folder / "zero.nii",
            self.folder / "zero-mask.nii",
            "--voxel-based",
            "-p",
            self.parameters("featureClass: {firstorder: [Mean]}\n"),
            "--out",
            self.folder / "zero-maps",
        )
        self.assertIn("voxel spacing", result.stderr)

    def test_filters_that_give_nothing_are_told(self):
        for text in (
            "imageType: {Original: {}, LoG: {}}\n",
            "imageType: {Original: {}, LoG: null}\n",
            "imageType: {Original: {}, LoG: {sigma: []}}\n",
            "setting: {sigma: null}\nimageType: {Original: {}, LoG: {}}\n",
            "setting: {sigma: [1]}\nimageType: {Original: {}, LoG: {sigma: null}}\n",
        ):
            row = self.features(
                self.image(), self.mask(), "-p", self.parameters(text + "featureClass: {firstorder: [Mean]}\n")
            )
            self.assertIn("LoG is enabled without sigma", self.said, text)
            self.assertFalse([k for k in row if "log-sigma" in k])
        row = self.features(
            self.image(),
            self.mask(),
            "-p",
            self.parameters("setting: {sigma: [1]}\nimageType: {LoG: {}}\nfeatureClass: {firstorder: [Mean]}\n"),
        )
        self.assertEqual(self.said, "")
        self.assertIn("log-sigma-1-mm-3D_firstorder_Mean", row)
        text = "imageType: {Original: {}, LoG: {sigma: [40.0]}}\nfeatureClass: {firstorder: [Mean]}\n"
        result = run(
            "radiomics",
            self.image(),
            self.mask(),
            "--voxel-based",
            "-p",
            self.parameters(text),
            "--out",
            self.folder / "log-maps",
        )
        self.assertIn("too small for LoG", result.stderr)

    def test_values_outside_the_region_of_a_map(self):
        for spelling, wanted in (
            (".nan", np.nan),
            (".NaN", np.nan),
            ("nan", np.nan),
            ("null", np.nan),
            (".inf", np.inf),
            ("-.INF", -np.inf),
            ("'-3.5'", -3.5),
            ("2", 2),
            ("1e1", 10),
        ):
            params = self.parameters(f"featureClass: {{firstorder: [Mean]}}\nvoxelSetting: {{initValue: {spelling}}}\n")
            run(
                "radiomics",
                self.image(),
                self.mask(),
                "--voxel-based",
                "-p",
                params,
                "--map-format",
                "nifti",
                "--out",
                self.folder / "init",
                "--overwrite",
            )
            voxels = np.asarray(nib.load(self.folder / "init/original_firstorder_Mean.nii.gz").dataobj)
            np.testing.assert_equal(voxels[0, 0, 0], wanted, spelling)
            self.assertTrue(np.isfinite(voxels[5, 5, 3]))
        self.assertIn(
            "a number is needed",
            run(
                "radiomics",
                self.image(),
                self.mask(),
                "--voxel-based",
                "-p",
                self.parameters("voxelSetting: {initValue: x}\n"),
                "--out",
                self.folder / "other",
                code=2,
            ).stderr,
        )

    def test_metaimage_and_unknown_files(self):
        row = self.features(
            write_mha(self.folder / "i.mha", inputs.volume()),
            write_mha(self.folder / "k.MHA", inputs.regions()),
            "-l",
            2,
        )
        self.agree(row, FIELD["labels"]["2"])
        for name in ("x.png", "x.jpg", "x.dcm"):
            (self.folder / name).write_bytes(b"\x89PNG\r\n")
            result = run("radiomics", self.folder / name, self.mask(), code=3)
            self.assertIn("NIfTI (.nii, .nii.gz), NRRD (.nrrd, .nhdr) and MetaImage (.mha, .mhd)", result.stderr)


class Radiomics(FolderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rng = np.random.default_rng(3)
        affine = np.diag([-1, -1, 2.5, 1.0])
        cls.image, cls.mask = cls.folder / "image.nii.gz", cls.folder / "mask.nii.gz"
        nib.save(nib.Nifti1Image(rng.integers(0, 400, (24, 22, 12)).astype(np.int16), affine), cls.image)
        labels = np.zeros((24, 22, 12), np.uint8)
        labels[5:15, 6:16, 3:9] = 1
        labels[17:21, 6:10, 3:6] = 4
        nib.save(nib.Nifti1Image(labels, affine), cls.mask)

    def test_csv_has_inputs_diagnostics_and_features(self):
        run("radiomics", self.image, self.mask, "--preset", "paper788", "--out", self.folder / "one.csv", "-q")
        (row,) = read_rows(self.folder / "one.csv")
        names = list(row)
        self.assertEqual(names[:2], ["Image", "Mask"])
        self.assertEqual(sum(not n.startswith("diagnostics_") for n in names) - 2, 788)
        self.assertEqual(row["diagnostics_Mask-original_VoxelNum"], "600")
        self.assertEqual(row["diagnostics_Image-original_Size"], "(24, 22, 12)")
        self.assertEqual(row["diagnostics_Mask-original_BoundingBox"], "(5, 6, 3, 10, 10, 6)")
        voxels = np.asarray(nib.load(self.image).dataobj)[5:15, 6:16, 3:9].astype(float)
        self.assertAlmostEqual(float(row["original_firstorder_Mean"]), voxels.mean(), 9)
        self.assertAlmostEqual(float(row["original_firstorder_Energy"]), (voxels**2).sum(), 3)

    def test_parameter_file_and_settings_on_top(self):
        yaml = self.folder / "p.yaml"
        yaml.write_text(
            "imageType:\n  Original: {}\n  LoG: {sigma: [2.0, 3]}\nfeatureClass:\n  firstorder: [Mean, Entropy]\n"
            "  glcm:\nsetting:\n  binWidth: 10\n  label: 1\n",
            encoding="utf-8",
        )
        run(
            "radiomics",
            self.image,
            self.mask,
            "-p",
            yaml,
            "-s",
            "binWidth:40",
            "--label",
            4,
            "--out",
            self.folder / "p.json",
            "-q",
        )
        (row,) = read_json(self.folder / "p.json")
        self.assertEqual(row["diagnostics_Configuration_Settings"]["binWidth"], 40)
        self.assertEqual(row["diagnostics_Mask-original_VoxelNum"], 48)
        features = [k for k in row if "diagnostics" not in k][2:]
        self.assertEqual(features[:2], ["original_firstorder_Mean", "original_firstorder_Entropy"])
        self.assertIn("log-sigma-2-0-mm-3D_firstorder_Mean", features)
        self.assertIn("log-sigma-3-mm-3D_glcm_Contrast", features)

    def test_wrong_parameters_name_the_line(self):
        for text, words in (
            ("setting:\n  binWidth: 25\n  binWdith: 5\n", ["binWdith", "line 3"]),
            ("setting:\n  binWidth: -1\n", ["binWidth", "line 2", "greater than 0"]),
            ("setting: [1\n", ["line"]),
            ("imageType:\n  Wavelet:\n    wavelet: nope\n", ["nope", "line 3"]),
        ):
            path = self.folder / "bad.yaml"
            path.write_text(text, encoding="utf-8")
            code = 3 if "[1" in text else 2
            result = run("radiomics", self.image, self.mask, "-p", path, code=code)
            for w in words:
                self.assertIn(w, result.stderr)
        (self.folder / "bytes.yaml").write_bytes(b"imageType:\n  \xff\xfe: {}\n")
        self.assertIn("UTF-8", run("radiomics", self.image, self.mask, "-p", self.folder / "bytes.yaml", code=3).stderr)

    def test_batch_resumes_and_reports_bad_cases(self):
        table = self.folder / "cases.csv"
        table.write_text(
            "ID,Image,Mask,Label\na,image.nii.gz,mask.nii.gz,1\nb,image.nii.gz,gone.nii.gz,1\n"
            "c,image.nii.gz,mask.nii.gz,4\nd,image.nii.gz,mask.nii.gz,9\n",
            encoding="utf-8",
        )
        out = self.folder / "batch.csv"
        result = run("radiomics", "--batch", table, "--out", out, "--jobs", 2, "-q", code=1)
        self.assertIn("2 of 4 cases failed", result.stderr)
        rows = read_rows(out)
        self.assertEqual([r["ID"] for r in rows], ["a", "c"])
        reasons = read_rows(str(out) + ".failures.tsv", "\t")
        self.assertIn("gone.nii.gz", reasons[0]["reason"])
        self.assertIn("holds 1, 4", reasons[1]["reason"])
        run("radiomics", "--batch", table, "--out", out, "-q", code=2)  # the output is there
        (self.folder / "gone.nii.gz").write_bytes(self.mask.read_bytes())
        table.write_text(
            table.read_text(encoding="utf-8").replace("d,image.nii.gz,mask.nii.gz,9\n", ""), encoding="utf-8"
        )
        run("radiomics", "--batch", table, "--out", out, "--resume", "-q")
        again = read_rows(out)
        self.assertEqual([r["ID"] for r in again], ["a", "b", "c"])
        self.assertEqual(rows[0], again[0])
        self.assertFalse(pathlib.Path(str(out) + ".failures.tsv").exists())

    def test_batch_tables_as_people_have_them(self):
        out = self.folder / "odd.csv"

        def compute(name, content, code=0):
            table = self.folder / name
            table.write_bytes(content if isinstance(content, bytes) else content.encode())
            result = run("radiomics", "--batch", table, "--out", out, "--jobs", 1, "--overwrite", code=code)
            return read_rows(out) if code < 2 else None, result.stderr

        header, rows = "ID,Image,Mask,Label", ["a,image.nii.gz,mask.nii.gz,4", "b,image.nii.gz,mask.nii.gz,1"]
        plain, _ = compute("plain.csv", "\n".join([header, *rows]))
        features = [{k: v for k, v in r.items() if k.startswith("original_")} for r in plain]
        self.assertNotEqual(features[0], features[1])
        text = "\n".join([header, *rows]) + "\n"
        for name, content in (
            ("semicolons.csv", text.replace(",", ";")),
            ("tabs.csv", text.replace(",", "\t")),
            ("commas.tsv", text),
            ("blanks.csv", text.replace(",", " ,  ")),
            ("utf16.txt", text.replace(",", "\t").encode("utf-16")),
            ("unmarked.txt", text.replace(",", "\t").encode("utf-16-le")),
            ("cr.csv", text.replace("\n", "\r")),
            ("empty.csv", ",,,\n" + text.replace("\n", ",,\n") + ",,,,,\n\n,,,,,\n"),
            ("labels.csv", text.replace(",4", ", 4.0 ").replace(",1", ',"  1 "')),
            ("names.csv", text.replace("Image,Mask,Label", "image,MASK,label")),
            ("quoted.csv", text.replace("image.nii.gz", '" image.nii.gz"').replace("Mask", '"Mask "')),
            ("rows.tsv", "Image\tMask\tLabel\n" + "\n".join(rows).replace(",", "\t")),
        ):
            got, _ = compute(name, content)
            computed = [{k: v for k, v in r.items() if k.startswith("original_")} for r in got]
            self.assertEqual(computed, features, name)
        got, messages = compute("gaps.csv", text + "c,image.nii.gz,,1\n\n", code=1)
        self.assertEqual(len(got), 2)
        self.assertIn("line 4", messages)
        self.assertIn("column Mask is empty", messages)
        got, messages = compute("words.csv", text.replace(",4", ",four"), code=1)
        self.assertEqual(len(got), 1)
        self.assertIn("line 2", messages)
        self.assertIn("'four' is no label", messages)
        for content, words in (
            (text.replace("Mask", "Region"), ["Image and Mask", "Region"]),
            (text.replace(",4", ",4,5"), ["line 2", "5 cells"]),
            (b"PK\x03\x04 xl/workbook.xml", ["Excel", "CSV"]),
        ):
            _, messages = compute("bad.csv", content, code=3)
            for word in words:
                self.assertIn(word, messages)

    def test_a_mask_on_another_grid_is_explained_and_mended(self):
        other = self.folder / "other.nii.gz"
        mask = nib.load(self.mask)
        fine = np.kron(np.asarray(mask.dataobj), np.ones((1, 1, 2), np.uint8))
        affine = mask.affine.copy()
        affine[:3, 2] /= 2
        affine[:3, 3] -= affine[:3, 2] / 2
        nib.save(nib.Nifti1Image(fine, affine), other)
        result = run("radiomics", self.image, other, code=3)
        self.assertIn("different grids", result.stderr)
        self.assertIn("--resample-mask", result.stderr)
        run("radiomics", self.image, other, "--resample-mask", "--out", self.folder / "mended.json", "-q")
        run("radiomics", self.image, self.mask, "--out", self.folder / "plain.json", "-q")
        a, b = read_json(self.folder / "mended.json")[0], read_json(self.folder / "plain.json")[0]
        for k in a:
            if k.startswith("original_"):
                self.assertEqual(a[k], b[k], k)

    def save(self, name, voxels, affine):
        nib.save(nib.Nifti1Image(voxels, affine), self.folder / name)
        return self.folder / name

    def test_a_region_that_leaves_the_image_is_refused(self):
        labels = np.asarray(nib.load(self.mask).dataobj)
        affine = nib.load(self.mask).affine.copy()
        affine[2, 3] = 5 * 2.5  # five slices up: the region ends beyond the last one
        other = self.save("above.nii.gz", labels, affine)
        for extra in (["--resample-mask"], ["-s", "resampledPixelSpacing:[2, 2, 2]"]):
            result = run("radiomics", self.image, other, *extra, code=3)
            self.assertIn("the region reaches outside the image", result.stderr)
            self.assertIn("along z it reaches from 7.5 to 13.5, the image from -0.5 to 11.5", result.stderr)
            self.assertEqual(result.stdout, "")

    def test_a_mask_of_some_slices_is_resampled(self):
        affine = nib.load(self.mask).affine.copy()
        affine[2, 3] = 3 * 2.5
        other = self.save("slices.nii.gz", np.asarray(nib.load(self.mask).dataobj)[:, :, 3:9], affine)
        result = run(
            "radiomics",
            self.image,
            other,
            "-s",
            "resampledPixelSpacing:[2, 2, 2.5]",
            "--out",
            self.folder / "slices.json",
        )
        self.assertIn("the mask lies on another grid", result.stderr)
        (row,) = read_json(self.folder / "slices.json")
        self.assertEqual(row["diagnostics_Mask-interpolated_VoxelNum"], 5 * 5 * 6)
        result = run("radiomics", self.image, self.mask, "-s", "resampledPixelSpacing:[60, 60, 60]", code=3)
        self.assertIn("resampling from 1×1×2.5 mm to 60×60×60 mm", result.stderr)

    def test_unusable_input_is_told(self):
        bad, regions = self.folder / "nan.nrrd", self.folder / "regions.nrrd"
        voxels = inputs.volume().astype(np.float32)
        voxels[4, 6, 6] = np.nan
        write_nrrd(bad, voxels)
        write_nrrd(regions, inputs.regions())
        self.assertIn("not finite", run("radiomics", bad, regions, code=3).stderr)
        self.assertIn("grey levels", run("radiomics", self.image, self.mask, "-s", "binWidth:1e-9", code=3).stderr)
        self.assertIn("no such file", run("radiomics", self.image, self.folder / "nowhere.nii", code=3).stderr)
        self.assertIn("--batch", run("radiomics", self.image, code=2).stderr)

    def test_maps_are_written_as_nrrd_or_nifti(self):
        yaml = self.folder / "voxel.yaml"
        yaml.write_text(
            "featureClass:\n  firstorder: [Mean]\n  glcm: [Contrast]\nvoxelSetting:\n  kernelRadius: 1\n"
            "  initValue: -5\n",
            encoding="utf-8",
        )
        out = self.folder / "maps"
        run(
            "radiomics",
            self.image,
            self.mask,
            "--label",
            4,
            "--voxel-based",
            "-p",
            yaml,
            "--map-format",
            "nifti",
            "--out",
            out,
            "-q",
        )
        self.assertEqual(
            sorted(p.name for p in out.iterdir()),
            ["maps.tsv", "original_firstorder_Mean.nii.gz", "original_glcm_Contrast.nii.gz"],
        )
        mean = nib.load(out / "original_firstorder_Mean.nii.gz")
        self.assertEqual(mean.shape, (6, 6, 5))
        voxels, image, mask = (
            np.asarray(mean.dataobj),
            np.asarray(nib.load(self.image).dataobj).astype(float),
            np.asarray(nib.load(self.mask).dataobj),
        )
        self.assertEqual(voxels[0, 0, 0], -5)
        part = image[16:19, 5:8, 2:5][mask[16:19, 5:8, 2:5] == 4]  # around the region's first voxel
        self.assertAlmostEqual(voxels[1, 1, 1], part.mean(), 9)
        np.testing.assert_allclose(mean.affine @ [1, 1, 1, 1], nib.load(self.image).affine @ [17, 6, 3, 1], atol=1e-5)
        self.assertIn(
            "--overwrite", run("radiomics", self.image, self.mask, "--voxel-based", "--out", out, code=2).stderr
        )
        self.assertIn(
            "voxelSetting", run("radiomics", self.image, self.mask, "-p", self.wrong_section(), code=2).stderr
        )

    def wrong_section(self):
        path = self.folder / "wrong.yaml"
        path.write_text("setting:\n  kernelRadius: 2\n", encoding="utf-8")
        return path

    def test_local_binary_patterns_and_two_dimensions(self):
        slice_mask = self.folder / "slice.nii.gz"
        mask = nib.load(self.mask)
        labels = np.asarray(mask.dataobj).copy()
        labels[:, :, :5] = 0
        labels[:, :, 6:] = 0
        nib.save(nib.Nifti1Image(labels, mask.affine), slice_mask)
        yaml = self.folder / "lbp.yaml"
        yaml.write_text(
            "imageType:\n  Original: {}\n  LBP2D: {binWidth: 1}\n  LBP3D: {binWidth: 0.1}\nfeatureClass:\n  shape2D:\n"
            "  firstorder: [Maximum]\nsetting: {force2D: true}\n",
            encoding="utf-8",
        )
        run("radiomics", self.image, slice_mask, "-p", yaml, "--out", self.folder / "lbp.json", "-q")
        (row,) = read_json(self.folder / "lbp.json")
        self.assertEqual(row["original_shape2D_PixelSurface"], 100)
        self.assertAlmostEqual(row["original_shape2D_MeshSurface"], 100 - 4 / 8)
        self.assertLessEqual(row["lbp-2D_firstorder_Maximum"], 9)
        self.assertIn("lbp-3D-k_firstorder_Maximum", row)

    def test_a_channel_of_overlapping_masks(self):
        mask = nib.load(self.mask)
        labels = np.asarray(mask.dataobj)
        both = np.stack([labels == 1, labels == 4], axis=-1).astype(np.uint8)[:, :, :, None, :]
        image = nib.Nifti1Image(both, mask.affine)
        image.header.set_intent("vector")
        nib.save(image, self.folder / "both.nii.gz")
        run(
            "radiomics",
            self.image,
            self.folder / "both.nii.gz",
            "-s",
            "label_channel:1",
            "--out",
            self.folder / "channel.json",
            "-q",
        )
        self.assertEqual(read_json(self.folder / "channel.json")[0]["diagnostics_Mask-original_VoxelNum"], 48)
        self.assertIn(
            "2 channels",
            run("radiomics", self.image, self.folder / "both.nii.gz", "-s", "label_channel:2", code=3).stderr,
        )

    def test_tidy_table_with_its_dictionary(self):
        out = self.folder / "tidy.tsv"
        run("radiomics", self.image, self.mask, "--tidy", "--out", out, "-q")
        rows = read_rows(out, "\t")
        self.assertEqual(len(rows), 107)
        self.assertEqual({r["class"] for r in rows}, {"shape", "firstorder", "glcm", "gldm", "glrlm", "glszm", "ngtdm"})
        self.assertIn("unit", read_json(str(out) + ".dictionary.json"))


if __name__ == "__main__":
    common.main()
