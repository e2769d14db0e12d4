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
#include <cmath>
#include <filesystem>
#include <map>

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
