#include "patient_view.hpp"

#include <gliocast/report/png_image.hpp>
#include <gliocast/report/slices.hpp>

#include <fmt/format.h>

#include <array>
#include <string>

namespace gliocast::report {
namespace {

constexpr std::array<Plane, 3> kPlanes{Plane::Axial, Plane::Coronal, Plane::Sagittal};

/// A slice with its plane's letters of orientation; a caption where there is one.
Json figure(const Volume<float>& image, const Mask& outline, Plane plane, std::size_t index, const SliceOptions& o,
            const std::string& what, const std::string& caption = {}) {
  const bool sagittal = plane == Plane::Sagittal;
  return {{"what", what},
          {"picture", png_data_uri(render_slice(image, outline, plane, index, o))},
          {"left", sagittal ? "A" : "R"},
          {"right", sagittal ? "P" : "L"},
          {"caption", caption.empty() ? Json(nullptr) : Json(caption)}};
}

/// Three planes through the middle of the brain, side by side.
Json planes(Sequence s, const Volume<float>& image, const Mask& outline, const Mask& brain, const SliceOptions& o,
            const std::string& what) {
  Json views = Json::array();
  for (const Plane plane : kPlanes)
    views.push_back(figure(image, outline, plane, largest_slice(brain, plane), o,
                           fmt::format("{} {}, {} slice", what, display_name(s), plane_name(plane))));
  return {{"name", display_name(s)}, {"views", views}};
}

}  // namespace

void add_slices(Json& findings, const PatientPictures& pictures) {
  Json sequences = Json::array();
  for (const auto& [sequence, image] : pictures.sequences) {
    SliceOptions o;
    const auto window = window_of(image, pictures.brain);
    o.window_low = window[0];
    o.window_high = window[1];
    Json views = Json::array();
    for (const Plane plane : kPlanes) {
      const std::size_t index = largest_slice(pictures.tumour, plane);
      views.push_back(
          figure(image, pictures.tumour, plane, index, o,
                 fmt::format("{} {} slice with the tumour's outline", display_name(sequence), plane_name(plane)),
                 fmt::format("{}, slice {}", plane_name(plane), index + 1)));
    }
    sequences.push_back({{"name", display_name(sequence)}, {"views", views}});
  }
  findings["sequences"] = sequences;
  findings["which_slices"] =
      count(pictures.tumour) > 0 ? "Slices with the largest tumour area" : "No outline was found: any slices";
}

Json activation_views(const PatientPictures& p) {
  const auto image = p.sequences.find(p.reference);
  if (p.activation.voxels.empty() || image == p.sequences.end()) return nullptr;
  SliceOptions o;
  const auto window = window_of(image->second, p.brain);
  o.window_low = window[0];
  o.window_high = window[1];
  o.heat = &p.activation;
  o.colour = {64, 200, 255};
  const Size3 middle = middle_of(p.tumour);
  Json views = Json::array();
  for (const Plane plane : kPlanes) {
    const std::size_t index = middle[plane == Plane::Axial ? 2 : plane == Plane::Coronal ? 1 : 0];
    views.push_back(
        figure(image->second, p.tumour, plane, index, o,
               fmt::format("activation map over {}, {} slice", display_name(p.reference), plane_name(plane)),
               fmt::format("{}, slice {}", plane_name(plane), index + 1)));
  }
  return views;
}

Json preparation_pictures_view(const PatientPictures& p) {
  Json view = Json::object();
  const auto add = [&](const char* key, const Json& sequences) {
    if (!sequences.empty()) view[key] = {{"sequences", sequences}};
  };
  SliceOptions o;
  o.zoom = 1;
  o.colour = {64, 200, 255};
  Json heads = Json::array(), boards = Json::array(), fields = Json::array();
  for (const auto& [s, head] : p.heads) {
    const auto window = window_of(head, p.brain, 0.005, 0.999);
    o.window_low = 0;
    o.window_high = window[1];
    heads.push_back(planes(s, head, p.brain, p.brain, o, "brain outline on"));
  }
  const Mask none(p.brain.geometry);
  o.window_low = 0;
  o.window_high = 1;
  for (const auto& [s, board] : p.checkerboards)
    boards.push_back(planes(s, board, none, p.brain, o, "checkerboard with"));
  o.window_low = 0.6;
  o.window_high = 1.4;
  for (const auto& [s, field] : p.bias_fields) fields.push_back(planes(s, field, p.brain, p.brain, o, "bias field of"));
  add("heads", heads);
  add("checkerboards", boards);
  add("bias_fields", fields);
  return view.empty() ? Json(nullptr) : view;
}

}  // namespace gliocast::report
