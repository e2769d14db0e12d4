#include <gliocast/pipeline/prognosis_features.hpp>

#include "feature_network.hpp"

#include <gliocast/nn/prognosis_network.hpp>
#include <gliocast/pipeline/network_bundle.hpp>

#include <memory>

namespace gliocast::pipeline {
namespace {

class PrognosisFeatures : public FeatureNetwork {
 public:
  PrognosisFeatures(const std::vector<nn::PrognosisCase>& cases, const PrognosisFeatureOptions& options)
      : cases_(cases), o_(options) {}

  [[nodiscard]] models::Kind kind() const override { return models::Kind::Prognosis; }
  [[nodiscard]] const nn::TrainingOptions& common() const override { return o_.training.common; }
  [[nodiscard]] std::size_t features() const override {
    return static_cast<std::size_t>(o_.training.network.features());
  }
  [[nodiscard]] Json payload() const override {
    return prognosis_payload(o_.training, o_.channels, cases_.front().slice.input);
  }
  [[nodiscard]] std::string score_name() const override { return "risk"; }
  [[nodiscard]] std::string score_meaning() const override {
    return o_.training.loss == nn::PrognosisLoss::Cox
               ? "Log hazard by the network alone, end to end, but for a constant"
               : "Minus the log survival time by the network alone, end to end";
  }
  [[nodiscard]] std::vector<std::string> ids() const override {
    std::vector<std::string> out;
    for (const auto& c : cases_) out.push_back(c.slice.id);
    return out;
  }
  void add_options(RunKey& key) const override { key.add("shift", o_.training.shift); }
  void add_truth(RunKey& key, std::size_t place) const override {
    const auto& c = cases_[place];
    key.add("grade", c.who_grade).add("time", c.time).add("event", c.event);
  }
  void add_to_card(Json& card) const override { add_prognosis_card(card, o_.training); }
  [[nodiscard]] nn::TrainingResult train(const Places& training, const Places& validation,
                                         const std::filesystem::path& folder,
                                         const nn::EpochCallback& on_epoch) const override {
    nn::PrognosisTrainingOptions t = o_.training;
    t.common.folder = folder;
    t.common.resume = true;
    return nn::train_prognosis(cases_at(cases_, training), cases_at(cases_, validation), t, o_.initial, on_epoch);
  }
  [[nodiscard]] std::function<NetworkSaid(std::size_t)> reader(const nn::TensorFile& weights) const override {
    const auto network =
        std::make_shared<const nn::PrognosisNetwork>(o_.training.network, weights, o_.training.common.device);
    return [this, network](std::size_t place) -> NetworkSaid {
      auto said = network->predict(cases_[place].slice.input);
      const double risk = nn::risk_of(said, o_.training.loss);
      return {std::move(said.features), risk};
    };
  }

 private:
  const std::vector<nn::PrognosisCase>& cases_;
  const PrognosisFeatureOptions& o_;
};

}  // namespace

DeepFeatures read_slices(const NetworkBundle& networks, const std::vector<nn::TrainingCase>& slices,
                         nn::Device device) {
  const auto reading = prognosis_reading(networks);
  const nn::PrognosisNetwork network(reading.network, networks.weights.front(), device);
  auto out = features_by(networks, static_cast<std::size_t>(reading.network.features()));
  for (const auto& slice : slices) {
    const auto said = network.predict(slice.input);
    out.features.emplace_back(said.features.begin(), said.features.end());
    out.score.push_back(nn::risk_of(said, reading.loss));
  }
  return out;
}

DeepFeatures fit_prognosis_features(const std::vector<nn::PrognosisCase>& cases, const Places& training,
                                    const Places& validation, const PrognosisFeatureOptions& o,
                                    const nn::EpochCallback& on_epoch) {
  return fit_features(PrognosisFeatures(cases, o), training, validation, o, on_epoch);
}

}  // namespace gliocast::pipeline
