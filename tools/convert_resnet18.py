#!/usr/bin/env python3
"""torchvision's resnet18 weights (.pth) as a .safetensors file for `gliocast train prognosis --imagenet`.

Usage: convert_resnet18.py FILE.pth OUT.safetensors

Needs numpy alone. A .pth file is a pickle, which may hold any program; none is run here: what is not a tensor, its
storage or an ordered dictionary is refused by name. Reads both of PyTorch's forms (a zip archive; before 1.6 one
stream). Names, shapes and types must be torchvision's; the classifier (fc) and the counters of batches are left out.
"""

import collections
import hashlib
import io
import json
import os
import pickle
import struct
import sys
import zipfile

import numpy as np

TYPES = {
    "FloatStorage": np.dtype("<f4"),
    "DoubleStorage": np.dtype("<f8"),
    "HalfStorage": np.dtype("<f2"),
    "LongStorage": np.dtype("<i8"),
}
LEGACY_MAGIC, LEGACY_PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
LARGEST = 1 << 30  # bytes; resnet18 has 47 million
COUNTER = "num_batches_tracked"


class Refused(Exception):
    """What is wrong with the file, in a sentence."""


class Storage:
    """The numbers of one tensor or several, filled in once they are read."""

    def __init__(self, dtype, count):
        self.dtype, self.count, self.values = dtype, count, None


class Tensor:
    """A window of a storage."""

    def __init__(self, storage, offset, shape, stride):
        self.storage, self.offset, self.shape, self.stride = storage, offset, shape, stride

    def array(self):
        count = int(np.prod(self.shape, dtype=np.int64))
        expected = tuple(int(np.prod(self.shape[i + 1 :], dtype=np.int64)) for i in range(len(self.shape)))
        if self.stride != expected and count > 1:
            raise Refused("a tensor's values do not lie one after another")
        if not 0 <= self.offset <= self.offset + count <= self.storage.count:
            raise Refused("a tensor reaches beyond its storage")
        return self.storage.values[self.offset : self.offset + count].reshape(self.shape)


def whole_numbers(values):
    if not isinstance(values, tuple) or not all(type(v) is int and 0 <= v < LARGEST for v in values):
        raise Refused("a tensor's shape is damaged")
    return values


def rebuild_tensor(storage, offset, shape, stride, *_):
    """Stands for torch._utils._rebuild_tensor and _rebuild_tensor_v2."""
    if not isinstance(storage, Storage) or type(offset) is not int:
        raise Refused("a tensor is damaged")
    return Tensor(storage, offset, whole_numbers(shape), whole_numbers(stride))


def rebuild_parameter(tensor, *_):
    """Stands for torch._utils._rebuild_parameter."""
    return tensor


KNOWN = {
    ("collections", "OrderedDict"): collections.OrderedDict,
    ("torch._utils", "_rebuild_tensor"): rebuild_tensor,
    ("torch._utils", "_rebuild_tensor_v2"): rebuild_tensor,
    ("torch._utils", "_rebuild_parameter"): rebuild_parameter,
} | {("torch", name): name for name in TYPES}


class TensorUnpickler(pickle.Unpickler):
    """Knows tensors, storages and ordered dictionaries, nothing else."""

    def __init__(self, file):
        super().__init__(file, encoding="utf-8")
        self.storages = {}

    def find_class(self, module, name):
        if (module, name) not in KNOWN:
            raise Refused(f"it asks for {module}.{name}, which is no part of a tensor: nothing of it was run")
        return KNOWN[module, name]

    def persistent_load(self, pid):
        if not isinstance(pid, tuple) or len(pid) < 5 or pid[0] != "storage" or pid[1] not in TYPES:
            raise Refused("a storage is of an unknown kind")
        _, kind, key, _, count = pid[:5]
        if type(key) is not str or type(count) is not int or not 0 <= count * TYPES[kind].itemsize <= LARGEST:
            raise Refused("a storage is damaged")
        return self.storages.setdefault(key, Storage(TYPES[kind], count))


def fill(storage, data):
    if len(data) != storage.count * storage.dtype.itemsize:
        raise Refused("a storage is shorter or longer than it says: the file is not whole")
    storage.values = np.frombuffer(data, storage.dtype)


