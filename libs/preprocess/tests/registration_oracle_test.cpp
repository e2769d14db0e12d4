// Registration and bias field against formulas and against SimpleITK on the same input (tests/reference/preprocess).
#include "ch2_head.hpp"
#include "shared_data.hpp"
#include "test_paths.hpp"

#include <gliocast/core/json.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/core/random.hpp>
#include <gliocast/image/resample.hpp>
#include <gliocast/image/smooth.hpp>
#include <gliocast/imageio/read_volume.hpp>
#include <gliocast/preprocess/bias_field.hpp>
#include <gliocast/preprocess/registration.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <numbers>

using namespace gliocast;
using namespace gliocast::preprocess;
using image::AffineMap;

namespace {

Json fixtures() {
  std::ifstream in(std::string(GLIOCAST_SOURCE_DIR) + "/tests/reference/preprocess/preprocess_fixtures.json");
  return Json::parse(in);
}

constexpr double kDegree = std::numbers::pi / 180;

}  // namespace

TEST(BiasFieldOracle, EqualsSimpleItkOnTheSameInput) {
  auto head = test_support::ch2_head();
  Mask where(head.geometry);
  const Size3& n = head.geometry.size;
  for (std::size_t z = 0; z < n[2]; ++z)
    for (std::size_t y = 0; y < n[1]; ++y)
      for (std::size_t x = 0; x < n[0]; ++x) {
        const auto fx = static_cast<double>(x), fy = static_cast<double>(y), fz = static_cast<double>(z);
        where.at(x, y, z) = head.at(x, y, z) > 20;
        head.at(x, y, z) = static_cast<float>(
            static_cast<double>(head.at(x, y, z)) *
            std::exp(0.25 * std::sin(fx / 50) + 0.2 * std::cos(fy / 60) + 0.15 * std::sin(fz / 45 + 1)));
      }
  const auto found = correct_bias_field(head, where);
  const auto reference = fixtures()["bias"];
  std::vector<double> ours, theirs;
  double worst = 0;
  for (std::size_t k = 0; k < reference["log_field"].size(); ++k) {
    const auto& i = reference["index_zyx"][k];
    ours.push_back(std::log(static_cast<double>(found.field.at(i[2], i[1], i[0]))));
    theirs.push_back(reference["log_field"][k]);
    worst = std::max(worst, std::abs(ours.back() - theirs.back()));
  }
  std::printf("VALIDATION preprocess | N4 bias field of the ch2 head (logarithm) | SimpleITK 2.5.7 | %zu | %.0g\n",
              ours.size(), worst);
  EXPECT_LT(worst, 2e-6);
}

TEST(RegistrationOracle, FindsAKnownMovementBetweenContrasts) {
  const auto head = image::shrink_to(test_support::ch2_head(), 2);
  Volume<float> other(head.geometry);
  for (std::size_t i = 0; i < other.voxels.size(); ++i)
    other.voxels[i] = head.voxels[i] > 12 ? 200 * std::exp(-head.voxels[i] / 60) : 0;
  const AffineMap truth = image::rigid_map({9 * kDegree, -6 * kDegree, 12 * kDegree}, {7, -5, 9}, {0, 18, 0});
  const auto moving = image::resample(other, head.geometry, image::Interpolation::Linear, 0, image::inverse(truth));
  const auto found = register_images(head, moving);
  AffineMap theirs;
  const auto points = fixtures()["registration"]["images_of_0_and_100mm_axes"];
  for (std::size_t r = 0; r < 3; ++r) {
    theirs.translation_mm[r] = points[0][r];
    for (std::size_t c = 0; c < 3; ++c)
      theirs.matrix[3 * r + c] = (points[c + 1][r].get<double>() - theirs.translation_mm[r]) / 100;
  }
  const Vec3 centre{0, 18, 0};
  const double ours = image::rms_difference_mm(found.map, truth, centre),
               reference = image::rms_difference_mm(theirs, truth, centre);
  std::printf(
      "VALIDATION preprocess | rigid movement of 16° and 12 mm, other contrast: error | the truth (SimpleITK 2.5.7: "
      "%.2f mm) | 1 | %.2f mm\n",
      reference, ours);
  EXPECT_LT(ours, reference);
  EXPECT_GT(found.metric_after, found.metric_before);
  EXPECT_FALSE(found.kept_headers);
}

TEST(RegistrationOracle, WhatIsAlignedStaysAligned) {
  const auto head = image::shrink_to(test_support::ch2_head(), 2);
  const auto found = register_images(head, head);
  EXPECT_LT(image::rms_difference_mm(found.map, {}, {0, 18, 0}), 0.1);
}

/// Starts up to 30° and 40 mm away end where the unperturbed registration ends.
TEST(RegistrationOracleSlow, RealPairsFromThirtyStarts) {
  GLIOCAST_NEEDS_SHARED("raw/TCGA-FG-6692");
  const auto folder = test_support::shared_data() / "raw/TCGA-FG-6692";
  const auto fixed = imageio::read_volume(folder / "t1c.nii.gz").volume;
  std::size_t good = 0, all = 0;
  for (const char* name : {"t1.nii.gz", "t2.nii.gz", "fla.nii.gz"}) {
    const auto moving = imageio::read_volume(folder / name).volume;
    const auto base = register_images(fixed, moving);
    std::vector<double> error(10);
    parallel_for(error.size(), 0, [&](std::size_t k) {
      Random random(7, name, k);
      Vec3 axis{random.normal(), random.normal(), random.normal()},
          direction{random.normal(), random.normal(), random.normal()};
      const double la = std::hypot(axis[0], axis[1], axis[2]),
                   ld = std::hypot(direction[0], direction[1], direction[2]), angle = random.uniform(0, 30) * kDegree,
                   length = random.uniform(0, 40);
      for (std::size_t a = 0; a < 3; ++a) {
        axis[a] *= angle / la;
        direction[a] *= length / ld;
      }
      const AffineMap push = image::rigid_map(axis, direction, {0, 0, 0});
      Volume<float> pushed = moving;
      test_support::move_header(pushed, push);
      const auto found = register_images(fixed, pushed);
      error[k] = image::rms_difference_mm(image::compose(image::inverse(push), found.map), base.map, {0, 0, 20});
    });
    for (const double e : error) {
      good += e < 1;
      ++all;
    }
  }
  std::printf(
      "VALIDATION preprocess | real pairs from %zu starts up to 30° and 40 mm: within 1 mm RMS | the unperturbed "
      "result | %zu | %zu of %zu\n",
      all, all, good, all);
  EXPECT_GE(static_cast<double>(good), 0.95 * static_cast<double>(all));
}
