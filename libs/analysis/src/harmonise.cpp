#include <gliocast/analysis/harmonise.hpp>

#include "number_columns.hpp"

#include <gliocast/analysis/feature_columns.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/findings/clinical.hpp>
#include <gliocast/models/bundle.hpp>
#include <gliocast/stats/design_matrix.hpp>

#include <algorithm>
#include <cmath>
#include <set>

namespace gliocast::analysis {
namespace {

/// Batch of each row.
std::vector<std::string> batches_of(const stats::DataFrame& table, const std::string& name) {
  const auto& column = table.at(name);
  std::vector<std::string> batches;
  for (std::size_t r = 0; r < table.rows(); ++r) {
    if (column.missing(r))
      throw unusable_input("column \"" + name + "\" is empty in row " + std::to_string(r + 1), table.origin(),
                           "each row needs its scanner or centre");
    batches.push_back(column.text(r));
  }
  return batches;
}

/// Covariates as numbers: a factor is a column for each level but its first.
void add_covariates(const stats::DataFrame& table, const std::vector<std::string>& keep, learn::CombatTable& out) {
  std::vector<std::vector<double>> columns;
  for (const auto& name : keep) {
    const auto& column = table.at(name);
    for (std::size_t r = 0; r < table.rows(); ++r)
      if (column.missing(r))
        throw unusable_input("column \"" + name + "\", to be kept, is empty in row " + std::to_string(r + 1),
                             table.origin(), "fill it, or leave the row out");
    if (!column.is_factor) {
      out.covariate_names.push_back(name);
      columns.push_back(column.numbers);
      continue;
    }
    for (std::size_t level = 1; level < column.levels.size(); ++level) {
      out.covariate_names.push_back(name + "=" + column.levels[level]);
      columns.emplace_back();
      for (const int code : column.codes) columns.back().push_back(code == static_cast<int>(level) ? 1 : 0);
    }
  }
  out.covariates = stats::Matrix(columns.empty() ? 0 : table.rows(), columns.size());
  for (std::size_t c = 0; c < columns.size(); ++c) std::ranges::copy(columns[c], out.covariates.column(c).begin());
}

void add_features(const stats::DataFrame& table, const std::vector<std::string>& features, learn::CombatTable& out) {
  out.features = features;
  out.values = stats::Matrix(table.rows(), features.size());
  for (std::size_t c = 0; c < features.size(); ++c)
    std::ranges::copy(table.numeric(features[c]).numbers, out.values.column(c).begin());
}

/// The text table with these columns' cells replaced; a cell that is not a number stays as it is written.
TextTable with_values(const TextTable& text, const learn::CombatTable& in, const stats::Matrix& values) {
  TextTable out = text;
  for (std::size_t c = 0; c < in.features.size(); ++c) {
    const auto at = text.find_column(in.features[c]);
    for (std::size_t r = 0; r < out.rows.size(); ++r)
      if (std::isfinite(in.values(r, c))) out.rows[r][*at] = shortest(values(r, c));
  }
  return out;
}

/// Whether a name is of what is known of a patient beside the images, or of what became of one.
bool is_clinical_name(const std::string& name) {
  return sounds_like_outcome(name) || findings::field_of_column(name).has_value();
}

/// Columns of measurements; ids, numbers of rows, clinical facts and outcomes stay as they are, which is told.
std::vector<std::string> feature_columns(const stats::DataFrame& table, const HarmoniseOptions& o,
                                         std::vector<std::string>& notes) {
  std::set<std::string> taken{o.batch};
  for (const auto& list : {o.keep, o.drop})
    for (const auto& name : list) taken.insert(table.at(name).name);
  const NumberColumns sorted = number_columns(table, taken, true);
  std::vector<std::string> features, clinical;
  for (const auto* column : sorted.numbers)
    (is_clinical_name(column->name) ? clinical : features).push_back(column->name);
  if (features.empty()) throw unusable_input("the table has no column of numbers to harmonise", table.origin());
  sorted.tell_left_out(notes);
  if (!clinical.empty())
    notes.push_back("left as they are, since they are called as clinical facts or outcomes: " + listed(clinical, 5));
  return features;
}

}  // namespace

Harmonised harmonise(const TextTable& text, const stats::DataFrame& table, const HarmoniseOptions& o) {
  learn::CombatTable in;
  in.batch = batches_of(table, o.batch);
  add_covariates(table, o.keep, in);
  Harmonised out;
  std::vector<std::string> left_out;
  add_features(table, feature_columns(table, o, left_out), in);
  out.harmonisation = {learn::fit_combat(in, o.combat), o.batch, in.features, o.keep};
  out.table = with_values(text, in, learn::apply_combat(out.harmonisation.model, in));
  out.notes = out.harmonisation.model.notes;
  out.notes.insert(out.notes.begin(), std::to_string(in.features.size()) + " features of " +
                                          std::to_string(table.rows()) + " rows, " +
                                          std::to_string(out.harmonisation.model.batches.size()) + " batches (\"" +
                                          o.batch + "\"): " + listed(in.features, 5));
  out.notes.insert(out.notes.end(), left_out.begin(), left_out.end());
  return out;
}

Harmonised harmonise_by(const TextTable& text, const stats::DataFrame& table, const Harmonisation& h) {
  std::vector<std::string> missing;
  for (const auto& name : h.features)
    if (!table.find(name)) missing.push_back(name);
  if (!missing.empty())
    throw unusable_input("the table lacks columns that the model harmonises: " + listed(missing, 5));
  learn::CombatTable in;
  in.batch = batches_of(table, h.batch);
  Harmonised out;
  const bool kept = std::ranges::any_of(h.keep, [&](const auto& name) { return table.find(name) != nullptr; });
  if (kept) add_covariates(table, h.keep, in);
  if (!h.keep.empty() && !kept)
    out.notes.emplace_back("none of the columns to keep is there: the means of the training table stand in");
  if (kept && in.covariate_names != h.model.covariate_names)
    throw unusable_input("the columns to keep have other levels than the model's", table.origin());
  add_features(table, h.features, in);
  out.harmonisation = h;
  out.harmonisation.model = learn::extend_combat(h.model, in);
  out.table = with_values(text, in, learn::apply_combat(out.harmonisation.model, in));
  return out;
}

void write_harmonisation(const std::filesystem::path& folder, const Harmonisation& h) {
  models::Bundle bundle;
  bundle.kind = models::Kind::Harmonisation;
  bundle.name = folder.filename().string();
  bundle.card = {{"what", "ComBat: takes out of features what scanners and centres put in"}};
  bundle.payload = {{"batch", h.batch}, {"features", h.features}, {"keep", h.keep}, {"model", learn::to_json(h.model)}};
  std::filesystem::create_directories(folder);
  models::write_bundle(folder, std::move(bundle));
}

Harmonisation read_harmonisation(const std::filesystem::path& folder) {
  const auto bundle = models::read_bundle(folder, models::Kind::Harmonisation);
  try {
    const Json& p = bundle.payload;
    Harmonisation h{learn::read_combat(p.at("model")), p.at("batch").get<std::string>(),
                    p.at("features").get<std::vector<std::string>>(), p.at("keep").get<std::vector<std::string>>()};
    if (h.features.size() != h.model.scale.size()) throw unusable_input("another number of features");
    return h;
  } catch (const std::exception&) {
    throw Error(ExitCode::MissingModel, "the model of ComBat is damaged", bundle.name, "fit it anew");
  }
}

}  // namespace gliocast::analysis