def read_archive(path):
    """PyTorch's form since 1.6: a zip archive of data.pkl and a file a storage."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        pickles = [name for name in names if name.endswith("/data.pkl")]
        if len(pickles) != 1:
            raise Refused("the archive has no data.pkl")
        folder = pickles[0].removesuffix("data.pkl")
        if folder + "byteorder" in names and archive.read(folder + "byteorder") != b"little":
            raise Refused("its numbers are big-endian")
        unpickler = TensorUnpickler(io.BytesIO(archive.read(pickles[0])))
        content = unpickler.load()
        for key, storage in unpickler.storages.items():
            name = f"{folder}data/{key}"
            if name not in names:
                raise Refused(f"the archive lacks {name}")
            if archive.getinfo(name).file_size > LARGEST:
                raise Refused("a storage is absurdly large")
            fill(storage, archive.read(name))
    return content


def read_stream(path):
    """PyTorch's form before 1.6: pickles one after another, then the storages, each behind its length."""
    with open(path, "rb") as file:

        def load():
            unpickler = TensorUnpickler(file)
            return unpickler.load(), unpickler.storages

        if load()[0] != LEGACY_MAGIC or load()[0] != LEGACY_PROTOCOL:
            raise Refused("it is no file of PyTorch's weights")
        system = load()[0]
        if not isinstance(system, dict) or system.get("little_endian") is not True:
            raise Refused("its numbers are big-endian")
        content, storages = load()
        keys = load()[0]
        if not isinstance(keys, list) or sorted(keys) != sorted(storages):
            raise Refused("its list of storages is damaged")
        for key in keys:
            storage, head = storages[key], file.read(8)
            if len(head) != 8 or struct.unpack("<q", head)[0] != storage.count:
                raise Refused("a storage is shorter or longer than it says: the file is not whole")
            fill(storage, file.read(storage.count * storage.dtype.itemsize))
    return content


def read_weights(path):
    """Names and arrays of a .pth file, in its order."""
    try:
        content = read_archive(path) if zipfile.is_zipfile(path) else read_stream(path)
        if not isinstance(content, dict):
            raise Refused("it holds no dictionary of tensors")
        for name, tensor in content.items():
            if not isinstance(name, str) or not isinstance(tensor, Tensor):
                raise Refused(f"its entry {name!r} is no tensor")
        return {name: tensor.array() for name, tensor in content.items()}
    except Refused:
        raise
    except (pickle.UnpicklingError, zipfile.BadZipFile, EOFError, OverflowError, MemoryError) as e:
        raise Refused(f"the file is damaged or not whole ({e})") from e
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, ImportError, NotImplementedError) as e:
        raise Refused(f"the file is damaged ({type(e).__name__}: {e})") from e


def resnet18_shapes():
    """Names and shapes of torchvision's resnet18, without its classifier and counters."""
    shapes = {}

    def norm(name, width):
        for part in ("weight", "bias", "running_mean", "running_var"):
            shapes[f"{name}.{part}"] = (width,)

    shapes["conv1.weight"] = (64, 3, 7, 7)
    norm("bn1", 64)
    before = 64
    for stage in range(4):
        width = 64 << stage
        for block in range(2):
            name = f"layer{stage + 1}.{block}"
            shapes[f"{name}.conv1.weight"] = (width, before, 3, 3)
            norm(f"{name}.bn1", width)
            shapes[f"{name}.conv2.weight"] = (width, width, 3, 3)
            norm(f"{name}.bn2", width)
            if before != width:
                shapes[f"{name}.downsample.0.weight"] = (width, before, 1, 1)
                norm(f"{name}.downsample.1", width)
            before = width
    return shapes


def checked(weights):
    """The tensors before the classifier, in single precision."""
    shapes = resnet18_shapes()
    kept = {name: a for name, a in weights.items() if not name.startswith("fc.") and not name.endswith(COUNTER)}
    for name in shapes:
        if name not in kept:
            raise Refused(f"it lacks {name}: it is not torchvision's resnet18")
    for name, array in kept.items():
        if name not in shapes:
            raise Refused(f"it has {name}, which torchvision's resnet18 has not")
        if array.shape != shapes[name]:
            raise Refused(f"{name} has the shape {array.shape}, torchvision's {shapes[name]}")
        if array.dtype.kind != "f":
            raise Refused(f"{name} is of type {array.dtype}, no floating-point numbers")
        if not np.isfinite(array).all():
            raise Refused(f"{name} holds values that are no numbers")
    return {name: np.ascontiguousarray(kept[name], np.dtype("<f4")) for name in sorted(shapes)}


def write_safetensors(path, tensors, metadata):
    header, position = {"__metadata__": metadata}, 0
    for name, array in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [position, position + array.nbytes]}
        position += array.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    unfinished = f"{path}.{os.getpid()}.tmp"
    with open(unfinished, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        for array in tensors.values():
            f.write(array.tobytes())
    os.replace(unfinished, path)


def main(arguments):
    if len(arguments) != 2:
        sys.exit(__doc__)
    source, out = arguments
    try:
        tensors = checked(read_weights(source))
        with open(source, "rb") as f:
            metadata = {"source": os.path.basename(source), "source_sha256": hashlib.sha256(f.read()).hexdigest()}
        write_safetensors(out, tensors, metadata)
    except Refused as e:
        sys.exit(f"{source}: {e}")
    except OSError as e:
        sys.exit(str(e))
    print(f"{out}: {len(tensors)} tensors of {os.path.basename(source)}")


if __name__ == "__main__":
    main(sys.argv[1:])
