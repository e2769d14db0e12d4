// What a formula may hold, and what is said where it breaks; columns of a design by hand.
#include "messages.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/stats/design_matrix.hpp>

#include <gtest/gtest.h>

#include <cmath>

using namespace gliocast;
using namespace gliocast::stats;
using test_support::error_of;
using test_support::has;

namespace {

/// Five rows: age 30 … 70, sex f m f m f, and a missing volume in the last.
DataFrame five_rows() {
  return DataFrame(TextTable{{"age", "sex", "volume", "centre", "x y"},
                             {{"30", "f", "1", "A", "1"},
                              {"40", "m", "2", "B", "2"},
                              {"50", "f", "4", "A", "3"},
                              {"60", "m", "8", "C", "4"},
                              {"70", "f", "NA", "B", "5"}}},
                   "five.csv");
}

DesignSpecification design_of(const std::string& formula, const std::vector<std::size_t>& rows = {0, 1, 2, 3}) {
  return DesignSpecification(parse_formula(formula), five_rows(), rows);
}

}  // namespace

TEST(Formula, PartsThatAreNoTerms) {
  const Formula f = parse_formula("age + strata(centre) + offset(log(volume)) + cluster(`x y`) + sex");
  EXPECT_EQ(f.term_labels, (std::vector<std::string>{"age", "sex"}));
  ASSERT_EQ(f.strata.size(), 1U);
  EXPECT_EQ(f.strata[0].text(), "centre");
  ASSERT_EQ(f.offsets.size(), 1U);
  EXPECT_EQ(f.offsets[0].text(), "log(volume)");
  EXPECT_EQ(f.cluster, "x y");
  const auto columns = f.columns();
  for (const char* name : {"age", "sex", "centre", "volume", "x y"})
    EXPECT_EQ(std::ranges::count(columns, std::string(name)), 1) << name;
}

TEST(Formula, LabelsAsRDeparses) {
  const Formula f = parse_formula("I( age^2 )+log(volume+1) + rcs(age,4)");
  EXPECT_EQ(f.term_labels, (std::vector<std::string>{"I(age^2)", "log(volume + 1)", "rcs(age, 4)"}));
}

TEST(Formula, SaysWhereItBreaks) {
  EXPECT_TRUE(has(error_of([] { (void)parse_formula("age +"); }), "ends where a column is expected"));
  EXPECT_TRUE(has(error_of([] { (void)parse_formula("age + + sex)"); }), "formula"));
  EXPECT_TRUE(has(error_of([] { (void)parse_formula("age + sine(x)"); }), "unknown function sine()"));
  EXPECT_TRUE(has(error_of([] { (void)parse_formula("Surv(time, status) ~ age"); }), "left"));
  EXPECT_NE(error_of([] { (void)parse_formula(""); }), "");
  EXPECT_NE(error_of([] { (void)parse_formula("(age + sex"); }), "");
  try {
    (void)parse_formula("age +");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::WrongUse);
  }
}

TEST(Expression, ArithmeticByHand) {
  const auto frame = five_rows();
  const auto value = [&](const std::string& formula, std::size_t row) {
    return evaluate(parse_formula(formula).variables[0].expression, frame)[row];
  };
  EXPECT_DOUBLE_EQ(value("I(age / 10 - 2 * volume)", 1), 0);
  EXPECT_DOUBLE_EQ(value("I(-2^2 + volume)", 0), -3);  // the sign binds weaker than the power, as in R
  EXPECT_DOUBLE_EQ(value("I(2^3^0)", 0), 2);           // from the right
  EXPECT_DOUBLE_EQ(value("log2(volume)", 3), 3);
  EXPECT_DOUBLE_EQ(value("sqrt(volume)", 2), 2);
  EXPECT_TRUE(std::isnan(value("log(volume)", 4)));
  EXPECT_NE(error_of([&] { (void)value("log(sex)", 0); }), "");
}

