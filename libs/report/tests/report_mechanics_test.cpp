// PNGs decode, slices lie the right way round, the page holds everything and fetches nothing.
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/report/forest_of_chance.hpp>
#include <gliocast/report/patient_report.hpp>
#include <gliocast/report/png_image.hpp>
#include <gliocast/report/slices.hpp>
#include <gliocast/report/training_curve.hpp>
#include <gliocast/report/wording.hpp>

#include <gtest/gtest.h>

#include <unistd.h>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>

using namespace gliocast;
using namespace gliocast::report;

namespace {

Geometry cube() {
  Geometry g;
  g.size = {10, 12, 8};
  return g;
}

std::array<int, 3> pixel(const RgbImage& im, std::size_t x, std::size_t y) {
  const std::size_t k = 3 * (y * im.width + x);
  return {im.pixels[k], im.pixels[k + 1], im.pixels[k + 2]};
}

findings::Prediction example() {
  findings::Prediction p;
  auto& of = p.preparation;
  of.patient = "sub-<01>";
  of.warnings = {findings::Remark::told("T1 is <noisy>")};
  of.steps = {"step one"};
  of.alignment[Sequence::T2].registration = {
      .rotation_degrees = 9.87, .information_before = 0.1, .information_after = 0.55, .overlap_after = 0.98};
  of.brain_volume_cm3 = 1400.5;
  of.brain_covered = 0.81;
  of.inputs = {{Sequence::T1, "ab"}};
  of.timings_s = {{"read", 1.5}};
  of.provenance = {.version = "1", .backend = "b", .created = "now", .threads = 2};
  p.tumour = {.volume_cm3 = 12.34, .components = 1, .largest_diameter_mm = 40.2, .left_fraction = 1};
  p.enhancement = {.verdict = findings::Enhancement::Verdict::Yes, .volume_cm3 = 3, .fraction = 0.25};
  p.grade = findings::NoReliableGrade{.reason = findings::NoReliableGrade::Reason::ThickSlices, .slice_mm = 5};
  p.radiomics = {.sequence = Sequence::T1Gd, .grey_levels = 20, .shape = {{"MeshVolume", 12340.0, "mm^3"}}};
  p.not_computed = {{.kind = findings::Remark::Kind::NoSurvival}};
  return p;
}

}  // namespace

TEST(ReportMechanics, PngHasItsSignatureAndSize) {
  const auto bytes = encode_png(RgbImage(7, 5));
  ASSERT_GT(bytes.size(), 24U);
  EXPECT_EQ(std::memcmp(bytes.data(), "\x89PNG\r\n\x1a\n", 8), 0);
  EXPECT_EQ(static_cast<int>(bytes[19]), 7);
  EXPECT_EQ(static_cast<int>(bytes[23]), 5);
  EXPECT_TRUE(png_data_uri(RgbImage(1, 1)).starts_with("data:image/png;base64,iVBORw0KGgo"));
}

TEST(ReportMechanics, APngSaysItsResolution) {
  auto bytes = encode_png(RgbImage(7, 5));
  const std::size_t before = bytes.size();
  set_png_resolution(bytes, 300);
  ASSERT_EQ(bytes.size(), before + 21);
  // Length, name, 11811 dots a metre twice, the unit, and the CRC that zlib.crc32 of Python gives.
  EXPECT_EQ(std::memcmp(bytes.data() + 33, "\0\0\0\x09pHYs\0\0\x2e\x23\0\0\x2e\x23\1\x78\xa5\x3f\x76", 21), 0);
  std::vector<std::byte> none(40);
  EXPECT_THROW(set_png_resolution(none, 300), Error);
}

TEST(ReportMechanics, AxialViewIsRadiologicalAndCoronalHasTheVertexOnTop) {
  Volume<float> v(cube());
  v.at(9, 0, 7) = 1;  // left (LPS: x grows to the left), front, top
  SliceOptions o;
  o.zoom = 1;
  const Mask none(cube());
  EXPECT_EQ(pixel(render_slice(v, none, Plane::Axial, 7, o), 9, 0)[0],
            255);  // patient's left on the right, front on top
  EXPECT_EQ(pixel(render_slice(v, none, Plane::Coronal, 0, o), 9, 0)[0], 255);   // vertex on top
  EXPECT_EQ(pixel(render_slice(v, none, Plane::Sagittal, 9, o), 0, 0)[0], 255);  // front on the left
}

