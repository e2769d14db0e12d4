"""PyRadiomics' extractor on gliocast's engine."""

from __future__ import annotations

import collections
import dataclasses
import hashlib
import json
import logging
import os
import pathlib
import platform
import sys
from typing import Any, Optional, Union

import numpy as np

from . import _radiomics

logger = logging.getLogger(__name__)
_STRAIGHT = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
_VOXEL_SETTINGS = ("kernelRadius", "maskedKernel", "initValue", "voxelBatch")
_FEATURE_CLASSES = ("firstorder", "glcm", "gldm", "glrlm", "glszm", "ngtdm", "shape", "shape2D")
_IMAGE_TYPES = ("Original", "LoG", "Wavelet", "Square", "SquareRoot", "Logarithm", "Exponential", "Gradient", "LBP2D", "LBP3D")


@dataclasses.dataclass
class Image:
    """A volume: `array` (z, y, x), spacing and origin in mm (x, y, z; LPS), direction cosines (row major)."""

    array: np.ndarray
    spacing: tuple[float, float, float] = (1.0, 1.0, 1.0)
    origin: tuple[float, float, float] = (0.0, 0.0, 0.0)
    direction: tuple[float, ...] = _STRAIGHT

    def _grid(self) -> tuple:
        return (tuple(map(float, self.spacing)), tuple(map(float, self.origin)), tuple(map(float, self.direction)))


ImageLike = Union[str, "os.PathLike[str]", np.ndarray, Image, Any]


def _is_sitk(image: Any) -> bool:
    return type(image).__module__.partition(".")[0] == "SimpleITK"


def _load(image: ImageLike, what: str, channel: Optional[int] = None) -> Image:
    """Paths, numpy arrays (z, y, x; 1 mm), SimpleITK images and `Image`."""
    if isinstance(image, (str, os.PathLike)):
        if not pathlib.Path(image).is_file():
            raise ValueError(f"Error reading {what}: no such file: {image}")
        array, grid = _radiomics.read_image(os.fspath(image), channel)
        return Image(array, *grid)
    if isinstance(image, np.ndarray):
        image = Image(image)
    if _is_sitk(image):
        import SimpleITK as sitk

        if image.GetNumberOfComponentsPerPixel() > 1:
            if channel is None:
                raise ValueError(f"the {what} has {image.GetNumberOfComponentsPerPixel()} values a voxel, one is needed")
            if channel >= image.GetNumberOfComponentsPerPixel():
                raise ValueError(f"the {what} has {image.GetNumberOfComponentsPerPixel()} channels, channel {channel} was asked for (from 0)")
            image = sitk.VectorIndexSelectionCast(image, channel)
        if image.GetDimension() != 3:
            raise ValueError(f"the {what} is {image.GetDimension()}-D, a volume is needed")
        image = Image(sitk.GetArrayFromImage(image), image.GetSpacing(), image.GetOrigin(), image.GetDirection())
    if not isinstance(image, Image):
        raise ValueError(f"Error reading {what}: a path, a numpy array or a SimpleITK image is needed, not {type(image).__name__}")
    if image.array.ndim != 3 or image.array.dtype.kind not in "biuf":
        raise ValueError(f"the {what} is a {image.array.ndim}-D array of {image.array.dtype}; three dimensions (z, y, x) of numbers are needed")
    return image


def _numbers(array: np.ndarray) -> np.ndarray:
    """In memory order and the machine's byte order; half and long floats become double."""
    if array.dtype.kind == "f" and array.dtype.itemsize not in (4, 8):
        array = array.astype(np.float64)
    return np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("="))


def _labels(mask: Image) -> np.ndarray:
    array = mask.array
    if array.dtype.kind == "f" and not (np.isfinite(array).all() and (array == np.floor(array)).all()):
        raise ValueError("the mask holds values that are no whole numbers")
    if array.size and (array.min() < 0 or array.max() > 2**32 - 1):
        raise ValueError("the mask holds labels below 0 or above 2^32 - 1")
    return _numbers(array)


