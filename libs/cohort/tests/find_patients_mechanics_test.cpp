// Patients are found in every layout, and mistakes are named.
#include <gliocast/cohort/clinical.hpp>
#include <gliocast/cohort/find_patients.hpp>
#include <gliocast/cohort/label.hpp>
#include <gliocast/cohort/simulated.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>

#include "shared_data.hpp"

#include <unistd.h>
#include <algorithm>
#include <filesystem>

using namespace gliocast;
using namespace gliocast::cohort;
namespace fs = std::filesystem;

namespace {

class Layouts : public ::testing::Test {
 protected:
  fs::path folder = fs::temp_directory_path() / ("layouts-" + std::to_string(::getpid()));
  void SetUp() override { fs::create_directories(folder); }
  void TearDown() override { fs::remove_all(folder); }
  void touch(const std::string& name, const std::string& text = "x") const { write_text(folder / name, text); }
};

}  // namespace

TEST_F(Layouts, BratsOldAndNewNames) {
  for (const char* e : {"_t1", "_t1ce", "_t2", "_flair", "_seg"}) touch("A_1/A_1" + std::string(e) + ".nii.gz");
  for (const char* e : {"-t1n", "-t1c", "-t2w", "-seg"}) touch("B-2/B-2" + std::string(e) + ".nii.gz");
  touch("name_mapping.csv", "Grade,BraTS_2020_subject_ID\nHGG,A_1\nLGG,B-2\n");
  const auto found = find_patients(folder);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].id, "A_1");
  EXPECT_EQ(found[0].sequences.size(), 4U);
  EXPECT_EQ(found[0].labels, LabelConvention::Brats2020);
  EXPECT_EQ(found[0].grade, Grade::High);
  EXPECT_EQ(found[1].sequences.at(Sequence::T1Gd).filename(), "B-2-t1c.nii.gz");
  EXPECT_EQ(found[1].labels, LabelConvention::Brats2023);
  EXPECT_EQ(found[1].grade, Grade::Low);
  EXPECT_EQ(find_patients(folder / "A_1").size(), 1U);
}

TEST_F(Layouts, RatersMasksStandBesideTheImages) {
  for (const char* e : {"_t1", "_t1ce", "_seg", "_rater1", "_rater2"}) touch("A_1/A_1" + std::string(e) + ".nii.gz");
  for (const char* e : {"-t1c", "-t2w", "-rater1"}) touch("B-2/B-2" + std::string(e) + ".nii.gz");
  touch("B-2/B-2_rater2.nii");  // an old ending beside new ones says nothing of the segmentation's labels
  touch("C/C_t1.nii.gz");
  touch("C/C_t2.nii.gz");
  touch("D/D_t1.nii.gz");
  touch("D/D_rater1.nii.gz");
  touch("D/D_rater1.nii");
  touch("E/E_t1.nii.gz");
  touch("E/other_rater1.nii.gz");
  const auto found = find_patients(folder);
  ASSERT_EQ(found.size(), 5U);
  EXPECT_EQ(found[0].sequences.size(), 2U);
  EXPECT_EQ(found[0].segmentation.value().filename(), "A_1_seg.nii.gz");
  EXPECT_EQ(found[0].raters[0].value().file, folder / "A_1" / "A_1_rater1.nii.gz");
  EXPECT_EQ(found[0].raters[1].value().file, folder / "A_1" / "A_1_rater2.nii.gz");
  EXPECT_TRUE(found[0].raters[0]->labels.empty());
  EXPECT_FALSE(found[0].tumour_mask) << "a rater's outline is not taken in place of ours";
  EXPECT_EQ(found[1].sequences.size(), 2U);
  EXPECT_EQ(found[1].labels, LabelConvention::Brats2023);
  EXPECT_FALSE(found[1].segmentation);
  EXPECT_EQ(found[1].raters[0].value().file.filename(), "B-2-rater1.nii.gz");
  EXPECT_EQ(found[1].raters[1].value().file.filename(), "B-2_rater2.nii");
  EXPECT_FALSE(found[2].raters[0] || found[2].raters[1]);
  EXPECT_EQ(found[3].failure.value().problem(), "there are two masks of rater 1");
  EXPECT_EQ(found[4].failure.value().problem(), "the folder holds files of two patients");
}

