#pragma once
#include <gliocast/core/table.hpp>
#include <gliocast/learn/combat.hpp>
#include <gliocast/stats/data_frame.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::analysis {

struct HarmoniseOptions {
  std::string batch;              ///< column of the scanner or centre
  std::vector<std::string> keep;  ///< columns whose effect on the features stays: numbers, or factors
  std::vector<std::string> drop;  ///< columns of numbers that are no features
  learn::CombatOptions combat;
};

/// ComBat with the columns it was fitted to: what `combat --save` writes, a bundle of kind harmonisation.
struct Harmonisation {
  learn::CombatModel model;
  std::string batch;
  std::vector<std::string> features;
  std::vector<std::string> keep;  ///< columns
};

struct Harmonised {
  TextTable table;  ///< the table with harmonised features; all other cells as they were
  Harmonisation harmonisation;
  std::vector<std::string> notes;  ///< doubtful ones begin with "warning: "
};

/// Fits ComBat to a table and harmonises it. `table` is the same as `text`. Columns of text are carried over, and
/// so are ids, numbers of rows, clinical facts and outcomes, by their names, which is told. Throws
/// Error{UnusableInput} naming the column: absent, a missing covariate, no feature, or as learn::fit_combat.
[[nodiscard]] Harmonised harmonise(const TextTable& text, const stats::DataFrame& table,
                                   const HarmoniseOptions& options);
/// Harmonises new rows by a model; a batch that it does not know as learn::extend_combat. Columns to keep may all lack:
/// then the training means stand in. Throws Error{UnusableInput} naming the columns that lack.
[[nodiscard]] Harmonised harmonise_by(const TextTable& text, const stats::DataFrame& table, const Harmonisation& model);

/// Writes folder/model.json.
void write_harmonisation(const std::filesystem::path& folder, const Harmonisation& harmonisation);
/// Throws Error{MissingModel} where it is no bundle of this kind, or damaged.
[[nodiscard]] Harmonisation read_harmonisation(const std::filesystem::path& folder);

}  // namespace gliocast::analysis
