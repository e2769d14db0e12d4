#pragma once
#include <gliocast/learn/feature_table.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gliocast::learn {

/// A patient, who is dealt with all examinations: never parted.
struct Subject {
  std::string id, label, centre;  ///< label: the class; centre: empty where not known
};

/// Patients of one class and centre, and how many of them each part has.
struct Stratum {
  std::string label, centre;
  std::vector<std::size_t> subjects;  ///< [parts]
};

struct Split {
  std::vector<std::size_t> part;  ///< from 0, of each subject or row
  std::vector<Stratum> strata;    ///< in order of label and centre

  /// The rows or subjects of a part, in order.
  [[nodiscard]] Rows of_part(std::size_t part) const;
};

/// Deals patients into parts of these shares (their sum does not matter), at random within strata of class and centre.
/// Of each class a part has its share to less than one patient, of each stratum to less than two: what is left over in
/// one centre is made up for in the next, so that centres of one or two patients do not all go to the largest part.
/// Depends on the set of subjects and not on their order. Throws Error{WrongUse} where a share is not above 0, and
/// Error{UnusableInput} where a class has too few patients for one in every part, saying how many it needs.
/// Source of the order in which parts take patients: Tijdeman 1980, The chairman assignment problem.
[[nodiscard]] Split split_subjects(const std::vector<Subject>& subjects, const std::vector<double>& shares,
                                   std::uint64_t seed);

/// The same of the patients of these rows: label 1 where one of a patient's rows is positive, else 0; the first in byte
/// order of a patient's centres. `part` has one a row.
[[nodiscard]] Split split_rows(const FeatureTable& table, const Rows& rows, const std::vector<double>& shares,
                               std::uint64_t seed);

/// Shares out of "6:2:2". Throws Error{WrongUse}.
[[nodiscard]] std::vector<double> parse_shares(const std::string& text);

/// "class 1 of centre A (2 patients)": strata that lack in a part, since they have too few patients.
[[nodiscard]] std::vector<std::string> strata_not_everywhere(const Split& split);

}  // namespace gliocast::learn
