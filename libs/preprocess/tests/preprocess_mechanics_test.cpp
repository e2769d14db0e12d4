// Recognition of processed input, suspicions, the working grid, quality figures.
#include <gliocast/core/error.hpp>
#include <gliocast/core/random.hpp>
#include <gliocast/preprocess/preprocess.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

using namespace gliocast;
using namespace gliocast::preprocess;

namespace {

Volume<float> ball(bool stripped, std::uint64_t seed, double shift_mm = 0) {
  Geometry g;
  g.size = {80, 90, 70};
  g.spacing_mm = {2, 2, 2};
  g.origin_mm = {-80 + shift_mm, -90, -70};
  Volume<float> v(g);
  Random random(seed);
  for (std::size_t z = 0; z < 70; ++z)
    for (std::size_t y = 0; y < 90; ++y)
      for (std::size_t x = 0; x < 80; ++x) {
        // Longer from front to back than wide, as a brain: a ball would be a phantom.
        const double r = std::hypot(1.15 * (static_cast<double>(x) - 40), 0.95 * (static_cast<double>(y) - 45),
                                    static_cast<double>(z) - 35);
        if (r < 33)
          v.at(x, y, z) = static_cast<float>(100 + 30 * (r < 15) + 5 * random.normal());
        else if (!stripped)
          v.at(x, y, z) = static_cast<float>(1 + std::abs(random.normal()));
      }
  return v;
}

image::Exam exam(bool stripped = true, double shift_mm = 0) {
  image::Exam e;
  e.sequences[Sequence::T1] = ball(stripped, 1);
  e.sequences[Sequence::T1Gd] = ball(stripped, 2);
  e.sequences[Sequence::T2] = ball(stripped, 3, shift_mm);
  return e;
}

}  // namespace

TEST(PreprocessMechanics, StrippedAndAlignedIsRecognised) {
  const auto r = recognise(exam());
  EXPECT_TRUE(r.stripped);
  EXPECT_TRUE(r.aligned);
  EXPECT_FALSE(recognise(exam(false)).stripped);
  const auto moved = recognise(exam(true, 3));
  EXPECT_FALSE(moved.aligned);
  EXPECT_NE(moved.aligned_reason.find("origin"), std::string::npos);
}

// A head whose air is exactly 0, as many scanners and every defacing tool leave it: scalp, bone, brain.
TEST(PreprocessMechanics, AHeadInExactZerosIsNotStripped) {
  image::Exam e;
  for (const auto& [s, scalp] : {std::pair{Sequence::T1, 180.0}, std::pair{Sequence::T2, 70.0}}) {
    Volume<float> v = ball(true, 5);
    for (std::size_t z = 0; z < 70; ++z)
      for (std::size_t y = 0; y < 90; ++y)
        for (std::size_t x = 0; x < 80; ++x) {
          const double dx = static_cast<double>(x) - 40, dy = static_cast<double>(y) - 45;
          const double r = 2 * std::hypot(dx, dy, static_cast<double>(z) - 35);
          if (r > 53) v.at(x, y, z) = static_cast<float>(r > 66 ? 0 : r > 60 ? scalp : 10);
        }
    e.sequences[s] = v;
  }
  const auto r = recognise(e);
  EXPECT_GT(r.sequences.at(Sequence::T1).zero_fraction, 0.5);
  EXPECT_GT(r.sequences.at(Sequence::T1).skull, 0.9);
  EXPECT_GT(r.sequences.at(Sequence::T2).skull, 0.9);
  EXPECT_FALSE(r.stripped);
  EXPECT_NE(r.stripped_reason.find("bone"), std::string::npos);
  // One of them stripped: neither way of working fits.
  e.sequences[Sequence::T2] = ball(true, 6);
  EXPECT_THROW((void)preprocess::preprocess(e), Error);
}

TEST(PreprocessMechanics, MoreSignalThanABrainIsNotStripped) {
  image::Exam e = exam();
  for (auto& [s, v] : e.sequences)
    for (double& mm : v.geometry.spacing_mm) mm *= 1.3;  // 2.6 litres
  const auto r = recognise(e);
  EXPECT_FALSE(r.stripped);
  EXPECT_NE(r.stripped_reason.find("more than a brain"), std::string::npos);
}

