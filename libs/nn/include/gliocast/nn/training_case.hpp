#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::nn {

/// One patient as the networks see it: z-scored channels and labels on a grid of cubic voxels. Memory order
/// [channel][z][y][x].
struct TrainingCase {
  std::string id;
  std::array<std::int64_t, 3> size_zyx{0, 0, 0};
  double spacing_mm = 2;
  std::int64_t channels = 3;        ///< T1, T1-Gd, T2 (and FLAIR)
  std::vector<bool> present;        ///< per channel; an absent one is 0 everywhere
  std::vector<float> image;         ///< z-scores over the brain, 0 outside, clipped to ±kClip
  std::vector<std::uint8_t> label;  ///< 0 background, else BraTS labels: 1 core, 2 oedema, 4 enhancing
  int grade = -1;                   ///< 0 LGG, 1 HGG, −1 unknown
  std::string group;                ///< source or centre, for splits and the centre-only baseline; may be empty

  [[nodiscard]] std::int64_t voxels() const noexcept { return size_zyx[0] * size_zyx[1] * size_zyx[2]; }
};

/// Which BraTS labels count as tumour: all of them, or the core (1 and 4, without oedema).
enum class TumourTarget { Whole, Core };
[[nodiscard]] constexpr bool is_tumour(std::uint8_t label, TumourTarget target) noexcept {
  return label > 0 && (target == TumourTarget::Whole || label != 2);
}

/// z-scores beyond this are clipped, in training and in prediction alike.
inline constexpr float kClip = 6.35F;

/// A case as a .safetensors file of ≤ 2 MB at 2 mm: only brain voxels are kept, z-scores in steps of 0.05 (8 bits),
/// labels in 8 bits.
void write_training_case(const std::filesystem::path& path, const TrainingCase& c);
/// Throws Error{UnusableInput} where the file is damaged or of another version.
[[nodiscard]] TrainingCase read_training_case(const std::filesystem::path& path);

}  // namespace gliocast::nn
