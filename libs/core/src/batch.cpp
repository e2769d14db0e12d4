#include <gliocast/core/batch.hpp>

#include <gliocast/core/disk_errors.hpp>
#include <gliocast/core/interrupt.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/core/progress.hpp>
#include <gliocast/core/table.hpp>

#include <charconv>
#include <mutex>
#include <optional>

namespace gliocast {
namespace {

bool stops_all(const std::exception& e) {
  if (as_cannot_write(e)) return true;
  const auto* ours = dynamic_cast<const Error*>(&e);
  return ours != nullptr && (ours->code() == ExitCode::Interrupted || ours->code() == ExitCode::CannotWrite);
}

}  // namespace

Shard parse_shard(const std::string& text) {
  Shard shard;
  const char *at = text.data(), *end = at + text.size();
  const auto part = std::from_chars(at, end, shard.part);
  const bool slash = part.ec == std::errc() && part.ptr != end && *part.ptr == '/';
  const auto of = slash ? std::from_chars(part.ptr + 1, end, shard.of) : part;
  if (!slash || of.ec != std::errc() || of.ptr != end || shard.part < 1 || shard.part > shard.of)
    throw Error(ExitCode::WrongUse, "a shard is written part/parts, as 2/8, not \"" + text + "\"", "--shard");
  return shard;
}

std::string name_of_part(const std::string& stem, const Shard& shard, const std::string& ending) {
  return stem + (shard.whole() ? "" : "_" + std::to_string(shard.part) + "-of-" + std::to_string(shard.of)) + ending;
}

std::vector<Failure> run_batch(const BatchWork& batch, const BatchOptions& options) {
  std::vector<std::size_t> items;
  for (std::size_t i = 0; i < batch.count; ++i)
    if (options.shard.has(i)) items.push_back(i);
  std::mutex guard;
  std::vector<std::optional<Failure>> failures(items.size());
  std::optional<Progress> progress;
  if (!options.title.empty()) progress.emplace(options.title, items.size());
  parallel_for(items.size(), options.jobs, [&](std::size_t k) {
    throw_if_interrupted();
    StageTimer timer;
    try {
      batch.work(items[k], timer);
    } catch (const std::exception& e) {
      if (stops_all(e)) throw;
      const std::lock_guard lock(guard);
      failures[k] = batch.describe(items[k], timer.stage(), e);
    }
    if (progress) progress->advance();
  });
  std::vector<Failure> failed;
  for (auto& f : failures)
    if (f) failed.push_back(std::move(*f));
  return failed;
}

void write_failures(const std::filesystem::path& file, const std::vector<Failure>& failures) {
  if (failures.empty()) {
    std::error_code error;
    std::filesystem::remove(file, error);
    return;
  }
  TextTable table{{"id", "stage", "exit_code", "reason"}, {}};
  for (const auto& f : failures)
    table.rows.push_back({f.id, f.stage.empty() ? "n/a" : f.stage, std::to_string(static_cast<int>(f.code)), f.reason});
  write_table(file, table);
}

}  // namespace gliocast
