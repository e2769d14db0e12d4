#include <gliocast/core/disk_errors.hpp>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace gliocast {

std::optional<Error> as_cannot_write(const std::exception& error) {
  const auto* of_files = dynamic_cast<const std::filesystem::filesystem_error*>(&error);
  if (of_files == nullptr) return std::nullopt;
  for (const int reason : {ENOSPC, EDQUOT, EROFS})
    if (of_files->code().default_error_condition() == std::error_condition(reason, std::generic_category())) {
      const auto& path = of_files->path2().empty() ? of_files->path1() : of_files->path2();
      return Error(ExitCode::CannotWrite, std::string("cannot be written: ") + std::strerror(reason), path.string(),
                   reason == EROFS ? "name a folder that may be written to" : "free some disk space");
    }
  return std::nullopt;
}

}  // namespace gliocast
