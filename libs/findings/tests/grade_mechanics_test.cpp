// A grade is stated where its interval speaks for low or high; a refusal has no number.
#include <gliocast/findings/grade.hpp>

#include <gtest/gtest.h>

#include <cmath>

namespace gliocast::findings {
namespace {

GradeEvidence confident() {
  return {.logit = 2.0,
          .probabilities = {0.8, 0.85, 0.9},
          .calibration_patients = 24,
          .thickest_slice_mm = 1,
          .thick_slice_mm = 3.5};
}

TEST(Grade, IsStatedWithAllItsNumbers) {
  const auto g = std::get<GradeEstimate>(estimate_grade(confident()));
  EXPECT_DOUBLE_EQ(g.probability, 0.85);
  EXPECT_DOUBLE_EQ(g.low, 0.8025);
  EXPECT_DOUBLE_EQ(g.high, 0.8975);
  EXPECT_EQ(g.logit, 2.0);
  EXPECT_EQ(g.calibration_patients, 24u);
  auto low = confident();
  low.probabilities = {0.1, 0.2, 0.3};
  low.thickest_slice_mm = 3.5;  // thicker than that, not as thick as that
  EXPECT_TRUE(std::holds_alternative<GradeEstimate>(estimate_grade(low)));
}

TEST(Grade, OfAFusedModelIsItsProbabilityWithTheRefitsLimits) {
  GradeEvidence e{.probability = 0.7, .probabilities = {0.9, 0.8, 0.85}, .thickest_slice_mm = 1, .thick_slice_mm = 3.5};
  const auto g = std::get<GradeEstimate>(estimate_grade(e));
  EXPECT_EQ(g.probability, 0.7);
  EXPECT_EQ(g.low, 0.7) << "drawn out to the probability";
  EXPECT_DOUBLE_EQ(g.high, 0.8975);
  EXPECT_FALSE(g.logit);
  const auto reason = [&] { return std::get<NoReliableGrade>(estimate_grade(e)).reason; };
  e.probability = 0.45;
  EXPECT_EQ(reason(), NoReliableGrade::Reason::IntervalHoldsHalf);
  e.probabilities = {0.9};
  EXPECT_EQ(reason(), NoReliableGrade::Reason::NoRefits);
}

TEST(Grade, IsRefusedWithItsReason) {
  using Reason = NoReliableGrade::Reason;
  std::vector<GradeEvidence> refused(6, confident());
  refused[0].logit.reset();
  refused[1].probabilities.clear();
  refused[2].thickest_slice_mm = 3.6;
  refused[3].probabilities = {0.4, 0.6, 0.8};
  refused[4].probabilities = {0.45, 0.5, 0.55};
  refused[5].probabilities = {std::nan(""), std::nan("")};
  const std::vector<Reason> reasons{Reason::NoTumour,          Reason::NoCalibration,     Reason::ThickSlices,
                                    Reason::IntervalHoldsHalf, Reason::IntervalHoldsHalf, Reason::IntervalHoldsHalf};
  for (std::size_t i = 0; i < refused.size(); ++i) {
    const auto grade = estimate_grade(refused[i]);
    ASSERT_TRUE(std::holds_alternative<NoReliableGrade>(grade)) << i;
    EXPECT_EQ(std::get<NoReliableGrade>(grade).reason, reasons[i]) << i;
  }
  EXPECT_EQ(std::get<NoReliableGrade>(estimate_grade(refused[2])).slice_mm, 3.6);
}

}  // namespace
}  // namespace gliocast::findings
