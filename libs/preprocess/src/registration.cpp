#include <gliocast/preprocess/registration.hpp>

#include <itk_bridge.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/random.hpp>
#include <gliocast/image/smooth.hpp>

#include <itkAffineTransform.h>
#include <itkEuler3DTransform.h>
#include <itkMattesMutualInformationImageToImageMetricv4.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

namespace gliocast::preprocess {
namespace {

using Image = itk::Image<float, 3>;
using Metric = itk::MattesMutualInformationImageToImageMetricv4<Image, Image>;
using LinearTransform = itk::MatrixOffsetTransformBase<double, 3, 3>;
using image::AffineMap;

constexpr double kLeverMm =
    45;  ///< root mean square distance of the head from its centre along an axis: 1 rad weighs as much as this shift
constexpr double kWholeHead = 0.8;      ///< overlap of two images of a whole head; more of it earns nothing
constexpr double kLeastOverlap = 0.25;  ///< a metric over fewer of a whole head's points says nothing
constexpr double kClearlyBetter =
    1.1;                              ///< by which a far start must beat the headers where the images share a part only
constexpr double kLeastCommon = 0.1;  ///< of the points, to compare two positions over those that both show

Vec3 centre_of(const Mask& mask) { return mask.geometry.index_to_lps_mm(mean_index(mask)); }

/// About `wanted` random positions in the fixed head. Each voxel draws for itself, so that a few voxels more or less in
/// the mask change a few points only.
Metric::FixedSampledPointSetPointer sample_points(const Mask& head, std::size_t wanted, std::uint64_t seed) {
  const double share = static_cast<double>(wanted) / static_cast<double>(std::max<std::size_t>(1, count(head)));
  auto points = Metric::FixedSampledPointSetType::New();
  const Geometry& g = head.geometry;
  std::size_t n = 0;
  for (std::size_t i = 0; i < head.voxels.size(); ++i) {
    if (!head.voxels[i]) continue;
    Random random(seed, "registration points", i);
    for (double left = share; left > 0; left -= 1) {
      if (left < 1 && !random.chance(left)) break;
      Vec3 index{static_cast<double>(i % g.size[0]), static_cast<double>(i / g.size[0] % g.size[1]),
                 static_cast<double>(i / (g.size[0] * g.size[1]))};
      for (std::size_t a = 0; a < 3; ++a)
        index[a] = std::clamp(index[a] + random.uniform(-0.5, 0.5) * std::min(1.0, 1.5 / g.spacing_mm[a]), 0.0,
                              static_cast<double>(g.size[a] - 1));
      const Vec3 p = g.index_to_lps_mm(index);
      itk::Point<double, 3> point;
      for (unsigned a = 0; a < 3; ++a) point[a] = p[a];
      points->SetPoint(n++, point);
    }
  }
  return points;
}

AffineMap to_map(const LinearTransform& t) {
  AffineMap map;
  for (unsigned r = 0; r < 3; ++r) {
    map.translation_mm[r] = t.GetOffset()[r];
    for (unsigned c = 0; c < 3; ++c) map.matrix[3 * r + c] = t.GetMatrix()[r][c];
  }
  return map;
}

/// A transform about `centre` that equals `map`.
LinearTransform::Pointer to_transform(const AffineMap& map, const Vec3& centre, RegistrationOptions::Model model) {
  LinearTransform::Pointer t;
  if (model == RegistrationOptions::Model::Rigid)
    t = itk::Euler3DTransform<double>::New().GetPointer();
  else
    t = itk::AffineTransform<double, 3>::New().GetPointer();
  itk::Matrix<double, 3, 3> matrix;
  LinearTransform::OutputVectorType offset;
  LinearTransform::InputPointType middle;
  for (unsigned r = 0; r < 3; ++r) {
    offset[r] = map.translation_mm[r];
    middle[r] = centre[r];
    for (unsigned c = 0; c < 3; ++c) matrix[r][c] = map.matrix[3 * r + c];
  }
  t->SetCenter(middle);
  t->SetMatrix(matrix);  // a rotation up to rounding: ITK checks that for the rigid one
  t->SetOffset(offset);
  return t;
}

struct Value {
  double information = 0, overlap = 0;
};

/// How much overlap can be expected: an image of half the head never lies over all of the other's head.
struct Overlap {
  double enough = kWholeHead, least = kLeastOverlap;

