"""tools/convert_resnet18.py: PyTorch's files of weights become .safetensors, and nothing in them is run.

The files are written here byte by byte as torch.save writes them, and by torch.save itself where Python's PyTorch is
there (Debian's python3-torch)."""

import collections
import io
import json
import os
import pickle
import struct
import subprocess
import sys
import unittest
import zipfile

import numpy as np
from common import SOURCE, FolderCase, main

sys.path.insert(0, str(SOURCE / "tools"))
import convert_resnet18 as tool

try:
    import torch
except ImportError:
    torch = None

REFERENCE = SOURCE / "tests" / "reference" / "nn" / "torchvision_resnet18.json"


def state_dict(seed=1):
    """torchvision's names, shapes and types with random values."""
    random = np.random.default_rng(seed)
    out = collections.OrderedDict()
    for name, (kind, shape) in json.loads(REFERENCE.read_text())["tensors"].items():
        out[name] = np.int64(7) if kind == "torch.int64" else random.standard_normal(shape).astype(np.float32)
    return out


class Global:
    """Pickles as a name, as torch's classes and functions do."""

    def __init__(self, module, name):
        self.module, self.name = module, name


class Call:
    """Pickles as a call of a name."""

    def __init__(self, function, arguments):
        self.function, self.arguments = function, arguments


class StorageId(tuple):
    """Pickles as a persistent id."""


class Writer(pickle._Pickler):
    def persistent_id(self, obj):
        return tuple(obj) if isinstance(obj, StorageId) else None

    def save_name(self, obj):
        self.write(b"c" + f"{obj.module}\n{obj.name}\n".encode())

    def save_call(self, obj):
        self.save(obj.function)
        self.save(obj.arguments)
        self.write(pickle.REDUCE)

    dispatch = pickle._Pickler.dispatch | {Global: save_name, Call: save_call}


def pickled(obj):
    out = io.BytesIO()
    Writer(out, 2).dump(obj)
    return out.getvalue()


