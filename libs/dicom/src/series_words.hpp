#pragma once
// What the words of a text say together.
#include "series_table.hpp"

#include <bitset>
#include <optional>
#include <string_view>

namespace gliocast::dicom {

/// What a text says of the contrast agent.
enum class Agent { Nothing, Before, After, Both };

struct Said {
  std::bitset<kMeaningNames.size()> meanings, weak_meanings;
  Agent agent = Agent::Nothing;

  [[nodiscard]] bool has(Meaning m) const { return meanings[static_cast<std::size_t>(m)]; }
  /// Whether it says T1, T2, FLAIR or proton density.
  [[nodiscard]] bool names_kind() const;
  /// Why a series of this name is passed over, by its words for another kind of image; nothing where it has none.
  [[nodiscard]] std::optional<Meaning> other_image() const;
};

[[nodiscard]] Said what_is_said(std::string_view text, const SeriesNames::Table& table);

/// Whether a ContrastBolusAgent says that one was given.
[[nodiscard]] bool says_agent(std::string_view tag, const SeriesNames::Table& table);

}  // namespace gliocast::dicom
