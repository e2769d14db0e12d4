#pragma once
#include <gliocast/imageio/any_volume.hpp>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace gliocast::imageio {

/// Reads NRRD 1–5 with attached or detached data, encodings raw, gzip and text, of any byte order and any scalar type.
/// Three dimensions, or four where one has a single entry. Spaces in RAS, LAS and LPS become LPS, as ITK does.
/// Without directions a negative spacing turns its axis round and "axis mins" give the origin; "byte skip" -1 means the
/// last bytes of the (unpacked) data.
/// Source: teem.sourceforge.net/nrrd/format.html. Throws Error{UnusableInput} naming the file.
[[nodiscard]] ImageFile read_nrrd(const std::filesystem::path& path, const ReadOptions& options = {});

/// The same from memory; a detached header gets its voxels from `detached`.
[[nodiscard]] ImageFile parse_nrrd(std::span<const std::byte> bytes, const std::string& name,
                                   std::span<const std::byte> detached = {}, const ReadOptions& options = {});

/// Writes an attached, gzip-encoded NRRD in LPS, whole or not at all. Throws Error{CannotWrite}.
void write_nrrd(const std::filesystem::path& path, const AnyVolume& volume);

}  // namespace gliocast::imageio
