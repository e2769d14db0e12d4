// Steps that prepare and screen: what they leave out and tell, read back and refuse; and what they may not depend on.
#include "tables.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/learn/correlation.hpp>
#include <gliocast/learn/standardise.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstdio>

using namespace gliocast;
using namespace gliocast::learn;

namespace {

using Kept = std::vector<std::size_t>;

FeatureTable drawn(std::size_t rows, std::size_t columns) {
  Random random(2);
  FeatureTable t = table_of_columns(std::vector<std::vector<double>>(columns, std::vector<double>(rows)));
  for (std::size_t r = 0; r < rows; ++r) t.outcome.push_back(r % 3 == 0 ? 1 : 0);
  std::vector<double> latent(rows);
  for (std::size_t c = 0; c < columns; ++c) {
    if (c % 4 == 0)
      for (double& v : latent) v = random.normal();
    for (std::size_t r = 0; r < rows; ++r)
      t.values(r, c) = latent[r] + 0.4 * random.normal() + (c % 7 == 0 ? 0.5 * t.outcome[r] : 0);
  }
  t.second_rater = t.values;
  for (std::size_t c = 0; c < columns; ++c)
    for (double& v : t.second_rater.column(c)) v += (c % 5 == 0 ? 2.0 : 0.1) * random.normal();
  return t;
}

double seconds(auto run) {
  const auto start = std::chrono::steady_clock::now();
  run();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

TEST(StandardiseMechanics, TellsWhatItFillsAndLeavesOut) {
  const double inf = INFINITY;
  auto t = table_of_columns({{1, 2, 3, 4, NAN, 6},
                             {0.1, 0.1, 0.1, 0.1, 0.1, 0.1},
                             {NAN, NAN, NAN, NAN, 1, 2},
                             {1, inf, 3, -1e200, 5, 7},
                             {1e9, 1e9 + 1e-5, 1e9, 1e9, 1e9, 1e9},
                             {1e-200, 3e-200, 2e-200, 5e-200, 1e-200, 9e-200}});
  t.second_rater = t.values;
  const auto model = fit_standardisation(t, all_rows(t));
  const auto out = model->apply(t);
  EXPECT_EQ(out.features, (std::vector<std::string>{"f0", "f3", "f5"}));
  for (const double v : out.values.values) EXPECT_TRUE(std::isfinite(v));
  EXPECT_NEAR(out.values(4, 0), (3 - 3.2) / std::sqrt((2.2 * 2.2 + 1.2 * 1.2 + 0.2 * 0.2 + 0.8 * 0.8 + 2.8 * 2.8) / 5),
              1e-14);
  EXPECT_TRUE(std::isnan(out.second_rater(4, 0)));
  EXPECT_TRUE(std::isnan(out.second_rater(1, 1)));
  EXPECT_EQ(out.second_rater(0, 1), out.values(0, 1));
  EXPECT_EQ(model->notes(),
            (std::vector<std::string>{
                "standardise: 2 cells of 1 feature infinite or beyond 1e150, taken as missing: f3",
                "standardise: 3 missing cells of 2 features filled with the training rows' median: f0, f3",
                "standardise: 1 feature missing in more than 50 % of the rows left out: f2",
                "standardise: 2 constant features left out: f1, f4"}));
}

TEST(StandardiseMechanics, NewRowsByTheTrainingRowsAlone) {
  auto t = drawn(30, 5);
  const auto rows = first_rows(20);
  const auto before = fit_standardisation(t, rows)->to_json();
  for (std::size_t r = 20; r < 30; ++r) t.values(r, 2) = 1e9;
  const auto model = fit_standardisation(t, rows);
  EXPECT_EQ(model->to_json(), before);
  t.values(25, 1) = NAN;
  t.values(26, 1) = -INFINITY;
  const auto out = model->apply(t);
  EXPECT_EQ(out.values(25, 1), out.values(26, 1));
  EXPECT_EQ(out.values(25, 1),
            (model->features()[1].median - model->features()[1].centre) / model->features()[1].scale);
}

TEST(StandardiseMechanics, RefusesWhereNothingMayBeMissing) {
  auto t = drawn(12, 3);
  const auto step = make_step("standardise", {{"missing", "refuse"}});
  const auto model = step->fit(t, all_rows(t), {});
  t.values(2, 1) = NAN;
  EXPECT_THROW((void)model->apply(t), Error);
  EXPECT_THROW((void)read_step("standardise", model->to_json())->apply(t), Error);
  EXPECT_THROW((void)step->fit(t, all_rows(t), {}), Error);
  EXPECT_THROW((void)fit_standardisation(table_of_columns({{1, 1, 1}}), {0, 1, 2}), Error);
  EXPECT_THROW((void)fit_standardisation(t, {0}), Error);
}

TEST(StandardiseMechanics, RobustWithoutARangeTakesTheDeviation) {
  const auto t = table_of_columns({{0, 0, 0, 0, 0, 0, 0, 0, 0, 10}});
  const auto model = fit_standardisation(t, all_rows(t), {.scale = Scale::Robust});
  EXPECT_NEAR(model->apply(t).values(9, 0), 10 / 3.0, 1e-14);
}

TEST(StandardiseMechanics, JsonReadsBackAndDamageIsRefused) {
  const auto t = drawn(15, 4);
  const auto model = fit_standardisation(t, all_rows(t));
  const Json json = Json::parse(model->to_json().dump());
  EXPECT_EQ(read_step("standardise", json)->to_json(), json);
  EXPECT_EQ(read_step("standardise", json)->apply(t).values.values, model->apply(t).values.values);
  for (const auto& [key, value] : json.items()) {
    Json damaged = json;
    damaged.erase(key);
    EXPECT_THROW((void)read_step("standardise", damaged), Error) << key;
  }
  Json damaged = json;
  damaged["scale"][0] = 0;
  EXPECT_THROW((void)read_step("standardise", damaged), Error);
  damaged = json;
  damaged["kept"][0] = 4;
  EXPECT_THROW((void)read_step("standardise", damaged), Error);
  damaged = json;
  damaged["fill"].push_back(1);
  EXPECT_THROW((void)read_step("standardise", damaged), Error);
}

TEST(StandardiseMechanics, AnotherUnitIsTold) {
  auto t = drawn(40, 3);
  t.features = {"volume", "entropy", "mean"};
  for (std::size_t r = 0; r < 40; ++r) t.values(r, 0) = 5000 + 1000 * static_cast<double>(r);  // mm³
  const auto model = fit_standardisation(t, all_rows(t));
  EXPECT_TRUE(range_warnings(*model, t).empty());
  auto fresh = t;
  for (double& v : fresh.values.column(0)) v /= 1000;  // cm³
  for (std::size_t r = 0; r < 10; ++r) fresh.values(r, 1) = 50;
  const auto warnings = range_warnings(*model, fresh);
  ASSERT_EQ(warnings.size(), 2U);
  EXPECT_EQ(warnings[0].sentence, "volume: the median is 24.5, in the training rows 24500: is it in another unit?");
  EXPECT_EQ(warnings[1].feature, "entropy");
  EXPECT_EQ(warnings[1].share, 0.25);
  EXPECT_NE(warnings[1].sentence.find("25 % of the rows lie far outside"), std::string::npos);
}

TEST(StandardiseMechanics, AFeatureThatIsTheSameOfAllRowsIsTold) {
  const auto t = table_of_columns({{1, 2, 3, 4, 5}, {0.5, 0.1, 0.9, 0.3, 0.2}});
  const auto model = fit_standardisation(t, all_rows(t));
  const auto fresh = table_of_columns({{2, 5, NAN, 4}, {0.3, 0.3, NAN, 0.3}});
  const auto warnings = range_warnings(*model, fresh);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0].sentence, fresh.features[1] +
                                      ": the same in all 3 rows, 0.3, in the training rows 0.1 to 0.9: it does not "
                                      "tell these rows apart; was it measured?");
  const auto few = table_of_columns({{2, 5}, {0.3, 0.3}});
  EXPECT_TRUE(range_warnings(*model, few).empty());
}

