#include <gliocast/analysis/survival_penalised.hpp>

#include "number_columns.hpp"
#include "penalised_doubts.hpp"

#include <gliocast/analysis/cells.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/learn/cox_net.hpp>
#include <gliocast/learn/folds.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace gliocast::analysis {
namespace {

constexpr std::size_t kMostLines = 30, kMostNamed = 8;  // of the figure

std::string quoted(const std::string& column) {
  return stats::Expression{stats::Expression::Kind::Column, 0, column, {}}.text();
}

/// Terms of a formula with the stratum and offset that the options name.
std::string with_strata(std::string formula, const PenalisedOptions& o) {
  if (!o.strata.empty()) formula += " + strata(" + quoted(o.strata) + ")";
  if (!o.offset.empty()) formula += " + offset(" + quoted(o.offset) + ")";
  return formula;
}

/// All columns that hold numbers and are nothing else; what is left out is told.
std::string formula_of_columns(const stats::DataFrame& table, const PenalisedOptions& o,
                               std::vector<std::string>& notes) {
  std::set<std::string> other(o.drop.begin(), o.drop.end());
  for (const auto& name : o.drop) (void)table.at(name);
  other.insert(
      {o.outcome.time, o.outcome.event, o.outcome.entry, o.outcome.weights, o.outcome.cluster, o.strata, o.offset});
  const NumberColumns sorted = number_columns(table, other, true);
  std::string formula;
  for (const auto* column : sorted.numbers) formula += (formula.empty() ? "" : " + ") + quoted(column->name);
  if (formula.empty())
    throw unusable_input("no column but those of the outcome holds numbers", table.origin(),
                         "name the predictors with --formula");
  if (!sorted.text.empty())
    notes.push_back(std::to_string(sorted.text.size()) + " columns of text are no predictors: " +
                    listed(sorted.text, kMostNamed) + "; --formula takes them as factors");
  sorted.tell_left_out(notes);
  return formula;
}

std::vector<double> penalty_factors(const PenalisedOptions& o, const std::vector<std::string>& names) {
  if (o.penalties.empty()) return {};
  std::vector<double> factors(names.size(), 1.0);
  for (const auto& [name, factor] : o.penalties) {
    const auto at = std::ranges::find(names, name);
    if (at == names.end())
      throw Error(ExitCode::WrongUse, "the model has no term \"" + name + "\"", "--penalty",
                  "terms are named as in the output, e.g. \"" + names.front() + "\"");
    factors[static_cast<std::size_t>(at - names.begin())] = factor;
  }
  return factors;
}

/// Patients dealt to folds, those with an event apart from those without.
std::vector<std::size_t> folds_of(const survival::CoxAnalysis& a, const PenalisedOptions& o) {
  learn::FeatureTable table;
  table.values = stats::Matrix(a.data.time.size(), 0);
  for (std::size_t i = 0; i < a.data.time.size(); ++i) {
    const bool known = !o.outcome.cluster.empty();
    table.ids.push_back(known ? a.used.frame.at(o.outcome.cluster).text(i) : std::to_string(a.used.rows[i] + 1));
    table.patient.push_back(known ? a.used.cluster[i] : static_cast<int>(i));
    table.outcome.push_back(a.data.event[i] ? 1 : 0);
  }
  return learn::folds_by_patient(table, learn::all_rows(table), o.folds, true, o.seed);
}

struct Chosen {
  learn::CrossValidatedNet net;          ///< without means where λ was given
  std::size_t at = 0;                    ///< of the path
  std::vector<double> factors;           ///< of λ, as they were given or adapted; empty: all 1
  std::optional<double> first_lambda{};  ///< of the ridge that adapted them
};

/// Folds that cannot judge a λ are told.
void tell_empty_folds(const survival::CoxAnalysis& a, const std::vector<std::size_t>& fold,
                      std::vector<std::string>& notes) {
  std::set<std::size_t> all(fold.begin(), fold.end()), with;
  for (std::size_t i = 0; i < fold.size(); ++i)
    if (a.data.event[i]) with.insert(fold[i]);
  if (with.size() < all.size())
    notes.push_back("warning: " + std::to_string(all.size() - with.size()) + " of " + std::to_string(all.size()) +
                    " folds have no event and judge nothing: lambda rests on " + std::to_string(with.size()) +
                    " folds and " + std::to_string(a.used.events) +
                    " events; take fewer --folds, or a --lambda settled beforehand");
}

/// Factors of λ by a first ridge, whose λ is chosen once, on all rows.
learn::CoxNetFactors adapt(const survival::CoxAnalysis& a, const PenalisedOptions& o, learn::ElasticNetOptions net,
                           const std::vector<std::size_t>& fold, Chosen& c) {
  net.alpha = 0;
  const auto first = learn::cross_validate_cox_net(a.data, fold, o.ties, net, o.measure, o.threads);
  const double lambda = first.path.fits[first.best].lambda;
  c.first_lambda = lambda;
  return [net, lambda, ties = o.ties, power = *o.adaptive_power](const survival::CoxData& rows) {
    return learn::adaptive_factors(rows, ties, net, lambda, power);
  };
}

void fit_at(const survival::CoxAnalysis& a, const PenalisedOptions& o, const learn::ElasticNetOptions& net, Chosen& c) {
  // The path down to it is of use in the figure.
  c.net.path = learn::fit_cox_net_to(a.data, o.ties, net, *o.lambda);
  if (!c.net.path.converged)
    throw unusable_input("no convergence at lambda " + cell(*o.lambda), "--lambda", "take a larger one");
  c.at = c.net.path.fits.size() - 1;
}

void tell_choice(const Chosen& c, std::vector<std::string>& notes) {
  const auto& fits = c.net.path.fits;
  if (!c.net.path.converged) notes.emplace_back("warning: the path ended early without convergence");
  if (c.net.best + 1 == fits.size())
    notes.emplace_back("warning: the best lambda is the last of the path: a smaller one might be better");
  if (c.net.best == 0)
    notes.emplace_back(
        "warning: no lambda of the path predicts the folds better than its first, the largest: the predictors say "
        "nothing that other rows bear out");
}

Chosen choose(const survival::CoxAnalysis& a, const PenalisedOptions& o, std::vector<std::string>& notes) {
  // Coefficients are printed with six digits: tighter than glmnet's default of 1e-7, which leaves per cents where they
  // are small.
  learn::ElasticNetOptions net{.alpha = o.alpha, .tolerance = 1e-12, .penalties = penalty_factors(o, a.data.names)};
  Chosen c;
  std::vector<std::size_t> fold;
  learn::CoxNetFactors factors;
  if (!o.lambda || o.adaptive_power) {
    fold = folds_of(a, o);
    tell_empty_folds(a, fold, notes);
  }
  if (o.adaptive_power) factors = adapt(a, o, net, fold, c);
  c.factors = factors ? factors(a.data) : net.penalties;
  if (o.lambda) {
    net.penalties = c.factors;
    fit_at(a, o, net, c);
    return c;
  }
  c.net = learn::cross_validate_cox_net(a.data, fold, o.ties, net, o.measure, o.threads, factors);
  c.at = o.within_error ? c.net.within_error : c.net.best;
  tell_choice(c, notes);
  return c;
}

Json path_json(const learn::CrossValidatedNet& net) {
  Json list = Json::array();
  for (std::size_t m = 0; m < net.path.fits.size(); ++m) {
    const auto& fit = net.path.fits[m];
    const bool judged = m < net.mean.size();
    list.push_back({{"lambda", fit.lambda},
                    {"nonzero", fit.coefficients.size()},
                    {"deviance_ratio", finite_or_null(fit.deviance_ratio)},
                    {"mean", judged ? finite_or_null(net.mean[m]) : Json(nullptr)},
                    {"se", judged ? finite_or_null(net.error[m]) : Json(nullptr)}});
  }
  return list;
}

/// A line upwards at a λ.
XySeries upright(const std::string& label, double lambda, double low, double high) {
  return {label, {std::log(lambda), std::log(lambda)}, {low, high}, {}, {}, false, true};
}

void set_range(const learn::ElasticNetPath& path, XyFigure& figure) {
  for (const auto& fit : path.fits)
    if (fit.lambda > 0) {
      figure.x_high = std::max(figure.x_high, std::log(fit.lambda));
      figure.x_low = std::min(figure.x_low, std::log(fit.lambda));
    }
  if (figure.x_low == figure.x_high) figure.x_high += 1;
}

/// Coefficients of columns with standard deviation 1 along the path: the largest at its end.
XyFigure path_figure(const Chosen& c, const std::vector<std::string>& names) {
  const auto& path = c.net.path;
  XyFigure figure{"",
                  "log(lambda)",
                  "Coefficient per standard deviation",
                  HUGE_VAL,
                  -HUGE_VAL,
                  -0.1,
                  0.1,
                  false,
                  {},
                  "Coefficients of an elastic-net Cox model by lambda"};
  set_range(path, figure);
  std::vector<std::vector<double>> b(names.size());
  for (std::size_t m = 0; m < path.fits.size(); ++m)
    for (const auto& [column, v] : path.fits[m].coefficients) {
      b[column].resize(path.fits.size(), 0.0);
      b[column][m] = v * path.scale[column];
    }
  std::vector<std::pair<double, std::size_t>> order;  // (minus the size at the end, column)
  for (std::size_t k = 0; k < names.size(); ++k)
    if (!b[k].empty()) order.emplace_back(-std::fabs(b[k].back()), k);
  std::ranges::sort(order);
  for (std::size_t line = 0; line < std::min(order.size(), kMostLines); ++line) {
    XySeries series;
    if (line < kMostNamed) series.label = names[order[line].second];
    for (std::size_t m = 0; m < path.fits.size(); ++m) {
      if (!(path.fits[m].lambda > 0)) continue;
      const double v = b[order[line].second][m];
      series.x.push_back(std::log(path.fits[m].lambda));
      series.y.push_back(v);
      figure.y_low = std::min(figure.y_low, 1.05 * v);
      figure.y_high = std::max(figure.y_high, 1.05 * v);
    }
    figure.series.push_back(std::move(series));
  }
  if (path.fits[c.at].lambda > 0)
    figure.series.push_back(upright("chosen", path.fits[c.at].lambda, figure.y_low, figure.y_high));
  return figure;
}

/// Without the λs that are so small that their folds do much worse than no model: they would hide where the least is.
XyFigure cross_validation_figure(const learn::CrossValidatedNet& net) {
  XyFigure figure{"",
                  "log(lambda)",
                  "Deviance of the folds per event",
                  HUGE_VAL,
                  -HUGE_VAL,
                  HUGE_VAL,
                  -HUGE_VAL,
                  false,
                  {},
                  "Cross-validation of an elastic-net Cox model"};
  const double ceiling = net.mean.front() + 2 * (net.mean.front() - net.mean[net.best] + net.error.front());
  XySeries series;
  series.label = "mean and standard error";
  series.points = true;
  for (std::size_t m = 0; m < net.mean.size() && net.mean[m] <= ceiling; ++m) {
    figure.x_low = std::min(figure.x_low, std::log(net.path.fits[m].lambda));
    figure.x_high = std::max(figure.x_high, std::log(net.path.fits[m].lambda));
    series.x.push_back(std::log(net.path.fits[m].lambda));
    series.y.push_back(net.mean[m]);
    series.low.push_back(net.mean[m] - net.error[m]);
    series.high.push_back(net.mean[m] + net.error[m]);
    figure.y_low = std::min(figure.y_low, series.low.back());
    figure.y_high = std::max(figure.y_high, series.high.back());
  }
  figure.series.push_back(std::move(series));
  figure.series.push_back(upright("lambda.min", net.path.fits[net.best].lambda, figure.y_low, figure.y_high));
  figure.series.push_back(upright("lambda.1se", net.path.fits[net.within_error].lambda, figure.y_low, figure.y_high));
  return figure;
}

/// The formula of the terms that have a coefficient, and the coefficients of its columns.
void keep_terms(const survival::CoxAnalysis& a, const std::vector<double>& b, PenalisedOutput& out) {
  const auto& design = a.model.design;
  std::set<std::size_t> kept;
  for (std::size_t c = 0; c < b.size(); ++c)
    if (b[c] != 0) kept.insert(design.term_of_column()[c]);
  for (const std::size_t t : kept) out.formula += (out.formula.empty() ? "" : " + ") + design.term_labels()[t];
  if (kept.empty()) return;
  for (std::size_t c = 0; c < b.size(); ++c)
    if (kept.contains(design.term_of_column()[c])) out.coefficients.push_back(b[c]);
  for (const auto& offset : design.formula().offsets) out.formula += " + offset(" + offset.text() + ")";
  std::string strata;
  for (const auto& s : design.formula().strata) strata += (strata.empty() ? "" : ", ") + s.text();
  if (!strata.empty()) out.formula += " + strata(" + strata + ")";
}

std::string sentence_on(const survival::CoxAnalysis& a, const learn::ElasticNetFit& fit) {
  const std::string counts = std::to_string(a.data.time.size()) + " rows, " + std::to_string(a.used.events) +
                             (a.used.events == 1 ? " event" : " events") +
                             (a.used.left_out > 0 ? ", " + std::to_string(a.used.left_out) + " rows left out" : "") +
                             "; lambda " + cell(fit.lambda) + " leaves ";
  const std::string columns = std::to_string(a.data.names.size());
  if (fit.coefficients.empty()) return counts + "none of " + columns + " coefficients";
  return counts + std::to_string(fit.coefficients.size()) + " of " + columns + " coefficients" +
         (fit.lambda > 0 ? "; they are shrunk: no interval, no P"
                         : ", not shrunk: gliocast survival cox gives them intervals and P");
}

void describe(const survival::CoxAnalysis& a, const PenalisedOptions& o, const Chosen& c, PenalisedOutput& out) {
  const auto& net = c.net;
  const auto& fit = net.path.fits[c.at];
  const bool judged = !net.mean.empty();
  out.json = {{"alpha", o.alpha},
              {"ties", o.ties == survival::Ties::Efron ? "efron" : "breslow"},
              {"n", a.data.time.size()},
              {"events", a.used.events},
              {"left_out", a.used.left_out},
              {"columns", a.data.names.size()},
              {"predictors", a.model.design.term_labels()},
              {"lambda", fit.lambda},
              {"lambda_min", judged ? Json(net.path.fits[net.best].lambda) : Json(nullptr)},
              {"lambda_1se", judged ? Json(net.path.fits[net.within_error].lambda) : Json(nullptr)},
              {"measure", judged ? Json(o.measure == learn::NetMeasure::Deviance ? "deviance" : "partial-likelihood")
                                 : Json(nullptr)},
              {"deviance_ratio", finite_or_null(fit.deviance_ratio)},
              {"coefficients", Json::array()},
              {"path", path_json(net)}};
  out.table.columns = {"term", "estimate", "hazard_ratio"};
  for (const auto& [column, b] : fit.coefficients) {
    out.json["coefficients"].push_back({{"term", a.data.names[column]},
                                        {"estimate", b},
                                        {"hazard_ratio", finite_or_null(std::exp(b))},
                                        {"penalty_factor", c.factors.empty() ? 1.0 : c.factors[column]}});
    out.table.rows.push_back({a.data.names[column], cell(b), cell(std::exp(b))});
  }
  if (c.first_lambda)
    out.json["adaptive"] = {{"power", *o.adaptive_power}, {"ridge_lambda", *c.first_lambda}};
  else
    out.json["adaptive"] = nullptr;
  out.notes.push_back("predictors: " + listed(a.model.design.term_labels(), kMostNamed));
  out.notes.push_back(sentence_on(a, fit));
  if (c.first_lambda)
    out.notes.push_back("adaptive: each coefficient's lambda over |b|^" + cell(*o.adaptive_power) +
                        " of a ridge at its own lambda.min, " + cell(*c.first_lambda) +
                        ", fitted anew outside each fold");
}

}  // namespace

