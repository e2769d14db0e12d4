// Training of the prognosis network is seeded, resumes exactly, learns, and says what it cannot use.
#include "resnet2d_module.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/random.hpp>
#include <gliocast/nn/device.hpp>
#include <gliocast/nn/prognosis_training.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

using namespace gliocast;
using namespace gliocast::nn;
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kSize = 32;

/// A slice with a square: the brighter on the third channel, the sooner dead; WHO III is bright on the first.
PrognosisCase square_case(std::uint64_t seed) {
  Random random(seed, "square");
  PrognosisCase c;
  c.slice.id = "case-" + std::to_string(seed);
  c.slice.input = {3, {1, kSize, kSize}, 1, {}};
  c.slice.present = {true, true, true};
  const auto n = static_cast<std::size_t>(kSize * kSize);
  c.slice.label.assign(n, 0);
  c.who_grade = static_cast<int>(random.below(2));
  const double hazard = random.uniform(-2, 2);
  c.time = 20 * std::exp(-hazard);
  c.event = random.chance(0.8);
  const std::uint64_t left = 6 + random.below(10), top = 6 + random.below(10);
  c.slice.input.values.resize(3 * n);
  for (std::size_t i = 0; i < n; ++i) {
    const bool inside = i % kSize - left < 10 && i / kSize - top < 10;
    c.slice.label[i] = inside ? 1 : 0;
    for (std::size_t ch = 0; ch < 3; ++ch) {
      const double bright = ch == 2 ? 1.5 * hazard : ch == 0 ? 2.0 * c.who_grade : 1.0;
      c.slice.input.values[ch * n + i] = static_cast<float>(0.2 * random.normal() + (inside ? bright : 0.0));
    }
  }
  return c;
}

std::vector<PrognosisCase> square_cases(std::uint64_t from, std::uint64_t to) {
  std::vector<PrognosisCase> out;
  for (std::uint64_t i = from; i < to; ++i) out.push_back(square_case(i));
  return out;
}

PrognosisTrainingOptions small(std::int64_t epochs, PrognosisLoss loss = PrognosisLoss::Cox) {
  PrognosisTrainingOptions o = PrognosisTrainingOptions::preset("default");
  o.network.base_width = 4;
  o.loss = loss;
  o.shift = 2;
  o.common.epochs = epochs;
  o.common.batch = 8;
  o.common.learning_rate = 3e-3;
  o.common.ema = 0.8;
  return o;
}

std::string problem_of(const std::vector<PrognosisCase>& training, const PrognosisTrainingOptions& o) {
  try {
    (void)train_prognosis(training, {}, o);
  } catch (const Error& e) {
    return e.what();
  }
  return "trained";
}

}  // namespace

TEST(PrognosisTraining, LearnsWhoDiesFirstByEitherLoss) {
  set_network_threads(1);
  const auto training = square_cases(0, 60), validation = square_cases(100, 130);
  for (const auto loss : {PrognosisLoss::Cox, PrognosisLoss::Time}) {
    auto o = small(30, loss);
    o.common.learning_rate = 1e-2;
    o.common.augmentation.enabled = false;  // changes of brightness would hide what is to be learnt
    const auto result = train_prognosis(training, validation, o);
    EXPECT_GT(result.curve.back().validation_score, 0.7) << loss_name(loss);
    EXPECT_LT(result.curve.back().training_loss, result.curve.front().training_loss) << loss_name(loss);
    const double centre = result.weights.at("survival_centre").as_float().at(0);
    if (loss == PrognosisLoss::Cox) {
      EXPECT_EQ(centre, 0);
    } else {
      double mean = 0;
      for (const auto& c : training) mean += std::log(c.time) / 60;
      EXPECT_NEAR(centre, mean, 1e-5);
    }
  }
  set_network_threads(0);
}

TEST(PrognosisTraining, ResumesExactlyInTheMiddleOfAPass) {
  set_network_threads(1);
  const auto training = square_cases(0, 11);  // passes and batches do not end together
  const auto options = [](const fs::path& folder, std::int64_t epochs) {
    auto o = small(epochs);
    o.common.steps_per_epoch = 1;
    o.common.batch = 4;
    o.common.folder = folder;
    return o;
  };
  const fs::path root = fs::temp_directory_path() / ("gliocast-prognosis-" + std::to_string(::getpid()));
  fs::remove_all(root);
  const auto whole = train_prognosis(training, {}, options(root / "whole", 5));
  (void)train_prognosis(training, {}, options(root / "parts", 2));
  const auto resumed = train_prognosis(training, {}, options(root / "parts", 5));
  ASSERT_EQ(whole.curve.size(), resumed.curve.size());
  for (std::size_t i = 0; i < whole.curve.size(); ++i)
    EXPECT_EQ(whole.curve[i].training_loss, resumed.curve[i].training_loss) << i;
  for (const auto& [name, t] : whole.weights.tensors)
    EXPECT_EQ(t.bytes, resumed.weights.tensors.at(name).bytes) << name;
  auto other = options(root / "parts", 6);
  other.loss = PrognosisLoss::Time;
  EXPECT_NE(problem_of(training, other).find("loss \"cox\", now \"time\""), std::string::npos);
  fs::remove_all(root);
  set_network_threads(0);
}

