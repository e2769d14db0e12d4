// Counting texture matrices.
#include <gliocast/radiomics/texture.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace gliocast::radiomics {
namespace {

constexpr std::size_t kDense = std::size_t{1} << 22;  ///< cells that are counted in a table; beyond, pairs are sorted

/// Counts (level, column) pairs.
class Counter {
 public:
  Counter(std::size_t levels, std::size_t columns) : columns_(columns), dense_(columns > 0 && levels <= kDense / columns) {
    if (dense_) table_.assign(levels * columns, 0);
  }

  void add(std::uint32_t level, std::uint32_t column) {
    const std::size_t key = level * columns_ + column;
    if (dense_)
      ++table_[key];
    else
      keys_.push_back(key);
  }

  /// The entries; `shift` is added to the columns.
  [[nodiscard]] TextureMatrix entries(std::uint32_t shift = 0) {
    TextureMatrix out;
    const auto push = [&](std::size_t key, std::size_t n) { out.push_back({static_cast<std::uint32_t>(key / columns_), static_cast<std::uint32_t>(key % columns_) + shift, static_cast<double>(n)}); };
    for (std::size_t key = 0; key < table_.size(); ++key)
      if (table_[key] > 0) push(key, table_[key]);
    std::ranges::sort(keys_);
    for (std::size_t i = 0; i < keys_.size();) {
      std::size_t j = i;
      while (j < keys_.size() && keys_[j] == keys_[i]) ++j;
      push(keys_[i], j - i);
      i = j;
    }
    return out;
  }

 private:
  std::size_t columns_;
  bool dense_;
  std::vector<std::uint32_t> table_;
  std::vector<std::size_t> keys_;
};

std::vector<std::ptrdiff_t> steps_of(const LevelRegion& region, const std::vector<std::array<int, 3>>& offsets) {
  std::vector<std::ptrdiff_t> steps;
  for (const auto& o : offsets) steps.push_back(region.step(o));
  return steps;
}

std::size_t at(std::uint32_t voxel, std::ptrdiff_t step) { return static_cast<std::size_t>(static_cast<std::ptrdiff_t>(voxel) + step); }

/// Whether two voxels of the region lie on one line along the offset, with or without a gap.
bool any_line_of_two(const LevelRegion& region, const std::array<int, 3>& offset) {
  const auto& p = region.padded();
  const std::ptrdiff_t step = region.step(offset);
  for (const auto v : region.voxels())
    if (p[at(v, step)] != 0) return true;
  // A voxel less its steps along the offset's first axis names its line.
  std::size_t main = 0;
  while (offset[main] == 0) ++main;
  std::vector<std::array<std::ptrdiff_t, 3>> lines;
  for (const auto v : region.voxels()) {
    auto c = region.index(v);
    const std::ptrdiff_t k = c[main] * offset[main];  // the offset is ±1 there
    for (std::size_t a = 0; a < 3; ++a) c[a] -= k * offset[a];
    lines.push_back(c);
  }
  std::ranges::sort(lines);
  return std::ranges::adjacent_find(lines) != lines.end();
}

TextureMatrix runs_along(const LevelRegion& region, const std::array<int, 3>& offset) {
  if (!any_line_of_two(region, offset)) return {};
  const auto& p = region.padded();
  const std::ptrdiff_t step = region.step(offset);
  Counter counter(region.levels().size(), std::ranges::max(region.size()) + 1);
  for (const auto v : region.voxels()) {
    const std::uint32_t level = p[v];
    if (p[at(v, -step)] == level) continue;  // not the first of its run
    std::uint32_t length = 1;
    for (std::size_t next = at(v, step); p[next] == level; next = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(next) + step)) ++length;
    counter.add(level - 1, length);
  }
  return counter.entries();
}

}  // namespace

std::vector<std::array<int, 3>> neighbour_offsets(const Size3& size, const std::vector<int>& distances, const std::optional<int>& plane_axis, bool both) {
  const int reach = distances.empty() ? 0 : std::ranges::max(distances);
  std::vector<std::array<int, 3>> out;
  for (int z = -reach; z <= reach; ++z)
    for (int y = -reach; y <= reach; ++y)
      for (int x = -reach; x <= reach; ++x) {
        const std::array<int, 3> o{x, y, z};
        const int distance = std::max({std::abs(x), std::abs(y), std::abs(z)});
        if (distance == 0 || std::ranges::find(distances, distance) == distances.end()) continue;
        if (!both && (z < 0 || (z == 0 && (y < 0 || (y == 0 && x < 0))))) continue;
        bool fits = true;
        for (std::size_t a = 0; a < 3; ++a) fits = fits && static_cast<std::size_t>(std::abs(o[a])) < size[a];
        if (fits && !(plane_axis && o[static_cast<std::size_t>(*plane_axis)] != 0)) out.push_back(o);
      }
  return out;
}

