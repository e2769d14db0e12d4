#include <gliocast/signature/nomograms.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/survival/brier.hpp>
#include <gliocast/survival/calibration.hpp>
#include <gliocast/survival/concordance.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

namespace gliocast::signature {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Rows that are tested in one fold, and their place in the table.
struct TestRows {
  stats::DataFrame frame;
  survival::SurvivalSample sample;
  std::vector<std::size_t> row;
  std::vector<int> patient;
};

/// What one of the models said of the tested rows, fold after fold.
struct Predictions {
  std::vector<double> risk;
  std::vector<std::vector<double>> grid;  ///< [time of the Brier score's grid][tested row]
};

/// What the folds gave, and what they are summarised with.
struct Pool {
  const survival::OutcomeColumns& outcome;
  const ComparisonOptions& options;
  NomogramComparison comparison;
  std::vector<int> patient;  ///< one a tested row
  std::vector<double> grid;  ///< times of the integrated Brier score
  Predictions clinical, integrated;
  std::map<std::string, std::size_t> unknown;  ///< sentences on levels that training lacks, with rows
};

NomogramOptions with_group(NomogramOptions o) {
  o.candidates.emplace_back(kRiskGroup);
  return o;
}

void append(const survival::SurvivalSample& from, std::size_t row, survival::SurvivalSample& to) {
  to.time.push_back(from.time[row]);
  to.event.push_back(from.event[row]);
  if (!from.weights.empty()) to.weights.push_back(from.weights[row]);
}

/// Says of a fit what stayed and what to doubt.
void note_fit(const FittedNomogram& fitted, NomogramPerformance& performance) {
  for (const auto& factor : fitted.factors) ++performance.kept[factor];
  performance.null_models += fitted.fit ? 0 : 1;
  for (const auto& doubt : fitted.doubts()) ++performance.doubts[doubt];
}

/// Levels of the test rows that training lacks, each counted once where both models need it.
void note_unknown_levels(const FittedNomogram& clinical, const FittedNomogram& integrated, const stats::DataFrame& test,
                         Pool& pool) {
  std::map<std::string, std::size_t> found;
  for (const auto* fitted : {&clinical, &integrated})
    if (fitted->fit)
      for (const auto& u : fitted->fit->model.design.unknown_levels(test))
        found["column \"" + u.column + "\" has the level \"" + u.level + "\", which no training row has"] = u.rows;
  for (const auto& [sentence, rows] : found) pool.unknown[sentence] += rows;
}

/// Appends what a model predicts of these rows.
void append(const NomogramPrediction& p, const std::vector<std::size_t>& rows, std::size_t times, Predictions& to,
            NomogramPerformance& performance) {
  to.grid.resize(p.survival.size() - times);
  performance.survival.resize(times);
  for (const std::size_t i : rows) {
    to.risk.push_back(p.risk[i]);
    for (std::size_t t = 0; t < times; ++t) performance.survival[t].push_back(p.survival[t][i]);
    for (std::size_t g = 0; g < to.grid.size(); ++g) to.grid[g].push_back(p.survival[times + g][i]);
  }
}

/// Fits both models to the training rows and predicts the test rows that both know.
void add_fold(const stats::DataFrame& training, const TestRows& test, Pool& pool) {
  auto& c = pool.comparison;
  const auto& o = pool.options.nomogram;
  const auto clinical = fit_nomogram(training, pool.outcome, o),
             integrated = fit_nomogram(training, pool.outcome, with_group(o));
  note_fit(clinical, c.clinical);
  note_fit(integrated, c.integrated);
  const double follow_up = clinical.null_curve.steps.back().time;
  for (std::size_t t = 0; t < c.times.size(); ++t)
    if (c.times[t] > follow_up) c.extrapolated[t] = 1;
  auto times = c.times;
  times.insert(times.end(), pool.grid.begin(), pool.grid.end());
  const auto a = clinical.predict(test.frame, times), b = integrated.predict(test.frame, times);
  std::vector<std::size_t> known;
  for (std::size_t i = 0; i < test.frame.rows(); ++i)
    if (!std::isnan(a.risk[i]) && !std::isnan(b.risk[i])) known.push_back(i);
  note_unknown_levels(clinical, integrated, test.frame, pool);
  append(a, known, c.times.size(), pool.clinical, c.clinical);
  append(b, known, c.times.size(), pool.integrated, c.integrated);
  for (const std::size_t i : known) {
    append(test.sample, i, c.sample);
    c.row.push_back(test.row[i]);
    c.fold.push_back(static_cast<int>(c.folds));
    pool.patient.push_back(test.patient[i]);
  }
  ++c.folds;
}

/// A row that is tested several times counts once in all. Whether there is one.
bool weigh_rows(NomogramComparison& c) {
  std::map<std::size_t, double> tested;
  for (const std::size_t row : c.row) ++tested[row];
  if (tested.size() == c.row.size()) return false;
  if (c.sample.weights.empty()) c.sample.weights.assign(c.row.size(), 1.0);
  for (std::size_t i = 0; i < c.row.size(); ++i) c.sample.weights[i] /= tested[c.row[i]];
  return true;
}

/// Numbers of the patients from 0 without gaps, as clusters are given.
void count_patients(Pool& pool) {
  std::map<int, int> number;
  for (const int p : pool.patient) number.emplace(p, 0);
  int next = 0;
  for (auto& [patient, n] : number) n = next++;
  for (int& p : pool.patient) p = number.at(p);
  auto& c = pool.comparison;
  c.patients = number.size();
  std::set<std::size_t> died;
  for (std::size_t i = 0; i < c.row.size(); ++i)
    if (c.sample.event[i]) died.insert(c.row[i]);
  c.events = died.size();
}

/// The same estimate with the uncertainty of patients, whose rows are summed.
stats::Estimate of_patients(const survival::InfluenceEstimate& e, const Pool& pool, double least, double most) {
  std::vector<double> sums(pool.comparison.patients, 0.0);
  for (std::size_t i = 0; i < e.influence.size(); ++i)
    sums[static_cast<std::size_t>(pool.patient[i])] += e.influence[i];
  const auto summed = survival::influence_estimate(e.value, std::move(sums), e.level);
  return stats::normal_estimate(summed.value, summed.se, e.level, least, most);
}

void set_brier_scores(Pool& pool) {
  auto& c = pool.comparison;
  const double level = pool.options.level;
  const survival::CensoringCurve censoring(c.sample);
  std::array<survival::InfluenceEstimate, 2> integrated;
  const std::array<Predictions*, 2> predictions{&pool.clinical, &pool.integrated};
  const std::array<NomogramPerformance*, 2> performance{&c.clinical, &c.integrated};
  const double last = *std::ranges::max_element(c.sample.time);
  for (std::size_t m = 0; m < 2; ++m) {
    for (std::size_t t = 0; t < c.times.size(); ++t)
      performance[m]->brier.push_back(
          c.times[t] > last  // nobody is observed there
              ? stats::unknown_estimate(level)
              : of_patients(survival::brier_score(c.sample, censoring, performance[m]->survival[t], c.times[t], level),
                            pool, 0, 1));
    integrated[m] = std::isnan(c.brier_until) ? survival::unknown_influence(c.row.size(), level)
                                              : survival::integrated_brier_score(
                                                    c.sample, censoring, predictions[m]->grid, c.brier_until, level);
    performance[m]->integrated_brier = of_patients(integrated[m], pool, 0, 1);
  }
  for (const double t : c.times)
    c.brier_kaplan_meier.push_back(t > last ? kNaN : survival::brier_score_of_kaplan_meier(c.sample, censoring, t));
  const auto d = of_patients(survival::difference(integrated[1], integrated[0], level), pool,
                             -std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity());
  c.integrated_brier = {d, stats::z_test(d.value, d.se)};
}

/// Of one fold: influences of the rows.
void compare_concordance(const survival::Concordance& clinical, const survival::Concordance& integrated, Pool& pool) {
  auto& c = pool.comparison;
  c.clinical.concordance = clinical;
  c.integrated.concordance = integrated;
  c.concordance = survival::compare(integrated, clinical, pool.options.level);
}

/// Of several folds: patients are drawn with all their rows, pairs stay within folds.
void bootstrap_concordance(const survival::Concordance& clinical, const survival::Concordance& integrated, Pool& pool) {
  auto& c = pool.comparison;
  const double level = pool.options.level;
  using Pair = std::array<double, 2>;
  const auto of_draw = [&](const stats::Rows& rows) -> stats::DrawResult<Pair> {
    const auto sample = survival::take(c.sample, rows);
    std::vector<int> fold;
    Pair values{};
    for (const std::size_t r : rows) fold.push_back(c.fold[r]);
    for (std::size_t m = 0; m < 2; ++m) {
      const auto& risk = m == 0 ? pool.clinical.risk : pool.integrated.risk;
      std::vector<double> drawn;
      for (const std::size_t r : rows) drawn.push_back(risk[r]);
      values[m] = survival::concordance(sample, drawn, {}, fold).value;
      if (std::isnan(values[m])) return stats::FailedDraw{"no two rows can be compared"};
    }
    return values;
  };
  const auto sampler = stats::bootstrap_units(stats::rows_of_clusters(pool.patient), pool.options.resampling.seed);
  const auto drawn = stats::resample<Pair>(pool.options.resampling, sampler, of_draw);
  std::vector<double> first, second, difference;
  std::size_t above = 0, below = 0;
  for (const auto& [a, b] : drawn.values) {
    first.push_back(a);
    second.push_back(b);
    difference.push_back(b - a);
    above += b - a >= 0;
    below += b - a <= 0;
  }
  c.draws = drawn.values.size();
  c.clinical.concordance = stats::percentile_estimate(clinical.value, std::move(first), level);
  c.integrated.concordance = stats::percentile_estimate(integrated.value, std::move(second), level);
  c.concordance.difference =
      stats::percentile_estimate(integrated.value - clinical.value, std::move(difference), level);
  const double share = static_cast<double>(1 + std::min(above, below)) / static_cast<double>(1 + c.draws);
  c.concordance.test = {kNaN, 0, c.draws > 1 ? std::min(1.0, 2 * share) : kNaN};
  if (!drawn.failed.empty())
    c.notes.push_back("bootstrap draws without a value: " + stats::describe_failures(drawn.failed));
}

/// Where a slope is not known: the linear predictors part the events, or are all alike.
void tell_slopes(NomogramComparison& c) {
  for (const auto& [name, p] : {std::pair{"clinical", &c.clinical}, std::pair{"integrated", &c.integrated}})
    if (std::isnan(p->calibration_slope.value) && p->null_models < c.folds)
      c.notes.push_back("warning: the calibration slope of the " + std::string(name) +
                        " nomogram cannot be estimated: its linear predictors part the events (separation), or are "
                        "the same of all rows");
}

void summarise(Pool& pool, bool several_rows_a_patient) {
  auto& c = pool.comparison;
  count_patients(pool);
  const bool repeated = weigh_rows(c), folds = c.folds > 1;
  const auto strata = folds ? c.fold : std::vector<int>{};
  const auto cluster = repeated || several_rows_a_patient ? pool.patient : std::vector<int>{};
  const survival::ConcordanceOptions options{survival::ConcordanceWeight::Harrell, pool.options.level, {}};
  const auto clinical = survival::concordance(c.sample, pool.clinical.risk, options, strata, cluster),
             integrated = survival::concordance(c.sample, pool.integrated.risk, options, strata, cluster);
  if (std::isnan(clinical.value))
    throw unusable_input("no two test rows can be compared: no event before another row's time");
  if (folds)
    bootstrap_concordance(clinical, integrated, pool);
  else
    compare_concordance(clinical, integrated, pool);
  const double level = pool.options.level;
  c.clinical.calibration_slope =
      survival::calibration_slope(c.sample, pool.clinical.risk, level, strata, cluster).estimate;
  c.integrated.calibration_slope =
      survival::calibration_slope(c.sample, pool.integrated.risk, level, strata, cluster).estimate;
  tell_slopes(c);
  set_brier_scores(pool);
  for (const auto& [sentence, rows] : pool.unknown)
    c.notes.push_back("warning: " + sentence + ": " + std::to_string(rows) + " rows left out of the test");
}

/// A pool with its times; `follow_up`: of the rows that will be tested.
Pool pool_for(const survival::OutcomeColumns& outcome, const ComparisonOptions& o, double follow_up) {
  if (!outcome.entry.empty())
    throw unusable_input("nomograms suppose that all rows are observed from time 0 on, and there are entry times",
                         "column \"" + outcome.entry + "\"");
  Pool pool{outcome, o, {}, {}, {}, {}, {}, {}};
  auto& c = pool.comparison;
  c.times = o.times;
  c.extrapolated.assign(o.times.size(), 0);
  c.brier_until = kNaN;
  for (const double t : o.times)
    if (t <= follow_up && !(t <= c.brier_until)) c.brier_until = t;
  if (!std::isnan(c.brier_until)) pool.grid = survival::integrated_brier_grid(c.brier_until);
  for (const double t : o.times)
    if (t > follow_up)
      c.notes.push_back("warning: time " + shortest(t) + " lies beyond the " + shortest(follow_up) +
                        " of follow-up of the test rows: nothing is observed there");
  return pool;
}

/// The rows of a fold that can be used, with their group. `place`: of each row of the table among those that can, or
/// −1.
stats::DataFrame grouped(const survival::SurvivalFrame& used, const std::vector<std::ptrdiff_t>& place,
                         const stats::Rows& rows, const std::vector<char>& high_risk, stats::Rows& kept) {
  std::vector<char> group;
  if (high_risk.size() != rows.size()) throw Error(ExitCode::InternalFault, "a fold has other risk groups than rows");
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (place[rows[i]] >= 0 && (high_risk[i] == 0 || high_risk[i] == 1)) {
      kept.push_back(static_cast<std::size_t>(place[rows[i]]));
      group.push_back(high_risk[i]);
    }
  return with_risk_group(used.frame.subset(kept), group);
}

std::vector<int> patients_of(const survival::SurvivalFrame& used) {
  std::vector<int> patient = used.cluster;
  if (patient.empty()) {
    patient.resize(used.frame.rows());
    std::iota(patient.begin(), patient.end(), 0);
  }
  return patient;
}

}  // namespace

