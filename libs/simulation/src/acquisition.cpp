#include "patient_model.hpp"
#include "smooth_field.hpp"

#include <gliocast/image/resample.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace gliocast::simulation {
namespace {

/// In-plane smoothing with a 1-2-1 kernel mixed with the image so that its variance is sigma² (≤ 0.5 a pass).
void blur_axis(std::vector<float>& image, const Size3& size, std::size_t axis, double sigma) {
  double left = sigma * sigma;
  const std::size_t stride = axis == 0 ? 1 : axis == 1 ? size[0] : size[0] * size[1], n = size[axis];
  std::vector<float> line(n);
  while (left > 1e-3) {
    const auto side = static_cast<float>(std::min(left, 0.5) / 2);
    left -= 0.5;
    for (std::size_t l = 0; l < image.size() / n; ++l) {
      const std::size_t start = axis == 0 ? l * n : axis == 1 ? (l / size[0]) * size[0] * size[1] + l % size[0] : l;
      for (std::size_t i = 0; i < n; ++i) line[i] = image[start + i * stride];
      for (std::size_t i = 1; i + 1 < n; ++i)
        image[start + i * stride] = line[i] * (1 - 2 * side) + side * (line[i - 1] + line[i + 1]);
    }
  }
}

float rician(float signal, double noise, Random& random) {
  const double a = static_cast<double>(signal) + random.normal(0, noise), b = random.normal(0, noise);
  return static_cast<float>(std::sqrt(a * a + b * b));
}

/// Averages into slices of the given thickness, adds noise there and interpolates linearly back to the grid.
void slice_and_noise(std::vector<float>& image, const Size3& size, std::size_t axis, double thickness, double noise,
                     Random& random) {
  if (thickness <= 1.01) {
    for (float& v : image)
      if (v > 0) v = rician(v, noise, random);
    return;
  }
  const std::size_t stride = axis == 0 ? 1 : axis == 1 ? size[0] : size[0] * size[1], n = size[axis];
  const auto slices = static_cast<std::size_t>(std::ceil(static_cast<double>(n) / thickness));
  const double phase = random.uniform(0, thickness) - thickness / 2;
  std::vector<float> line(n), slab(slices + 2);
  for (std::size_t l = 0; l < image.size() / n; ++l) {
    const std::size_t start = axis == 0 ? l * n : axis == 1 ? (l / size[0]) * size[0] * size[1] + l % size[0] : l;
    bool any = false;
    for (std::size_t i = 0; i < n; ++i) {
      line[i] = image[start + i * stride];
      any = any || line[i] > 0;
    }
    if (!any) continue;
    const auto centre = [&](std::size_t k) {
      return (static_cast<double>(k) - 0.5) * thickness + phase;
    };  // slices 0 … slices+1 cover the line
    for (std::size_t k = 0; k < slab.size(); ++k) {
      const double from = centre(k) - thickness / 2, to = centre(k) + thickness / 2;
      double sum = 0, weight = 0;
      for (auto i = static_cast<std::ptrdiff_t>(std::floor(from)); i <= static_cast<std::ptrdiff_t>(std::ceil(to));
           ++i) {
        if (i < 0 || i >= static_cast<std::ptrdiff_t>(n)) continue;
        const double w =
            std::max(0.0, std::min(to, static_cast<double>(i) + 0.5) - std::max(from, static_cast<double>(i) - 0.5));
        sum += w * static_cast<double>(line[static_cast<std::size_t>(i)]);
        weight += w;
      }
      slab[k] = weight > 0 ? static_cast<float>(sum / weight) : 0;
      if (slab[k] > 0) slab[k] = rician(slab[k], noise, random);
    }
    for (std::size_t i = 0; i < n; ++i) {
      const double u =
          std::clamp((static_cast<double>(i) - phase) / thickness + 0.5, 0.0, static_cast<double>(slab.size()) - 1.001);
      const auto k = static_cast<std::size_t>(u);
      const auto t = static_cast<float>(u - static_cast<double>(k));
      image[start + i * stride] = slab[k] + t * (slab[k + 1] - slab[k]);
    }
  }
}

/// Multiplies by a smooth field and returns it.
std::vector<float> add_bias(std::vector<float>& image, const Geometry& grid, double strength, Random& random) {
  auto field = smooth_field(grid, 60, random);
  for (float& f : field) f = static_cast<float>(std::exp(0.5 * strength * static_cast<double>(f)));
  for (std::size_t i = 0; i < image.size(); ++i) image[i] *= field[i];
  return field;
}

Mat3 rotation(double ax, double ay, double az) {
  const double ca = std::cos(ax), sa = std::sin(ax), cb = std::cos(ay), sb = std::sin(ay), cc = std::cos(az),
               sc = std::sin(az);
  return {cb * cc,
          sa * sb * cc - ca * sc,
          ca * sb * cc + sa * sc,
          cb * sc,
          sa * sb * sc + ca * cc,
          ca * sb * sc - sa * cc,
          -sb,
          sa * cb,
          ca * cb};
}

float sample(const std::vector<float>& image, const Size3& size, const Vec3& p) {
  for (std::size_t a = 0; a < 3; ++a)
    if (p[a] < 0 || p[a] > static_cast<double>(size[a] - 1) - 1e-6) return 0;
  const auto x = static_cast<std::size_t>(p[0]), y = static_cast<std::size_t>(p[1]), z = static_cast<std::size_t>(p[2]);
  const auto tx = static_cast<float>(p[0] - static_cast<double>(x)),
             ty = static_cast<float>(p[1] - static_cast<double>(y)),
             tz = static_cast<float>(p[2] - static_cast<double>(z));
  const float* v = &image[x + size[0] * (y + size[1] * z)];
  const std::size_t row = size[0], plane = size[0] * size[1];
  const auto line = [&](std::size_t o) { return v[o] + tx * (v[o + 1] - v[o]); };
  const float near = line(0) + ty * (line(row) - line(0)), far = line(plane) + ty * (line(plane + row) - line(plane));
  return near + tz * (far - near);
}

Random sequence_random(const PatientPlan& plan, const char* stream, Sequence s) {
  return Random(plan.seed, stream, 4 * plan.number + static_cast<std::size_t>(s));
}

void to_integers(std::vector<float>& image) {
  for (float& v : image) v = std::clamp(std::round(v), 0.0F, 32000.0F);
}

}  // namespace

