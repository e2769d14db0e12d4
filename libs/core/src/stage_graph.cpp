#include <gliocast/core/stage_graph.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/interrupt.hpp>
#include <gliocast/core/run_key.hpp>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <optional>
#include <utility>

namespace gliocast {
namespace {

namespace fs = std::filesystem;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// A refusal as a record keeps it, so that it need not be found out again.
std::string refusal_of(const Json& record) { return record.value("refused", std::string()); }

void empty_folder(const fs::path& folder) {
  std::error_code error;
  fs::remove_all(folder, error);
  if (!error) fs::create_directories(folder, error);
  if (error) throw Error(ExitCode::CannotWrite, "the folder cannot be made ready: " + error.message(), folder.string());
}

/// "report.html.tmp123-4".
bool is_unfinished(const std::string& name) {
  const auto place = name.rfind(".tmp");
  if (place == std::string::npos) return false;
  const std::string behind = name.substr(place + 4);
  return behind.find('-') != std::string::npos && behind.find_first_not_of("0123456789-") == std::string::npos;
}

}  // namespace

void remove_unfinished(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && is_unfinished(entry.path().filename().string())) found.push_back(entry.path());
  for (const auto& file : found) fs::remove(file);
}

const char* state_name(StageState state) noexcept {
  switch (state) {
    case StageState::Waiting:
      return "waiting";
    case StageState::Running:
      return "running";
    case StageState::Kept:
      return "kept";
    case StageState::Done:
      return "done";
    case StageState::Refused:
      return "refused";
  }
  return "";
}

StageGraph::StageGraph(fs::path folder) : folder_(std::move(folder)) {}

std::size_t StageGraph::place_of(const std::string& name) const {
  const auto found = std::ranges::find(nodes_, name, [](const Node& n) { return n.stage.name; });
  if (found == nodes_.end()) throw Error(ExitCode::InternalFault, "there is no stage " + name);
  return static_cast<std::size_t>(found - nodes_.begin());
}

void StageGraph::add(Stage stage) {
  (void)read_by(stage);
  if (std::ranges::find(nodes_, stage.name, [](const Node& n) { return n.stage.name; }) != nodes_.end())
    throw Error(ExitCode::InternalFault, "there are two stages " + stage.name);
  nodes_.push_back({std::move(stage), {}, {}});
}

fs::path StageGraph::folder_of(const std::string& name) const { return folder_ / name; }
fs::path StageGraph::record_of(const Node& node) const { return folder_of(node.stage.name) / "stage.json"; }

std::vector<std::size_t> StageGraph::read_by(const Stage& stage) const {
  std::vector<std::size_t> out;
  for (const auto* names : {&stage.needs, &stage.wants})
    for (const auto& name : *names) out.push_back(place_of(name));
  return out;
}

std::string StageGraph::key_of(const Node& node) const {
  RunKey key("stage " + node.stage.name, node.stage.content);
  key.add("inputs", node.stage.inputs);
  for (const std::size_t i : read_by(node.stage)) {
    const Node& n = nodes_[i];
    key.add(n.stage.name, n.key);
    key.add(n.stage.name + " result", n.result);
  }
  return key.sha256();
}

std::vector<StageStatus> StageGraph::plan() const {
  StageGraph trial = *this;
  std::vector<StageStatus> out;
  for (auto& node : trial.nodes_) {
    StageStatus s{node.stage.name, node.stage.title, StageState::Waiting, "", 0, 0};
    for (const std::size_t i : trial.read_by(node.stage))
      if (out[i].state == StageState::Waiting) s.reason = "comes after \"" + out[i].title + "\"";
    node.key = trial.key_of(node);
    const auto earlier = earlier_result(record_of(node), node.key);
    if (s.reason.empty() && earlier && !node.stage.checks_itself) {
      s.state = StageState::Kept;
      s.reason = refusal_of(*earlier);
    } else if (s.reason.empty()) {
      const bool there = fs::exists(record_of(node));
      s.reason = earlier ? "looks for what changed" : there ? "its inputs or settings changed" : "was not done yet";
    }
    if (earlier) node.result = earlier->value("result", Json());
    out.push_back(std::move(s));
  }
  return out;
}

void StageGraph::do_work(Node& node, StageStatus& status) {
  const fs::path folder = folder_of(node.stage.name);
  const auto start = std::chrono::steady_clock::now();
  const std::clock_t start_of_cores = std::clock();
  fs::remove(record_of(node));
  if (node.stage.resumes)
    fs::create_directories(folder);
  else
    empty_folder(folder);
  Json record{{"run_key", node.key}, {"stage", node.stage.name}};
  try {
    node.result = node.stage.work(folder);
    record["result"] = node.result;
    status.state = StageState::Done;
  } catch (const Error& e) {
    if (e.code() != ExitCode::UnusableInput) throw;
    status.state = StageState::Refused;
    status.reason = e.problem() + (e.hint().empty() ? "" : ": " + e.hint());
    record["refused"] = status.reason;
  }
  status.seconds = seconds_since(start);
  status.processor_seconds = static_cast<double>(std::clock() - start_of_cores) / CLOCKS_PER_SEC;
  write_json(record_of(node), record);  // last: it says that the stage is done
}

void StageGraph::keep_or_do(std::size_t i, std::vector<StageStatus>& status, const Observer& observer) {
  Node& node = nodes_[i];
  StageStatus& s = status[i];
  for (const auto& need : node.stage.needs)
    if (status[place_of(need)].state == StageState::Refused) {
      s.state = StageState::Refused;
      s.reason = "needs \"" + status[place_of(need)].title + "\", which could not be done";
      return;
    }
  node.key = key_of(node);
  const auto earlier = earlier_result(record_of(node), node.key);
  if (earlier && !node.stage.checks_itself) {
    s.reason = refusal_of(*earlier);
    s.state = s.reason.empty() ? StageState::Kept : StageState::Refused;
    node.result = earlier->value("result", Json());
    return;
  }
  s.state = StageState::Running;
  if (observer) observer(status);
  do_work(node, s);
}

std::vector<StageStatus> StageGraph::run(const Observer& observer) {
  std::vector<StageStatus> status;
  for (const auto& n : nodes_) status.push_back({n.stage.name, n.stage.title, StageState::Waiting, "", 0, 0});
  if (observer) observer(status);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    throw_if_interrupted();
    keep_or_do(i, status, observer);
    if (observer) observer(status);
  }
  return status;
}

const Json& StageGraph::result_of(const std::string& name) const { return nodes_[place_of(name)].result; }

}  // namespace gliocast
