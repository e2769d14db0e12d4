"""PyRadiomics' extractor on gliocast's engine."""

from __future__ import annotations

import collections
import dataclasses
import difflib
import hashlib
import json
import logging
import math
import os
import pathlib
import platform
import sys
from typing import Any, Union

import numpy as np

from . import _radiomics

logger = logging.getLogger(__name__)
_STRAIGHT = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
_VOXEL_SETTINGS = ("kernelRadius", "maskedKernel", "initValue", "voxelBatch")
_FEATURE_CLASSES = ("firstorder", "glcm", "gldm", "glrlm", "glszm", "ngtdm", "shape", "shape2D")
#: Settings that are true or false; PyRadiomics asks of a keyword only whether it counts as true.
_SWITCHES = (
    "additionalInfo",
    "correctMask",
    "force2D",
    "maskedKernel",
    "normalize",
    "preCrop",
    "resegmentShape",
    "symmetricalGLCM",
)
#: SimpleITK's numbers of interpolators, of version 2.5 and (3) of those before.
_INTERPOLATORS = {
    1: "sitkNearestNeighbor",
    2: "sitkLinear",
    3: "sitkBSpline",
    4: "sitkGaussian",
    5: "sitkLabelGaussian",
    6: "sitkHammingWindowedSinc",
    7: "sitkCosineWindowedSinc",
    8: "sitkWelchWindowedSinc",
    9: "sitkLanczosWindowedSinc",
    10: "sitkBlackmanWindowedSinc",
    11: "sitkBSplineResampler",
    12: "sitkBSplineResamplerOrder1",
    13: "sitkBSplineResamplerOrder2",
    14: "sitkBSplineResamplerOrder4",
    15: "sitkBSplineResamplerOrder5",
    21: "sitkBSpline1",
    22: "sitkBSpline2",
    23: "sitkBSpline",
    24: "sitkBSpline4",
    25: "sitkBSpline5",
    26: "sitkLabelLinear",
}
_IMAGE_TYPES = (
    "Original",
    "LoG",
    "Wavelet",
    "Square",
    "SquareRoot",
    "Logarithm",
    "Exponential",
    "Gradient",
    "LBP2D",
    "LBP3D",
)


@dataclasses.dataclass
class Image:
    """A volume: `array` (z, y, x), spacing and origin in mm (x, y, z; LPS), direction cosines (row major).
    Or a plane: `array` (y, x), of the others the two (four) numbers of x and y count."""

    array: np.ndarray
    spacing: tuple[float, ...] = (1.0, 1.0, 1.0)
    origin: tuple[float, ...] = (0.0, 0.0, 0.0)
    direction: tuple[float, ...] = _STRAIGHT

    def _is_plane(self) -> bool:
        return self.array.ndim == 2

    def _grid(self) -> tuple:
        spacing, origin, d = (tuple(map(float, v)) for v in (self.spacing, self.origin, self.direction))
        if not self._is_plane():
            return spacing, origin, d
        if len(d) == 9:
            d = (d[0], d[1], d[3], d[4])
        return (*spacing[:2], 1.0), (*origin[:2], 0.0), (d[0], d[1], 0.0, d[2], d[3], 0.0, 0.0, 0.0, 1.0)

    def _slices(self) -> np.ndarray:
        """The numbers as a volume's, in memory order and the machine's byte order; half floats become double."""
        array = self.array[np.newaxis] if self._is_plane() else self.array
        if array.dtype.kind == "f" and array.dtype.itemsize not in (4, 8):
            array = array.astype(np.float64)
        return np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("="))


ImageLike = Union[str, "os.PathLike[str]", np.ndarray, Image, Any]


class ParameterFileNotFoundError(FileNotFoundError, ValueError):
    """A parameter file that is not there: PyRadiomics raises an IOError, this package always a ValueError."""


def _is_sitk(image: Any) -> bool:
    return type(image).__module__.partition(".")[0] == "SimpleITK"


def _read(path: str | os.PathLike[str], what: str, channel: int | None, plane: bool) -> Image:
    if not pathlib.Path(path).is_file():
        raise ValueError(f"Error reading {what}: no such file: {path}")
    array, grid, dimensions, warnings = _radiomics.read_image(os.fspath(path), channel)
    for w in warnings:
        logger.warning("%s: %s", path, w)
    return Image(array[0] if dimensions == 2 or (dimensions == 0 and plane) else array, *grid)


