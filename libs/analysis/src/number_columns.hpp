#pragma once
#include <gliocast/stats/data_frame.hpp>

#include <array>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gliocast::analysis {

/// Rows from which on a coincidence is none: whole numbers one apart number the rows.
inline constexpr std::size_t kFewRows = 10;

/// Bare names of columns that name rows, the likeliest first.
inline constexpr std::array<std::string_view, 11> kIdNames{"id",      "patient",   "patientid", "participantid",
                                                           "subject", "subjectid", "case",      "caseid",
                                                           "pid",     "sampleid",  "studyid"};
/// A name in lower case without what may stand between words: "Patient ID" and "patient_id" are one.
[[nodiscard]] std::string bare_name(const std::string& name);
/// Whether a column is usually called so where it names rows: id, patient, subject, case …
[[nodiscard]] bool is_id_name(const std::string& name);

/// A table's columns of numbers, and why others are none of what a model may learn from.
struct NumberColumns {
  std::vector<const stats::Column*> numbers;
  std::vector<std::string> text, diagnostics, index, ids;

  /// Notes on what is left out, but for text.
  void tell_left_out(std::vector<std::string>& notes) const;
};
/// All columns but those taken: left out are text, PyRadiomics' diagnostics, what numbers the rows (also
/// with gaps, where it is called so: StudyNumber), and with `without_ids` what is called as ids are. Throws
/// Error{UnusableInput} that names column, value and line where text stands among numbers.
[[nodiscard]] NumberColumns number_columns(const stats::DataFrame& table, const std::set<std::string>& taken,
                                           bool without_ids);

}  // namespace gliocast::analysis
