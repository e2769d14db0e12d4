#include <gliocast/image/resample.hpp>

#include <itk_bridge.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/parallel.hpp>

#include <itkAffineTransform.h>
#include <itkBSplineInterpolateImageFunction.h>
#include <itkLinearInterpolateImageFunction.h>
#include <itkMultiThreaderBase.h>
#include <itkNearestNeighborInterpolateImageFunction.h>
#include <itkResampleImageFilter.h>
#include <itkThreadPool.h>

#include <array>
#include <cmath>
#include <map>

namespace gliocast::image {
namespace {

template <typename T>
Volume<T> run_resample(const Volume<T>& source, const Geometry& target,
                       typename itk::InterpolateImageFunction<itk::Image<T, 3>, double>::Pointer interpolator,
                       T outside, const AffineMap& map) {
  using Image = itk::Image<T, 3>;
  auto transform = itk::AffineTransform<double, 3>::New();
  itk::Matrix<double, 3, 3> matrix;
  itk::Vector<double, 3> translation;
  for (unsigned r = 0; r < 3; ++r) {
    translation[r] = map.translation_mm[r];
    for (unsigned c = 0; c < 3; ++c) matrix[r][c] = map.matrix[3 * r + c];
  }
  transform->SetMatrix(matrix);
  transform->SetTranslation(translation);
  auto grid = Image::New();
  itk_bridge::set_geometry(*grid, target);
  auto filter = itk::ResampleImageFilter<Image, Image>::New();
  filter->SetInput(itk_bridge::view(source));
  filter->SetTransform(transform);
  filter->SetInterpolator(interpolator);
  filter->SetDefaultPixelValue(outside);
  filter->SetSize(grid->GetLargestPossibleRegion().GetSize());
  filter->SetOutputSpacing(grid->GetSpacing());
  filter->SetOutputOrigin(grid->GetOrigin());
  filter->SetOutputDirection(grid->GetDirection());
  filter->SetNumberOfWorkUnits(itk_bridge::kWorkUnits);
  try {
    filter->Update();
  } catch (const itk::ExceptionObject& e) {
    throw Error(ExitCode::InternalFault, "resampling failed", e.GetDescription());
  }
  return itk_bridge::copy(*filter->GetOutput());
}

constexpr double kTie = 2e-3;      ///< voxels of the source
constexpr float kHalfway = 1e-3F;  ///< of linear shares about one half
constexpr double kEdge = 1e-2;     ///< voxels within an image's edge: beyond it interpolation may find nothing

/// The map shifted by a little along the source's axes: a point halfway between two voxels goes to the same one of them
/// whatever the last digits of a header say.
AffineMap off_ties(AffineMap map, const Geometry& source) {
  for (std::size_t r = 0; r < 3; ++r)
    for (std::size_t a = 0; a < 3; ++a)
      map.translation_mm[r] += kTie * source.spacing_mm[a] * source.direction[3 * r + a];
  return map;
}

bool is_identity(const AffineMap& map) {
  return map.matrix == AffineMap{}.matrix && map.translation_mm == AffineMap{}.translation_mm;
}

}  // namespace

Volume<float> pad(const Volume<float>& volume, const Size3& before, const Size3& after, float value) {
  Geometry g = volume.geometry;
  const Size3 old = g.size;
  g.origin_mm = g.index_to_lps_mm(
      {-static_cast<double>(before[0]), -static_cast<double>(before[1]), -static_cast<double>(before[2])});
  for (std::size_t a = 0; a < 3; ++a) g.size[a] += before[a] + after[a];
  Volume<float> out(g, value);
  for (std::size_t z = 0; z < old[2]; ++z)
    for (std::size_t y = 0; y < old[1]; ++y)
      std::copy_n(&volume.voxels[old[0] * (y + old[1] * z)], old[0], &out.at(before[0], before[1] + y, before[2] + z));
  return out;
}

IndexBox grown(const IndexBox& box, const Size3& margin, const Size3& size) {
  IndexBox out = box;
  for (std::size_t a = 0; a < 3; ++a) {
    out.first[a] -= std::min(out.first[a], margin[a]);
    out.last[a] = std::min(out.last[a] + margin[a], size[a] - 1);
  }
  return out;
}

Geometry coarser(const Geometry& g, std::size_t factor) {
  Geometry out = g;
  const double shift = 0.5 * static_cast<double>(factor - 1);
  out.origin_mm = g.index_to_lps_mm({shift, shift, shift});
  for (std::size_t a = 0; a < 3; ++a) {
    out.size[a] = (g.size[a] + factor - 1) / factor;
    out.spacing_mm[a] = g.spacing_mm[a] * static_cast<double>(factor);
  }
  return out;
}

Volume<float> resample(const Volume<float>& source, const Geometry& target, Interpolation how, float outside,
                       const AffineMap& map) {
  using Image = itk::Image<float, 3>;
  if (is_identity(map) && same_grid(source.geometry, target, 1e-6)) return Volume<float>(target, source.voxels);
  switch (how) {
    case Interpolation::Nearest:
      return run_resample<float>(source, target,
                                 itk::NearestNeighborInterpolateImageFunction<Image, double>::New().GetPointer(),
                                 outside, off_ties(map, source.geometry));
    case Interpolation::Linear:
      return run_resample<float>(source, target, itk::LinearInterpolateImageFunction<Image, double>::New().GetPointer(),
                                 outside, map);
    case Interpolation::BSpline: {
      auto spline = itk::BSplineInterpolateImageFunction<Image, double, double>::New();
      spline->SetSplineOrder(3);
      return run_resample<float>(source, target, spline.GetPointer(), outside, map);
    }
  }
  throw Error(ExitCode::InternalFault, "unknown interpolation");
}

LabelVolume resample_labels(const LabelVolume& source, const Geometry& target) {
  if (same_grid(source.geometry, target, 1e-6)) return LabelVolume(target, source.voxels);
  using Image = itk::Image<std::uint32_t, 3>;
  return run_resample<std::uint32_t>(source, target,
                                     itk::NearestNeighborInterpolateImageFunction<Image, double>::New().GetPointer(), 0,
                                     off_ties({}, source.geometry));
}

Mask resample_mask(const Mask& source, const Geometry& target, const AffineMap& map) {
  if (is_identity(map) && same_grid(source.geometry, target, 1e-6)) return Mask(target, source.voxels);
  using Image = itk::Image<std::uint8_t, 3>;
  return run_resample<std::uint8_t>(source, target,
                                    itk::NearestNeighborInterpolateImageFunction<Image, double>::New().GetPointer(), 0,
                                    off_ties(map, source.geometry));
}

Mask field_of_view(const Geometry& source, const Geometry& target, const AffineMap& map) {
  // Continuous index in the source of the target's voxel (x, y, z): start + x, y and z steps.
  const Vec3 start = source.lps_mm_to_index(map(target.index_to_lps_mm({0, 0, 0})));
  std::array<Vec3, 3> step{};
  for (std::size_t a = 0; a < 3; ++a) {
    Vec3 one{};
    one[a] = 1;
    step[a] = source.lps_mm_to_index(map(target.index_to_lps_mm(one)));
    for (std::size_t r = 0; r < 3; ++r) step[a][r] -= start[r];
  }
  Mask out(target);
  std::size_t i = 0;
  for (std::size_t z = 0; z < target.size[2]; ++z)
    for (std::size_t y = 0; y < target.size[1]; ++y)
      for (std::size_t x = 0; x < target.size[0]; ++x, ++i) {
        bool inside = true;
        for (std::size_t a = 0; a < 3; ++a) {
          const double at = start[a] + static_cast<double>(x) * step[0][a] + static_cast<double>(y) * step[1][a] +
                            static_cast<double>(z) * step[2][a];
          inside = inside && at > -0.5 + kEdge && at < static_cast<double>(source.size[a]) - 0.5 - kEdge;
        }
        out.voxels[i] = inside;
      }
  return out;
}

Mask resample_mask_linear(const Mask& source, const Geometry& target, const AffineMap& map) {
  const auto share =
      resample(Volume<float>(source.geometry, std::vector<float>(source.voxels.begin(), source.voxels.end())), target,
               Interpolation::Linear, 0, map);
  Mask out(target);
  // Grids whose voxels lie half-way between the source's have whole faces at one half: taken all in or all out, they
  // would change the volume of a small region by several per cent.
  const Mask nearest = resample_mask(source, target, map);
  for (std::size_t i = 0; i < out.voxels.size(); ++i) {
    const float beyond_half = share.voxels[i] - 0.5F;
    out.voxels[i] = std::abs(beyond_half) < kHalfway ? nearest.voxels[i] : static_cast<std::uint8_t>(beyond_half > 0);
  }
  return out;
}

Volume<float> downsample_mean(const Volume<float>& source, std::size_t factor) {
  Volume<float> out(coarser(source.geometry, factor));
  const Size3& s = source.geometry.size;
  const auto block = static_cast<double>(factor * factor * factor);
  for (std::size_t z = 0; z < out.geometry.size[2]; ++z)
    for (std::size_t y = 0; y < out.geometry.size[1]; ++y)
      for (std::size_t x = 0; x < out.geometry.size[0]; ++x) {
        double sum = 0;
        for (std::size_t k = z * factor; k < std::min(s[2], (z + 1) * factor); ++k)
          for (std::size_t j = y * factor; j < std::min(s[1], (y + 1) * factor); ++j)
            for (std::size_t i = x * factor; i < std::min(s[0], (x + 1) * factor); ++i)
              sum += static_cast<double>(source.at(i, j, k));
        out.at(x, y, z) = static_cast<float>(sum / block);
      }
  return out;
}

LabelVolume downsample_labels(const LabelVolume& source, std::size_t factor) {
  LabelVolume out(coarser(source.geometry, factor));
  const Size3& s = source.geometry.size;
  for (std::size_t z = 0; z < out.geometry.size[2]; ++z)
    for (std::size_t y = 0; y < out.geometry.size[1]; ++y)
      for (std::size_t x = 0; x < out.geometry.size[0]; ++x) {
        std::map<std::uint32_t, std::size_t> votes;
        std::size_t labelled = 0;
        for (std::size_t k = z * factor; k < std::min(s[2], (z + 1) * factor); ++k)
          for (std::size_t j = y * factor; j < std::min(s[1], (y + 1) * factor); ++j)
            for (std::size_t i = x * factor; i < std::min(s[0], (x + 1) * factor); ++i)
              if (const auto l = source.at(i, j, k); l > 0) {
                ++votes[l];
                ++labelled;
              }
        if (2 * labelled < factor * factor * factor) continue;
        std::size_t best = 0;
        for (const auto& [label, n] : votes)
          if (n > best) {
            best = n;
            out.at(x, y, z) = label;
          }
      }
  return out;
}

void set_image_threads(std::size_t threads) {
  // Filters inside ITK's filters (N4's splines) cut their work by the global default number of threads, and sums depend
  // on the cut: it stays 1 (four pieces). How many run at once is the pool's affair.
  itk::MultiThreaderBase::SetGlobalDefaultNumberOfThreads(1);
  const auto pool = itk::ThreadPool::GetInstance();
  const auto wanted = static_cast<itk::ThreadIdType>(resolve_threads(threads)),
             there = pool->GetMaximumNumberOfThreads();
  if (there < wanted) pool->AddThreads(wanted - there);
}

}  // namespace gliocast::image
