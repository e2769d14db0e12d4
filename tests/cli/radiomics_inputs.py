"""Images, masks and parameters of the radiomics tests, and of the script that asks PyRadiomics for the numbers."""

import numpy as np

SPACING = (0.9, 1.2, 2.5)


def volume():
    """(z, y, x): waves with a slope, whole numbers."""
    z, y, x = np.indices((9, 20, 18))
    return (220 + 50 * np.sin(x * 0.9) * np.cos(y * 0.7) + 8 * z + 6 * ((x * y + z) % 7)).astype(np.int16)


def regions():
    """Label 1 an ellipsoid, label 2 a smaller one, apart."""
    z, y, x = np.indices((9, 20, 18))
    out = np.zeros(z.shape, np.uint8)
    out[((z - 4) / 2.2) ** 2 + ((y - 6) / 4) ** 2 + ((x - 6) / 4.5) ** 2 < 1] = 1
    out[((z - 5) / 2.2) ** 2 + ((y - 15) / 3) ** 2 + ((x - 12) / 3.5) ** 2 < 1] = 2
    return out


def one_slice():
    """Label 1 of regions() in one slice of the volume."""
    out = regions()
    out[:4] = out[5:] = 0
    return out


def plane():
    """(y, x)"""
    return volume()[4].astype(np.int16)


def plane_region():
    return (regions()[4] == 1).astype(np.uint8)


CLASSES = dict.fromkeys(("firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm"))
FILTERS = {
    "Original": {},
    "Wavelet": {},
    "LoG": {"sigma": [1.0, 2]},
    "Square": {},
    "SquareRoot": {},
    "Logarithm": {},
    "Exponential": {},
    "Gradient": {},
}

#: Parameters of planes, as PyRadiomics' parameter dictionaries.
PLANE_CASES = {
    "all classes": {"featureClass": {}},
    "filters": {"imageType": FILTERS, "featureClass": {**CLASSES, "shape2D": None}},
    "force2D": {
        "setting": {"force2D": True},
        "imageType": {"Original": {}, "Wavelet": {"wavelet": "db2", "level": 2}},
        "featureClass": CLASSES,
    },
    "force2D along x": {"setting": {"force2D": True, "force2Ddimension": 1}, "featureClass": CLASSES},
    "resampled": {"setting": {"resampledPixelSpacing": [1.1, 0.8], "interpolator": "sitkLinear"}, "featureClass": {}},
    "resampled along y": {
        "setting": {"resampledPixelSpacing": [0, 1.7], "interpolator": "sitkBSpline", "padDistance": 3},
        "featureClass": {},
    },
    "resampled at voxels' centres": {
        "setting": {"resampledPixelSpacing": [2.7, 0], "interpolator": "sitkBSpline"},
        "featureClass": {},
    },
    "resegmented": {"setting": {"resegmentRange": [180, 300], "resegmentShape": True}, "featureClass": {}},
    "normalised": {"setting": {"normalize": True, "normalizeScale": 100, "binWidth": 8}, "featureClass": CLASSES},
    "weighted": {
        "setting": {"weightingNorm": "euclidean", "distances": [1, 2]},
        "featureClass": {"glcm": None, "glrlm": None},
    },
    "cropped": {
        "setting": {"preCrop": True, "binCount": 16},
        "imageType": {"Gradient": {}, "LoG": {"sigma": [1.5]}},
        "featureClass": CLASSES,
    },
}


def single_precision():
    """The volume with decimals, in single precision."""
    return (volume() / 7).astype(np.float32)


WAVELET_CLASSES = {"firstorder": ["Mean", "Median", "Energy", "Skewness"], "glszm": ["ZoneVariance"]}
#: Long wavelets of single_precision(): the order of sums shows.
WAVELET_CASES = {
    f"{name}, level {level}": {
        "setting": {"binWidth": 2},
        "imageType": {"Wavelet": {"wavelet": name, "level": level, "start_level": level - 1}},
        "featureClass": WAVELET_CLASSES,
    }
    for level, names in ((1, ("coif3", "dmey")), (2, ("bior1.5", "bior3.7", "sym4", "dmey")))
    for name in names
}

