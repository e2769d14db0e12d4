// Images that show a part of the brain; sequences of no use; what can be no brain; the last digits of headers.
#include "ch2_head.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/random.hpp>
#include <gliocast/image/distance.hpp>
#include <gliocast/image/resample.hpp>
#include <gliocast/image/smooth.hpp>
#include <gliocast/preprocess/preprocess.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

using namespace gliocast;
using namespace gliocast::preprocess;

namespace {

constexpr double kDegree = std::numbers::pi / 180;

bool tells(const std::vector<std::string>& list, const std::string& words) {
  return std::ranges::any_of(list, [&](const std::string& s) { return s.find(words) != std::string::npos; });
}

/// The ch2 head at 2 mm as T1 and, with other contrasts, as T2 and FLAIR, with noise.
const std::map<Sequence, Volume<float>>& heads() {
  static const auto made = [] {
    std::map<Sequence, Volume<float>> out;
    const auto head = image::shrink_to(test_support::ch2_head(), 2);
    Random random(8);
    for (const Sequence s : {Sequence::T1, Sequence::T2, Sequence::Flair}) {
      Volume<float> v = head;
      for (float& x : v.voxels) {
        if (s == Sequence::T2) x = x > 12 ? 200 * std::exp(-x / 60) : 0;
        if (s == Sequence::Flair) x = x > 12 ? std::max(0.0F, 160 - std::abs(x - 110)) : 0;
        x += static_cast<float>(std::abs(random.normal()));
      }
      out[s] = v;
    }
    return out;
  }();
  return made;
}

/// Some slices of a volume along an axis.
Volume<float> part(const Volume<float>& v, std::size_t axis, std::size_t first, std::size_t slices) {
  Geometry g = v.geometry;
  Vec3 start{};
  start[axis] = static_cast<double>(first);
  g.origin_mm = g.index_to_lps_mm(start);
  g.size[axis] = slices;
  return image::resample(v, g, image::Interpolation::Linear);
}

/// Slices of 2.2 × 2.2 × 6 mm, tilted about the left–right axis, of which the last one passes through `end`.
Geometry tilted_slab(double degrees, const Vec3& end) {
  Geometry g;
  g.size = {90, 110, 22};
  g.spacing_mm = {2.2, 2.2, 6};
  const double c = std::cos(degrees * kDegree), s = std::sin(degrees * kDegree);
  g.direction = {1, 0, 0, 0, c, -s, 0, s, c};
  const Vec3 corner = g.index_to_lps_mm({44.5, 54.5, 21});
  for (std::size_t a = 0; a < 3; ++a) g.origin_mm[a] = end[a] - corner[a];
  return g;
}

double dice(const Mask& a, const Mask& b) {
  double both = 0, sum = 0;
  for (std::size_t i = 0; i < a.voxels.size(); ++i) {
    both += a.voxels[i] && b.voxels[i];
    sum += (a.voxels[i] != 0) + (b.voxels[i] != 0);
  }
  return 2 * both / sum;
}

double share_of_ch2_brain(const Geometry& shown) {
  const Mask brain = test_support::ch2_brain(), seen = image::field_of_view(shown, brain.geometry);
  std::size_t both = 0;
  for (std::size_t i = 0; i < brain.voxels.size(); ++i) both += brain.voxels[i] && seen.voxels[i];
  return static_cast<double>(both) / static_cast<double>(count(brain));
}

/// Furthest that a voxel's centre of the mask lies beyond a grid's voxels, in voxels of the grid.
double furthest_beyond(const Mask& mask, const Geometry& grid) {
  double worst = -1e9;
  const Size3& n = mask.geometry.size;
  for (std::size_t i = 0; i < mask.voxels.size(); ++i) {
    if (!mask.voxels[i]) continue;
    const Vec3 at = grid.lps_mm_to_index(mask.geometry.index_to_lps_mm(
        {static_cast<double>(i % n[0]), static_cast<double>(i / n[0] % n[1]), static_cast<double>(i / (n[0] * n[1]))}));
    for (std::size_t a = 0; a < 3; ++a)
      worst = std::max({worst, -0.5 - at[a], at[a] - static_cast<double>(grid.size[a]) + 0.5});
  }
  return worst;
}

/// Mean and sd of a z-score over what its sequence shows, and nothing elsewhere.
void expect_scored_where_imaged(const PreparedExam& p, Sequence s) {
  const Mask& seen = p.parts.at(s).imaged;
  double sum = 0, square = 0, n = 0;
  for (std::size_t i = 0; i < seen.voxels.size(); ++i) {
    const auto z = static_cast<double>(p.zscores.at(s).voxels[i]);
    if (!seen.voxels[i]) {
      ASSERT_EQ(z, 0);
      continue;
    }
    ASSERT_TRUE(p.brain.voxels[i]);
    sum += z;
    square += z * z;
    ++n;
  }
  EXPECT_NEAR(sum / n, 0, 1e-4);
  EXPECT_NEAR(square / n, 1, 1e-3);
}

}  // namespace

