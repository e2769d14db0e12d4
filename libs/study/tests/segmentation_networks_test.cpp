// Networks that outline, trained in the study: whom each is fitted on, whom it outlines, what is refused, and the same
// bytes whatever the threads.
#include "segmentation_networks.hpp"
#include "ball_head.hpp"
#include "messages.hpp"
#include "study_audit.hpp"
#include "study_cost.hpp"

#include <gliocast/core/checksum.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/imageio/nifti.hpp>
#include <gliocast/pipeline/examined_files.hpp>

#include <gtest/gtest.h>

#include <unistd.h>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace gliocast::study {
namespace {

namespace fs = std::filesystem;
using test_support::error_of;
using test_support::has;

using Ids = std::set<std::string>;
Ids set_of(const std::vector<std::string>& ids) { return {ids.begin(), ids.end()}; }
Ids set_of(const Json& ids) { return ids.get<Ids>(); }
Ids common(const Ids& a, const Ids& b) {
  Ids out;
  for (const auto& id : a)
    if (b.contains(id)) out.insert(id);
  return out;
}

class SegmentationNetworks : public ::testing::Test {
 protected:
  fs::path folder = fs::temp_directory_path() / ("segmentation-networks-" + std::to_string(::getpid()));
  void SetUp() override { fs::remove_all(folder); }
  void TearDown() override { fs::remove_all(folder); }

  /// A patient whose files nobody reads.
  void named(const std::string& cohort, const std::string& id, bool segmented) const {
    for (const char* s : {"t1", "t1ce", "t2"}) write_text(at(cohort, id, s), "no image is read");
    if (segmented) write_text(at(cohort, id, "seg"), "no image is read");
  }

  /// A stripped patient with a ball of a tumour; its radius grows with the number.
  void made(const std::string& cohort, const std::string& id, int number, bool segmented) const {
    const auto image = [&](const Volume<float>& z, float contrast, const char* s) {
      Volume<float> out(head_.brain.geometry);
      for (std::size_t i = 0; i < out.voxels.size(); ++i)
        if (head_.brain.voxels[i])
          out.voxels[i] =
              1000 + contrast * z.voxels[i] + static_cast<float>(number) + (in_ball(i, 6 + number) ? 400 : 0);
      imageio::write_nifti(at(cohort, id, s), out);
    };
    image(head_.zscores.at(Sequence::T1), 100, "t1");
    image(head_.zscores.at(Sequence::T1Gd), 100, "t1ce");
    image(head_.zscores.at(Sequence::T1), -150, "t2");
    if (!segmented) return;
    Volume<std::uint8_t> mask(head_.brain.geometry);
    for (std::size_t i = 0; i < mask.voxels.size(); ++i) mask.voxels[i] = in_ball(i, 6 + number) ? 1 : 0;
    imageio::write_nifti(at(cohort, id, "seg"), mask);
  }

  void clinical(const std::string& cohort, int patients) const {
    std::string text = "patient\tgrade\tcentre\n";
    for (int i = 1; i <= patients; ++i)
      text += id_of(cohort, i) + (i % 2 == 0 ? "\tHGG\t" : "\tLGG\t") + (i % 3 == 0 ? "X\n" : "Y\n");
    write_text(folder / cohort / "clinical.tsv", text);
  }

  [[nodiscard]] static std::string id_of(const std::string& cohort, int number) {
    return (cohort == "first" ? "A" : "B") + std::to_string(100 + number);
  }
  [[nodiscard]] fs::path at(const std::string& cohort, const std::string& id, const std::string& what) const {
    return folder / cohort / id / (id + "_" + what + ".nii.gz");
  }
  [[nodiscard]] static bool in_ball(std::size_t i, double radius) {
    const auto x = static_cast<double>(i % 80), y = static_cast<double>(i / 80 % 80), z = static_cast<double>(i / 6400);
    return std::hypot(x - 50, y - 40, z - 30) < radius;
  }

  /// Ten patients of the first cohort, eight with a segmentation; four of the second, three with.
  void named_cohorts() const {
    for (int i = 1; i <= 10; ++i) named("first", id_of("first", i), i <= 8);
    for (int i = 1; i <= 4; ++i) named("second", id_of("second", i), i <= 3);
    clinical("first", 10);
    clinical("second", 4);
  }

  [[nodiscard]] StudyInputs inputs() const {
    StudyInputs in;
    in.cohort = {folder / "first"};
    if (fs::exists(folder / "second")) in.validation = {folder / "second"};
    return in;
  }

