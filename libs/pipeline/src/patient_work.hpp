#pragma once
#include "given_masks.hpp"

#include <gliocast/findings/prediction.hpp>
#include <gliocast/image/exam.hpp>
#include <gliocast/nn/network_input.hpp>
#include <gliocast/preprocess/preprocess.hpp>

namespace gliocast::pipeline {

/// Everything that is passed from stage to stage of one patient.
struct PatientWork {
  image::Exam exam;
  GivenMasks given;
  preprocess::PreparedExam prepared;
  nn::NetworkInput network_input;             ///< on the networks' coarser grid
  Geometry coarse;                            ///< that grid
  Mask tumour, tumour_coarse, tumour_native;  ///< on the working grid, the networks', the reference's own
  findings::Prediction found;
};

}  // namespace gliocast::pipeline
