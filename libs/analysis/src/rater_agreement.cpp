#include <gliocast/analysis/rater_agreement.hpp>

#include <gliocast/analysis/cells.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/core/spread.hpp>
#include <gliocast/stats/icc.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <span>
#include <utility>

namespace gliocast::analysis {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kLeastPatients = 5;  // of an ICC, as the step icc of chains has it
constexpr double kGoodIcc = 0.75, kPoorDice = 0.5;

std::string pair_name(const RaterReadings& r, std::size_t pair) {
  const auto [first, second] = kRaterPairs.at(pair);
  return r.readings.at(first).name + " / " + r.readings.at(second).name;
}

std::vector<double> known(std::span<const double> values) {
  std::vector<double> out;
  std::ranges::copy_if(values, std::back_inserter(out), [](double v) { return std::isfinite(v); });
  std::ranges::sort(out);
  return out;
}

/// Share of the values for which `is` holds; NaN of none.
template <typename Condition>
double share(const std::vector<double>& values, Condition is) {
  if (values.empty()) return kNaN;
  return static_cast<double>(std::ranges::count_if(values, is)) / static_cast<double>(values.size());
}

std::string printed(double value) { return std::isfinite(value) ? decimal(value, 3) : "NA"; }

/// Share of values that reach each height, as a staircase from 1 at `low` to 0 at 1.
XySeries reaching(const std::string& name, const std::vector<double>& sorted, double low) {
  XySeries s;
  s.label = name + ", median " + printed(spread_of(sorted).median);
  const auto n = static_cast<double>(sorted.size());
  const auto add = [&](double x, double y) {
    s.x.push_back(std::clamp(x, low, 1.0));
    s.y.push_back(y);
  };
  add(low, 1);
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    add(sorted[i], (n - static_cast<double>(i)) / n);
    add(sorted[i], (n - static_cast<double>(i) - 1) / n);
  }
  add(1, 0);
  return s;
}

/// Distributions of the pairs and an upright line at `mark`; no figure where no pair has a value.
void add_distributions(const std::string& name, XyFigure figure, const RaterReadings& r,
                       const std::array<std::vector<double>, 3>& sorted, double mark,
                       std::vector<NamedFigure>& figures) {
  figure.x_low = 0;
  for (const auto& values : sorted)
    if (!values.empty()) figure.x_low = std::min(figure.x_low, std::max(-1.0, std::floor(10 * values.front()) / 10));
  for (std::size_t p = 0; p < sorted.size(); ++p)
    if (!sorted[p].empty()) {
      figure.series.push_back(reaching(pair_name(r, p), sorted[p], figure.x_low));
      figure.series.back().colour = static_cast<int>(p);
    }
  if (figure.series.empty()) return;
  XySeries line;
  line.label = plain_number(mark, 2);
  line.x = {mark, mark};
  line.y = {0, 1};
  line.dashed = true;
  line.colour = static_cast<int>(kRaterPairs.size());
  figure.series.push_back(std::move(line));
  figures.push_back({name, std::move(figure)});
}

XyFigure figure_of(const std::string& title, const std::string& x_label, const std::string& y_label) {
  XyFigure figure;
  figure.title = title;
  figure.x_label = x_label;
  figure.y_label = y_label;
  figure.name = title;
  return figure;
}

