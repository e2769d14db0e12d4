#include <gliocast/pipeline/fused_signature.hpp>

#include "fused_bundle.hpp"

#include <gliocast/core/checksum.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/pipeline/fused_grading.hpp>
#include <gliocast/survival/cox_model_file.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>

namespace gliocast::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNomograms = "nomograms";  // of the payload: their checksums by name

/// A nomogram of a bundle: its name there, and its place.
struct NomogramField {
  const char* name;
  std::optional<models::Bundle> FusedSignature::* field;

  [[nodiscard]] std::string file() const { return std::string("nomogram_") + name + ".json"; }
};
constexpr std::array<NomogramField, 2> kNomogramFields{
    {{"clinical", &FusedSignature::clinical_nomogram}, {"integrated", &FusedSignature::integrated_nomogram}}};

std::string signature_folder(std::size_t i) { return "signature_" + std::to_string(i); }

/// A patient has the deep features of the member's own network.
void check_columns(const FusedSignature::Member& m, const fs::path& folder) {
  const auto deep =
      m.network ? static_cast<std::size_t>(prognosis_reading(*m.network).network.features()) : std::size_t{0};
  for (const auto& name : m.signature.model->needed_columns())
    if (const auto index = deep_index(name); index && *index >= deep)
      throw unfit_bundle("the signature needs " + name + ", its network gives " + std::to_string(deep) + " features",
                         folder);
  for (const auto& network : m.signature.model->parts().networks)
    if (!network.empty() && (!m.network || network != m.network->bundle.checksum))
      throw unfit_bundle("the signature was fitted to features of another network", folder);
}

FusedSignature::Member read_member(const fs::path& folder, std::size_t i, const Json& entry) {
  FusedSignature::Member m;
  const Json& network = entry.at("network_sha256");
  if (!network.is_null()) m.network = read_networks(folder / network_folder(i), models::Kind::Prognosis);
  m.signature = signature::read_signature(folder / signature_folder(i));
  if (m.network && m.network->bundle.checksum != network.get<std::string>())
    throw unfit_bundle("the network is not the one whose features the signature was fitted to (checksum)",
                       folder / network_folder(i));
  if (m.signature.checksum != entry.at("signature_sha256").get<std::string>())
    throw unfit_bundle("the signature is not the one the model was made with (checksum)", folder / signature_folder(i));
  check_columns(m, folder / signature_folder(i));
  return m;
}

/// Members are averaged: of one slice, one question.
void check_alike(const FusedSignature::Member& a, const FusedSignature::Member& b, const fs::path& folder) {
  if (a.network.has_value() != b.network.has_value())
    throw unfit_bundle("some of the members have networks, others have none", folder);
  if (a.network && (a.network->channels != b.network->channels || a.network->spacing_mm != b.network->spacing_mm ||
                    prognosis_reading(*a.network).slice_yx != prognosis_reading(*b.network).slice_yx))
    throw unfit_bundle("the networks of the members expect different channels, spacings or slices", folder);
  const auto target = [](const auto& m) { return m.signature.model->parts().specification.target; };
  if (target(a) != target(b)) throw unfit_bundle("the members' signatures have different targets", folder);
}

void read_nomograms(const fs::path& folder, FusedSignature& fused) {
  if (!fused.bundle.payload.contains(kNomograms)) return;
  for (const auto& [name, checksum] : fused.bundle.payload.at(kNomograms).items()) {
    const auto known = std::ranges::find_if(kNomogramFields, [&](const NomogramField& f) { return f.name == name; });
    if (known == kNomogramFields.end()) throw unfit_bundle("the model's nomogram is not known here", folder);
    const fs::path file = folder / known->file();
    auto nomogram = models::read_bundle(file, models::Kind::Cox);
    if (nomogram.checksum != checksum.get<std::string>())
      throw unfit_bundle("the nomogram is not the one the model was made with (checksum)", file);
    (void)survival::cox_model_from_json(nomogram.payload, file.string());
    fused.*(known->field) = std::move(nomogram);
  }
}