TEST(PreprocessMechanics, StrippedButShiftedIsAlignedOnly) {
  const auto p = preprocess::preprocess(exam(true, 3));
  ASSERT_TRUE(p.parts.at(Sequence::T2).registration);
  EXPECT_FALSE(p.extraction);
  EXPECT_TRUE(p.heads.empty());
  EXPECT_NEAR(p.parts.at(Sequence::T2).from_reference.translation_mm[0], 3, 1);
  PreprocessOptions yes;
  yes.preprocessed = Preprocessed::Yes;
  const auto said = preprocess::preprocess(exam(true, 3), yes);
  EXPECT_FALSE(said.parts.at(Sequence::T2).registration);
  EXPECT_THROW((void)parse_preprocessed("maybe"), Error);
}

TEST(PreprocessMechanics, ExchangedT1IsSuspected) {
  image::Exam e = exam();
  auto& contrast = e.sequences[Sequence::T1Gd];
  for (std::size_t i = 0; i < contrast.voxels.size(); i += 40)
    if (contrast.voxels[i] > 0) contrast.voxels[i] += 120;  // vessels
  const auto suspects = [](const image::Exam& x) {
    const auto p = preprocess::preprocess(x);
    return std::ranges::any_of(p.warnings, [](const std::string& w) {
      return w.find("exchanged: what was given as T1") != std::string::npos;
    });
  };
  EXPECT_FALSE(suspects(e));
  std::swap(e.sequences[Sequence::T1], e.sequences[Sequence::T1Gd]);
  EXPECT_TRUE(suspects(e));
}

TEST(PreprocessMechanics, AMirroredSequenceIsSuspected) {
  image::Exam e = exam();
  const auto lesion = [](Volume<float>& v, bool left) {
    for (std::size_t z = 20; z < 50; ++z)
      for (std::size_t y = 30; y < 60; ++y)
        for (std::size_t x = 0; x < 18; ++x) v.at(left ? 60 - x : 20 + x, y, z) += 80;
  };
  for (auto& [s, v] : e.sequences) lesion(v, true);
  const auto suspects = [](const image::Exam& x) {
    const auto p = preprocess::preprocess(x);
    return std::ranges::count_if(p.warnings, [](const std::string& w) {
      return w.find("left and right may be exchanged in T2") != std::string::npos;
    });
  };
  EXPECT_EQ(suspects(e), 0);
  e.sequences[Sequence::T2] = ball(true, 3);
  lesion(e.sequences[Sequence::T2], false);
  EXPECT_EQ(suspects(e), 1);
}

TEST(PreprocessMechanics, WorkingGridIsOneMillimetreAndScored) {
  const auto p = preprocess::preprocess(exam());
  EXPECT_EQ(p.brain.geometry.spacing_mm, (Vec3{1, 1, 1}));
  EXPECT_NEAR(static_cast<double>(count(p.brain)), static_cast<double>(count(p.brain_native)) * 8,
              0.03 * static_cast<double>(count(p.brain)));
  for (const auto& [s, z] : p.zscores) {
    double sum = 0, square = 0, n = 0;
    for (std::size_t i = 0; i < z.voxels.size(); ++i) {
      if (!p.brain.voxels[i]) {
        EXPECT_EQ(z.voxels[i], 0);
        continue;
      }
      sum += static_cast<double>(z.voxels[i]);
      square += static_cast<double>(z.voxels[i]) * static_cast<double>(z.voxels[i]);
      ++n;
    }
    EXPECT_NEAR(sum / n, 0, 1e-5);
    EXPECT_NEAR(square / n, 1, 1e-4);
  }
  EXPECT_NEAR(p.quality.brain_volume_cm3, 4.0 / 3 * 3.14159 * std::pow(6.6, 3) / (1.15 * 0.95), 20);
  EXPECT_NEAR(p.quality.sequences.at(Sequence::T1).snr, 100.0 / 5, 3);
}
