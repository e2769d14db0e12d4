#pragma once
#include <gliocast/core/sequence.hpp>
#include <gliocast/core/volume.hpp>
#include <gliocast/image/dicom.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace gliocast::image {

/// One patient's sequences, as read.
struct Exam {
  std::map<Sequence, Volume<float>> sequences;
  std::map<Sequence, std::filesystem::path> files;
  std::map<Sequence, std::string> checksums;  ///< SHA-256 of each input, see input_checksums
  std::vector<std::string> warnings;          ///< remarks of the readers, each with its sequence's name

  [[nodiscard]] bool has(Sequence s) const { return sequences.contains(s); }
  /// The reference sequence: T1-Gd, else T1, else T2.
  [[nodiscard]] Sequence reference() const;
};

/// Files of sequences that come as DICOM series.
using DicomFiles = std::map<Sequence, std::vector<DicomSlice>>;

/// Reads image files and DICOM series and checks each volume (see check_usable). Two of T1, T1-Gd and T2 suffice; with
/// fewer Error{UnusableInput} says what is missing. The same image given twice is an error. An error of one sequence
/// starts its place with the sequence's name, "T1-Gd: …".
[[nodiscard]] Exam read_exam(const std::map<Sequence, std::filesystem::path>& files, const DicomFiles& dicom = {});

/// SHA-256 of each sequence's input: of its file, or of its DICOM files' checksums and
/// frames in order.
[[nodiscard]] std::map<Sequence, std::string> input_checksums(const std::map<Sequence, std::filesystem::path>& files, const DicomFiles& dicom = {});

/// Error{UnusableInput} naming `name` where nothing can be computed from a volume: NaN or infinite voxels everywhere, a constant, fewer than 8 voxels along an axis,
/// voxels or a field of view that no head has. Single NaN and infinite voxels become 0 with a warning.
void check_usable(Volume<float>& volume, const std::string& name, std::vector<std::string>& warnings);

}  // namespace gliocast::image
