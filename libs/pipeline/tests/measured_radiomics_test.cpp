#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/pipeline/examine.hpp>
#include <gliocast/pipeline/measured_radiomics.hpp>

#include <gtest/gtest.h>
#include <unistd.h>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::pipeline {
namespace {

namespace fs = std::filesystem;

class MeasuredRadiomicsTest : public testing::Test {
 protected:
  void SetUp() override {
    folder = fs::temp_directory_path() / ("gliocast-measured-" + std::to_string(::getpid()));
    fs::remove_all(folder);
  }
  void TearDown() override { fs::remove_all(folder); }

  [[nodiscard]] FeatureFile table(Sequence s, const std::string& name, const std::string& text) const {
    write_text(folder / name, text);
    return {s, folder / name};
  }
  /// What reading these tables says goes wrong.
  static std::string refusal(const std::vector<std::vector<FeatureFile>>& cohorts) {
    try {
      (void)read_measured_radiomics(cohorts, "", {});
    } catch (const Error& e) {
      return e.what();
    }
    return "nothing";
  }

  fs::path folder;
};

TEST(FeatureFile, SequenceIsOfTheNameOrSaid) {
  EXPECT_EQ(parse_feature_file("T1GD.tsv").sequence, Sequence::T1Gd);
  EXPECT_EQ(parse_feature_file("data/features_t1ce.csv").sequence, Sequence::T1Gd);
  EXPECT_EQ(parse_feature_file("site-2_T1w.tsv").sequence, Sequence::T1);
  EXPECT_EQ(parse_feature_file("FLAIR.tsv").sequence, Sequence::Flair);
  const auto said = parse_feature_file("t2=my table of T1.tsv");
  EXPECT_EQ(said.sequence, Sequence::T2);
  EXPECT_EQ(said.file, "my table of T1.tsv");
  EXPECT_THROW((void)parse_feature_file("features.tsv"), Error);
  EXPECT_THROW((void)parse_feature_file("t1_and_t2.tsv"), Error);
  EXPECT_THROW((void)parse_feature_file("t3=features.tsv"), Error);
}

TEST_F(MeasuredRadiomicsTest, TablesAreJoinedByPatientAndByName) {
  // Other orders of rows and columns; clinical columns, text and a feature of one table alone are no features.
  const auto t1 =
      table(Sequence::T1, "t1.tsv", "id\tgrade\tscanner\tA\tB\tonly\nP1\tLGG\tx\t1\t2\t9\nP2\tHGG\ty\t3\t4\t8\n");
  const auto t2 = table(Sequence::T2, "t2.csv", "B,A,id,age\n20,10,P2,50\n40,30,P3,60\n");
  const auto m = read_measured_radiomics({{t1, t2}}, "", {"scanner"});
  EXPECT_EQ(m.features, (std::vector<std::string>{"A", "B"}));
  EXPECT_EQ(m.sequences, (std::vector{Sequence::T1, Sequence::T2}));
  EXPECT_EQ(m.ids, (std::vector<std::vector<std::string>>{{"P1", "P2", "P3"}}));
  EXPECT_EQ(m.of_patient.at("P2").at(Sequence::T1), (std::vector<double>{3, 4}));
  EXPECT_EQ(m.of_patient.at("P2").at(Sequence::T2), (std::vector<double>{10, 20}));
  EXPECT_TRUE(std::isnan(m.of_patient.at("P1").at(Sequence::T2).at(0)));
  std::string notes;
  for (const auto& n : m.notes) notes += n + "\n";
  EXPECT_NE(notes.find("only"), std::string::npos) << notes;
  EXPECT_NE(notes.find("age"), std::string::npos) << notes;
}

TEST_F(MeasuredRadiomicsTest, ExaminationGivesWhatTheTablesHold) {
  auto m = read_measured_radiomics({{table(Sequence::T1Gd, "t1gd.tsv", "id\tA\nP1\t1\nP2\t2\n")}}, "", {});
  std::vector<cohort::PatientFiles> patients(2);
  patients[0].id = "P2";
  patients[0].grade = cohort::Grade::High;
  patients[0].centre = "north";
  patients[1].id = "P1";
  ExamineOptions o;
  o.measured = std::make_shared<const MeasuredRadiomics>(std::move(m));
  const auto examined = examine_cohort(patients, o);
  ASSERT_EQ(examined.patients.size(), 2U);
  EXPECT_EQ(examined.patients[0].input.id, "P2");
  EXPECT_EQ(examined.patients[0].input.grade, 1);
  EXPECT_EQ(examined.patients[0].input.group, "north");
  EXPECT_EQ(examined.patients[1].input.grade, -1);
  EXPECT_EQ(examined.patients[0].radiomics.at(Sequence::T1Gd), std::vector<double>{2});
  EXPECT_TRUE(examined.outlined_by.empty());
  EXPECT_FALSE(examined.patients[0].slice.has_value());
}

TEST_F(MeasuredRadiomicsTest, TablesThatCannotBeJoinedAreRefused) {
  const auto t1 = table(Sequence::T1, "t1.tsv", "id\tA\nP1\t1\n");
  const auto again = table(Sequence::T1, "t1_again.tsv", "id\tA\nP1\t1\n");
  const auto t2 = table(Sequence::T2, "t2.tsv", "id\tA\nP1\t1\n");
  const auto other = table(Sequence::T2, "other.tsv", "id\tB\nP1\t1\n");
  const auto twice = table(Sequence::T2, "twice.tsv", "id\tA\nP1\t1\nP1\t2\n");
  const auto nobody = table(Sequence::T2, "nobody.tsv", "A\tB\n1\t2\n");
  const auto deep = table(Sequence::T2, "deep.tsv", "id\tdeep_001\nP1\t2\n");
  write_text(folder / "deep.json", R"({"deep_001": {"Network": "abc", "FittedOn": ["P1"]}})");
  EXPECT_NE(refusal({{t1, again}}).find("second table of T1"), std::string::npos);
  EXPECT_NE(refusal({{t1}, {t2}}).find("different sequences"), std::string::npos);
  EXPECT_NE(refusal({{t1, other}}).find("share no feature"), std::string::npos);
  EXPECT_NE(refusal({{twice}}).find("P1"), std::string::npos);
  EXPECT_NE(refusal({{nobody}}).find("no column names the patients"), std::string::npos);
  EXPECT_NE(refusal({{deep}}).find("network that was fitted"), std::string::npos);
}

}  // namespace
}  // namespace gliocast::pipeline
