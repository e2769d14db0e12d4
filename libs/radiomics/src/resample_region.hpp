#pragma once
#include <gliocast/radiomics/extractor.hpp>

namespace gliocast::radiomics {

/// Image and mask on PyRadiomics' resampled grid: aligned to the mask's corner, cut to the region's box and padDistance. The arithmetic follows ITK's step by step, since whole numbers lose their
/// decimals and masks have ties. Where the spacing is the wanted one already, both are cut only.
void resample_region(ScalarImage& image, Mask& mask, const IndexBox& box, const Settings& settings);

}  // namespace gliocast::radiomics
