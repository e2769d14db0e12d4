#pragma once
#include <gliocast/study/settings.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace gliocast::study {

/// Where a setting's value lies; std::monostate: it is a section of others.
using SettingMember =
    std::variant<std::monostate, bool*, std::int64_t*, std::size_t*, double*, std::optional<double>*, std::string*,
                 std::vector<double>*, std::vector<std::string>*, std::array<std::int64_t, 3>*>;

/// What a value may be: of numbers the range, of texts the choices; of a list each of its values.
struct Allowed {
  double least = -std::numeric_limits<double>::infinity(), most = std::numeric_limits<double>::infinity();
  bool above = false;                  ///< `least` itself is not allowed
  bool or_zero = false;                ///< 0 too, below the range
  std::vector<std::string> choices{};  ///< of texts; none: any text
  bool or_file = false;                ///< a file too, which has a dot or a slash in its name
  bool or_empty = false;               ///< an empty text or list too
};

struct Setting {
  std::string path;     ///< "grading.network.epochs"
  std::string comment;  ///< what it is and its unit, without what it may be
  SettingMember member{};
  Allowed allowed{};

  [[nodiscard]] bool section() const noexcept { return std::holds_alternative<std::monostate>(member); }
};

/// The one list of all settings, in the order in which they are written; a section stands before its own. It points
/// into `settings`.
[[nodiscard]] std::vector<Setting> settings_list(StudySettings& settings);

/// As it is read back to the same double, without an exponent where that can be: "0.0005", "1000000".
[[nodiscard]] std::string number_text(double value);
/// "2 to 1000", "default, paper, or a YAML file": what the value may be, for comments and messages; empty: anything.
[[nodiscard]] std::string allowed_text(const Setting& setting);

}  // namespace gliocast::study
