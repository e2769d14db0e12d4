"""MetaImages, planes and files of several values a voxel as SimpleITK reads them, for geometry_oracle_test.cpp.

Run in a virtual environment: pip install SimpleITK numpy; python tests/reference/imageio/make_metaimage_fixtures.py
Written with: SimpleITK 2.5.7.
made_metaimages.json holds each small file itself (base64, with the files beside it) and what SimpleITK says of it.
"""

import base64
import json
import pathlib
import struct
import tempfile
import zlib

import numpy as np
import SimpleITK as sitk

HERE = pathlib.Path(__file__).resolve().parent
HEAD = """ObjectType = Image
NDims = 3
BinaryData = True
BinaryDataByteOrderMSB = False
CompressedData = False
TransformMatrix = 0.6 0.8 0 -0.8 0.6 0 0 0 1
Offset = 1 2 3
CenterOfRotation = 5 6 7
AnatomicalOrientation = RAI
ElementSpacing = 0.5 1 2
DimSize = 4 3 2
ElementType = MET_SHORT
"""
LOCAL = "ElementDataFile = LOCAL\n"
MATRIX = "TransformMatrix = 0.6 0.8 0 -0.8 0.6 0 0 0 1\n"
PLAIN = np.arange(-5, 19, dtype="<i2").tobytes()
MET = {
    "CHAR": "i1",
    "UCHAR": "u1",
    "SHORT": "i2",
    "USHORT": "u2",
    "INT": "i4",
    "UINT": "u4",
    "LONG": "i4",
    "ULONG": "u4",
    "LONG_LONG": "i8",
    "ULONG_LONG": "u8",
    "FLOAT": "f4",
    "DOUBLE": "f8",
}


def report(path):
    """What SimpleITK says of a file: of several values a voxel, those of channel 1."""
    try:
        image = sitk.ReadImage(str(path))
    except RuntimeError:
        return {"refused": True}
    out = {
        "dimensions": image.GetDimension(),
        "size": image.GetSize(),
        "spacing": image.GetSpacing(),
        "origin": image.GetOrigin(),
        "direction": image.GetDirection(),
    }
    if "vector" in image.GetPixelIDTypeAsString():
        out["channels"] = image.GetNumberOfComponentsPerPixel()
        image = sitk.VectorIndexSelectionCast(image, 1)
    array = sitk.GetArrayFromImage(image)
    return {**out, "pixel": str(array.dtype), "voxels": array.astype(np.float64).ravel().tolist()}


