#pragma once
// Whether what was found can be a human brain.
#include <gliocast/core/error.hpp>
#include <gliocast/preprocess/preprocess.hpp>

#include <string>

namespace gliocast::preprocess {

/// What is not 0 in images taken as stripped can be no brain.
class NoBrainInStripped : public Error {
 public:
  explicit NoBrainInStripped(const std::string& why);
  /// The sentence's end, "what is not 0 …".
  [[nodiscard]] const std::string& why() const noexcept { return why_; }

 private:
  std::string why_;
};

/// Whether the edges of the image cut the mask, not the mask's own shape.
[[nodiscard]] bool cut_by_image(const Mask& mask);

/// Whether a mask measures more than any brain.
[[nodiscard]] bool more_than_a_brain(const Mask& mask);

/// Why the signal of stripped images can be no brain's, after "what is not 0 …"; empty where it can. Judged: volume,
/// pieces, shape and likeness of the halves; where the image's edges cut the signal only the largest volume.
/// `signal`: where any sequence has signal; `main`: its largest piece, holes filled.
[[nodiscard]] std::string why_no_stripped_brain(const Mask& signal, const Mask& main);

/// The same for an extracted brain, after "what looks most like one …": likeness to the atlas' head, volume of the
/// whole by what was imaged of it, agreement with the atlas, halves about the atlas' middle plane, signal.
[[nodiscard]] std::string why_no_extracted_brain(const PreparedExam& prepared);

/// Whether more has signal than the extracted brain, by the volume of a head's other tissue.
[[nodiscard]] bool has_head_about_it(const PreparedExam& prepared);

}  // namespace gliocast::preprocess
