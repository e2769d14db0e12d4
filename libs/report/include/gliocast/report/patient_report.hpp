#pragma once
#include <gliocast/core/json.hpp>
#include <gliocast/core/sequence.hpp>
#include <gliocast/core/volume.hpp>

#include <map>
#include <string>

namespace gliocast::report {

/// What the report shows beside the numbers of prediction.json: pictures on the working grid.
struct PatientPictures {
  std::map<Sequence, Volume<float>> sequences;   ///< intensities, 0 outside the brain
  Mask brain, tumour;
};

/// One self-contained HTML page: summary, sequences in three planes with the outline, quality, numbers with units, models and their limits, what could not be computed and why,
/// provenance. `prediction` is the content of prediction.json. No script, no other file, nothing fetched; it prints on A4.
[[nodiscard]] std::string patient_report_html(const Json& prediction, const PatientPictures& pictures);

}  // namespace gliocast::report
