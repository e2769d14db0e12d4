#!/usr/bin/env python3
"""gliocast radiomics: parameter files, tables, batches, bad input. Usage: test_radiomics.py BUILD SOURCE"""
import csv
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import common
import nibabel as nib
import numpy as np
from common import FolderCase, read_json, run


def read_rows(path, separator=","):
    with open(path, newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f, delimiter=separator))


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
        yaml.write_text("imageType:\n  Original: {}\n  LoG: {sigma: [2.0, 3]}\nfeatureClass:\n  firstorder: [Mean, Entropy]\n  glcm:\nsetting:\n  binWidth: 10\n  label: 1\n", encoding="utf-8")
        run("radiomics", self.image, self.mask, "-p", yaml, "-s", "binWidth:40", "--label", 4, "--out", self.folder / "p.json", "-q")
        (row,) = read_json(self.folder / "p.json")
        self.assertEqual(row["diagnostics_Configuration_Settings"]["binWidth"], 40)
        self.assertEqual(row["diagnostics_Mask-original_VoxelNum"], 48)
        features = [k for k in row if "diagnostics" not in k][2:]
        self.assertEqual(features[:2], ["original_firstorder_Mean", "original_firstorder_Entropy"])
        self.assertIn("log-sigma-2-0-mm-3D_firstorder_Mean", features)
        self.assertIn("log-sigma-3-mm-3D_glcm_Contrast", features)

    def test_wrong_parameters_name_the_line(self):
        for text, words in (("setting:\n  binWidth: 25\n  binWdith: 5\n", ["binWdith", "line 3"]), ("setting:\n  binWidth: -1\n", ["binWidth", "line 2", "greater than 0"]), ("setting: [1\n", ["line"]),
                            ("imageType:\n  Wavelet:\n    wavelet: nope\n", ["nope", "line 3"])):
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
        table.write_text("ID,Image,Mask,Label\na,image.nii.gz,mask.nii.gz,1\nb,image.nii.gz,gone.nii.gz,1\nc,image.nii.gz,mask.nii.gz,4\nd,image.nii.gz,mask.nii.gz,9\n", encoding="utf-8")
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
        table.write_text(table.read_text(encoding="utf-8").replace("d,image.nii.gz,mask.nii.gz,9\n", ""), encoding="utf-8")
        run("radiomics", "--batch", table, "--out", out, "--resume", "-q")
        again = read_rows(out)
        self.assertEqual([r["ID"] for r in again], ["a", "b", "c"])
        self.assertEqual(rows[0], again[0])
        self.assertFalse(pathlib.Path(str(out) + ".failures.tsv").exists())

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

    def test_unusable_input_is_told(self):
        bad = self.folder / "nan.nii.gz"
        image = nib.load(self.image)
        voxels = np.asarray(image.dataobj).astype(np.float32)
        voxels[8, 8, 5] = np.nan
        nib.save(nib.Nifti1Image(voxels, image.affine), bad)
        self.assertIn("not finite", run("radiomics", bad, self.mask, code=3).stderr)
        self.assertIn("grey levels", run("radiomics", self.image, self.mask, "-s", "binWidth:1e-9", code=3).stderr)
        self.assertIn("no such file", run("radiomics", self.image, self.folder / "nowhere.nii", code=3).stderr)
        self.assertIn("--batch", run("radiomics", self.image, code=2).stderr)

    def test_maps_are_written_as_nrrd_or_nifti(self):
        yaml = self.folder / "voxel.yaml"
        yaml.write_text("featureClass:\n  firstorder: [Mean]\n  glcm: [Contrast]\nvoxelSetting:\n  kernelRadius: 1\n  initValue: -5\n", encoding="utf-8")
        out = self.folder / "maps"
        run("radiomics", self.image, self.mask, "--label", 4, "--voxel-based", "-p", yaml, "--map-format", "nifti", "--out", out, "-q")
        self.assertEqual(sorted(p.name for p in out.iterdir()), ["maps.tsv", "original_firstorder_Mean.nii.gz", "original_glcm_Contrast.nii.gz"])
        mean = nib.load(out / "original_firstorder_Mean.nii.gz")
        self.assertEqual(mean.shape, (6, 6, 5))
        voxels, image, mask = np.asarray(mean.dataobj), np.asarray(nib.load(self.image).dataobj).astype(float), np.asarray(nib.load(self.mask).dataobj)
        self.assertEqual(voxels[0, 0, 0], -5)
        part = image[16:19, 5:8, 2:5][mask[16:19, 5:8, 2:5] == 4]  # around the region's first voxel
        self.assertAlmostEqual(voxels[1, 1, 1], part.mean(), 9)
        np.testing.assert_allclose(mean.affine @ [1, 1, 1, 1], nib.load(self.image).affine @ [17, 6, 3, 1], atol=1e-5)
        self.assertIn("--overwrite", run("radiomics", self.image, self.mask, "--voxel-based", "--out", out, code=2).stderr)
        self.assertIn("voxelSetting", run("radiomics", self.image, self.mask, "-p", self.wrong_section(), code=2).stderr)

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
        yaml.write_text("imageType:\n  Original: {}\n  LBP2D: {binWidth: 1}\n  LBP3D: {binWidth: 0.1}\nfeatureClass:\n  shape2D:\n  firstorder: [Maximum]\nsetting: {force2D: true}\n", encoding="utf-8")
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
        run("radiomics", self.image, self.folder / "both.nii.gz", "-s", "label_channel:1", "--out", self.folder / "channel.json", "-q")
        self.assertEqual(read_json(self.folder / "channel.json")[0]["diagnostics_Mask-original_VoxelNum"], 48)
        self.assertIn("2 channels", run("radiomics", self.image, self.folder / "both.nii.gz", "-s", "label_channel:2", code=3).stderr)

    def test_tidy_table_with_its_dictionary(self):
        out = self.folder / "tidy.tsv"
        run("radiomics", self.image, self.mask, "--tidy", "--out", out, "-q")
        rows = read_rows(out, "\t")
        self.assertEqual(len(rows), 107)
        self.assertEqual({r["class"] for r in rows}, {"shape", "firstorder", "glcm", "gldm", "glrlm", "glszm", "ngtdm"})
        self.assertIn("unit", read_json(str(out) + ".dictionary.json"))


if __name__ == "__main__":
    common.main()
