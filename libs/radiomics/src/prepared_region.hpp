#pragma once
#include <gliocast/radiomics/extractor.hpp>

namespace gliocast::radiomics {

/// Image and region as features are computed of them: normalised, resampled or cut, checked, resegmented.
struct PreparedRegion {
  PreparedRegion(const ScalarImage& image, const LabelVolume& labels, const Settings& settings, std::size_t threads);
  PreparedRegion(const PreparedRegion&) = delete;
  PreparedRegion& operator=(const PreparedRegion&) = delete;

  [[nodiscard]] const ScalarImage& image() const noexcept { return *image_; }

  Mask mask;           ///< for grey levels
  Mask shape_mask;     ///< for shape: not resegmented unless resegmentShape
  IndexBox box;        ///< of `mask`
  Json diagnostics = Json::object();

 private:
  ScalarImage changed_;
  const ScalarImage* image_;  ///< the given one where nothing changes it
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
