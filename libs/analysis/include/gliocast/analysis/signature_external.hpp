#pragma once
#include <gliocast/analysis/data_dictionary.hpp>
#include <gliocast/analysis/survival_model.hpp>
#include <gliocast/signature/signature_bundle.hpp>
#include <gliocast/stats/data_frame.hpp>

#include <string>
#include <vector>

namespace gliocast::analysis {

/// A table with its signature as the column "signature", and the Cox model that reads that column.
struct TableWithSignature {
  stats::DataFrame table;
  survival::CoxModel model;
  std::vector<std::string> notes;  ///< as predict_signature() tells them; doubtful ones begin with "warning: "
};
/// For verbs that judge a Cox model on a table of features and survival. Throws Error{UnusableInput} as
/// predict_signature(), and where the signature has no model of survival.
[[nodiscard]] TableWithSignature with_signature(stats::DataFrame table, const DataDictionary& dictionary,
                                                const signature::TrainedSignature& trained);

}  // namespace gliocast::analysis
