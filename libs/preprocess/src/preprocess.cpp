#include <gliocast/preprocess/preprocess.hpp>

#include "coverage.hpp"
#include "plan.hpp"
#include "plausible.hpp"
#include "suspicions.hpp"
#include "useless.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/interrupt.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/image/components.hpp>
#include <gliocast/image/reorient.hpp>
#include <gliocast/image/resample.hpp>
#include <gliocast/image/working_grid.hpp>
#include <gliocast/preprocess/bias_field.hpp>
#include <gliocast/preprocess/given_mask.hpp>
#include <gliocast/preprocess/zscore.hpp>

#include <chrono>
#include <cmath>
#include <limits>

namespace gliocast::preprocess {
namespace {

/// Where any sequence of a stripped exam has signal, on the reference's grid.
Mask signal_of_stripped(const image::Exam& exam, const PreparedExam& prepared) {
  const Geometry& grid = exam.sequences.at(prepared.reference).geometry;
  Mask mask(grid);
  for (const auto& [sequence, volume] : exam.sequences) {
    const auto on_grid =
        image::resample(volume, grid, image::Interpolation::Nearest, 0, prepared.parts.at(sequence).from_reference);
    for (std::size_t i = 0; i < mask.voxels.size(); ++i) mask.voxels[i] = mask.voxels[i] || on_grid.voxels[i] != 0;
  }
  return mask;
}

/// The extraction's probability is 0.49 and 0.51 beside an outline that morphology moved: halfway between voxels that
/// is 0.5 up to rounding, which must not decide.
Mask above_half(const Volume<float>& probability) {
  constexpr float kHalf = 0.4993F;
  Mask mask(probability.geometry);
  for (std::size_t i = 0; i < mask.voxels.size(); ++i) mask.voxels[i] = probability.voxels[i] > kHalf;
  return mask;
}

constexpr double kLeastCoverage = 0.05;  ///< of the brain; a sequence that shows less is left out

/// Work of one patient, stage by stage.
class Preparation {
 public:
  /// `brain`: the user's; `no_stripped_brain`: see plan_steps.
  Preparation(const image::Exam& exam, const PreprocessOptions& options, const GivenMask* brain,
              std::string no_stripped_brain = {})
      : exam_(exam), o_(options), given_(brain), no_stripped_brain_(std::move(no_stripped_brain)) {}

