// Agreement of raters over made patients: whose outlines are compared, what is read back, who is told.
#include "ball_head.hpp"
#include "messages.hpp"
#include "outline_pictures.hpp"
#include "test_paths.hpp"

#include <gliocast/core/files.hpp>
#include <gliocast/imageio/nifti.hpp>
#include <gliocast/imageio/read_volume.hpp>
#include <gliocast/pipeline/examined_files.hpp>
#include <gliocast/study/raters.hpp>

#include <gtest/gtest.h>

#include <unistd.h>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::study {
namespace {

namespace fs = std::filesystem;
using test_support::has;
using test_support::joined;

class Raters : public ::testing::Test {
 protected:
  fs::path folder = fs::temp_directory_path() / ("raters-" + std::to_string(::getpid()));
  void SetUp() override { fs::create_directories(folder); }
  void TearDown() override { fs::remove_all(folder); }

  /// A ball in the brain, as a file.
  [[nodiscard]] fs::path ball(const std::string& name, double x, double radius) const {
    Volume<std::uint8_t> mask(head_.brain.geometry);
    for (std::size_t i = 0; i < mask.voxels.size(); ++i) {
      const auto dx = static_cast<double>(i % 80) - x, dy = static_cast<double>(i / 80 % 80) - 40,
                 dz = static_cast<double>(i / 6400) - 30;
      mask.voxels[i] = head_.brain.voxels[i] && std::hypot(dx, dy, dz) < radius;
    }
    imageio::write_nifti(folder / name, mask);
    return folder / name;
  }

  /// A stripped patient with the experts' and both raters' outlines; tumours grow with the number.
  [[nodiscard]] cohort::PatientFiles patient(int number) const {
    cohort::PatientFiles p;
    p.id = "P" + std::to_string(number);
    for (const Sequence s : {Sequence::T1, Sequence::T1Gd}) {
      Volume<float> image(head_.brain.geometry);
      const auto& z = head_.zscores.at(s);
      for (std::size_t i = 0; i < image.voxels.size(); ++i)
        if (head_.brain.voxels[i]) image.voxels[i] = 1000 + 100 * z.voxels[i];
      p.sequences[s] = folder / (p.id + "_" + std::string(key_name(s)) + ".nii.gz");
      imageio::write_nifti(p.sequences[s], image);
    }
    const double radius = 5 + number;
    p.segmentation = ball(p.id + "_seg.nii.gz", 52, radius);
    p.raters[0] = cohort::MaskFile{ball(p.id + "_rater1.nii.gz", 52, radius + 1), {}, {}};
    p.raters[1] = cohort::MaskFile{ball(p.id + "_rater2.nii.gz", 54, radius), {}, {}};
    return p;
  }

  [[nodiscard]] RaterOptions options() const {
    RaterOptions o;
    o.examine.out = folder / "patients";
    o.examine.models = fs::path(GLIOCAST_SOURCE_DIR) / "models";
    o.examine.expert_outlines = true;
    o.examine.sequences = {Sequence::T1Gd};
    o.examine.radiomics = "default";
    o.examine.preprocess.preprocessed = preprocess::Preprocessed::Yes;
    o.threads = 1;
    return o;
  }

  Head head_ = head(52, true);
};

/// 2 |A ∩ B| / (|A| + |B|) of two files.
double dice_of(const fs::path& a, const fs::path& b) {
  const auto first = any_label(imageio::read_labels(a)), second = any_label(imageio::read_labels(b));
  Mask both = first;
  keep_common(both, second);
  return 2.0 * static_cast<double>(count(both)) / static_cast<double>(count(first) + count(second));
}

}  // namespace

TEST_F(Raters, ThreeOutlinesAreComparedAndReadBack) {
  std::vector<cohort::PatientFiles> patients;
  for (int i = 1; i <= 7; ++i) patients.push_back(patient(i));
  (void)ball("P6_rater2.nii.gz", 52, 0);  // nothing is outlined
  patients[6].raters[1].reset();
  const auto found = rater_agreement(patients, options());
  EXPECT_EQ(found.patients, 6U);
  EXPECT_TRUE(has(joined(found.notes), "warning: patients with one rater's mask alone: 1")) << joined(found.notes);
  EXPECT_EQ(found.dice.columns,
            (std::vector<std::string>{"id", "rater 1 / rater 2", "expert / rater 1", "expert / rater 2"}));
  ASSERT_EQ(found.dice.rows.size(), 6U);
  for (std::size_t i = 0; i < 5; ++i) {
    const auto& p = patients[i];
    const auto& row = found.dice.rows[i];
    EXPECT_EQ(row[0], p.id);
    EXPECT_NEAR(std::stod(row[1]), dice_of(p.raters[0]->file, p.raters[1]->file), 1e-5) << p.id;
    EXPECT_NEAR(std::stod(row[2]), dice_of(*p.segmentation, p.raters[0]->file), 1e-5) << p.id;
    EXPECT_NEAR(std::stod(row[3]), dice_of(*p.segmentation, p.raters[1]->file), 1e-5) << p.id;
  }
  EXPECT_EQ(found.dice.rows[5][1], "NA");
  EXPECT_NE(found.dice.rows[5][2], "NA");
  ASSERT_EQ(found.failures.size(), 1U);
  EXPECT_EQ(found.failures[0].id, "P6");
  EXPECT_TRUE(found.failures[0].stage.starts_with("rater 2")) << found.failures[0].stage;
  EXPECT_TRUE(has(found.failures[0].reason, "is empty")) << found.failures[0].reason;
  EXPECT_FALSE(has(found.failures[0].reason, "/")) << found.failures[0].reason;
  // The tumour's size follows the number in every outline: its volume agrees.
  bool volume = false;
  for (const auto& row : found.icc.rows) {
    if (row[1] != "original_shape_VoxelVolume" || row[2] != "expert / rater 2") continue;
    volume = true;
    EXPECT_EQ(row[3], "5");
    EXPECT_GT(std::stod(row[4]), 0.99);
  }
  EXPECT_TRUE(volume);
  const fs::path record = folder / "patients" / "sub-P1" / "examination.json";
  const auto written = fs::last_write_time(record);
  auto again = options();
  again.threads = again.examine.jobs = 2;
  const auto second = rater_agreement(patients, again);
  EXPECT_EQ(fs::last_write_time(record), written) << "made again";
  EXPECT_EQ(second.icc.rows, found.icc.rows);
  EXPECT_EQ(second.dice.rows, found.dice.rows);
  EXPECT_EQ(second.json.dump(), found.json.dump());
}

