// Bundles, what both sequences show, training cases.
#include "../src/grading_model.hpp"
#include "../src/measure.hpp"

#include "ball_head.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/random.hpp>
#include <gliocast/pipeline/failure.hpp>
#include <gliocast/pipeline/network_bundle.hpp>
#include <gliocast/pipeline/training_cases.hpp>

#include <gtest/gtest.h>

#include <unistd.h>
#include <algorithm>
#include <cmath>
#include <filesystem>

using namespace gliocast;
using namespace gliocast::pipeline;
namespace fs = std::filesystem;

TEST(Bundle, RoundTripAndDamage) {
  const fs::path folder = fs::temp_directory_path() / ("bundle-" + std::to_string(::getpid()));
  nn::TensorFile weights;
  const std::vector<float> values{1, 2.5F, -3};
  weights.tensors["w"] = nn::TensorData::from_float({3}, values);
  models::Bundle bundle{.kind = models::Kind::Segmentation, .name = "x"};
  bundle.payload = {{"channels", {"t1", "t1gd", "t2"}}, {"spacing_mm", 2.0}};
  write_networks(folder, bundle, {weights, weights});
  const auto back = read_networks(folder, models::Kind::Segmentation);
  EXPECT_EQ(back.weights.size(), 2U);
  EXPECT_EQ(back.weights[0].at("w").as_float(), values);
  EXPECT_EQ(back.channels.size(), 3U);
  const auto code = [&](models::Kind kind = models::Kind::Segmentation) {
    try {
      (void)read_networks(folder, kind);
    } catch (const Error& e) {
      return e.code();
    }
    return ExitCode::Done;
  };
  EXPECT_EQ(code(models::Kind::Grading), ExitCode::MissingModel);
  for (const char* payload :
       {R"({"channels":["t9"],"spacing_mm":2})", R"({"channels":["t1"],"spacing_mm":-2})", R"({"channels":["t1"]})"}) {
    Json json = read_json(folder / "model.json");
    json["payload"] = Json::parse(payload);
    write_json(folder / "model.json", json);
    EXPECT_EQ(code(), ExitCode::MissingModel) << payload;
  }
  fs::remove_all(folder);
  EXPECT_EQ(code(), ExitCode::MissingModel);
}

TEST(Measure, OnlyWhatBothSequencesShowCounts) {
  const auto bright = head(56, true);
  preprocess::PreparedExam exam;
  exam.brain = bright.brain;
  for (const auto& [s, z] : bright.zscores) {
    exam.intensities[s] = z;
    for (float& x : exam.intensities[s].voxels) x = 500 + 100 * x;
    exam.parts[s].imaged = bright.brain;
  }
  const auto whole = measure_enhancement(exam, bright.tumour);
  EXPECT_EQ(whole.verdict, findings::Enhancement::Verdict::Yes);
  EXPECT_EQ(whole.shown, 1);
  // T1 ends at y = 40: beyond it there is no signal, which must not look like enhancement.
  const auto end_t1_at = [&](std::size_t first) {
    Mask& seen = exam.parts[Sequence::T1].imaged;
    for (std::size_t i = 0; i < seen.voxels.size(); ++i) {
      if (i / 80 % 80 < first) continue;
      seen.voxels[i] = 0;
      exam.intensities[Sequence::T1].voxels[i] = 0;
    }
  };
  end_t1_at(40);
  const auto half = measure_enhancement(exam, bright.tumour);
  EXPECT_NEAR(half.volume_cm3, whole.volume_cm3 / 2, 0.15);
  EXPECT_NEAR(half.fraction, whole.fraction, 0.05);
  EXPECT_NEAR(half.shown, 0.5, 0.1);
  const Mask seen = seen_by(exam, bright.tumour, {Sequence::T1, Sequence::T2});
  EXPECT_LT(count(seen), 0.6 * static_cast<double>(count(bright.tumour)));
  EXPECT_EQ(count(seen_by(exam, bright.tumour, {Sequence::T1Gd})), count(bright.tumour));
  end_t1_at(20);
  EXPECT_EQ(measure_enhancement(exam, bright.tumour).obstacle, findings::Enhancement::Obstacle::NotShown);
}