TEST(CoverageMechanics, NoBrainBeyondTheReferenceAndItsPartIsTold) {
  for (const auto& [degrees, z] : {std::pair{12.0, 58.0}, std::pair{-15.0, 35.0}}) {
    image::Exam exam;
    const Geometry slab = tilted_slab(degrees, {0, 18, z});
    for (const Sequence s : {Sequence::T1, Sequence::T2})
      exam.sequences[s] = image::resample(heads().at(s), slab, image::Interpolation::Linear);
    const auto p = preprocess::preprocess(exam);
    EXPECT_LE(furthest_beyond(p.brain, slab), 0);
    EXPECT_LE(furthest_beyond(p.brain_native, slab), 0);
    EXPECT_GT(dice(p.brain_native, image::resample_mask(test_support::ch2_brain(), slab)), 0.93);
    const double share = share_of_ch2_brain(slab);
    EXPECT_LT(share, 0.95);
    EXPECT_NEAR(p.quality.brain_covered, share, 0.02);
    EXPECT_NEAR(p.quality.sequences.at(Sequence::T2).coverage, share, 0.03);
    EXPECT_TRUE(tells(p.quality.warnings, " % of the brain lies within the T1 image"));
  }
}

TEST(CoverageMechanics, HalfAT2NeitherMovesNorCutsTheBrain) {
  const auto& t2 = heads().at(Sequence::T2);
  const Size3& n = t2.geometry.size;
  const Mask truth = image::resample_mask(test_support::ch2_brain(), t2.geometry);
  struct Case {
    std::size_t axis, first, slices;
  };
  const Case upper{2, n[2] - 38, 38}, lower{2, 0, 40}, middle{2, 36, 30}, side{0, n[0] / 2, n[0] - n[0] / 2};
  for (const auto& [axis, first, slices] : {upper, lower, middle, side}) {
    SCOPED_TRACE(::testing::Message() << "axis " << axis << " from " << first);
    image::Exam exam;
    exam.sequences[Sequence::T1] = heads().at(Sequence::T1);
    exam.sequences[Sequence::T2] = part(t2, axis, first, slices);
    const Geometry shown = exam.sequences[Sequence::T2].geometry;
    const auto p = preprocess::preprocess(exam);
    EXPECT_LT(image::rms_difference_mm(p.parts.at(Sequence::T2).from_reference, {}, {0, 18, 0}), 2);
    EXPECT_GT(dice(p.brain_native, truth), 0.93);
    EXPECT_LE(furthest_beyond(p.parts.at(Sequence::T2).brain, shown), 0);
    EXPECT_NEAR(p.quality.sequences.at(Sequence::T2).coverage, share_of_ch2_brain(shown), 0.05);
    EXPECT_GT(p.quality.brain_covered, 0.98);
    EXPECT_TRUE(tells(p.quality.sequences.at(Sequence::T2).warnings, "covers only"));
    expect_scored_where_imaged(p, Sequence::T2);
  }
}

