#include <gliocast/analysis/patient_survival.hpp>

#include <gliocast/analysis/cells.hpp>
#include <gliocast/analysis/survival_model.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/survival/cox_model_file.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

namespace gliocast::analysis {
namespace {

using findings::ClinicalField;
using findings::ClinicalRecord;
using findings::NoSurvival;
using findings::PredictorValue;
using findings::SurvivalCurve;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::array<double, 3> kYears{1, 3, 5};
constexpr const char* kDemonstration = "Demonstration: fitted to simulated patients";

/// One value of each predictor, by column.
using Row = std::map<std::string, std::string>;

struct TimeUnit {
  const char *name, *word;
  double in_a_year;
};
constexpr std::array<TimeUnit, 4> kUnits{
    {{"days", "day", 365.25}, {"weeks", "week", 365.25 / 7}, {"months", "month", 12}, {"years", "year", 1}}};

ToldTimes times_of(const models::Bundle& bundle, const survival::CoxModel& model, const std::string& given) {
  if (auto told = told_times(given.empty() ? bundle.card.value("unit", model.time_column) : given)) return *told;
  throw Error(ExitCode::MissingModel,
              "the unit of the survival model's times is not known (its column is \"" + model.time_column + "\")",
              bundle.name, "say it: --survival-unit days, weeks, months or years");
}

void refuse_what_needs_more(const survival::CoxModel& model, const std::string& name) {
  const auto& formula = model.design.formula();
  const char* what = !formula.strata.empty()       ? "strata"
                     : !formula.offsets.empty()    ? "an offset"
                     : !model.entry_column.empty() ? "entry times"
                                                   : nullptr;
  if (what)
    throw Error(
        ExitCode::MissingModel, std::string("the survival model has ") + what, name,
        "predict takes Cox models without strata, offsets and entry times; gliocast survival predict takes all");
}

/// Reads a level of the model as a value of a field, to compare it with the record's.
std::string level_text(ClinicalField field, const std::string& level) {
  ClinicalRecord record;
  try {
    read_field(record, field, level, ExitCode::MissingModel, {});
  } catch (const Error&) {
    return {};  // a level that is none of ours
  }
  return field_text(record, field);
}

/// The values of a predictor that a patient may have, `given` as the user said it.
struct Candidates {
  std::vector<PredictorValue> values;
  bool missing = false;
};

Candidates from_levels(const Json& predictor, ClinicalField field, const std::vector<std::string>& wanted,
                       const std::string& given) {
  Candidates c;
  if (!predictor.contains("levels")) return c;
  const auto column = predictor.at("name").get<std::string>();
  for (const auto& level : predictor.at("levels")) {
    const auto text = level.get<std::string>(), meaning = level_text(field, text);
    if (std::ranges::find(wanted, meaning) != wanted.end())
      c.values.push_back({.column = column, .value = text, .given = given});
  }
  return c;
}

bool is_text(const Json& predictor) { return predictor.at("text").get<bool>(); }

/// The least and largest value of a number in the fit.
std::pair<double, double> range_of(const Json& predictor) {
  if (predictor.contains("range"))
    return {predictor["range"].at(0).get<double>(), predictor["range"].at(2).get<double>()};
  const Json& levels = predictor.at("levels");
  return {parse_number(levels.front().get<std::string>()).value_or(kNaN),
          parse_number(levels.back().get<std::string>()).value_or(kNaN)};
}

/// A number, with the range of the fit where it lies outside.
Candidates from_number(const Json& predictor, const std::string& text) {
  Candidates c;
  const auto value = parse_number(text);
  if (!value || !std::isfinite(*value)) return c;
  PredictorValue v{.column = predictor.at("name").get<std::string>(), .value = shortest(*value), .given = text};
  const auto range = range_of(predictor);
  if (*value < range.first || *value > range.second) v.outside = range;
  c.values.push_back(std::move(v));
  return c;
}

/// A column that is none of the record's fields: a cell of the table as it is.
Candidates from_column(const Json& predictor, const ClinicalRecord& record) {
  const auto column = predictor.at("name").get<std::string>();
  const auto cell = record.columns.find(column);
  if (cell == record.columns.end() || stats::is_missing_code(cell->second)) return {.values = {}, .missing = true};
  if (!is_text(predictor)) return from_number(predictor, cell->second);
  Candidates c;
  for (const auto& level : predictor.at("levels"))
    if (level.get<std::string>() == cell->second)
      c.values.push_back({.column = column, .value = cell->second, .given = cell->second});
  return c;
}

Candidates candidates(const Json& predictor, const ClinicalRecord& record, const findings::LowerGrade& lower) {
  const auto field = findings::field_of_column(predictor.at("name").get<std::string>());
  if (!field) return from_column(predictor, record);
  const std::string given = field_text(record, *field);
  if (*field == ClinicalField::Age)
    return given.empty() ? Candidates{.values = {}, .missing = true} : from_number(predictor, given);
  if (*field == ClinicalField::Grade) {
    std::vector<std::string> grades;
    for (const int g : lower.grades) grades.push_back(std::to_string(g));
    const auto c = from_levels(predictor, *field, grades, grades.size() == 1 ? given : "");
    if (!c.values.empty()) return c;
    return from_levels(predictor, *field, {"low"}, given.empty() ? "lower, by the images" : given);  // LGG, HGG
  }
  if (*field == ClinicalField::Histology && given.empty())
    return from_levels(predictor, *field, {"astrocytoma", "oligoastrocytoma", "oligodendroglioma"}, "");
  if (given.empty()) return {.values = {}, .missing = true};
  return from_levels(predictor, *field, {given}, given);
}

/// Every combination of the predictors' values, the last predictor varying fastest.
std::vector<SurvivalCurve> combinations(const std::vector<Candidates>& all) {
  std::vector<SurvivalCurve> curves(1);
  for (const auto& c : all) {
    std::vector<SurvivalCurve> next;
    for (const auto& curve : curves)
      for (const auto& value : c.values) {
        next.push_back(curve);
        next.back().predictors.push_back(value);
      }
    curves = std::move(next);
  }
  return curves;
}

/// "histology (the model knows A, O)".
std::string with_levels(const Json& predictor) {
  const auto name = predictor.at("name").get<std::string>();
  if (!predictor.contains("levels")) return name + " (the model reads a number)";
  return name + " (the model knows " + listed(predictor["levels"].get<std::vector<std::string>>(), 8) + ")";
}

Row row_of(const SurvivalCurve& curve) {
  Row row;
  for (const auto& p : curve.predictors) row[p.column] = p.value;
  return row;
}

stats::DataFrame frame_of(const Json& predictors, const std::vector<Row>& rows) {
  stats::DataFrame frame(TextTable{{"row"}, std::vector<std::vector<std::string>>(rows.size(), {"0"})}, "patient");
  for (const auto& p : predictors) {
    stats::Column column;
    column.name = p.at("name").get<std::string>();
    column.is_factor = p.at("text").get<bool>();
    if (column.is_factor) column.levels = p.at("levels").get<std::vector<std::string>>();
    for (const auto& row : rows) {
      const std::string& value = row.at(column.name);
      if (column.is_factor)
        column.codes.push_back(static_cast<int>(std::ranges::find(column.levels, value) - column.levels.begin()));
      else
        column.numbers.push_back(parse_number(value).value_or(kNaN));
    }
    frame.add(std::move(column));
  }
  return frame;
}

const Json& predictors_of(const PatientSurvivalModel& m) { return m.nomogram.calculator.at("predictors"); }

bool same_value(const std::string& a, const std::string& b) {
  if (a == b) return true;
  const auto x = parse_number(a), y = parse_number(b);
  return x && y && *x == *y;
}

/// Whether an axis of interacting predictors is the patient's.
bool is_axis_of(const Json& axis, const Row& row) {
  return std::ranges::all_of(axis.at("at").items(), [&](const auto& setting) {
    return same_value(row.at(setting.key()), setting.value().template get<std::string>());
  });
}

/// Total points, and each predictor's: those of an axis' first mark, and what the predictor's value adds to the linear
/// predictor from there.
void add_points(const PatientSurvivalModel& m, SurvivalCurve& curve) {
  const Json& axes = m.nomogram.json.at("axes");
  const double scale = m.nomogram.json.at("points_per_unit").get<double>();
  const Row row = row_of(curve);
  std::vector<Row> rows{row};
  std::vector<std::pair<std::string, double>> firsts;
  for (const auto& axis : axes) {
    if (axis.at("ticks").empty() || !is_axis_of(axis, row)) continue;
    const auto variable = axis.at("variable").get<std::string>();
    const Json& first = axis.at("ticks").at(0);
    rows.push_back(row);
    rows.back()[variable] =
        first.at("value").is_string() ? first["value"].get<std::string>() : shortest(first["value"].get<double>());
    firsts.emplace_back(variable, first.at("points").get<double>());
  }
  const auto predicted = m.model.predict(frame_of(predictors_of(m), rows), {});
  double shift = 0;
  for (std::size_t c = 0; c < m.model.coefficients.size(); ++c)
    if (!std::isnan(m.model.coefficients[c]))
      shift += m.model.coefficients[c] * (m.model.column_means[c] - m.model.means[c]);
  curve.linear_predictor = predicted[0].linear_predictor;
  curve.total_points = (curve.linear_predictor - shift - m.nomogram.json.at("intercept").get<double>()) * scale;
  for (std::size_t i = 0; i < firsts.size(); ++i)
    for (auto& p : curve.predictors)
      if (p.column == firsts[i].first)
        p.points = firsts[i].second + scale * (curve.linear_predictor - predicted[i + 1].linear_predictor);
}

void add_survival(const PatientSurvivalModel& m, SurvivalCurve& curve) {
  const auto& baseline = m.model.baselines.front();
  std::vector<double> times = baseline.time;
  times.insert(times.end(), m.told.times.begin(), m.told.times.end());
  const auto p = m.model.predict(frame_of(predictors_of(m), {row_of(curve)}), times).front();
  const std::size_t steps = baseline.time.size();
  const auto until = [&](const std::vector<double>& values) {
    return std::vector<double>(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(steps));
  };
  curve.time = baseline.time;
  curve.survival = until(p.survival);
  curve.low = until(p.low);
  curve.high = until(p.high);
  for (std::size_t i = 0; i < m.told.times.size(); ++i)
    curve.at.push_back({.years = m.told.years[i],
                        .time = m.told.times[i],
                        .survival = p.survival[steps + i],
                        .low = p.low[steps + i],
                        .high = p.high[steps + i],
                        .extrapolated = m.told.times[i] > baseline.last_follow_up});
  if (!std::isnan(p.median)) curve.median = p.median;
}

}  // namespace

std::optional<ToldTimes> told_times(const std::string& said) {
  const std::string text = fold_case(said);
  const auto unit =
      std::ranges::find_if(kUnits, [&](const TimeUnit& u) { return text.find(u.word) != std::string::npos; });
  if (unit == kUnits.end()) return std::nullopt;
  ToldTimes told{.unit = unit->name, .years = {kYears.begin(), kYears.end()}, .times = {}};
  for (const double y : kYears) told.times.push_back(y * unit->in_a_year);
  return told;
}

PatientSurvivalModel patient_survival_model(const models::Bundle& bundle, const std::string& unit) {
  PatientSurvivalModel m{
      .model = survival::cox_model_from_json(bundle.payload, bundle.name), .facts = {}, .told = {}, .nomogram = {}};
  refuse_what_needs_more(m.model, bundle.name);
  m.told = times_of(bundle, m.model, unit);
  m.facts = {.name = bundle.name,
             .formula = m.model.design.formula().text,
             .trained_on = bundle.card.value("trained_on", std::string("not stated")),
             .unit = m.told.unit,
             .n = m.model.n,
             .events = m.model.events,
             .follow_up = m.model.last_follow_up(),
             .demonstration = bundle.payload.value("demonstration", false)};
  m.nomogram = nomogram(m.model, {.times = m.told.times, .stratum = {}, .unit = m.told.unit, .title = {}});
  return m;
}

findings::SurvivalFinding estimate_survival(const PatientSurvivalModel& m, const ClinicalRecord& record,
                                            const findings::Grade& grade) {
  findings::SurvivalFinding found{.model = m.facts};
  const auto admitted = findings::lower_grade(record, grade);
  if (const auto* none = std::get_if<NoSurvival>(&admitted)) {
    found.result = *none;
    return found;
  }
  const auto& lower = std::get<findings::LowerGrade>(admitted);
  std::vector<Candidates> all;
  std::vector<std::string> missing, unknown;
  for (const auto& predictor : predictors_of(m)) {
    all.push_back(candidates(predictor, record, lower));
    const auto name = predictor.at("name").get<std::string>();
    if (all.back().missing)
      missing.push_back(name);
    else if (all.back().values.empty())
      unknown.push_back(with_levels(predictor));
  }
  if (!missing.empty() || !unknown.empty()) {
    found.result = missing.empty() ? NoSurvival{.reason = NoSurvival::Reason::LevelUnknown, .names = unknown}
                                   : NoSurvival{.reason = NoSurvival::Reason::PredictorMissing, .names = missing};
    return found;
  }
  findings::SurvivalEstimate estimate{.curves = combinations(all), .grade_of_images = lower.of_images};
  for (auto& curve : estimate.curves) {
    add_points(m, curve);
    if (std::isnan(curve.linear_predictor)) {  // a number that is no level of a factor()
      for (const auto& predictor : predictors_of(m))
        if (!is_text(predictor) && predictor.contains("levels")) unknown.push_back(with_levels(predictor));
      found.result = NoSurvival{.reason = NoSurvival::Reason::LevelUnknown, .names = unknown};
      return found;
    }
    add_survival(m, curve);
  }
  found.result = std::move(estimate);
  return found;
}

namespace {

/// Survival cannot rise: where a curve's upper limit does, so few patients were left that the limits say nothing. The
/// last step before that, of all curves; the times that are told lie before it.
double drawn_until(const std::vector<SurvivalCurve>& curves) {
  constexpr double kRise = 0.02;
  double until = 0;
  for (const auto& c : curves) {
    double lowest = 1;
    for (std::size_t i = 0; i < c.time.size(); ++i) {
      if (c.high[i] > lowest + kRise) continue;  // a model without limits has NaN
      lowest = std::fmin(lowest, c.high[i]);
      until = std::max(until, c.time[i]);
    }
    for (const auto& at : c.at)
      if (!at.extrapolated) until = std::max(until, at.time);
  }
  return until;
}

}  // namespace

std::string supposed_by(const SurvivalCurve& curve) {
  std::string text;
  for (const auto& p : curve.predictors)
    if (p.given.empty()) text += (text.empty() ? "" : ", ") + p.column + " " + p.value;
  return text;
}

SurvivalCurvesFigure patient_curves_figure(const std::string& unit, const std::vector<SurvivalCurve>& curves,
                                           bool demonstration) {
  constexpr std::size_t kMostBands = 2;  // more lie over one another
  SurvivalCurvesFigure figure{.time_label = "Time since diagnosis (" + unit + ")", .curves = {}, .remark = {}};
  if (demonstration) figure.remark = kDemonstration;
  const double until = drawn_until(curves);
  bool cut = false;
  for (const auto& c : curves) {
    CurveFigure curve;
    curve.label = supposed_by(c);
    const bool band = curves.size() <= kMostBands;
    for (std::size_t i = 0; i < c.time.size() && c.time[i] <= until; ++i) {
      curve.time.push_back(c.time[i]);
      curve.survival.push_back(c.survival[i]);
      curve.low.push_back(band ? c.low[i] : kNaN);
      curve.high.push_back(band ? c.high[i] : kNaN);
    }
    cut = cut || curve.time.size() < c.time.size();
    figure.curves.push_back(std::move(curve));
  }
  if (cut)
    figure.remark += (demonstration ? ". Drawn until " : "Drawn until ") + decimal(until, 0) + " " + unit +
                     ": too few patients were observed longer";
  return figure;
}

NomogramFigure patient_nomogram_figure(const PatientSurvivalModel& m, const findings::SurvivalEstimate& estimate) {
  auto figure = std::get<NomogramFigure>(m.nomogram.figures.front());
  if (m.facts.demonstration) figure.title = kDemonstration;
  const Json& axes = m.nomogram.json.at("axes");
  for (const auto& curve : estimate.curves) {
    const Row row = row_of(curve);
    for (std::size_t a = 0; a < axes.size(); ++a)
      for (const auto& p : curve.predictors)
        if (p.column == axes[a].at("variable") && is_axis_of(axes[a], row))
          figure.predictors[a].patient.push_back(p.points);
    for (auto& line : figure.totals) line.patient.push_back(curve.total_points);
  }
  return figure;
}

Json calculator_start(const findings::SurvivalEstimate& estimate) {
  Json start = Json::object();
  for (const auto& p : estimate.curves.front().predictors)
    if (!p.given.empty()) start[p.column] = p.value;
  return start;
}

}  // namespace gliocast::analysis
