// What crossing the halves promises: features that are fitted themselves tell nothing that is not there, no tested
// patient fitted them, and features of two networks are never taken for one.
#include "tables.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/learn/crossed.hpp>
#include <gliocast/stats/roc.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>
#include <utility>

using namespace gliocast;
using namespace gliocast::learn;

namespace {

ChainLearner chain_of(const std::string& yaml) { return ChainLearner(parse_chain(yaml, "test")); }
const char* const kChain = "steps: [standardise, {screen: {alpha: 0.3}}]\nclassifier: logistic\nfolds: 3\n";

/// A network at its worst: it knows the classes of those who fitted it by heart, and of others nothing.
class Memoriser final : public FeatureFitter {
 public:
  explicit Memoriser(const FeatureTable& cohort) : cohort_(cohort) {}
  [[nodiscard]] FeatureTable fit(const Rows& rows) const override {
    FeatureTable t = cohort_.select({});
    constexpr std::size_t kColumns = 4;
    t.values = stats::Matrix(cohort_.rows(), kColumns);
    auto origin = std::make_shared<ColumnOrigin>();
    origin->network = "network of " + std::to_string(rows.front()) + " and " + std::to_string(rows.size() - 1);
    for (const std::size_t r : rows) origin->fitted_on.push_back(cohort_.ids[r]);
    std::ranges::sort(origin->fitted_on);
    Random random(rows.front(), "memoriser", rows.size());
    for (std::size_t c = 0; c < kColumns; ++c) {
      t.features.push_back("deep_" + std::to_string(c + 1));
      for (double& v : t.values.column(c)) v = random.normal();
      for (const std::size_t r : rows) t.values(r, c) += 6 * cohort_.outcome[r];
      t.origins.push_back(origin);
    }
    return t;
  }

 private:
  const FeatureTable& cohort_;
};

double crossed_auc(const FeatureTable& table, const FeatureFitter& fitter, std::uint64_t seed) {
  EvaluationOptions o;
  o.seed = seed;
  std::vector<double> p(table.rows(), NAN);
  for (const auto& fold : crossed_folds(table, o, 0)) {
    const auto chains = fit_crossed(table, fitter, chain_of(kChain), fold.halves, {fold.seed, 1});
    const auto of_test = chains.probability(fold.test);
    for (std::size_t i = 0; i < of_test.size(); ++i) p[fold.test[i]] = of_test[i];
  }
  return stats::auc(p, table.classes());
}

/// What a study does that gives a chain the features of the very patients who fitted the network.
double naive_auc(const FeatureTable& table, const FeatureFitter& fitter) {
  auto fused = table.beside(fitter.fit(all_rows(table)));
  fused.origins.clear();  // as a table that has forgotten where its columns come from
  return stats::auc(evaluate(fused, chain_of(kChain), {}).mean_probability(table.rows()), table.classes());
}

}  // namespace

TEST(CrossedInvariant, FeaturesLearntByHeartAreAtChance) {
  constexpr int kDraws = 24;
  double sum = 0, squares = 0, naive = 0;
  for (int draw = 0; draw < kDraws; ++draw) {
    const auto table = random_table(60, 6, 0, 300 + static_cast<std::uint64_t>(draw));
    const double auc = crossed_auc(table, Memoriser(table), static_cast<std::uint64_t>(draw));
    sum += auc;
    squares += auc * auc;
    naive += naive_auc(table, Memoriser(table)) / kDraws;
  }
  const double mean = sum / kDraws, error = std::sqrt((squares / kDraws - mean * mean) / (kDraws - 1));
  std::printf("learnt by heart, crossed: AUC %.3f ± %.3f, naive %.3f\n", mean, error, naive);
  EXPECT_NEAR(mean, 0.5, 2 * error);
  EXPECT_GT(naive, 0.95);
}

