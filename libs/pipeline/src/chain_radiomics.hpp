#pragma once
#include <gliocast/core/volume.hpp>
#include <gliocast/radiomics/extractor.hpp>

namespace gliocast::pipeline {

/// The z-scores of a sequence as the chain's radiomics take them: × 100.
[[nodiscard]] Volume<double> chain_intensities(const Volume<float>& zscores);

/// Radiomics of a region on such intensities. Errors as radiomics::extract().
[[nodiscard]] radiomics::Extraction chain_radiomics(Volume<double> intensities, const Mask& region,
                                                    const radiomics::Parameters& parameters, std::size_t threads);

}  // namespace gliocast::pipeline
