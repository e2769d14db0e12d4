#pragma once
// The parts of one simulated patient and the steps between them.
#include "anatomy.hpp"

#include <gliocast/cohort/patient.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/core/random.hpp>
#include <gliocast/core/sequence.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace gliocast::simulation {

/// Everything drawn before any voxel is computed.
struct PatientPlan {
  std::string id;
  std::uint64_t seed = 0;
  std::size_t number = 0, centre = 0;
  cohort::Grade grade = cohort::Grade::High;
  int who_grade = 4;
  std::string histology, sex;
  double age = 50;
  double latent = 0;  ///< texture of the tumour, standard normal; enters the hazard
  findings::Lobe lobe = findings::Lobe::Frontal;
  double tumour_cm3 = 80;         ///< aimed at, before mass effect
  double core_fraction = 0.4;     ///< core (labels 1 and 4) of the whole
  double rim_mm = 4;              ///< thickness of the enhancing rim
  double rim_completeness = 0.9;  ///< part of the rim that enhances
  double patch_fraction = 0;      ///< low grade: part of the core with patchy enhancement
  double mass_effect = 0.2;       ///< largest push, in parts of the tumour's radius
  bool second_focus = false;
};

/// A scanner and its protocol: signals relative to white matter on T1.
struct CentreModel {
  struct Protocol {
    double csf = 0.3, grey = 0.7, white = 1;
    double snr = 40;           ///< white matter over noise
    double slice_mm = 1;       ///< thickness, along `slice_axis`
    int slice_axis = 2;        ///< 0 x, 1 y, 2 z
    double in_plane_blur = 0;  ///< mm (standard deviation)
    double bias = 0.15;        ///< largest relative change by the bias field that correction has left
    double gain = 600;
  };
  std::array<Protocol, 4> protocol;
};

/// The patient's head on an LPS grid of 1 mm (or 2): tissue after deformation and mass effect, tumour weights and true
/// labels.
struct PatientAnatomy {
  Geometry geometry;
  std::vector<Tissue> tissue;
  std::vector<float> infiltration;  ///< 0 … 1, all tumour tissue
  std::vector<float> core;          ///< 0 … 1, solid part
  std::vector<float> enhancing;     ///< 0 … 1
  std::vector<float> necrosis;      ///< 0 … 1: fluid part of the core
  std::vector<float> depth;         ///< arrival time less the tumour's limit, mm: < 0 inside; for the raters' outlines
  std::vector<std::uint8_t> label;  ///< BraTS: 1 core without enhancement, 2 oedema and infiltration, 4 enhancing
  std::vector<std::uint8_t> brain;
  Vec3 tumour_centre_mm{};
  findings::Lobe lobe = findings::Lobe::None;
};

[[nodiscard]] PatientPlan plan_patient(std::uint64_t seed, std::size_t number, std::size_t centres,
                                       double high_grade_fraction);
[[nodiscard]] CentreModel draw_centre(std::uint64_t seed, std::size_t centre);
[[nodiscard]] PatientAnatomy build_anatomy(const Anatomy& atlas, const PatientPlan& plan, bool with_head,
                                           double spacing_mm);
/// Noise-free images on the anatomy's grid; white matter of T1 ≈ 1.
[[nodiscard]] std::map<Sequence, std::vector<float>> paint_sequences(const PatientAnatomy& patient,
                                                                     const PatientPlan& plan, const CentreModel& centre,
                                                                     const std::set<Sequence>& sequences);
/// Scanner: bias field, slice thickness, noise, gain; stripped on the same grid.
[[nodiscard]] Volume<float> acquire_brats_like(const PatientAnatomy& patient, const std::vector<float>& image,
                                               const PatientPlan& plan, const CentreModel& centre, Sequence s);
/// Scanner: the same with the skull, on a grid of its own after a rigid movement of the head; `truth` gets the
/// movement, `bias` the field in the head's space, on 4 mm.
[[nodiscard]] Volume<float> acquire_raw(const PatientAnatomy& patient, const std::vector<float>& image,
                                        const PatientPlan& plan, const CentreModel& centre, Sequence s, Json& truth,
                                        Volume<float>& bias);
/// Two raters' outlines of the whole tumour: the true one moved in or out, with an irregular error of about a
/// millimetre.
[[nodiscard]] std::array<std::vector<std::uint8_t>, 2> draw_raters(const PatientAnatomy& patient,
                                                                   const PatientPlan& plan);

/// Survival of a patient from a Weibull hazard (log hazard ratios of Xu 2022, Table 3, and the latent texture, if it
/// has a term).
struct SurvivalTruth {
  double log_hazard_ratio = 0, time_months = 0, censoring_months = 0;
  bool event = false;
};
[[nodiscard]] SurvivalTruth draw_survival(const PatientPlan& plan, bool enhancing, bool texture_term,
                                          std::uint64_t seed);

/// The frame of BraTS-like images: 240×240×155 mm, as BraTS places it.
[[nodiscard]] Geometry brats_frame(double spacing_mm);

}  // namespace gliocast::simulation
