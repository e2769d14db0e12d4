#pragma once
#include <gliocast/analysis/grade_evaluation.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/core/sequence.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/stats/matrix.hpp>

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace gliocast::analysis {

/// Radiomics within the outlines that one person or program drew of all patients.
struct RaterReading {
  std::string name;                             ///< "rater 1", "network"
  std::map<Sequence, stats::Matrix> radiomics;  ///< [patients, features], NaN where not measured; absent: nowhere
};

/// Three readings of the same patients.
struct RaterReadings {
  std::vector<std::string> ids;             ///< one a patient
  std::vector<std::string> features;        ///< one a column
  std::array<RaterReading, 3> readings;     ///< rater 1's, rater 2's, and the one that is tried against them
  std::array<std::vector<double>, 3> dice;  ///< one a patient, of the pairs of kRaterPairs; NaN without both outlines
};

/// Which readings are compared: rater 1 with rater 2, the third with each.
inline constexpr std::array<std::array<std::size_t, 2>, 3> kRaterPairs{{{0, 1}, {2, 0}, {2, 1}}};

struct RaterAgreementResults {
  TextTable dice;                    ///< a row a patient: id and Dice of each pair
  TextTable dice_summary;            ///< a row a pair: n, mean, SD, median, quartiles, least, share below 0.5
  TextTable icc;                     ///< a row a sequence, feature and pair: ICC(2,1) with its interval
  TextTable icc_summary;             ///< a row a sequence and pair: features, share above 0.75, median, quartiles
  std::vector<NamedFigure> figures;  ///< dice; icc_t1, icc_t1gd, … of each sequence: distributions, a line a pair
  Json json;                         ///< the summaries, their numbers in full
  std::vector<std::string> notes{};  ///< doubtful ones begin with "warning: "
};

/// Agreement of outlines (Dice) and of what is measured within them (ICC(2,1) of every feature, Shrout & Fleiss 1979).
/// An ICC is of the patients in whom both values are known, five at least; of fewer, and of values that do not vary
/// between patients, there is none (NA), which is told. Quartiles as R's type 7. Does not depend on `threads`.
[[nodiscard]] RaterAgreementResults rater_agreement(const RaterReadings& readings, double level, std::size_t threads);

}  // namespace gliocast::analysis
