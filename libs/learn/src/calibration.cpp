#include <gliocast/learn/calibration.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/stats/logistic_regression.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace gliocast::learn {
namespace {

constexpr std::array kNames{"none", "platt", "isotonic", "logistic"};  // in the order of CalibrationMethod

bool is_sigmoid(CalibrationMethod m) { return m == CalibrationMethod::Platt || m == CalibrationMethod::Logistic; }

/// Maximum likelihood; Platt's where scores separate the classes, which have none.
stats::LogisticCalibration fit_logistic(const std::vector<double>& scores, const std::vector<int>& truth) {
  const auto positives = std::ranges::count(truth, 1);
  if (positives == 0 || positives == std::ssize(truth)) return stats::fit_logistic_calibration(scores, truth);
  stats::Matrix x(scores.size(), 1);
  std::ranges::copy(scores, x.values.begin());
  const auto fit = stats::fit_logistic_regression(x, truth);
  if (!fit.converged) return stats::fit_logistic_calibration(scores, truth);
  return {fit.intercept, fit.coefficients.front()};
}

bool sound(const stats::IsotonicCurve& curve) {
  return !curve.x.empty() && curve.x.size() == curve.y.size() && std::ranges::is_sorted(curve.y) &&
         curve.y.front() >= 0 && curve.y.back() <= 1 &&
         std::ranges::adjacent_find(curve.x, std::ranges::greater_equal{}) == curve.x.end();
}

Calibration read_calibration(const Json& json) {
  Calibration c;
  c.method = calibration_method(json.at("method").get<std::string>());
  if (is_sigmoid(c.method)) c.platt = {json.at("intercept").get<double>(), json.at("slope").get<double>()};
  if (c.method != CalibrationMethod::Isotonic) return c;
  c.isotonic = {json.at("score").get<std::vector<double>>(), json.at("probability").get<std::vector<double>>()};
  if (!sound(c.isotonic)) throw unusable_input("the calibration of the model is damaged");
  return c;
}

}  // namespace

CalibrationMethod calibration_method(const std::string& name) {
  const auto at = std::ranges::find(kNames, name);
  if (at == kNames.end())
    throw unusable_input("there is no calibration " + name, "", "there are: none, platt, logistic, isotonic");
  return static_cast<CalibrationMethod>(at - kNames.begin());
}

std::string name_of(CalibrationMethod method) { return kNames.at(static_cast<std::size_t>(method)); }

double Calibration::apply(double score) const {
  switch (method) {
    case CalibrationMethod::Platt:
    case CalibrationMethod::Logistic:
      return platt.probability(score);
    case CalibrationMethod::Isotonic:
      return isotonic.value(score);
    case CalibrationMethod::None:
      break;
  }
  return score;
}

std::vector<double> Calibration::apply(const std::vector<double>& scores) const {
  std::vector<double> probabilities;
  for (const double s : scores) probabilities.push_back(apply(s));
  return probabilities;
}

Json Calibration::to_json() const {
  Json json{{"method", name_of(method)}};
  if (is_sigmoid(method)) {
    json["intercept"] = platt.intercept;
    json["slope"] = platt.slope;
  } else if (method == CalibrationMethod::Isotonic) {
    json["score"] = isotonic.x;
    json["probability"] = isotonic.y;
  }
  return json;
}

Calibration Calibration::from_json(const Json& json) {
  try {
    return read_calibration(json);
  } catch (const Json::exception&) {
    throw unusable_input("the calibration of the model is damaged");
  }
}

Calibration fit_calibration(CalibrationMethod method, const std::vector<double>& scores,
                            const std::vector<int>& truth) {
  if (scores.empty() || scores.size() != truth.size() ||
      !std::ranges::all_of(scores, [](double s) { return std::isfinite(s); }))
    throw unusable_input("a calibration needs rows whose scores are finite");
  Calibration c;
  c.method = method;
  if (method == CalibrationMethod::Platt) c.platt = stats::fit_logistic_calibration(scores, truth);
  if (method == CalibrationMethod::Logistic) c.platt = fit_logistic(scores, truth);
  if (method == CalibrationMethod::Isotonic)
    c.isotonic = stats::fit_isotonic(scores, std::vector<double>(truth.begin(), truth.end()));
  return c;
}

}  // namespace gliocast::learn
