#pragma once
#include <gliocast/core/error.hpp>

#include <string>

namespace gliocast::pipeline {

/// A patient of a batch whose work could not be done.
struct Failure {
  std::string patient, reason;
  ExitCode code = ExitCode::UnusableInput;
};

}  // namespace gliocast::pipeline
