#include <gliocast/pipeline/model_bundle.hpp>

#include <gliocast/core/checksum.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/nn/training.hpp>

#include <cstdlib>

#ifndef GLIOCAST_SOURCE_MODELS
#define GLIOCAST_SOURCE_MODELS ""
#endif

namespace gliocast::pipeline {
namespace {

namespace fs = std::filesystem;
constexpr int kFormatVersion = 1;

Error unfit(const std::string& what, const fs::path& where) {
  return Error(ExitCode::MissingModel, what, where.string(), "give another folder with --models");
}

std::vector<Sequence> parse_channels(const Json& json, const fs::path& where) {
  std::vector<Sequence> out;
  for (const auto& entry : json) {
    bool known = false;
    for (const Sequence s : kAllSequences)
      if (entry == key_name(s)) {
        out.push_back(s);
        known = true;
      }
    if (!known) throw unfit("unknown channel in model.json", where);
  }
  return out;
}

}  // namespace

ModelBundle read_bundle(const fs::path& folder, const std::string& kind) {
  const fs::path file = folder / "model.json";
  if (!fs::exists(file)) throw unfit("no model bundle (model.json)", folder);
  ModelBundle bundle;
  try {
    bundle.description = read_json(file);
    const Json& j = bundle.description;
    if (j.at("format_version").get<int>() != kFormatVersion)
      throw unfit("the bundle has format version " + j.at("format_version").dump() + ", this program reads " +
                      std::to_string(kFormatVersion),
                  file);
    bundle.kind = j.at("kind").get<std::string>();
    bundle.name = j.at("name").get<std::string>();
    if (bundle.kind != kind) throw unfit("the bundle is for " + bundle.kind + ", one for " + kind + " is needed", file);
    bundle.channels = parse_channels(j.at("channels"), file);
    bundle.spacing_mm = j.at("spacing_mm").get<double>();
    if (!(bundle.spacing_mm >= 0.5 && bundle.spacing_mm <= 8))
      throw unfit("the bundle's voxel spacing is out of range", file);
    for (const auto& entry : j.at("weights")) {
      const fs::path weights = folder / fs::path(entry.at("file").get<std::string>()).filename();
      if (!fs::exists(weights)) throw unfit("a weight file is missing", weights);
      if (sha256_file(weights) != entry.at("sha256").get<std::string>())
        throw unfit("the weight file is not the one the bundle was made with (checksum)", weights);
      bundle.weights.push_back(nn::read_safetensors(weights));
    }
  } catch (const Json::exception& e) {
    throw unfit(std::string("model.json is damaged: ") + e.what(), file);
  } catch (const Error& e) {
    if (e.code() == ExitCode::MissingModel) throw;
    throw unfit(e.what(), folder);
  }
  if (bundle.weights.empty()) throw unfit("the bundle has no weights", file);
  return bundle;
}

void write_bundle(const fs::path& folder, Json description, const std::vector<nn::TensorFile>& weights) {
  Json files = Json::array();
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const std::string name =
        weights.size() == 1 ? "weights.safetensors" : "weights_" + std::to_string(i) + ".safetensors";
    nn::write_safetensors(folder / name, nn::to_half(weights[i]));
    files.push_back({{"file", name}, {"sha256", sha256_file(folder / name)}});
  }
  Json j{{"format_version", kFormatVersion}};
  j.update(description);
  j["weights"] = files;
  write_json(folder / "model.json", j);
}

fs::path find_bundle(const fs::path& models, const std::string& name) {
  std::vector<fs::path> places;
  if (!models.empty())
    places = {models / name, models};
  else {
    if (const char* set = std::getenv("GLIOCAST_MODELS")) places.push_back(fs::path(set) / name);
    std::error_code error;
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    if (!error) places.push_back(program.parent_path().parent_path() / "share" / "gliocast" / "models" / name);
    if (const fs::path source = GLIOCAST_SOURCE_MODELS; !source.empty()) places.push_back(source / name);
  }
  std::string looked;
  for (const auto& place : places) {
    if (fs::exists(place / "model.json")) return place;
    looked += (looked.empty() ? "" : ", ") + place.string();
  }
  throw Error(ExitCode::MissingModel, "no model '" + name + "'", looked,
              "give the folder with --models or set GLIOCAST_MODELS");
}

}  // namespace gliocast::pipeline
