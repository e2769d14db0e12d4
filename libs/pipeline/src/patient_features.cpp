#include "patient_features.hpp"

#include "chain_radiomics.hpp"

#include <gliocast/nn/tumour_slice.hpp>
#include <gliocast/pipeline/fused_grading.hpp>
#include <gliocast/pipeline/training_cases.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace gliocast::pipeline {

NamedNumbers radiomics_of_patient(const PatientWork& w, Sequence s, const radiomics::Parameters& parameters,
                                  std::size_t threads) {
  NamedNumbers named;
  if (parameters.feature_classes.empty()) return named;  // an empty list would ask for every class
  for (const auto& f : chain_radiomics(w.prepared, w.tumour, s, parameters, threads).features)
    named.emplace_back(f.name(), f.feature.value);
  return named;
}

learn::FeatureTable patient_table(const NamedNumbers& radiomics, const std::vector<double>& deep,
                                  const std::string& network) {
  learn::FeatureTable table;
  std::vector<double> values;
  std::vector<std::string> networks;
  for (const auto& [name, value] : radiomics) {
    table.features.push_back(name);
    values.push_back(value);
  }
  networks.resize(values.size());
  for (std::size_t i = 0; i < deep.size(); ++i) {
    table.features.push_back(deep_column(i));
    values.push_back(deep[i]);
    networks.push_back(network);
  }
  table.values = stats::Matrix(1, values.size());
  table.values.values = values;
  table.ids = {"patient"};
  table.patient = {0};
  table.origins = learn::origins_of(networks);
  return table;
}

double value_in(const learn::FeatureTable& table, const std::string& column) {
  const auto at = std::ranges::find(table.features, column);
  return at == table.features.end() ? std::numeric_limits<double>::quiet_NaN()
                                    : table.values(0, static_cast<std::size_t>(at - table.features.begin()));
}

std::string undefined_in(const learn::FeatureTable& table, const std::vector<std::string>& columns) {
  const auto at =
      std::ranges::find_if(columns, [&](const std::string& c) { return !std::isfinite(value_in(table, c)); });
  return at == columns.end() ? "" : *at;
}

nn::TrainingCase slice_of_patient(const PatientWork& w, const std::vector<Sequence>& channels,
                                  const std::array<std::int64_t, 2>& size_yx) {
  auto c = to_training_case(w.prepared, channels, 1);
  for (std::size_t i = 0; i < c.label.size(); ++i) c.label[i] = w.tumour.voxels[i] != 0 ? 1 : 0;
  return nn::tumour_slice(c, size_yx);
}

}  // namespace gliocast::pipeline
