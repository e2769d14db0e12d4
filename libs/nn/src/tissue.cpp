#include <gliocast/nn/tissue.hpp>

#include <gliocast/core/random.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace gliocast::nn {
namespace {

constexpr std::size_t kClasses = 6;   ///< grey and white matter, fluid, vessels and what lies between them
constexpr int kRounds = 10;           ///< of k-means
constexpr std::size_t kSeeds = 4000;  ///< voxels that the first centres are chosen from
constexpr std::int64_t kMargin = 2;   ///< voxels around a tumour that may show it: replaced too
constexpr std::int64_t kSearch = 6;   ///< voxels around the middle that the mirror plane is looked for in
constexpr double kToGive = 0.9;       ///< part of a tumour that the other side must have tissue for

using Point = std::vector<double>;

bool in_brain(const TrainingCase& c, std::size_t i) {
  const auto n = static_cast<std::size_t>(c.input.voxels());
  for (std::size_t ch = 0; ch < c.present.size(); ++ch)
    if (c.input.values[ch * n + i] != 0) return true;
  return false;
}

double squared_distance(const Point& a, const Point& b) {
  double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += (a[k] - b[k]) * (a[k] - b[k]);
  return sum;
}

std::size_t nearest(const Point& p, const std::vector<Point>& centres) {
  std::size_t best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < centres.size(); ++k)
    if (const double d = squared_distance(p, centres[k]); d < least) {
      least = d;
      best = k;
    }
  return best;
}

/// Centres by k-means++ (Arthur 2007) and Lloyd's rounds on a sample of the points.
std::vector<Point> cluster(const std::vector<Point>& points, Random& random) {
  std::vector<Point> centres{points[random.below(points.size())]};
  std::vector<double> far(points.size());
  while (centres.size() < kClasses) {
    double sum = 0;
    for (std::size_t i = 0; i < points.size(); ++i)
      sum += far[i] = squared_distance(points[i], centres[nearest(points[i], centres)]);
    double left = random.uniform(0, sum);
    std::size_t chosen = 0;
    while (chosen + 1 < points.size() && (left -= far[chosen]) > 0) ++chosen;
    centres.push_back(points[chosen]);
  }
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Point> sum(kClasses, Point(points[0].size(), 0.0));
    std::vector<double> count(kClasses, 0.0);
    for (const Point& p : points) {
      const std::size_t k = nearest(p, centres);
      count[k] += 1;
      for (std::size_t d = 0; d < p.size(); ++d) sum[k][d] += p[d];
    }
    for (std::size_t k = 0; k < kClasses; ++k)
      if (count[k] > 0)
        for (std::size_t d = 0; d < sum[k].size(); ++d) centres[k][d] = sum[k][d] / count[k];
  }
  return centres;
}

/// Twice the x of the mirror plane: where the first channel that is there looks most alike on both sides, tumour aside.
std::int64_t mirror_sum(const TrainingCase& c) {
  const auto [nz, ny, nx] = c.input.size_zyx;
  const auto present = std::ranges::find(c.present, true);
  const auto image = c.input.channel(static_cast<std::size_t>(present - c.present.begin()));
  double sum_x = 0, count = 0;
  for (std::size_t i = 0; i < image.size(); ++i)
    if (image[i] != 0) {
      sum_x += static_cast<double>(static_cast<std::int64_t>(i) % nx);
      count += 1;
    }
  const auto middle = static_cast<std::int64_t>(std::llround(2 * sum_x / std::max(count, 1.0)));
  std::int64_t best = middle;
  double least = std::numeric_limits<double>::infinity();
  for (std::int64_t sum = middle - 2 * kSearch; sum <= middle + 2 * kSearch; ++sum) {
    double difference = 0, pairs = 0;
    for (std::size_t i = 0; i < image.size(); ++i) {
      const auto x = static_cast<std::int64_t>(i) % nx, other = sum - x;
      if (other <= x || other >= nx) continue;
      const std::size_t j = i + static_cast<std::size_t>(other - x);
      if (c.label[i] != 0 || c.label[j] != 0 || (image[i] == 0 && image[j] == 0)) continue;
      difference += static_cast<double>((image[i] - image[j]) * (image[i] - image[j]));
      pairs += 1;
    }
    if (pairs > 0 && difference / pairs < least) {
      least = difference / pairs;
      best = sum;
    }
  }
  return best;
}

