#include "patient_model.hpp"
#include "smooth_field.hpp"
#include "tumour_growth.hpp"

#include <gliocast/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace gliocast::simulation {
namespace {

/// Position in the template's index space for each voxel of the patient's grid: an affine change of size and tilt, and
/// a smooth random deformation.
class HeadMap {
 public:
  HeadMap(const Anatomy& atlas, const Geometry& grid, Random& random) : atlas_(atlas), grid_(grid) {
    centre_ =
        grid.index_to_lps_mm({0.5 * static_cast<double>(grid.size[0] - 1), 0.5 * static_cast<double>(grid.size[1] - 1),
                              0.5 * static_cast<double>(grid.size[2] - 1)});
    mirror_ = random.chance(0.5);
    Mat3 m{1, 0, 0, 0, 1, 0, 0, 0, 1};
    const double size = random.uniform(0.0, 0.15);  // the template's head is a large one
    for (std::size_t i = 0; i < 9; ++i)
      m[i] += i % 4 == 0 ? size + random.uniform(-0.05, 0.05) : random.uniform(-0.05, 0.05);
    if (mirror_)
      for (std::size_t c = 0; c < 3; ++c) m[c] = -m[c];
    matrix_ = m;
    for (auto& field : displacement_) field = smooth_field(grid, 26, random);
    for (auto& field : fine_) field = smooth_field(grid, 11, random);
    amplitude_ = random.uniform(2.0, 4.0);
    fine_amplitude_ = random.uniform(0.5, 1.3);
  }

  [[nodiscard]] Vec3 template_index(const Vec3& index) const {
    const Size3 i{clamp(index[0], 0), clamp(index[1], 1), clamp(index[2], 2)};
    const std::size_t k = i[0] + grid_.size[0] * (i[1] + grid_.size[1] * i[2]);
    const Vec3 p = grid_.index_to_lps_mm(index);
    Vec3 q = multiply(matrix_, {p[0] - centre_[0], p[1] - centre_[1], p[2] - centre_[2]});
    for (std::size_t a = 0; a < 3; ++a)
      q[a] += atlas_.brain_centre_mm[a] + amplitude_ * static_cast<double>(displacement_[a][k]) +
              fine_amplitude_ * static_cast<double>(fine_[a][k]);
    return atlas_.geometry.lps_mm_to_index(q);
  }
  [[nodiscard]] Tissue tissue(const Vec3& index) const { return atlas_.sample(template_index(index)); }

