#include <gliocast/signature/signature_learner.hpp>

#include "weights.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/learn/fit_progress.hpp>
#include <gliocast/learn/folds.hpp>
#include <gliocast/survival/concordance.hpp>
#include <gliocast/survival/cut_point.hpp>
#include <gliocast/survival/log_rank.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace gliocast::signature {
namespace {

using learn::Rows;

/// Patients with an event without whom α and λ cannot be chosen: one for each of three folds.
constexpr std::size_t kLeastEvents = 3;

/// One fit in work: of the chain to these rows, and to them without each fold.
struct Fit {
  Rows rows;
  std::vector<std::size_t> fold;  ///< of each of them, within
  std::size_t folds = 0, constant_folds = 0;
  SignatureModel::Parts parts;
  SignatureFit result;
};

Fit begin(const SurvivalTable& table, const Rows& rows, std::size_t folds, std::uint64_t seed) {
  Fit fit;
  fit.rows = rows;
  fit.fold = folds_by_event(table, rows, folds, seed);
  fit.folds = *std::ranges::max_element(fit.fold) + 1;
  fit.result.held_out.resize(rows.size());
  fit.result.held_out_high_risk.resize(rows.size());
  return fit;
}

/// What one fold says of the rows that it was fitted without.
struct HeldFold {
  std::vector<std::size_t> places;  ///< of the rows, in the fit
  std::vector<double> signature;
  std::vector<char> high;
  std::vector<std::string> selected;
};

HeldFold fit_fold(const SignatureSpecification& s, const SurvivalTable& table, const Fit& fit, std::size_t f,
                  std::uint64_t seed) {
  Rows training, held;
  HeldFold out;
  for (std::size_t i = 0; i < fit.rows.size(); ++i) {
    (fit.fold[i] == f ? held : training).push_back(fit.rows[i]);
    if (fit.fold[i] == f) out.places.push_back(i);
  }
  const SignatureModel model(fit_weights(s, table, training, seed));
  out.signature = model.signature(table.features.take(held));
  out.high = model.high_risk(out.signature);
  out.selected = model.needed_columns();
  return out;
}

void take_fold(HeldFold held, Fit& fit) {
  for (std::size_t i = 0; i < held.places.size(); ++i) {
    fit.result.held_out[held.places[i]] = held.signature[i];
    fit.result.held_out_high_risk[held.places[i]] = held.high[i];
  }
  fit.constant_folds += held.selected.empty() ? 1 : 0;
  fit.result.selected_within.push_back(std::move(held.selected));
}

stats::Column numbers(const std::string& name, std::vector<double> values) {
  stats::Column column;
  column.name = name;
  column.numbers = std::move(values);
  return column;
}

/// Survival, patients and a signature of the training rows, as Cox models read them.
stats::DataFrame frame_of(const SurvivalTable& training, const std::vector<double>& signature) {
  stats::DataFrame frame;
  frame.add(numbers("time", training.outcome.time));
  frame.add(numbers("event", {training.outcome.event.begin(), training.outcome.event.end()}));
  frame.add(numbers("patient", {training.features.patient.begin(), training.features.patient.end()}));
  frame.add(numbers("signature", signature));
  return frame;
}

bool all_equal(const std::vector<double>& values) {
  return std::ranges::adjacent_find(values, std::ranges::not_equal_to{}) == values.end();
}

/// The Cox model of the held-out signature, and what should be known of it.
void add_survival(const SurvivalTable& training, const std::vector<double>& held_out, SignatureModel::Parts& parts) {
  auto& notes = parts.notes;
  parts.held_out_concordance = stats::unknown_estimate();
  if (all_equal(held_out)) {
    if (!parts.features.empty())
      notes.emplace_back("warning: within, every fit without a fold was constant: there is no model of survival");
    return;
  }
  survival::OutcomeColumns outcome{"time", "event", "1", "", "", ""};
  const bool repeated = parts.patients < parts.rows;
  if (repeated) outcome.cluster = "patient";
  auto analysis = survival::analyse_cox(frame_of(training, held_out), outcome, "signature");
  std::vector<double> risk;
  for (const double s : held_out) risk.push_back(-s);
  const std::vector<int> cluster = repeated ? training.features.patient : std::vector<int>{};
  parts.held_out_concordance = survival::concordance(training.outcome, risk, {}, {}, cluster);
  for (const auto& w : analysis.model.warnings) notes.push_back("warning: Cox model of the signature: " + w);
  if (analysis.model.coefficients.front() > 0) notes.emplace_back(std::string("warning: ") + kWrongWay);
  parts.survival = std::move(analysis.model);
}

void add_cut_check(const SurvivalTable& training, const std::vector<double>& signature, const std::vector<char>& high,
                   SignatureModel::Parts& parts) {
  if (all_equal(signature)) return;
  if (parts.patients < parts.rows) {
    parts.notes.emplace_back("the cut is not checked: the search would count several rows a patient as patients");
    return;
  }
  try {
    const auto search = survival::search_cut_point(training.outcome, signature);
    const auto& best = search.cuts.at(search.best);
    CutCheck check{best.cut, search.p_corrected, std::nan(""), best.low, best.high};
    const auto n = std::ranges::count(high, 1);
    if (n > 0 && n < std::ssize(high))
      check.p_median = survival::log_rank(training.outcome, {high.begin(), high.end()}, {"low risk", "high risk"}).p;
    parts.cut_check = check;
  } catch (const Error& e) {
    parts.notes.push_back("the cut is not checked: " + e.problem());
  }
}

SignatureFit finish(const SurvivalTable& table, const SignatureSpecification& s, Fit fit) {
  const SurvivalTable training = table.take(fit.rows);
  SignatureFit& r = fit.result;
  auto& notes = fit.parts.notes;
  if (fit.folds < s.folds)
    notes.push_back("folds within are " + std::to_string(fit.folds) + " in place of " + std::to_string(s.folds) +
                    ": no more patients have an event");
  if (fit.constant_folds > 0)
    notes.push_back("warning: in " + std::to_string(fit.constant_folds) + " of " + std::to_string(fit.folds) +
                    " folds within, the elastic net kept no feature");
  const SignatureModel weights(fit.parts);
  r.in_sample = weights.signature(training.features);
  r.in_sample_high_risk = weights.high_risk(r.in_sample);
  add_survival(training, r.held_out, fit.parts);
  const bool held = s.groups == TrainingGroups::HeldOut;
  add_cut_check(training, held ? r.held_out : r.in_sample, held ? r.held_out_high_risk : r.in_sample_high_risk,
                fit.parts);
  r.model = std::make_shared<SignatureModel>(std::move(fit.parts));
  return std::move(r);
}

}  // namespace

