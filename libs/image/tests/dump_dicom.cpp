// Every volume of a DICOM folder as gliocast reads it, for tests beside other readers.
// Usage: dump_dicom FOLDER OUT; OUT gets 0.raw, 1.raw and so on (floats, first axis fastest) and volumes.json.
#include <gliocast/core/error.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/image/dicom.hpp>

#include <cstdio>
#include <fstream>
#include <string>

using namespace gliocast;

namespace {

/// What is known of a volume, and its voxels where they can be read.
Json dump(const image::DicomSeries& series, const std::filesystem::path& voxels) {
  Json j{{"series", series.acquisition.series_number},
         {"uid", series.label.series_uid},
         {"volume", series.volume},
         {"volumes", series.volumes},
         {"told_apart_by", series.told_apart_by},
         {"slices", series.slices.size()}};
  try {
    const image::ReadVolume read = image::read_dicom(series.slices);
    const Geometry& g = read.volume.geometry;
    std::ofstream(voxels, std::ios::binary)
        .write(reinterpret_cast<const char*>(read.volume.voxels.data()),
               static_cast<std::streamsize>(read.volume.voxels.size() * sizeof(float)));
    j["size"] = g.size;
    j["spacing_mm"] = g.spacing_mm;
    j["origin_lps_mm"] = g.origin_mm;
    j["direction"] = g.direction;
    j["warnings"] = read.warnings;
    j["file"] = voxels.filename().string();
  } catch (const Error& e) {
    j["error"] = e.what();
  }
  return j;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::filesystem::path out(argv[2]);
  std::filesystem::create_directories(out);
  Json all = Json::array();
  try {
    for (const auto& series : image::scan_dicom(argv[1]))
      all.push_back(dump(series, out / (std::to_string(all.size()) + ".raw")));
  } catch (const Error& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return static_cast<int>(e.code());
  }
  std::ofstream(out / "volumes.json") << all.dump(1) << '\n';
  return 0;
}
