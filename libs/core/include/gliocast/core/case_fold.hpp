#pragma once
#include <string>
#include <string_view>

namespace gliocast {

/// UTF-8 text for comparison without regard to case: lower case of Latin (with the letters of Western, Central and
/// Northern European languages), Greek and Cyrillic letters as Unicode's CaseFolding.txt folds them (ß as ss), and a
/// letter followed by a combining mark as the one composed letter. Other letters, and bytes that are no UTF-8, stay.
[[nodiscard]] std::string fold_case(std::string_view text);

}  // namespace gliocast
