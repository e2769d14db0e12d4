#pragma once
#include "../cli.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::cli {

/// How `study run` gives its work to a scheduler.
struct SubmitArguments {
  std::string executor = "local";
  std::size_t shards = 4;               ///< tasks of the array that examines the patients
  std::vector<std::string> directives;  ///< of each job, e.g. "--partition=short"
};
void add_submit_options(CLI::App& verb, SubmitArguments& arguments);

/// The words of a command line without the submit options and --threads, the program's own path first.
[[nodiscard]] std::vector<std::string> words_of_run(const std::vector<std::string>& command_line,
                                                    const std::filesystem::path& program);

/// Writes job scripts to out/slurm and submits them: where it `trains` one that trains the networks that outline; an
/// array behind it, each task of which examines a part of the patients (`--shard`); and a job that begins when all of
/// its tasks are over, however they ended, and does the rest. `threads` 0: one a task, and a whole node for the other
/// jobs. Prints the numbers. Throws Error{WrongUse} where sbatch is missing, with its words where it refuses.
void submit_to_slurm(const SubmitArguments& arguments, const std::vector<std::string>& words,
                     const std::filesystem::path& out, std::size_t threads, double memory_gb, bool trains);

/// The words that began this process.
[[nodiscard]] std::vector<std::string> command_line();

}  // namespace gliocast::cli