TEST(Grade, SlicesAreAsThickAsSpacingOrHeaderSay) {
  Geometry g;
  g.size = {4, 4, 4};
  g.spacing_mm = {1, 1, 3};
  image::Exam exam;
  exam.sequences.emplace(Sequence::T1, Volume<float>(g));
  g.spacing_mm = {1, 1.2, 1};
  exam.sequences.emplace(Sequence::T2, Volume<float>(g));
  std::map<Sequence, dicom::Acquisition> acquisition;
  EXPECT_EQ(thickest_slice_mm(exam, acquisition), 3);
  acquisition[Sequence::T2].slice_thickness_mm = 5;  // slices that overlap
  EXPECT_EQ(thickest_slice_mm(exam, acquisition), 5);
  acquisition[Sequence::T2].slice_thickness_mm = NAN;
  acquisition[Sequence::T1].slice_thickness_mm = 1000;
  EXPECT_EQ(thickest_slice_mm(exam, acquisition), 3);
}

TEST(Failures, OutputsNameTheSequenceAndNoFile) {
  cohort::PatientFiles p;
  p.id = "sub-01";
  p.found_at = "/data/Smith_John";
  p.sequences[Sequence::T1Gd] = "/data/Smith_John/Smith_John_t1ce.nii.gz";
  p.dicom[Sequence::T2] = {{.file = "/data/Smith_John/dicom/SMITH0001.dcm"}};
  const auto reason = [&](const std::exception& e) { return describe_failure(p, "read", e).reason; };
  EXPECT_EQ(reason(unusable_input("truncated", "T1-Gd: /data/Smith_John/Smith_John_t1ce.nii.gz", "copy it again")),
            "T1-Gd: truncated; copy it again");
  EXPECT_EQ(reason(unusable_input("cannot be decoded", "T2: SMITH0001.dcm")), "T2: cannot be decoded");
  EXPECT_EQ(reason(unusable_input("is empty", "/data/Smith_John")), "is empty");
  // A second net for texts that should not hold a name.
  EXPECT_EQ(reason(unusable_input(
                "cannot open /data/Smith_John/Smith_John_t1ce.nii.gz in /data/Smith_John (Smith_John_t1ce)")),
            "cannot open T1-Gd in … (T1-Gd)");
  EXPECT_EQ(reason(unusable_input("bad slice SMITH0001.dcm")), "bad slice T2");
  EXPECT_EQ(reason(unusable_input("the image is 2-D")), "the image is 2-D");
  p.found_at = "/data/D";
  EXPECT_EQ(reason(unusable_input("holds no DICOM file", "/data/D")), "holds no DICOM file");
  // Other libraries' texts may hold anything.
  const fs::filesystem_error other("cannot open", "/data/Smith_John/x",
                                   std::make_error_code(std::errc::permission_denied));
  EXPECT_EQ(reason(other).find("Smith"), std::string::npos);
  EXPECT_EQ(describe_failure(p, "read", other).code, ExitCode::InternalFault);
  EXPECT_EQ(describe_failure(p, "read", std::bad_alloc()).code, ExitCode::InternalFault);
}

TEST(TrainingCases, AbsentChannelsAreZeroAndScoresAreClipped) {
  preprocess::PreparedExam exam;
  const auto h = head(56, true);
  exam.brain = h.brain;
  exam.zscores = h.zscores;
  for (float& v : exam.zscores[Sequence::T1].voxels) v *= 100;
  const auto c = to_training_case(exam, {Sequence::T1, Sequence::T1Gd, Sequence::T2}, 2);
  EXPECT_EQ(c.input.size_zyx, (std::array<std::int64_t, 3>{30, 40, 40}));
  EXPECT_EQ(c.input.spacing_mm, 2);
  EXPECT_EQ(c.present, (std::vector<bool>{true, true, false}));
  const auto n = static_cast<std::size_t>(c.input.voxels());
  for (std::size_t i = 0; i < n; ++i) {
    EXPECT_LE(std::abs(c.input.values[i]), nn::kClip);
    EXPECT_EQ(c.input.values[2 * n + i], 0);
  }
}

TEST(TrainingCases, LabelConventionsAreMappedNeverGuessed) {
  const fs::path file = fs::temp_directory_path() / ("seg-" + std::to_string(::getpid()) + ".nrrd");
  const auto write = [&](const std::string& labels) {
    write_text(file, "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 2 2 2\nspacings: 1 1 1\nencoding: text\n\n" + labels);
  };
  write("0 1 2 3 0 0 0 0");
  EXPECT_EQ(read_segmentation(file, cohort::LabelConvention::Brats2023).voxels[3], 4U);
  EXPECT_THROW((void)read_segmentation(file, cohort::LabelConvention::Brats2020), Error);
  write("0 1 2 4 0 0 0 0");
  EXPECT_EQ(read_segmentation(file, cohort::LabelConvention::Brats2020).voxels[3], 4U);
  write("0 1 2 7 0 0 0 0");
  EXPECT_THROW((void)read_segmentation(file, cohort::LabelConvention::Brats2023), Error);
  fs::remove(file);
}
