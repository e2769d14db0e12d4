#include "figure_canvas.hpp"
#include "figure_file.hpp"
#include "figures.hpp"
#include "text_metrics.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/stats/pretty.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::report {
namespace {

constexpr double kMargin = 14, kTickSpace = 40;

double block_height(const std::vector<std::string>& lines) { return 20 * static_cast<double>(lines.size()); }

/// Places of one panel of a map and the titles around it.
struct PanelPlace {
  double left = 0, top = 0, side = 0;
};

void draw_panel(Canvas& canvas, const CutMapPanel& p, std::size_t k, const PanelPlace& at,
                const std::vector<std::string>& low_title, const std::vector<std::string>& high_title) {
  std::vector<std::vector<double>> cells(5);
  for (std::size_t i = 0; i < p.low.size(); ++i)
    if (std::isfinite(p.chi_square[i])) {
      cells[0].push_back(p.low[i]);
      cells[1].push_back(p.low_end[i]);
      cells[2].push_back(p.high[i]);
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

void draw_figure(const std::filesystem::path& file, const CutMapFigure& figure) {
  const auto& [value, panels] = figure;
  constexpr double kPanel = 400, kLeft = 120, kTop = 50, kBar = 30;
  double left = INFINITY, right = -INFINITY, bottom = INFINITY, top = -INFINITY;
  double most = -INFINITY;  // one colour bar for all panels
  for (const auto& p : panels)
    for (std::size_t i = 0; i < p.low.size(); ++i) {
      left = std::min(left, p.low[i]);
      right = std::max(right, p.low_end[i]);
      bottom = std::min(bottom, p.high[i]);
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
      ticks_command("x", stats::round_ticks(left, right, 5)) + ticks_command("y", stats::round_ticks(bottom, top, 5)) +
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
  canvas.draw(file, "Log-rank chi-square by pairs of cuts of " + value);
}

}  // namespace gliocast::report
