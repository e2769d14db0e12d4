// gliocast study run --executor slurm: the patients as an array of tasks, the rest as a job behind it; before both a
// job that trains the networks that outline, where the study does.
#include "study_submit.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/text.hpp>

#include <sys/wait.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string_view>

namespace gliocast::cli {
namespace {

namespace fs = std::filesystem;

/// What the jobs say themselves, or need not know.
constexpr std::array kOwnOptions{"--executor", "--shards", "--slurm-option", "--threads"};

/// A word as a shell reads it back.
std::string quoted(const std::string& word) {
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : " ") + quoted(word);
  return out;
}

/// What sbatch says, the job's number; throws where it refuses.
std::string sbatch(const std::string& options, const fs::path& script) {
  const std::string command = "sbatch --parsable " + options + quoted(script.string()) + " 2>&1";
  std::FILE* answer = ::popen(command.c_str(), "r");
  if (answer == nullptr) throw Error(ExitCode::InternalFault, "sbatch cannot be started");
  std::string text;
  std::array<char, 256> part{};
  while (std::fgets(part.data(), part.size(), answer) != nullptr) text += part.data();
  const int status = ::pclose(answer);
  constexpr int kNotFound = 127;
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNotFound)
    throw Error(ExitCode::WrongUse, "there is no sbatch", "--executor slurm", "run it where Slurm's commands are");
  if (status != 0)
    throw Error(ExitCode::WrongUse, "Slurm refused the job: " + std::string(trimmed(text)), script.string());
  return std::string(trimmed(std::string_view(text).substr(0, text.find(';'))));
}

/// A job script: what Slurm is told, and the command. `cores` 0: the whole of a node.
void write_script(const fs::path& file, const std::string& name, const fs::path& log, std::size_t cores,
                  double memory_gb, const std::vector<std::string>& directives, const std::string& command) {
  std::ostringstream out;
  out << "#!/bin/bash\n#SBATCH --job-name=" << name << "\n#SBATCH --output=" << log.string()
      << "\n#SBATCH --nodes=1\n#SBATCH --ntasks=1\n#SBATCH --"
      << (cores == 0 ? std::string("exclusive") : "cpus-per-task=" + std::to_string(cores)) << "\n";
  if (memory_gb > 0) out << "#SBATCH --mem=" << std::lround(1000 * memory_gb) << "M\n";
  for (const auto& directive : directives) out << "#SBATCH " << directive << "\n";
  out << "exec " << command << "\n";
  write_text(file, out.str());
}

}  // namespace

void add_submit_options(CLI::App& verb, SubmitArguments& a) {
  verb.add_option("--executor", a.executor,
                  "local, or slurm: an array of tasks examines the patients, a job behind it does the rest (where the "
                  "study trains the networks that outline, a job before it)")
      ->check(CLI::IsMember({"local", "slurm"}))
      ->capture_default_str();
  verb.add_option("--shards", a.shards, "Tasks of the array")->check(CLI::Range(1, 100000))->capture_default_str();
  verb.add_option("--slurm-option", a.directives,
                  "For all jobs, e.g. --slurm-option=--partition=short; may be repeated")
      ->allow_extra_args(false);
}

std::vector<std::string> command_line() {
  std::vector<std::string> words;
  std::ifstream text("/proc/self/cmdline");  // a file without a size
  for (std::string word; std::getline(text, word, '\0');) words.push_back(word);
  return words;
}

std::vector<std::string> words_of_run(const std::vector<std::string>& line, const fs::path& program) {
  std::vector<std::string> out{program.string()};
  for (std::size_t i = 1; i < line.size(); ++i) {
    const std::string name = line[i].substr(0, line[i].find('='));
    if (std::ranges::find(kOwnOptions, name) == kOwnOptions.end())
      out.push_back(line[i]);
    else if (name == line[i])
      ++i;  // its value stands alone
  }
  return out;
}

void submit_to_slurm(const SubmitArguments& a, const std::vector<std::string>& words, const fs::path& out,
                     std::size_t threads, double memory_gb, bool trains) {
  const fs::path folder = fs::absolute(out) / "slurm";
  fs::create_directories(folder);
  const std::size_t of_task = threads > 0 ? threads : 1;
  const std::string run = joined(words);
  const fs::path examine = folder / "examine.sh", rest = folder / "rest.sh";
  write_script(
      examine, "gliocast-examine", folder / "examine_%a.log", of_task, memory_gb, a.directives,
      run + " --shard \"$SLURM_ARRAY_TASK_ID/" + std::to_string(a.shards) + "\" --threads " + std::to_string(of_task));
  write_script(rest, "gliocast-study", folder / "rest.log", threads, memory_gb, a.directives,
               run + " --threads " + std::to_string(threads));
  std::string behind;
  if (trains) {
    const fs::path train = folder / "train.sh";
    write_script(train, "gliocast-train", folder / "train.log", threads, memory_gb, a.directives,
                 run + " --networks-only --threads " + std::to_string(threads));
    const std::string job = sbatch("", train);
    std::printf("%s\n", job.c_str());
    log_info("submitted: job " + job + " trains the networks that outline");
    behind = "--dependency=afterany:" + job + " ";
  }
  const std::string first = sbatch(behind + "--array=1-" + std::to_string(a.shards) + " ", examine);
  const std::string second = sbatch("--dependency=afterany:" + first + " ", rest);
  std::printf("%s\n%s\n", first.c_str(), second.c_str());
  log_info("submitted: job " + first + " examines the patients in " + std::to_string(a.shards) + " parts, job " +
           second + " does the rest; their words are in " + folder.string());
}

}  // namespace gliocast::cli
