#include "chain_radiomics.hpp"

#include "measure.hpp"

#include <gliocast/pipeline/radiomics_scale.hpp>
#include <gliocast/radiomics/discretise.hpp>

#include <utility>

namespace gliocast::pipeline {

ChainRadiomics chain_radiomics(const preprocess::PreparedExam& exam, const Mask& tumour, Sequence sequence,
                               radiomics::Parameters parameters, std::size_t threads) {
  ChainRadiomics out{seen_by(exam, tumour, {sequence})};
  if (count(out.seen) == 0) return out;
  const auto& z = exam.zscores.at(sequence);
  Volume<double> scaled(z.geometry);
  for (std::size_t i = 0; i < z.voxels.size(); ++i)
    scaled.voxels[i] = kRadiomicsScale * static_cast<double>(z.voxels[i]);
  out.grey_levels =
      static_cast<std::size_t>(radiomics::discretise_width(values_inside(scaled, out.seen), kRadiomicsBinWidth).levels);
  parameters.setting = {{"binWidth", kRadiomicsBinWidth}, {"voxelArrayShift", kRadiomicsShift}};
  const LabelVolume labels(out.seen.geometry,
                           std::vector<std::uint32_t>(out.seen.voxels.begin(), out.seen.voxels.end()));
  out.features =
      radiomics::extract({std::move(scaled), radiomics::PixelKind::Double}, labels, parameters, threads).features;
  return out;
}

}  // namespace gliocast::pipeline
