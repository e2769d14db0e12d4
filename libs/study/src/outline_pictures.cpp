#include "outline_pictures.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/quantile.hpp>
#include <gliocast/image/components.hpp>
#include <gliocast/image/resample.hpp>
#include <gliocast/imageio/read_volume.hpp>
#include <gliocast/nn/tumour_slice.hpp>
#include <gliocast/pipeline/examined_files.hpp>
#include <gliocast/pipeline/train.hpp>
#include <gliocast/report/outline_picture.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace gliocast::study {
namespace {

namespace fs = std::filesystem;

/// A square about all voxels of the slice that are not 0, with a rim, as far as the slice goes.
IndexBox brain_window(const Volume<float>& slice) {
  constexpr std::size_t kRim = 6;  // voxels
  Mask shown(slice.geometry);
  std::ranges::transform(slice.voxels, shown.voxels.begin(), [](float v) { return v != 0; });
  const Size3& n = slice.geometry.size;
  const std::size_t whole = std::min(n[0], n[1]);
  const auto box = bounding_box(shown);
  const auto square = [](std::size_t x, std::size_t y, std::size_t side) {
    return IndexBox{{x, y, 0}, {x + side - 1, y + side - 1, 0}};
  };
  if (!box) return square(0, 0, whole);
  const std::size_t width = box->last[0] - box->first[0] + 1, height = box->last[1] - box->first[1] + 1;
  const std::size_t side = std::min(whole, std::max(width, height) + 2 * kRim);
  const auto start = [&](std::size_t first, std::size_t length, std::size_t of) {
    const std::size_t middle = first + length / 2;
    return std::min(middle > side / 2 ? middle - side / 2 : 0, of - side);
  };
  return square(start(box->first[0], width, n[0]), start(box->first[1], height, n[1]), side);
}

/// The slice with black about the brain: there z-scores are 0, a grey within it. What is 0 within the brain stays.
Volume<float> on_black(Volume<float> slice) {
  Mask brain(slice.geometry);
  std::ranges::transform(slice.voxels, brain.voxels.begin(), [](float v) { return v != 0; });
  brain = image::fill_holes(brain);
  std::vector<float> values;
  for (const float v : slice.voxels)
    if (v != 0) values.push_back(v);
  if (values.empty()) return slice;
  const float darkest = quantile_lower(values, 0.005);  // where the picture's grey values begin
  for (std::size_t i = 0; i < slice.voxels.size(); ++i)
    if (!brain.voxels[i]) slice.voxels[i] = darkest;
  return slice;
}

/// Rater 1's outline on the slice that was kept of the patient: of the whole mask, by the same rule as that slice.
Mask on_slice(const Mask& rater, const Mask& outline, const nn::TrainingCase& slice) {
  if (!same_grid(rater.geometry, outline.geometry))
    throw Error(ExitCode::InternalFault,
                "outlines of one patient lie on two grids: " + describe_difference(rater.geometry, outline.geometry));
  const Size3& n = outline.geometry.size;
  nn::TrainingCase both;
  both.input.channels = 1;
  both.input.size_zyx = {static_cast<std::int64_t>(n[2]), static_cast<std::int64_t>(n[1]),
                         static_cast<std::int64_t>(n[0])};
  both.input.values.assign(rater.voxels.begin(), rater.voxels.end());
  both.label = outline.voxels;
  const auto cut_out = nn::tumour_slice(both, {slice.input.size_zyx[1], slice.input.size_zyx[2]});
  if (cut_out.label != slice.label)
    throw Error(ExitCode::InternalFault, "the slice that was kept of " + slice.id + " is not that of its outline");
  Mask out(slice.input.grid());
  std::ranges::transform(cut_out.input.values, out.voxels.begin(), [](float v) { return v > 0; });
  return out;
}

Mask mask_of(const fs::path& file) { return any_label(imageio::read_labels(file)); }

/// The pictures of one patient; a row each.
void add_pictures(const fs::path& folder, const std::string& rank, const nn::TrainingCase& slice, const Mask& rater,
                  const std::vector<std::string>& who, TextTable& out) {
  const auto& channels = pipeline::kPrognosisChannels;
  const Mask outline(slice.input.grid(), slice.label);
  for (const Sequence s : {Sequence::T1Gd, Sequence::T2}) {
    const auto c = static_cast<std::size_t>(std::ranges::find(channels, s) - channels.begin());
    if (c >= slice.present.size() || !slice.present[c]) continue;
    const auto values = slice.input.channel(c);
    const Volume<float> shown(slice.input.grid(), {values.begin(), values.end()});
    const IndexBox window = brain_window(shown);
    const std::string file = rank + "_" + std::string(key_name(s)) + ".png";
    report::write_outline_picture(folder / file, image::crop(on_black(shown), window), image::crop(rater, window),
                                  image::crop(outline, window));
    std::vector<std::string> row{rank};
    row.insert(row.end(), who.begin(), who.end());
    row.insert(row.end(), {std::string(display_name(s)), file, count(rater) > 0 ? "yes" : "no"});
    out.rows.push_back(std::move(row));
  }
}

}  // namespace

std::vector<RankedOutline> ranked_outlines(const std::vector<double>& dice) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < dice.size(); ++i)
    if (!std::isnan(dice[i])) order.push_back(i);
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return dice[a] > dice[b]; });
  std::vector<RankedOutline> out;
  if (!order.empty()) out.push_back({"best", order.front()});
  if (order.size() > 2) out.push_back({"median", order[order.size() / 2]});
  if (order.size() > 1) out.push_back({"worst", order.back()});
  return out;
}

TextTable write_outline_pictures(const fs::path& folder, const RaterAgreement& agreement, const fs::path& examined) {
  constexpr std::size_t kTried = 1;  // of analysis::kRaterPairs: the outline that is tried, and rater 1
  TextTable out{{"rank", "number", "of", "dice", "sequence", "file", "rater_1"}, {}};
  auto dice = agreement.dice_of_pair[kTried];
  for (std::size_t i = 0; i < dice.size(); ++i)
    if (agreement.outlines[2].at(i).empty()) dice[i] = std::nan("");  // no tumour was found: nothing to be shown
  for (const auto& [rank, row] : ranked_outlines(dice)) {
    const fs::path file = pipeline::tumour_slice_file(examined, agreement.ids.at(row));
    if (!fs::exists(file)) continue;
    const auto slice = nn::read_training_case(file);
    const Mask rater = on_slice(mask_of(agreement.outlines[0].at(row)), mask_of(agreement.outlines[2].at(row)), slice);
    add_pictures(folder, rank, slice, rater,
                 {std::to_string(row + 1), std::to_string(dice.size()), decimal(dice[row], 3)}, out);
  }
  return out;
}

}  // namespace gliocast::study
