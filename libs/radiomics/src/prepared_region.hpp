#pragma once
#include "derived_images.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/radiomics/extractor.hpp>

namespace gliocast::radiomics {

/// Image and region as features are computed of them: normalised, resampled or cut, checked, resegmented, in
/// PyRadiomics' order. What is given must outlive it. Throws Error{UnusableInput}, which names the step that made the
/// region unusable.
class PreparedRegion {
 public:
  PreparedRegion(const ScalarImage& image, const LabelVolume& labels, const Settings& settings, std::size_t threads);
  PreparedRegion(const PreparedRegion&) = delete;
  PreparedRegion& operator=(const PreparedRegion&) = delete;

  [[nodiscard]] const ScalarImage& image() const noexcept { return *image_; }
  /// Why a derived image has values that are not finite in `region` (the mask on its grid): where they come from, and
  /// what can be done.
  [[nodiscard]] Error not_finite_error(const DerivedImage& derived, const Mask& region) const;

  Mask mask;        ///< for grey levels
  Mask shape_mask;  ///< for shape: not resegmented unless resegmentShape
  IndexBox box;     ///< of `mask`
  Json diagnostics = Json::object();
  std::vector<std::string> warnings;

 private:
  void load(std::size_t threads);
  void correct_mask(std::size_t threads);
  void resample_both(std::size_t threads);
  void cut();
  void resegment();
  void report(const Json& part);
  void report_mask(const std::string& stage);
  [[nodiscard]] Mask region_of_image() const;  ///< on the given image's grid
  [[nodiscard]] std::string holdings() const;  ///< of values that are not finite, and where

  const ScalarImage* given_;
  const LabelVolume* labels_;
  const Settings* settings_;
  ScalarImage changed_;
  const ScalarImage* image_;       ///< the given one where nothing changes it
  std::size_t voxels_before_ = 0;  ///< of the region as the mask file has it
  int dimensions_before_ = 0;      ///< axes along which that one has more than one voxel
};

/// The settings of a filter: the file's, with its own on top. One filter to run; each sigma of LoG for itself.
struct FilterTask {
  std::string type;
  Settings settings;
};
[[nodiscard]] std::vector<FilterTask> filter_tasks(const Parameters& parameters);
/// The same for an image of 2 or 3 dimensions. Throws Error{WrongUse} where grey levels have neither width nor count.
[[nodiscard]] std::vector<FilterTask> tasks_for(const Parameters& parameters, int dimensions);

}  // namespace gliocast::radiomics
