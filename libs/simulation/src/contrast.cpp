#include "patient_model.hpp"
#include "smooth_field.hpp"

#include <algorithm>
#include <cmath>

namespace gliocast::simulation {
namespace {

/// Signals of tumour tissue on one sequence, on the scale of CentreModel::Protocol. Drawn per patient: gliomas differ
/// as much as scanners do.
struct TumourSignal {
  double oedema, solid, necrosis, enhancing;
  double keep;  ///< part of the normal tissue's contrast that shows through oedema
};

TumourSignal draw_signal(Sequence s, const CentreModel::Protocol& p, const PatientPlan& plan, Random& random) {
  const bool high = plan.grade == cohort::Grade::High;
  TumourSignal t{};
  t.keep = random.uniform(0.15, 0.6);
  const auto between = [](double a, double b, double f) { return a + (b - a) * f; };
  switch (s) {
    case Sequence::T1:
    case Sequence::T1Gd:
      t.oedema = between(p.grey, p.white, random.uniform(-0.35, 0.75));
      t.solid = between(p.csf, p.white, random.uniform(0.35, 0.85));
      t.necrosis = between(p.csf, p.white, random.uniform(0.15, 0.7));
      t.enhancing = between(p.csf, p.white, random.uniform(0.5, 0.95));
      break;
    case Sequence::T2:
      t.oedema = between(p.grey, p.csf, random.uniform(0.08, 0.55));
      t.solid = between(p.grey, p.csf, random.uniform(0.12, 0.75));
      t.necrosis = between(p.grey, p.csf, random.uniform(0.2, 0.98));
      t.enhancing = between(p.grey, p.csf, random.uniform(0.05, 0.5));
      break;
    case Sequence::Flair:
      t.oedema = p.grey * random.uniform(1.3, 2.1);
      t.solid = p.grey * random.uniform(1.1, 1.9);
      t.necrosis = p.grey * random.uniform(0.4, 1.5);
      t.enhancing = p.grey * random.uniform(1.0, 1.6);
      break;
  }
  if (!high)
    t.necrosis = s == Sequence::T2 ? between(p.grey, p.csf, random.uniform(0.6, 1.0))
                                   : between(t.necrosis, p.csf, 0.5);  // a clear cyst
  return t;
}

/// Vessels: where two independent smooth fields are both near zero there is a curve; in the sulci, and brighter there.
std::vector<float> draw_vessels(const PatientAnatomy& patient, Random& random) {
  const auto a = smooth_field(patient.geometry, 12, random), b = smooth_field(patient.geometry, 12, random);
  const auto width = static_cast<float>(random.uniform(0.05, 0.11));
  std::vector<float> out(a.size(), 0.0F);
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!patient.brain[i]) continue;
    const Tissue& t = patient.tissue[i];
    const float sulcus = std::min(1.0F, 1.6F * t.csf + 0.25F * t.grey);
    const float distance = std::sqrt(a[i] * a[i] + b[i] * b[i]) / width;
    out[i] = sulcus * std::exp(-0.5F * distance * distance);
  }
  return out;
}

std::size_t voxels_within(double length_mm, const Geometry& grid) {
  return static_cast<std::size_t>(std::max(1L, std::lround(length_mm / grid.spacing_mm[0])));
}

/// Signal voids left at the brain's surface (bone, air, fast flow): the part of the signal that stays, in 0 … 1. The
/// same places in every sequence.
std::vector<float> draw_voids(const PatientAnatomy& patient, Random& random) {
  const auto noise = smooth_field(patient.geometry, 9, random), grain = smooth_field(patient.geometry, 3, random);
  const Size3& s = patient.geometry.size;
  const auto amount = static_cast<float>(random.uniform(-1.6, 0.4)),
             floor_signal = static_cast<float>(random.uniform(0.0, 0.35));
  const std::size_t reach = voxels_within(3, patient.geometry);
  const float weight = 0.12F * (3 / static_cast<float>(reach));
  std::vector<float> out(noise.size(), 1.0F);
  for (std::size_t z = reach; z + reach < s[2]; ++z)
    for (std::size_t y = reach; y + reach < s[1]; ++y)
      for (std::size_t x = reach; x + reach < s[0]; ++x) {
        const std::size_t i = x + s[0] * (y + s[1] * z);
        if (!patient.brain[i]) continue;
        const std::size_t row = s[0], plane = s[0] * s[1];
        int outside = 0;
        for (std::size_t r = 1; r <= reach; ++r)
          outside += !patient.brain[i - r] + !patient.brain[i + r] + !patient.brain[i - r * row] +
                     !patient.brain[i + r * row] + !patient.brain[i - r * plane] + !patient.brain[i + r * plane];
        if (outside == 0) continue;
        const float strength = noise[i] + 0.5F * grain[i] + amount + weight * static_cast<float>(outside) - 0.3F;
        out[i] = std::clamp(1 - strength, floor_signal, 1.0F);
      }
  return out;
}

/// Dura and pial veins left at the brain's surface: within about 2 mm of its edge.
std::vector<float> draw_rim(const PatientAnatomy& patient, Random& random) {
  const auto noise = smooth_field(patient.geometry, 20, random);
  const Size3& s = patient.geometry.size;
  const auto amount = static_cast<float>(random.uniform(-0.6, 0.4));
  const std::size_t r = voxels_within(2, patient.geometry);
  std::vector<float> out(noise.size(), 0.0F);
  for (std::size_t z = r; z + r < s[2]; ++z)
    for (std::size_t y = r; y + r < s[1]; ++y)
      for (std::size_t x = r; x + r < s[0]; ++x) {
        const std::size_t i = x + s[0] * (y + s[1] * z);
        if (!patient.brain[i]) continue;
        const std::size_t row = s[0], plane = s[0] * s[1];
        const bool surface = !patient.brain[i - r] || !patient.brain[i + r] || !patient.brain[i - r * row] ||
                             !patient.brain[i + r * row] || !patient.brain[i - r * plane] ||
                             !patient.brain[i + r * plane];
        if (surface) out[i] = std::clamp(noise[i] + amount, 0.0F, 1.5F);
      }
  return out;
}