std::vector<GroupedFold> deal_folds(const stats::DataFrame& frame, const survival::OutcomeColumns& outcome,
                                    const std::vector<char>& high_risk, std::size_t folds, std::size_t repeats,
                                    std::uint64_t seed) {
  const auto used = survival::make_survival_frame(with_risk_group(frame, high_risk), outcome, {kRiskGroup});
  if (used.events < folds)
    throw unusable_input(std::to_string(used.events) + " events are too few for " + std::to_string(folds) + " folds",
                         frame.origin());
  const auto rows = stats::rows_of_clusters(patients_of(used));
  std::vector<std::string> ids;
  std::vector<int> died;
  for (std::size_t p = 0; p < rows.size(); ++p) {
    ids.push_back(std::to_string(p));
    died.push_back(std::ranges::any_of(rows[p], [&](std::size_t r) { return used.sample.event[r] != 0; }) ? 1 : 0);
  }
  std::vector<GroupedFold> result(folds * repeats);
  for (std::size_t repeat = 0; repeat < repeats; ++repeat) {
    const auto fold = stats::assign_folds(ids, died, folds, seed + repeat);
    for (std::size_t p = 0; p < rows.size(); ++p)
      for (const std::size_t r : rows[p])
        for (std::size_t k = 0; k < folds; ++k) {
          auto& into = result[repeat * folds + k];
          (fold[p] == k ? into.test : into.training).push_back(used.rows[r]);
          (fold[p] == k ? into.test_high_risk : into.training_high_risk).push_back(high_risk[used.rows[r]]);
        }
  }
  return result;
}

