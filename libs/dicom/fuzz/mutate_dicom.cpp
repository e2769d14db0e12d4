// Changes DICOM files at random, for so many seconds, and reads them: each must give a volume or an
// Error{UnusableInput}. ITK's headers allow GCC only, so libFuzzer cannot steer this one.
// Usage: mutate_dicom SECONDS SEEDS [SEED]; each folder in SEEDS is one exam, of which a file or two are changed. The
// exam that ended it lies in the folder that it prints.
#include <gliocast/core/error.hpp>
#include <gliocast/core/random.hpp>
#include <gliocast/dicom/choose_series.hpp>
#include <gliocast/dicom/folder.hpp>
#include <gliocast/dicom/read_slices.hpp>

#include <unistd.h>
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

using namespace gliocast;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

namespace {

constexpr double kLongest = 90;  ///< seconds for one exam: a file that hangs its reader costs a minute

std::string read_whole(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A whole number from 0 to below `n`.
std::size_t below(Random& random, std::size_t n) {
  return std::min(n - 1, static_cast<std::size_t>(random.uniform(0, static_cast<double>(n))));
}

/// Where the pixels begin, or the end.
std::size_t header_length(const std::string& bytes) {
  return std::min(bytes.rfind(std::string("\xe0\x7f\x10\x00", 4)), bytes.size());
}

/// Replaces one group and element by another that the reader asks for, so that values appear where they do not belong.
void rename_element(std::string& bytes, std::size_t at, Random& random) {
  // Position, orientation, dimension values and pointer, rescale slope, frames, rows; both functional groups; items.
  constexpr std::array<std::uint32_t, 12> kTags{0x00200032, 0x00200037, 0x00209157, 0x00209165, 0x00281053, 0x00280008,
                                                0x00280010, 0x52009230, 0x52009229, 0xfffee000, 0xfffee00d, 0xfffee0dd};
  const std::uint32_t tag = kTags[below(random, kTags.size())];
  constexpr std::array<int, 4> kShifts{16, 24, 0, 8};  // little endian, the group first
  for (std::size_t i = 0; i < 4 && at + i < bytes.size(); ++i) bytes[at + i] = static_cast<char>(tag >> kShifts[i]);
}

/// A few changes, mostly in the header: bits, bytes of extreme value, runs cut out or doubled, elements renamed,
/// digits, the end cut off.
std::string mutate(std::string bytes, Random& random) {
  const auto changes = static_cast<int>(random.uniform(1, 4));
  for (int k = 0; k < changes && bytes.size() > 140; ++k) {
    const std::size_t reach = random.chance(0.85) ? std::max<std::size_t>(134, header_length(bytes)) : bytes.size();
    const std::size_t at = 132 + below(random, reach - 132);
    const double longest = random.chance(0.1) ? 1500 : 64;
    const auto length = std::min(static_cast<std::size_t>(random.uniform(1, longest)), bytes.size() - at);
    switch (static_cast<int>(random.uniform(0, 8))) {
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
        for (std::size_t i = 0; i < std::min<std::size_t>(4, length); ++i)
          bytes[at + i] = static_cast<char>(random.uniform(0, 256));
        break;
      case 5:
        rename_element(bytes, at, random);
        break;
      case 6:  // digits of a decimal string
        for (std::size_t i = at; i < at + length; ++i)
          if (bytes[i] >= '0' && bytes[i] <= '9') bytes[i] = "0123456789-.eE\\ "[below(random, 16)];
        break;
      default:
        if (random.chance(0.2)) bytes.resize(at);
    }
  }
  return bytes;
}

using Exam = std::vector<std::string>;  ///< the bytes of its files

std::vector<Exam> exams_in(const fs::path& folder) {
  std::vector<Exam> exams;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (!entry.is_directory()) continue;
    exams.emplace_back();
    for (const auto& file : fs::directory_iterator(entry)) exams.back().push_back(read_whole(file));
  }
  return exams;
}

/// Writes an exam with one or two of its files changed.
void write_changed(const Exam& exam, const fs::path& folder, Random& random) {
  fs::remove_all(folder);
  fs::create_directories(folder);
  const std::size_t first = below(random, exam.size()), second = below(random, exam.size());
  for (std::size_t i = 0; i < exam.size(); ++i) {
    const std::string bytes = i == first || i == second ? mutate(exam[i], random) : exam[i];
    std::ofstream(folder / std::to_string(i), std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
}

/// How many volumes can be read; an exam with none, or a volume that cannot be read, must say so by an Error.
std::size_t read_exam(const fs::path& folder) {
  std::size_t volumes = 0;
  try {
    const auto all = dicom::scan_folder(folder);
    (void)dicom::choose_series(all);
    for (const auto& series : all) {
      try {
        (void)dicom::read_slices(series.slices);
        ++volumes;
      } catch (const Error& e) {
        if (e.code() != ExitCode::UnusableInput) throw;
      }
    }
  } catch (const Error& e) {
    if (e.code() != ExitCode::UnusableInput) throw;
  }
  return volumes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const std::vector<Exam> exams = exams_in(argv[2]);
  if (exams.empty()) return 2;
  const fs::path folder = fs::temp_directory_path() / ("gliocast-mutate-dicom-" + std::to_string(::getpid()));
  std::printf("%s\n", folder.c_str());
  std::fflush(stdout);
  Random random(argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1);
  const auto end = Clock::now() + std::chrono::seconds(std::atol(argv[1]));
  std::size_t inputs = 0, volumes = 0;
  double slowest = 0;
  for (; Clock::now() < end; ++inputs) {
    write_changed(exams[below(random, exams.size())], folder, random);
    const auto start = Clock::now();
    volumes += read_exam(folder);
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    slowest = std::max(slowest, seconds);
    if (seconds > kLongest) {
      std::printf("one exam took %.0f s\n", seconds);
      return 1;
    }
  }
  fs::remove_all(folder);
  std::printf("survived %zu exams, %zu volumes of them read; the slowest took %.1f s\n", inputs, volumes, slowest);
  return volumes > 0 ? 0 : 1;
}
