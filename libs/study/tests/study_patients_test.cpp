#include "study_patients.hpp"
#include "study_cost.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>

#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::study {
namespace {

namespace fs = std::filesystem;

class StudyPatientsTest : public testing::Test {
 protected:
  void SetUp() override {
    folder = fs::temp_directory_path() / ("gliocast-study-patients-" + std::to_string(::getpid()));
    fs::remove_all(folder);
    for (const char* id : {"A1", "A2", "A3", "A4", "A5", "A6"}) patient("first", id, {"t1", "t1ce", "t2"});
    for (const char* id : {"B1", "B2"}) patient("second", id, {"t1", "t1ce", "t2"});
    write_text(folder / "first" / "clinical.tsv",
               "patient\tAge\tsex\tgrade\twho_grade\thistology\ttime\tevent\ttreated_before\tquality\n"
               "A1\t40\tM\tLGG\t2\tO\t20\t1\tno\tgood\n"
               "A2\t50\tF\tLGG\t3\tA\t30\t0\tyes\tgood\n"
               "A3\t60\tF\tHGG\t4\tGBM\t9\t1\tno\tpoor\n"
               "A4\t61\tF\tHGG\t4\tGBM\tNA\t1\tno\tgood\n"
               "A5\t17\tM\tLGG\t2\tA\tNA\t1\tno\tgood\n");
    write_text(folder / "second" / "clinical.tsv", "patient\tgrade\ttime\tevent\nB1\tIII\t12\t1\nB2\tII\t14\t0\n");
  }
  void TearDown() override { fs::remove_all(folder); }

  void patient(const std::string& cohort, const std::string& id, const std::vector<std::string>& sequences) const {
    for (const auto& s : sequences) write_text(folder / cohort / id / (id + "_" + s + ".nii.gz"), "no image is read");
  }
  [[nodiscard]] StudyInputs inputs() const {
    StudyInputs in;
    in.cohort = {folder / "first"};
    in.validation = {folder / "second"};
    return in;
  }
  static std::vector<std::string> ids(const std::vector<cohort::PatientFiles>& patients) {
    std::vector<std::string> out;
    for (const auto& p : patients) out.push_back(p.id);
    return out;
  }
  static std::size_t removed(const StudyCohort& c, const std::string& reason) {
    for (const auto& [name, count] : c.flow.back().removed)
      if (name == reason) return count;
    ADD_FAILURE() << "no rule " << reason;
    return 0;
  }

  fs::path folder;
};

TEST_F(StudyPatientsTest, EveryRemovalIsCountedOnceWithItsReason) {
  const auto p = study_patients(inputs(), {});
  EXPECT_EQ(ids(p.training.included), (std::vector<std::string>{"A1", "A4", "A5"}));
  EXPECT_EQ(p.training.flow.front().count, 6U);
  EXPECT_EQ(removed(p.training, "treated before the MRI"), 1U);
  EXPECT_EQ(removed(p.training, "images not of diagnostic quality"), 1U);
  EXPECT_EQ(removed(p.training, "no row in a clinical table"), 1U);
  EXPECT_EQ(p.training.excluded.rows.size(), 3U);
  EXPECT_EQ(ids(p.validation.included), (std::vector<std::string>{"B1", "B2"}));
  EXPECT_EQ(p.training.name, "first");
}

TEST_F(StudyPatientsTest, CriteriaCanBeSwitchedOffAndAgeOn) {
  CriteriaSettings criteria;
  criteria.untreated = criteria.quality = false;
  criteria.least_age = 18;
  const auto p = study_patients(inputs(), criteria);
  EXPECT_EQ(ids(p.training.included), (std::vector<std::string>{"A1", "A2", "A3", "A4"}));
  EXPECT_EQ(removed(p.training, "younger than 18 years"), 1U);
}

TEST_F(StudyPatientsTest, SurvivalIsOfLowerGradesWithATimeAndAnEvent) {
  const auto p = study_patients(inputs(), {});
  EXPECT_EQ(ids(with_survival(p.training.included)), (std::vector<std::string>{"A1"}));
  EXPECT_EQ(ids(with_survival(p.validation.included)), (std::vector<std::string>{"B1", "B2"}));
  const auto rows = clinical_rows_of(with_survival(p.validation.included));
  EXPECT_EQ(rows.columns, (std::vector<std::string>{"patient", "cohort", "grade", "time", "event"}));
  EXPECT_EQ(rows.rows.front(), (std::vector<std::string>{"B1", "second", "III", "12", "1"}));
}

TEST_F(StudyPatientsTest, ColumnsGoByOtherNames) {
  write_text(folder / "other.csv", "Case,WHO,OS months,dead,grade\nA1,2,20,1,good\nB1,3,12,1,good\n");
  auto in = inputs();
  in.clinical = {folder / "other.csv"};
  in.columns = {{"grade", "WHO"}, {"time", "OS months"}, {"event", "dead"}};
  const auto p = study_patients(in, {});
  EXPECT_EQ(ids(with_survival(p.training.included)), (std::vector<std::string>{"A1"}));
  EXPECT_EQ(clinical_value(p.validation.included.front(), "grade"), "3");
  in.columns["histology"] = "absent";
  EXPECT_THROW((void)study_patients(in, {}), Error);
  in.columns = {{"gade", "WHO"}};
  try {
    (void)study_patients(in, {});
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::WrongUse);
    EXPECT_NE(e.hint().find("grade"), std::string::npos) << e.what();
  }
}

