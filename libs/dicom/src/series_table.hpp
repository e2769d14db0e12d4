#pragma once
// The table of series' names as it is searched: its rows, and which of them are found in a text.
#include "series_letters.hpp"

#include <gliocast/dicom/series_names.hpp>

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gliocast::dicom {

/// What a word says: the closed vocabulary of the table's third column, named in kMeaningNames. From Localiser on the
/// series is passed over.
enum class Meaning : std::size_t {
  T1,
  T2,
  Flair,
  Pd,
  GradientEcho,
  Contrast,
  ContrastGiven,
  After,
  Before,
  Without,
  Not,
  With,
  NoContrast,
  AfterBehind,
  BeforeBehind,
  NotBehind,
  Event,
  NoAgent,
  Neutral,
  Plane,
  Brain,
  Localiser,
  Calibration,
  FieldMap,
  Report,
  PhaseImage,
  Stir,
  Diffusion,
  Perfusion,
  Angiography,
  PhaseContrast,
  Susceptibility,
  Map,
  Spectroscopy,
  Functional,
  Balanced,
  Subtraction,
  InversionPart,
  FatImage,
  Derived,
  BodyPart,
  Other
};

inline constexpr std::array<std::string_view, 42> kMeaningNames{"t1",
                                                                "t2",
                                                                "flair",
                                                                "pd",
                                                                "gradient_echo",
                                                                "contrast",
                                                                "contrast_given",
                                                                "after",
                                                                "before",
                                                                "without",
                                                                "not",
                                                                "with",
                                                                "no_contrast",
                                                                "after_behind",
                                                                "before_behind",
                                                                "not_behind",
                                                                "event",
                                                                "no_agent",
                                                                "neutral",
                                                                "plane",
                                                                "brain",
                                                                "localiser",
                                                                "calibration",
                                                                "field_map",
                                                                "report",
                                                                "phase_image",
                                                                "stir",
                                                                "diffusion",
                                                                "perfusion",
                                                                "angiography",
                                                                "phase_contrast",
                                                                "susceptibility",
                                                                "map",
                                                                "spectroscopy",
                                                                "functional",
                                                                "balanced",
                                                                "subtraction",
                                                                "inversion_part",
                                                                "fat_image",
                                                                "derived",
                                                                "body_part",
                                                                "other"};

/// One row of the table.
struct Pattern {
  std::u32string text;                        ///< folded; a space stands for nothing or separators
  bool open_start = false, open_end = false;  ///< may begin, or end, within a word
  bool brief = false;                         ///< one or two letters, which ask for clearer borders
  bool image_type = false;                    ///< a value of ImageType, else a word of a name
  std::vector<Meaning> meanings;              ///< at least one, as if its words followed each other
  bool weak = false;                          ///< counts only where nothing says T1, T2, FLAIR or proton density
  std::size_t table = 0;                      ///< 0 the built-in table, then the users', which win
};

struct SeriesNames::Table {
  std::vector<Pattern> patterns;
  std::map<char32_t, std::vector<std::size_t>> words;  ///< those for names, by first letter
};

/// A row found in a text: letters from, up to but not including to.
struct Found {
  Meaning meaning;
  bool weak;
  std::size_t from, to;
};

/// The words found, in the order of the text. Where words overlap the user's wins, then the longer one.
[[nodiscard]] std::vector<Found> find_words(Letters& letters, const SeriesNames::Table& table);

/// What one value of ImageType says; nothing where the table does not have it.
[[nodiscard]] const Pattern* find_image_type(std::string_view value, const SeriesNames::Table& table);

}  // namespace gliocast::dicom
