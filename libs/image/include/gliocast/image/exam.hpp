#pragma once
#include <gliocast/core/sequence.hpp>
#include <gliocast/core/volume.hpp>
#include <gliocast/dicom/series.hpp>

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
  std::map<Sequence, std::string> left_out;   ///< given, but of no use, and why

  [[nodiscard]] bool has(Sequence s) const { return sequences.contains(s); }
  /// The reference sequence: T1-Gd, else T1, else T2, else FLAIR.
  [[nodiscard]] Sequence reference() const;
  /// Goes on without a sequence that nothing can be computed from; the reason becomes a warning.
  void leave_out(Sequence s, const std::string& reason);
};

/// Files of sequences that come as DICOM series.
using DicomFiles = std::map<Sequence, std::vector<dicom::Slice>>;

/// Reads image files and DICOM series. A volume that check_usable refuses is left out with a warning, as long as
/// another remains. Error{UnusableInput}: a file that cannot be read, the same image given twice, no usable volume. An
/// error of one sequence starts its place with the sequence's name, "T1-Gd: …".
[[nodiscard]] Exam read_exam(const std::map<Sequence, std::filesystem::path>& files, const DicomFiles& dicom = {});

/// Error{UnusableInput} saying what is missing where fewer than two of T1, T1-Gd and T2 are there: the networks need
/// two.
void require_two_core(const Exam& exam);

/// SHA-256 of each sequence's input: of its file, or of its DICOM files' checksums and frames in order.
[[nodiscard]] std::map<Sequence, std::string> input_checksums(const std::map<Sequence, std::filesystem::path>& files,
                                                              const DicomFiles& dicom = {});

/// Error{UnusableInput} naming `name` where nothing can be computed from a volume: NaN or infinite voxels everywhere, a
/// constant, fewer than 8 voxels along an axis, voxels or a field of view that no head has. Single NaN and infinite
/// voxels become 0 with a warning.
void check_usable(Volume<float>& volume, const std::string& name, std::vector<std::string>& warnings);

}  // namespace gliocast::image
