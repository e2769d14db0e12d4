// Raw input from end to end: the brain against HD-BET's masks of a real patient, and what must not change it.
#include "ch2_head.hpp"
#include "shared_data.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/core/random.hpp>
#include <gliocast/image/reorient.hpp>
#include <gliocast/image/resample.hpp>
#include <gliocast/image/smooth.hpp>
#include <gliocast/preprocess/preprocess.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>

using namespace gliocast;
using namespace gliocast::preprocess;

namespace {

double dice(const Mask& a, const Mask& b) {
  double both = 0, sum = 0;
  for (std::size_t i = 0; i < a.voxels.size(); ++i) {
    both += a.voxels[i] && b.voxels[i];
    sum += (a.voxels[i] != 0) + (b.voxels[i] != 0);
  }
  return 2 * both / sum;
}

image::Exam clinical_case() {
  const auto folder = test_support::shared_data() / "raw/TCGA-FG-6692";
  return image::read_exam({{Sequence::T1, folder / "t1.nii.gz"},
                           {Sequence::T1Gd, folder / "t1c.nii.gz"},
                           {Sequence::T2, folder / "t2.nii.gz"},
                           {Sequence::Flair, folder / "fla.nii.gz"}});
}

Mask expert(const char* name) {
  return any_label(imageio::read_labels(test_support::shared_data() / "raw/TCGA-FG-6692" / name));
}

/// The whole patient turned and shifted, by the headers.
void move(image::Exam& exam, std::uint64_t seed) {
  Random random(seed);
  const double limit = 15 * std::numbers::pi / 180;
  const auto push =
      image::rigid_map({random.uniform(-limit, limit), random.uniform(-limit, limit), random.uniform(-limit, limit)},
                       {random.uniform(-30, 30), random.uniform(-30, 30), random.uniform(-30, 30)}, {0, 0, 0});
  for (auto& [s, v] : exam.sequences) test_support::move_header(v, push);
}

/// A raw exam of two sequences from the ch2 head, 2 mm, the second turned and of another contrast.
image::Exam made_exam() {
  const auto head = image::shrink_to(test_support::ch2_head(), 2);
  Volume<float> other(head.geometry), noisy = head;
  Random random(3);
  for (std::size_t i = 0; i < other.voxels.size(); ++i) {
    other.voxels[i] = head.voxels[i] > 12 ? 200 * std::exp(-head.voxels[i] / 60) : 0;
    noisy.voxels[i] += static_cast<float>(std::abs(random.normal()));
    other.voxels[i] += static_cast<float>(std::abs(random.normal()));
  }
  image::Exam exam;
  exam.sequences[Sequence::T1] = noisy;
  exam.sequences[Sequence::T2] = image::resample(other, head.geometry, image::Interpolation::Linear, 0,
                                                 image::rigid_map({0.1, -0.05, 0.08}, {4, -3, 5}, {0, 18, 0}));
  return exam;
}

/// Whether a warning says that the head lies otherwise than its header has it.
bool tells_a_turned_head(const PreparedExam& prepared) {
  return std::ranges::any_of(prepared.warnings, [](const std::string& w) {
    return w.find("from where the header says") != std::string::npos;
  });
}

}  // namespace

TEST(RawOracleSlow, BrainOfTheClinicalCaseAlsoWhenMoved) {
  GLIOCAST_NEEDS_SHARED("raw/TCGA-FG-6692");
  const Mask t1 = expert("hdbet_mask_native_t1.nii.gz"), t1gd = expert("hdbet_mask_native_t1c.nii.gz");
  const auto exam = clinical_case();
  std::vector<double> plain(6), contrast(6);
  parallel_for(plain.size(), 0, [&](std::size_t k) {
    auto moved = exam;
    if (k > 0) move(moved, k);
    const auto prepared = preprocess::preprocess(moved);
    plain[k] = dice(prepared.parts.at(Sequence::T1).brain, t1);
    contrast[k] = dice(prepared.parts.at(Sequence::T1Gd).brain, t1gd);
  });
  const double moved_least = std::min(std::ranges::min(plain), std::ranges::min(contrast));
  std::printf("VALIDATION preprocess | brain of a raw clinical case, T1 and T1-Gd: Dice | HD-BET | 2 | %.3f, %.3f\n",
              plain[0], contrast[0]);
  std::printf("VALIDATION preprocess | the same under 5 random rotations and shifts: least Dice | HD-BET | 10 | %.3f\n",
              moved_least);
  EXPECT_GE(moved_least, 0.93);
}

