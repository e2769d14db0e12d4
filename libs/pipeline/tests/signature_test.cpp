// The signature of one patient: means of its members, where it stands and where not, and the nomograms of its bundle.
#include "../src/signature.hpp"

#include "../src/patient_features.hpp"
#include "made_signatures.hpp"

#include <gliocast/learn/row_marks.hpp>
#include <gliocast/survival/cox_model_file.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

using namespace gliocast;
using namespace gliocast::pipeline;
using findings::NoSignature;
using findings::SignatureEstimate;
using findings::SurvivalRole;

namespace {

const std::vector<std::string> kColumns{"original_firstorder_Mean", "original_firstorder_Range"};

/// A signature of two columns in whose patients both shorten life.
signature::TrainedSignature signature_of(std::uint64_t seed) {
  return trained_on(made_patients(seed, "patient signature", kColumns), seed);
}

models::Bundle nomogram_of(const std::string& formula) {
  const stats::DataFrame frame(TextTable{{"age", "laterality", "risk_group", "time", "event"},
                                         {{"30", "left", "low", "60", "0"},
                                          {"62", "left", "high", "7", "1"},
                                          {"41", "right", "low", "44", "1"},
                                          {"55", "right", "high", "12", "1"},
                                          {"48", "left", "high", "30", "0"},
                                          {"70", "right", "low", "25", "1"},
                                          {"36", "left", "low", "70", "0"},
                                          {"59", "right", "high", "9", "1"}}},
                               "clinical.tsv");
  const auto fit = survival::analyse_cox(frame, {"time", "event", {}, {}, {}, {}}, formula);
  return {.kind = models::Kind::Cox, .name = "nomogram", .payload = survival::to_json(fit.model)};
}

FusedSignature fused_of(std::size_t members) {
  FusedSignature fused;
  for (std::size_t m = 0; m < members; ++m) fused.members.push_back({std::nullopt, signature_of(m + 1)});
  fused.bundle.name = "made";
  fused.bundle.card["trained_on"] = "made patients";
  fused.bundle.payload["radiomics"] = "paper788";
  fused.demonstration = true;
  return fused;
}

learn::FeatureTable row_of(double mean, double range) {
  return patient_table({{kColumns[0], mean}, {kColumns[1], range}}, {}, "");
}

/// A cube of T1-Gd with a tumour in it.
PatientWork made_patient(findings::WhoGrade grade) {
  PatientWork w;
  Geometry g;
  g.size = {16, 16, 16};
  Random random(3, "made patient");
  Volume<float> z(g);
  for (auto& v : z.voxels) v = static_cast<float>(random.normal());
  w.prepared.brain = Mask(g, 1);
  w.prepared.zscores[Sequence::T1Gd] = z;
  w.prepared.parts[Sequence::T1Gd].imaged = Mask(g, 1);
  w.tumour = Mask(g);
  for (std::size_t k = 5; k < 11; ++k)
    for (std::size_t j = 5; j < 11; ++j)
      for (std::size_t i = 5; i < 11; ++i) w.tumour.at(i, j, k) = 1;
  w.found.clinical = findings::ClinicalRecord{.age = 50, .grade = grade};
  w.found.tumour = findings::TumourMeasures{.volume_cm3 = 0.2, .components = 1, .left_fraction = 1};
  return w;
}

const NoSignature& refusal_of(const PatientWork& w) { return std::get<NoSignature>(w.found.signature->result); }

}  // namespace

TEST(PatientSignature, IsTheMeanOfTheMembersAndItsTermsAddUp) {
  const auto fused = fused_of(2);
  const auto row = row_of(0.4, -1.2);
  const auto e = estimate_signature(fused, {row, row}, *analysis::told_times("months"));
  const auto &a = *fused.members[0].signature.model, &b = *fused.members[1].signature.model;
  const double first = a.signature(row)[0], second = b.signature(row)[0];
  EXPECT_DOUBLE_EQ(e.value, (first + second) / 2);
  EXPECT_DOUBLE_EQ(e.cut, (a.parts().cut + b.parts().cut) / 2);
  EXPECT_EQ(e.high_risk, e.value < e.cut);
  double sum = 0;
  for (const auto& t : e.terms) {
    sum += t.adds;
    EXPECT_DOUBLE_EQ(t.adds, t.weight * t.z / 2);
    EXPECT_EQ(t.value, t.feature == kColumns[0] ? 0.4 : -1.2);
  }
  EXPECT_NEAR(sum, e.value, 1e-12);
  EXPECT_TRUE(std::ranges::is_sorted(e.terms,
                                     [](const auto& x, const auto& y) { return std::abs(x.adds) > std::abs(y.adds); }));
  ASSERT_TRUE(e.training);
  EXPECT_DOUBLE_EQ(
      e.training->median,
      (a.parts().survival->ranges.at("signature").median + b.parts().survival->ranges.at("signature").median) / 2);
}

