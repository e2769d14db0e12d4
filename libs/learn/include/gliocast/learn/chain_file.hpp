#pragma once
#include <gliocast/learn/chain.hpp>

#include <cstddef>
#include <string>

namespace gliocast::learn {

/// A preset's name, or a file of YAML. `inner`: folds within, 0: the chain's own. Throws Error{UnusableInput,
/// WrongUse}.
[[nodiscard]] ChainSpecification named_chain(const std::string& text, std::size_t inner = 0);

}  // namespace gliocast::learn
