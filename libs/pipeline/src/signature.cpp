#include "signature.hpp"

#include "chain_radiomics.hpp"
#include "measure.hpp"
#include "patient_features.hpp"

#include <gliocast/analysis/survival_model.hpp>
#include <gliocast/cohort/label.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/learn/row_marks.hpp>
#include <gliocast/pipeline/fused_grading.hpp>
#include <gliocast/pipeline/prognosis_features.hpp>
#include <gliocast/radiomics/feature.hpp>
#include <gliocast/signature/nomograms.hpp>
#include <gliocast/stats/data_frame.hpp>
#include <gliocast/survival/cox_model_file.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <ranges>
#include <set>
#include <string_view>
#include <utility>

namespace gliocast::pipeline {
namespace {

namespace fs = std::filesystem;
using findings::NoSignature;
using findings::Remark;
using findings::SignatureEstimate;
using findings::SurvivalCurve;
using findings::SurvivalRole;
using Reason = NoSignature::Reason;

constexpr std::size_t kMostNamed = 5;  // features in a remark
/// Clinical columns that measured_columns() can give.
constexpr std::array<std::string_view, 3> kMeasured{"laterality", "location", "enhancement"};

const signature::SignatureModel& model_of(const FusedSignature::Member& m) { return *m.signature.model; }

bool all_have_survival(const FusedSignature& fused) {
  return std::ranges::all_of(fused.members, [](const auto& m) { return model_of(m).parts().survival.has_value(); });
}

/// Up to which every member's Cox model goes; 0 where one has none.
double follow_up_of(const FusedSignature& fused) {
  if (!all_have_survival(fused)) return 0;
  double shortest = std::numeric_limits<double>::infinity();
  for (const auto& m : fused.members) shortest = std::min(shortest, model_of(m).parts().survival->last_follow_up());
  return shortest;
}

/// Of a column's values: radiomics by their definitions, deep features have none.
std::string unit_of(const std::string& column) {
  const auto last = column.rfind('_');
  if (deep_index(column) || last == std::string::npos) return "1";
  const std::string before = column.substr(0, last), feature = column.substr(last + 1);
  for (const auto& feature_class : radiomics::feature_classes()) {
    if (!before.ends_with("_" + feature_class.name)) continue;
    const auto found = std::ranges::find(feature_class.features, feature, &radiomics::FeatureDefinition::name);
    if (found != feature_class.features.end()) return found->unit;
  }
  return "1";
}

void add_terms(const signature::SignatureModel& model, const learn::FeatureTable& table, std::size_t member,
               double share, std::vector<findings::SignatureTerm>& terms) {
  const auto& p = model.parts();
  const auto z = p.scale->apply(table.select_named(p.features)).values;
  for (std::size_t f = 0; f < p.features.size(); ++f)
    terms.push_back({.feature = p.features[f],
                     .member = member,
                     .value = value_in(table, p.features[f]),
                     .unit = unit_of(p.features[f]),
                     .z = z(0, f),
                     .weight = p.weights[f],
                     .adds = share * p.weights[f] * z(0, f)});
}

std::optional<findings::TrainingSignatures> training_of(const FusedSignature& fused) {
  if (!all_have_survival(fused)) return std::nullopt;
  findings::TrainingSignatures mean;
  for (const auto& m : fused.members) {
    const auto& ranges = model_of(m).parts().survival->ranges;
    if (ranges.empty()) return std::nullopt;
    const auto& range = ranges.begin()->second;
    const auto n = static_cast<double>(fused.members.size());
    mean.minimum += range.minimum / n;
    mean.low += range.low / n;
    mean.median += range.median / n;
    mean.high += range.high / n;
    mean.maximum += range.maximum / n;
  }
  return mean;
}

/// Steps of any member's curve, up to which all go; behind them the times that are told.
std::vector<double> times_of(const FusedSignature& fused, const analysis::ToldTimes& told) {
  if (!all_have_survival(fused)) return {};
  const double follow_up = follow_up_of(fused);
  std::set<double> steps;
  for (const auto& m : fused.members)
    for (const double t : model_of(m).parts().survival->baselines.front().time)
      if (t <= follow_up) steps.insert(t);
  std::vector<double> times(steps.begin(), steps.end());
  times.insert(times.end(), told.times.begin(), told.times.end());
  return times;
}

/// The mean of the members' curves and limits; `said` of the times that times_of() gives.
std::optional<SurvivalCurve> curve_of(const FusedSignature& fused, const MeanSignature& said,
                                      const std::vector<double>& times, const analysis::ToldTimes& told) {
  if (!all_have_survival(fused)) return std::nullopt;
  const double follow_up = follow_up_of(fused);
  const std::size_t steps = times.size() - told.times.size();
  SurvivalCurve c;
  c.time = times;
  c.survival = said.survival.front();
  c.low = said.survival_low.front();
  c.high = said.survival_high.front();
  for (std::size_t i = 0; i < told.times.size(); ++i)
    c.at.push_back({.years = told.years[i],
                    .time = told.times[i],
                    .survival = c.survival[steps + i],
                    .low = c.low[steps + i],
                    .high = c.high[steps + i],
                    .extrapolated = told.times[i] > follow_up});
  for (auto* values : {&c.time, &c.survival, &c.low, &c.high}) values->resize(steps);
  const auto half = std::ranges::find_if(c.survival, [](double s) { return s <= 0.5; });
  if (half != c.survival.end()) c.median = c.time[static_cast<std::size_t>(half - c.survival.begin())];
  return c;
}

/// Whether the members' networks started from published weights, as their bundles say.
std::optional<bool> transfer_learning_of(const FusedSignature& fused) {
  std::optional<bool> learned;
  for (const auto& m : fused.members) {
    if (!m.network || !m.network->bundle.payload.contains("start")) return std::nullopt;
    learned = learned.value_or(true) && m.network->bundle.payload["start"] != "random";
  }
  return learned;
}

/// Why there is no integrated nomogram; empty where there is one.
std::string no_integrated(const FusedSignature& fused) {
  if (fused.integrated_nomogram) return {};
  return fused.bundle.card.value(kNoIntegrated, std::string("its bundle has none"));
}

findings::SignatureModelFacts facts_of(const FusedSignature& fused, const std::string& unit) {
  findings::SignatureModelFacts facts{.name = fused.bundle.name,
                                      .trained_on = fused.bundle.card.value("trained_on", std::string("not stated")),
                                      .sequence = fused.sequence,
                                      .members = fused.members.size(),
                                      .deep = fused.members.front().network.has_value(),
                                      .unit = unit,
                                      .follow_up = follow_up_of(fused),
                                      .demonstration = fused.demonstration,
                                      .transfer_learning = transfer_learning_of(fused),
                                      .no_integrated = no_integrated(fused)};
  for (const auto& m : fused.members) {
    facts.n += model_of(m).parts().patients;
    facts.events += model_of(m).parts().events;
  }
  return facts;
}

/// What the model's card, a nomogram's or the column of times says; gliocast's simulated patients have months.
analysis::ToldTimes told_of(const FusedSignature& fused, const std::string& unit) {
  const auto& column = fused.members.front().signature.time;
  std::string said = unit.empty() ? fused.bundle.card.value("unit", std::string()) : unit;
  for (const auto* nomogram : {&fused.clinical_nomogram, &fused.integrated_nomogram})
    if (said.empty() && *nomogram) said = (*nomogram)->card.value("unit", std::string());
  if (said.empty()) said = column;
  if (auto told = analysis::told_times(said)) return *told;
  if (fused.demonstration) return *analysis::told_times("months");
  throw Error(ExitCode::MissingModel,
              "the unit of the signature's times is not known (its column is \"" + column + "\")", fused.bundle.name,
              "say it: --signature-unit days, weeks, months or years");
}

radiomics::Parameters radiomics_of(const FusedSignature& fused) {
  std::vector<std::string> columns;
  for (const auto& m : fused.members) {
    const auto& needed = model_of(m).needed_columns();
    columns.insert(columns.end(), needed.begin(), needed.end());
  }
  return needed_radiomics(fused.bundle, columns);
}

/// A nomogram as a model of its own: named after the signature, with what the bundle's card says.
models::Bundle named_nomogram(const FusedSignature& fused, models::Bundle nomogram, const char* what) {
  nomogram.name = fused.bundle.name + ", " + what + " nomogram";
  for (const char* key : {"trained_on", "limits"})
    if (!nomogram.card.contains(key) && fused.bundle.card.contains(key)) nomogram.card[key] = fused.bundle.card[key];
  nomogram.payload["demonstration"] = fused.demonstration;
  return nomogram;
}

/// The name by which the cohort of the training may have known the patient: of one with a running number that of the
/// folder; empty where there is none.
std::string name_of(const cohort::PatientFiles& patient) {
  const std::string_view id = patient.id;
  const bool running =
      !patient.own_name && id.starts_with("sub-") && id.find_first_not_of("0123456789", 4) == std::string_view::npos;
  return running ? fs::path(patient.found_at).filename().string() : patient.id;
}

/// Whether the row has the features of one of the patients who fitted the member's signature.
bool bears_mark(const FusedSignature::Member& m, const learn::FeatureTable& row) {
  const auto mark = learn::row_marks(row, model_of(m).needed_columns()).front();
  return std::ranges::binary_search(m.signature.marks, mark);
}

/// By the name and, of simulated patients, who have the same names whatever their seed, by the features too: in turn
/// the patients of one member's network fit the other's signature.
bool fitted(const FusedSignature& fused, const std::vector<learn::FeatureTable>& tables, const std::string& name) {
  const auto seen = [&](std::size_t m) { return bears_mark(fused.members[m], tables[m]); };
  if (fused.demonstration && std::ranges::none_of(std::views::iota(std::size_t{0}, tables.size()), seen)) return false;
  for (std::size_t m = 0; m < tables.size() && !name.empty(); ++m) {
    auto row = tables[m];
    row.ids = {name};
    try {
      learn::refuse_fitted(fused.members[m].signature.origins, model_of(fused.members[m]).needed_columns(), row);
    } catch (const Error&) {
      return true;
    }
  }
  return false;
}

/// Features, or the signature itself, that lie where no training patient did.
void tell_doubts(const FusedSignature& fused, const std::vector<learn::FeatureTable>& tables,
                 const SignatureEstimate& e, std::vector<Remark>& warnings) {
  std::vector<std::string> names;
  for (std::size_t m = 0; m < tables.size(); ++m)
    for (const auto& warning : model_of(fused.members[m]).range_warnings(tables[m])) {
      std::string name = warning.feature;
      if (deep_index(name)) name += " of network " + std::to_string(m + 1);
      if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
    }
  if (std::ranges::any_of(fused.members, [](const auto& m) { return model_of(m).wrong_way(); }))
    warnings.push_back(Remark::told(signature::kWrongWay));
  if (!names.empty())
    warnings.push_back(Remark::told("far outside the range of the patients who fitted the signature: " +
                                    listed(names, kMostNamed) + "; the signature is extrapolated"));
  if (e.training && (e.value < e.training->minimum || e.value > e.training->maximum))
    warnings.push_back(Remark::told("the signature " + decimal(e.value, 2) + " lies outside " +
                                    decimal(e.training->minimum, 2) + " to " + decimal(e.training->maximum, 2) +
                                    ", the range of its training patients; what follows from it is extrapolated"));
}

/// What the images say of columns that clinical tables of nomograms have.
std::map<std::string, std::string> measured_columns(const findings::Prediction& found) {
  using Verdict = findings::Enhancement::Verdict;
  std::map<std::string, std::string> columns;
  if (found.tumour) {
    columns["laterality"] = findings::side_name(findings::side_of(found.tumour->left_fraction));
    if (found.tumour->location) columns["location"] = findings::lobe_name(found.tumour->location->main);
  }
  if (found.enhancement.verdict != Verdict::NotMeasurable)
    columns["enhancement"] = found.enhancement.verdict == Verdict::Yes ? "yes" : "no";
  return columns;
}

/// Of nomograms' factors that the images may give: what they were in the fit, and what they are here.
std::string measured_note(const FusedSignature& fused) {
  std::vector<std::string> measured;
  for (const auto* nomogram : {&fused.clinical_nomogram, &fused.integrated_nomogram}) {
    if (!*nomogram) continue;
    const auto model = survival::cox_model_from_json((*nomogram)->payload, fused.bundle.name);
    for (const auto& column : analysis::predictors_of(model))
      if (std::ranges::find(kMeasured, column) != kMeasured.end() &&
          std::ranges::find(measured, column) == measured.end())
        measured.push_back(column);
  }
  if (measured.empty()) return {};
  return " Nomograms: " + listed(measured) + " of the training patients as their clinical table had it" +
         (fused.demonstration ? ", the truth of the simulation" : "") +
         "; of a patient whose table does not say it, from the images.";
}

/// Says of values that the user did not give where they come from.
void tell_sources(const std::map<std::string, std::string>& sources, findings::SurvivalFinding& finding) {
  auto* e = std::get_if<findings::SurvivalEstimate>(&finding.result);
  if (!e) return;
  for (auto& curve : e->curves)
    for (auto& p : curve.predictors)
      if (const auto source = sources.find(p.column); source != sources.end()) p.given += " (" + source->second + ")";
}

}  // namespace

SignatureEstimate estimate_signature(const FusedSignature& fused, const std::vector<learn::FeatureTable>& tables,
                                     const analysis::ToldTimes& told) {
  std::vector<std::shared_ptr<const signature::SignatureModel>> models;
  for (const auto& m : fused.members) models.push_back(m.signature.model);
  const auto times = times_of(fused, told);
  const auto said = mean_signature(models, tables, times);
  SignatureEstimate e{.value = said.signature.front(), .cut = said.cut, .high_risk = said.high_risk.front() != 0};
  const double share = 1 / static_cast<double>(models.size());
  for (std::size_t m = 0; m < models.size(); ++m) add_terms(*models[m], tables[m], m + 1, share, e.terms);
  e.training = training_of(fused);
  e.curve = curve_of(fused, said, times, told);
  std::ranges::stable_sort(e.terms, std::ranges::greater(), [](const auto& t) { return std::abs(t.adds); });
  return e;
}

SignatureEstimator::SignatureEstimator(FusedSignature fused, const std::string& unit, nn::Device device)
    : fused_(std::move(fused)),
      device_(device),
      radiomics_(radiomics_of(fused_)),
      told_(told_of(fused_, unit)),
      facts_(facts_of(fused_, told_.unit)) {
  if (fused_.clinical_nomogram)
    nomograms_.emplace_back(named_nomogram(fused_, *fused_.clinical_nomogram, "clinical"), told_.unit,
                            SurvivalRole::SignatureClinical);
  if (fused_.integrated_nomogram)
    nomograms_.emplace_back(named_nomogram(fused_, *fused_.integrated_nomogram, "integrated"), told_.unit,
                            SurvivalRole::Integrated);
}

findings::ModelCard SignatureEstimator::card() const {
  const auto text = [&](const char* key) { return fused_.bundle.card.value(key, std::string("not stated")); };
  std::string what = facts_.members > 1 ? "Mean of " + std::to_string(facts_.members) + " signatures" : "Signature";
  what += ": weighted sums of z-scores of radiomics (" + std::string(display_name(facts_.sequence)) + ")";
  if (facts_.deep) what += " and of deep features of the slice with the largest tumour area";
  if (facts_.transfer_learning)
    what += *facts_.transfer_learning ? ", whose networks started from published weights (transfer learning)"
                                      : ", whose networks started from random weights (no transfer learning)";
  return {facts_.name,         what, text("trained_on"), text("measured"), text("limits") + measured_note(fused_),
          facts_.demonstration};
}

void SignatureEstimator::add_to(RunKey& key, const findings::ClinicalRecord& record) const {
  for (const auto& nomogram : nomograms_) nomogram.add_to(key, record);
}

void SignatureEstimator::estimate(PatientWork& w, const cohort::PatientFiles& patient, std::size_t threads) const {
  w.found.signature = findings::SignatureFinding{.model = facts_, .result = assess(w, patient, threads)};
  if (std::holds_alternative<NoSignature>(w.found.signature->result))
    w.found.not_computed.push_back({.kind = Remark::Kind::NoSignature});
  if (w.found.clinical) estimate_survival(w);
}

SignatureEstimator::Result SignatureEstimator::assess(PatientWork& w, const cohort::PatientFiles& patient,
                                                      std::size_t threads) const {
  const auto admitted = findings::lower_grade(w.found.clinical.value_or(findings::ClinicalRecord{}), w.found.grade);
  NoSignature refusal{.reason = Reason::NoLowerGrade};
  if (const auto* none = std::get_if<findings::NoSurvival>(&admitted)) {
    refusal.grade = *none;
    return refusal;
  }
  if (const auto not_seen = unseen(w)) return *not_seen;
  const auto tables = tables_of(w, threads);
  if (fitted(fused_, tables, name_of(patient))) return NoSignature{.reason = Reason::PatientFitted};
  for (std::size_t m = 0; m < tables.size(); ++m)
    if (refusal.told = undefined_in(tables[m], model_of(fused_.members[m]).needed_columns()); !refusal.told.empty()) {
      refusal.reason = Reason::FeatureUndefined;
      return refusal;
    }
  auto e = estimate_signature(fused_, tables, told_);
  e.grade_of_images = std::get<findings::LowerGrade>(admitted).of_images;
  tell_doubts(fused_, tables, e, w.found.preparation.warnings);
  return e;
}

/// Why the images do not show what the signature reads; nothing where they do.
std::optional<NoSignature> SignatureEstimator::unseen(const PatientWork& w) const {
  const auto whole = static_cast<double>(count(w.tumour));
  if (whole == 0) return NoSignature{.reason = Reason::NoTumour};
  std::vector<Sequence> read{fused_.sequence};
  if (const auto& network = fused_.members.front().network)
    read.insert(read.end(), network->channels.begin(), network->channels.end());
  for (const Sequence s : read)
    if (!w.prepared.zscores.contains(s)) return NoSignature{.reason = Reason::SequenceMissing, .sequence = s};
  if (static_cast<double>(count(seen_by(w.prepared, w.tumour, {fused_.sequence}))) < kShownWhole * whole)
    return NoSignature{.reason = Reason::SequenceEnds, .sequence = fused_.sequence};
  return std::nullopt;
}

/// The patient as each member reads it.
std::vector<learn::FeatureTable> SignatureEstimator::tables_of(const PatientWork& w, std::size_t threads) const {
  const auto radiomics = radiomics_of_patient(w, fused_.sequence, radiomics_, threads);
  std::optional<nn::TrainingCase> slice;
  std::vector<learn::FeatureTable> tables;
  for (const auto& m : fused_.members) {
    std::vector<double> deep;
    if (m.network) {
      if (!slice) {
        slice = slice_of_patient(w, m.network->channels, prognosis_reading(*m.network).slice_yx);
        nn::round_as_stored(slice->input);  // as training read it, from a file
      }
      deep = read_slices(*m.network, {*slice}, device_).features.front();
    }
    const bool known = !model_of(m).parts().networks.empty();
    tables.push_back(patient_table(radiomics, deep, known ? m.network->bundle.checksum : std::string()));
  }
  return tables;
}

/// Survival by the bundle's nomograms: of facts that were given, and of what images and signature say.
void SignatureEstimator::estimate_survival(PatientWork& w) const {
  auto record = *w.found.clinical;
  std::map<std::string, std::string> sources;
  for (const auto& [column, value] : measured_columns(w.found))
    if (auto& cell = record.columns[column]; stats::is_missing_code(cell)) {
      cell = value;
      sources[column] = "from the images";
    }
  const auto* signature = std::get_if<SignatureEstimate>(&w.found.signature->result);
  const auto* none = std::get_if<NoSignature>(&w.found.signature->result);
  if (signature) {
    record.columns[signature::kRiskGroup] = signature->high_risk ? "high" : "low";
    sources[signature::kRiskGroup] = "by the signature";
  }
  for (const auto& nomogram : nomograms_) {
    auto finding = nomogram.estimate(record, w.found.grade);
    if (none && none->reason != Reason::NoLowerGrade && finding.role == SurvivalRole::Integrated)
      finding.result = findings::NoSurvival{.reason = findings::NoSurvival::Reason::NoRiskGroup};
    tell_sources(sources, finding);
    w.found.survival.push_back(std::move(finding));
  }
}

void SignatureEstimator::write(const fs::path& out, const std::string& id, PatientWork& w) const {
  const fs::path folder = out / cohort::subject_label(id);
  if (const auto* e = std::get_if<SignatureEstimate>(&w.found.signature->result); e && e->curve)
    w.signature_picture = drawn(folder / "signature.svg",
                                analysis::patient_curves_figure(facts_.unit, {*e->curve}, facts_.demonstration));
  for (const auto& nomogram : nomograms_) nomogram.write(out, id, w);
}

}  // namespace gliocast::pipeline
