#include <gliocast/preprocess/bias_field.hpp>

#include "itk_bridge.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/order_statistics.hpp>
#include <gliocast/image/resample.hpp>
#include <gliocast/image/smooth.hpp>

#include <itkBSplineControlPointImageFilter.h>
#include <itkN4BiasFieldCorrectionImageFilter.h>

#include <algorithm>
#include <cmath>

namespace gliocast::preprocess {
namespace {

using Image = itk::Image<float, 3>;
using MaskImage = itk::Image<std::uint8_t, 3>;
using N4 = itk::N4BiasFieldCorrectionImageFilter<Image, MaskImage, Image>;

/// The logarithm of the field on the grid of `like`.
Volume<float> log_field(const N4& n4, const Volume<float>& like) {
  using Spline = itk::BSplineControlPointImageFilter<N4::BiasFieldControlPointLatticeType, N4::ScalarImageType>;
  auto spline = Spline::New();
  const auto grid = image::view(like);
  spline->SetInput(n4.GetLogBiasFieldControlPointLattice());
  spline->SetSplineOrder(n4.GetSplineOrder());
  spline->SetSize(grid->GetLargestPossibleRegion().GetSize());
  spline->SetOrigin(grid->GetOrigin());
  spline->SetDirection(grid->GetDirection());
  spline->SetSpacing(grid->GetSpacing());
  spline->SetNumberOfWorkUnits(image::kWorkUnits);
  spline->Update();
  Volume<float> out(like.geometry);
  const auto* values = spline->GetOutput()->GetBufferPointer();
  for (std::size_t i = 0; i < out.voxels.size(); ++i) out.voxels[i] = values[i][0];
  return out;
}

}  // namespace

BiasField correct_bias_field(const Volume<float>& image, const Mask& head, const BiasFieldOptions& o) {
  BiasField out;
  const auto coarse = image::shrink_to(image, o.spacing_mm);
  Volume<float> inside_head(head.geometry);
  for (std::size_t i = 0; i < head.voxels.size(); ++i) inside_head.voxels[i] = head.voxels[i];
  inside_head = image::shrink_to(inside_head, o.spacing_mm);  // means of whole blocks: no ties between neighbours
  Mask where(coarse.geometry);
  for (std::size_t i = 0; i < where.voxels.size(); ++i) where.voxels[i] = inside_head.voxels[i] > 0.5F && coarse.voxels[i] > 0;
  if (count(where) < 200) throw unusable_input("too little of a head for bias field correction");
  auto n4 = N4::New();
  const auto input = image::view(coarse);
  const auto mask = image::view(where);
  n4->SetInput(input);
  n4->SetMaskImage(mask);
  n4->SetNumberOfFittingLevels(o.levels);
  N4::VariableSizeArrayType iterations(o.levels);
  iterations.Fill(o.iterations);
  n4->SetMaximumNumberOfIterations(iterations);
  n4->SetConvergenceThreshold(static_cast<float>(o.convergence));
  n4->SetNumberOfControlPoints(o.control_points);
  n4->SetNumberOfWorkUnits(image::kWorkUnits);
  try {
    n4->Update();
  } catch (const itk::ExceptionObject& e) {
    throw Error(ExitCode::InternalFault, std::string("bias field correction failed: ") + e.GetDescription());
  }
  Volume<float> field = log_field(*n4, coarse);
  double sum = 0;
  std::vector<float> inside;
  for (std::size_t i = 0; i < field.voxels.size(); ++i)
    if (where.voxels[i]) sum += static_cast<double>(field.voxels[i]), inside.push_back(field.voxels[i]);
  const auto mean = static_cast<float>(sum / static_cast<double>(inside.size()));
  out.range = std::exp(static_cast<double>(ranked(inside, 0.99)) - static_cast<double>(ranked(inside, 0.01)));
  for (float& v : field.voxels) v -= mean;
  // A lattice this coarse is straight between voxels of 4 mm: linear interpolation of its logarithm loses nothing that can be seen. Beyond the outermost centres the nearest holds.
  const Geometry &g = image.geometry, &c = field.geometry;
  const Size3 factor = image::shrink_factors(g, o.spacing_mm);
  out.corrected = image;
  struct Tap {
    std::size_t low, high;
    float t;
  };
  std::array<std::vector<Tap>, 3> taps;
  for (std::size_t a = 0; a < 3; ++a)
    for (std::size_t i = 0; i < g.size[a]; ++i) {
      const double u = std::clamp((static_cast<double>(i) - 0.5 * static_cast<double>(factor[a] - 1)) / static_cast<double>(factor[a]), 0.0, static_cast<double>(c.size[a] - 1));
      const auto low = static_cast<std::size_t>(u);
      taps[a].push_back({low, std::min(low + 1, c.size[a] - 1), static_cast<float>(u - static_cast<double>(low))});
    }
  std::size_t i = 0;
  for (const Tap& z : taps[2])
    for (const Tap& y : taps[1]) {
      const auto row = [&](std::size_t zz, std::size_t yy) { return &field.voxels[c.size[0] * (yy + c.size[1] * zz)]; };
      const float *r00 = row(z.low, y.low), *r01 = row(z.low, y.high), *r10 = row(z.high, y.low), *r11 = row(z.high, y.high);
      for (const Tap& x : taps[0]) {
        const auto at = [&](std::size_t k) { return (1 - z.t) * ((1 - y.t) * r00[k] + y.t * r01[k]) + z.t * ((1 - y.t) * r10[k] + y.t * r11[k]); };
        out.corrected.voxels[i++] *= std::exp(-((1 - x.t) * at(x.low) + x.t * at(x.high)));
      }
    }
  for (float& v : field.voxels) v = std::exp(v);
  out.field = std::move(field);
  return out;
}

}  // namespace gliocast::preprocess
