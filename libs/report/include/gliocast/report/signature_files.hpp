#pragma once
#include <gliocast/analysis/signature_evaluation.hpp>
#include <gliocast/analysis/signature_nomograms.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::report {

/// Tables, figures (of these kinds) and models of a study of nomograms; those of an earlier one that this one lacks go.
/// Returns what could not be drawn, as notes. Throws Error{CannotWrite}.
[[nodiscard]] std::vector<std::string> write_nomograms(const std::filesystem::path& folder,
                                                       const analysis::NomogramStudy& study,
                                                       const std::vector<std::string>& kinds);

/// Tables, figures, evaluation.json and README.md of a signature's evaluation; what an earlier one left and this one
/// lacks goes. Their JSON gets the place of the predictions. Returns notes, as above.
[[nodiscard]] std::vector<std::string> write_evaluation(const std::filesystem::path& folder,
                                                        analysis::SignatureEvaluationResults& results,
                                                        const std::vector<std::string>& kinds);

/// README.md of an evaluation's folder: what is where, of the files that are there. write_evaluation() writes it; again
/// by whoever adds files.
void write_overview(const std::filesystem::path& folder);

}  // namespace gliocast::report