TEST(FilterMechanics, VarianceDropsWhatHardlyVaries) {
  auto t = table_of_columns({{1, 1, 1, 1, 1, 1, 1, 1, 1, 2},
                             {1, 2, 3, 4, 5, 6, 7, 8, 9, 10},
                             {3, 3, 3, 3, 3, 3, 3, 3, 3, 3},
                             {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN},
                             {1e9, 1e9 + 1e-5, 1e9 - 1e-5, 1e9, 1e9 + 2e-5, 1e9, 1e9, 1e9, 1e9, 1e9}});
  EXPECT_EQ(selection_of(t, "variance", {{"most_common", 0.8}})->kept(), (Kept{1}));
  EXPECT_EQ(selection_of(t, "variance")->kept(), (Kept{0, 1}));
  EXPECT_EQ(selection_of(t, "variance", {{"least_variance", 1}})->kept(), (Kept{1}));
  EXPECT_EQ(selection_of(t.select({2, 3}), "variance")->notes().size(), 1U);
}

TEST(FilterMechanics, CorrelationKeepsOneOfEqualColumns) {
  auto t =
      table_of_columns({{1, 2, 3, 4, 7}, {2, 4, 6, 8, 14}, {5, 1, 4, 2, 2}, {-1, -2, -3, -4, -7}, {6, 6, 6, 6, 6}});
  EXPECT_EQ(selection_of(t, "correlation", {{"threshold", 1}, {"drop", "later"}})->kept(), (Kept{0, 2, 4}));
  for (const char* drop : {"mean", "mean-exact"})
    EXPECT_EQ(selection_of(t, "correlation", {{"threshold", 1}, {"drop", drop}})->kept().size(), 3U) << drop;
  for (const double missing : {NAN, INFINITY}) {
    t.values(0, 0) = missing;  // counts as the mean: no longer equal
    EXPECT_EQ(selection_of(t, "correlation", {{"threshold", 1}, {"drop", "later"}})->kept(), (Kept{0, 1, 2, 4}));
  }
}

