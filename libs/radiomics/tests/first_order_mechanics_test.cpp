// Five values by hand, and what happens at the edges.
#include <gliocast/core/error.hpp>
#include <gliocast/radiomics/discretise.hpp>
#include <gliocast/radiomics/first_order.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <map>

using namespace gliocast;

namespace {

std::map<std::string, double> values(std::vector<double> v, radiomics::FirstOrderOptions o = {}) {
  Geometry g;
  g.size = {v.size(), 1, 1};
  g.spacing_mm = {1, 2, 3};
  const Volume<double> image(g, std::move(v));
  std::map<std::string, double> out;
  for (const auto& f : radiomics::first_order(image, Mask(g, 1), o)) out[f.name] = f.value;
  return out;
}

}  // namespace

TEST(FirstOrderMechanics, FiveValuesByHand) {
  // 1 2 3 4 10: mean 4, deviations −3 −2 −1 0 6, squares 9 4 1 0 36 = 50, cubes −27 −8 −1 0 216 = 180, fourths 81 16 1
  // 0 1296 = 1394.
  const auto v = values({4, 1, 10, 2, 3}, {.bin_width = 5});
  EXPECT_DOUBLE_EQ(v.at("Mean"), 4);
  EXPECT_DOUBLE_EQ(v.at("Variance"), 10);
  EXPECT_DOUBLE_EQ(v.at("Skewness"), 36 / std::pow(10, 1.5));
  EXPECT_DOUBLE_EQ(v.at("Kurtosis"), 1394.0 / 5 / 100);
  EXPECT_DOUBLE_EQ(v.at("Median"), 3);
  EXPECT_DOUBLE_EQ(v.at("10Percentile"), 1.4);
  EXPECT_DOUBLE_EQ(v.at("90Percentile"), 7.6);
  EXPECT_DOUBLE_EQ(v.at("InterquartileRange"), 2);
  EXPECT_DOUBLE_EQ(v.at("Energy"), 130);
  EXPECT_DOUBLE_EQ(v.at("TotalEnergy"), 780);
  EXPECT_DOUBLE_EQ(v.at("MeanAbsoluteDeviation"), 2.4);
  EXPECT_DOUBLE_EQ(v.at("RobustMeanAbsoluteDeviation"), 2.0 / 3);  // 2 3 4
  EXPECT_DOUBLE_EQ(v.at("Uniformity"), 0.64 + 0.04);               // bins [0,5): 4 values, [10,15): 1
}

TEST(FirstOrderMechanics, ShiftTouchesEnergyAndRootMeanSquareOnly) {
  const auto a = values({1, 2, 3}), b = values({1, 2, 3}, {.voxel_array_shift = 10});
  EXPECT_DOUBLE_EQ(b.at("Energy"), 121 + 144 + 169);
  EXPECT_DOUBLE_EQ(a.at("Mean"), b.at("Mean"));
  EXPECT_DOUBLE_EQ(a.at("Entropy"), b.at("Entropy"));
}

TEST(FirstOrderMechanics, BinsAreHalfOpenAndSurviveNegativeValues) {
  const auto d = radiomics::discretise_width({-7, -5, 0, 4.999, 5}, 5);
  EXPECT_EQ(d.level, (std::vector<std::uint32_t>{1, 2, 3, 3, 4}));
}

TEST(FirstOrderMechanics, AbsurdBinWidthIsAnErrorWithTheNumber) {
  try {
    (void)radiomics::discretise_width({0, 1e9}, 1e-3);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::UnusableInput);
    EXPECT_NE(std::string(e.what()).find("grey levels"), std::string::npos);
  }
}
