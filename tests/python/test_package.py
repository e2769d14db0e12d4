"""The Python package, installed: run by tests/python/run.sh in a virtual environment of its own.
Usage: test_package.py GLIOCAST SOURCE"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import gliocast
import numpy as np
import SimpleITK as sitk
from gliocast import featureextractor

GLIOCAST, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
sys.path.insert(0, str(SOURCE / "tests/cli"))
import radiomics_inputs as inputs  # noqa: E402

FIELD = json.loads((SOURCE / "tests/reference/radiomics/field.json").read_text())  # PyRadiomics' numbers
Extractor = featureextractor.RadiomicsFeatureExtractor


def image_of(array):
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(inputs.SPACING[: array.ndim])
    return image


class AsPyRadiomics(unittest.TestCase):
    """Calls that people have in their scripts for PyRadiomics."""

    @classmethod
    def setUpClass(cls):
        cls.image, cls.mask = image_of(inputs.volume()), image_of(inputs.regions())

    def agree(self, result, expected, name=""):
        features = {k: float(v) for k, v in result.items() if not k.startswith("diagnostics")}
        self.assertEqual(sorted(features), sorted(expected), name)
        for k, v in expected.items():
            self.assertAlmostEqual(features[k], v, delta=1e-6 * abs(v) + 1e-9, msg=f"{name}: {k}")

    def same(self, a, b):
        self.agree(a, {k: float(v) for k, v in b.items() if not k.startswith("diagnostics")})

    def warned(self, call):
        with self.assertLogs("gliocast", "WARNING") as log:
            self.result = call()
        return "\n".join(log.output)

    def silent(self, call):
        with self.assertNoLogs("gliocast", "WARNING"):
            return call()

    def test_numpy_values_in_settings(self):
        plain = Extractor(
            binWidth=12.5,
            label=2,
            force2D=True,
            resampledPixelSpacing=[1.0, 1.0, 2.0],
            distances=[1, 2],
            resegmentRange=[150, 300],
        ).execute(self.image, self.mask)
        settings = {
            "binWidth": np.float32(12.5),
            "label": np.unique(inputs.regions())[-1],
            "force2D": np.bool_(True),
            "resampledPixelSpacing": np.array([1.0, 1, 2]),
            "distances": np.array([1, 2]),
            "resegmentRange": (np.int16(150), np.float64(300)),
        }
        self.same(Extractor(**settings).execute(self.image, self.mask), plain)
        self.same(Extractor({"setting": settings}).execute(self.image, self.mask), {**plain})
        extractor = Extractor(binWidth=np.array(12.5), label=2)
        self.same(
            extractor.execute(self.image, self.mask, label=np.int64(1)),
            Extractor(binWidth=12.5).execute(self.image, self.mask),
        )
        extractor.enableImageTypeByName("LoG", customArgs={"sigma": np.arange(1, 3), "binWidth": np.uint8(3)})
        self.assertIn("log-sigma-2-mm-3D_glcm_Contrast", extractor.execute(self.image, self.mask))
        for bad in ({"label": 1.5}, {"label": "1"}, {"label": float("nan")}):
            with self.assertRaisesRegex(ValueError, "whole number"):
                Extractor().execute(self.image, self.mask, **bad)
        with self.assertRaisesRegex(ValueError, "binWidth"):
            Extractor(binWidth=object())

    def test_none_in_settings(self):
        plain = self.silent(lambda: Extractor(binCount=24).execute(self.image, self.mask))
        self.same(
            Extractor(
                binWidth=None,
                binCount=24,
                normalize=None,
                weightingNorm=None,
                resegmentRange=None,
                removeOutliers=None,
                padDistance=None,
            ).execute(self.image, self.mask),
            plain,
        )
        self.assertIn(
            "interpolator is None",
            self.warned(
                lambda: Extractor(binCount=24, interpolator=None, resampledPixelSpacing=[2, 2, 2]).execute(
                    self.image, self.mask
                )
            ),
        )
        self.same(self.result, plain)
        with self.assertRaisesRegex(ValueError, "binWidth of Original: is None and binCount"):
            Extractor(binWidth=None).execute(self.image, self.mask)
        with self.assertRaisesRegex(ValueError, "label is None"):
            Extractor(label=None).execute(self.image, self.mask)

    def test_simpleitks_numbers_of_interpolators(self):
        def extract(interpolator):
            extractor = Extractor(interpolator=interpolator, resampledPixelSpacing=[1, 1, 2])
            return extractor.execute(self.image, self.mask)

        names = [n for n in featureextractor._INTERPOLATORS.values() if hasattr(sitk, n)]
        self.assertIn("sitkBSpline", names)
        accepted = [n for n in dict.fromkeys(names) if getattr(sitk, n) < 11 or n == "sitkBSpline"]
        for name in accepted:
            self.same(extract(getattr(sitk, name)), extract(name))
        self.same(extract(3), extract("sitkBSpline"))  # as in older versions
        self.same(extract(np.int64(sitk.sitkBSpline)), extract("sitkBSpline"))
        for name in set(names) - set(accepted):
            with self.assertRaisesRegex(ValueError, "interpolator.*" + name + ".*allowed are sitkNearestNeighbor"):
                extract(getattr(sitk, name))
        with self.assertRaisesRegex(ValueError, "interpolator"):
            extract(99)

    def test_label_maps(self):
        for kind in (sitk.sitkLabelUInt8, sitk.sitkLabelUInt16, sitk.sitkLabelUInt32):
            for label in (1, 2):
                self.agree(
                    Extractor().execute(self.image, sitk.Cast(self.mask, kind), label=label),
                    FIELD["labels"][str(label)],
                )
        with self.assertRaisesRegex(ValueError, "label map"):
            Extractor().execute(sitk.Cast(self.mask, sitk.sitkLabelUInt8), self.mask)

    def test_label_none_leaves_it_to_execute(self):
        for extractor in (Extractor(label=None), Extractor({"setting": {"label": None}})):
            self.agree(extractor.execute(self.image, self.mask, label=2), FIELD["labels"]["2"])
            with self.assertRaisesRegex(ValueError, "label is None"):
                extractor.execute(self.image, self.mask)

    def test_truth_and_numbers_are_interchangeable_in_keywords(self):
        def extract(**setting):
            return Extractor(**setting).execute(self.image, self.mask)

        for name in ("normalize", "force2D", "preCrop", "symmetricalGLCM", "correctMask", "resegmentShape"):
            for truth, number in ((True, 1), (True, 2.5), (True, np.uint8(1)), (False, 0)):
                self.same(extract(**{name: number}), extract(**{name: truth}))
        self.assertNotEqual(
            float(extract(normalize=1)["original_firstorder_Mean"]), float(extract()["original_firstorder_Mean"])
        )
        self.same(extract(binWidth=True, distances=[True]), extract(binWidth=1, distances=[1]))
        self.same(extract(label=True), extract(label=1))
        self.same(Extractor().execute(self.image, self.mask, label=True), extract())
        with self.assertRaisesRegex(ValueError, "label"):
            extract(label=float("nan"))

    def test_keywords_that_pyradiomics_ignores(self):
        said = self.warned(
            lambda: Extractor(binWidth=25, verbose=True, enableCExtensions=True).execute(self.image, self.mask)
        )
        self.agree(self.result, FIELD["labels"]["1"])
        for word in ("verbose", "enableCExtensions"):
            self.assertEqual(said.count(word), 1)
        extractor = Extractor()
        extractor.enableImageTypeByName("Square", customArgs={"somethingElse": 1})
        self.assertIn("somethingElse", self.warned(lambda: extractor.execute(self.image, self.mask)))
        for slip in ("binWdith", "binwidth", "force2d", "resampledPixelspacing", "interpolater"):
            with self.assertRaisesRegex(ValueError, f"{slip} is no setting; is .* meant"):
                Extractor(**{slip: 1})
        with self.assertRaisesRegex(ValueError, "verbose"):  # a parameter file is checked in PyRadiomics too
            Extractor({"setting": {"verbose": True}})

    def test_planes(self):
        pixels, mask = image_of(inputs.plane()), image_of(inputs.plane_region())
        for name, parameters in inputs.PLANE_CASES.items():
            result = Extractor(parameters).execute(pixels, mask)
            self.agree(result, FIELD["planes"][name], name)
            self.assertEqual(result["diagnostics_Image-original_Dimensionality"], "2D")
        arrays = [gliocast.Image(a, inputs.SPACING[:2]) for a in (inputs.plane(), inputs.plane_region())]
        self.agree(Extractor({}).execute(*arrays), FIELD["planes"]["all classes"])
        self.same(
            Extractor({}).execute(inputs.plane(), inputs.plane_region()),
            Extractor({}).execute(*map(sitk.GetImageFromArray, (inputs.plane(), inputs.plane_region()))),
        )
        maps = Extractor(
            {"featureClass": {"firstorder": ["Mean"]}, "voxelSetting": {"initValue": float("nan")}}
        ).execute(pixels, mask, voxelBased=True)
        mean = maps["original_firstorder_Mean"]
        self.assertEqual((mean.GetDimension(), mean.GetSpacing()), (2, inputs.SPACING[:2]))
        self.assertTrue(np.isnan(mean.GetPixel(0, 0)))
        with self.assertRaisesRegex(ValueError, "the mask is 2-D, the image 3-D"):
            Extractor().execute(self.image, mask)
        self.assertIn("shape2D is its counterpart", self.warned(lambda: Extractor().execute(pixels, mask)))

    def test_planes_in_files(self):
        with tempfile.TemporaryDirectory() as folder:
            for ending in ("nrrd", "mha", "nii.gz"):
                files = [pathlib.Path(folder, f"{n}.{ending}") for n in ("image", "mask")]
                for file, array in zip(files, (inputs.plane(), inputs.plane_region())):
                    sitk.WriteImage(image_of(array), str(file))
                self.agree(Extractor({}).execute(*files), FIELD["planes"]["all classes"], ending)
                vector = pathlib.Path(folder, f"vector.{ending}")
                sitk.WriteImage(
                    sitk.Compose(image_of(inputs.plane_region()) * 0, image_of(inputs.plane_region())), str(vector)
                )
                self.agree(
                    Extractor({}).execute(files[0], vector, label_channel=np.uint8(1)),
                    FIELD["planes"]["all classes"],
                    ending,
                )

    def test_masks_of_other_values(self):
        regions = inputs.regions()
        for odd in (
            np.where(regions == 0, np.nan, regions),
            np.where(regions == 2, -7, regions).astype(np.int16),
            np.where(regions == 2, 2**40, regions.astype(np.int64)),
        ):
            self.agree(
                self.silent(lambda odd=odd: Extractor().execute(self.image, image_of(odd))), FIELD["labels"]["1"]
            )
        self.assertIn(
            "broken",
            self.warned(lambda: Extractor().execute(self.image, image_of(np.where(regions == 2, 1.5, regions)))),
        )
        self.agree(self.result, FIELD["labels"]["1"])
        self.agree(
            Extractor(label=2**32 - 1).execute(
                self.image, image_of(np.where(regions == 2, 2**32 - 1, regions.astype(np.uint32)))
            ),
            FIELD["labels"]["2"],
        )
        for odd in (np.where(regions == 0, np.nan, regions), np.where(regions == 0, -1, regions.astype(np.int16))):
            with self.assertRaisesRegex(ValueError, "label 5 is not in the mask, which holds 1, 2; ") as caught:
                Extractor().execute(self.image, image_of(odd), label=5)
            self.assertNotIn("is this an image", str(caught.exception))
        self.assertIn(
            "no effect", self.warned(lambda: Extractor().execute(self.image, self.mask, label_channel=3))
        )  # as PyRadiomics

    def test_parameter_files(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "p.yaml")
            for name, (mask, text) in inputs.TEXT_CASES.items():
                path.write_bytes(text.encode())
                region = self.mask if mask == "volume" else image_of((inputs.one_slice() == 1).astype(np.uint8))
                self.agree(Extractor(path).execute(self.image, region), FIELD["texts"][name], name)
            path.write_text("voxelSetting: {initValue: -.inf}\n")
            self.assertEqual(Extractor(path).settings["initValue"], -np.inf)
            for kind in (OSError, ValueError):  # PyRadiomics raises an IOError, this package a ValueError so far
                with self.assertRaisesRegex(kind, "does not exist"):
                    Extractor(pathlib.Path(folder, "absent.yaml"))

    def test_classes_and_images_as_pyradiomics_enables_them(self):
        extractor = Extractor({})
        self.assertEqual(list(extractor.enabledFeatures), extractor.featureClassNames)
        self.silent(lambda: extractor.execute(self.image, self.mask))
        extractor = Extractor(force2D=True)
        extractor.enableAllFeatures()
        region = image_of((inputs.one_slice() == 1).astype(np.uint8))
        self.assertIn("original_shape2D_Perimeter", extractor.execute(self.image, region))
        extractor.disableAllImageTypes()  # shape is of no image type
        self.assertEqual(sum(not k.startswith("diagnostics") for k in extractor.execute(self.image, region)), 14 + 9)
        extractor.disableAllFeatures()
        self.assertEqual(extractor.execute(self.image, region), {})
        extractor = Extractor()
        extractor.enableImageTypeByName("LoG")
        self.assertIn("LoG is enabled without sigma", self.warned(lambda: extractor.execute(self.image, self.mask)))

    def test_readers_warnings_are_logged(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "image.nii")
            sitk.WriteImage(self.image, str(file))
            raw = bytearray(file.read_bytes())
            raw[88:92] = np.float32(0).tobytes()
            file.write_bytes(raw)
            self.assertIn(
                "image.nii: the voxel spacing along axis 3 is 0",
                self.warned(lambda: self.assertRaises(ValueError, Extractor().execute, file, self.mask)),
            )

    def test_nan_in_nifti_is_zero_as_itk_reads_it(self):
        array = inputs.volume().astype(np.float32)
        array[4, 6, 6] = np.nan
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "nan.nii.gz")
            sitk.WriteImage(image_of(array), str(file))
            said = self.warned(lambda: Extractor().execute(file, self.mask))
            self.assertIn("nan.nii.gz: 1 NaN voxel is read as 0", said)
            array[4, 6, 6] = 0
            self.same(self.result, Extractor().execute(image_of(array), self.mask))

    def test_advice_is_pythons(self):
        with self.assertRaisesRegex(ValueError, "correctMask brings") as caught:
            Extractor().execute(self.image, self.mask[:, :, :8])
        self.assertNotIn("--", str(caught.exception))


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
        subprocess.run(
            [
                GLIOCAST,
                "radiomics",
                *self.files,
                "--params",
                self.folder / "p.json",
                "--out",
                self.folder / "o.json",
                "-q",
            ],
            check=True,
        )
        return json.loads((self.folder / "o.json").read_text())[0]

    def test_paths_and_simpleitk_images_give_the_programs_numbers(self):
        parameters = {
            "imageType": {"Original": {}, "Wavelet": {}, "LoG": {"sigma": [2.0]}},
            "setting": {"binWidth": 20, "resampledPixelSpacing": [1.5, 1.5, 1.5], "label": 1},
        }
        program = self.by_program(parameters)
        extractor = featureextractor.RadiomicsFeatureExtractor(parameters)
        # The files' grids: that of self.image differs by 1e-7 mm, and a voxel by 1 then, here as in PyRadiomics.
        for image, mask in (self.files, [sitk.ReadImage(f) for f in self.files]):
            result = extractor.execute(image, mask)
            features = {k: float(v) for k, v in result.items() if not k.startswith("diagnostics")}
            self.assertEqual(len(features), 14 + 10 * 93)
            for name, value in features.items():
                self.assertAlmostEqual(value, program[name], delta=1e-12 * abs(value), msg=name)
            for key in ("Image-original_Hash", "Mask-original_Hash", "Mask-interpolated_VoxelNum"):
                self.assertEqual(result["diagnostics_" + key], program["diagnostics_" + key])
            self.assertEqual(result["diagnostics_Image-original_Size"], (22, 20, 12))

    def test_numpy_arrays_labels_and_keywords(self):
        array, labels = sitk.GetArrayFromImage(self.image), sitk.GetArrayFromImage(self.mask)
        extractor = gliocast.RadiomicsFeatureExtractor(binWidth=10, additionalInfo=False)
        extractor.disableAllFeatures()
        extractor.enableFeaturesByName(firstorder=["Mean", "Maximum"], shape=["VoxelVolume"])
        result = extractor.execute(array, labels, label=4)
        self.assertEqual(
            list(result), ["original_shape_VoxelVolume", "original_firstorder_Mean", "original_firstorder_Maximum"]
        )
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
        extractor = gliocast.RadiomicsFeatureExtractor(
            {
                "featureClass": {"firstorder": ["Mean"], "glcm": ["Contrast"]},
                "voxelSetting": {"kernelRadius": 1, "initValue": -1},
            }
        )
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
        for image, mask, label, word in (
            ("absent.nrrd", self.files[1], 1, "no such file"),
            (self.image, self.mask, 9, "label 9"),
            (np.zeros((3, 3)), self.mask, 1, "2-D"),
            (self.image, 5, 1, "path"),
            (self.image, sitk.Cast(self.mask, sitk.sitkFloat32) * 0.5, 1, "whole"),
            (self.image, self.mask[:10, :, :], 1, "grids"),
        ):
            with self.assertRaisesRegex(ValueError, word):
                extractor.execute(image, mask, label=label)
        with self.assertRaisesRegex(ValueError, "binWdith"):
            gliocast.RadiomicsFeatureExtractor(binWdith=5)

    def test_parameter_file_of_pyradiomics(self):
        path = self.folder / "Params.yaml"
        path.write_text(
            "imageType:\n  Original: {}\n  Wavelet: {}\nfeatureClass:\n  shape:\n  firstorder:\n"
            "  glcm: [Autocorrelation, Contrast]\nsetting:\n  binWidth: 25\n  label: 1\n"
        )
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
