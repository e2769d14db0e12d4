// Times elastic nets on simulated tables, writes tables and paths for learn_peer.R, which times R's glmnet on the same.
// Usage: bench_learn FOLDER   prints family, rows, columns, correlation and seconds, reading excluded.
#include <gliocast/core/random.hpp>
#include <gliocast/learn/elastic_net.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

using namespace gliocast::learn;

struct Simulated {
  gliocast::stats::Matrix x;
  std::vector<double> number, label;  ///< what the linear and the logistic net predict
};

/// Columns of normal numbers that share a factor (correlation `rho`), fifteen of them with an effect.
Simulated simulate(std::size_t n, std::size_t columns, double rho, std::uint64_t seed) {
  gliocast::Random random(seed);
  Simulated s{gliocast::stats::Matrix(n, columns), std::vector<double>(n), std::vector<double>(n)};
  std::vector<double> shared(n), risk(n);
  for (double& v : shared) v = random.normal();
  for (std::size_t c = 0; c < columns; ++c)
    for (std::size_t i = 0; i < n; ++i) s.x(i, c) = std::sqrt(1 - rho) * random.normal() + std::sqrt(rho) * shared[i];
  for (std::size_t c = 0; c < std::min<std::size_t>(15, columns); ++c) {
    const double effect = random.normal();
    for (std::size_t i = 0; i < n; ++i) risk[i] += effect * s.x(i, c);
  }
  for (std::size_t i = 0; i < n; ++i) {
    s.number[i] = risk[i] + random.normal();
    s.label[i] = random.chance(1 / (1 + std::exp(-risk[i]))) ? 1 : 0;
  }
  return s;
}

/// Columns of doubles, one after another, as R's readBin takes them.
void write(const std::filesystem::path& file, const Simulated& s) {
  std::ofstream out(file, std::ios::binary);
  for (const std::vector<double>* values : {&s.number, &s.label, &s.x.values})
    out.write(reinterpret_cast<const char*>(values->data()),
              static_cast<std::streamsize>(values->size() * sizeof(double)));
}

/// λ, intercept, and the coefficients of all columns, of each fit.
void write(const std::filesystem::path& file, const ElasticNetPath& path) {
  std::ofstream out(file, std::ios::binary);
  for (const auto& fit : path.fits) {
    std::vector<double> row(path.scale.size() + 2);
    row[0] = fit.lambda;
    row[1] = fit.intercept;
    for (const auto& [column, coefficient] : fit.coefficients) row[column + 2] = coefficient;
    out.write(reinterpret_cast<const char*>(row.data()), static_cast<std::streamsize>(row.size() * sizeof(double)));
  }
}

/// Seconds of processor time: one thread works, and others may keep the machine busy.
double middle_of_seven(const Simulated& s, const std::vector<double>& y, const ElasticNetOptions& options) {
  std::vector<double> seconds;
  for (int i = 0; i < 7; ++i) {
    const std::clock_t start = std::clock();
    for (int k = 0; k < 5; ++k) (void)fit_elastic_net(s.x, y, options);
    seconds.push_back(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC / 5);
  }
  std::ranges::sort(seconds);
  return seconds[3];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: bench_learn FOLDER\n", stderr);
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder);
  for (const std::size_t n : {300UL, 470UL})
    for (const double rho : {0.0, 0.5, 0.9}) {
      constexpr std::size_t kColumns = 1300;
      const Simulated s = simulate(n, kColumns, rho, n);
      const std::string name = std::to_string(n) + "_" + std::to_string(static_cast<int>(100 * rho));
      write(folder / (name + ".bin"), s);
      for (const auto family : {ElasticNetFamily::Linear, ElasticNetFamily::Logistic}) {
        const bool linear = family == ElasticNetFamily::Linear;
        const auto& y = linear ? s.number : s.label;
        const auto stem = name + (linear ? "_linear" : "_logistic");
        const auto path = fit_elastic_net(s.x, y, {.family = family});
        write(folder / (stem + ".bin"), path);
        write(folder / (stem + "_best.bin"),
              fit_elastic_net(s.x, y, {.family = family, .lambda = path.lambda(), .tolerance = 1e-16}));
        std::printf("%s\t%zu\t%zu\t%g\t%.6f\n", linear ? "linear" : "logistic", n, kColumns, rho,
                    middle_of_seven(s, y, {.family = family}));
        std::fflush(stdout);
      }
    }
}
