#include "figure_canvas.hpp"
#include "figure_file.hpp"
#include "figures.hpp"
#include "text_metrics.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/report/forest_of_chance.hpp>
#include <gliocast/stats/pretty.hpp>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace gliocast::report {
namespace {

constexpr double kMargin = 14, kGap = 22, kPlotWidth = 330, kLabelColumn = 330, kRowHeight = 32;
constexpr double kLowest = 1e-3, kHighest = 1e3;  // of the axis

/// Whether the interval says anything: a coefficient that ran away has limits of 0 and infinity.
bool estimable(const ForestRow& r) {
  const bool known =
      std::isfinite(r.ratio.value) && r.ratio.value > 0 && !std::isnan(r.ratio.low) && !std::isnan(r.ratio.high);
  return known && (r.ratio.low > 1e-6 || r.ratio.high < 1e6);
}

/// So many decimals that the interval's limits differ, two at least.
int decimals_of(const ForestRow& r) {
  int digits = 2;
  while (digits < 6 && std::isfinite(r.ratio.high) && r.ratio.high > r.ratio.low &&
         decimal(r.ratio.low, digits) == decimal(r.ratio.high, digits))
    ++digits;
  return digits;
}

std::string ratio_text(double v, int digits) {
  if (std::isinf(v)) return "∞";
  return v >= 1e4 ? ">9999" : decimal(v, digits);
}

std::string interval_text(const ForestRow& r) {
  if (r.reference) return "reference";
  if (!estimable(r)) return "not estimable";
  const int d = decimals_of(r);
  return ratio_text(r.ratio.value, d) + " (" + ratio_text(r.ratio.low, d) + "–" + ratio_text(r.ratio.high, d) + ")";
}

std::string p_text(const ForestRow& r) {
  if (r.reference || !estimable(r) || std::isnan(r.p)) return "";
  return r.p < 0.001 ? "<0.001" : decimal(r.p, 3);
}

/// Ends of the axis: they hold 1 and the limits of all rows that can be estimated, as far as these are not extreme.
std::pair<double, double> range_of(const std::vector<ForestRow>& rows) {
  double low = 1, high = 1;
  for (const auto& r : rows) {
    if (r.reference || !estimable(r)) continue;
    for (const double v : {r.ratio.value, r.ratio.low, r.ratio.high})
      if (std::isfinite(v) && v > 0) {
        low = std::min(low, v);
        high = std::max(high, v);
      }
  }
  if (low == high) return {0.1, 10};
  const double room = std::pow(high / low, 0.06);
  return {std::max(low / room, kLowest), std::min(high * room, kHighest)};
}

/// Round numbers on a logarithmic axis: 1, 2, 5 of each decade, decades alone where they would be many; of a narrow
/// axis those of a linear one.
std::vector<double> ratio_ticks(double low, double high) {
  if (high / low < 4) return stats::round_ticks(low, high, 5);
  std::vector<double> ticks;
  for (double decade = 1e-3; decade < 2e3; decade *= 10)
    for (const double m : {1.0, 2.0, 5.0})
      if (m * decade >= low * 0.999 && m * decade <= high * 1.001 && (m == 1 || high / low < 200))
        ticks.push_back(m * decade);
  return ticks;
}

/// Columns of the figure and what stands in them.
struct ForestLayout {
  std::vector<std::vector<std::string>> labels;
  std::vector<std::string> intervals, ps, axis;
  double low = 0, high = 0, left = 0, right = 0, interval_x = 0, p_x = 0, width = 0, top = 0, bottom = 0;
  bool linear = false;
  double nothing = 1;  ///< where there is no effect
  [[nodiscard]] double x(double value) const {
    const double part = linear ? (value - low) / (high - low) : std::log(value / low) / std::log(high / low);
    return left + part * (right - left);
  }
};

ForestLayout lay_out(const ForestFigure& figure, bool probability) {
  const auto& [axis, interval, rows] = figure;
  ForestLayout l;
  l.linear = probability;
  double labels = 60, intervals = text_width(interval, kSmallFont), ps = text_width("<0.001", kSmallFont);
  l.top = kMargin + kLineHeight + 8;
  l.bottom = l.top + 6;
  for (const auto& r : rows) {
    l.labels.push_back(wrap_text(r.label, kSmallFont, kLabelColumn));
    l.intervals.push_back(interval_text(r));
    l.ps.push_back(p_text(r));
    labels = std::max(labels, widest(l.labels.back(), kSmallFont));
    intervals = std::max(intervals, text_width(l.intervals.back(), kSmallFont));
    l.bottom += std::max(kRowHeight, kLineHeight * static_cast<double>(l.labels.back().size()) + 12);
  }
  std::tie(l.low, l.high) = probability ? std::pair{0.0, 1.0} : range_of(rows);
  if (probability) l.nothing = 0.5;
  l.left = kMargin + labels + kGap;
  l.right = l.left + kPlotWidth;
  l.interval_x = l.right + kGap;
  l.p_x = l.interval_x + intervals + kGap;
  l.width = (probability ? l.interval_x + intervals : l.p_x + ps) + kMargin;
  l.axis = wrap_text(probability ? axis : axis + " (log scale)", kFontSize, kPlotWidth + 2 * kGap);
  return l;
}

/// The line of a row: its interval with a square, arrows where it goes on beyond the axis.
void draw_row(Canvas& canvas, const ForestLayout& l, const ForestRow& r, double y) {
  const LineStyle style{colour(0), 1.6, 1, 0, true};
  if (r.reference) {
    canvas.point(l.x(l.nothing), y, "#808080", 4, 1);
    return;
  }
  if (!estimable(r)) {
    // The direction is all that is known.
    const double middle = (l.left + l.right) / 2;
    if (r.ratio.value > 1) canvas.arrow(middle, y, l.right, y, style);
    if (r.ratio.value < 1) canvas.arrow(middle, y, l.left, y, style);
    return;
  }
  const auto on_axis = [&](double v) { return std::clamp(v > 0 ? l.x(v) : l.left, l.left, l.right); };
  const double from = on_axis(r.ratio.low), middle = on_axis(r.ratio.value), to = on_axis(r.ratio.high);
  if (r.ratio.low < l.low) {
    canvas.arrow(std::max(middle, l.left + 20), y, l.left, y, style);
  } else {
    canvas.line(from, y, middle, y, style);
    canvas.line(from, y - 4, from, y + 4, style);
  }
  if (r.ratio.high > l.high) {
    canvas.arrow(std::min(middle, l.right - 20), y, l.right, y, style);
  } else {
    canvas.line(middle, y, to, y, style);
    canvas.line(to, y - 4, to, y + 4, style);
  }
  if (r.ratio.value >= l.low && r.ratio.value <= l.high) canvas.point(middle, y, style.colour, 5, 1);
}

void draw_forest(const std::filesystem::path& file, const ForestFigure& figure, bool probability) {
  const auto& rows = figure.rows;
  if (rows.empty()) throw unusable_input("there is nothing to draw in a forest plot", file.string());
  const ForestLayout l = lay_out(figure, probability);
  Canvas canvas(l.width);
  canvas.set_height(l.bottom + 52 + 20 * static_cast<double>(l.axis.size()));
  canvas.plot_area(l.left, l.right, l.top, l.bottom);
  canvas.script("set border 1 lw 1.2\nset tics nomirror out\nunset ytics\n");
  if (!l.linear) canvas.script("set logscale x\n");
  const auto ticks = l.linear ? stats::round_ticks(l.low, l.high, 5) : ratio_ticks(l.low, l.high);
  canvas.script("set xrange [" + number(l.low) + ":" + number(l.high) + "]\nset yrange [0:1]\n" +
                ticks_command("x", ticks));
  canvas.line(l.x(l.nothing), l.top, l.x(l.nothing), l.bottom, {"#808080", 1, 2, 0, true});
  canvas.text(l.interval_x, kMargin + kLineHeight / 2, figure.interval);
  if (!l.linear) canvas.text(l.p_x, kMargin + kLineHeight / 2, "P");
  canvas.lines((l.left + l.right) / 2, l.bottom + 38 + 10 * static_cast<double>(l.axis.size()), l.axis, Align::Centre,
               kFontSize);
  double y = l.top + 6;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double height = std::max(kRowHeight, kLineHeight * static_cast<double>(l.labels[i].size()) + 12),
                 middle = y + height / 2;
    canvas.lines(kMargin, middle, l.labels[i], Align::Left, kSmallFont);
    canvas.text(l.interval_x, middle, l.intervals[i]);
    canvas.text(l.p_x, middle, l.ps[i]);
    draw_row(canvas, l, rows[i], middle);
    y += height;
  }
  canvas.script("plot NaN notitle\n");
  canvas.draw(file, "Forest plot: " + figure.axis);
}

}  // namespace

void draw_figure(const std::filesystem::path& file, const ForestFigure& figure) { draw_forest(file, figure, false); }

void draw_of_chance(const std::filesystem::path& file, const ForestFigure& figure) { draw_forest(file, figure, true); }

}  // namespace gliocast::report
