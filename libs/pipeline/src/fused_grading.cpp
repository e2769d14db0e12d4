#include <gliocast/pipeline/fused_grading.hpp>

#include "fused_bundle.hpp"

#include <gliocast/cohort/clinical.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/nn/network_options.hpp>
#include <gliocast/radiomics/feature.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>
#include <set>
#include <utility>

namespace gliocast::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDeep = "deep_";

std::string classifier_folder(std::size_t i) { return "classifier_" + std::to_string(i); }

/// A chain that knows which network made its columns must know this one.
void check_networks(const learn::ChainModel& chain, const std::string& network, const fs::path& folder) {
  for (const auto& origin : chain.parts().networks)
    if (!origin.empty() && origin != network)
      throw unfit_bundle("the classifier was fitted to features of another network", folder);
}

/// A patient has the deep features of the member's network, and no centre.
void check_columns(const FusedGrading::Member& m, const fs::path& folder) {
  const auto deep =
      static_cast<std::size_t>(nn::ResnetOptions::from_json(m.network.bundle.payload.at("network")).features());
  for (const auto& name : learn::needed_columns(m.classifier))
    if (const auto index = deep_index(name); index && *index >= deep)
      throw unfit_bundle("the classifier needs " + name + ", its network gives " + std::to_string(deep) + " features",
                         folder);
  for (const auto& step : m.classifier.model->parts().chain.steps)
    if (step.name == "combat")
      throw unfit_bundle("the classifier harmonises centres, a patient alone has none", folder);
  check_networks(*m.classifier.model, m.network.bundle.checksum, folder);
  for (const auto& refit : m.classifier.refits) check_networks(*refit, m.network.bundle.checksum, folder);
}

/// Whether a value of the class' column means high grade, as clinical tables say it.
bool means(const std::string& value, cohort::Grade grade) { return cohort::parse_grade(value) == grade; }

/// Members are averaged: of one patch, one question, and refit by refit.
void check_alike(const FusedGrading::Member& a, const FusedGrading::Member& b, const fs::path& folder) {
  const Json &pa = a.network.bundle.payload, &pb = b.network.bundle.payload;
  if (a.network.channels != b.network.channels || a.network.spacing_mm != b.network.spacing_mm ||
      pa.at("patch_zyx") != pb.at("patch_zyx") || pa.at("patch_step") != pb.at("patch_step"))
    throw unfit_bundle("the networks of the members expect different channels, spacings or patches", folder);
  if (!means(b.classifier.positive, cohort::Grade::High) || !means(b.classifier.negative, cohort::Grade::Low))
    throw unfit_bundle("a classifier tells " + b.classifier.positive + " from " + b.classifier.negative +
                           ", high grade from low is needed",
                       folder);
  if (a.classifier.refits.size() != b.classifier.refits.size())
    throw unfit_bundle("the members have different numbers of refits", folder);
}

radiomics::Parameters declared_radiomics(const models::Bundle& bundle) {
  const Json& declared = bundle.payload.at("radiomics");
  try {
    return declared.is_string() ? radiomics::preset(declared.get<std::string>())
                                : radiomics::parse_parameters(declared, "model.json");
  } catch (const Error& e) {
    throw unfit_bundle("the model's radiomics cannot be computed: " + e.problem(), bundle.folder);
  }
}

/// The letters that an image type's name and its columns begin with: "wavelet" of Wavelet and of wavelet-LLH.
std::string family_of(std::string_view name) {
  std::string letters;
  for (const char c : name) {
    if (!std::isalpha(static_cast<unsigned char>(c))) break;
    letters += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return letters;
}

/// The features of a class that parameters ask for.
const std::vector<std::string>& names_of(const std::pair<std::string, std::vector<std::string>>& entry) {
  return entry.second.empty() ? radiomics::feature_names(entry.first) : entry.second;
}

/// A column in its parts: family of the image type, class, feature.
struct ColumnParts {
  std::string family, feature_class, feature;
};

ColumnParts parts_of(const std::string& column) {
  const auto first = column.find('_'), second = column.find('_', first + 1);
  if (first == std::string::npos || second == std::string::npos) return {};
  return {family_of(column), column.substr(first + 1, second - first - 1), column.substr(second + 1)};
}

FusedGrading::Member read_member(const fs::path& folder, std::size_t i, const Json& entry) {
  FusedGrading::Member m;
  m.network = read_networks(folder / network_folder(i), models::Kind::Grading);
  m.classifier = learn::read_classifier_bundle(folder / classifier_folder(i));
  if (m.network.bundle.checksum != entry.at("network_sha256").get<std::string>())
    throw unfit_bundle("the network is not the one whose features the classifier was fitted to (checksum)",
                       folder / network_folder(i));
  if (m.classifier.checksum != entry.at("classifier_sha256").get<std::string>())
    throw unfit_bundle("the classifier is not the one the model was made with (checksum)",
                       folder / classifier_folder(i));
  check_columns(m, folder / classifier_folder(i));
  return m;
}

}  // namespace

