#pragma once
#include <gliocast/core/json.hpp>
#include <gliocast/survival/cox_model.hpp>

#include <filesystem>
#include <string>

namespace gliocast::survival {

/// A fitted model as the payload of a bundle of kind cox: coefficients and their variance, baselines, ranges of the
/// predictors; no patient's row.
[[nodiscard]] Json to_json(const CoxModel& model);
/// The model that to_json() wrote. `origin` names the file in errors. Throws Error{MissingModel} where it is no such
/// payload, or its parts do not fit together.
[[nodiscard]] CoxModel cox_model_from_json(const Json& payload, const std::string& origin);
/// Reads a bundle, its folder or its JSON file, or by its name alone ("nomogram-lgg") on the search path of models;
/// throws Error{MissingModel} as models::read_bundle() and cox_model_from_json() do.
[[nodiscard]] CoxModel read_cox_model(const std::filesystem::path& path);
/// Writes the bundle as one file, whole or not at all; its name is the file's, of a model.json the folder's. Throws
/// Error{CannotWrite}.
void write_cox_model(const std::filesystem::path& file, const CoxModel& model);

}  // namespace gliocast::survival
