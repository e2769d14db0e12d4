// Times survival statistics on simulated tables that it writes for survival_peer.R, which times R's survival on the
// same. Usage: bench_survival FOLDER   prints "name<TAB>n<TAB>seconds", reading excluded.
#include <gliocast/survival/bootstrap_validation.hpp>
#include <gliocast/survival/concordance.hpp>
#include <gliocast/survival/cox.hpp>
#include <gliocast/survival/kaplan_meier.hpp>
#include <gliocast/survival/log_rank.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace gliocast::survival;

constexpr std::size_t kColumns = 20;

CoxData simulate(std::size_t n, std::size_t columns, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::exponential_distribution<double> exponential;
  CoxData d;
  d.x = gliocast::stats::Matrix(n, columns);
  for (double& v : d.x.values) v = normal(random);
  for (std::size_t c = 0; c < columns; ++c) d.names.push_back("x" + std::to_string(c + 1));
  for (std::size_t i = 0; i < n; ++i) {
    double lp = 0;
    for (std::size_t c = 0; c < columns; ++c) lp += 0.1 * d.x(i, c);
    const double event = exponential(random) / std::exp(lp), censoring = exponential(random) * 1.5;
    d.time.push_back(std::min(event, censoring));
    d.event.push_back(event <= censoring);
  }
  return d;
}

/// Columns of doubles, one after another, as R's readBin takes them.
void write(const std::filesystem::path& file, const CoxData& d) {
  std::ofstream out(file, std::ios::binary);
  std::vector<double> event(d.event.begin(), d.event.end());
  for (const std::vector<double>* values : {&d.time, &std::as_const(event), &d.x.values})
    out.write(reinterpret_cast<const char*>(values->data()),
              static_cast<std::streamsize>(values->size() * sizeof(double)));
}

void report(const char* name, std::size_t n, const std::function<void()>& work) {
  std::vector<double> seconds;
  for (int i = 0; i < 3; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::ranges::sort(seconds);
  std::printf("%s\t%zu\t%.6f\n", name, n, seconds[1]);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fputs("usage: bench_survival FOLDER\n", stderr), 2;
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder);
  for (const std::size_t n : {1000UL, 10000UL, 100000UL, 1000000UL}) {
    const CoxData d = simulate(n, kColumns, n);
    write(folder / (std::to_string(n) + ".bin"), d);
    const SurvivalSample sample{d.time, d.event, {}, {}};
    const std::vector<double> score(d.x.column(0).begin(), d.x.column(0).end());
    std::vector<int> group;
    for (const double v : score) group.push_back(v > 0);
    report("cox", n, [&] { (void)fit_cox(d); });
    report("km", n, [&] { (void)kaplan_meier(sample); });
    report("logrank", n, [&] { (void)log_rank(sample, group, {"low", "high"}); });
    report("concordance", n, [&] { (void)concordance(sample, score); });
  }
  const CoxData small = simulate(500, 5, 1);
  report("bootstrap_1000", 500, [&] { (void)bootstrap_validation(small, {}, {.draws = 1000}); });
}
