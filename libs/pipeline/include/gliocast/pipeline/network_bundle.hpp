#pragma once
#include <gliocast/core/json.hpp>
#include <gliocast/core/sequence.hpp>
#include <gliocast/models/bundle.hpp>
#include <gliocast/nn/prognosis_training.hpp>
#include <gliocast/nn/safetensors.hpp>
#include <gliocast/nn/training.hpp>

#include <array>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace gliocast::pipeline {

/// A bundle of networks (kind segmentation, grading or prognosis): the payload holds network (its options), channels,
/// spacing_mm, training, validation; of grading also patch_zyx, patch_step, calibration; of prognosis slice_yx, loss,
/// start.
struct NetworkBundle {
  models::Bundle bundle;
  std::vector<nn::TensorFile> weights;  ///< one or more members (an ensemble is averaged)
  std::vector<Sequence> channels;
  double spacing_mm = 2;  ///< of the network's voxels
};

/// Reads a bundle with its weights. Throws Error{MissingModel} as models::read_bundle, and where channels or spacing
/// are none that this program has.
[[nodiscard]] NetworkBundle read_networks(const std::filesystem::path& folder, models::Kind kind);

/// Writes weights (half precision, one file a member) and the bundle. `bundle.files` is set here.
void write_networks(const std::filesystem::path& folder, models::Bundle bundle,
                    const std::vector<nn::TensorFile>& weights);

/// Whether a model was fitted to simulated patients (payload.demonstration): its numbers say nothing of a real one.
[[nodiscard]] bool is_demonstration(const models::Bundle& bundle);

/// What the payload of a grading network's bundle says of how it reads a patient.
[[nodiscard]] Json grading_payload(const nn::GradingTrainingOptions& training, const std::vector<Sequence>& channels,
                                   double spacing_mm);

/// How a grading network reads a patient, from its bundle's payload.
struct GradingReading {
  nn::ResnetOptions network;
  std::array<std::int64_t, 3> patch_zyx{};
  double step = 1;  ///< voxels of the case per sample
  nn::GradingInput input = nn::GradingInput::Patch;
};
/// Throws Error{MissingModel} where something is absent or out of range.
[[nodiscard]] GradingReading grading_reading(const NetworkBundle& networks);

/// The same of a prognosis network, which reads slices like this one.
[[nodiscard]] Json prognosis_payload(const nn::PrognosisTrainingOptions& training,
                                     const std::vector<Sequence>& channels, const nn::NetworkInput& slice);

/// How a prognosis network reads a patient, from its bundle's payload.
struct PrognosisReading {
  nn::Resnet2dOptions network;
  nn::PrognosisLoss loss = nn::PrognosisLoss::Cox;
  std::array<std::int64_t, 2> slice_yx{};
};
/// Throws Error{MissingModel} where something is absent or out of range, or the network has other channels.
[[nodiscard]] PrognosisReading prognosis_reading(const NetworkBundle& networks);

/// What a prognosis network's card says of its loss and of transfer learning.
void add_prognosis_card(Json& card, const nn::PrognosisTrainingOptions& training);

/// Channels as payloads hold them: the sequences' keys.
[[nodiscard]] Json channel_keys(const std::vector<Sequence>& channels);

}  // namespace gliocast::pipeline
