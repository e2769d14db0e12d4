#include <gliocast/analysis/cells.hpp>

#include <gliocast/core/numbers.hpp>

#include <cmath>

namespace gliocast::analysis {
namespace {
constexpr int kResultDigits = 6, kAllDigits = 15;  // 15: every digit that a double has
constexpr double kSmall = 1e-4;                    // below, digits after zeros are hard to read: an exponent instead
constexpr double kSmallestP = 0.001;
}  // namespace

std::string cell(double value) {
  const bool whole = value == std::round(value);
  if (!whole && std::abs(value) < kSmall) return general_number(value, kResultDigits);
  return plain_number(value, whole ? kAllDigits : kResultDigits);
}

std::string data_cell(double value) { return plain_number(value, kAllDigits); }

std::string p_cell(double p) {
  if (std::isnan(p)) return "NA";
  return p < kSmallestP ? "<0.001" : decimal(p, 3);
}

std::string auc_text(const stats::Estimate& auc) {
  const std::string text = "AUC " + decimal(auc.value, 3);
  if (std::isnan(auc.low) || std::isnan(auc.high)) return text;
  return text + " (" + decimal(auc.low, 3) + " to " + decimal(auc.high, 3) + ")";
}

void add_cells(std::vector<std::string>& row, const stats::Estimate& e) {
  row.insert(row.end(), {cell(e.value), cell(e.se), cell(e.low), cell(e.high)});
}

void add_metric(const std::string& of, const std::string& label, const stats::Estimate& e, TextTable& full,
                TextTable& printed) {
  const auto rounded = [](double v) { return std::isfinite(v) ? decimal(v, 3) : "NA"; };
  full.rows.push_back({of, label, cell(e.value), cell(e.low), cell(e.high)});
  printed.rows.push_back({of, label, rounded(e.value), rounded(e.low), rounded(e.high)});
}

Json numbers_json(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double v : values) list.push_back(finite_or_null(v));
  return list;
}

Json estimate_json(const stats::Estimate& e, const char* name) {
  return {{name, finite_or_null(e.value)},
          {"se", finite_or_null(e.se)},
          {"lower", finite_or_null(e.low)},
          {"upper", finite_or_null(e.high)}};
}

Json test_json(const stats::TestResult& t, const char* name) {
  return {{name, finite_or_null(t.statistic)}, {"df", t.df}, {"p", finite_or_null(t.p)}};
}

void set_difference(Json& json, const stats::Comparison& c) {
  json["difference"] = finite_or_null(c.difference.value);
  json["difference_se"] = finite_or_null(c.difference.se);
  json["difference_lower"] = finite_or_null(c.difference.low);
  json["difference_upper"] = finite_or_null(c.difference.high);
  json["z"] = finite_or_null(c.test.statistic);
  json["p"] = finite_or_null(c.test.p);
}

}  // namespace gliocast::analysis
