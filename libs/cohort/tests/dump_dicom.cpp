// Every volume of a DICOM folder as gliocast reads it, and what it is used as, for tests beside other readers.
// Usage: dump_dicom FOLDER OUT [STUDY]; OUT gets 0.raw, 1.raw and so on (floats, first axis fastest) and volumes.json.
#include <gliocast/cohort/dicom.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/core/sequence.hpp>
#include <gliocast/dicom/folder.hpp>
#include <gliocast/dicom/read_slices.hpp>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

using namespace gliocast;

namespace {

/// What is known of a volume, and its voxels where they can be read.
Json dump(const dicom::Series& series, const std::filesystem::path& voxels) {
  Json j{{"series", series.acquisition.series_number},
         {"uid", series.label.series_uid},
         {"volume", series.volume},
         {"volumes", series.volumes},
         {"told_apart_by", series.told_apart_by},
         {"slices", series.slices.size()},
         {"reason", series.reason}};
  try {
    const imageio::ReadVolume read = dicom::read_slices(series.slices);
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

/// Adds what each volume is used as; nothing where the folder is refused.
void add_choice(const std::vector<dicom::Series>& series, const std::filesystem::path& folder, const std::string& study,
                Json& all) {
  cohort::DicomWishes wishes;
  wishes.study = study;
  try {
    for (const auto& [sequence, i] : cohort::choose_dicom(series, wishes, folder).taken)
      all[i]["used_as"] = key_name(sequence);
  } catch (const Error& e) {
    if (e.code() != ExitCode::UnusableInput) throw;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) return 2;
  const std::filesystem::path out(argv[2]);
  std::filesystem::create_directories(out);
  Json all = Json::array();
  try {
    const auto series = dicom::scan_folder(argv[1]);
    for (const auto& s : series) all.push_back(dump(s, out / (std::to_string(all.size()) + ".raw")));
    add_choice(series, argv[1], argc > 3 ? argv[3] : "", all);
  } catch (const Error& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return static_cast<int>(e.code());
  }
  std::ofstream(out / "volumes.json") << all.dump(1) << '\n';
  return 0;
}