  PreparedExam run() {
    for (const auto& [s, volume] : exam_.sequences) require_structure(s, volume);
    out_.reference = exam_.reference();
    out_.recognition = recognise(exam_);
    plan_ = plan_steps(out_.recognition, o_, no_stripped_brain_, out_.steps);
    for (const auto& [s, volume] : exam_.sequences) out_.parts[s], order_.push_back(s);
    if (given_ != nullptr) (void)carrier_of(*given_, out_);  // told before the work starts
    if (plan_.strip && given_ == nullptr)
      extractor_ = atlas_brain_extractor(o_.atlas);  // a missing atlas is told before the work starts
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
        throw UselessSequence({order_[k]}, e);
      }
    });
    for (std::size_t k = 0; k < order_.size(); ++k) {
      prepared_[order_[k]] = std::move(fields[k].corrected);
      out_.parts[order_[k]].bias_range = fields[k].range;
      out_.parts[order_[k]].bias_field = std::move(fields[k].field);
    }
    out_.steps.push_back(
        "N4 bias field correction of every sequence within the head, estimated on voxels of about 4 mm and applied at "
        "full resolution.");
  }

  void align() {
    std::vector<std::optional<Registration>> found(order_.size());
    const auto& fixed = image(out_.reference);
    const Mask fixed_head = head_mask(fixed);
    parallel_for(order_.size(), o_.threads, [&](std::size_t k) {
      if (order_[k] != out_.reference) found[k] = register_images(fixed, fixed_head, image(order_[k]));
    });
    require_common_information(order_, found, out_.reference);
    for (std::size_t k = 0; k < order_.size(); ++k) {
      if (!found[k]) continue;
      SequencePreparation& part = out_.parts[order_[k]];
      part.registration = std::move(found[k]);
      part.from_reference = part.registration->map;
      const std::string name(display_name(order_[k]));
      out_.steps.push_back(name + " was aligned to " + std::string(display_name(out_.reference)) +
                           " (rigid, mutual information " + decimal(part.registration->metric_before, 3) + " → " +
                           decimal(part.registration->metric_after, 3) + ", turned by " +
                           decimal(image::rotation_degrees(part.from_reference)) + "°).");
      for (const auto& w : part.registration->warnings) out_.warnings.push_back(name + ": " + w);
    }
  }

  void find_brain() {
    if (given_ != nullptr)
      take_given_brain();
    else if (plan_.strip)
      extract_brain();
    else
      take_stripped_brain();
    for (auto& [s, part] : out_.parts) {
      part.imaged = imaged(own(s), blank_[s], grid_, part.from_reference);
      keep_common(part.imaged, out_.brain);
    }
  }

  /// The user's mask, but for what the reference does not show.
  void take_given_brain() {
    const Sequence carrier = carrier_of(*given_, out_);
    const auto& to_carrier = out_.parts.at(carrier).from_reference;
    for (auto& [s, part] : out_.parts) {
      const auto map = image::compose(to_carrier, image::inverse(part.from_reference));
      const Mask& mask = mask_of(*given_, carrier);
      part.brain = s == carrier ? mask : image::resample_mask_linear(mask, own(s), map);
      part.brain.geometry = own(s);
      exclude_blank(s);
    }
    out_.brain_native = out_.parts.at(out_.reference).brain;
    grid_ = image::working_grid(out_.brain_native, {.spacing_mm = 1, .margin_mm = o_.margin_mm});
    out_.brain = mask_on(*given_, out_, grid_);
    keep_to_reference(out_.brain, {});
    out_.brain_given = carrier;
    out_.steps.push_back("The brain's outline was given, on the grid of " + std::string(display_name(carrier)) +
                         "; none was looked for.");
  }

  void take_stripped_brain() {
    const Mask signal = signal_of_stripped(exam_, out_);
    out_.brain_native =
        image::fill_holes(image::keep_largest_components(signal, {.keep = 1, .min_volume_mm3 = 0, .min_fraction = 0}));
    if (const std::string why = why_no_stripped_brain(signal, out_.brain_native); !why.empty()) {
      if (o_.preprocessed != Preprocessed::Yes) throw NoBrainInStripped(why);
      // Whoever says stripped is believed in all but this: three litres are a head.
      if (more_than_a_brain(out_.brain_native))
        throw unusable_input("the images were said to be stripped, but what is not 0 " + why, {},
                             "leave --preprocessed out, and the skull is taken off; or give your own --brain-mask");
      out_.warnings.push_back("what is not 0 " + why + "; it was taken as one, as was said");
    }
    for (auto& [s, part] : out_.parts) {
      part.brain = image::resample_mask(out_.brain_native, own(s), image::inverse(part.from_reference));
      exclude_blank(s);
    }
    grid_ = image::working_grid(out_.brain_native, {.spacing_mm = 1, .margin_mm = o_.margin_mm});
    out_.brain = image::resample_mask(out_.brain_native, grid_);
    keep_common(out_.brain, image::field_of_view(own(out_.reference), grid_));
  }

  void extract_brain() {
    std::map<Sequence, HeadImage> head;
    for (const Sequence s : order_) head[s] = {&image(s), out_.parts[s].from_reference};
    out_.extraction = extractor_->extract(head);
    const auto& p = out_.extraction->probability;
    for (auto& [s, part] : out_.parts) {
      part.brain = brain_on(own(s), image::inverse(part.from_reference));
      exclude_blank(s);
    }
    Mask known = above_half(p);
    keep_to_reference(known, {});
    grid_ = image::working_grid(known, {.spacing_mm = 1, .margin_mm = o_.margin_mm});
    out_.brain = brain_on(grid_, {});
    keep_to_reference(out_.brain, {});
    for (auto& [s, part] : out_.parts) keep_to_reference(part.brain, image::inverse(part.from_reference));
    out_.brain_native = out_.parts.at(out_.reference).brain;
    out_.steps.push_back(
        "Brain extraction: outline of the ch2 head (affine registration), refined at the brain's edge by " +
        std::to_string(order_.size()) + " sequences together; agreement with the atlas: Dice " +
        decimal(out_.extraction->agreement, 2) + ".");
    for (const auto& w : out_.extraction->warnings) out_.warnings.push_back(w);
  }

  [[nodiscard]] Mask brain_on(const Geometry& grid, const image::AffineMap& to_reference) const {
    return above_half(
        image::resample(out_.extraction->probability, grid, image::Interpolation::Linear, 0, to_reference));
  }

  /// What the reference does not show is not said to be brain.
  void keep_to_reference(Mask& mask, const image::AffineMap& to_reference) {
    keep_common(mask, imaged(own(out_.reference), blank_[out_.reference], mask.geometry, to_reference));
  }

  /// Finds the parts of a sequence that were filled up with zeros, and takes them from its mask.
  void exclude_blank(Sequence s) {
    Mask& brain = out_.parts.at(s).brain;
    blank_[s] = blank_pieces(exam_.sequences.at(s), brain);
    for (std::size_t i = 0; i < blank_[s].voxels.size(); ++i) brain.voxels[i] = brain.voxels[i] && !blank_[s].voxels[i];
  }

  void to_working_grid() {
    for (const Sequence s : order_) {
      const SequencePreparation& part = out_.parts.at(s);
      auto on_grid = image::resample(image(s), grid_, image::Interpolation::Linear, 0, part.from_reference);
      if (plan_.strip) out_.heads[s] = on_grid;
      for (std::size_t i = 0; i < on_grid.voxels.size(); ++i)
        if (!part.imaged.voxels[i]) on_grid.voxels[i] = 0;
      require_brain_in(s);
      try {
        out_.zscores[s] = zscore(on_grid, part.imaged);
      } catch (const Error& e) {
        throw UselessSequence({s}, e);
      }
      out_.intensities[s] = std::move(on_grid);
    }
    out_.steps.push_back("Working grid: " + describe(grid_) +
                         "; linear interpolation; z-score of each sequence over the brain.");
  }

  /// A sequence that shows next to nothing of the brain says nothing about it.
  void require_brain_in(Sequence s) const {
    const double all = static_cast<double>(count(out_.brain)),
                 seen = static_cast<double>(count(out_.parts.at(s).imaged));
    if (s == out_.reference || seen >= kLeastCoverage * all) return;
    throw UselessSequence({s},
                          unusable_input("it covers " + std::to_string(std::lround(100 * seen / std::max(all, 1.0))) +
                                         " % of the brain only"));
  }

  void judge() {
    Coverage coverage = measure_coverage(out_, exam_, blank_);
    if (!plan_.strip && cut_by_image(out_.brain_native)) coverage.brain = std::numeric_limits<double>::quiet_NaN();
    QualityInput input{
        .brains = {}, .coverage = coverage.parts, .brain_covered = coverage.brain, .with_air = plan_.strip};
    for (const auto& [s, part] : out_.parts) input.brains[s] = part.brain;
    out_.quality = measure_quality(exam_, out_.brain, input);
    add_suspicions(out_);
  }

  [[nodiscard]] const Geometry& own(Sequence s) const { return exam_.sequences.at(s).geometry; }

  const image::Exam& exam_;
  const PreprocessOptions& o_;
  const GivenMask* given_;  ///< the brain; nullptr: to be found
  std::string no_stripped_brain_;
  PreparedExam out_;
  Plan plan_;
  Geometry grid_;
  std::vector<Sequence> order_;
  std::map<Sequence, Volume<float>> prepared_;  ///< reoriented, then corrected; empty where nothing is to be done
  std::map<Sequence, Mask> blank_;              ///< see blank_pieces
  std::shared_ptr<const BrainExtractor> extractor_;
};

}  // namespace

