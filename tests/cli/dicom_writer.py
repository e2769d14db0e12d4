"""Writes DICOM MR images by pydicom, one slice or one frame at a time, with every tag in the caller's hand.

Coordinates are LPS in mm; pixels are arrays [x, y] of stored values. Needs python3-pydicom."""

import pathlib
import warnings

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    generate_uid,
)

warnings.filterwarnings("ignore", module="pydicom")

MR, ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.4.1"
SYNTAXES = {
    "explicit": ExplicitVRLittleEndian,
    "implicit": ImplicitVRLittleEndian,
    "big endian": ExplicitVRBigEndian,
    "deflated": DeflatedExplicitVRLittleEndian,
}


class Grid:
    """Where the voxels of a volume lie: size, voxel size, unit axes (columns of a 3x3 matrix), centre."""

    def __init__(self, size, spacing, axes=((1, 0, 0), (0, 1, 0), (0, 0, 1)), centre=(0, 0, 0)):
        self.size, self.spacing = tuple(size), np.asarray(spacing, float)
        self.axes = np.asarray(axes, float)
        self.origin = np.asarray(centre, float) - self.axes @ (self.spacing * (np.array(size) - 1) / 2)

    def position(self, k):
        """Of the first voxel of slice k, which need not be a whole number."""
        return self.origin + self.axes[:, 2] * self.spacing[2] * k

    def affine(self):
        """From voxel indices to LPS mm."""
        out = np.eye(4)
        out[:3, :3], out[:3, 3] = self.axes * self.spacing, self.origin
        return out


def decimal(values):
    """Numbers as DICOM's decimal strings, at most 16 characters each."""
    out = []
    for v in np.ravel(values):
        digits = 10
        while len(text := f"{float(v):.{digits}g}") > 16:
            digits -= 1
        out.append(text)
    return out if np.ndim(values) else out[0]


def new_file(sop_class, syntax="explicit"):
    """A file without pixels and without patient."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = SYNTAXES[syntax]
    d = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    d.is_little_endian, d.is_implicit_VR = syntax != "big endian", syntax == "implicit"
    d.SOPClassUID, d.SOPInstanceUID = sop_class, meta.MediaStorageSOPInstanceUID
    d.Modality = "MR"
    return d


def set_tags(d, tags):
    """Tags by keyword, or by (group, element, VR) for private ones; None takes a tag away."""
    for key, value in tags.items():
        if isinstance(key, tuple):
            d.add_new(Tag(key[0], key[1]), key[2], value)
        elif value is None:
            if key in d:
                delattr(d, key)
        else:
            setattr(d, key, value)


def set_pixels(d, pixels, bits=16, stored=None, signed=None):
    """Pixels [x, y] or [x, y, frame]. Signed where the array's type is."""
    signed = np.asarray(pixels).dtype.kind == "i" if signed is None else signed
    d.Rows, d.Columns, d.SamplesPerPixel, d.PhotometricInterpretation = (
        pixels.shape[1],
        pixels.shape[0],
        1,
        "MONOCHROME2",
    )
    d.BitsAllocated, d.BitsStored = bits, stored or bits
    d.HighBit, d.PixelRepresentation = d.BitsStored - 1, int(signed)
    values = pixels.T.astype(f"{'<' if d.is_little_endian else '>'}{'i' if signed else 'u'}{bits // 8}")
    if signed and d.BitsStored < bits:  # the bits above those stored are empty
        values = values & ((1 << d.BitsStored) - 1)
    d.PixelData = values.tobytes() + b"\0" * (values.nbytes % 2)
    d["PixelData"].VR = "OB" if bits == 8 else "OW"


def slice_file(grid, k, pixels, tags, syntax="explicit", **form):
    """A single-frame MR image: slice k of a grid. `tags` has the last word."""
    d = new_file(MR, syntax)
    d.ImageType = ["ORIGINAL", "PRIMARY", "M", "NORM"]
    d.ImageOrientationPatient = decimal(grid.axes[:, :2].T.ravel())
    d.ImagePositionPatient = decimal(grid.position(k))
    d.PixelSpacing = decimal(grid.spacing[[1, 0]])
    d.SliceThickness = decimal(grid.spacing[2])
    set_pixels(d, pixels, **form)
    set_tags(d, tags)
    d.file_meta.MediaStorageSOPInstanceUID = d.get("SOPInstanceUID") or generate_uid()
    return d


