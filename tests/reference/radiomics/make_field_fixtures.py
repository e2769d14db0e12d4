"""PyRadiomics' numbers for planes, parameter files and labels of tests/cli/radiomics_inputs.py.

Run in a virtual environment with PyRadiomics:
pip install "numpy<2" SimpleITK PyWavelets pykwalify versioneer cython setuptools wheel
pip install --no-build-isolation pyradiomics; python tests/reference/radiomics/make_field_fixtures.py
Written with: PyRadiomics 3.0.1, SimpleITK 2.5.7, NumPy 1.26.4, PyWavelets 1.9.0.
"""

import json
import pathlib
import sys
import tempfile

import radiomics
import SimpleITK as sitk
from radiomics import featureextractor

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "cli"))
import radiomics_inputs as inputs  # noqa: E402

radiomics.setVerbosity(60)


def image(array):
    out = sitk.GetImageFromArray(array)
    out.SetSpacing(inputs.SPACING[: array.ndim])
    return out


def features(parameters, pixels, mask, **settings):
    result = featureextractor.RadiomicsFeatureExtractor(parameters, **settings).execute(image(pixels), image(mask))
    return {k: float(v) for k, v in result.items() if not k.startswith("diagnostics")}


def diagnostics(parameters, pixels, mask):
    result = featureextractor.RadiomicsFeatureExtractor(parameters).execute(image(pixels), image(mask))
    return {
        k: str(v)
        for k, v in result.items()
        if k.startswith("diagnostics") and "Versions" not in k and "Configuration" not in k
    }


def main():
    out = {"planes": {n: features(p, inputs.plane(), inputs.plane_region()) for n, p in inputs.PLANE_CASES.items()}}
    out["plane diagnostics"] = diagnostics(inputs.PLANE_CASES["resampled"], inputs.plane(), inputs.plane_region())
    masks = {"slice": inputs.one_slice(), "volume": inputs.regions()}
    with tempfile.TemporaryDirectory() as folder:
        out["texts"] = {}
        for name, (mask, text) in inputs.TEXT_CASES.items():
            path = pathlib.Path(folder, "p.json" if text.startswith("{") else "p.yaml")
            path.write_bytes(text.encode())
            out["texts"][name] = features(
                str(path), inputs.volume(), masks[mask] if mask == "volume" else (masks[mask] == 1).astype("uint8")
            )
    out["labels"] = {str(k): features({}, inputs.volume(), (inputs.regions() == k).astype("uint8")) for k in (1, 2)}
    region = (inputs.regions() == 1).astype("uint8")
    out["wavelets"] = {n: features(p, inputs.single_precision(), region) for n, p in inputs.WAVELET_CASES.items()}
    with open(HERE / "field.json", "w", encoding="utf-8") as f:
        groups = (
            json.dumps(k) + ": {\n" + ",\n".join(f"{json.dumps(n)}: {json.dumps(v)}" for n, v in group.items()) + "}"
            for k, group in out.items()
        )
        f.write("{" + ",\n".join(groups) + "}\n")
    print(
        {k: len(v) for k, v in out.items()},
        sum(len(v) for v in out["planes"].values()),
        sum(len(v) for v in out["texts"].values()),
    )


if __name__ == "__main__":
    main()
