#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/folder_lock.hpp>
#include <gliocast/core/progress.hpp>
#include <gliocast/core/stage_graph.hpp>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

using namespace gliocast;
namespace fs = std::filesystem;

namespace {

class StageGraphTest : public testing::Test {
 protected:
  void SetUp() override {
    folder = fs::temp_directory_path() / ("gliocast-stages-" + std::to_string(::getpid()));
    fs::remove_all(folder);
  }
  void TearDown() override { fs::remove_all(folder); }

  /// first → second → third; `third` needs both, `told` wants the second.
  StageGraph graph() {
    StageGraph g(folder);
    g.add(stage("first", {}, {{"patients", patients}}, [this] { return Json(patients); }));
    g.add(stage("second", {"first"}, {{"folds", folds}}, [this] {
      if (refuse) throw unusable_input("too few patients", "", "find more");
      return Json("second of " + std::to_string(folds));
    }));
    g.add(stage("third", {"first", "second"}, Json::object(), [] { return Json(3); }));
    Stage told = stage("told", {}, Json::object(), [] { return Json(); });
    told.wants = {"second"};
    g.add(std::move(told));
    return g;
  }
  Stage stage(const std::string& name, std::vector<std::string> needs, Json inputs, std::function<Json()> result) {
    Stage s;
    s.name = name;
    s.title = "the " + name;
    s.needs = std::move(needs);
    s.inputs = std::move(inputs);
    s.work = [this, name, result = std::move(result)](const fs::path& of) {
      ++done[name];
      write_text(of / "result.txt", name);
      return result();
    };
    return s;
  }
  static std::string states(const std::vector<StageStatus>& status) {
    std::string out;
    for (const auto& s : status) out += (out.empty() ? "" : " ") + std::string(state_name(s.state));
    return out;
  }

