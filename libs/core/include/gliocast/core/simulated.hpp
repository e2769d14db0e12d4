#pragma once
#include <filesystem>

namespace gliocast {

/// The name under GeneratedBy in the dataset_description.json of simulated cohorts.
inline constexpr const char* kSimulator = "gliocast simulate";

/// Whether a file lies in the folder of a simulated cohort, or in one of its folders: what is fitted to it is a
/// demonstration.
[[nodiscard]] bool in_simulated_cohort(const std::filesystem::path& file);

}  // namespace gliocast
