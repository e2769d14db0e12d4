#pragma once
#include <gliocast/findings/clinical.hpp>
#include <gliocast/findings/enhancement.hpp>
#include <gliocast/findings/grade.hpp>
#include <gliocast/findings/location.hpp>
#include <gliocast/findings/preparation.hpp>
#include <gliocast/findings/signature.hpp>
#include <gliocast/findings/survival.hpp>

#include <optional>
#include <string>
#include <vector>

namespace gliocast::findings {

/// What was measured of an outline that holds a tumour.
struct TumourMeasures {
  double volume_cm3 = 0;
  std::size_t components = 0;
  double largest_diameter_mm = 0;
  double left_fraction = 0;            ///< of it left of the brain's middle
  std::optional<Location> location{};  ///< nothing without the atlas
};

/// A number by name, with its unit; NaN where it is undefined.
struct NamedValue {
  std::string name{};
  double value = 0;
  std::string unit{};
};

struct RadiomicsFinding {
  Sequence sequence = Sequence::T1Gd;
  std::size_t grey_levels = 0;
  double shown = 1;  ///< part of the tumour that the sequence shows
  std::vector<NamedValue> shape{};
  std::vector<NamedValue> first_order{};
  std::vector<NamedValue> texture{};
  std::string told_note{};  ///< the note in words, where it was read from a file
};

/// The cube about the tumour that the grading network saw.
struct PatchFinding {
  std::array<std::int64_t, 3> size_zyx{};
  double spacing_mm = 0;
  Vec3 centre_lps_mm{};
  bool shrunk_to_fit = false;
};

/// What the map of where the networks saw the grade (Grad-CAM) shows.
struct ActivationFinding {
  bool high_grade = false;                      ///< the class it was made for
  std::array<std::int64_t, 3> positions_zyx{};  ///< of the networks' last stage across the patch
  double resolution_mm = 0;                     ///< the longest side of such a position
};

/// A model's card as reports print it.
struct ModelCard {
  std::string name, network, trained_on, measured, limits;
  bool demonstration = false;  ///< fitted to simulated patients
};

/// Everything that is found on one patient.
struct Prediction {
  Preparation preparation{};
  std::vector<Sequence> missing_sequences{};  ///< of those the networks know
  std::vector<Remark> not_computed{};
  bool outlined_by_user = false;
  std::optional<GivenMaskFinding> tumour_mask{};  ///< the user's outline
  std::optional<TumourMeasures> tumour{};         ///< nothing: none was found
  std::optional<RadiomicsFinding> radiomics{};
  Enhancement enhancement{};
  std::optional<PatchFinding> patch{};
  std::optional<std::vector<double>> deep_features{};
  std::vector<std::vector<double>> network_features{};  ///< of a fused model instead: those of each of its networks
  Grade grade{};
  std::optional<ActivationFinding> activation{};                          ///< with a stated grade
  bool outline_is_demonstration = false, grade_is_demonstration = false;  ///< made by a model of simulated patients
  std::optional<ClinicalRecord> clinical{};                               ///< what the user said of the patient
  std::vector<SurvivalFinding> survival{};      ///< one a model; none where nothing was said of the patient
  std::optional<SignatureFinding> signature{};  ///< nothing where no model of one was asked
  std::vector<ModelCard> models{};
};

/// Whether a model's numbers are a demonstration: it was fitted to simulated patients, or so was the grading model
/// whose low probability admitted it.
[[nodiscard]] bool is_demonstration(const SurvivalFinding& finding, const Prediction& prediction);
[[nodiscard]] bool is_demonstration(const SignatureFinding& finding, const Prediction& prediction);

/// prediction.json (docs/prediction.schema.json).
[[nodiscard]] Json to_json(const Prediction& prediction, const Wording& wording);
/// Reads it; what is said in words comes back as told. Throws Error{UnusableInput} where it is none.
[[nodiscard]] Prediction prediction_from_json(const Json& json);

}  // namespace gliocast::findings
