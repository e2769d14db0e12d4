#include <gliocast/report/survival_figures.hpp>

#include "figure_file.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::report {
namespace {

/// A label between single quotes, in which gnuplot runs no `command`.
std::string key_title(const std::string& label) {
  const std::string text = literal(label);
  return text.substr(0, text.rfind(" noenhanced"));
}

/// A data block of rows of numbers.
std::string block(const std::string& name, const std::vector<std::vector<double>>& columns) {
  std::string text = "$" + name + " << EOD\n";
  for (std::size_t r = 0; r < columns[0].size(); ++r) {
    for (const auto& column : columns) text += number(column[r]) + " ";
    text += "\n";
  }
  return text + "EOD\n";
}

/// The corners of a staircase, from (0, 1).
void staircase(const std::vector<double>& time, const std::vector<double>& value, double start, std::vector<double>& x, std::vector<double>& y) {
  x = {0};
  y = {start};
  for (std::size_t i = 0; i < time.size(); ++i) {
    x.insert(x.end(), {time[i], time[i]});
    y.insert(y.end(), {y.back(), value[i]});
  }
}

}  // namespace

std::vector<double> time_ticks(double last) {
  if (!(last > 0)) return {0, 1};
  const double raw = last / 6, power = std::pow(10, std::floor(std::log10(raw)));
  double step = power;
  for (const double m : {1.0, 2.0, 5.0, 10.0})
    if (m * power >= raw) {
      step = m * power;
      break;
    }
  std::vector<double> ticks;
  for (double t = 0; t <= last * 1.0001; t += step) ticks.push_back(t);
  return ticks;
}

void draw_survival_curves(const std::filesystem::path& file, const std::string& time_label, const std::vector<CurveFigure>& curves, const std::string& remark) {
  double last = 0;
  for (const auto& c : curves)
    if (!c.time.empty()) last = std::max(last, c.time.back());
  const auto ticks = time_ticks(last);
  const int rows = static_cast<int>(curves.size());
  const int height = 520 + 24 * rows;
  const double bottom = (95.0 + 24 * rows) / height;
  std::string script, plot;
  std::size_t longest = 4;
  for (const auto& c : curves) longest = std::max(longest, c.label.size());
  script += "set lmargin " + std::to_string(std::max<std::size_t>(10, std::min<std::size_t>(longest + 3, 30))) + "\nset rmargin 4\nset bmargin at screen " + shortest(bottom) + "\nset tmargin 2\nset border 3 lw 1.2\nset tics nomirror out\n";
  script += "set xrange [0:" + number(last * 1.03) + "]\nset yrange [0:1.02]\nset ytics 0.2\nset xlabel " + literal(time_label) + "\nset ylabel 'Survival probability'\nset key top right samplen 2 noenhanced\n";
  script += "set xtics (";
  for (std::size_t i = 0; i < ticks.size(); ++i) script += (i ? "," : "") + std::string("\"") + shortest(ticks[i]) + "\" " + number(ticks[i]);
  script += ")\n";
  if (!remark.empty()) script += "set label " + literal(remark) + " at graph 0.03, graph 0.08\n";
  script += "set label 'Number at risk' at screen 0.02, screen " + shortest((24.0 * rows + 30) / height) + " font ',12'\n";
  for (int r = 0; r < rows; ++r) {
    const auto& c = curves[static_cast<std::size_t>(r)];
    const std::string y = shortest((24.0 * (rows - r) - 8) / height);
    script += "set label " + literal(c.label) + " at screen 0.02, screen " + y + " font ',12' textcolor rgb '" + colour(static_cast<std::size_t>(r)) + "'\n";
    for (std::size_t i = 0; i < ticks.size() && i < c.at_risk.size(); ++i) script += "set label '" + shortest(c.at_risk[i]) + "' at first " + number(ticks[i]) + ", screen " + y + " center font ',12'\n";
  }
  for (std::size_t k = 0; k < curves.size(); ++k) {
    const auto& c = curves[k];
    std::vector<double> x, y, x2, low, high;
    staircase(c.time, c.survival, 1, x, y);
    staircase(c.time, c.lower, 1, x2, low);
    staircase(c.time, c.upper, 1, x2, high);
    // Where a limit is undefined the band ends.
    std::vector<double> bx, bl, bh;
    for (std::size_t i = 0; i < x2.size() && std::isfinite(low[i]) && std::isfinite(high[i]); ++i) bx.push_back(x2[i]), bl.push_back(low[i]), bh.push_back(high[i]);
    const std::string id = std::to_string(k);
    script += block("c" + id, {x, y}) + block("b" + id, {bx, bl, bh}) + (c.censor_time.empty() ? "" : block("m" + id, {c.censor_time, c.censor_survival}));
    plot += (plot.empty() ? "plot " : ", ") + std::string("$b") + id + " using 1:2:3 with filledcurves fs transparent solid 0.15 noborder lc rgb '" + colour(k) + "' notitle, $c" + id + " using 1:2 with lines lw 2 lc rgb '" + colour(k) + "' title " +
            key_title(c.label);
    if (!c.censor_time.empty()) plot += ", $m" + id + " using 1:2 with points pt 1 ps 0.6 lc rgb '" + colour(k) + "' notitle";
  }
  draw_file(file, 760, height, script + plot + "\n");
}

