#pragma once
#include <gliocast/core/table.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::study {

/// A row a result and fold: who fitted it, on whom it was judged, and how many are both (which must be nobody).
struct StudyAudit {
  TextTable table{{"result", "fold", "fitted", "judged on", "both"}, {}};
  std::vector<std::string> leaks;  ///< sentences; empty where nobody judged what he fitted
};
/// Of what the stages below `stages` wrote; those that are not there are left out.
[[nodiscard]] StudyAudit audit_study(const std::filesystem::path& stages);

/// Numbers that flatter beside those that do not: result, honest, naive, why the naive one is too high.
[[nodiscard]] TextTable naive_beside_honest(const std::filesystem::path& stages);

/// The numbers of Xu 2022 beside those of the stages below `stages`: what, paper, here with its interval, file.
[[nodiscard]] TextTable beside_published(const std::filesystem::path& stages);

}  // namespace gliocast::study
