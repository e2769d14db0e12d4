#include <gliocast/survival/nomogram.hpp>

#include "nomogram_predictors.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/stats/pretty.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>

namespace gliocast::survival {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kLongestScale = 100;
constexpr std::size_t kInverseSteps = 1000;  // as rms inverts a function of the linear predictor
constexpr std::size_t kMostAxes = 60;

/// One setting of all predictors of a table, a row an element of `rows`.
stats::DataFrame frame_of(const std::vector<Predictor>& predictors,
                          const std::vector<std::map<std::string, std::size_t>>& level_rows,
                          const std::vector<std::map<std::string, double>>& number_rows) {
  TextTable empty{{"row"}, std::vector<std::vector<std::string>>(level_rows.size(), {"0"})};
  stats::DataFrame frame(empty, "nomogram");
  for (const auto& p : predictors) {
    stats::Column column;
    column.name = p.name;
    column.is_factor = p.text;
    column.levels = p.text ? p.levels : std::vector<std::string>{};
    for (std::size_t r = 0; r < level_rows.size(); ++r) {
      const auto level = level_rows[r].find(p.name);
      const auto number = number_rows[r].find(p.name);
      if (p.text)
        column.codes.push_back(level == level_rows[r].end() ? 0 : static_cast<int>(level->second));
      else
        column.numbers.push_back(level != level_rows[r].end()     ? p.values[level->second]
                                 : number != number_rows[r].end() ? number->second
                                 : p.discrete                     ? p.values[0]
                                                                  : p.middle);
    }
    frame.add(std::move(column));
  }
  return frame;
}

/// Predictors that stand in one variable or interaction, directly or through others.
std::vector<std::vector<std::size_t>> entities_of(const CoxModel& model, const std::vector<Predictor>& predictors) {
  std::vector<std::size_t> group(predictors.size());
  std::iota(group.begin(), group.end(), 0);
  const auto& formula = model.design.formula();
  for (const auto& term : formula.terms) {
    std::set<std::size_t> together;
    for (const std::size_t v : term)
      for (const auto& name : columns_of(formula.variables[v].expression))
        together.insert(group[static_cast<std::size_t>(std::ranges::find(predictors, name, &Predictor::name) -
                                                       predictors.begin())]);
    for (auto& g : group)
      if (together.contains(g)) g = *together.begin();
  }
  std::vector<std::vector<std::size_t>> entities;
  for (std::size_t g = 0; g < group.size(); ++g) {
    std::vector<std::size_t> members;
    for (std::size_t i = 0; i < group.size(); ++i)
      if (group[i] == g) members.push_back(i);
    if (!members.empty()) entities.push_back(std::move(members));
  }
  return entities;
}

/// The terms' columns that belong to an entity.
std::vector<std::size_t> design_columns_of(const CoxModel& model, const std::set<std::string>& names) {
  std::vector<std::size_t> columns;
  const auto& formula = model.design.formula();
  const auto& term_of = model.design.term_of_column();
  for (std::size_t c = 0; c < term_of.size(); ++c) {
    const auto used = columns_of(formula.variables[formula.terms[term_of[c]][0]].expression);
    if (!used.empty() && names.contains(used[0]) && !std::isnan(model.coefficients[c])) columns.push_back(c);
  }
  return columns;
}

struct Scale {
  double low = std::numeric_limits<double>::infinity(), high = -low;
};

/// Appends the axes of one entity with Xβ in place of points.
Scale add_axes(const CoxModel& model, const std::vector<Predictor>& predictors, const std::vector<std::size_t>& members,
               std::vector<NomogramAxis>& axes) {
  std::size_t main = members[0];
  for (const std::size_t m : members)
    if (!predictors[m].discrete) {
      main = m;
      break;
    }
  std::set<std::string> names;
  for (const std::size_t m : members) names.insert(predictors[m].name);
  const auto columns = design_columns_of(model, names);
  std::vector<std::size_t> others, counts;
  for (const std::size_t m : members)
    if (m != main) {
      others.push_back(m);
      counts.push_back(predictors[m].discrete ? predictors[m].levels.size() : 3);
    }
  const std::size_t combinations = std::accumulate(counts.begin(), counts.end(), std::size_t{1}, std::multiplies<>());
  if (combinations > kMostAxes)
    throw unusable_input("the interactions of \"" + predictors[main].name + "\" need " + std::to_string(combinations) +
                         " axes; a nomogram has at most " + std::to_string(kMostAxes));
  const Predictor& p = predictors[main];
  Scale scale;
  for (std::size_t k = 0; k < combinations; ++k) {
    NomogramAxis axis;
    axis.variable = axis.label = p.name;
    axis.discrete = p.discrete;
    std::map<std::string, std::size_t> level;
    std::map<std::string, double> number;
    std::size_t rest = k;
    for (std::size_t o = 0; o < others.size(); ++o) {
      const Predictor& other = predictors[others[o]];
      const std::size_t choice = rest % counts[o];
      rest /= counts[o];
      const double v = choice == 0 ? other.low : choice == 1 ? other.middle : other.high;
      if (other.discrete)
        level[other.name] = choice;
      else
        number[other.name] = v;
      axis.at.emplace_back(other.name, other.discrete ? other.levels[choice] : stats::r_number(v));
      axis.label += (o == 0 ? " (" : ", ") + axis.at.back().first + "=" + axis.at.back().second;
    }
    if (!others.empty()) axis.label += ")";
    std::vector<std::map<std::string, std::size_t>> level_rows(p.levels.size(), level);
    std::vector<std::map<std::string, double>> number_rows(p.levels.size(), number);
    for (std::size_t l = 0; l < p.levels.size(); ++l) level_rows[l][p.name] = l;
    const stats::Matrix x = model.design.matrix(frame_of(predictors, level_rows, number_rows));
    for (std::size_t l = 0; l < p.levels.size(); ++l) {
      double sum = 0;
      for (const std::size_t c : columns) sum += model.coefficients[c] * x(l, c);
      if (!std::isfinite(sum)) continue;  // a round number outside a transformation's domain, e.g. log(0)
      axis.ticks.push_back({p.levels[l], p.text ? kNaN : p.values[l], sum});
      scale.low = std::min(scale.low, sum);
      scale.high = std::max(scale.high, sum);
    }
    axes.push_back(std::move(axis));
  }
  return scale;
}

/// x at which the function through (xs, ys) has the value y: linear interpolation, equal ys share their mean x; NaN
/// outside.
double inverse(std::vector<std::pair<double, double>> points, double y) {
  std::ranges::sort(points);
  std::vector<std::pair<double, double>> unique;
  for (std::size_t i = 0; i < points.size();) {
    std::size_t j = i;
    double sum = 0;
    for (; j < points.size() && points[j].first == points[i].first; ++j) sum += points[j].second;
    unique.emplace_back(points[i].first, sum / static_cast<double>(j - i));
    i = j;
  }
  if (unique.size() < 2 || y < unique.front().first || y > unique.back().first) return kNaN;
  const auto next = std::ranges::lower_bound(unique, y, {}, &std::pair<double, double>::first);
  if (next->first == y) return next->second;
  const auto before = std::prev(next);
  return before->second + (next->second - before->second) * (y - before->first) / (next->first - before->first);
}

template <class Function>
void add_outcome(Nomogram& n, NomogramOutcome outcome, const std::vector<double>& lp_marks, Function function) {
  const double first = lp_marks.front(), last = lp_marks.back();
  std::vector<std::pair<double, double>> points;
  for (std::size_t i = 0; i < kInverseSteps; ++i) {
    const double lp = first + (last - first) * static_cast<double>(i) / (kInverseSteps - 1), y = function(lp);
    if (std::isfinite(y)) points.emplace_back(y, lp);
  }
  if (points.size() > 1) {
    const auto [low, high] = std::ranges::minmax(points, {}, &std::pair<double, double>::first);
    for (const double y : stats::pretty(low.first, high.first, kIntervals)) {
      const double lp = inverse(points, y);
      if (std::isfinite(lp)) outcome.ticks.push_back({stats::r_number(y), y, (lp - n.intercept) * n.points_per_unit});
    }
  }
  for (const double total : n.total_points)
    outcome.at_total.push_back(function(n.intercept + total / n.points_per_unit));
  n.outcomes.push_back(std::move(outcome));
}

/// Survival at each time, then median survival. `shift`: from the fit's centring to that of the linear predictor's
/// axis.
void add_outcomes(const CoxModel& model, std::size_t stratum, const std::vector<double>& times, double shift,
                  const std::vector<double>& lp_marks, Nomogram& n) {
  for (const double time : times) {
    NomogramOutcome outcome;
    outcome.time = time;
    outcome.extrapolated = time > model.baselines[stratum].last_follow_up;
    outcome.label = "Survival at " + stats::r_number(time) + (outcome.extrapolated ? " (extrapolated)" : "");
    if (outcome.extrapolated)
      n.notes.push_back("time " + stats::r_number(time) + " lies beyond the follow-up of " +
                        stats::r_number(model.baselines[stratum].last_follow_up) +
                        ": extrapolation, the last known survival is carried on");
    const double cumulative = -std::log(model.baseline_survival(stratum, time));
    add_outcome(n, std::move(outcome), lp_marks,
                [&](double lp) { return std::exp(-cumulative * std::exp(lp + shift)); });
  }
  NomogramOutcome median;
  median.label = "Median survival";
  const BaselineHazard& baseline = model.baselines[stratum];
  add_outcome(n, std::move(median), lp_marks, [&](double lp) {
    const double needed = std::log(2.0) / std::exp(lp + shift);
    const auto at = std::ranges::find_if(baseline.cumulative, [&](double h) { return h >= needed; });
    return at == baseline.cumulative.end() ? kNaN
                                           : baseline.time[static_cast<std::size_t>(at - baseline.cumulative.begin())];
  });
}

}  // namespace

