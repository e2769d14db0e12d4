#include <gliocast/report/wording.hpp>

#include <gliocast/core/numbers.hpp>
#include <gliocast/core/text.hpp>

#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>

namespace gliocast::report {
namespace {

using findings::Enhancement;
using findings::Remark;

std::string name_of(const std::optional<Sequence>& s) { return s ? std::string(display_name(*s)) : std::string(); }

/// A share as a whole per cent.
std::string percent(double share) { return decimal(100 * share, 0); }

std::string obstacle(const Enhancement& e) {
  switch (e.obstacle) {
    case Enhancement::Obstacle::SequenceMissing:
      return "needs T1 and T1-Gd; " + name_of(e.missing) + " is missing";
    case Enhancement::Obstacle::NoTumour:
      return "no tumour was found";
    case Enhancement::Obstacle::TooLittleNormalBrain:
      return "too little normal brain with signal above 0 to compare with";
    case Enhancement::Obstacle::NotShown:
      return "T1 and T1-Gd do not both show the tumour";
    case Enhancement::Obstacle::Told:
    case Enhancement::Obstacle::None:
      break;
  }
  return e.told;
}

std::string no_signature_of(const findings::Prediction* prediction) {
  const auto* none = prediction && prediction->signature
                         ? std::get_if<findings::NoSignature>(&prediction->signature->result)
                         : nullptr;
  return none ? EnglishWording().of(*none, prediction) : std::string("no model of one is there");
}

std::string refusal_of(const findings::Prediction* prediction) {
  const auto* refusal = prediction ? std::get_if<findings::NoReliableGrade>(&prediction->grade) : nullptr;
  return refusal ? EnglishWording().of(*refusal) : std::string();
}

/// Survival that is not told: nothing was said of the patient, or each model's reason.
std::string no_survival(const findings::Prediction* prediction) {
  std::string text;
  if (prediction)
    for (const auto& f : prediction->survival)
      if (const auto* none = std::get_if<findings::NoSurvival>(&f.result))
        text +=
            (text.empty() ? "Survival by " : "; by ") + f.model.name + ": " + EnglishWording().of(*none, prediction);
  if (!text.empty()) return text + ".";
  return "Survival: nothing was said of the patient; --age, --histology and --grade, or a table with --clinical, say "
         "what a model needs.";
}

/// Why there is no signature: no model, or the model's reason.
std::string no_signature(const findings::Prediction* prediction) {
  if (prediction && prediction->signature)
    return "Signature by " + prediction->signature->model.name + ": " + no_signature_of(prediction) + ".";
  return "Signature of survival: no model of one is there; --signature-model names one that was trained on a cohort's "
         "images.";
}

/// What was not computed, and why.
std::string not_computed(const Remark& r, const findings::Prediction* prediction) {
  switch (r.kind) {
    case Remark::Kind::NoSurvival:
      return no_survival(prediction);
    case Remark::Kind::NoFilteredFeatures:
      return "Features of filtered images (wavelet, LoG and others): `gliocast radiomics` computes them from the "
             "written images.";
    case Remark::Kind::NoTableModel:
      return "Grade by the model grade-ucsf: not used; it reads features of UCSF's own images, from which those of the "
             "same patient in another archive differ by more than 1 %.";
    case Remark::Kind::NothingToMeasure:
      return "Radiomics, patch, deep features and grade: no tumour was found.";
    case Remark::Kind::NoLobe:
      return "Lobe: " + r.text + ".";
    case Remark::Kind::NoEnhancement:
      return "Contrast enhancement: " + (prediction ? obstacle(prediction->enhancement) : std::string()) + ".";
    case Remark::Kind::NoGrade:
      return "Grade: " + refusal_of(prediction) + ".";
    case Remark::Kind::NoSignature:
      return no_signature(prediction);
    case Remark::Kind::NoExplanation:
      return "What moved the grade: a classifier reads more than 16 features; Shapley values are computed of up to 16.";
    default:
      return r.text;
  }
}

}  // namespace

std::string EnglishWording::of(const Remark& r, const findings::Prediction* prediction) const {
  const std::string name = name_of(r.sequence);
  switch (r.kind) {
    case Remark::Kind::Told:
      return r.text;
    case Remark::Kind::RanWithoutSequence:
      return name + (r.left_out ? " was left out" : " is missing") +
             ": the networks ran without it, which they were trained for, with less certainty.";
    case Remark::Kind::LessCertain:
      return name + " is missing: outline and grade were made without it and are less certain";
    case Remark::Kind::OutlineBeyond:
      return percent(r.share) + " % of the outline lie where " + name +
             " was not imaged; there it was drawn without it and is less certain";
    case Remark::Kind::GivenMaskOutside:
      return percent(r.share) + " % of the given tumour mask lie outside the brain and are not measured";
    default:
      return not_computed(r, prediction);
  }
}

std::string EnglishWording::of(const Enhancement& e) const {
  if (!e.told.empty() || e.verdict == Enhancement::Verdict::NotMeasurable) return obstacle(e);
  std::string text = decimal(e.volume_cm3) + " cm³ (" + percent(e.fraction) +
                     " % of the tumour) brighter on T1-Gd than on T1; yes from " +
                     decimal(findings::kEnhancementVolumeCm3) + " cm³ on";
  if (e.shown < 1)
    text += "; measured on the " + std::to_string(std::lround(100 * e.shown)) +
            " % of the tumour that T1 and T1-Gd both show";
  return text;
}

std::string EnglishWording::of(const findings::NoReliableGrade& refusal) const {
  using Reason = findings::NoReliableGrade::Reason;
  switch (refusal.reason) {
    case Reason::NoTumour:
      return "no tumour was found";
    case Reason::NoCalibration:
      return "the grading model carries no calibration";
    case Reason::NoRefits:
      return "the grading model carries no bootstrap refits, and so no interval";
    case Reason::SequenceMissing:
      return "the grading model needs radiomics of " + name_of(refusal.sequence) + ", which is missing";
    case Reason::SequenceEnds:
      return "the grading model needs radiomics of the whole tumour on " + name_of(refusal.sequence) +
             ", which does not show all of it";
    case Reason::FeatureUndefined:
      return "the grading model needs the feature " + refusal.told + ", which is not defined for this tumour";
    case Reason::ThickSlices:
      return "slices of " + decimal(refusal.slice_mm) + " mm; the grading network has learned from slices of 1 mm only";
    case Reason::IntervalHoldsHalf:
      return "the 95 % interval of the probability holds 50 %: it speaks for neither low nor high grade";
    case Reason::Told:
      break;
  }
  return refusal.told;
}

std::string EnglishWording::basis_of(const findings::GradeEstimate& e) const {
  if (!e.told_basis.empty()) return e.told_basis;
  if (e.fusion.members > 0)
    return "Mean of " + std::to_string(e.fusion.members) + " classifiers of radiomics (" +
           std::string(display_name(e.fusion.sequence)) +
           ") and deep features, each fitted to patients whom its network had not seen; the interval is of " +
           std::to_string(e.fusion.refits) +
           " bootstrap refits and holds no other source of error. Not clinically validated.";
  return "Calibrated on " + std::to_string(e.calibration_patients) +
         " cross-validated patients; the interval is their bootstrap's and holds no other source of error. Not "
         "clinically validated.";
}

std::string EnglishWording::of(const findings::ActivationFinding& a, const findings::Fusion& fusion) const {
  const auto& n = a.positions_zyx;
  const std::string networks = fusion.members > 1 ? "networks" : "network";
  return "Colour: what in the patch speaks for " + std::string(a.high_grade ? "high" : "low") +
         " grade to the grading " + networks +
         " (Grad-CAM of the last convolution stage; Selvaraju et al. 2017), relative to " +
         "the strongest place. The stage has " + std::to_string(n[2]) + "×" + std::to_string(n[1]) + "×" +
         std::to_string(n[0]) + " positions of up to " + decimal(a.resolution_mm, 0) +
         " mm, between which the map is interpolated: it is coarse, no outline and no map of malignancy, and it does "
         "not show "
         "that the grade is right." +
         (fusion.members > 0 ? " It is of the " + networks + " alone, without the radiomics." : "");
}

std::string EnglishWording::what_a_grade_supposes() const {
  return "The grade supposes a glioma confirmed by other means: in a brain without one a tumour may be outlined and a "
         "grade be stated all the same.";
}

std::string EnglishWording::of(const findings::NoSurvival& refusal, const findings::Prediction* prediction) const {
  using Reason = findings::NoSurvival::Reason;
  const std::string holds = "the model holds for WHO grade 2 and 3 alone";
  switch (refusal.reason) {
    case Reason::GradeUnknown:
      return "no grade was given and none is stated from the images (" + refusal_of(prediction) + "); " + holds +
             ": give the grade";
    case Reason::HighGradeGiven:
      return "a high grade (WHO 4) was given; " + holds;
    case Reason::HighGradeStated:
      return "no grade was given, and the images speak for high grade (WHO IV); " + holds;
    case Reason::Glioblastoma:
      return "the histology given is glioblastoma; " + holds;
    case Reason::PredictorMissing:
      return "the model needs what was not given: " + listed(refusal.names);
    case Reason::LevelUnknown:
      return "the model does not know the value given of " + listed(refusal.names);
    case Reason::NoRiskGroup:
      return "the model needs the risk group of a signature, and there is none (" + no_signature_of(prediction) + ")";
    case Reason::Told:
      break;
  }
  return refusal.told;
}

std::string EnglishWording::of(const findings::NoSignature& refusal, const findings::Prediction* prediction) const {
  using Reason = findings::NoSignature::Reason;
  switch (refusal.reason) {
    case Reason::NoLowerGrade:
      return of(refusal.grade, prediction);
    case Reason::NoTumour:
      return "no tumour was found";
    case Reason::SequenceMissing:
      return "the model reads " + name_of(refusal.sequence) + ", which is missing";
    case Reason::SequenceEnds:
      return "the model needs radiomics of the whole tumour on " + name_of(refusal.sequence) +
             ", which does not show all of it";
    case Reason::FeatureUndefined:
      return "the model needs the feature " + refusal.told + ", which is not defined for this tumour";
    case Reason::PatientFitted:
      return "a network of the model was fitted to a patient of this name, of whom it would flatter itself; where this "
             "is another patient, give another name with --id";
    case Reason::Told:
      break;
  }
  return refusal.told;
}

namespace {

std::string start_of_networks(const findings::SignatureModelFacts& m) {
  if (!m.transfer_learning) return {};
  return *m.transfer_learning ? " of networks that started from published weights (transfer learning)"
                              : " of networks that started from random weights (transfer learning was not used)";
}

}  // namespace

std::string EnglishWording::basis_of(const findings::SignatureFinding& f) const {
  const auto& e = std::get<findings::SignatureEstimate>(f.result);
  if (!e.told_basis.empty()) return e.told_basis;
  const auto& m = f.model;
  const bool several = m.members > 1;
  std::string text = "Model " + m.name + ": " +
                     (several ? "the mean of " + std::to_string(m.members) + " weighted sums" : "a weighted sum") +
                     " of z-scores of radiomics (" + std::string(display_name(m.sequence)) + ")" +
                     (m.deep ? " and deep features" : "") + start_of_networks(m) + ", fitted to " +
                     std::to_string(m.n) + " patients with " + std::to_string(m.events) + " deaths: " + m.trained_on +
                     ". ";
  if (!e.curve)
    text += "It has no Cox model, and so no survival.";
  else
    text += "Survival is by " + std::string(several ? "Cox models" : "a Cox model") +
            " of the signatures that training patients got from fits without them, followed for up to " +
            decimal(m.follow_up, 0) + " " + m.unit + "; the 95 % interval is that of the fit" +
            (several ? "s, the mean of the members' limits," : "") + " and holds no other source of error.";
  if (e.grade_of_images)
    text +=
        " No grade was given: it is supposed that the images' probability of high grade, which speaks for a lower "
        "one, is right.";
  return text + " Not clinically validated.";
}

std::string EnglishWording::basis_of(const findings::SurvivalFinding& f) const {
  const auto& e = std::get<findings::SurvivalEstimate>(f.result);
  if (!e.told_basis.empty()) return e.told_basis;
  const bool interval = !e.curves.empty() && !e.curves[0].at.empty() && std::isfinite(e.curves[0].at[0].low);
  std::string text = "Cox model " + f.model.name + " (" + f.model.formula + "), fitted to " +
                     std::to_string(f.model.n) + " patients with " + std::to_string(f.model.events) +
                     " deaths, followed for up to " + decimal(f.model.follow_up, 0) + " " + f.model.unit + ": " +
                     f.model.trained_on + ". ";
  text += interval ? "The 95 % interval is that of the fit and holds no other source of error."
                   : "The model has no variance, and so no interval.";
  if (e.grade_of_images)
    text +=
        " No grade was given: the curves suppose that the images' probability of high grade, which speaks for a "
        "lower one, is right.";
  return text + " Not clinically validated.";
}

std::string EnglishWording::of(findings::ClinicalDoubt doubt) const {
  using D = findings::ClinicalDoubt;
  switch (doubt) {
    case D::WildtypeLowerGrade:
      return "IDH-wildtype with grade 2 or 3: by WHO 2021 glioblastoma, IDH-wildtype (grade 4) may apply by molecular "
             "criteria (TERT promoter mutation, EGFR amplification, +7/−10); the survival model does not know IDH.";
    case D::WildtypeCodeleted:
      return "IDH-wildtype with a codeletion of 1p/19q is no type of WHO 2021; check both results.";
    case D::OligodendrogliomaIntact:
      return "Oligodendroglioma was given, and 1p/19q intact: by WHO 2021 an oligodendroglioma is codeleted.";
    case D::OligodendrogliomaWildtype:
      return "Oligodendroglioma was given, and IDH-wildtype: by WHO 2021 an oligodendroglioma is IDH-mutant.";
    case D::OligodendrogliomaGrade4:
      return "Oligodendroglioma was given, and grade 4: WHO 2021 knows grade 2 and 3 of it.";
    case D::AstrocytomaCodeleted:
      return "Astrocytoma was given, and 1p/19q codeleted: with an IDH mutation that is an oligodendroglioma by WHO "
             "2021.";
    case D::Oligoastrocytoma:
      return "Oligoastrocytoma was given: by WHO 2021 IDH and 1p/19q make it an astrocytoma or an oligodendroglioma.";
    case D::GlioblastomaMutant:
      return "Glioblastoma was given, and IDH-mutant: WHO 2021 calls it astrocytoma, IDH-mutant, grade 4.";
    case D::GlioblastomaLowerGrade:
      return "Glioblastoma was given, and a lower grade: glioblastoma has grade 4.";
    case D::GradeAgainstImages:
      return "A lower grade was given, and the images speak for high grade (WHO IV): survival is that of the grade "
             "given.";
  }
  return {};
}

std::string EnglishWording::who_2021_of(const findings::ClinicalRecord& record) const {
  using Type = findings::MolecularType;
  using findings::WhoGrade;
  const auto type = molecular_type(record);
  if (!type) return {};
  const bool numbered = record.grade && *record.grade != WhoGrade::Low && *record.grade != WhoGrade::High;
  const std::string grade = numbered ? ", grade " + field_text(record, findings::ClinicalField::Grade) : "";
  switch (*type) {
    case Type::Oligodendroglioma:
      return "oligodendroglioma, IDH-mutant and 1p/19q-codeleted" + grade;
    case Type::Astrocytoma:
      return "astrocytoma, IDH-mutant" + grade;
    case Type::MutantWithoutCodel:
      return "astrocytoma, IDH-mutant, or oligodendroglioma, IDH-mutant and 1p/19q-codeleted" + grade +
             ": 1p/19q decides";
    case Type::WildtypeGlioblastoma:
      return record.grade == WhoGrade::Four || record.grade == WhoGrade::High
                 ? "glioblastoma, IDH-wildtype, grade 4"
                 : "glioblastoma, IDH-wildtype, grade 4, where molecular criteria or histology say so";
  }
  return {};
}

std::string EnglishWording::note_on(const findings::RadiomicsFinding& r) const {
  if (!r.told_note.empty()) return r.told_note;
  constexpr std::size_t kFewLevels = 16;
  std::string note = "PyRadiomics' definitions and names, on the 1 mm working grid; " + std::to_string(r.grey_levels) +
                     " grey levels.";
  if (r.shown < 1)
    note += " Intensities and texture are of the " + std::to_string(std::lround(100 * r.shown)) +
            " % of the tumour that " + std::string(display_name(r.sequence)) + " shows.";
  if (r.grey_levels < kFewLevels) note += " Fewer than 16 grey levels: intensity features say little.";
  return note;
}

std::string EnglishWording::why_no_tumour() const { return "the network marked nothing larger than 0.2 cm³"; }

std::vector<std::string> extrapolations_of(const findings::SurvivalEstimate& e) {
  std::vector<std::string> sentences;
  for (const auto& p : e.curves.front().predictors)
    if (p.outside)
      sentences.push_back(p.column + " " + p.value + " lies outside " + shortest(p.outside->first) + " to " +
                          shortest(p.outside->second) + ", which the model has seen: extrapolation.");
  return sentences;
}

namespace {

/// "survival at 3 and 5 years by nomogram-lgg …"; nothing where all times lie within the follow-up.
void add_times(const std::vector<findings::SurvivalCurve>& curves, const std::string& by, double follow_up,
               const std::string& unit, std::vector<std::string>& sentences) {
  std::vector<std::string> years;
  if (!curves.empty())
    for (const auto& at : curves.front().at)
      if (at.extrapolated) years.push_back(shortest(at.years));
  if (!years.empty())
    sentences.push_back("survival at " + listed(years) + " years by " + by + " lies beyond its follow-up, " +
                        decimal(follow_up, 0) + " " + unit + ": the last known survival is carried on.");
}

}  // namespace

std::vector<std::string> extrapolations_of(const findings::Prediction& p) {
  std::vector<std::string> sentences;
  for (const auto& f : p.survival) {
    const auto* e = std::get_if<findings::SurvivalEstimate>(&f.result);
    if (!e) continue;
    for (auto& sentence : extrapolations_of(*e))
      if (std::ranges::find(sentences, sentence) == sentences.end()) sentences.push_back(std::move(sentence));
    add_times(e->curves, f.model.name, f.model.follow_up, f.model.unit, sentences);
  }
  if (!p.signature) return sentences;
  const auto* e = std::get_if<findings::SignatureEstimate>(&p.signature->result);
  if (e && e->curve)
    add_times({*e->curve}, p.signature->model.name, p.signature->model.follow_up, p.signature->model.unit, sentences);
  return sentences;
}

std::vector<std::string> warnings_of(const findings::Prediction& p) {
  const EnglishWording words;
  std::vector<std::string> sentences;
  const auto add = [&](std::string sentence) {
    if (std::ranges::find(sentences, sentence) == sentences.end()) sentences.push_back(std::move(sentence));
  };
  for (const auto& warning : p.preparation.warnings) add(words.of(warning, &p));
  if (p.clinical)
    for (const auto doubt : clinical_doubts(*p.clinical, p.grade)) add(words.of(doubt));
  for (auto& sentence : extrapolations_of(p)) add(std::move(sentence));
  return sentences;
}

}  // namespace gliocast::report
