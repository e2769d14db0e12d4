#include <gliocast/analysis/subgroups.hpp>

#include <gliocast/core/numbers.hpp>
#include <gliocast/core/quantile.hpp>
#include <gliocast/signature/evaluation.hpp>
#include <gliocast/stats/roc.hpp>
#include <gliocast/survival/concordance.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <set>
#include <utility>

namespace gliocast::analysis {
namespace {

using Rows = std::vector<std::size_t>;

/// Fills in number and reason, or the estimate, of one group.
using Judge = std::function<void(const Rows&, SubgroupResult&)>;

std::vector<SubgroupResult> in_subgroups(std::size_t rows, const std::vector<SubgroupFactor>& factors, double level,
                                         const Judge& judge) {
  std::vector<SubgroupResult> out;
  const auto add = [&](const std::string& factor, const std::string& name, const Rows& of) {
    SubgroupResult r{factor, name, of.size(), 0, stats::unknown_estimate(level), {}};
    judge(of, r);
    out.push_back(std::move(r));
  };
  Rows all(rows);
  std::iota(all.begin(), all.end(), std::size_t{0});
  add("All patients", "", all);
  for (const auto& factor : factors) {
    std::set<std::string> names(factor.level.begin(), factor.level.end());
    names.erase("");
    if (names.size() < 2) continue;  // nothing is parted
    for (const auto& name : names) {
      Rows of;
      for (const std::size_t i : all)
        if (factor.level[i] == name) of.push_back(i);
      add(factor.name, name, of);
    }
  }
  return out;
}

template <class T>
std::vector<T> at_rows(const std::vector<T>& all, const Rows& rows) {
  std::vector<T> out;
  if (all.empty()) return out;
  for (const std::size_t r : rows) out.push_back(all[r]);
  return out;
}

/// Why so many patients say nothing; empty where they are enough.
std::string few(std::size_t patients) {
  return patients < kLeastInSubgroup ? "too small: fewer than " + std::to_string(kLeastInSubgroup) + " patients" : "";
}

std::string three(double v) { return std::isfinite(v) ? decimal(v, 3) : "NA"; }

std::string interval_name(double level) { return decimal(100 * level, 0) + " % CI"; }

}  // namespace

double median_of_known(std::vector<double> values) {
  std::erase_if(values, [](double v) { return std::isnan(v); });
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::ranges::sort(values);
  return quantile_r7(values, 0.5);
}

SubgroupFactor halves_at(const std::string& name, const std::vector<double>& values, double cut) {
  SubgroupFactor out{name, {}};
  const std::string text = plain_number(cut, 4);
  for (const double v : values)
    out.level.push_back(std::isnan(v) || std::isnan(cut) ? "" : v < cut ? "< " + text : "≥ " + text);
  return out;
}

std::vector<SubgroupResult> auc_in_subgroups(const std::vector<double>& score, const std::vector<int>& truth,
                                             const std::vector<SubgroupFactor>& factors, double level) {
  return in_subgroups(truth.size(), factors, level, [&](const Rows& rows, SubgroupResult& r) {
    const auto classes = at_rows(truth, rows);
    r.events = static_cast<std::size_t>(std::ranges::count(classes, 1));
    r.too_small = few(r.patients);
    if (r.too_small.empty() && std::min(r.events, r.patients - r.events) < 2)
      r.too_small = r.events == 0 || r.events == r.patients ? "one class alone" : "one patient of a class";
    if (r.too_small.empty()) r.estimate = stats::auc_delong(at_rows(score, rows), classes, level);
  });
}

std::vector<SubgroupResult> concordance_in_subgroups(const survival::SurvivalSample& outcome,
                                                     const std::vector<double>& signature, const std::vector<int>& fold,
                                                     const std::vector<SubgroupFactor>& factors, double level) {
  std::vector<double> risk;
  for (const double s : signature) risk.push_back(-s);
  const std::set<int> folds(fold.begin(), fold.end());
  const double factor = folds.size() > 1 ? signature::variance_factor(folds.size(), 1) : 1;
  return in_subgroups(outcome.rows(), factors, level, [&](const Rows& rows, SubgroupResult& r) {
    const auto sample = survival::take(outcome, rows);
    r.events = static_cast<std::size_t>(std::ranges::count(sample.event, 1));
    r.too_small = few(r.patients);
    if (r.too_small.empty() && r.events < 2) r.too_small = "fewer than two events";
    if (!r.too_small.empty()) return;
    survival::ConcordanceOptions options;
    options.level = level;
    const auto c = survival::concordance(sample, at_rows(risk, rows), options, at_rows(fold, rows));
    if (!std::isfinite(c.value))
      r.too_small = "no pair of patients can be compared";
    else
      r.estimate = stats::normal_estimate(c.value, std::sqrt(factor) * c.se, level, 0, 1);
  });
}

void add_subgroup_rows(const std::string& of, const std::string& statistic, const std::vector<SubgroupResult>& results,
                       double level, TextTable& table) {
  if (table.columns.empty())
    table.columns = {"Result", "Subgroup", "Level", "Patients", "Events", "Statistic", "Value", interval_name(level)};
  for (const auto& r : results)
    table.rows.push_back({of, r.factor, r.level.empty() ? "–" : r.level, std::to_string(r.patients),
                          std::to_string(r.events), statistic, r.too_small.empty() ? three(r.estimate.value) : "–",
                          r.too_small.empty() ? three(r.estimate.low) + "–" + three(r.estimate.high) : r.too_small});
}

ForestFigure subgroup_figure(const std::string& axis, const std::vector<SubgroupResult>& results, double level) {
  ForestFigure figure{axis, axis + " (" + interval_name(level) + ")", {}};
  for (const auto& r : results) {
    const std::string name = r.level.empty() ? r.factor : r.factor + ": " + r.level;
    figure.rows.push_back({name + ", " + std::to_string(r.patients) + " (" + std::to_string(r.events) + ")", r.estimate,
                           std::nan(""), false});
  }
  return figure;
}

}  // namespace gliocast::analysis