std::vector<TextureMatrix> glcm(const LevelRegion& region, const TextureOptions& o) {
  const auto& p = region.padded();
  std::vector<TextureMatrix> out;
  const std::size_t levels = region.levels().size();
  for (const std::ptrdiff_t step : steps_of(region, neighbour_offsets(region.size(), o.distances, o.plane_axis, false))) {
    Counter counter(levels, levels);
    for (const auto v : region.voxels()) {
      const std::uint32_t other = p[at(v, step)];
      if (other == 0) continue;
      counter.add(p[v] - 1, other - 1);
      if (o.symmetrical_glcm) counter.add(other - 1, p[v] - 1);
    }
    out.push_back(counter.entries());
  }
  return out;
}

std::vector<TextureMatrix> glrlm(const LevelRegion& region, const TextureOptions& o) {
  std::vector<TextureMatrix> out;
  for (const auto& offset : neighbour_offsets(region.size(), {1}, o.plane_axis, false)) out.push_back(runs_along(region, offset));
  return out;
}

TextureMatrix glszm(const LevelRegion& region, const TextureOptions& o) {
  std::vector<std::uint32_t> left = region.padded(), stack;  // voxels of counted zones become 0
  const auto steps = steps_of(region, neighbour_offsets(region.size(), {1}, o.plane_axis, true));
  std::vector<std::pair<std::uint32_t, std::uint32_t>> zones;
  for (const auto seed : region.voxels()) {
    const std::uint32_t level = left[seed];
    if (level == 0) continue;
    std::uint32_t size = 0;
    stack.assign(1, seed);
    left[seed] = 0;
    while (!stack.empty()) {
      const std::uint32_t v = stack.back();
      stack.pop_back();
      ++size;
      for (const std::ptrdiff_t step : steps)
        if (const std::size_t n = at(v, step); left[n] == level) left[n] = 0, stack.push_back(static_cast<std::uint32_t>(n));
    }
    zones.emplace_back(level - 1, size);
  }
  std::ranges::sort(zones);
  TextureMatrix out;
  for (const auto& [level, size] : zones) {
    if (out.empty() || out.back().level != level || out.back().column != size) out.push_back({level, size, 0});
    ++out.back().count;
  }
  return out;
}

TextureMatrix gldm(const LevelRegion& region, const TextureOptions& o) {
  const auto& p = region.padded();
  const auto& levels = region.levels();
  const auto steps = steps_of(region, neighbour_offsets(region.size(), o.distances, o.plane_axis, true));
  Counter counter(levels.size(), steps.size() + 2);
  for (const auto v : region.voxels()) {
    std::uint32_t dependents = 1;
    if (o.gldm_alpha == 0) {
      for (const std::ptrdiff_t step : steps) dependents += p[at(v, step)] == p[v];
    } else {
      for (const std::ptrdiff_t step : steps)
        if (const std::uint32_t other = p[at(v, step)]; other != 0) dependents += std::abs(levels[other - 1] - levels[p[v] - 1]) <= o.gldm_alpha;
    }
    counter.add(p[v] - 1, dependents);
  }
  return counter.entries();
}

Ngtdm ngtdm(const LevelRegion& region, const TextureOptions& o) {
  const auto& p = region.padded();
  const auto& levels = region.levels();
  const auto steps = steps_of(region, neighbour_offsets(region.size(), o.distances, o.plane_axis, true));
  Ngtdm out{std::vector<double>(levels.size(), 0.0), std::vector<double>(levels.size(), 0.0)};
  for (const auto v : region.voxels()) {
    double sum = 0, n = 0;
    for (const std::ptrdiff_t step : steps)
      if (const std::uint32_t other = p[at(v, step)]; other != 0) sum += levels[other - 1], ++n;
    const std::size_t k = p[v] - 1;
    ++out.voxels[k];
    if (n > 0) out.difference[k] += std::abs(levels[k] - sum / n);
  }
  return out;
}

}  // namespace gliocast::radiomics
