#pragma once
#include "../cli.hpp"

#include <gliocast/core/json.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/stats/data_frame.hpp>
#include <gliocast/survival/survival_frame.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::cli {

/// Options that the statistical verbs share.
struct StatisticsArguments {
  std::filesystem::path table, out, figure;
  std::vector<std::string> reference;  ///< column=level
  std::vector<std::string> missing;    ///< codes of missing values besides the usual ones
  survival::OutcomeColumns outcome;
  double level = 0.95;
  bool json = false, quiet = false;
};

/// TABLE, --out, --json, --level, --ref, --quiet; with `outcome` also --time, --event, --event-value.
void add_statistics_options(CLI::App& verb, StatisticsArguments& arguments, bool outcome);
/// --figure, where a verb draws.
void add_figure_option(CLI::App& verb, StatisticsArguments& arguments);

/// Reads the table and applies --ref.
[[nodiscard]] stats::DataFrame load_table(const StatisticsArguments& arguments);

/// Writes the table to --out (TSV, CSV; Markdown .md, LaTeX .tex) or on standard output, the JSON on standard output
/// with --json, notes on standard error.
void emit(const StatisticsArguments& arguments, const TextTable& table, const Json& json,
          const std::vector<std::string>& notes = {});

/// Up to six significant digits, every digit of the whole part; "NA" where not a number, "Inf", "-Inf".
[[nodiscard]] std::string cell(double value);
/// A value of the table itself (a time, a count, a threshold): all its digits.
[[nodiscard]] std::string data_cell(double value);
/// P as papers print it: "<0.001" or three decimals.
[[nodiscard]] std::string p_cell(double p);
/// "AUC 0.812 (0.750 to 0.874)", as a figure's legend has it; without limits where these are not known.
[[nodiscard]] std::string auc_text(double auc, double lower, double upper);

}  // namespace gliocast::cli