  explicit Overlap(double volume_ratio)
      : enough(std::clamp(volume_ratio, 0.05, kWholeHead)), least(std::min(kLeastOverlap, enough / 2)) {}
  [[nodiscard]] bool partial() const { return enough < kWholeHead; }
};

/// Information counts as much of the head as it is measured on, up to what can be expected, so that sliding apart does
/// not pay, nor sliding a part over what it does not show.
double score(const Value& v, const Overlap& o) {
  return v.overlap < o.least ? v.overlap - 1 : v.information * std::min(1.0, v.overlap / o.enough);
}

/// Images and points of one level of resolution, and the metric between them.
class Level {
 public:
  Level(const Volume<float>& fixed, const Volume<float>& moving, const Mask& near_head, const Overlap& overlap,
        double spacing_mm, double sigma_mm, std::size_t samples, const RegistrationOptions& o)
      : overlap_(overlap),
        fixed_(image::smooth_gaussian(image::shrink_to(fixed, spacing_mm), sigma_mm)),
        moving_(image::smooth_gaussian(image::shrink_to(moving, spacing_mm), sigma_mm)) {
    metric_ = Metric::New();
    fixed_view_ = itk_bridge::view(fixed_);
    moving_view_ = itk_bridge::view(moving_);
    metric_->SetFixedImage(fixed_view_);
    metric_->SetMovingImage(moving_view_);
    metric_->SetVirtualDomainFromImage(fixed_view_);
    metric_->SetNumberOfHistogramBins(o.bins);
    metric_->SetUseFixedImageGradientFilter(false);
    metric_->SetUseMovingImageGradientFilter(false);
    points_ = sample_points(near_head, samples, o.seed);
    metric_->SetFixedSampledPointSet(points_);
    metric_->SetUseSampledPointSet(true);
    metric_->SetMaximumNumberOfWorkUnits(1);  // sums in one order, whatever the threads
  }

  Value evaluate(const AffineMap& map) {
    prepare(to_transform(map, {0, 0, 0}, RegistrationOptions::Model::Affine));
    return value();
  }

  [[nodiscard]] double score(const AffineMap& map) { return preprocess::score(evaluate(map), overlap_); }

  /// Information of both maps over the points that both take into the moving image; nothing where those are few.
  std::optional<std::pair<double, double>> information_on_common(const AffineMap& a, const AffineMap& b) {
    auto common = Metric::FixedSampledPointSetType::New();
    for (std::size_t i = 0, n = 0; i < points_->GetNumberOfPoints(); ++i) {
      const auto point = points_->GetPoint(i);
      const Vec3 p{point[0], point[1], point[2]};
      if (shows(a(p)) && shows(b(p))) common->SetPoint(n++, point);
    }
    if (static_cast<double>(common->GetNumberOfPoints()) <
        kLeastCommon * static_cast<double>(points_->GetNumberOfPoints()))
      return std::nullopt;
    metric_->SetFixedSampledPointSet(common);
    const std::pair both{evaluate(a).information, evaluate(b).information};
    metric_->SetFixedSampledPointSet(points_);
    return both;
  }

