#include "svm_function.hpp"

#include <gliocast/core/error.hpp>

#include <svm.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace gliocast::learn {
namespace {

constexpr double kCacheMegabytes = 100;
constexpr int kPositive = 1, kNegative = -1;  // libsvm's labels
constexpr long kMostIterations = 10'000'000;  // libsvm's own; more with more than 100,000 rows

// libsvm tells how many iterations it took only in what it prints.
thread_local long iterations_of_last_training = 0;

void read_instead_of_printing(const char* text) {
  constexpr std::string_view kBefore = "#iter = ";
  const std::string_view line = text;
  if (const auto at = line.find(kBefore); at != std::string_view::npos)
    iterations_of_last_training = std::strtol(text + at + kBefore.size(), nullptr, 10);
}

void silence_libsvm() {
  [[maybe_unused]] static const bool done = [] {
    svm_set_print_string_function(&read_instead_of_printing);
    return true;
  }();
}

/// The rows in libsvm's form: {column from 1, value} …, closed by column −1.
struct Nodes {
  std::vector<svm_node> all;
  std::vector<svm_node*> rows;
};

Nodes nodes_of(const stats::Matrix& rows) {
  Nodes nodes;
  nodes.all.reserve(rows.rows * (rows.columns + 1));
  for (std::size_t r = 0; r < rows.rows; ++r) {
    for (std::size_t c = 0; c < rows.columns; ++c) nodes.all.push_back({static_cast<int>(c + 1), rows(r, c)});
    nodes.all.push_back({-1, 0});
  }
  for (std::size_t r = 0; r < rows.rows; ++r) nodes.rows.push_back(nodes.all.data() + r * (rows.columns + 1));
  return nodes;
}

struct FreeModel {
  void operator()(svm_model* model) const { svm_free_and_destroy_model(&model); }
};

svm_parameter libsvm_parameter(const SvmParameters& p, std::array<int, 2>& labels, std::array<double, 2>& weights) {
  svm_parameter parameter{};
  parameter.svm_type = C_SVC;
  parameter.kernel_type = p.rbf ? RBF : LINEAR;
  parameter.gamma = p.gamma;
  parameter.cache_size = kCacheMegabytes;
  parameter.eps = p.tolerance;
  parameter.C = p.cost;
  parameter.shrinking = 1;
  parameter.nr_weight = p.balanced ? 2 : 0;
  parameter.weight_label = labels.data();
  parameter.weight = weights.data();
  return parameter;
}

}  // namespace

double SvmFunction::value(std::span<const double> x) const {
  double sum = 0;
  for (std::size_t v = 0; v < coefficients_.size(); ++v) {
    const double* vector = vectors_.data() + v * columns_;
    double kernel = 0;
    for (std::size_t c = 0; c < columns_; ++c)
      kernel += rbf_ ? (x[c] - vector[c]) * (x[c] - vector[c]) : x[c] * vector[c];
    sum += coefficients_[v] * (rbf_ ? std::exp(-gamma_ * kernel) : kernel);
  }
  return sum - rho_;
}

std::vector<double> SvmFunction::values(const stats::Matrix& rows) const {
  std::vector<double> result, x(columns_);
  for (std::size_t r = 0; r < rows.rows; ++r) {
    for (std::size_t c = 0; c < columns_; ++c) x[c] = rows(r, c);
    result.push_back(value(x));
  }
  return result;
}

Json SvmFunction::to_json() const {
  Json vectors = Json::array();
  for (std::size_t v = 0; v < coefficients_.size(); ++v)
    vectors.push_back(std::vector(vectors_.begin() + static_cast<std::ptrdiff_t>(v * columns_),
                                  vectors_.begin() + static_cast<std::ptrdiff_t>((v + 1) * columns_)));
  Json json{{"kernel", rbf_ ? "rbf" : "linear"}};
  if (rbf_) json["gamma"] = gamma_;
  json["rho"] = rho_;
  json["coefficients"] = coefficients_;
  json["vectors"] = std::move(vectors);
  return json;
}

SvmFunction SvmFunction::from_json(const Json& json) {
  SvmFunction f;
  const auto kernel = json.at("kernel").get<std::string>();
  f.rbf_ = kernel == "rbf";
  f.gamma_ = f.rbf_ ? json.at("gamma").get<double>() : 0;
  f.rho_ = json.at("rho").get<double>();
  f.coefficients_ = json.at("coefficients").get<std::vector<double>>();
  const auto vectors = json.at("vectors").get<std::vector<std::vector<double>>>();
  bool sound =
      (f.rbf_ || kernel == "linear") && !vectors.empty() && vectors.size() == f.coefficients_.size() && f.gamma_ >= 0;
  f.columns_ = vectors.empty() ? 0 : vectors.front().size();
  for (const auto& v : vectors) {
    sound = sound && v.size() == f.columns_;
    f.vectors_.insert(f.vectors_.end(), v.begin(), v.end());
  }
  if (!sound) throw unusable_input("the model of svm is damaged");
  return f;
}

SvmFunction train_svm(const stats::Matrix& rows, const std::vector<int>& classes, const SvmParameters& parameters) {
  silence_libsvm();
  auto nodes = nodes_of(rows);
  std::vector<double> y;
  for (const int c : classes) y.push_back(c == 1 ? kPositive : kNegative);
  const auto n = static_cast<double>(y.size()), positives = static_cast<double>(std::ranges::count(classes, 1));
  std::array<int, 2> labels{kPositive, kNegative};
  std::array<double, 2> weights{n / (2 * positives), n / (2 * (n - positives))};
  const svm_parameter parameter = libsvm_parameter(parameters, labels, weights);
  const svm_problem problem{static_cast<int>(y.size()), y.data(), nodes.rows.data()};
  iterations_of_last_training = 0;
  const std::unique_ptr<svm_model, FreeModel> model(svm_train(&problem, &parameter));

  // libsvm's function is positive for its first label.
  const double sign = model->label[0] == kPositive ? 1 : -1;
  SvmFunction f;
  f.rbf_ = parameters.rbf;
  f.gamma_ = parameters.rbf ? parameters.gamma : 0;
  f.rho_ = sign * model->rho[0];
  f.columns_ = rows.columns;
  f.stopped_early_ = iterations_of_last_training >= kMostIterations;
  if (!parameters.rbf) {
    f.coefficients_ = {1};
    f.vectors_.assign(rows.columns, 0);
  }
  for (int v = 0; v < model->l; ++v) {
    const double coefficient = sign * model->sv_coef[0][v];
    if (parameters.rbf) f.coefficients_.push_back(coefficient);
    for (std::size_t c = 0; c < rows.columns; ++c)
      if (parameters.rbf)
        f.vectors_.push_back(model->SV[v][c].value);
      else
        f.vectors_[c] += coefficient * model->SV[v][c].value;
  }
  return f;
}

}  // namespace gliocast::learn
