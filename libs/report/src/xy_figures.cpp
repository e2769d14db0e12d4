#include <gliocast/report/survival_figures.hpp>

#include "figure_canvas.hpp"
#include "figure_file.hpp"
#include "text_metrics.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>

#include <algorithm>
#include <cmath>

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
  if (!s.lower.empty()) {
    canvas.script(data_block("i" + id, {s.x, s.lower, s.upper, s.y}));
    plots = s.points ? "$i" + id + " using 1:4:2:3 with yerrorbars pt 7 ps 0.9 " + seen + ", "
                     : "$i" + id + " using 1:2:3 with filledcurves fs transparent solid 0.15 noborder lc rgb '" +
                           style.colour + "' notitle, ";
  }
  canvas.script(data_block("s" + id, {s.x, s.y}));
  return plots + "$s" + id + " using 1:2 with " + (s.points ? "linespoints pt 7 ps 0.9 " : "lines ") + seen;
}

/// Places of one panel of a map and the titles around it.
struct PanelPlace {
  double left = 0, top = 0, side = 0;
};

void draw_panel(Canvas& canvas, const CutMapPanel& p, std::size_t k, const PanelPlace& at,
                const std::vector<std::string>& low_title, const std::vector<std::string>& high_title) {
  std::vector<std::vector<double>> cells(5);
  for (std::size_t i = 0; i < p.low.size(); ++i)
    if (std::isfinite(p.chi_square[i])) {
      cells[0].push_back(p.low[i]), cells[1].push_back(p.low_end[i]), cells[2].push_back(p.high[i]),
          cells[3].push_back(p.high_end[i]);
      cells[4].push_back(p.chi_square[i]);
    }
  const double right = at.left + at.side, bottom = at.top + at.side;
  canvas.script("unset label\n");
  canvas.plot_area(at.left, right, at.top, bottom);
  canvas.text((at.left + right) / 2, at.top - 16, p.title, Align::Centre, kFontSize);
  canvas.lines((at.left + right) / 2, bottom + kTickSpace + block_height(low_title) / 2, low_title, Align::Centre,
               kFontSize);
  canvas.upward_lines(at.left - 66, (at.top + bottom) / 2, high_title, kFontSize);
  const std::string id = "$p" + std::to_string(k);
  canvas.script(data_block(id.substr(1), cells) + "plot " + id +
                " using (($1+$2)/2):(($3+$4)/2):1:2:3:4:5 with boxxyerror fs solid 1 noborder lc palette, '+' using (" +
                number(p.best_low) + "):(" + number(p.best_high) +
                ") every ::0::0 with points pt 2 ps 1.6 lw 3 lc rgb '#d62728'\n");
}

}  // namespace

void draw_xy(const std::filesystem::path& file, const XyFigure& f) {
  std::vector<LegendEntry> legend;
  bool any = false;
  for (std::size_t k = 0; k < f.series.size(); ++k) {
    if (f.series[k].x.empty()) continue;
    any = true;
    if (!f.series[k].label.empty()) legend.push_back({f.series[k].label, style_of(f.series[k], k)});
  }
  if (!any) throw unusable_input("there is nothing to draw", file.string());
  const auto x_ticks = round_ticks(f.x_low, f.x_high, 5), y_ticks = round_ticks(f.y_low, f.y_high, 6);
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
  canvas.draw(file);
}

void draw_cut_map(const std::filesystem::path& file, const std::string& value, const std::vector<CutMapPanel>& panels) {
  constexpr double kPanel = 400, kLeft = 120, kTop = 50, kBar = 30;
  double left = INFINITY, right = -INFINITY, bottom = INFINITY, top = -INFINITY;
  double most = -INFINITY;  // one colour bar for all panels
  for (const auto& p : panels)
    for (std::size_t i = 0; i < p.low.size(); ++i) {
      left = std::min(left, p.low[i]), right = std::max(right, p.low_end[i]), bottom = std::min(bottom, p.high[i]),
      top = std::max(top, p.high_end[i]);
      if (std::isfinite(p.chi_square[i])) most = std::max(most, p.chi_square[i]);
    }
  if (std::isinf(most)) throw unusable_input("there is nothing to draw", file.string());
  const auto low_title = wrap_text("Low cut of " + value, kFontSize, kPanel),
             high_title = wrap_text("High cut of " + value, kFontSize, kPanel);
  const double side = kLeft + block_height(high_title), step = side + kPanel + 20;
  const double bar = step * static_cast<double>(panels.size()) + 10;
  Canvas canvas(bar + kBar + 110);
  canvas.set_height(kTop + kPanel + kTickSpace + block_height(low_title) + kMargin);
  canvas.script(
      "set border 3 lw 1.2\nset tics nomirror out\nset cblabel 'Log-rank chi-square' noenhanced\nset cbrange [0:" +
      number(most) +
      "]\nset palette defined (0 '#440154', 1 '#3b528b', 2 '#21918c', 3 '#5ec962', 4 '#fde725')\nset xrange [" +
      number(left) + ":" + number(right) + "]\nset yrange [" + number(bottom) + ":" + number(top) + "]\n" +
      ticks_command("x", round_ticks(left, right, 5)) + ticks_command("y", round_ticks(bottom, top, 5)) +
      "set multiplot\n");
  for (std::size_t k = 0; k < panels.size(); ++k) {
    const bool last = k + 1 == panels.size();
    canvas.script(last ? "set colorbox user origin screen " + number(bar / canvas.width()) + ", screen " +
                             number(1 - (kTop + kPanel) / canvas.height()) + " size screen " +
                             number(kBar / canvas.width()) + ", screen " + number(kPanel / canvas.height()) + "\n"
                       : std::string("unset colorbox\n"));
    draw_panel(canvas, panels[k], k, {side + step * static_cast<double>(k) - 20, kTop, kPanel}, low_title, high_title);
  }
  canvas.script("unset multiplot\n");
  canvas.draw(file);
}

}  // namespace gliocast::report
