// Tables that the report makes of what the stages wrote: acquisition, checklists, indented rows, ranks of outlines.
#include "acquisition.hpp"
#include "outline_pictures.hpp"
#include "study_checklists.hpp"
#include "study_methods.hpp"
#include "study_workflows.hpp"
#include "written_table.hpp"

#include <gliocast/core/files.hpp>
#include <gliocast/core/json.hpp>

#include <gtest/gtest.h>

#include <unistd.h>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace gliocast::study {
namespace {

namespace fs = std::filesystem;
using Texts = std::vector<std::string>;

class StudyTables : public ::testing::Test {
 protected:
  fs::path folder = fs::temp_directory_path() / ("study-tables-" + std::to_string(::getpid()));
  void SetUp() override { fs::create_directories(folder); }
  void TearDown() override { fs::remove_all(folder); }

  /// A patient with a T1-Gd file, its JSON beside it, and the geometry of the examination.
  [[nodiscard]] cohort::PatientFiles patient(const std::string& id, const std::string& centre, double field,
                                             const std::string& model, double slice_mm) const {
    cohort::PatientFiles p;
    p.id = id;
    p.centre = centre;
    p.sequences[Sequence::T1Gd] = folder / id / (id + "_t1ce.nii.gz");
    write_text(p.sequences[Sequence::T1Gd], "not read");
    if (field > 0)
      write_json(folder / id / (id + "_t1ce.json"), {{"MagneticFieldStrength", field},
                                                     {"RepetitionTime", 1.9},
                                                     {"EchoTime", 0.0029},
                                                     {"Manufacturer", "SIEMENS Healthcare"},
                                                     {"ManufacturersModelName", model},
                                                     {"ContrastBolusIngredient", "GADOLINIUM"}});
    write_json(folder / "examined" / ("sub-" + id) / "examination.json",
               {{"geometry", {{"t1gd", {{"size", {256, 256, 160}}, {"spacing_mm", {0.9, 0.9, slice_mm}}}}}}});
    return p;
  }

  [[nodiscard]] std::map<std::string, Texts> items(const std::string& checklist) const {
    std::map<std::string, Texts> out;
    for (const auto& list : study_checklists(folder))
      if (list.name == checklist)
        for (const auto& row : list.table.rows) out[row[0]] = row;
    return out;
  }
};

std::string cell(const TextTable& t, std::size_t row, const std::string& column) {
  const auto at = t.find_column(column);
  return at ? t.rows.at(row).at(*at) : "no such column";
}

}  // namespace

TEST_F(StudyTables, AcquisitionIsPerCentreAndSaysWhatIsNotKnown) {
  const std::vector<cohort::PatientFiles> patients{patient("A1", "A", 3, "Skyra", 1),
                                                   patient("A2", "A", 1.5, "Dr. Meier's; room 3", 1.2),
                                                   patient("A3", "A", 3, "Skyra", 6), patient("B1", "", 0, "", 5)};
  const auto [table, unknown] = acquisition_table(acquired_sequences(patients, "second", folder / "examined"));
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_EQ(cell(table, 0, "Centre"), "A");
  EXPECT_EQ(cell(table, 0, "Sequence"), "T1-Gd");
  EXPECT_EQ(cell(table, 0, "Images"), "3");
  EXPECT_EQ(cell(table, 0, "Voxel x (mm)"), "0.9");
  EXPECT_EQ(cell(table, 0, "Voxel z (mm)"), "1.2 (1–6)");
  EXPECT_EQ(cell(table, 0, "Matrix"), "256 × 256 × 160");
  EXPECT_EQ(cell(table, 0, "Field strength (T)"), "3 (1.5–3)");
  EXPECT_EQ(cell(table, 0, "TR (ms)"), "1900");
  EXPECT_EQ(cell(table, 0, "TE (ms)"), "2.9");
  EXPECT_EQ(cell(table, 0, "Manufacturer"), "Siemens");
  EXPECT_EQ(cell(table, 0, "Scanner"), "Skyra (2)") << "somebody's words are no model";
  EXPECT_EQ(cell(table, 0, "Contrast agent"), "named");
  EXPECT_EQ(cell(table, 1, "Centre"), "second");
  EXPECT_EQ(cell(table, 1, "Voxel z (mm)"), "5");
  EXPECT_EQ(cell(table, 1, "TR (ms)"), "not known");
  EXPECT_EQ(unknown, (Texts{"Slice thickness (mm)", "TI (ms)", "Flip angle (°)"}));
}

