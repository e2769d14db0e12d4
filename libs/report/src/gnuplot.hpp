#pragma once
#include <filesystem>
#include <string>

namespace gliocast::report {
/// Runs a gnuplot script that writes `figure`; false where gnuplot is not there or fails. The script must set its
/// output to `figure` itself, in quotes made by `quoted`.
[[nodiscard]] bool run_gnuplot(const std::string& script);
[[nodiscard]] std::string quoted(const std::filesystem::path& path);
[[nodiscard]] std::string quoted_text(const std::string& text);
}  // namespace gliocast::report
