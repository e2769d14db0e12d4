// Tables are cut by rows and columns, selections keep what they say, options are checked by name.
#include <gliocast/core/error.hpp>
#include <gliocast/learn/selection.hpp>
#include <gliocast/learn/step_options.hpp>

#include <gtest/gtest.h>

#include <cmath>

using namespace gliocast;
using namespace gliocast::learn;

namespace {

FeatureTable small_table() {
  FeatureTable t;
  t.features = {"a", "b", "c"};
  t.values = stats::Matrix(4, 3);
  for (std::size_t i = 0; i < 12; ++i) t.values.values[i] = static_cast<double>(i);
  t.ids = {"p1", "p2", "p3", "p4"};
  t.patient = {0, 1, 2, 3};
  t.outcome = {0, 1, 1, 0};
  return t;
}

}  // namespace

TEST(LearnerMechanics, RowsMayRepeatAndKeepTheirNames) {
  const auto t = small_table().take({3, 3, 1});
  EXPECT_EQ(t.ids, (std::vector<std::string>{"p4", "p4", "p2"}));
  EXPECT_EQ(t.values(0, 2), 11);
  EXPECT_EQ(t.values(2, 0), 1);
  EXPECT_EQ(t.outcome, (std::vector<double>{0, 0, 1}));
}

TEST(LearnerMechanics, ColumnsAreFoundByNameAndMissingOnesNamed) {
  EXPECT_EQ(small_table().select_named({"c", "a"}).values(1, 0), 9);
  try {
    (void)small_table().select_named({"a", "texture"});
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("texture"), std::string::npos);
    EXPECT_EQ(e.code(), ExitCode::UnusableInput);
  }
}

TEST(LearnerMechanics, OneClassIsNothingToLearn) {
  auto t = small_table();
  t.outcome = {1, 1, 1, 1};
  EXPECT_THROW((void)t.classes(), Error);
  t.outcome = {1, 0, NAN, 1};
  EXPECT_THROW((void)t.classes(), Error);
}

TEST(LearnerMechanics, ASelectionIsNeverEmptyAndReadsBack) {
  const auto s = keep_passing({false, false, false}, {0.4, NAN, 0.2}, "screen");
  EXPECT_EQ(s->kept(), (std::vector<std::size_t>{2}));
  EXPECT_EQ(s->notes().size(), 1U);
  EXPECT_EQ(keep_best(2, {3, NAN, 1})->kept(), (std::vector<std::size_t>{2, 0}));
  EXPECT_EQ(Selection::from_json(s->to_json())->apply(small_table()).features, (std::vector<std::string>{"c"}));
}

TEST(LearnerMechanics, OptionsAreChecked) {
  const Json json{{"alpha", 0.1}, {"kind", "min"}, {"costs", {1, 2}}};
  StepOptions o("lasso", json);
  EXPECT_EQ(o.number("alpha", 1, 0, 1), 0.1);
  EXPECT_EQ(o.choice("kind", "1se", {"min", "1se"}), "min");
  EXPECT_EQ(o.count("folds", 5, 2, 100), 5U);
  EXPECT_THROW(o.finish(), Error);
  EXPECT_EQ(o.numbers("costs", {}, 0, 10), (std::vector<double>{1, 2}));
  o.finish();
  EXPECT_THROW((void)o.number("alpha", 1, 0.5, 1), Error);
  EXPECT_THROW((void)o.number("costs", 1, 0, 10), Error);
  EXPECT_THROW((void)o.choice("kind", "1se", {"1se"}), Error);
}
