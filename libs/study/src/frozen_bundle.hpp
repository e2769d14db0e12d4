#pragma once
#include <gliocast/core/json.hpp>

#include <filesystem>
#include <string>

namespace gliocast::study {

// The folder that study freeze writes: grading/, signature/ (bundles of models), segmentation/ (where the study trained
// it), harmonisation/grading, harmonisation/signature (references of ComBat), settings.yaml and, with the checksums of
// all of these, manifest.json.

inline constexpr const char* kFrozenFormat = "gliocast-frozen-study";
inline constexpr int kFrozenVersion = 1;
inline constexpr const char* kFrozenOutlines = "segmentation";  ///< folder of the network that outlines

struct FrozenBundle {
  std::filesystem::path folder;
  Json manifest;
  std::string checksum;  ///< of manifest.json

  [[nodiscard]] bool has(const std::string& model) const { return manifest.at("models").contains(model); }
  [[nodiscard]] std::filesystem::path model(const std::string& name) const { return folder / name; }
  [[nodiscard]] std::filesystem::path reference(const std::string& model) const {
    return folder / "harmonisation" / model;
  }
};

/// Path and checksum of every file below a folder but for manifest.json, in the order of their paths.
[[nodiscard]] Json files_of_bundle(const std::filesystem::path& folder);
/// Throws Error{MissingModel}: no such folder, another format, and naming the file where one is missing, changed, or
/// not of the bundle.
[[nodiscard]] FrozenBundle read_frozen_bundle(const std::filesystem::path& folder);

}  // namespace gliocast::study
