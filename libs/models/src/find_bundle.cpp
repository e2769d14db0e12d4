#include <gliocast/core/error.hpp>
#include <gliocast/models/bundle.hpp>

#include <cstdlib>

namespace gliocast::models {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> places_of(const fs::path& models, const std::string& name) {
  if (fs::path(name).has_parent_path()) return {name};
  if (!models.empty()) return {models / name, models, fs::path(".") / name};
  std::vector<fs::path> places;
  if (const char* set = std::getenv("GLIOCAST_MODELS")) places.push_back(fs::path(set) / name);
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const fs::path folder = program.parent_path();
  for (const fs::path& prefix : {folder.parent_path(), folder})
    if (!error) places.push_back(prefix / "share" / "gliocast" / "models" / name);
  places.push_back(fs::path(".") / name);
  return places;
}

}  // namespace

fs::path find_bundle(const fs::path& models, const std::string& name) {
  std::string looked;
  for (const auto& place : places_of(models, name)) {
    std::error_code error;
    if (fs::exists(place / "model.json", error)) return place;
    looked += (looked.empty() ? "" : ", ") + place.string();
  }
  throw Error(ExitCode::MissingModel, "no model '" + name + "'", looked,
              "give the folder with --models or set GLIOCAST_MODELS");
}

}  // namespace gliocast::models
