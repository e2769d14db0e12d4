#pragma once
#include <gliocast/core/json.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/stats/estimate.hpp>

#include <string>
#include <vector>

namespace gliocast::analysis {

/// A number of a result for a cell: up to six significant digits, every digit of the whole part; "NA" where not a
/// number, "Inf", "-Inf".
[[nodiscard]] std::string cell(double value);
/// A value of the table itself (a time, a count, a threshold): all its digits.
[[nodiscard]] std::string data_cell(double value);
/// P as papers print it: "<0.001" or three decimals.
[[nodiscard]] std::string p_cell(double p);
/// "AUC 0.812 (0.750 to 0.874)", as a figure's legend has it; without limits where these are not known.
[[nodiscard]] std::string auc_text(const stats::Estimate& auc);

/// Appends value, standard error and limits as cells.
void add_cells(std::vector<std::string>& row, const stats::Estimate& estimate);
/// Appends a statistic with its limits: to a table in full, and to one as a paper has it, with three decimals.
void add_metric(const std::string& of, const std::string& label, const stats::Estimate& estimate, TextTable& full,
                TextTable& printed);
/// Numbers for JSON; null where one is not finite.
[[nodiscard]] Json numbers_json(const std::vector<double>& values);
/// {`name`: value, "se", "lower", "upper"}.
[[nodiscard]] Json estimate_json(const stats::Estimate& estimate, const char* name = "estimate");
/// {`name`: statistic, "df", "p"}.
[[nodiscard]] Json test_json(const stats::TestResult& test, const char* name = "statistic");
/// Sets "difference", "difference_se", "difference_lower", "difference_upper", "z" and "p".
void set_difference(Json& json, const stats::Comparison& comparison);

}  // namespace gliocast::analysis