def _kind(dtype: np.dtype) -> tuple[str, float, float]:
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        return "integer", float(info.min), float(info.max)
    return ("integer", 0.0, 1.0) if dtype.kind == "b" else ("float32" if dtype.itemsize == 4 else "float64", 0.0, 0.0)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(v) for v in value) if isinstance(value, list) else value


class RadiomicsFeatureExtractor:
    """Extracts features of a region. Takes a parameter file (YAML, JSON), a dictionary of that form, a preset ("default", "all", "paper788", "chain" by `preset=`), and settings as keywords."""

    def __init__(self, *args: Any, preset: Optional[str] = None, threads: int = 0, **kwargs: Any) -> None:
        self.settings: dict[str, Any] = {}
        self.enabledImagetypes: dict[str, dict[str, Any]] = {}
        self.enabledFeatures: dict[str, list[str]] = {}
        self.threads = threads  #: 0: as many as there are cores
        if len(args) > 1:
            raise TypeError("one parameter file or dictionary is taken")
        if args and isinstance(args[0], dict):
            self._apply(_radiomics.parse_parameters(json.dumps(args[0])))
        elif args and args[0] is not None:
            self.loadParams(args[0])
        else:
            self._apply(_radiomics.preset(preset or "default"))
        self.settings.update(kwargs)
        self._checked()

    def _apply(self, text: str) -> None:
        p = json.loads(text)
        self.settings, self.enabledImagetypes, self.enabledFeatures = p["setting"], p["imageType"], p["featureClass"]

    def _sections(self, setting: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        setting = self.settings if setting is None else setting
        p: dict[str, Any] = {"setting": {k: v for k, v in setting.items() if k not in _VOXEL_SETTINGS}, "imageType": self.enabledImagetypes, "featureClass": self.enabledFeatures}
        voxel = {k: v for k, v in setting.items() if k in _VOXEL_SETTINGS}
        if voxel:
            p["voxelSetting"] = voxel
        return p

    def _checked(self, setting: Optional[dict[str, Any]] = None) -> str:
        text = json.dumps(self._sections(setting))
        _radiomics.parse_parameters(text)
        return text

    def loadParams(self, paramsFile: Union[str, "os.PathLike[str]"]) -> None:
        self._apply(_radiomics.read_parameters(os.fspath(paramsFile)))

    def loadJSONParams(self, JSON_configuration: str) -> None:
        self._apply(_radiomics.parse_parameter_text(JSON_configuration))

    def addProvenance(self, provenance_on: bool = True) -> None:
        self.settings["additionalInfo"] = provenance_on

    def enableAllImageTypes(self) -> None:
        self.enabledImagetypes = {t: {} for t in _IMAGE_TYPES}

    def disableAllImageTypes(self) -> None:
        self.enabledImagetypes = {}

    def enableImageTypeByName(self, imageType: str, enabled: bool = True, customArgs: Optional[dict[str, Any]] = None) -> None:
        if imageType not in _IMAGE_TYPES:
            logger.warning("Image type %s is not recognized", imageType)
            return
        if enabled:
            self.enabledImagetypes[imageType] = dict(customArgs or {})
        else:
            self.enabledImagetypes.pop(imageType, None)

    def enableImageTypes(self, **enabledImagetypes: dict[str, Any]) -> None:
        self.enabledImagetypes.update(enabledImagetypes)

    def enableAllFeatures(self) -> None:
        self.enabledFeatures = {c: [] for c in _FEATURE_CLASSES if c != "shape2D"}

    def disableAllFeatures(self) -> None:
        self.enabledFeatures = {}

    def enableFeatureClassByName(self, featureClass: str, enabled: bool = True) -> None:
        if featureClass not in _FEATURE_CLASSES:
            logger.warning("Feature class %s is not recognized", featureClass)
            return
        if enabled:
            self.enabledFeatures[featureClass] = []
        else:
            self.enabledFeatures.pop(featureClass, None)

    def enableFeaturesByName(self, **enabledFeatures: list[str]) -> None:
        self.enabledFeatures.update(enabledFeatures)

    def getFeatureNames(self, featureClassName: str) -> list[str]:
        return _radiomics.feature_names(featureClassName)

    def execute(self, imageFilepath: ImageLike, maskFilepath: ImageLike, label: Optional[int] = None, label_channel: Optional[int] = None, voxelBased: bool = False) -> collections.OrderedDict[str, Any]:
        """Features by name, after diagnostics_*; with `voxelBased` an image a feature (SimpleITK's where it is installed, else `Image`). Raises ValueError for what cannot be computed."""
        if not self.enabledImagetypes or not self.enabledFeatures:
            return collections.OrderedDict()
        setting = dict(self.settings)
        if label is not None:
            setting["label"] = int(label)
        if label_channel is not None:
            setting["label_channel"] = int(label_channel)
        text = self._checked(setting)
        image = _load(imageFilepath, "image")
        mask = _load(maskFilepath, "mask", int(setting.get("label_channel", 0)))
        labels = _labels(mask)
        call = (_numbers(image.array), image._grid(), *_kind(image.array.dtype), labels, mask._grid(), text, self.threads)
        if voxelBased:
            return collections.OrderedDict((name, _as_output(Image(array, *grid))) for name, array, grid in _radiomics.extract_maps(*call))
        features, diagnostics, warnings = _radiomics.extract(*call)
        for w in warnings:
            logger.warning(w)
        out: collections.OrderedDict[str, Any] = collections.OrderedDict()
        if setting.get("additionalInfo", True):
            out.update(self._provenance(text))
            out["diagnostics_Image-original_Hash"] = hashlib.sha1(np.ascontiguousarray(image.array)).hexdigest()
            out["diagnostics_Image-original_Dimensionality"] = "3D"
            for key, value in json.loads(diagnostics).items():
                if key == "diagnostics_Mask-original_Spacing":
                    out["diagnostics_Mask-original_Hash"] = hashlib.sha1(labels.astype(np.uint32)).hexdigest()
                out[key] = _tuples(value)
        for name, value in features:
            out[name] = np.array(value)
        return out

    def _provenance(self, text: str) -> dict[str, Any]:
        def version(module: str) -> str:
            return getattr(sys.modules.get(module), "__version__", "not used")

        return {
            "diagnostics_Versions_PyRadiomics": "v3.0.1",
            "diagnostics_Versions_Numpy": np.__version__,
            "diagnostics_Versions_SimpleITK": version("SimpleITK"),
            "diagnostics_Versions_PyWavelet": "not used",
            "diagnostics_Versions_Python": platform.python_version(),
            "diagnostics_Versions_gliocast": _radiomics.__version__,
            "diagnostics_Configuration_Settings": json.loads(_radiomics.reported_settings(text)),
            "diagnostics_Configuration_EnabledImageTypes": self.enabledImagetypes,
        }


def _as_output(image: Image) -> Any:
    try:
        import SimpleITK as sitk
    except ImportError:
        return image
    out = sitk.GetImageFromArray(image.array)
    out.SetSpacing(image.spacing)
    out.SetOrigin(image.origin)
    out.SetDirection(image.direction)
    return out


def getTestCase(testCase: str, dataDirectory: Optional[str] = None) -> tuple[Optional[str], Optional[str]]:
    """Image and mask of one of PyRadiomics' test cases in a folder that holds them (or its subfolder data); nothing is downloaded."""
    for folder in (pathlib.Path(dataDirectory or "."), pathlib.Path(dataDirectory or ".") / "data"):
        image, mask = folder / f"{testCase}_image.nrrd", folder / f"{testCase}_label.nrrd"
        if image.is_file() and mask.is_file():
            return str(image), str(mask)
    logger.error("%s_image.nrrd and %s_label.nrrd are not in %s", testCase, testCase, dataDirectory)
    return None, None
