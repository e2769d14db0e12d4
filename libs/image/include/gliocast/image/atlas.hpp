#pragma once
#include <filesystem>

namespace gliocast::image {

/// Folder with ch2.nii.gz (a T1 head in MNI space), ch2bet.nii.gz (its brain) and aal.nii.gz (its regions), as Debian's
/// mricron-data has them: `wanted`, else $GLIOCAST_ATLAS, else where Debian puts them. Throws Error{MissingModel} that
/// names the package where a file is absent.
[[nodiscard]] std::filesystem::path find_atlas(const std::filesystem::path& wanted = {});

}  // namespace gliocast::image
