// Files, tables, errors, geometry, checksums.
#include <gliocast/core/base64.hpp>
#include <gliocast/core/checksum.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/geometry.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/quantile.hpp>
#include <gliocast/core/singular_values.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/core/terms.hpp>
#include <gliocast/core/text.hpp>

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>
#include <array>
#include <cmath>
#include <filesystem>
#include <limits>

using namespace gliocast;
namespace fs = std::filesystem;

namespace {

class CoreFiles : public ::testing::Test {
 protected:
  fs::path folder = fs::temp_directory_path() / ("core-" + std::to_string(::getpid()));
  void SetUp() override { fs::create_directories(folder); }
  void TearDown() override { fs::remove_all(folder); }
  [[nodiscard]] std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
  }
};

}  // namespace

TEST(CoreError, SaysWhatWhereAndWhatToDo) {
  const Error e(ExitCode::UnusableInput, "the file is empty", "a.nii", "copy it again");
  EXPECT_STREQ(e.what(), "a.nii: the file is empty; copy it again");
  EXPECT_STREQ(e.within("sub-01").what(), "sub-01: a.nii: the file is empty; copy it again");
  EXPECT_EQ(static_cast<int>(e.code()), 3);
}

TEST_F(CoreFiles, WritingReplacesWholeFilesAndLeavesNoTemporaries) {
  write_text(folder / "sub" / "a.txt", "one");
  write_text(folder / "sub" / "a.txt", "two");
  EXPECT_EQ(read_text(folder / "sub" / "a.txt"), "two");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder / "sub"), fs::directory_iterator()), 1);
}

TEST_F(CoreFiles, AFullOrForbiddenPlaceIsErrorSixAndLeavesTheOldFile) {
  write_text(folder / "file", "old");
  try {
    write_text(folder / "file" / "below", "x");  // a file where a folder is needed
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::CannotWrite);
  }
  EXPECT_EQ(read_text(folder / "file"), "old");
  EXPECT_THROW(write_text("/dev/full/x", "x"), Error);
}

TEST_F(CoreFiles, OutputFolderRules) {
  EXPECT_NO_THROW(prepare_output_folder(folder / "new", ExistingOutput::Refuse));
  write_text(folder / "new" / "x", "1");
  try {
    prepare_output_folder(folder / "new", ExistingOutput::Refuse);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::WrongUse);
    EXPECT_NE(std::string(e.what()).find("--resume"), std::string::npos);
  }
  EXPECT_NO_THROW(prepare_output_folder(folder / "new", ExistingOutput::Resume));
}

TEST_F(CoreFiles, JsonLogHasOneObjectALine) {
  set_console_log_level(LogLevel::Off);
  open_json_log(folder / "log.jsonl");
  log_info("a \"quoted\" line\nwith a break", {{"patient", "sub-01"}});
  log_warning("second");
  close_json_log();
  log_info("not in the file");
  const std::string text = read_text(folder / "log.jsonl");
  std::size_t lines = 0, start = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos;
       start = end + 1, end = text.find('\n', start), ++lines) {
    const Json j = Json::parse(text.substr(start, end - start));
    EXPECT_TRUE(j.contains("time") && j.contains("level") && j.contains("message"));
    if (lines == 0) {
      EXPECT_EQ(j["patient"], "sub-01");
    }
  }
  EXPECT_EQ(lines, 2U);
}

TEST(CoreTable, CsvWithQuotesAndTsv) {
  const auto t = parse_table("\xEF\xBB\xBFid,note\r\n1,\"a, \"\"b\"\"\nc\"\r\n2,\r\n\r\n", ',', "t.csv");
  ASSERT_EQ(t.rows.size(), 2U);
  EXPECT_EQ(t.rows[0][1], "a, \"b\"\nc");
  EXPECT_EQ(parse_table(format_table(t, ','), ',', "again").rows, t.rows);
  EXPECT_EQ(parse_table("a\tb\n1\t2", '\t', "t").rows[0][1], "2");
  EXPECT_EQ(*t.find_column("NOTE"), 1U);
  EXPECT_FALSE(t.find_column("none"));
}

