#pragma once
// A head for tests: a ball of brain with a tumour, made here.
#include <gliocast/core/random.hpp>
#include <gliocast/core/sequence.hpp>
#include <gliocast/core/volume.hpp>

#include <cmath>
#include <map>

namespace gliocast {

struct Head {
  Mask brain, tumour;
  std::map<Sequence, Volume<float>> zscores;
};

/// A ball of brain with a tumour on one side; T1-Gd is brighter than T1 in `bright` voxels of it.
inline Head head(double tumour_x, bool enhancing) {
  Geometry g;
  g.size = {80, 80, 60};
  Head h{Mask(g), Mask(g), {{Sequence::T1, Volume<float>(g)}, {Sequence::T1Gd, Volume<float>(g)}}};
  Random random(1);
  std::size_t k = 0;
  for (std::size_t z = 0; z < 60; ++z)
    for (std::size_t y = 0; y < 80; ++y)
      for (std::size_t x = 0; x < 80; ++x, ++k) {
        const auto dx = static_cast<double>(x), dy = static_cast<double>(y) - 40, dz = static_cast<double>(z) - 30;
        if (std::hypot(dx - 40, dy, dz) > 28) continue;
        h.brain.voxels[k] = 1;
        h.tumour.voxels[k] = std::hypot(dx - tumour_x, dy, dz) < 9;
        const double base = random.normal();
        h.zscores[Sequence::T1].voxels[k] = static_cast<float>(base);
        h.zscores[Sequence::T1Gd].voxels[k] =
            static_cast<float>(base + (enhancing && std::hypot(dx - tumour_x, dy, dz) < 7 ? 4 : 0));
      }
  return h;
}

}  // namespace gliocast
