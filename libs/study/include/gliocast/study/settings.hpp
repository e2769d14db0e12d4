#pragma once
#include <gliocast/core/json.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gliocast::study {

/// How the networks of a part of a study are fitted.
struct NetworkSettings {
  std::int64_t base_width = 16;  ///< channels of the first stage; 8 times as many deep features
  std::int64_t epochs = 40;
  std::int64_t steps_per_epoch = 0;  ///< 0: one pass over the training patients
  std::int64_t batch = 4;            ///< patients a step
  double learning_rate = 5e-4;       ///< Adam's

  friend bool operator==(const NetworkSettings&, const NetworkSettings&) = default;
};

/// Which patients are included; each rule that removes somebody is counted in the patient flow.
struct CriteriaSettings {
  bool untreated = true;              ///< leave out who was treated before the MRI (column treated_before)
  bool quality = true;                ///< leave out images of no diagnostic quality (column quality)
  bool all_sequences = true;          ///< T1, T1-Gd and T2 are needed; else any two of them
  std::optional<double> least_age{};  ///< years; none: any age

  friend bool operator==(const CriteriaSettings&, const CriteriaSettings&) = default;
};

/// How the networks that outline are fitted where the study trains them: as `gliocast train segmentation` does.
struct OutlineNetworkSettings {
  std::int64_t base_width = 16;  ///< channels of the first level
  bool doubling = true;          ///< twice as many at each level below; false: as many everywhere (the paper)
  std::int64_t epochs = 200;
  std::int64_t steps_per_epoch = 0;                   ///< 0: one pass over the training patients
  std::int64_t batch = 2;                             ///< windows a step
  double learning_rate = 5e-4;                        ///< Adam's
  std::array<std::int64_t, 3> patch_zyx{64, 80, 64};  ///< samples of a window, 2 mm apart

  friend bool operator==(const OutlineNetworkSettings&, const OutlineNetworkSettings&) = default;
};

struct OutlineSettings {
  std::string by = "network";  ///< network, trained (in the study), or experts (the cohort's segmentations)
  std::string segmentation_model = "segmentation-default";
  std::string preprocessed = "auto";  ///< whether images are stripped and aligned: auto, yes or no
  bool raters = true;     ///< agreement of raters and of the network with each, where there are raters' masks
  std::size_t folds = 5;  ///< of the patients with a segmentation, where the study trains
  OutlineNetworkSettings network{};

  friend bool operator==(const OutlineSettings&, const OutlineSettings&) = default;
};

struct GradingSettings {
  bool run = true;
  std::string design = "crossed";    ///< crossed (halves of the training patients in every fold), or paper (one split
                                     ///< 6:2:2)
  std::string chain = "paper";       ///< a preset's name, or a YAML file
  bool deep = true;                  ///< networks and their features too; else radiomics alone
  std::size_t outer = 5, inner = 0;  ///< folds; inner 0: the chain's own
  NetworkSettings network{};
  std::array<std::int64_t, 3> patch_zyx{48, 64, 48};  ///< samples of a network's input, 2 mm apart (paper: 1 mm)
  std::size_t refits = 100;                           ///< bootstrap refits of the model for use, for intervals
  std::size_t draws = 1000;                           ///< of the bootstrap over patients

  friend bool operator==(const GradingSettings&, const GradingSettings&) = default;
};

struct SignatureSettings {
  bool run = true;
  std::string way = "default";                ///< default (Cox), paper (log time), or a YAML file
  std::vector<std::string> against{"paper"};  ///< other ways compared with it
  bool deep = true;                           ///< deep features too; else radiomics alone
  std::string sequence{};                     ///< t1, t1gd or t2; empty: chosen among the training patients
  std::size_t outer = 5, inner = 0, repeats = 1;
  std::size_t draws = 1000;
  NetworkSettings network{.base_width = 16, .epochs = 40, .batch = 16};
  std::string imagenet{};  ///< file of torchvision's weights to start from; empty: random weights

  friend bool operator==(const SignatureSettings&, const SignatureSettings&) = default;
};

struct NomogramSettings {
  /// Candidates; empty: age, sex, location, grade, laterality, histology, enhancement as far as they are known.
  std::vector<std::string> factors{};
  std::string drop_rule = "lrt";  ///< lrt, or paper

  friend bool operator==(const NomogramSettings&, const NomogramSettings&) = default;
};

/// Everything that a study can be told, but for its inputs. Defaults are those of the preset "default".
struct StudySettings {
  std::string preset = "default";  ///< default, paper or demo: what all else begins with
  std::uint64_t seed = 1;
  double level = 0.95;                      ///< coverage of intervals
  std::vector<double> times{12, 36, 60};    ///< at which survival is predicted and judged, in `unit`
  std::string unit = "months";              ///< of the times: days, weeks, months, years
  std::string radiomics = "paper788";       ///< preset of features
  std::vector<std::string> figures{"svg"};  ///< kinds of files
  CriteriaSettings criteria{};
  OutlineSettings outlines{};
  GradingSettings grading{};
  SignatureSettings signature{};
  NomogramSettings nomograms{};

  friend bool operator==(const StudySettings&, const StudySettings&) = default;
};

/// "default", "paper" (Xu et al. 2022: its networks, 200 epochs, batch 8, one split, width 64, log time, drop rule) or
/// "demo" (small networks, few folds, for 2 mm cohorts of some 24 patients in minutes). Throws Error{WrongUse} that
/// lists the names.
[[nodiscard]] StudySettings preset_settings(const std::string& name);
[[nodiscard]] std::vector<std::string> settings_presets();

/// From YAML: `preset` says what it begins with, every other key changes one value; sections are nested. Throws
/// Error{UnusableInput} with line and nearest name for an unknown key, with the range for a value that cannot be, and
/// where two contradict each other.
[[nodiscard]] StudySettings parse_settings(const std::string& yaml, const std::string& source);
/// Changes one: "grading.outer=3", "times=12,36", "signature.network.epochs=5". Throws Error{WrongUse} with the nearest
/// name. Whether it goes with the others is for check_settings(), after the last one.
void override_setting(StudySettings& settings, const std::string& assignment);
/// Throws Error{WrongUse} where two contradict each other.
void check_settings(const StudySettings& settings);
/// Every setting with a comment that says what it is, its unit and its choices; parse_settings() reads it back.
[[nodiscard]] std::string settings_to_yaml(const StudySettings& settings);
[[nodiscard]] Json settings_to_json(const StudySettings& settings);

}  // namespace gliocast::study
