#pragma once
#include <gliocast/core/geometry.hpp>
#include <gliocast/core/sequence.hpp>

#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gliocast::dicom {

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
struct Slice {
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
struct Series {
  std::vector<Slice> slices;            ///< ordered along the normal
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

}  // namespace gliocast::dicom
