#pragma once
#include <gliocast/imageio/any_volume.hpp>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace gliocast::imageio {

/// Reads NIfTI-1 or -2, `.nii`, `.nii.gz` or a `.hdr`/`.img` pair, of any byte order and any real pixel type up to 64
/// bits. Three dimensions, or more where the others have one entry. Integers with a scale become float, as ITK does.
/// With `itk_values`, voxels that are NaN or infinite are read as 0, before any scale, with a warning: as ITK does.
/// The position follows ITK, to the last bit: the sform where it is the only form, its code is 1 (scanner) or it says
/// what the qform says, to 1e-4; else the qform, else the identity; spacing from pixdim, in mm.
/// (nibabel takes the sform whenever it has a code: the two agree wherever both forms do.)
/// Source: NIfTI-1.1 and NIfTI-2 headers, nifti.nimh.nih.gov. Throws Error{UnusableInput} naming the file.
[[nodiscard]] ImageFile read_nifti(const std::filesystem::path& path, const ReadOptions& options = {});

/// The same from memory: `bytes` is the whole file, compressed or not. For a pair, `pair_voxels` is the .img file's
/// content.
[[nodiscard]] ImageFile parse_nifti(std::span<const std::byte> bytes, const std::string& name,
                                    std::span<const std::byte> pair_voxels = {}, const ReadOptions& options = {});

/// The bytes of a NIfTI-1 file, with sform and qform set alike (code 1). The size must fit 16 bits along each axis.
[[nodiscard]] std::vector<std::byte> format_nifti(const AnyVolume& volume);

/// Writes `.nii` or `.nii.gz` by the ending, whole or not at all. Throws Error{CannotWrite}.
void write_nifti(const std::filesystem::path& path, const AnyVolume& volume);

}  // namespace gliocast::imageio
