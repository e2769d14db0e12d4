#include "own_folder.hpp"

#include <gliocast/core/error.hpp>

#include <algorithm>

namespace gliocast::study {

void require_own_folder(const std::filesystem::path& folder, const std::string& what,
                        std::initializer_list<const char*> marks) {
  namespace fs = std::filesystem;
  if (!fs::exists(folder) || fs::is_empty(folder)) return;
  if (std::ranges::any_of(marks, [&](const char* mark) { return fs::exists(folder / mark); })) return;
  throw Error(ExitCode::WrongUse, "the folder holds something else than " + what, folder.string(),
              "name another folder, or empty it");
}

}  // namespace gliocast::study
