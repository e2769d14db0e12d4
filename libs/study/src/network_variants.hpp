#pragma once
#include "cohort_tables.hpp"

#include <gliocast/learn/crossed.hpp>
#include <gliocast/study/grading.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace gliocast::study {

/// What Tables 1 and 2 of Xu 2022 vary.
struct NetworkVariant {
  const char* name;
  bool squeeze_excitation;
  nn::GradingInput input;
};
inline constexpr std::array<NetworkVariant, 4> kVariants{{{"baseline, patches", false, nn::GradingInput::Patch},
                                                          {"+ SE, patches", true, nn::GradingInput::Patch},
                                                          {"baseline, complete MRI", false, nn::GradingInput::Brain},
                                                          {"+ SE, complete MRI", true, nn::GradingInput::Brain}}};
/// The one that the study settles on.
inline constexpr std::size_t kMainVariant = 1;

/// A network to be fitted: which variant, and on whom.
struct NetworkTask {
  std::size_t variant = kMainVariant;
  learn::Rows training, validation;
  std::string training_data;  ///< a sentence for its card
};

/// Fits the networks, as many at a time as there are threads, one thread each; those that are there already are read.
/// In the order of the tasks, whatever the threads.
[[nodiscard]] std::vector<pipeline::DeepFeatures> fit_networks(const GradedCohort& cohort,
                                                               const std::vector<NetworkTask>& tasks,
                                                               const GradingOptions& options);

/// Deep features of the cohort by the network that was fitted on given rows.
class FittedNetworks final : public learn::FeatureFitter {
 public:
  FittedNetworks(const learn::FeatureTable& cohort, std::vector<learn::Rows> fitted_on,
                 std::vector<const pipeline::DeepFeatures*> networks);
  [[nodiscard]] learn::FeatureTable fit(const learn::Rows& rows) const override;

 private:
  const learn::FeatureTable& cohort_;
  std::vector<learn::Rows> fitted_on_;
  std::vector<const pipeline::DeepFeatures*> networks_;
};

}  // namespace gliocast::study
