#pragma once
#include "given_masks.hpp"

#include <gliocast/core/stage_timer.hpp>
#include <gliocast/findings/prediction.hpp>
#include <gliocast/image/exam.hpp>
#include <gliocast/nn/cropping.hpp>
#include <gliocast/nn/network_input.hpp>
#include <gliocast/preprocess/preprocess.hpp>
#include <gliocast/report/patient_report.hpp>

#include <optional>
#include <vector>

namespace gliocast::pipeline {

/// Everything that is passed from stage to stage of one patient.
struct PatientWork {
  image::Exam exam;
  GivenMasks given;
  preprocess::PreparedExam prepared;
  nn::NetworkInput network_input;             ///< of the outlining networks, on their coarser grid
  Geometry coarse;                            ///< that grid
  Mask tumour, tumour_coarse, tumour_native;  ///< on the working grid, the networks', the reference's own
  nn::PatchPlan plan;                         ///< of the patch that grading networks read
  nn::NetworkInput patch;
  std::optional<Volume<float>> activation;                    ///< of a stated grade, on the working grid, 0 … 1
  std::vector<report::SurvivalPictures> survival_pictures{};  ///< one an entry of found.survival
  std::string signature_picture{};                            ///< the curve by the signature, as SVG text; may be empty
  findings::Prediction found;
};

/// Reads the user's masks and preprocesses the exam that was read. Sequences that turn out to be of no use are taken
/// from the exam; the reasons stay in its `left_out`. Throws as read_masks() and preprocess::preprocess() do.
void preprocess_patient(PatientWork& work, const cohort::PatientFiles& patient,
                        const preprocess::PreprocessOptions& options, StageTimer& timer);

}  // namespace gliocast::pipeline
