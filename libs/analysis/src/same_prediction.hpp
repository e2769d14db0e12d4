#pragma once
#include <gliocast/stats/data_frame.hpp>
#include <gliocast/survival/cox_model.hpp>

#include <string>
#include <vector>

namespace gliocast::analysis {

/// Warns where the linear predictors of the rows of `table` are all the same, with the predictors that do not vary.
/// `of`: before the sentence, "model a: ".
void tell_same_prediction(const survival::CoxModel& model, const stats::DataFrame& table,
                          const std::vector<double>& risk, const std::string& of, std::vector<std::string>& notes);

}  // namespace gliocast::analysis
