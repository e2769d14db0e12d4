#!/usr/bin/env python3
"""Writes preprocess_fixtures.json: what SimpleITK's N4 and its mutual-information registration give on the ch2 head
(Debian's mricron-data) with a bias field and a movement that are formulas here and in libs/preprocess/tests. Needs
SimpleITK 2.5 and numpy. Usage: make_preprocess_fixtures.py > preprocess_fixtures.json"""

import json
import math

import numpy as np
import SimpleITK as sitk

HEAD = "/usr/share/mricron/templates/ch2.nii.gz"


def field(shape):
    z, y, x = np.meshgrid(*[np.arange(n, dtype=np.float64) for n in shape], indexing="ij")
    return np.exp(0.25 * np.sin(x / 50) + 0.2 * np.cos(y / 60) + 0.15 * np.sin(z / 45 + 1))


def bias():
    head = sitk.Cast(sitk.ReadImage(HEAD), sitk.sitkFloat32)
    values = sitk.GetArrayFromImage(head)
    true = field(values.shape)
    image = sitk.GetImageFromArray((values * true).astype(np.float32))
    image.CopyInformation(head)
    mask = sitk.Cast(head > 20, sitk.sitkFloat32)
    small, small_mask = sitk.BinShrink(image, [4] * 3), sitk.BinShrink(mask, [4] * 3) > 0.5
    small_mask = sitk.And(small_mask, small > 0)
    n4 = sitk.N4BiasFieldCorrectionImageFilter()
    n4.SetMaximumNumberOfIterations([50] * 4)
    n4.SetConvergenceThreshold(0.001)
    n4.Execute(small, sitk.Cast(small_mask, sitk.sitkUInt8))
    log = sitk.GetArrayFromImage(n4.GetLogBiasFieldAsImage(small)).astype(np.float64)
    inside = sitk.GetArrayFromImage(small_mask) > 0
    log -= log[inside].mean()
    index = np.argwhere(inside)[::101]
    small_true = np.log(
        np.asarray(
            [true[4 * k : 4 * k + 4, 4 * j : 4 * j + 4, 4 * i : 4 * i + 4].mean() for k, j, i in np.argwhere(inside)]
        )
    )
    correlation = float(np.corrcoef(small_true, log[inside])[0, 1])
    return {
        "call": f"SimpleITK {sitk.Version.VersionString()}: N4BiasFieldCorrectionImageFilter, 4 levels x 50, 1e-3, "
        "on BinShrink 4",
        "index_zyx": index.tolist(),
        "log_field": [round(float(log[tuple(i)]), 6) for i in index],
        "correlation_with_truth": round(correlation, 5),
    }


def movement():
    t = sitk.Euler3DTransform()
    t.SetCenter((0.0, 18.0, 0.0))
    t.SetRotation(math.radians(9), math.radians(-6), math.radians(12))
    t.SetTranslation((7.0, -5.0, 9.0))
    return t


def registration():
    head = sitk.BinShrink(sitk.Cast(sitk.ReadImage(HEAD), sitk.sitkFloat32), [2] * 3)
    other = sitk.Exp(-head / 60.0) * 200.0  # another contrast
    other = sitk.Mask(other, head > 12)
    true = movement()
    moving = sitk.Cast(sitk.Resample(other, head, true.GetInverse(), sitk.sitkLinear, 0.0), sitk.sitkFloat32)
    r = sitk.ImageRegistrationMethod()
    r.SetMetricAsMattesMutualInformation(32)
    r.SetMetricSamplingStrategy(r.RANDOM)
    r.SetMetricSamplingPercentage(0.1, seed=1)
    r.SetInterpolator(sitk.sitkLinear)
    r.SetOptimizerAsRegularStepGradientDescent(2.0, 1e-4, 300, 0.5)
    r.SetOptimizerScalesFromPhysicalShift()
    r.SetShrinkFactorsPerLevel([2, 1])
    r.SetSmoothingSigmasPerLevel([2, 0])
    r.SetInitialTransform(
        sitk.CenteredTransformInitializer(
            head, moving, sitk.Euler3DTransform(), sitk.CenteredTransformInitializerFilter.MOMENTS
        ),
        inPlace=False,
    )
    found = r.Execute(head, moving)
    matrix = [
        list(found.TransformPoint(p))
        for p in ((0.0, 0.0, 0.0), (100.0, 0.0, 0.0), (0.0, 100.0, 0.0), (0.0, 0.0, 100.0))
    ]
    return {
        "call": "ImageRegistrationMethod, Mattes mutual information 32 bins, Euler3D, moments, 2 levels",
        "images_of_0_and_100mm_axes": matrix,
    }


print(json.dumps({"bias": bias(), "registration": registration()}))
