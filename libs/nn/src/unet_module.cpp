#include "unet_module.hpp"

#include <gliocast/core/error.hpp>

namespace gliocast::nn {

UnetOptions UnetOptions::preset(const std::string& name) {
  UnetOptions o;
  if (name == "default") return o;
  if (name == "paper") {
    o.widths.assign(5, 64);
    return o;
  }
  throw Error(ExitCode::WrongUse, "unknown U-Net preset '" + name + "'", {}, "use default or paper");
}

Json UnetOptions::to_json() const {
  return {{"architecture", "unet3d-recombination-se"},
          {"in_channels", in_channels},
          {"classes", classes},
          {"widths", widths},
          {"se_reduction", se_reduction}};
}

UnetOptions UnetOptions::from_json(const Json& json) {
  try {
    UnetOptions o;
    o.in_channels = json.at("in_channels").get<int64_t>();
    o.classes = json.at("classes").get<int64_t>();
    o.widths = json.at("widths").get<std::vector<int64_t>>();
    o.se_reduction = json.at("se_reduction").get<int64_t>();
    bool sane = o.in_channels >= 1 && o.in_channels <= 16 && o.classes >= 2 && o.classes <= 16 &&
                o.widths.size() >= 2 && o.widths.size() <= 7 && o.se_reduction >= 1;
    for (const auto w : o.widths) sane = sane && w >= 1 && w <= 2048;
    if (!sane) throw Error(ExitCode::MissingModel, "the network's settings are out of range", "model.json");
    return o;
  } catch (const Json::exception& e) {
    throw Error(ExitCode::MissingModel, std::string("the network's settings are damaged: ") + e.what(), "model.json");
  }
}

UnetImpl::UnetImpl(const UnetOptions& o) : options(o) {
  const auto& w = o.widths;
  for (std::size_t l = 0; l < w.size(); ++l)
    encoder.push_back(register_module("encoder_" + std::to_string(l),
                                      Recombination(l == 0 ? o.in_channels : w[l - 1], w[l], o.se_reduction)));
  for (std::size_t l = 0; l + 1 < w.size(); ++l) {
    up.push_back(register_module("up_" + std::to_string(l), Upsample(w[l + 1], w[l])));
    decoder.push_back(register_module("decoder_" + std::to_string(l), Recombination(2 * w[l], w[l], o.se_reduction)));
  }
  head = register_module("head", torch::nn::Conv3d(torch::nn::Conv3dOptions(w[0], o.classes, 1)));
}

torch::Tensor UnetImpl::forward(torch::Tensor x) {
  std::vector<torch::Tensor> skips;
  for (std::size_t l = 0; l < encoder.size(); ++l) {
    x = encoder[l](x);
    if (l + 1 == encoder.size()) break;
    skips.push_back(x);
    x = torch::max_pool3d(x, 2);
  }
  for (std::size_t l = up.size(); l-- > 0;) x = decoder[l](torch::cat({up[l](x), skips[l]}, 1));
  return run_conv(head, x);
}

}  // namespace gliocast::nn