TEST(CoverageMechanics, HalfAT2WithAWrongHeaderIsStillFound) {
  const auto& t1 = heads().at(Sequence::T1);
  const auto half = part(heads().at(Sequence::T2), 2, t1.geometry.size[2] - 45, 45);
  const auto push = image::rigid_map({6 * kDegree, -5 * kDegree, 8 * kDegree}, {6, -8, 7}, {0, 18, 40});
  auto moved = half;
  test_support::move_header(moved, push);
  const auto found = register_images(t1, moved);
  EXPECT_LT(image::rms_difference_mm(found.map, push, {0, 18, 40}, 60), 1.5);
}

TEST(CoverageMechanics, ASlabFilledUpWithZerosIsNotMoreThanItShows) {
  image::Exam exam;
  exam.sequences[Sequence::T1] = heads().at(Sequence::T1);
  Volume<float> filled = heads().at(Sequence::T2);
  const Size3& n = filled.geometry.size;
  std::fill_n(filled.voxels.begin(), n[0] * n[1] * 40, 0.0F);
  exam.sequences[Sequence::T2] = filled;
  const auto p = preprocess::preprocess(exam);
  const double share = share_of_ch2_brain(part(filled, 2, 40, n[2] - 40).geometry);
  EXPECT_NEAR(p.quality.sequences.at(Sequence::T2).coverage, share, 0.05);
  expect_scored_where_imaged(p, Sequence::T2);
}

TEST(UselessMechanics, WhatHasNothingInCommonIsLeftOut) {
  // Smooth blobs: no noise, but no head either.
  Volume<float> blobs(heads().at(Sequence::T1).geometry);
  Random random(4);
  for (float& v : blobs.voxels) v = static_cast<float>(random.normal());
  blobs = image::smooth_gaussian(blobs, 4);
  for (float& v : blobs.voxels) v = 500 * std::abs(v);
  for (const Sequence bad : {Sequence::Flair, Sequence::T1}) {
    image::Exam exam;
    exam.sequences = heads();
    exam.sequences[bad] = blobs;
    const auto p = preprocess::preprocess(exam);
    EXPECT_EQ(p.left_out.size(), 1U);
    EXPECT_TRUE(p.left_out.contains(bad));
    EXPECT_EQ(p.reference, bad == Sequence::T1 ? Sequence::T2 : Sequence::T1);
    EXPECT_FALSE(p.zscores.contains(bad));
    EXPECT_TRUE(tells(p.warnings, std::string(display_name(bad)) + " is left out: "));
  }
}

TEST(UselessMechanics, OfTwoTheOneWithoutAHeadIsLeftOut) {
  Volume<float> noise(heads().at(Sequence::T1).geometry);
  Random random(4);
  for (float& v : noise.voxels) v = static_cast<float>(100 + 10 * random.normal());
  for (const Sequence bad : {Sequence::T1, Sequence::T2}) {
    image::Exam exam;
    for (const Sequence s : {Sequence::T1, Sequence::T2}) exam.sequences[s] = s == bad ? noise : heads().at(s);
    const auto p = preprocess::preprocess(exam);
    EXPECT_TRUE(p.left_out.contains(bad));
    EXPECT_TRUE(tells(p.warnings, "noise"));
    EXPECT_EQ(p.zscores.size(), 1U);
  }
}

TEST(UselessMechanics, OneSequenceAloneIsPrepared) {
  image::Exam exam;
  exam.sequences[Sequence::Flair] = heads().at(Sequence::Flair);
  const auto p = preprocess::preprocess(exam);
  EXPECT_EQ(p.reference, Sequence::Flair);
  EXPECT_GT(dice(p.brain_native, image::resample_mask(test_support::ch2_brain(), p.brain_native.geometry)), 0.9);
}

namespace {

/// The ch2 brain at 2 mm without anything about it, changed by `keep` (index of a voxel, size of the grid).
template <typename Keep>
image::Exam stripped(Keep keep) {
  image::Exam exam;
  const auto& t1 = heads().at(Sequence::T1);
  const Mask brain = image::resample_mask(test_support::ch2_brain(), t1.geometry);
  const Size3& n = t1.geometry.size;
  for (const Sequence s : {Sequence::T1, Sequence::T2}) {
    Volume<float> v = heads().at(s);
    for (std::size_t i = 0; i < v.voxels.size(); ++i)
      if (!brain.voxels[i] || !keep(Size3{i % n[0], i / n[0] % n[1], i / (n[0] * n[1])}, n)) v.voxels[i] = 0;
    exam.sequences[s] = v;
  }
  return exam;
}

}  // namespace

