#include "statistics_output.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/progress.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/core/terms.hpp>
#include <gliocast/report/figure.hpp>
#include <gliocast/report/table_file.hpp>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <string_view>
#include <utility>

namespace gliocast::cli {

std::string known_table_ending(const std::string& file) {
  const auto ending = std::filesystem::path(file).extension();
  for (const char* known : {".tsv", ".txt", ".csv", ".md", ".tex", ".json"})
    if (ending == known) return {};
  return "a table is .tsv, .txt, .csv, .md, .tex or .json, not \"" + file + "\"";  // told before anything is computed
}

void add_missing_option(CLI::App& verb, StatisticsArguments& a) {
  verb.add_option("--na", a.missing, "Further codes of missing values, in any column, e.g. --na 999,Unknown")
      ->delimiter(',')
      ->allow_extra_args(false);
}

void add_table_options(CLI::App& verb, StatisticsArguments& a, bool outcome) {
  verb.add_option("TABLE", a.table,
                  "Table with a header line; separators and encoding are found. Missing: empty, NA, N/A, NaN, NULL, "
                  "\".\", #N/A, [Not Available]")
      ->required();
  add_missing_option(verb, a);
  if (outcome) {
    verb.add_option("--time", a.outcome.time, "Column of the time to event or last visit, any one unit")->required();
    verb.add_option("--event", a.outcome.event,
                    "Column of the event: 1 of 0/1, 2 of 1/2 (judged from all rows), TRUE, dead")
        ->required();
    verb.add_option("--event-value", a.outcome.event_value,
                    "The value that means an event, in any spelling; what others mean is told");
  }
  verb.add_option("--ref", a.reference, "Reference level of a factor, e.g. --ref histology=A; may be repeated");
  verb.add_option("--level", a.level, "Coverage of intervals")->check(CLI::Range(0.5, 0.9999))->capture_default_str();
}

void add_statistics_options(CLI::App& verb, StatisticsArguments& a, bool outcome) {
  add_table_options(verb, a, outcome);
  verb.add_option("--out", a.out,
                  "Table of results, in place of an earlier one: .tsv, .csv, .md (Markdown), .tex (LaTeX), .json; "
                  "standard output "
                  "if absent")
      ->check(known_table_ending);
  verb.add_flag("--json", a.json, "Print JSON on standard output");
  verb.add_flag("--quiet,-q", a.quiet, "No notes on standard error but warnings");
}

std::string known_figure_ending(const std::string& file) {
  for (const char* ending : {".svg", ".pdf", ".png"})
    if (file.ends_with(ending)) return {};
  return "a figure is .svg, .pdf or .png, not \"" + file + "\"";  // told before anything is computed or written
}

CLI::Option* add_terms_option(CLI::App& verb, const std::string& name, std::vector<std::string>& terms,
                              const std::string& help) {
  return verb
      .add_option_function<std::vector<std::string>>(
          name,
          [&terms](const std::vector<std::string>& given) {
            terms.clear();
            for (const auto& text : given) std::ranges::move(split_terms(text), std::back_inserter(terms));
          },
          help)
      ->allow_extra_args(false);
}

void add_figure_option(CLI::App& verb, StatisticsArguments& a) {
  verb.add_option("--figure", a.figure, "Draw to this file: .svg, .pdf or .png")->check(known_figure_ending);
}

void add_resampling_options(CLI::App& verb, stats::ResamplingOptions& resampling, const std::string& seed_help) {
  verb.add_option("--seed", resampling.seed, seed_help)->check(not_negative_number())->capture_default_str();
  add_threads_option(verb, resampling.threads);
}

stats::DataFrame load_table(const StatisticsArguments& a) { return load_table(a, a.table); }

stats::DataFrame load_table(const StatisticsArguments& a, const std::filesystem::path& file) {
  if (a.quiet) set_progress_style(ProgressStyle::None);
  stats::DataFrame frame(read_table(file), file.string(), a.missing);
  for (const auto& text : a.reference) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      throw Error(ExitCode::WrongUse, "a reference is written column=level, not \"" + text + "\"", "--ref");
    frame.set_reference(text.substr(0, equals), text.substr(equals + 1));
  }
  return frame;
}

void print_json(const Json& json) {
  std::printf("%s\n", json.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
}

void print_notes(const std::vector<std::string>& notes, bool quiet) {
  for (const auto& note : notes)
    if (!quiet || note.starts_with(analysis::kDoubtful)) std::fprintf(stderr, "gliocast: %s\n", note.c_str());
}

void keep_apart(const std::vector<std::filesystem::path>& inputs, const std::vector<std::filesystem::path>& outputs) {
  std::vector<std::filesystem::path> before;
  for (const auto& path : inputs)
    if (!path.empty()) before.push_back(std::filesystem::weakly_canonical(path));
  for (const auto& path : outputs) {
    if (path.empty()) continue;
    const auto file = std::filesystem::weakly_canonical(path);
    if (std::ranges::find(before, file) != before.end())
      throw Error(ExitCode::WrongUse, "the output would replace another file of this command", path.string(),
                  "give it a name of its own");
    before.push_back(file);
  }
}

void emit(const StatisticsArguments& a, const analysis::AnalysisOutput& output) {
  const Json json = analysis::with_warnings(output.json, output.notes);
  if (a.out.extension() == ".json")
    write_json(a.out, json);
  else if (!a.out.empty())
    report::write_table_file(a.out, output.table);
  if (a.json)
    print_json(json);
  else if (a.out.empty())
    std::fputs(format_table(output.table, '\t').c_str(), stdout);
  if (std::fflush(stdout) != 0) throw Error(ExitCode::CannotWrite, "standard output cannot be written");
  // Numbers that mean nothing are told even so.
  print_notes(output.notes, a.quiet);
  if (!a.figure.empty() && !output.figures.empty()) report::draw(a.figure, output.figures.front());
}

OutputFolder::OutputFolder(std::filesystem::path folder, const Existing& existing) : folder_(std::move(folder)) {
  prepare_output(folder_, existing);
}

OutputFolder::~OutputFolder() {
  std::error_code error;
  if (std::filesystem::is_empty(folder_, error)) std::filesystem::remove(folder_, error);
}

void when_chosen(CLI::App& verb, int& result, std::function<void()> work) {
  verb.callback([&result, work = std::move(work)] {
    work();
    result = 0;
  });
}

}  // namespace gliocast::cli
