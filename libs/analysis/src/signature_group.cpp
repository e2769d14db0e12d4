#include <gliocast/analysis/signature_group.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/signature/nomograms.hpp>

#include <algorithm>
#include <array>

namespace gliocast::analysis {
namespace {

constexpr auto kHigh = std::to_array<std::string_view>({"high", "high risk", "high-risk", "poor", "unfavourable"}),
               kLow = std::to_array<std::string_view>({"low", "low risk", "low-risk", "good", "favourable"});
constexpr const char* kGroupOfPrediction = "group";

/// The column that has the group: of the model's name, else of predictions where all of its levels name a group.
const stats::Column* group_column(const stats::DataFrame& table) {
  if (const auto* column = table.find(signature::kRiskGroup)) return column;
  const auto* column = table.find(kGroupOfPrediction);
  const auto named = [](const std::string& level) { return is_high_risk(level).has_value(); };
  return column != nullptr && column->is_factor && std::ranges::all_of(column->levels, named) ? column : nullptr;
}

}  // namespace

std::string risk_group(bool high) { return high ? "high risk" : "low risk"; }

std::optional<bool> is_high_risk(std::string_view text) {
  const std::string folded = fold_case(std::string(text));
  if (std::ranges::find(kHigh, folded) != kHigh.end()) return true;
  if (std::ranges::find(kLow, folded) != kLow.end()) return false;
  return std::nullopt;
}

stats::DataFrame with_signature_group(const stats::DataFrame& table, const survival::CoxModel& model) {
  const auto columns = model.design.formula().columns();
  if (std::ranges::find(columns, signature::kRiskGroup) == columns.end()) return table;
  const auto* group = group_column(table);
  if (group == nullptr)
    throw unusable_input("the model needs the group of a signature, and the table has no column \"" +
                             std::string(signature::kRiskGroup) + "\" (high, low) or \"" + kGroupOfPrediction +
                             "\" (high risk, low risk)",
                         table.origin(), "gliocast signature predict --clinical writes it beside the clinical columns");
  if (!group->is_factor) return table;
  stats::Column read = *group;
  read.name = signature::kRiskGroup;
  read.source = nullptr;
  for (auto& level : read.levels)
    if (const auto high = is_high_risk(level)) level = *high ? "high" : "low";
  // "high" and "High risk" of one table are one level.
  for (int& code : read.codes)
    if (code >= 0)
      code = static_cast<int>(std::ranges::find(read.levels, read.levels[static_cast<std::size_t>(code)]) -
                              read.levels.begin());
  stats::DataFrame result = table;
  result.add(std::move(read));
  return result;
}

}  // namespace gliocast::analysis