def as_torch(weights):
    """What torch pickles of a state dictionary, and its storages."""
    content, storages = collections.OrderedDict(), {}
    for key, (name, value) in enumerate(weights.items()):
        array = np.asarray(value)
        kind = "LongStorage" if array.dtype == np.int64 else "FloatStorage"
        storage = StorageId(("storage", Global("torch", kind), str(key), "cpu", array.size))
        stride = tuple(s // array.itemsize for s in array.strides)
        content[name] = Call(
            Global("torch._utils", "_rebuild_tensor_v2"),
            (storage, 0, array.shape, stride, False, Call(Global("collections", "OrderedDict"), ())),
        )
        storages[str(key)] = array.tobytes()
    return content, storages


def write_archive(path, content, storages, more=()):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("resnet18/data.pkl", pickled(content))
        for key, data in storages.items():
            archive.writestr(f"resnet18/data/{key}", data)
        for name, data in more:
            archive.writestr(name, data)


def write_stream(path, content, storages, sizes):
    system = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
    with open(path, "wb") as f:
        for part in (tool.LEGACY_MAGIC, tool.LEGACY_PROTOCOL, system, content, sorted(storages)):
            f.write(pickled(part))
        for key in sorted(storages):
            f.write(struct.pack("<q", sizes[key]) + storages[key])


def read_safetensors(path):
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__")
    out = {}
    for name, entry in header.items():
        begin, end = (8 + length + o for o in entry["data_offsets"])
        out[name] = np.frombuffer(data[begin:end], "<f4").reshape(entry["shape"])
    return out


class Convert(FolderCase):
    def convert(self, source, status=0):
        out = self.folder / (source.stem + ".safetensors")
        out.unlink(missing_ok=True)
        done = subprocess.run(
            [sys.executable, SOURCE / "tools" / "convert_resnet18.py", source, out],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertNotIn("Traceback", done.stderr)
        if status != 0:
            self.assertFalse(out.exists())
            return done.stderr
        return read_safetensors(out)

    def check(self, tensors, weights):
        kept = [n for n in weights if not n.startswith("fc.") and not n.endswith("num_batches_tracked")]
        self.assertEqual(sorted(tensors), sorted(kept))
        self.assertEqual(len(kept), 100)
        for name in kept:
            np.testing.assert_array_equal(tensors[name], weights[name])

    def test_both_forms_give_every_number(self):
        weights = state_dict()
        content, storages = as_torch(weights)
        write_archive(self.folder / "new.pth", content, storages)
        self.check(self.convert(self.folder / "new.pth"), weights)
        sizes = {str(k): np.asarray(v).size for k, v in enumerate(weights.values())}
        write_stream(self.folder / "old.pth", content, storages, sizes)
        self.check(self.convert(self.folder / "old.pth"), weights)

    @unittest.skipIf(torch is None, "Python's PyTorch is not there")
    def test_what_torch_saves(self):
        weights = state_dict(2)
        tensors = collections.OrderedDict((k, torch.tensor(v)) for k, v in weights.items())
        tensors["conv1.weight"] = torch.nn.Parameter(tensors["conv1.weight"])
        for name, zipped in (("saved_new.pth", True), ("saved_old.pth", False)):
            torch.save(tensors, self.folder / name, _use_new_zipfile_serialization=zipped)
            self.check(self.convert(self.folder / name), weights)
        torch.save(torch.nn.Linear(2, 2), self.folder / "module.pth")
        self.assertIn("torch.nn.modules.linear.Linear", self.convert(self.folder / "module.pth", 1))

    def test_nothing_in_a_pickle_runs(self):
        mark = self.folder / "it_ran"
        command = Call(Global("posix", "system"), (f"touch {mark}",))
        weights = state_dict()
        content, storages = as_torch(weights)
        content["conv1.weight"] = command
        write_archive(self.folder / "evil.pth", content, storages)
        self.assertIn("posix.system", self.convert(self.folder / "evil.pth", 1))
        (self.folder / "evil_stream.pth").write_bytes(pickled(command))
        self.assertIn("posix.system", self.convert(self.folder / "evil_stream.pth", 1))
        for module, name in (("builtins", "eval"), ("torch", "load"), ("collections", "Counter"), ("os", "system")):
            write_archive(self.folder / "evil.pth", Call(Global(module, name), ("1",)), {})
            self.assertIn(f"{module}.{name}", self.convert(self.folder / "evil.pth", 1))
        self.assertFalse(mark.exists())
        pickle.loads(pickled(command))  # an unpickler that knows everything does run it
        self.assertTrue(mark.exists())
        mark.unlink()

    def test_files_that_are_not_whole(self):
        weights = state_dict()
        content, storages = as_torch(weights)
        sizes = {str(k): np.asarray(v).size for k, v in enumerate(weights.values())}
        write_archive(self.folder / "whole.pth", content, storages)
        write_stream(self.folder / "stream.pth", content, storages, sizes)
        for name in ("whole.pth", "stream.pth"):
            data = (self.folder / name).read_bytes()
            for part in (0.999, 0.5, 0.01, 0.0002, 0):
                (self.folder / "cut.pth").write_bytes(data[: int(part * len(data))])
                self.convert(self.folder / "cut.pth", 1)
        short = dict(storages)
        short["0"] = short["0"][:-4]
        write_archive(self.folder / "cut.pth", content, short)
        self.assertIn("not whole", self.convert(self.folder / "cut.pth", 1))
        del short["0"]
        write_archive(self.folder / "cut.pth", content, short)
        self.assertIn("data/0", self.convert(self.folder / "cut.pth", 1))

    def test_other_networks_are_told_by_name(self):
        def problem(change):
            weights = state_dict()
            change(weights)
            write_archive(self.folder / "other.pth", *as_torch(weights))
            return self.convert(self.folder / "other.pth", 1)

        self.assertIn("lacks layer3.1.bn2.bias", problem(lambda w: w.pop("layer3.1.bn2.bias")))
        self.assertIn(
            "has layer1.2.conv1.weight", problem(lambda w: w.update({"layer1.2.conv1.weight": w["bn1.bias"]}))
        )
        self.assertIn("(64, 3, 3, 3)", problem(lambda w: w.update({"conv1.weight": np.zeros((64, 3, 3, 3), "f4")})))
        self.assertIn("int64", problem(lambda w: w.update({"bn1.bias": np.zeros(64, np.int64)})))
        self.assertIn("no numbers", problem(lambda w: w.update({"bn1.bias": np.full(64, np.nan, "f4")})))

    def test_storages_that_lie(self):
        weights = state_dict()
        content, storages = as_torch(weights)
        call = content["bn1.weight"]
        for arguments in (
            (call.arguments[0], 60, (64,), (1,), False, {}),
            (call.arguments[0], -1, (64,), (1,), False, {}),
            (call.arguments[0], 0, (64,), (0,), False, {}),
            (call.arguments[0], 0, (1 << 40,), (1,), False, {}),
            ("no storage", 0, (64,), (1,), False, {}),
        ):
            content["bn1.weight"] = Call(call.function, arguments)
            write_archive(self.folder / "lies.pth", content, storages)
            self.convert(self.folder / "lies.pth", 1)

    def test_no_file_and_no_arguments(self):
        self.assertIn("No such file", self.convert(self.folder / "absent.pth", 1))
        done = subprocess.run(
            [sys.executable, SOURCE / "tools" / "convert_resnet18.py"], capture_output=True, check=False
        )
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"Usage", done.stderr)
        self.assertTrue(os.access(SOURCE / "tools" / "convert_resnet18.py", os.X_OK))


if __name__ == "__main__":
    main()
