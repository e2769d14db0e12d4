#pragma once
#include <gliocast/core/sequence.hpp>
#include <gliocast/core/volume.hpp>
#include <gliocast/image/affine_map.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gliocast::preprocess {

/// What a brain extraction looks at: sequences with the head, each with the map from reference positions to its own.
struct HeadImage {
  const Volume<float>* image = nullptr;  ///< bias field corrected
  image::AffineMap from_reference;
};

struct BrainExtraction {
  Volume<float> probability;  ///< 0 … 1 on a 2 mm LPS grid in the reference's space; the brain is where it exceeds 0.5
  image::AffineMap to_atlas;  ///< reference positions → the atlas' (MNI space of ch2)
  double atlas_information = 0;  ///< mutual information with the atlas after registration, nats
  double agreement = 0;          ///< Dice of the atlas' brain, mapped, and the result
  /// Where in the reference's space the atlas' brain lies, imaged or not: positions of a lattice of about 4 mm.
  std::vector<Vec3> expected;
  double expected_mm3 = 0;  ///< volume that one of these positions stands for
  std::vector<std::string> warnings;
};

/// Finds the brain. Behind an interface, so that another method (a network, say) can take its place.
class BrainExtractor {
 public:
  virtual ~BrainExtractor() = default;
  [[nodiscard]] virtual BrainExtraction extract(const std::map<Sequence, HeadImage>& head) const = 0;
};

/// `atlas`: the ch2 head is registered (affine) to the plainest sequence and brings its brain's outline; the band about
/// that outline is then decided by the sequences together: mixtures of Gaussians of what lies safely inside and
/// outside, the outline as prior, a mean-field smoothing, and morphology against bridges; three rounds, each with the
/// last one's outline mixed into the prior. The signals' distributions come from the patient himself, so contrast
/// agent, T2 or FLAIR alone, or a tumour need no other constants. Read once per process and folder, then shared by all
/// patients. Throws Error{MissingModel} where the atlas is absent.
[[nodiscard]] std::shared_ptr<const BrainExtractor> atlas_brain_extractor(
    const std::filesystem::path& atlas_folder = {});

}  // namespace gliocast::preprocess
