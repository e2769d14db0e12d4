#include <gliocast/imageio/nrrd.hpp>

#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/imageio/gzip.hpp>

#include <cstring>

namespace gliocast::imageio {
namespace {

std::string vector_text(const Vec3& v) {
  return "(" + shortest(v[0]) + "," + shortest(v[1]) + "," + shortest(v[2]) + ")";
}

std::string header_text(const AnyVolume& volume) {
  const Geometry& g = geometry_of(volume);
  std::string type(pixel_type_name(volume));
  if (type == "float32") type = "float";
  if (type == "float64") type = "double";
  std::string text = "NRRD0004\ntype: " + type +
                     "\ndimension: 3\nspace: left-posterior-superior\nsizes: " + std::to_string(g.size[0]) + " " +
                     std::to_string(g.size[1]) + " " + std::to_string(g.size[2]) + "\nspace directions:";
  for (std::size_t a = 0; a < 3; ++a)
    text += " " + vector_text({g.direction[a] * g.spacing_mm[a], g.direction[3 + a] * g.spacing_mm[a],
                               g.direction[6 + a] * g.spacing_mm[a]});
  return text +
         "\nkinds: domain domain domain\nendian: little\nencoding: gzip\nspace origin: " + vector_text(g.origin_mm) +
         "\n\n";
}

}  // namespace

void write_nrrd(const std::filesystem::path& path, const AnyVolume& volume) {
  const std::string header = header_text(volume);
  const auto voxels = std::visit([](const auto& v) { return gzip(std::as_bytes(std::span(v.voxels))); }, volume);
  std::vector<std::byte> out(header.size() + voxels.size());
  std::memcpy(out.data(), header.data(), header.size());
  std::memcpy(out.data() + header.size(), voxels.data(), voxels.size());
  write_file(path, out);
}

}  // namespace gliocast::imageio
