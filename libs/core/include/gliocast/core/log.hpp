#pragma once
#include <gliocast/core/json.hpp>

#include <filesystem>
#include <string_view>

namespace gliocast {

enum class LogLevel { Debug, Info, Warning, Error, Off };

/// Where messages go: a line on the console (standard error) from `level` up, and, once a file is opened, every message
/// as one JSON object a line. Messages never carry patient identity: names, dates and IDs of headers must not be passed
/// here, and no path of an input; log_apart has a wording for each place.
void set_console_log_level(LogLevel level) noexcept;
/// Starts (appends to) a JSON-lines log: {"time": …, "level": …, "message": …, …fields}. Throws Error{CannotWrite}. One
/// file at a time; the former is closed.
void open_json_log(const std::filesystem::path& path);
/// Closes it; nothing where none is open.
void close_json_log() noexcept;

/// `fields` are added to the JSON line, not to the console's.
void log(LogLevel level, std::string_view message, const Json& fields = {});
/// One event in two wordings: the console's may name files and folders, the JSON log's must not (a path may hold a
/// patient's name).
void log_apart(LogLevel level, std::string_view console, std::string_view file, const Json& fields = {});
/// log() of one level each.
inline void log_info(std::string_view m, const Json& fields = {}) { log(LogLevel::Info, m, fields); }
inline void log_warning(std::string_view m, const Json& fields = {}) { log(LogLevel::Warning, m, fields); }
inline void log_error(std::string_view m, const Json& fields = {}) { log(LogLevel::Error, m, fields); }

/// Seconds since the Unix epoch are never compared across machines: ISO 8601, UTC, to the second.
[[nodiscard]] std::string utc_now();

}  // namespace gliocast