TEST_F(StudyTables, HeadersOfDicomWinOverAFileBesideTheImage) {
  auto p = patient("A1", "A", 3, "Skyra", 1);
  dicom::Acquisition a{};
  a.tr_ms = 600;
  a.te_ms = a.ti_ms = a.flip_degrees = a.field_tesla = a.slice_thickness_mm = a.slice_distance_mm = std::nan("");
  p.acquisition[Sequence::T1Gd] = a;
  const auto table = acquisition_table(acquired_sequences({p}, "c", folder / "examined")).table;
  EXPECT_EQ(cell(table, 0, "TR (ms)"), "600");
  EXPECT_EQ(cell(table, 0, "Field strength (T)"), "no such column");
  write_text(folder / "A1" / "A1_t1ce.json", "{ damaged");
  EXPECT_FALSE(read_sidecar(p.sequences[Sequence::T1Gd]));
}

TEST_F(StudyTables, LevelsOfAFactorStayIndented) {
  TextTable t{{"characteristic", "n"}, {{"sex", ""}, {"  female", "3"}, {"  male", "4"}}};
  write_table(folder / "t.tsv", t);
  EXPECT_EQ(read_table(folder / "t.tsv").rows[1][0], "female");
  EXPECT_EQ(written_table(folder / "t.tsv").rows, t.rows);
}

TEST_F(StudyTables, NothingOfAChecklistIsMetByAnEmptyFolder) {
  const auto lists = study_checklists(folder);
  ASSERT_EQ(lists.size(), 4U);
  const std::map<std::string, std::size_t> items{{"CLEAR", 58}, {"METRICS", 30}, {"TRIPOD+AI", 52}, {"CLAIM 2024", 44}};
  for (const auto& list : lists) {
    EXPECT_EQ(list.table.rows.size(), items.at(list.name));
    EXPECT_EQ(list.met, 0U) << list.name;
    EXPECT_EQ(list.open + list.not_applicable, list.table.rows.size());
  }
  EXPECT_EQ(joined_checklists(lists).rows.size(), 184U);
  EXPECT_EQ(joined_checklists(lists).columns.front(), "Checklist");
}

