#pragma once
#include <gliocast/stats/data_frame.hpp>
#include <gliocast/survival/cox_model.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace gliocast::analysis {

// One group of a signature under two names: "group" of predictions ("high risk", "low risk"), and the factor
// signature::kRiskGroup of integrated nomograms ("high", "low").

/// "high risk", "low risk".
[[nodiscard]] std::string risk_group(bool high);

/// Whether a text names the group of high risk ("high", "High risk", "poor"), or that of low; nothing where neither.
[[nodiscard]] std::optional<bool> is_high_risk(std::string_view text);

/// The table as the model reads it: where the model has the factor signature::kRiskGroup, the group of a prediction
/// (the column of that name, or else "group") in the model's levels; other tables as they are. Throws
/// Error{UnusableInput} where the table has neither column.
[[nodiscard]] stats::DataFrame with_signature_group(const stats::DataFrame& table, const survival::CoxModel& model);

}  // namespace gliocast::analysis