/// How far each voxel is taken from the other side: 1 at the tumour and up to kMargin around it, less beyond.
std::vector<float> replaced_part(const TrainingCase& c) {
  const auto [nz, ny, nx] = c.input.size_zyx;
  std::vector<float> part(c.label.size(), 0.0F);
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (c.label[i] == 0) continue;
    const auto v = static_cast<std::int64_t>(i);
    const std::int64_t x = v % nx, y = v / nx % ny, z = v / (nx * ny), reach = kMargin + 2;
    for (std::int64_t dz = -reach; dz <= reach; ++dz)
      for (std::int64_t dy = -reach; dy <= reach; ++dy)
        for (std::int64_t dx = -reach; dx <= reach; ++dx) {
          const std::int64_t px = x + dx, py = y + dy, pz = z + dz;
          if (px < 0 || py < 0 || pz < 0 || px >= nx || py >= ny || pz >= nz) continue;
          const double distance = std::sqrt(static_cast<double>(dx * dx + dy * dy + dz * dz));
          const auto weight = static_cast<float>(std::clamp((static_cast<double>(reach) - distance) / 2, 0.0, 1.0));
          float& p = part[static_cast<std::size_t>(px + nx * (py + ny * pz))];
          p = std::max(p, weight);
        }
  }
  return part;
}

}  // namespace

std::vector<std::uint8_t> tissue_classes(const TrainingCase& c, std::uint64_t seed) {
  const auto n = static_cast<std::size_t>(c.input.voxels());
  const auto point = [&](std::size_t i) {
    Point p;
    for (std::size_t ch = 0; ch < c.present.size(); ++ch)
      if (c.present[ch]) p.push_back(static_cast<double>(c.input.values[ch * n + i]));
    return p;
  };
  std::vector<std::size_t> brain;
  for (std::size_t i = 0; i < n; ++i)
    if (c.label[i] == 0 && in_brain(c, i)) brain.push_back(i);
  std::vector<std::uint8_t> out(n, 0);
  for (std::size_t i = 0; i < n; ++i)
    if (c.label[i] > 0) out[i] = static_cast<std::uint8_t>(kClasses + (c.label[i] == 4 ? 3 : c.label[i] == 2 ? 2 : 1));
  if (brain.empty()) return out;
  Random random(seed, "tissue");
  std::vector<Point> sample;
  for (std::size_t k = 0; k < kSeeds; ++k) sample.push_back(point(brain[random.below(brain.size())]));
  const auto centres = cluster(sample, random);
  for (const std::size_t i : brain) out[i] = static_cast<std::uint8_t>(1 + nearest(point(i), centres));
  return out;
}

std::optional<TrainingCase> without_tumour(const TrainingCase& c) {
  if (std::ranges::find(c.present, true) == c.present.end()) return std::nullopt;
  const auto nx = c.input.size_zyx[2];
  const auto n = static_cast<std::size_t>(c.input.voxels());
  const auto part = replaced_part(c);
  const std::int64_t sum = mirror_sum(c);
  TrainingCase out = c;
  double tumour = 0, given = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (part[i] == 0 || !in_brain(c, i)) continue;
    const auto x = static_cast<std::int64_t>(i) % nx, other = sum - x;
    const bool there = other >= 0 && other < nx;
    const std::size_t j = there ? static_cast<std::size_t>(static_cast<std::int64_t>(i) + other - x) : i;
    const bool gives = there && part[j] == 0 && in_brain(c, j);
    tumour += c.label[i] > 0 ? 1 : 0;
    given += c.label[i] > 0 && gives ? 1 : 0;
    for (std::size_t ch = 0; ch < c.present.size(); ++ch) {
      float& value = out.input.values[ch * n + i];
      if (value != 0) value = (1 - part[i]) * value + part[i] * (gives ? c.input.values[ch * n + j] : 0);
    }
  }
  std::ranges::fill(out.label, std::uint8_t{0});
  if (tumour > 0 && given < kToGive * tumour) return std::nullopt;
  return out;
}

}  // namespace gliocast::nn
