#pragma once
#include <cstddef>
#include <functional>
#include <vector>

namespace gliocast::image {

/// Runs body(0) … body(n − 1) in a child process, so that a library's assertion or a fault on a damaged file ends the child alone. True for each that ran to its end; false where it threw,
/// or where the child died, took more than a minute over one, or asked for more than `memory_bytes` beyond what the process holds (a damaged length may ask for gigabytes). What the child computes is
/// lost. Throws Error{InternalFault} where no child can be started.
[[nodiscard]] std::vector<bool> survives_apart(std::size_t n, std::size_t memory_bytes, const std::function<void(std::size_t)>& body);

}  // namespace gliocast::image