TEST(RawOracle, MadeHeadGivesBackItsBrainAndMovement) {
  const auto prepared = preprocess::preprocess(made_exam());
  ASSERT_TRUE(prepared.extraction);
  EXPECT_FALSE(prepared.recognition.stripped);
  const auto truth = image::resample_mask(test_support::ch2_brain(), prepared.brain_native.geometry);
  EXPECT_GT(dice(prepared.brain_native, truth), 0.94);
  // resample's map takes target to source; the moved image shows at p what lay at map(p): reference positions lie at
  // its inverse.
  const auto expected = image::inverse(image::rigid_map({0.1, -0.05, 0.08}, {4, -3, 5}, {0, 18, 0}));
  EXPECT_LT(image::rms_difference_mm(prepared.parts.at(Sequence::T2).from_reference, expected, {0, 18, 0}), 1.0);
  EXPECT_EQ(prepared.heads.size(), 2U);
  EXPECT_GT(prepared.parts.at(Sequence::T2).registration->metric_after,
            prepared.parts.at(Sequence::T2).registration->metric_before);
  EXPECT_FALSE(tells_a_turned_head(prepared));
}

TEST(RawInvariant, ThreadsAndStorageOrderDoNotChangeABit) {
  const auto exam = made_exam();
  std::vector<PreparedExam> runs;
  // The same voxels at the same places: as they are, and stored along other axes and from other ends.
  const std::vector<const char*> orders{nullptr, "LPS", "PIR"};
  for (std::size_t k = 0; k < orders.size(); ++k) {
    auto stored = exam;
    for (auto& [s, v] : stored.sequences) {
      if (orders[k] == nullptr) continue;
      v = image::reorient(v, orders[k]);
      ASSERT_EQ(image::orientation_code(v.geometry), orders[k]);
      ASSERT_TRUE(v.voxels != exam.sequences.at(s).voxels) << "stored as before";
    }
    image::set_image_threads(k + 1);
    PreprocessOptions o;
    o.threads = k + 1;
    runs.push_back(preprocess::preprocess(stored, o));
  }
  image::set_image_threads(0);
  for (std::size_t k = 1; k < runs.size(); ++k) {
    EXPECT_EQ(runs[0].brain.geometry.size, runs[k].brain.geometry.size) << k;
    EXPECT_EQ(runs[0].brain.voxels, runs[k].brain.voxels) << k;
    for (const auto& [s, z] : runs[0].zscores)
      EXPECT_EQ(z.voxels, runs[k].zscores.at(s).voxels) << display_name(s) << k;
  }
}

TEST(RawMechanics, AHeadUpsideDownIsTold) {
  auto exam = made_exam();
  // headers that turn the head by 180° about the left–right axis
  for (auto& [s, v] : exam.sequences)
    test_support::move_header(v, image::rigid_map({std::numbers::pi, 0, 0}, {0, 0, 0}, {0, 18, 0}));
  EXPECT_TRUE(tells_a_turned_head(preprocess::preprocess(exam)));
}

TEST(RawMechanics, ABrainCutAtTheVertexIsTold) {
  auto exam = made_exam();
  for (auto& [s, v] : exam.sequences) {
    Geometry g = v.geometry;
    g.size[2] = g.size[2] * 7 / 10;  // z runs to the head's top
    v = Volume<float>(
        g, std::vector<float>(v.voxels.begin(), v.voxels.begin() + static_cast<std::ptrdiff_t>(g.voxel_count())));
  }
  const auto prepared = preprocess::preprocess(exam);
  EXPECT_TRUE(std::ranges::any_of(prepared.warnings,
                                  [](const std::string& w) { return w.find("(top)") != std::string::npos; }));
}

TEST(RawMechanics, APhantomIsNoBrain) {
  image::Exam exam;
  Geometry g;
  g.size = {90, 90, 90};
  g.spacing_mm = {2.2, 2.2, 2.2};
  g.origin_mm = {-99, -99, -99};
  Random random(1);
  for (const Sequence s : {Sequence::T1, Sequence::T2}) {
    Volume<float> v(g);
    for (std::size_t z = 0; z < 90; ++z)
      for (std::size_t y = 0; y < 90; ++y)
        for (std::size_t x = 0; x < 90; ++x) {
          const double r =
              std::hypot(static_cast<double>(x) - 45, static_cast<double>(y) - 45, static_cast<double>(z) - 45);
          v.at(x, y, z) = static_cast<float>((r < 40 ? 300 : 5) + 4 * std::abs(random.normal()));
        }
    exam.sequences[s] = v;
  }
  try {
    const auto prepared = preprocess::preprocess(exam);
    ADD_FAILURE() << "a ball passed as a brain of " << prepared.quality.brain_volume_cm3 << " cm³, agreement "
                  << prepared.extraction->agreement;
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::UnusableInput);
    EXPECT_NE(std::string(e.what()).find("brain"), std::string::npos) << e.what();
  }
}

TEST(RawMechanics, AMissingAtlasIsNamedWithItsPackage) {
  PreprocessOptions o;
  o.atlas = "/nowhere";
  try {
    (void)preprocess::preprocess(made_exam(), o);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::MissingModel);
    EXPECT_NE(std::string(e.what()).find("mricron-data"), std::string::npos);
  }
}