/// Members of an earlier model in the same place that this one has not.
void remove_further_members(const fs::path& folder, std::size_t members) {
  const auto removed = [&](const std::string& name) { return fs::remove_all(folder / name) > 0; };
  for (std::size_t i = members; removed(signature_folder(i)); ++i) removed(network_folder(i));
}

/// Checksums by name. What an earlier model had and this one lacks goes.
Json write_nomograms(const fs::path& folder, const FusedSignature& fused) {
  Json checksums = Json::object();
  for (const auto& f : kNomogramFields) {
    const auto& nomogram = fused.*(f.field);
    const fs::path file = folder / f.file();
    fs::remove(file);
    if (!nomogram) continue;
    write_json(file, models::bundle_json(*nomogram));
    checksums[f.name] = sha256_file(file);
  }
  return checksums;
}

}  // namespace

FusedSignature read_fused_signature(const fs::path& folder) {
  FusedSignature out;
  out.bundle = models::read_bundle(folder, models::Kind::FusedSignature);
  try {
    const auto header = read_fused_header(out.bundle);
    out.sequence = header.sequence;
    out.demonstration = header.demonstration;
    const Json& members = out.bundle.payload.at("members");
    for (std::size_t i = 0; i < members.size(); ++i) {
      out.members.push_back(read_member(folder, i, members[i]));
      check_alike(out.members.front(), out.members.back(), folder);
    }
    read_nomograms(folder, out);
  } catch (const Json::exception& e) {
    throw unfit_bundle(std::string("the model is damaged: ") + e.what(), folder);
  }
  return out;
}

void write_fused_signature(const fs::path& folder, const FusedSignature& fused) {
  if (fused.members.empty()) throw Error(ExitCode::WrongUse, "a model without a member", folder.string());
  Json members = Json::array();
  for (std::size_t i = 0; i < fused.members.size(); ++i) {
    const auto& [network, signature] = fused.members[i];
    fs::remove_all(folder / network_folder(i));
    if (network) {
      fs::create_directories(folder / network_folder(i));
      write_networks(folder / network_folder(i), network->bundle, network->weights);
    }
    signature::write_signature(folder / signature_folder(i), signature);
    members.push_back({{"network_sha256", network ? Json(member_checksum(folder, network_folder(i))) : Json()},
                       {"signature_sha256", member_checksum(folder, signature_folder(i))}});
  }
  remove_further_members(folder, fused.members.size());
  models::Bundle bundle = fused.bundle;
  bundle.payload[kNomograms] = write_nomograms(folder, fused);
  write_fused_bundle(folder, std::move(bundle), models::Kind::FusedSignature, {fused.sequence, fused.demonstration},
                     std::move(members));
}

MeanSignature mean_signature(const std::vector<std::shared_ptr<const signature::SignatureModel>>& models,
                             const std::vector<learn::FeatureTable>& tables, const std::vector<double>& times,
                             double level) {
  const std::size_t rows = tables.at(0).rows();
  const auto n = static_cast<double>(models.size());
  MeanSignature out;
  out.signature.assign(rows, 0);
  out.survival.assign(rows, std::vector<double>(times.size(), 0));
  out.survival_low = out.survival_high = out.survival;
  for (std::size_t m = 0; m < models.size(); ++m) {
    const auto signature = models[m]->signature(tables.at(m));
    const auto survival = models[m]->survival(signature, times, level);
    for (std::size_t r = 0; r < rows; ++r) {
      out.signature[r] += signature[r] / n;
      for (std::size_t t = 0; t < times.size(); ++t) {
        out.survival[r][t] += survival[r].survival[t] / n;
        out.survival_low[r][t] += survival[r].low[t] / n;
        out.survival_high[r][t] += survival[r].high[t] / n;
      }
    }
    out.cut += models[m]->parts().cut / n;
  }
  for (const double s : out.signature) out.high_risk.push_back(s < out.cut ? 1 : 0);
  return out;
}

}  // namespace gliocast::pipeline
