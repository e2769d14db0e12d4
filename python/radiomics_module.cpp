// Binding of the radiomics engine. Arrays come as numpy has them, (z, y, x); everything else travels as JSON text. The Python side is gliocast/featureextractor.py.
#include <gliocast/core/error.hpp>
#include <gliocast/core/parallel.hpp>
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

#include <memory>

namespace nb = nanobind;
using namespace gliocast;

namespace {

using Array = nb::ndarray<nb::ro, nb::ndim<3>, nb::c_contig, nb::device::cpu>;  // of any type of number
/// Spacing (mm), origin (mm, LPS) and direction (row major), as SimpleITK has them.
using Grid = std::tuple<Vec3, Vec3, std::array<double, 9>>;

/// The array's numbers as another type, in one pass.
template <typename To>
Volume<To> volume_of(const Array& array, const Grid& grid) {
  Volume<To> out;
  Geometry& g = out.geometry;
  g.size = {array.shape(2), array.shape(1), array.shape(0)};
  std::tie(g.spacing_mm, g.origin_mm, g.direction) = grid;
  const auto copy = [&]<typename From>(From) {
    const auto* first = static_cast<const From*>(array.data());
    out.voxels = std::vector<To>(first, first + array.size());
  };
  const auto type = array.dtype();
  if (type == nb::dtype<std::int8_t>())
    copy(std::int8_t{});
  else if (type == nb::dtype<std::uint8_t>() || type == nb::dtype<bool>())
    copy(std::uint8_t{});
  else if (type == nb::dtype<std::int16_t>())
    copy(std::int16_t{});
  else if (type == nb::dtype<std::uint16_t>())
    copy(std::uint16_t{});
  else if (type == nb::dtype<std::int32_t>())
    copy(std::int32_t{});
  else if (type == nb::dtype<std::uint32_t>())
    copy(std::uint32_t{});
  else if (type == nb::dtype<std::int64_t>())
    copy(std::int64_t{});
  else if (type == nb::dtype<std::uint64_t>())
    copy(std::uint64_t{});
  else if (type == nb::dtype<float>())
    copy(float{});
  else if (type == nb::dtype<double>())
    copy(double{});
  else
    throw unusable_input("the array's type of number is not known", "array", "convert it to float64");
  return out;
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

radiomics::ScalarImage image_of(const Array& array, const Grid& grid, const std::string& kind, double least, double most) {
  radiomics::ScalarImage image{volume_of<double>(array, grid)};
  image.kind = kind == "integer" ? radiomics::PixelKind::Integer : kind == "float32" ? radiomics::PixelKind::Float : radiomics::PixelKind::Double;
  if (image.kind == radiomics::PixelKind::Integer) image.least = least, image.most = most;
  return image;
}

radiomics::Parameters parameters_of(const std::string& json) { return radiomics::parse_parameters(Json::parse(json), "parameters"); }

std::string json_of(const radiomics::Parameters& p) {
  Json types = Json::object(), classes = Json::object();
  for (const auto& [name, own] : p.image_types) types[name] = own;
  for (const auto& [name, list] : p.feature_classes) classes[name] = list;
  return Json{{"setting", p.setting}, {"imageType", types}, {"featureClass", classes}}.dump();
}

nb::tuple extract(const Array& image, const Grid& image_grid, const std::string& kind, double least, double most, const Array& mask, const Grid& mask_grid,
                  const std::string& parameters, std::size_t threads) {
  radiomics::Extraction result;
  {
    const nb::gil_scoped_release release;
    const auto p = parameters_of(parameters);
    result = radiomics::extract(image_of(image, image_grid, kind, least, most), volume_of<std::uint32_t>(mask, mask_grid), p, resolve_threads(threads));
  }
  std::vector<std::pair<std::string, double>> features;
  for (const auto& f : result.features) features.emplace_back(f.name(), f.feature.value);
  return nb::make_tuple(features, result.diagnostics.dump(), result.warnings);
}

nb::list extract_maps(const Array& image, const Grid& image_grid, const std::string& kind, double least, double most, const Array& mask, const Grid& mask_grid,
                      const std::string& parameters, std::size_t threads) {
  std::vector<radiomics::FeatureMap> maps;
  {
    const nb::gil_scoped_release release;
    maps = radiomics::extract_maps(image_of(image, image_grid, kind, least, most), volume_of<std::uint32_t>(mask, mask_grid), parameters_of(parameters), resolve_threads(threads));
  }
  nb::list out;
  for (auto& m : maps) {
    const Grid grid = grid_of(m.volume.geometry);
    out.append(nb::make_tuple(m.name, array_of(std::move(m.volume)), grid));
  }
  return out;
}

nb::tuple read_image(const std::filesystem::path& path, std::optional<std::size_t> channel) {
  const auto file = imageio::read_image(path, {.channel = channel, .slice = true});
  return std::visit([](const auto& v) { return nb::make_tuple(array_of(v), grid_of(v.geometry)); }, file.volume);
}

}  // namespace

NB_MODULE(_radiomics, m) {
  nb::register_exception_translator(
      [](const std::exception_ptr& p, void*) {
        try {
          std::rethrow_exception(p);
        } catch (const Error& e) {
          PyErr_SetString(PyExc_ValueError, e.what());
        }
      },
      nullptr);
  m.attr("__version__") = GLIOCAST_VERSION;
  m.def("extract", &extract);
  m.def("extract_maps", &extract_maps);
  m.def("read_image", &read_image, nb::arg("path"), nb::arg("channel").none() = nb::none());
  m.def("read_parameters", [](const std::filesystem::path& path) { return json_of(radiomics::read_parameters(path)); });
  m.def("parse_parameters", [](const std::string& json) { return json_of(parameters_of(json)); });
  m.def("parse_parameter_text", [](const std::string& text) { return json_of(radiomics::parse_parameter_text(text, "parameters")); });
  m.def("preset", [](const std::string& name) { return json_of(radiomics::preset(name)); });
  m.def("feature_names", [](const std::string& feature_class) { return radiomics::feature_names(feature_class); });
  m.def("reported_settings", [](const std::string& json) { return radiomics::reported_settings(parameters_of(json)).dump(); });
}
