// Features of the neighbourhood of every voxel.
#include "class_features.hpp"
#include "derived_images.hpp"
#include "prepared_region.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/interrupt.hpp>
#include <gliocast/core/parallel.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::radiomics {
namespace {

/// Grey levels on a box, 0 where a voxel does not count.
struct LevelBox {
  Geometry geometry;
  std::vector<std::uint32_t> level;
  double highest = 0;
  std::size_t number = 0;  ///< of levels that occur
};

LevelBox level_box(const Volume<double>& image, const Mask& counted, const Binning& binning) {
  const Discretised d = discretise(values_inside(image, counted), binning);
  LevelBox out{image.geometry, std::vector<std::uint32_t>(image.voxels.size(), 0), static_cast<double>(d.levels), 0};
  std::vector<bool> occurs(d.levels + 1, false);
  std::size_t k = 0;
  for (std::size_t i = 0; i < out.level.size(); ++i)
    if (counted.voxels[i]) {
      out.level[i] = d.level[k++];
      occurs[out.level[i]] = true;
    }
  out.number = static_cast<std::size_t>(std::ranges::count(occurs, true));
  return out;
}

/// The box of a voxel's neighbourhood, cut at the image's; flat along the axis of force2D.
IndexBox kernel_box(const Size3& centre, const Size3& size, const Settings& s) {
  IndexBox box;
  const auto r = static_cast<std::size_t>(s.kernel_radius);
  for (std::size_t a = 0; a < 3; ++a) {
    const std::size_t reach = s.forced_axis() == a ? 0 : r;
    box.first[a] = centre[a] - std::min(centre[a], reach);
    box.last[a] = std::min(centre[a] + reach, size[a] - 1);
  }
  return box;
}

/// Directions that hold a pair of voxels within reach somewhere in the region.
std::size_t directions_with_pairs(const LevelBox& box, const Settings& s) {
  const std::size_t extent = 2 * static_cast<std::size_t>(s.kernel_radius) + 1;
  const TextureOptions t = s.texture();
  const int pad = std::max(1, std::ranges::max(s.distances));
  const LevelRegion all(box.geometry.size, box.geometry.spacing_mm, box.level, box.highest, box.number,
                        static_cast<std::size_t>(pad));
  const auto holds_pair = [&](const std::array<int, 3>& offset) {
    const std::ptrdiff_t step = all.step(offset);
    return all.visit([&](const auto* p) {
      return std::ranges::any_of(all.voxels(), [&](std::uint32_t v) {
        return p[static_cast<std::size_t>(static_cast<std::ptrdiff_t>(v) + step)] != 0;
      });
    });
  };
  return static_cast<std::size_t>(
      std::ranges::count_if(neighbour_offsets({extent, extent, extent}, t.distances, t.plane_axis, false), holds_pair));
}

/// A neighbourhood: values that count, the levels of its box, and those that count.
struct Kernel {
  std::vector<double> values;
  std::vector<std::uint32_t> box_levels;
  Discretised levels;
};

void gather(Kernel& k, const Volume<double>& image, const LevelBox& levels, const IndexBox& box) {
  k.values.clear();
  k.box_levels.clear();
  k.levels.level.clear();
  k.levels.levels = 0;
  for (std::size_t z = box.first[2]; z <= box.last[2]; ++z)
    for (std::size_t y = box.first[1]; y <= box.last[1]; ++y)
      for (std::size_t x = box.first[0]; x <= box.last[0]; ++x) {
        const std::size_t i = image.index(x, y, z);
        k.box_levels.push_back(levels.level[i]);
        if (levels.level[i] == 0) continue;
        k.values.push_back(image.voxels[i]);
        k.levels.level.push_back(levels.level[i]);
        k.levels.levels = std::max(k.levels.levels, levels.level[i]);
      }
}

std::vector<FeatureMap> maps_of(const DerivedImage& image, const Mask& region, const PreparedRegion& prepared,
                                const Settings& s, const Parameters& p, std::size_t threads) {
  const Mask counted = s.masked_kernel ? region : Mask(region.geometry, std::uint8_t{1});
  for (const double v : values_inside(image.volume, counted))
    if (!std::isfinite(v)) throw prepared.not_finite_error(image, counted);
  const LevelBox levels = level_box(image.volume, counted, s.binning);
  std::vector<std::size_t> centres;
  for (std::size_t i = 0; i < region.voxels.size(); ++i)
    if (region.voxels[i]) centres.push_back(i);
  const Size3& size = region.geometry.size;
  const std::size_t directions = directions_with_pairs(levels, s);
  const auto compute = [&](Kernel& k, std::size_t centre) {
    const Size3 at{centre % size[0], centre / size[0] % size[1], centre / (size[0] * size[1])};
    const IndexBox box = kernel_box(at, size, s);
    gather(k, image.volume, levels, box);
    const Size3 extent{box.last[0] - box.first[0] + 1, box.last[1] - box.first[1] + 1, box.last[2] - box.first[2] + 1};
    const LevelRegion part(extent, region.geometry.spacing_mm, k.box_levels, levels.highest, levels.number,
                           static_cast<std::size_t>(std::max(1, std::ranges::max(s.distances))));
    Features all;
    for (const auto& [feature_class, wanted] : p.feature_classes)
      if (!feature_class.starts_with("shape"))
        std::ranges::move(class_features(feature_class, wanted, k.values, k.levels, part,
                                         region.geometry.voxel_volume_mm3(), s, directions),
                          std::back_inserter(all));
    return all;
  };
  std::vector<FeatureMap> maps;
  Kernel first;
  for (auto& f : compute(first, centres.front()))
    maps.push_back(
        {image.name + "_" + f.feature_class + "_" + f.name, f.unit, Volume<double>(region.geometry, s.init_value)});
  constexpr std::size_t kAtATime = 256;
  parallel_for((centres.size() + kAtATime - 1) / kAtATime, threads, [&](std::size_t block) {
    throw_if_interrupted();
    Kernel k;
    for (std::size_t c = block * kAtATime; c < std::min(centres.size(), (block + 1) * kAtATime); ++c) {
      const Features features = compute(k, centres[c]);
      for (std::size_t m = 0; m < maps.size(); ++m) maps[m].volume.voxels[centres[c]] = features[m].value;
    }
  });
  return maps;
}

}  // namespace

std::vector<FeatureMap> extract_maps(const ScalarImage& given, const LabelVolume& labels, const Parameters& p,
                                     std::size_t threads, std::vector<std::string>* told) {
  const Settings s = in_dimensions(read_settings(p.setting), given.dimensions);
  const auto tasks = tasks_for(p, given.dimensions);
  const PreparedRegion prepared(given, labels, s, threads);
  const IndexBox wide =
      padded(prepared.box, static_cast<std::size_t>(s.kernel_radius), prepared.image().volume.geometry.size);
  const Mask region = crop(prepared.mask, wide);
  std::vector<FeatureMap> out;
  std::vector<std::string> warnings = prepared.warnings;
  for (const auto& task : tasks)
    for (const auto& image : derive_images(task.type, prepared.image(), wide, region, task.settings, warnings))
      std::ranges::move(maps_of(image, region, prepared, task.settings, p, threads), std::back_inserter(out));
  if (told != nullptr) *told = warnings;
  if (out.empty())
    throw Error(ExitCode::WrongUse, "no map would be computed: shape has none, and no other class or image is enabled",
                "featureClass");
  return out;
}

}  // namespace gliocast::radiomics
