#pragma once
#include <gliocast/image/exam.hpp>
#include <gliocast/preprocess/quality.hpp>
#include <gliocast/preprocess/recognise.hpp>

#include <map>
#include <string>
#include <vector>

namespace gliocast::preprocess {

enum class Preprocessed { Auto, Yes, No };
[[nodiscard]] Preprocessed parse_preprocessed(const std::string& text);

struct PreprocessOptions {
  Preprocessed preprocessed = Preprocessed::Auto;  ///< Yes: take the images as stripped and aligned, whatever they look like
  double margin_mm = 5;
};

/// An exam on the working grid, ready for networks and radiomics.
struct PreparedExam {
  Sequence reference = Sequence::T1Gd;
  Recognition recognition;
  std::vector<std::string> steps;                 ///< what was done and what was found done, one sentence each
  Mask brain_native;                              ///< on the reference's native grid
  Mask brain;                                     ///< on the working grid
  std::map<Sequence, Volume<float>> intensities;  ///< on the working grid, original units, 0 outside the brain
  std::map<Sequence, Volume<float>> zscores;      ///< on the working grid
  Quality quality;
};

/// Brings stripped, aligned images to the working grid (METHOD §2). Raw input is refused: skull stripping and registration are not there yet.
/// Throws Error{UnusableInput} with the evidence.
[[nodiscard]] PreparedExam preprocess(const image::Exam& exam, const PreprocessOptions& options = {});

}  // namespace gliocast::preprocess