 private:
  [[nodiscard]] std::size_t clamp(double v, std::size_t axis) const {
    return static_cast<std::size_t>(std::clamp(std::round(v), 0.0, static_cast<double>(grid_.size[axis] - 1)));
  }
  const Anatomy& atlas_;
  const Geometry& grid_;
  Vec3 centre_{};
  Mat3 matrix_{};
  bool mirror_ = false;
  double amplitude_ = 3, fine_amplitude_ = 1;
  std::array<std::vector<float>, 3> displacement_, fine_;
};

template <typename F>
void for_each_voxel(const Geometry& g, F f) {
  std::size_t k = 0;
  for (std::size_t z = 0; z < g.size[2]; ++z)
    for (std::size_t y = 0; y < g.size[1]; ++y)
      for (std::size_t x = 0; x < g.size[0]; ++x, ++k) f(k, x, y, z);
}

/// The growing tumour before mass effect.
struct Growth {
  std::vector<float> time, core_time;  ///< arrival, mm of white matter
  float limit = 0, core_limit = 0;
  Vec3 centre{};      ///< continuous index
  double radius = 0;  ///< of a sphere of the same volume, voxels
};

std::size_t draw_seed(const PatientPlan& plan, const Anatomy& atlas, const HeadMap& map, const Geometry& g,
                      const std::vector<Tissue>& tissue, Random& random) {
  const auto side = static_cast<std::size_t>(20 / g.spacing_mm[0]),
             end = static_cast<std::size_t>(15 / g.spacing_mm[0]);
  for (int attempt = 0; attempt < 20000; ++attempt) {
    const Size3 p{side + random.below(g.size[0] - 2 * side), end + random.below(g.size[1] - 2 * end),
                  end + random.below(g.size[2] - 2 * end)};
    const std::size_t k = p[0] + g.size[0] * (p[1] + g.size[1] * p[2]);
    if (tissue[k].white < 0.85F) continue;
    const Vec3 index{static_cast<double>(p[0]), static_cast<double>(p[1]), static_cast<double>(p[2])};
    const findings::Lobe lobe = atlas.lobe_at(map.template_index(index));
    if (lobe == plan.lobe || (attempt > 10000 && lobe != findings::Lobe::Cerebellum)) return k;
  }
  throw Error(ExitCode::InternalFault, "no white matter for a tumour's seed", plan.id);
}

Growth grow(const PatientPlan& plan, const Geometry& g, const std::vector<Tissue>& tissue, std::size_t seed,
            Random& random) {
  const bool high = plan.grade == cohort::Grade::High;
  const auto coarse = smooth_field(g, 18, random), fine = smooth_field(g, 7, random),
             round = smooth_field(g, 22, random);
  const auto irregular = static_cast<float>(random.uniform(0.2, 0.5)),
             ragged = static_cast<float>(random.uniform(0.1, 0.35));
  const float grey_speed = high ? 0.35F : 0.6F;
  const auto voxel_mm = static_cast<float>(g.spacing_mm[0]);
  std::vector<float> speed(tissue.size(), 0.0F), core_speed(tissue.size(), 0.0F);
  for (std::size_t i = 0; i < tissue.size(); ++i) {
    const Tissue& t = tissue[i];
    const float inside = t.csf + t.grey + t.white;
    if (inside < 0.5F) continue;
    speed[i] =
        (t.white + grey_speed * t.grey + 0.03F * t.csf) * std::exp(irregular * coarse[i] + ragged * fine[i]) / voxel_mm;
    core_speed[i] =
        (t.white + 0.7F * t.grey + 0.05F * t.csf) * std::exp(0.25F * round[i] + 0.5F * ragged * fine[i]) / voxel_mm;
  }
  std::vector<std::size_t> seeds{seed};
  if (plan.second_focus) {
    float reach = 0;
    // A second focus within the same white matter.
    const auto near = grow_front(g.size, speed, seeds, static_cast<std::size_t>(60000 / g.voxel_volume_mm3()), reach);
    for (int attempt = 0; attempt < 2000; ++attempt) {
      const std::size_t k = random.below(near.size());
      if (near[k] <= reach && near[k] > 0.5F * reach && tissue[k].white > 0.8F) {
        seeds.push_back(k);
        break;
      }
    }
  }
  Growth out;
  const auto voxels = static_cast<std::size_t>(plan.tumour_cm3 * 1000 / g.voxel_volume_mm3());
  out.time = grow_front(g.size, speed, seeds, voxels, out.limit);
  for (std::size_t i = 0; i < core_speed.size(); ++i)
    if (!(out.time[i] <= out.limit)) core_speed[i] = 0;
  out.core_time =
      grow_front(g.size, core_speed, seeds, static_cast<std::size_t>(plan.core_fraction * static_cast<double>(voxels)),
                 out.core_limit);
  double n = 0;
  for_each_voxel(g, [&](std::size_t k, std::size_t x, std::size_t y, std::size_t z) {
    if (!(out.time[k] <= out.limit)) return;
    out.centre[0] += static_cast<double>(x);
    out.centre[1] += static_cast<double>(y);
    out.centre[2] += static_cast<double>(z);
    ++n;
  });
  for (double& c : out.centre) c /= std::max(n, 1.0);
  out.radius = std::cbrt(3 * n / (4 * std::numbers::pi));
  // Beyond the front: a finite distance that still grows, for soft edges.
  const float beyond = out.limit + 6;
  for (float& t : out.time)
    if (!(t <= beyond)) t = beyond;
  for (float& t : out.core_time)
    if (!(t <= out.core_limit + 6)) t = out.core_limit + 6;
  return out;
}

/// Where tissue at `index` was before the tumour pushed it outwards.
Vec3 before_push(const Vec3& index, const Growth& growth, double mass_effect) {
  const double lambda = 1.15 * growth.radius;
  Vec3 d{};
  double r2 = 0;
  for (std::size_t a = 0; a < 3; ++a) {
    d[a] = index[a] - growth.centre[a];
    r2 += d[a] * d[a];
  }
  const double shrink = 1 - mass_effect * std::exp(-r2 / (2 * lambda * lambda));
  return {growth.centre[0] + shrink * d[0], growth.centre[1] + shrink * d[1], growth.centre[2] + shrink * d[2]};
}

float interpolate(const std::vector<float>& image, const Size3& size, const Vec3& p) {
  Size3 i{};
  std::array<float, 3> t{};
  for (std::size_t a = 0; a < 3; ++a) {
    const double c = std::clamp(p[a], 0.0, static_cast<double>(size[a] - 2));
    i[a] = static_cast<std::size_t>(c);
    t[a] = static_cast<float>(c - static_cast<double>(i[a]));
  }
  const float* v = &image[i[0] + size[0] * (i[1] + size[1] * i[2])];
  const std::size_t row = size[0], plane = size[0] * size[1];
  const auto line = [&](std::size_t o) { return v[o] + t[0] * (v[o + 1] - v[o]); };
  const float near = line(0) + t[1] * (line(row) - line(0)),
              far = line(plane) + t[1] * (line(plane + row) - line(plane));
  return near + t[2] * (far - near);
}

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

/// Voxels of this spacing that cover a length.
std::size_t voxels_of(double length_mm, double spacing_mm) {
  return static_cast<std::size_t>(std::ceil(length_mm / spacing_mm));
}

void fill_tumour(PatientAnatomy& out, const PatientPlan& plan, const Growth& growth, const std::vector<float>& time,
                 const std::vector<float>& core_time, Random& random) {
  const Geometry& g = out.geometry;
  const bool high = plan.grade == cohort::Grade::High;
  const auto rim_noise = smooth_field(g, 9, random), patch_noise = smooth_field(g, 8, random),
             gap_noise = smooth_field(g, 13, random);
  const auto edge = static_cast<float>(random.uniform(0.5, high ? 1.6 : 2.2)),
             core_edge = static_cast<float>(random.uniform(0.4, 0.9));
  const auto rim = static_cast<float>(plan.rim_mm);
  const auto gap = static_cast<float>(1.3 - 3.2 * plan.rim_completeness);  // gaps where the noise is below
  const bool ring = plan.rim_completeness > 0;
  // Patches of enhancement in low-grade tumours: where a smooth noise is high; the threshold gives the fraction.
  const float patch_threshold =
      plan.patch_fraction > 0 ? static_cast<float>(1.2 - 0.35 * std::log(std::max(plan.patch_fraction, 1e-3) / 0.05))
                              : 9.0F;
  const double cyst = random.chance(high ? 1.0 : 0.25) ? 1 : 0;  // low grade: a fluid centre now and then
  for (std::size_t i = 0; i < time.size(); ++i) {
    const float beyond = time[i] - growth.limit;
    out.depth[i] = beyond;
    if (!out.brain[i] || beyond > 5) continue;
    out.infiltration[i] = sigmoid(-beyond / edge);
    const float inward = growth.core_limit - core_time[i];  // > 0 inside the core
    out.core[i] = out.infiltration[i] * sigmoid(inward / core_edge);
    if (ring) {
      const float thickness = rim * std::exp(0.45F * rim_noise[i]);
      const float inner = sigmoid((inward - thickness) / core_edge);
      const float intact = sigmoid((gap_noise[i] - gap) * 4);
      out.enhancing[i] = out.core[i] * (1 - inner) * intact;
      out.necrosis[i] = out.core[i] * inner;
    } else {
      out.necrosis[i] = out.core[i] * static_cast<float>(cyst) * sigmoid((inward - 0.6F * growth.core_limit) / 1.5F);
    }
    if (plan.patch_fraction > 0)
      out.enhancing[i] = std::max(out.enhancing[i], out.core[i] * sigmoid((patch_noise[i] - patch_threshold) * 6));
    if (out.infiltration[i] > 0.5F) out.label[i] = out.enhancing[i] > 0.5F ? 4 : out.core[i] > 0.5F ? 1 : 2;
  }
}

}  // namespace

