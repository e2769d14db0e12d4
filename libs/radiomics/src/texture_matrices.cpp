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
  Counter(std::size_t levels, std::size_t columns)
      : columns_(columns), dense_(columns > 0 && levels <= kDense / columns) {
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
    const auto push = [&](std::size_t key, std::size_t n) {
      out.push_back({static_cast<std::uint32_t>(key / columns_), static_cast<std::uint32_t>(key % columns_) + shift,
                     static_cast<double>(n)});
    };
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

/// The non-zero cells of a table of levels × columns.
TextureMatrix entries_of(const std::vector<std::uint32_t>& table, std::size_t columns) {
  TextureMatrix out;
  for (std::size_t key = 0; key < table.size(); ++key)
    if (table[key] > 0)
      out.push_back({static_cast<std::uint32_t>(key / columns), static_cast<std::uint32_t>(key % columns),
                     static_cast<double>(table[key])});
  return out;
}

std::vector<std::ptrdiff_t> steps_of(const LevelRegion& region, const std::vector<std::array<int, 3>>& offsets) {
  std::vector<std::ptrdiff_t> steps;
  for (const auto& o : offsets) steps.push_back(region.step(o));
  return steps;
}

std::size_t at(std::uint32_t voxel, std::ptrdiff_t step) {
  return static_cast<std::size_t>(static_cast<std::ptrdiff_t>(voxel) + step);
}

/// Whether two voxels of the region lie on one line along the offset, with or without a gap.
bool any_line_of_two(const LevelRegion& region, const std::array<int, 3>& offset) {
  const std::ptrdiff_t step = region.step(offset);
  if (region.visit([&](const auto* p) {
        return std::ranges::any_of(region.voxels(), [&](std::uint32_t v) { return p[at(v, step)] != 0; });
      }))
    return true;
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

/// Runs of equal levels. `length`: as many cells as the padded box has, for the length of the run that ends at a voxel.
TextureMatrix runs_along(const LevelRegion& region, const std::array<int, 3>& offset,
                         std::vector<std::uint16_t>& length) {
  if (!any_line_of_two(region, offset)) return {};
  const std::ptrdiff_t step = region.step(offset);
  const std::size_t columns = std::ranges::max(region.size()) + 1, levels = region.levels().size();
  if (columns < 65535 && levels <= kDense / columns) {
    // The offset's last non-zero part is positive: the voxel before lies earlier in memory.
    std::vector<std::uint32_t> table(levels * columns, 0);
    region.visit([&](const auto* p) {
      for (const auto v : region.voxels()) {
        const auto level = p[v];
        const std::uint32_t n = p[at(v, -step)] == level ? length[at(v, -step)] + 1U : 1U;
        length[v] = static_cast<std::uint16_t>(n);
        table[(level - 1U) * columns + n] += p[at(v, step)] != level;
      }
    });
    return entries_of(table, columns);
  }
  Counter counter(levels, columns);
  region.visit([&](const auto* p) {
    for (const auto v : region.voxels()) {
      const std::uint32_t level = p[v];
      if (p[at(v, -step)] == level) continue;  // not the first of its run
      std::uint32_t n = 1;
      for (std::size_t next = at(v, step); p[next] == level;
           next = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(next) + step))
        ++n;
      counter.add(level - 1, n);
    }
  });
  return counter.entries();
}

/// Pairs of neighbouring levels in one direction, counted in a table with a row and a column for "outside", so that
/// nothing is asked in the loop.
TextureMatrix pairs_dense(const LevelRegion& region, std::ptrdiff_t step, bool symmetrical) {
  const std::size_t n = region.levels().size(), side = n + 1;
  std::vector<std::uint32_t> table(side * side, 0);
  region.visit([&](const auto* p) {
    for (const auto v : region.voxels()) ++table[p[v] * side + p[at(v, step)]];
  });
  TextureMatrix out;
  for (std::size_t i = 1; i < side; ++i)
    for (std::size_t j = 1; j < side; ++j)
      if (const std::uint32_t count = table[i * side + j] + (symmetrical ? table[j * side + i] : 0); count > 0)
        out.push_back(
            {static_cast<std::uint32_t>(i - 1), static_cast<std::uint32_t>(j - 1), static_cast<double>(count)});
  return out;
}

}  // namespace

