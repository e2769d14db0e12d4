#include "fused_grader.hpp"

#include "chain_radiomics.hpp"
#include "measure.hpp"

#include <gliocast/core/text.hpp>
#include <gliocast/nn/cropping.hpp>
#include <gliocast/preprocess/quality.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace gliocast::pipeline {
namespace {

using findings::NoReliableGrade;
using Reason = NoReliableGrade::Reason;
constexpr std::size_t kMostNamed = 5;  // features in a remark
using NamedNumbers = std::vector<std::pair<std::string, double>>;

/// The mean of a bundle's weights' features; one set of weights gives its own.
std::vector<double> mean_features(const std::vector<nn::GradingOutput>& outputs) {
  std::vector<double> mean(outputs.front().features.size(), 0);
  for (const auto& out : outputs)
    for (std::size_t i = 0; i < mean.size(); ++i)
      mean[i] += static_cast<double>(out.features[i]) / static_cast<double>(outputs.size());
  return mean;
}

NamedNumbers radiomics_of(const PatientWork& w, Sequence s, const radiomics::Parameters& parameters,
                          std::size_t threads) {
  NamedNumbers named;
  if (parameters.feature_classes.empty()) return named;  // an empty list would ask for every class
  for (const auto& f : chain_radiomics(w.prepared, w.tumour, s, parameters, threads).features)
    named.emplace_back(f.name(), f.feature.value);
  return named;
}

double value_in(const learn::FeatureTable& table, const std::string& column) {
  const auto at = std::ranges::find(table.features, column);
  return at == table.features.end() ? std::numeric_limits<double>::quiet_NaN()
                                    : table.values(0, static_cast<std::size_t>(at - table.features.begin()));
}

/// The first column that a classifier needs and that is no number; empty where there is none.
std::string undefined_in(const FusedGrading::Member& member, const learn::FeatureTable& table) {
  for (const auto& column : learn::needed_columns(member.classifier))
    if (!std::isfinite(value_in(table, column))) return column;
  return {};
}

void add_contributions(findings::Explanation& sum, const FusedGrading::Member& member, std::size_t number,
                       const learn::ClassifiedRow& row, const learn::FeatureTable& table, double share) {
  sum.base += share * row.shapley.base;
  const auto& names = member.classifier.model->parts().selected;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::size_t network = deep_index(names[i]) ? number : 0;
    const auto same = std::ranges::find_if(
        sum.contributions, [&](const auto& c) { return c.feature == names[i] && c.network == network; });
    if (same != sum.contributions.end())
      same->adds += share * row.shapley.values[i];
    else
      sum.contributions.push_back({.feature = names[i],
                                   .network = network,
                                   .value = value_in(table, names[i]),
                                   .adds = share * row.shapley.values[i]});
  }
}

}  // namespace

FusedGrader::FusedGrader(FusedGrading fused, nn::Device device)
    : fused_(std::move(fused)), radiomics_(fused_radiomics(fused_)) {
  for (const auto& member : fused_.members) networks_.emplace_back(member.network, device);
}

void FusedGrader::grade(PatientWork& w, const cohort::PatientFiles& patient, std::size_t threads) const {
  if (count(w.tumour_coarse) == 0) {
    w.found.grade = findings::estimate_grade({});
    return;
  }
  networks_.front().cut(w, fused_.input == "brain" ? nn::GradingInput::Brain : nn::GradingInput::Patch, true);
  for (const auto& network : networks_) w.found.network_features.push_back(mean_features(network.read(w.patch)));
  w.found.grade = estimate(w, patient, threads);
  if (std::holds_alternative<NoReliableGrade>(w.found.grade))
    w.found.not_computed.push_back({.kind = findings::Remark::Kind::NoGrade});
}

