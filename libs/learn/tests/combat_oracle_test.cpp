// ComBat against neuroCombat 0.2.12 (tests/reference/learn/expected_combat.py), on its published example too
// (combat_example.py), and two features by hand.
#include "test_paths.hpp"

#include <gliocast/core/files.hpp>
#include <gliocast/learn/combat.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

using namespace gliocast;
using namespace gliocast::learn;

namespace {

using Values = std::vector<double>;

/// JSON's features, one list each, as a matrix [rows, features].
stats::Matrix matrix_of(const Json& features) {
  stats::Matrix m(features[0].size(), features.size());
  for (std::size_t f = 0; f < features.size(); ++f)
    for (std::size_t r = 0; r < m.rows; ++r) m(r, f) = features[f][r].get<double>();
  return m;
}

/// Largest difference in units of each feature's largest expected value.
double difference(const stats::Matrix& values, const Json& expected) {
  const auto e = matrix_of(expected);
  double worst = 0;
  for (std::size_t f = 0; f < e.columns; ++f) {
    double largest = 0, apart = 0;
    for (std::size_t r = 0; r < e.rows; ++r) {
      largest = std::max(largest, std::abs(e(r, f)));
      apart = std::max(apart, std::abs(values(r, f) - e(r, f)));
    }
    worst = std::max(worst, apart / largest);
  }
  return worst;
}

CombatTable table_of(const Json& r, bool keep) {
  CombatTable t{{}, matrix_of(r["features"]), r["batch"].get<std::vector<std::string>>(), {}, {}};
  if (!keep) return t;
  t.covariate_names = {"age", "sex"};
  t.covariates = matrix_of(Json::array({r["age"], r["sex"]}));
  return t;
}

}  // namespace

TEST(CombatOracle, AsNeuroCombat) {
  const Json r = read_json(GLIOCAST_SOURCE_DIR "/tests/reference/learn/expected_combat.json");
  double worst = 0;
  std::size_t numbers = 0;
  for (const auto& s : r["settings"]) {
    const CombatOptions options{s["empirical_bayes"].get<bool>(), s["mean_only"].get<bool>(),
                                s["reference"].get<std::string>()};
    const auto table = table_of(r, s["keep"].get<bool>());
    const auto model = fit_combat(table, options);
    EXPECT_TRUE(model.notes.empty());
    const auto out = apply_combat(model, table);
    const double apart = difference(out, s["data"]);
    EXPECT_LT(apart, 1e-12) << s["name"];
    worst = std::max(worst, apart);
    numbers += out.values.size();
    if (!s.contains("new")) continue;
    CombatTable fresh{{}, matrix_of(r["new"]["features"]), r["new"]["batch"].get<std::vector<std::string>>(), {}, {}};
    EXPECT_LT(difference(apply_combat(model, fresh), s["new"]), 1e-12) << s["name"];
  }
  std::printf("VALIDATION learn | ComBat, ten settings | neuroCombat 0.2.12 | %zu | %.1g\n", numbers, worst);
}

TEST(CombatOracle, NeuroCombatsPublishedExample) {
  const Json r = read_json(GLIOCAST_SOURCE_DIR "/tests/reference/learn/combat_example.json");
  double worst = 0;
  std::size_t numbers = 0;
  for (const auto& s : r["settings"]) {
    CombatTable table{{}, matrix_of(r["features"]), r["batch"].get<std::vector<std::string>>(), {}, {}};
    if (s["keep"].get<bool>()) {
      table.covariate_names = {"disease"};
      table.covariates = matrix_of(Json::array({r["disease"]}));
    }
    const auto model = fit_combat(
        table, {.empirical_bayes = s["empirical_bayes"].get<bool>(), .reference = s["reference"].get<std::string>()});
    const auto out = apply_combat(model, table);
    const double apart = difference(out, s["data"]);
    EXPECT_LT(apart, 1e-12) << s["name"];
    worst = std::max(worst, apart);
    numbers += out.values.size();
  }
  std::printf(
      "VALIDATION learn | ComBat, the published example of neuroCombat, four settings | neuroCombat 0.2.12 | %zu "
      "| %.1g\n",
      numbers, worst);
}

TEST(CombatOracle, ShiftAndScaleByHand) {
  // One feature without empirical Bayes. A: 1, 3 (mean 2), B: 6, 10, 14 (mean 10). Grand mean (2·2 + 3·10)/5 = 6.8;
  // pooled variance (2 + 32)/5 = 6.8. A's variance 2, B's 16 (divisor n − 1), so that
  // A's become 6.8 ± √(6.8/2) and B's 6.8 ± 4 √(6.8/16), 6.8: (value − mean) √(pooled / own) + grand mean.
  CombatTable t{{"volume"}, stats::Matrix(5, 1), {"A", "A", "B", "B", "B"}, {}, {}};
  t.values.values = {1, 3, 6, 10, 14};
  const auto out = apply_combat(fit_combat(t, {.empirical_bayes = false}), t);
  const Values expected{6.8 - std::sqrt(6.8) / std::sqrt(2), 6.8 + std::sqrt(6.8) / std::sqrt(2), 6.8 - std::sqrt(6.8),
                        6.8, 6.8 + std::sqrt(6.8)};
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(out(i, 0), expected[i], 1e-12);
}
