// Simulated patients are seeded, whatever the threads; truth and files agree.
#include <gliocast/cohort/find_patients.hpp>
#include <gliocast/core/checksum.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/imageio/read_volume.hpp>
#include <gliocast/simulation/simulate_cohort.hpp>

#include <gtest/gtest.h>

#include <unistd.h>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <utility>

using namespace gliocast;
using namespace gliocast::simulation;
namespace fs = std::filesystem;

namespace {

fs::path fresh(const std::string& name) {
  const fs::path p = fs::temp_directory_path() / ("simulate-" + name + "-" + std::to_string(::getpid()));
  fs::remove_all(p);
  return p;
}

std::map<std::string, std::string> checksums(const fs::path& folder) {
  std::map<std::string, std::string> out;
  for (const auto& e : fs::recursive_directory_iterator(folder))
    if (e.is_regular_file()) out[fs::relative(e.path(), folder).string()] = sha256_file(e.path());
  return out;
}

/// Sums of the voxels of a file, plain and by place.
std::pair<double, double> voxel_sums(const fs::path& file) {
  const auto v = imageio::read_volume(file).volume.voxels;
  double sum = 0, placed = 0;
  for (std::size_t i = 0; i < v.size(); ++i) {
    sum += static_cast<double>(v[i]);
    placed += static_cast<double>(v[i]) * static_cast<double>(i % 1009);
  }
  return {sum, placed};
}

/// Three patients of low grade on 2 mm, T1-Gd alone.
CohortOptions small_cohort(const std::string& folder) {
  CohortOptions o;
  o.patients = 3;
  o.seed = 7;
  o.high_grade_fraction = 0;
  o.spacing_mm = 2;
  o.only_sequence = Sequence::T1Gd;
  o.raters = false;
  o.out = fresh(folder);
  return o;
}

Json truth_of(const CohortOptions& o, std::size_t number) {
  return read_json(o.out / "truth" / ("SIM-0000" + std::to_string(number) + ".json"));
}

}  // namespace

TEST(SimulateInvariant, SeededThreadsDoNotMatterAndTruthAgrees) {
  CohortOptions o;
  o.patients = 2;
  o.seed = 11;
  o.threads = 1;
  o.out = fresh("one");
  simulate_cohort(o);
  const auto one = checksums(o.out);
  CohortOptions p = o;
  p.threads = 3;
  p.out = fresh("three");
  simulate_cohort(p);
  EXPECT_EQ(one, checksums(p.out));

  // The numbers of earlier versions: cohorts are made again from their seed. To a millionth, since libraries of
  // mathematics differ in the last bit.
  const std::map<std::string, std::pair<double, double>> earlier{
      {"SIM-00001_t1", {2465208541, 1242360906541}},  {"SIM-00001_t1ce", {1899448882, 957321301470}},
      {"SIM-00001_t2", {193992258, 97774411020}},     {"SIM-00001_flair", {165225003, 83274130168}},
      {"SIM-00001_seg", {401231, 202262499}},         {"SIM-00001_rater1", {199357, 100466679}},
      {"SIM-00002_t1ce", {1895964204, 955533918088}}, {"SIM-00002_seg", {88839, 44797825}}};
  for (const auto& [name, sums] : earlier) {
    const auto [sum, placed] = voxel_sums(o.out / name.substr(0, 9) / (name + ".nii.gz"));
    EXPECT_NEAR(sum, sums.first, 1e-6 * sums.first) << name;
    EXPECT_NEAR(placed, sums.second, 1e-6 * sums.second) << name;
  }
  EXPECT_NEAR(truth_of(o, 1)["survival_months"].get<double>(), 6.162134351571939, 1e-12);
  EXPECT_NEAR(truth_of(o, 2)["log_hazard_ratio"].get<double>(), -0.2537554364991802, 1e-12);
  EXPECT_FALSE(truth_of(o, 1).contains("texture_term"));

  const auto found = cohort::find_patients(o.out);
  ASSERT_EQ(found.size(), 2U);
  for (const auto& patient : found) {
    EXPECT_TRUE(patient.grade);
    const auto labels = imageio::read_labels(*patient.segmentation);
    const Json truth = read_json(o.out / "truth" / (patient.id + ".json"));
    EXPECT_NEAR(static_cast<double>(count(any_label(labels))) / 1000, truth["tumour_volume_cm3"].get<double>(), 1e-6);
    const auto t1 = imageio::read_volume(patient.sequences.at(Sequence::T1)).volume;
    EXPECT_TRUE(same_grid(t1.geometry, labels.geometry));
    std::size_t zeros = 0, lost = 0;
    for (std::size_t i = 0; i < t1.voxels.size(); ++i) {
      zeros += t1.voxels[i] == 0;
      lost += labels.voxels[i] > 0 && t1.voxels[i] == 0;
    }
    EXPECT_GT(zeros, t1.voxels.size() / 2);
    EXPECT_EQ(lost, 0U);
    const auto r1 = any_label(imageio::read_labels(o.out / patient.id / (patient.id + "_rater1.nii.gz")));
    const double ratio = static_cast<double>(count(r1)) / static_cast<double>(count(any_label(labels)));
    EXPECT_GT(ratio, 0.6);
    EXPECT_LT(ratio, 1.6);
  }
  const auto clinical = read_table(o.out / "clinical.tsv");
  EXPECT_EQ(clinical.rows.size(), 2U);
  for (const auto& row : clinical.rows) EXPECT_GT(*parse_number(row[*clinical.find_column("time")]), 0);
  fs::remove_all(o.out);
  fs::remove_all(p.out);
}

