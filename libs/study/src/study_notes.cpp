#include "study_notes.hpp"

#include <gliocast/analysis/output.hpp>
#include <gliocast/core/log.hpp>

namespace gliocast::study {

void tell(const std::string& what, const std::vector<std::string>& notes) {
  for (const auto& note : notes) {
    if (note.starts_with(analysis::kDoubtful))
      log_warning(what + ": " + note.substr(analysis::kDoubtful.size()));
    else
      log_info(what + ": " + note);
  }
}

std::string count_text(std::size_t n, const std::string& what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

std::string size_text(const std::array<std::int64_t, 3>& zyx) {
  return std::to_string(zyx[0]) + " × " + std::to_string(zyx[1]) + " × " + std::to_string(zyx[2]);
}

}  // namespace gliocast::study
