#include "resnet_module.hpp"

#include <gliocast/core/error.hpp>

namespace gliocast::nn {

ResnetOptions ResnetOptions::preset(const std::string& name) {
  ResnetOptions o;
  if (name == "default") return o;
  if (name == "paper") {
    o.base_width = 64;
    o.hidden = 256;
    o.dropout = 0;
    return o;
  }
  throw Error(ExitCode::WrongUse, "unknown ResNet preset '" + name + "'", {}, "use default or paper");
}

Json ResnetOptions::to_json() const {
  return {{"architecture", "resnet18-3d-se"},
          {"in_channels", in_channels},
          {"base_width", base_width},
          {"se_reduction", se_reduction},
          {"hidden", hidden},
          {"classes", classes},
          {"dropout", dropout},
          {"squeeze_excitation", squeeze_excitation}};
}

ResnetOptions ResnetOptions::from_json(const Json& json) {
  try {
    ResnetOptions o;
    o.in_channels = json.at("in_channels").get<int64_t>();
    o.base_width = json.at("base_width").get<int64_t>();
    o.se_reduction = json.at("se_reduction").get<int64_t>();
    o.hidden = json.at("hidden").get<int64_t>();
    o.classes = json.at("classes").get<int64_t>();
    o.dropout = json.at("dropout").get<double>();
    o.squeeze_excitation = json.at("squeeze_excitation").get<bool>();
    if (o.in_channels < 1 || o.in_channels > 16 || o.base_width < 1 || o.base_width > 512 || o.hidden < 1 ||
        o.hidden > 4096 || o.classes != 2 || o.se_reduction < 1)
      throw Error(ExitCode::MissingModel, "the network's settings are out of range", "model.json");
    return o;
  } catch (const Json::exception& e) {
    throw Error(ExitCode::MissingModel, std::string("the network's settings are damaged: ") + e.what(), "model.json");
  }
}

Resnet3dImpl::Resnet3dImpl(const ResnetOptions& o) : options(o) {
  stem = register_module(
      "stem",
      torch::nn::Conv3d(torch::nn::Conv3dOptions(o.in_channels, o.base_width, 7).stride(2).padding(3).bias(false)));
  stem_norm = register_module("stem_norm", torch::nn::BatchNorm3d(o.base_width));
  int64_t in = o.base_width;
  for (int64_t stage = 0; stage < 4; ++stage) {
    const int64_t out = o.base_width << stage;
    for (int64_t b = 0; b < 2; ++b) {
      const std::string name = "stage" + std::to_string(stage + 1) + "_" + std::to_string(b);
      blocks.push_back(register_module(name, BasicBlock(in, out, stage > 0 && b == 0 ? 2 : 1)));
      in = out;
    }
  }
  if (o.squeeze_excitation) se = register_module("se", SqueezeExcitation(in, o.se_reduction));
  fc1 = register_module("fc1", torch::nn::Linear(in, o.hidden));
  fc2 = register_module("fc2", torch::nn::Linear(o.hidden, o.classes));
}

torch::Tensor Resnet3dImpl::last_stage(torch::Tensor x) {
  x = torch::relu(stem_norm(run_conv(stem, x)));
  x = torch::max_pool3d(x, 3, 2, 1);
  for (auto& block : blocks) x = block(x);
  return x;
}

torch::Tensor Resnet3dImpl::pool(torch::Tensor stage) { return (se ? se(stage) : stage).mean({2, 3, 4}); }

torch::Tensor Resnet3dImpl::classify(torch::Tensor f) {
  if (is_training() && options.dropout > 0)
    f = f * dropout_mask(f.size(0), options.features(), options.dropout, dropout_seed).to(f.device());
  return fc2(torch::relu(fc1(f)));
}

}  // namespace gliocast::nn
