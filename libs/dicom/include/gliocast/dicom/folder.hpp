#pragma once
#include <gliocast/dicom/series.hpp>
#include <gliocast/dicom/series_names.hpp>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <vector>

namespace gliocast::dicom {

/// The DICOM files under a folder: their headers are read once, by several workers at a time.
///
/// Volumes are grouped by series, orientation and size; where several slices lie at one place, split by what tells them
/// apart (kind of image, echo, b-value, temporal position, acquisition number, trigger time and others); and recognised
/// by name and times. Studies go by StudyInstanceUID and StudyDate. Files that are no DICOM are
/// passed over.
class Folder {
 public:
  /// Reads the headers. Throws Error{UnusableInput} where there is no DICOM file. `folder` may be one file.
  explicit Folder(const std::filesystem::path& folder);
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  /// All volumes by series number; `names` says what words mean. Throws Error{UnusableInput} where there is none.
  [[nodiscard]] std::vector<Series> series(const SeriesNames& names = SeriesNames::built_in()) const;
  /// The volumes of the files under `place` alone.
  [[nodiscard]] std::vector<Series> series_under(const std::filesystem::path& place,
                                                 const SeriesNames& names = SeriesNames::built_in()) const;
  /// Files that look like DICOM and cannot be read.
  [[nodiscard]] const std::vector<std::filesystem::path>& damaged() const;
  [[nodiscard]] std::size_t file_count() const;

 private:
  struct Contents;
  std::unique_ptr<Contents> contents_;
};

/// Folder(folder).series().
[[nodiscard]] std::vector<Series> scan_folder(const std::filesystem::path& folder);

/// Whether a folder (searched to a depth of 8) holds a DICOM file, or a file is one.
[[nodiscard]] bool has_dicom(const std::filesystem::path& place);

}  // namespace gliocast::dicom
