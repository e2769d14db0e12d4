#include "grading_model.hpp"

#include "fused_grader.hpp"
#include "grade.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/image/resample.hpp>
#include <gliocast/nn/cropping.hpp>
#include <gliocast/pipeline/training_cases.hpp>

#include <algorithm>
#include <cmath>
#include <ranges>

namespace gliocast::pipeline {
namespace {

constexpr double kMostMm = 30;  ///< no slice of a head: a header that says more is wrong

/// The grid of a patch's samples: patches of predictions lie along the axes of their volume.
Geometry grid_of(const nn::PatchPlan& plan, const Geometry& coarse) {
  Geometry g = coarse;
  for (std::size_t a = 0; a < 3; ++a) {
    g.size[a] = static_cast<std::size_t>(plan.size_zyx[2 - a]);
    g.spacing_mm[a] = coarse.spacing_mm[a] * plan.step_xyz[a];
  }
  g.origin_mm = coarse.index_to_lps_mm(plan.position(0, 0, 0));
  return g;
}

/// A patch's values on a grid along the same axes, 0 beyond the patch; only the part that it covers is sampled.
Volume<float> on_grid(const Volume<float>& patch, const Geometry& target) {
  const Size3& n = patch.geometry.size;
  const Vec3 last{static_cast<double>(n[0] - 1), static_cast<double>(n[1] - 1), static_cast<double>(n[2] - 1)};
  const Vec3 from = target.lps_mm_to_index(patch.geometry.index_to_lps_mm({-1, -1, -1})),
             to = target.lps_mm_to_index(patch.geometry.index_to_lps_mm({last[0] + 1, last[1] + 1, last[2] + 1}));
  Size3 low{};
  Geometry box = target;
  for (std::size_t a = 0; a < 3; ++a) {
    const auto most = static_cast<double>(target.size[a] - 1);
    low[a] = static_cast<std::size_t>(std::clamp(std::floor(from[a]), 0.0, most));
    box.size[a] = static_cast<std::size_t>(std::clamp(std::ceil(to[a]), 0.0, most)) - low[a] + 1;
  }
  box.origin_mm =
      target.index_to_lps_mm({static_cast<double>(low[0]), static_cast<double>(low[1]), static_cast<double>(low[2])});
  const auto sampled = image::resample(patch, box, image::Interpolation::Linear);
  Volume<float> out(target);
  for (std::size_t z = 0; z < box.size[2]; ++z)
    for (std::size_t y = 0; y < box.size[1]; ++y)
      for (std::size_t x = 0; x < box.size[0]; ++x) out.at(low[0] + x, low[1] + y, low[2] + z) = sampled.at(x, y, z);
  return out;
}

}  // namespace

std::unique_ptr<GradingModel> read_grading_model(const std::filesystem::path& folder, nn::Device device) {
  const auto kind = models::kind_of_bundle(folder);
  if (kind == models::Kind::FusedGrading) return std::make_unique<FusedGrader>(read_fused_grading(folder), device);
  if (kind != models::Kind::Grading)
    throw Error(
        ExitCode::MissingModel,
        "the model is for " + std::string(models::kind_name(kind)) + ", one for grading or fused-grading is needed",
        folder.string(), "train grading and study grading make such models");
  return std::make_unique<Grader>(read_networks(folder, models::Kind::Grading), device);
}

PatchNetworks::PatchNetworks(const NetworkBundle& bundle, nn::Device device)
    : reading_(grading_reading(bundle)), channels_(bundle.channels), spacing_mm_(bundle.spacing_mm) {
  for (const auto& weights : bundle.weights) members_.emplace_back(reading_.network, weights, device);
}

void PatchNetworks::cut(PatientWork& w, nn::GradingInput input, bool stored) const {
  const auto factor = static_cast<std::size_t>(std::lround(spacing_mm_));
  auto read = to_training_case(w.prepared, channels_, factor).input;  // outlining networks may read others
  if (stored) nn::round_as_stored(read);
  w.plan = nn::plan_patch(input == nn::GradingInput::Brain ? nn::brain_of(read) : w.tumour_coarse,
                          {reading_.patch_zyx, reading_.step});
  w.patch = nn::cut_patch(read, w.plan);
  w.found.patch = {.size_zyx = reading_.patch_zyx,
                   .spacing_mm = w.plan.step_xyz[0] * spacing_mm_,
                   .centre_lps_mm = w.coarse.index_to_lps_mm(w.plan.centre_xyz),
                   .shrunk_to_fit = w.plan.shrunk};
}

std::vector<nn::GradingOutput> PatchNetworks::read(const nn::NetworkInput& patch) const {
  std::vector<nn::GradingOutput> outputs;
  for (const auto& network : members_) outputs.push_back(network.predict(patch));
  return outputs;
}

std::vector<nn::ActivationMap> PatchNetworks::activations(const nn::NetworkInput& patch, bool high_grade) const {
  std::vector<nn::ActivationMap> maps;
  for (const auto& network : members_) maps.push_back(nn::grad_cam(network, patch, high_grade));
  return maps;
}

void map_activation(PatientWork& w, const GradingModel& model) {
  const auto* grade = std::get_if<findings::GradeEstimate>(&w.found.grade);
  if (!grade) return;
  const bool high = grade->probability >= 0.5;
  auto map = model.activation(w.patch, high);
  const Volume<float> on_patch(grid_of(w.plan, w.coarse), std::move(map.values));
  w.activation = on_grid(on_patch, w.prepared.brain.geometry);
  const auto longest = std::ranges::max(std::views::iota(std::size_t{0}, std::size_t{3}), {}, [&](std::size_t a) {
    return static_cast<double>(map.size_zyx[a]) / static_cast<double>(map.positions_zyx[a]);
  });
  w.found.activation = findings::ActivationFinding{.high_grade = high,
                                                   .positions_zyx = map.positions_zyx,
                                                   .resolution_mm = w.found.patch->spacing_mm *
                                                                    static_cast<double>(map.size_zyx[longest]) /
                                                                    static_cast<double>(map.positions_zyx[longest])};
}

double thickest_slice_mm(const image::Exam& exam, const std::map<Sequence, dicom::Acquisition>& acquisition) {
  double thickest = 0;
  for (const auto& [s, volume] : exam.sequences)
    thickest = std::max(thickest, std::ranges::max(volume.geometry.spacing_mm));
  for (const auto& [s, a] : acquisition)
    if (std::isfinite(a.slice_thickness_mm) && a.slice_thickness_mm <= kMostMm)
      thickest = std::max(thickest, a.slice_thickness_mm);
  return thickest;
}

}  // namespace gliocast::pipeline
