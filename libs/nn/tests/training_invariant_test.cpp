// Training is seeded, resumes exactly, and learns.
#include <gliocast/core/error.hpp>
#include <gliocast/core/random.hpp>
#include <gliocast/nn/device.hpp>
#include <gliocast/nn/training.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

using namespace gliocast;
using namespace gliocast::nn;
namespace fs = std::filesystem;

namespace {

/// A small head with a bright ball as tumour.
TrainingCase ball_case(std::uint64_t seed, int grade = 1) {
  Random random(seed);
  TrainingCase c;
  c.id = "case-" + std::to_string(seed);
  c.input.size_zyx = {20, 24, 20};
  c.present = {true, true, true};
  c.grade = grade;
  const auto n = static_cast<std::size_t>(c.input.voxels());
  c.input.values.resize(3 * n);
  c.label.assign(n, 0);
  const double cx = random.uniform(6, 14), cy = random.uniform(6, 18), cz = random.uniform(6, 14), r = 4;
  std::size_t k = 0;
  for (int z = 0; z < 20; ++z)
    for (int y = 0; y < 24; ++y)
      for (int x = 0; x < 20; ++x, ++k) {
        const bool inside = (x - cx) * (x - cx) + (y - cy) * (y - cy) + (z - cz) * (z - cz) < r * r;
        c.label[k] = inside ? 4 : 0;
        for (std::size_t ch = 0; ch < 3; ++ch)
          c.input.values[ch * n + k] =
              static_cast<float>(0.3 * random.normal() + (inside ? (ch == 1 ? (grade ? 3.0 : -2.0) : 2.0) : 0.0));
      }
  return c;
}

SegmentationTrainingOptions small_training(const fs::path& folder, std::int64_t epochs) {
  SegmentationTrainingOptions o;
  o.network.widths = {4, 8, 8};
  o.patch_zyx = {16, 16, 16};
  o.common.epochs = epochs;
  o.common.steps_per_epoch = 6;
  o.common.learning_rate = 5e-3;
  o.common.folder = folder;
  o.common.ema = 0.8;
  return o;
}

fs::path fresh_folder(const std::string& name) {
  const fs::path folder = fs::temp_directory_path() / ("gliocast-" + name + "-" + std::to_string(::getpid()));
  fs::remove_all(folder);
  return folder;
}

}  // namespace

TEST(TrainingInvariant, LearnsABallAndResumesExactly) {
  set_network_threads(1);
  std::vector<TrainingCase> training, validation;
  for (std::uint64_t i = 0; i < 4; ++i) training.push_back(ball_case(i));
  validation.push_back(ball_case(10));
  const fs::path whole = fresh_folder("whole"), parts = fresh_folder("parts");
  const auto uninterrupted = train_segmentation(training, validation, small_training(whole, 12));
  (void)train_segmentation(training, validation, small_training(parts, 5));
  const auto resumed = train_segmentation(training, validation, small_training(parts, 12));
  EXPECT_GT(uninterrupted.curve.back().validation_score, 0.6);
  EXPECT_LT(uninterrupted.curve.back().training_loss, uninterrupted.curve.front().training_loss);
  ASSERT_EQ(uninterrupted.curve.size(), resumed.curve.size());
  for (std::size_t i = 0; i < resumed.curve.size(); ++i) {
    EXPECT_EQ(uninterrupted.curve[i].training_loss, resumed.curve[i].training_loss) << i;
    EXPECT_EQ(uninterrupted.curve[i].validation_loss, resumed.curve[i].validation_loss) << i;
  }
  for (const auto& [name, t] : uninterrupted.weights.tensors)
    EXPECT_EQ(t.bytes, resumed.weights.tensors.at(name).bytes) << name;
  fs::remove_all(whole);
  fs::remove_all(parts);
  set_network_threads(0);
}