NomogramComparison compare_nomograms(const stats::DataFrame& frame, const survival::OutcomeColumns& outcome,
                                     const std::vector<GroupedFold>& folds, const ComparisonOptions& o) {
  const auto used = survival::make_survival_frame(frame, outcome, columns_of(frame, o.nomogram));
  const auto patient = patients_of(used);
  std::vector<std::ptrdiff_t> place(frame.rows(), -1);
  for (std::size_t i = 0; i < used.rows.size(); ++i) place[used.rows[i]] = static_cast<std::ptrdiff_t>(i);
  double follow_up = 0;
  for (const auto& fold : folds)
    for (const std::size_t r : fold.test)
      if (place[r] >= 0) follow_up = std::max(follow_up, used.sample.time[static_cast<std::size_t>(place[r])]);
  Pool pool = pool_for(outcome, o, follow_up);
  for (std::size_t k = 0; k < folds.size(); ++k) {
    stats::Rows training, tested;
    const auto fitted_to = grouped(used, place, folds[k].training, folds[k].training_high_risk, training);
    TestRows test{grouped(used, place, folds[k].test, folds[k].test_high_risk, tested), {}, {}, {}};
    test.sample = survival::take(used.sample, tested);
    for (const std::size_t i : tested) {
      test.row.push_back(used.rows[i]);
      test.patient.push_back(patient[i]);
    }
    try {
      add_fold(fitted_to, test, pool);
    } catch (const Error& e) {
      throw e.within("fold " + std::to_string(k + 1));
    }
  }
  summarise(pool, !used.cluster.empty());
  pool.comparison.notes.insert(pool.comparison.notes.begin(), used.notes.begin(), used.notes.end());
  return std::move(pool.comparison);
}

NomogramComparison compare_nomograms(const stats::DataFrame& training, const stats::DataFrame& external,
                                     const survival::OutcomeColumns& outcome, const ComparisonOptions& o) {
  const auto columns = columns_of(training, with_group(o.nomogram));
  const auto fitted_to = survival::make_survival_frame(training, outcome, columns);
  auto coded = outcome;
  coded.coding = fitted_to.coding;
  const auto used = survival::make_survival_frame(external, coded, columns);
  Pool pool = pool_for(outcome, o, *std::ranges::max_element(used.sample.time));
  add_fold(fitted_to.frame, {used.frame, used.sample, used.rows, patients_of(used)}, pool);
  summarise(pool, !used.cluster.empty());
  pool.comparison.notes.insert(pool.comparison.notes.begin(), used.notes.begin(), used.notes.end());
  return std::move(pool.comparison);
}

}  // namespace gliocast::signature