def enhanced_file(frames, shared, tags, syntax="explicit", dimensions=(), **form):
    """A multi-frame Enhanced MR image.

    frames: dictionaries with pixels, and any of those that `functional_groups` takes; shared: such a dictionary for
    all frames; dimensions: the pointers of the dimension indices (keywords), whose values each frame has as `index`."""
    d = new_file(ENHANCED_MR, syntax)
    d.ImageType = ["ORIGINAL", "PRIMARY", "M", "NONE"]
    d.SharedFunctionalGroupsSequence = Sequence([functional_groups(shared)])
    d.PerFrameFunctionalGroupsSequence = Sequence([functional_groups(f) for f in frames])
    d.NumberOfFrames = len(frames)
    if dimensions:
        organisation = Dataset()
        organisation.DimensionOrganizationUID = generate_uid()
        d.DimensionOrganizationSequence, items = Sequence([organisation]), []
        for pointer in dimensions:
            item = Dataset()
            item.DimensionOrganizationUID = organisation.DimensionOrganizationUID
            item.DimensionIndexPointer = Tag(pointer)
            items.append(item)
        d.DimensionIndexSequence = Sequence(items)
    set_pixels(d, np.stack([f["pixels"] for f in frames], -1), **form)
    set_tags(d, tags)
    return d


def functional_groups(of):
    """The functional groups that a dictionary asks for: grid with slice (or position), te, tr, ti, b, temporal,
    acquisition, trigger, stack, in_stack, index, slope, intercept, type, component."""
    out = Dataset()

    def group(name, **values):
        values = {k: v for k, v in values.items() if v is not None}
        if values:
            item = Dataset()
            for k, v in values.items():
                setattr(item, k, v)
            setattr(out, name, Sequence([item]))

    if "slice" in of:
        group("PlanePositionSequence", ImagePositionPatient=decimal(of["grid"].position(of["slice"])))
    if "grid" in of and of.get("orientation", True):
        g = of["grid"]
        group("PlaneOrientationSequence", ImageOrientationPatient=decimal(g.axes[:, :2].T.ravel()))
        group(
            "PixelMeasuresSequence",
            PixelSpacing=decimal(g.spacing[[1, 0]]),
            SliceThickness=decimal(g.spacing[2]),
            SpacingBetweenSlices=decimal(g.spacing[2]),
        )
    group("MREchoSequence", EffectiveEchoTime=of.get("te"))
    group("MRTimingAndRelatedParametersSequence", RepetitionTime=of.get("tr"))
    group("MRModifierSequence", InversionTimes=of.get("ti"))
    group("MRDiffusionSequence", DiffusionBValue=of.get("b"))
    group("CardiacSynchronizationSequence", NominalCardiacTriggerDelayTime=of.get("trigger"))
    group(
        "FrameContentSequence",
        TemporalPositionIndex=of.get("temporal"),
        FrameAcquisitionNumber=of.get("acquisition"),
        StackID=of.get("stack"),
        InStackPositionNumber=of.get("in_stack"),
        DimensionIndexValues=of.get("index"),
    )
    if "slope" in of:
        group(
            "PixelValueTransformationSequence",
            RescaleSlope=decimal(of["slope"]),
            RescaleIntercept=decimal(of.get("intercept", 0)),
            RescaleType="US",
        )
    group("MRImageFrameTypeSequence", FrameType=of.get("type"), ComplexImageComponent=of.get("component"))
    return out


def save(d, path, preamble=True):
    """Writes a file; without preamble it begins with its data set, as some archives leave it."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if preamble:
        d.save_as(path, write_like_original=False)
        return
    bare = FileDataset(None, {element.tag: element for element in d}, file_meta=FileMetaDataset())
    bare.is_little_endian, bare.is_implicit_VR = d.is_little_endian, d.is_implicit_VR
    bare.save_as(path, write_like_original=True)
