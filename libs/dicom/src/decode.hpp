#pragma once
// Decoding of one DICOM file by GDCM. Runs in the worker process alone: a damaged file may end the process.
#include "header.hpp"
#include "protocol.hpp"

#include <gliocast/core/volume.hpp>

#include <filesystem>
#include <optional>

namespace gliocast::dicom {

/// GDCM writes what it meets in headers to the terminal, identity included: not here.
void quiet_gdcm();

/// The header of a file; nothing where it is no DICOM.
[[nodiscard]] std::optional<Header> decode_header(const std::filesystem::path& path);

/// A slice or a multi-frame volume, rescale slope and intercept applied. `volume` is set where the outcome is Done.
[[nodiscard]] protocol::Outcome decode_volume(const std::filesystem::path& path, Volume<float>& volume);

}  // namespace gliocast::dicom
