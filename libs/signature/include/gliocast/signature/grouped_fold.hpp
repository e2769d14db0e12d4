#pragma once
#include <gliocast/learn/feature_table.hpp>

#include <vector>

namespace gliocast::signature {

/// What the clinical and the integrated model are fitted to in one fold (or in training | external).
struct GroupedFold {
  learn::Rows training, test;            ///< rows of the clinical table
  std::vector<char> training_high_risk;  ///< one a training row
  std::vector<char> test_high_risk;      ///< one a test row
};

}  // namespace gliocast::signature