TEST(PlausibleMechanics, AWholeStrippedBrainPassesAndAPartDoesNot) {
  const auto whole = preprocess::preprocess(stripped([](const Size3&, const Size3&) { return true; }));
  EXPECT_TRUE(whole.recognition.stripped);
  EXPECT_FALSE(whole.extraction);
  const auto refused = [](const image::Exam& exam, const std::string& words) {
    try {
      const auto p = preprocess::preprocess(exam);
      ADD_FAILURE() << "passed as a brain of " << p.quality.brain_volume_cm3 << " cm³, not refused as " << words;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ExitCode::UnusableInput);
      EXPECT_NE(std::string(e.what()).find(words), std::string::npos) << e.what();
    }
    PreprocessOptions said;
    said.preprocessed = Preprocessed::Yes;
    EXPECT_TRUE(tells(preprocess::preprocess(exam, said).warnings, words));
  };
  refused(stripped([](const Size3& i, const Size3& n) { return i[0] < n[0] / 2; }), "cut in half");
  refused(stripped([](const Size3& i, const Size3& n) { return i[1] > n[1] / 2; }), "cut in half");
  refused(stripped([](const Size3& i, const Size3& n) { return i[2] > n[2] / 2; }), "too flat");
  const auto apart = [](const Size3& i, const Size3& n) { return i[0] < n[0] / 2 - 6 || i[0] > n[0] / 2 + 5; };
  refused(stripped(apart), "two pieces");
  image::Exam large = stripped([](const Size3&, const Size3&) { return true; });
  for (auto& [s, v] : large.sequences)
    for (double& mm : v.geometry.spacing_mm) mm *= 0.55;
  refused(large, "less than a brain");
  image::Exam ball = stripped([](const Size3&, const Size3&) { return true; });
  for (auto& [s, v] : ball.sequences)
    for (std::size_t i = 0; i < v.voxels.size(); ++i) {
      const Size3& n = v.geometry.size;
      double square = 0;
      for (const double d : {static_cast<double>(i % n[0]) - static_cast<double>(n[0]) / 2,
                             static_cast<double>(i / n[0] % n[1]) - static_cast<double>(n[1]) / 2,
                             static_cast<double>(i / (n[0] * n[1])) - static_cast<double>(n[2]) / 2})
        square += d * d;
      v.voxels[i] = square < 34 * 34 ? 200 + static_cast<float>((s == Sequence::T1 ? i : i / 7) % 97) : 0;
    }
  refused(ball, "round as a ball");
  image::Exam box = stripped([](const Size3&, const Size3&) { return true; });
  for (auto& [s, v] : box.sequences) {
    const Size3& n = v.geometry.size;
    Random random(3);
    for (std::size_t i = 0; i < v.voxels.size(); ++i) {
      const std::size_t x = i % n[0], y = i / n[0] % n[1], z = i / (n[0] * n[1]);
      const bool inside = x > 15 && x < n[0] - 15 && y > 25 && y < n[1] - 25 && z > 18 && z < n[2] - 18;
      v.voxels[i] = inside ? static_cast<float>(100 + 10 * random.normal()) : 0;
    }
  }
  refused(box, "box");
}

TEST(PlausibleMechanics, OneSequenceAloneMayLookLikeBone) {
  image::Exam exam = stripped([](const Size3&, const Size3&) { return true; });
  // A dark layer below a part of the surface, as of haemosiderin, on T2 only.
  const Mask brain = image::resample_mask(test_support::ch2_brain(), exam.sequences[Sequence::T2].geometry);
  auto& t2 = exam.sequences[Sequence::T2];
  const Volume<float> depth = image::signed_distance_mm(brain);
  const Size3& n = t2.geometry.size;
  for (std::size_t i = 0; i < t2.voxels.size(); ++i)
    if (depth.voxels[i] > 5 && depth.voxels[i] < 11 && i % n[0] < n[0] / 4) t2.voxels[i] = 1;
  const auto r = recognise(exam);
  EXPECT_GT(r.sequences.at(Sequence::T2).skull, kSkullOnWays);
  EXPECT_TRUE(r.stripped) << r.stripped_reason;
}

