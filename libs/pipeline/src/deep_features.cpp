#include <gliocast/pipeline/deep_features.hpp>

#include "feature_network.hpp"

#include <gliocast/core/checksum.hpp>
#include <gliocast/nn/grading_network.hpp>
#include <gliocast/pipeline/network_bundle.hpp>

#include <memory>
#include <string_view>

namespace gliocast::pipeline {
namespace {

class GradingFeatures : public FeatureNetwork {
 public:
  GradingFeatures(const std::vector<nn::TrainingCase>& cases, const DeepFeatureOptions& options)
      : cases_(cases), o_(options) {}

  [[nodiscard]] models::Kind kind() const override { return models::Kind::Grading; }
  [[nodiscard]] const nn::TrainingOptions& common() const override { return o_.training.common; }
  [[nodiscard]] std::size_t features() const override {
    return static_cast<std::size_t>(o_.training.network.features());
  }
  [[nodiscard]] Json payload() const override {
    return grading_payload(o_.training, o_.channels, cases_.front().input.spacing_mm);
  }
  [[nodiscard]] std::string score_name() const override { return "logit"; }
  [[nodiscard]] std::string score_meaning() const override {
    return "Log odds of high grade by the network alone, end to end, not calibrated";
  }
  [[nodiscard]] std::vector<std::string> ids() const override {
    std::vector<std::string> out;
    for (const auto& c : cases_) out.push_back(c.id);
    return out;
  }
  void add_options(RunKey& key) const override { key.add("jitter", o_.training.centre_jitter); }
  void add_truth(RunKey& key, std::size_t place) const override { key.add("grade", cases_[place].grade); }
  [[nodiscard]] nn::TrainingResult train(const Places& training, const Places& validation,
                                         const std::filesystem::path& folder,
                                         const nn::EpochCallback& on_epoch) const override {
    nn::GradingTrainingOptions t = o_.training;
    t.common.folder = folder;
    t.common.resume = true;
    return nn::train_grading(cases_at(cases_, training), cases_at(cases_, validation), t, {}, on_epoch);
  }
  [[nodiscard]] std::function<NetworkSaid(std::size_t)> reader(const nn::TensorFile& weights) const override {
    const auto network =
        std::make_shared<const nn::GradingNetwork>(o_.training.network, weights, o_.training.common.device);
    return [this, network](std::size_t place) -> NetworkSaid {
      const auto& t = o_.training;
      auto said = network->predict(nn::grading_patch(cases_[place], t.patch_zyx, t.step, t.input));
      return {std::move(said.features), said.logit};
    };
  }

 private:
  const std::vector<nn::TrainingCase>& cases_;
  const DeepFeatureOptions& o_;
};

}  // namespace

std::string case_contents(const nn::TrainingCase& c) {
  const std::string_view bytes(reinterpret_cast<const char*>(c.input.values.data()),
                               c.input.values.size() * sizeof(float));
  return sha256(bytes) + sha256(std::string_view(reinterpret_cast<const char*>(c.label.data()), c.label.size()));
}

DeepFeatures fit_deep_features(const std::vector<nn::TrainingCase>& cases, const Places& training,
                               const Places& validation, const DeepFeatureOptions& o,
                               const nn::EpochCallback& on_epoch) {
  return fit_features(GradingFeatures(cases, o), training, validation, o, on_epoch);
}

DeepFeatures read_patches(const NetworkBundle& networks, const std::vector<nn::TrainingCase>& cases,
                          nn::Device device) {
  const auto reading = grading_reading(networks);
  const nn::GradingNetwork network(reading.network, networks.weights.front(), device);
  auto out = features_by(networks, static_cast<std::size_t>(reading.network.features()));
  for (const auto& c : cases) {
    const auto said = network.predict(nn::grading_patch(c, reading.patch_zyx, reading.step, reading.input));
    out.features.emplace_back(said.features.begin(), said.features.end());
    out.score.push_back(said.logit);
  }
  return out;
}

}  // namespace gliocast::pipeline
