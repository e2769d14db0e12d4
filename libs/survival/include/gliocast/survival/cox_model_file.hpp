#pragma once
#include <gliocast/core/json.hpp>
#include <gliocast/survival/cox_model.hpp>

#include <filesystem>
#include <string>

namespace gliocast::survival {

/// A fitted model as JSON ("gliocast-cox-model"): coefficients and their variance, baselines, ranges of the predictors;
/// no patient's row.
[[nodiscard]] Json to_json(const CoxModel& model);
/// The model that to_json() wrote. `origin` names the file in errors. Throws Error{UnusableInput} where it is no such
/// model, was written by a newer gliocast, or its parts do not fit together.
[[nodiscard]] CoxModel cox_model_from_json(const Json& json, const std::string& origin);
/// Reads such a file; throws as cox_model_from_json() and read_json() do.
[[nodiscard]] CoxModel read_cox_model(const std::filesystem::path& file);
/// Writes it whole or not at all; throws Error{CannotWrite}.
void write_cox_model(const std::filesystem::path& file, const CoxModel& model);

}  // namespace gliocast::survival