/// The signal of voxel `i` with the tumour's share in it; `uptake` of contrast agent by what enhances.
double with_tumour(const PatientAnatomy& patient, std::size_t i, double normal, const TumourSignal& t, double strength,
                   float texture, float grain, double uptake) {
  const double w = static_cast<double>(patient.infiltration[i]);
  if (!(w > 0.003)) return normal;
  const double core = static_cast<double>(patient.core[i]), enhancing = static_cast<double>(patient.enhancing[i]),
               necrosis = static_cast<double>(patient.necrosis[i]);
  const double solid = std::max(0.0, core - enhancing - necrosis);
  const double pattern = 1 + strength * (static_cast<double>(texture) + 0.4 * static_cast<double>(grain));
  const double oedema = t.keep * normal + (1 - t.keep) * t.oedema * (1 + 0.5 * (pattern - 1));
  double lesion = (w - core) * oedema + solid * t.solid * pattern + necrosis * t.necrosis * (1 + 0.6 * (pattern - 1)) +
                  enhancing * t.enhancing * pattern;
  if (uptake > 0) lesion += enhancing * uptake * std::max(0.3, pattern);
  return (1 - w) * normal + lesion;
}

}  // namespace

std::map<Sequence, std::vector<float>> paint_sequences(const PatientAnatomy& patient, const PatientPlan& plan,
                                                       const CentreModel& centre, const std::set<Sequence>& sequences) {
  Random random(plan.seed, "contrast", plan.number);
  const std::size_t n = patient.label.size();
  // The latent texture: a strong, coarse pattern where it is high, a smooth tumour where it is low. It enters the
  // hazard.
  const double strength = 0.10 * std::exp(0.55 * plan.latent),
               scale = std::clamp(4.5 * std::exp(0.15 * plan.latent), 2.5, 8.0);
  const auto texture = smooth_field(patient.geometry, scale, random),
             grain = smooth_field(patient.geometry, 2.2, random);
  const auto vessels = draw_vessels(patient, random), rim = draw_rim(patient, random),
             voids = draw_voids(patient, random);
  const double uptake = random.uniform(0.35, 1.1), vessel_uptake = random.uniform(0.5, 1.5),
               rim_uptake = random.uniform(0.1, 0.8);
  const double detail = random.uniform(0.5, 1.1), atrophy = random.uniform(0.85, 1.25);
  std::map<Sequence, TumourSignal> signal;
  for (const Sequence s : kAllSequences)
    signal[s] = draw_signal(s, centre.protocol[static_cast<std::size_t>(s)], plan, random);
  // Both T1 images show the same tumour: the contrast agent is what differs.
  const auto wobble = [&](double v) { return v + 0.04 * random.normal(); };
  const TumourSignal t1 = signal[Sequence::T1];
  signal[Sequence::T1Gd] = {wobble(t1.oedema), wobble(t1.solid), wobble(t1.necrosis), wobble(t1.enhancing), t1.keep};

  std::map<Sequence, std::vector<float>> out;
  for (const Sequence s : kAllSequences) {
    CentreModel::Protocol p = centre.protocol[static_cast<std::size_t>(s)];
    p.grey += (p.white - p.grey) * random.uniform(-0.3, 0.3);  // patients differ on the same scanner
    p.csf *= random.uniform(0.75, 1.25);
    const TumourSignal& t = signal[s];
    const double head_gain = s == Sequence::T1 || s == Sequence::T1Gd ? 1.0 : random.uniform(0.35, 0.6);
    const double fat_gain = s == Sequence::T1 || s == Sequence::T1Gd ? 1.0 : random.uniform(0.8, 1.6);
    if (!sequences.contains(s)) continue;  // after its draws: what is left out changes no other image
    std::vector<float> image(n, 0.0F);
    for (std::size_t i = 0; i < n; ++i) {
      const Tissue& tissue = patient.tissue[i];
      const double inside = static_cast<double>(tissue.csf + tissue.grey + tissue.white);
      double v = static_cast<double>(tissue.head) * head_gain * (tissue.head > 1.05F ? fat_gain : 1.0);
      if (inside > 0) {
        const double csf = static_cast<double>(tissue.csf), shaped = std::pow(std::clamp(csf, 0.0, 1.0), 1 / atrophy);
        const double rest = inside - csf > 1e-6 ? (inside - shaped) / (inside - csf) : 0;
        double normal = shaped * p.csf + rest * (static_cast<double>(tissue.grey) * p.grey +
                                                 static_cast<double>(tissue.white) * p.white);
        normal += detail * static_cast<double>(tissue.detail) * (p.white - p.grey) * (1 - csf);
        normal *= static_cast<double>(voids[i]);
        if (s == Sequence::T1Gd)
          normal += vessel_uptake * static_cast<double>(vessels[i]) + rim_uptake * static_cast<double>(rim[i]);
        normal = with_tumour(patient, i, normal, t, strength, texture[i], grain[i], s == Sequence::T1Gd ? uptake : 0);
        v = v * (1 - inside) + normal;
      }
      image[i] = static_cast<float>(std::max(v, 0.0));
    }
    out[s] = std::move(image);
  }
  return out;
}

}  // namespace gliocast::simulation
