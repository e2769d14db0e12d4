#include "outline.hpp"

#include "outputs.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/image/components.hpp>
#include <gliocast/image/resample.hpp>
#include <gliocast/pipeline/training_cases.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::pipeline {
namespace {

constexpr double kWholeCoverage = 0.97;  ///< of the brain; a sequence that shows less is not whole
constexpr double kToldShare = 0.01;      ///< of an outline: less lies outside by rounding of grids

void tell_outline_beyond(PatientWork& w, Sequence s) {
  const Mask& imaged = w.prepared.parts.at(s).imaged;
  std::size_t beyond = 0;
  for (std::size_t i = 0; i < w.tumour.voxels.size(); ++i) beyond += w.tumour.voxels[i] && !imaged.voxels[i];
  const double share = static_cast<double>(beyond) / std::max(1.0, static_cast<double>(count(w.tumour)));
  if (share > kToldShare)
    w.found.preparation.warnings.push_back(
        {.kind = findings::Remark::Kind::OutlineBeyond, .sequence = s, .share = share});
}

}  // namespace

Outliner::Outliner(NetworkBundle networks, nn::Device device) : bundle_(std::move(networks)) {
  try {
    const auto options = nn::UnetOptions::from_json(bundle_.bundle.payload.at("network"));
    for (const auto& weights : bundle_.weights) members_.emplace_back(options, weights, device);
  } catch (const Json::exception& e) {
    throw Error(ExitCode::MissingModel, std::string("model.json is damaged: ") + e.what(), bundle_.bundle.name);
  }
}

std::size_t Outliner::factor() const { return static_cast<std::size_t>(std::lround(bundle_.spacing_mm)); }

void Outliner::outline(PatientWork& w, const cohort::PatientFiles& patient) const {
  w.network_input = to_training_case(w.prepared, bundle_.channels, factor()).input;
  w.coarse = image::coarser(w.prepared.brain.geometry, factor());
  if (w.given.tumour)
    take_given_tumour(w, patient);
  else
    segment(w);
  const LabelVolume labels(w.tumour.geometry,
                           std::vector<std::uint32_t>(w.tumour.voxels.begin(), w.tumour.voxels.end()));
  w.tumour_coarse = any_label(image::downsample_labels(labels, factor()));
}

void Outliner::take_given_tumour(PatientWork& w, const cohort::PatientFiles& patient) const {
  const auto& given = *w.given.tumour;
  const Sequence carrier = preprocess::carrier_of(given, w.prepared);
  w.tumour = preprocess::mask_on(given, w.prepared, w.prepared.brain.geometry);
  const std::size_t drawn = count(w.tumour);
  keep_common(w.tumour, w.prepared.brain);
  const std::size_t kept = count(w.tumour);
  if (kept == 0)
    throw unusable_input("the tumour mask lies outside the brain", patient.tumour_mask->file.string(),
                         "was it drawn on another image? A brain mask of your own can be given with --brain-mask");
  w.tumour_native = preprocess::mask_on(given, w.prepared, w.prepared.brain_native.geometry);
  keep_common(w.tumour_native, w.prepared.brain_native);
  w.found.outlined_by_user = true;
  w.found.tumour_mask = describe_mask(*patient.tumour_mask, carrier);
  w.found.preparation.steps.push_back("The tumour's outline was given, on the grid of " +
                                      std::string(display_name(carrier)) + " (" +
                                      patient.tumour_mask->describe_labels() + "); the outlining network was not run.");
  const double outside = 1 - static_cast<double>(kept) / static_cast<double>(drawn);
  if (outside > kToldShare)
    w.found.preparation.warnings.push_back({.kind = findings::Remark::Kind::GivenMaskOutside, .share = outside});
}

void Outliner::segment(PatientWork& w) const {
  auto p = tumour_probability(w.network_input);
  const auto partial = partly_imaged(w.prepared);
  if (!partial.empty()) replace_where_not_imaged(w, partial, p);
  const auto fine =
      image::resample(Volume<float>(w.coarse, std::move(p)), w.prepared.brain.geometry, image::Interpolation::Linear);
  Mask mask(fine.geometry);
  for (std::size_t i = 0; i < mask.voxels.size(); ++i)
    mask.voxels[i] = w.prepared.brain.voxels[i] && fine.voxels[i] > 0.5F;
  w.tumour = image::keep_largest_components(mask);
  w.tumour_native = tumour_within(w.tumour, w.prepared.brain_native, {});
  for (const Sequence s : partial) tell_outline_beyond(w, s);
}

/// Mean of the networks.
std::vector<float> Outliner::tumour_probability(const nn::NetworkInput& input) const {
  std::vector<float> p;
  for (const auto& network : members_) {
    const auto one = network.predict(input, {});
    p.resize(one.size());
    for (std::size_t i = 0; i < p.size(); ++i) p[i] += one[i] / static_cast<float>(members_.size());
  }
  return p;
}

/// The networks' sequences that show a part of the brain only.
std::vector<Sequence> Outliner::partly_imaged(const preprocess::PreparedExam& prepared) const {
  std::vector<Sequence> out;
  const auto all = static_cast<double>(count(prepared.brain));
  for (const Sequence s : bundle_.channels)
    if (const auto part = prepared.parts.find(s); part != prepared.parts.end())
      if (static_cast<double>(count(part->second.imaged)) < kWholeCoverage * all) out.push_back(s);
  return out;
}

/// The networks know a sequence that is missing, not one that ends within the brain: beyond its end they are asked as
/// if it were missing. Where fewer than two sequences are left nothing is outlined.
void Outliner::replace_where_not_imaged(const PatientWork& w, const std::vector<Sequence>& partial,
                                        std::vector<float>& p) const {
  auto input = w.network_input;
  const auto n = static_cast<std::size_t>(input.voxels());
  std::size_t left = 0;
  Volume<float> seen(w.prepared.brain.geometry, std::vector<float>(w.prepared.brain.voxels.size(), 1.0F));
  for (std::size_t c = 0; c < bundle_.channels.size(); ++c) {
    const Sequence s = bundle_.channels[c];
    if (std::ranges::find(partial, s) == partial.end()) {
      left += w.prepared.parts.contains(s);
      continue;
    }
    std::fill_n(input.values.begin() + static_cast<std::ptrdiff_t>(c * n), n, 0.0F);
    const Mask& imaged = w.prepared.parts.at(s).imaged;
    for (std::size_t i = 0; i < seen.voxels.size(); ++i)
      if (w.prepared.brain.voxels[i] && !imaged.voxels[i]) seen.voxels[i] = 0;
  }
  const auto without = left < 2 ? std::vector<float>(p.size(), 0.0F) : tumour_probability(input);
  const auto share = image::downsample_mean(seen, factor());
  for (std::size_t i = 0; i < p.size(); ++i) p[i] = share.voxels[i] * p[i] + (1 - share.voxels[i]) * without[i];
}

}  // namespace gliocast::pipeline
