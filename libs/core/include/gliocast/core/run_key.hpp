#pragma once
#include <gliocast/core/json.hpp>

#include <concepts>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace gliocast {

/// Key of a piece of work: changes with the program's version and every field that was added, with its name and type.
/// Fields are delimited, so
/// that no two lists of fields make the same key.
class RunKey {
 public:
  /// `work`: what is done, e.g. "predict"; `content`: a number that changes with what a result of it holds.
  RunKey(std::string_view work, int content);

  RunKey& add(std::string_view name, std::string_view text);
  RunKey& add(std::string_view name, const char* text) { return add(name, std::string_view(text)); }
  /// Equal doubles only are equal: the shortest text that reads back.
  RunKey& add(std::string_view name, double value);
  RunKey& add(std::string_view name, std::same_as<bool> auto value) { return field(name, 'b', value ? "1" : "0"); }
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  RunKey& add(std::string_view name, T value) {
    return field(name, 'i', std::to_string(value));
  }
  RunKey& add(std::string_view name, const std::same_as<Json> auto& json) { return field(name, 'j', json.dump()); }

  /// SHA-256 of the fields, 64 lower-case hexadecimal digits.
  [[nodiscard]] std::string sha256() const;

 private:
  RunKey& field(std::string_view name, char type, std::string_view value);
  std::string fields_;
};

/// The result that was made under a key: `file` is the JSON that is written last, with the key as "run_key". Nothing
/// where there is none, it was made under another key, or it cannot be read.
[[nodiscard]] std::optional<Json> earlier_result(const std::filesystem::path& file, const std::string& key);
/// Whether there is one.
[[nodiscard]] inline bool done_before(const std::filesystem::path& file, const std::string& key) {
  return earlier_result(file, key).has_value();
}

}  // namespace gliocast
