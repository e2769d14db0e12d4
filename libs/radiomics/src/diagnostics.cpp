#include <gliocast/radiomics/diagnostics.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/radiomics/texture.hpp>

#include <algorithm>
#include <array>

namespace gliocast::radiomics {
namespace {

void add_statistics(Json& out, const std::string& prefix, const std::vector<double>& values) {
  constexpr std::size_t kLanes = 8;  // side by side: one addition would wait for the other
  std::array<double, kLanes> sum{}, low{}, high{};
  low.fill(values.front());
  high.fill(values.front());
  const std::size_t whole = values.size() - values.size() % kLanes;
  const auto take = [&](std::size_t lane, double v) {
    sum[lane] += v;
    low[lane] = std::min(low[lane], v);
    high[lane] = std::max(high[lane], v);
  };
  for (std::size_t i = 0; i < whole; i += kLanes)
    for (std::size_t k = 0; k < kLanes; ++k) take(k, values[i + k]);
  for (std::size_t i = whole; i < values.size(); ++i) take(0, values[i]);
  double total = 0;
  for (const double s : sum) total += s;
  out[prefix + "Mean"] = total / static_cast<double>(values.size());
  out[prefix + "Minimum"] = std::ranges::min(low);
  out[prefix + "Maximum"] = std::ranges::max(high);
}

}  // namespace

Json image_diagnostics(const Volume<double>& image, const std::string& stage) {
  const std::string prefix = "diagnostics_Image-" + stage + "_";
  Json out{{prefix + "Spacing", image.geometry.spacing_mm}, {prefix + "Size", image.geometry.size}};
  add_statistics(out, prefix, image.voxels);
  return out;
}

Json mask_diagnostics(const Mask& mask, const std::string& stage, const Volume<double>* image) {
  const std::string prefix = "diagnostics_Mask-" + stage + "_";
  const auto box = bounding_box(mask);
  if (!box) throw unusable_input("the region is empty");
  const std::size_t voxels = count(mask);
  double pieces = 0;
  for (const auto& zone : glszm(LevelRegion(mask, {std::vector<std::uint32_t>(voxels, 1), 1}, 1), {}))
    pieces += zone.count;
  const Vec3 centre = mean_index(mask);
  Json bounds = Json::array();
  for (const auto v : box->first) bounds.push_back(v);
  for (std::size_t a = 0; a < 3; ++a) bounds.push_back(box->last[a] - box->first[a] + 1);
  Json out{{prefix + "Spacing", mask.geometry.spacing_mm},
           {prefix + "Size", mask.geometry.size},
           {prefix + "BoundingBox", bounds},
           {prefix + "VoxelNum", voxels},
           {prefix + "VolumeNum", static_cast<std::size_t>(pieces)},
           {prefix + "CenterOfMassIndex", centre},
           {prefix + "CenterOfMass", mask.geometry.index_to_lps_mm(centre)}};
  if (image != nullptr) add_statistics(out, prefix, values_inside(*image, mask));
  return out;
}

}  // namespace gliocast::radiomics
