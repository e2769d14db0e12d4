#include <gliocast/radiomics/parameters.hpp>

#include "wavelet.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/text.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

namespace gliocast::radiomics {
namespace {

[[noreturn]] void refuse(const std::string& what, const std::string& where, const std::string& advice = {}) {
  throw Error(ExitCode::WrongUse, what, where, advice);
}

/// A value for a message: short, and safe whatever bytes a file holds.
std::string shown(const Json& v) {
  if (v.is_number_float() && !std::isfinite(v.get<double>())) return shortest(v.get<double>());
  return v.dump(-1, ' ', true, Json::error_handler_t::replace).substr(0, 60);
}

double number(const Json& v, const std::string& where) {
  if (!v.is_number() || !std::isfinite(v.get<double>())) refuse("is " + shown(v) + ", a number is needed", where);
  return v.get<double>();
}

double above(const Json& v, double limit, const std::string& where) {
  const double x = number(v, where);
  if (!(x > limit)) refuse("is " + shown(v) + ", it must be greater than " + shown(limit), where);
  return x;
}

double within(double x, double limit, const std::string& where) {
  if (x > limit) refuse("is " + shortest(x) + ", it must not be greater than " + shortest(limit), where);
  return x;
}

int integer(const Json& v, int low, int high, const std::string& where) {
  const double x = number(v, where);
  if (x != std::floor(x) || x < low || x > high)
    refuse("is " + shown(v) + ", a whole number from " + std::to_string(low) + " to " + std::to_string(high) +
               " is needed",
           where);
  return static_cast<int>(x);
}

bool truth(const Json& v, const std::string& where) {
  if (!v.is_boolean()) refuse("is " + shown(v) + ", true or false is needed", where);
  return v.get<bool>();
}

std::string one_of(const Json& v, const std::vector<std::string>& allowed, const std::string& where) {
  if (!v.is_string() || std::ranges::find(allowed, v.get<std::string>()) == allowed.end())
    refuse("is " + shown(v) + ", allowed are " + listed(allowed), where);
  return v.get<std::string>();
}

std::vector<double> numbers(const Json& v, const std::string& where) {
  if (!v.is_array()) refuse("is " + shown(v) + ", a list is needed", where);
  std::vector<double> out;
  for (const auto& x : v) out.push_back(number(x, where));
  return out;
}

constexpr int kMany = 1 << 30;

std::uint32_t label(const Json& v, const std::string& where) {
  constexpr double most = 4294967295.0;  // masks are read as 32-bit numbers
  const double x = number(v, where);
  if (x != std::floor(x) || x < 1 || x > most)
    refuse("is " + shown(v) + ", a whole number from 1 to 4294967295 is needed", where);
  return static_cast<std::uint32_t>(x);
}

/// A number that may be NaN or infinite, also as text; null is NaN (numpy fills a map so).
double any_number(const Json& v, const std::string& where) {
  if (v.is_null()) return std::nan("");
  if (v.is_number()) return v.get<double>();
  if (v.is_string()) {
    const auto text = v.get<std::string>();
    char* end = nullptr;
    const double x = std::strtod(text.c_str(), &end);
    if (!text.empty() && end == text.c_str() + text.size()) return x;
  }
  refuse("is " + shown(v) + ", a number is needed", where);
}

/// The same, but neither null nor NaN: a limit that may be infinite, i.e. none.
double limit(const Json& v, const std::string& where) {
  const double x = any_number(v, where);
  if (std::isnan(x)) refuse("is " + shown(v) + ", a number is needed", where);
  return x;
}

double above_or_infinite(const Json& v, const std::string& where) {
  const double x = limit(v, where);
  if (!(x > 0)) refuse("is " + shown(v) + ", it must be greater than 0", where);
  return x;
}

std::vector<double> limits(const Json& v, const std::string& where) {
  if (!v.is_array()) refuse("is " + shown(v) + ", a list is needed", where);
  std::vector<double> out;
  for (const auto& x : v) out.push_back(limit(x, where));
  return out;
}

using Setter = std::function<void(Settings&, const Json&, const std::string&)>;

ResampleMethod interpolator(const Json& v, const std::string& where) {
  static const std::vector<std::string> known{"sitkNearestNeighbor",
                                              "sitkLinear",
                                              "sitkBSpline",
                                              "sitkGaussian",
                                              "sitkLabelGaussian",
                                              "sitkHammingWindowedSinc",
                                              "sitkCosineWindowedSinc",
                                              "sitkWelchWindowedSinc",
                                              "sitkLanczosWindowedSinc",
                                              "sitkBlackmanWindowedSinc"};
  if (v.is_number()) return static_cast<ResampleMethod>(integer(v, 1, static_cast<int>(known.size()), where) - 1);
  return static_cast<ResampleMethod>(std::ranges::find(known, one_of(v, known, where)) - known.begin());
}

std::optional<WeightingNorm> weighting(const Json& v, const std::string& where) {
  if (v.is_null()) return std::nullopt;
  const std::map<std::string, WeightingNorm> known{{"euclidean", WeightingNorm::Euclidean},
                                                   {"manhattan", WeightingNorm::Manhattan},
                                                   {"infinity", WeightingNorm::Infinity},
                                                   {"no_weighting", WeightingNorm::None}};
  return known.at(one_of(v, {"euclidean", "manhattan", "infinity", "no_weighting"}, where));
}

const std::map<std::string, Setter>& setters() {
  static const std::map<std::string, Setter> all{
      {"binWidth",
       [](Settings& s, const Json& v, const std::string& w) { s.binning.width = v.is_null() ? 0 : above(v, 0, w); }},
      {"binCount",
       [](Settings& s, const Json& v, const std::string& w) {
         s.binning.count =
             v.is_null() ? std::optional<std::uint32_t>() : static_cast<std::uint32_t>(integer(v, 1, 10'000'000, w));
       }},
      {"distances",
       [](Settings& s, const Json& v, const std::string& w) {
         s.distances.clear();
         for (const double d : numbers(v, w)) s.distances.push_back(integer(d, 1, 100, w));
         if (s.distances.empty()) refuse("is empty", w);
       }},
      {"force2D", [](Settings& s, const Json& v, const std::string& w) { s.force_2d = truth(v, w); }},
      {"force2Ddimension",
       [](Settings& s, const Json& v, const std::string& w) { s.force_2d_dimension = integer(v, 0, 2, w); }},
      {"symmetricalGLCM", [](Settings& s, const Json& v, const std::string& w) { s.symmetrical_glcm = truth(v, w); }},
      {"weightingNorm", [](Settings& s, const Json& v, const std::string& w) { s.weighting = weighting(v, w); }},
      {"gldm_a", [](Settings& s, const Json& v, const std::string& w) { s.gldm_a = integer(v, 0, kMany, w); }},
      {"voxelArrayShift",
       [](Settings& s, const Json& v, const std::string& w) { s.voxel_array_shift = integer(v, -kMany, kMany, w); }},
      {"resegmentRange",
       [](Settings& s, const Json& v, const std::string& w) {
         s.resegment_range = v.is_null() ? std::vector<double>() : limits(v, w);
         if (!v.is_null() && (s.resegment_range.empty() || s.resegment_range.size() > 2))
           refuse("holds " + std::to_string(s.resegment_range.size()) + " numbers, one or two are needed", w);
         std::ranges::sort(s.resegment_range);
       }},
      {"resegmentMode",
       [](Settings& s, const Json& v, const std::string& w) {
         const auto text = one_of(v, {"absolute", "relative", "sigma"}, w);
         s.resegment_mode = text == "absolute"   ? ResegmentMode::Absolute
                            : text == "relative" ? ResegmentMode::Relative
                                                 : ResegmentMode::Sigma;
       }},
      {"resegmentShape", [](Settings& s, const Json& v, const std::string& w) { s.resegment_shape = truth(v, w); }},
      {"normalize", [](Settings& s, const Json& v, const std::string& w) { s.normalize = truth(v, w); }},
      {"normalizeScale", [](Settings& s, const Json& v, const std::string& w) { s.normalize_scale = above(v, 0, w); }},
      {"removeOutliers",
       [](Settings& s, const Json& v, const std::string& w) {
         s.remove_outliers = v.is_null() ? std::optional<double>() : above_or_infinite(v, w);
       }},
      {"resampledPixelSpacing",
       [](Settings& s, const Json& v, const std::string& w) {
         s.resampled_spacing_mm = v.is_null() ? std::vector<double>() : numbers(v, w);
         if (!v.is_null() && s.resampled_spacing_mm.size() != 3 && s.resampled_spacing_mm.size() != 2)
           refuse(
               "holds " + std::to_string(s.resampled_spacing_mm.size()) + " numbers, three (x, y, z in mm) are needed",
               w);
         for (const double d : s.resampled_spacing_mm)
           if (d < 0) refuse("holds a spacing below 0", w);
       }},
      {"interpolator",
       [](Settings& s, const Json& v, const std::string& w) {
         s.interpolator = v.is_null() ? ResampleMethod::BSpline : interpolator(v, w);
       }},
      {"padDistance",
       [](Settings& s, const Json& v, const std::string& w) { s.pad_distance = integer(v, 0, 100000, w); }},
      {"preCrop", [](Settings& s, const Json& v, const std::string& w) { s.pre_crop = truth(v, w); }},
      {"minimumROIDimensions",
       [](Settings& s, const Json& v, const std::string& w) { s.minimum_roi_dimensions = integer(v, 1, 3, w); }},
      {"minimumROISize",
       [](Settings& s, const Json& v, const std::string& w) {
         s.minimum_roi_size = v.is_null() ? std::optional<double>() : above(v, 0, w);
       }},
      {"label", [](Settings& s, const Json& v, const std::string& w) { s.label = label(v, w); }},
      {"sigma",
       [](Settings& s, const Json& v, const std::string& w) {
         s.sigma_mm = numbers(v, w);
         s.sigma_names.clear();
         for (const auto& x : v) {
           const std::string text = x.is_number_integer() ? shown(x) : shortest(x.get<double>());
           s.sigma_names.push_back(
               x.is_number_integer() || text.find_first_of(".e") != std::string::npos ? text : text + ".0");
         }
         for (const double d : s.sigma_mm)
           if (!(d > 0)) refuse("holds a sigma that is not greater than 0", w);
       }},
      {"wavelet",
       [](Settings& s, const Json& v, const std::string& w) {
         if (!v.is_string() || find_wavelet(v.get<std::string>()) == nullptr)
           refuse("is " + shown(v) +
                      ", an orthogonal or biorthogonal wavelet of PyWavelets is needed (coif1, db4, sym5, bior2.2 …)",
                  w);
         s.wavelet = v.get<std::string>();
       }},
      {"level", [](Settings& s, const Json& v, const std::string& w) { s.level = integer(v, 1, 20, w); }},
      {"start_level", [](Settings& s, const Json& v, const std::string& w) { s.start_level = integer(v, 0, 20, w); }},
      {"gradientUseSpacing",
       [](Settings& s, const Json& v, const std::string& w) { s.gradient_use_spacing = truth(v, w); }},
      {"correctMask", [](Settings& s, const Json& v, const std::string& w) { s.correct_mask = truth(v, w); }},
      {"geometryTolerance",
       [](Settings& s, const Json& v, const std::string& w) { s.geometry_tolerance = above(v, 0, w); }},
      {"lbp2DRadius",
       [](Settings& s, const Json& v, const std::string& w) { s.lbp_2d_radius = within(above(v, 0, w), 100, w); }},
      {"lbp2DSamples",
       [](Settings& s, const Json& v, const std::string& w) { s.lbp_2d_samples = integer(v, 1, 48, w); }},
      {"lbp2DMethod",
       [](Settings& s, const Json& v, const std::string& w) {
         s.lbp_2d_method = one_of(v, {"default", "ror", "uniform", "var"}, w);
       }},
      {"lbp3DLevels", [](Settings& s, const Json& v, const std::string& w) { s.lbp_3d_levels = integer(v, 1, 20, w); }},
      {"lbp3DIcosphereRadius",
       [](Settings& s, const Json& v, const std::string& w) { s.lbp_3d_radius = within(above(v, 0, w), 100, w); }},
      {"lbp3DIcosphereSubdivision",
       [](Settings& s, const Json& v, const std::string& w) { s.lbp_3d_subdivision = integer(v, 0, 4, w); }},
      {"kernelRadius",
       [](Settings& s, const Json& v, const std::string& w) { s.kernel_radius = integer(v, 1, 50, w); }},
      {"maskedKernel", [](Settings& s, const Json& v, const std::string& w) { s.masked_kernel = truth(v, w); }},
      {"initValue", [](Settings& s, const Json& v, const std::string& w) { s.init_value = any_number(v, w); }},
      // PyRadiomics bounds its memory so; ours needs no bound.
      {"voxelBatch", [](Settings&, const Json& v, const std::string& w) { (void)integer(v, 1, kMany, w); }},
      {"label_channel",
       [](Settings& s, const Json& v,
          const std::string& w) { s.label_channel = static_cast<std::size_t>(integer(v, 0, kMany, w)); }},
      {"additionalInfo", [](Settings& s, const Json& v, const std::string& w) { s.additional_info = truth(v, w); }}};
  return all;
}

/// What null means in PyRadiomics where it is not the setter's own affair: false, or the default.
enum class Null { Refused, False, Default };

Null meaning_of_null(const std::string& key) {
  static const std::vector<std::string> off{"correctMask",    "additionalInfo", "normalize",      "preCrop",
                                            "resegmentShape", "maskedKernel",   "symmetricalGLCM"};
  static const std::vector<std::string> unset{"minimumROISize",
                                              "geometryTolerance",
                                              "label_channel",
                                              "normalizeScale",
                                              "padDistance",
                                              "resegmentMode",
                                              "sigma",
                                              "level",
                                              "start_level",
                                              "lbp2DRadius",
                                              "lbp2DSamples",
                                              "lbp2DMethod",
                                              "lbp3DLevels",
                                              "lbp3DIcosphereRadius",
                                              "lbp3DIcosphereSubdivision",
                                              "kernelRadius",
                                              "voxelBatch"};
  if (std::ranges::find(off, key) != off.end()) return Null::False;
  return std::ranges::find(unset, key) != unset.end() ? Null::Default : Null::Refused;
}

const std::vector<std::string>& image_types() {
  static const std::vector<std::string> all{"Original",  "Wavelet",     "LoG",      "Square", "SquareRoot",
                                            "Logarithm", "Exponential", "Gradient", "LBP2D",  "LBP3D"};
  return all;
}

}  // namespace

TextureOptions Settings::texture() const {
  TextureOptions t;
  t.distances = distances;
  if (const auto axis = forced_axis()) t.plane_axis = static_cast<int>(*axis);
  t.symmetrical_glcm = symmetrical_glcm;
  t.weighting = weighting;
  t.gldm_alpha = gldm_a;
  return t;
}

const std::vector<std::string>& setting_names() {
  static const auto all = [] {
    std::vector<std::string> names;
    for (const auto& [name, setter] : setters()) names.push_back(name);
    return names;
  }();
  return all;
}

std::optional<std::size_t> Settings::forced_axis() const {
  if (!force_2d) return std::nullopt;
  return static_cast<std::size_t>(dimensions - 1 - force_2d_dimension);  // numpy's axes go from the last to the first
}

Settings in_dimensions(Settings s, int dimensions) {
  s.dimensions = dimensions;
  const auto n = static_cast<std::size_t>(dimensions);
  if (!s.resampled_spacing_mm.empty() && s.resampled_spacing_mm.size() != n)
    refuse("holds " + std::to_string(s.resampled_spacing_mm.size()) + " numbers, " +
               (n == 3 ? "three (x, y, z in mm) are needed" : "two (x, y in mm) are needed for a 2-D image"),
           "resampledPixelSpacing");
  if (!s.resampled_spacing_mm.empty() && n == 2) s.resampled_spacing_mm.push_back(0);  // the slice stays as it is
  if (s.force_2d && s.force_2d_dimension >= dimensions)
    refuse("is " + std::to_string(s.force_2d_dimension) + ", a 2-D image has the dimensions 0 (y) and 1 (x)",
           "force2Ddimension");
  return s;
}

std::vector<std::string> parameter_warnings(const Parameters& p) {
  std::vector<std::string> out;
  for (const auto& [type, own] : p.image_types) {
    const bool here = own.contains("sigma"), there = p.setting.contains("sigma");
    const Json sigma = here ? own.at("sigma") : there ? p.setting.at("sigma") : Json();
    if (type == "LoG" && sigma.empty())
      out.emplace_back(
          "LoG is enabled without sigma: no LoG image is made; give its widths in mm, e.g. sigma: [1.0, 3.0]");
  }
  const auto given = [&](const char* key) { return p.setting.contains(key) && !p.setting.at(key).is_null(); };
  if (given("resampledPixelSpacing") && p.setting.contains("interpolator") && !given("interpolator"))
    out.emplace_back("interpolator is null: nothing is resampled, resampledPixelSpacing has no effect");
  return out;
}

Settings read_settings(const Json& setting, const std::string& source) {
  Settings s;
  if (!setting.is_object()) refuse("is " + shown(setting) + ", names with values are needed", source);
  for (const auto& [key, value] : setting.items()) {
    const auto found = setters().find(key);
    if (found == setters().end())
      refuse("is no setting that gliocast knows", source + ": " + key, "the names are PyRadiomics', e.g. binWidth");
    const Null null = value.is_null() ? meaning_of_null(key) : Null::Refused;
    if (null != Null::Default) found->second(s, null == Null::False ? Json(false) : value, source + ": " + key);
  }
  // Without an interpolator PyRadiomics does not resample.
  if (setting.contains("interpolator") && setting.at("interpolator").is_null()) s.resampled_spacing_mm.clear();
  return s;
}

Parameters parse_parameters(const Json& json, const std::string& source) {
  Parameters p;
  if (!json.is_object()) refuse("holds no parameters: sections setting, imageType, featureClass are expected", source);
  for (const auto& [section, value] : json.items()) {
    const std::string where = source + ": " + section;
    if (section == "setting" || section == "voxelSetting") {
      if (value.is_null()) continue;
      (void)read_settings(value, where);
      const std::vector<std::string> of_voxels{"kernelRadius", "maskedKernel", "initValue", "voxelBatch"};
      for (const auto& [key, unused] : value.items())
        if ((std::ranges::find(of_voxels, key) != of_voxels.end()) != (section == "voxelSetting"))
          refuse(section == "setting" ? "belongs to the section voxelSetting" : "belongs to the section setting",
                 where + ": " + key);
      p.setting.update(value);
    } else if (section == "imageType") {
      if (!value.is_object()) refuse("is " + shown(value) + ", image types are needed", where);
      p.image_types.clear();
      for (const auto& [name, custom] : value.items()) {
        if (std::ranges::find(image_types(), name) == image_types().end())
          refuse(
              "is no image type that gliocast knows: Original, Wavelet, LoG, Square, SquareRoot, Logarithm, "
              "Exponential, Gradient, LBP2D, LBP3D",
              where + ": " + name);
        const Json own = custom.is_null() ? Json::object() : custom;
        (void)read_settings(own, where + ": " + name);
        p.image_types.emplace_back(name, own);
      }
    } else if (section == "featureClass") {
      if (!value.is_object()) refuse("is " + shown(value) + ", feature classes are needed", where);
      for (const auto& [name, list] : value.items()) {
        const auto& known = find_feature_class(name).features;
        std::vector<std::string> wanted;
        if (!list.is_null() && !list.is_array())
          refuse("is " + shown(list) + ", a list of features is needed", where + ": " + name);
        if (list.is_array())
          for (const auto& f : list) {
            if (!f.is_string() ||
                std::ranges::find(known, f.get<std::string>(), &FeatureDefinition::name) == known.end())
              refuse("has no feature " + shown(f), where + ": " + name);
            wanted.push_back(f.get<std::string>());
          }
        p.feature_classes.emplace_back(name, wanted);
      }
    } else {
      refuse("is no section of a parameter file: setting, imageType, featureClass, voxelSetting", where);
    }
  }
  if (p.image_types.empty()) p.image_types = {{"Original", Json::object()}};
  if (p.feature_classes.empty()) {
    p.feature_classes = preset("default").feature_classes;
    p.feature_classes.emplace_back("shape2D", std::vector<std::string>());
    p.every_class = true;
  }
  return p;
}

Json reported_settings(const Parameters& p) {
  Json all{{"minimumROIDimensions", 2},
           {"minimumROISize", nullptr},
           {"normalize", false},
           {"normalizeScale", 1},
           {"removeOutliers", nullptr},
           {"resampledPixelSpacing", nullptr},
           {"interpolator", "sitkBSpline"},
           {"preCrop", false},
           {"padDistance", 5},
           {"distances", {1}},
           {"force2D", false},
           {"force2Ddimension", 0},
           {"resegmentRange", nullptr},
           {"label", 1},
           {"additionalInfo", true}};
  all.update(p.setting);
  return all;
}

Parameters preset(const std::string& name) {
  Parameters p;
  for (const auto& c : feature_classes())
    if (c.name != "shape2D") p.feature_classes.emplace_back(c.name, std::vector<std::string>());
  if (name == "default") return p;
  if (name == "all") {
    p.image_types.clear();
    for (const auto& t : image_types())
      if (!t.starts_with("LBP"))
        p.image_types.emplace_back(t, t == "LoG" ? Json{{"sigma", {1.0, 2.0, 3.0, 4.0, 5.0}}} : Json::object());
    return p;
  }
  if (name == "paper788") {
    p.image_types = {{"Original", Json::object()}, {"Wavelet", Json::object()}};
    std::vector<std::string> glcm = feature_names("glcm");
    std::erase(glcm, "MCC");
    std::erase(glcm, "SumAverage");
    p.feature_classes = {{"shape", {}}, {"firstorder", {}}, {"glcm", glcm}, {"glrlm", {}}, {"glszm", {}}, {"gldm", {}}};
    return p;
  }
  if (name == "chain") {
    p.setting = {{"normalize", true}, {"normalizeScale", 100}, {"binWidth", 5}, {"voxelArrayShift", 300}};
    return p;
  }
  refuse("is no preset: default, all, paper788, chain", name);
}

}  // namespace gliocast::radiomics