FusedGrading read_fused_grading(const fs::path& folder) {
  FusedGrading out;
  out.bundle = models::read_bundle(folder, models::Kind::FusedGrading);
  try {
    const Json& p = out.bundle.payload;
    const auto header = read_fused_header(out.bundle);
    out.sequence = header.sequence;
    out.demonstration = header.demonstration;
    out.input = p.at("input").get<std::string>();
    if (out.input != "patch" && out.input != "brain")
      throw unfit_bundle("the networks' input is not known here", folder);
    const Json& members = p.at("members");
    for (std::size_t i = 0; i < members.size(); ++i) {
      out.members.push_back(read_member(folder, i, members[i]));
      check_alike(out.members.front(), out.members.back(), folder);
    }
    (void)fused_radiomics(out);  // says which column is none
  } catch (const Json::exception& e) {
    throw unfit_bundle(std::string("the model is damaged: ") + e.what(), folder);
  }
  return out;
}

void write_fused_grading(const fs::path& folder, const FusedGrading& fused) {
  if (fused.members.empty()) throw Error(ExitCode::WrongUse, "a model without a member", folder.string());
  models::Bundle bundle = fused.bundle;
  Json members = Json::array();
  for (std::size_t i = 0; i < fused.members.size(); ++i) {
    const auto& [network, classifier] = fused.members[i];
    fs::create_directories(folder / network_folder(i));
    write_networks(folder / network_folder(i), network.bundle, network.weights);
    learn::write_classifier(folder / classifier_folder(i), classifier);
    members.push_back({{"network_sha256", member_checksum(folder, network_folder(i))},
                       {"classifier_sha256", member_checksum(folder, classifier_folder(i))}});
  }
  bundle.payload["input"] = fused.input;
  if (!bundle.payload.contains("radiomics")) bundle.payload["radiomics"] = "paper788";
  write_fused_bundle(folder, std::move(bundle), models::Kind::FusedGrading, {fused.sequence, fused.demonstration},
                     std::move(members));
}

radiomics::Parameters fused_radiomics(const FusedGrading& fused) {
  std::vector<std::string> columns;
  for (const auto& member : fused.members) {
    const auto& needed = learn::needed_columns(member.classifier);
    columns.insert(columns.end(), needed.begin(), needed.end());
  }
  return needed_radiomics(fused.bundle, columns);
}

radiomics::Parameters needed_radiomics(const models::Bundle& bundle, const std::vector<std::string>& columns) {
  const auto declared = declared_radiomics(bundle);
  std::set<std::string> families;
  std::map<std::string, std::set<std::string>> features;
  for (const auto& column : columns) {
    if (deep_index(column)) continue;
    const auto [family, feature_class, feature] = parts_of(column);
    const auto type = std::ranges::find(declared.image_types, family, [](const auto& t) { return family_of(t.first); });
    const auto declared_class =
        std::ranges::find(declared.feature_classes, feature_class, [](const auto& entry) { return entry.first; });
    if (type == declared.image_types.end() || declared_class == declared.feature_classes.end() ||
        std::ranges::find(names_of(*declared_class), feature) == names_of(*declared_class).end())
      throw unfit_bundle("the model needs the column " + column + ", which is not among the model's features",
                         bundle.folder);
    families.insert(family);
    features[feature_class].insert(feature);
  }
  auto narrowed = declared;
  std::erase_if(narrowed.image_types, [&](const auto& t) { return !families.contains(family_of(t.first)); });
  std::erase_if(narrowed.feature_classes, [&](const auto& entry) { return !features.contains(entry.first); });
  for (auto& [feature_class, names] : narrowed.feature_classes)
    names.assign(features[feature_class].begin(), features[feature_class].end());
  return narrowed;
}

std::string deep_column(std::size_t index) {
  const auto number = std::to_string(index + 1);
  return std::string(kDeep) + std::string(number.size() < 3 ? 3 - number.size() : 0, '0') + number;
}

std::optional<std::size_t> deep_index(std::string_view column) {
  if (!column.starts_with(kDeep)) return std::nullopt;
  std::size_t number = 0;
  const auto digits = column.substr(kDeep.size());
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size() || number == 0 || deep_column(number - 1) != column)
    return std::nullopt;
  return number - 1;
}

}  // namespace gliocast::pipeline