Nomogram lay_out_nomogram(const CoxModel& model, const std::vector<double>& times, const std::string& stratum) {
  const std::vector<Predictor> predictors = predictors_of(model);
  const auto entities = entities_of(model, predictors);
  Nomogram n;
  std::vector<std::size_t> entity_of_axis;
  std::vector<Scale> scales;
  double longest = 0, lowest = 0;
  for (std::size_t e = 0; e < entities.size(); ++e) {
    scales.push_back(add_axes(model, predictors, entities[e], n.axes));
    entity_of_axis.resize(n.axes.size(), e);
    longest = std::max(longest, scales[e].high - scales[e].low);
    lowest += scales[e].low;
  }
  if (!(longest > 0) || !std::isfinite(longest))
    throw unusable_input("no predictor of the model has an effect", {}, "a nomogram needs at least one");
  n.points_per_unit = kLongestScale / longest;
  double centre = 0, shift = 0;
  for (std::size_t c = 0; c < model.coefficients.size(); ++c)
    if (!std::isnan(model.coefficients[c])) {
      centre += model.coefficients[c] * model.column_means[c];
      shift += model.coefficients[c] * (model.column_means[c] - model.means[c]);
    }
  n.intercept = lowest - centre;
  for (std::size_t a = 0; a < n.axes.size(); ++a)
    for (auto& tick : n.axes[a].ticks) tick.points = (tick.points - scales[entity_of_axis[a]].low) * n.points_per_unit;
  const auto lp_marks = stats::pretty(model.predictor_low, model.predictor_high, kIntervals);
  const double most = entities.size() == 1
                          ? kLongestScale
                          : std::max(kLongestScale, n.points_per_unit * (lp_marks.back() - n.intercept));
  n.total_points = stats::pretty(0, most, kIntervals);
  for (const double lp : lp_marks)
    n.linear_predictor.push_back({stats::r_number(lp), lp, (lp - n.intercept) * n.points_per_unit});
  const std::size_t s = find_stratum(model, stratum);
  if (model.strata_labels.size() > 1 && stratum.empty())
    n.notes.push_back("survival of the first stratum, " + model.strata_labels[0] + "; --stratum chooses another");
  if (!model.design.formula().offsets.empty()) n.notes.push_back("offsets count as 0");
  add_outcomes(model, s, times, shift, lp_marks, n);
  return n;
}

}  // namespace gliocast::survival
