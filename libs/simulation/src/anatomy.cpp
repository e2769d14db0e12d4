#include "anatomy.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/image/atlas.hpp>
#include <gliocast/imageio/read_volume.hpp>

#include <algorithm>
#include <cmath>
#include <deque>

namespace gliocast::simulation {
namespace {

namespace fs = std::filesystem;

struct Gaussian {
  double weight, mean, sd;
  [[nodiscard]] double density(double x) const {
    const double d = (x - mean) / sd;
    return weight / sd * std::exp(-0.5 * d * d);
  }
};

/// Expectation–maximisation on the histogram of 8-bit signals.
std::array<Gaussian, 3> fit_classes(const std::array<double, 256>& histogram) {
  std::array<Gaussian, 3> g{{{0.15, 45, 12}, {0.45, 85, 10}, {0.4, 110, 8}}};
  for (int iteration = 0; iteration < 200; ++iteration) {
    std::array<double, 3> n{}, sum{}, square{};
    for (std::size_t v = 1; v < 256; ++v) {
      const double x = static_cast<double>(v);
      const std::array<double, 3> d{g[0].density(x), g[1].density(x), g[2].density(x)};
      const double total = d[0] + d[1] + d[2];
      if (!(total > 0)) continue;
      for (std::size_t k = 0; k < 3; ++k) {
        const double w = histogram[v] * d[k] / total;
        n[k] += w;
        sum[k] += w * x;
        square[k] += w * x * x;
      }
    }
    const double all = n[0] + n[1] + n[2];
    for (std::size_t k = 0; k < 3; ++k)
      g[k] = {n[k] / all, sum[k] / n[k], std::max(2.0, std::sqrt(square[k] / n[k] - sum[k] / n[k] * sum[k] / n[k]))};
  }
  return g;
}

/// Spreads labels to all brain voxels by breadth-first search from the labelled ones.
void spread_lobes(const Geometry& g, const std::vector<Tissue>& tissue, std::vector<findings::Lobe>& lobe) {
  std::deque<std::size_t> queue;
  for (std::size_t i = 0; i < lobe.size(); ++i)
    if (lobe[i] != findings::Lobe::None) queue.push_back(i);
  const auto nx = g.size[0], ny = g.size[1], nz = g.size[2];
  while (!queue.empty()) {
    const std::size_t i = queue.front();
    queue.pop_front();
    const std::size_t x = i % nx, y = i / nx % ny, z = i / (nx * ny);
    const auto visit = [&](std::size_t j) {
      if (lobe[j] == findings::Lobe::None && tissue[j].csf + tissue[j].grey + tissue[j].white > 0) {
        lobe[j] = lobe[i];
        queue.push_back(j);
      }
    };
    if (x > 0) visit(i - 1);
    if (x + 1 < nx) visit(i + 1);
    if (y > 0) visit(i - nx);
    if (y + 1 < ny) visit(i + nx);
    if (z > 0) visit(i - nx * ny);
    if (z + 1 < nz) visit(i + nx * ny);
  }
}

/// Closes the brain's sulci (dilation, then erosion, by a ball): brain masks of clinical tools are smooth, and what
/// lies in between is fluid.
std::vector<std::uint8_t> close_mask(const Geometry& g, const std::vector<std::uint8_t>& mask, int radius) {
  std::vector<std::array<int, 3>> ball;
  for (int z = -radius; z <= radius; ++z)
    for (int y = -radius; y <= radius; ++y)
      for (int x = -radius; x <= radius; ++x)
        if (x * x + y * y + z * z <= radius * radius) ball.push_back({x, y, z});
  const auto nx = static_cast<int>(g.size[0]), ny = static_cast<int>(g.size[1]), nz = static_cast<int>(g.size[2]);
  const auto index = [&](int x, int y, int z) { return static_cast<std::size_t>(x + nx * (y + ny * z)); };
  // Spreads `value` by the ball from every voxel of that value that has a face neighbour of the other.
  const auto spread = [&](const std::vector<std::uint8_t>& in, std::uint8_t value) {
    auto out = in;
    for (int z = 1; z + 1 < nz; ++z)
      for (int y = 1; y + 1 < ny; ++y)
        for (int x = 1; x + 1 < nx; ++x) {
          if (in[index(x, y, z)] != value) continue;
          if (in[index(x - 1, y, z)] == value && in[index(x + 1, y, z)] == value && in[index(x, y - 1, z)] == value &&
              in[index(x, y + 1, z)] == value && in[index(x, y, z - 1)] == value && in[index(x, y, z + 1)] == value)
            continue;
          for (const auto& [dx, dy, dz] : ball)
            if (x + dx >= 0 && y + dy >= 0 && z + dz >= 0 && x + dx < nx && y + dy < ny && z + dz < nz)
              out[index(x + dx, y + dy, z + dz)] = value;
        }
    return out;
  };
  return spread(spread(mask, 1), 0);
}

}  // namespace

Tissue Anatomy::sample(const Vec3& p) const noexcept {
  Tissue out;
  const Vec3 f{std::floor(p[0]), std::floor(p[1]), std::floor(p[2])};
  for (std::size_t a = 0; a < 3; ++a)
    if (f[a] < 0 || f[a] + 1 >= static_cast<double>(geometry.size[a])) return out;
  const auto x = static_cast<std::size_t>(f[0]), y = static_cast<std::size_t>(f[1]), z = static_cast<std::size_t>(f[2]);
  const auto tx = static_cast<float>(p[0] - f[0]), ty = static_cast<float>(p[1] - f[1]),
             tz = static_cast<float>(p[2] - f[2]);
  const std::size_t base = x + geometry.size[0] * (y + geometry.size[1] * z), row = geometry.size[0],
                    plane = row * geometry.size[1];
  for (unsigned corner = 0; corner < 8; ++corner) {
    const bool cx = corner & 1U, cy = corner & 2U, cz = corner & 4U;
    const float w = (cx ? tx : 1 - tx) * (cy ? ty : 1 - ty) * (cz ? tz : 1 - tz);
    const Tissue& t = tissue[base + (cx ? 1 : 0) + (cy ? row : 0) + (cz ? plane : 0)];
    out.csf += w * t.csf;
    out.grey += w * t.grey;
    out.white += w * t.white;
    out.detail += w * t.detail;
    out.head += w * t.head;
  }
  return out;
}

findings::Lobe Anatomy::lobe_at(const Vec3& p) const noexcept {
  Size3 i{};
  for (std::size_t a = 0; a < 3; ++a) {
    const double r = std::round(p[a]);
    if (r < 0 || r >= static_cast<double>(geometry.size[a])) return findings::Lobe::None;
    i[a] = static_cast<std::size_t>(r);
  }
  return lobe[i[0] + geometry.size[0] * (i[1] + geometry.size[1] * i[2])];
}

Anatomy halve(const Anatomy& fine) {
  Anatomy a;
  a.brain_centre_mm = fine.brain_centre_mm;
  a.geometry = fine.geometry;
  for (std::size_t k = 0; k < 3; ++k) {
    a.geometry.size[k] /= 2;
    a.geometry.spacing_mm[k] *= 2;
  }
  a.geometry.origin_mm = fine.geometry.index_to_lps_mm({0.5, 0.5, 0.5});
  const std::size_t row = fine.geometry.size[0], plane = row * fine.geometry.size[1];
  for (std::size_t z = 0; z < a.geometry.size[2]; ++z)
    for (std::size_t y = 0; y < a.geometry.size[1]; ++y)
      for (std::size_t x = 0; x < a.geometry.size[0]; ++x) {
        const std::size_t first = 2 * (x + row * y + plane * z);
        Tissue mean;
        for (const std::size_t o : {first, first + row, first + plane, first + plane + row})
          for (const Tissue* t : {&fine.tissue[o], &fine.tissue[o + 1]}) {
            mean.csf += t->csf / 8;
            mean.grey += t->grey / 8;
            mean.white += t->white / 8;
            mean.detail += t->detail / 8;
            mean.head += t->head / 8;
          }
        a.tissue.push_back(mean);
        a.lobe.push_back(fine.lobe[first]);
      }
  return a;
}

Anatomy load_anatomy(const fs::path& wanted) {
  const fs::path folder = image::find_atlas(wanted);
  const auto head = imageio::read_volume(folder / "ch2.nii.gz").volume,
             brain = imageio::read_volume(folder / "ch2bet.nii.gz").volume;
  const auto aal = imageio::read_labels(folder / "aal.nii.gz");
  if (!same_grid(head.geometry, brain.geometry) || !same_grid(head.geometry, aal.geometry))
    throw Error(ExitCode::MissingModel, "the atlas files lie on different grids", folder.string());
  std::array<double, 256> histogram{};
  for (const float v : brain.voxels) histogram[static_cast<std::size_t>(std::clamp(v, 0.0F, 255.0F))] += v > 0;
  const auto classes = fit_classes(histogram);
  std::vector<std::uint8_t> mask(brain.voxels.size());
  for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = brain.voxels[i] > 0;
  const auto closed = close_mask(brain.geometry, mask, 5);
  Anatomy a;
  a.geometry = head.geometry;
  a.tissue.resize(head.voxels.size());
  a.lobe.assign(head.voxels.size(), findings::Lobe::None);
  Vec3 low{1e9, 1e9, 1e9}, high{-1e9, -1e9, -1e9};
  const double contrast = classes[2].mean - classes[1].mean;
  for (std::size_t i = 0; i < head.voxels.size(); ++i) {
    Tissue& t = a.tissue[i];
    const double v = static_cast<double>(brain.voxels[i]);
    if (v > 0) {
      std::array<double, 3> d{classes[0].density(v), classes[1].density(v), classes[2].density(v)};
      if (v <= classes[0].mean) d = {1, 0, 0};  // tails: the darkest are fluid, the brightest white matter
      if (v >= classes[2].mean) d = {0, 0, 1};
      const double total = d[0] + d[1] + d[2];
      t.csf = static_cast<float>(d[0] / total);
      t.grey = static_cast<float>(d[1] / total);
      t.white = static_cast<float>(d[2] / total);
      const double expected = (d[0] * classes[0].mean + d[1] * classes[1].mean + d[2] * classes[2].mean) / total;
      t.detail = static_cast<float>(std::clamp((v - expected) / contrast, -1.5, 1.5));
      a.lobe[i] = findings::lobe_of_aal(aal.voxels[i]);
      const std::size_t x = i % a.geometry.size[0], y = i / a.geometry.size[0] % a.geometry.size[1],
                        z = i / (a.geometry.size[0] * a.geometry.size[1]);
      const Vec3 p =
          a.geometry.index_to_lps_mm({static_cast<double>(x), static_cast<double>(y), static_cast<double>(z)});
      for (std::size_t k = 0; k < 3; ++k) {
        low[k] = std::min(low[k], p[k]);
        high[k] = std::max(high[k], p[k]);
      }
    } else if (closed[i]) {
      t.csf = 1;
    } else {
      t.head = static_cast<float>(static_cast<double>(head.voxels[i]) / classes[2].mean);
    }
  }
  for (std::size_t k = 0; k < 3; ++k) a.brain_centre_mm[k] = 0.5 * (low[k] + high[k]);
  spread_lobes(a.geometry, a.tissue, a.lobe);
  return a;
}

}  // namespace gliocast::simulation
