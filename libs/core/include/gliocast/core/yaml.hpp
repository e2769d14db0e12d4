#pragma once
#include <gliocast/core/json.hpp>

#include <map>
#include <string>

namespace gliocast {

/// A YAML document as JSON, and where its keys stand.
struct YamlDocument {
  Json json;
  std::map<std::string, int> lines{};  ///< line from 1 of "source: section: key"
};

/// Reads YAML 1.2 (with 1.1's words for true and false), or JSON, which is YAML. Merges "<<". `source` names the text
/// in errors. Throws Error{UnusableInput} with the line: not UTF-8, no YAML, a key twice, more than one document,
/// nested deeper than 8, more than 20,000 values.
[[nodiscard]] YamlDocument parse_yaml(const std::string& text, const std::string& source);

}  // namespace gliocast
