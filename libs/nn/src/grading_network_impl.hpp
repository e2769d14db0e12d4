#pragma once
#include "resnet_module.hpp"
#include "torch_compat.hpp"

#include <gliocast/nn/grading_network.hpp>

namespace gliocast::nn {

struct GradingNetwork::Impl {
  Impl(const ResnetOptions& options, Device d) : net(options), device(torch_device(d)) {}
  Resnet3d net;
  torch::Device device;
};

}  // namespace gliocast::nn
