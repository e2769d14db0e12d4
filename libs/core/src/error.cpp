#include <gliocast/core/error.hpp>

namespace gliocast {
namespace {

std::string compose(const std::string& what, const std::string& where, const std::string& hint) {
  std::string text = where.empty() ? what : where + ": " + what;
  if (!hint.empty()) text += "; " + hint;
  return text;
}

}  // namespace

Error::Error(ExitCode code, std::string what, std::string where, std::string hint)
    : std::runtime_error(compose(what, where, hint)),
      code_(code),
      what_(std::move(what)),
      where_(std::move(where)),
      hint_(std::move(hint)) {}

Error Error::within(const std::string& outer) const {
  return Error(code_, what_, where_.empty() ? outer : outer + ": " + where_, hint_);
}

}  // namespace gliocast
