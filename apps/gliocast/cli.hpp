#pragma once
#include <CLI/CLI.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace gliocast::cli {

/// Options that verbs share.
struct Common {
  std::size_t threads = 0;
  std::string device = "cpu";
  bool quiet = false;
};

/// A number above 0, or of 0 or more; CLI11's own write the largest number with all of its 309 digits.
[[nodiscard]] CLI::Validator positive_number();
[[nodiscard]] CLI::Validator not_negative_number();
/// Adds --threads alone.
void add_threads_option(CLI::App& verb, std::size_t& threads);
/// Adds --threads and --quiet to a verb.
void add_common_options(CLI::App& verb, Common& common);
/// --quiet alone, for a verb that has no threads to share out.
void add_quiet_option(CLI::App& verb, Common& common);
/// --device, where networks run.
void add_device_option(CLI::App& verb, Common& common);
/// Adds --resume and --overwrite.
struct Existing {
  bool resume = false, overwrite = false;
};
void add_existing_options(CLI::App& verb, Existing& existing);
/// Makes the output folder ready as these options say (see prepare_output_folder).
void prepare_output(const std::filesystem::path& folder, const Existing& existing);

/// Applies quiet/verbose; call at the start of a verb.
void apply(const Common& common);

/// Parses, runs the chosen verb's callback and turns every outcome into an exit code; prints errors on standard error.
int run(CLI::App& app, int argc, char** argv, const int& verb_result);

/// The program with its description, exit codes and version.
void describe_program(CLI::App& app);

}  // namespace gliocast::cli
