#pragma once
#include <gliocast/core/json.hpp>
#include <gliocast/radiomics/texture.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gliocast::radiomics {

/// What the limits of resegmentRange are: values, parts of the maximum, or standard deviations about the mean.
enum class ResegmentMode { Absolute, Relative, Sigma };
enum class ResampleMethod {
  Nearest,
  Linear,
  BSpline,
  Gaussian,
  LabelGaussian,
  HammingSinc,
  CosineSinc,
  WelchSinc,
  LanczosSinc,
  BlackmanSinc
};  ///< ITK's, in SimpleITK's order

/// PyRadiomics' settings, with its defaults. Names as in its schema, in our spelling.
struct Settings {
  Binning binning;
  std::vector<int> distances{1};
  bool force_2d = false;
  int force_2d_dimension = 0;  ///< numpy's axis: 0 is z, 2 is x
  bool symmetrical_glcm = true;
  std::optional<WeightingNorm> weighting;
  int gldm_a = 0;
  double voxel_array_shift = 0;
  std::vector<double> resegment_range;  ///< none, a lower limit, or both
  ResegmentMode resegment_mode = ResegmentMode::Absolute;
  bool resegment_shape = false;
  bool normalize = false;
  double normalize_scale = 1;
  std::optional<double> remove_outliers;     ///< in standard deviations
  std::vector<double> resampled_spacing_mm;  ///< x, y and, but for planes, z; empty: no resampling; 0: keep
  ResampleMethod interpolator = ResampleMethod::BSpline;
  int pad_distance = 5;
  bool pre_crop = false;
  int minimum_roi_dimensions = 2;
  std::optional<double> minimum_roi_size;
  std::uint32_t label = 1;
  std::vector<double> sigma_mm;          ///< LoG
  std::vector<std::string> sigma_names;  ///< as Python prints them: "1.0", or "1" where the file has a whole number
  std::string wavelet = "coif1";
  int level = 1, start_level = 0;
  bool gradient_use_spacing = true;
  double lbp_2d_radius = 1;  ///< voxels
  int lbp_2d_samples = 8;
  std::string lbp_2d_method = "uniform";
  int lbp_3d_levels = 2, lbp_3d_subdivision = 1;
  double lbp_3d_radius = 1;                  ///< voxels
  int kernel_radius = 1;                     ///< of voxel-based maps
  bool masked_kernel = true;                 ///< neighbours outside the region do not count
  double init_value = 0;                     ///< of maps outside the region
  std::size_t label_channel = 0;             ///< of a mask with several values a voxel
  bool additional_info = true;               ///< diagnostics
  bool correct_mask = false;                 ///< a mask on another grid is resampled to the image
  std::optional<double> geometry_tolerance;  ///< in voxels; nothing: 0.01
  int dimensions = 3;                        ///< of the image: 2 for a plane (one slice, see in_dimensions)

  /// What texture matrices need of them.
  [[nodiscard]] TextureOptions texture() const;
  /// The axis (0 x, 1 y, 2 z) that force2D leaves out; nothing without force2D.
  [[nodiscard]] std::optional<std::size_t> forced_axis() const;
};

/// A parameter file: which images are made, which features are computed of them, and the settings.
struct Parameters {
  Json setting = Json::object();
  std::vector<std::pair<std::string, Json>> image_types{
      {"Original", Json::object()}};  ///< with settings of their own, in order
  std::vector<std::pair<std::string, std::vector<std::string>>> feature_classes;  ///< in order; an empty list: all
  bool every_class =
      false;  ///< the file names no class: shape2D is among them and is left out without a word where it cannot be
};

/// Checks names, types and ranges as PyRadiomics' schema does; a setting of null means what it means there: off, or as
/// if it were not given, and an error where PyRadiomics cannot compute with it. Throws Error{WrongUse} that names the
/// key (in `source`) and says what is allowed.
[[nodiscard]] Parameters parse_parameters(const Json& json, const std::string& source);
/// The names of all settings (binWidth, label …).
[[nodiscard]] const std::vector<std::string>& setting_names();
/// Settings by their names, defaults for the others; checks and errors as above.
[[nodiscard]] Settings read_settings(const Json& setting, const std::string& source = "setting");

/// The settings for an image of 2 or 3 dimensions: resampledPixelSpacing has as many numbers, force2Ddimension is one
/// of its axes. Throws Error{WrongUse} otherwise.
[[nodiscard]] Settings in_dimensions(Settings settings, int dimensions);
/// What parameters ask for and cannot get, in words: LoG without sigma, resampling without an interpolator.
[[nodiscard]] std::vector<std::string> parameter_warnings(const Parameters& parameters);

/// A parameter file, YAML or JSON (JSON is YAML). Errors name the line. Throws Error{UnusableInput} where it cannot be
/// read or parsed, Error{WrongUse} for what it says.
[[nodiscard]] Parameters read_parameters(const std::filesystem::path& path);
/// The same of text that is there already; errors name `source`.
[[nodiscard]] Parameters parse_parameter_text(const std::string& text, const std::string& source);
/// "KEY:VALUE" as on the command line, the value in YAML; lists also as PyRadiomics' own: "sigma:1,2.5". Throws
/// Error{WrongUse} where it has another form, or the value is wrong.
void apply_setting(Parameters& parameters, const std::string& text);
/// The settings as PyRadiomics reports them: its defaults with the file's on top.
[[nodiscard]] Json reported_settings(const Parameters& parameters);

/// "default": every class but shape2D on the original image; "paper788": the study's 788 features; "all": default on
/// every image type; "chain": default on an image normalised to a scale of 100, bin width 5, shift 300. Throws
/// Error{WrongUse} for another name.
[[nodiscard]] Parameters preset(const std::string& name);

}  // namespace gliocast::radiomics
