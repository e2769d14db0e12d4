#include "suspicions.hpp"

#include "plausible.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/order_statistics.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace gliocast::preprocess {
namespace {

/// A sequence in the brain as (x − median) / (interquartile range / 1.349).
std::vector<float> robust(const Volume<float>& image, const Mask& brain) {
  std::vector<float> values = values_inside(image, brain);
  if (values.empty()) return values;
  std::vector<float> sorted = values;
  const float median = ranked(sorted, 0.5), scale = (ranked(sorted, 0.75) - ranked(sorted, 0.25)) / 1.349F;
  if (scale > 0)
    for (float& v : values) v = (v - median) / scale;
  return values;
}

/// Contrast agent brightens vessels, choroid plexus and tumour: the differences T1-Gd − T1 have their long tail above. A long tail below speaks for an exchange.
void suspect_exchanged_t1(PreparedExam& e) {
  const auto plain = e.intensities.find(Sequence::T1), contrast = e.intensities.find(Sequence::T1Gd);
  if (plain == e.intensities.end() || contrast == e.intensities.end()) return;
  auto a = robust(plain->second, e.brain);
  const auto b = robust(contrast->second, e.brain);
  if (a.size() < 1000) return;
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = b[i] - a[i];
  const float middle = ranked(a, 0.5), above = ranked(a, 0.998) - middle, below = middle - ranked(a, 0.002);
  if (below > 1.4F * above) e.warnings.push_back("T1 and T1-Gd may have been exchanged: what was given as T1 is brighter in vessels or tumour than what was given as T1-Gd. Check them");
}

/// Mutual information (nats) of two sequences over brain voxels, 32 bins between the 1st and 99th percentiles.
double information(const std::vector<float>& a, const std::vector<float>& b) {
  constexpr std::size_t n = 32;
  const auto binned = [](const std::vector<float>& v) {
    std::vector<float> sorted = v;
    const float low = ranked(sorted, 0.01), high = std::max(ranked(sorted, 0.99), low + 1e-6F);
    std::vector<std::uint8_t> out(v.size());
    for (std::size_t i = 0; i < v.size(); ++i) out[i] = static_cast<std::uint8_t>(std::clamp((v[i] - low) / (high - low) * static_cast<float>(n), 0.0F, static_cast<float>(n - 1)));
    return out;
  };
  const auto x = binned(a), y = binned(b);
  std::array<double, n * n> joint{};
  std::array<double, n> px{}, py{};
  const double one = 1 / static_cast<double>(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) joint[x[i] * n + y[i]] += one, px[x[i]] += one, py[y[i]] += one;
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      if (joint[i * n + j] > 0) sum += joint[i * n + j] * std::log(joint[i * n + j] / (px[i] * py[j]));
  return sum;
}

/// A sequence whose mirror image matches the reference better than itself.
void suspect_mirrored(PreparedExam& e) {
  const Mask& brain = e.brain;
  const Size3& n = brain.geometry.size;
  const auto twice_middle = static_cast<std::ptrdiff_t>(std::lround(2 * mean_index(brain)[0]));
  const auto& reference = e.intensities.at(e.reference);
  for (const auto& [s, image] : e.intensities) {
    if (s == e.reference) continue;
    std::vector<float> fixed, straight, mirrored;
    for (std::size_t z = 0; z < n[2]; z += 2)
      for (std::size_t y = 0; y < n[1]; y += 2)
        for (std::size_t x = 0; x < n[0]; x += 2) {
          const auto m = twice_middle - static_cast<std::ptrdiff_t>(x);
          if (m < 0 || m >= static_cast<std::ptrdiff_t>(n[0]) || !brain.at(x, y, z) || !brain.at(static_cast<std::size_t>(m), y, z)) continue;
          fixed.push_back(reference.at(x, y, z)), straight.push_back(image.at(x, y, z)), mirrored.push_back(image.at(static_cast<std::size_t>(m), y, z));
        }
    if (fixed.size() > 2000 && information(fixed, mirrored) > 1.05 * information(fixed, straight))
      e.warnings.push_back("left and right may be exchanged in " + std::string(display_name(s)) + ": its mirror image matches " + std::string(display_name(e.reference)) + " better");
  }
}

void suspect_cut(PreparedExam& e) {
  const Mask& brain = e.brain_native;
  const Geometry& g = brain.geometry;
  constexpr std::array<const char*, 6> kSides{"left", "right", "back", "front", "top", "bottom"};
  for (std::size_t axis = 0; axis < 3; ++axis)
    for (const bool last : {false, true}) {
      std::size_t touched = 0;
      Size3 i{};
      const std::size_t u = (axis + 1) % 3, v = (axis + 2) % 3;
      i[axis] = last ? g.size[axis] - 1 : 0;
      for (i[u] = 0; i[u] < g.size[u]; ++i[u])
        for (i[v] = 0; i[v] < g.size[v]; ++i[v]) touched += brain.at(i[0], i[1], i[2]) != 0;
      if (static_cast<double>(touched) * g.spacing_mm[u] * g.spacing_mm[v] < 400) continue;  // mm²
      Vec3 outward{g.direction[axis], g.direction[3 + axis], g.direction[6 + axis]};
      if (!last)
        for (double& c : outward) c = -c;
      std::size_t main = 0;
      for (std::size_t a = 1; a < 3; ++a)
        if (std::abs(outward[a]) > std::abs(outward[main])) main = a;
      if (main == 2 && outward[2] < 0) continue;  // the brain stem leaves every image there
      const std::size_t side = 2 * main + (outward[main] > 0 ? 0 : 1);
      e.warnings.push_back(std::string("the brain reaches the edge of the ") + std::string(display_name(e.reference)) + " image (" + kSides[side] + "): part of it may be missing");
    }
}

constexpr double kLeastContrast = 0.06;  ///< interquartile range / median in a brain; grey and white matter differ by 10 % and more on every sequence in use

/// The largest interquartile range / median over the sequences.
double tissue_contrast(const PreparedExam& e) {
  double best = 0;
  for (const auto& [s, image] : e.intensities) {
    auto values = values_inside(image, e.brain);
    if (values.size() < 1000) continue;
    const double middle = static_cast<double>(ranked(values, 0.5));
    if (middle > 0) best = std::max(best, (static_cast<double>(ranked(values, 0.75)) - static_cast<double>(ranked(values, 0.25))) / middle);
  }
  return best;
}

void check_brain(PreparedExam& e) {
  if (!e.extraction) return;
  if (tissue_contrast(e) < kLeastContrast) throw unusable_input("no human brain was found: what was found is of one signal throughout, like a phantom", {}, "is this a head with its skull?");
  if (const std::string why = why_no_extracted_brain(e); !why.empty())
    throw unusable_input("no human brain was found: what looks most like one " + why, {},
                         "is this a head with its skull? Give --preprocessed yes for images that are stripped and aligned already");
  const double turned = image::rotation_degrees(e.extraction->to_atlas);
  if (turned > 60)
    e.warnings.push_back("the head lies about " + std::to_string(std::lround(turned)) + "° from where the header says: the header's directions may be wrong, and left and right with them");
}

}  // namespace

void add_suspicions(PreparedExam& e) {
  check_brain(e);
  suspect_exchanged_t1(e);
  suspect_mirrored(e);
  if (e.extraction) suspect_cut(e);
}

}  // namespace gliocast::preprocess
