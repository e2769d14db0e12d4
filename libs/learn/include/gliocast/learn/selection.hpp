#pragma once
#include <gliocast/learn/learner.hpp>

#include <string>
#include <vector>

namespace gliocast::learn {

/// Columns that were kept, of those there were: what every filter, screen and ranking fits.
class Selection final : public FeatureModel {
 public:
  /// `kept`: positions, distinct, in the order in which they come out. `scores`: what was decided by, one a column that
  /// came in; may be empty.
  Selection(std::size_t columns, std::vector<std::size_t> kept, std::vector<double> scores = {},
            std::vector<std::string> notes = {});
  static std::shared_ptr<const Selection> from_json(const Json& json);

  [[nodiscard]] FeatureTable apply(const FeatureTable& table) const override;
  [[nodiscard]] Json to_json() const override;
  [[nodiscard]] std::vector<std::string> notes() const override { return notes_; }
  [[nodiscard]] std::optional<RestrictedModel> restricted_to(const std::vector<std::size_t>& outputs) const override;
  [[nodiscard]] const std::vector<std::size_t>& kept() const noexcept { return kept_; }
  [[nodiscard]] const std::vector<double>& scores() const noexcept { return scores_; }

 private:
  std::size_t columns_;
  std::vector<std::size_t> kept_;
  std::vector<double> scores_;
  std::vector<std::string> notes_;
};

/// The selection of the columns that pass. Where none does, the one that ranks first is kept, and a note says so: a
/// chain always has a feature. `rank_by`: one a column, less is better; NaN is last. `step`: for the note.
[[nodiscard]] std::shared_ptr<const Selection> keep_passing(const std::vector<bool>& passes,
                                                            const std::vector<double>& rank_by,
                                                            const std::string& step);
/// The selection of the `count` columns that rank first, best first; ties by position.
[[nodiscard]] std::shared_ptr<const Selection> keep_best(std::size_t count, const std::vector<double>& rank_by);

}  // namespace gliocast::learn