TEST(TrainingInvariant, NestedRegionsResumeExactlyWithAllThatIsRemembered) {
  set_network_threads(1);
  std::vector<TrainingCase> training, validation{ball_case(10)};
  for (std::uint64_t i = 0; i < 4; ++i) training.push_back(ball_case(i));
  const auto options = [](const fs::path& folder, std::int64_t epochs) {
    auto o = SegmentationTrainingOptions::real();
    o.network.in_channels = 3;
    o.network.widths = {4, 8, 8};
    o.patch_zyx = {16, 16, 16};
    o.tumour_free = o.synthetic = 0.3;
    o.common.cosine_floor = 0;  // with it the number of epochs may not change
    o.common.epochs = epochs;
    o.common.steps_per_epoch = 4;
    o.common.folder = folder;
    return o;
  };
  const fs::path whole = fresh_folder("regions-whole"), parts = fresh_folder("regions-parts");
  const auto uninterrupted = train_segmentation(training, validation, options(whole, 4));
  (void)train_segmentation(training, validation, options(parts, 2));
  const auto resumed = train_segmentation(training, validation, options(parts, 4));
  ASSERT_EQ(uninterrupted.curve.size(), resumed.curve.size());
  for (std::size_t i = 0; i < resumed.curve.size(); ++i) {
    EXPECT_EQ(uninterrupted.curve[i].training_loss, resumed.curve[i].training_loss) << i;
    EXPECT_EQ(uninterrupted.curve[i].validation_regions, resumed.curve[i].validation_regions) << i;
    EXPECT_EQ(resumed.curve[i].validation_regions.size(), 3U);
  }
  for (const auto& [name, t] : uninterrupted.weights.tensors) {
    EXPECT_EQ(t.bytes, resumed.weights.tensors.at(name).bytes) << name;
    EXPECT_FALSE(name.starts_with("auxiliary")) << "heads of the training alone are not kept";
  }
  fs::remove_all(whole);
  fs::remove_all(parts);
  set_network_threads(0);
}

TEST(TrainingInvariant, LearningRateIsHalvedAfterTenEpochsWithoutABetterLoss) {
  std::vector<TrainingCase> training{ball_case(1)}, validation{ball_case(2)};
  auto o = small_training({}, 23);
  o.common.steps_per_epoch = 1;
  o.common.learning_rate = 1e-12;  // nothing can improve but by rounding
  o.common.ema = 0;
  o.common.augmentation.enabled = false;
  const auto result = train_segmentation(training, validation, o);
  // Batch statistics still settle, so improvements may come first; from the last one on the rate halves every ten
  // epochs.
  double smallest = 1;
  for (const auto& r : result.curve) smallest = std::min(smallest, r.learning_rate);
  std::size_t last_better = 0;
  double best = 1e9;
  for (std::size_t i = 0; i < result.curve.size(); ++i)
    if (result.curve[i].validation_loss < best) {
      best = result.curve[i].validation_loss;
      last_better = i;
    }
  for (std::size_t i = 0; i < result.curve.size(); ++i)
    if (i <= last_better + 10 && last_better < 10) {
      EXPECT_EQ(result.curve[i].learning_rate, 1e-12) << i;
    }
  if (last_better + 11 < result.curve.size()) {
    EXPECT_EQ(result.curve[last_better + 11].learning_rate, 0.5e-12);
  }
  EXPECT_GE(smallest, 0.25e-12);
}

TEST(TrainingInvariant, GradingLearnsTheBrightness) {
  std::vector<TrainingCase> training, validation;
  for (std::uint64_t i = 0; i < 8; ++i) training.push_back(ball_case(i, static_cast<int>(i % 2)));
  for (std::uint64_t i = 20; i < 36; ++i) validation.push_back(ball_case(i, static_cast<int>(i % 2)));
  GradingTrainingOptions o;
  o.network.base_width = 4;
  o.network.hidden = 8;
  o.patch_zyx = {16, 16, 16};
  o.centre_jitter = 1;
  // Rounding differs between processors and grows over the steps: twelve other draws of the cases were all told apart
  // by epoch 12.
  o.common.epochs = 16;
  o.common.steps_per_epoch = 8;
  o.common.batch = 4;
  o.common.learning_rate = 2e-3;
  o.common.ema = 0.8;
  const auto result = train_grading(training, validation, o);
  EXPECT_GT(result.curve.back().validation_score, 0.9);
}

