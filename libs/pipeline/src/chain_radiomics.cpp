#include "chain_radiomics.hpp"

namespace gliocast::pipeline {

Volume<double> chain_intensities(const Volume<float>& zscores) {
  constexpr double kScale = 100;
  Volume<double> scaled(zscores.geometry);
  for (std::size_t i = 0; i < zscores.voxels.size(); ++i)
    scaled.voxels[i] = kScale * static_cast<double>(zscores.voxels[i]);
  return scaled;
}

radiomics::Extraction chain_radiomics(Volume<double> intensities, const Mask& region,
                                      const radiomics::Parameters& parameters, std::size_t threads) {
  const LabelVolume labels(region.geometry, std::vector<std::uint32_t>(region.voxels.begin(), region.voxels.end()));
  return radiomics::extract({std::move(intensities), radiomics::PixelKind::Double}, labels, parameters, threads);
}

}  // namespace gliocast::pipeline