TEST_F(Layouts, RatersMasksOfBidsAreAmongTheDerivatives) {
  for (const char* image : {"_T1w", "_ce-gadolinium_T1w", "_T2w"})
    touch("sub-01/anat/sub-01" + std::string(image) + ".nii.gz");
  touch("sub-02/anat/sub-02_T1w.nii.gz");
  const std::string truth = "derivatives/truth/sub-01/anat/sub-01_desc-";
  touch(truth + "true_dseg.nii.gz");
  touch(truth + "rater1_label-tumor_mask.nii.gz");
  touch(truth + "rater2_label-tumor_mask.nii");
  const auto found = find_patients(folder);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].sequences.size(), 3U);
  EXPECT_EQ(found[0].segmentation.value(), folder / (truth + "true_dseg.nii.gz"));
  EXPECT_EQ(found[0].raters[0].value().file, folder / (truth + "rater1_label-tumor_mask.nii.gz"));
  EXPECT_EQ(found[0].raters[1].value().file, folder / (truth + "rater2_label-tumor_mask.nii"));
  EXPECT_FALSE(found[1].segmentation || found[1].raters[0] || found[1].raters[1]);
}

TEST_F(Layouts, TwoPatientsInOneFolderAreRefused) {
  touch("X/A_t1.nii.gz");
  touch("X/B_t1ce.nii.gz");
  EXPECT_THROW((void)find_patients(folder / "X"), Error);
}

TEST_F(Layouts, Bids) {
  touch("sub-01/anat/sub-01_T1w.nii.gz");
  touch("sub-01/anat/sub-01_ce-gadolinium_T1w.nii.gz");
  touch("sub-01/anat/sub-01_T2w.nii.gz");
  touch("sub-02/ses-a/anat/sub-02_ses-a_T1w.nii.gz");
  touch("sub-02/ses-a/anat/sub-02_ses-a_FLAIR.nii.gz");
  touch("sub-02/ses-b/anat/sub-02_ses-b_T2w.nii");
  const auto found = find_patients(folder);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].sequences.size(), 3U);
  EXPECT_EQ(found[1].id, "sub-02_ses-a");
  EXPECT_TRUE(found[1].sequences.contains(Sequence::Flair));
  EXPECT_TRUE(std::ranges::all_of(found, &PatientFiles::own_name));
}

TEST_F(Layouts, SimulatedPatientsAreKnownByTheirCohort) {
  touch("made/dataset_description.json", R"({"GeneratedBy":[{"Name":"other"},{"Name":"gliocast simulate"}]})");
  touch("made/A/A_t1.nii.gz");
  touch("made/A/A_t2.nii.gz");
  touch("made/sub-01/ses-1/anat/sub-01_ses-1_T1w.nii.gz");
  touch("real/B/B_t1.nii.gz");
  touch("real/B/B_t2.nii.gz");
  const auto simulated = [&](const fs::path& patient) { return is_simulated(find_patients(folder / patient).front()); };
  EXPECT_TRUE(simulated("made/A"));
  EXPECT_TRUE(is_simulated(find_bids(folder / "made").front()));
  EXPECT_FALSE(simulated("real/B"));
  for (const char* other : {R"({"GeneratedBy":[{"Name":"fmriprep"}]})", R"({"GeneratedBy":"gliocast simulate"})",
                            R"(["gliocast simulate"])", "no json", ""}) {
    touch("real/dataset_description.json", other);
    EXPECT_FALSE(simulated("real/B")) << other;
  }
}

TEST_F(Layouts, BidsSubjectsThatCannotBePutTogetherKeepTheirPlace) {
  for (const char* subject : {"sub-01", "sub-05"}) {
    touch(std::string(subject) + "/anat/" + subject + "_T1w.nii.gz");
    touch(std::string(subject) + "/anat/" + subject + "_T2w.nii.gz");
  }
  touch("sub-01/anat/sub-01_run-2_T1w.nii.gz");
  touch("sub-02/anat/sub-02_bold.nii.gz");
  fs::create_directories(folder / "sub-03");
  fs::create_symlink(folder / "nowhere", folder / "sub-04");
  touch("participants.tsv", "participant_id\tage\nsub-01\t50\n");  // no grades: not every table has them
  const auto found = find_patients(folder);
  ASSERT_EQ(found.size(), 5U);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_TRUE(found[i].failure) << i;
  EXPECT_FALSE(found[4].failure);
  EXPECT_EQ(found[0].failure->problem(), "there are two T1 images");
  EXPECT_EQ(found[3].id, "sub-04");
  EXPECT_THROW((void)find_patients(folder / "sub-01"), Error);  // alone, it is the error of the whole
}

