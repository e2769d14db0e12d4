#include <gliocast/analysis/signature_table.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/learn/folds.hpp>
#include <gliocast/survival/concordance.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <utility>

namespace gliocast::analysis {
namespace {

constexpr std::size_t kMostNamed = 5;  // names in a sentence
/// Events below which a feature that ranks survival is no surprise.
constexpr std::size_t kFewEvents = 10;
/// One feature's concordance, either way, from which it is told as doubtful.
constexpr double kSuspiciousConcordance = 0.95;

/// Rows of a table that have survival, and where each of them stands in the table of survival.
struct Joined {
  stats::Rows rows, clinical_rows;
  survival::SurvivalSample sample;
  std::string coding;  ///< of the event
  std::string patient_column;
};

/// The column by which a clinical table names its patients.
std::string key_of_clinical(const stats::DataFrame& clinical, const SignatureColumns& c) {
  for (const auto& name : {c.features.patient, c.features.id})
    if (!name.empty() && clinical.find(name) != nullptr) return name;
  const std::string usual = id_column_of(clinical, {{}, {}, {}, {}, {c.outcome.time, c.outcome.event}, true});
  if (usual.empty())
    throw unusable_input("the clinical table has no column that names the patients", clinical.origin(),
                         "name it with --id or --patient");
  return usual;
}

std::string key_of_table(const stats::DataFrame& table, const SignatureColumns& c) {
  const std::string key = c.features.patient.empty() ? id_column_of(table, c.features) : c.features.patient;
  if (key.empty())
    throw unusable_input("the table has no column that names its rows, by which survival could be joined",
                         table.origin(), "name it with --id or --patient");
  return table.at(key).name;
}

/// Where each name stands in a column. Throws Error{UnusableInput} where one stands twice.
std::map<std::string, std::size_t> places_of(const stats::DataFrame& clinical, const std::string& key) {
  std::map<std::string, std::size_t> places;
  const auto& column = clinical.at(key);
  for (std::size_t r = 0; r < clinical.rows(); ++r)
    if (!column.missing(r) && !places.emplace(column.text(r), r).second)
      throw unusable_input("\"" + column.text(r) + "\" stands twice in column \"" + key + "\" of the clinical table",
                           clinical.origin(), "leave one of the rows out, or name another column: --id, --patient");
  return places;
}

void tell_unjoined(const std::vector<std::string>& lacking, std::size_t rows, std::vector<std::string>& notes) {
  if (!lacking.empty())
    notes.push_back(std::to_string(lacking.size()) + " of " + std::to_string(rows) +
                    " rows have no survival in the clinical table and are left out: " + listed(lacking, kMostNamed));
}

Joined join(const stats::DataFrame& table, const stats::DataFrame& clinical, const SignatureColumns& c,
            std::vector<std::string>& notes) {
  const std::string key = key_of_table(table, c), clinical_key = key_of_clinical(clinical, c);
  const auto places = places_of(clinical, clinical_key);
  const auto used = survival::make_survival_frame(clinical, c.outcome);
  notes.insert(notes.end(), used.notes.begin(), used.notes.end());
  std::map<std::size_t, std::size_t> used_at;  // row of the clinical table → of the sample
  for (std::size_t i = 0; i < used.rows.size(); ++i) used_at[used.rows[i]] = i;
  Joined joined;
  stats::Rows of_sample;
  std::vector<std::string> lacking;
  bool shared = false;
  for (std::size_t r = 0; r < table.rows(); ++r) {
    const std::string name = table.at(key).text(r);
    const auto at = places.find(name);
    shared = shared || at != places.end();
    if (at == places.end() || !used_at.contains(at->second)) {
      lacking.push_back(name);
      continue;
    }
    joined.rows.push_back(r);
    joined.clinical_rows.push_back(at->second);
    of_sample.push_back(used_at[at->second]);
  }
  if (!shared)
    throw unusable_input("no \"" + key + "\" of the table is among \"" + clinical_key + "\" of the clinical table: \"" +
                             table.at(key).text(0) + "\" and \"" + clinical.at(clinical_key).text(0) + "\"",
                         clinical.origin(), "name the columns of one kind of id: --id, --patient");
  if (joined.rows.empty())
    throw unusable_input("no row of the table has survival in the clinical table", clinical.origin());
  tell_unjoined(lacking, table.rows(), notes);
  joined.sample = survival::take(used.sample, of_sample);
  joined.coding = used.coding;
  joined.patient_column = clinical_key;
  const std::set<std::size_t> with_features(joined.clinical_rows.begin(), joined.clinical_rows.end());
  if (const std::size_t others = used.rows.size() - with_features.size(); others > 0)
    notes.push_back(std::to_string(others) + " of " + std::to_string(used.rows.size()) +
                    " clinical rows with survival have no features and are left out");
  return joined;
}

/// Puts the rows in the order of their ids; those of one id stay as they are.
void order_by_id(const stats::DataFrame& table, const std::string& id, Joined& joined) {
  if (id.empty()) return;
  const auto& column = table.at(id);
  stats::Rows order(joined.rows.size()), rows, clinical_rows;
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return column.text(joined.rows[i]); });
  for (const std::size_t i : order) {
    rows.push_back(joined.rows[i]);
    clinical_rows.push_back(joined.clinical_rows[i]);
  }
  joined.rows = std::move(rows);
  joined.clinical_rows = std::move(clinical_rows);
  joined.sample = survival::take(joined.sample, order);
}