Geometry brats_frame(double spacing_mm) {
  Geometry g;
  g.size = {240, 240, 155};
  g.origin_mm = {0, -239, 0};
  for (std::size_t a = 0; a < 3; ++a) {
    g.size[a] = voxels_of(static_cast<double>(g.size[a]), spacing_mm);
    g.spacing_mm[a] = spacing_mm;
    g.origin_mm[a] += 0.5 * (spacing_mm - 1);  // the same corner
  }
  return g;
}

PatientAnatomy build_anatomy(const Anatomy& atlas, const PatientPlan& plan, bool with_head, double spacing_mm) {
  Random random(plan.seed, "anatomy", plan.number);
  PatientAnatomy out;
  // A box of the BraTS frame that holds any brain; with the head, a larger one.
  Geometry& g = out.geometry;
  g.size = with_head ? Size3{200, 236, 200} : Size3{172, 204, 155};
  const Geometry frame = brats_frame(spacing_mm);
  g.spacing_mm = frame.spacing_mm;
  Vec3 corner{};
  for (std::size_t a = 0; a < 3; ++a) {
    g.size[a] = voxels_of(static_cast<double>(g.size[a]), spacing_mm);
    corner[a] = std::floor(0.5 * (static_cast<double>(frame.size[a]) - static_cast<double>(g.size[a])));
  }
  g.origin_mm = frame.index_to_lps_mm(corner);
  const HeadMap map(atlas, g, random);
  std::vector<Tissue> before(g.voxel_count());
  for_each_voxel(g, [&](std::size_t k, std::size_t x, std::size_t y, std::size_t z) {
    before[k] = map.tissue({static_cast<double>(x), static_cast<double>(y), static_cast<double>(z)});
  });
  const std::size_t seed = draw_seed(plan, atlas, map, g, before, random);
  const Growth growth = grow(plan, g, before, seed, random);

  const std::size_t n = g.voxel_count();
  out.tissue = before;
  std::vector<float> time = growth.time, core_time = growth.core_time;
  const double reach = 3.2 * growth.radius;
  for_each_voxel(g, [&](std::size_t k, std::size_t x, std::size_t y, std::size_t z) {
    const Vec3 index{static_cast<double>(x), static_cast<double>(y), static_cast<double>(z)};
    for (std::size_t a = 0; a < 3; ++a)
      if (std::abs(index[a] - growth.centre[a]) > reach) return;
    const Vec3 q = before_push(index, growth, plan.mass_effect);
    out.tissue[k] = map.tissue(q);
    time[k] = interpolate(growth.time, g.size, q);
    core_time[k] = interpolate(growth.core_time, g.size, q);
  });
  out.infiltration.assign(n, 0);
  out.core.assign(n, 0);
  out.enhancing.assign(n, 0);
  out.necrosis.assign(n, 0);
  out.depth.assign(n, 99);
  out.label.assign(n, 0);
  out.brain.resize(n);
  for (std::size_t i = 0; i < n; ++i)
    out.brain[i] = out.tissue[i].csf + out.tissue[i].grey + out.tissue[i].white > 0.5F;
  fill_tumour(out, plan, growth, time, core_time, random);
  out.tumour_centre_mm = g.index_to_lps_mm(growth.centre);
  out.lobe = atlas.lobe_at(map.template_index(growth.centre));
  return out;
}

std::array<std::vector<std::uint8_t>, 2> draw_raters(const PatientAnatomy& patient, const PatientPlan& plan) {
  std::array<std::vector<std::uint8_t>, 2> out;
  for (std::size_t r = 0; r < 2; ++r) {
    Random random(plan.seed, r == 0 ? "rater1" : "rater2", plan.number);
    const auto noise = smooth_field(patient.geometry, 10, random);
    const auto bias = static_cast<float>(random.normal(0, 0.7)), spread = static_cast<float>(random.uniform(0.7, 1.4));
    out[r].assign(patient.label.size(), 0);
    for (std::size_t i = 0; i < out[r].size(); ++i)
      out[r][i] = patient.brain[i] && patient.depth[i] + bias + spread * noise[i] < 0;
  }
  return out;
}

}  // namespace gliocast::simulation
