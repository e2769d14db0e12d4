#include <gliocast/signature/signature_model.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/json_count.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/survival/cox_model_file.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

namespace gliocast::signature {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr const char* kColumn = "signature";  // of the Cox model

[[noreturn]] void damaged() { throw unusable_input("the signature is damaged"); }

bool fits_together(const SignatureModel::Parts& p) {
  const std::size_t n = p.features.size();
  const std::set<std::string> names(p.features.begin(), p.features.end());
  const auto finite = [](double v) { return std::isfinite(v); };
  return p.scale && p.scale->columns() == n && p.scale->features().size() == n && p.weights.size() == n &&
         names.size() == n && (p.networks.empty() || p.networks.size() == n) &&
         std::ranges::all_of(p.weights, finite) && finite(p.cut) && finite(p.low) && finite(p.high);
}

Json candidates_json(const std::vector<Candidate>& candidates) {
  Json list = Json::array();
  for (const auto& c : candidates)
    list.push_back({{"feature", c.feature}, {"importance", c.importance}, {"weight", c.weight}});
  return list;
}

/// The Cox model of a bundle must ask for the signature and nothing else.
survival::CoxModel cox_of(const Json& json) {
  auto model = survival::cox_model_from_json(json, "signature");
  const auto columns = model.design.formula().columns();
  if (std::ranges::any_of(columns, [](const std::string& name) { return name != kColumn; }) ||
      model.coefficients.size() != 1 || model.baselines.size() != 1)
    damaged();
  return model;
}

}  // namespace

SignatureModel::SignatureModel(Parts parts) : parts_(std::move(parts)) {
  if (!fits_together(parts_)) damaged();
}

std::vector<double> SignatureModel::signature(const learn::FeatureTable& table) const {
  learn::refuse_other_networks(parts_.features, parts_.networks, table);
  const auto z = parts_.scale->apply(table.select_named(parts_.features)).values;
  std::vector<double> sum(table.rows(), 0.0);
  for (std::size_t c = 0; c < z.columns; ++c)
    for (std::size_t r = 0; r < z.rows; ++r) sum[r] += parts_.weights[c] * z(r, c);
  return sum;
}

std::vector<char> SignatureModel::high_risk(const std::vector<double>& signature) const {
  std::vector<char> high;
  for (const double s : signature) high.push_back(s < parts_.cut ? 1 : 0);
  return high;
}

std::vector<survival::CoxPrediction> SignatureModel::survival(const std::vector<double>& signature,
                                                              const std::vector<double>& times, double level) const {
  if (!parts_.survival) {
    const std::vector<double> unknown(times.size(), kNaN);
    return std::vector<survival::CoxPrediction>(signature.size(), {kNaN, unknown, unknown, unknown, kNaN});
  }
  stats::DataFrame frame;
  stats::Column column;
  column.name = kColumn;
  column.numbers = signature;
  frame.add(std::move(column));
  return parts_.survival->predict(frame, times, level);
}

std::vector<learn::RangeWarning> SignatureModel::range_warnings(const learn::FeatureTable& table) const {
  return learn::range_warnings(*parts_.scale, table.select_named(parts_.features));
}

Json SignatureModel::to_json() const {
  const Parts& p = parts_;
  Json json{
      {"specification", signature::to_json(p.specification)},
      {"candidates", candidates_json(p.candidates)},
      {"features", p.features},
      {"networks", p.networks},
      {"scale", p.scale->to_json()},
      {"weights", p.weights},
      {"alpha", p.alpha},
      {"lambda", p.lambda},
      {"cut", p.cut},
      {"range", {p.low, p.high}},
      {"rows", p.rows},
      {"patients", p.patients},
      {"events", p.events},
      {"held_out_concordance",
       {{"estimate", finite_or_null(p.held_out_concordance.value)}, {"se", finite_or_null(p.held_out_concordance.se)}}},
      {"notes", p.notes}};
  if (p.survival) json["survival"] = survival::to_json(*p.survival);
  if (p.cut_check)
    json["cut_check"] = {{"cut", p.cut_check->cut},
                         {"p_corrected", finite_or_null(p.cut_check->p_corrected)},
                         {"p_median", finite_or_null(p.cut_check->p_median)},
                         {"low", p.cut_check->low},
                         {"high", p.cut_check->high}};
  return json;
}

std::shared_ptr<const SignatureModel> SignatureModel::from_json(const Json& json) {
  try {
    Parts p;
    p.specification = specification_of(json.at("specification"));
    for (const auto& c : json.at("candidates"))
      p.candidates.push_back(
          {c.at("feature").get<std::string>(), c.at("importance").get<double>(), c.at("weight").get<double>()});
    p.features = json.at("features").get<std::vector<std::string>>();
    p.networks = json.at("networks").get<std::vector<std::string>>();
    p.scale = learn::Standardisation::from_json(json.at("scale"));
    p.weights = json.at("weights").get<std::vector<double>>();
    p.alpha = json.at("alpha").get<double>();
    p.lambda = json.at("lambda").get<double>();
    p.cut = json.at("cut").get<double>();
    p.low = json.at("range").at(0).get<double>();
    p.high = json.at("range").at(1).get<double>();
    p.rows = count_of(json.at("rows"));
    p.patients = count_of(json.at("patients"));
    p.events = count_of(json.at("events"));
    const Json& c = json.at("held_out_concordance");
    p.held_out_concordance =
        stats::normal_estimate(number_or_nan(c.at("estimate")), number_or_nan(c.at("se")), 0.95, 0, 1);
    p.notes = json.at("notes").get<std::vector<std::string>>();
    if (json.contains("survival")) p.survival = cox_of(json.at("survival"));
    if (json.contains("cut_check")) {
      const Json& check = json.at("cut_check");
      p.cut_check =
          CutCheck{check.at("cut").get<double>(), number_or_nan(check.at("p_corrected")),
                   number_or_nan(check.at("p_median")), count_of(check.at("low")), count_of(check.at("high"))};
    }
    return std::make_shared<SignatureModel>(std::move(p));
  } catch (const Json::exception&) {
    damaged();
  }
}

}  // namespace gliocast::signature
