#pragma once
#include <gliocast/signature/specification.hpp>

#include <cstddef>
#include <string>

namespace gliocast::signature {

/// A preset's name, or a file of YAML. `inner`: folds within, 0: its own. Throws Error{UnusableInput}.
[[nodiscard]] SignatureSpecification named_specification(const std::string& text, std::size_t inner = 0);

}  // namespace gliocast::signature
