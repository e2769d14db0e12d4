#pragma once
#include <CLI/CLI.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/stats/data_frame.hpp>
#include <gliocast/survival/kaplan_meier.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace gliocast::stats {
class DesignSpecification;
}
namespace gliocast::survival {
struct CoxModel;
}

namespace gliocast::cli {

/// Each adds some verbs of `gliocast survival`.
void add_survival_curves(CLI::App& survival, int& result);
void add_survival_cox(CLI::App& survival, int& result);
void add_survival_scores(CLI::App& survival, int& result);
void add_survival_nomogram(CLI::App& survival, int& result);
void add_survival_performance(CLI::App& survival, int& result);
void add_survival_reclassify(CLI::App& survival, int& result);
void add_survival_cutpoint(CLI::App& survival, int& result);
void add_survival_characteristics(CLI::App& survival, int& result);

/// Rows of a frame by the levels of a column that occur; one group "all" without.
struct GroupedRows {
  std::vector<std::string> labels;
  std::vector<std::vector<std::size_t>> rows;
  std::vector<int> code;  ///< one a row
};
[[nodiscard]] GroupedRows group_rows(const stats::DataFrame& frame, const std::string& group);

/// Throws Error{UnusableInput} where the model was fitted with entry times: `verb` supposes that all rows are observed
/// from time 0 on.
void refuse_entry(const survival::CoxModel& model, const std::filesystem::path& file, const std::string& verb);

/// Sentences on levels of the table that the model does not know: column, level, rows, and the levels it knows.
[[nodiscard]] std::vector<std::string> unknown_level_notes(const stats::DesignSpecification& design,
                                                           const stats::DataFrame& table);
/// What the fit warned of, to be told wherever its numbers are used.
void add_model_warnings(const survival::CoxModel& model, std::vector<std::string>& notes);

/// Curves with their intervals, censoring marks, numbers at risk, and the log-rank P of `json["logrank"]`.
void draw_kaplan_meier(const std::filesystem::path& file, const std::string& time_label,
                       const std::vector<std::string>& labels, const std::vector<survival::KaplanMeierCurve>& curves,
                       const Json& json);

}  // namespace gliocast::cli
