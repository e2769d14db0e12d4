#pragma once
#include <array>
#include <optional>
#include <string_view>

namespace gliocast {

/// The MR sequences gliocast knows. Channel order of every network and table is the order here.
enum class Sequence { T1 = 0, T1Gd = 1, T2 = 2, Flair = 3 };

inline constexpr std::array<Sequence, 4> kAllSequences{Sequence::T1, Sequence::T1Gd, Sequence::T2, Sequence::Flair};
inline constexpr std::array<Sequence, 3> kCoreSequences{Sequence::T1, Sequence::T1Gd, Sequence::T2};

/// "T1", "T1-Gd", "T2", "FLAIR": for people.
[[nodiscard]] constexpr std::string_view display_name(Sequence s) noexcept {
  constexpr std::array<std::string_view, 4> names{"T1", "T1-Gd", "T2", "FLAIR"};
  return names[static_cast<std::size_t>(s)];
}
/// "t1", "t1gd", "t2", "flair": option and JSON key.
[[nodiscard]] constexpr std::string_view key_name(Sequence s) noexcept {
  constexpr std::array<std::string_view, 4> names{"t1", "t1gd", "t2", "flair"};
  return names[static_cast<std::size_t>(s)];
}
/// The sequence of a key; nothing where there is none.
[[nodiscard]] constexpr std::optional<Sequence> sequence_of_key(std::string_view key) noexcept {
  for (const Sequence s : kAllSequences)
    if (key_name(s) == key) return s;
  return std::nullopt;
}
/// BIDS entity and suffix: "T1w", "ce-gadolinium_T1w", "T2w", "FLAIR".
[[nodiscard]] constexpr std::string_view bids_name(Sequence s) noexcept {
  constexpr std::array<std::string_view, 4> names{"T1w", "ce-gadolinium_T1w", "T2w", "FLAIR"};
  return names[static_cast<std::size_t>(s)];
}

}  // namespace gliocast
