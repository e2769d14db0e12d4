#pragma once
// Words that verbs share.

namespace gliocast::cli {

inline constexpr const char* kChainHelp =
    "paper, screen-lasso-svm, lasso, forest, net-forest, or a YAML file of steps (gliocast grade train --print-chain "
    "prints one)";
inline constexpr const char* kInnerHelp =
    "Folds within, which choose, calibrate and set the threshold; default: the chain's";

}  // namespace gliocast::cli
