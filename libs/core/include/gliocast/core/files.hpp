#pragma once
#include <gliocast/core/json.hpp>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gliocast {

/// Writes a file so that its name never holds half of it: a temporary name in the same folder, flushed, then renamed.
/// Creates missing folders. Throws Error{CannotWrite}.
void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes);
void write_text(const std::filesystem::path& path, std::string_view text);
/// Indented by two spaces, NaN and infinities as null, with a newline at the end.
void write_json(const std::filesystem::path& path, const Json& json);

/// The whole file. Throws Error{UnusableInput} naming it where it is absent, a folder, empty (unless `allow_empty`) or
/// larger than `max_bytes`.
[[nodiscard]] std::vector<std::byte> read_file(const std::filesystem::path& path, bool allow_empty = false,
                                               std::size_t max_bytes = std::size_t{8} << 30);
[[nodiscard]] std::string read_text(const std::filesystem::path& path);
/// Parses JSON; errors name the file and the byte.
[[nodiscard]] Json read_json(const std::filesystem::path& path);

enum class ExistingOutput { Refuse, Resume, Overwrite };
/// Makes an output folder ready: creates it, refuses one that is not empty (Error{WrongUse}, naming --resume and
/// --overwrite) unless told otherwise. Overwrite removes nothing here; files are replaced one by one as they are made.
void prepare_output_folder(const std::filesystem::path& folder, ExistingOutput existing);

/// The shortest text that reads back to the same double; "NaN" where it is not a number, "inf"/"-inf".
[[nodiscard]] std::string shortest(double value);

/// A number with `digits` decimals, "12.3".
[[nodiscard]] std::string decimal(double value, int digits = 1);

/// A number as a table for readers has it: `significant` digits, but every digit of the whole part, no trailing zeros
/// and no exponent ("123456", "0.0001235"; below 1e-7 and from 1e15 on "1.2e-09"). "NA" where it is not a number,
/// "Inf", "-Inf".
[[nodiscard]] std::string plain_number(double value, int significant);

}  // namespace gliocast
