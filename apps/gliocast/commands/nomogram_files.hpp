#pragma once
#include <gliocast/analysis/signature_nomograms.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::cli {

/// Tables, figures (of these kinds) and models of a study of nomograms; those of an earlier one that this one lacks go.
void write_nomograms(const std::filesystem::path& folder, const analysis::NomogramStudy& study,
                     const std::vector<std::string>& kinds);

}  // namespace gliocast::cli
