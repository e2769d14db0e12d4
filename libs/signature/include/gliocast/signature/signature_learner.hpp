#pragma once
#include <gliocast/learn/learner.hpp>
#include <gliocast/signature/signature_model.hpp>
#include <gliocast/signature/survival_table.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gliocast::signature {

/// A fitted signature, and what it says of the rows that it was fitted to, in their order.
struct SignatureFit {
  std::shared_ptr<const SignatureModel> model;
  std::vector<double> held_out;                           ///< by fits within that left the patient out
  std::vector<char> held_out_high_risk;                   ///< each by the cut of that fit
  std::vector<double> in_sample;                          ///< by the model itself
  std::vector<char> in_sample_high_risk;                  ///< flatters
  std::vector<std::vector<std::string>> selected_within;  ///< features with a weight in each fit within

  /// The groups that models of these rows are fitted to, as the specification says.
  [[nodiscard]] const std::vector<char>& training_high_risk() const;
};

/// What fits a signature: z-scores, forest, elastic net and cut, all of them from the rows given.
class SignatureLearner {
 public:
  explicit SignatureLearner(const SignatureSpecification& specification);
  [[nodiscard]] const SignatureSpecification& specification() const noexcept { return specification_; }

  /// The model of all rows, the held-out signature of each by refits of the whole chain in folds within, and the Cox
  /// model of that. The same numbers for every number of threads. Throws Error{UnusableInput} with fewer patients with
  /// an event than patients_needed(), where check_outcome() does, or no feature varies; Error{Interrupted}.
  [[nodiscard]] SignatureFit fit(const SurvivalTable& table, const learn::Rows& rows,
                                 const learn::FitContext& context) const;
  /// The same for each of these row sets, on all threads together. `on_fit`: called once for each, when as much work is
  /// done; from any thread, one call at a time.
  [[nodiscard]] std::vector<SignatureFit> fit_each(const SurvivalTable& table, const std::vector<learn::Rows>& row_sets,
                                                   const learn::FitContext& context,
                                                   const std::function<void()>& on_fit = {}) const;
  /// Patients with an event that a fit needs; with `outer_folds` that fits without one of so many folds need.
  [[nodiscard]] std::size_t patients_needed(std::size_t outer_folds = 0) const;
  /// Throws Error{UnusableInput} that says how many patients with an event are needed, where there are fewer.
  void require_patients(const SurvivalTable& table, const learn::Rows& rows, std::size_t outer_folds = 0) const;

 private:
  SignatureSpecification specification_;
};

}  // namespace gliocast::signature