TEST(PatientSignature, TheCurveIsTheMembersMeanUpToTheShorterFollowUp) {
  const auto fused = fused_of(2);
  const auto row = row_of(-0.3, 0.2);
  const auto e = estimate_signature(fused, {row, row}, *analysis::told_times("months"));
  const auto &a = *fused.members[0].signature.model, &b = *fused.members[1].signature.model;
  ASSERT_TRUE(e.curve);
  const double follow_up = std::min(a.parts().survival->last_follow_up(), b.parts().survival->last_follow_up());
  EXPECT_LE(e.curve->time.back(), follow_up);
  ASSERT_EQ(e.curve->at.size(), 3U);
  for (const auto& at : e.curve->at) {
    const auto p = a.survival(a.signature(row), {at.time})[0], q = b.survival(b.signature(row), {at.time})[0];
    EXPECT_EQ(at.time, 12 * at.years);
    EXPECT_DOUBLE_EQ(at.survival, (p.survival[0] + q.survival[0]) / 2);
    EXPECT_DOUBLE_EQ(at.low, (p.low[0] + q.low[0]) / 2);
    EXPECT_DOUBLE_EQ(at.high, (p.high[0] + q.high[0]) / 2);
    EXPECT_EQ(at.extrapolated, at.time > follow_up);
  }
  for (std::size_t i = 0; i < e.curve->time.size(); ++i) {
    const double t = e.curve->time[i];
    EXPECT_DOUBLE_EQ(
        e.curve->survival[i],
        (a.survival(a.signature(row), {t})[0].survival[0] + b.survival(b.signature(row), {t})[0].survival[0]) / 2);
    EXPECT_EQ(e.curve->survival[i] <= 0.5, e.curve->median && t >= *e.curve->median);
  }
}

TEST(PatientSignature, StandsWhereTheClinicalCurveDoesAndWhereTheImagesShowIt) {
  const SignatureEstimator estimator(fused_of(1), "", nn::Device::Cpu);
  cohort::PatientFiles patient;
  patient.id = "a";
  auto w = made_patient(findings::WhoGrade::Four);
  estimator.estimate(w, patient, 1);
  EXPECT_EQ(refusal_of(w).reason, NoSignature::Reason::NoLowerGrade);
  EXPECT_EQ(refusal_of(w).grade.reason, findings::NoSurvival::Reason::HighGradeGiven);
  w = made_patient(findings::WhoGrade::Two);
  w.found.clinical.reset();  // and no grade is stated
  estimator.estimate(w, patient, 1);
  EXPECT_EQ(refusal_of(w).grade.reason, findings::NoSurvival::Reason::GradeUnknown);
  w.found.grade = findings::GradeEstimate{.probability = 0.1, .low = 0.05, .high = 0.2};
  estimator.estimate(w, patient, 1);
  EXPECT_TRUE(std::get<SignatureEstimate>(w.found.signature->result).grade_of_images);
  w = made_patient(findings::WhoGrade::Two);
  w.prepared.parts[Sequence::T1Gd].imaged = w.tumour;
  w.prepared.parts[Sequence::T1Gd].imaged.at(7, 7, 7) = 0;
  w.prepared.parts[Sequence::T1Gd].imaged.at(8, 7, 7) = 0;
  for (std::size_t i = 5; i < 11; ++i) w.prepared.parts[Sequence::T1Gd].imaged.at(i, 6, 6) = 0;
  estimator.estimate(w, patient, 1);
  EXPECT_EQ(refusal_of(w).reason, NoSignature::Reason::SequenceEnds);
  w = made_patient(findings::WhoGrade::Three);
  w.prepared.zscores[Sequence::T1] = w.prepared.zscores.extract(Sequence::T1Gd).mapped();
  estimator.estimate(w, patient, 1);
  EXPECT_EQ(refusal_of(w).reason, NoSignature::Reason::SequenceMissing);
  EXPECT_EQ(refusal_of(w).sequence, Sequence::T1Gd);
  w.tumour = Mask(w.tumour.geometry);
  estimator.estimate(w, patient, 1);
  EXPECT_EQ(refusal_of(w).reason, NoSignature::Reason::NoTumour);
  EXPECT_EQ(std::ranges::count(w.found.not_computed, findings::Remark::Kind::NoSignature, &findings::Remark::kind), 2);
}

