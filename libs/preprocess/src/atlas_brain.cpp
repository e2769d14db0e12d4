#include "mixture.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/quantile.hpp>
#include <gliocast/image/atlas.hpp>
#include <gliocast/image/components.hpp>
#include <gliocast/image/distance.hpp>
#include <gliocast/image/reorient.hpp>
#include <gliocast/image/resample.hpp>
#include <gliocast/image/smooth.hpp>
#include <gliocast/imageio/read_volume.hpp>
#include <gliocast/preprocess/brain_extraction.hpp>
#include <gliocast/preprocess/registration.hpp>

#include <algorithm>
#include <cmath>
#include <mutex>

namespace gliocast::preprocess {
namespace {

// All distances in mm. The same constants for every image.
constexpr double kGridMm = 2;
constexpr double kBand = 14;          ///< beyond this from the prior outline nothing is in doubt
constexpr double kSafe = 5;           ///< from the outline, for samples of inside and outside
constexpr double kOutsideReach = 30;  ///< how far out samples of outside are taken
constexpr double kPriorScale = 2;     ///< prior log odds per mm: 1 / kPriorScale
constexpr double kEvidenceLimit = 4;  ///< of the signals' log odds
constexpr double kCoupling = 8;       ///< of neighbours in the mean field
constexpr int kRounds = 3, kFieldIterations = 8;
constexpr std::size_t kComponents = 6, kSamples = 15000;

/// A box of 2 mm voxels along LPS that holds the head in any of the sequences' reference position.
Geometry extraction_grid(const Geometry& reference) {
  Vec3 low{1e30, 1e30, 1e30}, high{-1e30, -1e30, -1e30};
  for (unsigned corner = 0; corner < 8; ++corner) {
    Vec3 index{};
    for (std::size_t a = 0; a < 3; ++a)
      index[a] = corner >> a & 1U ? static_cast<double>(reference.size[a]) - 0.5 : -0.5;
    const Vec3 p = reference.index_to_lps_mm(index);
    for (std::size_t a = 0; a < 3; ++a) {
      low[a] = std::min(low[a], p[a]);
      high[a] = std::max(high[a], p[a]);
    }
  }
  Geometry g;
  g.spacing_mm = {kGridMm, kGridMm, kGridMm};
  g.origin_mm = low;
  for (std::size_t a = 0; a < 3; ++a)
    g.size[a] = static_cast<std::size_t>(std::ceil((high[a] - low[a]) / kGridMm - 0.01)) + 1;
  return g;
}

/// Sequences on the grid as log(1 + 4 · signal / median inside), and which of them reach each voxel.
struct Evidence {
  std::vector<Signals> signals;
  std::vector<std::uint8_t> present;
  std::size_t count = 0;
};

Evidence gather(const std::map<Sequence, HeadImage>& head, const Volume<float>& distance) {
  Evidence e;
  const Geometry& grid = distance.geometry;
  e.signals.resize(distance.voxels.size());
  e.present.assign(distance.voxels.size(), 0);
  for (const auto& [sequence, part] : head) {
    const float outside = -1e6F;
    const auto on_grid = image::resample(*part.image, grid, image::Interpolation::Linear, outside, part.from_reference);
    std::vector<float> inside;
    for (std::size_t i = 0; i < on_grid.voxels.size(); ++i)
      if (static_cast<double>(distance.voxels[i]) > 8 && on_grid.voxels[i] > outside / 2)
        inside.push_back(on_grid.voxels[i]);
    if (inside.size() < 1000) continue;
    const float median = std::max(1e-6F, upper_median(inside));
    for (std::size_t i = 0; i < on_grid.voxels.size(); ++i) {
      if (on_grid.voxels[i] <= outside / 2) continue;
      e.signals[i][e.count] = std::log1p(4 * std::max(0.0F, on_grid.voxels[i]) / median);
      e.present[i] = static_cast<std::uint8_t>(e.present[i] | 1U << e.count);
    }
    ++e.count;
  }
  if (e.count == 0) throw unusable_input("no sequence reaches enough of the brain");
  return e;
}

GaussianMixture fit(const Evidence& e, const Volume<float>& distance, double from, double to, std::uint64_t stream) {
  const auto all = static_cast<std::uint8_t>((1U << e.count) - 1);
  const auto wanted = [&](std::size_t i) {
    return static_cast<double>(distance.voxels[i]) > from && static_cast<double>(distance.voxels[i]) < to &&
           e.present[i] == all;
  };
  std::size_t n = 0;
  for (std::size_t i = 0; i < distance.voxels.size(); ++i) n += wanted(i);
  if (n < 10 * kComponents)
    throw unusable_input("the sequences overlap on too little of the head to find the brain in them");
  // Each voxel draws for itself, so that a few voxels more or less change a few samples only.
  const double share = static_cast<double>(kSamples) / static_cast<double>(n);
  std::vector<Signals> samples;
  for (std::size_t i = 0; i < distance.voxels.size(); ++i)
    if (wanted(i) && (share >= 1 || Random(1 + stream, "brain extraction", i).chance(share)))
      samples.push_back(e.signals[i]);
  return {samples, e.count, kComponents, Random(1, "brain mixture", stream)};
}

/// Mean over the 26 neighbours, weighted by 1 / distance, of the voxels in `band`; the box's border repeats.
void smooth_field(const std::vector<std::size_t>& band, const Size3& size, const std::vector<float>& q,
                  std::vector<float>& out) {
  const auto nx = static_cast<std::ptrdiff_t>(size[0]), ny = static_cast<std::ptrdiff_t>(size[1]),
             nz = static_cast<std::ptrdiff_t>(size[2]);
  for (const std::size_t i : band) {
    const auto x = static_cast<std::ptrdiff_t>(i) % nx, y = static_cast<std::ptrdiff_t>(i) / nx % ny,
               z = static_cast<std::ptrdiff_t>(i) / (nx * ny);
    float sum = 0, weight = 0;
    for (std::ptrdiff_t dz = -1; dz <= 1; ++dz)
      for (std::ptrdiff_t dy = -1; dy <= 1; ++dy)
        for (std::ptrdiff_t dx = -1; dx <= 1; ++dx) {
          const auto steps = dx * dx + dy * dy + dz * dz;
          if (steps == 0) continue;
          const float w = steps == 1 ? 1.0F : steps == 2 ? 0.70710678F : 0.57735027F;
          const auto j =
              std::clamp<std::ptrdiff_t>(x + dx, 0, nx - 1) +
              nx * (std::clamp<std::ptrdiff_t>(y + dy, 0, ny - 1) + ny * std::clamp<std::ptrdiff_t>(z + dz, 0, nz - 1));
          sum += w * q[static_cast<std::size_t>(j)];
          weight += w;
        }
    out[i] = sum / weight;
  }
}

Mask largest_filled(const Mask& mask) {
  return image::fill_holes(image::keep_largest_components(mask, {.keep = 1, .min_volume_mm3 = 0, .min_fraction = 0}));
}

/// One round: the field q of being brain, from prior distances, evidence and neighbours.
std::vector<float> decide(const Evidence& e, const Volume<float>& prior, std::uint64_t round) {
  const auto inside = fit(e, prior, kSafe, 1e9, 2 * round),
             outside = fit(e, prior, -kOutsideReach, -kSafe, 2 * round + 1);
  const std::size_t n = prior.voxels.size();
  std::vector<std::size_t> band;
  std::vector<float> odds(n), q(n), neighbours(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double d = static_cast<double>(prior.voxels[i]);
    double evidence = 0;
    if (std::abs(d) < kBand) {
      band.push_back(i);
      evidence =
          std::clamp(inside.log_density(e.signals[i], e.present[i]) - outside.log_density(e.signals[i], e.present[i]),
                     -kEvidenceLimit, kEvidenceLimit);
    }
    odds[i] = static_cast<float>(evidence + d / kPriorScale);
    q[i] = 1 / (1 + std::exp(-odds[i]));
  }
  for (int k = 0; k < kFieldIterations; ++k) {
    smooth_field(band, prior.geometry.size, q, neighbours);
    for (const std::size_t i : band)
      q[i] = 1 / (1 + std::exp(-(odds[i] + static_cast<float>(kCoupling) * (neighbours[i] - 0.5F))));
  }
  return q;
}

/// Opened by 4 mm (bridges to eyes, veins and dura), largest piece, closed by 6 mm, holes filled.
Mask tidy(const Mask& raw) {
  return largest_filled(image::erode(image::dilate(largest_filled(image::dilate(image::erode(raw, 4), 4)), 6), 6));
}

class AtlasExtractor : public BrainExtractor {
 public:
  explicit AtlasExtractor(const std::filesystem::path& folder) {
    // Air around the head, so that no map gains by pushing points out of the atlas; the neck stays open: the atlas ends
    // there.
    head_ = image::pad(image::reorient(imageio::read_volume(folder / "ch2.nii.gz").volume, "LPS"), {60, 60, 0},
                       {60, 60, 60});
    const auto brain = imageio::read_volume(folder / "ch2bet.nii.gz").volume;
    Mask mask(brain.geometry);
    for (std::size_t i = 0; i < mask.voxels.size(); ++i) mask.voxels[i] = brain.voxels[i] > 0;
    distance_ = image::signed_distance_mm(image::fill_holes(image::erode(image::dilate(mask, 3), 3)));
  }

