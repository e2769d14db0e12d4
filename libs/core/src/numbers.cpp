#include <gliocast/core/numbers.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/json_count.hpp>

#include <gliocast/core/text.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>
#include <utility>

namespace gliocast {
namespace {

/// A zero has no sign, also one that rounding made: "0.00", not "-0.00".
std::string unsigned_zero(std::string text) {
  if (text.starts_with("-0") && text.find_first_of("123456789") == std::string::npos) text.erase(0, 1);
  return text;
}

}  // namespace

std::string shortest(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value + 0.0).ptr;  // −0 becomes 0
  return {text, end};
}

std::string decimal(double value, int digits) {
  char text[340];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return unsigned_zero(text);
}

std::string plain_number(double value, int significant) {
  if (std::isnan(value)) return "NA";
  if (std::isinf(value)) return value > 0 ? "Inf" : "-Inf";
  if (value == 0) return "0";
  const double size = std::abs(value);
  char text[64];
  if (size < 1e-7 || size >= 1e15) {
    std::snprintf(text, sizeof text, "%.*g", significant, value);
    return text;
  }
  const int whole = static_cast<int>(std::floor(std::log10(size))) + 1;
  std::snprintf(text, sizeof text, "%.*f", std::max(0, significant - whole), value);
  std::string result = text;
  if (result.find('.') != std::string::npos) result.erase(result.find_last_not_of('0') + 1);
  if (result.ends_with('.')) result.pop_back();
  return unsigned_zero(std::move(result));
}

std::string general_number(double value, int significant) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*g", significant, value);
  return unsigned_zero(text);
}

std::optional<double> parse_number(std::string_view cell) {
  cell = trimmed(cell);
  std::string digits;
  if (cell.starts_with("\u2212")) cell = digits = "-" + std::string(cell.substr(3));
  if (cell.starts_with('+') && !cell.starts_with("+-")) cell.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (end != cell.data() + cell.size() || value != value) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    const bool small = cell.find("e-") != std::string_view::npos || cell.find("E-") != std::string_view::npos;
    value = small ? 0 : std::numeric_limits<double>::infinity();
    return cell.starts_with('-') ? -value : value;
  }
  if (error != std::errc{}) return std::nullopt;
  return value;
}

Json finite_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

double number_or_nan(const Json& json) {
  return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}

std::size_t count_of(const Json& json) {
  const bool whole = json.is_number_unsigned() || (json.is_number_integer() && json.get<long long>() >= 0);
  if (!whole) throw unusable_input("a count is no whole number");
  return json.get<std::size_t>();
}

std::vector<std::size_t> counts_of(const Json& list) {
  if (!list.is_array()) throw unusable_input("a list of counts is none");
  std::vector<std::size_t> counts;
  for (const auto& item : list) counts.push_back(count_of(item));
  return counts;
}

}  // namespace gliocast