TEST(SimulateInvariant, BidsLayoutIsFoundAgain) {
  CohortOptions o;
  o.patients = 1;
  o.layout = Layout::Bids;
  o.flair = o.raters = false;
  o.out = fresh("bids");
  simulate_cohort(o);
  const auto found = cohort::find_patients(o.out);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].id, "sub-SIM00001");
  EXPECT_TRUE(found[0].segmentation);
  EXPECT_TRUE(found[0].grade);
  EXPECT_EQ(found[0].sequences.size(), 3U);
  fs::remove_all(o.out);
}

TEST(SimulateInvariant, RawFormHasASkullAndItsMovementsInTheTruth) {
  CohortOptions o;
  o.patients = 1;
  o.form = Form::Raw;
  o.flair = o.raters = false;
  o.out = fresh("raw");
  simulate_cohort(o);
  const auto found = cohort::find_patients(o.out);
  ASSERT_EQ(found.size(), 1U);
  const auto t1 = imageio::read_volume(found[0].sequences.at(Sequence::T1)).volume,
             t2 = imageio::read_volume(found[0].sequences.at(Sequence::T2)).volume;
  EXPECT_FALSE(same_grid(t1.geometry, t2.geometry));
  std::size_t zeros = 0;
  for (const float v : t1.voxels) zeros += v == 0;
  EXPECT_LT(zeros, t1.voxels.size() / 2);
  const Json truth = read_json(o.out / "truth" / "SIM-00001.json");
  EXPECT_TRUE(truth["movements"].contains("t1"));
  EXPECT_TRUE(truth["movements"].contains("t2"));
  fs::remove_all(o.out);
}

TEST(SimulateInvariant, TwoMillimetresKeepThePlanAndTheFrame) {
  CohortOptions fine = small_cohort("fine");
  fine.patients = 1;
  CohortOptions coarse = fine;
  fine.spacing_mm = 1;
  coarse.out = fresh("coarse");
  simulate_cohort(fine);
  simulate_cohort(coarse);
  const Json a = truth_of(fine, 1), b = truth_of(coarse, 1);
  for (const char* key : {"age", "sex", "who_grade", "histology", "texture_latent", "censoring_months", "centre"})
    EXPECT_EQ(a[key], b[key]) << key;
  EXPECT_NEAR(b["tumour_volume_cm3"].get<double>() / a["tumour_volume_cm3"].get<double>(), 1, 0.3);
  const auto file = fs::path("SIM-00001") / "SIM-00001_t1ce.nii.gz";
  const auto at_1 = imageio::read_volume(fine.out / file).volume, at_2 = imageio::read_volume(coarse.out / file).volume;
  EXPECT_EQ(at_2.geometry.size, (Size3{120, 120, 78}));
  EXPECT_EQ(at_2.geometry.spacing_mm, (Vec3{2, 2, 2}));
  // The corner of the frame is the same; so is the brain's size, of two draws of its shape.
  for (std::size_t k = 0; k < 3; ++k)
    EXPECT_NEAR(at_2.geometry.origin_mm[k] - 1, at_1.geometry.origin_mm[k] - 0.5, 1e-6);
  const auto brain = [](const Volume<float>& v) {
    return static_cast<double>(std::ranges::count_if(v.voxels, [](float x) { return x > 0; })) *
           v.geometry.voxel_volume_mm3();
  };
  EXPECT_NEAR(brain(at_2) / brain(at_1), 1, 0.05);
  fs::remove_all(fine.out);
  fs::remove_all(coarse.out);
}

