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

template <typename T>
using Array = nb::ndarray<const T, nb::ndim<3>, nb::c_contig, nb::device::cpu>;
/// Spacing (mm), origin (mm, LPS) and direction (row major), as SimpleITK has them.
using Grid = std::tuple<Vec3, Vec3, std::array<double, 9>>;

template <typename T>
Volume<T> volume_of(const Array<T>& array, const Grid& grid) {
  Geometry g;
  g.size = {array.shape(2), array.shape(1), array.shape(0)};
  std::tie(g.spacing_mm, g.origin_mm, g.direction) = grid;
  return Volume<T>(g, std::vector<T>(array.data(), array.data() + array.size()));
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

radiomics::ScalarImage image_of(const Array<double>& array, const Grid& grid, const std::string& kind, double least, double most) {
  radiomics::ScalarImage image{volume_of(array, grid)};
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

nb::tuple extract(const Array<double>& image, const Grid& image_grid, const std::string& kind, double least, double most, const Array<std::uint32_t>& mask, const Grid& mask_grid,
                  const std::string& parameters, std::size_t threads) {
  radiomics::Extraction result;
  {
    const nb::gil_scoped_release release;
    const auto p = parameters_of(parameters);
    result = radiomics::extract(image_of(image, image_grid, kind, least, most), volume_of(mask, mask_grid), p, resolve_threads(threads));
  }
  std::vector<std::pair<std::string, double>> features;
  for (const auto& f : result.features) features.emplace_back(f.name(), f.feature.value);
  return nb::make_tuple(features, result.diagnostics.dump(), result.warnings);
}

nb::list extract_maps(const Array<double>& image, const Grid& image_grid, const std::string& kind, double least, double most, const Array<std::uint32_t>& mask, const Grid& mask_grid,
                      const std::string& parameters, std::size_t threads) {
  std::vector<radiomics::FeatureMap> maps;
  {
    const nb::gil_scoped_release release;
    maps = radiomics::extract_maps(image_of(image, image_grid, kind, least, most), volume_of(mask, mask_grid), parameters_of(parameters), resolve_threads(threads));
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
