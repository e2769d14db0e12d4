#include <gliocast/preprocess/preprocess.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/image/components.hpp>
#include <gliocast/image/resample.hpp>
#include <gliocast/image/working_grid.hpp>
#include <gliocast/preprocess/zscore.hpp>

#include <limits>

namespace gliocast::preprocess {
namespace {

/// The brain of a stripped exam on the reference's grid: where any sequence has signal; its largest piece, holes filled.
Mask brain_of_stripped(const image::Exam& exam, Sequence reference) {
  const Geometry& grid = exam.sequences.at(reference).geometry;
  Mask mask(grid);
  for (const auto& [sequence, volume] : exam.sequences) {
    const auto on_grid = image::resample(volume, grid, image::Interpolation::Nearest);
    for (std::size_t i = 0; i < mask.voxels.size(); ++i) mask.voxels[i] = mask.voxels[i] || on_grid.voxels[i] != 0;
  }
  return image::fill_holes(image::keep_largest_components(mask, {.keep = 1, .min_volume_mm3 = 0, .min_fraction = 0}));
}

void check_is_processed(const Recognition& r) {
  if (r.stripped && r.aligned) return;
  const std::string evidence = r.stripped ? r.aligned_reason : r.stripped_reason;
  throw unusable_input("raw MRI cannot be used yet: skull stripping and registration are not part of this version. " + evidence, {},
                       "give skull-stripped sequences on one grid (BraTS form), or --preprocessed yes if they are");
}

}  // namespace

Preprocessed parse_preprocessed(const std::string& text) {
  if (text == "auto") return Preprocessed::Auto;
  if (text == "yes") return Preprocessed::Yes;
  if (text == "no") return Preprocessed::No;
  throw Error(ExitCode::WrongUse, "'" + text + "' is not auto, yes or no", "--preprocessed");
}

PreparedExam preprocess(const image::Exam& exam, const PreprocessOptions& options) {
  PreparedExam out;
  out.reference = exam.reference();
  out.recognition = recognise(exam);
  if (options.preprocessed == Preprocessed::No)
    throw unusable_input("raw MRI cannot be used yet: skull stripping and registration are not part of this version", {}, "leave out --preprocessed no if the images are stripped and aligned");
  if (options.preprocessed == Preprocessed::Auto) {
    check_is_processed(out.recognition);
    out.steps = {out.recognition.stripped_reason, out.recognition.aligned_reason};
  } else {
    out.steps.push_back("The images were said to be skull-stripped and aligned (--preprocessed yes).");
    if (!out.recognition.stripped) out.steps.push_back("Note: " + out.recognition.stripped_reason);
    if (!out.recognition.aligned) out.steps.push_back("Note: " + out.recognition.aligned_reason + " They were resampled by the positions in their headers.");
  }
  out.brain_native = brain_of_stripped(exam, out.reference);
  const Geometry grid = image::working_grid(out.brain_native, {.spacing_mm = 1, .margin_mm = options.margin_mm});
  out.brain = image::resample_mask(out.brain_native, grid);
  for (const auto& [sequence, volume] : exam.sequences) {
    auto on_grid = image::resample(volume, grid, image::Interpolation::Linear);
    for (std::size_t i = 0; i < on_grid.voxels.size(); ++i)
      if (!out.brain.voxels[i]) on_grid.voxels[i] = 0;
    try {
      out.zscores[sequence] = zscore(on_grid, out.brain);
    } catch (const Error& e) {
      throw e.within(std::string(display_name(sequence)));
    }
    out.intensities[sequence] = std::move(on_grid);
  }
  out.steps.push_back("Working grid: " + describe(grid) + "; linear interpolation; z-score of each sequence over the brain.");
  out.quality = measure_quality(exam, out.brain_native);
  return out;
}

}  // namespace gliocast::preprocess