void add_dice(const RaterReadings& r, RaterAgreementResults& out) {
  out.dice.columns = {"id"};
  for (std::size_t p = 0; p < kRaterPairs.size(); ++p) out.dice.columns.push_back(pair_name(r, p));
  for (std::size_t i = 0; i < r.ids.size(); ++i) {
    out.dice.rows.push_back({r.ids[i]});
    for (const auto& of_pair : r.dice) out.dice.rows.back().push_back(cell(of_pair.at(i)));
  }
  out.dice_summary.columns = {"Pair",           "n",     "Mean",           "SD", "Median", "First quartile",
                              "Third quartile", "Least", "Share below 0.5"};
  out.json["dice"] = Json::array();
  std::array<std::vector<double>, 3> sorted;
  for (std::size_t p = 0; p < kRaterPairs.size(); ++p) {
    sorted[p] = known(r.dice[p]);
    const auto s = spread_of(sorted[p]);
    const double below = share(sorted[p], [](double v) { return v < kPoorDice; });
    out.dice_summary.rows.push_back({pair_name(r, p), std::to_string(sorted[p].size()), printed(s.mean), printed(s.sd),
                                     printed(s.median), printed(s.q1), printed(s.q3), printed(s.least),
                                     printed(below)});
    out.json["dice"].push_back({{"pair", pair_name(r, p)},
                                {"n", sorted[p].size()},
                                {"mean", finite_or_null(s.mean)},
                                {"sd", finite_or_null(s.sd)},
                                {"median", finite_or_null(s.median)},
                                {"q1", finite_or_null(s.q1)},
                                {"q3", finite_or_null(s.q3)},
                                {"least", finite_or_null(s.least)},
                                {"share_below_0.5", finite_or_null(below)}});
    if (const auto absent = r.ids.size() - sorted[p].size(); absent > 0)
      out.notes.push_back("warning: no Dice of " + pair_name(r, p) + " in " + std::to_string(absent) + " of " +
                          std::to_string(r.ids.size()) + " patients: an outline is missing");
  }
  add_distributions("dice", figure_of("Agreement of outlines", "Dice", "Share of patients with this Dice or more"), r,
                    sorted, kPoorDice, out.figures);
}

/// Agreement on one feature.
struct FeatureAgreement {
  std::size_t patients = 0;  ///< in whom both values are known
  stats::Estimate icc = stats::unknown_estimate();
};

FeatureAgreement agreement_on(std::size_t feature, const stats::Matrix& a, const stats::Matrix& b, double level) {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < a.rows; ++i)
    if (std::isfinite(a(i, feature)) && std::isfinite(b(i, feature))) rows.push_back(i);
  FeatureAgreement out{rows.size(), stats::unknown_estimate(level)};
  if (rows.size() < kLeastPatients) return out;
  stats::Matrix ratings(rows.size(), 2);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ratings(i, 0) = a(rows[i], feature);
    ratings(i, 1) = b(rows[i], feature);
  }
  const auto icc = stats::intraclass_correlations(ratings, level).at(1);
  // F of 0 / 0: patients do not differ, by either reading.
  if (!std::isnan(icc.test.statistic)) out.icc = icc.estimate;
  return out;
}

std::vector<FeatureAgreement> agreement_on_all(const stats::Matrix& a, const stats::Matrix& b, double level,
                                               std::size_t threads) {
  std::vector<FeatureAgreement> out(a.columns);
  parallel_for(a.columns, threads, [&](std::size_t f) { out[f] = agreement_on(f, a, b, level); });
  return out;
}

/// Tells how many features have no ICC, and why.
void tell_without_icc(const std::string& of, const std::vector<FeatureAgreement>& features,
                      std::vector<std::string>& notes) {
  std::size_t few = 0, constant = 0;
  for (const auto& f : features) {
    few += f.patients < kLeastPatients;
    constant += f.patients >= kLeastPatients && std::isnan(f.icc.value);
  }
  const auto tell = [&](std::size_t n, const std::string& why) {
    if (n > 0)
      notes.push_back("warning: no ICC of " + std::to_string(n) + " of " + std::to_string(features.size()) +
                      " features of " + of + ": " + why);
  };
  tell(few, "fewer than " + std::to_string(kLeastPatients) + " patients have both values");
  tell(constant, "the values do not vary between patients");
}

