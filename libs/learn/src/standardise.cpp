#include <gliocast/learn/standardise.hpp>

#include "columns.hpp"
#include "function_learner.hpp"
#include "step_entry.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/json_count.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/quantile.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/learn/step_options.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace gliocast::learn {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// What a fit met, for its notes.
struct Met {
  std::vector<std::string> filled, beyond, constant, empty;  ///< features
  std::size_t filled_cells = 0, beyond_cells = 0;
};

std::vector<std::string> notes_of(const Met& met, const StandardiseOptions& options) {
  std::vector<std::string> notes;
  const auto note = [&](const std::vector<std::string>& names, const std::string& text) {
    if (!names.empty()) notes.push_back("standardise: " + text + ": " + listed(names, kMostNamed));
  };
  note(met.beyond, counted(met.beyond_cells, "cell") + " of " + counted(met.beyond.size(), "feature") +
                       " infinite or beyond 1e150, taken as missing");
  note(met.filled, counted(met.filled_cells, "missing cell") + " of " + counted(met.filled.size(), "feature") +
                       " filled with the training rows' " +
                       (options.missing == MissingCells::Mean ? "mean" : "median"));
  note(met.empty, counted(met.empty.size(), "feature") + " missing in more than " +
                      plain_number(100 * options.most_missing, 3) + " % of the rows left out");
  note(met.constant, counted(met.constant.size(), "constant feature") + " left out");
  return notes;
}

/// The scale of one feature by its usable values; nothing where they are constant. Sorts them.
std::optional<FeatureScale> scale_of(std::vector<double>& values, const StandardiseOptions& options) {
  std::ranges::sort(values);
  const Moments m = moments(values, options.ddof);
  if (m.constant()) return std::nullopt;
  FeatureScale f;
  f.median = quantile_linear(values, 0.5);
  f.low = values.front();
  f.high = values.back();
  f.p1 = quantile_linear(values, 0.01);
  f.p99 = quantile_linear(values, 0.99);
  f.fill = options.missing == MissingCells::Mean ? m.mean : f.median;
  if (options.scale == Scale::None) return f;
  f.centre = options.scale == Scale::Sd ? m.mean : f.median;
  f.scale = m.sd;
  const double iqr = quantile_linear(values, 0.75) - quantile_linear(values, 0.25);
  if (options.scale == Scale::Robust && iqr > 1e-12 * m.largest) f.scale = iqr;
  return f;
}

[[noreturn]] void refuse_missing(std::size_t cells, const std::vector<std::string>& features) {
  throw unusable_input("the step standardise: " + counted(cells, "cell") + " of " +
                           counted(features.size(), "feature") +
                           " missing or infinite: " + listed(features, kMostNamed),
                       "", "fill them, or set missing to median or mean");
}

void scale_into(std::span<const double> from, std::span<double> to, const FeatureScale& f, double fill) {
  for (std::size_t i = 0; i < from.size(); ++i) to[i] = ((usable(from[i]) ? from[i] : fill) - f.centre) / f.scale;
}

StandardiseOptions options_of(const Json& json) {
  StepOptions o("standardise", json);
  StandardiseOptions s;
  const std::string scale = o.choice("scale", "sd", {"sd", "robust", "none"});
  s.scale = scale == "sd" ? Scale::Sd : scale == "robust" ? Scale::Robust : Scale::None;
  s.ddof = static_cast<int>(o.count("ddof", 0, 0, 1));
  const std::string missing = o.choice("missing", "median", {"median", "mean", "refuse"});
  s.missing = missing == "median" ? MissingCells::Median
              : missing == "mean" ? MissingCells::Mean
                                  : MissingCells::Refuse;
  s.most_missing = o.number("most_missing", s.most_missing, 0, 1);
  o.finish();
  return s;
}

Json json_of(const StandardiseOptions& s) {
  return {{"scale", s.scale == Scale::Sd       ? "sd"
                    : s.scale == Scale::Robust ? "robust"
                                               : "none"},
          {"ddof", s.ddof},
          {"missing", s.missing == MissingCells::Median ? "median"
                      : s.missing == MissingCells::Mean ? "mean"
                                                        : "refuse"},
          {"most_missing", s.most_missing}};
}