Preprocessed parse_preprocessed(const std::string& text) {
  if (text == "auto") return Preprocessed::Auto;
  if (text == "yes") return Preprocessed::Yes;
  if (text == "no") return Preprocessed::No;
  throw Error(ExitCode::WrongUse, "'" + text + "' is not auto, yes or no", "--preprocessed");
}

namespace {

/// Images that look stripped and hold no brain are tried as raw ones.
PreparedExam prepare(const image::Exam& exam, const PreprocessOptions& options, const GivenMask* brain) {
  try {
    return Preparation(exam, options, brain).run();
  } catch (const NoBrainInStripped& stripped) {
    try {
      PreparedExam raw = Preparation(exam, options, brain, stripped.why()).run();
      if (has_head_about_it(raw)) return raw;
    } catch (const Error& raw) {
      if (raw.code() != ExitCode::UnusableInput && raw.code() != ExitCode::MissingModel) throw;
    }
    throw;
  }
}

}  // namespace

PreparedExam preprocess(const image::Exam& exam, const PreprocessOptions& options, const GivenMask* brain) {
  image::Exam steady = exam;
  for (auto& [s, volume] : steady.sequences) volume.geometry = image::without_last_digits(volume.geometry);
  PreparedExam out =
      without_useless(steady, [&](const image::Exam& usable) { return prepare(usable, options, brain); });
  // Masks on a sequence's own grid carry its header as it is.
  const auto own = [&](Sequence s) -> const Geometry& { return exam.sequences.at(s).geometry; };
  out.brain_native.geometry = own(out.reference);
  for (auto& [s, part] : out.parts) part.brain.geometry = own(s);
  return out;
}

}  // namespace gliocast::preprocess
