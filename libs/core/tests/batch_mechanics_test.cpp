// A batch goes on after failures, stops when asked to, is shared out without gaps, and knows what it has done.
#include <gliocast/core/batch.hpp>
#include <gliocast/core/disk_errors.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/run_key.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <set>

namespace gliocast {
namespace {

Failure tell(std::size_t item, const std::string& stage, const std::exception& e) {
  return {"item " + std::to_string(item), stage, e.what(), ExitCode::UnusableInput};
}

TEST(CoreBatch, FailuresAreToldInOrderWithTheirStageAndTheOthersDone) {
  std::atomic<int> done{0};
  const auto failures = run_batch({.count = 10,
                                   .work =
                                       [&](std::size_t i, StageTimer& timer) {
                                         timer.time("read", [] {});
                                         timer.time("measure", [&] {
                                           if (i % 4 == 1) throw unusable_input("odd");
                                         });
                                         ++done;
                                       },
                                   .describe = tell},
                                  {.jobs = 3});
  EXPECT_EQ(done, 7);
  ASSERT_EQ(failures.size(), 3u);
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_EQ(failures[k].id, "item " + std::to_string(4 * k + 1));
    EXPECT_EQ(failures[k].stage, "measure");
  }
}

TEST(CoreBatch, AnInterruptAndAFullDiskStopAll) {
  for (const ExitCode code : {ExitCode::Interrupted, ExitCode::CannotWrite}) {
    int done = 0;
    const BatchWork batch{.count = 5,
                          .work =
                              [&](std::size_t i, StageTimer&) {
                                if (i == 2) throw Error(code, "stop");
                                ++done;
                              },
                          .describe = tell};
    try {
      (void)run_batch(batch, {});
      ADD_FAILURE() << "went on";
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), code);
      EXPECT_EQ(done, 2);
    }
  }
}

TEST(CoreBatch, AFullDiskIsKnownByTheErrorsOfTheFileSystem) {
  namespace fs = std::filesystem;
  const fs::filesystem_error full("copy", "a", "b", std::make_error_code(std::errc::no_space_on_device)),
      locked("remove", "c", std::make_error_code(std::errc::read_only_file_system)),
      absent("open", "d", std::make_error_code(std::errc::no_such_file_or_directory));
  ASSERT_TRUE(as_cannot_write(full) && as_cannot_write(locked));
  EXPECT_EQ(as_cannot_write(full)->code(), ExitCode::CannotWrite);
  EXPECT_EQ(as_cannot_write(full)->where(), "b");
  EXPECT_EQ(as_cannot_write(full)->hint(), "free some disk space");
  EXPECT_EQ(as_cannot_write(locked)->where(), "c");
  EXPECT_FALSE(as_cannot_write(absent));
  EXPECT_FALSE(as_cannot_write(unusable_input("no image")));
  const BatchWork batch{.count = 2, .work = [&](std::size_t, StageTimer&) { throw full; }, .describe = tell};
  EXPECT_THROW((void)run_batch(batch, {}), fs::filesystem_error);
}

TEST(CoreBatch, ShardsHaveEveryItemOnce) {
  std::multiset<std::size_t> seen;
  for (std::size_t part = 1; part <= 3; ++part)
    EXPECT_TRUE(run_batch({.count = 8, .work = [&](std::size_t i, StageTimer&) { seen.insert(i); }, .describe = tell},
                          {.shard = {part, 3}})
                    .empty());
  EXPECT_EQ(seen, (std::multiset<std::size_t>{0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(parse_shard("2/8").part, 2u);
  EXPECT_EQ(parse_shard("2/8").of, 8u);
  for (const char* wrong : {"", "2", "0/3", "4/3", "1/0", "a/2", "1/2x", "1/", "-1/2"})
    EXPECT_THROW((void)parse_shard(wrong), Error) << wrong;
}

TEST(CoreBatch, TheTableOfFailuresGoesWhenNoneIsLeft) {
  const auto folder = std::filesystem::temp_directory_path() / "gliocast-batch-test";
  EXPECT_EQ(name_of_part("failures", {}, ".tsv"), "failures.tsv");
  const auto file = folder / name_of_part("failures", {2, 8}, ".tsv");
  EXPECT_EQ(file.filename(), "failures_2-of-8.tsv");
  write_failures(file, {{"sub-01", "read", "T1: no such file", ExitCode::UnusableInput}, {"sub-02", "", "x"}});
  EXPECT_EQ(read_text(file), "id\tstage\texit_code\treason\nsub-01\tread\t3\tT1: no such file\nsub-02\tn/a\t3\tx\n");
  write_failures(file, {});
  EXPECT_FALSE(std::filesystem::exists(file));
  std::filesystem::remove_all(folder);
}

TEST(CoreRunKey, ChangesWithEveryFieldItsNameAndItsType) {
  std::set<std::string> keys;
  const auto key = [&](auto add) {
    RunKey k("work", 1);
    add(k);
    return k.sha256();
  };
  const std::vector<std::string> all{key([](RunKey&) {}),
                                     key([](RunKey& k) { k.add("a", "1"); }),
                                     key([](RunKey& k) { k.add("a", 1); }),
                                     key([](RunKey& k) { k.add("a", 1.0); }),
                                     key([](RunKey& k) { k.add("a", true); }),
                                     key([](RunKey& k) { k.add("b", "1"); }),
                                     key([](RunKey& k) { k.add("a", "1").add("b", "2"); }),
                                     key([](RunKey& k) { k.add("a", "11:b1:s1:2"); }),
                                     key([](RunKey& k) { k.add("ab", "").add("c", ""); }),
                                     key([](RunKey& k) { k.add("a", "").add("bc", ""); }),
                                     key([](RunKey& k) { k.add("a", 0.1 + 0.2); }),
                                     key([](RunKey& k) { k.add("a", 0.3); }),
                                     RunKey("work", 2).sha256(),
                                     RunKey("other", 1).sha256()};
  keys.insert(all.begin(), all.end());
  EXPECT_EQ(keys.size(), all.size());
  EXPECT_EQ(RunKey("work", 1).add("a", 1).sha256(), RunKey("work", 1).add("a", 1L).sha256());
}

TEST(CoreRunKey, WorkIsDoneWhereItsResultHasTheKey) {
  const auto file = std::filesystem::temp_directory_path() / "gliocast-run-key-test.json";
  EXPECT_FALSE(done_before(file, "k"));
  write_json(file, {{"run_key", "k"}});
  EXPECT_TRUE(done_before(file, "k"));
  EXPECT_FALSE(done_before(file, "l"));
  write_text(file, "{\"run_key\": ");
  EXPECT_FALSE(done_before(file, "k"));
  write_text(file, "[]");
  EXPECT_FALSE(done_before(file, "k"));
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace gliocast