/// Rows of one sequence and pair; returns the ICCs that are known, sorted.
std::vector<double> add_pair(const RaterReadings& r, Sequence s, std::size_t pair,
                             const std::vector<FeatureAgreement>& features, RaterAgreementResults& out) {
  const std::string sequence(display_name(s)), name = pair_name(r, pair);
  std::vector<double> values;
  std::size_t patients = 0;
  for (std::size_t f = 0; f < features.size(); ++f) {
    const auto& [n, icc] = features[f];
    out.icc.rows.push_back(
        {sequence, r.features[f], name, std::to_string(n), cell(icc.value), cell(icc.low), cell(icc.high)});
    patients = std::max(patients, n);
    values.push_back(icc.value);
  }
  const auto sorted = known(values);
  const auto d = spread_of(sorted);
  const double good = share(sorted, [](double v) { return v > kGoodIcc; });
  out.icc_summary.rows.push_back({sequence, name, std::to_string(patients), std::to_string(sorted.size()),
                                  std::to_string(features.size() - sorted.size()), printed(good), printed(d.median),
                                  printed(d.q1), printed(d.q3)});
  out.json["icc"].push_back({{"sequence", key_name(s)},
                             {"pair", name},
                             {"patients", patients},
                             {"features", sorted.size()},
                             {"undefined", features.size() - sorted.size()},
                             {"share_above_0.75", finite_or_null(good)},
                             {"median", finite_or_null(d.median)},
                             {"q1", finite_or_null(d.q1)},
                             {"q3", finite_or_null(d.q3)}});
  tell_without_icc(sequence + ", " + name, features, out.notes);
  return sorted;
}

/// The sequences that any reading measured.
std::vector<Sequence> measured_sequences(const RaterReadings& r) {
  std::vector<Sequence> out;
  for (const Sequence s : kAllSequences) {
    const auto measured = [s](const RaterReading& reading) {
      const auto at = reading.radiomics.find(s);
      return at != reading.radiomics.end() &&
             std::ranges::any_of(at->second.values, [](double v) { return std::isfinite(v); });
    };
    if (std::ranges::any_of(r.readings, measured)) out.push_back(s);
  }
  return out;
}

/// Of every patient and feature; NaN where the reading has no such sequence.
stats::Matrix measured(const RaterReadings& r, std::size_t reading, Sequence s) {
  const auto& radiomics = r.readings.at(reading).radiomics;
  if (const auto at = radiomics.find(s); at != radiomics.end()) return at->second;
  stats::Matrix none(r.ids.size(), r.features.size());
  std::ranges::fill(none.values, kNaN);
  return none;
}

void add_icc(const RaterReadings& r, double level, std::size_t threads, RaterAgreementResults& out) {
  out.icc.columns = {"sequence", "feature", "pair", "n", "icc", "lower", "upper"};
  out.icc_summary.columns = {"Sequence",         "Pair",   "Patients",       "Features",      "Undefined",
                             "Share above 0.75", "Median", "First quartile", "Third quartile"};
  out.json["icc"] = Json::array();
  for (const Sequence s : measured_sequences(r)) {
    std::array<std::vector<double>, 3> sorted;
    for (std::size_t p = 0; p < kRaterPairs.size(); ++p) {
      const auto [first, second] = kRaterPairs[p];
      const auto features = agreement_on_all(measured(r, first, s), measured(r, second, s), level, threads);
      sorted[p] = add_pair(r, s, p, features, out);
    }
    const std::string name(display_name(s));
    add_distributions(
        "icc_" + std::string(key_name(s)),
        figure_of("Agreement on radiomics of " + name, "ICC(2,1)", "Share of features with this ICC or more"), r,
        sorted, kGoodIcc, out.figures);
  }
}

}  // namespace

RaterAgreementResults rater_agreement(const RaterReadings& readings, double level, std::size_t threads) {
  RaterAgreementResults out;
  out.json = {{"patients", readings.ids.size()}, {"level", level}, {"icc_type", stats::icc_types().at(1)}};
  if (readings.ids.size() < kLeastPatients)
    out.notes.push_back("warning: an ICC needs " + std::to_string(kLeastPatients) + " patients, and " +
                        std::to_string(readings.ids.size()) + " have both raters' outlines");
  add_dice(readings, out);
  add_icc(readings, level, threads, out);
  return out;
}

}  // namespace gliocast::analysis
