#include "prepared_region.hpp"

#include "derived_images.hpp"
#include "resample_region.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/radiomics/diagnostics.hpp>

#include <algorithm>
#include <cmath>
#include <set>

namespace gliocast::radiomics {
namespace {

/// Sum with the lost digits carried along (Kahan).
class ExactSum {
 public:
  void add(double v) {
    const double y = v - lost_, t = sum_ + y;
    lost_ = (t - sum_) - y;
    sum_ = t;
  }
  [[nodiscard]] double value() const { return sum_; }

 private:
  double sum_ = 0, lost_ = 0;
};

/// z-scores over the whole image (n − 1), outliers clipped, then scaled.
ScalarImage normalized(const ScalarImage& image, const Settings& s) {
  ExactSum sum, squares;
  for (const double v : image.volume.voxels) sum.add(v), squares.add(v * v);
  const auto n = static_cast<double>(image.volume.voxels.size());
  const double mean = sum.value() / n, variance = (squares.value() - sum.value() * sum.value() / n) / (n - 1);
  if (!(variance > 0)) throw unusable_input("the image has one value throughout: it cannot be normalised");
  const double scale = 1 / std::sqrt(variance);
  ScalarImage out = image;
  out.kind = PixelKind::Double;
  for (double& v : out.volume.voxels) {
    v = (v - mean) * scale;
    if (s.remove_outliers) v = std::clamp(v, -*s.remove_outliers, *s.remove_outliers);
    v *= s.normalize_scale;
  }
  return out;
}

/// ", which holds 1, 2, 4".
std::string others(const LabelVolume& labels) {
  std::set<std::uint32_t> found(labels.voxels.begin(), labels.voxels.end());
  found.erase(0);
  if (found.empty()) return ": it is empty";
  std::string list;
  for (const auto l : found)
    if (list.size() < 60) list += (list.empty() ? "" : ", ") + std::to_string(l);
  return ", which holds " + list;
}

/// The region's box; refuses regions that have no features.
IndexBox check_region(const Mask& mask, const Settings& s) {
  const auto box = bounding_box(mask);
  if (!box) throw unusable_input("label " + std::to_string(s.label) + " is not in the mask");
  int dimensions = 0;
  for (std::size_t a = 0; a < 3; ++a) dimensions += box->last[a] > box->first[a];
  if (dimensions == 0) throw unusable_input("the region has a single voxel: there are no features of it");
  if (dimensions < s.minimum_roi_dimensions)
    throw unusable_input("the region extends along " + std::to_string(dimensions) + " axes, minimumROIDimensions is " + std::to_string(s.minimum_roi_dimensions));
  if (s.minimum_roi_size && static_cast<double>(count(mask)) <= *s.minimum_roi_size)
    throw unusable_input("the region has " + std::to_string(count(mask)) + " voxels, minimumROISize asks for more than " + shortest(*s.minimum_roi_size));
  return *box;
}

Mask resegmented(const Volume<double>& image, const Mask& mask, const Settings& s) {
  const auto values = values_inside(image, mask);
  std::vector<double> limits = s.resegment_range;
  if (s.resegment_mode == ResegmentMode::Relative) {
    const double most = std::ranges::max(values);
    for (double& l : limits) l *= most;
  } else if (s.resegment_mode == ResegmentMode::Sigma) {
    double mean = 0, square = 0;
    for (const double v : values) mean += v;
    mean /= static_cast<double>(values.size());
    for (const double v : values) square += (v - mean) * (v - mean);
    const double sd = std::sqrt(square / static_cast<double>(values.size()));
    for (double& l : limits) l = mean + sd * l;
  }
  Mask out(mask.geometry);
  for (std::size_t i = 0; i < out.voxels.size(); ++i) out.voxels[i] = mask.voxels[i] && image.voxels[i] >= limits[0] && (limits.size() < 2 || image.voxels[i] <= limits[1]);
  if (count(out) <= 1) throw unusable_input("resegmentation leaves " + std::to_string(count(out)) + " voxels of the region", {}, "widen resegmentRange");
  return out;
}

/// Settings of an image type: the file's, with its own on top.
Settings settings_of(const Json& base, const Json& own) {
  Json merged = base;
  merged.update(own);
  return read_settings(merged);
}

}  // namespace

std::vector<FilterTask> filter_tasks(const Parameters& p) {
  std::vector<FilterTask> tasks;
  for (const auto& [type, own] : p.image_types) {
    const Settings merged = settings_of(p.setting, own);
    if (type != "LoG") {
      tasks.push_back({type, merged});
      continue;
    }
    for (std::size_t k = 0; k < merged.sigma_mm.size(); ++k) {
      tasks.push_back({type, merged});
      tasks.back().settings.sigma_mm = {merged.sigma_mm[k]};
      tasks.back().settings.sigma_names = {merged.sigma_names[k]};
    }
  }
  return tasks;
}

PreparedRegion::PreparedRegion(const ScalarImage& given, const LabelVolume& labels, const Settings& s, std::size_t threads) : image_(&given) {
  const bool other_grid = !same_grid(given.volume.geometry, labels.geometry, s.geometry_tolerance.value_or(1e-2));
  if (other_grid && !s.correct_mask)
    throw unusable_input("image and mask lie on different grids: " + describe_difference(given.volume.geometry, labels.geometry), {},
                         "if they show the same patient all the same, correctMask (--resample-mask) brings the mask to the image's grid");
  Json of_image, of_mask;
  parallel_for(2, threads, [&](std::size_t part) {
    if (part == 0) {
      if (s.additional_info) of_image = image_diagnostics(given.volume, "original");
      if (s.normalize) changed_ = normalized(given, s);
    } else {
      mask = pick_label(labels, s.label);
      if (count(mask) == 0) throw unusable_input("label " + std::to_string(s.label) + " is not in the mask" + others(labels));
      if (s.additional_info) of_mask = mask_diagnostics(mask, "original");
    }
  });
  if (s.normalize) image_ = &changed_;
  const auto report = [&](const Json& part) {
    if (s.additional_info) diagnostics.update(part);
  };
  if (s.additional_info) report(of_image), report(of_mask);
  if (other_grid) {
    mask = pick_label(resample_labels_to(labels, given.volume.geometry), s.label);
    if (count(mask) == 0) throw unusable_input("the region lies outside the image");
    if (s.additional_info) report(mask_diagnostics(mask, "corrected", &given.volume));
  }
  box = check_region(mask, s);
  if (!s.resampled_spacing_mm.empty()) {
    if (image_ == &given) changed_ = given;
    resample_region(changed_, mask, box, s);
    image_ = &changed_;
    box = check_region(mask, s);
    if (s.additional_info) report(image_diagnostics(image_->volume, "interpolated")), report(mask_diagnostics(mask, "interpolated", &image_->volume));
  } else if (s.pre_crop) {
    const IndexBox wide = padded(box, static_cast<std::size_t>(s.pad_distance), image_->volume.geometry.size);
    changed_ = {crop(image_->volume, wide), image_->kind, image_->least, image_->most};
    image_ = &changed_;
    mask = crop(mask, wide);
    box = check_region(mask, s);
  }
  shape_mask = mask;
  if (s.resegment_range.empty()) return;
  mask = resegmented(image_->volume, mask, s);
  box = check_region(mask, s);
  if (s.resegment_shape) shape_mask = mask;
  if (s.additional_info) report(mask_diagnostics(mask, "resegmented", &image_->volume));
}

}  // namespace gliocast::radiomics