TEST(CrossedInvariant, HalvesPartPatientsAndNobodyTestsWhoTrains) {
  auto table = random_table(80, 3, 1, 5);
  for (std::size_t r = 0; r < table.rows(); ++r) {
    table.patient[r] = static_cast<int>(r / 4);  // four examinations each
    table.outcome[r] = static_cast<double>(r / 4 % 2);
  }
  const auto folds = crossed_folds(table, {}, 0);
  ASSERT_EQ(folds.size(), 5U);
  for (const auto& fold : folds) {
    std::set<int> seen;
    std::size_t rows = fold.test.size();
    for (const std::size_t r : fold.test) seen.insert(table.patient[r]);
    const std::size_t tested = seen.size();
    for (const auto& half : fold.halves) {
      rows += half.size();
      EXPECT_EQ(table.take(half).classes().size(), half.size());  // both classes
      std::set<int> patients;
      for (const std::size_t r : half) patients.insert(table.patient[r]);
      for (const int p : patients) EXPECT_TRUE(seen.insert(p).second) << p;
    }
    EXPECT_EQ(rows, table.rows());
    EXPECT_GE(tested, 2U);
  }
}

TEST(CrossedInvariant, TheTwoProbabilitiesAreAveraged) {
  const auto table = random_table(60, 4, 1, 7);
  const auto fold = crossed_folds(table, {}, 0).front();
  const auto chains = fit_crossed(table, Memoriser(table), chain_of(kChain), fold.halves, {1, 1});
  const auto a = chains.models[0]->probability(chains.tables[0].take(fold.test));
  const auto b = chains.models[1]->probability(chains.tables[1].take(fold.test));
  const auto mean = chains.probability(fold.test);
  for (std::size_t i = 0; i < mean.size(); ++i) EXPECT_DOUBLE_EQ(mean[i], (a[i] + b[i]) / 2);
  EXPECT_THROW((void)chains.probability(fold.training), Error);  // they fitted the networks
}

TEST(CrossedInvariant, FeaturesOfAnotherNetworkAreRefusedByName) {
  const auto table = random_table(60, 4, 1, 7);
  const auto fold = crossed_folds(table, {}, 0).front();
  const auto chains = fit_crossed(table, Memoriser(table), chain_of("steps: [standardise]\nclassifier: logistic\n"),
                                  fold.halves, {1, 1});
  const auto expect_refused = [](const ChainModel& model, const FeatureTable& other) {
    try {
      (void)model.probability(other);
      ADD_FAILURE() << "features of another network were taken";
    } catch (const Error& e) {
      EXPECT_NE(std::string(e.what()).find("column deep_1"), std::string::npos) << e.what();
    }
  };
  expect_refused(*chains.models[0], chains.tables[1].take(fold.test));
  auto forgotten = chains.tables[0].take(fold.test);
  forgotten.origins.clear();
  expect_refused(*chains.models[0], forgotten);
  // So is a network's column where the model was fitted on a measurement of that name.
  auto measured = chains.tables[0];
  measured.origins.clear();
  const auto model = chain_of(kChain).fit(measured, fold.halves[1], {1, 1});
  EXPECT_THROW((void)model->probability(chains.tables[0].take(fold.test)), Error);
  // What was written and read knows its networks too.
  const auto read = ChainModel::from_json(chains.models[0]->to_json());
  EXPECT_EQ(read->parts().networks, chains.models[0]->parts().networks);
  expect_refused(*read, chains.tables[1].take(fold.test));
  EXPECT_EQ(read->probability(chains.tables[0].take(fold.test)),
            chains.models[0]->probability(chains.tables[0].take(fold.test)));
}

TEST(CrossedInvariant, PatientsWhoFittedANetworkAreNoTest) {
  auto table = random_table(40, 3, 1, 9);
  auto origin = std::make_shared<ColumnOrigin>();
  origin->network = "n";
  origin->fitted_on = {"p12", "p7"};
  table.origins = {nullptr, origin, nullptr};
  try {
    (void)evaluate(table, chain_of(kChain), {});
    ADD_FAILURE() << "patients were tested who fitted the network";
  } catch (const Error& e) {
    const std::string said = e.what();
    for (const char* part : {"column f1", "2 patients", "p7", "p12"})
      EXPECT_NE(said.find(part), std::string::npos) << said;
  }
  table.refuse_fitted({0, 1, 2});  // others may be
  table.patient_names.assign(40, "someone");
  (void)evaluate(table, chain_of(kChain), {});
  table.patient_names[39] = "p7";
  EXPECT_THROW((void)evaluate(table, chain_of(kChain), {}), Error);
}
