#pragma once
#include <nlohmann/json.hpp>

namespace gliocast {

/// JSON with keys in the order they were written, so that files read like the code that made them.
using Json = nlohmann::ordered_json;

}  // namespace gliocast
