#pragma once
#include <gliocast/core/json.hpp>
#include <gliocast/core/stage_graph.hpp>

#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

namespace gliocast::study {

/// Keeps out/status.json at how a run stands: its stages, and what the one that runs is at. It says nothing that
/// results depend on.
class StatusFile {
 public:
  explicit StatusFile(const std::filesystem::path& folder);
  ~StatusFile();
  StatusFile(const StatusFile&) = delete;
  StatusFile& operator=(const StatusFile&) = delete;

  void show(const std::vector<StageStatus>& stages);
  /// The run is over, and not just gone.
  void end();

 private:
  void write();

  std::filesystem::path file_;
  std::mutex guard_;
  Json status_;
};

}  // namespace gliocast::study
