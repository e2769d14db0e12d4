// Classifiers on tables that are too small or not complete, on several threads, in any order of rows; grids; damaged
// models.
#include "tables.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/learn/registry.hpp>
#include <gliocast/stats/roc.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

using namespace gliocast;
using namespace gliocast::learn;

namespace {

const std::vector<std::string> kNames{"svm", "logistic"};

std::shared_ptr<const Classifier> fitted(const std::string& name, const FeatureTable& table,
                                         const Json& options = Json::object()) {
  return make_classifier(name, options)->fit(table, all_rows(table), {});
}

const Json kOneSvm{{"cost", 8}, {"gamma", 0.125}};

}  // namespace

TEST(ClassifierMechanics, ThePositiveClassHasTheLargerValues) {
  const auto table = random_table(100, 4, 2, 3);
  const auto classes = table.classes();
  for (const auto& name : kNames) {
    const auto model = fitted(name, table, name == "svm" ? kOneSvm : Json::object());
    EXPECT_GT(stats::auc(model->decision(table), classes), 0.9) << name;
    const auto p = model->probability(table);
    EXPECT_GT(stats::auc(p, classes), 0.9) << name;
    EXPECT_TRUE(std::ranges::all_of(p, [](double v) { return v > 0 && v < 1; })) << name;
  }
}

TEST(ClassifierMechanics, AMissingValueIsNamed) {
  auto table = random_table(30, 3, 1, 1);
  const auto good = table;
  table.values(4, 1) = NAN;
  for (const auto& name : kNames) {
    const auto model = fitted(name, good);
    for (const auto& use : {std::function<void()>([&] { (void)fitted(name, table); }),
                            std::function<void()>([&] { (void)model->decision(table); })}) {
      try {
        use();
        FAIL() << name;
      } catch (const Error& e) {
        EXPECT_EQ(e.code(), ExitCode::UnusableInput);
        EXPECT_NE(e.problem().find("f1"), std::string::npos) << e.problem();
      }
    }
    table.values(4, 1) = std::numeric_limits<double>::infinity();
    EXPECT_THROW((void)fitted(name, table), Error);
    EXPECT_THROW((void)model->decision(good.select({0, 1})), Error);
    table.values(4, 1) = NAN;
  }
}

TEST(ClassifierMechanics, OneClassOneRowNoFeatureAreRefused) {
  const auto table = random_table(30, 3, 1, 1);
  auto one_class = table;
  std::ranges::fill(one_class.outcome, 1.0);
  for (const auto& name : kNames) {
    EXPECT_THROW((void)fitted(name, one_class), Error);
    EXPECT_THROW((void)make_classifier(name, {})->fit(table, {0}, {}), Error);
    EXPECT_THROW((void)make_classifier(name, {})->fit(table, {}, {}), Error);
  }
  EXPECT_THROW((void)fitted("svm", table.select({})), Error);
}

TEST(ClassifierMechanics, TwoRowsAreEnough) {
  const auto table = random_table(2, 3, 1, 1);
  const auto svm = fitted("svm", table, kOneSvm);
  EXPECT_EQ(svm->notes().size(), 1U);
  for (const double p : svm->probability(table)) EXPECT_TRUE(p > 0 && p < 1);
  EXPECT_EQ(fitted("logistic", table)->notes().size(), 1U);
}

TEST(ClassifierMechanics, SeparatedClassesGetATinyRidge) {
  const auto table = random_table(40, 2, 50, 1);
  const auto model = fitted("logistic", table);
  ASSERT_EQ(model->notes().size(), 1U);
  EXPECT_NE(model->notes()[0].find("separated"), std::string::npos);
  for (const double d : model->decision(table)) EXPECT_TRUE(std::isfinite(d));
  EXPECT_TRUE(fitted("logistic", random_table(60, 2, 0.3, 1))->notes().empty());
}

TEST(ClassifierMechanics, ThreadsChangeNothing) {
  const auto table = random_table(60, 4, 1, 9);
  const auto alone = fitted("svm", table, kOneSvm)->to_json();
  std::vector<Json> made(16);
  parallel_for(made.size(), 8, [&](std::size_t i) { made[i] = fitted("svm", table, kOneSvm)->to_json(); });
  for (const auto& json : made) EXPECT_EQ(json, alone);
  const auto shared = fitted("svm", table, kOneSvm);
  std::vector<std::vector<double>> p(16);
  parallel_for(p.size(), 8, [&](std::size_t i) { p[i] = shared->probability(table); });
  for (const auto& values : p) EXPECT_EQ(values, p[0]);
}