  AffineMap optimise(const AffineMap& start, const Vec3& centre, RegistrationOptions::Model model, double step_mm,
                     double least_step_mm, std::size_t iterations) {
    const auto transform = to_transform(start, centre, model);
    prepare(transform);
    const auto n = static_cast<unsigned>(transform->GetNumberOfParameters());
    // One unit of a parameter in mm of movement: the last three are the translation.
    const auto scale = [n](unsigned k) { return k + 3 < n ? kLeverMm : 1.0; };
    LinearTransform::ParametersType best = transform->GetParameters(), direction(n);
    Slope at = slope();
    if (!at.valid) return start;
    direction.Fill(0);
    double step = step_mm, last_square = 0;
    for (std::size_t i = 0; i < iterations && step > least_step_mm; ++i) {
      // Conjugate gradients (Polak and Ribière) on parameters in mm.
      double square = 0, cross = 0, length = 0;
      for (unsigned k = 0; k < n; ++k) {
        square += at.gradient[k] * at.gradient[k] / (scale(k) * scale(k));
        cross += at.gradient[k] * at.before[k] / (scale(k) * scale(k));
      }
      const double beta = last_square > 0 ? std::max(0.0, (square - cross) / last_square) : 0;
      for (unsigned k = 0; k < n; ++k) {
        direction[k] = at.gradient[k] / scale(k) + beta * direction[k];
        length += direction[k] * direction[k];
      }
      if (!(length > 0)) break;
      last_square = square;
      bool moved = false;
      while (!moved && step > least_step_mm) {
        LinearTransform::ParametersType trial = best;
        for (unsigned k = 0; k < n; ++k) trial[k] += step * direction[k] / std::sqrt(length) / scale(k);
        transform->SetParameters(trial);
        Slope there = slope();
        moved = there.valid && there.information > at.information;
        if (moved) {
          there.before = at.gradient;
          at = there;
          best = trial;
          step = std::min(step_mm, 1.5 * step);
        } else {
          step *= 0.5;
          if (beta > 0) {
            last_square = 0;  // afresh, along the gradient alone
            break;
          }
        }
      }
    }
    transform->SetParameters(best);
    return to_map(*transform);
  }

 private:
  void prepare(const LinearTransform::Pointer& transform) {
    metric_->SetMovingTransform(transform);
    metric_->Initialize();
  }

  struct Slope {
    bool valid = false;
    double information = 0;
    Metric::DerivativeType gradient, before;  ///< of the information; before: at the last point
  };

  /// Information and its gradient at the transform's parameters, weighted by the overlap as score() does.
  Slope slope() {
    Slope s;
    Metric::MeasureType value = 0;
    try {
      metric_->GetValueAndDerivative(
          value, s.gradient);  // ITK's derivative points downhill for the metric: uphill for the information
    } catch (const itk::ExceptionObject&) {
      return s;  // every point left the moving image
    }
    const double overlap = static_cast<double>(metric_->GetNumberOfValidPoints()) /
                           static_cast<double>(std::max<std::size_t>(1, points_->GetNumberOfPoints()));
    s.before = s.gradient;
    s.before.Fill(0);
    s.information = preprocess::score({-value, overlap}, overlap_);
    s.valid = std::isfinite(value) && overlap >= overlap_.least;
    return s;
  }

  Value value() {
    try {
      const double information = -metric_->GetValue();
      const double overlap = static_cast<double>(metric_->GetNumberOfValidPoints()) /
                             static_cast<double>(std::max<std::size_t>(1, points_->GetNumberOfPoints()));
      return {std::isfinite(information) ? information : 0, overlap};
    } catch (const itk::ExceptionObject&) {
      return {};
    }
  }

  [[nodiscard]] bool shows(const Vec3& p) const {
    const Vec3 at = moving_.geometry.lps_mm_to_index(p);
    for (std::size_t a = 0; a < 3; ++a)
      if (!(at[a] > -0.5 && at[a] < static_cast<double>(moving_.geometry.size[a]) - 0.5)) return false;
    return true;
  }

