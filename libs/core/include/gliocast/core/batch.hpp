#pragma once
#include <gliocast/core/error.hpp>
#include <gliocast/core/stage_timer.hpp>

#include <cstddef>
#include <exception>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace gliocast {

/// One part of a batch that several runs or machines share: the items whose number leaves part − 1 when divided by
/// `of`.
struct Shard {
  std::size_t part = 1, of = 1;

  [[nodiscard]] bool has(std::size_t item) const noexcept { return item % of == part - 1; }
  [[nodiscard]] bool whole() const noexcept { return of == 1; }
};
/// Reads "2/8": the second of eight parts. Throws Error{WrongUse}.
[[nodiscard]] Shard parse_shard(const std::string& text);
/// The name of a file that each shard has of its own: "log.jsonl" of the whole, "log_2-of-8.jsonl" of a part.
[[nodiscard]] std::string name_of_part(const std::string& stem, const Shard& shard, const std::string& ending);

/// An item of a batch whose work could not be done, as outputs may say it.
struct Failure {
  std::string id;      ///< the item's name in the output's tables
  std::string stage;   ///< which part of its work failed; empty where it was not begun
  std::string reason;  ///< what was wrong and what to do; never a path or text out of a file
  ExitCode code = ExitCode::UnusableInput;
};

/// What is done to the items of a batch, 0 … count − 1.
struct BatchWork {
  std::size_t count = 0;
  /// The work of one item, its stages timed.
  std::function<void(std::size_t item, StageTimer& timer)> work;
  /// What failed with which stage, for the output; tells the log. Called for one failed item at a time.
  std::function<Failure(std::size_t item, const std::string& stage, const std::exception& error)> describe;
};

struct BatchOptions {
  std::string title{};   ///< of the progress on the console; empty: none is shown
  std::size_t jobs = 1;  ///< items at a time; 0: one a core
  Shard shard{};
};

/// Works on the items in parallel. An item that fails does not stop the others; what stops them all is an interrupt or
/// an output that cannot be written (those errors are thrown on). Returns the failures in the order of the items.
[[nodiscard]] std::vector<Failure> run_batch(const BatchWork& batch, const BatchOptions& options);

/// Writes the table (id, stage, exit_code, reason), or removes it where there is no failure.
void write_failures(const std::filesystem::path& file, const std::vector<Failure>& failures);

}  // namespace gliocast
