#pragma once
#include <gliocast/nn/training.hpp>
#include <gliocast/pipeline/deep_features.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace gliocast::study {

/// Calls fit(i, on_epoch) for each of `count` networks, as many at a time as there are threads, with one progress bar
/// over their epochs; `kind`: "grading". Each writes to its own place.
void for_each_network(const std::string& kind, std::size_t count, std::int64_t epochs, std::size_t threads,
                      const std::function<void(std::size_t, const nn::EpochCallback&)>& fit);

/// The same with what each says, in order, whatever the threads.
[[nodiscard]] std::vector<pipeline::DeepFeatures> fit_networks(
    const std::string& kind, std::size_t count, std::int64_t epochs, std::size_t threads,
    const std::function<pipeline::DeepFeatures(std::size_t, const nn::EpochCallback&)>& fit);

}  // namespace gliocast::study
