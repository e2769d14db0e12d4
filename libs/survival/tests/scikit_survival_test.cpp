// Scores weighted by the inverse chance of not being censored beside scikit-survival
// (tests/reference/survival/expected_scikit_survival.py).
#include "test_paths.hpp"

#include <gliocast/core/json.hpp>
#include <gliocast/survival/brier.hpp>
#include <gliocast/survival/concordance.hpp>
#include <gliocast/survival/time_roc.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

using namespace gliocast;
using namespace gliocast::survival;

namespace {

const Json& reference() {
  static const Json json = Json::parse(
      std::ifstream(std::string(GLIOCAST_SOURCE_DIR) + "/tests/reference/survival/expected_scikit_survival.json"));
  return json;
}

SurvivalSample sample() {
  SurvivalSample s;
  s.time = reference()["time"].get<std::vector<double>>();
  for (const auto& e : reference()["event"]) s.event.push_back(e.get<int>() != 0);
  return s;
}

/// The predictions that the script makes, survival of each row at a time.
std::vector<double> survival_at(double time) {
  std::vector<double> result;
  for (const auto& x : reference()["risk"]) result.push_back(std::exp(-0.03 * std::exp(0.6 * x.get<double>()) * time));
  return result;
}

}  // namespace

TEST(ScikitSurvival, CensoringWeightedScores) {
  const auto rows = sample();
  const CensoringCurve censoring(rows);
  const auto risk = reference()["risk"].get<std::vector<double>>();
  const auto times = reference()["times"].get<std::vector<double>>();
  double worst = 0;
  const auto expect = [&worst](double ours, const Json& theirs) {
    EXPECT_NEAR(ours, theirs.get<double>(), 1e-12);
    worst = std::max(worst, std::fabs(ours - theirs.get<double>()));
  };
  for (std::size_t t = 0; t < times.size(); ++t) {
    expect(brier_score(rows, censoring, survival_at(times[t]), times[t]).value, reference()["brier"][t]);
    expect(time_dependent_roc(rows, censoring, risk, times[t]).auc.value, reference()["auc"][t]);
  }
  const double last = reference()["last"].get<double>();
  std::vector<std::vector<double>> predicted;
  for (const double t : integrated_brier_grid(last)) predicted.push_back(survival_at(t));
  expect(integrated_brier_score(rows, censoring, predicted, last).value, reference()["integrated_brier"]);
  expect(concordance(rows, risk, {ConcordanceWeight::Uno, 0.95, 36.0}).value, reference()["concordance_until_36"]);
  std::printf(
      "VALIDATION survival | Brier scores, their mean over times, cumulative dynamic AUC, Uno's C | scikit-survival "
      "0.28 | %zu | %.1g\n",
      2 * times.size() + 2, worst);
}
