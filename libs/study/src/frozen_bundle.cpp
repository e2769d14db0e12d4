#include "frozen_bundle.hpp"

#include <gliocast/core/checksum.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>

#include <map>
#include <string>
#include <utility>

namespace gliocast::study {
namespace {

namespace fs = std::filesystem;

constexpr const char* kManifest = "manifest.json";

/// Checksums by path with slashes, ascending.
std::map<std::string, std::string> checksums_in(const fs::path& folder) {
  std::map<std::string, std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const auto name = entry.path().lexically_relative(folder).generic_string();
    if (name != kManifest) out.emplace(name, sha256_file(entry.path()));
  }
  return out;
}

Error unfit(const std::string& problem, const fs::path& where) {
  return {ExitCode::MissingModel, problem, where.string(), "copy the bundle anew from where it was frozen"};
}

void check_files(const FrozenBundle& bundle) {
  auto found = checksums_in(bundle.folder);
  for (const auto& file : bundle.manifest.at("files")) {
    const auto name = file.at("name").get<std::string>();
    const auto at = found.find(name);
    if (at == found.end()) throw unfit("a file of the bundle is missing", bundle.folder / name);
    if (at->second != file.at("sha256").get<std::string>())
      throw unfit("a file of the bundle is not as it was frozen (checksum)", bundle.folder / name);
    found.erase(at);
  }
  if (!found.empty()) throw unfit("a file is not of the bundle", bundle.folder / found.begin()->first);
}

}  // namespace

Json files_of_bundle(const fs::path& folder) {
  Json files = Json::array();
  for (const auto& [name, checksum] : checksums_in(folder)) files.push_back({{"name", name}, {"sha256", checksum}});
  return files;
}

FrozenBundle read_frozen_bundle(const fs::path& folder) {
  const fs::path file = folder / kManifest;
  if (!fs::exists(file))
    throw Error(ExitCode::MissingModel, "this is no frozen study: manifest.json is not there", folder.string(),
                "name the folder that gliocast study freeze wrote");
  FrozenBundle bundle{folder, {}, sha256_file(file)};
  try {
    bundle.manifest = read_json(file);
    if (bundle.manifest.at("format") != kFrozenFormat || bundle.manifest.at("format_version") != kFrozenVersion)
      throw Error(ExitCode::MissingModel, "the manifest is of another kind or version", file.string(),
                  "freeze the study with this version of gliocast");
    check_files(bundle);
    (void)bundle.manifest.at("models").items();
    (void)bundle.manifest.at("outlines").at("by").get<std::string>();
  } catch (const Json::exception&) {
    throw unfit("the manifest is damaged", file);
  }
  return bundle;
}

}  // namespace gliocast::study