  fs::path folder;
  std::map<std::string, int> done;
  int patients = 10, folds = 5;
  bool refuse = false;
};

TEST_F(StageGraphTest, DoesWhatIsMissingAndKeepsTheRest) {
  EXPECT_EQ(states(graph().run()), "done done done done");
  EXPECT_EQ(states(graph().run()), "kept kept kept kept");
  EXPECT_EQ(done["first"], 1);
  folds = 6;
  EXPECT_EQ(states(graph().plan()), "kept waiting waiting waiting");
  EXPECT_EQ(states(graph().run()), "kept done done done");
  patients = 11;
  EXPECT_EQ(states(graph().run()), "done done done done");
}

TEST_F(StageGraphTest, AResultThatDidNotChangeKeepsWhatComesAfter) {
  auto g = graph();
  (void)g.run();
  StageGraph again(folder);
  Stage first = stage("first", {}, {{"patients", patients}}, [this] { return Json(patients); });
  first.checks_itself = true;
  again.add(std::move(first));
  again.add(stage("second", {"first"}, {{"folds", folds}}, [] { return Json(); }));
  EXPECT_EQ(states(again.plan()), "waiting waiting");
  EXPECT_EQ(states(again.run()), "done kept");
}

TEST_F(StageGraphTest, WhatWasKilledIsDoneAgainFromAnEmptyFolder) {
  (void)graph().run();
  fs::remove(folder / "second" / "stage.json");
  write_text(folder / "second" / "half.txt", "half");
  EXPECT_EQ(states(graph().run()), "kept done kept kept");
  EXPECT_FALSE(fs::exists(folder / "second" / "half.txt"));
  write_text(folder / "second" / "stage.json", "{\"run_key\": ");
  EXPECT_EQ(states(graph().run()), "kept done kept kept");
}

TEST_F(StageGraphTest, WhatAKilledWriteLeftIsRemovedAndNothingElse) {
  const auto file = [&](const char* name) { return folder / "second" / name; };
  for (const char* name : {"table.tsv.tmp123-4", "table.tsv", "a.tmp", "b.tmp12", "c.tmp1-2x"})
    write_text(file(name), "x");
  remove_unfinished(folder);
  EXPECT_FALSE(fs::exists(file("table.tsv.tmp123-4")));
  for (const char* name : {"table.tsv", "a.tmp", "b.tmp12", "c.tmp1-2x"}) EXPECT_TRUE(fs::exists(file(name))) << name;
}

TEST_F(StageGraphTest, ARefusalStopsWhatNeedsItAndNothingElse) {
  refuse = true;
  const auto status = graph().run();
  EXPECT_EQ(states(status), "done refused refused done");
  EXPECT_EQ(status[1].reason, "too few patients: find more");
  EXPECT_EQ(status[2].reason, "needs \"the second\", which could not be done");
  EXPECT_EQ(states(graph().run()), "kept refused refused kept") << "a refusal is remembered";
  EXPECT_EQ(done["second"], 1);
  refuse = false;
  folds = 3;
  EXPECT_EQ(states(graph().run()), "kept done done done") << "what wants it is done anew with it";
}

TEST_F(StageGraphTest, OtherErrorsStopAll) {
  StageGraph g(folder);
  g.add(stage("first", {}, {}, []() -> Json { throw Error(ExitCode::CannotWrite, "the disk is full"); }));
  g.add(stage("second", {}, {}, [] { return Json(); }));
  EXPECT_THROW((void)g.run(), Error);
  EXPECT_FALSE(fs::exists(folder / "first" / "stage.json"));
  EXPECT_EQ(done["second"], 0);
  EXPECT_THROW(g.add(stage("third", {"nobody"}, {}, [] { return Json(); })), Error);
  EXPECT_THROW(g.add(stage("first", {}, {}, [] { return Json(); })), Error);
}

TEST_F(StageGraphTest, TheObserverSeesEveryChange) {
  std::vector<std::string> seen;
  (void)graph().run([&](const std::vector<StageStatus>& s) { seen.push_back(states(s)); });
  EXPECT_EQ(seen.front(), "waiting waiting waiting waiting");
  EXPECT_EQ(seen[1], "running waiting waiting waiting");
  EXPECT_EQ(seen.back(), "done done done done");
}

TEST_F(StageGraphTest, AFolderIsOneProcessAtATime) {
  EXPECT_FALSE(FolderLock::held(folder));
  {
    const FolderLock lock(folder);
    EXPECT_TRUE(FolderLock::held(folder));
    try {
      const FolderLock second(folder);
      FAIL() << "two locks";
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ExitCode::WrongUse);
      EXPECT_NE(std::string(e.what()).find("process " + std::to_string(::getpid())), std::string::npos) << e.what();
    }
  }
  EXPECT_FALSE(FolderLock::held(folder));
}

TEST_F(StageGraphTest, AKilledProcessLetsTheFolderGo) {
  const pid_t child = ::fork();
  if (child == 0) {
    const FolderLock lock(folder);
    write_text(folder / "locked", "");
    ::pause();
    ::_exit(0);
  }
  while (!fs::exists(folder / "locked")) ::usleep(1000);
  EXPECT_TRUE(FolderLock::held(folder));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_NO_THROW(FolderLock{folder});
}

TEST(Progress, TellsWhoWatches) {
  std::vector<std::string> told;
  set_progress_style(ProgressStyle::None);
  set_progress_observer([&](const std::string& title, std::size_t n, std::size_t total) {
    told.push_back(title + " " + std::to_string(n) + "/" + std::to_string(total));
    throw Error(ExitCode::CannotWrite, "lost");
  });
  {
    Progress progress("Fits", 3);
    progress.advance();
    progress.advance(2);
  }
  set_progress_observer({});
  Progress unseen("others", 1);
  EXPECT_EQ(told.front(), "Fits 0/3");
  EXPECT_EQ(told.back(), "Fits 3/3");
}

}  // namespace