/// The columns of a JSON model: its key and the member that it holds.
constexpr std::pair<const char*, double FeatureScale::*> kMembers[] = {
    {"centre", &FeatureScale::centre}, {"scale", &FeatureScale::scale}, {"fill", &FeatureScale::fill},
    {"median", &FeatureScale::median}, {"low", &FeatureScale::low},     {"p1", &FeatureScale::p1},
    {"p99", &FeatureScale::p99},       {"high", &FeatureScale::high}};

}  // namespace

Standardisation::Standardisation(std::size_t columns, bool refuse, std::vector<FeatureScale> features,
                                 std::vector<std::string> notes)
    : columns_(columns), refuse_missing_(refuse), features_(std::move(features)), notes_(std::move(notes)) {
  std::size_t next = 0;
  for (const auto& f : features_) {
    bool fits = f.column >= next && f.column < columns_ && f.scale > 0;
    for (const auto& [key, member] : kMembers) fits = fits && std::isfinite(f.*member);
    if (!fits) throw unusable_input("the model of standardise is damaged");
    next = f.column + 1;
  }
}

std::shared_ptr<const Standardisation> Standardisation::from_json(const Json& json) {
  const auto columns = counts_of(json.at("kept"));
  std::vector<FeatureScale> features(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) features[i].column = columns[i];
  for (const auto& [key, member] : kMembers) {
    const auto values = json.at(key).get<std::vector<double>>();
    if (values.size() != columns.size()) throw unusable_input("the model of standardise is damaged");
    for (std::size_t i = 0; i < columns.size(); ++i) features[i].*member = values[i];
  }
  return std::make_shared<Standardisation>(count_of(json.at("columns")), json.at("refuse_missing").get<bool>(),
                                           std::move(features));
}

Json Standardisation::to_json() const {
  Json json{{"columns", columns_}, {"refuse_missing", refuse_missing_}};
  std::vector<std::size_t> kept;
  for (const auto& f : features_) kept.push_back(f.column);
  json["kept"] = kept;
  for (const auto& [key, member] : kMembers) {
    std::vector<double> values;
    for (const auto& f : features_) values.push_back(f.*member);
    json[key] = values;
  }
  return json;
}

std::optional<RestrictedModel> Standardisation::restricted_to(const std::vector<std::size_t>& outputs) const {
  std::vector<FeatureScale> features;
  RestrictedModel restricted;
  for (const std::size_t c : outputs) {
    restricted.inputs.push_back(features_.at(c).column);
    features.push_back(features_[c]);
    features.back().column = features.size() - 1;
  }
  restricted.model = std::make_shared<Standardisation>(outputs.size(), refuse_missing_, std::move(features));
  return restricted;
}

FeatureTable Standardisation::apply(const FeatureTable& table) const {
  need_columns(table, columns_, "the step standardise");
  std::vector<std::size_t> kept;
  for (const auto& f : features_) kept.push_back(f.column);
  FeatureTable out = table.select(kept);
  std::vector<std::string> lacking;
  std::size_t cells = 0;
  for (std::size_t c = 0; c < kept.size(); ++c) {
    const FeatureScale& f = features_[c];
    const auto from = table.values.column(f.column);
    const auto missing = static_cast<std::size_t>(std::ranges::count_if(from, [](double v) { return !usable(v); }));
    cells += missing;
    if (missing > 0) lacking.push_back(out.features[c]);
    scale_into(from, out.values.column(c), f, f.fill);
    if (table.second_rater.rows > 0)
      scale_into(table.second_rater.column(f.column), out.second_rater.column(c), f, kNaN);
  }
  if (refuse_missing_ && cells > 0) refuse_missing(cells, lacking);
  return out;
}

