#include <gliocast/analysis/survival_model.hpp>

#include "same_prediction.hpp"
#include "time_scale.hpp"

#include <gliocast/analysis/cells.hpp>
#include <gliocast/analysis/signature_group.hpp>
#include <gliocast/core/error.hpp>

#include <cmath>

namespace gliocast::analysis {
namespace {
constexpr std::size_t kLevelsNamed = 8;  // UnknownLevel::known holds as many
}

std::string model_name(const SavedModel& saved) {
  const auto path = saved.file.lexically_normal();
  return (path.has_filename() ? path : path.parent_path()).filename().string();
}

void refuse_entry(const survival::CoxModel& model, const std::filesystem::path& file, const std::string& verb) {
  if (model.entry_column.empty()) return;
  throw unusable_input("the model was fitted with entry times (column \"" + model.entry_column + "\"); " + verb +
                           " supposes that all rows are observed from time 0 on",
                       file.string(), "with entry times there are: cox --entry, zph, cindex, km, predict, nomogram");
}

std::vector<std::string> unknown_level_notes(const stats::DesignSpecification& design, const stats::DataFrame& table) {
  std::vector<std::string> notes;
  for (const auto& u : design.unknown_levels(table))
    notes.push_back("warning: column \"" + u.column + "\" has the level \"" + u.level + "\" in " +
                    std::to_string(u.rows) + " rows, which the model does not know (it knows " + u.known +
                    (u.known_levels > kLevelsNamed ? ", ..." : "") + "; case and blanks count)");
  return notes;
}

void add_model_warnings(const survival::CoxModel& model, std::vector<std::string>& notes) {
  for (const auto& w : model.warnings) notes.push_back("warning: " + w);
}

void add_range_notes(const survival::CoxModel& model, const stats::DataFrame& table, std::vector<std::string>& notes) {
  for (const auto& [column, range] : model.ranges) {
    const auto& cells = table.at(column);
    if (cells.is_factor) continue;
    const auto outside = std::ranges::count_if(
        cells.numbers, [&limits = range](double v) { return v < limits.minimum || v > limits.maximum; });
    if (outside > 0)
      notes.push_back("warning: column \"" + column + "\" lies outside the rows that the model was fitted to (" +
                      cell(range.minimum) + " to " + cell(range.maximum) + ") in " + std::to_string(outside) + " of " +
                      std::to_string(cells.numbers.size()) + " rows: extrapolation, or another unit");
  }
}

void add_extrapolation_notes(const survival::CoxModel& model, const std::vector<double>& times,
                             std::vector<std::string>& notes) {
  for (const double t : times)
    if (t > model.last_follow_up())
      notes.push_back("time " + cell(t) + " lies beyond the " + cell(model.last_follow_up()) +
                      " of follow-up the model was fitted on: extrapolation");
}

std::vector<std::string> predictors_of(const survival::CoxModel& model) {
  auto columns = model.design.formula().columns();
  std::erase(columns, model.design.formula().cluster);
  return columns;
}

survival::Ties ties_of(const std::string& name) {
  if (name == "efron") return survival::Ties::Efron;
  return name == "breslow" ? survival::Ties::Breslow : survival::Ties::Exact;
}

JudgedRows judge_model(const stats::DataFrame& given, const survival::OutcomeColumns& outcome,
                       const JudgedModel& judged, const std::vector<double>& times, double level,
                       const std::string& verb) {
  if (judged.saved.has_value() != judged.formula.empty())
    throw Error(ExitCode::WrongUse, "one of --model and --formula is needed", "--model");
  JudgedRows p;
  p.model = judged.saved ? judged.saved->model : survival::analyse_cox(given, outcome, judged.formula).model;
  const auto table = judged.saved ? with_signature_group(given, p.model) : given;
  refuse_entry(p.model, judged.saved ? judged.saved->file : std::filesystem::path(), verb);
  auto coded = outcome;
  coded.coding = p.model.event_coding;
  const auto columns = predictors_of(p.model);
  const auto used = survival::make_survival_frame(table, coded, columns);
  p.used = used;
  p.survival.resize(times.size());
  std::vector<std::size_t> kept;
  const auto predictions = p.model.predict(used.frame, times, level);
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    if (std::isnan(predictions[i].linear_predictor)) continue;
    kept.push_back(used.rows[i]);
    p.risk.push_back(predictions[i].linear_predictor);
    for (std::size_t t = 0; t < times.size(); ++t) p.survival[t].push_back(predictions[i].survival[t]);
  }
  if (kept.empty()) {
    std::string which;
    for (const auto& n : unknown_level_notes(p.model.design, table)) which += "; " + n;
    throw unusable_input("the model knows the levels of no row" + which, table.origin());
  }
  if (const std::size_t unknown = predictions.size() - kept.size(); unknown > 0) {
    p.used = survival::make_survival_frame(table.subset(kept), coded, columns);
    p.used.left_out += used.left_out;
    p.used.notes.push_back(std::to_string(unknown) + " rows have a level the model does not know: left out");
    for (const auto& n : unknown_level_notes(p.model.design, table)) p.used.notes.push_back(n);
  }
  add_model_warnings(p.model, p.used.notes);
  if (judged.saved) {
    add_range_notes(p.model, p.used.frame, p.used.notes);
    tell_other_unit(time_scale(p.model), time_scale(p.used.sample, outcome.time), "the model's", p.used.notes);
    tell_same_prediction(p.model, p.used.frame, p.risk, "", p.used.notes);
  }
  add_extrapolation_notes(p.model, times, p.used.notes);
  return p;
}

}  // namespace gliocast::analysis
