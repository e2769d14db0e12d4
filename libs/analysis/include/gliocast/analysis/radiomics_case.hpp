#pragma once
#include <gliocast/core/json.hpp>
#include <gliocast/imageio/any_volume.hpp>
#include <gliocast/radiomics/extractor.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace gliocast::analysis {

/// A feature by PyRadiomics' column name, with its unit.
struct CaseFeature {
  std::string name, unit;
  double value = 0;
};

/// One case of a feature table.
struct CaseRow {
  std::vector<std::pair<std::string, std::string>> inputs;  ///< column and cell: Image, Mask, ID …
  Json diagnostics = Json::object();                        ///< PyRadiomics' diagnostics_*, in its order
  std::vector<CaseFeature> features;
  std::vector<std::string> warnings;  ///< plain words, beginning with the file they are about
};

/// Image and mask of a case as the engine takes them.
struct LoadedCase {
  radiomics::ScalarImage image;
  LabelVolume labels;
  /// SHA-1 of the voxels as the file's type holds them, of the mask as 32-bit labels; empty without additionalInfo.
  std::string image_hash, mask_hash;
  std::vector<std::string> warnings;
};

/// Reads image and mask, side by side. Throws Error{UnusableInput}: a file that cannot be read, a mask of another
/// number of dimensions, the label missing from a mask that holds broken numbers.
[[nodiscard]] LoadedCase load_case(const std::filesystem::path& image, const std::filesystem::path& mask,
                                   const radiomics::Settings& settings, std::size_t threads);

/// A remark on voxels that hold no label, where there are any beside `label`; empty where there are none. Throws
/// Error{UnusableInput} where the label is missing and such voxels are there, which says what the mask holds instead.
[[nodiscard]] std::string check_label(const imageio::FoundLabels& found, std::uint32_t label);

/// What PyRadiomics calls diagnostics, in its order: versions, configuration, hashes and dimensions, then the engine's
/// own. `versions`: of Numpy, SimpleITK, Python … by name; those not given are "not used".
[[nodiscard]] Json case_diagnostics(const radiomics::Parameters& parameters, const Json& versions,
                                    const std::string& image_hash, const std::string& mask_hash, int dimensions,
                                    const Json& engine);

/// Features of one case, after its diagnostics (without additionalInfo none). Throws as load_case() and
/// radiomics::extract().
[[nodiscard]] CaseRow extract_case(const std::filesystem::path& image, const std::filesystem::path& mask,
                                   const radiomics::Parameters& parameters, std::size_t threads);

/// Writes the maps of one case into a folder, a file a feature ("original_glcm_Contrast.nrrd"), and maps.tsv, which
/// names them with their units. Returns the number of maps; `warnings` gets what was left out and why.
std::size_t write_case_maps(const std::filesystem::path& image, const std::filesystem::path& mask,
                            const radiomics::Parameters& parameters, const std::filesystem::path& folder, bool nifti,
                            std::size_t threads, std::vector<std::string>& warnings);

}  // namespace gliocast::analysis
