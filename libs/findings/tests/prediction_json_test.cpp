// What was found is written and read back; texts come back as told, numbers as numbers.
#include <gliocast/core/error.hpp>
#include <gliocast/findings/wording.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace gliocast::findings {
namespace {

/// Says which remark it is, so that the test needs no sentence.
class Tokens final : public Wording {
 public:
  std::string of(const Remark& r, const Prediction*) const override {
    return r.kind == Remark::Kind::Told ? r.text : "remark " + std::to_string(static_cast<int>(r.kind));
  }
  std::string of(const Enhancement& e) const override { return e.told.empty() ? "measured" : e.told; }
  std::string of(const NoReliableGrade& g) const override { return g.told.empty() ? "refused" : g.told; }
  std::string basis_of(const GradeEstimate& g) const override { return g.told_basis.empty() ? "basis" : g.told_basis; }
  std::string of(const ActivationFinding&, const Fusion&) const override { return "activation"; }
  std::string what_a_grade_supposes() const override { return "supposes"; }
  std::string of(const NoSurvival& n, const Prediction*) const override { return n.told.empty() ? "none" : n.told; }
  std::string basis_of(const SurvivalFinding& f) const override {
    const auto& told = std::get<SurvivalEstimate>(f.result).told_basis;
    return told.empty() ? "rests" : told;
  }
  std::string of(const NoSignature& n, const Prediction*) const override { return n.told.empty() ? "none" : n.told; }
  std::string basis_of(const SignatureFinding& f) const override {
    const auto& told = std::get<SignatureEstimate>(f.result).told_basis;
    return told.empty() ? "rests" : told;
  }
  std::string of(ClinicalDoubt d) const override { return "doubt " + std::to_string(static_cast<int>(d)); }
  std::string who_2021_of(const ClinicalRecord& r) const override { return molecular_type(r) ? "type" : ""; }
  std::string note_on(const RadiomicsFinding& r) const override { return r.told_note.empty() ? "note" : r.told_note; }
  std::string why_no_tumour() const override { return "nothing"; }
};

Preparation prepared() {
  Preparation p{.patient = "sub-01", .reference = Sequence::T1Gd};
  p.inputs = {{Sequence::T1, "aa"}, {Sequence::T1Gd, "bb"}};
  p.stripped = true;
  p.zero_fraction = {{Sequence::T1, 0.5}};
  p.steps = {"one", "two"};
  Alignment a;
  a.reference_to_sequence[3] = -0.25;
  a.bias_field_range = 1.4;
  a.registration = {.rotation_degrees = 3, .information_before = 0.1, .overlap_after = 0.98, .kept_headers = true};
  p.alignment = {{Sequence::T1, a}, {Sequence::T1Gd, {}}};
  p.brain_extraction = {.agreement_with_atlas = 0.95, .mutual_information = 0.4};
  p.brain_mask = {.sha256 = "cc", .labels = "any", .sequence = Sequence::T2};
  p.brain_volume_cm3 = 1300;
  p.brain_covered = std::nan("");
  p.quality[Sequence::T1] = {.size = {1, 2, 3}, .spacing_mm = {1, 1, 2}, .orientation = "LPS", .snr = std::nan("")};
  p.warnings = {Remark::told("w"), {.kind = Remark::Kind::LessCertain, .sequence = Sequence::T2}};
  p.run_key = "key";
  p.provenance = {.version = "1", .backend = "b", .created = "now", .threads = 2};
  p.timings_s = {{"read", 0.5}, {"preprocess: brain", 1.25}};
  return p;
}

Prediction predicted() {
  Prediction p{.preparation = prepared()};
  p.preparation.provenance.models = {{"segmentation", "s"}};
  p.preparation.provenance.models_key = "mk";
  p.missing_sequences = {Sequence::T2};
  p.not_computed = {{.kind = Remark::Kind::NoSurvival}};
  p.outlined_by_user = true;
  p.tumour_mask = {.sha256 = "dd", .labels = "1, 4", .sequence = Sequence::T1};
  p.tumour = {.volume_cm3 = 12.5, .components = 2, .largest_diameter_mm = 40, .left_fraction = 0.8};
  p.tumour->location = {.main = Lobe::Insular, .lobes = {{Lobe::Insular, 0.75}, {Lobe::Deep, 0.25}}};
  p.radiomics = {.sequence = Sequence::T1Gd,
                 .grey_levels = 30,
                 .shape = {{"a", 1.5, "mm"}},
                 .first_order = {{"b", std::nan(""), "1"}}};
  p.enhancement = {.verdict = Enhancement::Verdict::Yes, .volume_cm3 = 3, .fraction = 0.2};
  p.patch = {.size_zyx = {48, 64, 48}, .spacing_mm = 2, .centre_lps_mm = {1, 2, 3}, .shrunk_to_fit = true};
  p.deep_features = {0.5, 0.25};
  p.grade = GradeEstimate{.probability = 0.9, .low = 0.8, .high = 0.95, .logit = 2, .calibration_patients = 24};
  p.models = {{"n", "net", "data", "auc", "limits"}};
  return p;
}

/// Whether JSON holds a number anywhere.
bool holds_number(const Json& j) {
  if (j.is_number()) return true;
  return j.is_structured() && std::ranges::any_of(j, [](const Json& part) { return holds_number(part); });
}

TEST(PredictionJson, ReadsBackAsItWasWritten) {
  const Tokens words;
  const Json json = to_json(predicted(), words);
  const Prediction back = prediction_from_json(json);
  EXPECT_EQ(to_json(back, words).dump(), json.dump());
  EXPECT_EQ(std::get<GradeEstimate>(back.grade).high, 0.95);
  EXPECT_EQ(back.tumour->location->lobes[1].first, Lobe::Deep);
  EXPECT_TRUE(std::isnan(back.radiomics->first_order[0].value));
  EXPECT_EQ(back.preparation.warnings[1].text, "remark 2");
  EXPECT_TRUE(back.preparation.alignment.at(Sequence::T1).registration->kept_headers);
}

TEST(PredictionJson, OfAFusedModelAndADemonstrationReadsBack) {
  Prediction p = predicted();
  p.deep_features.reset();
  p.network_features = {{1, 2}, {3, 4.5}};
  p.grade = GradeEstimate{.probability = 0.9, .low = 0.8, .high = 0.95, .fusion = {.members = 2}};
  std::get<GradeEstimate>(p.grade).explanation = {
      .base = 0.5,
      .contributions = {{.feature = "deep_001", .network = 2, .value = 1.5, .adds = 0.3},
                        {.feature = "original_shape_Sphericity", .value = std::nan(""), .adds = 0.1}}};
  p.activation = {.high_grade = true, .positions_zyx = {2, 3, 2}, .resolution_mm = 64};
  p.outline_is_demonstration = p.grade_is_demonstration = p.models[0].demonstration = true;
  const Tokens words;
  const Json json = to_json(p, words);
  for (const char* key : {"tumour", "enhancement", "radiomics", "grade"})
    EXPECT_EQ(json[key]["demonstration"], true) << key;
  EXPECT_TRUE(json["grade"]["logit"].is_null());
  EXPECT_EQ(json["deep_features"][1][1], 4.5);
  const auto back = prediction_from_json(json);
  EXPECT_EQ(to_json(back, words).dump(), json.dump());
  EXPECT_EQ(std::get<GradeEstimate>(back.grade).explanation->contributions[0].network, 2U);
  EXPECT_EQ(back.network_features, p.network_features);
  EXPECT_EQ(to_json(predicted(), words)["tumour"]["demonstration"], false);
}

SurvivalEstimate estimated() {
  const double nan = std::nan("");
  SurvivalCurve curve{
      .predictors = {{.column = "age", .value = "90", .given = "90", .points = 120, .outside = {{18, 87}}},
                     {.column = "grade", .value = "G2", .points = nan}},
      .linear_predictor = 0.5,
      .total_points = 130,
      .time = {1, 2},
      .survival = {0.9, 0.5},
      .low = {0.8, nan},
      .high = {1, nan},
      .at = {{.years = 1, .time = 12, .survival = 0.5, .low = nan, .high = nan, .extrapolated = true}},
      .median = 2};
  SurvivalEstimate e{.curves = {curve, curve}, .grade_of_images = true, .page = "nomogram.html"};
  e.curves[1].median.reset();
  return e;
}

TEST(PredictionJson, SurvivalByOneModelAndNotByAnotherReadsBack) {
  Prediction p = predicted();
  p.clinical = {.age = 90, .histology = Histology::Oligodendroglioma, .idh = Idh::Mutant};
  p.survival = {{.model = {.name = "a", .formula = "age", .trained_on = "b", .unit = "months", .n = 5, .events = 2},
                 .result = estimated()},
                {.model = {.name = "c", .demonstration = true}, .result = NoSurvival{}}};
  const Tokens words;
  const Json json = to_json(p, words);
  const auto back = prediction_from_json(json);
  EXPECT_EQ(to_json(back, words).dump(), json.dump());
  EXPECT_EQ(back.clinical, p.clinical);
  const auto& curve = std::get<SurvivalEstimate>(back.survival[0].result).curves[0];
  EXPECT_EQ(curve.predictors[0].outside->second, 87);
  EXPECT_TRUE(std::isnan(curve.at[0].low));
  EXPECT_EQ(std::get<NoSurvival>(back.survival[1].result).told, "none");
  Json refused = json["survival"][1];
  EXPECT_EQ(refused["model"]["demonstration"], true);
  refused.erase("model");
  EXPECT_FALSE(holds_number(refused)) << refused;
  EXPECT_EQ(json["clinical"]["age_years"], 90);
  EXPECT_TRUE(json["clinical"]["sex"].is_null());
  EXPECT_TRUE(to_json(predicted(), words)["clinical"].is_null());
}

TEST(PredictionJson, ASignatureReadsBackAndARefusalHasNoNumber) {
  Prediction p = predicted();
  SignatureEstimate e{
      .value = -0.5,
      .cut = 0.1,
      .high_risk = true,
      .training = TrainingSignatures{-2, -1, 0.1, 1, 2},
      .terms = {{.feature = "deep_003", .member = 2, .value = 4, .unit = "1", .z = -1, .weight = 1, .adds = -0.5}},
      .curve = estimated().curves.front(),
      .grade_of_images = true};
  e.curve->predictors.clear();
  p.signature.emplace();
  p.signature->model = {.name = "s", .members = 2, .deep = true, .unit = "months", .n = 9, .events = 4};
  p.signature->result = e;
  p.grade_is_demonstration = true;
  p.survival = {{.model = {.name = "i"}, .role = SurvivalRole::Integrated, .result = NoSurvival{}}};
  const Tokens words;
  const Json json = to_json(p, words);
  EXPECT_EQ(json["signature"]["risk_group"], "high");
  EXPECT_EQ(json["signature"]["demonstration"], true) << "it stands by a grade that is one";
  const auto back = prediction_from_json(json);
  EXPECT_EQ(to_json(back, words).dump(), json.dump());
  EXPECT_EQ(back.survival[0].role, SurvivalRole::Integrated);
  EXPECT_EQ(std::get<SignatureEstimate>(back.signature->result).terms, e.terms);
  p.signature->result = NoSignature{};
  const Json refused = to_json(p, words)["signature"];
  EXPECT_EQ(refused["reason"], "none");
  Json without = refused;
  without.erase("model");
  EXPECT_FALSE(holds_number(without)) << without;
  EXPECT_EQ(to_json(prediction_from_json(to_json(p, words)), words)["signature"], refused);
  EXPECT_TRUE(to_json(predicted(), words)["signature"].is_null());
}

TEST(PredictionJson, OfAPreparationReadsBack) {
  const Tokens words;
  const Json json = to_json(prepared(), words);
  EXPECT_EQ(json["schema"], "gliocast-preprocessing-1");
  EXPECT_FALSE(json["provenance"].contains("models"));
  EXPECT_EQ(to_json(preparation_from_json(json), words).dump(), json.dump());
}

TEST(PredictionJson, WithoutTumourAndGradeHasNoNumberOfThem) {
  Prediction p = predicted();
  p.tumour.reset();
  p.radiomics.reset();
  p.patch.reset();
  p.deep_features.reset();
  p.grade = NoReliableGrade{};
  const Tokens words;
  const Json json = to_json(p, words);
  EXPECT_FALSE(holds_number(json["grade"])) << json["grade"];
  EXPECT_FALSE(holds_number(json["tumour"])) << json["tumour"];
  EXPECT_TRUE(json["radiomics"].is_null());
  EXPECT_TRUE(json["deep_features"].is_null());
  EXPECT_FALSE(json.contains("patch"));
  const auto back = prediction_from_json(json);
  EXPECT_EQ(std::get<NoReliableGrade>(back.grade).told, "refused");
  EXPECT_FALSE(back.tumour);
}

TEST(PredictionJson, OfAnotherFormIsRefused) {
  const Json good = to_json(predicted(), Tokens());
  for (const char* key : {"patient", "inputs", "quality", "grade", "enhancement", "not_computed"}) {
    Json bad = good;
    bad.erase(key);
    EXPECT_THROW((void)prediction_from_json(bad), Error) << key;
    bad[key] = 7;
    EXPECT_THROW((void)prediction_from_json(bad), Error) << key;
  }
  Json unknown = good;
  unknown["reference"] = "ct";
  EXPECT_THROW((void)prediction_from_json(unknown), Error);
}

}  // namespace
}  // namespace gliocast::findings
