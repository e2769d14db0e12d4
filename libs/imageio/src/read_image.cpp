#include <gliocast/imageio/read_image.hpp>

#include "header_text.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/imageio/metaimage.hpp>
#include <gliocast/imageio/nifti.hpp>
#include <gliocast/imageio/nrrd.hpp>

#include <algorithm>
#include <cctype>
#include <fstream>

namespace gliocast::imageio {
namespace {

std::string lower_name(const std::filesystem::path& path) { return lower_case(path.filename().string()); }

bool ends_with_any(const std::string& name, std::initializer_list<const char*> endings) {
  return std::ranges::any_of(endings, [&](const char* e) { return name.ends_with(e); });
}

}  // namespace

bool has_known_ending(const std::filesystem::path& path) {
  return ends_with_any(lower_name(path),
                       {".nii", ".nii.gz", ".hdr", ".hdr.gz", ".img", ".img.gz", ".nrrd", ".nhdr", ".mha", ".mhd"});
}

ImageFile read_image(const std::filesystem::path& path, const ReadOptions& options) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error))
    throw unusable_input("is a folder, an image file is needed", path.string());
  std::string start(8, '\0');
  std::ifstream(path, std::ios::binary).read(start.data(), 8);
  if (start.starts_with("NRRD000")) return read_nrrd(path, options);
  const std::string name = lower_name(path);
  if (ends_with_any(name, {".nrrd", ".nhdr"})) return read_nrrd(path, options);
  if (ends_with_any(name, {".mha", ".mhd"})) return read_metaimage(path, options);
  if (has_known_ending(path)) return read_nifti(path, options);
  if (!std::filesystem::exists(path, error)) throw unusable_input("no such file", path.string());
  throw unusable_input("unknown image type", path.string(),
                       "NIfTI (.nii, .nii.gz), NRRD (.nrrd, .nhdr) and MetaImage (.mha, .mhd) can be read");
}

}  // namespace gliocast::imageio