TEST(FilterMechanics, NoPairIsLeftThatReachesTheThreshold) {
  const auto t = drawn(50, 60);
  for (const char* kind : {"pearson", "spearman"})
    for (const char* drop : {"mean", "mean-exact", "later"}) {
      const auto kept = selection_of(t, "correlation", {{"threshold", 0.7}, {"kind", kind}, {"drop", drop}})->kept();
      EXPECT_LT(kept.size(), 60U);
      const auto r = absolute_correlations(
          t.values, all_rows(t), kind == std::string("pearson") ? CorrelationKind::Pearson : CorrelationKind::Spearman);
      for (const auto a : kept)
        for (const auto b : kept) EXPECT_TRUE(a == b || r(a, b) < 0.7);
    }
}

TEST(ScreenMechanics, MissingAndConstantFeatures) {
  auto t = drawn(30, 4);
  for (std::size_t r = 0; r < 30; ++r) {
    t.values(r, 0) = 4;
    t.values(r, 1) = t.outcome[r];  // tells the classes apart without a rest
    if (t.outcome[r] == 1) t.values(r, 2) = NAN;
  }
  t.values(4, 1) = t.values(6, 3) = INFINITY;  // as missing
  for (const char* test : {"levene-t", "student", "welch", "mann-whitney"})
    EXPECT_EQ(selection_of(t, "screen", {{"test", test}, {"alpha", 1e-4}})->kept(), (Kept{1})) << test;
  t.outcome.assign(30, 1);
  EXPECT_THROW((void)selection_of(t, "screen"), Error);
  EXPECT_THROW((void)make_step("screen", {{"test", "anova"}}), Error);
}

TEST(ScreenInvariant, OrderOfRowsAndUnits) {
  const auto t = drawn(45, 20);
  Rows turned = all_rows(t);
  std::ranges::reverse(turned);
  auto other = t.take(turned);
  for (std::size_t c = 0; c < 20; ++c)
    for (double& v : other.values.column(c)) v = 1e4 * v - 7;
  for (const char* step : {"screen", "levene", "correlation", "variance"})
    EXPECT_EQ(selection_of(t, step)->kept(), selection_of(other, step)->kept()) << step;
}