TEST_F(Layouts, BratsFoldersThatCannotBePutTogetherKeepTheirPlace) {
  for (const char* id : {"A", "F"})
    for (const char* e : {"_t1", "_t1ce", "_t2"}) touch(std::string(id) + "/" + id + e + ".nii.gz");
  touch("B/B_t1.nii.gz");
  touch("B/Smith_t2.nii.gz");
  touch("C/C_seg.nii.gz");
  touch("D/T1 of Smith.nii.gz");
  fs::create_directories(folder / "E");
  fs::create_symlink(folder / "nowhere", folder / "G");
  touch("truth/A.json");
  touch(".hidden/x.nii.gz");
  touch("cases.tsv", "id\tgrade\nA\tHGG\textra\n");  // damaged: told, and no reason to stop
  const auto found = find_patients(folder);
  std::vector<std::string> ids;
  for (const auto& p : found) ids.push_back(p.id);
  EXPECT_EQ(ids, (std::vector<std::string>{"A", "B", "C", "D", "E", "F", "G"}));
  std::vector<bool> failed;
  for (const auto& p : found) failed.push_back(p.failure.has_value());
  EXPECT_EQ(failed, (std::vector<bool>{false, true, false, true, true, false, true}));
  for (const auto& p : found)
    if (p.failure) {
      EXPECT_EQ((p.failure->problem() + p.failure->hint()).find("Smith"), std::string::npos) << p.failure->what();
    }
  EXPECT_TRUE(found[2].sequences.empty());  // what is missing is told where the images are read
}

TEST(Labels, AreMadeOfLettersAndDigits) {
  for (const auto& [id, label] : std::vector<std::pair<std::string, std::string>>{{"P-1", "sub-P1"},
                                                                                  {"sub-01", "sub-01"},
                                                                                  {"sub-02_ses-a", "sub-02sesa"},
                                                                                  {"../x", "sub-x"},
                                                                                  {"M\xc3\xbcller 7", "sub-Mller7"},
                                                                                  {"--", "sub-"}})
    EXPECT_EQ(subject_label(id), label) << id;
}

TEST(Labels, OfTwoPatientsDiffer) {
  const auto patients = [](const std::vector<std::string>& ids) {
    std::vector<PatientFiles> out;
    for (const auto& id : ids) {
      out.emplace_back();
      out.back().id = id;
      out.back().found_at = "m.tsv, line " + std::to_string(out.size() + 1);
    }
    return out;
  };
  EXPECT_NO_THROW(check_labels(patients({"P1", "P2", "P10", "sub-3"})));
  for (const std::vector<std::string>& ids : {std::vector<std::string>{"a", "P-1", "P1"},
                                              {"a", "p1", "P1"},
                                              {"a", "sub-P1", "P1"},
                                              {"a", "P 1", "P.1"},
                                              {"a", "M\xc3\xbc/1", "M1"}})
    try {
      check_labels(patients(ids));
      FAIL() << ids[1] << " and " << ids[2];
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ExitCode::UnusableInput);
      for (const std::string& named :
           {"'" + ids[1] + "'", "'" + ids[2] + "'", std::string("line 3"), std::string("line 4")})
        EXPECT_NE(std::string(e.what()).find(named), std::string::npos) << e.what();
    }
  for (const char* id : {"--", "\xc3\xa4\xc3\xb6", ""}) EXPECT_THROW(check_labels(patients({id})), Error) << id;
}

TEST_F(Layouts, Manifest) {
  touch("m.tsv",
        "id\tt1\tt1gd\tt2\tflair\tseg\tgrade\tcentre\np1\ta.nii\t/abs/"
        "b.nii\tc.nii\t\tNA\tHGG\tC1\np2\ta.nii\tb.nii\t\t\t\t\t\n");
  const auto found = find_patients(folder / "m.tsv");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].sequences.at(Sequence::T1), folder / "a.nii");
  EXPECT_EQ(found[0].sequences.at(Sequence::T1Gd), "/abs/b.nii");
  EXPECT_FALSE(found[0].segmentation);
  EXPECT_EQ(found[1].sequences.size(), 2U);
  touch("twice.csv", "id,t1,t1gd\np,a,b\np,a,b\n");
  EXPECT_THROW((void)find_patients(folder / "twice.csv"), Error);
  touch("none.csv", "id,t1,t1gd\n");
  EXPECT_THROW((void)find_patients(folder / "none.csv"), Error);
  touch("escape.csv", "id,t1,t1gd\n../p,a,b\n");
  EXPECT_THROW((void)find_patients(folder / "escape.csv"), Error);
  touch("other.csv", "a,b\n1,2\n");
  EXPECT_THROW((void)find_patients(folder / "other.csv"), Error);
}

