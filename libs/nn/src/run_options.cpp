#include "run_options.hpp"

#include <gliocast/core/random.hpp>

#include <array>
#include <cstdio>
#include <set>

namespace gliocast::nn {
namespace {

Json to_json(const AugmentationOptions& o) {
  if (!o.enabled) return {{"enabled", false}};
  Json out{{"enabled", true},
           {"flip", o.flip},
           {"rotation_probability", o.rotation_probability},
           {"rotation_degrees", o.rotation_degrees},
           {"scale_probability", o.scale_probability},
           {"scale_low", o.scale_low},
           {"scale_high", o.scale_high},
           {"anisotropy", o.anisotropy},
           {"gain_probability", o.gain_probability},
           {"gain", o.gain},
           {"shift", o.shift},
           {"gamma_probability", o.gamma_probability},
           {"noise_probability", o.noise_probability},
           {"noise_sd", o.noise_sd},
           {"blur_probability", o.blur_probability},
           {"bias_probability", o.bias_probability},
           {"bias", o.bias},
           {"elastic_probability", o.elastic_probability},
           {"elastic_voxels", o.elastic_voxels},
           {"inversion_probability", o.inversion_probability},
           {"low_resolution_probability", o.low_resolution_probability},
           {"lesion_probability", o.lesion_probability},
           {"flair_dropout_probability", o.flair_dropout_probability},
           {"most_dropped", o.most_dropped},
           {"dropout_probability", o.dropout_probability}};
  if (o.in_plane) out["in_plane"] = true;
  return out;
}

Json to_json(const TrainingOptions& o) {
  Json out{{"steps_per_epoch", o.steps_per_epoch},
           {"batch", o.batch},
           {"learning_rate", o.learning_rate},
           {"weight_decay", o.weight_decay},
           {"patience", o.patience},
           {"cosine_floor", o.cosine_floor},
           {"ema", o.ema},
           {"keep_last", o.keep_last},
           {"seed", o.seed},
           {"augmentation", to_json(o.augmentation)}};
  if (o.cosine_floor > 0) out["epochs"] = o.epochs;
  return out;
}

const std::string& id_of(const TrainingCase& c) { return c.id; }
const std::string& id_of(const PrognosisCase& c) { return c.slice.id; }

/// "28 (3f2a…)": how many, and a mark that changes with their names, in order.
template <typename Case>
std::string patients_mark(const std::vector<Case>& cases) {
  std::uint64_t mark = 0;
  for (const auto& c : cases) mark = mix64(mark ^ Random(1, id_of(c))());
  std::array<char, 20> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(mark));
  return std::to_string(cases.size()) + " (" + text.data() + ")";
}

template <typename Case>
Json with_patients(Json options, const std::vector<Case>& training, const std::vector<Case>& validation) {
  options["training patients"] = patients_mark(training);
  options["validation patients"] = patients_mark(validation);
  return options;
}

void compare(const std::string& name, const Json& then, const Json& now, std::string& out) {
  if (then == now) return;
  if (!then.is_object() || !now.is_object()) {
    const auto text = [](const Json& j) { return j.is_null() ? std::string("not set") : j.dump(); };
    out += (out.empty() ? "" : "; ") + name + " " + text(then) + ", now " + text(now);
    return;
  }
  std::set<std::string> keys;
  for (const Json* side : {&then, &now})
    for (const auto& [key, value] : side->items()) keys.insert(key);
  for (const auto& key : keys)
    compare(name.empty() ? key : name + "." + key, then.value(key, Json()), now.value(key, Json()), out);
}

}  // namespace

Json run_options(const SegmentationTrainingOptions& o, const std::vector<TrainingCase>& training,
                 const std::vector<TrainingCase>& validation) {
  Json out = to_json(o.common);
  out.update({{"kind", "segmentation"},
              {"network", o.network.to_json()},
              {"target", o.target == TumourTarget::Whole ? "whole" : "core"},
              {"patch_zyx", o.patch_zyx},
              {"tumour_centred", o.tumour_centred},
              {"tumour_free", o.tumour_free},
              {"synthetic", o.synthetic},
              {"auxiliary_levels", o.auxiliary_levels},
              {"hard_cases", o.hard_cases}});
  return with_patients(std::move(out), training, validation);
}

Json run_options(const GradingTrainingOptions& o, const std::vector<TrainingCase>& training,
                 const std::vector<TrainingCase>& validation) {
  Json out = to_json(o.common);
  out.update({{"kind", "grading"},
              {"network", o.network.to_json()},
              {"patch_zyx", o.patch_zyx},
              {"step", o.step},
              {"centre_jitter", o.centre_jitter}});
  if (o.input == GradingInput::Brain) out["input"] = "brain";
  return with_patients(std::move(out), training, validation);
}

Json run_options(const PrognosisTrainingOptions& o, const std::vector<PrognosisCase>& training,
                 const std::vector<PrognosisCase>& validation) {
  Json out = to_json(o.common);
  out.update({{"kind", "prognosis"},
              {"network", o.network.to_json()},
              {"loss", loss_name(o.loss)},
              {"shift", o.shift},
              {"start", o.start}});
  return with_patients(std::move(out), training, validation);
}

std::string differing_options(const Json& then, const Json& now) {
  std::string out;
  compare("", then, now, out);
  return out;
}

}  // namespace gliocast::nn