TEST(SimulateInvariant, OneSequenceAloneIsTheSameAsAmongAll) {
  CohortOptions alone = small_cohort("alone");
  alone.patients = 1;
  CohortOptions all = alone;
  all.only_sequence.reset();
  all.out = fresh("all");
  simulate_cohort(alone);
  simulate_cohort(all);
  const auto file = fs::path("SIM-00001") / "SIM-00001_t1ce.nii.gz";
  EXPECT_EQ(sha256_file(alone.out / file), sha256_file(all.out / file));
  EXPECT_TRUE(fs::exists(all.out / "SIM-00001" / "SIM-00001_t1.nii.gz"));
  EXPECT_FALSE(fs::exists(alone.out / "SIM-00001" / "SIM-00001_t1.nii.gz"));
  fs::remove_all(alone.out);
  fs::remove_all(all.out);
}

TEST(SimulateInvariant, WithoutTheTexturesTermTheOutcomeAloneDiffers) {
  const CohortOptions with = small_cohort("with");
  CohortOptions without = with;
  without.texture_term = false;
  without.out = fresh("without");
  simulate_cohort(with);
  simulate_cohort(without);
  const auto of_with = checksums(with.out), of_without = checksums(without.out);
  ASSERT_EQ(of_with.size(), of_without.size());
  for (const auto& [file, sum] : of_with) {
    if (file.ends_with(".nii.gz")) {
      EXPECT_EQ(sum, of_without.at(file)) << file;
    }
  }
  for (std::size_t n = 1; n <= 3; ++n) {
    const Json a = truth_of(with, n), b = truth_of(without, n);
    const double latent = a["texture_latent"].get<double>();
    EXPECT_NEAR(a["log_hazard_ratio"].get<double>() - b["log_hazard_ratio"].get<double>(),
                std::log(5.69) / 1.6 * latent, 1e-12);
    EXPECT_EQ(a["survival_months"].get<double>() < b["survival_months"].get<double>(), latent > 0);
    EXPECT_EQ(b["texture_term"], false);
  }
  // Into the folder that is there: outcomes as from scratch, images untouched; and back.
  const auto image = with.out / "SIM-00002" / "SIM-00002_t1ce.nii.gz";
  const auto written = fs::last_write_time(image);
  CohortOptions again = without;
  again.out = with.out;
  simulate_cohort(again);
  EXPECT_EQ(checksums(with.out), of_without);
  EXPECT_EQ(fs::last_write_time(image), written);
  simulate_cohort(with);
  EXPECT_EQ(checksums(with.out), of_with);
  fs::remove_all(with.out);
  fs::remove_all(without.out);
}

TEST(SimulateInvariant, AnotherOutcomeSeedKeepsPatientAndImages) {
  const CohortOptions first = small_cohort("first");
  simulate_cohort(first);
  const auto before = checksums(first.out);
  const Json a = truth_of(first, 1);
  CohortOptions second = first;
  second.outcome_seed = 8;
  simulate_cohort(second);
  Json b = truth_of(first, 1);
  for (const char* key : {"survival_months", "censoring_months"}) EXPECT_NE(a[key], b[key]) << key;
  for (const char* key : {"log_hazard_ratio", "age", "texture_latent", "run_key"}) EXPECT_EQ(a[key], b[key]) << key;
  EXPECT_EQ(b["outcome_seed"], 8);
  const auto between = checksums(first.out);
  for (const auto& [file, sum] : before) {
    if (file.ends_with(".nii.gz")) {
      EXPECT_EQ(sum, between.at(file)) << file;
    }
  }
  EXPECT_NE(between.at("clinical.tsv"), before.at("clinical.tsv"));
  simulate_cohort(first);
  EXPECT_EQ(checksums(first.out), before);
  fs::remove_all(first.out);
}

TEST(SimulateInvariant, RawImagesAreOfOneMillimetre) {
  CohortOptions o = small_cohort("raw-coarse");
  o.form = Form::Raw;
  try {
    simulate_cohort(o);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::WrongUse);
    EXPECT_NE(std::string(e.what()).find("2 mm"), std::string::npos) << e.what();
  }
}

TEST(SimulateInvariant, MissingAtlasIsErrorFour) {
  CohortOptions o;
  o.atlas = "/nowhere";
  o.out = fresh("none");
  try {
    simulate_cohort(o);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::MissingModel);
    EXPECT_NE(std::string(e.what()).find("mricron-data"), std::string::npos);
  }
}