TEST(ReportMechanics, OutlineIsDrawnOnTheEdgeOnly) {
  Mask m(cube());
  for (std::size_t y = 3; y < 9; ++y)
    for (std::size_t x = 3; x < 8; ++x) m.at(x, y, 4) = 1;
  SliceOptions o;
  o.zoom = 2;
  const auto im = render_slice(Volume<float>(cube()), m, Plane::Axial, 4, o);
  EXPECT_EQ(pixel(im, 6, 10)[0], 255);
  EXPECT_EQ(pixel(im, 10, 12)[0], 0);
  EXPECT_EQ(pixel(im, 2, 2)[0], 0);
  EXPECT_EQ(largest_slice(m, Plane::Axial), 4U);
  EXPECT_EQ(largest_slice(Mask(cube()), Plane::Axial), 4U);
}

TEST(ReportMechanics, PageIsSelfContainedAndEscaped) {
  PatientPictures p;
  p.sequences[Sequence::T1] = Volume<float>(cube(), 1);
  p.brain = Mask(cube(), 1);
  p.tumour = Mask(cube());
  const std::string page = patient_report_html(example(), p);
  for (const char* needed :
       {"sub-&lt;01&gt;", "T1 is &lt;noisy&gt;", "12.3 cm³", "no reliable estimate", "Not a medical device",
        "Survival: nothing was said of the patient", "MeshVolume", "3.0 cm³ (25 % of the tumour)", "data:image/png"})
    EXPECT_NE(page.find(needed), std::string::npos) << needed;
  for (const char* forbidden : {"http://", "https://", "<script", "<link", "url("})
    EXPECT_EQ(page.find(forbidden), std::string::npos) << forbidden;
}

TEST(ReportMechanics, GradeIsDrawnWhereItIsStatedAndNothingOfItElsewhere) {
  PatientPictures p;
  p.brain = Mask(cube(), 1);
  p.tumour = Mask(cube());
  const char* const of_a_grade[] = {
      "class=scale", "Point estimate", "95 % interval", "percent", "glioma confirmed by other means", "77", "62", "91"};
  findings::Prediction found = example();
  const std::string refused = patient_report_html(found, p);
  EXPECT_NE(refused.find("no reliable estimate</div><div class=n>slices of 5.0 mm"), std::string::npos);
  EXPECT_NE(refused.find("of the 81 % of the brain within the image"), std::string::npos);
  const auto body = [](const std::string& page) { return page.substr(page.find("<body>")); };
  for (const char* part : of_a_grade) EXPECT_EQ(body(refused).find(part), std::string::npos) << part;
  found.grade =
      findings::GradeEstimate{.probability = 0.77, .low = 0.62, .high = 0.91, .logit = 1, .calibration_patients = 24};
  const std::string stated = body(patient_report_html(found, p));
  for (const char* part : of_a_grade) EXPECT_NE(stated.find(part), std::string::npos) << part;
  EXPECT_NE(stated.find("Calibrated on 24 cross-validated patients"), std::string::npos);
  EXPECT_EQ(stated.find("no reliable estimate"), std::string::npos);
}

TEST(ReportMechanics, RemarksAreSaidWithTheirValues) {
  using Kind = findings::Remark::Kind;
  const EnglishWording words;
  const findings::Prediction found = example();
  const auto say = [&](const findings::Remark& r) { return words.of(r, &found); };
  EXPECT_EQ(say({.kind = Kind::LessCertain, .sequence = Sequence::T2}),
            "T2 is missing: outline and grade were made without it and are less certain");
  EXPECT_TRUE(say({.kind = Kind::RanWithoutSequence, .sequence = Sequence::T1, .left_out = true})
                  .starts_with("T1 was left out: "));
  EXPECT_TRUE(say({.kind = Kind::OutlineBeyond, .sequence = Sequence::T2, .share = 0.123})
                  .starts_with("12 % of the outline lie where T2 was not imaged"));
  EXPECT_TRUE(say({.kind = Kind::GivenMaskOutside, .share = 0.4}).starts_with("40 % of the given tumour mask"));
  EXPECT_EQ(say({.kind = Kind::NoGrade}),
            "Grade: slices of 5.0 mm; the grading network has learned from slices of 1 mm only.");
  findings::Enhancement e{.missing = Sequence::T1Gd};
  e.obstacle = findings::Enhancement::Obstacle::SequenceMissing;
  EXPECT_EQ(words.of(e), "needs T1 and T1-Gd; T1-Gd is missing");
  e = {.verdict = findings::Enhancement::Verdict::No, .volume_cm3 = 0.1, .fraction = 0.01, .shown = 0.5};
  EXPECT_NE(words.of(e).find("measured on the 50 % of the tumour that T1 and T1-Gd both show"), std::string::npos);
  EXPECT_NE(
      words.note_on({.sequence = Sequence::T2, .grey_levels = 12, .shown = 0.5}).find("Fewer than 16 grey levels"),
      std::string::npos);
}

