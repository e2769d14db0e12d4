#include "prepared_region.hpp"

#include "derived_images.hpp"
#include "resample_region.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/radiomics/diagnostics.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace gliocast::radiomics {
namespace {

/// Voxels that hold no number.
struct NotFinite {
  std::size_t nan = 0, infinite = 0;
  [[nodiscard]] std::size_t count() const noexcept { return nan + infinite; }
  [[nodiscard]] bool any() const noexcept { return count() > 0; }
  /// "12 values that are not finite (10 NaN, 2 infinite)".
  [[nodiscard]] std::string text() const {
    std::vector<std::string> kinds;
    if (nan > 0) kinds.push_back(std::to_string(nan) + " NaN");
    if (infinite > 0) kinds.push_back(std::to_string(infinite) + " infinite");
    const std::string noun = count() == 1 ? " value that is" : " values that are";
    return std::to_string(count()) + noun + " not finite (" + listed(kinds) + ")";
  }
};

/// Those of an image, or of the part of it that a mask holds.
NotFinite not_finite(const Volume<double>& image, const Mask* mask) {
  NotFinite n;
  for (std::size_t i = 0; i < image.voxels.size(); ++i) {
    if (std::isfinite(image.voxels[i]) || (mask != nullptr && mask->voxels[i] == 0)) continue;
    ++(std::isnan(image.voxels[i]) ? n.nan : n.infinite);
  }
  return n;
}
NotFinite not_finite(const Volume<double>& image) { return not_finite(image, nullptr); }
NotFinite not_finite(const Volume<double>& image, const Mask& mask) { return not_finite(image, &mask); }

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

/// z-scores over the whole image (n − 1), outliers clipped, then scaled; nothing where it holds values that are not
/// finite.
std::optional<ScalarImage> normalized(const ScalarImage& image, const Settings& s) {
  ExactSum sum, squares;
  for (const double v : image.volume.voxels) {
    sum.add(v);
    squares.add(v * v);
  }
  const auto n = static_cast<double>(image.volume.voxels.size());
  const double mean = sum.value() / n, variance = (squares.value() - sum.value() * sum.value() / n) / (n - 1);
  if (!std::isfinite(variance) && not_finite(image.volume).any()) return std::nullopt;
  if (!std::isfinite(variance)) throw unusable_input("the image's values are too large to be normalised");
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

/// A region before a step of its preparation, for messages of what the step left.
struct Before {
  std::string step;  ///< "resampling from … to 2×2×2 mm"; empty: nothing was done
  std::size_t voxels = 0;
  int dimensions = 0;
};

/// Axes along which a region has more than one voxel.
int dimensions_of(const IndexBox& box) {
  int dimensions = 0;
  for (std::size_t a = 0; a < 3; ++a) dimensions += box.last[a] > box.first[a];
  return dimensions;
}

/// The region's box; refuses regions that have no features.
IndexBox check_region(const Mask& mask, const Settings& s, const Before& before = {}) {
  const std::string voxels = before.step.empty() ? "" : " (" + std::to_string(before.voxels) + " before)";
  const auto refuse = [&](const std::string& what, bool by_step = true) {
    std::string hint;
    if (by_step && before.step.starts_with("resampling"))
      hint = "choose a smaller resampledPixelSpacing, or 0 to keep the mask's spacing along an axis";
    throw unusable_input(by_step && !before.step.empty() ? before.step + ": " + what : what, {}, hint);
  };
  const auto box = bounding_box(mask);
  if (!box)
    refuse("nothing is left of the region of label " + std::to_string(s.label) +
           (before.step.empty() ? "" : " (" + std::to_string(before.voxels) + " voxels before)"));
  const int dimensions = dimensions_of(*box);
  const bool shrank = dimensions < before.dimensions;  // else the region was so from the start
  if (dimensions == 0) refuse("the region has a single voxel" + voxels + ": there are no features of it");
  if (dimensions < s.minimum_roi_dimensions)
    refuse("the region extends along " + std::to_string(dimensions) + (dimensions == 1 ? " axis" : " axes") +
               (shrank ? " (" + std::to_string(before.dimensions) + " before)" : "") + ", minimumROIDimensions is " +
               std::to_string(s.minimum_roi_dimensions),
           shrank);
  if (s.minimum_roi_size && static_cast<double>(count(mask)) <= *s.minimum_roi_size)
    refuse("the region has " + std::to_string(count(mask)) + " voxels" + voxels +
           ", minimumROISize asks for more than " + shortest(*s.minimum_roi_size));
  return *box;
}

std::string in_mm(const Vec3& v) {
  std::string text;
  for (const double x : v) text += (text.empty() ? "" : "×") + plain_number(x, 6);
  return text + " mm";
}

Mask resegmented(const Volume<double>& image, const Mask& mask, const Settings& s) {
  const auto values = values_inside(image, mask);
  const bool finite = std::ranges::all_of(values, [](double v) { return std::isfinite(v); });
  if (s.resegment_mode != ResegmentMode::Absolute && !finite)
    throw unusable_input("the region holds values that are not finite (NaN or infinite): resegmentMode '" +
                             std::string(s.resegment_mode == ResegmentMode::Relative ? "relative" : "sigma") +
                             "' has no limits there",
                         {}, "set these voxels to a number, or take them out of the mask");
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
  for (std::size_t i = 0; i < out.voxels.size(); ++i)
    out.voxels[i] =
        mask.voxels[i] && image.voxels[i] >= limits[0] && (limits.size() < 2 || image.voxels[i] <= limits[1]);
  if (count(out) > 1) return out;
  const auto [least, most] = std::ranges::minmax(values);
  throw unusable_input("resegmentation leaves " + std::to_string(count(out)) + " of the region's " +
                           std::to_string(values.size()) + " voxels: their values go from " + plain_number(least, 6) +
                           " to " + plain_number(most, 6) + ", those kept from " + plain_number(limits[0], 6) +
                           (limits.size() < 2 ? " on" : " to " + plain_number(limits[1], 6)),
                       {}, "widen resegmentRange");
}

/// Settings of an image type: the file's, with its own on top.
Settings settings_of(const Json& base, const Json& own) {
  Json merged = base;
  merged.update(own);
  return read_settings(merged);
}

}  // namespace

std::string labels_held(const LabelVolume& labels) {
  std::set<std::uint32_t> found(labels.voxels.begin(), labels.voxels.end());
  found.erase(0);
  if (found.empty()) return ": it is empty";
  constexpr std::size_t kMostNamed = 20;
  std::vector<std::string> list;
  for (const auto l : found) list.push_back(std::to_string(l));
  return ", which holds " + listed(list, kMostNamed);
}

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

PreparedRegion::PreparedRegion(const ScalarImage& given, const LabelVolume& labels, const Settings& s,
                               std::size_t threads)
    : given_(&given), labels_(&labels), settings_(&s), image_(&given) {
  const Geometry& grid = given.volume.geometry;
  const bool other_grid = !same_grid(grid, labels.geometry, s.geometry_tolerance.value_or(1e-2));
  const bool resample = !s.resampled_spacing_mm.empty();
  if (other_grid && !s.correct_mask && !resample)
    throw unusable_input("image and mask lie on different grids: " + describe_difference(grid, labels.geometry), {},
                         "if they show the same patient all the same, correctMask (--resample-mask) brings the mask to "
                         "the image's grid");
  load(threads);
  if (other_grid && !resample) correct_mask(threads);
  if (resample) {
    if (other_grid && !s.correct_mask)
      warnings.push_back("the mask lies on another grid than the image (" + describe_difference(grid, labels.geometry) +
                         "): both were resampled to one that starts from the mask's");
    resample_both(threads);
  } else {
    const std::string step = other_grid ? "bringing the mask to the image's grid" : "";
    box = check_region(mask, s, {step, voxels_before_, dimensions_before_});
    if (s.pre_crop) cut();
  }
  shape_mask = mask;
  if (!s.resegment_range.empty()) resegment();
}

/// Normalises the image and picks the label, side by side.
void PreparedRegion::load(std::size_t threads) {
  const Settings& s = *settings_;
  Json of_image, of_mask;
  std::optional<ScalarImage> scaled;
  parallel_for(2, threads, [&](std::size_t part) {
    if (part == 0) {
      if (s.additional_info) of_image = image_diagnostics(given_->volume, "original");
      if (s.normalize) scaled = normalized(*given_, s);
    } else {
      mask = pick_label(*labels_, s.label);
      voxels_before_ = count(mask);
      if (const auto found = bounding_box(mask)) dimensions_before_ = dimensions_of(*found);
      if (voxels_before_ == 0)
        throw unusable_input("label " + std::to_string(s.label) + " is not in the mask" + labels_held(*labels_));
      if (s.additional_info) of_mask = mask_diagnostics(mask, "original");
    }
  });
  if (s.normalize && !scaled)
    throw unusable_input(holdings() + ": it cannot be normalised", {},
                         "set these voxels to a number (0, say), or leave normalize out");
  if (s.normalize) {
    changed_ = std::move(*scaled);
    image_ = &changed_;
  }
  report(of_image);
  report(of_mask);
}

void PreparedRegion::correct_mask(std::size_t threads) {
  const Geometry& grid = given_->volume.geometry;
  check_region_in_image(grid, mask.geometry, *bounding_box(mask));
  mask = resample_mask_to(mask, grid, threads);
  if (bounding_box(mask)) report_mask("corrected");
}

void PreparedRegion::resample_both(std::size_t threads) {
  const Settings& s = *settings_;
  const Geometry before = mask.geometry;
  const IndexBox given_box = *bounding_box(mask);
  if (image_ == given_) changed_ = *given_;
  const std::size_t beyond = resample_region(changed_, mask, given_box, s, threads);
  image_ = &changed_;
  Before of_region{{}, voxels_before_, dimensions_of(given_box)};
  if (voxels_before_ > 1)  // a single voxel was one before
    of_region.step =
        "resampling from " + in_mm(before.spacing_mm) + " to " + in_mm(resampled_spacing(before, given_box, s));
  box = check_region(mask, s, of_region);
  if (beyond > 0)
    warnings.push_back(std::to_string(beyond) + " of the resampled region's " + std::to_string(count(mask)) +
                       " voxels lie outside the image; they count as 0, as in PyRadiomics");
  for (std::size_t a = 0; a < 3; ++a)
    if (s.interpolator == ResampleMethod::BSpline && given_->volume.geometry.size[a] == 2)
      warnings.push_back(std::string("the image is two voxels wide along ") + "xyz"[a] +
                         ": PyRadiomics' spline reads beside the image there, and its values differ from these");
  const Mat3& axes = given_->volume.geometry.direction;
  if (given_->dimensions == 2 && axes[0] != 0 && axes[1] != 0)
    warnings.push_back(
        "the plane's axes are turned within it: where a resampled pixel lies halfway between two, "
        "PyRadiomics may take the other one");
  if (!s.additional_info) return;
  report(image_diagnostics(image_->volume, "interpolated"));
  report_mask("interpolated");
}

void PreparedRegion::cut() {
  const auto pad = static_cast<std::size_t>(settings_->pad_distance);
  const IndexBox wide = padded(box, pad, image_->volume.geometry.size);
  changed_ = {crop(image_->volume, wide), image_->kind, image_->least, image_->most, image_->dimensions};
  image_ = &changed_;
  mask = crop(mask, wide);
  box = *bounding_box(mask);
}

void PreparedRegion::resegment() {
  const Before before{"resegmentation", count(mask), dimensions_of(box)};
  mask = resegmented(image_->volume, mask, *settings_);
  box = check_region(mask, *settings_, before);
  if (settings_->resegment_shape) shape_mask = mask;
  report_mask("resegmented");
}

void PreparedRegion::report(const Json& part) {
  if (settings_->additional_info) diagnostics.update(part);
}

void PreparedRegion::report_mask(const std::string& stage) {
  if (settings_->additional_info) diagnostics.update(mask_diagnostics(mask, stage, &image_->volume));
}

Mask PreparedRegion::region_of_image() const {
  const Geometry& grid = given_->volume.geometry;
  Mask picked = pick_label(*labels_, settings_->label);
  if (same_grid(grid, picked.geometry, settings_->geometry_tolerance.value_or(1e-2))) return picked;
  return resample_mask_to(picked, grid);
}

std::string PreparedRegion::holdings() const {
  const NotFinite all = not_finite(given_->volume), inside = not_finite(given_->volume, region_of_image());
  const std::string text = "the image holds " + all.text();
  if (!inside.any()) return text + " outside the region";
  return text + ", " + std::to_string(inside.count()) + " of them in the region";
}

namespace {

bool reaches_farther_than_linear(ResampleMethod method) {
  return method != ResampleMethod::Linear && method != ResampleMethod::Nearest;
}

}  // namespace

Error PreparedRegion::not_finite_error(const DerivedImage& derived, const Mask& region) const {
  const auto number = [](const std::string& other) { return "set these voxels to a number (0, say), or " + other; };
  if (!not_finite(given_->volume).any())
    return unusable_input("the filter of the image '" + derived.name + "' gives " +
                              not_finite(derived.volume, region).text() + " in the region",
                          {}, "leave that image type out, or scale the image");
  if (not_finite(given_->volume, region_of_image()).any())
    return unusable_input(holdings(), {}, number("take them out of the mask"));
  if (not_finite(image_->volume, mask).any())
    return unusable_input(holdings() + ", and resampling spreads them into it", {},
                          reaches_farther_than_linear(settings_->interpolator)
                              ? number("resample by sitkLinear, which reaches less far")
                              : "set these voxels to a number (0, say)");
  if (derived.name == "original")
    return unusable_input(holdings() + ", beside its voxels", {}, number("set maskedKernel"));
  return unusable_input(holdings() + ", and the filter of the image '" + derived.name + "' spreads them into it", {},
                        number("leave that image type out"));
}

}  // namespace gliocast::radiomics
