#include "figure_file.hpp"

#include "gnuplot.hpp"
#include "installed_fonts.hpp"
#include "text_metrics.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/report/png_image.hpp>

#include <cmath>
#include <string_view>
#include <vector>

namespace gliocast::report {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kColours{
    "#0072B2", "#D55E00", "#009E73", "#CC79A7",
    "#E69F00", "#56B4E9", "#000000", "#7F7F7F"};  // Okabe & Ito: told apart by the colour-blind

constexpr int kDotsPerInch = 300, kUnitsPerInch = 100,
              kDotsPerUnit = kDotsPerInch / kUnitsPerInch;  // of a PNG; units are pixels of the SVG

// Font sizes are pixels of the SVG in all three: a point of pngcairo is 4/3 of its pixels (here three a unit), of
// pdfcairo 4/3 points (0.72 points a unit).
std::string terminal(const fs::path& file, int width, int height) {
  const std::string ending = file.extension().string(), size = std::to_string(width) + "," + std::to_string(height);
  if (ending == ".svg") return "set terminal svg size " + size + " font 'Helvetica,14' background 'white'\n";
  if (ending == ".png")
    return "set terminal pngcairo size " + std::to_string(kDotsPerUnit * width) + "," +
           std::to_string(kDotsPerUnit * height) + " font 'Helvetica,14' fontscale " + shortest(0.75 * kDotsPerUnit) +
           " linewidth " + std::to_string(kDotsPerUnit) + " pointscale " + std::to_string(kDotsPerUnit) +
           " background 'white'\n";
  if (ending == ".pdf")
    return "set terminal pdfcairo size " + shortest(width / double{kUnitsPerInch}) + "in," +
           shortest(height / double{kUnitsPerInch}) +
           "in font 'Helvetica,14' fontscale 0.54 linewidth 1.5 background 'white'\n";
  throw Error(ExitCode::WrongUse, "a figure is .svg, .pdf or .png, not \"" + ending + "\"", file.string());
}

/// Whether gnuplot could write the figure to its end: it says nothing of a disk that is full.
bool is_whole(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error)) return false;
  const auto bytes = read_file(file, true);
  constexpr std::size_t kTail = 64;
  const std::size_t from = bytes.size() > kTail ? bytes.size() - kTail : 0;
  const std::string_view tail(reinterpret_cast<const char*>(bytes.data()) + from, bytes.size() - from);
  const std::string ending = file.extension().string();
  return tail.find(ending == ".svg" ? "</svg>" : ending == ".png" ? "IEND" : "%%EOF") != std::string_view::npos;
}

}  // namespace

std::string colour(std::size_t i) { return kColours[i % kColours.size()]; }
std::string number(double v) { return std::isfinite(v) ? shortest(v) : "NaN"; }

std::string literal(const std::string& text) { return "'" + drawable(text) + "' noenhanced"; }  // runs no `command`

void set_svg_title(const fs::path& file, const std::string& title) {
  static const std::string kMade = "<title>Gnuplot</title>";
  std::string text = read_text(file), escaped;
  const auto at = text.find(kMade);
  if (at == std::string::npos) return;
  for (const char c : drawable(title)) escaped += c == '&' ? "&amp;" : c == '<' ? "&lt;" : std::string(1, c);
  text.replace(at, kMade.size(), "<title>" + escaped + "</title>");
  write_text(file, text);
}

void draw_file(const fs::path& file, int width, int height, const std::string& script, const std::string& title) {
  const std::string first = terminal(file, width, height);
  if (file.extension() != ".svg")
    if (const auto missing = undrawable_character(script); !missing.empty())
      throw Error(
          ExitCode::CannotWrite, "no installed font has the character " + missing, file.string(),
          "write the figure as .svg, or install a font that has it (Debian: fonts-noto-cjk for Chinese and Japanese)");
  std::error_code error;
  if (file.has_parent_path()) fs::create_directories(file.parent_path(), error);
  const fs::path temporary = file.string() + ".part" + file.extension().string();
  const bool drawn =
      run_gnuplot(first + "set output " + quoted(temporary) + "\nset encoding utf8\n" + script + "unset output\n");
  if (!drawn || !is_whole(temporary)) {
    fs::remove(temporary, error);
    if (!run_gnuplot(""))
      throw Error(ExitCode::CannotWrite, "the figure is missing: gnuplot is not installed", file.string(),
                  "install it (Debian: gnuplot-nox); the numbers are complete without it");
    throw Error(ExitCode::CannotWrite, "the figure could not be drawn", file.string(),
                "check that the folder may be written to and the disk has room; the numbers are complete without it");
  }
  if (file.extension() == ".svg") set_svg_title(temporary, title);
  if (file.extension() == ".png") {
    auto bytes = read_file(temporary);
    set_png_resolution(bytes, kDotsPerInch);
    write_file(temporary, bytes);
  }
  fs::rename(temporary, file, error);
  if (error) throw Error(ExitCode::CannotWrite, "the figure cannot be written: " + error.message(), file.string());
}

}  // namespace gliocast::report
