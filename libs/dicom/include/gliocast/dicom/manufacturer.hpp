#pragma once
#include <string>

namespace gliocast::dicom {

/// The manufacturer of a fixed list that a header's text means; "other" for any other text, empty for none.
[[nodiscard]] std::string known_manufacturer(const std::string& text);

}  // namespace gliocast::dicom