TEST_F(Layouts, ManifestNamesRatersMasksWithTheirLabels) {
  touch("m.tsv", "id\tt1\tt1gd\trater1\trater2\np1\ta.nii\tb.nii\tr1.nii:1,4\t/abs/r2.nii\np2\ta.nii\tb.nii\tNA\t\n");
  const auto found = find_patients(folder / "m.tsv");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].sequences.size(), 2U);
  EXPECT_EQ(found[0].raters[0].value().file, folder / "r1.nii");
  EXPECT_EQ(found[0].raters[0]->labels, (std::vector<std::uint32_t>{1, 4}));
  EXPECT_EQ(found[0].raters[1].value().file, "/abs/r2.nii");
  EXPECT_FALSE(found[0].segmentation || found[0].tumour_mask);
  EXPECT_FALSE(found[1].raters[0] || found[1].raters[1]);
  touch("bad.tsv", "id\tt1\tt1gd\trater1\np1\ta.nii\tb.nii\tr1.nii:x\n");
  try {
    (void)find_patients(folder / "bad.tsv");
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(e.where().find("line 2, rater1"), std::string::npos) << e.what();
  }
}

TEST_F(Layouts, NothingFoundSaysWhatWasLookedFor) {
  try {
    (void)find_patients(folder);
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("BIDS"), std::string::npos);
  }
  EXPECT_THROW((void)find_patients(folder / "absent"), Error);
}

TEST(Grades, WordsAndNumbers) {
  EXPECT_EQ(parse_grade("HGG"), Grade::High);
  EXPECT_EQ(parse_grade("G3"), Grade::Low);
  EXPECT_EQ(parse_grade("WHO IV"), Grade::High);
  EXPECT_FALSE(parse_grade("NA"));
}

TEST_F(Layouts, DecimalCommasOfAClinicalTableArePointsWhereCommasPartNoCells) {
  std::vector<PatientFiles> patients(1);
  patients[0].id = "A";
  for (const char* content :
       {"patient;age;kps;cells\nA;45,5;90;1,234\n", "patient\tage\tkps\tcells\nA\t45,5\t90\t1,234\n"}) {
    touch("clinical.csv", content);
    patients[0].clinical.reset();
    add_clinical(patients, folder / "clinical.csv");
    EXPECT_EQ(patients[0].clinical->age, 45.5);
    EXPECT_EQ(patients[0].clinical->columns.at("cells"), "1,234") << "thousands or a fraction: not known";
  }
  touch("clinical.csv", "patient,age\nA,\"45,5\"\n");
  patients[0].clinical.reset();
  EXPECT_THROW(add_clinical(patients, folder / "clinical.csv"), Error) << "commas part the cells";
}

TEST_F(Layouts, AClinicalTableIsReadById) {
  touch("clinical.csv",
        "patient,age,grade,who_grade,histology,kps\nA,41,LGG,3,O,90\nsub-B,NA,HGG,,GBM,\nZ,-7,x,y,z,\n");
  std::vector<PatientFiles> patients(3);
  patients[0].id = "A";
  patients[1].id = "B";
  patients[2].id = "C";
  add_clinical(patients, folder / "clinical.csv");
  ASSERT_TRUE(patients[0].clinical && patients[1].clinical);
  EXPECT_EQ(patients[0].clinical->age, 41);
  EXPECT_EQ(patients[0].clinical->grade, findings::WhoGrade::Three);
  EXPECT_EQ(patients[0].clinical->columns.at("kps"), "90");
  EXPECT_FALSE(patients[1].clinical->age);
  EXPECT_EQ(patients[1].clinical->grade, findings::WhoGrade::High);
  EXPECT_FALSE(patients[2].clinical) << "told, and done without";
  patients.erase(patients.begin(), patients.begin() + 2);
  EXPECT_THROW(add_clinical(patients, folder / "clinical.csv"), Error) << "no patient has a row";
  patients[0].id = "Z";
  EXPECT_THROW(add_clinical(patients, folder / "clinical.csv"), Error) << "an age of -7 years";
  touch("manifest.tsv", "id\tt1\tgrade\n");
  EXPECT_FALSE(has_clinical_columns(folder / "manifest.tsv")) << "training reads the grade";
  touch("manifest.tsv", "id\tt1\tgrade\tage\n");
  EXPECT_TRUE(has_clinical_columns(folder / "manifest.tsv"));
}

TEST(Grades, RealCohort) {
  GLIOCAST_NEEDS_SHARED("brats");
  const auto found = find_patients(test_support::shared_data() / "brats");
  EXPECT_EQ(found.size(), 28U);
  int low = 0, high = 0, unknown = 0;
  for (const auto& p : found) {
    EXPECT_GE(p.sequences.size(), 3U);
    EXPECT_TRUE(p.segmentation);
    (!p.grade ? unknown : *p.grade == Grade::Low ? low : high)++;
  }
  EXPECT_EQ(low, 8);
  EXPECT_EQ(high, 16);
  EXPECT_EQ(unknown, 4);
}
