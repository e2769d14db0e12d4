// gliocast survival nomogram: the model on paper, and as a calculator.
#include "../verbs.hpp"
#include "survival_commands.hpp"

#include <gliocast/analysis/survival_nomogram.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/report/nomogram_calculator.hpp>

#include <memory>

namespace gliocast::cli {
namespace {

struct Settings {
  StatisticsArguments common;
  std::filesystem::path model, html;
  analysis::NomogramOptions options;
};

void run_nomogram(const Settings& s) {
  auto output = analysis::nomogram(load_model(s.model).model, s.options);
  if (!s.html.empty()) {
    const auto& o = s.options;
    write_text(s.html, report::nomogram_calculator({o.title, o.unit, o.stratum}, output.calculator));
    output.notes.push_back("calculator: " + s.html.string());
  }
  emit(s.common, output);
}

}  // namespace

void add_survival_nomogram(CLI::App& survival, int& result) {
  auto s = std::make_shared<Settings>();
  auto* nomogram = &add_verb(survival, "survival nomogram");
  nomogram->add_option("--model", s->model, "Model of gliocast survival cox --save")->required();
  nomogram
      ->add_option("--times", s->options.times,
                   "Times at which survival is read off, in the model's unit, e.g. 12,36,60; default: round times "
                   "within the follow-up")
      ->delimiter(',');
  nomogram->add_option("--unit", s->options.unit, "Name of the unit of time for labels, e.g. months");
  nomogram->add_option("--title", s->options.title, "Title");
  nomogram->add_option("--stratum", s->options.stratum, "Stratum whose baseline is used, in a stratified model");
  add_figure_option(*nomogram, s->common);
  nomogram->add_option("--html", s->html, "Write a self-contained interactive calculator");
  nomogram
      ->add_option("--out", s->common.out,
                   "Table of marks: .tsv, .csv, .md (Markdown), .tex (LaTeX), .json; standard output if absent")
      ->check(known_table_ending);
  nomogram->add_flag("--json", s->common.json, "Print JSON on standard output");
  nomogram->add_flag("--quiet,-q", s->common.quiet, "No notes on standard error but warnings");
  when_chosen(*nomogram, result, [s] { run_nomogram(*s); });
}

}  // namespace gliocast::cli
