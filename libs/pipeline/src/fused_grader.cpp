#include "fused_grader.hpp"

#include "chain_radiomics.hpp"
#include "measure.hpp"
#include "patient_features.hpp"

#include <gliocast/core/text.hpp>
#include <gliocast/nn/cropping.hpp>
#include <gliocast/preprocess/quality.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::pipeline {
namespace {

using findings::NoReliableGrade;
using Reason = NoReliableGrade::Reason;
constexpr std::size_t kMostNamed = 5;  // features in a remark

/// The mean of a bundle's weights' features; one set of weights gives its own.
std::vector<double> mean_features(const std::vector<nn::GradingOutput>& outputs) {
  std::vector<double> mean(outputs.front().features.size(), 0);
  for (const auto& out : outputs)
    for (std::size_t i = 0; i < mean.size(); ++i)
      mean[i] += static_cast<double>(out.features[i]) / static_cast<double>(outputs.size());
  return mean;
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
  const auto radiomics = radiomics_of_patient(w, s, radiomics_, threads);
  std::vector<learn::FeatureTable> tables;
  for (std::size_t i = 0; i < fused_.members.size(); ++i) {
    tables.push_back(table_of_patient(fused_.members[i], radiomics, w.found.network_features[i]));
    if (const auto column = undefined_in(tables.back(), learn::needed_columns(fused_.members[i].classifier));
        !column.empty())
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
  // A chain that was fitted without origins takes a table without them; the bundle binds network and classifier too.
  const bool known = !member.classifier.model->parts().networks.empty();
  return patient_table(radiomics, deep, known ? member.network.bundle.checksum : std::string());
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
