#pragma once
#include <string>
#include <string_view>

namespace gliocast::report {

/// The first character of `text` that no installed font has, by fontconfig's fc-list; empty where there is none or
/// fc-list is absent. PNG and PDF need it: their terminals draw large black shapes for such characters.
[[nodiscard]] std::string undrawable_character(std::string_view text);

}  // namespace gliocast::report
