#include "header_text.hpp"

#include <algorithm>
#include <cctype>

namespace gliocast::imageio {

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string quoting(const std::string& name, const std::string& text) {
  return name + " ('" + text.substr(0, 60) + "')";
}

}  // namespace gliocast::imageio
