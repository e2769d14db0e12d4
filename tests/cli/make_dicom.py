"""Makes DICOM series from NIfTI images, with a marker in every text tag, by pydicom. For tests; needs python3-pydicom,
python3-nibabel."""

import os
import pathlib

import nibabel as nib
import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

TEXT_TAGS = [
    "PatientName",
    "InstitutionName",
    "InstitutionAddress",
    "ReferringPhysicianName",
    "PerformingPhysicianName",
    "OperatorsName",
    "StationName",
    "StudyDescription",
    "PatientComments",
    "ManufacturerModelName",
    "Manufacturer",
    "DeviceSerialNumber",
    "SoftwareVersions",
    "PatientAddress",
    "OtherPatientIDs",
    "AdditionalPatientHistory",
    "ImageComments",
    "RequestingPhysician",
    "RequestedProcedureDescription",
    "PerformedProcedureStepDescription",
    "BodyPartExamined",
    "EthnicGroup",
    "Occupation",
]


def lps_image(path):
    """Voxels [x, y, z] as 16-bit, the LPS affine, spacing and unit axes of a NIfTI file."""
    nii = nib.load(path)
    affine = np.diag([-1, -1, 1, 1]) @ nii.affine
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    return np.asarray(nii.dataobj).astype(np.int16), affine, spacing, affine[:3, :3] / spacing


def new_dataset(storage_class, marker, patient):
    """A DICOM file without pixels, with the marker in its text tags."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = storage_class
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    d = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    d.is_little_endian, d.is_implicit_VR = True, False
    for tag in TEXT_TAGS:
        setattr(d, tag, marker)
    d.PatientID, d.AccessionNumber, d.StudyID = marker + patient, marker[:12], marker[:12]
    d.PatientBirthDate, d.StudyDate, d.SeriesDate, d.PatientAge = "19510203", "20210405", "20210405", "070Y"
    d.SOPClassUID, d.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    return d


def set_pixels(d, voxels):
    """Pixels [x, y] or [x, y, frame], signed 16-bit."""
    d.Rows, d.Columns, d.SamplesPerPixel, d.PhotometricInterpretation = (
        voxels.shape[1],
        voxels.shape[0],
        1,
        "MONOCHROME2",
    )
    d.BitsAllocated = d.BitsStored = 16
    d.HighBit, d.PixelRepresentation = 15, 1
    d.PixelData = voxels.T.tobytes()


def write_series(
    image,
    folder,
    name,
    number,
    te,
    tr,
    ti=None,
    agent=None,
    marker="ZZMARKER",
    patient="1",
    study=None,
    skip=(),
    repeat=(),
):
    """One series, one file a slice. `skip`: slices left out; `repeat`: slices written twice under other identifiers."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    voxels, affine, spacing, axes = lps_image(image)
    series, study = generate_uid(), study or generate_uid()
    for k in [k for k in range(voxels.shape[2]) if k not in skip] + list(repeat):
        d = new_dataset("1.2.840.10008.5.1.4.1.1.4", marker, patient)
        d.SeriesDescription = d.ProtocolName = f"{name} {marker}"
        d.StudyInstanceUID, d.SeriesInstanceUID, d.SeriesNumber, d.InstanceNumber = study, series, number, k + 1
        d.Modality, d.ImageType, d.MRAcquisitionType = "MR", ["ORIGINAL", "PRIMARY", "M"], "2D"
        d.EchoTime, d.RepetitionTime, d.MagneticFieldStrength, d.FlipAngle, d.SliceThickness = (
            te,
            tr,
            1.5,
            90,
            f"{spacing[2]:.8g}",
        )
        if ti:
            d.InversionTime = ti
        if agent:
            d.ContrastBolusAgent = agent
        d.ImagePositionPatient = [f"{v:.8g}" for v in affine[:3, 3] + affine[:3, 2] * k]
        d.ImageOrientationPatient = [f"{v:.8g}" for v in [*axes[:, 0], *axes[:, 1]]]
        d.PixelSpacing = [f"{spacing[1]:.8g}", f"{spacing[0]:.8g}"]
        set_pixels(d, voxels[:, :, k])
        d.save_as(os.path.join(folder, f"IM{number:03d}_{len(os.listdir(folder)):04d}"), write_like_original=False)
    return study


def write_multiframe(image, folder, name, number, te, tr, patient="1", backwards=False, study=None):
    """The whole series in one file, as Enhanced MR images have it; `backwards`: frames from the last slice to the
    first."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    voxels, affine, spacing, axes = lps_image(image)
    order = list(range(voxels.shape[2]))[:: -1 if backwards else 1]
    d = new_dataset("1.2.840.10008.5.1.4.1.1.4.1", "ZZMARKER", patient)
    study = study or generate_uid()
    d.StudyInstanceUID, d.SeriesInstanceUID, d.SeriesNumber, d.InstanceNumber = study, generate_uid(), number, 1
    d.SeriesDescription = d.ProtocolName = f"{name} ZZMARKER"
    d.Modality, d.ImageType, d.MRAcquisitionType, d.MagneticFieldStrength = (
        "MR",
        ["ORIGINAL", "PRIMARY", "M", "NONE"],
        "2D",
        1.5,
    )
    shared, measures, orientation, timing, echo = Dataset(), Dataset(), Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = [f"{spacing[1]:.8g}", f"{spacing[0]:.8g}"], f"{spacing[2]:.8g}"
    measures.SpacingBetweenSlices = measures.SliceThickness
    orientation.ImageOrientationPatient = [f"{v:.8g}" for v in [*axes[:, 0], *axes[:, 1]]]
    timing.RepetitionTime, echo.EffectiveEchoTime = tr, te
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = Sequence([measures]), Sequence([orientation])
    shared.MRTimingAndRelatedParametersSequence, shared.MREchoSequence = Sequence([timing]), Sequence([echo])
    d.SharedFunctionalGroupsSequence = Sequence([shared])
    frames = []
    for k in order:
        position, frame = Dataset(), Dataset()
        position.ImagePositionPatient = [f"{v:.8g}" for v in affine[:3, 3] + affine[:3, 2] * k]
        frame.PlanePositionSequence = Sequence([position])
        frames.append(frame)
    d.PerFrameFunctionalGroupsSequence, d.NumberOfFrames = Sequence(frames), len(order)
    set_pixels(d, voxels[:, :, order])
    d.save_as(os.path.join(folder, f"IM{number:03d}"), write_like_original=False)
    return study
