#!/usr/bin/env python3
"""Writes what the fuzzers begin with. Usage: fuzz_corpus.py FOLDER READER…; a folder for each reader is made in it."""

import base64
import json
import pathlib
import sys

SOURCE = pathlib.Path(__file__).resolve().parent.parent
PARAMETERS = {
    "example.yaml": "imageType:\n  Original: {}\n  LoG: {sigma: [1.0, 3]}\n  Wavelet: {wavelet: db4, level: 2}\n"
    "  LBP2D: {lbp2DMethod: ror}\n  LBP3D: {lbp3DLevels: 2}\nfeatureClass:\n  glcm: [Contrast]\n  shape:\n"
    "setting:\n  binWidth: 5\n  normalize: yes\n  resegmentRange: [-3, 3]\n  interpolator: sitkGaussian\n"
    "voxelSetting:\n  kernelRadius: 2\n  initValue: nan\n",
    "merge.yaml": "setting: &a {binWidth: null, binCount: 0x1F}\nimageType:\n  Square: &b {<<: *a}\n"
    "  LoG: {<<: [*a, *b], sigma: [1_0.5, .5]}\nvoxelSetting: {initValue: -.inf}\n",
}
# The first byte says how the rest is taken: ending, encoding.
TABLES = [
    "\x01a,b\n1,2\n",
    '\x00a\tb\n"x\ty"\t2\n',
    "\x01sep=;\na;b\n1,5;2\n",
    '\x00#c\n"t" "s"\n"1" 3 2\n"2" 4 1\n',
    "\x05id,x,,\n1,inf,,\n,,,\n",
    "\x0c#A\tB\nid\ttime\n1\t\u22125\n",
    '\x01time,status\n"a",1,2\n"b",3,4\n',
]
SURVIVAL_TABLES = [
    "\x00t,e\n1,1\n2,2\n",
    "\x01t;e\n1,5;dead\n2;Alive\n3;Unknown\n",
    "\x02s,t,e\n-5,-1,0:LIVING\n1,2,1:DECEASED\n0,inf,NA\n",
]
LEARNT_MODELS = {
    "svm": '{"kernel": "rbf", "gamma": 0.5, "rho": 0.1, "coefficients": [1, -1], "vectors": [[0, 1], [2, 3]], '
    '"sigmoid": {"intercept": 0, "slope": 1}}',
    "logistic": '{"intercept": 0.5, "coefficients": [1, 2]}',
    "selection": '{"columns": 2, "kept": [1, 0]}',
    "isotonic": '{"method": "isotonic", "score": [0, 1], "probability": [0.2, 0.9]}',
    "platt": '{"method": "platt", "intercept": 0, "slope": 1}',
}
SIGNATURES = {
    "chain": "ytarget: time\nalpha: [0.5, 1]\nlambda: 1se\n",
    "number": "yalpha: 0.5\nlambda: 0.1\ngroups: in-sample\n",
    "model": 'j{"specification": {"target": "cox"}, "candidates": [{"feature": "a", "importance": 0.5, "weight": -1}], '
    '"features": ["a"], "networks": [], "scale": {"columns": 1, "refuse_missing": false, "kept": [0], "centre": [1], '
    '"scale": [2], "fill": [0], "median": [0], "low": [-3], "p1": [-3], "p99": [3], "high": [3]}, "weights": [-1], '
    '"alpha": 0.5, "lambda": 0.1, "cut": 0.2, "range": [-1, 1], "rows": 6, "patients": 6, "events": 4, '
    '"held_out_concordance": {"estimate": 0.6, "se": null}, "notes": [], '
    '"cut_check": {"cut": 0, "p_corrected": 0.1, "p_median": null, "low": 3, "high": 3}}',
}
DICTIONARIES = {
    "network": '{"a": {"Description": "Volume", "Units": "mm3"}, "b": {"Network": "abc", "FittedOn": ["p1", "p2"]}}',
    "mixed": '{"b": {"Network": ["abc", "def"], "FittedOn": []}}',
}
READERS_OF_IMAGES = {"nrrd": "nrrd", "mha": "metaimage", "mhd": "metaimage"}  # all others: nifti


def images(reader):
    """The images that the tests of imageio make, by their names."""
    for made in ("images", "metaimages"):
        for case in json.loads((SOURCE / f"tests/reference/imageio/made_{made}.json").read_text(encoding="utf-8")):
            if READERS_OF_IMAGES.get(case["name"].rpartition(".")[2], "nifti") == reader:
                yield case["name"], base64.b64decode(case["file"])


def safetensors():
    tensor = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
    head = json.dumps({"a": tensor, "__metadata__": {"k": "v"}}).encode()
    return len(head).to_bytes(8, "little") + head + b"\0" * 8


def encoded(texts):
    """Texts by name, or by number."""
    named = texts if isinstance(texts, dict) else dict(enumerate(texts))
    return {str(name): text.encode("utf-8") for name, text in named.items()}


def bundle(name):
    """model.json of a shipped model."""
    return json.loads((SOURCE / "models" / name / "model.json").read_text(encoding="utf-8"))


def cox_models():
    """A model, and one as it would be with a penalty: without a variance."""
    payload = bundle("nomogram-lgg")["payload"]
    penalised = {**payload, "variance": [], "penalty": {"alpha": 0.9, "lambda": 0.05}}
    return {f"{n}.json": b"j" + json.dumps(p).encode() for n, p in (("payload", payload), ("penalised", penalised))}


def corpus(reader):
    """Names and bytes of the inputs of a reader; none for one that begins with nothing."""
    makers = {
        "parameters": lambda: encoded(PARAMETERS),
        "table": lambda: encoded(TABLES),
        "survival_table": lambda: encoded(SURVIVAL_TABLES),
        "learn_model": lambda: encoded(LEARNT_MODELS),
        "signature": lambda: encoded(SIGNATURES),
        "data_dictionary": lambda: encoded(DICTIONARIES),
        "safetensors": lambda: {"small": safetensors()},
        "cox_model": cox_models,
        "bundle": lambda: {name: b"\2" + json.dumps(bundle(name)).encode() for name in ("nomogram-lgg",)},
    }
    return makers.get(reader, lambda: dict(images(reader)))()


def main():
    folder = pathlib.Path(sys.argv[1])
    for reader in sys.argv[2:]:
        (folder / reader).mkdir(parents=True, exist_ok=True)
        for name, data in corpus(reader).items():
            (folder / reader / name).write_bytes(data)


if __name__ == "__main__":
    main()
