#include <gliocast/preprocess/preprocess.hpp>

#include "suspicions.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/interrupt.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/image/components.hpp>
#include <gliocast/image/reorient.hpp>
#include <gliocast/image/resample.hpp>
#include <gliocast/image/working_grid.hpp>
#include <gliocast/preprocess/bias_field.hpp>
#include <gliocast/preprocess/zscore.hpp>

#include <chrono>
#include <cmath>
#include <limits>

namespace gliocast::preprocess {
namespace {

/// Which steps an exam needs.
struct Plan {
  bool correct_bias = false, align = false, strip = false;
};

/// Some sequences with the skull and some without fit neither way of working.
void refuse_mixed(const Recognition& r) {
  std::string with, without;
  for (const auto& [s, state] : r.sequences) {
    std::string& list = state.stripped ? without : with;
    list += (list.empty() ? "" : "; ") + std::string(display_name(s)) + " " + state.reason;
  }
  if (!with.empty() && !without.empty())
    throw unusable_input("some sequences seem to have the skull (" + with + ") and some to be stripped (" + without + ")",
                         {},
                         "give all of them raw or all of them stripped; or say --preprocessed yes or no");
}

Plan plan_steps(const Recognition& r, const PreprocessOptions& o, std::vector<std::string>& steps) {
  if (o.preprocessed == Preprocessed::Yes) {
    steps.push_back("The images were said to be skull-stripped and aligned (--preprocessed yes).");
    if (!r.stripped) steps.push_back("Note: " + r.stripped_reason);
    if (!r.aligned) steps.push_back("Note: " + r.aligned_reason + " They were resampled by the positions in their headers.");
    return {};
  }
  if (o.preprocessed == Preprocessed::No) {
    steps.push_back("The images were said to be raw (--preprocessed no).");
    if (r.stripped) steps.push_back("Note: " + r.stripped_reason);
    return {true, true, true};
  }
  refuse_mixed(r);
  steps = {r.stripped_reason, r.aligned_reason};
  if (!r.stripped) return {true, true, true};  // one grid does not mean aligned where the head has moved between sequences
  return {false, !r.aligned, false};
}

/// The brain of a stripped exam on the reference's grid: where any sequence has signal; its largest piece, holes filled.
Mask brain_of_stripped(const image::Exam& exam, const PreparedExam& prepared) {
  const Geometry& grid = exam.sequences.at(prepared.reference).geometry;
  Mask mask(grid);
  for (const auto& [sequence, volume] : exam.sequences) {
    const auto on_grid = image::resample(volume, grid, image::Interpolation::Nearest, 0, prepared.parts.at(sequence).from_reference);
    for (std::size_t i = 0; i < mask.voxels.size(); ++i) mask.voxels[i] = mask.voxels[i] || on_grid.voxels[i] != 0;
  }
  return image::fill_holes(image::keep_largest_components(mask, {.keep = 1, .min_volume_mm3 = 0, .min_fraction = 0}));
}

Mask above_half(const Volume<float>& probability) {
  Mask mask(probability.geometry);
  for (std::size_t i = 0; i < mask.voxels.size(); ++i) mask.voxels[i] = probability.voxels[i] > 0.5F;
  return mask;
}

/// Work of one patient, stage by stage.
class Preparation {
 public:
  Preparation(const image::Exam& exam, const PreprocessOptions& options) : exam_(exam), o_(options) {}

  PreparedExam run() {
    out_.reference = exam_.reference();
    out_.recognition = recognise(exam_);
    plan_ = plan_steps(out_.recognition, o_, out_.steps);
    for (const auto& [s, volume] : exam_.sequences) out_.parts[s], order_.push_back(s);
    if (plan_.strip) extractor_ = atlas_brain_extractor(o_.atlas);  // a missing atlas is told before the work starts
    // Axes along LPS, so that nothing depends on the order in which a file stores its slices.
    if (plan_.correct_bias || plan_.align)
      for (const Sequence s : order_) prepared_[s] = image::reorient(exam_.sequences.at(s), "LPS");
    if (plan_.correct_bias) timed("bias field", [&] { correct_bias(); });
    if (plan_.align) timed("registration", [&] { align(); });
    timed("brain", [&] { find_brain(); });
    timed("working grid", [&] { to_working_grid(); });
    judge();
    return std::move(out_);
  }