TEST(ClassifierMechanics, TheGridIsCoarseThenFine) {
  const auto learner = make_classifier("svm", {});
  const auto coarse = learner->grid();
  ASSERT_EQ(coarse.size(), 36U);
  const Json first = coarse[0]->options(), last = coarse[35]->options();
  EXPECT_EQ(first.at("cost"), 0.03125);
  EXPECT_EQ(first.at("gamma"), std::ldexp(1.0, -15));
  EXPECT_EQ(last.at("cost"), 32768);
  EXPECT_EQ(last.at("gamma"), 32);
  EXPECT_TRUE(coarse[0]->grid().empty());
  const auto fine = learner->finer_grid(*coarse[7]);
  ASSERT_EQ(fine.size(), 24U);  // 5 × 5 less the best itself
  const double cost = coarse[7]->options().at("cost");
  for (const auto& f : fine) EXPECT_LE(std::abs(std::log2(f->options().at("cost").get<double>() / cost)), 2);
  EXPECT_TRUE(make_classifier("svm", {{"finer", false}})->finer_grid(*coarse[7]).empty());
  const auto linear = make_classifier("svm", {{"kernel", "linear"}});
  EXPECT_EQ(linear->grid().size(), 5U);
  EXPECT_EQ(linear->finer_grid(*linear->grid()[0]).size(), 4U);
  // What a candidate says of itself makes the same candidate.
  EXPECT_EQ(make_classifier("svm", fine[3]->options())->options(), fine[3]->options());
}

TEST(ClassifierMechanics, WrongOptionsAreRefused) {
  for (const Json& options : {Json{{"cost", 0}}, Json{{"kernel", "poly"}}, Json{{"kernel", "linear"}, {"gamma", 1}},
                              Json{{"class_weight", true}}, Json{{"costs", 1}}, Json{{"gamma", Json::array()}}})
    EXPECT_THROW((void)make_classifier("svm", options), Error) << options;
  EXPECT_THROW((void)make_classifier("logistic", {{"ridge", -1}}), Error);
}

// What mutation leaves of a model is used or refused by Error.
TEST(ClassifierMechanics, AnAverageIsTheMeanOfItsMembersLogOdds) {
  const auto table = random_table(60, 4, 1, 3);
  const auto rows = all_rows(table);
  const Json forest{{"trees", 20}};
  const auto p = make_classifier("average", {{"members", {"logistic", {{"forest", forest}}}}})->fit(table, rows, {});
  const auto a = make_classifier("logistic", Json::object())->fit(table, rows, {})->probability(table);
  const auto b = make_classifier("forest", forest)->fit(table, rows, {})->probability(table);
  const auto log_odds = [](double v) {
    const double kept = std::clamp(v, 1e-3, 1 - 1e-3);
    return std::log(kept / (1 - kept));
  };
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const double mean = (log_odds(a[r]) + log_odds(b[r])) / 2;
    EXPECT_NEAR(p->decision(table)[r], mean, 1e-12);
    EXPECT_NEAR(p->probability(table)[r], 1 / (1 + std::exp(-mean)), 1e-12);
  }
  const auto refusal = [](const Json& members) {
    try {
      (void)make_classifier("average", {{"members", members}});
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string("accepted");
  };
  EXPECT_NE(refusal({"logistic", "svm"}).find("svm has a grid"), std::string::npos);
  EXPECT_NE(refusal({"logistic", "average"}).find("average of averages"), std::string::npos);
  EXPECT_NE(refusal({"logistic"}).find("two classifiers"), std::string::npos);
  EXPECT_NE(refusal({"logistic", 3}).find("name with its options"), std::string::npos);
  EXPECT_NE(refusal({"logistic", "forrest"}).find("no classifier forrest"), std::string::npos);
}

TEST(ClassifierMechanics, DamagedModelsAreRefused) {
  const auto table = random_table(12, 2, 1, 2);
  Random random(4, "mutation", 0);
  for (const auto& name : kNames) {
    const std::string text = fitted(name, table, name == "svm" ? kOneSvm : Json::object())->to_json().dump();
    int refused = 0;
    for (int i = 0; i < 3000; ++i) {
      std::string damaged = text;
      for (std::uint64_t k = 0; k <= random.below(3); ++k) {
        const auto at = random.below(damaged.size());
        if (random.chance(0.3))
          damaged.erase(at, random.below(20));
        else
          damaged[at] = "0123456789,.[]{}\"-en:"[random.below(21)];
      }
      const Json json = Json::parse(damaged, nullptr, false);
      if (json.is_discarded()) continue;
      try {
        const auto model = read_classifier(name, json);
        (void)model->decision(table);
        (void)model->probability(table);
        (void)model->to_json();
      } catch (const Error&) {
        ++refused;
      }
    }
    EXPECT_GT(refused, 20) << name;
  }
  EXPECT_THROW((void)read_classifier("svm", Json::array()), Error);
  EXPECT_THROW((void)read_classifier("forest of no name", Json::object()), Error);
}