Volume<float> acquire_brats_like(const PatientAnatomy& patient, const std::vector<float>& ideal,
                                 const PatientPlan& plan, const CentreModel& centre, Sequence s) {
  Random random = sequence_random(plan, "acquire", s);
  const auto& p = centre.protocol[static_cast<std::size_t>(s)];
  const Size3& size = patient.geometry.size;
  const double voxel_mm = patient.geometry.spacing_mm[0];
  std::vector<float> image = ideal;
  add_bias(image, patient.geometry, p.bias, random);
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (static_cast<int>(axis) != p.slice_axis) blur_axis(image, size, axis, p.in_plane_blur / voxel_mm);
  // Of the mean over a voxel: SNR is that of 1 mm³.
  const double noise = p.white / p.snr / std::sqrt(std::max(voxel_mm, p.slice_mm)) / voxel_mm;
  slice_and_noise(image, size, static_cast<std::size_t>(p.slice_axis), p.slice_mm * random.uniform(0.9, 1.1) / voxel_mm,
                  noise, random);
  const auto gain = static_cast<float>(p.gain * std::exp(random.normal(0, 0.15)));
  for (std::size_t i = 0; i < image.size(); ++i) image[i] = patient.brain[i] ? std::max(1.0F, image[i] * gain) : 0;
  to_integers(image);
  // Into the frame of 240×240×155 mm.
  const Geometry frame = brats_frame(voxel_mm);
  Volume<float> out(frame);
  const Vec3 offset = frame.lps_mm_to_index(patient.geometry.origin_mm);
  const auto ox = static_cast<std::size_t>(std::lround(offset[0])),
             oy = static_cast<std::size_t>(std::lround(offset[1])),
             oz = static_cast<std::size_t>(std::lround(offset[2]));
  for (std::size_t z = 0; z < size[2]; ++z)
    for (std::size_t y = 0; y < size[1]; ++y)
      std::copy_n(&image[size[0] * (y + size[1] * z)], size[0], &out.at(ox, oy + y, oz + z));
  return out;
}