TEST(SuspicionMechanics, T2AndFlairExchangedAreTold) {
  image::Exam exam = stripped([](const Size3&, const Size3&) { return true; });
  const auto& t1 = exam.sequences.at(Sequence::T1);
  Volume<float> flair = heads().at(Sequence::Flair);
  for (std::size_t i = 0; i < flair.voxels.size(); ++i)
    if (t1.voxels[i] == 0) flair.voxels[i] = 0;
  exam.sequences[Sequence::Flair] = flair;
  EXPECT_FALSE(tells(preprocess::preprocess(exam).warnings, "T2 and FLAIR may have been exchanged"));
  std::swap(exam.sequences[Sequence::T2], exam.sequences[Sequence::Flair]);
  EXPECT_TRUE(tells(preprocess::preprocess(exam).warnings, "T2 and FLAIR may have been exchanged"));
}

namespace {

/// Origin, spacing and direction changed in the seventh digit.
void disturb(Geometry& g, Random& random) {
  for (double& v : g.origin_mm) v += (std::abs(v) + 1) * 1e-6 * random.uniform(-1, 1);
  for (double& v : g.spacing_mm) v *= 1 + 1e-6 * random.uniform(-1, 1);
  for (double& v : g.direction) v += 1e-6 * random.uniform(-1, 1);
}

}  // namespace

TEST(RoundingInvariant, TheLastDigitsOfAHeaderDoNotChangeAStrippedPatient) {
  image::Exam exam = stripped([](const Size3&, const Size3&) { return true; });
  for (const double spacing : {2.0, 1.8}) {
    for (auto& [s, v] : exam.sequences) v.geometry.spacing_mm = {spacing, 2, spacing};
    const auto plain = preprocess::preprocess(exam);
    Random random(11);
    for (int k = 0; k < 8; ++k) {
      image::Exam other = exam;
      Geometry g = exam.sequences.at(Sequence::T1).geometry;
      disturb(g, random);
      for (auto& [s, v] : other.sequences) v.geometry = g;
      const auto p = preprocess::preprocess(other);
      ASSERT_EQ(p.brain.geometry.size, plain.brain.geometry.size);
      EXPECT_EQ(p.brain.voxels, plain.brain.voxels);
      EXPECT_EQ(p.brain_native.voxels, plain.brain_native.voxels);
      double worst = 0;
      const auto &a = p.zscores.at(Sequence::T2).voxels, &b = plain.zscores.at(Sequence::T2).voxels;
      for (std::size_t i = 0; i < a.size(); ++i) worst = std::max(worst, static_cast<double>(std::abs(a[i] - b[i])));
      EXPECT_LT(worst, 1e-2);
    }
  }
}

TEST(RoundingInvariant, NorARawOne) {
  image::Exam exam;
  const Geometry slab = tilted_slab(12, {0, 18, 58});
  exam.sequences[Sequence::T1] = image::resample(heads().at(Sequence::T1), slab, image::Interpolation::Linear);
  exam.sequences[Sequence::T2] = heads().at(Sequence::T2);
  const auto plain = preprocess::preprocess(exam);
  Random random(12);
  for (int k = 0; k < 3; ++k) {
    image::Exam other = exam;
    for (auto& [s, v] : other.sequences) disturb(v.geometry, random);
    const auto p = preprocess::preprocess(other);
    ASSERT_EQ(p.brain.geometry.size, plain.brain.geometry.size);
    EXPECT_EQ(p.brain.voxels, plain.brain.voxels);
    EXPECT_EQ(p.brain_native.voxels, plain.brain_native.voxels);
    EXPECT_EQ(p.brain_native.geometry, other.sequences.at(Sequence::T1).geometry);
  }
}
