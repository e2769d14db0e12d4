#pragma once
#include <gliocast/core/sequence.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gliocast::cohort {

/// A user's mask: a file, and which of its labels count.
struct MaskFile {
  std::filesystem::path file;
  std::vector<std::uint32_t> labels;   ///< empty: every label above 0
  std::optional<Sequence> drawn_on{};  ///< on whose grid it lies, where the user says

  /// "every label above 0", or "labels 1, 4".
  [[nodiscard]] std::string describe_labels() const;
};

/// Reads "FILE", "FILE:1,4", "FILE@t1" or "FILE:1,4@t1"; a file of the whole text goes first. Throws Error{WrongUse}
/// naming `option` where what follows the colon is no list of whole numbers above 0.
[[nodiscard]] MaskFile parse_mask_file(const std::string& text, const std::string& option);

}  // namespace gliocast::cohort
