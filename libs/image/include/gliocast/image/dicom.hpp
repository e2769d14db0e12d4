#pragma once
#include <gliocast/core/sequence.hpp>
#include <gliocast/image/read_volume.hpp>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gliocast::image {

/// How a series was acquired. Numbers are NaN where the header has none. Holds nothing that names a patient, a place or a date.
struct Acquisition {
  int series_number = 0;
  double te_ms, tr_ms, ti_ms, flip_degrees, field_tesla, slice_thickness_mm, slice_distance_mm;
  std::string manufacturer;  ///< one of a fixed list, else "other"
  bool three_d = false, contrast_agent = false;
  std::size_t slices = 0;
};

/// A series of a DICOM folder.
struct DicomSeries {
  std::vector<std::filesystem::path> files;  ///< one slice each, ordered along the normal; or one multi-frame file
  std::size_t patient = 0;  ///< running number of the patient it belongs to, by PatientID (empty: by study)
  std::size_t study = 0;    ///< running number of the examination, by StudyInstanceUID (empty: by StudyDate)
  Acquisition acquisition;
  std::optional<Sequence> sequence;  ///< what it was recognised as
  int certainty = 0;                 ///< of that: 3 name and times agree, 2 its name says so, 1 its times alone
  std::string reason;                ///< why, or why it is passed over; plain words without any text of the header
};

/// All MR series under a folder, by series number: grouped by series, orientation, size and echo; recognised by name (English, German, French, Italian, Spanish), contrast agent and TE, TR, TI.
/// Files that are no DICOM are passed over; those that are damaged too, and are listed in `damaged` or, where nobody
/// asks for them, told as a warning. Throws Error{UnusableInput} where there is no series.
[[nodiscard]] std::vector<DicomSeries> scan_dicom(const std::filesystem::path& folder,
                                                  std::vector<std::filesystem::path>* damaged = nullptr);

/// Whether a folder (searched to a depth of 4) holds a DICOM file.
[[nodiscard]] bool has_dicom(const std::filesystem::path& folder);

/// The best series for each sequence of one patient's: the most certain, then the thinnest, then most slices.
/// `remarks` gets a sentence where there was a choice.
[[nodiscard]] std::map<Sequence, const DicomSeries*> choose_series(const std::vector<DicomSeries>& series, std::vector<std::string>& remarks);

/// Reads ordered slices or a multi-frame file (GDCM, rescale slope and intercept applied). Missing slices are filled by linear interpolation and told where they are at most a tenth of the
/// series, and are an Error{UnusableInput} beyond; slices at one place are told and the first is taken.
[[nodiscard]] ReadVolume read_dicom(const std::vector<std::filesystem::path>& files);

}  // namespace gliocast::image
