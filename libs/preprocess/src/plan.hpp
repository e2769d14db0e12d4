#pragma once
#include <gliocast/preprocess/preprocess.hpp>

#include <string>
#include <vector>

namespace gliocast::preprocess {

/// Which steps an exam needs.
struct Plan {
  bool correct_bias = false, align = false, strip = false;
};

/// By what was said, else by what was recognised; appends to `steps` what was said and seen. Error{UnusableInput} where
/// some sequences have the skull and some do not. `no_stripped_brain`: why images that look stripped are none, from an
/// earlier attempt; empty on the first.
[[nodiscard]] Plan plan_steps(const Recognition& r, const PreprocessOptions& o, const std::string& no_stripped_brain,
                              std::vector<std::string>& steps);

}  // namespace gliocast::preprocess
