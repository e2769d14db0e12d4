#pragma once
// What deep features of any network share: a training that goes on, the reading of every case, the files beside it.
#include <gliocast/core/run_key.hpp>
#include <gliocast/models/bundle.hpp>
#include <gliocast/nn/training.hpp>
#include <gliocast/pipeline/deep_features.hpp>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace gliocast::pipeline {

using Places = std::vector<std::size_t>;

/// What a network says of one case.
struct NetworkSaid {
  std::vector<float> features;
  double score = 0;  ///< its own, end to end
};

/// What differs between the networks.
class FeatureNetwork {
 public:
  FeatureNetwork() = default;
  FeatureNetwork(const FeatureNetwork&) = delete;
  FeatureNetwork& operator=(const FeatureNetwork&) = delete;
  virtual ~FeatureNetwork() = default;

  [[nodiscard]] virtual models::Kind kind() const = 0;
  [[nodiscard]] virtual const nn::TrainingOptions& common() const = 0;
  [[nodiscard]] virtual std::size_t features() const = 0;
  [[nodiscard]] virtual Json payload() const = 0;
  /// "logit": its key and, behind "network_", its column; and what it means.
  [[nodiscard]] virtual std::string score_name() const = 0;
  [[nodiscard]] virtual std::string score_meaning() const = 0;
  [[nodiscard]] virtual std::vector<std::string> ids() const = 0;
  /// What the weights depend on besides payload and common options; and a case's truth.
  virtual void add_options(RunKey& key) const = 0;
  virtual void add_truth(RunKey& key, std::size_t place) const = 0;
  /// Sentences for the bundle's card, beside what it was trained on.
  virtual void add_to_card(Json& /*card*/) const {}
  [[nodiscard]] virtual nn::TrainingResult train(const Places& training, const Places& validation,
                                                 const std::filesystem::path& folder,
                                                 const nn::EpochCallback& on_epoch) const = 0;
  /// Reads cases with weights, one after another.
  [[nodiscard]] virtual std::function<NetworkSaid(std::size_t place)> reader(const nn::TensorFile& weights) const = 0;
};

/// Names of so many deep features.
[[nodiscard]] std::vector<std::string> deep_columns(std::size_t count);

/// What a bundle's networks will say of patients who did not fit them, so many features each: no patient yet.
[[nodiscard]] DeepFeatures features_by(const NetworkBundle& networks, std::size_t features);

/// As fit_deep_features().
[[nodiscard]] DeepFeatures fit_features(const FeatureNetwork& network, const Places& training, const Places& validation,
                                        const FeatureRun& run, const nn::EpochCallback& on_epoch);

/// The cases at these places.
template <typename Case>
std::vector<Case> cases_at(const std::vector<Case>& cases, const Places& places) {
  std::vector<Case> out;
  for (const std::size_t i : places) out.push_back(cases[i]);
  return out;
}

}  // namespace gliocast::pipeline
