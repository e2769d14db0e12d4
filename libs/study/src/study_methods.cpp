#include "study_methods.hpp"

#include "segmentation_networks.hpp"
#include "study_notes.hpp"
#include "study_workflows.hpp"

#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/core/version.hpp>
#include <gliocast/pipeline/radiomics_scale.hpp>
#include <gliocast/radiomics/parameters.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace gliocast::study {
namespace {

namespace fs = std::filesystem;

/// A file's JSON; null where there is none.
Json json_of(const fs::path& file) { return fs::exists(file) ? read_json(file) : Json(); }

std::string epochs_text(std::int64_t n) { return std::to_string(n) + (n == 1 ? " epoch" : " epochs"); }

/// The rows of the table.
class Methods {
 public:
  explicit Methods(const StudyContext& c) : c_(c), stages_(c.options.out / "stages") {}
  TextTable table(const Json& examined) {
    images(examined);
    radiomics(examined);
    grading();
    survival();
    for_all();
    return std::move(table_);
  }

 private:
  void add(const char* part, const char* step, std::string how) { table_.rows.push_back({part, step, std::move(how)}); }
  void images(const Json& examined);
  void trained_outlines();
  void radiomics(const Json& examined);
  void grading();
  void survival();
  void for_all();
  void network(const char* part, const std::string& kind, const NetworkSettings& n);

