#pragma once
#include <gliocast/core/json.hpp>

#include <map>
#include <string>

namespace gliocast {

/// A YAML document as JSON, and where its keys stand.
struct YamlDocument {
  Json json;
  std::map<std::string, int> lines{};  ///< line from 1 of "source: section: key"; of a list's items "… #0"

  /// "source, line 3"; the source alone where the line of what is at `path` is not known.
  [[nodiscard]] std::string place(const std::string& source, const std::string& path) const;
};

/// Reads YAML 1.2 (with 1.1's words for true and false), or JSON, which is YAML. Merges "<<". `source` names the text
/// in errors. Throws Error{UnusableInput} with the line: not UTF-8, no YAML, a key twice, more than one document,
/// nested deeper than 8, more than 20,000 values.
[[nodiscard]] YamlDocument parse_yaml(const std::string& text, const std::string& source);

}  // namespace gliocast
