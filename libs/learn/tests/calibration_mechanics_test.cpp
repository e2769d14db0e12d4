// Calibrations give probabilities, read back as they were, and are refused where damaged.
#include <gliocast/core/error.hpp>
#include <gliocast/learn/calibration.hpp>

#include <gtest/gtest.h>

#include <cmath>

using namespace gliocast;
using namespace gliocast::learn;

namespace {

const std::vector<double> kScores{-2, -1, -1, 0, 0.5, 1, 2, 3};
const std::vector<int> kTruth{0, 0, 1, 0, 1, 0, 1, 1};

}  // namespace

TEST(CalibrationMechanics, EveryMethodReadsBack) {
  for (const auto* name : {"none", "platt", "isotonic"}) {
    const auto c = fit_calibration(calibration_method(name), kScores, kTruth);
    const auto read = Calibration::from_json(Json::parse(c.to_json().dump()));
    for (const double s : {-9.0, -1.0, 0.3, 0.7, 2.5, 9.0}) EXPECT_EQ(read.apply(s), c.apply(s)) << name;
    EXPECT_TRUE(std::isnan(c.apply(NAN))) << name;
    EXPECT_EQ(c.to_json().at("method"), name);
  }
}

TEST(CalibrationMechanics, ValuesByHand) {
  EXPECT_EQ(fit_calibration(CalibrationMethod::None, kScores, kTruth).apply(0.3), 0.3);
  // Means of 0 | 0, 1 (equal scores) and 0: 1/3 | 1, 0: 1/2 | 1 | 1.
  const auto isotonic = fit_calibration(CalibrationMethod::Isotonic, kScores, kTruth);
  EXPECT_EQ(isotonic.apply(-5), 0);
  EXPECT_NEAR(isotonic.apply(-0.5), 1.0 / 3, 1e-15);
  EXPECT_NEAR(isotonic.apply(0.25), (1.0 / 3 + 0.5) / 2, 1e-15);
  EXPECT_EQ(isotonic.apply(1), 0.5);
  EXPECT_EQ(isotonic.apply(2), 1);
  const auto platt = fit_calibration(CalibrationMethod::Platt, kScores, kTruth);
  EXPECT_LT(platt.apply(0), platt.apply(1));
  EXPECT_EQ(platt.apply(std::vector<double>{1, 2})[1], platt.apply(2));
}

TEST(CalibrationMechanics, WhatIsDamagedIsRefused) {
  EXPECT_THROW((void)calibration_method("sigmoid"), Error);
  EXPECT_THROW((void)fit_calibration(CalibrationMethod::Platt, {1, NAN}, {0, 1}), Error);
  EXPECT_THROW((void)fit_calibration(CalibrationMethod::None, {}, {}), Error);
  for (const auto* text : {R"([])", R"({"method": 3})", R"({"method": "platt", "slope": 1})",
                           R"({"method": "isotonic", "score": [1, 2], "probability": [0]})",
                           R"({"method": "isotonic", "score": [], "probability": []})",
                           R"({"method": "isotonic", "score": [1, 1], "probability": [0, 1]})",
                           R"({"method": "isotonic", "score": [1, 2], "probability": [1, 0]})",
                           R"({"method": "isotonic", "score": [1, 2], "probability": [0, 7]})"})
    EXPECT_THROW((void)Calibration::from_json(Json::parse(text)), Error) << text;
}
