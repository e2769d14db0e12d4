#pragma once
// Text of NRRD and MetaImage headers.
#include <string>

namespace gliocast::imageio {

/// ASCII letters in lower case.
[[nodiscard]] std::string lower_case(std::string text);
/// A place for errors that shows what a file says: such text may name the patient, and stays out of the message.
[[nodiscard]] std::string quoting(const std::string& name, const std::string& text);

}  // namespace gliocast::imageio
