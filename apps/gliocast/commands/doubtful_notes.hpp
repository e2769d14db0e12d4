#pragma once
#include <gliocast/core/json.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gliocast::cli {

inline constexpr std::string_view kDoubtful = "warning: ";  ///< doubtful notes begin with it

/// The result with its doubtful notes as `warnings`, after those that it has.
[[nodiscard]] inline Json with_warnings(Json result, const std::vector<std::string>& notes) {
  if (!result.is_object()) return result;
  Json& warnings = result["warnings"];
  if (!warnings.is_array()) warnings = Json::array();
  for (const auto& note : notes)
    if (note.starts_with(kDoubtful)) {
      Json text = note.substr(kDoubtful.size());
      if (std::find(warnings.begin(), warnings.end(), text) == warnings.end()) warnings.push_back(std::move(text));
    }
  return result;
}

}  // namespace gliocast::cli
