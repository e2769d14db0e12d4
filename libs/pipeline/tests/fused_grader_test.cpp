// Members of a fused model averaged: probability, refits, what moved it.
#include "../src/fused_grader.hpp"

#include "fused_models.hpp"

#include <gliocast/core/error.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>

using namespace gliocast;
using namespace gliocast::pipeline;
using test_support::fused_of_two;

namespace {

const std::vector<std::pair<std::string, double>> kRadiomics{
    {"original_firstorder_Mean", 0.4}, {"wavelet-LLH_glcm_Contrast", 1.1}, {"original_shape_Sphericity", 0.7}};

std::vector<learn::FeatureTable> tables_of(const FusedGrading& fused) {
  std::vector<double> first(16, 0.25), second(16, -0.5);
  second[15] = 2;
  return {table_of_patient(fused.members[0], kRadiomics, first),
          table_of_patient(fused.members[1], kRadiomics, second)};
}

double adds(const findings::Explanation& e, const std::string& feature, std::size_t network) {
  const auto found = std::ranges::find_if(e.contributions,
                                          [&](const auto& c) { return c.feature == feature && c.network == network; });
  return found == e.contributions.end() ? NAN : found->adds;
}

}  // namespace

TEST(FusedGrader, ProbabilityAndRefitsAreMeansOfTheMembers) {
  const auto fused = fused_of_two();
  const auto tables = tables_of(fused);
  const auto p = fuse(fused.members, tables);
  double sum = 0;
  for (std::size_t m = 0; m < 2; ++m) sum += fused.members[m].classifier.model->probability(tables[m])[0];
  EXPECT_DOUBLE_EQ(p.probability, sum / 2);
  ASSERT_EQ(p.drawn.size(), 3U);
  for (std::size_t d = 0; d < 3; ++d) {
    double refits = 0;
    for (std::size_t m = 0; m < 2; ++m) refits += fused.members[m].classifier.refits[d]->probability(tables[m])[0];
    EXPECT_DOUBLE_EQ(p.drawn[d], refits / 2) << "refit by refit, not by size";
  }
}

TEST(FusedGrader, WhatMovedItAddsUpAndTellsNetworksApart) {
  const auto fused = fused_of_two();
  const auto tables = tables_of(fused);
  const auto p = fuse(fused.members, tables);
  ASSERT_TRUE(p.explanation);
  const auto& e = *p.explanation;
  EXPECT_EQ(e.contributions.size(), 5U);  // Mean is shared, deep_001 is another feature of each network
  double total = e.base;
  for (const auto& c : e.contributions) total += c.adds;
  EXPECT_NEAR(total, p.probability, 1e-12);
  std::vector<learn::ClassifiedRow> rows;
  for (std::size_t m = 0; m < 2; ++m)
    rows.push_back(learn::classify_rows(fused.members[m].classifier, tables[m], true)[0]);
  const auto of = [&](std::size_t m, const std::string& column) {
    const auto& names = fused.members[m].classifier.model->parts().selected;
    return rows[m].shapley.values[static_cast<std::size_t>(std::ranges::find(names, column) - names.begin())];
  };
  const std::string mean = "original_firstorder_Mean", deep = "deep_001";
  EXPECT_DOUBLE_EQ(adds(e, mean, 0), (of(0, mean) + of(1, mean)) / 2);
  EXPECT_DOUBLE_EQ(adds(e, deep, 1), of(0, deep) / 2);
  EXPECT_DOUBLE_EQ(adds(e, deep, 2), of(1, deep) / 2);
  EXPECT_TRUE(std::ranges::is_sorted(e.contributions,
                                     [](const auto& a, const auto& b) { return std::abs(a.adds) > std::abs(b.adds); }));
  const auto last = std::ranges::find(e.contributions, "deep_016", &findings::Contribution::feature);
  EXPECT_EQ(last->value, 2);
}

TEST(FusedGrader, FeaturesFarBeyondTheTrainingPatientsAreNamed) {
  const auto fused = fused_of_two();
  auto tables = tables_of(fused);
  EXPECT_TRUE(beyond_training(fused.members, tables).empty());
  const auto set = [&](std::size_t member, const std::string& name, double value) {
    auto& t = tables[member];
    t.values(0, static_cast<std::size_t>(std::ranges::find(t.features, name) - t.features.begin())) = value;
  };
  for (const std::size_t member : {0U, 1U}) set(member, "original_firstorder_Mean", 400);
  set(1, "deep_016", -90);
  set(0, "original_shape_Sphericity", 1e6);  // which no member reads
  EXPECT_EQ(beyond_training(fused.members, tables),
            (std::vector<std::string>{"original_firstorder_Mean", "deep_016 of network 2"}));
}

TEST(FusedGrader, ManyFeaturesAreNotExplained) {
  auto fused = fused_of_two();
  std::vector<std::string> columns;
  for (std::size_t i = 0; i < 16; ++i) columns.push_back(deep_column(i));
  columns.emplace_back("original_shape_Sphericity");
  fused.members[1].classifier = test_support::classifier_of(columns, 3);
  const auto p = fuse(fused.members, tables_of(fused));
  EXPECT_FALSE(p.explanation);
  EXPECT_EQ(p.drawn.size(), 3U);
}

TEST(FusedGrader, ChainsThatKnowTheirNetworkGetItsColumns) {
  auto fused = fused_of_two();
  auto parts = fused.members[0].classifier.model->parts();
  for (const auto& name : parts.features) parts.networks.push_back(deep_index(name) ? "abc" : "");
  auto& member = fused.members[0];
  member.classifier.model = std::make_shared<learn::ChainModel>(parts);
  member.network.bundle.checksum = "abc";
  const auto table = table_of_patient(member, kRadiomics, std::vector<double>(16, 0));
  EXPECT_NO_THROW((void)member.classifier.model->probability(table));
  member.network.bundle.checksum = "other";
  const auto others = table_of_patient(member, kRadiomics, std::vector<double>(16, 0));
  EXPECT_THROW((void)member.classifier.model->probability(others), Error);
}
