// Reading one DICOM series into a volume.
#include "dicom_recognise.hpp"
#include "dicom_worker.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/order_statistics.hpp>
#include <gliocast/image/dicom.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::image {
namespace {

Error undecodable(const std::filesystem::path& path) {
  return unusable_input("a DICOM file of the series cannot be decoded", path.filename().string(), "is the transfer complete? Convert the series to NIfTI if its compression is unusual");
}

/// One file, a slice or a volume.
Volume<float> read_one(DicomWorker& worker, const std::filesystem::path& path) {
  Volume<float> volume;
  switch (worker.volume(path, volume)) {
    case protocol::Outcome::Done:
      return volume;
    case protocol::Outcome::AbsurdSize:
      throw unusable_input("a DICOM file of the series has an absurd size", path.filename().string());
    case protocol::Outcome::NoGeometry:
      throw unusable_input("a DICOM file of the series has no usable geometry", path.filename().string());
    default:
      throw undecodable(path);
  }
}

Vec3 normal_of(const Geometry& g) { return {g.direction[2], g.direction[5], g.direction[8]}; }
double along(const Vec3& p, const Vec3& n) { return p[0] * n[0] + p[1] * n[1] + p[2] * n[2]; }

struct Stack {
  std::vector<Volume<float>> slices;
  std::vector<double> position;
};

/// Slices in order, one a place.
Stack read_stack(DicomWorker& worker, const std::vector<std::filesystem::path>& files,
                 std::vector<std::string>& warnings) {
  Stack stack;
  std::size_t repeated = 0;
  for (const auto& file : files) {
    auto slice = read_one(worker, file);
    if (slice.geometry.size[2] != 1) throw unusable_input("the series mixes single slices and volumes", file.filename().string());
    if (!stack.slices.empty() && (slice.geometry.size[0] != stack.slices[0].geometry.size[0] || slice.geometry.size[1] != stack.slices[0].geometry.size[1]))
      throw unusable_input("the series mixes slices of different sizes", file.filename().string());
    const double at = along(slice.geometry.origin_mm, normal_of(stack.slices.empty() ? slice.geometry : stack.slices[0].geometry));
    if (!stack.position.empty() && at < stack.position.back() + 1e-3) {
      ++repeated;
      continue;
    }
    stack.position.push_back(at);
    stack.slices.push_back(std::move(slice));
  }
  if (repeated > 0) warnings.push_back(std::to_string(repeated) + " slices lie where another one is; the first of each place was taken");
  return stack;
}

}  // namespace

ReadVolume read_dicom(const std::vector<std::filesystem::path>& files) {
  if (files.empty()) throw unusable_input("an empty DICOM series");
  DicomWorker worker(decoding_memory(files));
  ReadVolume out;
  if (files.size() == 1) {
    out.volume = read_one(worker, files.front());
    return out;
  }
  const Stack stack = read_stack(worker, files, out.warnings);
  const std::size_t n = stack.slices.size();
  if (n < 2) throw unusable_input("all slices of the DICOM series lie at one place");
  std::vector<double> steps;
  for (std::size_t i = 1; i < n; ++i) steps.push_back(stack.position[i] - stack.position[i - 1]);
  double step = upper_median(steps);
  std::vector<std::size_t> place{0};
  for (const double s : steps) place.push_back(place.back() + std::max<std::size_t>(1, static_cast<std::size_t>(std::lround(s / step))));
  const std::size_t missing = place.back() + 1 - n;
  if (missing * 10 > n) throw unusable_input(std::to_string(missing) + " slices of the DICOM series are missing, " + std::to_string(n) + " are there", {}, "send the series again");
  if (missing > 0) out.warnings.push_back(std::to_string(missing) + " of " + std::to_string(n + missing) + " slices are missing and were interpolated from their neighbours");
  step = (stack.position.back() - stack.position.front()) / static_cast<double>(place.back());
  for (std::size_t i = 0; i < n; ++i)
    if (std::abs(stack.position[i] - stack.position[0] - step * static_cast<double>(place[i])) > 0.3 * step) {
      out.warnings.push_back("its slices are not evenly spaced; positions are off by more than a third of a slice");
      break;
    }
  Geometry g = stack.slices[0].geometry;
  g.size[2] = place.back() + 1;
  g.spacing_mm[2] = step;
  // The stack runs from the first origin to the last: exact also where the gantry was tilted within tolerance.
  out.volume = Volume<float>(g);
  const std::size_t plane = g.size[0] * g.size[1];
  for (std::size_t i = 0; i < n; ++i) {
    std::copy(stack.slices[i].voxels.begin(), stack.slices[i].voxels.end(), out.volume.voxels.begin() + static_cast<std::ptrdiff_t>(plane * place[i]));
    if (i == 0) continue;
    const std::size_t gap = place[i] - place[i - 1];
    for (std::size_t k = 1; k < gap; ++k) {
      const auto t = static_cast<float>(k) / static_cast<float>(gap);
      for (std::size_t v = 0; v < plane; ++v) out.volume.voxels[plane * (place[i - 1] + k) + v] = (1 - t) * stack.slices[i - 1].voxels[v] + t * stack.slices[i].voxels[v];
    }
  }
  const Vec3 first = stack.slices.front().geometry.origin_mm, last = stack.slices.back().geometry.origin_mm, normal = normal_of(g);
  double sideways = 0;
  for (std::size_t a = 0; a < 3; ++a) {
    const double d = last[a] - first[a] - normal[a] * (stack.position.back() - stack.position.front());
    sideways += d * d;
  }
  if (std::sqrt(sideways) > 2) throw unusable_input("the slices of the DICOM series are sheared (tilted gantry)", {}, "convert it with a tool that untilts, dcm2niix for one");
  return out;
}

}  // namespace gliocast::image
