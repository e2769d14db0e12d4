#include <gliocast/image/exam.hpp>

#include <gliocast/core/checksum.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/dicom/read_slices.hpp>
#include <gliocast/imageio/read_volume.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace gliocast::image {

Sequence Exam::reference() const {
  for (const Sequence s : {Sequence::T1Gd, Sequence::T1, Sequence::T2, Sequence::Flair})
    if (has(s)) return s;
  throw Error(ExitCode::InternalFault, "an exam without sequences");
}

void check_usable(Volume<float>& volume, const std::string& name, std::vector<std::string>& warnings) {
  const Geometry& g = volume.geometry;
  for (std::size_t a = 0; a < 3; ++a) {
    const double extent = static_cast<double>(g.size[a]) * g.spacing_mm[a];
    if (g.size[a] < 8)
      throw unusable_input("only " + std::to_string(g.size[a]) + " voxels along one axis", name,
                           "a volume of the whole brain is needed");
    if (extent < 60 || extent > 1000)
      throw unusable_input(
          "the field of view is " + std::to_string(static_cast<long>(extent)) + " mm along one axis, no human head",
          name, "check the voxel spacing in the header");
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

namespace {

/// Work on one sequence, whose name goes before an error's place.
template <typename F>
auto for_sequence(Sequence sequence, F work) {
  try {
    return work();
  } catch (const Error& e) {
    throw e.within(std::string(display_name(sequence)));
  }
}

}  // namespace

std::map<Sequence, std::string> input_checksums(const std::map<Sequence, std::filesystem::path>& files,
                                                const DicomFiles& dicom) {
  std::map<Sequence, std::string> sums;
  for (const auto& [sequence, path] : files)
    sums[sequence] = for_sequence(sequence, [&p = path] { return sha256_file(p); });
  for (const auto& [sequence, slices] : dicom) {
    std::string all;
    std::map<std::filesystem::path, std::string> once;  // a multi-frame file is read once
    for (const auto& slice : slices) {
      std::string& sum = once[slice.file];
      if (sum.empty()) sum = for_sequence(sequence, [&] { return sha256_file(slice.file); });
      all += sum + (slice.frames > 1 ? " " + std::to_string(slice.frame) + " " : "");
    }
    sums[sequence] = sha256(all);
  }
  return sums;
}

void Exam::leave_out(Sequence s, const std::string& reason) {
  sequences.erase(s);
  left_out[s] = reason;
  warnings.push_back(std::string(display_name(s)) + " is left out: " + reason);
}

namespace {

void refuse_one_image_twice(const std::map<Sequence, std::string>& checksums) {
  for (const auto& [a, sum] : checksums)
    for (const auto& [b, other] : checksums)
      if (a < b && sum == other)
        throw unusable_input(
            "the same image was given as " + std::string(display_name(a)) + " and as " + std::string(display_name(b)),
            {}, "give each sequence its own file");
}

}  // namespace

Exam read_exam(const std::map<Sequence, std::filesystem::path>& files, const DicomFiles& dicom) {
  Exam exam;
  exam.checksums = input_checksums(files, dicom);
  refuse_one_image_twice(exam.checksums);
  std::optional<Error> first;
  const auto take = [&](Sequence sequence, imageio::ReadVolume read, const std::string& place) {
    const std::string name(display_name(sequence));
    for (const auto& w : read.warnings) exam.warnings.push_back(name + ": " + w);
    std::vector<std::string> remarks;
    try {
      check_usable(read.volume, place, remarks);
    } catch (const Error& e) {
      if (e.code() != ExitCode::UnusableInput) throw;
      if (!first) first = e.within(name);
      exam.leave_out(sequence, e.problem());
      return;
    }
    for (const auto& w : remarks) exam.warnings.push_back(name + w.substr(place.size()));
    exam.sequences.emplace(sequence, std::move(read.volume));
  };
  for (const auto& [sequence, path] : files) {
    exam.files[sequence] = path;
    take(sequence, for_sequence(sequence, [&p = path] { return imageio::read_volume(p); }), path.string());
  }
  for (const auto& [sequence, slices] : dicom)
    take(sequence, for_sequence(sequence, [&s = slices] { return dicom::read_slices(s); }), "DICOM");
  if (exam.sequences.empty()) {
    if (first) throw Error(*first);
    throw unusable_input("no image was given");
  }
  return exam;
}

void require_two_core(const Exam& exam) {
  std::string missing;
  int present = 0;
  for (const Sequence s : kCoreSequences) {
    present += exam.has(s);
    if (exam.has(s)) continue;
    missing += (missing.empty() ? "" : ", ") + std::string(display_name(s));
    if (const auto found = exam.left_out.find(s); found != exam.left_out.end())
      missing += " (left out: " + found->second + ")";
  }
  if (present < 2) throw unusable_input("two of T1, T1-Gd and T2 are needed, missing: " + missing);
}

}  // namespace gliocast::image
