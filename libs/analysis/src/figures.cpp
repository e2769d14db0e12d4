#include <gliocast/analysis/figures.hpp>

#include <gliocast/analysis/cells.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/stats/pretty.hpp>

#include <algorithm>
#include <array>
#include <cctype>

namespace gliocast::analysis {
namespace {

constexpr int kTimeIntervals = 6;  // of an axis of time: numbers at risk stand under each tick

CurveFigure curve_figure(const std::string& label, const survival::KaplanMeierCurve& curve,
                         const std::vector<double>& ticks) {
  CurveFigure f;
  f.label = label;
  for (const auto& s : curve.steps) {
    f.time.push_back(s.time);
    f.survival.push_back(s.survival);
    f.low.push_back(s.low);
    f.high.push_back(s.high);
    if (s.n_censor > 0) {
      f.censor_time.push_back(s.time);
      f.censor_survival.push_back(s.survival);
    }
  }
  for (const double t : ticks) {
    const auto next = std::ranges::lower_bound(curve.steps, t, {}, &survival::SurvivalStep::time);
    f.at_risk.push_back(next == curve.steps.end() ? 0 : next->n_risk);
  }
  return f;
}

/// Where the last word of a name begins and ends.
struct LastWord {
  std::size_t begin = 0, end = 0;
};
LastWord last_word(const std::string& name) {
  const auto letter = [&](std::size_t i) { return std::isalpha(static_cast<unsigned char>(name[i])) != 0; };
  LastWord w{0, name.size()};
  while (w.end > 0 && !letter(w.end - 1)) --w.end;
  w.begin = w.end;
  while (w.begin > 0 && letter(w.begin - 1)) --w.begin;
  return w;
}

}  // namespace

std::string time_unit(const std::string& column) {
  constexpr std::array kUnits{"days", "weeks", "months", "years"};
  const LastWord w = last_word(column);
  const std::string word = fold_case(column.substr(w.begin, w.end - w.begin));
  for (const std::string unit : kUnits)
    if (word == unit || word + "s" == unit) return unit;
  return {};
}

std::string time_axis(const std::string& column) {
  const std::string unit = time_unit(column);
  if (unit.empty()) return column;
  std::string what = column.substr(0, last_word(column).begin);
  std::ranges::replace(what, '_', ' ');
  while (!what.empty() && std::string(" .-([,/").find(what.back()) != std::string::npos) what.pop_back();
  return (what.empty() ? "Time" : what) + " (" + unit + ")";
}

std::string time_text(double time, const std::string& column) {
  const std::string unit = time_unit(column);
  return data_cell(time) + (unit.empty() ? "" : " " + unit);
}

std::vector<double> time_ticks(double last, double first) {
  if (!(last > first)) return {first, first + 1};
  return stats::round_ticks(first, last, kTimeIntervals);
}

SurvivalCurvesFigure survival_curves_figure(const std::string& time_label, const std::vector<std::string>& labels,
                                            const std::vector<survival::KaplanMeierCurve>& curves,
                                            const std::string& remark) {
  double first = 0, last = 0;
  for (const auto& c : curves) {
    first = std::min(first, c.steps.front().time);
    last = std::max(last, c.steps.back().time);
  }
  const auto ticks = time_ticks(last, first);
  SurvivalCurvesFigure figure{time_label, {}, remark};
  for (std::size_t g = 0; g < curves.size(); ++g) figure.curves.push_back(curve_figure(labels[g], curves[g], ticks));
  return figure;
}

}  // namespace gliocast::analysis
