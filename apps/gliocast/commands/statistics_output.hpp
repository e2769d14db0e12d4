#pragma once
#include "../cli.hpp"

#include <gliocast/analysis/output.hpp>
#include <gliocast/stats/data_frame.hpp>
#include <gliocast/stats/resampling.hpp>
#include <gliocast/survival/cox_selection.hpp>
#include <gliocast/survival/survival_frame.hpp>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace gliocast::cli {

/// Options that the statistical verbs share.
struct StatisticsArguments {
  std::filesystem::path table, out, figure;
  std::vector<std::string> reference;  ///< column=level
  std::vector<std::string> missing;    ///< codes of missing values besides the usual ones
  survival::OutcomeColumns outcome;
  double level = 0.95;
  bool json = false, quiet = false;
};

/// TABLE, --na, --level, --ref; with `outcome` also --time, --event, --event-value.
void add_table_options(CLI::App& verb, StatisticsArguments& arguments, bool outcome);
/// The same with --out, --json, --quiet.
void add_statistics_options(CLI::App& verb, StatisticsArguments& arguments, bool outcome);
/// --na.
void add_missing_option(CLI::App& verb, StatisticsArguments& arguments);
/// What is wrong with the ending of a table's file; empty where it is one that is written.
[[nodiscard]] std::string known_table_ending(const std::string& file);
/// The same of a figure's.
[[nodiscard]] std::string known_figure_ending(const std::string& file);
/// --figure, where a verb draws.
void add_figure_option(CLI::App& verb, StatisticsArguments& arguments);
/// An option that takes terms of a formula with commas between, e.g. "rcs(age, 4),grade"; may be repeated.
CLI::Option* add_terms_option(CLI::App& verb, const std::string& name, std::vector<std::string>& terms,
                              const std::string& help);
/// --seed and --threads, where a verb draws random numbers.
void add_resampling_options(CLI::App& verb, stats::ResamplingOptions& resampling, const std::string& seed_help);

/// Reads the table and applies --ref.
[[nodiscard]] stats::DataFrame load_table(const StatisticsArguments& arguments);
/// The same of another file.
[[nodiscard]] stats::DataFrame load_table(const StatisticsArguments& arguments, const std::filesystem::path& file);

/// Writes the table to --out (TSV, CSV; Markdown .md, LaTeX .tex) or on standard output, the JSON on standard output
/// with --json, notes on standard error, then draws --figure.
void emit(const StatisticsArguments& arguments, const analysis::AnalysisOutput& output);

/// JSON on standard output.
void print_json(const Json& json);
/// Notes on standard error; with `quiet` warnings alone.
void print_notes(const std::vector<std::string>& notes, bool quiet);
/// Refuses an output that would replace an input or another output; empty paths are none.
void keep_apart(const std::vector<std::filesystem::path>& inputs, const std::vector<std::filesystem::path>& outputs);

/// Makes the output folder ready before long work; where that work fails, an empty one goes again.
class OutputFolder {
 public:
  OutputFolder(std::filesystem::path folder, const Existing& existing);
  ~OutputFolder();
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

 private:
  std::filesystem::path folder_;
};

/// Has `work` done when the verb is chosen; the program then ends with `result` 0.
void when_chosen(CLI::App& verb, int& result, std::function<void()> work);

}  // namespace gliocast::cli