def headers():
    """Spellings and fields of MetaImage headers: name, header, voxels."""
    compressed = HEAD.replace("CompressedData = False", "CompressedData = True")
    packed = zlib.compress(PLAIN)
    sized = compressed.replace("True\nTransform", f"True\nCompressedDataSize = {len(packed)}\nTransform")
    yield "plain", HEAD + LOCAL, PLAIN
    yield "line_ends", (HEAD + LOCAL).replace("\n", "\r\n"), PLAIN
    yield "no_blanks", (HEAD + LOCAL).replace(" = ", "="), PLAIN
    yield "colons", (HEAD + LOCAL).replace(" = ", " : "), PLAIN
    yield "tabs", (HEAD + LOCAL).replace(" = ", "\t=\t  "), PLAIN
    yield "blanks_behind", (HEAD + LOCAL).replace("\n", "  \n"), PLAIN
    yield "local_small", HEAD + LOCAL.replace("LOCAL", "local"), PLAIN
    yield "comment", "Comment = a = b: c\n" + HEAD + LOCAL, PLAIN
    yield "binary_left_out", HEAD.replace("BinaryData = True\n", "") + LOCAL, PLAIN
    yield (
        "text",
        HEAD.replace("BinaryData = True", "BinaryData = False") + LOCAL,
        b" ".join(b"%d" % i for i in range(24)) + b"\n",
    )
    yield "big_endian", HEAD.replace("MSB = False", "MSB = True") + LOCAL, np.arange(24, dtype=">i2").tobytes()
    yield (
        "element_order",
        HEAD.replace("BinaryDataByteOrderMSB = False", "ElementByteOrderMSB = True") + LOCAL,
        np.arange(24, dtype=">i2").tobytes(),
    )
    yield (
        "intensity_function",
        HEAD + "ElementToIntensityFunctionSlope = 2\nElementToIntensityFunctionOffset = 5\n" + LOCAL,
        PLAIN,
    )
    yield "element_size_alone", HEAD.replace("ElementSpacing", "ElementSize") + LOCAL, PLAIN
    yield "element_size_beside", HEAD + "ElementSize = 7 8 9\n" + LOCAL, PLAIN
    yield "no_spacing", HEAD.replace("ElementSpacing = 0.5 1 2\n", "") + LOCAL, PLAIN
    yield "negative_spacing", HEAD.replace("0.5 1 2", "-0.5 1 -2") + LOCAL, PLAIN
    yield "no_spacing_of_zero", HEAD.replace("0.5 1 2", "0 1 2") + LOCAL, PLAIN
    yield "no_axes", HEAD.replace(MATRIX, "") + LOCAL, PLAIN
    yield "no_place", HEAD.replace(MATRIX, "").replace("Offset = 1 2 3\n", "") + LOCAL, PLAIN
    yield "rotation_position", HEAD.replace("TransformMatrix", "Rotation").replace("Offset", "Position") + LOCAL, PLAIN
    yield (
        "orientation_origin",
        HEAD.replace("TransformMatrix", "Orientation").replace("Offset", "Origin") + LOCAL,
        PLAIN,
    )
    yield "two_places", HEAD + "Position = 9 9 9\nOrigin = 8 8 8\nRotation = 1 0 0 0 1 0 0 0 1\n" + LOCAL, PLAIN
    yield "metres", HEAD + "DistanceUnits = m\n" + LOCAL, PLAIN
    yield "packed", sized + LOCAL, packed + b"more"
    yield "longer", HEAD + LOCAL, PLAIN + b"more"
    yield "shorter", HEAD + LOCAL, PLAIN[:-2]
    yield "one_slice", HEAD.replace("DimSize = 4 3 2", "DimSize = 8 3 1") + LOCAL, PLAIN
    yield (
        "channels",
        HEAD.replace("DimSize = 4 3 2", "DimSize = 2 3 2") + "ElementNumberOfChannels = 2\n" + LOCAL,
        PLAIN,
    )
    yield (
        "plane",
        "NDims = 2\nDimSize = 4 6\nElementType = MET_SHORT\nElementSpacing = 1 2\nOffset = 3 4\nTransformMatrix = 0.6"
        " 0.8 -0.8 0.6\n" + LOCAL,
        PLAIN,
    )
    yield (
        "plane_of_channels",
        "NDims = 2\nDimSize = 4 3\nElementNumberOfChannels = 2\nElementType = MET_SHORT\n" + LOCAL,
        PLAIN,
    )
    yield "unknown_type", HEAD.replace("MET_SHORT", "MET_OTHER") + LOCAL, PLAIN
    yield "no_type", HEAD.replace("ElementType = MET_SHORT\n", "") + LOCAL, PLAIN
    yield "no_sizes", HEAD.replace("DimSize = 4 3 2\n", "") + LOCAL, PLAIN
    yield "singular", HEAD.replace("0.6 0.8 0 -0.8 0.6 0", "0 0 0 0 0 0") + LOCAL, PLAIN
    for name, kind in MET.items():
        for order in "<>":
            voxels = (np.arange(24) * (3 if "u" in kind else -3)).astype(order + kind).tobytes()
            yield (
                f"{name.lower()}_{'big' if order == '>' else 'little'}",
                HEAD.replace("SHORT", name).replace("MSB = False", f"MSB = {order == '>'}") + LOCAL,
                voxels,
            )


