#pragma once
#include <gliocast/imageio/any_volume.hpp>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace gliocast::imageio {

/// Reads MetaImage, `.mha` or `.mhd` with voxel files: binary or text, of any byte order, zlib-compressed or not, in
/// one file, a LIST of files or a numbered pattern. Two or three dimensions, or more where the others have one entry.
/// Position, axes and spacing as ITK takes them: row i of TransformMatrix is axis i (LPS), Origin before Position
/// before Offset, ElementSpacing before ElementSize, a negative spacing turns its axis round; DistanceUnits,
/// CenterOfRotation and ElementToIntensityFunction have no effect there and here.
/// Source: MetaIO's documentation and its behaviour in SimpleITK 2.5. Throws Error{UnusableInput} naming the file.
[[nodiscard]] ImageFile read_metaimage(const std::filesystem::path& path, const ReadOptions& options = {});

/// The content of a file that the header names, relative to the header's folder.
using FileContent = std::function<std::vector<std::byte>(const std::string& relative_path)>;
/// The same from memory: `bytes` is the header, with the voxels behind it where they are LOCAL.
[[nodiscard]] ImageFile parse_metaimage(std::span<const std::byte> bytes, const std::string& name,
                                        const FileContent& content_of, const ReadOptions& options = {});

}  // namespace gliocast::imageio
