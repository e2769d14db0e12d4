// Reading one DICOM series into a volume.
#include "apart.hpp"
#include "dicom_recognise.hpp"
#include "itk_bridge.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/order_statistics.hpp>
#include <gliocast/image/dicom.hpp>

#include <itkGDCMImageIO.h>
#include <itkImageFileReader.h>

#include <algorithm>
#include <cmath>

namespace gliocast::image {
namespace {

using Image = itk::Image<float, 3>;

constexpr double kMostVoxels = 1 << 29;

/// A header may ask for any size: what no file of its length can hold is refused before memory is.
void check_size(itk::GDCMImageIO& io, const std::filesystem::path& path) {
  io.SetFileName(path.string());
  io.ReadImageInformation();
  double voxels = 1;
  for (unsigned d = 0; d < io.GetNumberOfDimensions(); ++d) voxels *= static_cast<double>(io.GetDimensions(d));
  std::error_code error;
  const auto bytes = static_cast<double>(std::filesystem::file_size(path, error));
  if (!(voxels > 0) || voxels > kMostVoxels || voxels > 1000 * bytes)  // a deflated or JPEG file of one value is a thousand times smaller at most
    throw unusable_input("a DICOM file of the series has an absurd size", path.filename().string());
}

/// Everything GDCM does for read_one, without ITK's filters: their threads do not live on in a child process.
void decode(const std::filesystem::path& path) {
  auto io = itk::GDCMImageIO::New();
  check_size(*io, path);
  itk::ImageIORegion all(io->GetNumberOfDimensions());
  for (unsigned d = 0; d < io->GetNumberOfDimensions(); ++d) all.SetSize(d, io->GetDimensions(d));
  io->SetIORegion(all);
  std::vector<char> pixels(static_cast<std::size_t>(io->GetImageSizeInBytes()));
  io->Read(pixels.data());
}

Error undecodable(const std::filesystem::path& path) {
  return unusable_input("a DICOM file of the series cannot be decoded", path.filename().string(), "is the transfer complete? Convert the series to NIfTI if its compression is unusual");
}

/// Reads a file that decode() has survived.
Volume<float> read_one(const std::filesystem::path& path) {
  auto io = itk::GDCMImageIO::New();
  auto reader = itk::ImageFileReader<Image>::New();
  reader->SetImageIO(io);
  reader->SetFileName(path.string());
  try {
    reader->Update();                // its size was checked by decode()
  } catch (const std::exception&) {  // its text may hold what the header says
    throw undecodable(path);
  }
  auto volume = copy(*reader->GetOutput());
  const Geometry& g = volume.geometry;
  const double det = std::abs(determinant(g.direction));
  if (!(det > 0.5 && det < 1.5) || !(g.spacing_mm[0] > 0) || !(g.spacing_mm[1] > 0)) throw unusable_input("a DICOM file of the series has no usable geometry", path.filename().string());
  return volume;
}

Vec3 normal_of(const Geometry& g) { return {g.direction[2], g.direction[5], g.direction[8]}; }
double along(const Vec3& p, const Vec3& n) { return p[0] * n[0] + p[1] * n[1] + p[2] * n[2]; }

struct Stack {
  std::vector<Volume<float>> slices;
  std::vector<double> position;
};

/// Slices in order, one a place.
Stack read_stack(const std::vector<std::filesystem::path>& files, std::vector<std::string>& warnings) {
  Stack stack;
  std::size_t repeated = 0;
  for (const auto& file : files) {
    auto slice = read_one(file);
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
  quiet_gdcm();
  const auto good = survives_apart(files.size(), decoding_memory(files), [&](std::size_t i) { decode(files[i]); });
  if (const auto bad = std::ranges::find(good, false); bad != good.end()) throw undecodable(files[static_cast<std::size_t>(bad - good.begin())]);
  ReadVolume out;
  if (files.size() == 1) {
    out.volume = read_one(files.front());
    return out;
  }
  const Stack stack = read_stack(files, out.warnings);
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
