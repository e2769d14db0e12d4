#include <gliocast/radiomics/extractor.hpp>

#include "class_features.hpp"
#include "derived_images.hpp"
#include "prepared_region.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/interrupt.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/radiomics/shape.hpp>

#include <algorithm>
#include <cmath>
#include <memory>

namespace gliocast::radiomics {
namespace {

void append(std::vector<NamedFeature>& out, Features features, const std::string& image_type) {
  for (auto& f : features) out.push_back({image_type, std::move(f)});
}

/// Shape in 3-D, and in 2-D where the region is one slice across the forced dimension.
std::vector<NamedFeature> shape_of(const PreparedRegion& region, const Settings& s, const Parameters& p,
                                   std::vector<std::string>& warnings) {
  std::vector<NamedFeature> out;
  const Mask mask = crop(region.shape_mask, region.box);
  const bool plane = s.dimensions == 2;
  const std::size_t across = plane ? 2 : s.forced_axis().value_or(2);
  for (const auto& [feature_class, wanted] : p.feature_classes) {
    if (feature_class != "shape") continue;
    if (plane)
      warnings.emplace_back("the image is 2-D: shape is left out, shape2D is its counterpart");
    else
      append(out, shape_3d(mask, wanted), "original");
  }
  for (const auto& [feature_class, wanted] : p.feature_classes) {
    if (feature_class != "shape2D") continue;
    if (!plane && !s.force_2d) {
      if (!p.every_class) warnings.emplace_back("shape2D needs force2D: left out");
    } else if (mask.geometry.size[across] > 1)
      warnings.emplace_back("the region is thicker than one slice across force2Ddimension: shape2D left out");
    else
      append(out, shape_2d(mask, across, wanted), "original");
  }
  return out;
}

/// A filtered image's values and grey levels in the region: what the classes need of it.
struct ImageLevels {
  ImageLevels(const DerivedImage& image, const Mask& mask, const Settings& s, const PreparedRegion& prepared)
      : name(image.name),
        settings(&s),
        voxel_volume_mm3(image.volume.geometry.voxel_volume_mm3()),
        values(finite_values(image, mask, prepared)),
        levels(discretise(values, s.binning)),
        region(mask, levels, static_cast<std::size_t>(std::max(1, std::ranges::max(s.distances)))) {}

  static std::vector<double> finite_values(const DerivedImage& image, const Mask& mask,
                                           const PreparedRegion& prepared) {
    auto values = values_inside(image.volume, mask);
    for (const double v : values)
      if (!std::isfinite(v)) throw prepared.not_finite_error(image, mask);
    return values;
  }

  std::string name;
  const Settings* settings;
  double voxel_volume_mm3;
  std::vector<double> values;
  Discretised levels;
  LevelRegion region;
};

/// Diagnostics of a plane: two numbers a place, four a box.
void flatten_diagnostics(Json& diagnostics) {
  for (auto& [key, value] : diagnostics.items()) {
    if (!value.is_array()) continue;
    if (value.size() == 6) value.erase(5);
    if (value.size() == 5 || value.size() == 3) value.erase(2);
  }
}

}  // namespace

std::vector<FilterTask> tasks_for(const Parameters& p, int dimensions) {
  std::vector<FilterTask> tasks = filter_tasks(p);
  const auto has_levels = [](const auto& c) { return !c.first.starts_with("shape"); };
  for (auto& task : tasks) {
    task.settings = in_dimensions(task.settings, dimensions);
    if (!task.settings.binning.count && task.settings.binning.width == 0 &&
        std::ranges::any_of(p.feature_classes, has_levels))
      throw Error(ExitCode::WrongUse, "is null and binCount is not given: grey levels need one of them",
                  "binWidth of " + task.type);
  }
  return tasks;
}

Extraction extract(const ScalarImage& given, const LabelVolume& labels, const Parameters& p, std::size_t threads) {
  const Settings s = in_dimensions(read_settings(p.setting), given.dimensions);
  const std::vector<FilterTask> tasks = tasks_for(p, given.dimensions);
  PreparedRegion prepared(given, labels, s, threads);
  Extraction out;
  out.diagnostics = std::move(prepared.diagnostics);
  out.warnings = std::move(prepared.warnings);
  const Mask region = crop(prepared.mask, prepared.box);
  std::vector<std::vector<DerivedImage>> derived(tasks.size());
  std::vector<std::vector<std::string>> warnings(tasks.size());
  // The shape is one more piece of work beside the filters.
  parallel_for(tasks.size() + 1, threads, [&](std::size_t k) {
    throw_if_interrupted();
    if (k == 0)
      out.features = shape_of(prepared, s, p, out.warnings);
    else
      derived[k - 1] = derive_images(tasks[k - 1].type, prepared.image(), prepared.box, region, tasks[k - 1].settings,
                                     warnings[k - 1]);
  });
  std::vector<std::pair<DerivedImage*, const Settings*>> images;
  for (std::size_t k = 0; k < tasks.size(); ++k) {
    for (auto& one : derived[k]) images.emplace_back(&one, &tasks[k].settings);
    std::ranges::move(warnings[k], std::back_inserter(out.warnings));
  }
  std::vector<std::unique_ptr<ImageLevels>> levels(images.size());
  parallel_for(images.size(), threads, [&](std::size_t k) {
    levels[k] = std::make_unique<ImageLevels>(*images[k].first, region, *images[k].second, prepared);
    images[k].first->volume = {};
  });
  // Each class of each image is a piece of work, so that one image keeps all threads busy too.
  const std::size_t classes = p.feature_classes.size();
  std::vector<Features> parts(images.size() * classes);
  parallel_for(parts.size(), threads, [&](std::size_t k) {
    throw_if_interrupted();
    const ImageLevels& image = *levels[k / classes];
    const auto& [feature_class, wanted] = p.feature_classes[k % classes];
    if (!feature_class.starts_with("shape"))
      parts[k] = class_features(feature_class, wanted, image.values, image.levels, image.region, image.voxel_volume_mm3,
                                *image.settings);
  });
  for (std::size_t k = 0; k < parts.size(); ++k) append(out.features, std::move(parts[k]), levels[k / classes]->name);
  if (given.dimensions == 2) flatten_diagnostics(out.diagnostics);
  return out;
}

}  // namespace gliocast::radiomics
