// Solves the elastic nets that learn_trial.R draws. Usage: learn_trial FOLDER   reads FOLDER/N.bin, N from 1, writes
// FOLDER/N_path.bin. A case: rows, columns, family (0 linear, 1 logistic, 2 Cox), α, whether weighted; then y (times of
// a Cox model), events, weights, penalty factors and x, all doubles. A path: of each fit λ, deviance ratio, intercept
// and all coefficients.
#include <gliocast/learn/cox_net.hpp>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace gliocast::learn;

std::vector<double> read(std::ifstream& in, std::size_t n) {
  std::vector<double> values(n);
  in.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(n * sizeof(double)));
  return values;
}

ElasticNetPath solve(std::ifstream& in) {
  const auto head = read(in, 5);
  gliocast::stats::Matrix x(static_cast<std::size_t>(head[0]), static_cast<std::size_t>(head[1]));
  ElasticNetOptions options{.family = head[2] == 0 ? ElasticNetFamily::Linear : ElasticNetFamily::Logistic,
                            .alpha = head[3],
                            .tolerance = 1e-18,
                            .most_sweeps = 10000000};
  const auto y = read(in, x.rows), event = read(in, x.rows), weights = read(in, x.rows);
  options.penalties = read(in, x.columns);
  x.values = read(in, x.values.size());
  if (head[2] == 2) {
    gliocast::survival::CoxData data;
    data.time = y;
    for (const double e : event) data.event.push_back(e != 0);
    if (head[4] != 0) data.weights = weights;
    data.names.resize(x.columns);
    data.x = std::move(x);
    return fit_cox_net(data, gliocast::survival::Ties::Breslow, options);
  }
  if (head[4] != 0) options.weights = weights;
  return fit_elastic_net(x, y, options);
}

void write(const std::filesystem::path& file, const ElasticNetPath& path) {
  std::ofstream out(file, std::ios::binary);
  for (const auto& fit : path.fits) {
    std::vector<double> row(path.scale.size() + 3);
    row[0] = fit.lambda;
    row[1] = fit.deviance_ratio;
    row[2] = fit.intercept;
    for (const auto& [column, coefficient] : fit.coefficients) row[column + 3] = coefficient;
    out.write(reinterpret_cast<const char*>(row.data()), static_cast<std::streamsize>(row.size() * sizeof(double)));
  }
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::fputs("usage: learn_trial FOLDER\n", stderr);
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  for (std::size_t k = 1;; ++k) {
    std::ifstream in(folder / (std::to_string(k) + ".bin"), std::ios::binary);
    if (!in) return 0;
    write(folder / (std::to_string(k) + "_path.bin"), solve(in));
  }
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
