#include <gliocast/image/exam.hpp>

#include <gliocast/core/checksum.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/image/read_volume.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace gliocast::image {

Sequence Exam::reference() const {
  for (const Sequence s : {Sequence::T1Gd, Sequence::T1, Sequence::T2})
    if (has(s)) return s;
  throw Error(ExitCode::InternalFault, "an exam without sequences");
}

void check_usable(Volume<float>& volume, const std::string& name, std::vector<std::string>& warnings) {
  const Geometry& g = volume.geometry;
  for (std::size_t a = 0; a < 3; ++a) {
    const double extent = static_cast<double>(g.size[a]) * g.spacing_mm[a];
    if (g.size[a] < 8) throw unusable_input("only " + std::to_string(g.size[a]) + " voxels along one axis", name, "a volume of the whole brain is needed");
    if (extent < 60 || extent > 1000)
      throw unusable_input("the field of view is " + std::to_string(static_cast<long>(extent)) + " mm along one axis, no human head", name, "check the voxel spacing in the header");
  }
  std::size_t bad = 0;
  float low = std::numeric_limits<float>::max(), high = std::numeric_limits<float>::lowest();
  for (float& v : volume.voxels) {
    if (!std::isfinite(v)) {
      ++bad;
      v = 0;
      continue;
    }
    low = std::min(low, v);
    high = std::max(high, v);
  }
  if (bad == volume.voxels.size()) throw unusable_input("no voxel holds a number (all are NaN or infinite)", name);
  if (!(low < high)) throw unusable_input("all voxels have the same value", name);
  if (bad > 0) warnings.push_back(name + ": " + std::to_string(bad) + " voxels are NaN or infinite; 0 is taken");
}

Exam read_exam(const std::map<Sequence, std::filesystem::path>& files) {
  Exam exam;
  for (const auto& [sequence, path] : files) {
    auto read = read_volume(path);
    const std::string name(display_name(sequence));
    for (const auto& w : read.warnings) exam.warnings.push_back(name + ": " + w);
    std::vector<std::string> remarks;
    check_usable(read.volume, path.string(), remarks);
    for (const auto& w : remarks) exam.warnings.push_back(name + w.substr(path.string().size()));
    exam.checksums[sequence] = sha256_file(path);
    exam.files[sequence] = path;
    exam.sequences.emplace(sequence, std::move(read.volume));
  }
  std::string missing;
  int present = 0;
  for (const Sequence s : kCoreSequences) {
    if (exam.has(s)) ++present;
    else missing += (missing.empty() ? "" : ", ") + std::string(display_name(s));
  }
  if (present < 2) throw unusable_input("two of T1, T1-Gd and T2 are needed, missing: " + missing);
  return exam;
}

}  // namespace gliocast::image
