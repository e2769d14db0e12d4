// Weights, cut, held-out signature, its Cox model and what that predicts beside R's glmnet and survival
// (tests/reference/signature/signature.R).
#include "test_paths.hpp"

#include <gliocast/core/json.hpp>
#include <gliocast/learn/folds.hpp>
#include <gliocast/signature/signature_learner.hpp>
#include <gliocast/survival/log_rank.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>

using namespace gliocast;
using namespace gliocast::signature;

namespace {

const Json& reference() {
  static const Json json =
      Json::parse(std::ifstream(std::string(GLIOCAST_SOURCE_DIR) + "/tests/reference/signature/signature.json"));
  return json;
}

SurvivalTable table() {
  SurvivalTable t;
  t.outcome.time = reference()["time"].get<std::vector<double>>();
  for (const auto& e : reference()["event"]) t.outcome.event.push_back(e == 1 ? 1 : 0);
  auto& f = t.features;
  f.values = stats::Matrix(t.outcome.time.size(), reference()["columns"].size());
  for (std::size_t c = 0; c < f.values.columns; ++c) {
    f.features.push_back("f" + std::to_string(c));
    std::ranges::copy(reference()["columns"][c].get<std::vector<double>>(), f.values.column(c).begin());
  }
  for (std::size_t r = 0; r < f.rows(); ++r) {
    f.ids.push_back("p" + std::to_string(r + 1));
    f.patient.push_back(static_cast<int>(r));
  }
  return t;
}

std::uint64_t seed() { return reference()["seed"].get<std::uint64_t>(); }

TEST(SignatureOracle, FoldsAreThoseOfTheReference) {
  const auto t = table();
  const auto folds = folds_by_event(t, learn::all_rows(t.features), 5, seed());
  EXPECT_EQ(folds, reference()["fold"].get<std::vector<std::size_t>>());
  for (std::size_t f = 0; f < 5; ++f) {
    std::size_t events = 0;
    for (std::size_t r = 0; r < t.rows(); ++r) events += folds[r] == f && t.outcome.event[r] ? 1 : 0;
    EXPECT_NEAR(static_cast<double>(events),
                static_cast<double>(patients_with_event(t, learn::all_rows(t.features))) / 5, 1)
        << f;
  }
}

double largest(const std::vector<double>& values) {
  double most = 0;
  for (const double v : values) most = std::max(most, std::fabs(v));
  return most;
}

void expect_near(const std::vector<double>& values, const Json& wanted, double tolerance, const char* what) {
  const auto numbers = wanted.get<std::vector<double>>();
  ASSERT_EQ(values.size(), numbers.size()) << what;
  for (std::size_t i = 0; i < values.size(); ++i)
    EXPECT_NEAR(values[i], numbers[i], tolerance * largest(numbers)) << what << " " << i;
}

void expect_same_groups(const std::vector<char>& high, const Json& wanted) {
  ASSERT_EQ(high.size(), wanted.size());
  for (std::size_t r = 0; r < high.size(); ++r) EXPECT_EQ(int{high[r]}, wanted[r].get<int>()) << r;
}

void expect_survival(const SignatureModel& model, const std::vector<double>& signature, const Json& wanted) {
  const auto times = reference()["times"].get<std::vector<double>>();
  const auto predicted = model.survival({signature.begin(), signature.begin() + 5}, times);
  for (std::size_t t = 0; t < times.size(); ++t)
    for (std::size_t r = 0; r < predicted.size(); ++r) {
      EXPECT_NEAR(predicted[r].survival[t], wanted["survival"][t][r].get<double>(), 1e-5) << t << " " << r;
      EXPECT_NEAR(predicted[r].low[t], wanted["lower"][t][r].get<double>(), 1e-5) << t << " " << r;
      EXPECT_NEAR(predicted[r].high[t], wanted["upper"][t][r].get<double>(), 1e-5) << t << " " << r;
    }
}

TEST(SignatureOracle, ChainsAreThoseOfGlmnetAndSurvival) {
  const auto t = table();
  for (const auto& wanted : reference()["cases"]) {
    SCOPED_TRACE(wanted["target"].get<std::string>() + " " + wanted["alpha"].dump());
    SignatureSpecification s;
    s.target = wanted["target"] == "cox" ? Target::Cox : Target::Time;
    s.alpha = {wanted["alpha"].get<double>()};
    s.lambda = wanted["lambda"].dump();
    s.trees = 20;
    const auto fit = SignatureLearner(s).fit(t, learn::all_rows(t.features), {seed(), 2});
    const auto& parts = fit.model->parts();
    std::vector<double> weights(t.features.features.size());
    for (const auto& c : parts.candidates) weights[std::stoul(c.feature.substr(1))] = c.weight;
    ASSERT_EQ(parts.candidates.size(), weights.size());
    expect_near(weights, wanted["weights"], 1e-5, "weights");
    EXPECT_GE(static_cast<std::size_t>(std::ranges::count(weights, 0.0)), 1u);
    EXPECT_NEAR(parts.cut, wanted["cut"].get<double>(), 1e-5);
    expect_near(fit.in_sample, wanted["signature"], 1e-5, "signature");
    expect_near(fit.held_out, wanted["held_out"], 1e-5, "held out");
    expect_same_groups(fit.in_sample_high_risk, wanted["high"]);
    expect_same_groups(fit.held_out_high_risk, wanted["held_out_high"]);
    ASSERT_TRUE(parts.survival);
    EXPECT_NEAR(parts.survival->coefficients.at(0), wanted["coefficient"].get<double>(), 1e-5);
    EXPECT_NEAR(std::sqrt(parts.survival->variance(0, 0)), wanted["se"].get<double>(), 1e-5);
    EXPECT_NEAR(parts.held_out_concordance.value, wanted["concordance"].get<double>(), 1e-9);
    EXPECT_NEAR(parts.held_out_concordance.se, wanted["concordance_se"].get<double>(), 1e-6);
    expect_survival(*fit.model, fit.in_sample, wanted);
    const auto test =
        survival::log_rank(t.outcome, {fit.held_out_high_risk.begin(), fit.held_out_high_risk.end()}, {"low", "high"});
    EXPECT_NEAR(test.statistic, wanted["log_rank"].get<double>(), 1e-6);
  }
}

}  // namespace