def split():
    """Headers with voxels in other files: name, header, the files beside it."""
    compressed = HEAD.replace("CompressedData = False", "CompressedData = True")
    slices = {f"s{k:03d}.raw": PLAIN[24 * (k - 1) : 24 * k] for k in (1, 2)}
    yield "raw", HEAD + "ElementDataFile = x.raw\n", {"x.raw": PLAIN}
    yield "raw_without_end", HEAD + "ElementDataFile = x.raw", {"x.raw": PLAIN}
    yield "raw_blanks", HEAD + "ElementDataFile =   my x.raw   \n", {"my x.raw": PLAIN}
    yield "raw_below", HEAD + "ElementDataFile = sub/x.raw\n", {"sub/x.raw": PLAIN}
    yield "zraw", compressed + "ElementDataFile = x.zraw\n", {"x.zraw": zlib.compress(PLAIN)}
    yield "header_of_4", HEAD + "HeaderSize = 4\nElementDataFile = x.raw\n", {"x.raw": b"HEAD" + PLAIN}
    yield "header_from_end", HEAD + "HeaderSize = -1\nElementDataFile = x.raw\n", {"x.raw": b"any header" + PLAIN}
    yield "list", HEAD + "ElementDataFile = LIST\ns001.raw\ns002.raw\n", slices
    yield "list_of_planes", HEAD + "ElementDataFile = LIST 2\r\ns001.raw\r\ns002.raw\r\n", slices
    yield "pattern", HEAD + "ElementDataFile = s%03d.raw 1 2 1\n", slices
    yield "pattern_alone", HEAD + "ElementDataFile = s%03d.raw\n", slices
    yield "pattern_first", HEAD + "ElementDataFile = s%03d.raw 1\n", slices
    yield (
        "list_packed",
        compressed + "ElementDataFile = LIST\nc0.raw\nc1.raw\n",
        {f"c{k}.raw": zlib.compress(PLAIN[24 * k : 24 * k + 24]) for k in (0, 1)},
    )
    yield "missing", HEAD + "ElementDataFile = nope.raw\n", {}


def written(folder):
    """Random images as SimpleITK itself writes them: of any type, two or three dimensions, packed or not."""
    rng = np.random.default_rng(20)
    for k in range(40):
        kind = list(MET.values())[k % len(MET)]
        plane, vector = bool(rng.random() < 0.4), bool(rng.random() < 0.25)
        shape = (4, 5) if plane else (2, 3, 4)
        numbers = rng.integers(0, 100, shape + ((3,) if vector else ())).astype(kind)
        image = sitk.GetImageFromArray(numbers, isVector=vector)
        q = np.linalg.qr(rng.normal(size=(image.GetDimension(),) * 2))[0]
        image.SetDirection(q.ravel().tolist())
        image.SetSpacing(rng.uniform(0.3, 4, image.GetDimension()).tolist())
        image.SetOrigin(rng.normal(0, 80, image.GetDimension()).tolist())
        for ending in ("mha", "mhd", "nrrd", "nii"):
            if ending == "nii" and (vector or kind == "i8" or kind == "u8"):
                continue
            name = f"w{k}.{ending}"
            sitk.WriteImage(image, str(folder / name), bool(rng.random() < 0.5))
            yield name, [f for f in (f"w{k}.raw", f"w{k}.zraw") if ending == "mhd" and (folder / f).exists()]


def nifti(dim, pixdim=(1, 2, 3, 4, 5, 6, 7, 8), datatype=4, sform=None, qform=None, intent=0, slope=0.0):
    header = bytearray(348)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, *dim, *[1] * (8 - len(dim)))
    struct.pack_into("<3h", header, 68, intent, datatype, {4: 16, 2: 8, 128: 24, 2304: 32}[datatype])
    struct.pack_into("<8f", header, 76, *pixdim)
    struct.pack_into("<3f", header, 108, 352, slope, 0)
    header[123] = 2
    if qform:
        struct.pack_into("<h", header, 252, 1)
        struct.pack_into("<6f", header, 256, *qform)
    if sform:
        struct.pack_into("<h", header, 254, 1)
        struct.pack_into("<12f", header, 280, *sform)
    header[344:348] = b"n+1\0"
    values = int(np.prod(dim[1 : 1 + dim[0]])) * {128: 3, 2304: 4}.get(datatype, 1)
    return bytes(header) + b"\0" * 4 + np.arange(values).astype("<i2" if datatype == 4 else "u1").tobytes()


