#include "figure_canvas.hpp"

#include "figure_file.hpp"
#include "text_metrics.hpp"

#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace gliocast::report {
namespace {

constexpr double kSample = 34, kSampleGap = 7, kEntryGap = 22;

const char* align_name(Align align) {
  return align == Align::Left ? " left" : align == Align::Right ? " right" : " center";
}

std::string font(double size) { return " font '," + shortest(size) + "'"; }

/// Where the entries of a legend stand: row by row, each with the lines of its name.
struct PlacedEntry {
  double x = 0, y = 0;  ///< of the sample's left end; of the first line's middle, from the legend's top
  std::vector<std::string> lines;
};
struct PlacedLegend {
  std::vector<PlacedEntry> entries;
  double height = 0;
};

PlacedLegend place_legend(const std::vector<LegendEntry>& entries, double left, double right) {
  PlacedLegend placed;
  double x = left, y = 0, row = 0;
  for (const auto& e : entries) {
    const auto lines = wrap_text(e.label, kSmallFont, right - left - kSample - kSampleGap);
    const double width = kSample + kSampleGap + widest(lines, kSmallFont);
    if (x > left && x + width > right) {
      x = left;
      y += row;
      row = 0;
    }
    placed.entries.push_back({x, y + kLineHeight / 2, lines});
    row = std::max(row, kLineHeight * static_cast<double>(lines.size()));
    x += width + kEntryGap;
  }
  placed.height = y + row;
  return placed;
}

}  // namespace

std::string Canvas::at(double x, double y) const {
  return "screen " + number(x / width_) + ", screen " + number(1 - y / height_);
}

void Canvas::text(double x, double y, const std::string& text, Align align, double size, const std::string& colour) {
  const std::string clean = drawable(text);
  if (clean.empty()) return;
  script_ += "set label " + literal(clean) + " at " + at(x, y) + align_name(align) + font(size);
  script_ += (colour.empty() ? std::string() : " textcolor rgb '" + colour + "'") + " front\n";
}

void Canvas::lines(double x, double y, const std::vector<std::string>& lines, Align align, double size,
                   const std::string& colour) {
  const double step = size * kLineHeight / kSmallFont;
  double middle = y - step * (static_cast<double>(lines.size()) - 1) / 2;
  for (const auto& l : lines) {
    text(x, middle, l, align, size, colour);
    middle += step;
  }
}

void Canvas::upward_lines(double x, double y, const std::vector<std::string>& lines, double size) {
  const double step = size * kLineHeight / kSmallFont;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const double middle = x - step * (static_cast<double>(lines.size() - i) - 0.5);
    script_ += "set label " + literal(drawable(lines[i])) + " at " + at(middle, y) + " center rotate by 90" +
               font(size) + " front\n";
  }
}

void Canvas::line(double x1, double y1, double x2, double y2, const LineStyle& style) {
  script_ += "set arrow from " + at(x1, y1) + " to " + at(x2, y2) + " nohead " + look(style) + "\n";
}

void Canvas::arrow(double x1, double y1, double x2, double y2, const LineStyle& style) {
  script_ += "set arrow from " + at(x1, y1) + " to " + at(x2, y2) + " head filled size screen " + number(9 / width_) +
             ",22 " + look(style) + "\n";
}

void Canvas::box(double left, double top, double right, double bottom, const LineStyle& border) {
  script_ += "set object rectangle from " + at(left, bottom) + " to " + at(right, top) +
             " fillcolor rgb '#ffffff' fillstyle solid 1 border " + look(border) + "\n";
}

void Canvas::point(double x, double y, const std::string& colour, int type, double size) {
  script_ += "set label '' at " + at(x, y) + " point pt " + std::to_string(type) + " ps " + number(size) + " lc rgb '" +
             colour + "' front\n";
}

void Canvas::plot_area(double left, double right, double top, double bottom) {
  script_ += "set lmargin at screen " + number(left / width_) + "\nset rmargin at screen " + number(right / width_) +
             "\nset tmargin at screen " + number(1 - top / height_) + "\nset bmargin at screen " +
             number(1 - bottom / height_) + "\nunset key\n";
}

void Canvas::no_plot() {
  plot_area(0, width_, 0, height_);
  script("unset border\nunset tics\nset xrange [0:1]\nset yrange [0:1]\nplot NaN notitle\n");
}

void Canvas::draw(const std::filesystem::path& file, const std::string& title) const {
  draw_file(file, static_cast<int>(std::ceil(width_)), static_cast<int>(std::ceil(height_)), script_, title);
}

double legend_height(const std::vector<LegendEntry>& entries, double left, double right) {
  return place_legend(entries, left, right).height;
}

void draw_legend(Canvas& canvas, const std::vector<LegendEntry>& entries, double left, double right, double top) {
  const auto placed = place_legend(entries, left, right);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& style = entries[i].style;
    const auto& p = placed.entries[i];
    const double y = top + p.y;
    if (style.line) canvas.line(p.x, y, p.x + kSample, y, style);
    if (style.point > 0) canvas.point(p.x + kSample / 2, y, style.colour, style.point, 0.9);
    for (std::size_t l = 0; l < p.lines.size(); ++l)
      canvas.text(p.x + kSample + kSampleGap, y + kLineHeight * static_cast<double>(l), p.lines[l]);
  }
}

std::string ticks_command(const std::string& axis, const std::vector<double>& values) {
  std::string list;
  for (const double v : values) list += (list.empty() ? "" : ",") + ("'" + plain_number(v, 12) + "' ") + number(v);
  return "set " + axis + "tics (" + list + ")\n";
}

LineStyle series_style(std::size_t k) {
  constexpr std::size_t kColours = 8;
  LineStyle style;
  style.colour = colour(k);
  style.dash = static_cast<int>(1 + k / kColours % 5);
  return style;
}

std::string look(const LineStyle& style) {
  // Short enough to be seen in a legend's sample.
  static const std::array<std::string, 5> dashes{"1", "(4,3)", "(1.5,2.5)", "(7,2.5,1.5,2.5)", "(10,4)"};
  const auto dash = static_cast<std::size_t>(std::clamp(style.dash, 1, 5)) - 1;
  return "lc rgb '" + style.colour + "' lw " + number(style.width) + " dt " + dashes[dash];
}

std::string data_block(const std::string& name, const std::vector<std::vector<double>>& columns) {
  std::string text = "$" + name + " << EOD\n";
  for (std::size_t r = 0; r < columns[0].size(); ++r) {
    if (!std::ranges::all_of(columns, [&](const auto& column) { return std::isfinite(column[r]); })) {
      text += "\n";
      continue;
    }
    for (const auto& column : columns) text += number(column[r]) + " ";
    text += "\n";
  }
  return text + "EOD\n";
}

}  // namespace gliocast::report