  [[nodiscard]] StudyOptions options(const std::string& out) const {
    StudyOptions o;
    o.out = folder / out;
    o.settings = preset_settings("demo");
    o.settings.outlines.by = "trained";
    o.settings.outlines.preprocessed = "yes";
    o.settings.outlines.network = {.base_width = 2,
                                   .epochs = 2,
                                   .steps_per_epoch = 6,
                                   .batch = 2,
                                   .learning_rate = 5e-3,
                                   .patch_zyx = {16, 16, 16}};
    o.settings.radiomics = "default";
    o.threads = 1;
    return o;
  }

  /// Trains as the stage does; what it wrote of whom.
  [[nodiscard]] Json trained(const StudyOptions& o) const {
    const auto c = study_context(inputs(), o);
    (void)train_outlines(c, o.out / "stages" / "segmentation");
    return trained_outlines(c);
  }

  Head head_ = head(50, true);
};

/// Every file but what holds times, by path.
std::map<std::string, std::string> files_in(const fs::path& folder) {
  std::map<std::string, std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && entry.path().filename() != "curve.tsv")
      out[entry.path().lexically_relative(folder).string()] = sha256_file(entry.path());
  return out;
}

TEST_F(SegmentationNetworks, ByThePlanNobodyIsOutlinedByWhatHeFits) {
  named_cohorts();
  auto o = options("study");
  o.settings.outlines.folds = 3;
  const auto plan = outline_plan(study_context(inputs(), o));
  ASSERT_EQ(plan.size(), 4U);
  Ids outlined;
  for (const auto& n : plan) {
    EXPECT_EQ(common(set_of(n.training), set_of(n.outlined)), Ids{}) << n.fold;
    EXPECT_TRUE(n.validation.empty());
    for (const auto& id : n.outlined) EXPECT_TRUE(outlined.insert(id).second) << id << " is outlined twice";
    for (const auto& id : n.tested) EXPECT_TRUE(set_of(n.outlined).contains(id));
    for (const auto& id : n.training) EXPECT_LE(id, "A108");  // segmentations of the first cohort alone
  }
  EXPECT_EQ(outlined.size(), 14U);
  const auto& all = plan.back();
  EXPECT_EQ(all.training.size(), 8U);
  EXPECT_EQ(set_of(all.outlined), (Ids{"A109", "A110", "B101", "B102", "B103", "B104"}));
  EXPECT_EQ(set_of(all.tested), (Ids{"B101", "B102", "B103"}));
  for (std::size_t f = 0; f < 3; ++f) {
    EXPECT_GE(plan[f].outlined.size(), 2U);
    EXPECT_EQ(plan[f].outlined.size() + plan[f].training.size(), 8U);
    const Ids low{"A101", "A103", "A105", "A107"};
    EXPECT_GE(common(set_of(plan[f].outlined), low).size(), 1U) << "both grades in each fold";
    EXPECT_LE(common(set_of(plan[f].outlined), low).size(), 2U);
  }
}

TEST_F(SegmentationNetworks, ThePapersSplitPoolsBothCohorts) {
  named_cohorts();
  auto o = options("study");
  o.settings.grading.design = "paper";
  const auto c = study_context(inputs(), o);
  const auto part = pooled_split(c);
  ASSERT_EQ(part.size(), 14U);
  const auto plan = outline_plan(c);
  ASSERT_EQ(plan.size(), 1U);
  EXPECT_EQ(plan[0].outlined.size(), 14U);
  const std::vector<const std::vector<std::string>*> parts{&plan[0].training, &plan[0].validation, &plan[0].tested};
  std::size_t teachers = 0;
  for (std::size_t p = 0; p < parts.size(); ++p)
    for (const auto& id : *parts[p]) {
      EXPECT_EQ(part.at(id), p) << id;
      ++teachers;
    }
  EXPECT_EQ(teachers, 11U);
  std::map<std::size_t, int> sizes;
  for (const auto& [id, p] : part) ++sizes[p];
  EXPECT_NEAR(sizes[0], 8.4, 2);  // of each grade to less than one patient
  EXPECT_NEAR(sizes[1], 2.8, 2);
}

TEST_F(SegmentationNetworks, TooFewSegmentationsAreToldBeforeAnyWork) {
  for (int i = 1; i <= 6; ++i) named("first", id_of("first", i), false);
  clinical("first", 6);
  const auto begun = [&](const StudyOptions& o) { return error_of([&] { (void)study_context(inputs(), o); }); };
  auto o = options("study");
  EXPECT_TRUE(has(begun(o), "no patient of the first cohort has images and a segmentation")) << begun(o);
  EXPECT_TRUE(has(begun(o), "outlines.by=network"));
  for (int i = 1; i <= 3; ++i) named("first", id_of("first", i), true);
  EXPECT_TRUE(has(begun(o), "2 folds of 2 or more patients, and 3 patients")) << begun(o);
  named("first", id_of("first", 4), true);
  EXPECT_EQ(begun(o), "accepted");
  o.settings.grading.design = "paper";
  for (int i = 1; i <= 4; ++i) fs::remove(at("first", id_of("first", i), "seg"));
  EXPECT_TRUE(has(begun(o), "no patient of the cohorts")) << begun(o);
  o.settings.outlines.by = "network";
  EXPECT_EQ(begun(o), "accepted");
}

