#include "tumour_growth.hpp"

#include <cmath>
#include <limits>
#include <queue>

namespace gliocast::simulation {

std::vector<float> grow_front(const Size3& size, const std::vector<float>& speed, const std::vector<std::size_t>& seeds,
                              std::size_t voxels, float& last) {
  constexpr float kNever = std::numeric_limits<float>::infinity();
  std::vector<float> time(speed.size(), kNever);
  std::vector<bool> done(speed.size(), false);
  using Item = std::pair<float, std::size_t>;
  std::priority_queue<Item, std::vector<Item>, std::greater<>> queue;
  for (const std::size_t s : seeds) {
    time[s] = 0;
    queue.emplace(0.0F, s);
  }
  const auto nx = static_cast<std::ptrdiff_t>(size[0]), ny = static_cast<std::ptrdiff_t>(size[1]),
             nz = static_cast<std::ptrdiff_t>(size[2]);
  std::size_t reached = 0;
  last = 0;
  while (!queue.empty() && reached < voxels) {
    const auto [t, v] = queue.top();
    queue.pop();
    if (done[v]) continue;
    done[v] = true;
    ++reached;
    last = t;
    const auto i = static_cast<std::ptrdiff_t>(v);
    const std::ptrdiff_t x = i % nx, y = i / nx % ny, z = i / (nx * ny);
    for (int dz = -1; dz <= 1; ++dz)
      for (int dy = -1; dy <= 1; ++dy)
        for (int dx = -1; dx <= 1; ++dx) {
          if (x + dx < 0 || y + dy < 0 || z + dz < 0 || x + dx >= nx || y + dy >= ny || z + dz >= nz) continue;
          const auto n = static_cast<std::size_t>(i + dx + nx * (dy + ny * dz));
          if (done[n] || !(speed[n] > 0)) continue;
          const float step = std::sqrt(static_cast<float>(dx * dx + dy * dy + dz * dz)) * 2 / (speed[v] + speed[n]);
          if (t + step < time[n]) {
            time[n] = t + step;
            queue.emplace(time[n], n);
          }
        }
  }
  for (std::size_t v = 0; v < time.size(); ++v)
    if (!done[v] && time[v] <= last) time[v] = std::nextafter(last, kNever);  // touched, not reached
  return time;
}

}  // namespace gliocast::simulation
