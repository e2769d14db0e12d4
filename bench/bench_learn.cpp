// Times elastic nets on simulated tables, writes tables and paths for learn_peer.R, which times R's glmnet on the same.
// Usage: bench_learn FOLDER [FAMILY]   prints family, rows, columns, correlation and seconds, reading excluded.
#include <gliocast/core/random.hpp>
#include <gliocast/learn/cox_net.hpp>

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
  std::vector<double> time, event;    ///< what the Cox model predicts; no ties
};

/// Columns of normal numbers that share a factor (correlation `rho`), fifteen of them with an effect.
Simulated simulate(std::size_t n, std::size_t columns, double rho, std::uint64_t seed) {
  gliocast::Random random(seed);
  Simulated s{gliocast::stats::Matrix(n, columns), std::vector<double>(n), std::vector<double>(n),
              std::vector<double>(n), std::vector<double>(n)};
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
    const double death = -std::log(1 - random.uniform()) * std::exp(-risk[i]),
                 censoring = -2 * std::log(1 - random.uniform());
    s.time[i] = std::min(death, censoring);
    s.event[i] = death <= censoring ? 1 : 0;
  }
  return s;
}

/// Columns of doubles, one after another, as R's readBin takes them.
void write(const std::filesystem::path& file, const Simulated& s) {
  std::ofstream out(file, std::ios::binary);
  for (const std::vector<double>* values : {&s.number, &s.label, &s.time, &s.event, &s.x.values})
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

enum class Family { Linear, Logistic, Cox };
const char* name_of(Family family) {
  if (family == Family::Linear) return "linear";
  return family == Family::Logistic ? "logistic" : "cox";
}

ElasticNetPath fit(const Simulated& s, Family family, ElasticNetOptions options) {
  if (family == Family::Cox) {
    gliocast::survival::CoxData data;
    data.time = s.time;
    data.x = s.x;
    data.names.resize(s.x.columns);
    for (const double e : s.event) data.event.push_back(e > 0);
    return fit_cox_net(data, gliocast::survival::Ties::Breslow, options);
  }
  options.family = family == Family::Linear ? ElasticNetFamily::Linear : ElasticNetFamily::Logistic;
  return fit_elastic_net(s.x, family == Family::Linear ? s.number : s.label, options);
}

/// As the program fits: Cox models of `survival penalised` more exactly than glmnet does by itself.
ElasticNetOptions options_of(Family family) {
  ElasticNetOptions options;
  if (family == Family::Cox) options.tolerance = 1e-12;
  return options;
}

/// Seconds of processor time: one thread works, and others may keep the machine busy.
double middle_of_seven(const Simulated& s, Family family) {
  std::vector<double> seconds;
  for (int i = 0; i < 7; ++i) {
    const std::clock_t start = std::clock();
    for (int k = 0; k < 5; ++k) (void)fit(s, family, options_of(family));
    seconds.push_back(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC / 5);
  }
  std::ranges::sort(seconds);
  return seconds[3];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) {
    std::fputs("usage: bench_learn FOLDER [linear|logistic|cox]\n", stderr);
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
      for (const auto family : {Family::Linear, Family::Logistic, Family::Cox}) {
        if (argc == 3 && std::string(argv[2]) != name_of(family)) continue;
        const auto stem = name + "_" + name_of(family);
        const auto path = fit(s, family, options_of(family));
        write(folder / (stem + ".bin"), path);
        write(folder / (stem + "_best.bin"), fit(s, family, {.lambda = path.lambda(), .tolerance = 1e-16}));
        std::printf("%s\t%zu\t%zu\t%g\t%.6f\n", name_of(family), n, kColumns, rho, middle_of_seven(s, family));
        std::fflush(stdout);
      }
    }
}
