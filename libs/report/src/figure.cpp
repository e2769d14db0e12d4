#include <gliocast/report/figure.hpp>

#include "figures.hpp"

namespace gliocast::report {

void draw(const std::filesystem::path& file, const analysis::FigureSpecification& figure) {
  std::visit([&](const auto& specification) { draw_figure(file, specification); }, figure);
}

}  // namespace gliocast::report
