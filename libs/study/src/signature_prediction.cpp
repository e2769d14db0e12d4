#include <gliocast/study/signature_prediction.hpp>

#include "cohort_tables.hpp"

#include <gliocast/core/files.hpp>
#include <gliocast/core/log.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/version.hpp>
#include <gliocast/learn/column_origins.hpp>
#include <gliocast/pipeline/fused_signature.hpp>
#include <gliocast/pipeline/prognosis_features.hpp>
#include <gliocast/report/table_file.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

namespace gliocast::study {
namespace {

/// The rows as each member reads them, with the features of its own network.
std::vector<learn::FeatureTable> tables_of(const pipeline::FusedSignature& fused, const learn::FeatureTable& radiomics,
                                           const std::vector<nn::TrainingCase>& slices, nn::Device device) {
  std::vector<learn::FeatureTable> tables;
  for (const auto& m : fused.members) {
    tables.push_back(m.network
                         ? radiomics.beside(deep_table(radiomics, pipeline::read_slices(*m.network, slices, device)))
                         : radiomics);
    learn::refuse_fitted(m.signature.origins, m.signature.model->needed_columns(), tables.back());
  }
  return tables;
}

/// Features unlike those of training are told with their patients.
void tell_doubts(const pipeline::FusedSignature& fused, const std::vector<learn::FeatureTable>& tables,
                 const std::vector<double>& times) {
  for (std::size_t m = 0; m < tables.size(); ++m) {
    const auto& model = *fused.members[m].signature.model;
    for (const auto& w : model.range_warnings(tables[m])) log_warning(w.sentence);
    if (!model.parts().survival) continue;
    for (const double t : times)
      if (t > model.parts().survival->last_follow_up())
        log_warning("survival at " + shortest(t) + " lies beyond the follow-up of the training: it is the last known");
  }
}

struct Rows {
  TextTable table;
  Json json = Json::array();
};

Rows rows_of(const learn::FeatureTable& radiomics, const pipeline::MeanSignature& said,
             const std::vector<double>& times, Sequence sequence) {
  Rows out;
  out.table.columns = {"id", "signature", "group"};
  for (const double t : times) out.table.columns.push_back("survival_" + shortest(t));
  for (std::size_t r = 0; r < radiomics.rows(); ++r) {
    bool measured = false;
    for (std::size_t c = 0; c < radiomics.features.size(); ++c)
      measured = measured || std::isfinite(radiomics.values(r, c));
    if (!measured) {
      log_warning(radiomics.ids[r] + " has no signature: " + std::string(display_name(sequence)) + " is missing");
      continue;
    }
    const std::string group = said.high_risk[r] != 0 ? "high risk" : "low risk";
    out.table.rows.push_back({radiomics.ids[r], shortest(said.signature[r]), group});
    Json survival = Json::array();
    for (const double s : said.survival[r]) {
      out.table.rows.back().push_back(std::isfinite(s) ? shortest(s) : "NA");
      survival.push_back(finite_or_null(s));
    }
    out.json.push_back({{"id", radiomics.ids[r]},
                        {"signature", said.signature[r]},
                        {"group", group},
                        {"survival", std::move(survival)}});
  }
  return out;
}

}  // namespace

std::vector<Failure> predict_signatures(const std::vector<cohort::PatientFiles>& patients,
                                        const SignaturePredictionOptions& o) {
  const auto fused = pipeline::read_fused_signature(o.model);
  auto examine = o.examine;
  examine.out = o.out / "patients";
  examine.sequences = {fused.sequence};
  examine.radiomics = fused.bundle.payload.at("radiomics").get<std::string>();
  if (fused.members.front().network)
    examine.slice_yx = pipeline::prognosis_reading(*fused.members.front().network).slice_yx;
  auto examined = pipeline::examine_cohort(patients, examine);
  write_failures(o.out / "failures.tsv", examined.failures);
  if (examined.patients.empty()) return std::move(examined.failures);
  const auto radiomics = sequence_tables(examined.patients, examined.features, examine.sequences).front().table;
  std::vector<nn::TrainingCase> slices;
  for (auto& p : examined.patients)
    if (p.slice) slices.push_back(std::move(*p.slice));
  const auto tables = tables_of(fused, radiomics, slices, examine.device);
  tell_doubts(fused, tables, o.times);
  std::vector<std::shared_ptr<const signature::SignatureModel>> models;
  for (const auto& m : fused.members) models.push_back(m.signature.model);
  auto rows = rows_of(radiomics, pipeline::mean_signature(models, tables, o.times), o.times, fused.sequence);
  if (fused.demonstration)
    log_warning("the model was fitted to simulated patients: its numbers say nothing of a real one");
  report::write_table_file(o.out / "signatures.tsv", rows.table);
  write_json(o.out / "signatures.json", {{"version", version()},
                                         {"model", fused.bundle.checksum},
                                         {"demonstration", fused.demonstration},
                                         {"times", o.times},
                                         {"patients", std::move(rows.json)}});
  return std::move(examined.failures);
}

}  // namespace gliocast::study