void draw_forest(const std::filesystem::path& file, const std::string& axis, const std::vector<ForestRow>& rows) {
  if (rows.empty()) throw unusable_input("there is nothing to draw in a forest plot", file.string());
  const auto n = static_cast<double>(rows.size());
  double low = 1, high = 1;
  for (const auto& r : rows) {
    if (std::isfinite(r.lower) && r.lower > 0) low = std::min(low, r.lower);
    if (std::isfinite(r.upper)) high = std::max(high, r.upper);
  }
  low = std::max(low / 1.3, 1e-3);
  high = std::min(high * 1.3, 1e3);
  const int height = 150 + 34 * static_cast<int>(rows.size());
  std::string script = "set tmargin 2.5\nset lmargin at screen 0.27\nset rmargin at screen 0.62\nset border 1\nset tics nomirror out\nunset ytics\nset logscale x\nset xrange [" + number(low) + ":" + number(high) + "]\nset yrange [0.2:" + number(n + 0.8) +
                       "]\nset format x '%g'\nset xlabel " + literal(axis + " (log scale)") + "\nset arrow from 1, graph 0 to 1, graph 1 nohead dt 2 lc rgb '#808080'\n";
  script += "set xtics (";
  bool first = true;
  for (const double t : {0.001, 0.01, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 100.0, 1000.0})
    if (t >= low && t <= high) script += (first ? "" : ",") + shortest(t), first = false;
  script += ")\nset label '" + std::string("HR (95% CI)") + "' at screen 0.65, graph 1.03\nset label 'P' at screen 0.9, graph 1.03\n";
  std::vector<double> x, y, l, u;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& r = rows[i];
    const double at = n - static_cast<double>(i);
    const auto where = "first " + number(at) + "\n";
    script += "set label " + literal(r.label) + " at screen 0.02, " + where;
    script += "set label " + literal(decimal(r.estimate, 2) + " (" + decimal(r.lower, 2) + "–" + decimal(r.upper, 2) + ")") + " at screen 0.65, " + where;
    script += "set label " + literal(std::isnan(r.p) ? "" : r.p < 0.001 ? "<0.001" : decimal(r.p, 3)) + " at screen 0.9, " + where;
    x.push_back(r.estimate), y.push_back(at), l.push_back(std::max(r.lower, low)), u.push_back(std::min(r.upper, high));
  }
  draw_file(file, 900, height, script + block("d", {x, y, l, u}) + "plot $d using 1:2:3:4 with xerrorbars pt 5 ps 1 lw 1.6 lc rgb '" + colour(0) + "' notitle\n");
}