findings::SurvivalFinding survival_at_five(double survival, double low, double high) {
  findings::SurvivalCurve curve{.predictors = {{.column = "age", .value = "41", .given = "41", .points = 37.25},
                                               {.column = "grade", .value = "G2", .given = "2", .points = 0}},
                                .total_points = 37.25,
                                .time = {10, 70},
                                .survival = {0.9, survival},
                                .low = {0.8, low},
                                .high = {1, high}};
  curve.at = {{.years = 5, .time = 60, .survival = survival, .low = low, .high = high}};
  return {.model = {.name = "some-model",
                    .formula = "age + grade",
                    .trained_on = "a cohort",
                    .unit = "months",
                    .n = 280,
                    .events = 52,
                    .follow_up = 164.2},
          .result = findings::SurvivalEstimate{.curves = {curve}, .page = "nomogram.html"}};
}

TEST(ReportMechanics, SurvivalIsShownWithItsModelAndHowItWasRead) {
  PatientPictures p;
  p.brain = Mask(cube(), 1);
  p.tumour = Mask(cube());
  p.survival = {{.curves = "<svg>one</svg>", .nomogram = ""}};
  findings::Prediction found = example();
  found.clinical = {.age = 41,
                    .histology = findings::Histology::Oligodendroglioma,
                    .grade = findings::WhoGrade::Two,
                    .idh = findings::Idh::Mutant,
                    .codeletion = findings::Codeletion::Intact};
  found.survival = {survival_at_five(0.71, 0.58, 0.999)};
  const std::string page = patient_report_html(found, p);
  for (const char* needed :
       {"Survival (some-model) at 5 years</div><div class=v>71 %", "95 % interval 58 to &gt; 99 %",
        "71 (58 to &gt; 99)", "not reached", "<td>grade<td>2<td>G2<td class=num>0.0",
        "astrocytoma, IDH-mutant, grade 2", "1p/19q intact: by WHO 2021 an oligodendroglioma is codeleted",
        "280 patients with 52 deaths", "followed for up to 164 months: a cohort.", "Not clinically validated",
        "data:image/svg+xml;base64,PHN2Zz5vbmU", "gnuplot is missing", "<a href=\"nomogram.html\">"})
    EXPECT_NE(page.find(needed), std::string::npos) << needed;
  EXPECT_EQ(page.find("extrapolation"), std::string::npos);
  auto& e = std::get<findings::SurvivalEstimate>(found.survival[0].result);
  e.curves.push_back(e.curves[0]);
  e.grade_of_images = found.grade_is_demonstration = true;
  for (auto& curve : e.curves) {
    curve.predictors[1].given.clear();
    curve.at[0].extrapolated = true;
  }
  e.curves[1].predictors[1].value = "G3";
  e.curves[1].at[0].survival = 0.4;
  e.curves[0].predictors[0].outside = {18, 40};
  const std::string two = patient_report_html(found, p);
  for (const char* needed : {"40 to 71 % <span class=demo>demonstration", "<td>grade G2<td", "<td>grade G3<td",
                             "not known: each is shown<td>G2, G3", "40 (58 to &gt; 99) *", "* beyond the model",
                             "age 41 lies outside 18 to 40", "No grade was given: the curves suppose"})
    EXPECT_NE(two.find(needed), std::string::npos) << needed;
}

