#include <gliocast/imageio/nifti.hpp>
#include <gliocast/radiomics/shape.hpp>
#include <gliocast/stats/roc.hpp>

#include <cstdio>

int main() {
  gliocast::Geometry g;
  g.size = {4, 4, 4};
  std::printf("auc %g, %zu features, %zu bytes\n", gliocast::stats::auc({0.1, 0.4, 0.35, 0.8}, {0, 0, 1, 1}),
              gliocast::radiomics::shape_3d(gliocast::Mask(g, 1)).size(),
              gliocast::imageio::format_nifti(gliocast::Volume<float>(g)).size());
}
