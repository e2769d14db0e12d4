#include "figure_canvas.hpp"
#include "figure_file.hpp"
#include "figures.hpp"
#include "text_metrics.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/stats/pretty.hpp>

#include <algorithm>

namespace gliocast::report {
namespace {

constexpr double kSide = 500, kMargin = 14, kTickSpace = 40;

/// Width that the labels of a vertical axis need.
double tick_width(const std::vector<double>& ticks) {
  double width = 0;
  for (const double v : ticks) width = std::max(width, text_width(plain_number(v, 12), kFontSize));
  return width;
}

double block_height(const std::vector<std::string>& lines) { return 20 * static_cast<double>(lines.size()); }

LineStyle style_of(const XySeries& s, std::size_t k) {
  LineStyle style = series_style(s.colour < 0 ? k : static_cast<std::size_t>(s.colour));
  if (s.dashed) style.dash = 2;
  if (s.points) style.point = 7;
  return style;
}

/// gnuplot's plots of one series: its band or error bars where the limits are defined, then its line and points.
std::string series_plots(Canvas& canvas, const XySeries& s, std::size_t k) {
  const LineStyle style = style_of(s, k);
  const std::string id = std::to_string(k), seen = look(style) + " notitle";
  std::string plots;
  if (!s.low.empty()) {
    canvas.script(data_block("i" + id, {s.x, s.low, s.high, s.y}));
    plots = s.points ? "$i" + id + " using 1:4:2:3 with yerrorbars pt 7 ps 0.9 " + seen + ", "
                     : "$i" + id + " using 1:2:3 with filledcurves fs transparent solid 0.15 noborder lc rgb '" +
                           style.colour + "' notitle, ";
  }
  canvas.script(data_block("s" + id, {s.x, s.y}));
  return plots + "$s" + id + " using 1:2 with " + (s.points ? "linespoints pt 7 ps 0.9 " : "lines ") + seen;
}

}  // namespace

void draw_figure(const std::filesystem::path& file, const XyFigure& f) {
  std::vector<LegendEntry> legend;
  bool any = false;
  for (std::size_t k = 0; k < f.series.size(); ++k) {
    if (f.series[k].x.empty()) continue;
    any = true;
    if (!f.series[k].label.empty()) legend.push_back({f.series[k].label, style_of(f.series[k], k)});
  }
  if (!any) throw unusable_input("there is nothing to draw", file.string());
  const auto x_ticks = stats::round_ticks(f.x_low, f.x_high, 5), y_ticks = stats::round_ticks(f.y_low, f.y_high, 6);
  const auto title = wrap_text(f.title, kFontSize, kSide), x_label = wrap_text(f.x_label, kFontSize, kSide),
             y_label = wrap_text(f.y_label, kFontSize, kSide);
  const double ticks = tick_width(y_ticks), left = kMargin + block_height(y_label) + ticks + 26, right = left + kSide;
  Canvas canvas(right + std::max(30.0, tick_width(x_ticks) / 2 + 8));
  const double top = kMargin + (f.title.empty() ? 8 : block_height(title) + 8), bottom = top + kSide;
  const double legend_top = bottom + kTickSpace + block_height(x_label) + 12, low = kMargin,
               high = canvas.width() - kMargin;
  canvas.set_height(legend_top + legend_height(legend, low, high) + kMargin);
  if (!f.title.empty())
    canvas.lines((left + right) / 2, kMargin + block_height(title) / 2, title, Align::Centre, kFontSize);
  canvas.lines((left + right) / 2, bottom + kTickSpace + block_height(x_label) / 2, x_label, Align::Centre, kFontSize);
  canvas.upward_lines(left - ticks - 24, (top + bottom) / 2, y_label, kFontSize);
  draw_legend(canvas, legend, low, high, legend_top);
  canvas.plot_area(left, right, top, bottom);
  canvas.script("set border 3 lw 1.2\nset tics nomirror out\nset xrange [" + number(f.x_low) + ":" + number(f.x_high) +
                "]\nset yrange [" + number(f.y_low) + ":" + number(f.y_high) + "]\n" + ticks_command("x", x_ticks) +
                ticks_command("y", y_ticks));
  if (f.diagonal) canvas.line(left, bottom, right, top, {"#808080", 1, 2, 0, true});
  std::string plots;
  for (std::size_t k = 0; k < f.series.size(); ++k)
    if (!f.series[k].x.empty()) plots += (plots.empty() ? "plot " : ", ") + series_plots(canvas, f.series[k], k);
  canvas.script(plots + "\n");
  canvas.draw(file, f.name.empty() ? f.title : f.name);
}

}  // namespace gliocast::report
