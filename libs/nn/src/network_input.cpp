#include <gliocast/nn/network_input.hpp>

#include <gliocast/core/error.hpp>

namespace gliocast::nn {

std::span<const float> NetworkInput::channel(std::size_t c) const {
  const auto n = static_cast<std::size_t>(voxels());
  return std::span(values).subspan(c * n, n);
}

Geometry NetworkInput::grid() const {
  Geometry g;
  for (std::size_t a = 0; a < 3; ++a) g.size[a] = static_cast<std::size_t>(size_zyx[2 - a]);
  g.spacing_mm = {spacing_mm, spacing_mm, spacing_mm};
  return g;
}

void NetworkInput::check(std::int64_t channels_of_network) const {
  if (values.size() != static_cast<std::size_t>(channels * voxels()))
    throw Error(ExitCode::InternalFault, "a network's input has other sizes than values");
  if (channels != channels_of_network)
    throw Error(ExitCode::InternalFault, "the input has " + std::to_string(channels) + " channels, the network takes " +
                                             std::to_string(channels_of_network));
}

}  // namespace gliocast::nn
