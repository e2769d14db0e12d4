// The 2-D ResNet18 against torchvision and Python's PyTorch (tests/reference/nn/make_prognosis_fixtures.py), the
// partial likelihood against R's (cox_loss.R).
#include "hashed_tensors.hpp"
#include "losses.hpp"
#include "resnet2d_module.hpp"
#include "test_paths.hpp"

#include <gliocast/core/files.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/nn/prognosis_network.hpp>

#include <gtest/gtest.h>

#include <cstdio>
#include <limits>

using namespace gliocast;
using namespace gliocast::nn;

namespace {

const Fixtures& fixtures() {
  static const Fixtures file("prognosis_fixtures");
  return file;
}

Json reference(const std::string& name) {
  return read_json(std::string(GLIOCAST_SOURCE_DIR) + "/tests/reference/nn/" + name);
}

Resnet2d filled(std::int64_t width) {
  Resnet2dOptions o;
  o.base_width = width;
  o.dropout = 0;
  Resnet2d net(o);
  fill(*net);
  return net;
}

/// Whether a tensor lies behind the pool: torchvision's classifier, or our heads.
bool behind_the_pool(const std::string& name) {
  return name.starts_with("fc.") || name.starts_with("grade.") || name.starts_with("survival");
}

}  // namespace

TEST(PrognosisOracle, NamesAndShapesAreTorchvisions) {
  const Json tensors = reference("torchvision_resnet18.json").at("tensors");
  std::map<std::string, std::vector<std::int64_t>> theirs, ours;
  for (const auto& [name, entry] : tensors.items())
    if (!behind_the_pool(name) && !name.ends_with("num_batches_tracked"))
      theirs[name] = entry.at(1).get<std::vector<std::int64_t>>();
  const TensorFile weights = initial_resnet2d_weights(Resnet2dOptions::preset("paper"), 1);
  for (const auto& [name, tensor] : weights.tensors)
    if (!behind_the_pool(name)) ours[name] = tensor.shape;
  EXPECT_EQ(ours.size(), 100U);
  EXPECT_EQ(ours, theirs);
  EXPECT_EQ(weights.at("grade.weight").shape, (std::vector<std::int64_t>{2, 512}));
  EXPECT_EQ(weights.at("survival.weight").shape, (std::vector<std::int64_t>{1, 512}));
}

TEST(PrognosisOracle, FeaturesAreTorchvisions) {
  torch::NoGradGuard no_grad;
  Resnet2d net = filled(Resnet2dOptions::kPublishedWidth);
  net->eval();
  const double d =
      fixtures().difference(net->features(hashed_tensor("photograph", {2, 3, 72, 60})), "torchvision.features");
  EXPECT_LT(d, 1e-5);
  std::printf("VALIDATION nn | 2-D ResNet18, features | torchvision 0.15 resnet18 | %d | %.2g\n", 2 * 512, d);
}

TEST(PrognosisOracle, HeadsAndFeatures) {
  torch::NoGradGuard no_grad;
  Resnet2d net = filled(2);
  net->eval();
  const auto x = hashed_tensor("slice", {6, 3, 36, 44});
  const auto heads = net->forward(x);
  EXPECT_LT(fixtures().difference(net->features(x), "features"), 1e-5);
  EXPECT_LT(fixtures().difference(heads.grade, "grade"), 1e-5);
  EXPECT_LT(fixtures().difference(heads.survival, "survival"), 1e-5);

  // What the fitted network says of one slice is the same.
  TensorFile weights;
  save_module(*net, weights);
  const PrognosisNetwork network(net->options, weights);
  const auto third = x[2].contiguous();
  const auto said =
      network.predict({3, {1, 36, 44}, 1, {third.data_ptr<float>(), third.data_ptr<float>() + third.numel()}});
  ASSERT_EQ(said.features.size(), 16U);
  EXPECT_NEAR(said.survival, heads.survival[2].item<double>(), 1e-5);
  EXPECT_NEAR(said.grade_logit, (heads.grade[2][1] - heads.grade[2][0]).item<double>(), 1e-5);
}

