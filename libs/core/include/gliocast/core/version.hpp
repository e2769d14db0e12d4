#pragma once
#include <string_view>

namespace gliocast {

/// The version of gliocast, as "0.1.0": the top CMakeLists.txt states it.
std::string_view version();

}  // namespace gliocast
