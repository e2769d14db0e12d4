#pragma once
#include <gliocast/learn/feature_table.hpp>

#include <string>
#include <vector>

namespace gliocast::analysis {

/// Says which features that vary are the same in every row.
void tell_equal(const learn::FeatureTable& features, std::vector<std::string>& notes);

}  // namespace gliocast::analysis
