#include <gliocast/preprocess/zscore.hpp>

#include <gliocast/core/error.hpp>

#include <cmath>

namespace gliocast::preprocess {

BrainStatistics brain_statistics(const Volume<float>& image, const Mask& brain) {
  BrainStatistics s;
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < brain.voxels.size(); ++i)
    if (brain.voxels[i]) {
      sum += static_cast<double>(image.voxels[i]);
      ++s.voxels;
    }
  if (s.voxels < 2) return s;
  s.mean = sum / static_cast<double>(s.voxels);
  for (std::size_t i = 0; i < brain.voxels.size(); ++i)
    if (brain.voxels[i]) {
      const double d = static_cast<double>(image.voxels[i]) - s.mean;
      squares += d * d;
    }
  s.sd = std::sqrt(squares / static_cast<double>(s.voxels - 1));
  return s;
}

Volume<float> zscore(const Volume<float>& image, const Mask& brain) {
  if (image.voxels.size() != brain.voxels.size())
    throw Error(ExitCode::InternalFault, "image and brain mask differ in size");
  const BrainStatistics s = brain_statistics(image, brain);
  if (!(s.sd > 0)) throw unusable_input("all voxels in the brain have the same value: no z-score");
  Volume<float> out(image.geometry);
  for (std::size_t i = 0; i < out.voxels.size(); ++i)
    if (brain.voxels[i]) out.voxels[i] = static_cast<float>((static_cast<double>(image.voxels[i]) - s.mean) / s.sd);
  return out;
}

}  // namespace gliocast::preprocess
