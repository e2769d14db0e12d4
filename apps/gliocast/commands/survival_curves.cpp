// gliocast survival km, logrank: Kaplan–Meier curves and tests of groups.
#include "../verbs.hpp"
#include "survival_commands.hpp"

#include <gliocast/analysis/survival_curves.hpp>

#include <memory>

namespace gliocast::cli {
namespace {

struct CurvesSettings {
  StatisticsArguments common;
  analysis::CurvesOptions options;
  std::string conf_type = "log", adjust = "holm";
};

void run_km(const CurvesSettings& s) {
  auto o = s.options;
  o.outcome = s.common.outcome;
  o.level = s.common.level;
  o.confidence = s.conf_type == "plain" ? survival::ConfidenceType::Plain
                 : s.conf_type == "log" ? survival::ConfidenceType::Log
                                        : survival::ConfidenceType::LogLog;
  o.adjustment = s.adjust == "holm" ? stats::PAdjustment::Holm
                 : s.adjust == "bh" ? stats::PAdjustment::BenjaminiHochberg
                                    : stats::PAdjustment::None;
  emit(s.common, analysis::survival_curves(load_table(s.common), o));
}

struct LogRankSettings {
  StatisticsArguments common;
  analysis::LogRankOptions options;
};

void run_log_rank(const LogRankSettings& s) {
  auto o = s.options;
  o.outcome = s.common.outcome;
  emit(s.common, analysis::log_rank(load_table(s.common), o));
}

}  // namespace

void add_survival_curves(CLI::App& survival, int& result) {
  auto s = std::make_shared<CurvesSettings>();
  auto* km = &add_verb(survival, "survival km");
  add_statistics_options(*km, s->common, true);
  add_figure_option(*km, s->common);
  km->add_option("--group", s->options.group, "Column of groups");
  km->add_option("--conf-type", s->conf_type, "Scale of Greenwood's interval")
      ->check(CLI::IsMember({"plain", "log", "log-log"}))
      ->capture_default_str();
  km->add_option("--rmst", s->options.restricted_mean_until,
                 "Restricted mean until this time; default: the shortest follow-up of a group");
  km->add_option("--times", s->options.times,
                 "Times whose rows the table has in place of every time of the curve, and which are told")
      ->delimiter(',');
  km->add_option("--adjust", s->adjust,
                 "Three groups or more: how P values of the log-rank tests of all pairs are adjusted")
      ->check(CLI::IsMember({"holm", "bh", "none"}))
      ->capture_default_str();
  km->add_option("--weights", s->common.outcome.weights, "Column of case weights");
  km->add_option("--cluster", s->common.outcome.cluster,
                 "Column of the subject, where one has several rows: intervals and tests then count subjects");
  km->add_option("--entry", s->common.outcome.entry, "Column of the time at which observation starts");
  when_chosen(*km, result, [s] { run_km(*s); });

  auto t = std::make_shared<LogRankSettings>();
  auto* lr = &add_verb(survival, "survival logrank");
  add_statistics_options(*lr, t->common, true);
  lr->add_option("--group", t->options.group, "Column of groups")->required();
  lr->add_option("--strata", t->options.strata, "Columns of strata");
  lr->add_option("--rho", t->options.weights.rho,
                 "Fleming-Harrington weight S(t)^rho (1 - S(t))^gamma; rho 1 = Peto's Wilcoxon")
      ->capture_default_str();
  lr->add_option("--gamma", t->options.weights.gamma, "See --rho")->capture_default_str();
  when_chosen(*lr, result, [t] { run_log_rank(*t); });
}

}  // namespace gliocast::cli