const std::vector<char>& SignatureFit::training_high_risk() const {
  return model->parts().specification.groups == TrainingGroups::HeldOut ? held_out_high_risk : in_sample_high_risk;
}

SignatureLearner::SignatureLearner(const SignatureSpecification& specification)
    : specification_(specification_of(to_json(specification))) {}

std::size_t SignatureLearner::patients_needed(std::size_t outer_folds) const {
  const std::size_t within = learn::patients_to_leave(kLeastEvents, specification_.folds);
  return outer_folds > 0 ? learn::patients_to_leave(within, outer_folds) : within;
}

void SignatureLearner::require_patients(const SurvivalTable& table, const Rows& rows, std::size_t outer_folds) const {
  const std::size_t needed = patients_needed(outer_folds), events = patients_with_event(table, rows);
  if (events >= needed) return;
  const std::string folds = outer_folds > 0 ? "at most " + std::to_string(outer_folds) + " outer folds and " : "";
  throw unusable_input("a signature with " + folds + "at most " + std::to_string(specification_.folds) +
                       " folds within needs " + std::to_string(needed) + " patients with an event, and there are " +
                       std::to_string(events));
}

SignatureFit SignatureLearner::fit(const SurvivalTable& table, const Rows& rows,
                                   const learn::FitContext& context) const {
  return fit_each(table, {rows}, context).front();
}

std::vector<SignatureFit> SignatureLearner::fit_each(const SurvivalTable& table, const std::vector<Rows>& row_sets,
                                                     const learn::FitContext& context,
                                                     const std::function<void()>& on_fit) const {
  check_outcome(table);
  std::vector<Fit> fits;
  std::vector<std::pair<std::size_t, std::size_t>> work;  // a fit, and a fold of it or their number: all rows
  for (const auto& rows : row_sets) {
    require_patients(table, rows);
    fits.push_back(begin(table, rows, specification_.folds, context.seed));
    for (std::size_t f = 0; f <= fits.back().folds; ++f) work.emplace_back(fits.size() - 1, f);
  }
  learn::FitProgress progress(fits.size(), on_fit);
  progress.begin(1, work.size());
  std::vector<HeldFold> held(work.size());
  parallel_for(work.size(), context.threads, [&](std::size_t i) {
    auto& fit = fits[work[i].first];
    if (work[i].second == fit.folds)
      fit.parts = fit_weights(specification_, table, fit.rows, context.seed);
    else
      held[i] = fit_fold(specification_, table, fit, work[i].second, context.seed);
    progress.part_done();
  });
  for (std::size_t i = 0; i < work.size(); ++i)
    if (auto& fit = fits[work[i].first]; work[i].second < fit.folds) take_fold(std::move(held[i]), fit);
  std::vector<SignatureFit> results;
  for (auto& fit : fits) results.push_back(finish(table, specification_, std::move(fit)));
  progress.finish();
  return results;
}

}  // namespace gliocast::signature