TEST(IccMechanics, KeepsWhatRatersAgreeOn) {
  auto t = drawn(40, 20);
  const auto kept = selection_of(t, "icc")->kept();
  for (std::size_t c = 0; c < 20; ++c) EXPECT_EQ(std::ranges::find(kept, c) != kept.end(), c % 5 != 0) << c;
  // A subject drawn twice is one subject.
  Rows twice = all_rows(t);
  twice.insert(twice.end(), {3, 3, 3, 5, 5});
  EXPECT_EQ(make_step("icc", Json::object())->fit(t, twice, {})->to_json(), selection_of(t, "icc")->to_json());
  const Rows thrice{0, 0, 0, 1, 1, 1, 2, 2, 2};  // nor is one that stands in the table twice, as in a chain's bootstrap
  EXPECT_THROW((void)selection_of(t.take(thrice), "icc"), Error);
  EXPECT_EQ(selection_of(t.take(twice), "icc")->to_json(), selection_of(t, "icc")->to_json());
  for (std::size_t c = 0; c < 20; ++c)
    for (std::size_t r = 4; r < 40; ++r) t.second_rater(r, c) = NAN;
  EXPECT_THROW((void)selection_of(t, "icc"), Error);
  EXPECT_NO_THROW((void)selection_of(t, "icc", {{"least_rows", 4}}));
  t.second_rater = {};
  EXPECT_THROW((void)selection_of(t, "icc"), Error);
}

TEST(StepsMechanics, EveryStepIsListedWithItsOptionsAndReadsBack) {
  auto t = drawn(40, 6);
  for (std::size_t r = 0; r < 40; ++r) t.centre.push_back(r % 2 == 0 ? "A" : "B");
  for (const char* name : {"combat", "correlation", "icc", "levene", "screen", "standardise", "variance"}) {
    const auto steps = known_steps();
    const auto at = std::ranges::find(steps, name, &KnownStep::name);
    ASSERT_NE(at, steps.end()) << name;
    const auto model = make_step(name, at->options)->fit(t, all_rows(t), {});
    EXPECT_EQ(make_step(name, at->options)->options(), at->options) << name;
    const auto back = read_step(name, Json::parse(model->to_json().dump()));
    EXPECT_EQ(back->to_json(), model->to_json()) << name;
    EXPECT_EQ(back->apply(t).values.values, model->apply(t).values.values) << name;
    EXPECT_THROW((void)make_step(name, {{"colour", 1}}), Error) << name;
    EXPECT_THROW((void)read_step(name, Json::object()), Error) << name;
  }
}

TEST(StepsMechanics, AStudysTableTakesMilliseconds) {
  auto t = drawn(300, 1300);
  for (std::size_t r = 0; r < 300; ++r) t.centre.push_back(r % 3 == 0 ? "A" : "B");
  const std::pair<const char*, Json> steps[] = {{"standardise", Json::object()},
                                                {"variance", Json::object()},
                                                {"correlation", Json::object()},
                                                {"correlation", {{"kind", "spearman"}}},
                                                {"correlation", {{"drop", "mean-exact"}}},
                                                {"screen", Json::object()},
                                                {"screen", {{"levene_centre", "median"}}},
                                                {"screen", {{"test", "mann-whitney"}}},
                                                {"levene", Json::object()},
                                                {"icc", Json::object()},
                                                {"combat", Json::object()}};
  for (const auto& [name, options] : steps) {
    const auto step = make_step(name, options);
    double s = 1e9;
    for (int i = 0; i < 5; ++i) s = std::min(s, seconds([&] { (void)step->fit(t, all_rows(t), {}); }));
    std::printf("300 x 1300: %s %s: %.1f ms\n", name, options.dump().c_str(), 1e3 * s);
    EXPECT_LT(s, 5);  // a loaded machine, sanitizers
  }
}
