#include <gliocast/image/atlas.hpp>

#include <gliocast/core/error.hpp>

#include <cstdlib>

namespace gliocast::image {

std::filesystem::path find_atlas(const std::filesystem::path& wanted) {
  namespace fs = std::filesystem;
  const char* set = std::getenv("GLIOCAST_ATLAS");
  const fs::path place = !wanted.empty()  ? wanted
                         : set != nullptr ? fs::path(set)
                                          : fs::path("/usr/share/mricron/templates");
  if (fs::exists(place / "ch2.nii.gz") && fs::exists(place / "ch2bet.nii.gz") && fs::exists(place / "aal.nii.gz"))
    return place;
  throw Error(ExitCode::MissingModel, "the head atlas (ch2.nii.gz, ch2bet.nii.gz, aal.nii.gz) is not there",
              place.string(), "on Debian: apt-get install mricron-data; elsewhere give its folder with --atlas");
}

}  // namespace gliocast::image