TEST_F(SegmentationNetworks, WhatTheyTakeFollowsFoldsAndEpochs) {
  named_cohorts();
  auto o = options("study");
  const auto cost = [&] { return cost_of("segmentation", study_context(inputs(), o)); };
  const auto two = cost();
  EXPECT_EQ(two.amount, "3 networks");
  EXPECT_GT(two.megabytes, 0);
  o.settings.outlines.folds = 3;
  EXPECT_EQ(cost().amount, "4 networks");
  EXPECT_GT(cost().seconds, two.seconds);
}

TEST_F(SegmentationNetworks, TrainedTheyOutlineWhomTheyDidNotSee) {
  for (int i = 1; i <= 5; ++i) made("first", id_of("first", i), i % 3, i <= 4);
  made("second", id_of("second", 1), 1, true);
  clinical("first", 5);
  clinical("second", 1);
  const auto o = options("study");
  const Json said = trained(o);
  ASSERT_EQ(said.at("networks").size(), 3U);
  const auto c = study_context(inputs(), o);
  const auto bundles = outlining_bundles(c);
  EXPECT_EQ(bundles.size(), 6U);
  for (const auto& n : said.at("networks"))
    for (const auto& id : n.at("outlined")) {
      EXPECT_FALSE(set_of(n.at("training")).contains(id.get<std::string>())) << id;
      const auto bundle = models::read_bundle(bundles.at(id.get<std::string>()), models::Kind::Segmentation);
      EXPECT_EQ(bundle.checksum, n.at("sha256").get<std::string>());
    }
  EXPECT_EQ(outlining_bundle_for_use(o.out), bundles.at("B101"));

  const auto table = read_table(o.out / "stages" / "segmentation" / "dice.tsv");
  ASSERT_EQ(table.rows.size(), 5U);  // four of the folds, one of the second cohort
  EXPECT_EQ(table.rows.back()[3], "second cohort");
  const auto audit = audit_study(o.out / "stages");
  ASSERT_EQ(audit.table.rows.size(), 3U);
  for (const auto& row : audit.table.rows) EXPECT_EQ(row.back(), "0");
  EXPECT_TRUE(audit.leaks.empty());

  // Each patient's key is of his own network.
  auto examine = c.examine();
  examine.jobs = 1;
  const auto key = [&](const std::string& id) {
    return read_json(pipeline::examination_file(examine.out, id)).at("run_key").get<std::string>();
  };
  (void)pipeline::examine_cohort(c.everyone(), examine);
  const auto of_a = key("A101"), of_b = key("B101");
  examine.segmentation_of.at("A101") = bundles.at("B101");
  (void)pipeline::examine_cohort(c.everyone(), examine);
  EXPECT_NE(key("A101"), of_a);
  EXPECT_EQ(key("B101"), of_b);
}

TEST_F(SegmentationNetworks, TheSameBytesWhateverTheThreadsAndKeptAfterwards) {
  for (int i = 1; i <= 4; ++i) made("first", id_of("first", i), i % 3, true);
  clinical("first", 4);
  auto o = options("one");
  (void)trained(o);
  const auto first = files_in(folder / "one" / "stages" / "segmentation");
  EXPECT_GT(first.size(), 10U);
  auto two = options("two");
  two.threads = 2;
  (void)trained(two);
  EXPECT_EQ(files_in(folder / "two" / "stages" / "segmentation"), first);
  // Another run fits nothing, another seed everything, and fewer folds leave no network behind.
  const auto weights = folder / "one" / "stages" / "segmentation" / "network_0" / "bundle" / "weights.safetensors";
  const auto written = fs::last_write_time(weights);
  (void)trained(o);
  EXPECT_EQ(fs::last_write_time(weights), written);
  fs::create_directories(folder / "one" / "stages" / "segmentation" / "network_7");
  o.settings.seed = 2;
  EXPECT_TRUE(trained_outlines(study_context(inputs(), o)).is_null());  // those there are of other settings
  (void)trained(o);
  EXPECT_NE(sha256_file(weights), first.at("network_0/bundle/weights.safetensors"));
  EXPECT_FALSE(fs::exists(folder / "one" / "stages" / "segmentation" / "network_7"));
}

}  // namespace
}  // namespace gliocast::study