TEST_F(StudyPatientsTest, IdsAreUniqueOverTheCohorts) {
  patient("second", "A1", {"t1", "t1ce", "t2"});
  EXPECT_THROW((void)study_patients(inputs(), {}), Error);
  fs::remove_all(folder / "second" / "A1");
  write_text(folder / "second" / "clinical.tsv", "patient\tgrade\nB1\tIII\nA1\tII\n");
  try {
    (void)study_patients(inputs(), {});
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("two rows"), std::string::npos) << e.what();
  }
}

TEST_F(StudyPatientsTest, MissingSequencesFollowTheRule) {
  fs::remove(folder / "first" / "A1" / "A1_t2.nii.gz");
  CriteriaSettings criteria;
  EXPECT_EQ(removed(study_patients(inputs(), criteria).training, "T1, T1-Gd or T2 is missing"), 1U);
  criteria.all_sequences = false;
  EXPECT_EQ(removed(study_patients(inputs(), criteria).training, "fewer than two of T1, T1-Gd and T2"), 0U);
}

TEST_F(StudyPatientsTest, WordsThatAreNotUnderstoodExcludeNobodyAndAreTold) {
  write_text(folder / "first" / "clinical.tsv", "patient\tgrade\ttreated_before\nA1\t2\tperhaps\nA2\t2\tno\n");
  const auto p = study_patients(inputs(), {});
  EXPECT_EQ(removed(p.training, "treated before the MRI"), 0U);
  ASSERT_EQ(p.notes.size(), 1U);
  EXPECT_NE(p.notes.front().find("perhaps"), std::string::npos);
}

StageCost cost(const StudyInputs& in, const StudyOptions& o, const std::string& stage) {
  return cost_of(stage, study_context(in, o));
}

TEST_F(StudyPatientsTest, WhatAStageTakesFollowsPatientsThreadsAndSettings) {
  StudyOptions o;
  o.out = folder / "study";
  o.settings.criteria = {.untreated = false, .quality = false, .all_sequences = true, .least_age = {}};
  o.threads = 1;
  auto examination = cost(inputs(), o, "examination");
  EXPECT_EQ(examination.amount, "7 of 7 patients");
  write_text(o.out / "patients" / "sub-A1" / "examination.json", "{}");
  const auto rest = cost(inputs(), o, "examination");
  EXPECT_EQ(rest.amount, "6 of 7 patients");
  EXPECT_NEAR(rest.seconds, examination.seconds * 6 / 7, 1e-9);
  EXPECT_NEAR(rest.megabytes, examination.megabytes * 6 / 7, 1e-9);
  const auto grading = cost(inputs(), o, "grading");
  EXPECT_EQ(grading.amount, "42 networks");  // two of each of four variants a fold, two for use
  o.settings.grading.network.epochs *= 2;
  EXPECT_GT(cost(inputs(), o, "grading").seconds, 1.9 * grading.seconds);
  o.threads = 2;
  EXPECT_NEAR(cost(inputs(), o, "examination").seconds, rest.seconds / 2, 1e-9);
  EXPECT_NEAR(cost(inputs(), o, "grading").seconds, grading.seconds, 0.1 * grading.seconds);
  o.settings.signature.deep = false;
  EXPECT_EQ(cost(inputs(), o, "signature").amount, "");
}

TEST_F(StudyPatientsTest, MemoryBoundsThePatientsAtATime) {
  StudyOptions o;
  o.threads = 4;
  EXPECT_EQ(patients_at_a_time(o), 4U);
  o.jobs = 2;
  EXPECT_EQ(patients_at_a_time(o), 2U);
  o.jobs = 16;
  o.memory_gb = 3;
  EXPECT_EQ(patients_at_a_time(o), 3U);
  o.memory_gb = 1;
  EXPECT_THROW((void)patients_at_a_time(o), Error);
}

}  // namespace
}  // namespace gliocast::study
