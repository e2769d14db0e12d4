#pragma once
#include <filesystem>
#include <memory>
#include <string_view>

namespace gliocast::dicom {

/// The words by which scanners and their users name series, and what each says: the one table that recognition of DICOM
/// series reads. Cheap to copy; safe to read from several threads.
class SeriesNames {
 public:
  struct Table;

  /// The table gliocast comes with (`share/gliocast/series_names.tsv`).
  [[nodiscard]] static const SeriesNames& built_in();
  /// Its text; the form of a user's own table is told in its first lines.
  [[nodiscard]] static std::string_view built_in_text();

  /// This table with a user's lines after it, which win over those before. Throws Error{UnusableInput} naming file and
  /// line where a line is faulty, and saying which meanings there are.
  [[nodiscard]] SeriesNames extended_by(const std::filesystem::path& file) const;

  [[nodiscard]] const Table& table() const { return *table_; }

 private:
  explicit SeriesNames(std::shared_ptr<const Table> table) : table_(std::move(table)) {}
  std::shared_ptr<const Table> table_;
};

}  // namespace gliocast::dicom
