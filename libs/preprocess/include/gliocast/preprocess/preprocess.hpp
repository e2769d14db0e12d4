#pragma once
#include <gliocast/image/exam.hpp>
#include <gliocast/preprocess/brain_extraction.hpp>
#include <gliocast/preprocess/quality.hpp>
#include <gliocast/preprocess/recognise.hpp>
#include <gliocast/preprocess/registration.hpp>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gliocast::preprocess {

struct GivenMask;

enum class Preprocessed { Auto, Yes, No };
/// "auto", "yes" or "no"; Error{WrongUse} for other words.
[[nodiscard]] Preprocessed parse_preprocessed(const std::string& text);

struct PreprocessOptions {
  Preprocessed preprocessed = Preprocessed::Auto;  ///< Yes: take the images as stripped and aligned, whatever they look
                                                   ///< like; No: take them as raw
  double margin_mm = 5;
  std::filesystem::path atlas;  ///< folder of the head atlas, for raw images; empty: where find_atlas looks
  std::size_t threads = 1;      ///< sequences worked on at a time; results do not depend on it
};

/// What was done to one raw sequence.
struct SequencePreparation {
  image::AffineMap from_reference;           ///< takes a reference position to where it lies in this sequence
  std::optional<Registration> registration;  ///< absent for the reference and for aligned input
  double bias_range = 0;     ///< 99th over 1st percentile of the bias field in the head; 0: no correction was run
  Volume<float> bias_field;  ///< coarse, on the sequence's own axes; empty: none
  Mask brain;                ///< on the sequence's own grid, where it has data
  Mask imaged;               ///< on the working grid: the brain's voxels where it has data
};

/// An exam on the working grid, ready for networks and radiomics.
struct PreparedExam {
  Sequence reference = Sequence::T1Gd;
  Recognition recognition;
  std::vector<std::string> steps;            ///< what was done and what was found done, one sentence each
  std::vector<std::string> warnings;         ///< plain words
  std::map<Sequence, std::string> left_out;  ///< sequences that turned out to be of no use, and why; not in `parts`
  Mask brain_native;                         ///< on the reference's native grid
  Mask brain;                                ///< on the working grid, within the reference's field of view
  /// On the working grid, original units (bias field corrected for raw input), 0 outside the brain and where a sequence
  /// has no data.
  std::map<Sequence, Volume<float>> intensities;
  std::map<Sequence, Volume<float>>
      zscores;  ///< on the working grid, over what each sequence shows of the brain; 0 elsewhere
  std::map<Sequence, Volume<float>> heads;  ///< raw input only: intensities with the skull, on the working grid
  std::map<Sequence, SequencePreparation> parts;
  std::optional<BrainExtraction> extraction;  ///< raw input only
  std::optional<Sequence> brain_given;        ///< the brain is the user's, drawn on this sequence
  std::vector<std::pair<std::string, double>> timings_s;
  Quality quality;
};

/// Brings an exam to the working grid. Each step is left out where it is found done: skull stripping (more than half
/// exact zeros in every sequence), registration (stripped and on one grid). Raw images: N4 bias field correction, rigid
/// registration of every sequence to the reference, brain extraction by all sequences together, z-score over the brain.
/// The brain's mask ends where the reference's data end; another sequence may cover less of it. A sequence of no use
/// (no structure, nothing in common with the others, too little of the brain) is left out with a warning while another
/// remains.
/// `brain`: the user's outline, taken in place of ours (see given_mask.hpp).
/// Throws Error{UnusableInput} with the evidence, Error{MissingModel} where raw images need the atlas and it is absent.
[[nodiscard]] PreparedExam preprocess(const image::Exam& exam, const PreprocessOptions& options = {},
                                      const GivenMask* brain = nullptr);

}  // namespace gliocast::preprocess