void draw_xy(const std::filesystem::path& file, const XyFigure& f) {
  // Long labels would lie over the lines.
  std::size_t longest = 0, labels = 0;
  for (const auto& s : f.series) longest = std::max(longest, s.label.size()), labels += !s.label.empty();
  const bool below = longest > 30;
  const std::string key = below ? "outside below center maxcols 1 reverse Left" : f.key_on_top ? "top right" : "bottom right";
  std::string script = "set border 3 lw 1.2\nset tics nomirror out\nset xrange [" + number(f.x_low) + ":" + number(f.x_high) + "]\nset yrange [" + number(f.y_low) + ":" + number(f.y_high) + "]\nset xlabel " + literal(f.x_label) +
                       "\nset ylabel " + literal(f.y_label) + "\nset key " + key + " samplen 2 noenhanced\nset rmargin 4\n";
  if (!f.title.empty()) script += "set title " + literal(f.title) + "\n";
  if (f.square) script += "set size square\n";
  if (f.diagonal) script += "set arrow from " + number(f.x_low) + "," + number(f.x_low) + " to " + number(f.x_high) + "," + number(f.x_high) + " nohead dt 2 lc rgb '#808080'\n";
  std::string plot;
  for (std::size_t k = 0; k < f.series.size(); ++k) {
    const auto& s = f.series[k];
    if (s.x.empty()) continue;
    const std::string id = "$s" + std::to_string(k);
    const bool interval = !s.lower.empty();
    script += interval ? block("s" + std::to_string(k), {s.x, s.y, s.lower, s.upper}) : block("s" + std::to_string(k), {s.x, s.y});
    const std::string look = "lc rgb '" + colour(s.colour < 0 ? k : static_cast<std::size_t>(s.colour)) + "' lw 2" + (s.dashed ? " dt 2" : "");
    const std::string title = s.label.empty() ? " notitle" : " title " + key_title(s.label);
    plot += plot.empty() ? "plot " : ", ";
    if (interval && s.points)
      plot += id + " using 1:2:3:4 with yerrorbars pt 7 ps 0.9 " + look + title + (s.x.size() > 1 ? ", " + id + " using 1:2 with lines " + look + " notitle" : "");
    else if (interval)
      plot += id + " using 1:3:4 with filledcurves fs transparent solid 0.15 noborder lc rgb '" + colour(k) + "' notitle, " + id + " using 1:2 with lines " + look + title;
    else
      plot += id + " using 1:2 with " + std::string(s.points ? "linespoints pt 7 ps 0.8 " : "lines ") + look + title;
  }
  if (plot.empty()) throw unusable_input("there is nothing to draw", file.string());
  draw_file(file, 620, 600 + (below ? 20 * static_cast<int>(labels) : 0), script + plot + "\n");
}

void draw_cut_map(const std::filesystem::path& file, const std::string& value, const std::vector<CutMapPanel>& panels) {
  std::string script = "set border 3 lw 1.2\nset tics nomirror out\nset size square\nset key off\nset cblabel 'Log-rank chi-square'\nset cbrange [0:*]\n"
                       "set palette defined (0 '#440154', 1 '#3b528b', 2 '#21918c', 3 '#5ec962', 4 '#fde725')\nset xlabel " + literal("Low cut of " + value) + "\nset ylabel " + literal("High cut of " + value) + "\n";
  double left = INFINITY, right = -INFINITY, bottom = INFINITY, top = -INFINITY;
  for (const auto& p : panels)
    for (std::size_t i = 0; i < p.low.size(); ++i) left = std::min(left, p.low[i]), right = std::max(right, p.low_end[i]), bottom = std::min(bottom, p.high[i]), top = std::max(top, p.high_end[i]);
  script += "set xrange [" + number(left) + ":" + number(right) + "]\nset yrange [" + number(bottom) + ":" + number(top) + "]\n";
  std::string plots;
  for (std::size_t k = 0; k < panels.size(); ++k) {
    const auto& p = panels[k];
    std::vector<std::vector<double>> cells(5);
    for (std::size_t i = 0; i < p.low.size(); ++i)
      if (std::isfinite(p.chi_square[i])) cells[0].push_back(p.low[i]), cells[1].push_back(p.low_end[i]), cells[2].push_back(p.high[i]), cells[3].push_back(p.high_end[i]), cells[4].push_back(p.chi_square[i]);
    if (cells[0].empty()) throw unusable_input("there is nothing to draw: no pair of cuts makes three groups in " + p.title, file.string());
    const std::string id = "p" + std::to_string(k);
    script += block(id, cells);
    plots += "set title " + literal(p.title) + "\nplot $" + id + " using (($1+$2)/2):(($3+$4)/2):1:2:3:4:5 with boxxyerror fs solid 1 noborder lc palette, '+' using (" + number(p.best_low) + "):(" + number(p.best_high) + ") every ::0::0 with points pt 2 ps 1.6 lw 3 lc rgb '#d62728'\n";
  }
  if (panels.size() > 1) script += "set multiplot layout 1," + std::to_string(panels.size()) + "\n";
  draw_file(file, panels.size() > 1 ? 1240 : 680, 560, script + plots + (panels.size() > 1 ? "unset multiplot\n" : ""));
}

}  // namespace gliocast::report