TEST(PrognosisTraining, EveryPatientComesOnceBeforeAnyComesAgain) {
  // One step over all: the loss is that of the whole cohort, whoever comes first, and of no one twice.
  set_network_threads(1);
  const auto training = square_cases(0, 7);
  auto o = small(1, PrognosisLoss::Time);
  o.common.batch = 100;  // as many as there are
  o.common.augmentation.enabled = false;
  o.network.dropout = 0;
  const double first = train_prognosis(training, {}, o).curve.front().training_loss;
  auto turned = training;
  std::ranges::reverse(turned);
  EXPECT_NEAR(train_prognosis(turned, {}, o).curve.front().training_loss, first, 1e-5);
  set_network_threads(0);
}

TEST(PrognosisTraining, WhatCannotBeUsedIsSaid) {
  auto cases = square_cases(0, 4);
  for (auto& c : cases) c.event = false;
  EXPECT_NE(problem_of(cases, small(1)).find("no patient died"), std::string::npos);
  for (auto& c : cases) c.time = std::numeric_limits<double>::quiet_NaN();
  EXPECT_NE(problem_of(cases, small(1, PrognosisLoss::Time)).find("no patient has a survival time"), std::string::npos);
  EXPECT_NE(problem_of({}, small(1)).find("no patient has a survival time"), std::string::npos);
  cases = square_cases(0, 4);
  cases[2].time = 0;
  EXPECT_NE(problem_of(cases, small(1)).find("case-2"), std::string::npos);
  cases = square_cases(0, 4);
  cases[1].slice.input.size_zyx = {1, kSize, kSize / 2};
  EXPECT_NE(problem_of(cases, small(1)).find("case-1"), std::string::npos);
}

TEST(PrognosisTraining, PublishedWeightsFitTheirWidthAlone) {
  auto o = Resnet2dOptions::preset("paper");
  const TensorFile published = initial_resnet2d_weights(o, 5);
  const TensorFile begun = weights_on_published(o, 9, published), random = initial_resnet2d_weights(o, 9);
  for (const auto& [name, tensor] : begun.tensors) {
    const bool head = name.starts_with("grade.") || name.starts_with("survival");
    EXPECT_EQ(tensor.bytes, (head ? random : published).at(name).bytes) << name;
  }
  TensorFile lacking = published;
  lacking.tensors.erase("layer3.1.bn2.bias");
  try {
    (void)weights_on_published(o, 9, lacking);
    ADD_FAILURE() << "a file without a tensor was taken";
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("layer3.1.bn2.bias"), std::string::npos) << e.what();
  }
  o.base_width = 16;
  try {
    (void)weights_on_published(o, 9, published);
    ADD_FAILURE() << "a narrow network took wide weights";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::WrongUse);
    EXPECT_NE(std::string(e.what()).find("the network has width 16"), std::string::npos) << e.what();
  }
}

TEST(PrognosisTraining, TheDefaultFitsInTwelveMegabytes) {
  std::size_t bytes = 0;
  for (const auto& [name, tensor] : to_half(initial_resnet2d_weights(Resnet2dOptions::preset("default"), 1)).tensors)
    bytes += tensor.bytes.size();
  EXPECT_LT(bytes, 12'000'000U);
  EXPECT_EQ(Resnet2dOptions::preset("default").features(), 128);
  EXPECT_EQ(Resnet2dOptions::preset("paper").features(), 512);
}

TEST(PrognosisTraining, SettingsAreReadBack) {
  auto o = Resnet2dOptions::preset("paper");
  o.base_width = 24;
  EXPECT_EQ(Resnet2dOptions::from_json(o.to_json()).to_json(), o.to_json());
  Json other = o.to_json();
  other["architecture"] = "resnet18-3d-se";
  EXPECT_THROW((void)Resnet2dOptions::from_json(other), Error);
  EXPECT_THROW((void)Resnet2dOptions::from_json(Json::object()), Error);
}