def planes_and_channels():
    """NIfTI and NRRD of two dimensions, of several values a voxel, and of both."""
    yield "plane.nii", nifti([2, 4, 3])
    yield "plane_sform.nii", nifti([2, 4, 3], sform=[-0.8, -1.8, 0, 5, 0.6, -2.4, 0, 6, 0, 0, 3, 7])
    yield "plane_qform.nii", nifti([2, 4, 3], qform=[0, 0, 0, 10, 20, 30])
    yield "slice.nii", nifti([3, 4, 3, 1])
    yield "four.nii", nifti([4, 4, 3, 2, 1])
    yield "vector.nii", nifti([5, 4, 3, 2, 1, 2], intent=1007)
    yield "rgb.nii", nifti([3, 4, 3, 2], datatype=128)
    yield "rgba.nii", nifti([3, 4, 3, 2], datatype=2304)
    yield "rgb_plane.nii", nifti([2, 4, 3], datatype=128)
    yield "scaled.nii", nifti([3, 4, 3, 2], datatype=2, slope=1 / 255)
    data = bytes(range(96))

    def nrrd(fields, encoding="raw"):
        body = " ".join(map(str, range(96))).encode() if encoding == "text" else data
        return f"NRRD0004\ntype: uchar\n{fields}encoding: {encoding}\n\n".encode() + body

    yield "plane.nrrd", nrrd("dimension: 2\nsizes: 4 3\n")
    yield "plane_spacings.nrrd", nrrd("dimension: 2\nsizes: 4 3\nspacings: 0.5 2\nkinds: domain domain\n")
    yield (
        "plane_space.nrrd",
        nrrd(
            "dimension: 2\nspace dimension: 2\nsizes: 4 3\nspace directions: (0.6,0.8) (-1.6,1.2)\n"
            "space origin: (3,4)\n"
        ),
    )
    yield (
        "plane_in_space.nrrd",
        nrrd(
            "dimension: 2\nspace: left-posterior-superior\nsizes: 4 3\nspace directions: (0.5,0,0) (0,2,0)\n"
            "space origin:"
            " (3,4,5)\n"
        ),
    )
    yield (
        "vector_plane.nrrd",
        nrrd(
            "dimension: 3\nspace dimension: 2\nsizes: 2 4 3\nspace directions: none (0.5,0) (0,2)\nkinds: vector domain"
            " domain\nspace origin: (3,4)\n"
        ),
    )
    yield "kinds_plane.nrrd", nrrd("dimension: 3\nsizes: 3 4 3\nkinds: RGB-color domain domain\nspacings: nan 1 2\n")
    yield "kinds_first.nrrd", nrrd("dimension: 4\nsizes: 2 4 3 2\nkinds: list domain domain domain\n")
    yield (
        "list_last.nrrd",
        nrrd(
            "dimension: 4\nsizes: 2 3 4 2\nkinds: domain domain domain list\nspace: left-posterior-superior\nspace"
            " directions: (1,0,0) (0,1,0) (0,0,1) none\n"
        ),
    )
    yield "list_text.nrrd", nrrd("dimension: 4\nsizes: 2 3 4 2\nkinds: list domain domain domain\n", "text")
    yield "slice.nrrd", nrrd("dimension: 3\nsizes: 4 3 1\n")


def base64_of(data):
    return base64.b64encode(data).decode()


def main():
    sitk.ProcessObject.GlobalWarningDisplayOff()
    cases = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)

        def add(name, beside=()):
            cases.append(
                {
                    "name": name,
                    "file": base64_of((folder / name).read_bytes()),
                    "beside": {b: base64_of((folder / b).read_bytes()) for b in beside},
                    **report(folder / name),
                }
            )

        for name, header, voxels in headers():
            (folder / f"{name}.mha").write_bytes(header.encode() + voxels)
            add(f"{name}.mha")
        for name, header, beside in split():
            for b, content in beside.items():
                (folder / b).parent.mkdir(exist_ok=True)
                (folder / b).write_bytes(content)
            (folder / f"{name}.mhd").write_text(header, newline="")
            add(f"{name}.mhd", beside)
        for name, content in planes_and_channels():
            (folder / name).write_bytes(content)
            add(name)
        for name, beside in written(folder):
            add(name, beside)
    with open(HERE / "made_metaimages.json", "w", encoding="utf-8") as f:
        f.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
    print(len(cases), "files,", sum("refused" in c for c in cases), "refused")


if __name__ == "__main__":
    main()