  Overlap overlap_;
  Volume<float> fixed_, moving_;
  Image::Pointer fixed_view_, moving_view_;
  Metric::FixedSampledPointSetPointer points_;
  Metric::Pointer metric_;
};

struct Start {
  AffineMap map;
  double score = 0;
};

/// The headers' positions, the heads' centres on each other, rotations and shifts along z about that, and, where asked
/// for, half and quarter turns; best first.
std::vector<Start> rank_starts(Level& level, const Vec3& fixed_centre, const Vec3& moving_centre, bool turned) {
  std::vector<Start> starts;
  const auto add = [&](const AffineMap& map) { starts.push_back({map, level.score(map)}); };
  const Vec3 shift{moving_centre[0] - fixed_centre[0], moving_centre[1] - fixed_centre[1],
                   moving_centre[2] - fixed_centre[2]};
  const double step = 22 * std::numbers::pi / 180;
  for (const double ax : {0.0, -step, step})
    for (const double ay : {0.0, -step, step})
      for (const double az : {0.0, -step, step}) {
        add(image::rigid_map({ax, ay, az}, shift, fixed_centre));
        if (ax == 0 && ay == 0 && az == 0)
          for (const double dz : {-30.0, -15.0, 15.0, 30.0})
            add(image::rigid_map({0, 0, 0}, {shift[0], shift[1], shift[2] + dz}, fixed_centre));
      }
  const double half = std::numbers::pi;
  if (turned)  // a header whose directions are wrong
    for (const Vec3& angles :
         {Vec3{half, 0, 0}, Vec3{0, half, 0}, Vec3{0, 0, half}, Vec3{half / 2, 0, 0}, Vec3{-half / 2, 0, 0}})
      add(image::rigid_map(angles, shift, fixed_centre));
  std::ranges::stable_sort(starts, std::greater<>(), &Start::score);
  starts.resize(3);
  starts.insert(starts.begin(), Start{AffineMap{}, level.score({})});
  return starts;
}

double volume_mm3(const Mask& mask) { return static_cast<double>(count(mask)) * mask.geometry.voxel_volume_mm3(); }

/// Goes back to the headers' positions where a movement made the match worse, also over the points that both show.
void keep_better_headers(Registration& r, Level& level, const Overlap& overlap) {
  double before = r.metric_before, after = r.metric_after;
  bool worse = score({after, r.overlap_after}, overlap) < score({before, r.overlap_before}, overlap);
  if (const auto common = level.information_on_common({}, r.map); !worse && common && common->second < common->first) {
    worse = true;
    before = common->first;
    after = common->second;
  }
  if (!worse) return;
  r.map = {};
  r.kept_headers = true;
  r.metric_after = r.metric_before;
  r.overlap_after = r.overlap_before;
  r.warnings.push_back("registration made the match worse (" + decimal(after, 3) + " against " + decimal(before, 3) +
                       "): the positions in the headers were kept");
}

}  // namespace

Registration register_images(const Volume<float>& fixed, const Volume<float>& moving, const RegistrationOptions& o) {
  return register_images(fixed, head_mask(fixed), moving, o);
}

Registration register_images(const Volume<float>& fixed, const Mask& fixed_head, const Volume<float>& moving,
                             const RegistrationOptions& o) {
  const Mask moving_head =
      head_mask(image::shrink_to(moving, 3));  // of the moving head only centre and size are wanted
  const Vec3 centre = centre_of(fixed_head), moving_centre = centre_of(moving_head);
  const Overlap overlap(volume_mm3(moving_head) / std::max(1.0, volume_mm3(fixed_head)));
  const auto rigid = RegistrationOptions::Model::Rigid;
  Level coarse(fixed, moving, fixed_head, overlap, 4, 3, o.samples / 2, o);
  Start best{AffineMap{}, -2};
  for (const Start& start : rank_starts(coarse, centre, moving_centre, o.model == RegistrationOptions::Model::Affine)) {
    const AffineMap map = coarse.optimise(start.map, centre, rigid, 4, 0.2, 60);
    const double reached = coarse.score(map);
    const double to_beat = overlap.partial() && best.score > 0 ? kClearlyBetter * best.score : best.score + 1e-4;
    if (reached > to_beat) best = {map, reached};
  }
  Level middle(fixed, moving, fixed_head, overlap, 2, 1, o.samples / 2, o);
  AffineMap map = middle.optimise(best.map, centre, rigid, 1, 0.05, 60);
  if (o.model == RegistrationOptions::Model::Affine) map = middle.optimise(map, centre, o.model, 2, 0.05, 120);
  Level fine(fixed, moving, fixed_head, overlap, 1, 0, o.samples, o);
  map = fine.optimise(map, centre, o.model, 0.5, 0.01, 60);

  Registration out;
  const auto before = fine.evaluate({}), after = fine.evaluate(map);
  out.map = map;
  out.metric_before = before.information;
  out.overlap_before = before.overlap;
  out.metric_after = after.information;
  out.overlap_after = after.overlap;
  if (o.model == rigid) keep_better_headers(out, fine, overlap);
  if (out.overlap_after < 0.5)
    out.warnings.push_back("only " + std::to_string(std::lround(100 * out.overlap_after)) +
                           " % of the reference's head lies within this sequence");
  return out;
}

}  // namespace gliocast::preprocess
