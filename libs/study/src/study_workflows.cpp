#include "study_workflows.hpp"

#include "study_notes.hpp"

#include <gliocast/core/text.hpp>
#include <gliocast/learn/chain_file.hpp>
#include <gliocast/nn/network_options.hpp>
#include <gliocast/signature/specification_file.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

namespace gliocast::study {
namespace {

using Box = analysis::Workflow::Box;
using Rows = std::vector<std::vector<Box>>;
using Sources = std::vector<std::size_t>;

std::string features_text(const Json& examined) {
  return examined.is_object() ? std::to_string(examined.at("features").get<std::size_t>()) + " features" : "features";
}

std::string sequences_text(const StudyContext& c) {
  std::vector<std::string> names;
  for (const Sequence s : c.sequences()) names.emplace_back(display_name(s));
  return listed(names);
}

/// Until there is an outline; of tables of features who measured them.
void add_images(const StudyContext& c, const Json& examined, const std::string& patients, Rows& rows) {
  if (c.measured) {
    rows.push_back({{"Tables of features", {patients, sequences_text(c) + ", measured elsewhere"}}});
    return;
  }
  rows.push_back({{"MRI", {patients, sequences_text(c)}}});
  const std::string& state = c.settings().outlines.preprocessed;
  const std::string raw = "bias field, brain, registration";
  std::vector<std::string> done;
  if (state == "no") done.push_back(raw);
  if (state == "auto") done.push_back(raw + " where they are not done");
  done.emplace_back("1 mm isotropic, z-scores over the brain");
  rows.push_back({{"Preparation", std::move(done)}});
  const auto by = examined.is_object() ? examined.at("outlined_by").get<std::string>() : std::string();
  rows.push_back({{"Outline of the tumour", by.empty() ? std::vector<std::string>{} : std::vector{"by " + by}}});
}

Box radiomics_box(const StudyContext& c, const Json& examined) {
  Box box{"Radiomics", {features_text(examined) + " of each sequence"}};
  if (c.sequences().size() > 1) box.lines.emplace_back("the sequence chosen among the training patients");
  return box;
}

Box network_box(const std::string& title, const std::string& input, const NetworkSettings& n) {
  return {title, {input, std::to_string(8 * n.base_width) + " deep features"}};
}

/// "standardise, screen, lasso, forest" of a chain.
std::string steps_text(const learn::ChainSpecification& chain) {
  std::vector<std::string> names;
  for (const auto& step : chain.steps) names.push_back(step.name);
  return names.empty() ? "none" : listed(names);
}

void add_judgement(const std::string& held_out, std::size_t external, Rows& rows) {
  std::vector<Box> judged{{"Judged on patients who were left out", {held_out}}};
  if (external > 0) judged.push_back({"Judged on the second cohort", {count_text(external, "patient")}});
  rows.push_back(std::move(judged));
}

std::string folds_text(std::size_t folds) { return std::to_string(folds) + " folds"; }

/// Half of a size, rounded up: what a stride of 2 leaves.
std::array<std::int64_t, 3> halved(std::array<std::int64_t, 3> size) {
  for (auto& s : size) s = (s + 1) / 2;
  return size;
}

struct FeatureClass {
  std::set<std::string> images;
  std::vector<std::string> names;  // in the order in which they came
  std::size_t all = 0;
};

}  // namespace

analysis::Workflow grading_workflow(const StudyContext& c, const Json& examined) {
  const auto& g = c.settings().grading;
  analysis::Workflow out{"From images to a grade", {}};
  add_images(c, examined, count_text(c.graded.size(), "patient"), out.rows);
  out.rows.push_back({radiomics_box(c, examined)});
  if (g.deep) {
    out.rows.back().push_back(
        network_box("3-D ResNet18", size_text(g.patch_zyx) + " samples about the tumour", g.network));
    out.rows.push_back({{"Fusion", {"features of both, side by side"}}});
  }
  const auto chain = learn::named_chain(g.chain, g.inner);
  out.rows.push_back({{"Selection", {steps_text(chain)}}});
  out.rows.push_back({{"Classifier", {chain.classifier.name}}});
  out.rows.push_back({{"Probability of high grade (WHO IV)", {"threshold from the training patients"}}});
  add_judgement(g.design == "paper" ? "one split 6:2:2" : folds_text(g.outer), c.external.size(), out.rows);
  return out;
}

analysis::Workflow survival_workflow(const StudyContext& c, const Json& examined) {
  const auto& s = c.settings().signature;
  analysis::Workflow out{"From images to survival", {}};
  add_images(c, examined, count_text(c.survival.size(), "patient") + " with a lower-grade glioma and survival",
             out.rows);
  out.rows.push_back({radiomics_box(c, examined)});
  if (s.deep)
    out.rows.back().push_back(network_box("2-D ResNet18", "the slice with the largest tumour area", s.network));
  const auto way = signature::named_specification(s.way, s.inner);
  out.rows.push_back({{"Candidates", {"z-scores; a forest keeps " + std::to_string(way.candidates)}}});
  out.rows.push_back({{"Signature", {"weights by an elastic net"}}});
  out.rows.push_back({{"Risk group", {"cut at the training median"}},
                      {"Clinical factors", {"age, sex, grade, histology, location, side, enhancement"}, Sources{}}});
  out.rows.push_back({{"Integrated nomogram", {"Cox models; a factor stays by its test"}, Sources{0, 1}},
                      {"Clinical nomogram", {"the same without the risk group"}, Sources{1}}});
  add_judgement(folds_text(s.outer), c.survival_external.size(), out.rows);
  return out;
}

analysis::Workflow network_figure(const StudyContext& c) {
  const auto& g = c.settings().grading;
  nn::ResnetOptions o = nn::ResnetOptions::preset(g.design == "paper" ? "paper" : "default");
  o.base_width = g.network.base_width;
  o.in_channels = static_cast<std::int64_t>(c.sequences().size());
  analysis::Workflow out{"The network that grades: 3-D ResNet18 with squeeze-and-excitation", {}};
  const auto add = [&](const std::string& title, std::int64_t channels, const std::array<std::int64_t, 3>& size) {
    out.rows.push_back({{title, {std::to_string(channels) + " channels of " + size_text(size)}}});
  };
  auto size = g.patch_zyx;
  add("Input (z, y, x): " + sequences_text(c), o.in_channels, size);
  size = halved(size);
  add("Convolution 7 × 7 × 7, stride 2; batch normalisation, ReLU", o.base_width, size);
  size = halved(size);
  add("Maximum of 3 × 3 × 3, stride 2", o.base_width, size);
  for (int stage = 0; stage < 4; ++stage) {
    if (stage > 0) size = halved(size);
    add("Stage " + std::to_string(stage + 1) + ": two residual blocks of two convolutions 3 × 3 × 3",
        o.base_width << stage, size);
  }
  out.rows.push_back({{"Squeeze-and-excitation", {"channels weighted by themselves; not in the baseline"}}});
  out.rows.push_back({{"Mean over space", {std::to_string(o.features()) + " deep features"}}});
  out.rows.push_back(
      {{"Two fully connected layers",
        {std::to_string(o.hidden) + " hidden units, " + std::to_string(o.classes) + " classes: low and high grade"}}});
  return out;
}

TextTable feature_classes(const std::vector<std::string>& features) {
  std::vector<std::string> order;
  std::map<std::string, FeatureClass> classes;
  for (const auto& name : features) {
    const auto first = name.find('_'), second = first == std::string::npos ? first : name.find('_', first + 1);
    const bool usual = second != std::string::npos && second + 1 < name.size();
    const std::string of = usual ? name.substr(first + 1, second - first - 1) : "other";
    if (!classes.contains(of)) order.push_back(of);
    auto& c = classes[of];
    if (usual) c.images.insert(name.substr(0, first));
    const std::string feature = usual ? name.substr(second + 1) : name;
    if (std::ranges::find(c.names, feature) == c.names.end()) c.names.push_back(feature);
    ++c.all;
  }
  TextTable out{{"Class", "Images", "Features of an image", "In all", "Names"}, {}};
  for (const auto& of : order) {
    const auto& c = classes.at(of);
    out.rows.push_back({of, listed({c.images.begin(), c.images.end()}), std::to_string(c.names.size()),
                        std::to_string(c.all), listed(c.names)});
  }
  return out;
}

}  // namespace gliocast::study
