#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gliocast::study {

/// Logs notes of a piece of work, each behind what it is of: doubtful ones (analysis::kDoubtful) as warnings.
void tell(const std::string& what, const std::vector<std::string>& notes);

/// "1 patient", "2 patients".
[[nodiscard]] std::string count_text(std::size_t n, const std::string& what);
/// "48 × 64 × 48".
[[nodiscard]] std::string size_text(const std::array<std::int64_t, 3>& zyx);

}  // namespace gliocast::study
