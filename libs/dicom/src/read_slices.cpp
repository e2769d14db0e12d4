// Reading one volume of a DICOM series.
#include "files.hpp"
#include "group.hpp"
#include "worker.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/quantile.hpp>
#include <gliocast/dicom/read_slices.hpp>

#include <algorithm>
#include <cmath>
#include <map>

namespace gliocast::dicom {
namespace {

constexpr double kEven = 0.02;    ///< of a step: slices nearer than this to an even place lie there
constexpr double kUneven = 0.05;  ///< of a step: beyond it slices are interpolated and that is told
constexpr double kShearMm = 2;    ///< sideways, from the first slice to the last

/// One file, a slice or a volume.
Volume<float> read_one(Worker& worker, const std::filesystem::path& path) {
  Volume<float> volume;
  switch (worker.volume(path, volume)) {
    case protocol::Outcome::Done:
      return volume;
    case protocol::Outcome::AbsurdSize:
      throw unusable_input("a DICOM file of the series has an absurd size", path.filename().string());
    case protocol::Outcome::NoGeometry:
      throw unusable_input("a DICOM file of the series has no usable geometry", path.filename().string());
    default:
      throw unusable_input("a DICOM file of the series cannot be decoded", path.filename().string(),
                           "is the transfer complete? Convert the series to NIfTI if its compression is unusual");
  }
}

Vec3 third_axis(const Geometry& g) { return {g.direction[2], g.direction[5], g.direction[8]}; }
double along(const Vec3& p, const Vec3& n) { return p[0] * n[0] + p[1] * n[1] + p[2] * n[2]; }

/// The geometry of a multi-frame file's frame, from its functional groups.
Geometry frame_geometry(const Slice& s, const Size3& size) {
  Geometry g;
  g.size = {size[0], size[1], 1};
  g.spacing_mm = {s.pixel_mm[0], s.pixel_mm[1], 1};
  g.origin_mm = s.position_mm;
  const auto& o = s.orientation;
  const Vec3 normal = normal_of(o);
  for (std::size_t r = 0; r < 3; ++r) {
    g.direction[3 * r] = o[r];
    g.direction[3 * r + 1] = o[3 + r];
    g.direction[3 * r + 2] = normal[r];
  }
  const bool usable = std::isfinite(g.origin_mm[0] + g.origin_mm[1] + g.origin_mm[2]) && g.spacing_mm[0] > 0 &&
                      g.spacing_mm[1] > 0 && std::abs(std::abs(determinant(g.direction)) - 1) < 0.05;
  if (!usable)
    throw unusable_input("a multi-frame DICOM file does not say where its slices lie", s.file.filename().string(),
                         "convert the series to NIfTI with a tool that knows the manufacturer's private tags");
  return g;
}

/// The slices of files, one after another; multi-frame files are decoded once.
class SliceReader {
 public:
  explicit SliceReader(std::size_t memory_bytes) : worker_(memory_bytes) {}

  Volume<float> read(const Slice& s) {
    if (s.frames == 1) {
      auto slice = read_one(worker_, s.file);
      if (slice.geometry.size[2] != 1)
        throw unusable_input("the series mixes single slices and volumes", s.file.filename().string());
      return slice;
    }
    auto& volume = files_[s.file];
    if (volume.voxels.empty()) volume = read_one(worker_, s.file);
    if (s.frame >= volume.geometry.size[2])
      throw unusable_input("a multi-frame DICOM file holds fewer frames than its header says",
                           s.file.filename().string());
    Volume<float> slice(frame_geometry(s, volume.geometry.size));
    const std::size_t plane = slice.voxels.size();
    std::copy_n(volume.voxels.begin() + static_cast<std::ptrdiff_t>(plane * s.frame), plane, slice.voxels.begin());
    if (s.slope != 1 || s.intercept != 0)
      for (float& v : slice.voxels) v = static_cast<float>(s.slope * static_cast<double>(v) + s.intercept);
    return slice;
  }

