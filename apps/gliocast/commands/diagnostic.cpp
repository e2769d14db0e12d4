// gliocast roc, icc: discrimination of a score, agreement of raters.
#include "../verbs.hpp"
#include "commands.hpp"
#include "statistics_output.hpp"

#include <gliocast/analysis/diagnostic_icc.hpp>
#include <gliocast/analysis/diagnostic_roc.hpp>

#include <memory>

namespace gliocast::cli {
namespace {

struct RocSettings {
  StatisticsArguments common;
  analysis::RocOptions options;
  std::string direction = "higher";
};

void run_roc(const RocSettings& s) {
  auto o = s.options;
  o.direction = s.direction == "lower" ? analysis::Direction::Lower : analysis::Direction::Higher;
  o.level = s.common.level;
  emit(s.common, analysis::roc(load_table(s.common), o));
}

struct IccSettings {
  StatisticsArguments common;
  analysis::IccOptions options;
};

void run_icc(const IccSettings& s) {
  auto o = s.options;
  o.level = s.common.level;
  emit(s.common, analysis::icc(load_table(s.common), o));
}

}  // namespace

void add_roc(CLI::App& app, int& result) {
  auto s = std::make_shared<RocSettings>();
  auto* roc = &add_verb(app, "roc");
  add_statistics_options(*roc, s->common, false);
  add_figure_option(*roc, s->common);
  roc->add_option("--truth", s->options.truth, "Column of the two classes")->required();
  roc->add_option("--positive", s->options.positive,
                  "Value of the positive class, in any case; default: the higher, or later in byte order");
  roc->add_option("--score", s->options.score, "Column of the score")->required();
  roc->add_option("--against", s->options.against, "A second score of the same rows, DeLong's paired test");
  roc->add_option("--direction", s->direction, "Which scores mark positives")
      ->check(CLI::IsMember({"higher", "lower"}))
      ->capture_default_str();
  when_chosen(*roc, result, [s] { run_roc(*s); });
}

void add_icc(CLI::App& app, int& result) {
  auto s = std::make_shared<IccSettings>();
  auto* icc = &add_verb(app, "icc");
  add_statistics_options(*icc, s->common, false);
  icc->add_option("--raters", s->options.raters, "Columns, one a rater; default: every column of numbers")
      ->delimiter(',');
  when_chosen(*icc, result, [s] { run_icc(*s); });
}

}  // namespace gliocast::cli