Volume<float> acquire_raw(const PatientAnatomy& patient, const std::vector<float>& ideal, const PatientPlan& plan,
                          const CentreModel& centre, Sequence s, Json& truth, Volume<float>& bias) {
  Random random = sequence_random(plan, "acquire-raw", s);
  const auto& p = centre.protocol[static_cast<std::size_t>(s)];
  std::vector<float> image = ideal;
  bias = image::downsample_mean(Volume<float>(patient.geometry, add_bias(image, patient.geometry, 3 * p.bias, random)),
                                4);  // nobody has corrected it yet
  const double limit = 4 * std::numbers::pi / 180;
  const std::array<double, 3> angle{random.uniform(-limit, limit), random.uniform(-limit, limit),
                                    random.uniform(-limit, limit)};
  const Vec3 shift{random.uniform(-6, 6), random.uniform(-6, 6), random.uniform(-6, 6)};
  const Mat3 movement = rotation(angle[0], angle[1], angle[2]);
  Geometry g;
  const double in_plane = random.uniform(0.6, 1.1), slice = std::max(p.slice_mm, 1.0);
  const Geometry& head = patient.geometry;
  for (std::size_t a = 0; a < 3; ++a) {
    g.spacing_mm[a] = static_cast<int>(a) == p.slice_axis ? slice : in_plane;
    g.size[a] = static_cast<std::size_t>(std::floor(static_cast<double>(head.size[a]) / g.spacing_mm[a]));
    g.origin_mm[a] = head.origin_mm[a] + 0.5 * g.spacing_mm[a];
  }
  const Vec3 middle =
      head.index_to_lps_mm({0.5 * static_cast<double>(head.size[0]), 0.5 * static_cast<double>(head.size[1]),
                            0.5 * static_cast<double>(head.size[2])});
  Volume<float> out(g);
  const auto samples = static_cast<int>(std::ceil(slice));  // across a thick slice
  const auto gain = static_cast<float>(p.gain);
  const double noise = p.white / p.snr;
  for (std::size_t z = 0; z < g.size[2]; ++z)
    for (std::size_t y = 0; y < g.size[1]; ++y)
      for (std::size_t x = 0; x < g.size[0]; ++x) {
        float sum = 0;
        for (int k = 0; k < samples; ++k) {
          Vec3 index{static_cast<double>(x), static_cast<double>(y), static_cast<double>(z)};
          index[static_cast<std::size_t>(p.slice_axis)] += (static_cast<double>(k) + 0.5) / samples - 0.5;
          const Vec3 at = g.index_to_lps_mm(index);
          const Vec3 moved = multiply(movement, {at[0] - middle[0], at[1] - middle[1], at[2] - middle[2]});
          sum += sample(image, head.size,
                        head.lps_mm_to_index({moved[0] + middle[0] + shift[0], moved[1] + middle[1] + shift[1],
                                              moved[2] + middle[2] + shift[2]}));
        }
        out.at(x, y, z) = rician(sum / static_cast<float>(samples), noise, random) * gain;
      }
  to_integers(out.voxels);
  Json matrix = Json::array();
  for (std::size_t r = 0; r < 3; ++r) {
    double t = shift[r] + middle[r];
    for (std::size_t c = 0; c < 3; ++c) t -= movement[3 * r + c] * middle[c];
    matrix.push_back({movement[3 * r], movement[3 * r + 1], movement[3 * r + 2], t});
  }
  truth[std::string(key_name(s))] = {
      {"sequence_to_head_lps_mm", matrix},
      {"rotation_deg",
       {angle[0] * 180 / std::numbers::pi, angle[1] * 180 / std::numbers::pi, angle[2] * 180 / std::numbers::pi}},
      {"translation_mm", shift}};
  return out;
}

}  // namespace gliocast::simulation