TEST(ReportMechanics, NoSurvivalSaysWhy) {
  using Reason = findings::NoSurvival::Reason;
  PatientPictures p;
  p.brain = Mask(cube(), 1);
  p.tumour = Mask(cube());
  findings::Prediction found = example();
  found.clinical = {.age = 41};
  found.survival = {{.model = {.name = "some-model"}, .result = findings::NoSurvival{}}};
  const auto page = [&](Reason reason, std::vector<std::string> names = {}) {
    found.survival[0].result = findings::NoSurvival{.reason = reason, .names = std::move(names)};
    return patient_report_html(found, p);
  };
  for (const auto& [reason, words] : std::vector<std::pair<Reason, std::string>>{
           {Reason::GradeUnknown, "no grade was given and none is stated from the images (slices of 5.0 mm"},
           {Reason::HighGradeGiven, "a high grade (WHO 4) was given; the model holds for WHO grade 2 and 3 alone"},
           {Reason::HighGradeStated, "the images speak for high grade"},
           {Reason::Glioblastoma, "the histology given is glioblastoma"}}) {
    const std::string text = page(reason);
    EXPECT_NE(text.find("No estimate: "), std::string::npos) << words;
    EXPECT_NE(text.find("<li>Survival by some-model: "), std::string::npos) << words;
    EXPECT_NE(text.find(words), std::string::npos) << words;
    for (const char* none : {"Median (", "class=chart ", "nomogram.html"})
      EXPECT_EQ(text.find(none), std::string::npos) << none;
  }
  EXPECT_NE(page(Reason::PredictorMissing, {"age", "kps"}).find("what was not given: age, kps"), std::string::npos);
  EXPECT_NE(page(Reason::LevelUnknown, {"site"}).find("does not know the value given of site"), std::string::npos);
}

findings::SignatureEstimate estimated_signature() {
  findings::SignatureEstimate e{.value = -0.42,
                                .cut = 0.13,
                                .high_risk = true,
                                .training = findings::TrainingSignatures{-2.5, -1.5, 0.11, 1.5, 2.75}};
  for (int i = 0; i < 12; ++i)
    e.terms.push_back({.feature = "feature_" + std::to_string(i),
                       .member = 1,
                       .value = 3,
                       .unit = "mm",
                       .z = -1.5,
                       .weight = 0.25,
                       .adds = -0.375 / (i + 1)});
  e.curve = std::get<findings::SurvivalEstimate>(survival_at_five(0.61, 0.4, 0.8).result).curves.front();
  e.curve->predictors.clear();
  return e;
}

TEST(ReportMechanics, TheSignatureStandsBehindTheClinicalNomogramWithItsParts) {
  PatientPictures p;
  p.brain = Mask(cube(), 1);
  p.tumour = Mask(cube());
  p.signature = "<svg>signature</svg>";
  findings::Prediction found = example();
  found.clinical = {.age = 41, .grade = findings::WhoGrade::Two};
  found.survival = {survival_at_five(0.71, 0.58, 0.9), survival_at_five(0.66, 0.5, 0.8),
                    survival_at_five(0.55, 0.4, 0.7)};
  found.survival[1].role = findings::SurvivalRole::SignatureClinical;
  found.survival[2].role = findings::SurvivalRole::Integrated;
  found.survival[2].model.demonstration = true;
  found.signature.emplace();
  found.signature->model = {.name = "made-signature",
                            .trained_on = "made patients",
                            .members = 2,
                            .deep = true,
                            .unit = "months",
                            .n = 90,
                            .events = 41,
                            .follow_up = 88,
                            .demonstration = true};
  found.signature->result = estimated_signature();
  const std::string page = patient_report_html(found, p);
  for (const char* needed :
       {"Signature (made-signature)</div><div class=v>-0.42, high risk <span class=demo>demonstration",
        "<b>Signature -0.42 <span class=demo>demonstration</span>, high risk.</b> The cut is 0.13",
        "nine in ten of the training patients (-1.50 to 1.50; all -2.50 to 2.75, median 0.11)",
        "<td>feature_0<td class=num>1<td class=num>3.000<td>mm<td class=num>-1.50<td class=num>+0.250",
        "2 others together", "<td>Signature alone<td class=num>61 (40 to 80)",
        "<td>Clinical nomogram<td class=num>66 (50 to 80)", "<td>Integrated nomogram<td class=num>55 (40 to 70)",
        "90 patients with 41 deaths", "up to 88 months"})
    EXPECT_NE(page.find(needed), std::string::npos) << needed;
  EXPECT_LT(page.find("Survival by some-model"), page.find("<h2>Signature"));
  EXPECT_EQ(page.find("Survival (some-model) at 5 years</div><div class=v>66 %"), std::string::npos)
      << "the signature's clinical nomogram has no card";
  findings::NoSignature none{.reason = findings::NoSignature::Reason::SequenceMissing};
  none.sequence = Sequence::T2;
  found.signature->result = none;
  found.survival.clear();
  const std::string refused = patient_report_html(found, p);
  EXPECT_NE(refused.find("No signature: the model reads T2, which is missing."), std::string::npos);
  EXPECT_EQ(refused.find("What makes the signature"), std::string::npos);
}

