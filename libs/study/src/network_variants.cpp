#include "network_variants.hpp"

#include "fit_networks.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/pipeline/network_bundle.hpp>

#include <algorithm>
#include <utility>

namespace gliocast::study {
namespace {

pipeline::DeepFeatureOptions options_of(const NetworkTask& task, const GradedCohort& cohort, const GradingOptions& o) {
  const NetworkVariant& variant = kVariants.at(task.variant);
  pipeline::DeepFeatureOptions out;
  out.training = o.network;
  out.training.network.squeeze_excitation = variant.squeeze_excitation;
  out.training.network.in_channels = cohort.cases.front().input.channels;
  out.training.input = variant.input;
  out.training.common.seed = o.seed;
  out.training.common.keep_last = task.validation.empty();
  out.folder = o.out / "networks";
  out.name = std::string("grading, ") + variant.name;
  out.training_data = task.training_data;
  out.channels = o.examine.sequences;
  out.simulated = cohort.simulated;
  return out;
}

}  // namespace

std::vector<pipeline::DeepFeatures> fit_networks(const GradedCohort& cohort, const std::vector<NetworkTask>& tasks,
                                                 const GradingOptions& o) {
  std::vector<std::string> contents;
  for (const auto& c : cohort.cases) contents.push_back(pipeline::case_contents(c));
  return fit_networks("grading", tasks.size(), o.network.common.epochs, o.threads,
                      [&](std::size_t i, const nn::EpochCallback& on_epoch) {
                        auto options = options_of(tasks[i], cohort, o);
                        options.contents = contents;
                        return pipeline::fit_deep_features(cohort.cases, tasks[i].training, tasks[i].validation,
                                                           options, on_epoch);
                      });
}

FittedNetworks::FittedNetworks(const learn::FeatureTable& cohort, std::vector<learn::Rows> fitted_on,
                               std::vector<const pipeline::DeepFeatures*> networks)
    : cohort_(cohort), fitted_on_(std::move(fitted_on)), networks_(std::move(networks)) {}

learn::FeatureTable FittedNetworks::fit(const learn::Rows& rows) const {
  const auto at = std::ranges::find(fitted_on_, rows);
  if (at == fitted_on_.end()) throw Error(ExitCode::InternalFault, "no network was fitted on these patients");
  return deep_table(cohort_, *networks_[static_cast<std::size_t>(at - fitted_on_.begin())]);
}

}  // namespace gliocast::study
