#include "figure_canvas.hpp"
#include "figure_file.hpp"
#include "figures.hpp"
#include "text_metrics.hpp"

#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace gliocast::report {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kPlotWidth = 620, kPlotHeight = 420, kMargin = 14;
constexpr double kLabelColumn = 240;  // names beside the numbers at risk are broken at this width

/// The corners of a staircase, from (first, 1).
std::vector<std::vector<double>> staircase(double first, const std::vector<double>& time,
                                           const std::vector<double>& value) {
  std::vector<double> x{first}, y{1};
  for (std::size_t i = 0; i < time.size(); ++i) {
    x.insert(x.end(), {time[i], time[i]});
    y.insert(y.end(), {y.back(), value[i]});
  }
  return {x, y};
}

/// The corners of a curve's band: wherever both limits are defined, a NaN between the parts.
std::vector<std::vector<double>> band(double first, const CurveFigure& c) {
  std::vector<double> x, lows, highs;
  const auto corner = [&](double at, double low, double high) {
    x.push_back(at);
    lows.push_back(low);
    highs.push_back(high);
  };
  double low = 1, high = 1, from = first;
  const auto close = [&](double until) {
    if (std::isfinite(low) && std::isfinite(high)) {
      corner(from, low, high);
      corner(until, low, high);
    } else {
      corner(kNaN, kNaN, kNaN);
    }
  };
  for (std::size_t i = 0; i < c.time.size(); ++i) {
    close(c.time[i]);
    from = c.time[i];
    low = c.low[i];
    high = c.high[i];
  }
  close(from);
  return {x, lows, highs};
}

/// Numbers at risk as they stand in a figure: whole, or of weighted rows with one decimal.
std::string at_risk_text(double n) { return plain_number(std::round(10 * n) / 10, 15); }

/// Whether numbers at risk are known: a model's curves have none.
bool has_numbers(const std::vector<CurveFigure>& curves) {
  return std::ranges::any_of(curves, [](const CurveFigure& c) { return !c.at_risk.empty(); });
}

/// Sizes and texts of a Kaplan–Meier figure before anything is drawn.
struct CurvesLayout {
  std::vector<double> ticks;
  std::vector<LegendEntry> legend;
  std::vector<std::vector<std::string>> labels;  ///< of the numbers at risk
  std::vector<std::string> time_label;
  double first = 0, last = 0, end = 0;  ///< of the axis of time
  double left = 0, right = 0, width = 0, top = 0, bottom = 0, height = 0;
};

CurvesLayout lay_out(const std::string& time_label, const std::vector<CurveFigure>& curves, const std::string& remark) {
  CurvesLayout l;
  double labels = 0, numbers = 0;
  for (std::size_t k = 0; k < curves.size(); ++k) {
    const auto& c = curves[k];
    if (!c.time.empty()) {
      l.first = std::min(l.first, c.time.front());
      l.last = std::max(l.last, c.time.back());
    }
    if (curves.size() > 1) l.legend.push_back({c.label, series_style(k)});
    if (!has_numbers(curves)) continue;
    l.labels.push_back(wrap_text(c.label, kSmallFont, kLabelColumn));
    labels = std::max(labels, widest(l.labels.back(), kSmallFont));
    for (const double n : c.at_risk) numbers = std::max(numbers, text_width(at_risk_text(n), kSmallFont));
  }
  l.ticks = time_ticks(l.last, l.first);
  l.end = l.first + (l.last > l.first ? l.last - l.first : 1) * 1.03;
  if (has_numbers(curves)) labels = std::max(labels, text_width("Number at risk", kSmallFont) - numbers);
  l.left = std::max(76.0, kMargin + labels + 12 + numbers / 2);
  l.right = l.left + kPlotWidth;
  l.width = l.right + std::max(24.0, numbers / 2 + 6);
  l.top = kMargin + legend_height(l.legend, kMargin, l.width - kMargin) + (remark.empty() ? 0 : kLineHeight + 4) + 10;
  l.bottom = l.top + kPlotHeight;
  l.time_label = wrap_text(time_label, kFontSize, kPlotWidth);
  l.height = l.bottom + 48 + 20 * static_cast<double>(l.time_label.size());
  if (has_numbers(curves)) l.height += kLineHeight + 6;
  for (const auto& lines : l.labels) l.height += kLineHeight * static_cast<double>(lines.size()) + 5;
  l.height += kMargin;
  return l;
}

void draw_at_risk(Canvas& canvas, const CurvesLayout& l, const std::vector<CurveFigure>& curves) {
  double y = l.bottom + 48 + 20 * static_cast<double>(l.time_label.size()) + kLineHeight / 2;
  canvas.text(kMargin, y, "Number at risk");
  y += kLineHeight / 2 + 6;
  for (std::size_t k = 0; k < curves.size(); ++k) {
    const double block = kLineHeight * static_cast<double>(l.labels[k].size()), first_line = y + kLineHeight / 2;
    canvas.lines(kMargin, y + block / 2, l.labels[k], Align::Left, kSmallFont, colour(k));
    for (std::size_t i = 0; i < l.ticks.size() && i < curves[k].at_risk.size(); ++i) {
      const double x = l.left + (l.ticks[i] - l.first) / (l.end - l.first) * kPlotWidth;
      canvas.text(x, first_line, at_risk_text(curves[k].at_risk[i]), Align::Centre);
    }
    y += block + 5;
  }
}

}  // namespace

void draw_figure(const std::filesystem::path& file, const SurvivalCurvesFigure& figure) {
  const auto& [time_label, curves, remark] = figure;
  const CurvesLayout l = lay_out(time_label, curves, remark);
  Canvas canvas(l.width);
  canvas.set_height(l.height);
  draw_legend(canvas, l.legend, kMargin, l.width - kMargin, kMargin);
  if (!remark.empty()) canvas.text(l.left, l.top - 10 - kLineHeight / 2, remark);
  canvas.plot_area(l.left, l.right, l.top, l.bottom);
  canvas.script("set border 3 lw 1.2\nset tics nomirror out\nset xrange [" + number(l.first) + ":" + number(l.end) +
                "]\nset yrange [0:1.02]\nset ytics 0.2\n" + ticks_command("x", l.ticks));
  canvas.upward_lines(l.left - 44, (l.top + l.bottom) / 2, {"Survival probability"}, kFontSize);
  canvas.lines((l.left + l.right) / 2, l.bottom + 38 + 10 * static_cast<double>(l.time_label.size()), l.time_label,
               Align::Centre, kFontSize);
  if (has_numbers(curves)) draw_at_risk(canvas, l, curves);
  std::string plot;
  for (std::size_t k = 0; k < curves.size(); ++k) {
    const auto& c = curves[k];
    const std::string id = std::to_string(k), tint = "lc rgb '" + colour(k) + "' notitle";
    canvas.script(data_block("c" + id, staircase(l.first, c.time, c.survival)) +
                  data_block("b" + id, band(l.first, c)));
    plot += (plot.empty() ? "plot $b" : ", $b") + id +
            " using 1:2:3 with filledcurves fs transparent solid 0.15 noborder " + tint;
    plot += ", $c" + id + " using 1:2 with lines " + look(series_style(k)) + " notitle";
    if (c.censor_time.empty()) continue;
    canvas.script(data_block("m" + id, {c.censor_time, c.censor_survival}));
    plot += ", $m" + id + " using 1:2 with points pt 1 ps 0.6 " + tint;
  }
  canvas.script(plot + "\n");
  canvas.draw(file, "Kaplan–Meier curves");
}

}  // namespace gliocast::report
