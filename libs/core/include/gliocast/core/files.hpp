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
/// The same of a text's bytes.
void write_text(const std::filesystem::path& path, std::string_view text);
/// The same of JSON, indented by two spaces, NaN and infinities as null, with a newline at the end.
void write_json(const std::filesystem::path& path, const Json& json);

/// The whole file. Throws Error{UnusableInput} naming it where it is absent, a folder, empty (unless `allow_empty`) or
/// larger than `max_bytes`.
[[nodiscard]] std::vector<std::byte> read_file(const std::filesystem::path& path, bool allow_empty = false,
                                               std::size_t max_bytes = std::size_t{8} << 30);
/// The same as text, which may be empty, of at most 1 GiB.
[[nodiscard]] std::string read_text(const std::filesystem::path& path);
/// Parses a file of JSON. Throws Error{UnusableInput} naming the file and the byte.
[[nodiscard]] Json read_json(const std::filesystem::path& path);

/// What becomes of what is in an output folder.
enum class ExistingOutput { Refuse, Resume, Overwrite };
/// Makes an output folder ready: creates it, refuses one that is not empty (Error{WrongUse}, naming --resume and
/// --overwrite) unless told otherwise. Overwrite removes nothing here; files are replaced one by one as they are made.
void prepare_output_folder(const std::filesystem::path& folder, ExistingOutput existing);

}  // namespace gliocast
