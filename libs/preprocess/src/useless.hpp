#pragma once
// Sequences that nothing can be computed from, and going on without them.
#include <gliocast/core/error.hpp>
#include <gliocast/preprocess/preprocess.hpp>

#include <functional>
#include <optional>
#include <vector>

namespace gliocast::preprocess {

/// The work on an exam cannot go on because of one sequence.
class UselessSequence : public Error {
 public:
  /// `suspects`: likeliest first; the work is tried without each in turn.
  UselessSequence(std::vector<Sequence> suspects, const Error& why);

  [[nodiscard]] const std::vector<Sequence>& suspects() const noexcept { return suspects_; }

 private:
  std::vector<Sequence> suspects_;
};

/// Throws UselessSequence where neighbouring voxels have nothing in common: noise.
void require_structure(Sequence s, const Volume<float>& volume);

/// Throws UselessSequence where a registration ended without overlap or without mutual information. Where the reference
/// has nothing in common with any of several others, it is the suspect itself.
/// `found`: of each sequence in `order`; nothing for the reference.
void require_common_information(const std::vector<Sequence>& order,
                                const std::vector<std::optional<Registration>>& found, Sequence reference);

/// `work` on the exam, again without each sequence that turns out to be useless, as long as one remains. What was left
/// out is in the result's `left_out` and warnings.
[[nodiscard]] PreparedExam without_useless(const image::Exam& exam,
                                           const std::function<PreparedExam(const image::Exam&)>& work);

}  // namespace gliocast::preprocess
