// Binding of the radiomics engine. Arrays come as numpy has them, (z, y, x); everything else travels as JSON text. The
// Python side is gliocast/featureextractor.py.
#include <gliocast/analysis/radiomics_case.hpp>
#include <gliocast/core/checksum.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/parallel.hpp>
#include <gliocast/core/version.hpp>
#include <gliocast/imageio/read_image.hpp>
#include <gliocast/radiomics/extractor.hpp>

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/array.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <cmath>
#include <memory>
#include <span>

namespace nb = nanobind;
using namespace gliocast;

namespace {

using Array = nb::ndarray<nb::ro, nb::ndim<3>, nb::c_contig, nb::device::cpu>;  // of any type of number
/// Spacing (mm), origin (mm, LPS) and direction (row major), as SimpleITK has them.
using Grid = std::tuple<Vec3, Vec3, std::array<double, 9>>;

Geometry geometry_of(const Array& array, const Grid& grid) {
  Geometry g;
  g.size = {array.shape(2), array.shape(1), array.shape(0)};
  std::tie(g.spacing_mm, g.origin_mm, g.direction) = grid;
  return g;
}

/// Calls `use` with the array's numbers as they are in memory.
template <typename Use>
void with_numbers(const Array& array, Use&& use) {
  const auto as = [&]<typename From>(From) { use(std::span(static_cast<const From*>(array.data()), array.size())); };
  const auto type = array.dtype();
  if (type == nb::dtype<std::int8_t>())
    as(std::int8_t{});
  else if (type == nb::dtype<std::uint8_t>() || type == nb::dtype<bool>())
    as(std::uint8_t{});
  else if (type == nb::dtype<std::int16_t>())
    as(std::int16_t{});
  else if (type == nb::dtype<std::uint16_t>())
    as(std::uint16_t{});
  else if (type == nb::dtype<std::int32_t>())
    as(std::int32_t{});
  else if (type == nb::dtype<std::uint32_t>())
    as(std::uint32_t{});
  else if (type == nb::dtype<std::int64_t>())
    as(std::int64_t{});
  else if (type == nb::dtype<std::uint64_t>())
    as(std::uint64_t{});
  else if (type == nb::dtype<float>())
    as(float{});
  else if (type == nb::dtype<double>())
    as(double{});
  else
    throw unusable_input("the array's type of number is not known", "array", "convert it to float64");
}

/// A numpy array that owns the voxels.
template <typename T>
nb::object array_of(Volume<T> volume) {
  const Size3 n = volume.geometry.size;
  auto owned = std::make_unique<std::vector<T>>(std::move(volume.voxels));
  T* data = owned->data();
  nb::capsule owner(owned.release(), [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
  return nb::cast(nb::ndarray<nb::numpy, T, nb::ndim<3>>(data, {n[2], n[1], n[0]}, owner));
}

Grid grid_of(const Geometry& g) { return {g.spacing_mm, g.origin_mm, g.direction}; }

/// What an image is beside its numbers: "integer", "float32" or "float64", the integers' range, 2 or 3 dimensions.
using Kind = std::tuple<std::string, double, double, int>;

radiomics::ScalarImage image_of(const Array& array, const Grid& grid, const Kind& what) {
  const auto& [kind, least, most, dimensions] = what;
  radiomics::ScalarImage image;
  image.volume.geometry = geometry_of(array, grid);
  image.dimensions = dimensions;
  with_numbers(array, [&](auto numbers) { image.volume.voxels.assign(numbers.begin(), numbers.end()); });
  image.kind = kind == "integer"   ? radiomics::PixelKind::Integer
               : kind == "float32" ? radiomics::PixelKind::Float
                                   : radiomics::PixelKind::Double;
  if (image.kind == radiomics::PixelKind::Integer) {
    image.least = least;
    image.most = most;
  }
  return image;
}

/// The labels of a mask, and a remark on voxels that hold none; ValueError where the wanted label is not there and such
/// voxels are.
nb::tuple find_labels(const Array& array, std::uint32_t label) {
  imageio::FoundLabels found;
  with_numbers(array, [&](auto numbers) {
    using T = std::remove_const_t<typename decltype(numbers)::value_type>;
    Volume<T> volume;
    volume.geometry = geometry_of(array, {});
    volume.voxels.assign(numbers.begin(), numbers.end());
    found = imageio::find_labels(volume);
  });
  const std::string remark = analysis::check_label(found, label);
  return nb::make_tuple(array_of(std::move(found.labels)), remark);
}

radiomics::Parameters parameters_of(const std::string& json) {
  return radiomics::parse_parameters(Json::parse(json), "parameters");
}

/// NaN and infinities as text, since JSON has neither.
Json finite(const Json& value) {
  if (value.is_number_float() && !std::isfinite(value.get<double>())) return shortest(value.get<double>());
  Json out = value;
  if (value.is_structured())
    for (auto& part : out) part = finite(part);
  return out;
}

/// A message in Python's terms: None for null, and without the command line's options in parentheses (--resample-mask).
std::string in_python_terms(std::string text) {
  for (std::size_t at = text.find("is null"); at != std::string::npos; at = text.find("is null"))
    text.replace(at + 3, 4, "None");
  for (std::size_t at = text.find(" (--"); at != std::string::npos; at = text.find(" (--")) {
    const std::size_t end = text.find(')', at);
    text.erase(at, end == std::string::npos ? end : end + 1 - at);
  }
  const std::pair<std::string, std::string> options[] = {{"--resample-mask", "correctMask=True"},
                                                         {"--label", "label="}};
  for (const auto& [option, keyword] : options)
    for (std::size_t at = text.find(option); at != std::string::npos; at = text.find(option))
      text.replace(at, option.size(), keyword);
  return text;
}

std::string json_of(const radiomics::Parameters& p) {
  Json types = Json::object(), classes = Json::object();
  for (const auto& [name, own] : p.image_types) types[name] = own;
  for (const auto& [name, list] : p.feature_classes) classes[name] = list;
  return finite(Json{{"setting", p.setting}, {"imageType", types}, {"featureClass", classes}}).dump();
}

/// Labels as find_labels() gives them, on their grid.
LabelVolume labels_of(const Array& mask, const Grid& grid) {
  LabelVolume labels;
  labels.geometry = geometry_of(mask, grid);
  with_numbers(mask, [&](auto numbers) { labels.voxels.assign(numbers.begin(), numbers.end()); });
  return labels;
}

nb::tuple extract(const Array& image, const Grid& image_grid, const Kind& kind, const Array& mask,
                  const Grid& mask_grid, const std::string& parameters, const std::string& versions,
                  const std::string& image_hash, std::size_t threads) {
  radiomics::Extraction result;
  {
    const nb::gil_scoped_release release;
    const auto p = parameters_of(parameters);
    const auto labels = labels_of(mask, mask_grid);
    result = radiomics::extract(image_of(image, image_grid, kind), labels, p, resolve_threads(threads));
    if (!image_hash.empty())
      result.diagnostics = finite(analysis::case_diagnostics(p, Json::parse(versions), image_hash,
                                                             sha1(std::as_bytes(std::span(labels.voxels))),
                                                             std::get<3>(kind), result.diagnostics));
  }
  std::vector<std::pair<std::string, double>> features;
  for (const auto& f : result.features) features.emplace_back(f.name(), f.feature.value);
  return nb::make_tuple(features, result.diagnostics.dump(), result.warnings);
}

nb::tuple extract_maps(const Array& image, const Grid& image_grid, const Kind& kind, const Array& mask,
                       const Grid& mask_grid, const std::string& parameters, std::size_t threads) {
  std::vector<radiomics::FeatureMap> maps;
  std::vector<std::string> warnings;
  {
    const nb::gil_scoped_release release;
    maps = radiomics::extract_maps(image_of(image, image_grid, kind), labels_of(mask, mask_grid),
                                   parameters_of(parameters), resolve_threads(threads), &warnings);
  }
  nb::list out;
  for (auto& m : maps) {
    const Grid grid = grid_of(m.volume.geometry);
    out.append(nb::make_tuple(m.name, array_of(std::move(m.volume)), grid));
  }
  return nb::make_tuple(out, warnings);
}

nb::tuple read_image(const std::filesystem::path& path, std::optional<std::size_t> channel) {
  const auto file = imageio::read_image(path, {.channel = channel, .slice = true, .itk_values = true});
  const auto image =
      std::visit([](const auto& v) { return nb::make_tuple(array_of(v), grid_of(v.geometry)); }, file.volume);
  return nb::make_tuple(image[0], image[1], file.dimensions, file.warnings);
}

}  // namespace

NB_MODULE(_radiomics, m) {
  nb::register_exception_translator(
      [](const std::exception_ptr& p, void*) {
        try {
          std::rethrow_exception(p);
        } catch (const Error& e) {
          PyErr_SetString(PyExc_ValueError, in_python_terms(e.what()).c_str());
        }
      },
      nullptr);
  m.attr("__version__") = std::string(gliocast::version());
  m.def("extract", &extract);
  m.def("extract_maps", &extract_maps);
  m.def("read_image", &read_image, nb::arg("path"), nb::arg("channel").none() = nb::none());
  m.def("read_parameters", [](const std::filesystem::path& path) { return json_of(radiomics::read_parameters(path)); });
  m.def("parse_parameters", [](const std::string& json) { return json_of(parameters_of(json)); });
  m.def("parse_parameter_text",
        [](const std::string& text) { return json_of(radiomics::parse_parameter_text(text, "parameters")); });
  m.def("preset", [](const std::string& name) { return json_of(radiomics::preset(name)); });
  m.def("setting_names", [] { return radiomics::setting_names(); });
  m.def("parameter_warnings", [](const std::string& json) {
    auto warnings = radiomics::parameter_warnings(parameters_of(json));
    for (auto& w : warnings) w = in_python_terms(w);
    return warnings;
  });
  m.def("find_labels", &find_labels);
  m.def("feature_names", [](const std::string& feature_class) { return radiomics::feature_names(feature_class); });
}
