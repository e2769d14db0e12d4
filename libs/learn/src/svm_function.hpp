#pragma once
#include <gliocast/core/json.hpp>
#include <gliocast/learn/feature_table.hpp>

#include <span>
#include <vector>

namespace gliocast::learn {

struct SvmParameters {
  bool rbf = true;          ///< or linear
  double gamma = 0;         ///< of rbf: exp(−gamma |a − b|²)
  double cost = 1;          ///< C
  bool balanced = false;    ///< C of each class times n / (2 · rows of the class)
  double tolerance = 1e-3;  ///< of the optimality conditions
};

/// The decision function of a support vector machine: Σ coefficient · kernel(vector, x) − rho. A linear one has a
/// single vector, its normal, with coefficient 1.
class SvmFunction {
 public:
  [[nodiscard]] double value(std::span<const double> x) const;
  [[nodiscard]] std::vector<double> values(const stats::Matrix& rows) const;
  [[nodiscard]] std::size_t columns() const noexcept { return columns_; }
  /// Whether the optimiser ended at its greatest number of iterations; not stored.
  [[nodiscard]] bool stopped_early() const noexcept { return stopped_early_; }
  /// Of a linear one: the weight of each column, its normal.
  [[nodiscard]] const std::vector<double>& normal() const noexcept { return vectors_; }
  [[nodiscard]] Json to_json() const;
  /// Throws Error{UnusableInput} or nlohmann's exception where it is damaged.
  static SvmFunction from_json(const Json& json);

 private:
  friend SvmFunction train_svm(const stats::Matrix& rows, const std::vector<int>& classes,
                               const SvmParameters& parameters);
  bool rbf_ = true;
  double gamma_ = 0, rho_ = 0;
  std::size_t columns_ = 0;
  std::vector<double> coefficients_, vectors_;  // [vectors], [vectors, columns]
  bool stopped_early_ = false;
};

/// C-SVC by libsvm, with no random number and silent but for its warning on standard error where it stops after ten
/// million iterations (a linear kernel with a cost of thousands); may run on several threads at once. `rows`: [rows,
/// columns], finite; `classes`: 1 positive, 0 negative, both there; the value of the positive class is the larger.
/// Source: Chang & Lin 2011.
[[nodiscard]] SvmFunction train_svm(const stats::Matrix& rows, const std::vector<int>& classes,
                                    const SvmParameters& parameters);

}  // namespace gliocast::learn