TEST_F(StudyTables, AnItemIsMetByWhatItsFileHolds) {
  EXPECT_EQ(items("METRICS").at("27")[2], "open");
  EXPECT_EQ(items("METRICS").at("27")[5], "needs a second cohort");
  write_json(folder / "stages/grading_external/external.json", {{"table_1", Json::array()}});
  EXPECT_EQ(items("METRICS").at("27")[2], "met");
  EXPECT_EQ(items("METRICS").at("27")[3], "stages/grading_external/external.json");
  // Somebody judged what he fitted.
  const auto audit = [&](const std::string& both) {
    write_text(folder / "audit.tsv",
               "result\tfold\tfitted\tjudged on\tboth\ngrading\t1\t18\t9\t" + both + "\ngrading\t2\t18\t9\t0\n");
  };
  audit("3");
  EXPECT_EQ(items("CLEAR").at("15")[2], "open");
  audit("0");
  EXPECT_EQ(items("CLEAR").at("15")[2], "met");
  EXPECT_EQ(items("METRICS").at("26")[2], "met");
  // Headers of some images alone are not those of all.
  const auto acquisition = [&](const std::string& tr) {
    write_text(folder / "tables/acquisition.tsv",
               "Centre\tField strength (T)\tTR (ms)\tTE (ms)\tManufacturer\nA\t3\t" + tr + "\t2\tGE\n");
  };
  acquisition("not known");
  EXPECT_EQ(items("CLAIM 2024").at("13")[2], "open");
  acquisition("9");
  EXPECT_EQ(items("CLAIM 2024").at("13")[2], "met");
  EXPECT_EQ(items("METRICS").at("4")[2], "open") << "one centre";
  // Groups that are all too small say nothing.
  const auto groups = [&](const std::string& value) {
    write_text(folder / "tables/subgroups.tsv",
               "Result\tSubgroup\tLevel\tValue\nGrading\tAll patients\t–\t0.8\nGrading\tCentre\tA\t" + value + "\n");
  };
  groups("–");
  EXPECT_EQ(items("TRIPOD+AI").at("23b")[2], "open");
  EXPECT_EQ(items("TRIPOD+AI").at("21")[2], "met");
  groups("0.7");
  EXPECT_EQ(items("TRIPOD+AI").at("23b")[2], "met");
  // A text is never shown by a run.
  EXPECT_EQ(items("CLAIM 2024").at("44")[2], "open");
  EXPECT_EQ(items("CLAIM 2024").at("44")[5], "for the authors");
}

TEST_F(StudyTables, OutlinesAreRankedByDice) {
  const double none = std::nan("");
  const auto ranks = [](const std::vector<double>& dice) {
    std::string out;
    for (const auto& r : ranked_outlines(dice)) out += r.rank + " " + std::to_string(r.row) + ";";
    return out;
  };
  EXPECT_EQ(ranks({0.8, none, 0.9, 0.2, 0.7}), "best 2;median 4;worst 3;") << "of an even number the lower";
  EXPECT_EQ(ranks({0.5, 0.6, 0.7}), "best 2;median 1;worst 0;");
  EXPECT_EQ(ranks({0.5, 0.5}), "best 0;worst 1;");
  EXPECT_EQ(ranks({none, 0.5}), "best 1;");
  EXPECT_EQ(ranks({none}), "");
}

TEST(FeatureClasses, CountImagesAndNamesOfEachClass) {
  const auto t = feature_classes({"original_shape_Sphericity", "original_glcm_Contrast", "wavelet-LLH_glcm_Contrast",
                                  "wavelet-LLH_glcm_Id", "my own", "log-sigma-1-0-mm-3D_firstorder_10Percentile"});
  ASSERT_EQ(t.rows.size(), 4U);
  EXPECT_EQ(t.rows[0], (Texts{"shape", "original", "1", "1", "Sphericity"}));
  EXPECT_EQ(t.rows[1], (Texts{"glcm", "original, wavelet-LLH", "2", "3", "Contrast, Id"}));
  EXPECT_EQ(t.rows[2], (Texts{"other", "", "1", "1", "my own"}));
  EXPECT_EQ(t.rows[3], (Texts{"firstorder", "log-sigma-1-0-mm-3D", "1", "1", "10Percentile"}));
}

TEST_F(StudyTables, ConfusionCountsTheMainModel) {
  write_json(folder / "grading/study.json", {{"main", 1}, {"table_1", {{{"model", "baseline"}}, {{"model", "+ SE"}}}}});
  write_text(folder / "grading/predictions.tsv",
             "id\thigh_grade\tintegrated: baseline, class\tintegrated: + SE, class\n"
             "a\t1\t0\t1\nb\t1\t0\t1\nc\t1\t0\t0\nd\t0\t0\t1\ne\t0\t0\t0\n");
  const auto t = confusion_table(folder);
  ASSERT_EQ(t.rows.size(), 1U);
  EXPECT_EQ(t.rows[0], (Texts{"left out", "2", "1", "1", "1", "0.600", "0.600"}));
  EXPECT_TRUE(confusion_table(folder / "none").rows.empty());
}

}  // namespace gliocast::study
