#pragma once
#include <gliocast/core/sequence.hpp>
#include <gliocast/image/series_names.hpp>
#include <gliocast/imageio/read_volume.hpp>

#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gliocast::image {

/// How a series was acquired. Numbers are NaN where the header has none. Holds nothing that names a patient, a place or
/// a date.
struct Acquisition {
  int series_number = 0;
  double te_ms, tr_ms, ti_ms, flip_degrees, field_tesla, slice_thickness_mm, slice_distance_mm;
  std::string manufacturer;  ///< one of a fixed list, else "other"
  bool three_d = false, contrast_agent = false;
  std::size_t slices = 0, columns = 0, rows = 0;
  std::array<double, 2> pixel_mm{};  ///< distance of voxels along a row and along a column
  std::string plane;                 ///< "axial", "coronal" or "sagittal", the nearest; empty where unknown
};

/// One slice: a file, or a frame of a multi-frame file. Numbers are NaN where the header has none.
struct DicomSlice {
  std::filesystem::path file;
  std::size_t frame = 0, frames = 1;    ///< which of how many in the file
  Vec3 position_mm{};                   ///< of the first voxel's centre, LPS
  std::array<double, 6> orientation{};  ///< direction along a row and along a column, LPS
  std::array<double, 2> pixel_mm{};
  double slope = 1, intercept = 0;  ///< on decoded values: a frame's rescale where it is not the first frame's
};

/// What a person knows a series by. For the terminal of who asks for it; never written to a file, report or log.
struct SeriesLabel {
  std::string description;  ///< UTF-8 without control characters
  std::string study_date;   ///< YYYY-MM-DD, or empty
  std::string series_uid;
};

/// One volume of a DICOM folder: a series, or one of the volumes that a series holds at the same places.
struct DicomSeries {
  std::vector<DicomSlice> slices;       ///< ordered along the normal
  std::size_t patient = 0;              ///< running number of the patient it belongs to, by PatientID (empty: by study)
  std::size_t study = 0;                ///< number of the examination from 1 on, by date
  std::size_t volume = 1, volumes = 1;  ///< which of how many volumes of the series
  std::string told_apart_by;            ///< what tells the volumes of the series apart; plain words
  bool over_time = false;               ///< they are of one kind, taken one after another
  Acquisition acquisition;
  std::optional<Sequence> sequence;  ///< what it was recognised as
  int certainty = 0;                 ///< of that: 3 name and times agree, 2 its name says so, 1 its times alone
  int contrast_certainty = 0;        ///< of T1 against T1-Gd: 2 its name says so, 1 the agent's tag, 0 neither
  bool derived = false;              ///< computed from other images (ImageType)
  std::string reason;                ///< why, or why it is passed over; plain words without any text of the header
  SeriesLabel label;

  /// "series 3", or "series 3:2" where it is the second volume of several.
  [[nodiscard]] std::string name() const;
  /// Whether it spans a head: 100 mm along its normal and 150 mm in its plane.
  [[nodiscard]] bool spans_head() const;
};

/// The DICOM files under a folder: their headers are read once, by several workers at a time.
///
/// Volumes are grouped by series, orientation and size; where several slices lie at one place, split by what tells them
/// apart (kind of image, echo, b-value, temporal position, acquisition number, trigger time and others); and recognised
/// by name and times. Studies go by StudyInstanceUID and StudyDate. Files that are no DICOM are
/// passed over.
class DicomFolder {
 public:
  /// Reads the headers. Throws Error{UnusableInput} where there is no DICOM file. `folder` may be one file.
  explicit DicomFolder(const std::filesystem::path& folder);
  ~DicomFolder();
  DicomFolder(const DicomFolder&) = delete;
  DicomFolder& operator=(const DicomFolder&) = delete;

  /// All volumes by series number; `names` says what words mean. Throws Error{UnusableInput} where there is none.
  [[nodiscard]] std::vector<DicomSeries> series(const SeriesNames& names = SeriesNames::built_in()) const;
  /// The volumes of the files under `place` alone.
  [[nodiscard]] std::vector<DicomSeries> series_under(const std::filesystem::path& place,
                                                      const SeriesNames& names = SeriesNames::built_in()) const;
  /// Files that look like DICOM and cannot be read.
  [[nodiscard]] const std::vector<std::filesystem::path>& damaged() const;
  [[nodiscard]] std::size_t file_count() const;

 private:
  struct Contents;
  std::unique_ptr<Contents> contents_;
};

/// DicomFolder(folder).series().
[[nodiscard]] std::vector<DicomSeries> scan_dicom(const std::filesystem::path& folder);

/// Whether a folder (searched to a depth of 8) holds a DICOM file, or a file is one.
[[nodiscard]] bool has_dicom(const std::filesystem::path& place);

/// What is taken for a sequence.
struct ChosenSeries {
  const DicomSeries* series = nullptr;
  std::string remark;  ///< a sentence with the reason where there was a choice; else empty
};

/// The best volume for each sequence of one patient's: the most certain, then one that spans a head, is original, alone
/// in its series, clearly finer (longest voxel edge by a third), in the plane of most of the exam, finer; of equals the
/// first, of T1-Gd the last.
[[nodiscard]] std::map<Sequence, ChosenSeries> choose_series(const std::vector<DicomSeries>& series);

/// Reads ordered slices (GDCM, rescale slope and intercept applied). Slices that are not evenly spaced are interpolated
/// linearly to even places and told; missing ones likewise where they are at most a tenth of the series, and are an
/// Error{UnusableInput} beyond; slices at one place are told and the first is taken.
[[nodiscard]] imageio::ReadVolume read_dicom(const std::vector<DicomSlice>& slices);

}  // namespace gliocast::image
