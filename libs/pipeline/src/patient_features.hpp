#pragma once
// One patient's features as models of several members read them.
#include "patient_work.hpp"

#include <gliocast/learn/feature_table.hpp>
#include <gliocast/nn/training_case.hpp>
#include <gliocast/radiomics/parameters.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace gliocast::pipeline {

using NamedNumbers = std::vector<std::pair<std::string, double>>;

/// Radiomics of the tumour on a sequence, as chain_radiomics(); none where `parameters` enable no class.
[[nodiscard]] NamedNumbers radiomics_of_patient(const PatientWork& work, Sequence sequence,
                                                const radiomics::Parameters& parameters, std::size_t threads);

/// A table of one row: radiomics by name and deep features, those of the network with this checksum; empty: columns
/// without origin.
[[nodiscard]] learn::FeatureTable patient_table(const NamedNumbers& radiomics, const std::vector<double>& deep,
                                                const std::string& network);

/// The row's value in a column; NaN where there is none.
[[nodiscard]] double value_in(const learn::FeatureTable& table, const std::string& column);

/// The first of the columns in which the row has no number; empty where there is none.
[[nodiscard]] std::string undefined_in(const learn::FeatureTable& table, const std::vector<std::string>& columns);

/// What prognosis networks read: the slice with the largest tumour area, as nn::tumour_slice(). Throws
/// Error{UnusableInput} where there is no tumour.
[[nodiscard]] nn::TrainingCase slice_of_patient(const PatientWork& work, const std::vector<Sequence>& channels,
                                                const std::array<std::int64_t, 2>& size_yx);

}  // namespace gliocast::pipeline