TEST(PatientSignature, APatientWhoFittedIsRefusedByTheNameOfTheFolder) {
  auto fused = fused_of(1);
  auto& trained = fused.members[0].signature;
  for (const auto& column : trained.model->needed_columns())
    trained.origins[column] = std::make_shared<const learn::ColumnOrigin>(learn::ColumnOrigin{"net", {"SIM-7"}});
  cohort::PatientFiles patient;
  auto w = made_patient(findings::WhoGrade::Two);
  const auto is_refused = [&](const std::string& id, const std::string& found_at) {
    patient.id = id;
    patient.found_at = found_at;
    SignatureEstimator(fused, "months", nn::Device::Cpu).estimate(w, patient, 1);
    return std::holds_alternative<NoSignature>(w.found.signature->result) &&
           refusal_of(w).reason == NoSignature::Reason::PatientFitted;
  };
  EXPECT_FALSE(is_refused("sub-01", "/data/SIM-7")) << "simulated patients have one another's names";
  NamedNumbers values;
  for (const auto& t : std::get<SignatureEstimate>(w.found.signature->result).terms)
    values.emplace_back(t.feature, t.value);
  trained.marks = learn::row_marks(patient_table(values, {}, ""), trained.model->needed_columns());
  EXPECT_TRUE(is_refused("sub-01", "/data/SIM-7")) << "one who fitted has their features too";
  EXPECT_FALSE(is_refused("sub-01", "/data/SIM-8"));
  trained.marks.clear();
  fused.demonstration = false;
  EXPECT_TRUE(is_refused("sub-01", "/data/SIM-7")) << "by the name alone: outline or images may be others";
  EXPECT_FALSE(is_refused("sub-01", "/data/SIM-8"));
  EXPECT_FALSE(is_refused("other", "/data/SIM-7")) << "by --id: another patient";
}

TEST(PatientSignature, TheIntegratedNomogramReadsTheRiskGroupAndTheImages) {
  auto fused = fused_of(1);
  fused.clinical_nomogram = nomogram_of("age + laterality");
  fused.integrated_nomogram = nomogram_of("age + risk_group");
  const SignatureEstimator estimator(fused, "", nn::Device::Cpu);
  cohort::PatientFiles patient;
  auto w = made_patient(findings::WhoGrade::Two);
  estimator.estimate(w, patient, 1);
  const auto& e = std::get<SignatureEstimate>(w.found.signature->result);
  ASSERT_EQ(w.found.survival.size(), 2U);
  EXPECT_EQ(w.found.survival[0].role, SurvivalRole::SignatureClinical);
  EXPECT_EQ(w.found.survival[1].role, SurvivalRole::Integrated);
  const auto& clinical = std::get<findings::SurvivalEstimate>(w.found.survival[0].result).curves.front();
  EXPECT_EQ(clinical.predictors[1].value, "left");
  EXPECT_EQ(clinical.predictors[1].given, "left (from the images)");
  const auto& f = w.found.survival[1];
  EXPECT_TRUE(f.model.demonstration);
  EXPECT_EQ(f.model.name, "made, integrated nomogram");
  const auto& estimate = std::get<findings::SurvivalEstimate>(f.result);
  EXPECT_EQ(estimate.page, "nomogram_integrated.html");
  EXPECT_EQ(estimate.curves.front().predictors[1].value, e.high_risk ? "high" : "low");
  EXPECT_TRUE(estimate.curves.front().predictors[1].given.ends_with("(by the signature)"));
  w = made_patient(findings::WhoGrade::Two);
  w.prepared.zscores.clear();  // no signature, and so no risk group; clinical facts stand
  estimator.estimate(w, patient, 1);
  EXPECT_TRUE(std::holds_alternative<findings::SurvivalEstimate>(w.found.survival[0].result));
  EXPECT_EQ(std::get<findings::NoSurvival>(w.found.survival[1].result).reason,
            findings::NoSurvival::Reason::NoRiskGroup);
}

TEST(PatientSignature, FarBeyondItsTrainingItIsTold) {
  auto fused = fused_of(1);
  const SignatureEstimator estimator(fused, "months", nn::Device::Cpu);
  auto w = made_patient(findings::WhoGrade::Two);  // z-scores × 100: the range is hundreds, in training it was about 2
  estimator.estimate(w, {}, 1);
  ASSERT_FALSE(w.found.preparation.warnings.empty());
  EXPECT_NE(w.found.preparation.warnings.front().text.find("far outside the range of the patients who fitted"),
            std::string::npos);
  fused.demonstration = false;
  EXPECT_THROW(SignatureEstimator(fused, "", nn::Device::Cpu), Error) << "the unit of the times is not known";
  fused.bundle.card["unit"] = "days";
  EXPECT_NO_THROW(SignatureEstimator(fused, "", nn::Device::Cpu));
}