  [[nodiscard]] BrainExtraction extract(const std::map<Sequence, HeadImage>& head) const override {
    BrainExtraction out;
    const HeadImage& plain = plainest(head);
    const auto registration = register_images(*plain.image, head_, {.model = RegistrationOptions::Model::Affine});
    out.to_atlas = image::compose(registration.map, plain.from_reference);
    out.atlas_information = registration.metric_after;
    const Geometry grid = extraction_grid(reference_geometry(head));
    const auto atlas = image::resample(distance_, grid, image::Interpolation::Linear, -100, out.to_atlas);
    const Evidence evidence = gather(head, atlas);
    Volume<float> prior = atlas;
    Mask brain(grid);
    std::vector<float> q;
    for (int round = 0; round < kRounds; ++round) {
      q = decide(evidence, prior, static_cast<std::uint64_t>(round));
      for (std::size_t i = 0; i < q.size(); ++i) brain.voxels[i] = q[i] > 0.5F;
      brain = tidy(brain);
      if (round + 1 == kRounds) break;
      const auto found = image::smooth_gaussian(image::signed_distance_mm(brain), 4);
      for (std::size_t i = 0; i < prior.voxels.size(); ++i)
        prior.voxels[i] = 0.5F * (atlas.voxels[i] + found.voxels[i]);
    }
    // The tidied mask decides; the field within each side of it places the outline between voxels on finer grids.
    out.probability = Volume<float>(grid);
    for (std::size_t i = 0; i < q.size(); ++i)
      out.probability.voxels[i] = brain.voxels[i] ? std::max(q[i], 0.51F) : std::min(q[i], 0.49F);
    report(out, atlas, brain);
    expect(out);
    return out;
  }

