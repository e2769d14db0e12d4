#include "statistics_output.hpp"

#include "table_markup.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>

#include <cmath>
#include <cstdio>

namespace gliocast::cli {
void add_statistics_options(CLI::App& verb, StatisticsArguments& a, bool outcome) {
  verb.add_option("TABLE", a.table,
                  "Table with a header line; separators and encoding are found. Missing: empty, NA, N/A, NaN, NULL, "
                  "\".\", #N/A, [Not Available]")
      ->required();
  verb.add_option("--na", a.missing, "Further codes of missing values, in any column, e.g. --na 999,Unknown")
      ->delimiter(',')
      ->allow_extra_args(false);
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
  verb.add_option("--out", a.out,
                  "Table of results: .tsv, .csv, .md (Markdown), .tex (LaTeX); standard output if absent");
  verb.add_flag("--json", a.json, "Print JSON on standard output");
  verb.add_flag("--quiet,-q", a.quiet, "No notes on standard error but warnings");
}

void add_figure_option(CLI::App& verb, StatisticsArguments& a) {
  const auto known_ending = [](const std::string& file) {
    for (const char* ending : {".svg", ".pdf", ".png"})
      if (file.ends_with(ending)) return std::string();
    return "a figure is .svg, .pdf or .png, not \"" + file + "\"";  // told before anything is computed or written
  };
  verb.add_option("--figure", a.figure, "Draw to this file: .svg, .pdf or .png")->check(known_ending);
}

stats::DataFrame load_table(const StatisticsArguments& a) {
  stats::DataFrame frame(read_table(a.table), a.table.string(), a.missing);
  for (const auto& text : a.reference) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      throw Error(ExitCode::WrongUse, "a reference is written column=level, not \"" + text + "\"", "--ref");
    frame.set_reference(text.substr(0, equals), text.substr(equals + 1));
  }
  return frame;
}

void emit(const StatisticsArguments& a, const TextTable& table, const Json& json,
          const std::vector<std::string>& notes) {
  const std::string ending = a.out.extension().string();
  if (!a.out.empty()) {
    if (ending == ".md")
      write_text(a.out, markdown_table(table));
    else if (ending == ".tex")
      write_text(a.out, latex_table(table));
    else if (ending == ".json")
      write_json(a.out, json);
    else
      write_table(a.out, table);
  }
  if (a.json)
    std::printf("%s\n", json.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
  else if (a.out.empty())
    std::fputs(format_table(table, '\t').c_str(), stdout);
  if (std::fflush(stdout) != 0) throw Error(ExitCode::CannotWrite, "standard output cannot be written");
  // Numbers that mean nothing are told even so.
  for (const auto& note : notes)
    if (!a.quiet || note.starts_with("warning:")) std::fprintf(stderr, "gliocast: %s\n", note.c_str());
}

std::string cell(double value) {
  if (value != std::round(value) && std::abs(value) < 1e-4) {
    char buffer[40];
    std::snprintf(buffer, sizeof buffer, "%.6g", value);
    return buffer;
  }
  return plain_number(value, value == std::round(value) ? 15 : 6);
}

std::string data_cell(double value) { return plain_number(value, 15); }

std::string p_cell(double p) {
  if (std::isnan(p)) return "NA";
  if (p < 0.001) return "<0.001";
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%.3f", p);
  return buffer;
}

std::string auc_text(double auc, double lower, double upper) {
  const std::string text = "AUC " + decimal(auc, 3);
  return std::isnan(lower) || std::isnan(upper) ? text
                                                : text + " (" + decimal(lower, 3) + " to " + decimal(upper, 3) + ")";
}

}  // namespace gliocast::cli
