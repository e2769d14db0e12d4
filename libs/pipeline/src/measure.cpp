#include "measure.hpp"

#include "chain_radiomics.hpp"
#include "locate.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/image/components.hpp>
#include <gliocast/radiomics/parameters.hpp>
#include <gliocast/radiomics/shape.hpp>

#include <algorithm>

namespace gliocast::pipeline {
namespace {

using findings::Remark;

double share_of(const Mask& part, const Mask& whole) {
  return static_cast<double>(count(part)) / std::max(1.0, static_cast<double>(count(whole)));
}

std::vector<findings::NamedValue> values_of(const radiomics::Features& features) {
  std::vector<findings::NamedValue> values;
  for (const auto& f : features) values.push_back({f.name, f.value, f.unit});
  return values;
}

findings::TumourMeasures measures_of(const PatientWork& w, const radiomics::Features& shape) {
  const auto diameter = std::ranges::find(shape, "Maximum3DDiameter", &radiomics::Feature::name);
  const double mm3 = static_cast<double>(count(w.tumour)) * w.tumour.geometry.voxel_volume_mm3();
  return {.volume_cm3 = mm3 / 1000,
          .components = image::component_sizes(w.tumour).size(),
          .largest_diameter_mm = diameter->value,
          .left_fraction = findings::left_fraction(w.tumour, w.prepared.brain),
          .location = {}};
}

findings::RadiomicsFinding radiomics_of(const PatientWork& w, const radiomics::Features& shape,
                                        const MeasureOptions& o) {
  auto parameters = radiomics::preset("chain");
  std::erase_if(parameters.feature_classes, [](const auto& c) { return c.first == "shape"; });
  Sequence s = w.prepared.zscores.contains(o.radiomics_sequence) ? o.radiomics_sequence : w.prepared.reference;
  auto chain = chain_radiomics(w.prepared, w.tumour, s, parameters, o.threads);
  if (chain.features.empty()) {
    s = w.prepared.reference;
    chain = chain_radiomics(w.prepared, w.tumour, s, parameters, o.threads);
  }
  findings::RadiomicsFinding r{.sequence = s,
                               .grey_levels = chain.grey_levels,
                               .shown = share_of(chain.seen, w.tumour),
                               .shape = values_of(shape)};
  for (const auto& f : chain.features) {
    const bool plain = f.feature.feature_class == "firstorder";
    const std::string name = plain ? f.feature.name : f.feature.feature_class + "_" + f.feature.name;
    (plain ? r.first_order : r.texture).push_back({name, f.feature.value, f.feature.unit});
  }
  return r;
}

}  // namespace

Mask seen_by(const preprocess::PreparedExam& exam, Mask region, const std::vector<Sequence>& sequences) {
  for (const Sequence s : sequences) {
    const auto part = exam.parts.find(s);
    if (part != exam.parts.end()) keep_common(region, part->second.imaged);
  }
  return region;
}

findings::Enhancement measure_enhancement(const preprocess::PreparedExam& exam, const Mask& tumour) {
  using findings::Enhancement;
  const std::vector<Sequence> both{Sequence::T1, Sequence::T1Gd};
  const Mask seen = seen_by(exam, tumour, both);
  if (count(seen) == 0 && count(tumour) > 0) {
    Enhancement e;
    e.obstacle = Enhancement::Obstacle::NotShown;
    return e;
  }
  Enhancement e = findings::measure_enhancement(exam.intensities, seen, seen_by(exam, exam.brain, both));
  e.shown = count(tumour) > 0 ? share_of(seen, tumour) : 1;
  return e;
}

void measure_tumour(PatientWork& w, const MeasureOptions& o) {
  auto& found = w.found;
  if (count(w.tumour) == 0) {
    found.not_computed.push_back({.kind = Remark::Kind::NothingToMeasure});
  } else {
    const auto shape = radiomics::shape_3d(w.tumour);
    found.tumour = measures_of(w, shape);
    found.radiomics = radiomics_of(w, shape, o);
    try {
      found.tumour->location = locate_tumour(w.tumour, w.prepared, o.atlas);
    } catch (const Error& e) {
      if (e.code() != ExitCode::MissingModel) throw;
      found.not_computed.push_back({.kind = Remark::Kind::NoLobe, .text = e.problem() + "; " + e.hint()});
    }
  }
  found.enhancement = measure_enhancement(w.prepared, w.tumour);
  if (found.enhancement.verdict == findings::Enhancement::Verdict::NotMeasurable)
    found.not_computed.push_back({.kind = Remark::Kind::NoEnhancement});
}

}  // namespace gliocast::pipeline