PenalisedOutput penalised(const stats::DataFrame& table, const PenalisedOptions& o) {
  PenalisedOutput out;
  std::vector<std::string> notes;
  const std::string formula = o.formula.empty() ? formula_of_columns(table, o, notes) : o.formula;
  const auto a = survival::prepare_cox(table, o.outcome, with_strata(formula, o));
  out.notes = a.used.notes;
  out.notes.insert(out.notes.end(), notes.begin(), notes.end());
  out.rows = a.used.rows;
  Chosen c = choose(a, o, out.notes);
  learn::drop_rounding(c.net.path, c.net.path.fits[c.at]);
  if (std::ranges::all_of(c.net.path.scale, [](double v) { return v == 0; }))
    throw unusable_input("no predictor varies among the " + std::to_string(out.rows.size()) + " rows that are used",
                         table.origin(), "look at rows left out for missing values, and at --drop and --formula");
  const auto& fit = c.net.path.fits[c.at];
  describe(a, o, c, out);
  out.doubts = penalised_doubts(a, c.net.path, c.at, o.alpha, c.factors);
  for (const auto& doubt : out.doubts) out.notes.push_back("warning: " + doubt);
  std::vector<double> b(a.data.names.size());
  for (const auto& [column, v] : fit.coefficients) b[column] = v;
  keep_terms(a, b, out);
  out.outcome = o.outcome;
  out.ties = o.ties;
  out.penalty = {o.alpha, fit.lambda};
  out.figures.emplace_back(path_figure(c, a.data.names));
  if (!c.net.mean.empty()) out.cross_validation.emplace_back(cross_validation_figure(c.net));
  return out;
}

survival::CoxModel penalised_model(const stats::DataFrame& table, const PenalisedOutput& out) {
  if (out.formula.empty())
    throw unusable_input("no coefficient is left at lambda " + cell(out.penalty.lambda) + ": there is no model to save",
                         table.origin(), "take a smaller --lambda");
  auto model = survival::analyse_penalised(table.subset(out.rows), out.outcome, out.formula, out.coefficients, out.ties,
                                           out.penalty)
                   .model;
  model.warnings = out.doubts;
  return model;
}

}  // namespace gliocast::analysis