def _from_sitk(image: Any, what: str, channel: int | None) -> Image:
    import SimpleITK as sitk

    if image.GetPixelIDTypeAsString().startswith("label of"):  # SimpleITK ends the process where its array is asked for
        if what != "mask":
            raise ValueError(f"the {what} is a label map, an image is needed")
        image = sitk.LabelMapToLabel(image)
    values = image.GetNumberOfComponentsPerPixel()
    if "vector" in image.GetPixelIDTypeAsString():
        if channel is None:
            raise ValueError(f"the {what} has {values} values a voxel, one is needed")
        if channel >= values:
            raise ValueError(f"the {what} has {values} channels, channel {channel} was asked for (from 0)")
        image = sitk.VectorIndexSelectionCast(image, channel)
    elif channel:
        logger.warning("the %s has one value a voxel: label_channel %d has no effect", what, channel)
    if image.GetDimension() not in (2, 3):
        raise ValueError(f"the {what} is {image.GetDimension()}-D, a plane or a volume is needed")
    return Image(sitk.GetArrayFromImage(image), image.GetSpacing(), image.GetOrigin(), image.GetDirection())


def _load(image: ImageLike, what: str, channel: int | None = None, plane: bool = False) -> Image:
    """Paths, numpy arrays (z, y, x or y, x; 1 mm), SimpleITK images and `Image`.
    A file that may hold either a plane or one slice is a plane where `plane`."""
    if isinstance(image, (str, os.PathLike)):
        image = _read(image, what, channel, plane)
    elif isinstance(image, np.ndarray):
        image = Image(image)
    elif _is_sitk(image):
        image = _from_sitk(image, what, channel)
    if not isinstance(image, Image):
        raise ValueError(
            f"Error reading {what}: a path, a numpy array or a SimpleITK image is needed, not {type(image).__name__}"
        )
    if image.array.ndim not in (2, 3) or image.array.dtype.kind not in "biuf":
        raise ValueError(
            f"the {what} is a {image.array.ndim}-D array of {image.array.dtype}; numbers in three dimensions (z, y, x)"
            " or two (y, x) are needed"
        )
    return image


def _labels(mask: Image, label: int) -> np.ndarray:
    """The mask's labels; what cannot be a label is background, as long as the wanted one is there."""
    labels, remark = _radiomics.find_labels(mask._slices(), label)
    if remark:
        logger.warning("the mask: %s", remark)
    return labels


def _kind(image: Image) -> tuple[str, float, float, int]:
    dtype, dimensions = image.array.dtype, image.array.ndim
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        return "integer", float(info.min), float(info.max), dimensions
    if dtype.kind == "b":
        return "integer", 0.0, 1.0, dimensions
    return "float32" if dtype.itemsize == 4 else "float64", 0.0, 0.0, dimensions


def _plain(value: Any, name: str) -> Any:
    """A setting as JSON has it: NumPy's numbers and arrays as Python's, NaN and infinities as text."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, dict):
        return {str(k): _plain(v, str(k)) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset, range)):
        return [_plain(v, name) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise ValueError(f"{name}: a value of type {type(value).__name__} is no setting")


def _interpolator_name(number: int) -> Any:
    """The interpolator that the installed SimpleITK (else a known version of it) means by a number of its own."""
    try:
        import SimpleITK as sitk
    except ImportError:
        sitk = None
    for name in _INTERPOLATORS.values():
        if getattr(sitk, name, None) == number:
            return name
    return _INTERPOLATORS.get(number, number)


def _numbers(value: Any) -> Any:
    """True and False as 1 and 0, also in lists."""
    if isinstance(value, list):
        return [_numbers(v) for v in value]
    return int(value) if isinstance(value, bool) else value


def _as_python(value: Any, name: str) -> Any:
    """A keyword's plain value as Python would use it: numbers for true and false, and the reverse."""
    if name in _SWITCHES:
        return bool(value) if isinstance(value, (int, float)) else value
    value = _numbers(value)
    return _interpolator_name(value) if name == "interpolator" and isinstance(value, int) else value


def _whole(value: Any, name: str) -> int:
    plain = _numbers(_plain(value, name))
    if not isinstance(plain, (int, float)) or not math.isfinite(plain) or plain != int(plain):
        raise ValueError(f"{name} is {value!r}, a whole number is needed")
    return int(plain)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(v) for v in value) if isinstance(value, list) else value


