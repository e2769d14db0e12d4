#pragma once
#include <gliocast/analysis/figures.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/core/table.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gliocast::analysis {

/// What an analysis gives to its reader.
struct AnalysisOutput {
  TextTable table;                 ///< the results as a paper has them: numbers are rounded
  Json json;                       ///< the results in full, as docs/survival.schema.json says
  std::vector<std::string> notes;  ///< what to know of them, in sentences; doubtful ones begin with "warning: "
  std::vector<FigureSpecification> figures;  ///< at most one; none where there is nothing to draw
};

inline constexpr std::string_view kDoubtful = "warning: ";  ///< doubtful notes begin with it

/// A note with what it is of before it; a doubtful one stays doubtful: "warning: external: …".
[[nodiscard]] inline std::string note_of(const std::string& what, const std::string& note) {
  const bool doubtful = note.starts_with(kDoubtful);
  return (doubtful ? std::string(kDoubtful) : std::string()) + what + ": " +
         note.substr(doubtful ? kDoubtful.size() : 0);
}

/// The result with its doubtful notes as `warnings`, after those that it has.
[[nodiscard]] inline Json with_warnings(Json result, const std::vector<std::string>& notes) {
  if (!result.is_object()) return result;
  Json& warnings = result["warnings"];
  if (!warnings.is_array()) warnings = Json::array();
  for (const auto& note : notes) {
    if (!note.starts_with(kDoubtful)) continue;
    Json text = note.substr(kDoubtful.size());
    if (std::ranges::find(warnings, text) == warnings.end()) warnings.push_back(std::move(text));
  }
  return result;
}

}  // namespace gliocast::analysis