/// Warns of clinical factors among the features, which a nomogram would then count twice.
void tell_clinical(const std::vector<std::string>& features, const SignatureColumns& c,
                   std::vector<std::string>& notes) {
  std::vector<std::string> clinical;
  for (const auto& name : features)
    if (sounds_clinical(name) && std::ranges::find(c.keep, name) == c.keep.end()) clinical.push_back(name);
  if (clinical.empty()) return;
  std::string names;
  for (const auto& name : clinical) names += (names.empty() ? "" : ",") + name;
  notes.push_back("warning: features of the signature that seem to be clinical factors: " + listed(clinical) +
                  "; leave them out with --drop " + names + ", or say that they are meant with --keep " + names);
}

/// The values of a feature that are there, with their survival.
struct Present {
  std::vector<double> values;
  survival::SurvivalSample sample;
};

Present present(const signature::SurvivalTable& t, std::size_t feature) {
  Present p;
  stats::Rows rows;
  const auto column = t.features.values.column(feature);
  for (std::size_t r = 0; r < column.size(); ++r)
    if (std::isfinite(column[r])) rows.push_back(r);
  for (const std::size_t r : rows) p.values.push_back(column[r]);
  p.sample = survival::take(t.outcome, rows);
  return p;
}

bool holds_event(const Present& p) {
  const auto all = [&](int flip) {
    for (std::size_t i = 0; i < p.values.size(); ++i)
      if (p.values[i] != ((p.sample.event[i] != 0) != (flip == 1) ? 1.0 : 0.0)) return false;
    return true;
  };
  return all(0) || all(1);
}

/// Refuses the outcome once more among the features, tells what ranks survival by itself.
void suspect_columns(const signature::SurvivalTable& t, const SignatureColumns& c, const std::string& origin,
                     std::vector<std::string>& notes) {
  for (std::size_t f = 0; f < t.features.features.size(); ++f) {
    const std::string& name = t.features.features[f];
    const std::string leave = "leave it out: --drop " + name;
    if (sounds_like_outcome(name))
      notes.push_back("warning: feature \"" + name + "\" sounds like an outcome: if it is known only afterwards, " +
                      leave);
    const Present p = present(t, f);
    const auto events = static_cast<std::size_t>(std::ranges::count_if(p.sample.event, [](char e) { return e != 0; }));
    if (events < kFewEvents) continue;
    if (events < p.sample.rows() && holds_event(p))
      throw unusable_input("column \"" + name + "\" among the features holds the event (\"" + c.outcome.event + "\")",
                           origin, leave);
    const double value = survival::concordance(p.sample, p.values).value, apart = std::max(value, 1 - value);
    if (apart == 1)
      throw unusable_input("column \"" + name + "\" among the features ranks survival without an error, as \"" +
                               c.outcome.time + "\" itself does",
                           origin, leave);
    if (apart >= kSuspiciousConcordance)
      notes.push_back("warning: feature \"" + name + "\" ranks survival by itself (C " + decimal(apart, 3) +
                      "): if it is an outcome or known only afterwards, " + leave);
  }
}