class RadiomicsFeatureExtractor:
    """Extracts features of a region. Takes a parameter file (YAML, JSON), a dictionary of that form, a preset
    ("default", "all", "paper788", "chain" by `preset=`), and settings as keywords."""

    def __init__(self, *args: Any, preset: str | None = None, threads: int = 0, **kwargs: Any) -> None:
        self.settings: dict[str, Any] = {}
        self.enabledImagetypes: dict[str, dict[str, Any]] = {}
        self.enabledFeatures: dict[str, list[str]] = {}
        self.featureClassNames = list(_FEATURE_CLASSES)
        self.threads = threads  #: 0: as many as there are cores
        self._told: set[str] = set()
        if len(args) > 1:
            raise TypeError("one parameter file or dictionary is taken")
        if args and isinstance(args[0], dict):
            given = _plain(args[0], "parameters")
            setting = given.get("setting")
            later = isinstance(setting, dict) and "label" in setting and setting["label"] is None
            if later:
                del setting["label"]
            self._apply(_radiomics.parse_parameters(json.dumps(given)))
            if later:
                self.settings["label"] = None
        elif args and args[0] is not None:
            if not os.path.isfile(args[0]):
                raise ParameterFileNotFoundError(f"Parameter file {args[0]} does not exist.")
            self.loadParams(args[0])
        else:
            self._apply(_radiomics.preset(preset or "default"))
        self.settings.update(kwargs)
        self._checked()

    def _apply(self, text: str) -> None:
        p = json.loads(text)
        self.settings, self.enabledImagetypes, self.enabledFeatures = p["setting"], p["imageType"], p["featureClass"]
        if isinstance(self.settings.get("initValue"), str):  # NaN or an infinity, which JSON has not
            self.settings["initValue"] = float(self.settings["initValue"])

    def _known(self, settings: dict[str, Any] | None) -> dict[str, Any]:
        """The settings that there are. PyRadiomics ignores other keywords, old ones of its own among them: so does
        this, with a warning, but for what looks like a slip of the pen."""
        names = _radiomics.setting_names()
        known: dict[str, Any] = {}
        for name, value in (settings or {}).items():
            if name in names:
                if name != "label" or value is not None:  # None: execute() gives it
                    known[name] = _as_python(_plain(value, name), name)
                continue
            close = difflib.get_close_matches(name.lower(), [n.lower() for n in names], 1, 0.85)
            if close:
                meant = next(n for n in names if n.lower() == close[0])
                raise ValueError(f"{name} is no setting; is {meant} meant?")
            if name not in self._told:
                self._told.add(name)
                logger.warning("%s is no setting that gliocast knows: it is ignored", name)
        return known

    def _sections(self, setting: dict[str, Any]) -> dict[str, Any]:
        known = self._known(setting)
        p: dict[str, Any] = {
            "setting": {k: v for k, v in known.items() if k not in _VOXEL_SETTINGS},
            "imageType": {t: self._known(custom) for t, custom in self.enabledImagetypes.items()},
            "featureClass": {c: _plain(features, c) for c, features in self.enabledFeatures.items()},
        }
        voxel = {k: v for k, v in known.items() if k in _VOXEL_SETTINGS}
        if voxel:
            p["voxelSetting"] = voxel
        if list(p["featureClass"].items()) == [(c, []) for c in _FEATURE_CLASSES]:
            p["featureClass"] = {}  # all of them: shape2D only where it can be, and no word of it elsewhere
        if not self.enabledImagetypes:  # PyRadiomics: shape alone, which is of no image type
            p["featureClass"] = {
                c: _plain(features, c) for c, features in self.enabledFeatures.items() if c.startswith("shape")
            }
        return p

    def _checked(self, setting: dict[str, Any] | None = None) -> str:
        text = json.dumps(self._sections(self.settings if setting is None else setting))
        _radiomics.parse_parameters(text)
        return text

    def loadParams(self, paramsFile: str | os.PathLike[str]) -> None:
        self._apply(_radiomics.read_parameters(os.fspath(paramsFile)))

    def loadJSONParams(self, JSON_configuration: str) -> None:
        self._apply(_radiomics.parse_parameter_text(JSON_configuration))

    def addProvenance(self, provenance_on: bool = True) -> None:
        self.settings["additionalInfo"] = provenance_on

    def enableAllImageTypes(self) -> None:
        self.enabledImagetypes = {t: {} for t in _IMAGE_TYPES}

    def disableAllImageTypes(self) -> None:
        self.enabledImagetypes = {}

    def enableImageTypeByName(
        self, imageType: str, enabled: bool = True, customArgs: dict[str, Any] | None = None
    ) -> None:
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
        self.enabledFeatures.update({c: [] for c in _FEATURE_CLASSES})

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

    def execute(
        self,
        imageFilepath: ImageLike,
        maskFilepath: ImageLike,
        label: int | None = None,
        label_channel: int | None = None,
        voxelBased: bool = False,
    ) -> collections.OrderedDict[str, Any]:
        """Features by name, after diagnostics_*; with `voxelBased` an image a feature (SimpleITK's where it is
        installed, else `Image`). Raises ValueError for what cannot be computed."""
        setting = dict(self.settings)
        if label is not None:
            setting["label"] = _whole(label, "label")
        if label_channel is not None:
            setting["label_channel"] = _whole(label_channel, "label_channel")
        if not self.enabledFeatures or not (
            self.enabledImagetypes or any(c.startswith("shape") for c in self.enabledFeatures)
        ):
            return collections.OrderedDict()
        if setting.get("label", 1) is None:
            raise ValueError("label is None: execute() needs one then, label=1")
        text = self._checked(setting)
        image = _load(imageFilepath, "image")
        channel = setting.get("label_channel")
        mask = _load(
            maskFilepath, "mask", 0 if channel is None else _whole(channel, "label_channel"), image._is_plane()
        )
        if image.array.ndim != mask.array.ndim:
            raise ValueError(
                f"the mask is {mask.array.ndim}-D, the image {image.array.ndim}-D: both must be planes or volumes (of"
                " one slice)"
            )
        labels = _labels(mask, _whole(setting.get("label", 1), "label"))
        call = (image._slices(), image._grid(), _kind(image), labels, mask._grid(), text)
        if voxelBased:
            maps, warnings = _radiomics.extract_maps(*call, self.threads)
            self._warn(_radiomics.parameter_warnings(text) + warnings)
            return collections.OrderedDict((name, _as_output(_like(image, array, grid))) for name, array, grid in maps)
        told = bool(setting.get("additionalInfo", True))
        image_hash = hashlib.sha1(np.ascontiguousarray(image.array)).hexdigest() if told else ""
        features, diagnostics, warnings = _radiomics.extract(*call, _versions(), image_hash, self.threads)
        self._warn(_radiomics.parameter_warnings(text) + warnings)
        out: collections.OrderedDict[str, Any] = collections.OrderedDict()
        for key, value in json.loads(diagnostics).items() if told else ():
            out[key] = value if key.startswith("diagnostics_Configuration") else _tuples(value)
        if told:
            out["diagnostics_Configuration_EnabledImageTypes"] = self.enabledImagetypes
        for name, value in features:
            out[name] = np.array(value)
        return out

    @staticmethod
    def _warn(warnings: list[str]) -> None:
        for w in warnings:
            logger.warning("%s", w)


