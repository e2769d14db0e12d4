#include "write_patient.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/run_key.hpp>
#include <gliocast/imageio/nifti.hpp>

#include <cmath>
#include <set>

namespace gliocast::simulation {
namespace {

namespace fs = std::filesystem;

std::string bids_id(const std::string& id) {
  std::string plain = "sub-";
  for (const char c : id)
    if (std::isalnum(static_cast<unsigned char>(c))) plain += c;
  return plain;
}

fs::path sequence_file(const CohortOptions& o, const std::string& id, Sequence s) {
  if (o.layout == Layout::Bids)
    return image_folder(o, id) / (bids_id(id) + "_" + std::string(bids_name(s)) + ".nii.gz");
  constexpr std::array<const char*, 4> ending{"_t1", "_t1ce", "_t2", "_flair"};
  return image_folder(o, id) / (id + ending[static_cast<std::size_t>(s)] + ".nii.gz");
}

fs::path label_file(const CohortOptions& o, const std::string& id, const std::string& what) {
  if (o.layout == Layout::Bids)
    return o.out / "derivatives" / "truth" / bids_id(id) / "anat" /
           (bids_id(id) + "_" + (what == "seg" ? "desc-true_dseg" : "desc-" + what + "_label-tumor_mask") + ".nii.gz");
  return image_folder(o, id) / (id + "_" + what + ".nii.gz");
}

Volume<std::int16_t> to_int16(const Volume<float>& image) {
  Volume<std::int16_t> out(image.geometry);
  for (std::size_t i = 0; i < out.voxels.size(); ++i) out.voxels[i] = static_cast<std::int16_t>(image.voxels[i]);
  return out;
}

/// A mask or label map of the patient's box, in the frame of the BraTS-like images, or as it is for raw ones.
Volume<std::uint8_t> place(const PatientAnatomy& patient, const std::vector<std::uint8_t>& values, bool in_frame) {
  if (!in_frame) return {patient.geometry, values};
  const Geometry frame = brats_frame(patient.geometry.spacing_mm[0]);
  Volume<std::uint8_t> out(frame);
  const Vec3 o = frame.lps_mm_to_index(patient.geometry.origin_mm);
  const Size3& s = patient.geometry.size;
  for (std::size_t z = 0; z < s[2]; ++z)
    for (std::size_t y = 0; y < s[1]; ++y)
      for (std::size_t x = 0; x < s[0]; ++x)
        out.at(static_cast<std::size_t>(std::lround(o[0])) + x, static_cast<std::size_t>(std::lround(o[1])) + y,
               static_cast<std::size_t>(std::lround(o[2])) + z) = values[x + s[0] * (y + s[1] * z)];
  return out;
}

Json truth_json(const PatientPlan& p, const PatientAnatomy& a, const ClinicalRow& row) {
  std::array<std::size_t, 5> n{};
  for (const auto l : a.label) ++n[l];
  const double voxel_cm3 = a.geometry.voxel_volume_mm3() / 1000;
  const double whole = static_cast<double>(n[1] + n[2] + n[4]) * voxel_cm3;
  return {{"patient", p.id},
          {"seed", p.seed},
          {"number", p.number},
          {"centre", row.centre},
          {"age", row.age},
          {"sex", row.sex},
          {"grade", row.grade},
          {"who_grade", row.who_grade},
          {"histology", row.histology},
          {"location", row.location},
          {"laterality", row.laterality},
          {"enhancing", row.enhancing},
          {"tumour_volume_cm3", whole},
          {"core_volume_cm3", static_cast<double>(n[1] + n[4]) * voxel_cm3},
          {"enhancing_volume_cm3", static_cast<double>(n[4]) * voxel_cm3},
          {"tumour_centre_lps_mm", a.tumour_centre_mm},
          {"texture_latent", p.latent},
          {"mass_effect", p.mass_effect},
          {"rim_mm", p.rim_mm},
          {"rim_completeness", p.rim_completeness}};
}

ClinicalRow row_of(const Json& j) {
  ClinicalRow r;
  r.id = j.at("patient");
  r.sex = j.at("sex");
  r.grade = j.at("grade");
  r.histology = j.at("histology");
  r.centre = j.at("centre");
  r.location = j.at("location");
  r.laterality = j.at("laterality");
  r.age = j.at("age");
  r.time_months = j.at("time_months");
  r.who_grade = j.at("who_grade");
  r.event = j.at("event");
  r.enhancing = j.at("enhancing");
  return r;
}

/// Changes with everything that a patient's images depend on.
std::string patient_key(const CohortOptions& o, const std::string& id) {
  RunKey key("simulate", 1);
  key.add("id", id).add("seed", o.seed).add("centres", o.centres);
  key.add("high_grade", o.high_grade_fraction).add("raw", o.form == Form::Raw).add("bids", o.layout == Layout::Bids);
  key.add("flair", o.flair).add("raters", o.raters).add("atlas", o.atlas.string());
  if (o.spacing_mm != 1) key.add("spacing", o.spacing_mm);
  if (o.only_sequence) key.add("only_sequence", key_name(*o.only_sequence));
  return key.sha256();
}

std::set<Sequence> sequences_of(const CohortOptions& o) {
  if (o.only_sequence) return {*o.only_sequence};
  std::set<Sequence> all(kAllSequences.begin(), kAllSequences.end());
  if (!o.flair) all.erase(Sequence::Flair);
  return all;
}

double one_decimal(double v) { return std::round(10 * v) / 10; }

/// Draws time and event into the row and what they come from into the truth.
void add_survival(const PatientPlan& plan, const CohortOptions& o, ClinicalRow& row, Json& truth) {
  const SurvivalTruth survival = draw_survival(plan, row.enhancing, o.texture_term, o.outcome_seed.value_or(plan.seed));
  row.time_months = std::max(0.1, one_decimal(std::min(survival.time_months, survival.censoring_months)));
  row.event = survival.event;
  truth["log_hazard_ratio"] = survival.log_hazard_ratio;
  truth["survival_months"] = survival.time_months;
  truth["censoring_months"] = survival.censoring_months;
  truth["time_months"] = row.time_months;
  truth["event"] = row.event;
}

/// Says in the truth what is not as usual in its outcome.
void mark_outcome(const CohortOptions& o, Json& truth) {
  truth.erase("texture_term");
  truth.erase("outcome_seed");
  if (!o.texture_term) truth["texture_term"] = false;
  if (o.outcome_seed) truth["outcome_seed"] = *o.outcome_seed;
}

/// A patient whose images are there: read back, with the outcome that the options ask for.
ClinicalRow earlier_patient(const PatientPlan& plan, const CohortOptions& o, const std::filesystem::path& truth_file,
                            Json truth) {
  ClinicalRow row = row_of(truth);
  const Json before = truth;
  add_survival(plan, o, row, truth);
  mark_outcome(o, truth);
  if (truth != before) write_json(truth_file, truth);
  return row;
}

}  // namespace

fs::path image_folder(const CohortOptions& o, const std::string& id) {
  return o.layout == Layout::Bids ? o.out / bids_id(id) / "anat" : o.out / id;
}

namespace {

/// What a study's criteria exclude, drawn apart from all else: no image shows it.
ClinicalRow with_exclusions(ClinicalRow row, std::uint64_t seed, std::size_t number) {
  constexpr double kTreated = 0.05, kPoor = 0.03;
  Random random(seed, "exclusions", number);
  row.treated_before = random.chance(kTreated);
  row.poor_quality = random.chance(kPoor);
  return row;
}

ClinicalRow drawn_patient(const std::function<const Anatomy&()>& atlas, const CohortOptions& o, std::size_t number) {
  const PatientPlan plan = plan_patient(o.seed, number, o.centres, o.high_grade_fraction);
  const fs::path truth_file = o.out / "truth" / (plan.id + ".json");
  const std::string key = patient_key(o, plan.id);
  if (const auto earlier = earlier_result(truth_file, key)) return earlier_patient(plan, o, truth_file, *earlier);
  const CentreModel centre = draw_centre(o.seed, plan.centre);
  const bool raw = o.form == Form::Raw;
  const PatientAnatomy patient = build_anatomy(atlas(), plan, raw, o.spacing_mm);
  Json movements = Json::object();
  for (const auto& [s, image] : paint_sequences(patient, plan, centre, sequences_of(o))) {
    Volume<float> bias;
    const auto acquired = raw ? acquire_raw(patient, image, plan, centre, s, movements, bias)
                              : acquire_brats_like(patient, image, plan, centre, s);
    if (raw) imageio::write_nifti(o.out / "truth" / (plan.id + "_bias-" + std::string(key_name(s)) + ".nii.gz"), bias);
    imageio::write_nifti(sequence_file(o, plan.id, s), to_int16(acquired));
  }
  imageio::write_nifti(label_file(o, plan.id, "seg"), place(patient, patient.label, !raw));
  if (raw) imageio::write_nifti(label_file(o, plan.id, "brain"), place(patient, patient.brain, false));
  if (o.raters) {
    const auto raters = draw_raters(patient, plan);
    for (std::size_t r = 0; r < 2; ++r)
      imageio::write_nifti(label_file(o, plan.id, "rater" + std::to_string(r + 1)), place(patient, raters[r], !raw));
  }
  std::size_t enhancing = 0;
  for (const auto l : patient.label) enhancing += l == 4;
  ClinicalRow row;
  row.id = plan.id;
  row.sex = plan.sex;
  row.histology = plan.histology;
  row.who_grade = plan.who_grade;
  row.grade = plan.grade == cohort::Grade::High ? "HGG" : "LGG";
  row.centre = "C" + std::to_string(plan.centre + 1);
  row.location = findings::lobe_name(patient.lobe);
  const Vec3 middle = patient.geometry.index_to_lps_mm({0.5 * static_cast<double>(patient.geometry.size[0] - 1), 0, 0});
  const double side = patient.tumour_centre_mm[0] - middle[0];
  row.laterality = std::abs(side) < 8 ? "midline" : side > 0 ? "left" : "right";  // LPS: x grows to the left
  row.enhancing = static_cast<double>(enhancing) * patient.geometry.voxel_volume_mm3() >= 500;
  row.age = one_decimal(plan.age);
  Json truth = truth_json(plan, patient, row);
  add_survival(plan, o, row, truth);
  if (!movements.empty()) truth["movements"] = movements;
  truth["run_key"] = key;
  mark_outcome(o, truth);
  write_json(truth_file, truth);  // last: it says that the patient is done
  return row;
}

}  // namespace

ClinicalRow write_patient(const std::function<const Anatomy&()>& atlas, const CohortOptions& o, std::size_t number) {
  return with_exclusions(drawn_patient(atlas, o, number), o.seed, number);
}

}  // namespace gliocast::simulation
