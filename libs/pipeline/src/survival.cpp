#include "survival.hpp"

#include <gliocast/analysis/survival_model.hpp>
#include <gliocast/cohort/label.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/report/figure.hpp>
#include <gliocast/report/nomogram_calculator.hpp>

namespace gliocast::pipeline {
namespace {

namespace fs = std::filesystem;
using findings::Remark;

constexpr const char* kPage = "nomogram.html";

models::Bundle read_survival_bundle(const fs::path& models, const std::string& name) {
  const fs::path path(name);
  std::error_code error;
  if (path.has_parent_path() || path.has_extension() || fs::exists(path, error))
    return models::read_bundle(path, models::Kind::Cox);
  if (!models.empty() && fs::exists(models / path, error)) return models::read_bundle(models / path, models::Kind::Cox);
  return models::read_bundle(models::find_bundle({}, name), models::Kind::Cox);
}

/// Draws the figure and returns it as text; empty where gnuplot is missing.
std::string drawn(const fs::path& file, const analysis::FigureSpecification& figure) {
  try {
    report::draw(file, figure);
    return read_text(file);
  } catch (const Error& e) {
    log_warning(file.filename().string() + ": " + e.problem());
    return {};
  }
}

/// What the page says of the values it opens with.
std::string note_on(const findings::SurvivalEstimate& e) {
  std::vector<std::string> known, choose;
  for (const auto& p : e.curves.front().predictors) {
    if (!p.given.empty())
      known.push_back(p.column + " " + p.value);
    else
      choose.push_back(p.column);
  }
  std::string note = "Opened with the patient's values: " + listed(known) + ".";
  if (!choose.empty()) note += " Not known, so to be chosen: " + listed(choose) + ".";
  return note;
}

}  // namespace

SurvivalEstimator::SurvivalEstimator(const PredictOptions& o)
    : bundle_(read_survival_bundle(o.models, o.survival_model)),
      model_(analysis::patient_survival_model(bundle_, o.survival_unit)) {}

findings::ModelCard SurvivalEstimator::card() const {
  const auto text = [&](const char* key) { return bundle_.card.value(key, std::string("not stated")); };
  return {bundle_.name,       "Cox model of survival: " + model_.facts.formula,
          text("trained_on"), text("measured"),
          text("limits"),     model_.facts.demonstration};
}

void SurvivalEstimator::add_to(RunKey& key, const findings::ClinicalRecord& record) const {
  for (int k = 0; k < findings::kClinicalFields; ++k) {
    const auto field = static_cast<findings::ClinicalField>(k);
    key.add(field_name(field), field_text(record, field));
  }
  for (const auto& column : analysis::predictors_of(model_.model))
    if (const auto cell = record.columns.find(column); cell != record.columns.end())
      key.add("column " + column, cell->second);
}

void SurvivalEstimator::estimate(PatientWork& w) const {
  w.found.survival.push_back(analysis::estimate_survival(model_, *w.found.clinical, w.found.grade));
  if (auto* e = std::get_if<findings::SurvivalEstimate>(&w.found.survival.back().result))
    e->page = kPage;
  else
    w.found.not_computed.push_back({.kind = Remark::Kind::NoSurvival});
}

void SurvivalEstimator::write(const fs::path& out, const std::string& id, PatientWork& w) const {
  const std::string subject = cohort::subject_label(id);
  w.survival_pictures.emplace_back();
  const auto* e = std::get_if<findings::SurvivalEstimate>(&w.found.survival.front().result);
  if (!e) return;
  write_text(
      out / subject / e->page,
      report::nomogram_calculator(
          {.title = "Survival nomogram – " + subject, .unit = model_.facts.unit, .stratum = {}, .note = note_on(*e)},
          model_.nomogram.calculator, analysis::calculator_start(*e)));
  w.survival_pictures.back() = {
      .curves = drawn(out / subject / "survival.svg", analysis::patient_curves_figure(model_.facts, *e)),
      .nomogram = drawn(out / subject / "nomogram.svg", analysis::patient_nomogram_figure(model_, *e))};
}

}  // namespace gliocast::pipeline
