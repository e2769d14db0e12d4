#pragma once
#include <gliocast/core/log.hpp>

#include <filesystem>

namespace gliocast {

/// Keeps the JSON log of a run open while it lives.
class RunLog {
 public:
  explicit RunLog(const std::filesystem::path& file) { open_json_log(file); }
  ~RunLog() { close_json_log(); }
  RunLog(const RunLog&) = delete;
  RunLog& operator=(const RunLog&) = delete;
};

}  // namespace gliocast
