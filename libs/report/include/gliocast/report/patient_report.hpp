#pragma once
#include <gliocast/core/sequence.hpp>
#include <gliocast/core/volume.hpp>
#include <gliocast/findings/prediction.hpp>

#include <map>
#include <string>
#include <vector>

namespace gliocast::report {

/// Figures of one survival estimate as SVG text; empty where they could not be drawn.
struct SurvivalPictures {
  std::string curves, nomogram;
};

/// What the report shows beside the findings: pictures on the working grid.
struct PatientPictures {
  std::map<Sequence, Volume<float>> sequences;  ///< intensities, 0 outside the brain
  Mask brain, tumour;
  Sequence reference = Sequence::T1Gd;              ///< what the activation map is laid over
  Volume<float> activation;                         ///< 0 … 1; no voxels: none
  std::map<Sequence, Volume<float>> heads;          ///< raw input: with the skull
  std::map<Sequence, Volume<float>> checkerboards;  ///< reference and sequence in turn, 0 … 1
  std::map<Sequence, Volume<float>> bias_fields;    ///< factor, about 1
  std::vector<SurvivalPictures> survival;           ///< one an entry of the prediction's survival
  std::string signature{};                          ///< the curve by the signature as SVG text; may be empty
};

/// One self-contained HTML page: summary, sequences in three planes with the outline, quality, numbers with units,
/// models and their limits, what could not be computed and why, provenance. No script, nothing fetched; the one
/// other file it names is the interactive nomogram beside it. It prints on A4. The page's form lies in
/// templates/patient_report.html.
[[nodiscard]] std::string patient_report_html(const findings::Prediction& prediction, const PatientPictures& pictures);

/// The same page for a patient who was preprocessed only.
[[nodiscard]] std::string preprocessing_report_html(const findings::Preparation& preparation,
                                                    const PatientPictures& pictures);

}  // namespace gliocast::report
