#pragma once
#include <string>
#include <vector>

namespace gliocast::study {

/// Logs notes of a piece of work, each behind what it is of: doubtful ones (analysis::kDoubtful) as warnings.
void tell(const std::string& what, const std::vector<std::string>& notes);

}  // namespace gliocast::study
