#pragma once
#include <gliocast/core/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace gliocast {

/// The shortest text that reads back to the same double; "NaN" where it is not a number, "inf"/"-inf".
[[nodiscard]] std::string shortest(double value);

/// A number with `digits` decimals, "12.3".
[[nodiscard]] std::string decimal(double value, int digits = 1);

/// A number as a table for readers has it: `significant` digits, but every digit of the whole part, no trailing zeros
/// and no exponent ("123456", "0.0001235"; below 1e-7 and from 1e15 on "1.2e-09"). "NA" where it is not a number,
/// "Inf", "-Inf".
[[nodiscard]] std::string plain_number(double value, int significant);

/// A number in C's "%.*g": `significant` digits, an exponent where it is very small or large.
[[nodiscard]] std::string general_number(double value, int significant);

/// The number in a cell, with blanks around it and a minus sign U+2212 allowed; ±infinity for "inf" and numbers beyond
/// the range of double; nothing where it is empty, "NA", "n/a", "NaN" or not a number.
[[nodiscard]] std::optional<double> parse_number(std::string_view cell);

/// The number for JSON, which has no NaN and no infinity: null instead.
[[nodiscard]] Json finite_or_null(double value);
/// A number out of such JSON: NaN for null. Throws nlohmann's exception where it is neither.
[[nodiscard]] double number_or_nan(const Json& json);

}  // namespace gliocast
