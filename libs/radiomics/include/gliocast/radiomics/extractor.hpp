#pragma once
#include <gliocast/core/volume.hpp>
#include <gliocast/radiomics/feature.hpp>
#include <gliocast/radiomics/parameters.hpp>

#include <limits>
#include <string>
#include <vector>

namespace gliocast::radiomics {

/// What a file holds; filters keep single precision single, and resampling cuts decimals of whole numbers off, as
/// PyRadiomics.
enum class PixelKind { Integer, Float, Double };

/// An image of one value a voxel, with what its file says of them.
struct ScalarImage {
  Volume<double> volume;
  PixelKind kind = PixelKind::Double;
  double
      least = -std::numeric_limits<double>::infinity(),
      most =
          std::numeric_limits<double>::infinity();  ///< range of the file's whole numbers: resampled values stay within
  int dimensions = 3;                               ///< 2: a plane, one slice 1 mm thick at z = 0
};

/// A feature of one of the images: "wavelet-LLH", "glcm", "Contrast".
struct NamedFeature {
  std::string image_type;
  Feature feature;
  /// PyRadiomics' column: image_class_name.
  [[nodiscard]] std::string name() const { return image_type + "_" + feature.feature_class + "_" + feature.name; }
};

/// What is computed of one region.
struct Extraction {
  std::vector<NamedFeature> features;  ///< in PyRadiomics' order
  Json diagnostics = Json::object();   ///< PyRadiomics' diagnostics_* of image and mask, but for hashes; in its order
  std::vector<std::string> warnings;   ///< plain words: what was left out and why
};

/// What labels a mask holds, to follow "is not in the mask": ", which holds 1, 2, 4" or ": it is empty".
[[nodiscard]] std::string labels_held(const LabelVolume& labels);

/// PyRadiomics' extractor: normalises, resamples or crops, checks and resegments the mask, then computes shape and, of
/// each image type, the enabled classes. Derived images are made only as far as the region's box needs them. `threads`:
/// images worked on at a time; results do not depend on it. Throws Error{UnusableInput}: the label is missing, the
/// region is too small, image and mask lie on different grids, a value in the region is not finite; Error{WrongUse}:
/// settings that do not fit the image's dimensions. Of a plane (image.dimensions 2) shape2D is computed and shape is
/// not; diagnostics have two numbers each.
[[nodiscard]] Extraction extract(const ScalarImage& image, const LabelVolume& mask, const Parameters& parameters,
                                 std::size_t threads = 1);

/// A feature of every voxel's neighbourhood: "original_glcm_Contrast".
struct FeatureMap {
  std::string name, unit;
  Volume<double> volume;  ///< the region's box and kernelRadius around it; initValue outside the region
};

/// PyRadiomics' voxel-based extraction: each feature of the box of kernelRadius around each voxel of the region; within
/// the region only where maskedKernel is set. Shape has no maps. Errors as extract(). `warnings`: where to, if
/// anywhere, what was left out and why.
[[nodiscard]] std::vector<FeatureMap> extract_maps(const ScalarImage& image, const LabelVolume& mask,
                                                   const Parameters& parameters, std::size_t threads = 1,
                                                   std::vector<std::string>* warnings = nullptr);

}  // namespace gliocast::radiomics
