#pragma once
#include <gliocast/analysis/signature_nomograms.hpp>

namespace gliocast::analysis {

/// Tables of comparisons, which grow by one set of data after another.
struct ComparisonTables {
  TextTable performance, at_times, calibration, decision, selection;
};
[[nodiscard]] ComparisonTables comparison_tables(const NomogramStudyOptions& options);

/// Adds one comparison to the tables and tells what to know of it. `data`: "training", "cross-validation", "external".
[[nodiscard]] Json add_comparison(const std::string& data, const signature::NomogramComparison& comparison,
                                  const NomogramStudyOptions& options, ComparisonTables& tables,
                                  std::vector<std::string>& notes);

/// Calibration curves at the times, of one of the nomograms.
[[nodiscard]] XyFigure calibration_of(const signature::NomogramComparison& comparison,
                                      const signature::NomogramPerformance& performance, const std::string& title,
                                      const NomogramStudyOptions& options);
/// Net benefit of both nomograms at one of the times.
[[nodiscard]] XyFigure decision_of(const signature::NomogramComparison& comparison, std::size_t time,
                                   const std::string& title, const NomogramStudyOptions& options);

/// "0.873 (0.840 to 0.906)"; without limits where these are not known.
[[nodiscard]] std::string interval_text(const stats::Estimate& estimate, int digits);

}  // namespace gliocast::analysis
