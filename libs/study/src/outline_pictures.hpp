#pragma once
#include <gliocast/core/table.hpp>
#include <gliocast/study/raters.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace gliocast::study {

/// One patient among those with a Dice.
struct RankedOutline {
  std::string rank;     ///< "best", "median", "worst"
  std::size_t row = 0;  ///< of the values
};

/// Who has the best, the median (of an even number the lower of the two) and the worst value; of equal ones the first.
/// NaN is nobody's. Of two patients there is no median, of one the best alone, of none nothing.
[[nodiscard]] std::vector<RankedOutline> ranked_outlines(const std::vector<double>& dice);

/// Pictures of these three by Dice of the tried outline (blue: rater 1, orange: the outline): T1-Gd and T2 on the axial
/// slice with the outline's largest area, as it was kept, cut to the brain: best_t1gd.png, best_t2.png, …. The table of
/// them: rank, number (the row of dice.tsv: no name of a patient), of, dice, sequence, file, rater_1 ("no" where rater
/// 1 drew nothing on that slice, else "yes"). In whom no tumour was found is not among them. `examined`: the folder of
/// the examined patients. Throws Error{CannotWrite}.
[[nodiscard]] TextTable write_outline_pictures(const std::filesystem::path& folder, const RaterAgreement& agreement,
                                               const std::filesystem::path& examined);

}  // namespace gliocast::study
