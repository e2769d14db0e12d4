// Times random forests on simulated tables that it writes for forest_peer.py and forest_peer.R, which time
// scikit-learn and ranger on the same. Usage: bench_forest FOLDER   prints "name<TAB>rows<TAB>columns<TAB>seconds":
// 100 trees, one thread, processor time (other load counts little), middle of five.
#include <gliocast/core/random.hpp>
#include <gliocast/learn/random_forest.hpp>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace gliocast::learn;

/// Two classes that the first five columns tell apart, with noise; columns in groups that correlate, as radiomic ones.
FeatureTable simulate(std::size_t rows, std::size_t columns) {
  gliocast::Random random(rows);
  FeatureTable t;
  t.values = gliocast::stats::Matrix(rows, columns);
  for (std::size_t c = 0; c < columns; ++c) {
    t.features.push_back("x" + std::to_string(c + 1));
    constexpr std::size_t kGroup = 5;
    for (std::size_t r = 0; r < rows; ++r)
      t.values(r, c) = (c >= kGroup ? 0.7 * t.values(r, c - kGroup) : 0) + random.normal();
  }
  for (std::size_t r = 0; r < rows; ++r) {
    t.ids.push_back("p" + std::to_string(r + 1));
    t.patient.push_back(static_cast<int>(r));
    double score = 2 * random.normal();
    for (std::size_t c = 0; c < 5; ++c) score += t.values(r, c);
    t.outcome.push_back(score > 0 ? 1 : 0);
  }
  return t;
}

/// Outcomes, then columns one after another, as doubles.
void write(const std::filesystem::path& file, const FeatureTable& t) {
  std::ofstream out(file, std::ios::binary);
  for (const std::vector<double>* values : {&t.outcome, &t.values.values})
    out.write(reinterpret_cast<const char*>(values->data()),
              static_cast<std::streamsize>(values->size() * sizeof(double)));
}

void report(const char* name, const FeatureTable& t, const ForestOptions& options) {
  gliocast::stats::Rows rows(t.rows());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  std::vector<double> seconds;
  for (int i = 0; i < 5; ++i) {
    const std::clock_t start = std::clock();
    (void)fit_forest(t, rows, options, {});
    seconds.push_back(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  }
  std::ranges::sort(seconds);
  std::printf("%s\t%zu\t%zu\t%.6f\n", name, t.rows(), t.values.columns, seconds[2]);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: bench_forest FOLDER\n", stderr);
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder);
  for (const auto& [rows, columns] : {std::pair{470UL, 1300UL}, std::pair{376UL, 40UL}}) {
    const FeatureTable t = simulate(rows, columns);
    write(folder / (std::to_string(rows) + ".bin"), t);
    report("impurity", t, {});
    report("permutation", t, {.permutation = PermutationLoss::Squared});
  }
}
