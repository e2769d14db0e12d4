#include <gliocast/survival/cox_model_file.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/json_count.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/models/bundle.hpp>

#include <algorithm>
#include <limits>

namespace gliocast::survival {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Json matrix_json(const stats::Matrix& m) {
  Json rows = Json::array();
  for (std::size_t r = 0; r < m.rows; ++r) {
    std::vector<double> row;
    for (std::size_t c = 0; c < m.columns; ++c) row.push_back(m(r, c));
    rows.push_back(row);
  }
  return rows;
}

stats::Matrix matrix_of(const Json& json, std::size_t rows, std::size_t columns) {
  if (json.size() != rows)
    throw unusable_input("a matrix of the model has " + std::to_string(json.size()) + " rows in place of " +
                         std::to_string(rows));
  stats::Matrix m(rows, columns);
  for (std::size_t r = 0; r < rows; ++r) {
    const auto row = json[r].get<std::vector<double>>();
    if (row.size() != columns) throw unusable_input("a matrix of the model has a row of another length");
    for (std::size_t c = 0; c < columns; ++c) m(r, c) = row[c];
  }
  return m;
}

std::vector<double> numbers_of(const Json& json, std::size_t size) {
  std::vector<double> values;
  for (const auto& item : json) values.push_back(number_or_nan(item));
  if (values.size() != size)
    throw unusable_input("a list of the model has " + std::to_string(values.size()) + " numbers in place of " +
                         std::to_string(size));
  return values;
}

Json nullable(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double v : values) list.push_back(finite_or_null(v));
  return list;
}

const char* ties_name(Ties ties) { return ties == Ties::Efron ? "efron" : ties == Ties::Breslow ? "breslow" : "exact"; }

BaselineHazard baseline_of(const Json& json, std::size_t p) {
  BaselineHazard b;
  b.time = json.at("time").get<std::vector<double>>();
  b.cumulative = numbers_of(json.at("cumulative_hazard"), b.time.size());
  b.variance = numbers_of(json.at("variance"), b.time.size());
  b.mean_covariates = matrix_of(json.at("mean_covariates"), b.time.size(), p);
  b.last_follow_up = json.at("last_follow_up").get<double>();
  if (!std::ranges::is_sorted(b.time)) throw unusable_input("the baseline's times are not ascending");
  return b;
}

}  // namespace

Json to_json(const CoxModel& m) {
  Json baseline = Json::array();
  for (std::size_t s = 0; s < m.baselines.size(); ++s)
    baseline.push_back({{"stratum", m.strata_labels[s]},
                        {"last_follow_up", m.baselines[s].last_follow_up},
                        {"time", m.baselines[s].time},
                        {"cumulative_hazard", m.baselines[s].cumulative},
                        {"variance", m.baselines[s].variance},
                        {"mean_covariates", matrix_json(m.baselines[s].mean_covariates)}});
  Json predictors = Json::array();
  for (const auto& [name, r] : m.ranges)
    predictors.push_back({{"column", name},
                          {"minimum", r.minimum},
                          {"maximum", r.maximum},
                          {"low", r.low},
                          {"high", r.high},
                          {"median", r.median},
                          {"values", r.values}});
  Json json{
      {"time", m.time_column},
      {"event", m.event_column},
      {"n", m.n},
      {"events", m.events},
      {"ties", ties_name(m.ties)},
      {"design", m.design.to_json()},
      {"terms", m.design.names()},
      {"coefficients", nullable(m.coefficients)},
      {"means", m.means},
      {"column_means", m.column_means},
      {"variance", matrix_json(m.variance)},
      {"linear_predictor_range", {m.predictor_low, m.predictor_high}},
      {"concordance", {{"estimate", finite_or_null(m.concordance.value)}, {"se", finite_or_null(m.concordance.se)}}},
      {"predictors", std::move(predictors)},
      {"baseline", std::move(baseline)},
      {"warnings", m.warnings}};
  if (m.penalty) json["penalty"] = {{"alpha", m.penalty->alpha}, {"lambda", m.penalty->lambda}};
  if (!m.entry_column.empty()) json["entry"] = m.entry_column;
  if (!m.event_coding.empty()) json["event_coding"] = m.event_coding;
  return json;
}

CoxModel cox_model_from_json(const Json& json, const std::string& origin) {
  try {
    CoxModel m;
    m.design = stats::DesignSpecification::from_json(json.at("design"));
    m.time_column = json.at("time").get<std::string>();
    m.event_column = json.at("event").get<std::string>();
    m.entry_column = json.value("entry", "");
    m.event_coding = json.value("event_coding", "");
    m.n = count_of(json.at("n"));
    m.events = count_of(json.at("events"));
    const auto ties = json.at("ties").get<std::string>();
    m.ties = ties == "efron" ? Ties::Efron : ties == "breslow" ? Ties::Breslow : Ties::Exact;
    const std::size_t p = m.design.names().size();
    m.coefficients = numbers_of(json.at("coefficients"), p);
    m.means = numbers_of(json.at("means"), p);
    m.column_means = numbers_of(json.at("column_means"), p);
    if (json.contains("penalty"))
      m.penalty =
          CoxPenalty{json.at("penalty").at("alpha").get<double>(), json.at("penalty").at("lambda").get<double>()};
    m.variance = m.penalty ? stats::Matrix() : matrix_of(json.at("variance"), p, p);
    const auto range = numbers_of(json.at("linear_predictor_range"), 2);
    m.predictor_low = range[0];
    m.predictor_high = range[1];
    const auto number = [](const Json& v) { return v.is_null() ? kNaN : v.get<double>(); };
    m.concordance = stats::normal_estimate(number(json.at("concordance").at("estimate")),
                                           number(json.at("concordance").at("se")), 0.95, 0, 1);
    for (const auto& item : json.at("predictors"))
      m.ranges[item.at("column").get<std::string>()] = {
          item.at("low").get<double>(),     item.at("high").get<double>(),
          item.at("minimum").get<double>(), item.at("maximum").get<double>(),
          item.at("median").get<double>(),  item.at("values").get<std::vector<double>>()};
    for (const auto& item : json.at("baseline")) {
      m.strata_labels.push_back(item.at("stratum").get<std::string>());
      m.baselines.push_back(baseline_of(item, p));
    }
    if (m.baselines.empty()) throw unusable_input("the model has no baseline hazard");
    m.warnings = json.value("warnings", std::vector<std::string>{});
    return m;
  } catch (const Json::exception& e) {
    throw Error(ExitCode::MissingModel, std::string("the model is damaged: ") + e.what(), origin);
  } catch (const Error& e) {
    throw Error(ExitCode::MissingModel, e.problem(), e.where().empty() ? origin : e.where(), e.hint());
  }
}

CoxModel read_cox_model(const std::filesystem::path& path) {
  std::error_code error;
  const bool is_name = !path.has_parent_path() && !path.has_extension() && !std::filesystem::exists(path, error);
  const auto place = is_name ? models::find_bundle({}, path.string()) : path;
  return cox_model_from_json(models::read_bundle(place, models::Kind::Cox).payload, place.string());
}

void write_cox_model(const std::filesystem::path& file, const CoxModel& model) {
  const auto folder = std::filesystem::absolute(file).parent_path().filename();
  const models::Bundle bundle{.kind = models::Kind::Cox,
                              .name = (file.stem() == "model" ? folder : file.stem()).string(),
                              .payload = to_json(model)};
  write_json(file, models::bundle_json(bundle));
}

}  // namespace gliocast::survival
