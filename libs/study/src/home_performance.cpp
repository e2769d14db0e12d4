#include "home_performance.hpp"

#include "external_grading.hpp"

#include <gliocast/analysis/small_cells.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace gliocast::study {
namespace {

namespace fs = std::filesystem;

Json interval(const Json& estimate) {
  return {{"estimate", estimate.at("estimate")}, {"lower", estimate.at("lower")}, {"upper", estimate.at("upper")}};
}

/// The row of the model for use.
Json grading_row(const Json& results) {
  const Json& rows = results.at("table_1");
  const auto row = std::ranges::find_if(rows, [](const Json& r) { return r.at("model") == kModelForUse; });
  if (row == rows.end()) return nullptr;
  Json out = Json::object();
  for (const char* name : {"auc", "sensitivity", "specificity", "brier"}) out[name] = interval(row->at(name));
  out["calibration_slope"] = interval(row->at("calibration").at("slope"));
  return out;
}

bool enough_of_each(const Json& results) {
  const auto n = results.at("n").get<std::size_t>(), high = results.at("high_grade").get<std::size_t>();
  return std::min(high, n - high) >= analysis::kLeastCell;
}

void add_nomograms(const Json& evaluation, const char* comparison, Json& out) {
  const auto found = evaluation.find("nomograms");
  if (found == evaluation.end() || !found->is_object()) return;
  const Json& comparisons = found->at("comparisons");
  if (!comparisons.contains(comparison)) return;
  for (const char* name : {"clinical", "integrated"})
    out[std::string(name) + "_nomogram"] = interval(comparisons.at(comparison).at(name).at("concordance"));
}

}  // namespace

Json grading_at_home(const fs::path& stages) {
  const Json study = read_json(stages / "grading" / "study.json");
  Json out{{"cross_validated", grading_row(study)}, {"second_cohort", nullptr}};
  const fs::path external = stages / "grading_external" / "external.json";
  if (!fs::exists(external)) return out;
  const Json tried = read_json(external);
  if (enough_of_each(tried)) out["second_cohort"] = grading_row(tried);
  return out;
}

Json survival_at_home(const fs::path& stages) {
  const Json evaluation = read_json(stages / "signature" / "evaluation.json");
  Json out{{"cross_validated", {{"c_index", interval(evaluation.at("c_index"))}}}, {"second_cohort", nullptr}};
  add_nomograms(evaluation, "cross-validation", out["cross_validated"]);
  const Json& external = evaluation.at("external");
  if (!external.is_object() || external.at("events").get<std::size_t>() < analysis::kLeastCell) return out;
  out["second_cohort"] = {{"c_index", interval(external.at("c_index"))}};
  add_nomograms(evaluation, "external", out["second_cohort"]);
  return out;
}

}  // namespace gliocast::study
