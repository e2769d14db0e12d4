// What the values of an event column mean, which rows are used, and entry times.
#include "messages.hpp"

#include <gtest/gtest.h>

#include <gliocast/core/error.hpp>
#include <gliocast/survival/censoring_curve.hpp>
#include <gliocast/survival/cox_model.hpp>
#include <gliocast/survival/cox_model_file.hpp>
#include <gliocast/survival/decision_curve.hpp>
#include <gliocast/survival/kaplan_meier.hpp>
#include <gliocast/survival/log_rank.hpp>
#include <gliocast/survival/survival_frame.hpp>

#include <functional>
#include <string>

namespace gliocast::survival {
namespace {

stats::DataFrame frame_of(const std::string& csv, const std::vector<std::string>& missing = {}) {
  return stats::DataFrame(parse_table(csv, ',', "t"), "t", missing);
}

/// A table t, e of these events.
stats::DataFrame events_of(const std::vector<std::string>& events, const std::vector<std::string>& missing = {}) {
  std::string csv = "t,e\n";
  for (std::size_t i = 0; i < events.size(); ++i) csv += std::to_string(i + 1) + "," + events[i] + "\n";
  return frame_of(csv, missing);
}

SurvivalFrame use(const stats::DataFrame& frame, const std::string& event_value = {}) {
  return make_survival_frame(frame, {"t", "e", event_value, {}, {}, {}});
}

std::string notes_of(const SurvivalFrame& used) { return test_support::joined(used.notes); }

using test_support::error_of;
using test_support::has;

TEST(SurvivalEvents, NumbersAreJudgedFromAllRows) {
  const auto frame = frame_of("t,e,x\n1,1,5\n2,1,6\n3,2,\n4,2,\n");
  const OutcomeColumns outcome{"t", "e", {}, {}, {}, {}};
  EXPECT_EQ(make_survival_frame(frame, outcome, {"x"}).events, 0U);
  EXPECT_EQ(make_survival_frame(frame.subset({0, 1}), outcome).events, 0U);  // also of a part of the table
  EXPECT_EQ(make_survival_frame(frame.subset({0, 1}).subset({1}), outcome).events, 0U);
  EXPECT_EQ(make_survival_frame(frame, outcome).events, 2U);
  const auto negative = frame_of("t,e\n1,1\n2,1\n-3,2\n");
  EXPECT_EQ(make_survival_frame(negative, outcome).events, 0U);
  // 0 stands in a row that is left out: 1 is the event, 2 is nothing known.
  EXPECT_TRUE(has(error_of([&] { (void)make_survival_frame(frame_of("t,e,x\n1,1,5\n2,2,6\n3,0,\n"), outcome, {"x"}); }),
                  "neither 0/1 nor 1/2"));
}

TEST(SurvivalEvents, AColumnOfOnesIsTold) {
  const auto frame = events_of({"1", "1"});
  EXPECT_EQ(use(frame).events, 2U);  // as R's Surv
  EXPECT_TRUE(has(notes_of(use(frame)), "warning") && has(notes_of(use(frame)), "every row is taken as an event"));
  OutcomeColumns outcome{"t", "e", {}, {}, {}, {}};
  outcome.coding = "1/2";  // of the table of a model
  EXPECT_EQ(make_survival_frame(frame, outcome).events, 0U);
  EXPECT_TRUE(has(notes_of(make_survival_frame(events_of({"0", "1"}), outcome)), "is coded 0/1"));
  EXPECT_EQ(use(events_of({"1", "2", "NA"})).coding, "1/2");
  EXPECT_EQ(use(events_of({"0", "1"})).coding, "0/1");
  EXPECT_EQ(use(events_of({"dead", "alive"})).coding, "");
}

TEST(SurvivalEvents, OtherSpellingsOfTheEvent) {
  const auto frame = events_of({"Dead", "dead", " DEAD ", "Deceased", "Alive", "Unknown", "[Not Available]"});
  const auto used = use(frame, "Dead");
  EXPECT_EQ(used.events, 4U);
  EXPECT_EQ(used.rows.size(), 5U);
  const auto notes = notes_of(used);
  for (const auto* part : {"warning: column \"e\": event = \"DEAD\" (1 row)", "\"Deceased\" (1 row)",
                           "censored = \"Alive\" (1 row)", "missing = \"Unknown\" (1 row)", "2 of 7 values missing"})
    EXPECT_TRUE(has(notes, part)) << part << " in " << notes;
  EXPECT_EQ(use(events_of({"Yes", "Y", "No", "n"}), "yes").events, 2U);
  EXPECT_EQ(use(events_of({"Y", "N", "y"})).events, 2U);
  EXPECT_EQ(use(events_of({"Dead of disease", "Dead", "Alive"}), "Dead").events, 1U);  // another cause: told
  EXPECT_TRUE(has(notes_of(use(events_of({"Dead of disease", "Dead", "Alive"}), "Dead")), "warning"));
  EXPECT_EQ(use(events_of({"1", "0", "1"}), "1.0").events, 2U);
  EXPECT_TRUE(has(error_of([&] { (void)use(frame, "gone"); }), "\"Dead\" (1 row)"));
}

TEST(SurvivalEvents, CodesWithWords) {
  const auto frame = events_of({"1:DECEASED", "0:LIVING", "1:DECEASED", "[Not Available]"});
  EXPECT_EQ(use(frame).events, 2U);
  for (const auto* value : {"1:DECEASED", "deceased", "1"}) EXPECT_EQ(use(frame, value).events, 2U) << value;
  EXPECT_EQ(use(events_of({"1:Recurred/Progressed", "0:DiseaseFree"})).events, 1U);
}

TEST(SurvivalEvents, ACodeThatContradictsItsWordIsRefused) {
  for (const auto* other : {"1:LIVING", "1:Alive"})
    EXPECT_TRUE(has(error_of([&] { (void)use(events_of({"0:DECEASED", other})); }), "contradict"));
  EXPECT_EQ(use(events_of({"1:DECEASED", "0:LIVING"})).events, 1U);
}

TEST(SurvivalEvents, WhatIsNeitherEventNorCensoringIsTold) {
  const auto notes = notes_of(use(events_of({"1", "0", "9", "9"}), "1"));
  EXPECT_TRUE(has(
      notes, "warning: column \"e\": event = \"1\" (1 row); censored = \"0\" (1 row), \"9\" (2 rows); if \"9\" means"))
      << notes;
  EXPECT_EQ(use(events_of({"1", "0", "9", "9"}, {"9"}), "1").rows.size(), 2U);
  EXPECT_FALSE(has(notes_of(use(events_of({"relapse", "remission"}), "relapse")),
                   "warning"));  // two values: nothing else can be meant
  EXPECT_FALSE(has(notes_of(use(events_of({"dead", "alive", "censored"}), "dead")), "warning"));
  EXPECT_EQ(use(events_of({"TRUE", "False", "true", "NA"})).events, 2U);
  EXPECT_EQ(use(events_of({"yes", "no", "unknown"})).rows.size(), 2U);
  EXPECT_TRUE(has(error_of([&] { (void)use(events_of({"yes", "maybe"})); }), "maybe"));
}

TEST(SurvivalEntry, TimesMayBeNegativeWithEntry) {
  const auto frame = frame_of("s,t,e\n-10,-5,1\n-8,3,0\n-7,4,1\n0,5,1\n");
  EXPECT_EQ(make_survival_frame(frame, {"t", "e", {}, "s", {}, {}}).rows.size(), 4U);
  const auto without = make_survival_frame(frame, {"t", "e", {}, {}, {}, {}});
  EXPECT_EQ(without.rows.size(), 3U);
  EXPECT_TRUE(has(notes_of(without), "warning"));
}

TEST(SurvivalEntry, ModelsRememberTheirEntry) {
  const auto frame = frame_of("s,t,e,x\n0,5,1,1\n1,6,2,3\n2,7,1,2\n0,8,2,5\n3,9,2,4\n1,4,2,3\n");
  const auto a = analyse_cox(frame, {"t", "e", {}, "s", {}, {}}, "x");
  const auto again = cox_model_from_json(to_json(a.model), "m");
  EXPECT_EQ(again.entry_column, "s");
  EXPECT_EQ(again.event_coding, "1/2");
  EXPECT_FALSE(to_json(analyse_cox(frame, {"t", "e", {}, {}, {}, {}}, "x").model).contains("entry"));
  EXPECT_TRUE(has(error_of([&] { (void)CensoringCurve(a.used.sample); }), "entry"));
}

TEST(SurvivalEntry, LogRankIsTheExactScoreTest) {
  // R 4.2.2, survival 3.5-3: coxph(Surv(s, t, e) ~ g, ties = "exact")$score, with its strata(h), and survdiff(Surv(t,
  // e) ~ g)
  const std::vector<double> s{0, 2, 1, 0, 3, 1, 0, 4, 2, 1, 0, 3}, t{5, 6, 5, 8, 9, 4, 3, 9, 6, 7, 5, 8};
  const std::vector<char> e{1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1};
  const std::vector<int> g{0, 0, 1, 1, 1, 0, 0, 1, 1, 0, 0, 1}, h{0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
  EXPECT_NEAR(log_rank({t, e, s, {}}, g, {"a", "b"}).statistic, 7.09552267892233, 1e-9);
  EXPECT_NEAR(log_rank({t, e, s, {}}, g, {"a", "b"}, h).statistic, 6.86587771203156, 1e-9);
  EXPECT_NEAR(log_rank({t, e, {}, {}}, g, {"a", "b"}).statistic, 7.93792647011729, 1e-9);
  // survmean(survfit(Surv(s - 4, t - 4, e) ~ 1), rmean = 4): a scale that begins below 0.
  std::vector<double> entry, time;
  for (std::size_t i = 0; i < s.size(); ++i) {
    entry.push_back(s[i] - 4);
    time.push_back(t[i] - 4);
  }
  const auto curve = kaplan_meier({time, e, entry, {}});
  EXPECT_NEAR(curve.restricted_mean(4).value, 2.11288888888889, 1e-12);
  EXPECT_NEAR(curve.restricted_mean(4).se, 0.54917494220583, 1e-12);
  EXPECT_EQ(curve.median().value, 2);
}

}  // namespace
}  // namespace gliocast::survival
