#include <gliocast/report/nomogram_figure.hpp>

#include "figure_file.hpp"

#include <algorithm>
#include <cmath>

namespace gliocast::report {
namespace {

constexpr int kWidth = 900, kRow = 46, kMargin = 40;
constexpr double kLabelWidth = 0.56;        // of the scale, left of it
constexpr double kCharacter = 0.016;       // width of a character on the scale
constexpr std::size_t kLongestLabel = 36;

std::string shortened(const std::string& text) {
  if (text.size() <= kLongestLabel) return text;
  std::size_t end = kLongestLabel - 1;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not inside a UTF-8 character
  return text.substr(0, end) + "…";
}

/// One line with marks; labels that would overlap move below the line, then are left out.
std::string line(const NomogramLine& axis, double y, double longest, bool minor_marks) {
  std::string text = "set label " + literal(shortened(axis.label)) + " at " + number(-kLabelWidth) + "," + number(y) + " left\n";
  if (axis.marks.empty()) return text;
  auto marks = axis.marks;
  std::ranges::sort(marks, {}, &NomogramMark::points);
  const double first = marks.front().points / longest, last = marks.back().points / longest;
  text += "set arrow from " + number(first) + "," + number(y) + " to " + number(last) + "," + number(y) + " nohead lw 1.2\n";
  double end_above = -1, end_below = -1;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    const double x = marks[i].points / longest, half = kCharacter * (static_cast<double>(marks[i].label.size()) / 2 + 0.2);
    const bool above = x - half >= end_above, below = !above && x - half >= end_below;
    const double direction = below ? -1 : 1;
    text += "set arrow from " + number(x) + "," + number(y) + " to " + number(x) + "," + number(y + direction * 0.14) + " nohead\n";
    if (above || below) text += "set label " + literal(marks[i].label) + " at " + number(x) + "," + number(y + direction * 0.33) + " center font ',11'\n";
    if (above) end_above = x + half;
    if (below) end_below = x + half;
    if (minor_marks && i + 1 < marks.size())
      for (int k = 1; k < 5; ++k) {
        const double at = x + (marks[i + 1].points / longest - x) * k / 5;
        text += "set arrow from " + number(at) + "," + number(y) + " to " + number(at) + "," + number(y + 0.07) + " nohead\n";
      }
  }
  return text;
}

}  // namespace

void draw_nomogram(const std::filesystem::path& file, const NomogramFigure& figure) {
  const std::size_t rows = 1 + figure.predictors.size() + figure.totals.size();
  NomogramLine points{"Points", {}};
  for (int p = 0; p <= 100; p += 10) points.marks.push_back({number(p), static_cast<double>(p)});
  double y = static_cast<double>(rows);
  std::string script = line(points, y--, 100, true);
  for (const auto& p : figure.predictors) script += line(p, y--, 100, false);
  for (std::size_t i = 0; i < figure.totals.size(); ++i) script += line(figure.totals[i], y--, figure.longest, i == 0);
  script += "unset border\nunset tics\nunset key\nset lmargin 1\nset rmargin 1\nset tmargin 1\nset bmargin 1\n";
  double low = 0, high = 1;
  for (const auto& t : figure.totals)
    for (const auto& m : t.marks) low = std::min(low, m.points / figure.longest), high = std::max(high, m.points / figure.longest);
  if (!figure.title.empty()) script += "set title " + literal(figure.title) + "\n";
  script += "set xrange [" + number(std::min(-kLabelWidth, low) - 0.02) + ":" + number(high + 0.05) + "]\nset yrange [0.3:" + number(static_cast<double>(rows) + 0.7) + "]\nplot NaN notitle\n";
  draw_file(file, kWidth, static_cast<int>(rows) * kRow + kMargin, script);
}

}  // namespace gliocast::report
