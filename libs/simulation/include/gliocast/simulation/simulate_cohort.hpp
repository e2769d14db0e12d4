#pragma once
#include <gliocast/core/sequence.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace gliocast::simulation {

enum class Form {
  BratsLike,
  Raw
};  ///< stripped and aligned at 1 mm, or with skull, misaligned, each sequence on its own grid
enum class Layout { Brats, Bids };

struct CohortOptions {
  std::size_t patients = 10;
  std::uint64_t seed = 1;
  std::size_t threads = 0;
  std::size_t centres = 3;  ///< scanners, each with its own contrasts, noise, resolution
  double high_grade_fraction = 0.6;
  Form form = Form::BratsLike;
  Layout layout = Layout::Brats;
  bool flair = true;
  std::optional<Sequence> only_sequence;      ///< this one alone, the same as among all
  bool raters = true;                         ///< write two raters' masks
  std::size_t first = 1;                      ///< number of the first patient: a cohort can be made in parts
  double spacing_mm = 1;                      ///< of the grid that BraTS-like images are drawn on: 1 or 2
  std::optional<std::uint64_t> outcome_seed;  ///< of times and events alone; default: `seed`
  bool texture_term = true;                   ///< the tumour's texture enters the hazard
  std::filesystem::path
      atlas;  ///< folder with ch2.nii.gz, ch2bet.nii.gz, aal.nii.gz; empty: where mricron-data puts them
  std::filesystem::path out;
};

/// Writes a cohort of simulated glioma patients: images, true labels, `clinical.tsv`, `truth/ID.json` for each, and the
/// layout's own tables.
/// A patient depends on the seed and its number alone; grade, age and the like are the same on either grid, the voxels
/// are other draws. Images depend on neither `outcome_seed` nor `texture_term`: of a patient that is there the outcome
/// alone is drawn anew. `on_patient` is called after each (for progress). Throws Error{WrongUse} for raw images on
/// another grid than 1 mm. Throws Error{MissingModel} where the atlas is absent (Debian: apt-get install mricron-data).
void simulate_cohort(const CohortOptions& options, const std::function<void()>& on_patient = {});

}  // namespace gliocast::simulation