std::vector<std::array<int, 3>> neighbour_offsets(const Size3& size, const std::vector<int>& distances,
                                                  const std::optional<int>& plane_axis, bool both) {
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
  std::vector<TextureMatrix> out;
  const std::size_t levels = region.levels().size();
  for (const std::ptrdiff_t step :
       steps_of(region, neighbour_offsets(region.size(), o.distances, o.plane_axis, false))) {
    if (levels < kDense / (levels + 2)) {
      out.push_back(pairs_dense(region, step, o.symmetrical_glcm));
      continue;
    }
    Counter counter(levels, levels);
    region.visit([&](const auto* p) {
      for (const auto v : region.voxels()) {
        const std::uint32_t other = p[at(v, step)];
        if (other == 0) continue;
        counter.add(p[v] - 1U, other - 1);
        if (o.symmetrical_glcm) counter.add(other - 1, p[v] - 1U);
      }
    });
    out.push_back(counter.entries());
  }
  return out;
}

std::vector<TextureMatrix> glrlm(const LevelRegion& region, const TextureOptions& o) {
  std::vector<TextureMatrix> out;
  std::vector<std::uint16_t> length(region.padded_count());
  for (const auto& offset : neighbour_offsets(region.size(), {1}, o.plane_axis, false))
    out.push_back(runs_along(region, offset, length));
  return out;
}

TextureMatrix glszm(const LevelRegion& region, const TextureOptions& o) {
  const auto steps = steps_of(region, neighbour_offsets(region.size(), {1}, o.plane_axis, true));
  std::vector<std::pair<std::uint32_t, std::uint32_t>> zones;
  region.visit([&]<typename T>(const T* p) {
    std::vector<T> left(p, p + region.padded_count());  // voxels of counted zones become 0
    std::vector<std::uint32_t> stack;
    for (const auto seed : region.voxels()) {
      const T level = left[seed];
      if (level == 0) continue;
      std::uint32_t size = 0;
      stack.assign(1, seed);
      left[seed] = 0;
      while (!stack.empty()) {
        const std::uint32_t v = stack.back();
        stack.pop_back();
        ++size;
        for (const std::ptrdiff_t step : steps)
          if (const std::size_t n = at(v, step); left[n] == level) {
            left[n] = 0;
            stack.push_back(static_cast<std::uint32_t>(n));
          }
      }
      zones.emplace_back(level - 1, size);
    }
  });
  std::ranges::sort(zones);
  TextureMatrix out;
  for (const auto& [level, size] : zones) {
    if (out.empty() || out.back().level != level || out.back().column != size) out.push_back({level, size, 0});
    ++out.back().count;
  }
  return out;
}

TextureMatrix gldm(const LevelRegion& region, const TextureOptions& o) {
  const auto& levels = region.levels();
  const auto steps = steps_of(region, neighbour_offsets(region.size(), o.distances, o.plane_axis, true));
  Counter counter(levels.size(), steps.size() + 2);
  region.visit([&](const auto* p) {
    for (const auto v : region.voxels()) {
      std::uint32_t dependents = 1;
      if (o.gldm_alpha == 0) {
        for (const std::ptrdiff_t step : steps) dependents += p[at(v, step)] == p[v];
      } else {
        for (const std::ptrdiff_t step : steps)
          if (const std::uint32_t other = p[at(v, step)]; other != 0)
            dependents += std::abs(levels[other - 1] - levels[p[v] - 1U]) <= o.gldm_alpha;
      }
      counter.add(p[v] - 1U, dependents);
    }
  });
  return counter.entries();
}

Ngtdm ngtdm(const LevelRegion& region, const TextureOptions& o) {
  const auto& levels = region.levels();
  const auto steps = steps_of(region, neighbour_offsets(region.size(), o.distances, o.plane_axis, true));
  Ngtdm out{std::vector<double>(levels.size(), 0.0), std::vector<double>(levels.size(), 0.0)};
  std::vector<std::uint64_t> value(levels.size() + 1, 0);  // levels are whole: sums of them are exact
  for (std::size_t k = 0; k < levels.size(); ++k) value[k + 1] = static_cast<std::uint64_t>(levels[k]);
  region.visit([&](const auto* p) {
    for (const auto v : region.voxels()) {
      std::uint64_t sum = 0;
      std::uint32_t n = 0;
      for (const std::ptrdiff_t step : steps) {
        const auto other = p[at(v, step)];
        sum += value[other];
        n += other != 0;
      }
      const std::size_t k = p[v] - 1U;
      ++out.voxels[k];
      if (n > 0) out.difference[k] += std::abs(levels[k] - static_cast<double>(sum) / n);
    }
  });
  return out;
}

}  // namespace gliocast::radiomics
