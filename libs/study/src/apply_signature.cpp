#include "apply_signature.hpp"

#include "cohort_tables.hpp"

#include <gliocast/analysis/signature_model.hpp>
#include <gliocast/learn/column_origins.hpp>
#include <gliocast/pipeline/prognosis_features.hpp>
#include <gliocast/pipeline/train.hpp>

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

namespace gliocast::study {
namespace {

/// The rows as each member reads them, with the features of its own network.
std::vector<learn::FeatureTable> tables_of(const pipeline::FusedSignature& fused, const learn::FeatureTable& radiomics,
                                           const std::vector<nn::TrainingCase>& slices, nn::Device device) {
  std::vector<learn::FeatureTable> tables;
  for (const auto& m : fused.members) {
    tables.push_back(m.network
                         ? radiomics.beside(deep_table(radiomics, pipeline::read_slices(*m.network, slices, device)))
                         : radiomics);
    learn::refuse_fitted(m.signature.origins, m.signature.model->needed_columns(), tables.back());
  }
  return tables;
}

}  // namespace

pipeline::ExamineOptions examination_for(const pipeline::FusedSignature& fused, pipeline::ExamineOptions examine) {
  examine.sequences = {fused.sequence};
  examine.radiomics = fused.bundle.payload.at("radiomics").get<std::string>();
  examine.slice_yx = pipeline::kPrognosisSlice;  // also without networks: what was examined serves other models too
  if (fused.members.front().network)
    examine.slice_yx = pipeline::prognosis_reading(*fused.members.front().network).slice_yx;
  return examine;
}

AppliedSignature apply_signature(const pipeline::FusedSignature& fused, const learn::FeatureTable& radiomics,
                                 const std::vector<nn::TrainingCase>& slices, nn::Device device,
                                 const std::vector<double>& times, double level) {
  const auto tables = tables_of(fused, radiomics, slices, device);
  std::vector<std::shared_ptr<const signature::SignatureModel>> models;
  AppliedSignature out;
  for (std::size_t m = 0; m < tables.size(); ++m) {
    models.push_back(fused.members[m].signature.model);
    std::vector<std::string> notes;
    analysis::tell_unlike_training(*models.back(), tables[m], notes);
    if (models.back()->wrong_way()) notes.push_back(std::string("warning: ") + signature::kWrongWay);
    analysis::tell_extrapolated(*models.back(), times, notes);
    analysis::tell_recognised(fused.members[m].signature, tables[m], notes);
    for (auto& note : notes)
      if (std::ranges::find(out.notes, note) == out.notes.end()) out.notes.push_back(std::move(note));
  }
  out.said = pipeline::mean_signature(models, tables, times, level);
  return out;
}

std::vector<survival::CoxPrediction> predictions_of(const pipeline::MeanSignature& said) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  std::vector<survival::CoxPrediction> out;
  for (std::size_t r = 0; r < said.signature.size(); ++r)
    out.push_back({kNaN, said.survival[r], said.survival_low[r], said.survival_high[r], kNaN});
  return out;
}

}  // namespace gliocast::study
