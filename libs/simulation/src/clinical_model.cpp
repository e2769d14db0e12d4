#include "patient_model.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace gliocast::simulation {
namespace {

/// Where gliomas lie, roughly as in surgical series (Duffau & Capelle 2004; Larjavaara 2007).
findings::Lobe draw_lobe(Random& random) {
  const double u = random.uniform();
  if (u < 0.40) return findings::Lobe::Frontal;
  if (u < 0.69) return findings::Lobe::Temporal;
  if (u < 0.86) return findings::Lobe::Parietal;
  if (u < 0.92) return findings::Lobe::Occipital;
  return findings::Lobe::Insular;
}

void draw_low_grade(PatientPlan& p, Random& random) {
  p.who_grade = random.chance(0.5) ? 2 : 3;
  p.age = std::clamp(random.normal(43, 13), 19.0, 80.0);
  const double u = random.uniform();
  p.histology = u < 0.42 ? "A" : u < 0.76 ? "O" : "OA";  // astrocytoma, oligodendroglioma, oligoastrocytoma
  p.core_fraction = std::clamp(random.normal(0.5, 0.3), 0.03, 0.97);
  // Enhancement goes with grade, not by rule: more often in grade III.
  const bool patchy = random.chance(p.who_grade == 3 ? 0.55 : 0.25);
  p.patch_fraction = patchy ? std::exp(random.normal(std::log(0.05), 0.8)) : 0;
  p.rim_completeness = 0;
  if (random.chance(p.who_grade == 3 ? 0.10 : 0.03)) {  // looks like a high-grade tumour
    p.rim_completeness = 0.7;
    p.rim_mm = random.uniform(2, 5);
  }
  p.mass_effect = random.uniform(0.02, 0.18);
}

void draw_high_grade(PatientPlan& p, Random& random) {
  p.who_grade = 4;
  p.age = std::clamp(random.normal(59, 12), 19.0, 86.0);
  p.histology = "GBM";
  p.core_fraction = std::clamp(random.normal(0.47, 0.22), 0.05, 0.9);
  p.rim_mm = std::exp(random.normal(std::log(7.5), 0.4));
  p.rim_completeness = random.uniform(0.65, 1);
  if (random.chance(0.07))
    p.rim_completeness = random.uniform(0.02, 0.2);  // hardly enhancing: looks like a low-grade tumour
  p.mass_effect = random.uniform(0.06, 0.32);
  p.second_focus = random.chance(0.12);
}

}  // namespace

PatientPlan plan_patient(std::uint64_t seed, std::size_t number, std::size_t centres, double high_grade_fraction) {
  Random random(seed, "plan", number);
  PatientPlan p;
  char id[16];
  std::snprintf(id, sizeof id, "SIM-%05zu", number);
  p.id = id;
  p.seed = seed;
  p.number = number;
  p.centre = random.below(centres);
  p.grade = random.chance(high_grade_fraction) ? cohort::Grade::High : cohort::Grade::Low;
  p.sex = random.chance(0.57) ? "M" : "F";
  p.latent = random.normal();
  p.lobe = draw_lobe(random);
  p.tumour_cm3 = std::clamp(std::exp(random.normal(std::log(70.0), 0.75)), 4.0, 190.0);
  if (p.grade == cohort::Grade::High)
    draw_high_grade(p, random);
  else
    draw_low_grade(p, random);
  return p;
}

CentreModel draw_centre(std::uint64_t seed, std::size_t centre) {
  Random random(seed, "centre", centre);
  CentreModel model;
  for (const Sequence s : kAllSequences) {
    auto& p = model.protocol[static_cast<std::size_t>(s)];
    switch (s) {
      case Sequence::T1:
      case Sequence::T1Gd:
        p.white = 1;
        p.grey = random.uniform(0.70, 0.94);
        p.csf = random.uniform(0.10, 0.55);
        break;
      case Sequence::T2:
        p.white = random.uniform(0.34, 0.5);
        p.grey = p.white + random.uniform(0.01, 0.20);
        p.csf = random.uniform(1.1, 1.9);
        break;
      case Sequence::Flair:
        p.white = random.uniform(0.45, 0.6);
        p.grey = p.white + random.uniform(0.04, 0.15);
        p.csf = random.uniform(0.08, 0.25);
        break;
    }
    p.snr = std::exp(random.uniform(std::log(14.0), std::log(60.0)));
    p.slice_mm = random.chance(s == Sequence::T1Gd ? 0.5 : 0.25) ? 1 : random.uniform(2, 5.5);
    p.slice_axis = random.chance(0.85) ? 2 : static_cast<int>(random.below(2));
    p.in_plane_blur = random.uniform(0, 0.9);
    p.bias = random.uniform(0.02, 0.25);
    p.gain = std::exp(random.uniform(std::log(150.0), std::log(2500.0)));
  }
  return model;
}

SurvivalTruth draw_survival(const PatientPlan& p, bool enhancing, bool texture_term, std::uint64_t seed) {
  Random random(seed, "survival", p.number);
  SurvivalTruth s;
  // Log hazard ratios of the paper's Table 3 (training); the signature's sign: low signature = high risk.
  // 1.6 = distance of the means of the halves of a standard normal.
  const double texture = texture_term ? std::log(5.69) / 1.6 * p.latent : 0;
  s.log_hazard_ratio = std::log(1.03) * (p.age - 45) + (p.who_grade == 3 ? std::log(1.96) : 0) +
                       (p.who_grade == 4 ? std::log(7.0) : 0) +
                       (p.histology == "O"    ? std::log(0.31)
                        : p.histology == "OA" ? std::log(2.27)
                                              : 0) +
                       (enhancing ? std::log(1.55) : 0) + texture;
  constexpr double kShape = 1.3, kScaleMonths = 95;
  s.time_months = kScaleMonths * std::pow(random.exponential() / std::exp(s.log_hazard_ratio), 1 / kShape);
  s.censoring_months = std::min(120.0, random.uniform(6, 60) + 30 * random.exponential());
  s.event = s.time_months <= s.censoring_months;
  return s;
}

}  // namespace gliocast::simulation