std::shared_ptr<const Standardisation> fit_standardisation(const FeatureTable& table, const Rows& rows,
                                                           const StandardiseOptions& options) {
  if (rows.size() < 2) throw unusable_input("the step standardise needs at least two rows");
  Met met;
  std::vector<FeatureScale> features;
  std::vector<double> values;
  for (std::size_t c = 0; c < table.values.columns; ++c) {
    take_rows(table.values.column(c), rows, values);
    const auto beyond =
        static_cast<std::size_t>(std::ranges::count_if(values, [](double v) { return std::abs(v) > kMostMagnitude; }));
    if (beyond > 0) met.beyond.push_back(table.features[c]);
    met.beyond_cells += beyond;
    std::erase_if(values, [](double v) { return !usable(v); });
    const std::size_t missing = rows.size() - values.size();
    if (options.missing == MissingCells::Refuse && missing > 0) {
      met.filled.push_back(table.features[c]);
      met.filled_cells += missing;
      continue;
    }
    if (values.size() < 2 || static_cast<double>(missing) > options.most_missing * static_cast<double>(rows.size())) {
      met.empty.push_back(table.features[c]);
      continue;
    }
    auto scale = scale_of(values, options);
    if (!scale) {
      met.constant.push_back(table.features[c]);
      continue;
    }
    scale->column = c;
    features.push_back(*scale);
    if (missing > 0) met.filled.push_back(table.features[c]);
    met.filled_cells += missing;
  }
  const bool refuse = options.missing == MissingCells::Refuse;
  if (refuse && met.filled_cells > 0) refuse_missing(met.filled_cells, met.filled);
  if (features.empty()) throw unusable_input("the step standardise: no feature varies in the training rows");
  return std::make_shared<Standardisation>(table.values.columns, refuse, std::move(features), notes_of(met, options));
}

namespace {

/// Rows from which on it is no coincidence that a feature is the same of all.
constexpr std::size_t kLeastConstant = 3;

/// Of the values that a new table has of a feature, in ascending order.
std::optional<RangeWarning> warning_of(const FeatureScale& f, const std::string& name,
                                       const std::vector<double>& sorted, double least_share) {
  const double width = f.high - f.low, median = quantile_linear(sorted, 0.5), ratio = median / f.median;
  const auto beyond = std::ranges::count_if(sorted, [&](double v) { return v < f.low - width || v > f.high + width; });
  const double share = static_cast<double>(beyond) / static_cast<double>(sorted.size());
  const bool unit =
      std::isfinite(ratio) && (median < f.low || median > f.high) && (ratio >= 100 || (ratio > 0 && ratio <= 0.01));
  const std::string range = plain_number(f.low, 4) + " to " + plain_number(f.high, 4);
  if (sorted.size() >= kLeastConstant && sorted.front() == sorted.back())
    return RangeWarning{name,
                        name + ": the same in all " + std::to_string(sorted.size()) + " rows, " +
                            plain_number(median, 4) + ", in the training rows " + range +
                            ": it does not tell these rows apart; was it measured?",
                        share};
  if (unit)
    return RangeWarning{name,
                        name + ": the median is " + plain_number(median, 4) + ", in the training rows " +
                            plain_number(f.median, 4) + ": is it in another unit?",
                        share};
  if (beyond > 0 && share >= least_share)
    return RangeWarning{name,
                        name + ": " + plain_number(100 * share, 3) + " % of the rows lie far outside the range of " +
                            "the training rows, " + range,
                        share};
  return std::nullopt;
}

}  // namespace

std::vector<RangeWarning> range_warnings(const Standardisation& model, const FeatureTable& table, double least_share) {
  need_columns(table, model.columns(), "the step standardise");
  std::vector<RangeWarning> warnings;
  std::vector<double> values;
  for (const auto& f : model.features()) {
    const auto column = table.values.column(f.column);
    values.assign(column.begin(), column.end());
    std::erase_if(values, [](double v) { return std::isnan(v); });
    if (values.empty()) continue;
    std::ranges::sort(values);
    if (auto warning = warning_of(f, table.features[f.column], values, least_share))
      warnings.push_back(std::move(*warning));
  }
  return warnings;
}

StepEntry standardise_entry() {
  return {"standardise",
          "z-scores (or robust ones) by the training rows; missing cells filled, constant features left out",
          [](const Json& json) {
            const auto options = options_of(json);
            return std::make_shared<FunctionLearner>(
                "standardise", json_of(options), [options](const FeatureTable& t, const Rows& rows, const FitContext&) {
                  return fit_standardisation(t, rows, options);
                });
          },
          [](const Json& model) { return Standardisation::from_json(model); }};
}

}  // namespace gliocast::learn
