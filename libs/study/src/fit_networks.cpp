#include "fit_networks.hpp"

#include <gliocast/core/parallel.hpp>
#include <gliocast/core/progress.hpp>

#include <algorithm>

namespace gliocast::study {

void for_each_network(const std::string& kind, std::size_t count, std::int64_t epochs_each, std::size_t threads,
                      const std::function<void(std::size_t, const nn::EpochCallback&)>& fit) {
  const auto epochs = static_cast<std::size_t>(epochs_each);
  Progress progress("Training " + std::to_string(count) + " " + kind + " networks (epochs)", count * epochs);
  parallel_for(count, threads, [&](std::size_t i) {
    std::size_t told = 0;
    fit(i, [&](const nn::EpochRecord&) {
      ++told;
      progress.advance();
    });
    progress.advance(epochs - std::min(told, epochs));  // of those that were fitted before
  });
}

std::vector<pipeline::DeepFeatures> fit_networks(
    const std::string& kind, std::size_t count, std::int64_t epochs_each, std::size_t threads,
    const std::function<pipeline::DeepFeatures(std::size_t, const nn::EpochCallback&)>& fit) {
  std::vector<pipeline::DeepFeatures> fitted(count);
  for_each_network(kind, count, epochs_each, threads,
                   [&](std::size_t i, const nn::EpochCallback& on_epoch) { fitted[i] = fit(i, on_epoch); });
  return fitted;
}

}  // namespace gliocast::study
