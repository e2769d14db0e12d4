#pragma once
#include <gliocast/findings/prediction.hpp>

#include <string>
#include <vector>

// What preprocessing.json and prediction.json have in common.
namespace gliocast::findings {

/// Throws Error{UnusableInput} where there is no such sequence.
[[nodiscard]] Sequence sequence_from_key(const std::string& key);

[[nodiscard]] Json mask_json(const GivenMaskFinding& mask);
[[nodiscard]] GivenMaskFinding mask_from_json(const Json& json);

[[nodiscard]] Json remarks_json(const std::vector<Remark>& remarks, const Wording& wording,
                                const Prediction* prediction);
[[nodiscard]] std::vector<Remark> remarks_from_json(const Json& list);

/// schema, patient, reference, inputs.
[[nodiscard]] Json heading_json(const char* schema, const Preparation& preparation);
/// recognition, preprocessing, alignment, brain_extraction, brain_mask, quality.
void add_preparation(Json& json, const Preparation& preparation);
/// run_key, provenance, timings_s.
void add_provenance(Json& json, const Preparation& preparation);

/// The record, what follows from it and what does not go together; null without one.
[[nodiscard]] Json clinical_json(const Prediction& prediction, const Wording& wording);
[[nodiscard]] std::optional<ClinicalRecord> clinical_from_json(const Json& json);
/// median, at, steps of a curve.
[[nodiscard]] Json course_json(const SurvivalCurve& curve);
[[nodiscard]] SurvivalCurve course_from_json(const Json& json);
/// The model, what it says or why it says nothing; null where none was asked.
[[nodiscard]] Json signature_json(const Prediction& prediction, const Wording& wording);
[[nodiscard]] std::optional<SignatureFinding> signature_from_json(const Json& json);
/// One entry a model.
[[nodiscard]] Json survival_json(const Prediction& prediction, const Wording& wording);
[[nodiscard]] std::vector<SurvivalFinding> survival_from_json(const Json& json);

}  // namespace gliocast::findings
