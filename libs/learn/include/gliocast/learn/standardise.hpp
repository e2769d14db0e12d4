#pragma once
#include <gliocast/learn/learner.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace gliocast::learn {

/// What values are divided by after their centre is taken off: z-scores (mean, standard deviation), robust ones
/// (median, interquartile range; the standard deviation where that is 0), or nothing, which fills missing cells only.
enum class Scale { Sd, Robust, None };
/// What a missing cell gets before it is scaled: the training rows' median or mean; or none may be missing.
enum class MissingCells { Median, Mean, Refuse };

struct StandardiseOptions {
  Scale scale = Scale::Sd;
  int ddof = 0;  ///< divisor of the variance is n − ddof: 0 as scikit-learn's StandardScaler, 1 as R's scale()
  MissingCells missing = MissingCells::Median;
  double most_missing = 0.5;  ///< share of missing cells above which a feature is left out, in [0, 1]
};

/// What the training rows say of one feature that is kept; all finite.
struct FeatureScale {
  std::size_t column = 0;  ///< of the table that came in
  double centre = 0, scale = 1, fill = 0;
  double median = 0, low = 0, p1 = 0, p99 = 0, high = 0;  ///< of the training rows, before scaling
};

/// (value − centre) / scale of the features that are kept. Cells that are missing, infinite or beyond ±1e150 (whose
/// squares are no numbers) are filled; in the second rater's table they stay missing.
class Standardisation final : public FeatureModel {
 public:
  /// Throws Error{UnusableInput} where a number is not finite, a scale is not above 0 or columns are out of order.
  Standardisation(std::size_t columns, bool refuse_missing, std::vector<FeatureScale> features,
                  std::vector<std::string> notes = {});
  static std::shared_ptr<const Standardisation> from_json(const Json& json);

  /// Throws Error{UnusableInput} where a cell is missing and none may be.
  [[nodiscard]] FeatureTable apply(const FeatureTable& table) const override;
  [[nodiscard]] Json to_json() const override;
  [[nodiscard]] std::vector<std::string> notes() const override { return notes_; }
  [[nodiscard]] std::optional<RestrictedModel> restricted_to(const std::vector<std::size_t>& outputs) const override;
  [[nodiscard]] const std::vector<FeatureScale>& features() const noexcept { return features_; }
  [[nodiscard]] std::size_t columns() const noexcept { return columns_; }

 private:
  std::size_t columns_;
  bool refuse_missing_;
  std::vector<FeatureScale> features_;
  std::vector<std::string> notes_;
};

/// Fits centre and scale on the rows given and no others. Left out, with a note: features that are constant there (but
/// for rounding: standard deviation ≤ 1e-12 of the largest value) or missing in more than `most_missing` of the rows.
/// Throws Error{UnusableInput} where no feature is left, or cells are missing and none may be.
[[nodiscard]] std::shared_ptr<const Standardisation> fit_standardisation(const FeatureTable& table, const Rows& rows,
                                                                         const StandardiseOptions& options = {});

/// A feature whose values in a new table are unlike those of training.
struct RangeWarning {
  std::string feature, sentence;
  double share = 0;  ///< of the rows with a value: beyond the training range by more than one width of it
};

/// Features of `table` (columns as the model was fitted on) with a share of at least `least_share` such rows; whose
/// median is outside the training range and 100 times the training median or a hundredth: another unit; or that are the
/// same of three rows or more. In the order of columns; a feature without values is not told.
[[nodiscard]] std::vector<RangeWarning> range_warnings(const Standardisation& model, const FeatureTable& table,
                                                       double least_share = 0.05);

}  // namespace gliocast::learn
