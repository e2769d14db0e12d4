#pragma once
// A fused model of two members, made of random weights and rows, for tests.
#include <gliocast/core/random.hpp>
#include <gliocast/learn/classifier_bundle.hpp>
#include <gliocast/learn/folds.hpp>
#include <gliocast/nn/network_options.hpp>
#include <gliocast/pipeline/fused_grading.hpp>

#include <string>
#include <vector>

namespace gliocast::test_support {

/// Rows of two classes that differ in every one of these columns.
inline learn::FeatureTable rows_of(const std::vector<std::string>& columns, std::uint64_t seed) {
  constexpr std::size_t kRows = 24;
  Random random(seed, "fused", 0);
  learn::FeatureTable t;
  t.features = columns;
  t.values = stats::Matrix(kRows, columns.size());
  for (std::size_t r = 0; r < kRows; ++r) {
    t.ids.push_back("p" + std::to_string(r));
    t.patient.push_back(static_cast<int>(r));
    t.outcome.push_back(r % 2 == 0 ? 1 : 0);
    for (std::size_t c = 0; c < columns.size(); ++c) t.values(r, c) = random.normal() + 1.5 * t.outcome[r];
  }
  return t;
}

/// A logistic classifier that reads all of the columns, with three refits.
inline learn::TrainedClassifier classifier_of(const std::vector<std::string>& columns, std::uint64_t seed) {
  const auto table = rows_of(columns, seed);
  const learn::ChainLearner learner(
      learn::parse_chain("steps: [standardise]\nclassifier: {logistic: {ridge: 1}}\nfolds: 3\n", "test"));
  learn::TrainedClassifier t;
  t.name = "classifier";
  t.label = "grade";
  t.positive = "HGG";
  t.negative = "LGG";
  t.model = learner.fit(table, learn::all_rows(table), {seed, 1});
  Random random(seed, "refits", 0);
  std::vector<learn::Rows> sets(3);
  for (auto& rows : sets)
    for (std::size_t i = 0; i < table.rows(); ++i) rows.push_back(random.below(table.rows()));
  t.refits = learner.fit_each(table, sets, {seed, 1});
  t.background = learn::summarise_rows(t.model->selected_features(table).values, 5, 1);
  t.rows = table.rows();
  t.positives = table.rows() / 2;
  return t;
}

/// The second member reads a wavelet's feature too. Its network's weights are one number (`mark`), which no network
/// can be built of.
inline pipeline::FusedGrading fused_of_two(float mark = 1) {
  pipeline::FusedGrading fused;
  fused.bundle.name = "fused-test";
  fused.bundle.card = {{"trained_on", "made rows"}};
  fused.demonstration = true;
  const std::vector<std::vector<std::string>> columns{
      {"original_firstorder_Mean", "deep_001"},
      {"original_firstorder_Mean", "wavelet-LLH_glcm_Contrast", "deep_001", "deep_016"}};
  for (std::size_t i = 0; i < columns.size(); ++i) {
    pipeline::FusedGrading::Member m;
    const std::vector<float> value{mark + static_cast<float>(i)};
    nn::TensorFile weights;
    weights.tensors["w"] = nn::TensorData::from_float({1}, value);
    m.network.weights = {weights};
    m.network.bundle = {.kind = models::Kind::Grading, .name = "network"};
    nn::ResnetOptions options;
    options.base_width = 2;
    m.network.bundle.payload = {{"network", options.to_json()},
                                {"channels", {"t1", "t1gd", "t2"}},
                                {"spacing_mm", 2.0},
                                {"patch_zyx", {16, 16, 16}},
                                {"patch_step", 1.0}};
    m.classifier = classifier_of(columns[i], 7 + i);
    fused.members.push_back(std::move(m));
  }
  return fused;
}

}  // namespace gliocast::test_support
