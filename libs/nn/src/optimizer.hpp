#pragma once
#include <gliocast/nn/safetensors.hpp>

#include <torch/torch.h>

#include <string>
#include <vector>

namespace gliocast::nn {

/// Adam (Kingma & Ba 2015) with decoupled weight decay (Loshchilov & Hutter 2019). Ours, so that its state lives in our
/// checkpoints and a resumed run is exact.
class Adam {
 public:
  explicit Adam(torch::nn::Module& module);
  void step(double learning_rate, double weight_decay = 0);
  void zero_grad();
  void save(TensorFile& file) const;
  void load(const TensorFile& file);

 private:
  struct Slot {
    std::string name;
    torch::Tensor parameter, mean, square;
  };
  std::vector<Slot> slots_;
  int64_t steps_ = 0;
};

}  // namespace gliocast::nn
