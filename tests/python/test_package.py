"""The Python package, installed: run by tests/python/run.sh in a virtual environment of its own. Usage: test_package.py GLIOCAST SOURCE"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy as np
import SimpleITK as sitk

import gliocast
from gliocast import featureextractor

GLIOCAST, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        array = np.random.default_rng(1).integers(0, 300, (12, 20, 22)).astype(np.int16)
        labels = np.zeros(array.shape, np.uint8)
        labels[3:9, 5:15, 6:16] = 1
        labels[1:3, 2:5, 2:6] = 4
        cls.image, cls.mask = sitk.GetImageFromArray(array), sitk.GetImageFromArray(labels)
        for i in (cls.image, cls.mask):
            i.SetSpacing((0.9, 1.1, 2.5))
            i.SetOrigin((-3.0, 4.0, 5.5))
            i.SetDirection((0.6, -0.8, 0, 0.8, 0.6, 0, 0, 0, 1))
        cls.files = [str(cls.folder / "image.nrrd"), str(cls.folder / "mask.nii.gz")]
        sitk.WriteImage(cls.image, cls.files[0])
        sitk.WriteImage(cls.mask, cls.files[1])

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def by_program(self, parameters):
        (self.folder / "p.json").write_text(json.dumps(parameters))
        subprocess.run([GLIOCAST, "radiomics", *self.files, "--params", self.folder / "p.json", "--out", self.folder / "o.json", "-q"], check=True)
        return json.loads((self.folder / "o.json").read_text())[0]

    def test_paths_and_simpleitk_images_give_the_programs_numbers(self):
        parameters = {"imageType": {"Original": {}, "Wavelet": {}, "LoG": {"sigma": [2.0]}}, "setting": {"binWidth": 20, "resampledPixelSpacing": [1.5, 1.5, 1.5], "label": 1}}
        program = self.by_program(parameters)
        extractor = featureextractor.RadiomicsFeatureExtractor(parameters)
        for image, mask in (self.files, (self.image, self.mask)):
            result = extractor.execute(image, mask)
            features = {k: float(v) for k, v in result.items() if not k.startswith("diagnostics")}
            self.assertEqual(len(features), 14 + 10 * 93)
            for name, value in features.items():
                # An oblique grid is written with rounding, the file's and the image's differ by 1e-7 mm.
                self.assertAlmostEqual(value, program[name], delta=1e-5 * abs(value) + 1e-9, msg=name)
            for key in ("Image-original_Hash", "Mask-original_Hash", "Mask-interpolated_VoxelNum"):
                self.assertEqual(result["diagnostics_" + key], program["diagnostics_" + key])
            self.assertEqual(result["diagnostics_Image-original_Size"], (22, 20, 12))

    def test_numpy_arrays_labels_and_keywords(self):
        array, labels = sitk.GetArrayFromImage(self.image), sitk.GetArrayFromImage(self.mask)
        extractor = gliocast.RadiomicsFeatureExtractor(binWidth=10, additionalInfo=False)
        extractor.disableAllFeatures()
        extractor.enableFeaturesByName(firstorder=["Mean", "Maximum"], shape=["VoxelVolume"])
        result = extractor.execute(array, labels, label=4)
        self.assertEqual(list(result), ["original_shape_VoxelVolume", "original_firstorder_Mean", "original_firstorder_Maximum"])
        self.assertAlmostEqual(float(result["original_firstorder_Mean"]), array[labels == 4].mean())
        self.assertEqual(float(result["original_shape_VoxelVolume"]), 24)
        with_spacing = extractor.execute(gliocast.Image(array, (1, 1, 2)), gliocast.Image(labels, (1, 1, 2)), label=4)
        self.assertEqual(float(with_spacing["original_shape_VoxelVolume"]), 48)

    def test_channels_of_overlapping_masks(self):
        first, second = self.mask == 1, self.mask == 4
        both = sitk.Compose(first, second)
        path = str(self.folder / "both.nrrd")
        sitk.WriteImage(both, path)
        extractor = gliocast.RadiomicsFeatureExtractor()
        for mask in (both, path):
            result = extractor.execute(self.image, mask, label_channel=1)
            self.assertEqual(result["diagnostics_Mask-original_VoxelNum"], 24)
        with self.assertRaisesRegex(ValueError, "2 channels"):
            extractor.execute(self.image, path, label_channel=2)

    def test_voxel_based_maps_are_images(self):
        extractor = gliocast.RadiomicsFeatureExtractor({"featureClass": {"firstorder": ["Mean"], "glcm": ["Contrast"]}, "voxelSetting": {"kernelRadius": 1, "initValue": -1}})
        maps = extractor.execute(self.image, self.mask, label=4, voxelBased=True)
        self.assertEqual(list(maps), ["original_firstorder_Mean", "original_glcm_Contrast"])
        mean = maps["original_firstorder_Mean"]
        self.assertEqual(mean.GetSize(), (6, 5, 4))
        self.assertEqual(mean.GetPixel(0, 0, 0), -1)
        array, labels = sitk.GetArrayFromImage(self.image).astype(float), sitk.GetArrayFromImage(self.mask)
        neighbours = array[0:3, 1:4, 1:4][labels[0:3, 1:4, 1:4] == 4]
        self.assertAlmostEqual(mean.GetPixel(1, 1, 1), neighbours.mean())

    def test_bad_input_is_a_value_error_with_reason(self):
        extractor = gliocast.RadiomicsFeatureExtractor()
        for image, mask, label, word in (("absent.nrrd", self.files[1], 1, "no such file"), (self.image, self.mask, 9, "label 9"), (np.zeros((3, 3)), self.mask, 1, "2-D"), (self.image, 5, 1, "path"),
                                         (self.image, sitk.Cast(self.mask, sitk.sitkFloat32) * 0.5, 1, "whole"), (self.image, self.mask[:10, :, :], 1, "grids")):
            with self.assertRaisesRegex(ValueError, word):
                extractor.execute(image, mask, label=label)
        with self.assertRaisesRegex(ValueError, "binWdith"):
            gliocast.RadiomicsFeatureExtractor(binWdith=5)

    def test_parameter_file_of_pyradiomics(self):
        path = self.folder / "Params.yaml"
        path.write_text("imageType:\n  Original: {}\n  Wavelet: {}\nfeatureClass:\n  shape:\n  firstorder:\n  glcm: [Autocorrelation, Contrast]\nsetting:\n  binWidth: 25\n  label: 1\n")
        result = featureextractor.RadiomicsFeatureExtractor(str(path)).execute(*self.files)
        self.assertEqual(sum(not k.startswith("diagnostics") for k in result), 14 + 9 * 20)
        self.assertEqual(result["diagnostics_Configuration_EnabledImageTypes"], {"Original": {}, "Wavelet": {}})

    def test_no_itk_or_torch_is_linked(self):
        library = next(pathlib.Path(gliocast.__file__).parent.glob("_radiomics*.so"))
        linked = subprocess.run(["ldd", library], capture_output=True, text=True, check=True).stdout.lower()
        self.assertNotIn("itk", linked)
        self.assertNotIn("torch", linked)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
