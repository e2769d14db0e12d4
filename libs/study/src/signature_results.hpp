#pragma once
#include "signature_design.hpp"

#include <gliocast/core/json.hpp>
#include <gliocast/core/table.hpp>

namespace gliocast::study {

/// What the tested signatures are worth, beside each other.
struct SignatureResults {
  Json json;
  /// A row a way: C of pairs within folds with its interval, its P against the first; patients of high risk, and the
  /// log-rank P of the groups.
  TextTable signatures;
  TextTable predictions;  ///< a row a patient
};
[[nodiscard]] SignatureResults summarise_signatures(const SurvivalCohort& cohort, const StudiedSignatures& studied,
                                                    const std::vector<double>& times);

}  // namespace gliocast::study
