#include <gliocast/core/version.hpp>

namespace gliocast {

std::string_view version() { return GLIOCAST_VERSION; }

}  // namespace gliocast