TEST_F(Raters, BestMedianAndWorstOutlineAreShown) {
  std::vector<cohort::PatientFiles> patients;
  for (const double shift : {4.0, 0.0, 8.0}) {
    auto p = patient(static_cast<int>(patients.size()) + 1);
    p.raters[0] = cohort::MaskFile{ball(p.id + "_rater1.nii.gz", 52 - shift, 6), {}, {}};
    patients.push_back(std::move(p));
  }
  auto o = options();
  o.examine.slice_yx = {96, 96};
  const auto table = write_outline_pictures(folder, rater_agreement(patients, o), o.examine.out);
  std::vector<std::string> said;
  for (const auto& row : table.rows) said.push_back(row[0] + " " + row[1] + " of " + row[2] + " " + row[4]);
  EXPECT_EQ(said, (std::vector<std::string>{"best 2 of 3 T1-Gd", "median 1 of 3 T1-Gd", "worst 3 of 3 T1-Gd"}))
      << "there is no T2";
  for (const auto& row : table.rows) {
    EXPECT_TRUE(read_text(folder / row[5]).starts_with("\x89PNG")) << row[5];
    EXPECT_EQ(row[6], "yes");
  }
  EXPECT_NE(read_text(folder / "best_t1gd.png"), read_text(folder / "worst_t1gd.png"));
  // The numbers are those of the table of Dice.
  EXPECT_GT(std::stod(table.rows[0][3]), std::stod(table.rows[1][3]));
  EXPECT_GT(std::stod(table.rows[1][3]), std::stod(table.rows[2][3]));
}

TEST_F(Raters, WithoutATumourFoundTheDiceIsZero) {
  std::vector<cohort::PatientFiles> patients{patient(1), patient(2)};
  const auto found = rater_agreement(patients, options());
  const fs::path record = pipeline::examination_file(folder / "patients", "P2");
  Json json = read_json(record);
  for (const char* key : {"features", "radiomics", "grey_levels", "warnings", "geometry"}) json.erase(key);
  json["tumour_cm3"] = 0;
  write_json(record, json);
  EXPECT_TRUE(pipeline::examination_of(folder / "patients", "P1"));
  EXPECT_FALSE(pipeline::examination_of(folder / "patients", "P2"));
  EXPECT_FALSE(pipeline::examination_of(folder / "patients", "P3"));
  const auto without = rater_agreement(patients, options());
  EXPECT_EQ(without.dice.rows.at(0), found.dice.rows.at(0));
  EXPECT_EQ(without.dice.rows.at(1), (std::vector<std::string>{"P2", found.dice.rows.at(1).at(1), "0", "0"}));
  EXPECT_TRUE(has(joined(without.notes), "in whom no tumour was found, whose Dice is 0: 1")) << joined(without.notes);
  ASSERT_EQ(without.failures.size(), 1U);
  EXPECT_EQ(without.failures[0].stage, "expert: outline");
  EXPECT_TRUE(has(without.failures[0].reason, "no tumour was found")) << without.failures[0].reason;
}

TEST_F(Raters, AGivenOutlineInPlaceOfTheNetworksIsTold) {
  auto p = patient(3);
  p.tumour_mask = p.raters[0];
  auto o = options();
  o.examine.expert_outlines = false;
  const auto found = rater_agreement({p}, o);
  const std::string notes = joined(found.notes);
  EXPECT_TRUE(has(notes, "warning: patients whose tumour_mask stands as the network's outline: 1")) << notes;
  EXPECT_TRUE(has(notes, "an ICC needs 5 patients")) << notes;
  EXPECT_EQ(found.dice.columns.at(2), "network / rater 1");
  EXPECT_EQ(found.dice.rows.at(0).at(2), "1");
  EXPECT_LT(std::stod(found.dice.rows.at(0).at(3)), 1);
}

TEST_F(Raters, WithoutBothMasksNothingIsDone) {
  cohort::PatientFiles p;
  p.id = "P1";
  p.raters[0] = cohort::MaskFile{"P1_rater1.nii.gz", {}, {}};
  const auto found = rater_agreement({p}, options());
  EXPECT_EQ(found.patients, 0U);
  EXPECT_TRUE(has(joined(found.notes), "no patient has both raters' masks"));
  EXPECT_TRUE(found.dice.rows.empty() && found.icc.rows.empty() && found.figures.empty());
  EXPECT_FALSE(fs::exists(folder / "patients"));
}

}  // namespace gliocast::study