std::string summary(const SignatureTable& t) {
  const auto& f = t.table.features;
  const std::size_t patients = std::set<int>(f.patient.begin(), f.patient.end()).size();
  return std::to_string(f.rows()) + " rows" +
         (patients < f.rows() ? " of " + std::to_string(patients) + " patients" : "") + ", " +
         std::to_string(signature::patients_with_event(t.table, learn::all_rows(f))) + " patients with an event, " +
         std::to_string(f.features.size()) + " features";
}

}  // namespace

SignatureTable read_signature_table(const stats::DataFrame& table, const SignatureColumns& columns,
                                    const DataDictionary& dictionary, const stats::DataFrame* clinical) {
  SignatureTable out;
  out.columns = columns;
  Joined joined;
  FeatureColumns features = columns.features;
  features.outcome = {columns.outcome.time, columns.outcome.event};
  // Factors are named as the outcome is: columns that are no features, where they are there.
  features.outcome.insert(features.outcome.end(), columns.factors.begin(), columns.factors.end());
  features.without_ids = true;
  if (clinical != nullptr) {
    joined = join(table, *clinical, columns, out.notes);
  } else {
    auto used = survival::make_survival_frame(table, columns.outcome);
    out.notes = used.notes;
    joined = {used.rows, used.rows, std::move(used.sample), used.coding, columns.features.patient};
  }
  out.columns.outcome.coding = joined.coding;
  order_by_id(table, id_column_of(table, features), joined);
  out.clinical = (clinical != nullptr ? *clinical : table).subset(joined.clinical_rows);
  auto read = read_feature_rows(table, joined.rows, features, dictionary);
  out.table = {std::move(read.features), std::move(joined.sample)};
  out.id_column = std::move(read.id_column);
  if (!columns.features.patient.empty()) out.patient_column = joined.patient_column;
  out.notes.insert(out.notes.end(), read.notes.begin(), read.notes.end());
  out.notes.insert(out.notes.begin(), summary(out));
  if (std::vector<std::string> factors; !columns.factors.empty()) {
    for (const auto& name : columns.factors)
      if (table.find(name) != nullptr) factors.push_back(name);
    if (!factors.empty())
      out.notes.push_back("clinical factors of the nomograms are no features of the signature: " + listed(factors));
  }
  tell_clinical(out.table.features.features, columns, out.notes);
  suspect_columns(out.table, columns, table.origin(), out.notes);
  return out;
}

void add_clinical_columns(const stats::DataFrame& table, const stats::DataFrame& clinical,
                          const SignatureColumns& columns, TextTable& predictions, std::vector<std::string>& notes) {
  const std::string key = key_of_table(table, columns), clinical_key = key_of_clinical(clinical, columns);
  const auto places = places_of(clinical, clinical_key);
  std::vector<const stats::Column*> carried;
  for (const auto& c : clinical.columns()) {
    if (c.name == clinical_key) continue;
    if (std::ranges::find(predictions.columns, c.name) != predictions.columns.end())
      throw unusable_input("column \"" + c.name + "\" of the clinical table is a column of the predictions too",
                           clinical.origin(), "rename it there");
    carried.push_back(&c);
    predictions.columns.push_back(c.name);
  }
  std::vector<std::string> lacking;
  for (std::size_t r = 0; r < table.rows(); ++r) {
    const auto at = places.find(table.at(key).text(r));
    if (at == places.end()) lacking.push_back(table.at(key).text(r));
    for (const auto* c : carried) predictions.rows[r].push_back(at == places.end() ? "NA" : c->text(at->second));
  }
  if (lacking.size() == table.rows())
    throw unusable_input("no \"" + key + "\" of the table is among \"" + clinical_key + "\" of the clinical table",
                         clinical.origin(), "name the columns of one kind of id: --id, --patient");
  if (!lacking.empty())
    notes.push_back("warning: " + std::to_string(lacking.size()) + " of " + std::to_string(table.rows()) +
                    " rows have no clinical row: NA: " + listed(lacking, kMostNamed));
}

SignatureColumns columns_of_other(const stats::DataFrame& other, SignatureColumns columns) {
  std::erase_if(columns.features.drop, [&](const std::string& name) { return other.find(name) == nullptr; });
  return columns;
}

}  // namespace gliocast::analysis
