#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
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
  bool raters = true;     ///< write two raters' masks
  std::size_t first = 1;  ///< number of the first patient: a cohort can be made in parts
  std::filesystem::path
      atlas;  ///< folder with ch2.nii.gz, ch2bet.nii.gz, aal.nii.gz; empty: where mricron-data puts them
  std::filesystem::path out;
};

/// Writes a cohort of simulated glioma patients: images, true labels, `clinical.tsv`, `truth/ID.json` for each, and the
/// layout's own tables.
/// A patient depends on the seed and its number alone. `on_patient` is called after each (for progress).
/// Throws Error{MissingModel} where the atlas is absent (Debian: apt-get install mricron-data).
void simulate_cohort(const CohortOptions& options, const std::function<void()>& on_patient = {});

}  // namespace gliocast::simulation