TEST(CoreTable, MistakesAreNamedWithTheirLine) {
  const auto message = [](const std::string& text) {
    try {
      (void)parse_table(text, ',', "t.csv");
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string("accepted");
  };
  EXPECT_NE(message("a,b\n1,2\n1\n").find("line 3"), std::string::npos);
  EXPECT_NE(message("a,a\n").find("twice"), std::string::npos);
  EXPECT_NE(message("").find("header"), std::string::npos);
  EXPECT_NE(message("a,b\n1,\"open\n").find("never closed"), std::string::npos);
}

TEST(CoreTable, Numbers) {
  EXPECT_EQ(parse_number(" +1.5e3 "), 1500);
  EXPECT_FALSE(parse_number("NA"));
  EXPECT_FALSE(parse_number("nan"));
  EXPECT_FALSE(parse_number("1 2"));
  EXPECT_FALSE(parse_number(""));
  EXPECT_EQ(shortest(0.1), "0.1");
  EXPECT_EQ(shortest(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(shortest(std::numeric_limits<double>::quiet_NaN()), "NaN");
}

TEST(CoreTable, ZeroHasNoSign) {
  EXPECT_EQ(shortest(-0.0), "0");
  EXPECT_EQ(decimal(-0.0004, 3), "0.000");
  EXPECT_EQ(decimal(-0.0006, 3), "-0.001");
  EXPECT_EQ(plain_number(-0.0, 4), "0");
  EXPECT_EQ(general_number(-0.0, 4), "0");
  EXPECT_EQ(general_number(-1e-17, 4), "-1e-17");
  EXPECT_EQ(decimal(-std::numeric_limits<double>::infinity(), 1), "-inf");
}

TEST(CoreGeometry, IndexAndPositionAreInverse) {
  Geometry g;
  g.size = {10, 20, 30};
  g.spacing_mm = {0.5, 1, 3};
  g.origin_mm = {-7, 8, 9};
  const double c = std::cos(0.7), s = std::sin(0.7);
  g.direction = {c, -s, 0, s, c, 0, 0, 0, -1};
  const Vec3 back = g.lps_mm_to_index(g.index_to_lps_mm({1.5, -2, 7}));
  EXPECT_NEAR(back[0], 1.5, 1e-12);
  EXPECT_NEAR(back[1], -2, 1e-12);
  EXPECT_NEAR(back[2], 7, 1e-12);
  Geometry h = g;
  EXPECT_TRUE(same_grid(g, h));
  h.origin_mm[0] += 0.004;
  EXPECT_TRUE(same_grid(g, h));
  h.origin_mm[0] += 0.01;
  EXPECT_FALSE(same_grid(g, h));
  h = g;
  h.spacing_mm[2] = 3.1;
  EXPECT_NE(describe_difference(g, h).find("spacing 0.5×1×3 vs 0.5×1×3.1 mm"), std::string::npos);
}

TEST(CoreChecksum, KnownValues) {
  // FIPS 180-2, Appendix B.
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(CoreNumbers, JsonHasNoInfinity) {
  EXPECT_EQ(finite_or_null(0.1).dump(), "0.1");
  for (const double v : {std::nan(""), HUGE_VAL, -HUGE_VAL}) EXPECT_TRUE(finite_or_null(v).is_null()) << v;
  EXPECT_EQ(number_or_nan(Json(2.5)), 2.5);
  EXPECT_TRUE(std::isnan(number_or_nan(Json())));
}

TEST(CoreNumbers, GeneralNumbersTakeAnExponentWhereItIsShorter) {
  EXPECT_EQ(general_number(0.00001234567, 3), "1.23e-05");
  EXPECT_EQ(general_number(1234.5, 6), "1234.5");
}

TEST(CoreQuantile, Type7IsLinearBetweenNeighbours) {
  EXPECT_DOUBLE_EQ(quantile_r7(std::vector<double>{1, 2, 3, 4}, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(quantile_r7(std::vector<double>{1, 2, 3, 4}, 1), 4);
  EXPECT_DOUBLE_EQ(quantile_r7(std::vector<double>{1, 2, 4, 8}, 0.25), 1.75);
  EXPECT_TRUE(std::isnan(quantile_r7(std::vector<double>{}, 0.5)));
}

TEST(CoreQuantile, LinearIsType7ButForRounding) {
  EXPECT_DOUBLE_EQ(quantile_linear(std::vector<double>{1, 2, 4, 8}, 0.25), 1.75);
  EXPECT_DOUBLE_EQ(quantile_linear(std::vector<double>{1, 2, 4, 8}, 1), 8);
  EXPECT_TRUE(std::isnan(quantile_linear(std::vector<double>{}, 0.5)));
}

TEST(CoreQuantile, NumpysPercentilesSortNoMoreThanTheyNeed) {
  NumpyQuantiles q({8, 1, 4, 2});
  EXPECT_DOUBLE_EQ(q.percentile(0), 1);
  EXPECT_DOUBLE_EQ(q.percentile(25), 1.75);  // numpy.percentile([8, 1, 4, 2], 25)
  EXPECT_DOUBLE_EQ(q.percentile(50), 3);
  EXPECT_DOUBLE_EQ(q.percentile(90), 6.8);
  EXPECT_DOUBLE_EQ(q.percentile(100), 8);
}

TEST(CoreQuantile, RanksAreAlwaysOneOfTheValues) {
  std::vector<float> values{5, 1, 4, 2};
  EXPECT_EQ(quantile_lower(values, 0.5), 2);
  EXPECT_EQ(quantile_lower(values, 1), 5);
  EXPECT_EQ(upper_median(std::vector<double>{5, 1, 4, 2}), 4);
  EXPECT_EQ(upper_median(std::vector<double>{5, 1, 2}), 2);
}

TEST(CoreBase64, EqualsTheExamplesOfRfc4648) {
  const auto encoded = [](std::string_view text) { return base64(std::as_bytes(std::span(text))); };
  EXPECT_EQ(encoded(""), "");
  EXPECT_EQ(encoded("f"), "Zg==");
  EXPECT_EQ(encoded("fo"), "Zm8=");
  EXPECT_EQ(encoded("foo"), "Zm9v");
  EXPECT_EQ(encoded("foob"), "Zm9vYg==");
  EXPECT_EQ(encoded("fooba"), "Zm9vYmE=");
  EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
}

TEST(CoreBase64, PadsOnlyTheEndOfLongData) {
  const std::vector<std::byte> bytes((std::size_t{3} << 20) + 4, std::byte{0});
  const std::string text = base64(bytes);
  EXPECT_EQ(text, std::string((std::size_t{4} << 20) + 6, 'A') + "==");
}

TEST(CoreSingularValues, OfMatricesThatOverflowEnd) {
  // A NIfTI header with a voxel of 3e38 mm: sums of squares are infinite in single precision.
  const double b = 0.12811623513698578, c = 0.06769907474517822, d = -0.5591703057289124;
  const double a = std::sqrt(1 - b * b - c * c - d * d);
  const std::array<double, 9> turn{
      a * a + b * b - c * c - d * d, 2 * (b * c - a * d),           2 * (b * d + a * c),
      2 * (b * c + a * d),           a * a + c * c - b * b - d * d, 2 * (c * d - a * b),
      2 * (b * d - a * c),           2 * (c * d + a * b),           a * a + d * d - b * b - c * c};
  for (const double huge : {3.3528386848616653e38, -3.3528386848616653e38, HUGE_VAL, std::nan("")}) {
    const std::array<double, 3> spacing{0.65286540985107422, huge, 1.3691620826721191};
    std::array<float, 9> m{};
    for (std::size_t k = 0; k < 9; ++k) m[k] = static_cast<float>(turn[k] * spacing[k % 3]);
    (void)singular_values(m);  // returns
    std::array<double, 9> wide{};
    for (std::size_t k = 0; k < 9; ++k) wide[k] = turn[k] * spacing[k % 3];
    (void)singular_values(wide);
  }
}

TEST(CoreText, NamesAreListed) {
  EXPECT_EQ(listed({}), "");
  EXPECT_EQ(listed({"a", "b", "c"}), "a, b, c");
  EXPECT_EQ(listed({"a", "b", "c"}, 3), "a, b, c");
  EXPECT_EQ(listed({"a", "b", "c"}, 1), "a and 2 more");
}

TEST(CoreText, TheNearestNameIsTheOneOfFewestChanges) {
  const std::vector<std::string> names{"screen", "standardise", "lasso", "svm"};
  EXPECT_EQ(nearest_name("standardize", names), "standardise");
  EXPECT_EQ(nearest_name("Lasso", names), "lasso");
  EXPECT_EQ(nearest_name("lsaso", names), "lasso");
  EXPECT_EQ(nearest_name("lazo", names), "lasso");
  EXPECT_EQ(nearest_name("scream", names), "screen");
  EXPECT_EQ(nearest_name("smv", names), "svm");
  EXPECT_EQ(nearest_name("sv", names), "");  // half of it would have to be changed
  EXPECT_EQ(nearest_name("ridge", names), "");
  EXPECT_EQ(nearest_name("", names), "");
  EXPECT_EQ(nearest_name(std::string(100, 'x'), names), "");
  EXPECT_EQ(suggestion("laso", names, "there are"), "is lasso meant? there are: screen, standardise, lasso, svm");
  EXPECT_EQ(suggestion("ridge", names, "there are"), "there are: screen, standardise, lasso, svm");
}

TEST(CoreTerms, PartsAreSplitOutsideParentheses) {
  EXPECT_EQ(split_terms("age, rcs(age, 4) ,factor(grade)"),
            (std::vector<std::string>{"age", "rcs(age, 4)", "factor(grade)"}));
  EXPECT_EQ(split_terms("f(g(a, b), c),d"), (std::vector<std::string>{"f(g(a, b), c)", "d"}));
  EXPECT_EQ(split_terms(" , sex,, "), std::vector<std::string>{"sex"});
  EXPECT_TRUE(split_terms("").empty());
}
