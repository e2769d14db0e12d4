#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace gliocast {

/// Parts between commas that stand in no parentheses, without blanks around them and without empty ones: "age" and
/// "rcs(age, 4)" of "age, rcs(age, 4)".
[[nodiscard]] std::vector<std::string> split_terms(std::string_view text);

}  // namespace gliocast
