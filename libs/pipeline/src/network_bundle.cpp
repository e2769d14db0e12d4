#include <gliocast/pipeline/network_bundle.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/json_count.hpp>
#include <gliocast/nn/training.hpp>

#include <algorithm>

namespace gliocast::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr double kLeastSpacingMm = 0.5, kMostSpacingMm = 8;  ///< a head in a window of the network, and no finer

Error unfit(const std::string& what, const fs::path& where) {
  return Error(ExitCode::MissingModel, what, where.string(), "give another folder with --models");
}

std::vector<Sequence> parse_channels(const Json& json, const fs::path& where) {
  std::vector<Sequence> out;
  for (const auto& entry : json) {
    const auto s = entry.is_string() ? sequence_of_key(entry.get<std::string>()) : std::nullopt;
    if (!s) throw unfit("unknown channel in model.json", where);
    out.push_back(*s);
  }
  return out;
}

}  // namespace

NetworkBundle read_networks(const fs::path& folder, models::Kind kind) {
  NetworkBundle out;
  out.bundle = models::read_bundle(folder, kind);
  try {
    out.channels = parse_channels(out.bundle.payload.at("channels"), folder);
    out.spacing_mm = out.bundle.payload.at("spacing_mm").get<double>();
    if (!(out.spacing_mm >= kLeastSpacingMm && out.spacing_mm <= kMostSpacingMm))
      throw unfit("the model's voxel spacing is out of range", folder);
    for (const auto& name : out.bundle.files) out.weights.push_back(nn::read_safetensors(out.bundle.folder / name));
  } catch (const Json::exception& e) {
    throw unfit(std::string("the model is damaged: ") + e.what(), folder);
  } catch (const Error& e) {
    if (e.code() == ExitCode::MissingModel) throw;
    throw unfit(e.what(), folder);
  }
  if (out.weights.empty()) throw unfit("the model has no weights", folder);
  return out;
}

void write_networks(const fs::path& folder, models::Bundle bundle, const std::vector<nn::TensorFile>& weights) {
  bundle.files.clear();
  for (std::size_t i = 0; i < weights.size(); ++i) {
    bundle.files.push_back(weights.size() == 1 ? "weights.safetensors"
                                               : "weights_" + std::to_string(i) + ".safetensors");
    nn::write_safetensors(folder / bundle.files.back(), nn::to_half(weights[i]));
  }
  models::write_bundle(folder, std::move(bundle));
}

bool is_demonstration(const models::Bundle& bundle) {
  return bundle.payload.contains("demonstration") && bundle.payload["demonstration"] == true;
}

Json grading_payload(const nn::GradingTrainingOptions& training, const std::vector<Sequence>& channels,
                     double spacing_mm) {
  return {{"network", training.network.to_json()},
          {"channels", channel_keys(channels)},
          {"spacing_mm", spacing_mm},
          {"patch_zyx", training.patch_zyx},
          {"patch_step", training.step},
          {"input", training.input == nn::GradingInput::Brain ? "brain" : "patch"},
          {"positive_class", "HGG (WHO IV)"}};
}

Json prognosis_payload(const nn::PrognosisTrainingOptions& training, const std::vector<Sequence>& channels,
                       const nn::NetworkInput& slice) {
  return {{"network", training.network.to_json()}, {"channels", channel_keys(channels)},
          {"spacing_mm", slice.spacing_mm},        {"slice_yx", {slice.size_zyx[1], slice.size_zyx[2]}},
          {"loss", nn::loss_name(training.loss)},  {"start", training.start}};
}

GradingReading grading_reading(const NetworkBundle& networks) {
  constexpr std::int64_t kLeastPatch = 16, kMostPatch = 512;  // voxels of an edge
  const Json& payload = networks.bundle.payload;
  GradingReading out;
  try {
    out.network = nn::ResnetOptions::from_json(payload.at("network"));
    payload.at("patch_zyx").get_to(out.patch_zyx);
    payload.at("patch_step").get_to(out.step);
    if (payload.value("input", std::string("patch")) == "brain") out.input = nn::GradingInput::Brain;
  } catch (const Json::exception& e) {
    throw Error(ExitCode::MissingModel, std::string("model.json is damaged: ") + e.what(), networks.bundle.name);
  }
  for (const auto n : out.patch_zyx)
    if (n < kLeastPatch || n > kMostPatch)
      throw Error(ExitCode::MissingModel, "the patch size in model.json is out of range", networks.bundle.name);
  return out;
}

PrognosisReading prognosis_reading(const NetworkBundle& networks) {
  const fs::path& where = networks.bundle.folder;
  try {
    const Json& p = networks.bundle.payload;
    PrognosisReading out;
    out.network = nn::Resnet2dOptions::from_json(p.at("network"));
    out.loss = nn::parse_loss(p.at("loss").get<std::string>());
    const auto size = counts_of(p.at("slice_yx"));
    if (size.size() != 2 || std::ranges::any_of(size, [](std::size_t n) { return n < 32 || n > 1024; }))
      throw unfit("the size of the model's slices is out of range", where);
    out.slice_yx = {static_cast<std::int64_t>(size[0]), static_cast<std::int64_t>(size[1])};
    if (out.network.in_channels != static_cast<std::int64_t>(networks.channels.size()))
      throw unfit("the model has other channels than its network", where);
    return out;
  } catch (const Json::exception& e) {
    throw unfit(std::string("the model is damaged: ") + e.what(), where);
  } catch (const Error& e) {
    if (e.code() == ExitCode::MissingModel) throw;
    throw unfit(e.problem(), where);
  }
}

void add_prognosis_card(Json& card, const nn::PrognosisTrainingOptions& training) {
  card["network"] = training.loss == nn::PrognosisLoss::Cox
                        ? "2-D ResNet18: WHO grade by cross-entropy, hazard by the Cox partial likelihood"
                        : "2-D ResNet18: WHO grade by cross-entropy, log survival time by smooth L1; censored times "
                          "count as deaths";
  card["start"] = training.start == "random" ? "random weights: transfer learning was not used"
                                             : "transfer learning from " + training.start;
}

Json channel_keys(const std::vector<Sequence>& channels) {
  Json keys = Json::array();
  for (const Sequence s : channels) keys.push_back(key_name(s));
  return keys;
}

}  // namespace gliocast::pipeline
