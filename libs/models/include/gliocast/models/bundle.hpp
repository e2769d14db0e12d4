#pragma once
#include <gliocast/core/json.hpp>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gliocast::models {

/// What was fitted, and so who can read the payload.
enum class Kind {
  Segmentation,
  Grading,
  Cox,
  Selector,
  Classifier,
  Signature,
  Harmonisation,
  FusedGrading,
  Prognosis,
  FusedSignature
};

/// "segmentation", "grading", "cox", "selector", "classifier", "signature",
/// "harmonisation", "fused-grading", "prognosis", "fused-signature": as model.json says it.
[[nodiscard]] std::string_view kind_name(Kind kind) noexcept;

/// A fitted model as it lies on disk: model.json {format, version, kind, name, card, files, payload} in a folder with
/// the files it names, or such a JSON file alone. Nothing in it can run.
struct Bundle {
  Kind kind = Kind::Segmentation;
  std::string name;                  ///< e.g. "segmentation-default"
  Json card = Json::object();        ///< sentences for people: network, trained_on, measured, limits
  Json payload = Json::object();     ///< what the kind needs
  std::vector<std::string> files{};  ///< names of files in `folder`, e.g. "weights.safetensors"
  std::filesystem::path folder{};    ///< where it was read from
  std::string checksum{};            ///< SHA-256 of model.json, which holds those of all files: changes with everything
};

/// Reads a bundle's folder, or its JSON file, and checks it and every file's checksum. Throws Error{MissingModel}:
/// absent or damaged, another format or version, of another kind than `kind`, a file that is missing, lies elsewhere or
/// is not the one the bundle was made with.
[[nodiscard]] Bundle read_bundle(const std::filesystem::path& path, Kind kind);

/// The same of model.json's bytes, of a bundle in `folder` (empty: it may have no files); `name` stands in errors.
[[nodiscard]] Bundle parse_bundle(std::string_view text, Kind kind, const std::filesystem::path& folder,
                                  const std::string& name);

/// What kind of bundle lies there, from model.json alone. Throws as read_bundle().
[[nodiscard]] Kind kind_of_bundle(const std::filesystem::path& path);

/// model.json of a bundle. Throws Error{UnusableInput} where one of its files is not in `folder`.
[[nodiscard]] Json bundle_json(const Bundle& bundle);

/// Writes folder/model.json, last of all: the files must be there already.
void write_bundle(const std::filesystem::path& folder, Bundle bundle);

/// The folder of a bundle: `name` itself where it is a path with a folder, `models`/name, `models` itself; without
/// `models` $GLIOCAST_MODELS/name, then share/gliocast/models/name beside the folder of the program (as installed) or
/// in it (as built); last of all a folder of that name in the current one. Throws Error{MissingModel} naming the
/// places.
[[nodiscard]] std::filesystem::path find_bundle(const std::filesystem::path& models, const std::string& name);

}  // namespace gliocast::models
