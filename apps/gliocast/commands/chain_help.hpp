#pragma once
#include <gliocast/learn/chain.hpp>

#include <cstddef>
#include <string>

namespace gliocast::cli {

inline constexpr const char* kChainHelp =
    "paper, screen-lasso-svm, lasso, forest, net-forest, or a YAML file of steps (gliocast grade train --print-chain "
    "prints one)";
inline constexpr const char* kInnerHelp =
    "Folds within, which choose, calibrate and set the threshold; default: the chain's";

/// A preset's name, or a file of YAML. `inner`: folds within, 0: the chain's own. Throws Error{UnusableInput,
/// WrongUse}.
[[nodiscard]] learn::ChainSpecification chain_of(const std::string& text, std::size_t inner);

}  // namespace gliocast::cli