TEST(TrainingInvariant, GradingResumesExactlyAlsoWithNothingHeldOut) {
  set_network_threads(1);
  std::vector<TrainingCase> training;
  for (std::uint64_t i = 0; i < 4; ++i) training.push_back(ball_case(i, static_cast<int>(i % 2)));
  const auto options = [](const fs::path& folder, std::int64_t epochs) {
    GradingTrainingOptions o;  // with dropout, which is drawn too
    o.network.base_width = 4;
    o.network.hidden = 8;
    o.patch_zyx = {16, 16, 16};
    o.common.epochs = epochs;
    o.common.steps_per_epoch = 2;
    o.common.folder = folder;
    return o;
  };
  const fs::path whole = fresh_folder("grading-whole"), parts = fresh_folder("grading-parts");
  const auto uninterrupted = train_grading(training, {}, options(whole, 4));
  (void)train_grading(training, {}, options(parts, 2));
  const auto resumed = train_grading(training, {}, options(parts, 4));
  ASSERT_EQ(uninterrupted.curve.size(), resumed.curve.size());
  for (std::size_t i = 0; i < resumed.curve.size(); ++i)
    EXPECT_EQ(uninterrupted.curve[i].training_loss, resumed.curve[i].training_loss) << i;
  for (const auto& [name, t] : uninterrupted.weights.tensors)
    EXPECT_EQ(t.bytes, resumed.weights.tensors.at(name).bytes) << name;
  fs::remove_all(whole);
  fs::remove_all(parts);
  set_network_threads(0);
}

TEST(TrainingInvariant, ResumingWithOtherOptionsIsRefusedByName) {
  const std::vector<TrainingCase> training{ball_case(1)};
  const fs::path folder = fresh_folder("bound");
  const auto begun = small_training(folder, 1);
  (void)train_segmentation(training, {}, begun);
  const auto refusal = [&](const SegmentationTrainingOptions& o) -> std::string {
    try {
      (void)train_segmentation(training, {}, o);
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ExitCode::WrongUse);
      return e.problem();
    }
    return "resumed";
  };
  const auto with = [&](auto change) {
    auto o = begun;
    change(o);
    return refusal(o);
  };
  const std::string start = "the training was begun with other options: ";
  EXPECT_EQ(with([](auto& o) { o.common.learning_rate = 1e-3; }), start + "learning_rate 0.005, now 0.001");
  EXPECT_EQ(with([](auto& o) { o.common.seed = 2; }), start + "seed 1, now 2");
  EXPECT_EQ(with([](auto& o) { o.network.widths = {4, 8}; }), start + "network.widths [4,8,8], now [4,8]");
  EXPECT_EQ(with([](auto& o) { o.patch_zyx = {16, 16, 24}; }), start + "patch_zyx [16,16,16], now [16,16,24]");
  EXPECT_EQ(with([](auto& o) { o.target = TumourTarget::Core; }), start + "target \"whole\", now \"core\"");
  EXPECT_EQ(with([](auto& o) {
              o.common.batch = 1;
              o.common.augmentation.flip = 0;
            }),
            start + "augmentation.flip 0.5, now 0.0; batch 2, now 1");
  // So are the patients: of another split the resumed curve would be of neither.
  auto others = training;
  others.front().id = "another";
  try {
    (void)train_segmentation(others, {}, begun);
    ADD_FAILURE() << "other patients were taken";
  } catch (const Error& e) {
    EXPECT_NE(e.problem().find("training patients"), std::string::npos) << e.problem();
  }
  // How long and where may change.
  EXPECT_EQ(with([](auto& o) {
              o.common.epochs = 2;
              o.common.max_minutes = 60;
              o.common.checkpoint_minutes = 1;
            }),
            "resumed");
  EXPECT_NE(with([](auto& o) { o.common.cosine_floor = 0.1; }).find("epochs not set, now 1"), std::string::npos);
  fs::remove_all(folder);
}

TEST(TrainingInvariant, OneClassOrNoCaseIsAnError) {
  EXPECT_THROW((void)train_segmentation({}, {}, small_training({}, 1)), Error);
  GradingTrainingOptions o;
  EXPECT_THROW((void)train_grading({ball_case(1, 1)}, {}, o), Error);
}