 private:
  Worker worker_;
  std::map<std::filesystem::path, Volume<float>> files_;
};

struct ReadStack {
  std::vector<Volume<float>> slices;
  std::vector<double> position;
};

/// Slices in order, one a place.
ReadStack read_stack(const std::vector<Slice>& slices, std::vector<std::string>& warnings) {
  std::vector<std::filesystem::path> files;
  for (const auto& s : slices) files.push_back(s.file);
  SliceReader reader(decoding_memory(files));
  ReadStack stack;
  std::size_t repeated = 0;
  for (const auto& s : slices) {
    auto slice = reader.read(s);
    const Geometry& first = stack.slices.empty() ? slice.geometry : stack.slices[0].geometry;
    if (slice.geometry.size != first.size)
      throw unusable_input("the series mixes slices of different sizes", s.file.filename().string());
    const double at = along(slice.geometry.origin_mm, third_axis(first));
    if (!stack.position.empty() && at < stack.position.back() + 1e-3) {
      ++repeated;
      continue;
    }
    stack.position.push_back(at);
    stack.slices.push_back(std::move(slice));
  }
  if (repeated > 0)
    warnings.push_back(std::to_string(repeated) +
                       " slices lie where another one is; the first of each place was taken");
  if (stack.slices.size() < 2) throw unusable_input("all slices of the DICOM series lie at one place");
  return stack;
}

/// Where the slices of an even stack would lie: their number and distance.
struct EvenPlaces {
  std::size_t count = 0;
  double step_mm = 0;
};

EvenPlaces even_places(const ReadStack& stack, std::vector<std::string>& warnings) {
  const std::size_t n = stack.slices.size();
  std::vector<double> steps;
  for (std::size_t i = 1; i < n; ++i) steps.push_back(stack.position[i] - stack.position[i - 1]);
  const double common = upper_median(steps);
  std::vector<std::size_t> place{0};
  for (const double s : steps)
    place.push_back(place.back() + std::max<std::size_t>(1, static_cast<std::size_t>(std::lround(s / common))));
  const std::size_t missing = place.back() + 1 - n;
  if (missing * 10 > n)
    throw unusable_input(
        std::to_string(missing) + " slices of the DICOM series are missing, " + std::to_string(n) + " are there", {},
        "send the series again");
  if (missing > 0)
    warnings.push_back(std::to_string(missing) + " of " + std::to_string(n + missing) +
                       " slices are missing and were interpolated from their neighbours");
  const double step = (stack.position.back() - stack.position.front()) / static_cast<double>(place.back());
  double worst = 0;
  for (std::size_t i = 0; i < n; ++i)
    worst = std::max(worst, std::abs(stack.position[i] - stack.position[0] - step * static_cast<double>(place[i])));
  if (worst > kUneven * step)
    warnings.push_back("its slices are not evenly spaced (up to " + std::to_string(std::lround(100 * worst / step)) +
                       " % of a slice from even places): they were interpolated to even places");
  return {place.back() + 1, step};
}

/// The plane of voxels at a position: a slice's own, or linear between its neighbours.
void fill_plane(const ReadStack& stack, double at, double step, std::size_t& below, float* out) {
  while (below + 1 < stack.position.size() && stack.position[below + 1] <= at + kEven * step) ++below;
  const std::size_t above = std::min(below + 1, stack.position.size() - 1);
  const auto &low = stack.slices[below].voxels, &high = stack.slices[above].voxels;
  const double from = stack.position[below], gap = stack.position[above] - from;
  if (std::abs(at - from) <= kEven * step || !(gap > 0)) {
    std::ranges::copy(low, out);
    return;
  }
  const auto t = static_cast<float>(std::clamp((at - from) / gap, 0.0, 1.0));
  for (std::size_t v = 0; v < low.size(); ++v) out[v] = (1 - t) * low[v] + t * high[v];
}

void refuse_sheared(const ReadStack& stack) {
  const Geometry &first = stack.slices.front().geometry, &last = stack.slices.back().geometry;
  const Vec3 normal = third_axis(first);
  const double length = stack.position.back() - stack.position.front();
  double sideways = 0;
  for (std::size_t a = 0; a < 3; ++a) {
    const double d = last.origin_mm[a] - first.origin_mm[a] - normal[a] * length;
    sideways += d * d;
  }
  if (std::sqrt(sideways) > kShearMm)
    throw unusable_input("the slices of the DICOM series are sheared (tilted gantry)", {},
                         "convert it with a tool that untilts, dcm2niix for one");
}

}  // namespace

imageio::ReadVolume read_slices(const std::vector<Slice>& slices) {
  if (slices.empty()) throw unusable_input("an empty DICOM series");
  imageio::ReadVolume out;
  if (slices.size() == 1) {
    SliceReader reader(decoding_memory({slices.front().file}));
    out.volume = reader.read(slices.front());
    return out;
  }
  const ReadStack stack = read_stack(slices, out.warnings);
  refuse_sheared(stack);
  const EvenPlaces places = even_places(stack, out.warnings);
  // The stack runs from the first origin to the last: exact also where the gantry was tilted within tolerance.
  Geometry g = stack.slices[0].geometry;
  g.size[2] = places.count;
  g.spacing_mm[2] = places.step_mm;
  out.volume = Volume<float>(g);
  const std::size_t plane = g.size[0] * g.size[1];
  std::size_t below = 0;
  for (std::size_t k = 0; k < places.count; ++k)
    fill_plane(stack, stack.position[0] + places.step_mm * static_cast<double>(k), places.step_mm, below,
               out.volume.voxels.data() + plane * k);
  return out;
}

}  // namespace gliocast::dicom
