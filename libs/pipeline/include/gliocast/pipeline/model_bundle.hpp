#pragma once
#include <gliocast/core/json.hpp>
#include <gliocast/core/sequence.hpp>
#include <gliocast/nn/safetensors.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::pipeline {

/// A folder with `model.json` (format, kind, network, preprocessing it expects, training data, metrics, checksums) and
/// `*.safetensors` weights. Nothing in it can run.
struct ModelBundle {
  std::string kind;                     ///< "segmentation" or "grading"
  std::string name;                     ///< e.g. "segmentation-default"
  Json description;                     ///< the whole model.json
  std::vector<nn::TensorFile> weights;  ///< one or more members (an ensemble is averaged)
  std::vector<Sequence> channels;
  double spacing_mm = 2;
};

/// Reads and checks a bundle. Throws Error{MissingModel}: absent, another format version, a checksum that differs, of
/// another kind than `kind`.
[[nodiscard]] ModelBundle read_bundle(const std::filesystem::path& folder, const std::string& kind);

/// Writes weights (half precision) and model.json with their checksums. `description` must hold kind, name, network,
/// channels, spacing_mm; the rest is free.
void write_bundle(const std::filesystem::path& folder, Json description, const std::vector<nn::TensorFile>& weights);

/// The folder of a bundle: `models`/name, $GLIOCAST_MODELS/name, beside the program (../share/gliocast/models/name),
/// the source tree's models/name. Throws Error{MissingModel} naming the places.
[[nodiscard]] std::filesystem::path find_bundle(const std::filesystem::path& models, const std::string& name);

}  // namespace gliocast::pipeline
