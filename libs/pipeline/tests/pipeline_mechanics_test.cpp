// Bundles, side and enhancement, training cases.
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/random.hpp>
#include <gliocast/pipeline/failure.hpp>
#include <gliocast/pipeline/grade.hpp>
#include <gliocast/pipeline/measure.hpp>
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

namespace {

struct Head {
  Mask brain, tumour;
  std::map<Sequence, Volume<float>> zscores;
};

/// A ball of brain with a tumour on one side; T1-Gd is brighter than T1 in `bright` voxels of it.
Head head(double tumour_x, bool enhancing) {
  Geometry g;
  g.size = {80, 80, 60};
  Head h{Mask(g), Mask(g), {{Sequence::T1, Volume<float>(g)}, {Sequence::T1Gd, Volume<float>(g)}}};
  Random random(1);
  std::size_t k = 0;
  for (std::size_t z = 0; z < 60; ++z)
    for (std::size_t y = 0; y < 80; ++y)
      for (std::size_t x = 0; x < 80; ++x, ++k) {
        const auto dx = static_cast<double>(x), dy = static_cast<double>(y) - 40, dz = static_cast<double>(z) - 30;
        if (std::hypot(dx - 40, dy, dz) > 28) continue;
        h.brain.voxels[k] = 1;
        h.tumour.voxels[k] = std::hypot(dx - tumour_x, dy, dz) < 9;
        const double base = random.normal();
        h.zscores[Sequence::T1].voxels[k] = static_cast<float>(base);
        h.zscores[Sequence::T1Gd].voxels[k] =
            static_cast<float>(base + (enhancing && std::hypot(dx - tumour_x, dy, dz) < 7 ? 4 : 0));
      }
  return h;
}

}  // namespace

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

TEST(Measure, SideFollowsThePatient) {
  // LPS: x grows to the patient's left.
  const auto left = head(56, false), right = head(24, false), middle = head(40, false);
  EXPECT_EQ(tumour_side(left.tumour, left.brain).name, "left");
  EXPECT_EQ(tumour_side(right.tumour, right.brain).name, "right");
  EXPECT_EQ(tumour_side(middle.tumour, middle.brain).name, "both sides");
}

TEST(Measure, EnhancementIsMeasuredAndItsAbsenceTold) {
  // Each sequence in units of its own: only ratios to white matter count.
  const auto in_units = [](std::map<Sequence, Volume<float>> sequences) {
    for (auto& [s, v] : sequences)
      for (float& x : v.voxels) x = (s == Sequence::T1 ? 3.0F : 0.7F) * (500 + 100 * x);
    return sequences;
  };
  const auto bright = head(56, true), plain = head(56, false);
  const auto yes = measure_enhancement(in_units(bright.zscores), bright.tumour, bright.brain),
             no = measure_enhancement(in_units(plain.zscores), plain.tumour, plain.brain);
  EXPECT_EQ(yes.verdict, "yes");
  EXPECT_NEAR(yes.volume_cm3, 4.0 / 3 * 3.14159 * 343 / 1000, 0.35);  // a ball of 7 mm
  EXPECT_EQ(no.verdict, "no");
  auto one = in_units(bright.zscores);
  one.erase(Sequence::T1);
  EXPECT_EQ(measure_enhancement(one, bright.tumour, bright.brain).verdict, "not measurable");
  EXPECT_EQ(measure_enhancement(in_units(bright.zscores), Mask(bright.brain.geometry), bright.brain).verdict,
            "not measurable");
  auto negative = in_units(bright.zscores);
  for (float& x : negative[Sequence::T1].voxels) x -= 10000;
  EXPECT_EQ(measure_enhancement(negative, bright.tumour, bright.brain).verdict, "not measurable");  // no ratio
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
  EXPECT_EQ(whole.verdict, "yes");
  EXPECT_EQ(whole.measurement.find("both show"), std::string::npos);
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
  EXPECT_NE(half.measurement.find("% of the tumour that T1 and T1-Gd both show"), std::string::npos);
  const Mask seen = seen_by(exam, bright.tumour, {Sequence::T1, Sequence::T2});
  EXPECT_LT(count(seen), 0.6 * static_cast<double>(count(bright.tumour)));
  EXPECT_EQ(count(seen_by(exam, bright.tumour, {Sequence::T1Gd})), count(bright.tumour));
  end_t1_at(20);
  EXPECT_EQ(measure_enhancement(exam, bright.tumour).verdict, "not measurable");
}

namespace {

GradeEvidence confident() {
  return {.logit = 2.0, .probabilities = {0.8, 0.85, 0.9}, .calibration_patients = 24, .thickest_slice_mm = 1};
}

/// Whether JSON holds a number anywhere.
bool holds_number(const Json& j) {
  if (j.is_number()) return true;
  return j.is_structured() && std::ranges::any_of(j, [](const Json& part) { return holds_number(part); });
}

}  // namespace

TEST(Grade, IsStatedWithAllItsNumbersAndWhatItSupposes) {
  const Json g = describe_grade(confident());
  EXPECT_EQ(g["status"], "estimated");
  EXPECT_DOUBLE_EQ(g["probability"].get<double>(), 0.85);
  EXPECT_EQ(g["interval"].size(), 2U);
  EXPECT_EQ(g["logit"], 2.0);
  EXPECT_NE(g["supposes"].get<std::string>().find("glioma confirmed by other means"), std::string::npos);
  EXPECT_TRUE(g["reason"].is_null());
  auto low = confident();
  low.probabilities = {0.1, 0.2, 0.3};
  low.thickest_slice_mm = preprocess::kThickSliceMm;  // thicker than that, not as thick as that
  EXPECT_EQ(describe_grade(low)["status"], "estimated");
}

TEST(Grade, RefusalsHoldNoNumber) {
  std::vector<GradeEvidence> refused(6, confident());
  refused[0].logit.reset();
  refused[1].probabilities.clear();
  refused[2].thickest_slice_mm = 3.6;
  refused[3].probabilities = {0.4, 0.6, 0.8};
  refused[4].probabilities = {0.45, 0.5, 0.55};
  refused[5].probabilities = {NAN, NAN};
  const std::vector<std::string> reasons{"no tumour",  "no calibration", "slices of 3.6 mm",
                                         "holds 50 %", "holds 50 %",     "holds 50 %"};
  for (std::size_t i = 0; i < refused.size(); ++i) {
    const Json g = describe_grade(refused[i]);
    EXPECT_EQ(g["status"], "no reliable estimate") << i;
    EXPECT_FALSE(holds_number(g)) << g;
    EXPECT_NE(g["reason"].get<std::string>().find(reasons[i]), std::string::npos) << g;
  }
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