findings::Grade FusedGrader::estimate(PatientWork& w, const cohort::PatientFiles& patient, std::size_t threads) const {
  const Sequence s = fused_.sequence;
  if (!w.prepared.zscores.contains(s)) return NoReliableGrade{.reason = Reason::SequenceMissing, .sequence = s};
  const auto seen = static_cast<double>(count(seen_by(w.prepared, w.tumour, {s})));
  if (seen < kShownWhole * static_cast<double>(count(w.tumour)))
    return NoReliableGrade{.reason = Reason::SequenceEnds, .sequence = s};
  const auto radiomics = radiomics_of(w, s, radiomics_, threads);
  std::vector<learn::FeatureTable> tables;
  for (std::size_t i = 0; i < fused_.members.size(); ++i) {
    tables.push_back(table_of_patient(fused_.members[i], radiomics, w.found.network_features[i]));
    if (const auto column = undefined_in(fused_.members[i], tables.back()); !column.empty())
      return NoReliableGrade{.reason = Reason::FeatureUndefined, .told = column};
  }
  if (const auto beyond = beyond_training(fused_.members, tables); !beyond.empty())
    w.found.preparation.warnings.push_back(findings::Remark::told(
        "far outside the range of the patients who fitted the grading model: " + listed(beyond, kMostNamed) +
        "; the grade's probability is extrapolated"));
  const auto fused = fuse(fused_.members, tables, threads);
  auto grade = findings::estimate_grade({.logit = {},
                                         .probability = fused.probability,
                                         .probabilities = fused.drawn,
                                         .thickest_slice_mm = thickest_slice_mm(w.exam, patient.acquisition),
                                         .thick_slice_mm = preprocess::kThickSliceMm});
  if (auto* g = std::get_if<findings::GradeEstimate>(&grade)) {
    g->fusion = {.members = fused_.members.size(), .refits = fused.drawn.size(), .sequence = s};
    g->explanation = fused.explanation;
    if (!g->explanation) w.found.not_computed.push_back({.kind = findings::Remark::Kind::NoExplanation});
  }
  return grade;
}

nn::ActivationMap FusedGrader::activation(const nn::NetworkInput& patch, bool high_grade) const {
  std::vector<nn::ActivationMap> maps;
  for (const auto& network : networks_) maps.push_back(nn::mean_of_maps(network.activations(patch, high_grade)));
  return nn::mean_of_maps(maps);
}

learn::FeatureTable table_of_patient(const FusedGrading::Member& member, const NamedNumbers& radiomics,
                                     const std::vector<double>& deep) {
  learn::FeatureTable table;
  std::vector<double> values;
  std::vector<std::string> networks;
  for (const auto& [name, value] : radiomics) {
    table.features.push_back(name);
    values.push_back(value);
  }
  networks.resize(values.size());
  // A chain that was fitted without origins takes a table without them; the bundle binds network and classifier too.
  const bool known = !member.classifier.model->parts().networks.empty();
  for (std::size_t i = 0; i < deep.size(); ++i) {
    table.features.push_back(deep_column(i));
    values.push_back(deep[i]);
    networks.push_back(known ? member.network.bundle.checksum : std::string());
  }
  table.values = stats::Matrix(1, values.size());
  table.values.values = values;
  table.ids = {"patient"};
  table.patient = {0};
  table.origins = learn::origins_of(networks);
  return table;
}

std::vector<std::string> beyond_training(const std::vector<FusedGrading::Member>& members,
                                         const std::vector<learn::FeatureTable>& tables) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < members.size(); ++i)
    for (const auto& warning : learn::range_warnings(*members[i].classifier.model, tables[i])) {
      std::string name = warning.feature;
      if (deep_index(name)) name += " of network " + std::to_string(i + 1);
      if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
    }
  return names;
}

FusedProbability fuse(const std::vector<FusedGrading::Member>& members, const std::vector<learn::FeatureTable>& tables,
                      std::size_t threads) {
  FusedProbability out;
  findings::Explanation sum;
  bool explained = true;
  const double share = 1 / static_cast<double>(members.size());
  for (std::size_t i = 0; i < members.size(); ++i) {
    const auto row = learn::classify_rows(members[i].classifier, tables[i], true, 0.95, threads).front();
    out.probability += share * row.probability;
    out.drawn.resize(row.drawn.size(), 0);
    for (std::size_t d = 0; d < row.drawn.size(); ++d) out.drawn[d] += share * row.drawn[d];
    explained = explained && row.shapley.values.size() == row.values.size();
    if (explained) add_contributions(sum, members[i], i + 1, row, tables[i], share);
  }
  if (!explained) return out;
  std::ranges::stable_sort(sum.contributions, std::ranges::greater(), [](const auto& c) { return std::abs(c.adds); });
  out.explanation = std::move(sum);
  return out;
}

}  // namespace gliocast::pipeline
