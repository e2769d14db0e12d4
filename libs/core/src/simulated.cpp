#include <gliocast/core/simulated.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/json.hpp>

#include <algorithm>

namespace gliocast {
namespace {

namespace fs = std::filesystem;

constexpr int kLevels = 4;  ///< cohort/sub-01/ses-1/anat/file

bool says_simulated(const fs::path& folder) {
  const fs::path file = folder / "dataset_description.json";
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return false;
  try {
    const Json json = read_json(file);
    const auto made = json.is_object() ? json.value("GeneratedBy", Json()) : Json();
    return made.is_array() && std::ranges::any_of(made, [](const Json& by) {
             return by.is_object() && by.value("Name", Json()) == kSimulator;
           });
  } catch (const Error&) {
    return false;  // another's file: no word on where patients come from
  }
}

}  // namespace

bool in_simulated_cohort(const fs::path& file) {
  std::error_code error;
  fs::path folder = fs::absolute(file, error).parent_path();
  for (int level = 0; level < kLevels && folder.has_relative_path(); ++level, folder = folder.parent_path())
    if (says_simulated(folder)) return true;
  return false;
}

}  // namespace gliocast