  const StudyContext& c_;
  fs::path stages_;
  TextTable table_{{"Part", "Step", "How"}, {}};
};

void Methods::images(const Json& examined) {
  if (c_.measured) return;
  const std::string& state = c_.settings().outlines.preprocessed;
  const std::string done = "stripped and aligned images, as they are";
  const std::string raw =
      "N4 bias field correction, brain extraction by an atlas, rigid registration of each sequence to the reference by "
      "mutual information";
  add("Images", "Preparation",
      state == "yes"  ? done
      : state == "no" ? raw
                      : done + " where they are recognised as such; of others " + raw);
  add("Images", "Reference", "T1-Gd, else T1, else T2");
  add("Images", "Resampling",
      "linear, to 1 mm isotropic along the patient's axes, brain and " + shortest(c_.examine().preprocess.margin_mm) +
          " mm about it");
  add("Images", "Intensities", "z-score of each sequence over the brain, 0 outside");
  if (examined.is_object())
    add("Outlines", "Tumour",
        "by " + examined.at("outlined_by").get<std::string>() +
            (c_.settings().outlines.by == "experts" ? " (the cohort's segmentations)"
             : trains_outlines(c_.settings())       ? " (fitted in this study)"
                                                    : " (segmentation model, not fitted in this study)"));
  if (trains_outlines(c_.settings())) trained_outlines();
}

void Methods::trained_outlines() {
  const auto& n = c_.settings().outlines.network;
  const auto o = outline_training(c_);
  add("Outlines", "Partitions", outline_design_text(c_.settings()));
  add("Outlines", "Target", "whole tumour: every label of the cohort's segmentations");
  add("Outlines", "Network",
      "3-D U-Net of recombination blocks with squeeze-and-excitation, " + std::to_string(o.network.widths.front()) +
          " to " + std::to_string(o.network.widths.back()) + " channels, T1, T1-Gd and T2 at 2 mm, windows of " +
          size_text(o.patch_zyx) + " samples (z, y, x)");
  add("Outlines", "Training",
      "Dice and cross-entropy, Adam (learning rate " + shortest(n.learning_rate) + ", halved after " +
          std::to_string(o.common.patience) + " epochs without a lower loss), batch " + std::to_string(n.batch) + ", " +
          epochs_text(n.epochs) + ", random (He) starting weights" +
          (o.common.ema > 0 ? ", moving average of the weights" : ""));
}

void Methods::radiomics(const Json& examined) {
  if (c_.measured) {
    add("Radiomics", "Features",
        std::to_string(c_.measured->features.size()) +
            " of each sequence, measured elsewhere: tables with their checksums in stages/examination/tables.tsv; how "
            "they were measured is for the authors to say");
    return;
  }
  const auto parameters = radiomics::preset(c_.settings().radiomics);
  std::vector<std::string> images, classes;
  for (const auto& [name, own] : parameters.image_types) images.push_back(name);
  std::map<std::string, std::string> counts;  // of the original image
  for (const auto& row : feature_classes(c_.feature_names()).rows) counts[row[0]] = row[2];
  for (const auto& [name, features] : parameters.feature_classes)
    classes.push_back(name + (counts.contains(name) ? " (" + counts.at(name) + ")" : ""));
  add("Radiomics", "Software",
      "gliocast " + std::string(version()) +
          ": names and definitions of PyRadiomics 3; of 102 features of the IBSI-1 phantom 99 within the consensus "
          "(gliocast's VALIDATION.md)");
  add("Radiomics", "Grey levels",
      "z-scores × " + shortest(pipeline::kRadiomicsScale) + ", shifted by " + shortest(pipeline::kRadiomicsShift) +
          "; bins of a fixed width of " + shortest(pipeline::kRadiomicsBinWidth) + "; no bounds");
  add("Radiomics", "Images", listed(images) + (images.size() > 1 ? "; wavelet coif1, one level" : ""));
  add("Radiomics", "Feature classes",
      listed(classes) + " of the original image; three-dimensional; preset " + c_.settings().radiomics);
  if (examined.is_object())
    add("Radiomics", "Features", std::to_string(examined.at("features").get<std::size_t>()) + " of each sequence");
  add("Radiomics", "All else", "PyRadiomics' defaults");
}

void Methods::network(const char* part, const std::string& kind, const NetworkSettings& n) {
  add(part, "Network",
      kind + ", " + std::to_string(n.base_width) + " channels in the first stage, " + std::to_string(8 * n.base_width) +
          " deep features");
  add(part, "Training of the network",
      "Adam, learning rate " + shortest(n.learning_rate) + ", batch " + std::to_string(n.batch) + ", " +
          epochs_text(n.epochs));
}

void Methods::grading() {
  const auto& g = c_.settings().grading;
  const Json study = json_of(stages_ / "grading" / "study.json");
  if (!g.run || !study.is_object()) return;
  add("Grading", "Classes", "low grade (WHO II, III) against high grade (WHO IV), which is the positive one");
  add("Grading", "Partitions",
      g.design == "paper" ? "one split of patients 6:2:2, by grade and centre"
                          : std::to_string(g.outer) + " folds of patients; in each, " +
                                (g.deep ? "one half of the training patients fits the network, the other selection and "
                                          "classifier, then crossed, and both averaged"
                                        : "the training patients fit selection and classifier"));
  if (g.deep) {
    network("Grading", "3-D ResNet18, with and without squeeze-and-excitation", g.network);
    add("Grading", "Input of the network",
        size_text(g.patch_zyx) + " samples (z, y, x) of T1, T1-Gd and T2 about the tumour, or of the brain");
    add("Grading", "Starting weights", "random (He)");
  } else {
    add("Grading", "Features", "radiomics alone");
  }
  add("Grading", "Selection and classifier",
      "chain " + g.chain + ", every step with its values in stages/grading/study.json (settings, chain)");
  add("Grading", "Choice of the sequence", "by AUC among the training patients of each fold");
  add("Grading", "Imbalance of the classes",
      std::string("no resampling; ") + (g.deep ? "the network's loss counts both classes alike; " : "") +
          "probabilities calibrated as the chain says");
}

void Methods::survival() {
  const auto& s = c_.settings().signature;
  const Json evaluation = json_of(stages_ / "signature" / "evaluation.json");
  if (!s.run || !evaluation.is_object()) return;
  add("Survival", "Patients", "lower grades (WHO II, III) with a time and an event, times in " + c_.settings().unit);
  add("Survival", "Partitions",
      std::to_string(s.outer) + " folds of patients, " + std::to_string(s.repeats) +
          (s.repeats == 1 ? " repeat; " : " repeats; ") + "selection and fit within the training patients");
  add("Survival", "Signature",
      "way " + s.way + ", every step with its values in stages/signature/evaluation.json (specification)");
  if (s.deep) {
    network("Survival", "2-D ResNet18 on the slice with the largest tumour area", s.network);
    add("Survival", "Starting weights", s.imagenet.empty() ? "random (He)" : "published weights, fitted on ImageNet");
  } else {
    add("Survival", "Features", "radiomics alone");
  }
  add("Survival", "Risk groups", "cut at the median of the training patients; below it is high risk");
  if (evaluation.contains("nomograms"))
    add("Survival", "Nomograms",
        std::string("Cox models (Efron); a factor stays by ") + (c_.settings().nomograms.drop_rule == "paper"
                                                                     ? "any level with P at most 0.05"
                                                                     : "its likelihood ratio test, P at most 0.05"));
}

void Methods::for_all() {
  add("All", "Missing values",
      "counted in stages/patients/missing.tsv. Clinical: rows without a value that a model needs are left out of it, "
      "nothing is filled in. Features: as the chain says, by the training patients");
  add("All", "Intervals and tests",
      decimal(100 * c_.settings().level, 0) +
          " %; bootstrap over patients, DeLong for differences of AUC, likelihood ratio and Wald tests of Cox models; "
          "two-sided, P not adjusted for their number");
  add("All", "Randomness", "seed " + std::to_string(c_.settings().seed) + "; the same settings give the same numbers");
  add("All", "Software", "gliocast " + std::string(version()) + "; its libraries in docs/dependencies.md");
}

struct Counts {
  std::size_t true_high = 0, false_high = 0, true_low = 0, false_low = 0;
};

void add_counts(const std::string& cohort, const Counts& n, TextTable& out) {
  const std::size_t high = n.true_high + n.false_low, low = n.true_low + n.false_high, all = high + low;
  if (all == 0) return;
  const auto share = [all](std::size_t of) { return decimal(static_cast<double>(of) / static_cast<double>(all), 3); };
  out.rows.push_back({cohort, std::to_string(n.true_high), std::to_string(n.false_low), std::to_string(n.true_low),
                      std::to_string(n.false_high), share(n.true_high + n.true_low), share(std::max(high, low))});
}

/// Of a stage's predictions, those of its main model.
void add_confusion(const std::string& cohort, const fs::path& json, TextTable& out) {
  const Json said = json_of(json);
  const fs::path file = json.parent_path() / "predictions.tsv";
  if (!said.is_object() || !fs::exists(file)) return;
  const auto table = read_table(file);
  const auto name = said.at("table_1").at(said.at("main").get<std::size_t>()).at("model").get<std::string>();
  const auto stated = table.find_column("integrated: " + name + ", class"), truth = table.find_column("high_grade");
  if (!stated || !truth) return;
  Counts n;
  for (const auto& row : table.rows) {
    const bool high = row[*truth] == "1", said_high = row[*stated] == "1";
    ++(high ? (said_high ? n.true_high : n.false_low) : (said_high ? n.false_high : n.true_low));
  }
  add_counts(cohort, n, out);
}

}  // namespace

TextTable study_methods(const StudyContext& c, const Json& examined) { return Methods(c).table(examined); }

TextTable confusion_table(const fs::path& stages) {
  TextTable out{{"Patients", "High grade, said high", "High grade, said low", "Low grade, said low",
                 "Low grade, said high", "Accuracy", "Share of the larger class"},
                {}};
  add_confusion("left out", stages / "grading" / "study.json", out);
  add_confusion("second cohort", stages / "grading_external" / "external.json", out);
  return out;
}

}  // namespace gliocast::study
