#pragma once
#include <gliocast/nn/network_input.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::nn {

/// One patient to learn from: what the networks see of it, and what is true.
struct TrainingCase {
  std::string id;
  NetworkInput input;               ///< z-scores over the brain, 0 outside, clipped to ±kClip
  std::vector<bool> present;        ///< per channel; an absent one is 0 everywhere
  std::vector<std::uint8_t> label;  ///< [z][y][x]: 0 background, else BraTS labels: 1 core, 2 oedema, 4 enhancing
  int grade = -1;                   ///< 0 LGG, 1 HGG, −1 unknown
  std::string group;                ///< source or centre, for splits and the centre-only baseline; may be empty
};

/// Which BraTS labels count as tumour: all of them, or the core (1 and 4, without oedema).
enum class TumourTarget { Whole, Core };
[[nodiscard]] constexpr bool is_tumour(std::uint8_t label, TumourTarget target) noexcept {
  return label > 0 && (target == TumourTarget::Whole || label != 2);
}

/// Nested regions (BraTS): whole tumour, core (1, 4), enhancing (4).
inline constexpr std::int64_t kRegions = 3;
[[nodiscard]] constexpr bool in_region(std::uint8_t label, std::int64_t region) noexcept {
  return region == 0 ? label > 0 : region == 1 ? label > 0 && label != 2 : label == 4;
}

/// z-scores beyond this are clipped, in training and in prediction alike.
inline constexpr float kClip = 6.35F;

/// Values as a case's file holds them, clipped and in steps of 0.05: for a network that was fitted on cases from files
/// to read in prediction what it read in training.
void round_as_stored(NetworkInput& input);

/// A case as a .safetensors file of ≤ 2 MB at 2 mm: only brain voxels are kept, z-scores in steps of 0.05 (8 bits),
/// labels in 8 bits.
void write_training_case(const std::filesystem::path& path, const TrainingCase& c);
/// Throws Error{UnusableInput} where the file is damaged or of another version.
[[nodiscard]] TrainingCase read_training_case(const std::filesystem::path& path);

}  // namespace gliocast::nn
