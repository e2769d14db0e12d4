#pragma once
#include <cstddef>
#include <functional>

namespace gliocast {

/// Number of threads to use for a request: 0 means all that this process may run on.
[[nodiscard]] std::size_t resolve_threads(std::size_t requested) noexcept;

/// Calls body(i) for i in [0, n), on up to `threads` threads (0 = all). Each i runs once; bodies write to their own
/// place, so results do not depend on the number of threads. The exception of the smallest i that failed is thrown
/// again here; after a failure no further i is started.
void parallel_for(std::size_t n, std::size_t threads, const std::function<void(std::size_t)>& body);

}  // namespace gliocast
