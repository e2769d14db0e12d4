#include "survival.hpp"

#include <gliocast/analysis/survival_model.hpp>
#include <gliocast/cohort/label.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/report/figure.hpp>
#include <gliocast/report/nomogram_calculator.hpp>

#include <algorithm>
#include <utility>

namespace gliocast::pipeline {
namespace {

namespace fs = std::filesystem;

/// Between the name of a file and its ending.
std::string suffix_of(findings::SurvivalRole role) {
  switch (role) {
    case findings::SurvivalRole::SignatureClinical:
      return "_clinical";
    case findings::SurvivalRole::Integrated:
      return "_integrated";
    case findings::SurvivalRole::Clinical:
      break;
  }
  return {};
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

models::Bundle read_survival_bundle(const fs::path& models, const std::string& name) {
  const fs::path path(name);
  std::error_code error;
  if (path.has_parent_path() || path.has_extension() || fs::exists(path, error))
    return models::read_bundle(path, models::Kind::Cox);
  if (!models.empty() && fs::exists(models / path, error)) return models::read_bundle(models / path, models::Kind::Cox);
  return models::read_bundle(models::find_bundle({}, name), models::Kind::Cox);
}

std::string drawn(const fs::path& file, const analysis::FigureSpecification& figure) {
  try {
    report::draw(file, figure);
    return read_text(file);
  } catch (const Error& e) {
    log_warning(file.filename().string() + ": " + e.problem());
    return {};
  }
}

SurvivalEstimator::SurvivalEstimator(models::Bundle bundle, const std::string& unit, findings::SurvivalRole role)
    : bundle_(std::move(bundle)), role_(role), model_(analysis::patient_survival_model(bundle_, unit)) {}

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

findings::SurvivalFinding SurvivalEstimator::estimate(const findings::ClinicalRecord& record,
                                                      const findings::Grade& grade) const {
  auto finding = analysis::estimate_survival(model_, record, grade);
  finding.role = role_;
  if (auto* e = std::get_if<findings::SurvivalEstimate>(&finding.result))
    e->page = "nomogram" + suffix_of(role_) + ".html";
  return finding;
}

void SurvivalEstimator::write(const fs::path& out, const std::string& id, PatientWork& w) const {
  const auto found = std::ranges::find(w.found.survival, role_, &findings::SurvivalFinding::role);
  w.survival_pictures.resize(w.found.survival.size());
  if (found == w.found.survival.end()) return;
  const auto* e = std::get_if<findings::SurvivalEstimate>(&found->result);
  if (!e) return;
  const std::string subject = cohort::subject_label(id), svg = suffix_of(role_) + ".svg";
  std::string what = role_ == findings::SurvivalRole::Clinical ? "Survival nomogram" : model_.facts.name;
  if (model_.facts.demonstration) what += " (demonstration: fitted to simulated patients)";
  write_text(out / subject / e->page,
             report::nomogram_calculator(
                 {.title = what + " – " + subject, .unit = model_.facts.unit, .stratum = {}, .note = note_on(*e)},
                 model_.nomogram.calculator, analysis::calculator_start(*e)));
  w.survival_pictures[static_cast<std::size_t>(found - w.found.survival.begin())] = {
      .curves = drawn(out / subject / ("survival" + svg),
                      analysis::patient_curves_figure(model_.facts.unit, e->curves, model_.facts.demonstration)),
      .nomogram = drawn(out / subject / ("nomogram" + svg), analysis::patient_nomogram_figure(model_, *e))};
}

}  // namespace gliocast::pipeline
