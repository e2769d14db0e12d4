// Steps against R (tests/reference/learn/expected_screens.R) and scikit-learn (expected_steps.py).
#include "tables.hpp"
#include "test_paths.hpp"

#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/learn/correlation.hpp>
#include <gliocast/learn/selection.hpp>
#include <gliocast/stats/adjust_p.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

using namespace gliocast;
using namespace gliocast::learn;

namespace {

using Values = std::vector<double>;

Json reference(const char* name) {
  return read_json(std::string(GLIOCAST_SOURCE_DIR "/tests/reference/learn/") + name);
}

FeatureTable screens_table(const Json& r) {
  std::vector<Values> columns;
  for (const auto& c : r["columns"]) columns.push_back(c.get<Values>());
  auto t = table_of_columns(columns);
  t.outcome = r["positive"].get<Values>();
  return t;
}

std::vector<std::size_t> below(const Values& p, double alpha) {
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < p.size(); ++i)
    if (p[i] < alpha) kept.push_back(i);
  return kept;
}

double worst_relative(const Values& values, const Values& expected) {
  double worst = 0;
  for (std::size_t i = 0; i < values.size(); ++i) worst = std::max(worst, std::abs(values[i] / expected[i] - 1));
  return worst;
}

}  // namespace

TEST(ScreeningOracle, ScreensAsR) {
  const Json r = reference("expected_screens.json");
  const auto table = screens_table(r);
  const auto student = r["student"].get<Values>(), welch = r["welch"].get<Values>();
  double worst = 0;
  std::size_t numbers = 0;
  const auto compare = [&](const Selection& selection, const Values& expected) {
    worst = std::max(worst, worst_relative(selection.scores(), expected));
    numbers += expected.size();
  };
  for (const char* centre : {"mean", "median"}) {
    const auto levene = r["levene"][centre].get<Values>();
    Values chosen;
    for (std::size_t i = 0; i < levene.size(); ++i) chosen.push_back(levene[i] < 0.05 ? welch[i] : student[i]);
    const auto s = selection_of(table, "screen", {{"levene_centre", centre}, {"alpha", 0.2}});
    EXPECT_EQ(s->kept(), below(chosen, 0.2));
    compare(*s, chosen);
    const auto l = selection_of(table, "levene", {{"centre", centre}});
    EXPECT_EQ(l->kept(), below(levene, 0.05));
    compare(*l, levene);
  }
  for (const char* test : {"student", "welch", "mann-whitney"}) {
    const auto expected = r[test == std::string("mann-whitney") ? "mann_whitney" : test].get<Values>();
    const auto s = selection_of(table, "screen", {{"test", test}, {"alpha", 0.3}});
    EXPECT_EQ(s->kept(), below(expected, 0.3)) << test;
    compare(*s, expected);
    const auto bh = selection_of(table, "screen", {{"test", test}, {"alpha", 0.6}, {"fdr", "bh"}});
    EXPECT_EQ(bh->kept(), below(stats::adjust_p(expected, stats::PAdjustment::BenjaminiHochberg), 0.6)) << test;
  }
  EXPECT_LT(worst, 1e-9);
  std::printf(
      "VALIDATION learn | screen and levene, P | R 4.2 and car (t.test, leveneTest, wilcox.test) | %zu | %.1g\n",
      numbers, worst);
}

TEST(ScreeningOracle, CorrelationsAsCaret) {
  const Json r = reference("expected_screens.json");
  const auto table = screens_table(r);
  const auto rows = all_rows(table);
  std::size_t lists = 0, unlike = 0;
  for (const auto& d : r["dropped"]) {
    const auto kind = d["kind"] == "pearson" ? CorrelationKind::Pearson : CorrelationKind::Spearman;
    const auto correlations = absolute_correlations(table.values, rows, kind);
    for (const auto& [key, drop] :
         {std::pair{"mean", CorrelationDrop::MeanFast}, std::pair{"mean_exact", CorrelationDrop::MeanExact}}) {
      const auto dropped = correlated_columns(correlations, d["threshold"].get<double>(), drop);
      ++lists;
      unlike += dropped == d[key].get<std::vector<std::size_t>>() ? 0 : 1;
    }
  }
  EXPECT_EQ(lists, 12U);
  EXPECT_EQ(unlike, 0U);
  std::printf(
      "VALIDATION learn | correlation, lists of dropped features | R caret (findCorrelation) | %zu | %zu differ\n",
      lists, unlike);
}

TEST(ScreeningOracle, StandardiseAsScikitLearn) {
  const Json r = reference("expected_steps.json");
  std::vector<Values> columns;
  for (const auto& c : r["columns"]) {
    columns.emplace_back();
    for (const auto& v : c) columns.back().push_back(number_or_nan(v));
  }
  const auto table = table_of_columns(columns);
  const auto rows = first_rows(r["training_rows"].get<std::size_t>());
  double worst = 0;
  for (const char* scale : {"sd", "robust"})
    for (const char* missing : {"median", "mean"}) {
      const auto model = make_step("standardise", {{"scale", scale}, {"missing", missing}})->fit(table, rows, {});
      const auto out = model->apply(table);
      const Json& expected = r[std::string(scale) + "_" + missing];
      ASSERT_EQ(out.features.size(), columns.size());
      for (std::size_t c = 0; c < columns.size(); ++c)
        for (std::size_t i = 0; i < table.rows(); ++i)
          worst = std::max(worst, std::abs(out.values(i, c) - expected[c][i].get<double>()));
    }
  EXPECT_LT(worst, 1e-12);
  std::printf("VALIDATION learn | standardise, z-score and robust | scikit-learn 1.9 | %zu | %.1g\n",
              4 * table.values.values.size(), worst);
  for (const auto& [least, kept] : r["variance_threshold"].items()) {
    const auto model =
        make_step("variance", {{"most_common", 1}, {"least_variance", std::stod(least)}})->fit(table, rows, {});
    EXPECT_EQ(dynamic_cast<const Selection&>(*model).kept(), kept.get<std::vector<std::size_t>>()) << least;
  }
}
