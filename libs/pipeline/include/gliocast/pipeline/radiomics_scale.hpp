#pragma once

namespace gliocast::pipeline {

// How the chain (predict, study) takes grey values for radiomics: z-scores over the brain × kRadiomicsScale, shifted by
// kRadiomicsShift, in bins of kRadiomicsBinWidth.
inline constexpr double kRadiomicsScale = 100, kRadiomicsBinWidth = 5, kRadiomicsShift = 300;

}  // namespace gliocast::pipeline
