#pragma once
#include <string>
#include <string_view>

namespace gliocast::dicom {

/// A header's text as UTF-8. `character_set`: SpecificCharacterSet with all its values, among them those with code
/// extensions (ISO 2022). Where it is absent, unknown or wrong for the bytes, they are read as UTF-8 if they can be,
/// else as Latin-1. Never throws.
[[nodiscard]] std::string to_utf8(std::string_view bytes, std::string_view character_set);

}  // namespace gliocast::dicom
