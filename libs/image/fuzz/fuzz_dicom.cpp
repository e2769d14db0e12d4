// Survives any bytes in a DICOM folder: a volume, or an Error{UnusableInput}. Build: -DGLIOCAST_FUZZ=ON with clang; run: tools/fuzz.sh.
#include <gliocast/core/error.hpp>
#include <gliocast/image/dicom.hpp>

#include <unistd.h>
#include <cstdint>
#include <cstdlib>
#include <fstream>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto folder = [] {
    auto f = std::filesystem::temp_directory_path() / ("gliocast-fuzz-dicom-" + std::to_string(::getpid()));
    std::filesystem::create_directories(f);
    return f;
  }();
  std::ofstream(folder / "file", std::ios::binary).write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  try {
    for (const auto& series : gliocast::image::scan_dicom(folder)) (void)gliocast::image::read_dicom(series.files);
  } catch (const gliocast::Error& e) {
    if (e.code() != gliocast::ExitCode::UnusableInput) std::abort();
  }
  return 0;
}
