// Bias field correction and rigid registration of the ch2 head (1 mm), timed; bench/preprocess_peer.py does the same
// with SimpleITK.
#include <gliocast/image/atlas.hpp>
#include <gliocast/image/resample.hpp>
#include <gliocast/imageio/read_volume.hpp>
#include <gliocast/preprocess/bias_field.hpp>
#include <gliocast/preprocess/registration.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <vector>

using namespace gliocast;

namespace {

template <typename Body>
double median_seconds(int times, Body body) {
  std::vector<double> s;
  for (int i = 0; i < times; ++i) {
    const auto start = std::chrono::steady_clock::now();
    body();
    s.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::ranges::nth_element(s, s.begin() + times / 2);
  return s[static_cast<std::size_t>(times / 2)];
}

}  // namespace

int main() {
  image::set_image_threads(0);
  const auto head = imageio::read_volume(image::find_atlas() / "ch2.nii.gz").volume;
  Mask where(head.geometry);
  Volume<float> other(head.geometry);
  for (std::size_t i = 0; i < where.voxels.size(); ++i) {
    where.voxels[i] = head.voxels[i] > 20;
    other.voxels[i] = head.voxels[i] > 12 ? 200 * std::exp(-head.voxels[i] / 60) : 0;
  }
  const auto moving = image::resample(other, head.geometry, image::Interpolation::Linear, 0,
                                      image::inverse(image::rigid_map({0.15, -0.1, 0.2}, {7, -5, 9}, {0, 18, 0})));
  std::printf("gliocast  n4            %.3f s\n",
              median_seconds(5, [&] { (void)preprocess::correct_bias_field(head, where); }));
  std::printf("gliocast  registration  %.3f s\n",
              median_seconds(3, [&] { (void)preprocess::register_images(head, moving); }));
}
