#include "unet_module.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/nn/training_case.hpp>

#include <algorithm>

namespace gliocast::nn {

UnetOptions UnetOptions::preset(const std::string& name) {
  UnetOptions o;
  if (name == "default") return o;
  if (name == "paper") {
    o.widths.assign(5, 64);
    return o;
  }
  if (name == "real") {
    o.head = Head::Regions;
    o.classes = kRegions;
    o.widths = {8, 32, 64, 128, 256};
    return o;
  }
  throw Error(ExitCode::WrongUse, "unknown U-Net preset '" + name + "'", {}, "use default, paper or real");
}

Json UnetOptions::to_json() const {
  Json out{{"architecture", "unet3d-recombination-se"},
           {"in_channels", in_channels},
           {"classes", classes},
           {"widths", widths},
           {"se_reduction", se_reduction}};
  if (head == Head::Regions) out["head"] = "regions";
  return out;
}

UnetOptions UnetOptions::from_json(const Json& json) {
  try {
    UnetOptions o;
    o.in_channels = json.at("in_channels").get<int64_t>();
    o.classes = json.at("classes").get<int64_t>();
    o.widths = json.at("widths").get<std::vector<int64_t>>();
    o.se_reduction = json.at("se_reduction").get<int64_t>();
    const std::string head = json.value("head", "softmax");
    if (head == "regions") o.head = Head::Regions;
    bool sane = (head == "softmax" || (head == "regions" && o.classes == kRegions)) && o.in_channels >= 1 &&
                o.in_channels <= 16 && o.classes >= 2 && o.classes <= 16 && o.widths.size() >= 2 &&
                o.widths.size() <= 7 && o.se_reduction >= 1;
    for (const auto w : o.widths) sane = sane && w >= 1 && w <= 2048;
    if (!sane) throw Error(ExitCode::MissingModel, "the network's settings are out of range", "model.json");
    return o;
  } catch (const Json::exception& e) {
    throw Error(ExitCode::MissingModel, std::string("the network's settings are damaged: ") + e.what(), "model.json");
  }
}

UnetImpl::UnetImpl(const UnetOptions& o, std::int64_t auxiliary_levels) : options(o) {
  const auto& w = o.widths;
  for (std::size_t l = 0; l < w.size(); ++l)
    encoder.push_back(register_module("encoder_" + std::to_string(l),
                                      Recombination(l == 0 ? o.in_channels : w[l - 1], w[l], o.se_reduction)));
  for (std::size_t l = 0; l + 1 < w.size(); ++l) {
    up.push_back(register_module("up_" + std::to_string(l), Upsample(w[l + 1], w[l])));
    decoder.push_back(register_module("decoder_" + std::to_string(l), Recombination(2 * w[l], w[l], o.se_reduction)));
  }
  head = register_module("head", torch::nn::Conv3d(torch::nn::Conv3dOptions(w[0], o.classes, 1)));
  for (std::int64_t l = 1; l <= std::min(auxiliary_levels, static_cast<std::int64_t>(w.size()) - 2); ++l)
    auxiliary.push_back(
        register_module(kAuxiliary + std::to_string(l),
                        torch::nn::Conv3d(torch::nn::Conv3dOptions(w.at(static_cast<std::size_t>(l)), o.classes, 1))));
}

torch::Tensor UnetImpl::forward(torch::Tensor x) { return run_conv(head, decode(std::move(x), nullptr)); }

std::vector<torch::Tensor> UnetImpl::forward_levels(torch::Tensor x) {
  std::vector<torch::Tensor> levels;
  std::vector<torch::Tensor> out{run_conv(head, decode(std::move(x), &levels))};
  for (std::size_t i = 0; i < auxiliary.size(); ++i) out.push_back(run_conv(auxiliary[i], levels[i + 1]));
  return out;
}

/// What the decoder gives at full resolution; `levels` gets what it gives at each.
torch::Tensor UnetImpl::decode(torch::Tensor x, std::vector<torch::Tensor>* levels) {
  std::vector<torch::Tensor> skips;
  for (std::size_t l = 0; l < encoder.size(); ++l) {
    x = encoder[l](x);
    if (l + 1 == encoder.size()) break;
    skips.push_back(x);
    x = torch::max_pool3d(x, 2);
  }
  if (levels != nullptr) levels->resize(up.size());
  for (std::size_t l = up.size(); l-- > 0;) {
    x = decoder[l](torch::cat({up[l](x), skips[l]}, 1));
    if (levels != nullptr) (*levels)[l] = x;
  }
  return x;
}

}  // namespace gliocast::nn
