#pragma once
#include <gliocast/core/table.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::study {

/// What a file of the study shows for a reporting item.
struct ShownByRun {
  std::string file;   ///< from the study's folder
  std::string place;  ///< in the report
};

/// One checklist's items as far as a run meets them.
struct Checklist {
  std::string name, source;
  /// Number, item (in words of our own), state ("met", "open", "not applicable"), file, place in the report, remark.
  TextTable table;
  std::size_t met = 0, open = 0, not_applicable = 0;
};

/// CLEAR, METRICS, TRIPOD+AI and CLAIM 2024, filled in from a study's folder, whose tables are written. An item is met
/// where a file of the run holds what it asks for, which is looked up in that file; else it is open: for the authors to
/// write, or for a run that has what the remark says.
[[nodiscard]] std::vector<Checklist> study_checklists(const std::filesystem::path& study);

/// All of them in one table with a column of the checklist's name.
[[nodiscard]] TextTable joined_checklists(const std::vector<Checklist>& checklists);

}  // namespace gliocast::study
