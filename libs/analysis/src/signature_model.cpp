#include <gliocast/analysis/signature_model.hpp>

#include "equal_features.hpp"

#include <gliocast/analysis/cells.hpp>
#include <gliocast/analysis/feature_columns.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/learn/folds.hpp>
#include <gliocast/learn/row_marks.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

namespace gliocast::analysis {
namespace {

using signature::SignatureModel;

std::string limit(double v) { return std::isnan(v) ? "NA" : shortest(v); }

/// What made the columns that the model reads, and a warning where the table's own patients fitted that.
void add_origins(const learn::FeatureTable& table, TrainedSignatureTable& out) {
  out.trained.origins = learn::origins_among(table, out.trained.model->needed_columns());
  try {
    table.refuse_fitted(learn::all_rows(table));
  } catch (const Error& e) {
    out.notes.push_back("warning: " + e.where() + ": " + e.problem() +
                        ": its features say more of them than of others, and the signature trusts them too much");
  }
}

std::string counts(const SignatureModel::Parts& p) {
  return std::to_string(p.rows) + " rows of " + std::to_string(p.patients) + " patients, " + std::to_string(p.events) +
         " events";
}

Json card_of(const SignatureModel::Parts& p, const SignatureTrainingOptions& o, const std::string& time) {
  Json card{{"what", "signature of survival (\"" + time + "\") from a table of features: low is poor"},
            {"trained_on", o.simulated ? "simulated patients" : counts(p)},
            {"chain", o.specification.name},
            {"limits", "for tables made as the training table was: same features, settings and units"}};
  if (o.simulated) card["limits"] = "A demonstration: its numbers say nothing of a real patient.";
  return card;
}

/// What was fitted, in sentences.
void tell_fit(const SignatureModel::Parts& p, std::vector<std::string>& notes) {
  notes.push_back("signature of " + std::to_string(p.features.size()) + " of " + std::to_string(p.candidates.size()) +
                  " candidates (alpha " + cell(p.alpha) + ", lambda " + cell(p.lambda) + "), high risk below " +
                  cell(p.cut) + ", the median of the training rows");
  const auto& c = p.held_out_concordance;
  if (!std::isnan(c.value))
    notes.push_back("C of the training rows, by fits within that left them out: " + cell(c.value) + " (" + cell(c.low) +
                    " to " + cell(c.high) + "); signature evaluate judges it with nested folds");
  if (p.cut_check)
    notes.push_back("the cut that parts the training rows best is " + cell(p.cut_check->cut) + " (P " +
                    p_cell(p.cut_check->p_corrected) + ", corrected for the search); the median's P is " +
                    p_cell(p.cut_check->p_median));
}

}  // namespace

TextTable weights_table(const SignatureModel& model, const std::vector<std::vector<std::string>>& chosen,
                        const std::string& folds_column) {
  auto candidates = model.parts().candidates;
  std::ranges::stable_sort(candidates, std::greater{}, [](const auto& c) { return std::fabs(c.weight); });
  TextTable table{{"feature", "weight", "importance", folds_column}, {}};
  for (const auto& c : candidates) {
    const auto folds =
        std::ranges::count_if(chosen, [&](const auto& names) { return std::ranges::count(names, c.feature) > 0; });
    table.rows.push_back({c.feature, cell(c.weight), cell(c.importance),
                          std::to_string(folds) + " of " + std::to_string(chosen.size())});
  }
  return table;
}

TrainedSignatureTable train_signature(const SignatureTable& table, const SignatureTrainingOptions& o) {
  const signature::SignatureLearner learner(o.specification);
  TrainedSignatureTable out;
  out.fit = learner.fit(table.table, learn::all_rows(table.table.features), {o.seed, o.threads});
  const auto& parts = out.fit.model->parts();
  if (out.fit.model->constant())
    throw unusable_input("the elastic net keeps none of the " + std::to_string(parts.candidates.size()) +
                             " candidates (lambda " + cell(parts.lambda) + "): there is no signature",
                         "", "more patients or other features; nothing_kept: first in the chain takes the first one");
  out.notes = parts.notes;
  tell_equal(table.table.features, out.notes);
  tell_fit(parts, out.notes);
  auto& t = out.trained;
  t.name = o.name;
  t.time = table.columns.outcome.time;
  t.event = table.columns.outcome.event;
  t.model = out.fit.model;
  t.demonstration = o.simulated;
  t.marks = learn::row_marks(table.table.features, t.model->needed_columns());
  std::ranges::sort(t.marks);
  t.card = card_of(parts, o, t.time);
  add_origins(table.table.features, out);
  if (o.simulated)
    out.notes.emplace_back(
        "warning: simulated patients: the signature is a demonstration, and says so wherever it is used");
  out.weights = weights_table(*t.model, out.fit.selected_within, "folds_within");
  return out;
}

void tell_unlike_training(const SignatureModel& model, const learn::FeatureTable& table,
                          std::vector<std::string>& notes) {
  tell_filled(table.select_named(model.needed_columns()), notes);
  for (const auto& w : model.range_warnings(table)) notes.push_back("warning: " + w.sentence);
}

void tell_signature(const SignatureModel& model, const std::vector<double>& signature,
                    std::vector<std::string>& notes) {
  const auto& p = model.parts();
  if (model.wrong_way()) notes.emplace_back(std::string("warning: ") + signature::kWrongWay);
  const auto beyond = std::ranges::count_if(signature, [&](double s) { return s < p.low || s > p.high; });
  if (beyond > 0)
    notes.push_back("warning: " + std::to_string(beyond) + " of " + std::to_string(signature.size()) +
                    " signatures lie outside the range of the training rows, " + cell(p.low) + " to " + cell(p.high));
  if (signature.size() > 1 && std::ranges::adjacent_find(signature, std::ranges::not_equal_to{}) == signature.end())
    notes.push_back("warning: the signature is the same of all " + std::to_string(signature.size()) +
                    " rows: it says nothing of them");
}

void tell_extrapolated(const SignatureModel& model, const std::vector<double>& times, std::vector<std::string>& notes) {
  if (!model.parts().survival) {
    if (!times.empty())
      notes.emplace_back("warning: the signature has no model of survival: survival at times is not known");
    return;
  }
  const double last = model.parts().survival->last_follow_up();
  std::vector<std::string> beyond;
  for (const double t : times)
    if (t > last) beyond.push_back(data_cell(t));
  if (!beyond.empty())
    notes.push_back("warning: survival at " + listed(beyond) + " lies beyond the follow-up of the training, " +
                    data_cell(last) + ": it is the last one known");
}

void tell_recognised(const signature::TrainedSignature& trained, const learn::FeatureTable& table,
                     std::vector<std::string>& notes) {
  if (trained.marks.empty()) return;
  const auto seen = learn::recognised_rows(trained.marks, learn::row_marks(table, trained.model->needed_columns()));
  if (seen > 0)
    notes.push_back("warning: " + std::to_string(seen) + " of " + std::to_string(table.rows()) +
                    " rows seem to be rows that fitted the signature: what it says of those is flattered");
}

SignaturePrediction describe_prediction(const SaidOfRows& said, const NamedSignature& model,
                                        const std::vector<double>& times, double level) {
  SignaturePrediction out;
  out.table.columns = {"id", "signature", "group"};
  for (const double t : times)
    for (const char* of : {"", "_lower", "_upper"}) out.table.columns.push_back("survival_" + shortest(t) + of);
  out.table.columns.emplace_back("demonstration");
  Json list = Json::array();
  for (std::size_t r = 0; r < said.ids.size(); ++r) {
    const std::string group = risk_group(said.high_risk[r] != 0);
    std::vector<std::string> row{said.ids[r], shortest(said.signature[r]), group};
    Json at = Json::array();
    for (std::size_t t = 0; t < times.size(); ++t) {
      const auto& s = said.survival[r];
      for (const double v : {s.survival[t], s.low[t], s.high[t]}) row.push_back(limit(v));
      at.push_back({{"time", times[t]},
                    {"survival", finite_or_null(s.survival[t])},
                    {"lower", finite_or_null(s.low[t])},
                    {"upper", finite_or_null(s.high[t])}});
    }
    row.emplace_back(model.demonstration ? "yes" : "no");
    out.table.rows.push_back(std::move(row));
    list.push_back(
        {{"id", said.ids[r]}, {"signature", said.signature[r]}, {"group", group}, {"survival", std::move(at)}});
  }
  out.json = {{"model", model.name}, {"checksum", model.checksum}, {"demonstration", model.demonstration},
              {"time", model.time},  {"event", model.event},       {"cut", model.cut},
              {"level", level},      {"rows", std::move(list)}};
  out.notes.push_back("high risk: signature below " + cell(model.cut) + ", the median of training");
  if (model.demonstration)
    out.notes.emplace_back(
        "warning: the signature is a demonstration, fitted to simulated patients: its numbers say nothing of a real "
        "one");
  return out;
}

SignaturePrediction predict_signature(const FeatureRows& rows, const signature::TrainedSignature& trained,
                                      const std::vector<double>& times, double level) {
  const auto& model = *trained.model;
  const auto& table = rows.features;
  (void)table.select_named(model.needed_columns());  // says which lack
  learn::refuse_fitted(trained.origins, model.needed_columns(), table);
  const auto signature = model.signature(table);
  auto out = describe_prediction(
      {table.ids, signature, model.high_risk(signature), model.survival(signature, times, level)},
      {trained.name, trained.checksum, trained.demonstration, trained.time, trained.event, model.parts().cut}, times,
      level);
  tell_recognised(trained, table, out.notes);
  tell_unlike_training(model, table, out.notes);
  tell_signature(model, signature, out.notes);
  tell_extrapolated(model, times, out.notes);
  return out;
}

}  // namespace gliocast::analysis
