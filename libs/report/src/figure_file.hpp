#pragma once
#include <cstddef>
#include <filesystem>
#include <string>

namespace gliocast::report {

/// Colours of series in turn.
[[nodiscard]] std::string colour(std::size_t i);
/// A number for a gnuplot script; "NaN" where not finite.
[[nodiscard]] std::string number(double v);
/// Text that gnuplot takes as it is.
[[nodiscard]] std::string literal(const std::string& text);
/// Names an SVG that gnuplot wrote: browsers and screen readers show its title, which gnuplot makes "Gnuplot".
void set_svg_title(const std::filesystem::path& file, const std::string& title);
/// Runs a gnuplot script that draws into `file` (.svg, .pdf, .png); nothing is left where it fails. `width`, `height`
/// in points of the screen. `title`: as set_svg_title().
void draw_file(const std::filesystem::path& file, int width, int height, const std::string& script,
               const std::string& title);

}  // namespace gliocast::report
