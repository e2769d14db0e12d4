// Changes DICOM files at random, for so many seconds, and reads them: each must give a volume or an Error{UnusableInput}. ITK's headers allow GCC only, so libFuzzer cannot steer this one.
// Usage: mutate_dicom SECONDS SEEDS [SEED]; the input that ended it lies in the folder that it prints.
#include <gliocast/core/error.hpp>
#include <gliocast/core/random.hpp>
#include <gliocast/image/dicom.hpp>

#include <unistd.h>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

using namespace gliocast;
namespace fs = std::filesystem;

namespace {

std::string read_whole(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A few changes: bits, bytes of extreme value, runs cut out, doubled or moved, the end cut off. Mostly near the start, where the header is.
std::string mutate(std::string bytes, Random& random) {
  const auto changes = static_cast<int>(random.uniform(1, 6));
  for (int k = 0; k < changes && bytes.size() > 140; ++k) {
    const double reach = random.chance(0.7) ? std::min<double>(2500, static_cast<double>(bytes.size())) : static_cast<double>(bytes.size());
    const auto at = static_cast<std::size_t>(random.uniform(132, reach - 1));
    const auto length = std::min(static_cast<std::size_t>(random.uniform(1, 64)), bytes.size() - at);
    switch (static_cast<int>(random.uniform(0, 6))) {
      case 0:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << static_cast<int>(random.uniform(0, 8))));
        break;
      case 1:
        bytes[at] = random.chance(0.5) ? '\xff' : '\0';
        break;
      case 2:
        bytes.erase(at, length);
        break;
      case 3:
        bytes.insert(at, bytes.substr(at, length));
        break;
      case 4:
        for (std::size_t i = 0; i < std::min<std::size_t>(4, length); ++i) bytes[at + i] = static_cast<char>(random.uniform(0, 256));
        break;
      default:
        if (random.chance(0.2)) bytes.resize(at);
    }
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  std::vector<std::string> seeds;
  for (const auto& entry : fs::directory_iterator(argv[2]))
    if (entry.is_regular_file()) seeds.push_back(read_whole(entry.path()));
  if (seeds.empty()) return 2;
  const fs::path folder = fs::temp_directory_path() / ("gliocast-mutate-dicom-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  std::printf("%s\n", folder.c_str());
  Random random(argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(std::atol(argv[1]));
  std::size_t inputs = 0, volumes = 0;
  for (; std::chrono::steady_clock::now() < end; ++inputs) {
    const auto& seed = seeds[std::min(seeds.size() - 1, static_cast<std::size_t>(random.uniform(0, static_cast<double>(seeds.size()))))];
    const std::string bytes = mutate(seed, random);
    std::ofstream(folder / "file", std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    try {
      for (const auto& series : image::scan_dicom(folder)) (void)image::read_dicom(series.slices), ++volumes;
    } catch (const Error& e) {
      if (e.code() != ExitCode::UnusableInput) throw;
    }
  }
  fs::remove_all(folder);
  std::printf("survived %zu inputs, %zu of them still volumes\n", inputs, volumes);
  return volumes > 0 ? 0 : 1;
}