 private:
  template <typename Body>
  void timed(const char* name, Body body) {
    throw_if_interrupted();
    const auto start = std::chrono::steady_clock::now();
    body();
    out_.timings_s.emplace_back(name, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }

  [[nodiscard]] const Volume<float>& image(Sequence s) const {
    const auto found = prepared_.find(s);
    return found != prepared_.end() ? found->second : exam_.sequences.at(s);
  }

  void correct_bias() {
    std::vector<BiasField> fields(order_.size());
    parallel_for(order_.size(), o_.threads, [&](std::size_t k) {
      const auto& volume = image(order_[k]);
      try {
        fields[k] = correct_bias_field(volume, head_mask(volume));
      } catch (const Error& e) {
        throw e.within(std::string(display_name(order_[k])));
      }
    });
    for (std::size_t k = 0; k < order_.size(); ++k) {
      prepared_[order_[k]] = std::move(fields[k].corrected);
      out_.parts[order_[k]].bias_range = fields[k].range;
      out_.parts[order_[k]].bias_field = std::move(fields[k].field);
    }
    out_.steps.push_back("N4 bias field correction of every sequence within the head, estimated on voxels of about 4 mm and applied at full resolution.");
  }

  void align() {
    std::vector<std::optional<Registration>> found(order_.size());
    const auto& fixed = image(out_.reference);
    const Mask fixed_head = head_mask(fixed);
    parallel_for(order_.size(), o_.threads, [&](std::size_t k) {
      if (order_[k] != out_.reference) found[k] = register_images(fixed, fixed_head, image(order_[k]));
    });
    for (std::size_t k = 0; k < order_.size(); ++k) {
      if (!found[k]) continue;
      SequencePreparation& part = out_.parts[order_[k]];
      part.registration = std::move(found[k]);
      part.from_reference = part.registration->map;
      const std::string name(display_name(order_[k]));
      out_.steps.push_back(name + " was aligned to " + std::string(display_name(out_.reference)) + " (rigid, mutual information " + decimal(part.registration->metric_before, 3) + " → " +
                           decimal(part.registration->metric_after, 3) + ", turned by " + decimal(image::rotation_degrees(part.from_reference)) + "°).");
      for (const auto& w : part.registration->warnings) out_.warnings.push_back(name + ": " + w);
    }
  }

  void find_brain() {
    const Geometry& native = exam_.sequences.at(out_.reference).geometry;
    if (!plan_.strip) {
      out_.brain_native = brain_of_stripped(exam_, out_);
      for (auto& [s, part] : out_.parts) part.brain = image::resample_mask(out_.brain_native, exam_.sequences.at(s).geometry, image::inverse(part.from_reference));
      grid_ = image::working_grid(out_.brain_native, {.spacing_mm = 1, .margin_mm = o_.margin_mm});
      out_.brain = image::resample_mask(out_.brain_native, grid_);
      return;
    }
    std::map<Sequence, HeadImage> head;
    for (const Sequence s : order_) head[s] = {&image(s), out_.parts[s].from_reference};
    out_.extraction = extractor_->extract(head);
    const auto& p = out_.extraction->probability;
    grid_ = image::working_grid(above_half(p), {.spacing_mm = 1, .margin_mm = o_.margin_mm});
    out_.brain = above_half(image::resample(p, grid_, image::Interpolation::Linear));
    out_.brain_native = above_half(image::resample(p, native, image::Interpolation::Linear));
    for (auto& [s, part] : out_.parts) part.brain = above_half(image::resample(p, exam_.sequences.at(s).geometry, image::Interpolation::Linear, 0, image::inverse(part.from_reference)));
    out_.steps.push_back("Brain extraction: outline of the ch2 head (affine registration), refined at the brain's edge by " + std::to_string(order_.size()) +
                         " sequences together; agreement with the atlas: Dice " + decimal(out_.extraction->agreement, 2) + ".");
    for (const auto& w : out_.extraction->warnings) out_.warnings.push_back(w);
  }

  void to_working_grid() {
    for (const Sequence s : order_) {
      auto on_grid = image::resample(image(s), grid_, image::Interpolation::Linear, 0, out_.parts.at(s).from_reference);
      if (plan_.strip) out_.heads[s] = on_grid;
      for (std::size_t i = 0; i < on_grid.voxels.size(); ++i)
        if (!out_.brain.voxels[i]) on_grid.voxels[i] = 0;
      try {
        out_.zscores[s] = zscore(on_grid, out_.brain);
      } catch (const Error& e) {
        throw e.within(std::string(display_name(s)));
      }
      out_.intensities[s] = std::move(on_grid);
    }
    out_.steps.push_back("Working grid: " + describe(grid_) + "; linear interpolation; z-score of each sequence over the brain.");
  }

  void judge() {
    std::map<Sequence, Mask> brains;
    for (const auto& [s, part] : out_.parts) brains[s] = part.brain;
    out_.quality = measure_quality(exam_, brains, out_.brain, plan_.strip);
    add_suspicions(out_);
  }

  const image::Exam& exam_;
  const PreprocessOptions& o_;
  PreparedExam out_;
  Plan plan_;
  Geometry grid_;
  std::vector<Sequence> order_;
  std::map<Sequence, Volume<float>> prepared_;  ///< reoriented, then corrected; empty where nothing is to be done
  std::shared_ptr<const BrainExtractor> extractor_;
};

}  // namespace

Preprocessed parse_preprocessed(const std::string& text) {
  if (text == "auto") return Preprocessed::Auto;
  if (text == "yes") return Preprocessed::Yes;
  if (text == "no") return Preprocessed::No;
  throw Error(ExitCode::WrongUse, "'" + text + "' is not auto, yes or no", "--preprocessed");
}

PreparedExam preprocess(const image::Exam& exam, const PreprocessOptions& options) { return Preparation(exam, options).run(); }

}  // namespace gliocast::preprocess
