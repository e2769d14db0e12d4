#pragma once
#include <gliocast/core/error.hpp>
#include <gliocast/core/volume.hpp>

#include <string>

namespace gliocast::image {

/// Where the axes of a grid point, each to the nearest of Left/Right, Posterior/Anterior, Superior/Inferior: "LPS" for
/// the identity.
[[nodiscard]] std::string orientation_code(const Geometry& geometry);

/// The geometry with axes permuted and flipped so that they point as `code` says ("LPS", "RAS", …); physical positions
/// stay. Throws Error{WrongUse} for a code that names no orientation. permutation[a]: which old axis becomes new axis
/// a; flipped[a]: whether it runs backwards.
struct Reorientation {
  Geometry geometry;
  std::array<std::size_t, 3> permutation{0, 1, 2};
  std::array<bool, 3> flipped{false, false, false};
};
[[nodiscard]] Reorientation plan_reorientation(const Geometry& geometry, const std::string& code);

template <typename T>
[[nodiscard]] Volume<T> reorient(const Volume<T>& source, const std::string& code) {
  const Reorientation plan = plan_reorientation(source.geometry, code);
  Volume<T> out(plan.geometry);
  Size3 i{};
  std::size_t k = 0;
  for (i[2] = 0; i[2] < plan.geometry.size[2]; ++i[2])
    for (i[1] = 0; i[1] < plan.geometry.size[1]; ++i[1])
      for (i[0] = 0; i[0] < plan.geometry.size[0]; ++i[0], ++k) {
        Size3 o{};
        for (std::size_t a = 0; a < 3; ++a)
          o[plan.permutation[a]] = plan.flipped[a] ? plan.geometry.size[a] - 1 - i[a] : i[a];
        out.voxels[k] = source.at(o[0], o[1], o[2]);
      }
  return out;
}

}  // namespace gliocast::image