TEST(ReportMechanics, EveryWarningOfTheReportIsCounted) {
  findings::Prediction found = example();
  EXPECT_EQ(warnings_of(found).size(), 1U);
  found.clinical = {.age = 90, .grade = findings::WhoGrade::Two, .idh = findings::Idh::Wildtype};
  auto f = survival_at_five(0.71, 0.58, 0.9);
  std::get<findings::SurvivalEstimate>(f.result).curves[0].predictors[0].outside = {18, 87};
  found.survival = {f, f};
  const auto told = warnings_of(found);
  ASSERT_EQ(told.size(), 3U) << "each once";
  EXPECT_NE(told[1].find("IDH-wildtype with grade 2 or 3"), std::string::npos);
  EXPECT_NE(told[2].find("age 41 lies outside 18 to 87"), std::string::npos);
}

TEST(ReportMechanics, GivenOutlinesAreTold) {
  PatientPictures p;
  p.brain = Mask(cube(), 1);
  p.tumour = Mask(cube());
  findings::Prediction found = example();
  found.tumour_mask = {.sha256 = "feed", .labels = "1 and 4", .sequence = Sequence::T2};
  const std::string page = patient_report_html(found, p);
  for (const char* needed : {"The outline of the tumour was given by the user (1 and 4, on the grid of T2)",
                             "Given outline", "<td>Tumour mask<td><code>feed"})
    EXPECT_NE(page.find(needed), std::string::npos) << needed;
}

TEST(ReportMechanics, RawInputShowsOutlineAlignmentAndBiasField) {
  PatientPictures p;
  p.sequences[Sequence::T1] = p.heads[Sequence::T1] = p.checkerboards[Sequence::T2] = p.bias_fields[Sequence::T1] =
      Volume<float>(cube(), 1);
  p.brain = Mask(cube(), 1);
  p.tumour = Mask(cube());
  for (const std::string& page :
       {patient_report_html(example(), p), preprocessing_report_html(example().preparation, p)})
    for (const char* needed :
         {"Brain outline", "checkerboard with T2", "bias field of T1", "9.87", "0.100 → 0.550", "98 %"})
      EXPECT_NE(page.find(needed), std::string::npos) << needed;
}

TEST(ReportMechanics, TrainingCurveIsDrawn) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / ("curve-" + std::to_string(::getpid()));
  write_text(folder / "curve.tsv",
             "epoch\tlearning_rate\ttraining_loss\tvalidation_loss\tvalidation_score\tminutes\n1\t0.001\t0.9\t0.8\t0."
             "4\t1\n2\t0.001\t0.5\t0.6\t0.7\t2\n");
  if (!draw_training_curve(folder / "curve.tsv", folder / "curve.svg", "Training of \"x\"", "Dice"))
    GTEST_SKIP() << "gnuplot is not installed";
  const std::string svg = read_text(folder / "curve.svg");
  EXPECT_NE(svg.find("<svg"), std::string::npos);
  EXPECT_NE(svg.find("validation Dice"), std::string::npos);
  EXPECT_NE(svg.find("<title>Training of \"x\"</title>"), std::string::npos);
  fs::remove_all(folder);
}
TEST(ReportMechanics, AForestOfChanceSaysWhatCannotBeEstimated) {
  namespace fs = std::filesystem;
  if (std::system("gnuplot --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "gnuplot is not installed";
  const fs::path file = fs::temp_directory_path() / ("forest-" + std::to_string(::getpid()) + ".svg");
  const double none = std::nan("");
  analysis::ForestFigure figure{"AUC", "AUC (95 % CI)", {}};
  figure.rows.push_back({"Sex: female, 12 (5)", {0.81, 0.1, 0.62, 1.0, 0.95}, none, false});
  figure.rows.push_back({"Sex: male, 4 (1)", {none, none, none, none, 0.95}, none, false});
  draw_of_chance(file, figure);
  const std::string svg = read_text(file);
  for (const char* text : {"Sex: female, 12 (5)", "0.81 (0.62–1.00)", "Sex: male, 4 (1)", "not estimable", "0.5"})
    EXPECT_NE(svg.find(text), std::string::npos) << text;
  EXPECT_EQ(svg.find("log scale"), std::string::npos);
  EXPECT_EQ(svg.find(">P<"), std::string::npos);
  fs::remove(file);
}
