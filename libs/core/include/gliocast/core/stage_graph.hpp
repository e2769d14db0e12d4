#pragma once
#include <gliocast/core/json.hpp>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace gliocast {

/// A piece of a long work whose results lie in a folder of its own.
struct Stage {
  std::string name;                  ///< of its folder
  std::string title;                 ///< for people
  std::vector<std::string> needs{};  ///< stages that were added before, whose results it reads
  std::vector<std::string> wants{};  ///< the same, where they could be done
  Json inputs = Json::object();      ///< what its results depend on beside those: settings, checksums of files
  int content = 1;                   ///< a number that changes with what its results hold
  /// Writes the results into the stage's folder and returns what later stages depend on of them, e.g. checksums: small,
  /// and without times or paths.
  std::function<Json(const std::filesystem::path& folder)> work{};
  /// What was done is asked from the work itself, which is therefore always called: it goes on from what it finds.
  bool checks_itself = false;
  /// The folder holds what a stopped work goes on from, and is not emptied before.
  bool resumes = false;
};

enum class StageState { Waiting, Running, Kept, Done, Refused };
/// "waiting", "running", "kept" (done by an earlier run), "done", "refused".
[[nodiscard]] const char* state_name(StageState state) noexcept;

/// How a stage stands.
struct StageStatus {
  std::string name, title;
  StageState state = StageState::Waiting;
  std::string reason;            ///< why it was refused, or, planned, why it must be done
  double seconds = 0;            ///< of the work, where it is over
  double processor_seconds = 0;  ///< the same of all cores together
};

/// Removes what writes that were cut off (a killed process) have left in a folder and below it: the temporaries of
/// write_file(). Only of a folder that nobody else writes to.
void remove_unfinished(const std::filesystem::path& folder);

/// Stages in the order of their needs. The result of each is named by everything that it came from: another run does
/// only what changed, and what was killed is done again, since a stage's record is written last.
class StageGraph {
 public:
  /// Results go to `folder`/NAME.
  explicit StageGraph(std::filesystem::path folder);

  /// Throws Error{InternalFault} where a stage of this name is there, or one that it needs is not.
  void add(Stage stage);

  [[nodiscard]] std::filesystem::path folder_of(const std::string& name) const;

  /// What run() would do now: Kept, or Waiting with the reason. A stage after one that must be done is taken to be
  /// needed, though it may turn out to be unchanged.
  [[nodiscard]] std::vector<StageStatus> plan() const;

  using Observer = std::function<void(const std::vector<StageStatus>&)>;
  /// Does what is to be done, one stage after another. A stage that throws Error{UnusableInput} is Refused, as are
  /// those that need it; the others go on. Every other error, an interrupt too, stops all and is thrown on. `observer`
  /// is called after each change.
  std::vector<StageStatus> run(const Observer& observer = {});

  /// What a stage's work returned; null where it was refused or not done.
  [[nodiscard]] const Json& result_of(const std::string& name) const;

 private:
  struct Node {
    Stage stage;
    Json result;
    std::string key;  ///< empty where a stage that it needs has none
  };
  [[nodiscard]] std::size_t place_of(const std::string& name) const;
  /// Of the needs, then of the wants.
  [[nodiscard]] std::vector<std::size_t> read_by(const Stage& stage) const;
  [[nodiscard]] std::string key_of(const Node& node) const;
  [[nodiscard]] std::filesystem::path record_of(const Node& node) const;
  void keep_or_do(std::size_t i, std::vector<StageStatus>& status, const Observer& observer);
  void do_work(Node& node, StageStatus& status);

  std::filesystem::path folder_;
  std::vector<Node> nodes_;
};

}  // namespace gliocast