TEST(Design, TreatmentContrastsByHand) {
  const auto design = design_of("age * sex");
  EXPECT_EQ(design.names(), (std::vector<std::string>{"age", "sexm", "age:sexm"}));
  EXPECT_EQ(design.term_of_column(), (std::vector<std::size_t>{0, 1, 2}));
  const Matrix x = design.matrix(five_rows());
  EXPECT_EQ(x(1, 0), 40);
  EXPECT_EQ(x(1, 1), 1);
  EXPECT_EQ(x(1, 2), 40);
  EXPECT_EQ(x(2, 2), 0);
}

TEST(Design, ReferenceLevelAndMissingValues) {
  auto frame = five_rows();
  frame.set_reference("sex", "m");
  const DesignSpecification design(parse_formula("sex + volume"), frame, {0, 1, 2, 3});
  EXPECT_EQ(design.names(), (std::vector<std::string>{"sexf", "volume"}));
  const Matrix x = design.matrix(frame);
  EXPECT_EQ(x(0, 0), 1);
  EXPECT_TRUE(std::isnan(x(4, 1)));
  EXPECT_EQ(complete_rows(frame, {"age", "volume"}), (std::vector<std::size_t>{0, 1, 2, 3}));
}

TEST(Design, LevelsTheFitDidNotHave) {
  const auto design = design_of("centre", {0, 1, 2});  // A, B, A; the table has C too
  EXPECT_EQ(design.names(), (std::vector<std::string>{"centreB"}));
  EXPECT_TRUE(std::isnan(design.matrix(five_rows())(3, 0)));
  const auto unknown = design.unknown_levels(five_rows());
  ASSERT_EQ(unknown.size(), 1U);
  EXPECT_EQ(unknown[0].level, "C");
  EXPECT_EQ(unknown[0].rows, 1U);
  EXPECT_EQ(unknown[0].known, "A, B");
}

TEST(Design, OffsetsAndStrata) {
  const auto design = design_of("age + offset(volume) + strata(centre)");
  EXPECT_EQ(design.offsets(five_rows())[2], 4);
  const Strata strata = design.strata(five_rows());
  EXPECT_EQ(strata.codes, (std::vector<int>{0, 1, 0, 2, 1}));
  EXPECT_EQ(strata.labels, (std::vector<std::string>{"A", "B", "C"}));
  EXPECT_EQ(design_of("age").strata(five_rows()).labels, (std::vector<std::string>{"all"}));
}

TEST(Design, RefusesAFactorWithOneLevel) {
  EXPECT_TRUE(has(error_of([] { (void)design_of("sex", {0, 2, 4}); }), "sex"));
}

TEST(DataFrameByHand, DigitsThatAreIdsStayAsTheyAreWritten) {
  const DataFrame frame(
      parse_table("id,long,age\n007,1234567890123456768,40\n7,1234567890123456789,41.50\n,,\n", ',', "t"), "t");
  EXPECT_EQ(frame.at("id").text(0), "007");
  EXPECT_EQ(frame.at("id").text(1), "7");
  EXPECT_EQ(frame.at("id").numbers[0], 7);
  EXPECT_EQ(frame.subset({1, 0}).at("long").text(0), "1234567890123456789");
  EXPECT_EQ(frame.at("age").text(1), "41.5");
}

TEST(DataFrameByHand, FactorsAndSubsets) {
  const auto frame = five_rows();
  const Column centre = frame.at("centre");
  EXPECT_EQ(centre.levels, (std::vector<std::string>{"A", "B", "C"}));
  const auto some = frame.subset({4, 0});
  EXPECT_EQ(some.rows(), 2U);
  EXPECT_EQ(some.at("centre").text(0), "B");
  EXPECT_EQ(some.numeric("age").numbers, (std::vector<double>{70, 30}));
  EXPECT_EQ(as_factor(frame.at("age")).levels, (std::vector<std::string>{"30", "40", "50", "60", "70"}));
  EXPECT_EQ(r_number(1.0 / 3), "0.333333333333333");
  EXPECT_TRUE(has(error_of([&] { (void)frame.at("grade"); }), "age"));
  EXPECT_EQ(frame.at("volume").count_missing(), 1U);
}
