#include <gliocast/analysis/survival_groups.hpp>

#include <gliocast/core/error.hpp>

namespace gliocast::analysis {
namespace {
constexpr std::size_t kMostGroups = 50;  // more are no groups but a continuous value
}

GroupedRows group_rows(const stats::DataFrame& frame, const std::string& group) {
  GroupedRows result;
  result.code.assign(frame.rows(), 0);
  if (group.empty()) {
    result.labels = {"all"};
    result.rows.resize(1);
    for (std::size_t r = 0; r < frame.rows(); ++r) result.rows[0].push_back(r);
    return result;
  }
  const auto column = stats::as_factor(frame.at(group));
  std::vector<std::vector<std::size_t>> rows(column.levels.size());
  for (std::size_t r = 0; r < frame.rows(); ++r) rows[static_cast<std::size_t>(column.codes[r])].push_back(r);
  for (std::size_t l = 0; l < rows.size(); ++l) {
    if (rows[l].empty()) continue;
    for (const std::size_t r : rows[l]) result.code[r] = static_cast<int>(result.labels.size());
    result.labels.push_back(column.levels[l]);
    result.rows.push_back(std::move(rows[l]));
  }
  if (result.labels.size() > kMostGroups)
    throw unusable_input("column \"" + group + "\" has " + std::to_string(result.labels.size()) +
                             " values; groups are at most " + std::to_string(kMostGroups),
                         frame.origin(), "cut a continuous value first: gliocast survival cutpoint");
  return result;
}

}  // namespace gliocast::analysis
