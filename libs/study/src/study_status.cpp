#include "study_status.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/folder_lock.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/progress.hpp>
#include <gliocast/study/run.hpp>

#include <unistd.h>
#include <ctime>

namespace gliocast::study {

namespace fs = std::filesystem;

namespace {

/// Seconds since 1970.
double now() { return static_cast<double>(std::time(nullptr)); }

/// Cores that a stage kept busy on average; empty where it took no time to speak of.
std::string cores_busy(double seconds, double processor_seconds) {
  constexpr double kLeast = 0.5;
  return seconds < kLeast ? "" : decimal(processor_seconds / seconds, 1);
}

fs::path status_file(const fs::path& folder) { return folder / "status.json"; }

}  // namespace

StatusFile::StatusFile(const fs::path& folder)
    : file_(status_file(folder)),
      status_{{"began", now()}, {"over", false}, {"stages", Json::array()}, {"progress", nullptr}} {
  set_progress_observer([this](const std::string& title, std::size_t done, std::size_t total) {
    const std::lock_guard lock(guard_);
    const Json& before = status_["progress"];
    const bool same = before.is_object() && before["title"] == title && done > 0;
    const Json began = same ? before["began"] : Json(now());
    status_["progress"] = {{"title", title}, {"done", done}, {"total", total}, {"began", began}};
    write();
  });
}

StatusFile::~StatusFile() { set_progress_observer({}); }

void StatusFile::show(const std::vector<StageStatus>& stages) {
  const std::lock_guard lock(guard_);
  status_["stages"] = Json::array();
  for (const auto& s : stages)
    status_["stages"].push_back({{"name", s.name},
                                 {"title", s.title},
                                 {"state", state_name(s.state)},
                                 {"reason", s.reason},
                                 {"seconds", s.seconds},
                                 {"processor_seconds", s.processor_seconds}});
  status_["progress"] = nullptr;
  write();
}

void StatusFile::end() {
  const std::lock_guard lock(guard_);
  status_["over"] = true;
  status_["progress"] = nullptr;
  write();
}

void StatusFile::write() {
  status_["updated"] = now();
  write_json(file_, status_);
}

StudyStatus study_status(const fs::path& folder) {
  if (!fs::exists(status_file(folder)))
    throw unusable_input("there is no study in this folder", folder.string(), "name the folder of --out");
  StudyStatus out;
  out.json = read_json(status_file(folder));
  out.json["running"] = FolderLock::held(folder);
  try {
    for (const auto& s : out.json.at("stages"))
      out.stages.rows.push_back({s.at("title").get<std::string>(), s.at("state").get<std::string>(),
                                 duration_text(s.at("seconds").get<double>()),
                                 cores_busy(s.at("seconds"), s.value("processor_seconds", 0.0)),
                                 s.at("reason").get<std::string>()});
    const bool over = out.json.at("over").get<bool>();
    out.sentence = out.json["running"].get<bool>() ? "running" : over ? "over" : "stopped: the same command goes on";
    if (const Json& p = out.json.at("progress"); out.sentence == "running" && p.is_object()) {
      const auto done = p.at("done").get<double>(), total = p.at("total").get<double>();
      const double took = now() - p.at("began").get<double>();
      out.sentence += ": " + p.at("title").get<std::string>() + ", " + std::to_string(static_cast<long>(done)) +
                      " of " + std::to_string(static_cast<long>(total));
      if (done > 0) out.sentence += ", about " + duration_text(took / done * (total - done)) + " left";
    }
  } catch (const Json::exception&) {
    throw unusable_input("status.json is damaged", folder.string(), "run the study again: it writes it anew");
  }
  return out;
}

}  // namespace gliocast::study