 private:
  /// T1 without contrast agent is the most like the atlas.
  static const HeadImage& plainest(const std::map<Sequence, HeadImage>& head) {
    for (const Sequence s : {Sequence::T1, Sequence::T1Gd, Sequence::T2, Sequence::Flair})
      if (const auto found = head.find(s); found != head.end()) return found->second;
    throw unusable_input("no sequence to find the brain in");
  }

  /// The sequence that needs no map: the reference itself.
  static const Geometry& reference_geometry(const std::map<Sequence, HeadImage>& head) {
    const image::AffineMap identity;
    for (const auto& [sequence, part] : head)
      if (part.from_reference.matrix == identity.matrix &&
          part.from_reference.translation_mm == identity.translation_mm)
        return part.image->geometry;
    return head.begin()->second.image->geometry;
  }

  /// The atlas' brain in the reference's space, voxel by fourth voxel.
  void expect(BrainExtraction& out) const {
    constexpr std::size_t kStep = 4;
    const image::AffineMap back = image::inverse(out.to_atlas);
    const Geometry& g = distance_.geometry;
    for (std::size_t z = 0; z < g.size[2]; z += kStep)
      for (std::size_t y = 0; y < g.size[1]; y += kStep)
        for (std::size_t x = 0; x < g.size[0]; x += kStep)
          if (distance_.at(x, y, z) > 0)
            out.expected.push_back(
                back(g.index_to_lps_mm({static_cast<double>(x), static_cast<double>(y), static_cast<double>(z)})));
    out.expected_mm3 = g.voxel_volume_mm3() * kStep * kStep * kStep / std::abs(determinant(out.to_atlas.matrix));
  }

  static void report(BrainExtraction& out, const Volume<float>& atlas, const Mask& brain) {
    double both = 0, prior = 0;
    for (std::size_t i = 0; i < brain.voxels.size(); ++i) {
      prior += atlas.voxels[i] > 0;
      both += atlas.voxels[i] > 0 && brain.voxels[i];
    }
    const auto found = static_cast<double>(count(brain));
    out.agreement = prior + found > 0 ? 2 * both / (prior + found) : 0;
    if (found == 0)
      throw unusable_input("no brain was found", {},
                           "is this a head? give --preprocessed yes if it is stripped and aligned already");
    if (out.agreement < 0.8)
      out.warnings.push_back("the brain's outline differs much from the atlas (Dice " +
                             std::to_string(std::lround(100 * out.agreement)) + " %): look at the pictures");
  }

  Volume<float> head_, distance_;
};

}  // namespace

std::shared_ptr<const BrainExtractor> atlas_brain_extractor(const std::filesystem::path& atlas_folder) {
  static std::mutex guard;
  static std::map<std::filesystem::path, std::shared_ptr<const BrainExtractor>> made;
  const auto folder = image::find_atlas(atlas_folder);
  const std::lock_guard lock(guard);
  auto& one = made[folder];
  if (!one) one = std::make_shared<AtlasExtractor>(folder);
  return one;
}

}  // namespace gliocast::preprocess
