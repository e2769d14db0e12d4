#include "resnet2d_module.hpp"

#include "blocks.hpp"

#include <gliocast/core/error.hpp>

#include <utility>

namespace gliocast::nn {
namespace {

torch::nn::Conv2d make_conv(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride) {
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(false));
}

}  // namespace

Resnet2dOptions Resnet2dOptions::preset(const std::string& name) {
  Resnet2dOptions o;
  if (name == "default") return o;
  if (name == "paper") {
    o.base_width = kPublishedWidth;
    o.dropout = 0;
    return o;
  }
  throw Error(ExitCode::WrongUse, "unknown ResNet preset '" + name + "'", {}, "use default or paper");
}

Json Resnet2dOptions::to_json() const {
  return {
      {"architecture", "resnet18-2d"}, {"in_channels", in_channels}, {"base_width", base_width}, {"dropout", dropout}};
}

Resnet2dOptions Resnet2dOptions::from_json(const Json& json) {
  try {
    Resnet2dOptions o;
    o.in_channels = json.at("in_channels").get<std::int64_t>();
    o.base_width = json.at("base_width").get<std::int64_t>();
    o.dropout = json.at("dropout").get<double>();
    if (json.at("architecture") != "resnet18-2d" || o.in_channels < 1 || o.in_channels > 16 || o.base_width < 1 ||
        o.base_width > 512 || !(o.dropout >= 0 && o.dropout < 1))
      throw Error(ExitCode::MissingModel, "the network's settings are out of range", "model.json");
    return o;
  } catch (const Json::exception& e) {
    throw Error(ExitCode::MissingModel, std::string("the network's settings are damaged: ") + e.what(), "model.json");
  }
}

BasicBlock2dImpl::BasicBlock2dImpl(std::int64_t in, std::int64_t out, std::int64_t stride) {
  conv1 = register_module("conv1", make_conv(in, out, 3, stride));
  bn1 = register_module("bn1", torch::nn::BatchNorm2d(out));
  conv2 = register_module("conv2", make_conv(out, out, 3, 1));
  bn2 = register_module("bn2", torch::nn::BatchNorm2d(out));
  if (in != out || stride != 1)
    downsample = register_module("downsample",
                                 torch::nn::Sequential(make_conv(in, out, 1, stride), torch::nn::BatchNorm2d(out)));
}

torch::Tensor BasicBlock2dImpl::forward(torch::Tensor x) {
  const auto y = bn2(conv2(torch::relu(bn1(conv1(x)))));
  return torch::relu(y + (downsample ? downsample->forward(x) : x));
}

Resnet2dImpl::Resnet2dImpl(const Resnet2dOptions& o) : options(o) {
  conv1 = register_module("conv1", make_conv(o.in_channels, o.base_width, 7, 2));
  bn1 = register_module("bn1", torch::nn::BatchNorm2d(o.base_width));
  std::int64_t in = o.base_width;
  for (std::int64_t stage = 0; stage < 4; ++stage) {
    const std::int64_t out = o.base_width << stage;
    layers.push_back(
        register_module("layer" + std::to_string(stage + 1),
                        torch::nn::Sequential(BasicBlock2d(in, out, stage > 0 ? 2 : 1), BasicBlock2d(out, out, 1))));
    in = out;
  }
  grade = register_module("grade", torch::nn::Linear(in, 2));
  survival = register_module("survival", torch::nn::Linear(in, 1));
  survival_centre = register_buffer("survival_centre", torch::zeros({1}));
}

torch::Tensor Resnet2dImpl::features(torch::Tensor x) {
  x = torch::max_pool2d(torch::relu(bn1(conv1(x))), 3, 2, 1);
  for (auto& layer : layers) x = layer->forward(x);
  return x.mean({2, 3});
}

PrognosisHeads Resnet2dImpl::judge(torch::Tensor f) {
  if (is_training() && options.dropout > 0)
    f = f * dropout_mask(f.size(0), options.features(), options.dropout, dropout_seed).to(f.device());
  return {grade(f), survival(f).squeeze(1) + survival_centre};
}

}  // namespace gliocast::nn
