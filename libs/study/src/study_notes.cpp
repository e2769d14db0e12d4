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

}  // namespace gliocast::study