TEST(PrognosisOracle, LossesAndGradientsWithUnknownGradesAndTimes) {
  constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
  const PrognosisTruth truth{torch::tensor({0, 1, -1, 1, -1, 0}, torch::kLong),
                             torch::tensor({5.0, 8.0, 8.0, kUnknown, 8.0, 20.0}, torch::kDouble),
                             torch::tensor({1.0, 1.0, 1.0, 0.0, 0.0, 1.0}, torch::kDouble)};
  for (const auto loss : {PrognosisLoss::Cox, PrognosisLoss::Time}) {
    const std::string name(loss_name(loss));
    Resnet2d net = filled(2);
    net->train();
    const auto value = prognosis_loss(net->forward(hashed_tensor("slice", {6, 3, 36, 44})), truth, loss);
    value.backward();
    const double d = fixtures().difference(value.detach().reshape({1}), name + ".loss");
    EXPECT_LT(d, 1e-5) << name;
    std::printf(
        "VALIDATION nn | 2-D ResNet18, gradients of grade and survival (%s) | PyTorch 1.13 (Python) | %zu | %.2g\n",
        name.c_str(), net->parameters().size(), fixtures().compare_gradients(*net, name + ".grad."));
  }
}

TEST(PrognosisOracle, PartialLikelihoodIsCoxphs) {
  double worst = 0;
  int cases = 0;
  const Json file = reference("cox_loss.json");
  for (const auto& c : file.at("cases")) {
    const auto column = [&](const char* name) {
      return torch::tensor(c.at(name).get<std::vector<double>>(), torch::kDouble);
    };
    const auto event = column("event");
    const double expected = -c.at("loglik").get<double>() / event.sum().item<double>();
    const double ours = cox_loss(column("eta"), column("time"), event).item<double>();
    worst = std::max(worst, std::abs(ours / expected - 1));
    // A constant changes nothing, however large.
    EXPECT_NEAR(cox_loss(column("eta") + 900, column("time"), event).item<double>(), expected, 1e-9 * expected + 1e-9);
    ++cases;
  }
  EXPECT_EQ(cases, 4);
  EXPECT_LT(worst, 1e-12);
  std::printf("VALIDATION nn | Cox partial likelihood, ties by Efron | R survival 3.5: coxph | %d | %.2g\n", cases,
              worst);
}

TEST(PrognosisOracle, ATaskThatNobodyHasAddsNothing) {
  const auto unknown = torch::full({3}, std::numeric_limits<double>::quiet_NaN(), torch::kDouble);
  const auto none = torch::full({3}, -1, torch::kLong), known = torch::tensor({0, 1, 1}, torch::kLong);
  const auto time = torch::tensor({3.0, 2.0, 1.0}, torch::kDouble), alive = torch::zeros({3}, torch::kDouble);
  auto logits = hashed_tensor("logits", {3, 2}).requires_grad_(true), survival = torch::zeros({3}).requires_grad_(true);
  const PrognosisHeads heads{logits, survival};
  for (const auto loss : {PrognosisLoss::Cox, PrognosisLoss::Time}) {
    EXPECT_EQ(prognosis_loss(heads, {none, unknown, alive}, loss).item<double>(), 0);
    EXPECT_NEAR(prognosis_loss(heads, {known, unknown, alive}, loss).item<double>(),
                torch::nn::functional::cross_entropy(logits, known).item<double>(), 1e-6);
  }
  const auto loss = prognosis_loss(heads, {none, time, alive}, PrognosisLoss::Cox);  // nobody died
  EXPECT_EQ(loss.item<double>(), 0);
  loss.backward();  // and it can still be followed back
  EXPECT_EQ(survival.grad().abs().max().item<double>(), 0);
}