#: Parameter files for the volume, as text.
TEXT_CASES = {
    "no featureClass, force2D": ("slice", "setting: {binWidth: 20, force2D: true}\n"),
    "empty featureClass, force2D": ("slice", "featureClass: {}\nsetting:\n  force2D: true\n  force2Ddimension: 0\n"),
    "JSON without featureClass": ("slice", '{"setting": {"force2D": true, "binWidth": 30}}'),
    "null binWidth": (
        "volume",
        "setting: {binWidth: null, binCount: 24}\nfeatureClass: {glcm: [Contrast], firstorder: [Entropy]}\n",
    ),
    "null binWidth of one image": (
        "volume",
        (
            "setting: {binWidth: 30}\nimageType:\n  Original: {}\n  Square: {binWidth: ~, binCount: 10}\nfeatureClass:"
            " {glcm: null}\n"
        ),
    ),
    "null binCount of one image": (
        "volume",
        (
            "setting: {binCount: 12}\nimageType:\n  Original: {}\n  Square: {binWidth: 11, binCount:"
            " null}\nfeatureClass: {glcm: [Contrast]}\n"
        ),
    ),
    "null interpolator": (
        "volume",
        (
            "setting: {interpolator: null, resampledPixelSpacing: [2, 2, 2]}\nfeatureClass: {firstorder: null, shape:"
            " [MeshVolume]}\n"
        ),
    ),
    "null everywhere": (
        "volume",
        "setting:\n"
        + "".join(
            f"  {k}: null\n"
            for k in (
                "minimumROISize",
                "geometryTolerance",
                "correctMask",
                "normalize",
                "normalizeScale",
                "removeOutliers",
                "resampledPixelSpacing",
                "padDistance",
                "resegmentRange",
                "resegmentMode",
                "resegmentShape",
                "preCrop",
                "sigma",
                "level",
                "start_level",
                "symmetricalGLCM",
                "weightingNorm",
                "binCount",
                "label_channel",
            )
        )
        + "featureClass: {glcm: null, shape: null}\n",
    ),
    "infinite limits": (
        "volume",
        (
            "setting: {resegmentRange: [-50, .inf], normalize: true, normalizeScale: 100, removeOutliers: .inf,"
            " resegmentMode: absolute}\nfeatureClass: {firstorder: [Energy]}\n"
        ),
    ),
    "limits of minus infinity": (
        "volume",
        (
            "setting: {resegmentRange: [-.Inf, 1.5], resegmentMode: sigma, resegmentShape: true}\nfeatureClass:"
            " {firstorder: [Energy], shape: [MeshVolume]}\n"
        ),
    ),
    "merge": (
        "volume",
        (
            "setting: &base\n  binWidth: 14\n  gldm_a: 1\nimageType:\n  Original: {}\n  Square: {<<: *base, binWidth:"
            " 5}\n  SquareRoot:\n    <<: *base\nfeatureClass: {glcm: [Contrast], gldm: [SmallDependenceEmphasis]}\n"
        ),
    ),
    "merge of a list": (
        "volume",
        (
            "imageType:\n  Original: &a {binWidth: 13}\n  Square: &b {binWidth: 14, gldm_a: 2}\n  SquareRoot:\n    <<:"
            " [*a, *b]\n  Gradient:\n    <<: [*b, *a]\n    voxelArrayShift: 3\nfeatureClass: {firstorder: [Energy,"
            " Entropy], gldm: [SmallDependenceEmphasis]}\n"
        ),
    ),
    "merge of a merge": (
        "volume",
        (
            "imageType:\n  Original: &a {binWidth: 13}\n  Square: &b\n    <<: *a\n    gldm_a: 2\n  SquareRoot: {<<:"
            " *b}\nfeatureClass: {firstorder: [Entropy], gldm: [SmallDependenceEmphasis]}\n"
        ),
    ),
    "merge of classes": (
        "volume",
        "featureClass:\n  <<: {firstorder: [Mean], glcm: [Contrast]}\n  firstorder: [Median]\n",
    ),
    "numbers": (
        "volume",
        (
            "---\nsetting:\n  binWidth: 1.5e+1\n  gldm_a: 0x1\n  voxelArrayShift: 1_00\n  padDistance: 0o7\n "
            " distances: [01, +2]\nimageType: {Original: {}, LoG: {sigma: [1., 2e0]}}\nfeatureClass: {firstorder:"
            " [Energy], glcm: [Contrast], gldm: [DependenceEntropy]}\n...\n"
        ),
    ),
    "quoted keys and byte order mark": (
        "volume",
        "\ufeff'setting':\r\n  \"binWidth\": !!float 15\r\nfeatureClass: {glcm: [Contrast]}\r\n",
    ),
}