def _versions() -> str:
    """Versions of the libraries that take part, as JSON."""

    def version(module: str) -> str:
        return getattr(sys.modules.get(module), "__version__", "not used")

    return json.dumps({"Numpy": np.__version__, "SimpleITK": version("SimpleITK"), "Python": platform.python_version()})


def _like(image: Image, array: np.ndarray, grid: tuple) -> Image:
    """A map as an image of the given one's dimensions."""
    if not image._is_plane():
        return Image(array, *grid)
    spacing, origin, d = grid
    return Image(array[0], spacing[:2], origin[:2], (d[0], d[1], d[3], d[4]))


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


def getTestCase(testCase: str, dataDirectory: str | None = None) -> tuple[str | None, str | None]:
    """Image and mask of one of PyRadiomics' test cases in a folder that holds them (or its subfolder data); nothing is
    downloaded."""
    for folder in (pathlib.Path(dataDirectory or "."), pathlib.Path(dataDirectory or ".") / "data"):
        image, mask = folder / f"{testCase}_image.nrrd", folder / f"{testCase}_label.nrrd"
        if image.is_file() and mask.is_file():
            return str(image), str(mask)
    logger.error("%s_image.nrrd and %s_label.nrrd are not in %s", testCase, testCase, dataDirectory)
    return None, None
